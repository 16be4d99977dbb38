use std::collections::BTreeMap;

use diesel::Queryable;
use events::EmployeeNumber;
use jiff::Timestamp;
use platform::openapi::{EnteredValue, LabelView};
use platform::sql;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

/// A person's facts by name.
pub type Facts = BTreeMap<String, Value>;

/// Facts to enter.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPaidFacts {
    #[schema(min_items = 1, max_items = 1000)]
    pub facts: Vec<NewPaidFact>,
    /// Why, or where they come from; 1 to 500 characters.
    pub reason: String,
}

/// A fact of somebody.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPaidFact {
    /// Employee number.
    pub number: String,
    /// One of the facts that the scheme has from pay.
    pub name: String,
    /// A decimal or a code as text, true or false, or null to take away what was entered.
    #[schema(value_type = EnteredValue)]
    pub value: Value,
}

/// A fact as it is to be written: another than was in force.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// Where it stands in the request.
    pub pointer: String,
    pub number: EmployeeNumber,
    pub name: String,
    pub before: Option<Value>,
    pub value: Option<Value>,
}

/// What came of entering facts.
#[derive(Serialize, ToSchema)]
pub struct PaidFactsEntered {
    pub entered: usize,
    /// Those that say what is in force already.
    pub unchanged: usize,
}

/// A fact as it is stored, with the value before it.
#[derive(Queryable)]
pub struct Stored {
    pub number: EmployeeNumber,
    pub name: String,
    pub no: i64,
    value: Option<Value>,
    before: Option<Value>,
    by: String,
    #[diesel(deserialize_as = sql::Timestamp)]
    at: Timestamp,
    reason: String,
    in_force: bool,
}

/// A fact that pay entered.
#[derive(Serialize, ToSchema)]
pub struct PaidFact {
    /// Employee number.
    #[schema(value_type = String)]
    pub number: EmployeeNumber,
    pub name: String,
    /// What the scheme calls it.
    label: Option<LabelView>,
    /// 1 for the first value of this fact of this person, one more with each change.
    pub no: i64,
    /// Null where it was taken away.
    #[schema(value_type = EnteredValue)]
    value: Value,
    /// The value before; null where there was none.
    #[schema(value_type = EnteredValue)]
    before: Value,
    /// Who entered it: employee number or account name.
    by: String,
    at: Timestamp,
    reason: String,
    /// Whether it counts: a later one takes the place of an earlier.
    in_force: bool,
}

impl PaidFact {
    pub fn new(stored: Stored, label: Option<LabelView>) -> Self {
        let Stored { number, name, no, value, before, by, at, reason, in_force } = stored;
        let (value, before) = (value.unwrap_or_default(), before.unwrap_or_default());
        Self { number, name, label, no, value, before, by, at, reason, in_force }
    }

    /// The `after` of the page that goes on behind it.
    pub fn place(&self) -> String {
        format!("{}/{}/{}", self.number, self.name, self.no)
    }
}
