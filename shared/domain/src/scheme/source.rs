//! A scheme as it is written: the TOML file, key by key. What it means is worked out in [`super::compile`].

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use super::literal::{Expr, Number};
use crate::locale::Label;
use crate::period::Form;
pub use crate::value::Kind;

/// A company's appraisal policy.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[schemars(title = "Steelyard scheme")]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// What the scheme is called in the API and on the command line: small letters, digits and hyphens.
    pub code: String,
    /// Its name.
    pub name: Label,
    /// What it is for, in a sentence.
    #[serde(default)]
    pub about: Label,
    /// The day on which a month begins; from 2 on, it is a day of the month before (26: 26th to 25th).
    #[serde(default = "first")]
    pub month_starts_on: i8,
    /// Its kinds of cycle; at least one.
    pub cadences: Vec<Cadence>,
    /// What is known of the company as a whole.
    #[serde(default)]
    pub company: SubjectSource,
    /// Absent: the scheme knows no units.
    pub units: Option<SubjectSource>,
    /// The people who are appraised.
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
    /// What raters fill in: one sheet for each category and cadence that is rated.
    #[serde(default)]
    pub sheets: Vec<SheetSource>,
    /// The steps of a cycle, in the order in which they open.
    #[serde(default)]
    pub stages: Vec<Stage>,
    /// Absent: the policy sets no terms, and nobody can appeal.
    pub appeal: Option<AppealTerms>,
    /// What services do around the figures.
    #[serde(default)]
    pub workflow: Workflow,
}

fn first() -> i8 {
    1
}

/// Something that has a code: a grade, a category, an outcome.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Coded {
    /// What formulas, cases and results call it.
    pub code: String,
    /// What people call it.
    pub label: Label,
}

/// A kind of cycle.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Cadence {
    /// Such as `monthly`; what cases and cycles name.
    pub code: String,
    /// What people call it.
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
    /// Kinds of people or units that the policy treats differently; none: all are alike.
    #[serde(default)]
    pub categories: Vec<Coded>,
    /// Units: a score that is given from outside.
    pub score: Option<GivenScore>,
    /// Units: who leads them.
    pub head: Option<HeadSource>,
    /// What is known besides ratings and pay.
    #[serde(default)]
    pub facts: Vec<InputSource>,
    /// People: what the pay profile gives.
    #[serde(default)]
    pub pay: Vec<InputSource>,
    /// Rows of inputs: goals, incidents, adjustments.
    #[serde(default)]
    pub lists: Vec<ListSource>,
    /// People: who is not appraised; the first that applies counts.
    #[serde(default)]
    pub exclusions: Vec<ExclusionSource>,
    /// What is computed.
    #[serde(default)]
    pub figures: Vec<FigureSource>,
    /// What the figures lead to.
    #[serde(default)]
    pub rules: Vec<RuleSource>,
    /// People: advisory distributions.
    #[serde(default)]
    pub guides: Vec<GuideSource>,
    /// What inputs must be besides their own bounds.
    #[serde(default)]
    pub checks: Vec<CheckSource>,
}

/// Who leads a unit.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HeadSource {
    /// The category that the head must have; they must then be of the unit as well.
    pub category: Option<String>,
    /// Two may lead a unit (`co_head` in a case): what goes to the head goes to both.
    #[serde(default)]
    pub co_head: bool,
}

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
    /// What may be given.
    #[serde(default)]
    pub kind: InputKind,
    /// Kind `choice`: the codes allowed.
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
    /// For whom it is asked; informative, it may always be given.
    #[serde(default, rename = "for")]
    pub categories: Vec<String>,
}

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

/// A named result of a subject. Exactly one of `formula`, `bands`, `quota`, `rank`, `gather` and `split` says how it is found.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FigureSource {
    /// What formulas call it. `score`, `grade` and `coefficient` are those of the result.
    pub name: String,
    /// What people call it.
    pub label: Label,
    /// Only for these categories, by code; empty: for all.
    #[serde(default, rename = "for")]
    pub categories: Vec<String>,
    /// Only in these cadences, by code; empty: in all.
    #[serde(default)]
    pub cadences: Vec<String>,
    /// An expression.
    pub formula: Option<Expr>,
    /// By ranges of a number.
    pub bands: Option<BandsSource>,
    /// By rank and shares: a forced distribution.
    pub quota: Option<QuotaSource>,
    /// The place among others.
    pub rank: Option<RankSource>,
    /// Out of many people or units.
    pub gather: Option<GatherSource>,
    /// A share of a sum of money.
    pub split: Option<SplitSource>,
    /// Decimals kept, half away from zero.
    pub round: Option<u32>,
    /// It is at least this.
    pub min: Option<Expr>,
    /// It is at most this.
    pub max: Option<Expr>,
    /// A component of pay: rounded to the cent.
    #[serde(default)]
    pub pay: bool,
    /// An amount of money that is no pay component: rounded to the cent.
    #[serde(default)]
    pub money: bool,
    /// Results show it; absent: a step on the way.
    pub output: Option<Output>,
    /// What is missing matters only when somebody needs the figure.
    #[serde(default)]
    pub lazy: bool,
}

