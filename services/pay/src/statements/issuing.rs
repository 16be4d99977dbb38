//! From published results to the ledger, or to the batch that waits to be approved.
//!
//! Locks are taken in one order by everybody: the company's profiles (shared), the cycle where pay is pooled,
//! held results, and last the feed counter.

use std::collections::HashSet;

use domain::scheme::PoolScope;
use events::{CycleCancelled, CyclePublished, EmployeeNumber, PublishedResult, ResultsPublished, UnitCode};
use platform::bus::Handled;
use platform::{Result, Tx};

use super::ledger;
use super::reckoning::{self, Basis, Detail, Policy, Published, PublishedUnit, Reckoning, Withheld};
use crate::batches::{self, collecting};
use crate::cycles::{self, Cycle, schemes};
use crate::held::{self, Held, Reason};
use crate::{paid_facts, profile_checks, profiles};

/// Issues the statements of a unit's published or corrected results; holds those that lack something.
pub async fn issue(tx: &mut Tx, news: &ResultsPublished) -> Result<Handled> {
    profiles::rows::lock_to_reckon(tx).await?;
    let Some(cycle) = cycles::rows::find(tx, news.cycle).await? else { return Ok(Handled::NotYet) };
    if cycle.cancelled.is_some() {
        return Ok(Handled::Done);
    }
    let read = schemes::of(&cycle)?;
    if read.pool != PoolScope::None || read.approved() {
        cycles::rows::begin_publication(tx, cycle.id, news.publication).await?;
    }
    if read.pool == PoolScope::None && read.approved() {
        cycles::rows::lock(tx, cycle.id).await?;
        hold_all(tx, &cycle, news).await?;
        let numbers: Vec<&str> = news.results.iter().map(|result| result.number.as_str()).collect();
        for published in Published::alike(held::rows::unsettled(tx, cycle.id, &numbers).await?) {
            issue_each(tx, &cycle, published).await?;
        }
    } else if read.pool == PoolScope::None {
        let unit = PublishedUnit { unit: news.unit.clone(), results: news.results.clone() };
        let published = Published { company_carried: news.company_carried.clone(), units: vec![unit] };
        issue_each(tx, &cycle, published).await?;
    } else {
        let cycle = cycles::rows::lock(tx, cycle.id).await?.unwrap_or(cycle.clone());
        hold_all(tx, &cycle, news).await?;
        settle(tx, &cycle).await?;
    }
    collecting::ask(tx, &cycle).await?;
    Ok(Handled::Done)
}

/// Takes note that all results of a cycle have been published: units that waited for the others may be settled.
pub async fn complete(tx: &mut Tx, published: &CyclePublished) -> Result<Handled> {
    profiles::rows::lock_to_reckon(tx).await?;
    let cycle = cycles::rows::lock(tx, published.cycle).await?;
    let Some(mut cycle) = cycle else { return Ok(Handled::NotYet) };
    if cycle.cancelled.is_some() {
        return Ok(Handled::Done);
    }
    cycles::rows::set_published(tx, published).await?;
    if let Some(now) = cycles::rows::find(tx, cycle.id).await? {
        cycle = now;
    }
    if schemes::of(&cycle)?.pool != PoolScope::None {
        settle(tx, &cycle).await?;
    }
    collecting::ask(tx, &cycle).await?;
    Ok(Handled::Done)
}

/// Pays nothing of a cancelled cycle.
pub async fn cancel(tx: &mut Tx, news: &CycleCancelled) -> Result<Handled> {
    profiles::rows::lock_to_change(tx).await?;
    if !cycles::rows::cancel(tx, news.cycle, &news.reason).await? {
        return Ok(Handled::NotYet);
    }
    held::rows::let_all_go(tx, news.cycle).await?;
    collecting::cancel(tx, news.cycle).await?;
    Ok(Handled::Done)
}

/// Issues what can be issued person by person, and holds the rest.
pub async fn issue_each(tx: &mut Tx, cycle: &Cycle, published: Published) -> Result<()> {
    let now = tx.now;
    let numbers: Vec<EmployeeNumber> = published.results().map(|result| result.number.clone()).collect();
    let (Reckoning { reckoned, withheld, warnings }, basis) = reckon(tx, cycle, published, &numbers).await?;
    cycles::rows::add_warnings(tx, cycle.id, "", &warnings).await?;
    if schemes::of(cycle)?.approved() {
        let numbers: Vec<&str> = reckoned.iter().map(|reckoned| reckoned.result.number.as_str()).collect();
        held::rows::settle(tx, cycle.id, &numbers).await?;
        let reasons: Vec<(EmployeeNumber, Reason)> =
            withheld.into_iter().map(|w| (w.held.result.number, w.reason)).collect();
        held::rows::explain(tx, cycle.id, &reasons).await?;
        let withheld: Vec<&str> = reasons.iter().map(|(number, _)| number.as_str()).collect();
        collecting::take_out(tx, cycle, &withheld).await?;
        return collecting::collect(tx, cycle, reckoned, &basis).await;
    }
    let done: Vec<(EmployeeNumber, i64)> =
        reckoned.iter().map(|reckoned| (reckoned.result.number.clone(), reckoned.result.version)).collect();
    held::rows::let_go(tx, cycle.id, &done).await?;
    let waiting: Vec<(Held, Reason)> = withheld.into_iter().map(|Withheld { held, reason }| (held, reason)).collect();
    held::rows::hold(tx, cycle.id, &waiting, now).await?;
    ledger::enter(tx, cycle, reckoned, &basis).await
}

