//! What was reckoned goes into the cycle's batch; once all results are there, whoever approves is asked.

use platform::clock::date_of;
use platform::sql::Lock;
use platform::{Result, Tx};
use steps::steps::{Actor, NewStep, rows as step_rows};
use uuid::Uuid;

use super::batch::{Batch, BatchState, NewDraft};
use super::{issuing, rows, telling};
use crate::cycles::{self, Cycle, schemes};
use crate::held;
use crate::statements::rules::entry;
use crate::statements::{Reckoned, rows as statements};

/// Puts what was reckoned into the cycle's batch, as far as there is a statement to issue. The cycle is locked by the caller.
pub async fn collect(tx: &mut Tx, cycle: &Cycle, reckoned: Vec<Reckoned>, basis: &str) -> Result<()> {
    let numbers: Vec<String> = reckoned.iter().map(|one| one.result.number.to_string()).collect();
    let numbers: Vec<&str> = numbers.iter().map(String::as_str).collect();
    issuing::issue_theirs(tx, cycle, &numbers).await?;
    let latest = statements::latest(tx, cycle.id, &numbers).await?;
    let (mut drafts, mut nothing) = (Vec::new(), Vec::new());
    for reckoned in reckoned {
        match entry(&reckoned, latest.get(&reckoned.result.number))? {
            Some(entry) => drafts.push(NewDraft { reckoned, entry }),
            None => nothing.push(reckoned.result.number),
        }
    }
    let nothing: Vec<&str> = nothing.iter().map(|number| number.as_str()).collect();
    take_out(tx, cycle, &nothing).await?;
    if drafts.is_empty() {
        return Ok(());
    }
    let batch = match rows::going_on(tx, cycle.id).await? {
        Some(batch) => batch,
        None => rows::begin(tx, cycle.id).await?,
    };
    // What comes out as it was before changes nothing, and nobody is asked again.
    let drafts = rows::changed(tx, &batch, drafts).await?;
    if drafts.is_empty() {
        return Ok(());
    }
    let reckoning = statements::keep_reckoning(tx, cycle.id, basis).await?;
    rows::put(tx, &batch, reckoning, &drafts).await?;
    changed(tx, cycle, batch).await
}

/// Takes people out of the cycle's batch whose pay cannot be reckoned any more.
pub async fn take_out(tx: &mut Tx, cycle: &Cycle, numbers: &[&str]) -> Result<()> {
    if numbers.is_empty() {
        return Ok(());
    }
    let Some(batch) = rows::going_on(tx, cycle.id).await? else { return Ok(()) };
    if rows::take_out(tx, batch.id, numbers).await? == 0 {
        return Ok(());
    }
    changed(tx, cycle, batch).await
}

/// What was decided about a batch does not hold for what is in it now; nobody is asked about one that is empty.
async fn changed(tx: &mut Tx, cycle: &Cycle, mut batch: Batch) -> Result<()> {
    batch.version += 1;
    if let Some(step) = batch.step
        && (rows::is_empty(tx, batch.id).await? || (batch.state == BatchState::Open && was_decided(tx, step).await?))
    {
        end_steps(tx, cycle, &batch).await?;
        (batch.state, batch.step) = (BatchState::Open, None);
    }
    rows::set(tx, &batch).await
}

/// Whether somebody has decided already, at this step or before it.
async fn was_decided(tx: &mut Tx, step: Uuid) -> Result<bool> {
    let now = step_rows::get(tx, step, Lock::None).await?;
    let decisions = step_rows::decisions(tx, &[step]).await?;
    Ok(now.place != 1 || decisions.iter().any(|made| made.round == now.round))
}

/// What was asked about a batch counts no more.
pub async fn end_steps(tx: &mut Tx, cycle: &Cycle, batch: &Batch) -> Result<()> {
    let steps: Vec<Uuid> = step_rows::about(tx, &batch.about()).await?.iter().map(|step| step.id).collect();
    let today = date_of(tx.now);
    step_rows::void(tx, &steps, today).await?;
    telling::tasks(tx, cycle, batch, &steps).await
}

/// Asks whoever approves first about the cycle's batch, once all results of the cycle have come and nobody was asked yet.
pub async fn ask(tx: &mut Tx, cycle: &Cycle) -> Result<()> {
    if !schemes::of(cycle)?.approved() {
        return Ok(());
    }
    let Some(cycle) = cycles::rows::lock(tx, cycle.id).await? else { return Ok(()) };
    let Some(batch) = rows::going_on(tx, cycle.id).await? else { return Ok(()) };
    if batch.step.is_some() || rows::is_empty(tx, batch.id).await? {
        return Ok(());
    }
    if !cycle.has_all(held::rows::count(tx, cycle.id).await?) {
        return Ok(());
    }
    ask_at(tx, &cycle, batch, 1).await.map(drop)
}

/// Who approves at a place of the scheme's order, from 1.
pub fn asked_at(cycle: &Cycle, place: i32) -> Result<Option<Vec<Actor>>> {
    let read = schemes::of(cycle)?;
    let acting = usize::try_from(place - 1).ok().and_then(|at| read.scheme.pay_approval().get(at));
    Ok(acting.map(|acting| acting.who().iter().filter_map(Actor::of_group).collect()))
}

/// Asks those at a place of the scheme's order, from 1; gives the batch back where there is no such place.
pub async fn ask_at(tx: &mut Tx, cycle: &Cycle, mut batch: Batch, place: i32) -> Result<Option<Batch>> {
    let Some(actors) = asked_at(cycle, place)? else { return Ok(Some(batch)) };
    batch.state = BatchState::Open;
    open(tx, cycle, batch, place, actors).await.map(|()| None)
}

/// Opens a step about a batch.
pub async fn open(tx: &mut Tx, cycle: &Cycle, mut batch: Batch, place: i32, actors: Vec<Actor>) -> Result<()> {
    let today = date_of(tx.now);
    let step = step_rows::open(tx, &NewStep { about: batch.about(), place, actors, due: None }, today).await?;
    batch.step = Some(step);
    rows::set(tx, &batch).await?;
    telling::tasks(tx, cycle, &batch, &[step]).await
}

/// Nothing of a cancelled cycle is paid.
pub async fn cancel(tx: &mut Tx, cycle: Uuid) -> Result<()> {
    let Some(cycle) = cycles::rows::lock(tx, cycle).await? else { return Ok(()) };
    let Some(mut batch) = rows::going_on(tx, cycle.id).await? else { return Ok(()) };
    rows::empty(tx, batch.id).await?;
    end_steps(tx, &cycle, &batch).await?;
    (batch.state, batch.step) = (BatchState::Void, None);
    batch.version += 1;
    rows::set(tx, &batch).await
}
