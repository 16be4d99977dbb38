//! Trying held results again.

use domain::scheme::PoolScope;
use platform::{Platform, Result, Tx};

use super::issuing;
use super::reckoning::Published;
use crate::batches::collecting;
use crate::cycles::{self, Cycle, schemes};
use crate::held;
use crate::profiles;

/// How many results one transaction tries again.
const AT_ONCE: i64 = 1000;

/// Tries held results again whose profiles or facts have changed; true when there may be more.
pub async fn release(platform: &Platform) -> Result<bool> {
    let mut tx = platform.store.begin_across_companies(platform.clock.now()).await?;
    let Some((company, cycle)) = held::rows::any_due(&mut tx).await? else {
        tx.rollback().await?;
        return Ok(false);
    };
    tx.enter(company).await?;
    profiles::rows::lock_to_reckon(&mut tx).await?;
    let Some(cycle) = cycles::rows::find(&mut tx, cycle).await? else {
        tx.rollback().await?;
        return Ok(false);
    };
    if cycle.cancelled.is_some() {
        held::rows::let_all_go(&mut tx, cycle.id).await?;
        tx.commit().await?;
        return Ok(true);
    }
    let worked = match schemes::of(&cycle)?.pool {
        PoolScope::None => release_each(&mut tx, &cycle).await?,
        PoolScope::Unit | PoolScope::Company => release_together(&mut tx, &cycle).await?,
    };
    collecting::ask(&mut tx, &cycle).await?;
    tx.commit().await?;
    Ok(worked)
}

/// Has everything that the engine refused tried again.
pub async fn reconsider(platform: &Platform) -> Result<bool> {
    let mut tx = platform.store.begin_across_companies(platform.clock.now()).await?;
    held::rows::make_refused_due(&mut tx).await?;
    tx.commit().await?;
    Ok(false)
}

async fn release_each(tx: &mut Tx, cycle: &Cycle) -> Result<bool> {
    if schemes::of(cycle)?.approved() {
        cycles::rows::lock(tx, cycle.id).await?;
    }
    let held = held::rows::claim_due(tx, cycle.id, AT_ONCE).await?;
    let any = !held.is_empty();
    for published in Published::alike(held) {
        issuing::issue_each(tx, cycle, published).await?;
    }
    Ok(any)
}

async fn release_together(tx: &mut Tx, cycle: &Cycle) -> Result<bool> {
    let Some(cycle) = cycles::rows::lock(tx, cycle.id).await? else { return Ok(false) };
    issuing::settle(tx, &cycle).await?;
    held::rows::none_due(tx, cycle.id).await?;
    Ok(true)
}
