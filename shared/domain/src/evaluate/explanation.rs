//! How everything of a subject came about, as values and names; labels and formulas are the scheme's, in its frozen
//! version. Names are borrowed from it where an explanation is made, and everything that was read stands in one row:
//! a million of them are made with a few allocations each.

use std::borrow::Cow;
use std::ops::Range;

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize, Serializer};

use crate::money::plain;
use crate::period::Period;
use crate::value::Kind;

/// The least amount of money.
pub(crate) const CENT: Decimal = Decimal::from_parts(1, 0, 0, false, 2);

/// The way from a subject's results down to what was observed.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(from = "Stored<'a>")]
pub struct Explanation<'a> {
    pub scheme: Cow<'a, str>,
    pub cadence: Cow<'a, str>,
    pub period: Period,
    pub kind: Kind,
    pub subject: Cow<'a, str>,
    pub excluded: Option<Cow<'a, str>>,
    /// Results first; every figure once.
    pub steps: Vec<Step<'a>>,
    /// What the steps read, one after the other.
    pub(super) operands: Vec<Operand<'a>>,
    pub reasons: Vec<Reason<'a>>,
}

/// One figure: what it read, and what came out.
#[derive(Clone, Debug, PartialEq)]
pub struct Step<'a> {
    pub kind: Kind,
    pub figure: Cow<'a, str>,
    /// Index of the subject's category in the scheme.
    pub category: u8,
    pub value: ExplainedValue<'a>,
    /// Before bounds and rounding, where they changed it.
    pub raw: Option<ExplainedValue<'a>>,
    /// Where what it read stands among all operands.
    pub(super) reads: Range<u32>,
    /// Place and number of those ranked together.
    pub place: Option<(u32, u32)>,
    /// Of a share of a sum of money: what it was made of.
    pub share: Option<Box<ShareOfPool>>,
    /// How many subjects it was gathered from.
    pub gathered: Option<u32>,
    /// How it was moved after it was computed, move by move.
    pub moved: Vec<MovedFrom<'a>>,
    /// The result that pay, score or grade is: not only a step on the way.
    pub result: bool,
}

/// How a share of a sum of money was found: the pool × the weight ÷ the sum of weights, rounded down to the cent, and
/// perhaps one of the cents that were left.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ShareOfPool {
    pub pool: Decimal,
    pub weight: Decimal,
    /// The sum of the weights of all who share.
    pub weights: Decimal,
    pub among: u32,
    /// The share rounded down.
    pub down: Decimal,
    /// One of the cents left over was added.
    pub cent: bool,
}

/// A figure that somebody moved.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MovedFrom<'a> {
    /// What it was before.
    pub from: ExplainedValue<'a>,
    pub to: ExplainedValue<'a>,
    pub who: Cow<'a, str>,
    pub on: Date,
    pub why: Cow<'a, str>,
}

/// Something that a formula read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Operand<'a> {
    pub kind: Kind,
    /// As formulas name it: `item.response.value`, `param.interview_below`, `score`.
    pub name: Cow<'a, str>,
    /// The key, of an entry of a table; the period, of an earlier result.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<Cow<'a, str>>,
    pub value: ExplainedValue<'a>,
}

/// A rule that applied: what it gave, and what its condition read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reason<'a> {
    pub gives: Cow<'a, [String]>,
    pub when: Cow<'a, str>,
    /// Of what somebody gets as the leader of a unit: that unit's code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of_unit: Option<Cow<'a, str>>,
    pub reads: Vec<Operand<'a>>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExplainedValue<'a> {
    Number(Decimal),
    Numbers(Vec<Decimal>),
    Flag(bool),
    Text(Cow<'a, str>),
    Day(Date),
    Absent,
}

impl<'a> Explanation<'a> {
    /// What a step read.
    pub fn reads(&self, step: &Step<'a>) -> &[Operand<'a>] {
        let (start, end) = (step.reads.start as usize, step.reads.end as usize);
        self.operands.get(start..end).unwrap_or(&[])
    }
}

impl Step<'_> {
    /// Leaves out how it was found: that is told elsewhere.
    pub fn as_given(&mut self) {
        self.reads = 0..0;
        (self.raw, self.place, self.gathered, self.share) = (None, None, None, None);
        self.moved.clear();
    }
}

