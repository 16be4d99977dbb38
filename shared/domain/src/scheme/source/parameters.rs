//! What a company may set, and tables that nobody changes.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::{Bounds, Number};
use crate::locale::Label;

/// A number, or a table of numbers, that a company may set (`parameters`) or nobody may change (`tables`).
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ParameterSource {
    /// What formulas call it: `param.NAME`, or `table.NAME` for one of `tables`.
    pub name: String,
    /// What people call it.
    pub label: Label,
    /// The value unless a company sets its own; absent: each company must.
    pub default: Option<ParameterDefault>,
    /// May stay unset; formulas then use `??`.
    #[serde(default)]
    pub optional: bool,
    /// The least that each number may be; nothing is negative.
    pub min: Option<Number>,
    /// The most that each number may be.
    pub max: Option<Number>,
    /// Each number must be more than this.
    pub above: Option<Number>,
    /// Each number must be less than this.
    pub below: Option<Number>,
    /// What the entries of a table (of each category's table) add up to.
    pub sum: Option<Number>,
    /// What parts of the table add up to.
    #[serde(default)]
    pub sums: Vec<SumRule>,
}

/// A number, a table of numbers by key, or such a table for each category.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum ParameterDefault {
    Number(Number),
    Table(BTreeMap<String, Number>),
    ByCategory(BTreeMap<String, BTreeMap<String, Number>>),
}

impl ParameterSource {
    pub fn bounds(&self) -> Bounds {
        Bounds { min: self.min, max: self.max, above: self.above, below: self.below, ..Bounds::default() }
    }
}

/// Some entries of a table add up to a fixed sum, or at least to one.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SumRule {
    /// Only in the tables of these categories; empty: in all.
    #[serde(default, rename = "for")]
    pub categories: Vec<String>,
    /// The entries that are added up.
    pub of: Vec<String>,
    /// What they add up to.
    pub is: Option<Number>,
    /// What they add up to at least.
    pub at_least: Option<Number>,
}