/// How a figure is found.
#[derive(Clone, Copy, Debug)]
pub(crate) enum How<'s> {
    Formula(&'s Expr),
    Bands(&'s BandsSource),
    Quota(&'s QuotaSource),
    Rank(&'s RankSource),
    Gather(&'s GatherSource),
    Split(&'s SplitSource),
}

impl FigureSource {
    /// The ways that are written: a sound figure has one.
    pub(crate) fn ways(&self) -> impl Iterator<Item = How<'_>> {
        let formula = self.formula.as_ref().map(How::Formula);
        let bands = self.bands.as_ref().map(How::Bands);
        let quota = self.quota.as_ref().map(How::Quota);
        let rank = self.rank.as_ref().map(How::Rank);
        let gather = self.gather.as_ref().map(How::Gather);
        let split = self.split.as_ref().map(How::Split);
        [formula, bands, quota, rank, gather, split].into_iter().flatten()
    }

    pub(crate) fn how(&self) -> Option<How<'_>> {
        self.ways().next()
    }

    /// The expressions that are computed for the figure's own subject.
    pub(crate) fn own_expressions(&self) -> impl Iterator<Item = &Expr> {
        let how = match self.how() {
            Some(How::Formula(formula)) => vec![formula],
            Some(How::Bands(bands)) => vec![&bands.of],
            Some(How::Quota(quota)) => std::iter::once(&quota.by).chain(&quota.among).collect(),
            Some(How::Rank(rank)) => std::iter::once(&rank.by).chain(&rank.among).collect(),
            Some(How::Split(split)) => vec![&split.pool, &split.weight],
            Some(How::Gather(_)) | None => Vec::new(),
        };
        how.into_iter().chain(&self.min).chain(&self.max)
    }
}

/// Where results show a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Output {
    /// Under its own name.
    Own,
    /// In the table `scores`.
    Scores,
}

/// Ranges of a number, best first.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BandsSource {
    /// The number whose band is looked for.
    pub of: Expr,
    /// Best first.
    pub rows: Vec<BandSource>,
}

/// A range from its lower bound up to the band before.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct BandSource {
    /// A grade, or another of the scheme's `codes`.
    pub grade: Option<String>,
    /// A number, where bands give numbers.
    pub value: Option<Number>,
    /// Lower bound, inclusive.
    pub from: Option<Number>,
    /// Lower bound, exclusive.
    pub above: Option<Number>,
}

/// Among whom.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Within {
    /// All of the company.
    Company,
    /// Those of the same unit.
    Unit,
    /// Those of the same category.
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

/// A forced distribution over the scheme's grades, or over others of its codes: best first, as they are listed.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct QuotaSource {
    /// The number by which they are ranked, highest first.
    pub by: Expr,
    /// Among whom.
    pub within: Within,
    /// The table of shares in per cent, by grade.
    pub shares: String,
    /// Who uses up places; the others are graded by the place that they would have had. Absent: everybody.
    pub among: Option<Expr>,
    /// How places are made whole: a grade and all better ones together have this many of the ranked.
    #[serde(default)]
    pub rounding: PlaceRounding,
    /// What becomes of those who tie across the end of a grade.
    #[serde(default)]
    pub ties: TiedPlaces,
}

/// How a number of places is made whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PlaceRounding {
    /// Half away from zero.
    #[default]
    Nearest,
    /// Down: at most the share.
    Down,
    /// Up: at least the share.
    Up,
}

/// What becomes of those who tie across the end of a grade.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum TiedPlaces {
    /// All have the better grade, and use up places of the next.
    #[default]
    Better,
    /// All have the worse grade: with `rounding = "down"` no grade and those above it ever exceed their share.
    Worse,
}

