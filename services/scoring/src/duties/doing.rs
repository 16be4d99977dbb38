//! Doing a duty, and striking one that is late.

use platform::clock::date_of;
use platform::sql::Lock;
use platform::web::Errors;
use platform::{Problem, Result, Tx, say};
use serde_json::json;
use steps::steps::deciding;
use steps::steps::{StepState, rows as step_rows};
use uuid::Uuid;

use super::duty::{Done, Duty};
use super::{rows, telling};
use crate::approvals::ending;
use crate::cycles::cycle::{Cycle, State};
use crate::cycles::rows as cycles;
use crate::cycles::rules::check_text;
use crate::reports::rows::Reader;
use crate::results::published;
use crate::viewer::Viewer;

/// Who says that a duty is done: whose it is, or, with its day, HR or their superior.
pub fn says_done(viewer: &Viewer, one: &Duty) -> bool {
    viewer.is(&one.number) || viewer.hr || viewer.is_any(one.superior.as_deref())
}

/// Who strikes a late one: whoever scores the person, or runs the appraisal; nobody their own.
fn strikes(viewer: &Viewer, one: &Duty, rates: bool) -> bool {
    !viewer.is(&one.number) && (rates || viewer.hr || viewer.is_any(one.superior.as_deref()))
}

/// The operations on a duty that the caller may call now; whether they rate whose it is.
pub fn actions(viewer: &Viewer, one: &Duty, is_late: bool, rates: bool) -> Vec<&'static str> {
    let mut actions = Vec::new();
    if one.state == StepState::Open && says_done(viewer, one) {
        actions.push("do_duty");
    }
    if is_late && one.struck_at.is_none() && strikes(viewer, one, rates) {
        actions.push("strike_duty");
    }
    actions
}

/// A duty with its cycle, which is held and whose results are not all there yet.
async fn held(tx: &mut Tx, viewer: &Viewer, id: Uuid) -> Result<(Cycle, Duty)> {
    let actors = viewer.actors();
    let reader = Reader::of(viewer, &actors);
    let one = rows::get(tx, id, &reader).await?;
    let cycle = cycles::get(tx, one.cycle, Lock::Update).await?;
    if cycle.state == State::Cancelled {
        return Err(Problem::wrong_state(say!("考核周期已取消", "the cycle has been cancelled")));
    }
    let one = rows::get(tx, one.step, &reader).await?;
    Ok((cycle, one))
}

/// It is done: today, or on a day that HR or the superior enters.
pub async fn done(tx: &mut Tx, viewer: &Viewer, id: Uuid, new: &Done) -> Result<()> {
    let (cycle, one) = held(tx, viewer, id).await?;
    if !says_done(viewer, &one) {
        return Err(Problem::not_permitted(say!("由本人办理", "this is for somebody else to do")));
    }
    if one.state != StepState::Open {
        return Err(deciding::ended());
    }
    let today = date_of(tx.now);
    let on = new.on.unwrap_or(today);
    let mut errors = Errors::default();
    if let Some(note) = &new.note {
        errors.check_text("/note", note);
    }
    if on > today {
        errors.add("/on", say!("不能晚于今天", "not after today"));
    }
    if new.on.is_some_and(|on| on != today) && viewer.is(&one.number) {
        errors.add("/on", say!("由上级或人力资源登记日期", "the superior or HR enters another day"));
    }
    errors.check()?;
    rows::set_done(tx, id, on, &viewer.name, new.note.as_deref().map(str::trim)).await?;
    step_rows::end(tx, id, StepState::Done, today).await?;
    let told = json!({ "duty": one.duty, "number": one.number, "on": on });
    tx.audit("duties.done", &id.to_string(), told).await?;
    let one = rows::many(tx, &[id]).await?;
    telling::tasks(tx, &cycle, &one).await
}

/// A report was handed in: the duties of its code are done.
pub async fn done_by_report(tx: &mut Tx, cycle: &Cycle, number: &str, stage: &str) -> Result<()> {
    let (today, by) = (date_of(tx.now), tx.actor.name.clone());
    for step in rows::open_of(tx, cycle.id, number, stage).await? {
        rows::set_done(tx, step, today, &by, None).await?;
        step_rows::end(tx, step, StepState::Done, today).await?;
    }
    Ok(())
}

/// One that is late counts for nothing, as whoever scores the person says.
pub async fn strike(tx: &mut Tx, viewer: &Viewer, id: Uuid, reason: &str) -> Result<()> {
    check_text("/reason", reason)?;
    let (cycle, one) = held(tx, viewer, id).await?;
    let rates = !rows::rated_by(tx, viewer, std::slice::from_ref(&one)).await?.is_empty();
    if !strikes(viewer, &one, rates) {
        return Err(Problem::not_permitted(say!("由评分人删除", "whoever scores them strikes it")));
    }
    if !one.is_late(date_of(tx.now)) || one.struck_at.is_some() {
        return Err(Problem::wrong_state(say!("没有可删除的逾期", "there is nothing late to strike")));
    }
    let person = events::Subject::person(&one.number);
    if !published::subjects(tx, cycle.id, std::slice::from_ref(&person)).await?.is_empty() {
        return Err(Problem::wrong_state(say!(
            "结果已发布，只能通过更正修改",
            "the result is published and changes only by a correction"
        )));
    }
    rows::strike(tx, id, &viewer.name, reason.trim()).await?;
    ending::reopen(tx, &cycle).await?;
    let told = json!({ "duty": one.duty, "number": one.number, "due": one.due, "reason": reason.trim() });
    tx.audit("duties.struck", &id.to_string(), told).await
}
