//! Entering statements into the ledger, which is the payroll feed.
//!
//! A client reads the feed by position, so a position must never become visible before a lower one: the client
//! would have passed it for good. A sequence gives no such promise, because a transaction may take a number early
//! and commit late. Therefore positions come from the company's counter row. Whoever issues takes its row lock
//! and keeps it until the commit, so the next one gets higher positions and gets them only once the lower ones
//! are visible; a rollback gives its positions back, so there are no gaps either. The lock is taken late, when
//! everything has been reckoned, and what had been issued before is read under it: two deliveries of the same
//! result cannot both find that nothing was.

use events::{Event, StatementsIssued};
use platform::{Result, Tx};
use serde_json::json;
use uuid::Uuid;

use super::rows;
use super::rules::{entry, statement};
use super::statement::{Reckoned, Written};
use crate::cycles::Cycle;

/// How many statements one event tells of.
const TOLD_AT_ONCE: usize = 500;

/// Issues the statements of these results, as far as they have not been issued, keeps what they were reckoned from,
/// and tells of them.
pub async fn enter(tx: &mut Tx, cycle: &Cycle, results: Vec<Reckoned>, basis: &str) -> Result<()> {
    if results.is_empty() {
        return Ok(());
    }
    let before = rows::lock_feed(tx).await?;
    let entries = entries(tx, cycle, results, before).await?;
    if entries.is_empty() {
        return Ok(());
    }
    let reckoning = rows::keep_reckoning(tx, cycle.id, basis).await?;
    write(tx, cycle, reckoning, before, &entries).await
}

/// As [`enter`], for results that waited: what they were reckoned from has been kept already.
pub async fn enter_approved(tx: &mut Tx, cycle: &Cycle, results: Vec<Reckoned>, reckoning: Uuid) -> Result<()> {
    let before = rows::lock_feed(tx).await?;
    let entries = entries(tx, cycle, results, before).await?;
    write(tx, cycle, reckoning, before, &entries).await
}

async fn write(tx: &mut Tx, cycle: &Cycle, reckoning: Uuid, before: i64, entries: &[Written]) -> Result<()> {
    let Some(last) = entries.last().map(|entry| entry.position) else { return Ok(()) };
    rows::insert(tx, cycle.id, reckoning, entries).await?;
    rows::move_feed(tx, last).await?;
    let about = json!({ "statements": entries.len(), "after": before, "last": last });
    tx.audit("statements.issued", &cycle.id.to_string(), about).await?;
    for told in entries.chunks(TOLD_AT_ONCE) {
        let statements = told.iter().map(|entry| entry.statement.news()).collect();
        let news = StatementsIssued { cycle: cycle.id, period: cycle.period.clone(), statements };
        tx.emit(&Event::StatementsIssued(news)).await?;
    }
    Ok(())
}

async fn entries(tx: &mut Tx, cycle: &Cycle, results: Vec<Reckoned>, before: i64) -> Result<Vec<Written>> {
    let issued_at = tx.now;
    let numbers: Vec<&str> = results.iter().map(|reckoned| reckoned.result.number.as_str()).collect();
    let latest = rows::latest(tx, cycle.id, &numbers).await?;
    let mut entries: Vec<Written> = Vec::with_capacity(results.len());
    let mut position = before;
    for reckoned in results {
        let Some(entry) = entry(&reckoned, latest.get(&reckoned.result.number))? else { continue };
        position += 1;
        let statement = statement(cycle, &reckoned.result, entry, position, issued_at)?;
        entries.push(Written { position, statement, explanation: reckoned.figures.and_then(|f| f.explanation) });
    }
    Ok(entries)
}
