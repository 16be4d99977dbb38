//! What becomes of the events of organisation, planning and scoring.

use domain::period::Period;
use events::{CycleOpened, Event, SubjectsChanged};
use platform::aside::in_turn;
use platform::bus::Handled;
use platform::{Problem, Result, Task, Tx};
use steps::directory::rows as directory;

use crate::statements::issuing;
use crate::{cycle_people, cycles, people};

pub fn handle<'a>(tx: &'a mut Tx, event: &'a Event) -> Task<'a, Result<Handled>> {
    Box::pin(async move {
        match event {
            Event::EmployeesChanged(changed) => {
                people::rows::keep(tx, &changed.employees).await?;
                directory::keep_people(tx, changed).await?;
                Ok(Handled::Done)
            }
            Event::BodiesChanged(changed) => {
                directory::keep_bodies(tx, changed).await?;
                Ok(Handled::Done)
            }
            Event::DelegationsChanged(changed) => {
                directory::keep_delegations(tx, changed).await?;
                Ok(Handled::Done)
            }
            Event::CycleOpened(opened) => open(tx, opened).await,
            Event::CycleCancelled(cancelled) => issuing::cancel(tx, cancelled).await,
            Event::SubjectsChanged(changed) => keep_people(tx, changed).await,
            Event::ResultsPublished(published) | Event::ResultsCorrected(published) => {
                issuing::issue(tx, published).await
            }
            Event::CyclePublished(published) => issuing::complete(tx, published).await,
            _ => Ok(Handled::Done),
        }
    })
}

async fn open(tx: &mut Tx, opened: &CycleOpened) -> Result<Handled> {
    let period: Period = opened.period.parse().map_err(Problem::internal)?;
    let source = opened.scheme_source.clone();
    let last_day = in_turn(move || Ok(cycles::schemes::read(&source)?.last_day(&period))).await?;
    cycles::rows::insert(tx, opened, last_day).await?;
    Ok(Handled::Done)
}

async fn keep_people(tx: &mut Tx, changed: &SubjectsChanged) -> Result<Handled> {
    if cycles::rows::find(tx, changed.cycle).await?.is_none() {
        return Ok(Handled::NotYet);
    }
    cycle_people::rows::keep(tx, changed.cycle, &changed.subjects).await?;
    Ok(Handled::Done)
}
