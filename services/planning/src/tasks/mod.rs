//! Tasks: who has to do what by when. They follow the states of targets, plans and sheets in the same transaction; a job
//! tells them in batches to notification, which keeps those of all services.

pub mod rows;
mod telling;

pub use telling::tell;

use platform::{Result, Tx};
use uuid::Uuid;

use crate::approvals;

/// Nothing is left to do or to decide in planning once a cycle is released, published or cancelled.
pub async fn end_all(tx: &mut Tx, cycle: Uuid) -> Result<()> {
    rows::close(tx, cycle).await?;
    let open = approvals::rows::open_of_cycle(tx, cycle, None).await?;
    approvals::asking::void(tx, open).await
}
