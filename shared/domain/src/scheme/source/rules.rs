//! What follows from results, and what must hold.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Expr;
use crate::locale::Label;

/// Who is not appraised, and why; the first that applies counts.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExclusionSource {
    /// The reason, as results give it.
    pub code: String,
    /// What people are told.
    pub label: Label,
    /// When it applies: a condition over facts, dates, parameters and history, not over figures.
    pub when: Expr,
    /// Only for these categories, by code; empty: for all.
    #[serde(default, rename = "for")]
    pub categories: Vec<String>,
    /// Only in these cadences, by code; empty: in all.
    #[serde(default)]
    pub cadences: Vec<String>,
}

/// What a subject's figures lead to.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleSource {
    /// Codes of `outcomes`; in warnings `{code}` or `{number}` stands for the subject.
    pub gives: Vec<String>,
    /// What it is: an outcome, a reason for an interview, or a warning to HR.
    #[serde(default, rename = "as")]
    pub purpose: Purpose,
    /// When it applies.
    pub when: Expr,
    /// Only for these categories, by code; empty: for all.
    #[serde(default, rename = "for")]
    pub categories: Vec<String>,
    /// Only in these cadences, by code; empty: in all.
    #[serde(default)]
    pub cadences: Vec<String>,
    /// Of the rules with the same name here, only the first that applies counts.
    pub first_of: Option<String>,
    /// Units: the outcome is the head's.
    #[serde(default)]
    pub to_head: bool,
    /// With `to_head`: earlier periods are those of the person who gets it, as far as that person's history is given;
    /// else the unit's stands for it.
    #[serde(default)]
    pub own_history: bool,
}

/// What a rule is for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    /// Something that follows: a raise, a warning letter.
    #[default]
    Outcome,
    /// A reason to talk.
    Interview,
    /// Something that HR should look at.
    Warning,
}

/// An advisory distribution: a warning for each grade whose share of all is above its guide.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GuideSource {
    /// The figure that holds the grade.
    pub of: String,
    /// The table of shares in per cent, by grade.
    pub shares: String,
    /// With fewer appraised people there is no warning.
    #[serde(default)]
    pub from_people: usize,
    /// The warning; `{grade}` stands for the grade.
    pub warning: String,
    /// Only in these cadences, by code; empty: in all.
    #[serde(default)]
    pub cadences: Vec<String>,
}

/// A condition that inputs must meet together, or an input that is needed whatever the formulas use.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckSource {
    /// What must be there, whatever the formulas use.
    #[serde(default)]
    pub needs: Vec<Expr>,
    /// What must hold.
    pub must: Option<Expr>,
    /// The culprit, as a formula would name it.
    pub at: Option<String>,
    /// What whoever entered it is told.
    #[serde(default)]
    pub says: Label,
    /// Excluded people are checked too.
    #[serde(default)]
    pub everybody: bool,
    /// Only for these categories, by code; empty: for all.
    #[serde(default, rename = "for")]
    pub categories: Vec<String>,
    /// Only in these cadences, by code; empty: in all.
    #[serde(default)]
    pub cadences: Vec<String>,
}