/// A rank among others.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct RankSource {
    /// The number by which they are ranked, highest first.
    pub by: Expr,
    /// Among whom.
    pub within: Within,
    /// Who takes a rank; absent: everybody.
    pub among: Option<Expr>,
    /// From which end the place is counted.
    #[serde(default)]
    pub count: RankCount,
}

/// From which end a place is counted.
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
    /// Of whom: `people` (of a unit, or of the company) or `units`.
    pub of: Kind,
    /// What is made of them.
    pub how: Gathering,
    /// What is summed, counted where it holds, or told apart; for each of them.
    pub value: Option<Expr>,
    /// Only these categories of them; empty: all.
    #[serde(default, rename = "for")]
    pub categories: Vec<String>,
}

/// What is made of many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Gathering {
    /// Their sum.
    Sum,
    /// How many there are.
    Count,
    /// How many different values there are.
    Distinct,
}

/// A sum of money shared exactly to the cent.
#[derive(Clone, Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SplitSource {
    /// The sum of money.
    pub pool: Expr,
    /// In proportion to what it is shared.
    pub weight: Expr,
    /// Among whom.
    pub within: Within,
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

/// A step of the cycle.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Stage {
    /// What calendars call it.
    pub code: String,
    /// What people call it.
    pub label: Label,
    /// Who acts.
    #[serde(default)]
    #[schemars(extend("enum" = ["employee", "superior", "unit_head", "hr", "executive", "committee", "finance", "peers"]))]
    pub role: String,
    /// What is done. Planning waits for `targets`, `plan`, `submit`, `approve_plan` and `settle`, scoring for `score`.
    #[serde(default)]
    #[schemars(extend("enum" = ["targets", "plan", "submit", "approve_plan", "settle", "self_assess", "score",
        "review", "approve", "publish", "announce", "interview", "report", "improve"]))]
    pub does: String,
    /// Only in these cadences, by code; empty: in all.
    #[serde(default)]
    pub cadences: Vec<String>,
    /// Only for this part of the year (half-year or quarter).
    pub part: Option<i8>,
    /// "28 of M-1", "last of Feb of Y+1", "1 of Mar of Y", "1 day after end", "7 working days after end".
    pub opens: Option<String>,
    /// When it is due, written like `opens`; absent: no day is set.
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
    #[schemars(extend("items" = deciders()))]
    pub levels: Vec<String>,
    /// Absent: no group decides.
    #[serde(default)]
    pub group: Option<GroupRule>,
}

/// Who may decide on a result.
fn deciders() -> serde_json::Value {
    serde_json::json!({ "type": "string", "enum": [
        "superior", "superior_of_superior", "unit_head", "hr", "executive", "committee", "finance", "leading_group",
        "party_committee"
    ] })
}

/// Who may sit in a deciding group.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct GroupRule {
    /// Members at least.
    pub min: u8,
    /// Members at most.
    pub max: u8,
    /// Their number is odd.
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
    /// People rate themselves first; it is shown to raters.
    #[serde(default)]
    pub self_assessment: bool,
    /// Whoever rates must have been trained.
    #[serde(default)]
    pub raters_trained: bool,
    /// Behaviour dated outside the period is no evidence.
    #[serde(default)]
    pub evidence_inside_period: bool,
    /// Approvals that a result needs before it is published.
    #[serde(default)]
    #[schemars(extend("items" = deciders()))]
    pub approvals: Vec<String>,
    /// Superiors above may adjust scores, with a reason.
    #[serde(default)]
    #[schemars(extend("items" = deciders()))]
    pub adjustable_by: Vec<String>,
    /// A plan that a result starts.
    pub improvement_plan: Option<ImprovementPlan>,
}

/// A plan that somebody follows after a poor result.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ImprovementPlan {
    /// The outcome that starts one.
    pub on: String,
    /// How long it lasts.
    pub months: u8,
    /// Items at most; absent: any number.
    pub max_items: Option<u8>,
    /// The overall mark from which it is passed.
    pub pass_from: Number,
    /// The lowest mark.
    pub scale_from: Number,
    /// The highest mark.
    pub scale_to: Number,
    /// Marks are multiples of this.
    pub scale_step: Number,
    /// The outcome when it is passed.
    pub passed: String,
    /// The outcome when it is not.
    pub failed: String,
    /// The outcome when the person declines it; absent: that of `failed`.
    pub declined: Option<String>,
}
