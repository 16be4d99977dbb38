use events::{EmployeeNumber, Values};
use platform::Locale;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use crate::statements::reckoning::{CURRENCY, Reckoning};

/// People's figures under a policy, as scoring computed them.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewPaySimulation {
    /// The scheme's TOML text, whole.
    pub scheme: String,
    pub cadence: String,
    /// Such as `2026-10`; the pay profiles in force on its last day count.
    pub period: String,
    /// Overrides of the scheme's parameters, as in a case.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub parameters: Value,
    /// Figures of the company that pay stands on, by name.
    #[serde(default)]
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    pub company_carried: Values,
    /// Where people share a sum, all who share it.
    pub units: Vec<SimulatedUnit>,
}

/// A unit with its people.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SimulatedUnit {
    pub code: String,
    pub category: Option<String>,
    #[serde(default)]
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    pub carried: Values,
    pub people: Vec<SimulatedPerson>,
}

/// Somebody who is appraised.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SimulatedPerson {
    /// Employee number.
    pub number: String,
    pub category: Option<String>,
    #[serde(default)]
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    pub carried: Values,
}

/// What a policy would pay.
#[derive(Serialize, ToSchema)]
pub struct PaySimulation {
    /// ISO 4217.
    currency: String,
    people: Vec<SimulatedPay>,
    /// Whose pay cannot be reckoned.
    lacking: Vec<LackingPerson>,
    /// Codes of what the scheme warns of.
    warnings: Vec<String>,
}

/// What one person would be paid.
#[derive(Serialize, ToSchema)]
pub struct SimulatedPay {
    /// Employee number.
    #[schema(value_type = String)]
    number: EmployeeNumber,
    /// Money by component, with two decimals.
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    components: Values,
}

/// Somebody whose pay cannot be reckoned.
#[derive(Serialize, ToSchema)]
pub struct LackingPerson {
    /// Employee number.
    #[schema(value_type = String)]
    number: EmployeeNumber,
    /// Pay inputs that the profile lacks, and as `fact.NAME` the facts that only pay knows.
    missing: Vec<String>,
    /// Why it cannot be reckoned, where that is not a missing input; in the caller's language.
    problem: Option<String>,
}

impl PaySimulation {
    pub fn new(reckoning: Reckoning, locale: Locale) -> Self {
        let people = reckoning.reckoned.into_iter().map(|reckoned| SimulatedPay {
            number: reckoned.result.number,
            components: reckoned.figures.map(|figures| figures.components).unwrap_or_default(),
        });
        let lacking = reckoning.withheld.into_iter().map(|withheld| LackingPerson {
            number: withheld.held.result.number,
            missing: withheld.reason.missing,
            problem: withheld.reason.problem.map(|problem| problem.get(locale).to_owned()),
        });
        Self {
            currency: CURRENCY.to_owned(),
            people: people.collect(),
            lacking: lacking.collect(),
            warnings: reckoning.warnings,
        }
    }
}
