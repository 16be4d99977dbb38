//! Arranging, recording and commenting on an interview.

use events::{Event, Goal, GoalsAgreed, ResultTold, Subject};
use jiff::civil::Date;
use platform::clock::date_of;
use platform::sql::Lock;
use platform::web::Errors;
use platform::{Problem, Result, Tx, say};
use serde_json::json;
use steps::steps::{StepState, rows as step_rows};
use uuid::Uuid;

use super::interview::{AgreedGoal, Appointment, Interview, InterviewStage, Record};
use super::{rows, telling};
use crate::cycles::cycle::Cycle;
use crate::cycles::rows as cycles;
use crate::viewer::Viewer;

const MOST_GOALS: usize = 20;
const MINUTES: std::ops::RangeInclusive<i32> = 5..=480;
const MOST_LETTERS_OF_PLACE: usize = 200;
const MOST_LETTERS_OF_TITLE: usize = 200;
const MOST_LETTERS_OF_MEASURE: usize = 4000;

/// Whether the caller holds an interview: whom the step names, or HR or an executive; nobody their own.
pub fn holds(viewer: &Viewer, one: &Interview) -> bool {
    let named = || {
        let own = viewer.own_actors();
        one.actors.iter().any(|actor| own.contains(actor))
    };
    !viewer.is(&one.number) && (viewer.hr || viewer.executive || named())
}

/// The operations on an interview that the caller may call now.
pub fn actions(viewer: &Viewer, one: &Interview) -> Vec<&'static str> {
    match one.state {
        StepState::Open if holds(viewer, one) => vec!["arrange_interview", "record_interview"],
        StepState::Done if viewer.is(&one.number) && one.comment.is_none() => vec!["comment_interview"],
        _ => Vec::new(),
    }
}

/// An interview that the caller holds and that is not recorded yet, with its cycle.
async fn open_of(tx: &mut Tx, viewer: &Viewer, id: Uuid) -> Result<(Interview, Cycle, InterviewStage)> {
    let one = rows::get(tx, id).await?;
    if viewer.is(&one.number) {
        return Err(Problem::not_permitted(say!("不能登记自己的面谈", "nobody records their own interview")));
    }
    if !holds(viewer, &one) {
        return Err(Problem::not_found(say!("面谈", "interview")));
    }
    if one.state != StepState::Open {
        return Err(Problem::wrong_state(say!("面谈已登记", "the interview is recorded already")));
    }
    let cycle = cycles::get(tx, one.cycle, Lock::Share).await?;
    let stages = InterviewStage::of(&cycle)?;
    let stage = stages.iter().find(|stage| stage.code == one.stage).or(stages.first()).cloned();
    let stage = stage.ok_or_else(|| Problem::internal("an interview without a stage"))?;
    Ok((one, cycle, stage))
}

/// Says when and where it is to be held; both are told.
pub async fn arrange(tx: &mut Tx, viewer: &Viewer, id: Uuid, appointment: &Appointment) -> Result<Interview> {
    let mut errors = Errors::default();
    errors.check_day("/at", date_of(appointment.at));
    if appointment.at < tx.now {
        errors.add("/at", say!("已经过去", "this is in the past"));
    }
    if appointment.place.as_ref().is_some_and(|place| place.chars().count() > MOST_LETTERS_OF_PLACE) {
        errors.add("/place", say!("最多 {MOST_LETTERS_OF_PLACE} 字", "at most {MOST_LETTERS_OF_PLACE} characters"));
    }
    if appointment.minutes.is_some_and(|minutes| !MINUTES.contains(&minutes)) {
        let (least, most) = (MINUTES.start(), MINUTES.end());
        errors.add("/minutes", say!("须为 {least} 到 {most} 分钟", "{least} to {most} minutes"));
    }
    errors.check()?;
    let (_, cycle, _) = open_of(tx, viewer, id).await?;
    rows::arrange(tx, id, appointment).await?;
    let one = rows::get(tx, id).await?;
    tx.audit("interviews.arranged", &id.to_string(), json!({ "number": one.number, "at": appointment.at })).await?;
    telling::arranged(tx, &cycle, &one).await?;
    Ok(one)
}

