//! What others tell, and what follows from it here.

use events::Event;
use platform::bus::Handled;
use platform::{Result, Task, Tx};
use steps::directory::rows as directory;

use crate::cycles::{keeping, rows as cycles};
use crate::levels::ending;
use crate::remedies::answering;

pub fn handle<'a>(tx: &'a mut Tx, event: &'a Event) -> Task<'a, Result<Handled>> {
    Box::pin(take(tx, event))
}

async fn take(tx: &mut Tx, event: &Event) -> Result<Handled> {
    match event {
        Event::EmployeesChanged(changed) => directory::keep_people(tx, changed).await?,
        Event::BodiesChanged(changed) => directory::keep_bodies(tx, changed).await?,
        Event::DelegationsChanged(changed) => directory::keep_delegations(tx, changed).await?,
        Event::WorkingCalendarChanged(changed) => directory::keep_calendar(tx, changed).await?,
        Event::CycleOpened(opened) => keeping::open(tx, opened).await?,
        Event::CycleCancelled(news) => {
            if cycles::find(tx, news.cycle).await?.is_none() {
                return Ok(Handled::NotYet);
            }
            ending::cycle_cancelled(tx, news.cycle).await?;
        }
        Event::SubjectsChanged(changed) => cycles::keep_subjects(tx, changed.cycle, &changed.subjects).await?,
        Event::ResultTold(told) => {
            if cycles::results(tx, told.cycle, &told.subject).await?.is_empty() {
                return Ok(Handled::NotYet);
            }
            cycles::tell(tx, told).await?;
        }
        Event::ResultsPublished(published) => keeping::keep_results(tx, published).await?,
        Event::ResultsCorrected(corrected) => {
            keeping::keep_results(tx, corrected).await?;
            answering::corrected(tx, corrected).await?;
        }
        Event::RemedyRefused(refused) => answering::refused(tx, refused).await?,
        _ => {}
    }
    Ok(Handled::Done)
}
