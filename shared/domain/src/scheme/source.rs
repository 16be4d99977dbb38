//! A scheme as it is written: the TOML file, key by key. What it means is worked out in [`super::compile`].

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use super::literal::{Expr, Number};
use crate::locale::Label;
use crate::period::Form;
pub use crate::value::Kind;

/// A whole scheme.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Source {
    pub code: String,
    pub name: Label,
    #[serde(default)]
    pub about: Label,
    /// The day on which a month begins; from 2 on, it is a day of the month before (26: 26th to 25th).
    #[serde(default = "first")]
    pub month_starts_on: i8,
    pub cadences: Vec<Cadence>,
    #[serde(default)]
    pub company: SubjectSource,
    /// Absent: the scheme knows no units.
    pub units: Option<SubjectSource>,
    #[serde(default)]
    pub people: SubjectSource,
    /// Grades, best first.
    #[serde(default)]
    pub grades: Vec<Coded>,
    /// Everything that a rule can lead to: outcomes, interviews, warnings.
    #[serde(default)]
    pub outcomes: Vec<Coded>,
    /// Further codes that figures can yield, such as levels of a score.
    #[serde(default)]
    pub codes: Vec<Coded>,
    /// What a company may set.
    #[serde(default)]
    pub parameters: Vec<ParameterSource>,
    /// Tables of the policy that nobody may change.
    #[serde(default)]
    pub tables: Vec<ParameterSource>,
    #[serde(default)]
    pub sheets: Vec<SheetSource>,
    #[serde(default)]
    pub stages: Vec<Stage>,
    pub appeal: Option<AppealTerms>,
    #[serde(default)]
    pub workflow: Workflow,
}

fn first() -> i8 {
    1
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Coded {
    pub code: String,
    pub label: Label,
}

/// A kind of cycle.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cadence {
    pub code: String,
    pub label: Label,
    /// How its periods are written.
    pub form: Form,
    /// It has to be named: the form of the period alone does not choose it.
    #[serde(default)]
    pub named: bool,
}

/// What one kind of subject (the company, units, people) gives and gets.
#[derive(Clone, Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SubjectSource {
    #[serde(default)]
    pub categories: Vec<Coded>,
    /// Units: a score that is given from outside.
    pub score: Option<GivenScore>,
    /// Units: who leads them.
    pub head: Option<HeadSource>,
    #[serde(default)]
    pub facts: Vec<InputSource>,
    /// People: what the pay profile gives.
    #[serde(default)]
    pub pay: Vec<InputSource>,
    #[serde(default)]
    pub lists: Vec<ListSource>,
    #[serde(default)]
    pub exclusions: Vec<ExclusionSource>,
    #[serde(default)]
    pub figures: Vec<FigureSource>,
    #[serde(default)]
    pub rules: Vec<RuleSource>,
    #[serde(default)]
    pub guides: Vec<GuideSource>,
    #[serde(default)]
    pub checks: Vec<CheckSource>,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HeadSource {
    /// The category that the head must have; they must then be of the unit as well.
    pub category: Option<String>,
}

/// A unit's score that is given from outside.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GivenScore {
    pub max: Number,
    pub step: Option<Number>,
    /// May be absent; formulas then say what stands in (`given ?? …`).
    #[serde(default)]
    pub optional: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum InputKind {
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
    pub name: String,
    pub label: Label,
    #[serde(default)]
    pub kind: InputKind,
    #[serde(default)]
    pub choices: Vec<Coded>,
    #[serde(default)]
    pub scale: BTreeMap<String, Number>,
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
    /// Columns of a list: what they must add up to.
    pub sum: Option<Number>,
    /// For whom and when it is asked; informative, it may always be given.
    #[serde(default, rename = "for")]
    pub categories: Vec<String>,
    #[serde(default)]
    pub cadences: Vec<String>,
    pub min: Option<Number>,
    pub max: Option<Number>,
    pub above: Option<Number>,
    pub below: Option<Number>,
    pub step: Option<Number>,
    pub one_of: Option<Vec<Number>>,
}

impl InputSource {
    pub fn bounds(&self) -> Bounds {
        let one_of = self.one_of.clone();
        Bounds { min: self.min, max: self.max, above: self.above, below: self.below, step: self.step, one_of }
    }
}

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
    pub label: Label,
    /// At least one row is needed.
    #[serde(default)]
    pub required: bool,
    pub max_rows: Option<usize>,
    pub columns: Vec<InputSource>,
    #[serde(default, rename = "for")]
    pub categories: Vec<String>,
}

