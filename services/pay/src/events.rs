//! What becomes of the events of planning and scoring.

use domain::events::{CycleOpened, Event};
use domain::period::Period;
use platform::bus::Handled;
use platform::{Problem, Result, Task, Tx};

use crate::cycles;
use crate::statements::issuing;

pub fn handle<'a>(tx: &'a mut Tx, event: &'a Event) -> Task<'a, Result<Handled>> {
    Box::pin(async move {
        match event {
            Event::CycleOpened(opened) => open(tx, opened).await,
            Event::ResultsPublished(published) | Event::ResultsCorrected(published) => {
                issuing::issue(tx, published).await
            }
            Event::CyclePublished(published) => {
                issuing::complete(tx, published).await
            }
            _ => Ok(Handled::Done),
        }
    })
}

async fn open(tx: &mut Tx, opened: &CycleOpened) -> Result<Handled> {
    let period: Period = opened.period.parse().map_err(Problem::internal)?;
    let last_day = cycles::schemes::read(&opened.scheme_source)?.last_day(&period);
    let company = tx.company;
    cycles::rows::insert(tx.conn(), company, opened, last_day).await?;
    Ok(Handled::Done)
}
