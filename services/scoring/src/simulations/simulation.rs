//! What a simulation is asked.

use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

/// A policy to try on the people of a cycle.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSimulation {
    pub cycle: Uuid,
    /// The TOML text of a scheme; the cycle's own unless given.
    pub scheme: Option<String>,
    /// Overrides of the scheme's parameters, as in a case; the cycle's where its own scheme is tried.
    #[schema(value_type = Option<Object>)]
    pub parameters: Option<Value>,
    /// The cadence of the scheme that is tried; the cycle's, or that of the period's form, unless given.
    pub cadence: Option<String>,
    /// The policy that it is compared with; `{}` is the cycle's own.
    pub against: Option<OtherPolicy>,
    /// Only this unit, by code.
    pub unit: Option<String>,
    /// Whom the answer lists.
    #[serde(default)]
    pub people: Shown,
    /// Whether to tell what it costs.
    #[serde(default = "yes")]
    #[schema(default = true)]
    pub cost: bool,
}

fn yes() -> bool {
    true
}

/// A policy to compare with.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OtherPolicy {
    /// The TOML text of a scheme; the cycle's own unless given.
    pub scheme: Option<String>,
    /// Overrides of the scheme's parameters; the cycle's where its own scheme is taken.
    #[schema(value_type = Option<Object>)]
    pub parameters: Option<Value>,
}

/// Whom a simulation lists.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Shown {
    #[default]
    All,
    /// Those whose exclusion, grade, coefficient or pay is another than under the policy compared with.
    Moved,
    None,
}
