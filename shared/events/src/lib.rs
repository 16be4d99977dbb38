//! The news services tell each other: CloudEvents 1.0 in JSON, each kind with a version in its name.
//!
//! People and units are named by employee number and unit code, which never change within a company.
//! Aggregates carry versions, so that a consumer can drop older news that arrives late.

mod names;
mod subject;

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use uuid::Uuid;

use basics::day;

pub use names::{EmployeeNumber, UnitCode};
pub use subject::{NoSubject, Subject, SubjectKind};

/// Which services listen to which source. The relay confirms an event when all of them have taken it.
pub const SUBSCRIPTIONS: &[(&str, &[&str])] = &[
    ("organisation", &["planning", "scoring", "pay", "appeals", "notification"]),
    ("planning", &["scoring", "pay", "appeals", "notification"]),
    ("scoring", &["planning", "pay", "appeals", "notification"]),
    ("pay", &["notification"]),
    ("appeals", &["scoring", "notification"]),
];

/// A CloudEvent: the attributes, and the data not yet read.
#[derive(Debug, Serialize, Deserialize)]
pub struct Envelope {
    pub specversion: String,
    pub id: Uuid,
    /// The service that tells it.
    pub source: String,
    pub r#type: String,
    pub time: Timestamp,
    pub datacontenttype: String,
    /// Extension: the company it is about.
    pub company: Uuid,
    /// Extension: W3C trace context of the request that caused it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traceparent: Option<String>,
    pub data: Box<RawValue>,
}

