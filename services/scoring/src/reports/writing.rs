//! Writing a report, handing it in, and confirming it.

use std::collections::BTreeMap;

use platform::clock::date_of;
use platform::sql::Lock;
use platform::web::Errors;
use platform::{Missing, Problem, Result, Tx, What, say};
use serde_json::json;
use steps::steps::deciding::{self, Said};
use steps::steps::rules::{Together, together};
use steps::steps::{NewStep, Step, StepState, rows as step_rows};
use uuid::Uuid;

use super::report::{Report, ReportDecision, ReportStage, ReportState, ReportVerdict};
use super::rows::{self, Reader};
use super::{opening, telling};
use crate::approvals::deciding::acts_as;
use crate::cycles::cycle::{Cycle, State};
use crate::cycles::rows as cycles;
use crate::duties::doing;
use crate::subjects::rows as subjects;
use crate::subjects::subject::Kind;
use crate::viewer::Viewer;

/// Whether the caller writes or confirms in an open step.
pub fn acts(viewer: &Viewer, step: &Step) -> bool {
    step.state == StepState::Open && step.actors().iter().any(|actor| acts_as(viewer, actor))
}

/// The operations on a report that the caller may call now.
pub fn actions(viewer: &Viewer, report: &Report, steps: &[Step]) -> Vec<&'static str> {
    match steps.iter().find(|step| acts(viewer, step)).map(|step| step.place) {
        Some(1) => vec!["put_report", "hand_in_report"],
        Some(_) if !wrote(viewer, report) => vec!["decide_report"],
        _ => Vec::new(),
    }
}

/// Whether the caller handed it in.
fn wrote(viewer: &Viewer, report: &Report) -> bool {
    report.handed_in_by.as_ref() == Some(&viewer.name)
}

/// A report with its cycle, its stage and the step that waits, all of them held.
struct Held {
    report: Report,
    cycle: Cycle,
    stage: ReportStage,
    step: Step,
}

impl Held {
    async fn get(tx: &mut Tx, viewer: &Viewer, id: Uuid) -> Result<Self> {
        let actors = viewer.actors();
        let reader = Reader::of(viewer, &actors);
        let report = rows::get(tx, id, &reader).await?;
        let cycle = cycles::get(tx, report.cycle, Lock::Update).await?;
        let report = rows::get(tx, report.id, &reader).await?;
        if cycle.state == State::Cancelled {
            return Err(Problem::wrong_state(say!("考核周期已取消", "the cycle has been cancelled")));
        }
        let stage =
            ReportStage::named(&cycle, &report.stage)?.ok_or_else(|| Problem::internal("a report of no stage"))?;
        let steps = step_rows::about(tx, &report.about()).await?;
        let step = steps.into_iter().find(|step| step.state == StepState::Open).ok_or_else(deciding::ended)?;
        Ok(Self { report, cycle, stage, step })
    }

    /// Only whoever writes it changes it.
    fn must_write(&self, viewer: &Viewer) -> Result<()> {
        if self.step.place != 1 {
            return Err(Problem::wrong_state(say!("已提交；须先退回", "it was handed in; it can be sent back first")));
        }
        if acts(viewer, &self.step) {
            return Ok(());
        }
        Err(Problem::not_permitted(say!("由他人填写", "this is for somebody else to write")))
    }

    fn checked(&self, answers: &BTreeMap<String, String>) -> Result<serde_json::Value> {
        let mut errors = Errors::default();
        for (code, answer) in answers {
            let pointer = format!("/answers/{code}");
            if self.stage.form.iter().any(|field| field.code == *code) {
                errors.check_text(pointer, answer);
            } else {
                errors.add(pointer, say!("没有此填写项", "the form asks no such thing"));
            }
        }
        errors.check()?;
        let tidy: BTreeMap<&String, &str> = answers.iter().map(|(code, answer)| (code, answer.trim())).collect();
        Ok(serde_json::to_value(tidy)?)
    }

    async fn store(&mut self, tx: &mut Tx, action: &str) -> Result<()> {
        rows::store(tx, &mut self.report).await?;
        let told = json!({ "subject": self.report.key(), "stage": self.report.stage, "state": self.report.state });
        tx.audit(action, &self.report.id.to_string(), told).await?;
        telling::tasks(tx, &self.cycle, std::slice::from_ref(&self.report)).await
    }

    /// Asks the next ones; nobody is left: it is done. Nobody is asked who wrote it or confirmed it before.
    async fn ask_next(&mut self, tx: &mut Tx) -> Result<()> {
        let today = date_of(tx.now);
        let before = step_rows::about(tx, &self.report.about()).await?;
        let before: Vec<Vec<String>> =
            before.into_iter().filter(|step| step.state == StepState::Done).map(|step| step.actors).collect();
        let about = subjects::get(tx, self.cycle.id, &self.report.key()).await?;
        let first = usize::try_from(self.step.place).unwrap_or_default() + 1;
        for place in first..=self.stage.by.len() {
            let actors = opening::actors(&self.stage, place, &about);
            let Some(actors) = opening::others(tx, &self.report, actors).await? else { continue };
            if before.contains(&actors.iter().map(ToString::to_string).collect()) {
                continue;
            }
            let place = i32::try_from(place).unwrap_or(i32::MAX);
            let step = NewStep { about: self.report.about(), place, actors, due: self.stage.due };
            step_rows::open(tx, &step, today).await?;
            self.report.state = ReportState::HandedIn;
            return Ok(());
        }
        self.report.state = ReportState::Done;
        Ok(())
    }
}