/// Who is not appraised, and why; the first that applies counts.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExclusionSource {
    pub code: String,
    pub label: Label,
    pub when: Expr,
    #[serde(default, rename = "for")]
    pub categories: Vec<String>,
    #[serde(default)]
    pub cadences: Vec<String>,
}

/// A named result of a subject. Exactly one of `formula`, `bands`, `quota`, `rank`, `gather` and `split` says how it is found.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FigureSource {
    pub name: String,
    pub label: Label,
    #[serde(default, rename = "for")]
    pub categories: Vec<String>,
    #[serde(default)]
    pub cadences: Vec<String>,
    pub formula: Option<Expr>,
    pub bands: Option<BandsSource>,
    pub quota: Option<QuotaSource>,
    pub rank: Option<RankSource>,
    pub gather: Option<GatherSource>,
    pub split: Option<SplitSource>,
    /// Decimals kept, half away from zero.
    pub round: Option<u32>,
    pub min: Option<Expr>,
    pub max: Option<Expr>,
    /// A component of pay: rounded to the cent.
    #[serde(default)]
    pub pay: bool,
    /// An amount of money that is no pay component: rounded to the cent.
    #[serde(default)]
    pub money: bool,
    pub output: Option<Output>,
    /// What is missing matters only when somebody needs the figure.
    #[serde(default)]
    pub lazy: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Output {
    /// Under its own name.
    Own,
    /// In the table `scores`.
    Scores,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BandsSource {
    pub of: Expr,
    /// Best first.
    pub rows: Vec<BandSource>,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BandSource {
    /// A grade, or another of the scheme's `codes`.
    pub grade: Option<String>,
    pub value: Option<Number>,
    /// Lower bound, inclusive.
    pub from: Option<Number>,
    /// Lower bound, exclusive.
    pub above: Option<Number>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Within {
    Company,
    Unit,
    Category,
}

impl BandSource {
    /// The lower bound, and whether it is inclusive.
    pub(crate) fn bound(&self) -> Option<(rust_decimal::Decimal, bool)> {
        match (self.from, self.above) {
            (Some(from), None) => Some((from.0, true)),
            (None, Some(above)) => Some((above.0, false)),
            _ => None,
        }
    }
}

/// A forced distribution over the scheme's grades.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct QuotaSource {
    pub by: Expr,
    pub within: Within,
    /// The table of shares in per cent, by grade.
    pub shares: String,
}

/// A rank among others.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RankSource {
    pub by: Expr,
    pub within: Within,
    /// Who takes a rank; absent: everybody.
    pub among: Option<Expr>,
    #[serde(default)]
    pub count: RankCount,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum RankCount {
    /// 1 + how many are better.
    #[default]
    Better,
    /// How many have my score or less, myself among them.
    NotBetter,
}

/// One figure out of many subjects: of a unit's people, or of all people or units of the company.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GatherSource {
    pub of: Kind,
    pub how: Gathering,
    pub value: Option<Expr>,
    #[serde(default, rename = "for")]
    pub categories: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Gathering {
    Sum,
    Count,
    /// How many different values there are.
    Distinct,
}

/// A sum of money shared exactly to the cent.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SplitSource {
    pub pool: Expr,
    pub weight: Expr,
    pub within: Within,
}

/// What a subject's figures lead to.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleSource {
    /// Codes of `outcomes`; in warnings `{code}` or `{number}` stands for the subject.
    pub gives: Vec<String>,
    #[serde(default, rename = "as")]
    pub purpose: Purpose,
    pub when: Expr,
    #[serde(default, rename = "for")]
    pub categories: Vec<String>,
    #[serde(default)]
    pub cadences: Vec<String>,
    /// Of the rules with the same name here, only the first that applies counts.
    pub first_of: Option<String>,
    /// Units: the outcome is the head's.
    #[serde(default)]
    pub to_head: bool,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Purpose {
    #[default]
    Outcome,
    Interview,
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
    #[serde(default)]
    pub cadences: Vec<String>,
}

/// A condition that inputs must meet together, or an input that is needed whatever the formulas use.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckSource {
    #[serde(default)]
    pub needs: Vec<Expr>,
    pub must: Option<Expr>,
    /// The culprit, as a formula would name it.
    pub at: Option<String>,
    #[serde(default)]
    pub says: Label,
    /// Excluded people are checked too.
    #[serde(default)]
    pub everybody: bool,
    #[serde(default, rename = "for")]
    pub categories: Vec<String>,
    #[serde(default)]
    pub cadences: Vec<String>,
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ParameterSource {
    pub name: String,
    pub label: Label,
    pub default: Option<ParameterDefault>,
    pub min: Option<Number>,
    pub max: Option<Number>,
    pub above: Option<Number>,
    pub below: Option<Number>,
    /// What the entries of a table (of each category's table) add up to.
    pub sum: Option<Number>,
    #[serde(default)]
    pub sums: Vec<SumRule>,
}

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
    #[serde(default, rename = "for")]
    pub categories: Vec<String>,
    pub of: Vec<String>,
    pub is: Option<Number>,
    pub at_least: Option<Number>,
}

