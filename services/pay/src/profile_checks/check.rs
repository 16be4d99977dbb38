use basics::Label;
use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Date as SqlDate, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use events::EmployeeNumber;
use jiff::Timestamp;
use jiff::civil::Date;
use platform::openapi::LabelView;
use platform::sql;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use steps::steps::Actor;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::steps_view::{PayStepView, Verdict};

platform::stored_enum! {
    /// How far a reported pay input is.
    pub enum InputState {
        /// It is checked; it is not in the profile yet.
        Reported = "reported",
        Approved = "approved",
        /// Sent back, with a reason.
        Returned = "returned",
        /// Another one was reported before it was through.
        Replaced = "replaced",
    }
}

/// Pay inputs that were reported together and are checked by the same people.
#[derive(Clone, Debug, QueryableByName)]
pub struct ProfileCheck {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = SqlDate, deserialize_as = sql::Date)]
    pub effective_on: Date,
    #[diesel(sql_type = Jsonb)]
    chain: Value,
    #[diesel(sql_type = Text)]
    scheme_zh: String,
    #[diesel(sql_type = Text)]
    scheme_en: String,
    #[diesel(sql_type = Text)]
    pub reported_by: String,
    #[diesel(sql_type = Timestamptz, deserialize_as = sql::Timestamp)]
    pub reported_at: Timestamp,
    #[diesel(sql_type = Nullable<Text>)]
    pub sha256: Option<String>,
    /// In which it is decided about now.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub step: Option<Uuid>,
    /// How many inputs wait.
    #[diesel(sql_type = BigInt)]
    pub waiting: i64,
}

impl ProfileCheck {
    /// Who checks, place by place.
    pub fn chain(&self) -> Vec<Vec<String>> {
        serde_json::from_value(self.chain.clone()).unwrap_or_default()
    }

    /// What the scheme is called that has them checked.
    pub fn scheme(&self) -> Label {
        Label::new(&self.scheme_zh, &self.scheme_en)
    }

    /// What its steps are about.
    pub fn about(&self) -> String {
        about(self.id)
    }
}

/// What the steps of a check are about.
pub fn about(id: Uuid) -> String {
    format!("profile-check:{id}")
}

/// A pay input that waits to be checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reported {
    pub number: EmployeeNumber,
    pub input: String,
    /// What is in force.
    pub before: Option<String>,
    /// None: the profile shall have it no more.
    pub value: Option<String>,
}

/// What is checked together: by whom, place by place, and about whom where they might check it themselves.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Part {
    pub places: Vec<Vec<Actor>>,
    pub scheme: (String, String),
    pub about: Option<EmployeeNumber>,
}

/// A reported input as it is stored.
#[derive(Clone, Debug, QueryableByName)]
pub struct StoredInput {
    #[diesel(sql_type = Text)]
    pub number: EmployeeNumber,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Text)]
    pub input: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub before: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub value: Option<String>,
    #[diesel(sql_type = Text)]
    pub state: InputState,
}

/// A pay input that is sent back.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReturnedInput {
    /// Employee number.
    #[schema(value_type = String)]
    pub number: EmployeeNumber,
    /// Such as `excess_bonus`.
    pub input: String,
}

/// What somebody decides about reported pay inputs.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "verdict": "returned", "reason": "与奖金单不符", "inputs": [{ "number": "E001", "input": "excess_bonus" }] }))]
pub struct ProfileCheckDecision {
    #[schema(inline)]
    pub verdict: Verdict,
    /// Why; needed where something is sent back. 1 to 4000 characters.
    #[serde(default)]
    pub reason: Option<String>,
    /// What is sent back, 1000 at most; empty: all of it. The others go on waiting for a decision.
    #[serde(default)]
    pub inputs: Vec<ReturnedInput>,
}

/// Pay inputs that somebody checks before they count.
#[derive(Debug, Serialize, ToSchema)]
pub struct ProfileCheckView {
    id: Uuid,
    /// The day from which they are in force.
    #[schema(value_type = String)]
    effective_on: Date,
    /// Of the scheme that has them checked.
    scheme_label: LabelView,
    /// Employee number or account name.
    reported_by: String,
    reported_at: Timestamp,
    /// Of the file they came in, where they did: SHA-256, in hexadecimal.
    sha256: Option<String>,
    /// How many check one after the other.
    places: usize,
    /// How many inputs are not through yet.
    waiting: i64,
    /// Who was asked, in order.
    steps: Vec<PayStepView>,
}

impl ProfileCheckView {
    pub fn new(check: ProfileCheck, steps: Vec<PayStepView>) -> Self {
        Self {
            id: check.id,
            effective_on: check.effective_on,
            scheme_label: check.scheme().into(),
            places: check.chain().len(),
            reported_by: check.reported_by,
            reported_at: check.reported_at,
            sha256: check.sha256,
            waiting: check.waiting,
            steps,
        }
    }
}

/// A pay input that was reported.
#[derive(Debug, Serialize, ToSchema)]
pub struct ReportedInputView {
    /// Employee number.
    #[schema(value_type = String)]
    number: EmployeeNumber,
    /// Empty where nobody has the number.
    name: String,
    /// Such as `excess_bonus`.
    input: String,
    /// What was in force when it was reported: a decimal.
    before: Option<String>,
    /// A decimal; null: the profile shall have it no more.
    value: Option<String>,
    #[schema(inline)]
    state: InputState,
}

impl From<StoredInput> for ReportedInputView {
    fn from(stored: StoredInput) -> Self {
        let StoredInput { number, name, input, before, value, state } = stored;
        Self { number, name, input, before, value, state }
    }
}
