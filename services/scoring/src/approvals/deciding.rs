//! Approving what was computed, or sending it back.

use std::collections::BTreeSet;

use events::Subject;
use platform::clock::date_of;
use platform::sql::Lock;
use platform::web::Errors;
use platform::{Problem, Result, Tx, say};
use serde::Deserialize;
use serde_json::json;
use steps::steps::deciding::{self, Said};
use steps::steps::rules::{Together, together};
use steps::steps::{Actor, NewSession, Step, StepState, rows as step_rows};
use utoipa::ToSchema;
use uuid::Uuid;

use super::approval::{Approval, DecidingStage, Verdict};
use super::rules::{Board, undone};
use super::{ending, opening, rows, telling};
use crate::assignments::submitting;
use crate::cycles::cycle::{Cycle, State};
use crate::cycles::rows as cycles;
use crate::results::involved::{self, Decider};
use crate::runs::rows as runs;
use crate::runs::telling::follow;
use crate::subjects::rows as subjects;
use crate::subjects::subject;
use crate::viewer::Viewer;

/// What somebody decides about what was computed.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "verdict": "returned", "reason": "E001 的出勤与考勤不符", "subjects": ["person:E001"] }))]
pub struct ApprovalDecision {
    #[schema(inline)]
    pub verdict: Verdict,
    /// Why; needed where something is sent back. 1 to 4000 characters.
    #[serde(default)]
    pub reason: Option<String>,
    /// What is sent back: `person:NUMBER`, `unit:CODE`; 1 to 100.
    #[serde(default)]
    pub subjects: Vec<String>,
    /// Where a body decides: the session.
    #[serde(default)]
    pub session: Option<NewSession>,
}

const MOST_SUBJECTS: usize = 100;

/// An approval with its cycle, both held until the transaction ends.
pub async fn held(tx: &mut Tx, step: Uuid) -> Result<(Cycle, Approval, Step)> {
    let approval = rows::get(tx, step).await?;
    let cycle = cycles::get(tx, approval.cycle, Lock::Update).await?;
    let step = step_rows::get(tx, step, Lock::Update).await?;
    let current = runs::last(tx, cycle.id).await? == approval.run && cycle.state == State::Computed;
    if step.state != StepState::Open || !current {
        return Err(deciding::ended());
    }
    Ok((cycle, approval, step))
}

/// Decides in a step, and does what follows.
pub async fn decide(tx: &mut Tx, viewer: &Viewer, step: Uuid, new: &ApprovalDecision) -> Result<()> {
    let returned = check(new)?;
    let (cycle, approval, step) = held(tx, step).await?;
    let number = deciding::number(viewer.number.as_deref())?;
    let said = Said {
        verdict: new.verdict.as_str(),
        reason: new.reason.as_deref(),
        session: new.session.as_ref(),
        by_any: false,
    };
    let detail = json!({ "subjects": new.subjects });
    let decision = deciding::decide(tx, &step, number, |actor| acts_as(viewer, actor), said, detail).await?;
    let about = json!({ "step": step.id, "stage": approval.stage, "unit": approval.unit, "verdict": new.verdict,
        "for": decision.actor, "subjects": new.subjects });
    tx.audit("results.decided", &cycle.id.to_string(), about).await?;
    match new.verdict {
        Verdict::Approved => approve(tx, &cycle, &approval, &step).await,
        Verdict::Returned => send_back(tx, viewer, &cycle, &approval, &returned, &decision.reason).await,
    }
}

/// What is sent back.
fn check(new: &ApprovalDecision) -> Result<Vec<Subject>> {
    let mut errors = Errors::default();
    match (new.verdict, &new.reason) {
        (_, Some(reason)) => errors.check_text("/reason", reason),
        (Verdict::Returned, None) => errors.add("/reason", say!("退回须说明理由", "what is sent back needs a reason")),
        (Verdict::Approved, None) => {}
    }
    let wanted = if new.verdict == Verdict::Returned { 1..=MOST_SUBJECTS } else { 0..=0 };
    if !wanted.contains(&new.subjects.len()) {
        let message = match new.verdict {
            Verdict::Returned => {
                say!("须写明退回谁，1 到 {MOST_SUBJECTS} 个", "say whose, 1 to {MOST_SUBJECTS} of them")
            }
            Verdict::Approved => say!("批准时不写", "nothing is sent back here"),
        };
        errors.add("/subjects", message);
    }
    let mut subjects = Vec::new();
    for (at, text) in new.subjects.iter().enumerate() {
        match subject::read(&format!("/subjects/{at}"), text) {
            Ok(subject) => subjects.push(subject),
            Err(problem) => problem.errors.into_iter().for_each(|error| errors.add(error.pointer, error.detail)),
        }
    }
    errors.check()?;
    Ok(subjects)
}

/// Whether the caller is one of those whom an actor means.
pub fn acts_as(viewer: &Viewer, actor: &Actor) -> bool {
    match actor {
        Actor::Person(number) => viewer.decides_for(number),
        Actor::Role(role) => viewer.has(role),
        Actor::Body { code, office } => viewer.sits_in(code, office.as_deref()),
    }
}