macro_rules! events {
    ($($(#[$doc:meta])* $variant:ident($payload:ty) = $name:literal,)*) => {
        /// Everything that can be told.
        #[derive(Clone, Debug, PartialEq)]
        pub enum Event {
            $($(#[$doc])* $variant($payload),)*
        }

        impl Event {
            /// The CloudEvents type, such as `scoring.results.published.v1`.
            pub fn kind(&self) -> &'static str {
                match self { $(Self::$variant(_) => $name,)* }
            }

            /// The data attribute.
            pub fn data(&self) -> Result<Box<RawValue>, serde_json::Error> {
                match self { $(Self::$variant(payload) => serde_json::value::to_raw_value(payload),)* }
            }

            /// Reads an envelope; `None` when it is of a kind this version does not know.
            pub fn read(envelope: &Envelope) -> Result<Option<Self>, serde_json::Error> {
                match envelope.r#type.as_str() {
                    $($name => serde_json::from_str(envelope.data.get()).map(|payload| Some(Self::$variant(payload))),)*
                    _ => Ok(None),
                }
            }
        }
    };
}

events! {
    UnitsChanged(UnitsChanged) = "organisation.units.changed.v1",
    EmployeesChanged(EmployeesChanged) = "organisation.employees.changed.v1",
    WorkingCalendarChanged(WorkingCalendarChanged) = "organisation.working-calendar.changed.v1",
    BodiesChanged(BodiesChanged) = "organisation.bodies.changed.v1",
    DelegationsChanged(DelegationsChanged) = "organisation.delegations.changed.v1",
    CycleOpened(CycleOpened) = "planning.cycle.opened.v2",
    CycleCancelled(CycleCancelled) = "planning.cycle.cancelled.v1",
    StagesMoved(StagesMoved) = "planning.stages.moved.v1",
    SubjectsChanged(SubjectsChanged) = "planning.subjects.changed.v1",
    SheetsSettled(SheetsSettled) = "planning.sheets.settled.v2",
    PlanningTasksChanged(TasksChanged) = "planning.tasks.changed.v2",
    ScoringTasksChanged(TasksChanged) = "scoring.tasks.changed.v2",
    ResultsPublished(ResultsPublished) = "scoring.results.published.v2",
    ResultsCorrected(ResultsPublished) = "scoring.results.corrected.v2",
    CyclePublished(CyclePublished) = "scoring.cycle.published.v1",
    ResultsImported(ResultsImported) = "scoring.results.imported.v1",
    ResultAnnulled(ResultAnnulled) = "scoring.result.annulled.v1",
    RemedyRefused(RemedyRefused) = "scoring.remedy.refused.v1",
    ResultTold(ResultTold) = "scoring.result.told.v1",
    GoalsAgreed(GoalsAgreed) = "scoring.goals.agreed.v1",
    PlanningNotices(Notices) = "planning.notices.v1",
    ScoringNotices(Notices) = "scoring.notices.v1",
    PayTasksChanged(TasksChanged) = "pay.tasks.changed.v2",
    PayNotices(Notices) = "pay.notices.v1",
    StatementsIssued(StatementsIssued) = "pay.statements.issued.v1",
    AppealDecided(AppealDecided) = "appeals.decided.v1",
    AnnulmentDecided(AnnulmentDecided) = "appeals.annulled.v2",
    AppealsTasksChanged(TasksChanged) = "appeals.tasks.changed.v2",
    AppealsReadersChanged(AppealReaders) = "appeals.readers.changed.v1",
    AppealsNotices(Notices) = "appeals.notices.v1",
}

/// Named values as text: facts, carried figures, parameters.
pub type Values = BTreeMap<String, String>;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UnitsChanged {
    pub units: Vec<Unit>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Unit {
    pub code: UnitCode,
    pub name: String,
    pub parent: Option<UnitCode>,
    pub category: Option<String>,
    /// Employee number of whoever leads it: the member whose superior is outside the unit.
    pub head: Option<EmployeeNumber>,
    pub facts: Values,
    /// Who has led it, and who leads it beside its head.
    #[serde(default)]
    pub headships: Vec<Headship>,
    pub version: i64,
}

/// Somebody leads a unit for a time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Headship {
    pub number: EmployeeNumber,
    /// `head` or `co_head`.
    pub office: String,
    #[serde(deserialize_with = "day::told")]
    pub from: Date,
    /// The last day; none: to this day.
    #[serde(default, deserialize_with = "day::told_if_any")]
    pub until: Option<Date>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BodiesChanged {
    pub bodies: Vec<Body>,
}

/// A named group that decides or rates, with everybody who sits in it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Body {
    pub code: String,
    pub name_zh: String,
    pub name_en: String,
    pub seats: Vec<Seat>,
    #[serde(default)]
    pub rule: BodyRule,
    pub version: i64,
}

/// How many decide in a body, and whom they must speak for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BodyRule {
    /// Absent: more than half of those who sit in it.
    pub min: Option<u16>,
    pub max: Option<u16>,
    #[serde(default)]
    pub odd: bool,
    /// How many at least speak for whom.
    #[serde(default)]
    pub represented: BTreeMap<String, u16>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Seat {
    pub number: EmployeeNumber,
    /// `leader`, `deputy`, `executive_leader`, `member` or `office`.
    pub office: String,
    /// Units that this member is in charge of.
    pub in_charge: Vec<UnitCode>,
    /// Whom the member speaks for, such as `staff`.
    pub represents: Option<String>,
    #[serde(deserialize_with = "day::told")]
    pub from: Date,
    #[serde(default, deserialize_with = "day::told_if_any")]
    pub until: Option<Date>,
}

impl Seat {
    pub fn is_held_on(&self, day: Date) -> bool {
        self.from <= day && self.until.is_none_or(|until| day <= until)
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DelegationsChanged {
    pub delegations: Vec<Delegation>,
}

/// Somebody acts for somebody else for a time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Delegation {
    pub id: Uuid,
    pub of: EmployeeNumber,
    pub to: EmployeeNumber,
    /// `rating`, `deciding` or `all`.
    pub purpose: String,
    #[serde(deserialize_with = "day::told")]
    pub from: Date,
    #[serde(deserialize_with = "day::told")]
    pub until: Date,
    pub revoked: bool,
    pub version: i64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EmployeesChanged {
    pub employees: Vec<Employee>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Employee {
    pub number: EmployeeNumber,
    pub name: String,
    pub email: Option<String>,
    /// `zh-CN` or `en`.
    pub locale: String,
    #[serde(default, deserialize_with = "day::told_if_any")]
    pub hired_on: Option<Date>,
    #[serde(default, deserialize_with = "day::told_if_any")]
    pub left_on: Option<Date>,
    pub facts: Values,
    /// Roles of the person's account, such as `hr`; empty without an account.
    pub roles: Vec<String>,
    /// Oldest first; the last one that starts on or before a day is in force on it.
    pub assignments: Vec<Assignment>,
    pub version: i64,
}

impl Employee {
    /// Where the person stands on a day.
    pub fn assignment_on(&self, day: Date) -> Option<&Assignment> {
        self.assignments.iter().rev().find(|a| a.from <= day)
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Assignment {
    #[serde(deserialize_with = "day::told")]
    pub from: Date,
    pub unit: UnitCode,
    pub position: Option<String>,
    pub category: Option<String>,
    pub superior: Option<EmployeeNumber>,
    pub dotted_superior: Option<EmployeeNumber>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WorkingCalendarChanged {
    #[serde(deserialize_with = "day::told_list")]
    pub non_working_days: Vec<Date>,
    #[serde(deserialize_with = "day::told_list")]
    pub working_days: Vec<Date>,
    pub version: i64,
}

/// A cycle with everything about it that never changes again: the scheme's text is frozen here.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CycleOpened {
    pub cycle: Uuid,
    /// Of one of several cycles for the same period.
    #[serde(default)]
    pub name: Option<String>,
    pub scheme_code: String,
    pub scheme_version: i32,
    pub scheme_source: String,
    pub cadence: String,
    pub period: String,
    /// Overrides of the scheme's parameters, as in a case.
    pub parameters: serde_json::Value,
    pub company_facts: Values,
    pub stages: Vec<Stage>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stage {
    pub code: String,
    #[serde(default, deserialize_with = "day::told_if_any")]
    pub opens: Option<Date>,
    #[serde(default, deserialize_with = "day::told_if_any")]
    pub due: Option<Date>,
}

/// Stages of a cycle that have other days now, and why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StagesMoved {
    pub cycle: Uuid,
    pub stages: Vec<Stage>,
    pub reason: String,
}

/// A cycle that was opened by mistake: nothing of it counts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CycleCancelled {
    pub cycle: Uuid,
    pub reason: String,
}

/// Who and what is appraised in a cycle, as they stand now: a unit with its people, at opening and whenever somebody
/// changes. A large unit comes in several events.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SubjectsChanged {
    pub cycle: Uuid,
    pub subjects: Vec<CycleSubject>,
}

/// Somebody or something that is appraised.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CycleSubject {
    pub subject: Subject,
    pub name: String,
    /// A person's unit.
    pub unit: Option<UnitCode>,
    pub position: Option<String>,
    /// Under the cycle's scheme.
    pub category: Option<String>,
    /// The organisation's own category.
    pub own_category: Option<String>,
    pub superior: Option<EmployeeNumber>,
    /// The superior's superior.
    pub superior_above: Option<EmployeeNumber>,
    /// Of the person's unit, or of the unit.
    pub head: Option<EmployeeNumber>,
    pub co_head: Option<EmployeeNumber>,
    /// A unit: since when its head leads it.
    #[serde(default, deserialize_with = "day::told_if_any")]
    pub head_since: Option<Date>,
    /// Who is in charge of the unit.
    pub leader: Option<EmployeeNumber>,
    pub dotted: Option<EmployeeNumber>,
    #[serde(default, deserialize_with = "day::told_if_any")]
    pub hired_on: Option<Date>,
    #[serde(default, deserialize_with = "day::told_if_any")]
    pub left_on: Option<Date>,
    pub facts: Values,
    pub standing: Standing,
    /// Why they are left out: a code of the scheme, or what HR wrote.
    pub why: Option<String>,
    pub version: i64,
}

/// Whether a subject is appraised.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Standing {
    In,
    /// The scheme leaves them out; they have a result that says so.
    Excluded,
    /// They take no part.
    Out,
}

/// Settled sheets. Each newer edition supersedes the one before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SheetsSettled {
    pub cycle: Uuid,
    pub sheets: Vec<SettledSheet>,
    /// The appeal for which the annulled result of this one subject is redone on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub redo: Option<Uuid>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SettledSheet {
    pub subject: Subject,
    pub edition: i32,
    pub rows: Vec<Row>,
    /// Item weights where others than the scheme's were settled; empty keeps the scheme's.
    pub weights: Values,
    /// Item codes, most important first; empty keeps the scheme's order.
    pub priorities: Vec<String>,
    pub version: i64,
}

/// What stands below an item or in a list for one subject.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// The code of the item, or the key of the list.
    pub place: String,
    pub title: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measure: Option<String>,
    /// Within the place; a decimal.
    pub weight: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "day::told_if_any")]
    pub due: Option<Date>,
    /// 1 comes first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<i32>,
}

