//! Interviews begin with the publication of a unit's results.

use jiff::civil::Date;
use platform::{Result, Tx};

use super::interview::InterviewStage;
use super::{rows, telling};
use crate::cycles::cycle::Cycle;

/// Opens the interviews with a unit's people in a publication, and tells whoever holds them.
pub async fn open(tx: &mut Tx, cycle: &Cycle, publication: i32, unit: &str, today: Date) -> Result<()> {
    for stage in InterviewStage::of(cycle)? {
        let opened = rows::open(tx, cycle, publication, unit, &stage, today).await?;
        let opened = rows::many(tx, &opened).await?;
        telling::tasks(tx, cycle, &stage, &opened).await?;
    }
    Ok(())
}
