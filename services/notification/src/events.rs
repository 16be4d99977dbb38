//! What others tell, and what follows from it here.

use events::Event;
use platform::bus::Handled;
use platform::{Result, Task, Tx};

use crate::{calendar, cycles, people, reminders, results, tasks};

pub fn handle<'a>(tx: &'a mut Tx, event: &'a Event) -> Task<'a, Result<Handled>> {
    Box::pin(take(tx, event))
}

async fn take(tx: &mut Tx, event: &Event) -> Result<Handled> {
    match event {
        Event::EmployeesChanged(changed) => {
            people::rows::keep(tx, &changed.employees).await?;
            reminders::rows::look_again(tx).await?;
        }
        Event::CycleOpened(opened) => cycles::rows::keep(tx, opened).await?,
        Event::PlanningTasksChanged(changed) => tasks_changed(tx, "planning", changed).await?,
        Event::ScoringTasksChanged(changed) => tasks_changed(tx, "scoring", changed).await?,
        Event::ResultsPublished(published) => return results::published(tx, published).await,
        Event::ResultsCorrected(corrected) => return results::corrected(tx, corrected).await,
        Event::WorkingCalendarChanged(changed) => {
            calendar::rows::keep(tx, changed).await?;
            reminders::rows::look_again(tx).await?;
        }
        Event::UnitsChanged(_)
        | Event::SheetsSettled(_)
        | Event::CycleReleased(_)
        | Event::CyclePublished(_)
        | Event::StatementsIssued(_) => {}
    }
    Ok(Handled::Done)
}

async fn tasks_changed(tx: &mut Tx, source: &str, changed: &events::TasksChanged) -> Result<()> {
    tasks::rows::keep(tx, source, changed).await?;
    reminders::rows::look_again(tx).await
}