/// Writes answers, as a draft.
pub async fn write(
    tx: &mut Tx,
    viewer: &Viewer,
    id: Uuid,
    check: impl Fn(i64) -> Result<()>,
    answers: &BTreeMap<String, String>,
) -> Result<()> {
    let mut held = Held::get(tx, viewer, id).await?;
    held.must_write(viewer)?;
    check(held.report.version)?;
    held.report.answers = held.checked(answers)?;
    held.store(tx, "reports.written").await
}

/// Hands it in, with everything that is asked.
pub async fn hand_in(tx: &mut Tx, viewer: &Viewer, id: Uuid) -> Result<()> {
    let mut held = Held::get(tx, viewer, id).await?;
    held.must_write(viewer)?;
    held.stage.check_days(date_of(tx.now))?;
    let number = deciding::number(viewer.number.as_deref())?;
    let answers = held.report.answers()?;
    let open = held.stage.form.iter().filter(|field| !field.optional && !answers.contains_key(&field.code));
    let missing = match held.report.kind {
        Kind::Unit => Missing::of_unit(What::Value, &held.report.subject),
        _ => Missing::of_person(What::Value, &held.report.subject),
    };
    let missing: Vec<Missing> =
        open.map(|field| Missing { pointer: Some(format!("/answers/{}", field.code)), ..missing.clone() }).collect();
    if !missing.is_empty() {
        return Err(Problem::incomplete(say!("尚有未填写的内容", "something that is asked is not answered"), missing));
    }
    let said = Said { verdict: "handed_in", reason: None, session: None, by_any: false };
    deciding::decide(tx, &held.step, number, |actor| acts_as(viewer, actor), said, json!({})).await?;
    let today = date_of(tx.now);
    step_rows::end(tx, held.step.id, StepState::Done, today).await?;
    held.report.handed_in_by = Some(viewer.name.clone());
    held.report.handed_in_on = held.report.handed_in_on.or(Some(today));
    if held.report.kind == Kind::Person {
        doing::done_by_report(tx, &held.cycle, &held.report.subject, &held.report.stage).await?;
    }
    held.ask_next(tx).await?;
    held.store(tx, "reports.handed-in").await
}

/// Confirms it, or sends it back to whoever wrote it.
pub async fn decide(tx: &mut Tx, viewer: &Viewer, id: Uuid, new: &ReportDecision) -> Result<()> {
    let mut errors = Errors::default();
    match (new.verdict, &new.reason) {
        (_, Some(reason)) => errors.check_text("/reason", reason),
        (ReportVerdict::Returned, None) => {
            errors.add("/reason", say!("退回须说明理由", "what is sent back needs a reason"));
        }
        (ReportVerdict::Approved, None) => {}
    }
    errors.check()?;
    let mut held = Held::get(tx, viewer, id).await?;
    if held.step.place == 1 {
        return Err(Problem::wrong_state(say!("尚未提交", "it has not been handed in")));
    }
    let number = deciding::number(viewer.number.as_deref())?;
    if wrote(viewer, &held.report) {
        return Err(Problem::not_permitted(say!("由他人确认", "nobody confirms what they wrote themselves")));
    }
    let said = Said { verdict: new.verdict.as_str(), reason: new.reason.as_deref(), session: None, by_any: false };
    deciding::decide(tx, &held.step, number, |actor| acts_as(viewer, actor), said, json!({})).await?;
    let today = date_of(tx.now);
    match new.verdict {
        ReportVerdict::Approved => {
            let decisions = step_rows::decisions(tx, &[held.step.id]).await?;
            if !matches!(together(&held.step, &decisions), Together::Waiting(_)) {
                step_rows::end(tx, held.step.id, StepState::Done, today).await?;
                held.ask_next(tx).await?;
            }
        }
        ReportVerdict::Returned => {
            step_rows::end(tx, held.step.id, StepState::Returned, today).await?;
            let before = step_rows::about(tx, &held.report.about()).await?;
            let ids: Vec<Uuid> =
                before.iter().filter(|step| step.state == StepState::Done).map(|step| step.id).collect();
            // Whoever would write it now: the superior may be another one since.
            let about = subjects::get(tx, held.cycle.id, &held.report.key()).await?;
            let writer = opening::actors(&held.stage, 1, &about);
            telling::returned(tx, &held.cycle, &held.report, &writer, held.step.id, new.reason.as_deref()).await?;
            step_rows::void(tx, &ids, today).await?;
            let step = NewStep { about: held.report.about(), place: 1, actors: writer, due: held.stage.due };
            step_rows::open(tx, &step, today).await?;
            held.report.state = ReportState::Returned;
        }
    }
    held.store(tx, "reports.decided").await
}
