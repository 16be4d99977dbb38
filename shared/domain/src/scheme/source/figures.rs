//! What is computed, and how.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Expr, Kind, Number};
use crate::locale::Label;

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