impl Reason<'_> {
    /// Whose condition it is.
    pub(crate) fn kind(&self, explained: Kind) -> Kind {
        if self.of_unit.is_some() { Kind::Units } else { explained }
    }
}

impl ExplainedValue<'_> {
    /// As it stands, without a language.
    pub(crate) fn plain(&self) -> String {
        match self {
            ExplainedValue::Number(number) => plain(*number),
            ExplainedValue::Numbers(numbers) => {
                numbers.iter().map(|number| plain(*number)).collect::<Vec<_>>().join(", ")
            }
            ExplainedValue::Flag(flag) => flag.to_string(),
            ExplainedValue::Text(text) => text.to_string(),
            ExplainedValue::Day(day) => day.to_string(),
            ExplainedValue::Absent => "—".to_owned(),
        }
    }
}

/// An explanation as it is stored: each step with what it read.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Stored<'a> {
    pub scheme: Cow<'a, str>,
    pub cadence: Cow<'a, str>,
    pub period: Period,
    pub kind: Kind,
    pub subject: Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub excluded: Option<Cow<'a, str>>,
    pub steps: Vec<StoredStep<'a>>,
    #[serde(default, skip_serializing_if = "<[_]>::is_empty")]
    pub reasons: Cow<'a, [Reason<'a>]>,
}

#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct StoredStep<'a> {
    pub kind: Kind,
    pub figure: Cow<'a, str>,
    pub category: u8,
    pub value: Cow<'a, ExplainedValue<'a>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw: Option<Cow<'a, ExplainedValue<'a>>>,
    #[serde(default, skip_serializing_if = "<[_]>::is_empty")]
    pub reads: Cow<'a, [Operand<'a>]>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<(u32, u32)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share: Option<Cow<'a, ShareOfPool>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gathered: Option<u32>,
    #[serde(default, skip_serializing_if = "<[_]>::is_empty")]
    pub moved: Cow<'a, [MovedFrom<'a>]>,
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub result: bool,
}

impl<'a> Stored<'a> {
    fn of(explanation: &'a Explanation<'a>) -> Self {
        let steps = explanation.steps.iter().map(|step| StoredStep {
            kind: step.kind,
            figure: Cow::Borrowed(&step.figure),
            category: step.category,
            value: Cow::Borrowed(&step.value),
            raw: step.raw.as_ref().map(Cow::Borrowed),
            reads: Cow::Borrowed(explanation.reads(step)),
            place: step.place,
            share: step.share.as_deref().map(Cow::Borrowed),
            gathered: step.gathered,
            moved: Cow::Borrowed(&step.moved),
            result: step.result,
        });
        Self {
            scheme: Cow::Borrowed(&explanation.scheme),
            cadence: Cow::Borrowed(&explanation.cadence),
            period: explanation.period,
            kind: explanation.kind,
            subject: Cow::Borrowed(&explanation.subject),
            excluded: explanation.excluded.as_deref().map(Cow::Borrowed),
            steps: steps.collect(),
            reasons: Cow::Borrowed(&explanation.reasons),
        }
    }
}

impl Serialize for Explanation<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        Stored::of(self).serialize(serializer)
    }
}

impl<'a> From<Stored<'a>> for Explanation<'a> {
    fn from(stored: Stored<'a>) -> Self {
        let mut operands = Vec::new();
        let steps = stored.steps.into_iter().map(|step| {
            let start = place(&operands);
            operands.extend(step.reads.into_owned());
            Step {
                kind: step.kind,
                figure: step.figure,
                category: step.category,
                value: step.value.into_owned(),
                raw: step.raw.map(Cow::into_owned),
                reads: start..place(&operands),
                place: step.place,
                share: step.share.map(|share| Box::new(share.into_owned())),
                gathered: step.gathered,
                moved: step.moved.into_owned(),
                result: step.result,
            }
        });
        let steps = steps.collect();
        Self {
            scheme: stored.scheme,
            cadence: stored.cadence,
            period: stored.period,
            kind: stored.kind,
            subject: stored.subject,
            excluded: stored.excluded,
            steps,
            operands,
            reasons: stored.reasons.into_owned(),
        }
    }
}

/// Where the next operand stands.
pub(super) fn place(operands: &[Operand<'_>]) -> u32 {
    u32::try_from(operands.len()).unwrap_or(u32::MAX)
}
