//! Cancelling a cycle that was opened by mistake: nothing of it counts, and another may be opened in its place.

use events::{CycleCancelled, Event};
use platform::{Result, Tx};
use serde_json::json;

use super::cycle::Cycle;
use super::rows;
use crate::tasks;

pub async fn cancel(tx: &mut Tx, cycle: &Cycle, reason: &str) -> Result<()> {
    cycle.must_be_cancellable()?;
    tasks::end_all(tx, cycle.id).await?;
    rows::cancel(tx, cycle.id, reason).await?;
    tx.emit(&Event::CycleCancelled(CycleCancelled { cycle: cycle.id, reason: reason.to_owned() })).await?;
    tx.audit("cycles.cancelled", &cycle.id.to_string(), json!({ "reason": reason })).await
}
