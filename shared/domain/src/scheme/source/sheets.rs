//! What raters fill in.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Coded, Expr, InputSource, Kind, Number, OwnWeights, RowsSource, Who};
use crate::Label;

/// The items on which a category is scored.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SheetSource {
    /// Who is rated: `people` or `units`.
    #[serde(default = "people")]
    pub on: Kind,
    /// Only for these categories, by code; empty: for all.
    #[serde(default, rename = "for")]
    pub categories: Vec<String>,
    /// Only in these cadences, by code; empty: in all.
    #[serde(default)]
    pub cadences: Vec<String>,
    /// What people call it.
    pub label: Option<Label>,
    /// What whoever rates is told about the whole sheet. Left empty it is still to be written.
    pub guidance: Option<Label>,
    /// The parameter that holds the items' weights, where a company may change them.
    pub weights: Option<String>,
    /// Who gives points.
    #[serde(default)]
    pub raters: Vec<InputSource>,
    /// Inputs that every item has besides its raters' points.
    #[serde(default)]
    pub inputs: Vec<InputSource>,
    /// Its parts.
    #[serde(default)]
    pub sections: Vec<Coded>,
    /// What is scored. Their weights sum to 100, in all or in each section.
    pub items: Vec<ItemSource>,
    /// When points need a concrete example.
    pub evidence: Option<Evidence>,
    /// Which weights a sheet may have of its own; absent: none but the scheme's.
    pub own_weights: Option<OwnWeights>,
}

fn people() -> Kind {
    Kind::People
}

/// A line of a sheet.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ItemSource {
    /// What formulas and cases call it.
    pub code: String,
    /// What people call it.
    pub label: Label,
    /// What whoever rates is told about it. Left empty it is still to be written.
    pub guidance: Option<Label>,
    /// The section it belongs to, by code.
    pub section: Option<String>,
    /// Its part of 100, where the sheet does not take its weights from a parameter.
    pub weight: Option<Number>,
    /// The most it can earn, where that is not its weight.
    pub max: Option<Number>,
    /// Which of the sheet's raters score it; absent: all, or none when it has inputs of its own.
    pub raters: Option<Vec<String>>,
    /// What is observed, where it is not a rater’s points alone.
    #[serde(default)]
    pub inputs: Vec<InputSource>,
    /// Absent: what the first rater gives.
    pub score: Option<Expr>,
    /// Which points need a concrete example here, beside what the sheet says.
    pub evidence: Option<ItemEvidence>,
    /// Whence others come who give a kind of rater's points on this item.
    #[serde(default)]
    pub given_by: BTreeMap<String, Who>,
    /// It may be broken down into rows whose weights sum to its own.
    pub rows: Option<RowsSource>,
    /// Where it has rows, it takes the place of the other items of its section, whose weights it has.
    #[serde(default)]
    pub stands_for: Option<StandsFor>,
}

/// What an item with rows takes the place of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum StandsFor {
    /// The other items of its section.
    Section,
}

/// Which points on an item need a concrete example.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ItemEvidence {
    /// All that are below the item's weight: what took them away is named.
    BelowFull,
}

/// When points need a concrete example before a sheet can be submitted.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// On items of this weight or more.
    pub weight_from: Number,
    /// Points of this many or more.
    pub points_from: Option<Number>,
    /// Points of this many or less.
    pub points_to: Option<Number>,
}
