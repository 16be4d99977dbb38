//! Stating an opinion, and answering it.

use platform::clock::date_of;
use platform::sql::Lock;
use platform::{Problem, Result, Tx, say};
use serde_json::json;
use steps::steps::{Actor, NewDecision, NewStep, StepState, rows as step_rows};
use uuid::Uuid;

use super::opinion::{Opinion, OpinionAnswer, OpinionStage, OpinionVerdict};
use super::{rows, telling};
use crate::approvals::deciding::acts_as;
use crate::assignments::acting::rater;
use crate::assignments::assignment::RaterKind;
use crate::cycles::rows as cycles;
use crate::cycles::rules::check_text;
use crate::results::rows::{self as results, ResultRow};
use crate::sheets::sheet::id_of;
use crate::subjects::rows as subjects;
use crate::subjects::subject::Appraised;
use crate::viewer::Viewer;

/// Whether the caller answers an opinion: whom its step names, or HR; nobody their own.
pub fn answers(viewer: &Viewer, one: &Opinion) -> bool {
    !viewer.is(&one.number) && (viewer.hr || one.actors().iter().any(|actor| acts_as(viewer, actor)))
}

/// The operations on an opinion that the caller may call now.
pub fn actions(viewer: &Viewer, one: &Opinion) -> Vec<&'static str> {
    if one.state == StepState::Open && answers(viewer, one) { vec!["answer_opinion"] } else { Vec::new() }
}

/// A person says what they think of their own result: a published one, or one that is computed where people are heard before.
pub async fn state(tx: &mut Tx, viewer: &Viewer, result: Uuid, words: &str) -> Result<Opinion> {
    check_text("/words", words)?;
    let versions = results::versions(tx, result).await?;
    let no_result = || Problem::not_found(say!("考核结果", "result"));
    let mut own: Vec<ResultRow> =
        versions.into_iter().filter(|version| viewer.is_any(version.number.as_deref())).collect();
    let first = own.first().ok_or_else(no_result)?;
    // Held, so that nobody states two at once.
    let cycle = cycles::get(tx, first.cycle, Lock::Update).await?;
    let early = OpinionStage::hears_now(&cycle)?;
    own.retain(|version| version.published || early);
    let own = own.into_iter().next().ok_or_else(no_result)?;
    let stages = OpinionStage::of(&cycle)?;
    let Some(stage) = stages.first() else {
        return Err(Problem::wrong_state(say!("方案没有反馈意见阶段", "the scheme asks for no opinions")));
    };
    let subject = events::Subject::person(&own.of);
    let before = rows::of_person(tx, cycle.id, &own.of).await?;
    if before.iter().any(|one| one.state == StepState::Open) {
        return Err(Problem::wrong_state(say!("上一条意见尚未答复", "the opinion before is not answered yet")));
    }
    let about = subjects::get(tx, cycle.id, &subject).await?;
    let actors = vec![answerer(stage, &about, viewer)];
    let today = date_of(tx.now);
    let step = NewStep { about: format!("opinion:{}", cycle.id), place: 1, actors, due: stage.due };
    let step = step_rows::open(tx, &step, today).await?;
    let digest = results::digest(tx, result, own.version).await?;
    rows::insert(tx, step, cycle.id, &stage.code, &own.of, (own.version, &digest), words.trim()).await?;
    tx.audit("opinions.stated", &step.to_string(), json!({ "number": own.of, "version": own.version })).await?;
    let one = rows::get(tx, step).await?;
    telling::tasks(tx, &cycle, std::slice::from_ref(&one)).await?;
    Ok(one)
}

/// Whom the stage means, as seen from the person; nobody answers themselves.
fn answerer(stage: &OpinionStage, about: &Appraised, viewer: &Viewer) -> Actor {
    let named = rater(&stage.answerer, about, &viewer.bodies).map(|rater| (rater.kind, rater.id));
    let superior = about.superior.clone().filter(|superior| *superior != about.subject);
    match named {
        Some((RaterKind::Person, number)) if number != about.subject => Actor::Person(number),
        Some((RaterKind::Role, role)) => Actor::Role(role),
        _ => superior.map_or_else(|| Actor::Role("hr".to_owned()), Actor::Person),
    }
}

/// Answers an opinion: by an explanation, or because the result has been corrected since.
pub async fn answer(tx: &mut Tx, viewer: &Viewer, id: Uuid, new: &OpinionAnswer) -> Result<Opinion> {
    check_text("/answer", &new.answer)?;
    let one = rows::get(tx, id).await?;
    if !answers(viewer, &one) {
        return Err(Problem::not_found(say!("意见", "opinion")));
    }
    let cycle = cycles::get(tx, one.cycle, Lock::Share).await?;
    cycle.state.check_not_cancelled()?;
    let step = step_rows::get(tx, id, Lock::Update).await?;
    if step.state != StepState::Open {
        return Err(Problem::wrong_state(say!("该意见已答复", "the opinion is answered already")));
    }
    if new.verdict == OpinionVerdict::Corrected {
        let result = id_of(cycle.id, &events::Subject::person(&one.number));
        let versions = results::versions(tx, result).await?;
        let newest = versions.first().ok_or_else(|| Problem::not_found(say!("考核结果", "result")))?;
        let digest = results::digest(tx, result, newest.version).await?;
        let says_the_same = one.digest.is_empty() || one.digest == digest;
        if newest.version <= one.result_version && says_the_same {
            let message = say!("结果尚未更正或重新计算", "the result has not been corrected or computed anew since");
            return Err(Problem::field("/verdict", message));
        }
    }
    let decision = NewDecision {
        actor: step.actors.first().cloned().unwrap_or_default(),
        verdict: new.verdict.to_string(),
        reason: new.answer.trim().to_owned(),
        detail: json!({}),
        session: None,
    };
    step_rows::decide(tx, &step, &decision).await?;
    step_rows::end(tx, id, StepState::Done, date_of(tx.now)).await?;
    tx.audit("opinions.answered", &id.to_string(), json!({ "number": one.number, "verdict": new.verdict })).await?;
    let one = rows::get(tx, id).await?;
    telling::tasks(tx, &cycle, std::slice::from_ref(&one)).await?;
    telling::answered(tx, &cycle, &one).await?;
    Ok(one)
}