/// What came of a reckoning, and what it stood on, as it is kept. Whoever of those who are `open` has a pay input that is still
/// checked is withheld; others keep what they were paid.
async fn reckon(
    tx: &mut Tx,
    cycle: &Cycle,
    published: Published,
    open: &[EmployeeNumber],
) -> Result<(Reckoning, String)> {
    let numbers: Vec<&str> = published.results().map(|result| result.number.as_str()).collect();
    let profiles = profiles::rows::inputs_on(tx, &numbers, cycle.last_day).await?;
    let facts = paid_facts::rows::in_force(tx, cycle.id, &numbers).await?;
    let open: Vec<&str> = open.iter().map(EmployeeNumber::as_str).collect();
    let checked = profile_checks::rows::waiting(tx, &open, cycle.last_day).await?;
    let policy = Policy::of(cycle)?;
    let (published, mut checked) = policy.part(published, &checked);
    let basis = Basis::new(&policy, published, &profiles, &facts);
    let kept = serde_json::to_string(&basis)?;
    let mut reckoning = reckoning::reckon(&policy, basis, Detail::Explained)?;
    reckoning.withheld.append(&mut checked);
    Ok((reckoning, kept))
}

async fn hold_all(tx: &mut Tx, cycle: &Cycle, news: &ResultsPublished) -> Result<()> {
    let now = tx.now;
    let hold = |result: &PublishedResult| {
        let (company_carried, unit) = (news.company_carried.clone(), news.unit.clone());
        (Held { company_carried, unit, result: result.clone() }, Reason::default())
    };
    let held: Vec<(Held, Reason)> = news.results.iter().map(hold).collect();
    held::rows::hold(tx, cycle.id, &held, now).await
}

/// Settles the units (or the whole cycle) whose people share pools, as far as everything is there. The cycle is
/// locked by the caller.
pub async fn settle(tx: &mut Tx, cycle: &Cycle) -> Result<()> {
    let there = held::rows::count(tx, cycle.id).await?;
    if !cycle.has_all(there) {
        return Ok(());
    }
    let units = held::rows::unsettled_units(tx, cycle.id).await?;
    if schemes::of(cycle)?.pool == PoolScope::Company {
        return if units.is_empty() { Ok(()) } else { settle_together(tx, cycle, None).await };
    }
    for unit in units {
        settle_together(tx, cycle, Some(&unit)).await?;
    }
    Ok(())
}

async fn settle_together(tx: &mut Tx, cycle: &Cycle, unit: Option<&UnitCode>) -> Result<()> {
    let approved = schemes::of(cycle)?.approved();
    let together = held::rows::all(tx, cycle.id, unit.map(UnitCode::as_str)).await?;
    let numbers: Vec<&str> = together.iter().map(|(held, _)| held.result.number.as_str()).collect();
    let waiting = if approved { batches::rows::drafted(tx, cycle.id, &numbers).await? } else { HashSet::new() };
    let (mut published, mut open) = (Published::default(), Vec::new());
    for (held, settled) in together {
        if !settled || waiting.contains(&held.result.number) {
            open.push(held.result.number.clone());
        }
        published.add(held);
    }
    let (Reckoning { mut reckoned, withheld, warnings }, basis) = reckon(tx, cycle, published, &open).await?;
    if !withheld.is_empty() {
        let reasons: Vec<(EmployeeNumber, Reason)> =
            withheld.into_iter().map(|w| (w.held.result.number, w.reason)).collect();
        if approved {
            // They are reckoned again together with whoever holds them up.
            let open: Vec<&str> = open.iter().map(EmployeeNumber::as_str).collect();
            held::rows::unsettle(tx, cycle.id, &open).await?;
            collecting::take_out(tx, cycle, &open).await?;
        }
        return held::rows::explain(tx, cycle.id, &reasons).await;
    }
    cycles::rows::set_warnings(tx, cycle.id, unit.map_or("", UnitCode::as_str), &warnings).await?;
    // Others of the unit keep what they were paid when one result is corrected.
    reckoned.retain(|reckoned| open.contains(&reckoned.result.number));
    let numbers: Vec<&str> = open.iter().map(EmployeeNumber::as_str).collect();
    held::rows::settle(tx, cycle.id, &numbers).await?;
    if approved {
        return collecting::collect(tx, cycle, reckoned, &basis).await;
    }
    ledger::enter(tx, cycle, reckoned, &basis).await
}
