use std::collections::{BTreeMap, BTreeSet};

use events::Subject;
use jiff::Timestamp;
use jiff::civil::Date;
use platform::sql::Lock;
use platform::{Reply, Result, Tx};
use serde::Serialize;
use serde_json::Value;
use steps::directory::rows as directory;
use steps::documents::{DocumentView, rows as documents};
use steps::steps::{Decision, Member, Session, Step, StepState, Votes, rows as step_rows};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{About, Appeal, AppealState, Verdict, rows};
use crate::cycles::{PublishedResult, rows as cycles};
use crate::remedies::{Remedy, RemedyView, rows as remedies};

/// An appeal in short.
#[derive(Serialize, ToSchema)]
pub struct AppealSummary {
    pub id: Uuid,
    pub cycle: Uuid,
    /// `person:NUMBER` or `unit:CODE`.
    #[schema(value_type = String)]
    pub subject: Subject,
    pub about: About,
    /// The rating that it is against.
    pub place: Option<String>,
    /// Employee number of whose case it is.
    pub appellant: String,
    pub state: AppealState,
    /// What was decided last; null before.
    pub verdict: Option<Verdict>,
    /// Which level it is at, from 1.
    pub level: i32,
    pub filed_on: Date,
    /// The day by which it is to be answered; null where the scheme sets no term.
    pub respond_by: Option<Date>,
    /// The `ETag`.
    pub version: i64,
}

impl AppealSummary {
    pub fn of(appeal: &Appeal) -> Result<Self> {
        Ok(Self {
            id: appeal.id,
            cycle: appeal.cycle,
            subject: appeal.subject()?,
            about: appeal.about,
            place: appeal.place.clone(),
            appellant: appeal.appellant.clone(),
            state: appeal.state,
            verdict: appeal.verdict,
            level: appeal.level,
            filed_on: appeal.filed_on,
            respond_by: appeal.respond_by,
            version: appeal.version,
        })
    }
}

/// A result in short.
#[derive(Serialize, ToSchema)]
struct ResultView {
    version: i64,
    known_on: Date,
    excluded: Option<String>,
    score: Option<String>,
    grade: Option<String>,
}

impl From<&PublishedResult> for ResultView {
    fn from(result: &PublishedResult) -> Self {
        let PublishedResult { version, known_on, excluded, score, grade, .. } = result.clone();
        Self { version, known_on, excluded, score, grade }
    }
}

/// What somebody, or a body, decided at a level. All are kept, also those of rounds in which they were divided.
#[derive(Serialize, ToSchema)]
struct DecisionView {
    round: i32,
    /// For whom it was decided: `person:NUMBER`, `role:hr`, `body:CODE`.
    actor: String,
    #[schema(value_type = Verdict)]
    verdict: String,
    reason: String,
    /// Employee number.
    by: String,
    session: Option<Uuid>,
    at: Timestamp,
}

impl From<Decision> for DecisionView {
    fn from(decision: Decision) -> Self {
        let Decision { round, actor, verdict, reason, by, session, at, .. } = decision;
        Self { round, actor, verdict, reason, by, session, at }
    }
}

/// A session in which a body decided.
#[derive(Serialize, ToSchema)]
struct SessionView {
    id: Uuid,
    body: String,
    held_on: Date,
    /// Employee numbers.
    present: Vec<String>,
    withdrew: Vec<String>,
    votes: Option<Votes>,
    minutes: String,
    by: String,
    at: Timestamp,
}

impl From<Session> for SessionView {
    fn from(session: Session) -> Self {
        let count = |votes: Option<i32>| votes.and_then(|votes| u32::try_from(votes).ok());
        let votes = count(session.votes_for).zip(count(session.votes_against)).map(|(in_favour, against)| Votes {
            in_favour,
            against,
            abstained: count(session.abstained).unwrap_or_default(),
        });
        let Session { id, body, held_on, present, withdrew, minutes, by, at, .. } = session;
        Self { id, body, held_on, present, withdrew, votes, minutes, by, at }
    }
}

/// A level of an appeal.
#[derive(Serialize, ToSchema)]
struct LevelView {
    /// The step: what is decided, is decided in it.
    id: Uuid,
    /// From 1.
    level: i32,
    state: StepState,
    /// Who decides: `person:NUMBER`, `role:hr`, `body:CODE`; several together. Empty while HR has to name somebody.
    actors: Vec<String>,
    /// Who sits in the body.
    panel: Vec<Member>,
    opened_on: Date,
    due: Option<Date>,
    ended_on: Option<Date>,
    decisions: Vec<DecisionView>,
    sessions: Vec<SessionView>,
}

