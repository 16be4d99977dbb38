//! What is given: facts, pay inputs, points, rows.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Acting, Coded, Derived, Expr, Giver, Number, RowsSource, Sources};
use crate::Label;

/// A unit's score that is given from outside.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GivenScore {
    /// The highest score.
    pub max: Number,
    /// It is a multiple of this.
    pub step: Option<Number>,
    /// May be absent; formulas then say what stands in (`given ?? …`).
    #[serde(default)]
    pub optional: bool,
    /// In which cadences it is asked for; absent: all. It may always be given.
    #[serde(default)]
    pub cadences: Vec<String>,
    /// Who gives it, the first that exists: somebody, or a result; absent: HR reports it and an executive confirms it, or an
    /// executive gives it.
    #[serde(default)]
    pub by: Vec<Giver>,
    /// Who checks and approves what was reported, step by step; several in a nested list do so together.
    #[serde(default)]
    pub checked_by: Vec<Acting>,
}

/// What may be given for an input.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum InputKind {
    /// A number.
    #[default]
    Number,
    /// A whole number.
    Count,
    /// True or false; absent is false.
    Flag,
    /// One of `choices`.
    Choice,
    /// One of the scheme's grades.
    Grade,
    /// A day, written `2026-10-31`.
    Date,
    /// A text that stands for a number, by `scale`.
    Scale,
    /// Points that a rater gives, from 0 to the item's weight.
    Points,
    /// Several named inputs that are given together.
    Record,
    /// A text that no formula uses.
    Text,
}

/// Where a number must lie.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Bounds {
    pub min: Option<Number>,
    pub max: Option<Number>,
    pub above: Option<Number>,
    pub below: Option<Number>,
    /// The number is a multiple of this.
    pub step: Option<Number>,
    /// The only values allowed.
    pub one_of: Option<Vec<Number>>,
}

/// A fact, a pay input, an input of an item, a rater or a column of a list.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct InputSource {
    /// What formulas and cases call it.
    pub name: String,
    /// What people call it.
    pub label: Label,
    /// Raters, and what raters give: what they are told about it. Left empty it is still to be written.
    pub guidance: Option<Label>,
    /// The same for ranges of numbers.
    #[serde(default)]
    pub levels: Vec<Level>,
    /// What may be given.
    #[serde(default)]
    pub kind: InputKind,
    /// Kind `choice`: the codes allowed. Kind `scale`: what people call its letters, if anything else.
    #[serde(default)]
    pub choices: Vec<Coded>,
    /// Kind `scale`: the letters, and the number that each stands for.
    #[serde(default)]
    pub scale: BTreeMap<String, Number>,
    /// Kind `record`: its parts.
    #[serde(default)]
    pub fields: Vec<InputSource>,
    /// May be absent; formulas then use `??`.
    #[serde(default)]
    pub optional: bool,
    /// Stands in when absent.
    pub default: Option<Number>,
    /// Negative numbers are allowed.
    #[serde(default)]
    pub signed: bool,
    /// Several raters of this kind may have answered: a list stands for its mean.
    #[serde(default)]
    pub many: bool,
    /// Raters: how far an absent one is allowed.
    #[serde(default)]
    pub presence: RaterPresence,
    /// Raters: what is counted for an item, where it is not simply the points.
    pub counts: Option<Expr>,
    /// Raters: whence they come; absent: `self` and `superior` from where their names say, `hr` from its role, others as
    /// HR assigns them.
    pub from: Option<Sources>,
    /// Raters: with fewer answers none of this kind counts.
    pub at_least: Option<usize>,
    /// Raters: they may decline with a reason.
    #[serde(default)]
    pub may_decline: bool,
    /// Facts and inputs of items: who may report it, any of them; absent: HR.
    #[serde(default)]
    pub by: Vec<Giver>,
    /// Facts, pay inputs and inputs of items: who checks and approves what was reported, step by step; several in a nested list
    /// do so together. Nothing counts before all have.
    #[serde(default)]
    pub checked_by: Vec<Acting>,
    /// Facts and inputs of items: several of the first step of `by` each give a number, and what counts is their
    /// sum or mean, once all have given it.
    pub combine: Option<Combine>,
    /// Facts: how the system finds it itself.
    pub derived: Option<Derived>,
    /// Inputs of items, and columns of a list whose rows are agreed: the kind of rater who gives it on their form.
    pub rater: Option<String>,
    /// Columns of a list: what they must add up to.
    pub sum: Option<Number>,
    /// For whom and when it is asked; informative, it may always be given.
    #[serde(default, rename = "for")]
    pub categories: Vec<String>,
    /// In which cadences it is asked; informative, it may always be given.
    #[serde(default)]
    pub cadences: Vec<String>,
    /// The least allowed; unless `signed`, nothing negative is.
    pub min: Option<Number>,
    /// The most allowed.
    pub max: Option<Number>,
    /// It must be more than this; `above = 0` lets formulas divide by it.
    pub above: Option<Number>,
    /// It must be less than this.
    pub below: Option<Number>,
    /// It is a multiple of this.
    pub step: Option<Number>,
    /// The only numbers allowed.
    pub one_of: Option<Vec<Number>>,
}

impl InputSource {
    pub fn bounds(&self) -> Bounds {
        let one_of = self.one_of.clone();
        Bounds { min: self.min, max: self.max, above: self.above, below: self.below, step: self.step, one_of }
    }
}

/// What raters are told about a range of numbers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Level {
    /// The least of them.
    pub from: Number,
    /// The most; absent: all from there.
    pub to: Option<Number>,
    /// Left empty it is still to be written.
    pub guidance: Label,
}

/// What several givers' numbers come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Combine {
    Sum,
    Mean,
}

/// How far a rater may be absent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RaterPresence {
    /// Every item needs this rater's points.
    #[default]
    Always,
    /// All items of the sheet, or none.
    AllOrNone,
    /// All items of a section, or none.
    AllOrNoneOfSection,
    /// Any items.
    Any,
}

/// Rows of inputs: goals, incidents, adjustments.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ListSource {
    /// The key of a case under which the rows stand.
    pub key: String,
    /// What people call it.
    pub label: Label,
    /// At least one row is needed.
    #[serde(default)]
    pub required: bool,
    /// Rows at most.
    pub max_rows: Option<usize>,
    /// What each row holds.
    pub columns: Vec<InputSource>,
    /// The rows are agreed before the work and then rated; absent: rows are recorded as things happen.
    pub rows: Option<RowsSource>,
    /// Who may record rows, any of them; absent: HR.
    #[serde(default)]
    pub by: Vec<Giver>,
    /// Who checks and approves rows that were recorded, step by step; several in a nested list do so together. No row counts
    /// before all have.
    #[serde(default)]
    pub checked_by: Vec<Acting>,
    /// For whom it is asked; informative, it may always be given.
    #[serde(default, rename = "for")]
    pub categories: Vec<String>,
}