/// Where all who decide in the step have approved, the next ones are asked; what only those who scored have approved is
/// not approved.
async fn approve(tx: &mut Tx, cycle: &Cycle, approval: &Approval, step: &Step) -> Result<()> {
    let decisions = step_rows::decisions(tx, &[step.id]).await?;
    if let Together::Waiting(_) = together(step, &decisions) {
        return telling::tasks(tx, cycle, std::slice::from_ref(approval)).await;
    }
    step_rows::end(tx, step.id, StepState::Done, date_of(tx.now)).await?;
    let stages = DecidingStage::of(cycle)?;
    let units = rows::units(tx, cycle.id).await?;
    let approvals = rows::of_run(tx, cycle.id, approval.run).await?;
    let of_step: Vec<&str> = if approval.unit.is_empty() {
        units.iter().map(|unit| unit.code.as_str()).collect()
    } else {
        vec![approval.unit.as_str()]
    };
    let approved = Board::of(&stages, &units, &approvals).approved(&of_step);
    if !approved.is_empty() {
        check_somebody_else(tx, cycle, &approvals, &approved).await?;
    }
    telling::tasks(tx, cycle, std::slice::from_ref(approval)).await?;
    opening::open_due(tx, cycle).await?;
    follow(tx, cycle.id).await
}

/// Each result has been approved by somebody who gave nothing that it stands on and whom it is not about. What was decided
/// before somebody else was named counts no more.
async fn check_somebody_else(tx: &mut Tx, cycle: &Cycle, approvals: &[Approval], units: &[&str]) -> Result<()> {
    let done: Vec<&Approval> = approvals.iter().filter(|one| one.state == StepState::Done).collect();
    let ids: Vec<Uuid> = done.iter().map(|one| one.step).collect();
    let steps = step_rows::many(tx, &ids).await?;
    let decisions = step_rows::decisions(tx, &ids).await?;
    let sessions = step_rows::sessions(tx, &ids).await?;
    let mut deciders = BTreeSet::new();
    for one in done {
        let round = steps.iter().find(|step| step.id == one.step).map(|step| step.round);
        for decision in decisions.iter().filter(|made| made.step == one.step && Some(made.round) == round) {
            let decider = |number: &str, acted_for: &str| {
                let (unit, categories) = (one.unit.clone(), one.categories.clone());
                Decider { unit, categories, number: number.to_owned(), acted_for: acted_for.to_owned() }
            };
            let acted_for = decision.actor.strip_prefix("person:").unwrap_or(&decision.by);
            deciders.insert(decider(&decision.by, acted_for));
            let session = sessions.iter().find(|session| Some(session.id) == decision.session);
            deciders.extend(session.iter().flat_map(|session| &session.present).map(|number| decider(number, number)));
        }
    }
    let alone = involved::approved_by_nobody_else(tx, cycle.id, units, &deciders).await?;
    let Some(first) = alone.first() else { return Ok(()) };
    Err(Problem::not_permitted(say!(
        "{first} 的结果须由未参与其评分的他人批准：评分人和本人不能独自批准",
        "those who scored {first}, or whom the result is about, do not approve it alone: somebody else has to, too"
    )))
}

/// Sends subjects back: to a stage that decides, which begins again for their units; else to those who score, after whom
/// everything is computed anew.
async fn send_back(
    tx: &mut Tx,
    viewer: &Viewer,
    cycle: &Cycle,
    approval: &Approval,
    subjects: &[Subject],
    reason: &str,
) -> Result<()> {
    let units = units_of(tx, cycle, approval, subjects).await?;
    let today = date_of(tx.now);
    step_rows::end(tx, approval.step, StepState::Returned, today).await?;
    let stages = DecidingStage::of(cycle)?;
    let back_to = stages.iter().find(|stage| stage.code == approval.stage).and_then(|stage| stage.back_to.as_ref());
    let deciding = back_to.and_then(|code| stages.iter().position(|stage| stage.code == *code));
    let mut approvals = rows::of_run(tx, cycle.id, approval.run).await?;
    if let Some(back_to) = deciding {
        let gone = undone(&stages, back_to, &units, &approvals);
        approvals.retain(|one| gone.contains(&one.step));
        step_rows::void(tx, &gone, today).await?;
        telling::tasks(tx, cycle, &approvals).await?;
        opening::open_due(tx, cycle).await?;
        return follow(tx, cycle.id).await;
    }
    telling::tasks(tx, cycle, std::slice::from_ref(approval)).await?;
    ending::reopen(tx, cycle).await?;
    for subject in subjects {
        submitting::give_all_back(tx, cycle, viewer, subject, reason).await?;
    }
    Ok(())
}

/// The units of what is sent back, all of which the step is about.
async fn units_of(tx: &mut Tx, cycle: &Cycle, approval: &Approval, wanted: &[Subject]) -> Result<Vec<String>> {
    let known = subjects::named(tx, cycle.id, wanted).await?;
    let mut errors = Errors::default();
    let mut units = Vec::new();
    for (at, subject) in wanted.iter().enumerate() {
        match known.iter().find(|one| one.is(subject)) {
            Some(one) if approval.is_about(one) => units.push(one.unit.clone()),
            Some(_) => errors.add(format!("/subjects/{at}"), say!("不在本步骤范围内", "this step is not about it")),
            None => {
                errors.add(format!("/subjects/{at}"), say!("本周期没有该考核对象", "the cycle has no such subject"))
            }
        }
    }
    errors.check()?;
    Ok(units)
}
