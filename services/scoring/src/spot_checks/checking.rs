//! Drawing units, recommending, answering and settling.

use std::collections::BTreeSet;

use events::Subject;
use platform::clock::date_of;
use platform::sql::Lock;
use platform::web::Errors;
use platform::{Problem, Result, Tx, say};
use serde_json::json;
use steps::steps::{Actor, NewDecision, NewStep, Step, StepState, rows as step_rows};
use uuid::Uuid;

use super::spot_check::{
    CheckAnswer, CheckSettlement, CheckState, CheckVerdict, CheckingStage, Conclusion, NewSpotChecks, SpotCheck,
};
use super::{rows, telling};
use crate::approvals::deciding::acts_as;
use crate::approvals::ending;
use crate::assignments::submitting;
use crate::cycles::cycle::{Cycle, State};
use crate::cycles::rows as cycles;
use crate::cycles::rules::check_reason;
use crate::results::published;
use crate::runs::telling::follow;
use crate::subjects::rows as subjects;
use crate::subjects::subject::{self, Appraised};
use crate::viewer::Viewer;

const MOST: usize = 100;

/// Draws units, which somebody then looks at.
pub async fn draw(tx: &mut Tx, viewer: &Viewer, cycle: Uuid, new: &NewSpotChecks) -> Result<Vec<SpotCheck>> {
    let cycle = cycles::get(tx, cycle, Lock::Update).await?;
    if cycle.state != State::Computed {
        return Err(Problem::wrong_state(say!(
            "请在结算后、发布前抽查",
            "units are drawn once the cycle is computed, before it is published"
        )));
    }
    let stages = CheckingStage::of(&cycle)?;
    let asked = |stage: &&CheckingStage| new.stage.as_ref().is_none_or(|code| stage.code == *code);
    let Some(stage) = stages.iter().find(asked) else {
        return Err(Problem::wrong_state(say!("方案没有抽查阶段", "the scheme has no such stage of spot checks")));
    };
    if !acts_as(viewer, &stage.checker) {
        let who = stage.checker.to_string();
        return Err(Problem::not_permitted(say!("由 {who} 抽查", "{who} draws units")));
    }
    if new.units.is_empty() || new.units.len() > MOST {
        return Err(Problem::field("/units", say!("须有 1 到 {MOST} 个部门", "1 to {MOST} of them")));
    }
    let known = subjects::units(tx, cycle.id, Some(&new.units)).await?;
    let open = rows::open(tx, cycle.id).await?;
    let mut errors = Errors::default();
    let mut seen = BTreeSet::new();
    for (at, code) in new.units.iter().enumerate() {
        let here = format!("/units/{at}");
        match known.iter().find(|unit| unit.subject == *code) {
            None => errors.add(here, say!("本周期没有该部门", "the cycle has no such unit")),
            Some(unit) if is_own(tx, viewer, &cycle, unit).await? => {
                errors.add(here, say!("不能抽查自己所在的部门", "nobody looks at their own unit"));
            }
            Some(_) if !seen.insert(code) || open.iter().any(|one| one.unit == *code) => {
                errors.add(here, say!("该部门已在抽查中", "the unit is being looked at already"));
            }
            Some(_) => {}
        }
    }
    errors.check()?;
    let today = date_of(tx.now);
    let check = |unit: &String| SpotCheck {
        id: Uuid::now_v7(),
        cycle: cycle.id,
        stage: stage.code.clone(),
        unit: unit.clone(),
        checker: stage.checker.to_string(),
        state: CheckState::Drawn,
        subjects: Vec::new(),
        drawn_by: tx.actor.name.clone(),
        drawn_at: tx.now,
    };
    let drawn: Vec<SpotCheck> = new.units.iter().map(check).collect();
    rows::insert(tx, &drawn).await?;
    let step = |one: &SpotCheck| NewStep {
        about: SpotCheck::about(one.id),
        place: 1,
        actors: vec![stage.checker.clone()],
        due: stage.due,
    };
    let steps: Vec<NewStep> = drawn.iter().map(step).collect();
    step_rows::open_many(tx, &steps, today).await?;
    tx.audit("spot-checks.drawn", &cycle.id.to_string(), json!({ "units": new.units })).await?;
    let ids: Vec<Uuid> = drawn.iter().map(|one| one.id).collect();
    telling::tasks(tx, &cycle, &ids).await?;
    follow(tx, cycle.id).await?;
    Ok(drawn)
}

