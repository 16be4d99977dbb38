//! Approving reported pay inputs, or sending them back.

use std::collections::BTreeSet;

use platform::clock::date_of;
use platform::sql::Lock;
use platform::web::Errors;
use platform::{Problem, Result, Tx, say};
use serde_json::json;
use steps::steps::deciding::{self, Said};
use steps::steps::rules::{Together, together};
use steps::steps::{Actor, Step, StepState, rows as step_rows};
use uuid::Uuid;

use super::check::{ProfileCheck, ProfileCheckDecision, ReturnedInput};
use super::rows::Barred;
use super::{reporting, rows, telling};
use crate::profiles;
use crate::profiles::changing;
use crate::steps_view::Verdict;
use crate::viewer::Viewer;

const MOST: usize = 1000;

/// Decides in the step in which a check is, and does what follows.
pub async fn decide(tx: &mut Tx, viewer: &Viewer, id: Uuid, new: &ProfileCheckDecision) -> Result<()> {
    let named = checked(new)?;
    let number = deciding::number(viewer.number.as_deref())?;
    // Profiles first, as everybody does who reckons or changes them.
    profiles::rows::lock_to_change(tx).await?;
    let check = rows::lock(tx, id).await?;
    let steps = step_rows::about(tx, &check.about()).await?;
    if !viewer.all && !steps.iter().any(|step| viewer.reads(step)) {
        return Err(rows::nowhere());
    }
    let step = step_rows::get(tx, check.step.ok_or_else(deciding::ended)?, Lock::Update).await?;
    let said = Said { verdict: new.verdict.as_str(), reason: new.reason.as_deref(), session: None, by_any: true };
    let detail = json!({ "inputs": new.inputs });
    let decision = deciding::decide(tx, &step, number, |actor: &Actor| viewer.acts_as(actor), said, detail).await?;
    may_decide(tx, &check, number).await?;
    let about = json!({ "step": step.id, "verdict": new.verdict, "for": decision.actor, "inputs": new.inputs });
    tx.audit("profile_checks.decided", &id.to_string(), about).await?;
    match new.verdict {
        Verdict::Approved => approve(tx, &check, &step).await,
        Verdict::Returned => send_back(tx, &check, &step, named.as_deref(), &decision.reason).await,
    }
}

/// What is sent back by name; none: all of it.
fn checked(new: &ProfileCheckDecision) -> Result<Option<Vec<ReturnedInput>>> {
    let mut errors = Errors::default();
    new.verdict.check_reason(new.reason.as_deref(), &mut errors);
    if new.verdict == Verdict::Approved && !new.inputs.is_empty() {
        errors.add("/inputs", say!("批准时不写", "nothing is sent back here"));
    }
    if new.inputs.len() > MOST {
        errors.add("/inputs", say!("最多 {MOST} 个", "{MOST} at most"));
    }
    errors.check()?;
    let named: BTreeSet<ReturnedInput> = new.inputs.iter().cloned().collect();
    Ok(Some(named.into_iter().collect::<Vec<_>>()).filter(|named| !named.is_empty()))
}

/// Nobody checks what they reported themselves, nor what is about them, nor at two places.
async fn may_decide(tx: &mut Tx, check: &ProfileCheck, number: &str) -> Result<()> {
    let message = match rows::barred(tx, check, number).await? {
        None => return Ok(()),
        Some(Barred::Reported) => say!("不能核对自己上报的数据", "nobody checks what they reported themselves"),
        Some(Barred::Concerned) => say!("不能核对自己的薪酬基数", "nobody checks their own pay inputs"),
        Some(Barred::Decided) => say!("须由另一人核对", "somebody else checks it: you have checked it before"),
    };
    Err(Problem::not_permitted(message))
}

/// Where all who decide in the step have, the next ones are asked, but for places where everybody has decided already or may not;
/// after the last the inputs go into the profiles.
async fn approve(tx: &mut Tx, check: &ProfileCheck, step: &Step) -> Result<()> {
    let decisions = step_rows::decisions(tx, &[step.id]).await?;
    if let Together::Waiting(_) = together(step, &decisions) {
        return telling::tasks(tx, check.id, &[step.id]).await;
    }
    step_rows::end(tx, step.id, StepState::Done, date_of(tx.now)).await?;
    telling::tasks(tx, check.id, &[step.id]).await?;
    let place = |place: Vec<String>| place.iter().filter_map(|actor| actor.parse().ok()).collect();
    let places: Vec<Vec<Actor>> = check.chain().into_iter().map(place).collect();
    let mut next = step.place + 1;
    while let Some(actors) = reporting::at(&places, next) {
        if reporting::has_somebody(tx, check, actors).await? {
            return reporting::open(tx, check.id, actors.to_vec(), next).await;
        }
        next += 1;
    }
    rows::set_step(tx, check.id, None).await?;
    let approved = rows::approve(tx, check).await?;
    changing::lay_over(tx, check.effective_on, &check.id.to_string(), &approved).await
}

/// What is sent back is kept as a decision of its own; the others still wait. Nobody is paid without it until it is reported anew.
async fn send_back(
    tx: &mut Tx,
    check: &ProfileCheck,
    step: &Step,
    named: Option<&[ReturnedInput]>,
    reason: &str,
) -> Result<()> {
    let returned = rows::send_back(tx, check.id, named).await?;
    if named.is_some_and(|named| named.len() != returned.len()) {
        let message =
            say!("其中有数据不在本次上报中，或已不待核对", "some of them are not in this report, or wait no more");
        return Err(Problem::field("/inputs", message));
    }
    if i64::try_from(returned.len()) == Ok(check.waiting) {
        step_rows::end(tx, step.id, StepState::Returned, date_of(tx.now)).await?;
        rows::set_step(tx, check.id, None).await?;
    } else {
        step_rows::begin_round(tx, step.id).await?;
    }
    telling::tasks(tx, check.id, &[step.id]).await?;
    let decisions = step_rows::decisions(tx, &[step.id]).await?.len();
    telling::returned(tx, check, &format!("{}/{decisions}", step.id), returned.len(), reason).await
}
