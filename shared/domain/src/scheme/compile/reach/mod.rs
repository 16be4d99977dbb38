//! What a formula can come to: the range of its numbers, the codes it can yield, whether a condition can hold.
//!
//! Worked out when a scheme is read, over every category: so it is known before anybody is appraised that no
//! divisor is 0, that every look-up finds its entry, and that a rule can apply at all.

mod conditions;
mod range;
mod reads;
mod survey;

use std::collections::BTreeSet;

use rust_decimal::Decimal;

pub(crate) use range::Range;
pub(super) use range::{finished, reaches};

use super::Compiler;
use super::typing::Scope;
use crate::Message;
use crate::expression::Node;
use crate::period::Form;
use crate::scheme::plan::InputSpec;
use crate::scheme::source::{Bounds, InputKind};
use crate::value::{Symbol, Value};
use range::{larger, smaller};
use survey::Surveyor;

/// Everything that a formula can yield.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Reach {
    pub shape: Shape,
    pub absent: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Shape {
    Number(Range),
    Flag {
        yes: bool,
        no: bool,
    },
    Texts(BTreeSet<Symbol>),
    Day,
    /// No value at all: nothing leads here.
    Nothing,
}

impl Reach {
    pub fn of(shape: Shape) -> Self {
        Self { shape, absent: false }
    }

    pub fn number(range: Range) -> Self {
        Self::of(Shape::Number(range))
    }

    pub fn flag(yes: bool, no: bool) -> Self {
        Self::of(Shape::Flag { yes, no })
    }

    pub fn texts(texts: impl IntoIterator<Item = Symbol>) -> Self {
        Self::of(Shape::Texts(texts.into_iter().collect()))
    }

    pub fn absent(self, absent: bool) -> Self {
        Self { absent, ..self }
    }

    pub fn range(&self) -> Range {
        match self.shape {
            Shape::Number(range) => range,
            _ => Range::ALL,
        }
    }

    /// The codes that it can be.
    pub fn codes(&self) -> impl Iterator<Item = Symbol> + '_ {
        let texts = if let Shape::Texts(texts) = &self.shape { Some(texts) } else { None };
        texts.into_iter().flatten().copied()
    }

    /// A condition can hold; one that is absent does not.
    pub fn can_hold(&self) -> bool {
        !matches!(self.shape, Shape::Flag { yes: false, .. } | Shape::Nothing)
    }

    pub fn can_fail(&self) -> bool {
        self.absent || !matches!(self.shape, Shape::Flag { no: false, .. } | Shape::Nothing)
    }

    pub fn or(self, other: Reach) -> Self {
        let shape = match (self.shape, other.shape) {
            (Shape::Nothing, shape) | (shape, Shape::Nothing) => shape,
            (Shape::Number(a), Shape::Number(b)) => Shape::Number(a.or(b)),
            (Shape::Flag { yes, no }, Shape::Flag { yes: yes_too, no: no_too }) => {
                Shape::Flag { yes: yes || yes_too, no: no || no_too }
            }
            (Shape::Texts(a), Shape::Texts(b)) => Shape::Texts(a.union(&b).copied().collect()),
            (shape, _) => shape,
        };
        Self { shape, absent: self.absent || other.absent }
    }
}

impl InputSpec {
    /// What may be given.
    pub(crate) fn reach(&self) -> Reach {
        let shape = match self.kind {
            InputKind::Flag | InputKind::Record => return Reach::flag(true, true),
            InputKind::Choice | InputKind::Grade => Shape::Texts(self.choices.iter().map(|(_, code)| *code).collect()),
            InputKind::Scale => {
                let numbers = self.scale.iter().map(|(_, number)| Range::of(*number));
                numbers.reduce(Range::or).map_or(Shape::Nothing, Shape::Number)
            }
            InputKind::Date => Shape::Day,
            InputKind::Text => Shape::Nothing,
            InputKind::Points => {
                let range = self.bounds.range(self.signed);
                Shape::Number(Range { hi: smaller(range.hi, Some(Decimal::ONE_HUNDRED)), ..range })
            }
            InputKind::Number | InputKind::Count => Shape::Number(self.bounds.range(self.signed)),
        };
        let default = match self.default {
            Value::Number(number) => Reach::number(Range::of(number)),
            _ => Reach::of(Shape::Nothing).absent(self.optional),
        };
        let given = Reach::of(shape).or(default);
        match given.shape {
            // Several values stand for their mean.
            Shape::Number(range) if self.many => Reach { shape: Shape::Number(range.mixed()), ..given },
            _ => given,
        }
    }
}

impl Bounds {
    pub(crate) fn range(&self, signed: bool) -> Range {
        if let Some(listed) = &self.one_of {
            return listed.iter().map(|one| Range::of(one.0)).reduce(Range::or).unwrap_or(Range::ALL);
        }
        let floor = if signed { None } else { Some(Decimal::ZERO) };
        let lo = larger(larger(self.min.map(|min| min.0), self.above.map(|above| above.0)), floor);
        let hi = smaller(self.max.map(|max| max.0), self.below.map(|below| below.0));
        if lo.zip(hi).is_some_and(|(lo, hi)| lo > hi) {
            // That no number can meet them has been told.
            return Range::between(floor, None);
        }
        let range = Range::between(lo, hi);
        let beyond_zero = self.above.is_some_and(|above| above.0 >= Decimal::ZERO)
            || self.below.is_some_and(|below| below.0 <= Decimal::ZERO);
        Range { zero: range.zero && !beyond_zero, ..range }
    }
}

impl Compiler<'_> {
    pub fn form(&self) -> Form {
        self.source.cadences.get(self.cadence).map_or(Form::Month, |cadence| cadence.form)
    }

    /// What a formula of a kind of subject comes to; what cannot be computed in it is told.
    pub(super) fn surveyed(&self, node: &Node, scope: &Scope) -> (Reach, Vec<(Message, Option<String>)>) {
        let mut surveyor = Surveyor::new(self, scope);
        let reach = surveyor.reach(node);
        (reach, surveyor.faults)
    }

    pub(super) fn range_of(&self, node: &Node, scope: &Scope) -> Range {
        self.surveyed(node, scope).0.range()
    }
}
