//! Approving reported values, or sending them back.

use events::Subject;
use platform::clock::date_of;
use platform::sql::Lock;
use platform::web::Errors;
use platform::{Problem, Result, Tx, say};
use serde_json::json;
use steps::steps::deciding::{self, Said};
use steps::steps::rules::{Together, together};
use steps::steps::{Step, StepState, rows as step_rows};
use uuid::Uuid;

use super::fact_check::{CheckingVerdict, FactCheck, FactDecision};
use super::{opening, rows, telling};
use crate::approvals::deciding::acts_as;
use crate::approvals::ending;
use crate::cycles::cycle::Cycle;
use crate::cycles::rows as cycles;
use crate::facts::asking;
use crate::results::published;
use crate::runs::telling::follow;
use crate::sheets::rows as sheets;
use crate::subjects::rows as subjects;
use crate::subjects::subject;
use crate::tasks;
use crate::viewer::Viewer;

const MOST: usize = 1000;

/// Decides in a step, and does what follows.
pub async fn decide(tx: &mut Tx, viewer: &Viewer, id: Uuid, new: &FactDecision) -> Result<()> {
    let values = checked(new)?;
    let check = rows::get(tx, id).await?;
    let cycle = cycles::get(tx, check.cycle, Lock::Update).await?;
    cycle.state.check_entering()?;
    let step = step_rows::get(tx, id, Lock::Update).await?;
    let number = deciding::number(viewer.number.as_deref())?;
    let said = Said { verdict: new.verdict.as_str(), reason: new.reason.as_deref(), session: None, by_any: true };
    let detail = json!({ "values": new.values });
    let decision = deciding::decide(tx, &step, number, |actor| acts_as(viewer, actor), said, detail).await?;
    if check.reported_by == viewer.name {
        return Err(Problem::not_permitted(say!(
            "不能核对自己上报的数据",
            "nobody checks what they reported themselves"
        )));
    }
    let reported = rows::subjects_of(tx, check.report).await?;
    let about = subjects::named(tx, cycle.id, &reported).await?;
    if about.iter().any(|one| one.is_person(number) || one.is_led_by(number)) {
        return Err(Problem::not_permitted(say!(
            "不能核对自己或所负责部门的数据",
            "nobody checks values about themselves, or the unit they lead"
        )));
    }
    let about = json!({ "step": id, "report": check.report, "verdict": new.verdict, "for": decision.actor, "values": new.values });
    tx.audit("facts.checked", &cycle.id.to_string(), about).await?;
    match new.verdict {
        CheckingVerdict::Approved => approve(tx, &cycle, &check, &step).await?,
        CheckingVerdict::Returned => {
            let (gone, left) = rows::send_back(tx, check.report, values.as_deref()).await?;
            if values.as_ref().is_some_and(|all| i64::try_from(all.len()) != Ok(gone)) {
                let message = say!("其中有值不在本次上报中", "some of them are not in this report, or wait no more");
                return Err(Problem::field("/values", message));
            }
            // What is sent back is kept as a decision of its own; the others still wait.
            if left == 0 {
                step_rows::end(tx, id, StepState::Returned, date_of(tx.now)).await?;
            } else {
                step_rows::begin_round(tx, id).await?;
            }
            telling::tasks(tx, &cycle, &[id]).await?;
            ask(tx, &cycle, reported).await?;
            telling::returned(tx, &cycle, &check, gone, &decision.reason).await?;
        }
    }
    follow(tx, cycle.id).await
}

/// What is sent back by name; none: all of it.
fn checked(new: &FactDecision) -> Result<Option<Vec<(Subject, String)>>> {
    let mut errors = Errors::default();
    match (new.verdict, &new.reason) {
        (_, Some(reason)) => errors.check_text("/reason", reason),
        (CheckingVerdict::Returned, None) => {
            errors.add("/reason", say!("退回须说明理由", "what is sent back needs a reason"))
        }
        (CheckingVerdict::Approved, None) => {}
    }
    if new.verdict == CheckingVerdict::Approved && !new.values.is_empty() {
        errors.add("/values", say!("批准时不写", "nothing is sent back here"));
    }
    if new.values.len() > MOST {
        errors.add("/values", say!("最多 {MOST} 个", "{MOST} at most"));
    }
    let mut values = Vec::new();
    for (at, value) in new.values.iter().enumerate() {
        match subject::read(&format!("/values/{at}/subject"), &value.subject) {
            Ok(subject) => values.push((subject, value.path.clone())),
            Err(problem) => problem.errors.into_iter().for_each(|error| errors.add(error.pointer, error.detail)),
        }
    }
    errors.check()?;
    Ok(Some(values).filter(|values| !values.is_empty()))
}

/// Where all who decide in the step have, the next ones are asked; after the last the values count.
async fn approve(tx: &mut Tx, cycle: &Cycle, check: &FactCheck, step: &Step) -> Result<()> {
    let decisions = step_rows::decisions(tx, &[step.id]).await?;
    if let Together::Waiting(_) = together(step, &decisions) {
        return telling::tasks(tx, cycle, &[step.id]).await;
    }
    step_rows::end(tx, step.id, StepState::Done, date_of(tx.now)).await?;
    let mut changed = vec![step.id];
    let next = opening::open_place(tx, cycle, check.report, &check.chain(), check.place + 1).await?;
    changed.extend(next);
    telling::tasks(tx, cycle, &changed).await?;
    if next.is_some() {
        return Ok(());
    }
    let about = rows::subjects_of(tx, check.report).await?;
    if let Some(first) = published::subjects(tx, cycle.id, &about).await?.first() {
        let message = say!(
            "{first} 的结果已发布，只能通过更正修改：请退回该值",
            "the result of {first} is published and changes only by a correction: send the value back"
        );
        return Err(Problem::wrong_state(message));
    }
    let confirmed = rows::confirm(tx, cycle.id, check.report).await?;
    sheets::touch(tx, cycle.id, &about).await?;
    ending::reopen(tx, cycle).await?;
    ask(tx, cycle, confirmed.into_iter().map(|(subject, _)| subject).collect()).await
}

/// Whoever has to give values of units and of the company has them as tasks, or has not any more.
async fn ask(tx: &mut Tx, cycle: &Cycle, about: Vec<Subject>) -> Result<()> {
    let asked: Vec<Subject> = about.into_iter().filter(asking::is_asked).collect();
    if asked.is_empty() { Ok(()) } else { tasks::following::bring_up_to_date(tx, cycle, &asked).await }
}
