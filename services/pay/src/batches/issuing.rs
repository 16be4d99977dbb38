//! Putting what was approved into the ledger, some thousand statements at a time: a batch may hold everybody.

use platform::{Platform, Result, Tx};
use serde_json::json;

use super::batch::{Batch, BatchState};
use super::rows;
use crate::cycles::{self, Cycle};
use crate::profiles;
use crate::statements::{Reckoned, ledger};

/// Issues a part of a batch that was approved; true when there may be more.
pub async fn issue(platform: &Platform) -> Result<bool> {
    let mut tx = platform.store.begin_across_companies(platform.clock.now()).await?;
    let Some((company, cycle)) = rows::any_approved(&mut tx).await? else {
        tx.rollback().await?;
        return Ok(false);
    };
    tx.enter(company).await?;
    profiles::rows::lock_to_reckon(&mut tx).await?;
    if let Some(cycle) = cycles::rows::lock(&mut tx, cycle).await?
        && let Some(batch) = rows::approved(&mut tx, cycle.id).await?
    {
        issue_some(&mut tx, &cycle, batch).await?;
    }
    tx.commit().await?;
    Ok(true)
}

/// Issues all that is left of a cycle's approved batch: what is reckoned next differs from it. The cycle is locked by the caller.
pub async fn issue_all(tx: &mut Tx, cycle: &Cycle) -> Result<()> {
    while let Some(batch) = rows::approved(tx, cycle.id).await? {
        issue_some(tx, cycle, batch).await?;
    }
    Ok(())
}

async fn issue_some(tx: &mut Tx, cycle: &Cycle, mut batch: Batch) -> Result<()> {
    if cycle.cancelled.is_some() {
        rows::empty(tx, batch.id).await?;
        batch.state = BatchState::Void;
        return rows::set(tx, &batch).await;
    }
    let Some(due) = rows::next_due(tx, batch.id).await? else {
        rows::issued(tx, batch.id).await?;
        let about = json!({ "batch": batch.id, "no": batch.no });
        return tx.audit("batches.issued", &cycle.id.to_string(), about).await;
    };
    let reckoned = due.reckoned.iter().map(|text| serde_json::from_str(text)).collect::<Result<Vec<Reckoned>, _>>()?;
    let numbers: Vec<String> = reckoned.iter().map(|one| one.result.number.to_string()).collect();
    ledger::enter_approved(tx, cycle, reckoned, due.reckoning).await?;
    rows::take_out(tx, batch.id, &numbers.iter().map(String::as_str).collect::<Vec<_>>()).await?;
    Ok(())
}