async fn is_own(tx: &mut Tx, viewer: &Viewer, cycle: &Cycle, unit: &Appraised) -> Result<bool> {
    let own_unit = subjects::unit_of(tx, cycle.id, viewer.number.as_deref()).await?;
    Ok(viewer.is_concerned_by(unit, own_unit.as_deref()))
}

/// A spot check in a state, with its cycle and the step that waits for the caller.
async fn waiting(tx: &mut Tx, viewer: &Viewer, id: Uuid, state: CheckState) -> Result<(Cycle, SpotCheck, Step)> {
    let cycle = rows::get(tx, id).await?.cycle;
    let cycle = cycles::get(tx, cycle, Lock::Update).await?;
    cycle.state.check_entering()?;
    let check = rows::get(tx, id).await?;
    let steps = rows::steps_of(tx, &[id]).await?;
    let acts = |step: &Step| step.actors().iter().any(|actor| acts_as(viewer, actor));
    if !viewer.sees_all() && !steps.iter().any(acts) {
        return Err(Problem::not_found(say!("抽查", "spot check")));
    }
    let step = steps.into_iter().find(|step| step.state == StepState::Open).filter(|_| check.state == state);
    let Some(step) = step else {
        return Err(Problem::wrong_state(say!("抽查已进入其他步骤", "the spot check is at another step")));
    };
    if !acts(&step) {
        return Err(Problem::not_permitted(say!("此步骤由他人处理", "this step is for somebody else")));
    }
    if state != CheckState::Recommended {
        let unit = subjects::get(tx, cycle.id, &Subject::unit(&check.unit)).await?;
        if is_own(tx, viewer, &cycle, &unit).await? {
            return Err(Problem::not_permitted(say!("不能抽查自己所在的部门", "nobody looks at their own unit")));
        }
    }
    Ok((cycle, check, step))
}

/// Decides in a step, and opens the next one, if there is one.
async fn go_on(
    tx: &mut Tx,
    cycle: &Cycle,
    check: &SpotCheck,
    step: &Step,
    said: (&str, &str),
    next: Option<Vec<Actor>>,
) -> Result<()> {
    let today = date_of(tx.now);
    let (verdict, words) = said;
    let decision = NewDecision {
        actor: step.actors.first().cloned().unwrap_or_default(),
        verdict: verdict.to_owned(),
        reason: words.trim().to_owned(),
        detail: json!({}),
        session: None,
    };
    step_rows::decide(tx, step, &decision).await?;
    step_rows::end(tx, step.id, StepState::Done, today).await?;
    if let Some(actors) = next {
        let due = CheckingStage::of(cycle)?.into_iter().find(|stage| stage.code == check.stage).and_then(|one| one.due);
        let new = NewStep { about: SpotCheck::about(check.id), place: step.place + 1, actors, due };
        step_rows::open(tx, &new, today).await?;
    }
    let detail = json!({ "unit": check.unit, "verdict": verdict, "subjects": check.subjects });
    tx.audit("spot-checks.went-on", &check.id.to_string(), detail).await?;
    telling::tasks(tx, cycle, &[check.id]).await?;
    follow(tx, cycle.id).await
}

