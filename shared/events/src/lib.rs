//! The news services tell each other: CloudEvents 1.0 in JSON, each kind with a version in its name.
//!
//! People and units are named by employee number and unit code, which never change within a company.
//! Aggregates carry versions, so that a consumer can drop older news that arrives late.

mod names;

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::civil::Date;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use uuid::Uuid;

use basics::day;

pub use names::{EmployeeNumber, UnitCode};

/// Which services listen to which source. The relay confirms an event when all of them have taken it.
pub const SUBSCRIPTIONS: &[(&str, &[&str])] = &[
    ("organisation", &["planning", "pay", "notification"]),
    ("planning", &["scoring", "pay", "notification"]),
    ("scoring", &["planning", "pay", "notification"]),
    ("pay", &["notification"]),
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
    CycleOpened(CycleOpened) = "planning.cycle.opened.v1",
    SheetsSettled(SheetsSettled) = "planning.sheets.settled.v1",
    CycleReleased(CycleReleased) = "planning.cycle.released.v1",
    PlanningTasksChanged(TasksChanged) = "planning.tasks.changed.v1",
    ScoringTasksChanged(TasksChanged) = "scoring.tasks.changed.v1",
    ResultsPublished(ResultsPublished) = "scoring.results.published.v1",
    ResultsCorrected(ResultsPublished) = "scoring.results.corrected.v1",
    CyclePublished(CyclePublished) = "scoring.cycle.published.v1",
    StatementsIssued(StatementsIssued) = "pay.statements.issued.v1",
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
    #[serde(deserialize_with = "day::told")]
    pub opens: Date,
    #[serde(default, deserialize_with = "day::told_if_any")]
    pub due: Option<Date>,
}

/// One unit's people with their settled sheets, frozen for the cycle. A large unit comes in several events.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SheetsSettled {
    pub cycle: Uuid,
    pub unit: SettledUnit,
    pub sheets: Vec<SettledSheet>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SettledUnit {
    pub code: UnitCode,
    pub name: String,
    pub category: Option<String>,
    pub head: Option<EmployeeNumber>,
    pub facts: Values,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SettledSheet {
    pub number: EmployeeNumber,
    pub name: String,
    pub category: Option<String>,
    pub position: Option<String>,
    pub superior: Option<EmployeeNumber>,
    #[serde(default, deserialize_with = "day::told_if_any")]
    pub hired_on: Option<Date>,
    #[serde(default, deserialize_with = "day::told_if_any")]
    pub left_on: Option<Date>,
    pub facts: Values,
    /// Item weights where HR settled others than the scheme's; empty keeps the scheme's.
    pub weights: Values,
    /// Item codes, most important first; empty keeps the scheme's order.
    pub priorities: Vec<String>,
    pub version: i64,
}

/// All sheets of the cycle are settled and released for scoring: how many each unit has.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CycleReleased {
    pub cycle: Uuid,
    pub sheets_by_unit: BTreeMap<String, u32>,
}

/// Work that somebody has to do by a day, or has done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TasksChanged {
    pub cycle: Uuid,
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
    /// Employee number of whoever has to do it.
    pub assignee: EmployeeNumber,
    /// Whom or what it is about: an employee number or a unit code.
    pub subject: String,
    pub subject_name: String,
    #[serde(default, deserialize_with = "day::told_if_any")]
    pub due: Option<Date>,
    pub done: bool,
    pub version: i64,
}

/// One unit's results. `company`, `unit.carried` and `results[].carried` hold what pay figures need.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ResultsPublished {
    pub cycle: Uuid,
    pub period: String,
    pub company_carried: Values,
    pub unit: ResultUnit,
    pub results: Vec<PublishedResult>,
    /// Why a published result was changed; only in corrections.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ResultUnit {
    pub code: UnitCode,
    pub name: String,
    pub category: Option<String>,
    pub carried: Values,
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
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CyclePublished {
    pub cycle: Uuid,
    pub period: String,
    pub results: u32,
    /// The figures of the company that every result of the cycle was published with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub company_carried: Option<Values>,
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