/// The items on which a category is scored.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SheetSource {
    #[serde(default = "people")]
    pub on: Kind,
    #[serde(default, rename = "for")]
    pub categories: Vec<String>,
    #[serde(default)]
    pub cadences: Vec<String>,
    pub label: Option<Label>,
    /// The parameter that holds the items' weights, where a company may change them.
    pub weights: Option<String>,
    #[serde(default)]
    pub raters: Vec<InputSource>,
    /// Inputs that every item has besides its raters' points.
    #[serde(default)]
    pub inputs: Vec<InputSource>,
    #[serde(default)]
    pub sections: Vec<Coded>,
    pub items: Vec<ItemSource>,
    pub evidence: Option<Evidence>,
}

fn people() -> Kind {
    Kind::People
}

#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ItemSource {
    pub code: String,
    pub label: Label,
    pub section: Option<String>,
    pub weight: Option<Number>,
    /// The most it can earn, where that is not its weight.
    pub max: Option<Number>,
    /// Which of the sheet's raters score it; absent: all, or none when it has inputs of its own.
    pub raters: Option<Vec<String>>,
    #[serde(default)]
    pub inputs: Vec<InputSource>,
    /// Absent: what the first rater gives.
    pub score: Option<Expr>,
}

/// When points need a concrete example before a sheet can be submitted.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// On items of this weight or more.
    pub weight_from: Number,
    pub points_from: Option<Number>,
    pub points_to: Option<Number>,
}

/// A step of the cycle.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Stage {
    pub code: String,
    pub label: Label,
    /// Who acts: employee, superior, unit_head, hr, executive, committee, finance, peers.
    #[serde(default)]
    pub role: String,
    /// What is done: targets, plan, self_assess, score, review, approve, publish, interview, report, improve.
    #[serde(default)]
    pub does: String,
    #[serde(default)]
    pub cadences: Vec<String>,
    /// Only for this part of the year (half-year or quarter).
    pub part: Option<i8>,
    /// "28 of M-1", "last of Feb of Y+1", "1 of Mar of Y", "1 day after end", "7 working days after end".
    pub opens: Option<String>,
    pub due: Option<String>,
}

/// When a result may be contested, and by when that is answered.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct AppealTerms {
    /// "7 days", "2 working days" after the result was known; absent: always.
    pub file_within: Option<String>,
    /// After the day of filing.
    pub answer_within: String,
    /// Who decides, level by level.
    #[serde(default)]
    pub levels: Vec<String>,
    #[serde(default)]
    pub group: Option<GroupRule>,
}

/// Who may sit in a deciding group.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GroupRule {
    pub min: u8,
    pub max: u8,
    #[serde(default)]
    pub odd: bool,
}

/// What the services need to know besides figures.
#[derive(Clone, Debug, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Workflow {
    /// Years that records are kept from their making.
    pub keep_years: Option<u16>,
    /// Years that they are kept after somebody leaves.
    pub keep_years_after_leaving: Option<u16>,
    /// Every look at a record needs a purpose.
    #[serde(default)]
    pub purpose_needed: bool,
    #[serde(default)]
    pub self_assessment: bool,
    #[serde(default)]
    pub raters_trained: bool,
    /// Behaviour dated outside the period is no evidence.
    #[serde(default)]
    pub evidence_inside_period: bool,
    /// Approvals that a result needs before it is published.
    #[serde(default)]
    pub approvals: Vec<String>,
    /// Superiors above may adjust scores, with a reason.
    #[serde(default)]
    pub adjustable_by: Vec<String>,
    pub improvement_plan: Option<ImprovementPlan>,
}

#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ImprovementPlan {
    /// The outcome that starts one.
    pub on: String,
    pub months: u8,
    pub max_items: u8,
    pub pass_from: Number,
    pub scale_from: Number,
    pub scale_to: Number,
    pub scale_step: Number,
    pub passed: String,
    pub failed: String,
}
