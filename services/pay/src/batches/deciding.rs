//! Approving what is paid, or sending it back.

use platform::clock::date_of;
use platform::sql::Lock;
use platform::web::Errors;
use platform::{Problem, Result, Tx, say};
use serde_json::json;
use steps::steps::deciding::{self, Said};
use steps::steps::rules::{Together, together};
use steps::steps::{Actor, Step, StepState, rows as step_rows};
use uuid::Uuid;

use super::batch::{Batch, BatchDecision, BatchState, MENDING};
use super::{collecting, rows, telling};
use crate::cycles::{self, Cycle};
use crate::profiles;
use crate::steps_view::Verdict;
use crate::viewer::Viewer;

/// Decides in a step, and does what follows; the batch.
pub async fn decide(tx: &mut Tx, viewer: &Viewer, id: Uuid, new: &BatchDecision) -> Result<Uuid> {
    let number = deciding::number(viewer.number.as_deref())?;
    let (step, batch, cycle) = locked(tx, id).await?;
    if !viewer.reads(&step) {
        return Err(Problem::not_found(say!("步骤", "step")));
    }
    check(&step, &batch, new)?;
    if step.place != MENDING {
        may_decide(tx, &batch, &step, number, new.verdict).await?;
    }
    let said = Said {
        verdict: new.verdict.as_str(),
        reason: new.reason.as_deref(),
        session: new.session.as_ref(),
        by_any: false,
    };
    let detail = json!({ "version": batch.version });
    let acts_as = |actor: &Actor| viewer.acts_as(actor);
    let decision = deciding::decide(tx, &step, number, acts_as, said, detail).await?;
    let about = json!({ "step": id, "batch": batch.id, "version": batch.version, "verdict": new.verdict, "for": decision.actor });
    tx.audit("batches.decided", &cycle.id.to_string(), about).await?;
    let batch_id = batch.id;
    match new.verdict {
        Verdict::Returned => send_back(tx, &cycle, batch, &step).await?,
        Verdict::Approved => go_on(tx, &cycle, batch, &step).await?,
    }
    Ok(batch_id)
}

/// The step, its batch and its cycle, held until the transaction ends: profiles and the cycle first, as everybody does who
/// reckons.
async fn locked(tx: &mut Tx, id: Uuid) -> Result<(Step, Batch, Cycle)> {
    let nowhere = || Problem::not_found(say!("步骤", "step"));
    // Whoever is just changing a profile or a fact comes first: what is reckoned by it is not issued as it was.
    profiles::rows::lock_to_reckon(tx).await?;
    let step = step_rows::get(tx, id, Lock::None).await?;
    let batch = rows::get(tx, Batch::of(&step.about).ok_or_else(nowhere)?).await?;
    let cycle = cycles::rows::lock(tx, batch.cycle).await?.ok_or_else(nowhere)?;
    let batch = rows::get(tx, batch.id).await?;
    Ok((step_rows::get(tx, id, Lock::Update).await?, batch, cycle))
}

fn check(step: &Step, batch: &Batch, new: &BatchDecision) -> Result<()> {
    if step.state != StepState::Open {
        return Err(deciding::ended());
    }
    let mut errors = Errors::default();
    new.verdict.check_reason(new.reason.as_deref(), &mut errors);
    if step.place == MENDING && new.verdict == Verdict::Returned {
        errors.add("/verdict", say!("改正后再次提交：approved", "it is put right and handed in again: approved"));
    }
    errors.check()?;
    if new.version != batch.version {
        return Err(Problem::wrong_state(say!(
            "此批次已有变动，请重新查看（现为第 {} 版）",
            "the batch has changed since: look at it again (it is version {} now)",
            batch.version
        )));
    }
    Ok(())
}

/// Nobody approves at two places of the order, nor what pays themselves and nobody else.
async fn may_decide(tx: &mut Tx, batch: &Batch, step: &Step, number: &str, verdict: Verdict) -> Result<()> {
    if rows::is_being_reckoned(tx, batch.id).await? {
        return Err(Problem::wrong_state(say!(
            "有人的薪酬正在重新计算，请稍后再看",
            "somebody's pay is being reckoned anew: look at it again in a moment"
        )));
    }
    if verdict == Verdict::Approved && rows::pays_only(tx, batch.id, number).await? {
        return Err(Problem::not_permitted(say!(
            "不能审批自己的薪酬：请由同一角色或机构中的另一人审批",
            "nobody approves what pays only themselves: somebody else of the role or the body does"
        )));
    }
    let steps = step_rows::about(tx, &batch.about()).await?;
    let before: Vec<Uuid> = steps
        .iter()
        .filter(|one| one.state == StepState::Done && one.place != MENDING && one.place < step.place)
        .map(|one| one.id)
        .collect();
    if step_rows::decisions(tx, &before).await?.iter().any(|made| made.by == number) {
        return Err(Problem::not_permitted(say!(
            "须由另一人审批",
            "somebody else approves: you have approved it before"
        )));
    }
    Ok(())
}

/// Where all who decide in a step have approved, the next ones are asked; after the last, a job issues the statements.
async fn go_on(tx: &mut Tx, cycle: &Cycle, batch: Batch, step: &Step) -> Result<()> {
    let decisions = step_rows::decisions(tx, &[step.id]).await?;
    if matches!(together(step, &decisions), Together::Waiting(_)) {
        return telling::tasks(tx, cycle, &batch, &[step.id]).await;
    }
    step_rows::end(tx, step.id, StepState::Done, date_of(tx.now)).await?;
    telling::tasks(tx, cycle, &batch, &[step.id]).await?;
    if step.place == MENDING {
        // What was approved before it was sent back is asked anew.
        collecting::end_steps(tx, cycle, &batch).await?;
    }
    match collecting::ask_at(tx, cycle, batch, step.place + 1).await? {
        Some(batch) => rows::approve(tx, batch.id).await,
        None => Ok(()),
    }
}

/// HR sees to what is wrong, and hands it in again; where they are the first to approve, by approving it once more.
async fn send_back(tx: &mut Tx, cycle: &Cycle, mut batch: Batch, step: &Step) -> Result<()> {
    step_rows::end(tx, step.id, StepState::Returned, date_of(tx.now)).await?;
    telling::tasks(tx, cycle, &batch, &[step.id]).await?;
    let hr = vec![Actor::Role("hr".to_owned())];
    let place = if step.place > 1 && collecting::asked_at(cycle, 1)?.as_ref() == Some(&hr) { 1 } else { MENDING };
    if place == 1 {
        collecting::end_steps(tx, cycle, &batch).await?;
    }
    batch.state = BatchState::Returned;
    collecting::open(tx, cycle, batch, place, hr).await
}
