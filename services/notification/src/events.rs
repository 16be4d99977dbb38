//! What others tell, and what follows from it here.

use events::{Event, TasksChanged};
use platform::bus::Handled;
use platform::clock::date_of;
use platform::{Result, Task, Tx};

use crate::cycles::Cycle;
use crate::results::telling;
use crate::tasks::Source;
use crate::{bodies, calendar, cycles, delegations, notices, people, reminders, stages, tasks};

pub fn handle<'a>(tx: &'a mut Tx, event: &'a Event) -> Task<'a, Result<Handled>> {
    Box::pin(take(tx, event))
}

async fn take(tx: &mut Tx, event: &Event) -> Result<Handled> {
    match event {
        Event::EmployeesChanged(changed) => {
            people::rows::keep(tx, &changed.employees, date_of(tx.now)).await?;
            reminders::rows::look_again(tx).await?;
        }
        Event::CycleOpened(opened) => cycles::rows::keep(tx, opened.cycle, &Cycle::opened(opened)).await?,
        Event::PlanningTasksChanged(changed) => tasks_changed(tx, Source::Planning, changed).await?,
        Event::ScoringTasksChanged(changed) => tasks_changed(tx, Source::Scoring, changed).await?,
        Event::AppealsTasksChanged(changed) => tasks_changed(tx, Source::Appeals, changed).await?,
        Event::PayTasksChanged(changed) => tasks_changed(tx, Source::Pay, changed).await?,
        Event::AppealsNotices(notices)
        | Event::PayNotices(notices)
        | Event::PlanningNotices(notices)
        | Event::ScoringNotices(notices) => {
            return notices::telling::tell(tx, notices).await;
        }
        Event::ResultsPublished(published) => return telling::published(tx, published).await,
        Event::ResultsCorrected(corrected) => return telling::corrected(tx, corrected).await,
        Event::WorkingCalendarChanged(changed) => {
            calendar::rows::keep(tx, changed).await?;
            reminders::rows::look_again(tx).await?;
        }
        Event::StagesMoved(moved) => return stages::telling::moved(tx, moved).await,
        Event::CycleCancelled(news) if !cycles::rows::cancel(tx, news.cycle).await? => return Ok(Handled::NotYet),
        Event::BodiesChanged(changed) => {
            bodies::rows::keep(tx, &changed.bodies).await?;
            reminders::rows::look_again(tx).await?;
        }
        Event::DelegationsChanged(changed) => delegations::rows::keep(tx, &changed.delegations).await?,
        Event::UnitsChanged(_)
        | Event::CycleCancelled(_)
        | Event::SubjectsChanged(_)
        | Event::SheetsSettled(_)
        | Event::CyclePublished(_)
        | Event::ResultsImported(_)
        | Event::RemedyRefused(_)
        | Event::ResultTold(_)
        | Event::GoalsAgreed(_)
        | Event::AppealDecided(_)
        | Event::AppealsReadersChanged(_)
        | Event::AnnulmentDecided(_)
        | Event::ResultAnnulled(_)
        | Event::StatementsIssued(_) => {}
    }
    Ok(Handled::Done)
}

async fn tasks_changed(tx: &mut Tx, source: Source, changed: &TasksChanged) -> Result<()> {
    tasks::rows::keep(tx, source, changed).await?;
    reminders::rows::look_again(tx).await
}