/// What was said at a hearing or found since.
#[derive(Serialize, ToSchema)]
struct NoteView {
    text: String,
    by: String,
    at: Timestamp,
}

/// The whole file of a case.
#[derive(Serialize, ToSchema)]
pub struct AppealDetail {
    #[serde(flatten)]
    pub summary: AppealSummary,
    /// What the scheme is called.
    scheme_zh: String,
    scheme_en: String,
    period: String,
    grounds: String,
    /// The day on which the result was known; null before publication.
    known_on: Option<Date>,
    filed_by: String,
    on_paper: bool,
    /// Answered: until when it may be carried to the next level; null where that has no term.
    until: Option<Date>,
    withdrawn_why: Option<String>,
    /// The versions of the result, the newest first.
    results: Vec<ResultView>,
    /// Which of them it is against.
    result_version: Option<i64>,
    levels: Vec<LevelView>,
    notes: Vec<NoteView>,
    documents: Vec<DocumentView>,
    /// What follows from the decision, each attempt; the last counts.
    remedies: Vec<RemedyView>,
    /// What everybody named in it is called, by employee number.
    people: BTreeMap<String, String>,
}

/// The answer to whoever changed a case: its whole file as it is now.
pub async fn changed(tx: &mut Tx, id: Uuid) -> Result<Reply> {
    let appeal = rows::get(tx, id, Lock::None).await?;
    let file = detail(tx, &appeal).await?;
    Ok(Reply::ok(&file)?.version(file.summary.version))
}

/// The whole file of an appeal.
pub async fn detail(tx: &mut Tx, appeal: &Appeal) -> Result<AppealDetail> {
    let cycle = cycles::get(tx, appeal.cycle).await?;
    let summary = AppealSummary::of(appeal)?;
    let mut levels = Vec::new();
    let of_appeal = step_rows::about(tx, &appeal.name()).await?;
    let ids: Vec<Uuid> = of_appeal.iter().map(|step| step.id).collect();
    let mut decisions = step_rows::decisions(tx, &ids).await?;
    let mut sessions = step_rows::sessions(tx, &ids).await?;
    for step in of_appeal {
        let of_step = |id: Uuid| id == step.id;
        let decided = decisions.extract_if(.., |one| of_step(one.step)).map(DecisionView::from).collect();
        let held = sessions.extract_if(.., |one| of_step(one.step)).map(SessionView::from).collect();
        let panel = step_rows::panel(tx, step.id).await?;
        levels.push(level(step, panel, decided, held));
    }
    let note = |(text, by, at): rows::Note| NoteView { text, by, at: at.to_jiff() };
    let notes = rows::notes(tx, appeal.id).await?.into_iter().map(note).collect();
    let remedies: Vec<Remedy> = remedies::all(tx, appeal.id).await?;
    // After the remedies: where one is done, the result that it made is there.
    let results = cycles::results(tx, appeal.cycle, &summary.subject).await?;
    let mut detail = AppealDetail {
        scheme_zh: cycle.name_zh,
        scheme_en: cycle.name_en,
        period: cycle.period,
        grounds: appeal.grounds.clone(),
        known_on: appeal.known_on,
        filed_by: appeal.filed_by.clone(),
        on_paper: appeal.on_paper,
        until: appeal.until,
        withdrawn_why: appeal.withdrawn_why.clone(),
        results: results.iter().map(ResultView::from).collect(),
        result_version: appeal.result_version,
        levels,
        notes,
        documents: documents::about(tx, &appeal.name()).await?,
        remedies: remedies.into_iter().map(RemedyView::from).collect(),
        people: BTreeMap::new(),
        summary,
    };
    let named: Vec<String> = named(&detail)?.into_iter().collect();
    let people = directory::people(tx, &named).await?;
    detail.people = people.into_iter().map(|person| (person.number, person.name)).collect();
    Ok(detail)
}

fn level(step: Step, panel: Vec<Member>, decisions: Vec<DecisionView>, sessions: Vec<SessionView>) -> LevelView {
    let Step { id, place, state, actors, opened_on, due, ended_on, .. } = step;
    LevelView { id, level: place, state, actors, panel, opened_on, due, ended_on, decisions, sessions }
}

/// Every text of a file that may be an employee number.
fn named(detail: &AppealDetail) -> Result<BTreeSet<String>> {
    let mut found = BTreeSet::new();
    collect(&serde_json::to_value(detail)?, &mut found);
    Ok(found)
}

fn collect(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::String(text) => drop(found.insert(text.strip_prefix("person:").unwrap_or(text).to_owned())),
        Value::Array(items) => items.iter().for_each(|item| collect(item, found)),
        Value::Object(members) => members.values().for_each(|member| collect(member, found)),
        _ => {}
    }
}
