use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Integer, Jsonb, Text, Timestamptz, Uuid as SqlUuid};
use platform::sql::Timestamp;
use platform::stored_enum;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use steps::steps::{Decision, Step, StepState};
use utoipa::ToSchema;
use uuid::Uuid;

stored_enum! {
    /// How far a value is.
    pub enum FactState {
        /// It is checked; it does not count yet.
        Reported = "reported",
        Approved = "approved",
        /// Sent back, with a reason.
        Returned = "returned",
        /// Another one was reported before it was through.
        Replaced = "replaced",
    }
}

/// Somebody checks what was reported together.
#[derive(Clone, Debug, QueryableByName)]
pub struct FactCheck {
    #[diesel(sql_type = SqlUuid)]
    pub step: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub cycle: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub report: Uuid,
    #[diesel(sql_type = Integer)]
    pub place: i32,
    #[diesel(sql_type = Jsonb)]
    pub chain: Value,
    #[diesel(sql_type = Text)]
    pub reported_by: String,
    #[diesel(sql_type = Timestamptz, deserialize_as = Timestamp)]
    pub reported_at: jiff::Timestamp,
    /// How many values wait in the report.
    #[diesel(sql_type = BigInt)]
    pub values: i64,
}

impl FactCheck {
    /// Who checks, place by place.
    pub fn chain(&self) -> Vec<Vec<String>> {
        serde_json::from_value(self.chain.clone()).unwrap_or_default()
    }

    /// What the steps of a report are about.
    pub fn about(report: Uuid) -> String {
        format!("facts:{report}")
    }
}

stored_enum! {
    /// What is decided about reported values.
    pub enum CheckingVerdict {
        Approved = "approved",
        /// Sent back, with the reason.
        Returned = "returned",
    }
}

/// A value that is sent back.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReturnedValue {
    /// `person:NUMBER`, `unit:CODE` or `company`.
    pub subject: String,
    /// Of a value; the key of a list means all entries of the subject in it.
    pub path: String,
}

/// What somebody decides about reported values.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "verdict": "returned", "reason": "与到账凭证不符", "values": [{ "subject": "person:E001", "path": "fact.actual" }] }))]
pub struct FactDecision {
    #[schema(inline)]
    pub verdict: CheckingVerdict,
    /// Why; needed where something is sent back. 1 to 4000 characters.
    #[serde(default)]
    pub reason: Option<String>,
    /// What is sent back; empty: all of it. The others go on waiting for a decision.
    #[serde(default)]
    pub values: Vec<ReturnedValue>,
}

/// What somebody decided.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct CheckedBy {
    /// For which of those who decide.
    actor: String,
    /// `approved` or `returned`.
    verdict: String,
    reason: String,
    /// Employee number.
    by: String,
    at: jiff::Timestamp,
}

impl From<&Decision> for CheckedBy {
    fn from(made: &Decision) -> Self {
        Self {
            actor: made.actor.clone(),
            verdict: made.verdict.clone(),
            reason: made.reason.clone(),
            by: made.by.clone(),
            at: made.at,
        }
    }
}

/// Reported values that somebody checks.
#[derive(Serialize, ToSchema)]
pub struct FactCheckView {
    /// Of the step.
    pub id: Uuid,
    pub cycle: Uuid,
    /// Of what was reported together and is checked by the same people.
    report: Uuid,
    /// Employee number, account or client.
    reported_by: String,
    reported_at: jiff::Timestamp,
    /// In the order of those who check, from 1.
    place: i32,
    /// How many check one after the other.
    places: usize,
    /// Who decides, together: `person:NUMBER`, `role:hr`, `body:CODE`.
    actors: Vec<String>,
    /// Those of them who have not decided.
    waiting: Vec<String>,
    #[schema(inline)]
    state: StepState,
    /// How many values of the report are not through yet.
    values: i64,
    decisions: Vec<CheckedBy>,
    /// The operations on it that the caller may call now.
    actions: Vec<&'static str>,
}

impl FactCheckView {
    pub fn new(
        check: &FactCheck,
        step: &Step,
        decisions: &[Decision],
        waiting: Vec<String>,
        actions: Vec<&'static str>,
    ) -> Self {
        Self {
            id: check.step,
            cycle: check.cycle,
            report: check.report,
            reported_by: check.reported_by.clone(),
            reported_at: check.reported_at,
            place: check.place,
            places: check.chain().len(),
            actors: step.actors.clone(),
            waiting,
            state: step.state,
            values: check.values,
            decisions: decisions.iter().filter(|made| made.step == check.step).map(CheckedBy::from).collect(),
            actions,
        }
    }
}
