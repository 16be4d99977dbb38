use std::collections::BTreeMap;

use diesel::pg::Pg;
use diesel::{Queryable, Selectable};
use events::{EmployeeNumber, Values};
use jiff::Timestamp;
use jiff::civil::Date;
use platform::web::Notes;
use platform::{Locale, sql};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::schema::pay_profile_revisions;

/// What is stored about a person on the day a change takes effect.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stored {
    /// In force on that day.
    pub inputs: Option<Values>,
    /// 0 when there is no profile at all.
    pub version: i64,
}

/// A profile as it has to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Where it stands in a request.
    pub pointer: String,
    pub number: EmployeeNumber,
    /// What was in force until then.
    pub before: Option<Values>,
    pub inputs: Values,
    pub version: i64,
}

/// An input of a person that is through its checks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    pub input: String,
    /// None: the profile has it no more.
    pub value: Option<String>,
    /// From then on another was reported.
    pub until: Option<Date>,
}

/// One row of an imported file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Imported {
    /// Where it stands in the file.
    pub pointer: String,
    pub number: EmployeeNumber,
    /// Only what the file says; an empty cell says nothing.
    pub inputs: Values,
}

/// One change of a profile; a later one of the same day stands in its place, and it stays.
#[derive(Queryable, Selectable)]
#[diesel(table_name = pay_profile_revisions, check_for_backend(Pg))]
pub struct StoredRevision {
    version: i64,
    #[diesel(deserialize_as = sql::Date)]
    effective_on: Date,
    inputs: Value,
    changed_by: Option<String>,
    #[diesel(deserialize_as = sql::Timestamp)]
    changed_at: Timestamp,
}

/// What an import did.
#[derive(Serialize, ToSchema)]
pub struct ImportDone {
    /// People who had no profile before.
    pub created: usize,
    pub updated: usize,
    /// Rows that say what is stored already.
    pub unchanged: usize,
    /// Inputs that count once they are checked: see `GET /v1/profile-checks`.
    pub reported: usize,
    #[serde(flatten)]
    pub notes: Notes,
}

impl ImportDone {
    /// The same as one reader is told it.
    #[must_use]
    pub fn only(self, locale: Locale) -> Self {
        Self { notes: self.notes.only(locale), ..self }
    }
}

/// A pay profile as it shall be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ProfileBody {
    /// Decimals by name, such as `{"base_salary": "8000.00"}`, negative only where a scheme lets them be; they replace
    /// all that was in force.
    pub inputs: BTreeMap<String, String>,
    /// The day from which it is in force; today unless said.
    pub effective_on: Option<Date>,
}

/// A person's pay profile.
#[derive(Serialize, ToSchema)]
pub struct PayProfile {
    /// Employee number.
    #[schema(value_type = String)]
    pub number: EmployeeNumber,
    /// Counts the changes; the `ETag` of the profile.
    pub version: i64,
    /// What is in force from when, oldest first.
    #[schema(value_type = Vec<Revision>)]
    revisions: Value,
    /// Inputs that were reported and count once they are checked, oldest first.
    #[schema(value_type = Vec<WaitingInput>)]
    waiting: Value,
    /// Nobody has this number, as far as the organisation has told: nothing is ever paid to it.
    unknown: bool,
    /// Numbers of people that may be meant instead.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    near: Vec<String>,
}

/// Pay inputs from a day on.
#[derive(Serialize, ToSchema)]
#[allow(dead_code, reason = "describes what PostgreSQL puts together")]
struct Revision {
    effective_on: Date,
    /// Decimals by the names that schemes use, such as `base_salary`: yuan a month, or a fraction for rates.
    inputs: BTreeMap<String, String>,
}

/// A pay input that is checked before it counts.
#[derive(Serialize, ToSchema)]
#[allow(dead_code, reason = "describes what PostgreSQL puts together")]
struct WaitingInput {
    /// See `GET /v1/profile-checks/{id}`.
    check: Uuid,
    effective_on: Date,
    /// Such as `excess_bonus`.
    input: String,
    /// A decimal; null: the profile shall have it no more.
    value: Option<String>,
}

impl PayProfile {
    /// A profile, with the numbers that may be meant where nobody has its own. `revisions` are as [`Revision`] has them,
    /// `waiting` as [`WaitingInput`] has it.
    pub fn new(
        number: EmployeeNumber,
        version: i64,
        revisions: Value,
        waiting: Value,
        near: Option<Vec<String>>,
    ) -> Self {
        Self { number, version, revisions, waiting, unknown: near.is_some(), near: near.unwrap_or_default() }
    }
}

/// One change of a profile.
#[derive(Serialize, ToSchema)]
pub struct KeptRevision {
    /// 1 for the first; the `ETag` that the profile had then.
    pub version: i64,
    effective_on: Date,
    /// All that was in force from that day on.
    #[schema(value_type = BTreeMap<String, String>)]
    inputs: Value,
    /// Employee number or account name; null where it was not kept yet.
    changed_by: Option<String>,
    /// RFC 3339.
    changed_at: String,
}

impl From<StoredRevision> for KeptRevision {
    fn from(row: StoredRevision) -> Self {
        let StoredRevision { version, effective_on, inputs, changed_by, changed_at } = row;
        Self { version, effective_on, inputs, changed_by, changed_at: changed_at.to_string() }
    }
}
