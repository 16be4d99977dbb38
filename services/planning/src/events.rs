use events::{CyclePublished, EmployeesChanged, Event, ResultsImported, ResultsPublished};
use platform::bus::Handled;
use platform::clock::date_of;
use platform::{Result, Task, Tx};
use steps::directory::rows as known;

use crate::cycles::cycle::CycleState;
use crate::subjects::following;
use crate::{cycles, directory, plans, sheets, subjects, tasks};

/// What planning does with the news of the organisation and scoring services.
pub fn handle<'a>(tx: &'a mut Tx, event: &'a Event) -> Task<'a, Result<Handled>> {
    Box::pin(async move {
        match event {
            Event::UnitsChanged(changed) => {
                directory::rows::change(tx).await?;
                directory::rows::replace_units(tx, &changed.units).await?;
                followed(tx, &[]).await
            }
            Event::BodiesChanged(changed) => {
                directory::rows::change(tx).await?;
                known::keep_bodies(tx, changed).await?;
                followed(tx, &[]).await
            }
            Event::EmployeesChanged(changed) => employees_changed(tx, changed).await,
            Event::DelegationsChanged(changed) => {
                known::keep_delegations(tx, changed).await?;
                Ok(Handled::Done)
            }
            Event::WorkingCalendarChanged(calendar) => {
                known::keep_calendar(tx, calendar).await?;
                Ok(Handled::Done)
            }
            Event::ResultsPublished(published) => results_published(tx, published).await,
            Event::CyclePublished(published) => cycle_published(tx, published).await,
            Event::GoalsAgreed(agreed) => {
                directory::rows::hold(tx).await?;
                plans::agreed::take(tx, agreed).await?;
                Ok(Handled::Done)
            }
            Event::ResultAnnulled(annulled) => {
                sheets::settling::redo(tx, annulled).await?;
                Ok(Handled::Done)
            }
            Event::ResultsImported(imported) => results_imported(tx, imported).await,
            _ => Ok(Handled::Done),
        }
    })
}

async fn followed(tx: &mut Tx, news_of: &[String]) -> Result<Handled> {
    let today = date_of(tx.now);
    following::follow(tx, news_of, today).await?;
    Ok(Handled::Done)
}

async fn employees_changed(tx: &mut Tx, changed: &EmployeesChanged) -> Result<Handled> {
    directory::rows::change(tx).await?;
    known::keep_people(tx, changed).await?;
    let fresh = directory::rows::replace_employees(tx, &changed.employees).await?;
    followed(tx, &fresh).await
}

async fn cycle_published(tx: &mut Tx, published: &CyclePublished) -> Result<Handled> {
    let now = tx.now;
    let Some(state) = cycles::rows::publish(tx, published.cycle, published.late > 0, now).await? else {
        return Ok(Handled::NotYet);
    };
    if state == CycleState::Published {
        tasks::end_all(tx, published.cycle).await?;
    }
    Ok(Handled::Done)
}

async fn results_published(tx: &mut Tx, published: &ResultsPublished) -> Result<Handled> {
    let people: Vec<&str> = published.results.iter().map(|result| result.number.as_str()).collect();
    let unit = published.unit.result.is_some().then_some(published.unit.code.as_str());
    subjects::rows::mark_published(tx, published.cycle, &people, unit).await?;
    Ok(Handled::Done)
}

async fn results_imported(tx: &mut Tx, imported: &ResultsImported) -> Result<Handled> {
    cycles::rows::keep_imported(tx, &imported.periods).await?;
    Ok(Handled::Done)
}