/// Recommends something to the unit, or finds everything in order.
pub async fn conclude(tx: &mut Tx, viewer: &Viewer, id: Uuid, new: &Conclusion) -> Result<()> {
    let (cycle, check, step) = waiting(tx, viewer, id, CheckState::Drawn).await?;
    let Some(recommendation) = &new.recommendation else {
        if !new.subjects.is_empty() {
            return Err(Problem::field("/recommendation", say!("请写明建议", "say what is recommended")));
        }
        rows::set(tx, id, CheckState::Settled, None).await?;
        return go_on(tx, &cycle, &check, &step, ("in_order", ""), None).await;
    };
    let mut errors = Errors::default();
    errors.check_text("/recommendation", recommendation);
    if new.subjects.is_empty() || new.subjects.len() > MOST {
        errors.add("/subjects", say!("须写明涉及谁，1 到 {MOST} 个", "say whose results, 1 to {MOST} of them"));
    }
    let mut wanted = Vec::new();
    for (at, text) in new.subjects.iter().enumerate() {
        match subject::read(&format!("/subjects/{at}"), text) {
            Ok(subject) => wanted.push(subject),
            Err(problem) => problem.errors.into_iter().for_each(|error| errors.add(error.pointer, error.detail)),
        }
    }
    let known = subjects::named(tx, cycle.id, &wanted).await?;
    let released = published::subjects(tx, cycle.id, &wanted).await?;
    for (at, subject) in wanted.iter().enumerate() {
        if !known.iter().any(|one| one.is(subject) && one.unit == check.unit) {
            errors.add(format!("/subjects/{at}"), say!("不属于该部门", "it is not of this unit"));
        } else if released.contains(subject) {
            let message =
                say!("结果已发布，只能通过更正修改", "the result is published and changes only by a correction");
            errors.add(format!("/subjects/{at}"), message);
        }
    }
    errors.check()?;
    let unit = subjects::get(tx, cycle.id, &Subject::unit(&check.unit)).await?;
    // Nobody answers what is recommended about themselves: whoever is in charge does, or HR.
    let is_free = |number: &&str| !wanted.contains(&Subject::person(*number)) && !wanted.contains(&unit.key());
    let mut answers = unit.heads().filter(is_free).chain(unit.leader.as_deref());
    let next = answers.next().map_or_else(|| Actor::Role("hr".to_owned()), |number| Actor::Person(number.to_owned()));
    let next = vec![next];
    let subjects: Vec<String> = wanted.iter().map(ToString::to_string).collect();
    rows::set(tx, id, CheckState::Recommended, Some(&subjects)).await?;
    let check = SpotCheck { subjects, ..check };
    go_on(tx, &cycle, &check, &step, ("recommended", recommendation), Some(next)).await
}

/// The unit's head answers: by scoring anew, or with the reason why the result stands.
pub async fn answer(tx: &mut Tx, viewer: &Viewer, id: Uuid, new: &CheckAnswer) -> Result<()> {
    check_reason(&new.reason)?;
    let (cycle, check, step) = waiting(tx, viewer, id, CheckState::Recommended).await?;
    if check
        .subjects
        .iter()
        .any(|text| viewer.number.as_ref().is_some_and(|number| *text == format!("person:{number}")))
    {
        let message = say!("不能答复关于自己的建议", "nobody answers what is recommended about themselves");
        return Err(Problem::not_permitted(message));
    }
    let next: Vec<Actor> = check.checker.parse().into_iter().collect();
    rows::set(tx, id, CheckState::Answered, None).await?;
    go_on(tx, &cycle, &check, &step, (&new.verdict.to_string(), &new.reason), Some(next)).await?;
    if new.verdict == CheckVerdict::Stands {
        return Ok(());
    }
    ending::reopen(tx, &cycle).await?;
    for text in &check.subjects {
        let subject = subject::read("/subjects", text)?;
        submitting::give_all_back(tx, &cycle, viewer, &subject, &new.reason).await?;
    }
    Ok(())
}

/// Whoever recommended is content, or has put it right: nothing waits for it any more.
pub async fn settle(tx: &mut Tx, viewer: &Viewer, id: Uuid, new: &CheckSettlement) -> Result<()> {
    check_reason(&new.reason)?;
    let (cycle, check, step) = waiting(tx, viewer, id, CheckState::Answered).await?;
    rows::set(tx, id, CheckState::Settled, None).await?;
    go_on(tx, &cycle, &check, &step, ("settled", &new.reason), None).await
}

/// Nothing of a cancelled cycle is looked at any more.
pub async fn end_all(tx: &mut Tx, cycle: &Cycle) -> Result<()> {
    let open = rows::open(tx, cycle.id).await?;
    let ids: Vec<Uuid> = open.iter().map(|one| one.id).collect();
    if ids.is_empty() {
        return Ok(());
    }
    let steps: Vec<Uuid> = rows::steps_of(tx, &ids).await?.iter().map(|step| step.id).collect();
    step_rows::void(tx, &steps, date_of(tx.now)).await?;
    for id in &ids {
        rows::set(tx, *id, CheckState::Settled, None).await?;
    }
    telling::tasks(tx, cycle, &ids).await
}