/// Work that somebody has to do by a day, or has done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TasksChanged {
    #[serde(flatten)]
    pub within: Within,
    pub period: String,
    pub tasks: Vec<WorkItem>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WorkItem {
    /// Unique in the cycle and the same in every event about it, such as `submit_plan/NET`.
    pub key: String,
    pub stage: String,
    /// The stage's label in each language.
    pub label_zh: String,
    pub label_en: String,
    /// Who has to do it: `person:E9`, `role:hr`, `body:LG` or `body:LG/leader`. What a group has to do is one task.
    pub holder: String,
    pub about: Subject,
    pub about_name: String,
    /// How many things are in it, such as the forms about a unit's people.
    pub count: i64,
    #[serde(default, deserialize_with = "day::told_if_any")]
    pub due: Option<Date>,
    /// The operation that does it, by its id, and its path.
    pub operation: String,
    pub path: String,
    pub done: bool,
    pub version: i64,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ResultsPublished {
    pub cycle: Uuid,
    pub period: String,
    /// Which publication of the cycle; the later ones are of those who were late.
    pub publication: i32,
    pub company_carried: Values,
    pub unit: ResultUnit,
    pub results: Vec<PublishedResult>,
    /// Why a published result was changed; only in corrections.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// The day on which it was published or corrected.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "day::told_if_any")]
    pub known_on: Option<Date>,
    /// The appeal that a correction follows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub appeal: Option<Uuid>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ResultUnit {
    pub code: UnitCode,
    pub name: String,
    pub category: Option<String>,
    pub carried: Values,
    /// The unit's own result, where the scheme appraises units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<UnitResult>,
}

/// A unit's own result.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct UnitResult {
    /// 1 at publication, one more with each correction.
    pub version: i64,
    pub score: Option<String>,
    pub grade: Option<String>,
    pub coefficient: Option<String>,
    pub outcomes: Vec<String>,
    /// Further outputs of the policy: a pool, a fund, a quota.
    pub outputs: Values,
    /// Who gave what it was computed from: forms, facts, entries.
    #[serde(default)]
    pub involved: Vec<EmployeeNumber>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PublishedResult {
    pub number: EmployeeNumber,
    pub name: String,
    pub category: Option<String>,
    /// 1 at publication, one more with each correction.
    pub version: i64,
    pub excluded: Option<String>,
    pub score: Option<String>,
    pub grade: Option<String>,
    pub coefficient: Option<String>,
    pub outcomes: Vec<String>,
    pub interview: Vec<String>,
    pub carried: Values,
    /// Who gave what it was computed from: forms, facts, entries.
    #[serde(default)]
    pub involved: Vec<EmployeeNumber>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CyclePublished {
    pub cycle: Uuid,
    pub period: String,
    /// Which publication of the cycle.
    #[serde(default)]
    pub publication: i32,
    pub results: u32,
    /// People and units that are appraised and have no published result yet; with none of them the cycle is at its end.
    #[serde(default)]
    pub late: u32,
    /// The figures of the company that every result of the cycle was published with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub company_carried: Option<Values>,
}

/// Results of before that were imported, by what they are of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ResultsImported {
    pub periods: Vec<ImportedPeriod>,
}

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ImportedPeriod {
    pub scheme: String,
    pub cadence: String,
    pub period: String,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StatementsIssued {
    pub cycle: Uuid,
    pub period: String,
    pub statements: Vec<IssuedStatement>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct IssuedStatement {
    pub statement: Uuid,
    pub number: EmployeeNumber,
    pub result_version: i64,
    pub currency: String,
    /// Money by component.
    pub components: Values,
}

/// An appeal that was decided in favour of whoever filed it, in whole or in part, and what follows for the result.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AppealDecided {
    pub appeal: Uuid,
    /// 1, and one more each time that a remedy was refused and another takes its place.
    pub attempt: i32,
    pub cycle: Uuid,
    pub subject: Subject,
    pub reason: String,
    /// Who decided: employee numbers.
    pub by: Vec<EmployeeNumber>,
    /// Values that should have been there.
    pub changes: Vec<RemedyChange>,
}

/// A value that should have been there, by its path below the subject as in a case.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RemedyChange {
    pub subject: Subject,
    pub path: String,
    pub value: serde_json::Value,
}

/// A result was given unfairly: it does not count until others have rated again, on a new edition of the sheet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AnnulmentDecided {
    pub appeal: Uuid,
    /// 1, and one more each time that a remedy was refused and another takes its place.
    pub attempt: i32,
    pub cycle: Uuid,
    pub subject: Subject,
    /// This version of the result, and those before it.
    pub version: i64,
    pub reason: String,
    /// Who decided: employee numbers.
    pub by: Vec<EmployeeNumber>,
    /// Who rates now, kind of rater by kind of rater.
    pub raters: Vec<OtherRater>,
    /// By when; none: no day is set.
    pub due: Option<Date>,
}