/// Records what came of it. What was agreed on goes to planning; where the result is known from then on, appeals are told.
pub async fn record(tx: &mut Tx, viewer: &Viewer, id: Uuid, record: &Record) -> Result<Interview> {
    let today = date_of(tx.now);
    check(record, today)?;
    let (open, cycle, stage) = open_of(tx, viewer, id).await?;
    let opened_on = open.opened_on;
    if record.held_on < opened_on {
        let message = say!("不能早于结果公布之日 {opened_on}", "not before the result was published, on {opened_on}");
        return Err(Problem::field("/held_on", message));
    }
    rows::record(tx, id, record).await?;
    step_rows::end(tx, id, StepState::Done, today).await?;
    let one = rows::get(tx, id).await?;
    let detail = json!({ "number": one.number, "held_on": record.held_on });
    tx.audit("interviews.recorded", &id.to_string(), detail).await?;
    telling::tasks(tx, &cycle, &stage, std::slice::from_ref(&one)).await?;
    telling::recorded(tx, &cycle, &one).await?;
    let subject = Subject::person(&one.number);
    if stage.known {
        let told = ResultTold { cycle: cycle.id, subject: subject.clone(), known_on: record.held_on };
        tx.emit(&Event::ResultTold(told)).await?;
    }
    if !record.goals.is_empty() {
        let goal = |goal: &AgreedGoal| Goal { title: goal.title.trim().to_owned(), measure: goal.measure.clone() };
        let agreed = GoalsAgreed {
            cycle: cycle.id,
            interview: id,
            scheme: cycle.scheme_code.clone(),
            period: cycle.period()?.next().to_string(),
            subject,
            goals: record.goals.iter().map(goal).collect(),
        };
        tx.emit(&Event::GoalsAgreed(agreed)).await?;
    }
    Ok(one)
}

fn check(record: &Record, today: Date) -> Result<()> {
    let mut errors = Errors::default();
    errors.check_day("/held_on", record.held_on);
    if record.held_on > today {
        errors.add("/held_on", say!("日期尚未到来", "this day is still to come"));
    }
    errors.check_text("/notes", &record.notes);
    if record.goals.len() > MOST_GOALS {
        errors.add("/goals", say!("最多 {MOST_GOALS} 个目标", "at most {MOST_GOALS} goals"));
    }
    for (at, goal) in record.goals.iter().enumerate() {
        let letters = goal.title.trim().chars().count();
        if letters == 0 || letters > MOST_LETTERS_OF_TITLE {
            errors.add(
                format!("/goals/{at}/title"),
                say!("须有 1 到 {MOST_LETTERS_OF_TITLE} 字", "1 to {MOST_LETTERS_OF_TITLE} characters"),
            );
        }
        if goal.measure.as_ref().is_some_and(|measure| measure.chars().count() > MOST_LETTERS_OF_MEASURE) {
            errors.add(
                format!("/goals/{at}/measure"),
                say!("最多 {MOST_LETTERS_OF_MEASURE} 字", "at most {MOST_LETTERS_OF_MEASURE} characters"),
            );
        }
    }
    errors.check()
}

/// The person says what they think of it, once.
pub async fn comment(tx: &mut Tx, viewer: &Viewer, id: Uuid, comment: &str) -> Result<Interview> {
    let mut errors = Errors::default();
    errors.check_text("/comment", comment);
    errors.check()?;
    let one = rows::get(tx, id).await?;
    if !viewer.is(&one.number) {
        return Err(Problem::not_found(say!("面谈", "interview")));
    }
    if one.state != StepState::Done || one.comment.is_some() {
        return Err(Problem::wrong_state(match one.comment {
            Some(_) => say!("已写过意见", "it was commented on already"),
            None => say!("面谈尚未登记", "the interview is not recorded yet"),
        }));
    }
    rows::comment(tx, id, comment.trim()).await?;
    tx.audit("interviews.commented", &id.to_string(), json!({ "number": one.number })).await?;
    rows::get(tx, id).await
}
