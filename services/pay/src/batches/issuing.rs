//! Putting what was approved into the ledger, a part at a time: a batch may hold everybody.

use platform::{Platform, Result, Tx};
use serde_json::json;
use uuid::Uuid;

use super::batch::{Batch, BatchState, Due};
use super::rows;
use crate::cycles::{self, Cycle};
use crate::profiles;
use crate::statements::{Reckoned, ledger};

/// Issues a part of each batch that was approved; true when there may be more. One that cannot be issued holds up no other.
pub async fn issue(platform: &Platform) -> Result<bool> {
    let mut tx = platform.store.begin_across_companies(platform.clock.now()).await?;
    let approved = rows::all_approved(&mut tx).await?;
    tx.rollback().await?;
    let (mut more, mut failed) = (false, None);
    for (company, cycle) in approved {
        match issue_of(platform, company, cycle).await {
            Ok(()) => more = true,
            Err(problem) => failed = Some(problem),
        }
    }
    match failed {
        // The others went on; it is tried again with them.
        Some(problem) if !more => Err(problem),
        _ => Ok(more),
    }
}

async fn issue_of(platform: &Platform, company: Uuid, cycle: Uuid) -> Result<()> {
    let mut tx = platform.store.begin_across_companies(platform.clock.now()).await?;
    tx.enter(company).await?;
    profiles::rows::lock_to_reckon(&mut tx).await?;
    if let Some(cycle) = cycles::rows::lock(&mut tx, cycle).await?
        && let Some(batch) = rows::approved(&mut tx, cycle.id).await?
    {
        issue_some(&mut tx, &cycle, batch).await?;
    }
    tx.commit().await
}

/// Issues what is left of some people in a cycle's approved batch: what is reckoned of them next differs from it. The cycle is
/// locked by the caller.
pub async fn issue_theirs(tx: &mut Tx, cycle: &Cycle, numbers: &[&str]) -> Result<()> {
    let Some(batch) = rows::approved(tx, cycle.id).await? else { return Ok(()) };
    for due in rows::due_of(tx, batch.id, numbers).await? {
        enter(tx, cycle, batch.id, due).await?;
    }
    Ok(())
}

async fn issue_some(tx: &mut Tx, cycle: &Cycle, mut batch: Batch) -> Result<()> {
    if cycle.cancelled.is_some() {
        rows::empty(tx, batch.id).await?;
        batch.state = BatchState::Void;
        return rows::set(tx, &batch).await;
    }
    match rows::next_due(tx, batch.id).await? {
        Some(due) => enter(tx, cycle, batch.id, due).await,
        None => {
            rows::issued(tx, batch.id).await?;
            let about = json!({ "batch": batch.id, "no": batch.no });
            tx.audit("batches.issued", &cycle.id.to_string(), about).await
        }
    }
}

async fn enter(tx: &mut Tx, cycle: &Cycle, batch: Uuid, due: Due) -> Result<()> {
    let reckoned = due.reckoned.iter().map(|text| serde_json::from_str(text)).collect::<Result<Vec<Reckoned>, _>>()?;
    let numbers: Vec<String> = reckoned.iter().map(|one| one.result.number.to_string()).collect();
    ledger::enter_approved(tx, cycle, reckoned, due.reckoning).await?;
    rows::take_out(tx, batch, &numbers.iter().map(String::as_str).collect::<Vec<_>>()).await?;
    Ok(())
}