/// Somebody who rates in place of those who did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OtherRater {
    /// The kind of rater, by the scheme's name.
    pub column: String,
    pub by: EmployeeNumber,
}

/// A published result counts no more, and is redone on another edition of its sheet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ResultAnnulled {
    pub appeal: Uuid,
    pub cycle: Uuid,
    pub subject: Subject,
    /// The edition of the sheet from which it was computed.
    pub edition: i32,
    pub reason: String,
}

/// Who decides about an appeal now, and so reads what it is about; nobody once it has ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct AppealReaders {
    pub appeal: Uuid,
    pub cycle: Uuid,
    pub subject: Subject,
    pub readers: Vec<EmployeeNumber>,
    /// The later, the higher.
    pub version: i64,
}

/// What an appeal's decision asks for cannot be done as it is written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RemedyRefused {
    pub appeal: Uuid,
    pub attempt: i32,
    pub why_zh: String,
    pub why_en: String,
}

/// Somebody was told their result in a talk, from which on it counts as known.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ResultTold {
    pub cycle: Uuid,
    pub subject: Subject,
    #[serde(deserialize_with = "day::told")]
    pub known_on: Date,
}

/// What somebody agreed on in an interview for the next period.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GoalsAgreed {
    /// The cycle whose result was talked about.
    pub cycle: Uuid,
    pub interview: Uuid,
    pub scheme: String,
    /// The next one.
    pub period: String,
    pub subject: Subject,
    pub goals: Vec<Goal>,
}

/// A goal for which nobody has said a weight yet.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Goal {
    pub title: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measure: Option<String>,
}

/// Where tasks and notices belong.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Within {
    Cycle(Uuid),
    /// What is no cycle's, under the scheme of this name: a plan of its own period, pay inputs.
    #[serde(rename = "plan")]
    Scheme {
        scheme_zh: String,
        scheme_en: String,
        period: String,
    },
}

impl From<Uuid> for Within {
    fn from(cycle: Uuid) -> Self {
        Self::Cycle(cycle)
    }
}

/// What people are told by mail at once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Notices {
    #[serde(flatten)]
    pub within: Within,
    pub notices: Vec<Notice>,
}

/// One thing that some people are told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Notice {
    /// The same in every event about it, and unique in its service: nobody is told the same twice.
    pub key: String,
    /// Which words are used, such as `appeal_decided`.
    pub kind: String,
    pub to: Vec<EmployeeNumber>,
    /// What the words speak of.
    pub words: Values,
}
