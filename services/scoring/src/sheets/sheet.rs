//! A sheet: what is entered about one person in a cycle, and by whom.

use std::collections::BTreeMap;

use events::Values;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

/// By item and input, as in a case.
pub type Inputs = BTreeMap<String, BTreeMap<String, Value>>;

/// The concrete examples behind ratings, by item and input.
pub type Evidence = BTreeMap<String, BTreeMap<String, String>>;

/// Who submitted a part, by part.
pub type Submitted = BTreeMap<String, Submission>;

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Submission {
    /// Employee number or account name.
    pub by: String,
    /// RFC 3339.
    pub at: String,
}

/// A sheet is known by its cycle and its person, everywhere and for ever.
pub fn id_of(cycle: Uuid, number: &str) -> Uuid {
    Uuid::new_v5(&cycle, number.as_bytes())
}

/// A person's sheet in a cycle.
#[derive(Clone, Debug)]
pub struct Sheet {
    pub id: Uuid,
    pub cycle: Uuid,
    pub number: String,
    pub unit: String,
    pub name: String,
    pub category: Option<String>,
    pub position: Option<String>,
    pub superior: Option<String>,
    pub hired_on: Option<String>,
    pub left_on: Option<String>,
    /// Settled facts, overlaid with those entered here.
    pub facts: BTreeMap<String, Value>,
    pub weights: Values,
    pub priorities: Vec<String>,
    pub inputs: Inputs,
    pub evidence: Evidence,
    pub submitted: Submitted,
    pub missing_parts: Vec<String>,
    pub open_parts: Vec<String>,
    pub version: i64,
}

/// The part of whoever leads the person.
pub const SUPERIOR: &str = "superior";

/// The part of the person.
pub const SELF: &str = "self";

/// What nobody rates: measured values.
pub const MEASURED: &str = "measured";

/// What keeps a sheet from being complete, by part.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Open {
    pub missing_parts: Vec<String>,
    pub open_parts: Vec<String>,
}
