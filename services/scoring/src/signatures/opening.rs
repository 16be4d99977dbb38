//! Signatures are asked for: over what was published, or over what was computed where publication waits for them. And they
//! lapse.

use std::collections::BTreeMap;

use jiff::civil::Date;
use platform::clock::date_of;
use platform::service::Platform;
use platform::sql::Lock;
use platform::{Result, Task, Tx};
use serde_json::json;
use steps::directory::rows as directory;
use steps::steps::{StepState, rows as step_rows};
use uuid::Uuid;

use super::rows::{self, Over};
use super::signature::SigningStage;
use super::telling;
use crate::cycles::cycle::Cycle;
use crate::cycles::rows as cycles;
use crate::runs::telling::follow;

const AT_ONCE: i64 = 500;

/// Asks for the signatures over the results of a unit in a publication.
pub async fn open(tx: &mut Tx, cycle: &Cycle, publication: i32, unit: &str, today: Date) -> Result<()> {
    let over = Over::Published { publication, unit: unit.to_owned() };
    ask(tx, cycle, false, &over, today).await
}

/// Asks for the signatures over what a run computed, without which it is not published.
pub async fn open_gating(tx: &mut Tx, cycle: &Cycle, run: i32, today: Date) -> Result<()> {
    ask(tx, cycle, true, &Over::Computed { run }, today).await
}

async fn ask(tx: &mut Tx, cycle: &Cycle, gate: bool, over: &Over, today: Date) -> Result<()> {
    let stages: Vec<SigningStage> = SigningStage::of(cycle)?.into_iter().filter(|stage| stage.gate == gate).collect();
    if stages.is_empty() {
        return Ok(());
    }
    let calendar = directory::calendar(tx).await?;
    let mut asked = Vec::new();
    for stage in &stages {
        let term = stage.declared.lapses_on(today, &calendar);
        let until = (term.or(stage.due), term.is_some());
        for who in &stage.by {
            asked.extend(rows::ask(tx, cycle.id, &stage.code, &who.to_string(), over, today, until).await?);
        }
    }
    telling::tasks(tx, cycle, &asked).await
}

/// What was signed about a run counts no more: it is computed anew.
pub async fn void(tx: &mut Tx, cycle: &Cycle, run: i32, today: Date) -> Result<()> {
    let of_run = rows::of_run(tx, cycle.id, run).await?;
    let open = |state: StepState| matches!(state, StepState::Open | StepState::Done);
    let ids: Vec<Uuid> = of_run.iter().filter(|one| open(one.state)).map(|one| one.step).collect();
    if ids.is_empty() {
        return Ok(());
    }
    step_rows::void(tx, &ids, today).await?;
    telling::tasks(tx, cycle, &ids).await
}

/// Nothing of a cancelled cycle is signed or read any more.
pub async fn end_all(tx: &mut Tx, cycle: &Cycle) -> Result<()> {
    let open = rows::open_of_cycle(tx, cycle.id).await?;
    step_rows::void(tx, &open, date_of(tx.now)).await?;
    telling::tasks(tx, cycle, &open).await
}

/// Lets some signatures lapse; true when there may be more.
pub fn run(platform: Platform) -> Task<'static, Result<bool>> {
    Box::pin(async move {
        let mut tx = platform.store.begin_across_companies(platform.clock.now()).await?;
        let lapsed = rows::lapse(&mut tx, platform.clock.today(), AT_ONCE).await?;
        let more = i64::try_from(lapsed.len()).is_ok_and(|count| count == AT_ONCE);
        let mut by_cycle: BTreeMap<(Uuid, Uuid), Vec<Uuid>> = BTreeMap::new();
        for (company, cycle, step) in lapsed {
            by_cycle.entry((company, cycle)).or_default().push(step);
        }
        for ((company, cycle), steps) in by_cycle {
            tx.enter(company).await?;
            let cycle = cycles::get(&mut tx, cycle, Lock::Share).await?;
            tx.audit("signatures.lapsed", &cycle.id.to_string(), json!({ "signatures": steps })).await?;
            telling::tasks(&mut tx, &cycle, &steps).await?;
            follow(&mut tx, cycle.id).await?;
        }
        tx.commit().await?;
        Ok(more)
    })
}
