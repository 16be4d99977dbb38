//! Computes formulas over the slots of a case and the columns found so far. Exact decimals, checked arithmetic.

mod fault;
mod history;
mod reads;
mod trace;

use std::cmp::Ordering;

use jiff::civil::Date;
use rust_decimal::Decimal;

pub(crate) use fault::{Evaluated, Fault};
pub(crate) use trace::{Read, Trace, Untraced};

use crate::case::Case;
use crate::expression::{Comparison, Local, Node, Operator, Past};
use crate::money::{round, settle};
use crate::say;
use crate::scheme::Scheme;
use crate::scheme::plan::Plan;
use crate::value::{Kind, Value};
pub(super) use fault::overflow;
use fault::{broken, divided_by_zero};

/// Everything that formulas may read.
pub(crate) struct Env<'a> {
    pub scheme: &'a Scheme,
    pub plan: &'a Plan,
    pub case: &'a Case,
    pub columns: &'a [Vec<Value>],
    pub excluded: &'a [Option<u16>],
    pub gathered: &'a Gathered,
    /// Pay inputs that are absent count as 1: only what else is missing is looked for.
    pub probing: bool,
    pub first_day: Date,
    pub last_day: Date,
}

/// Who is appraised, by unit and in all; filled only where some figure gathers.
#[derive(Clone, Debug, Default)]
pub(crate) struct Gathered {
    pub people: Vec<u32>,
    pub people_of_unit: Vec<Vec<u32>>,
    pub units: Vec<u32>,
}

impl Gathered {
    /// The subjects of a kind that belong to a unit or to the company.
    pub fn members(&self, owner: Kind, of: Kind, row: usize) -> &[u32] {
        match (owner, of) {
            (Kind::Units, Kind::People) => self.people_of_unit.get(row).map_or(&[], |people| people),
            (_, Kind::People) => &self.people,
            (_, Kind::Units) => &self.units,
            (_, Kind::Company) => &[],
        }
    }
}

/// The subject for which a formula is computed, and the row of a list or the entry of the history it is in.
#[derive(Clone, Copy)]
pub(crate) struct At<'c> {
    pub kind: Kind,
    pub row: usize,
    pub cells: &'c [Value],
    /// Which row of the list, counted from 1.
    pub place: u32,
    pub past: Option<&'c Past>,
    /// Whose earlier results are looked at, where they are not the subject's.
    pub history: Option<(Kind, usize)>,
}

impl At<'_> {
    pub fn subject(kind: Kind, row: usize) -> Self {
        Self { kind, row, cells: &[], place: 0, past: None, history: None }
    }

    /// Whose earlier results are looked at.
    fn historian(&self) -> (Kind, usize) {
        self.history.unwrap_or((self.kind, self.row))
    }
}

impl<'a> Env<'a> {
    pub fn number<T: Trace>(&self, node: &Node, at: At, trace: &mut T) -> Evaluated<Decimal> {
        match node {
            Node::Constant(Value::Number(number)) => Ok(*number),
            Node::Arithmetic(operator, pair) => {
                let (left, right) = match (self.number(&pair.0, at, trace), self.number(&pair.1, at, trace)) {
                    (Ok(left), Ok(right)) => (left, right),
                    (Err(left), Err(right)) => return Err(left.and(*right)),
                    (Err(fault), Ok(_)) | (Ok(_), Err(fault)) => return Err(fault),
                };
                let result = match operator {
                    Operator::Add => left.checked_add(right),
                    Operator::Subtract => left.checked_sub(right),
                    Operator::Multiply => left.checked_mul(right),
                    Operator::Divide if right.is_zero() => return Err(divided_by_zero(at)),
                    Operator::Divide => left.checked_div(right),
                };
                result.ok_or_else(|| overflow(at))
            }
            Node::Shifted(inner, places) => shift(self.number(inner, at, trace)?, *places).ok_or_else(|| overflow(at)),
            Node::OnSheet { sheet, item, .. } if self.case.is_off(at.kind, at.row, self.plan, *sheet, *item) => {
                Ok(Decimal::ZERO)
            }
            Node::OnSheet { of, .. } => self.number(of, at, trace),
            Node::Negative(inner) => self.number(inner, at, trace).map(|number| -number),
            Node::Total(parts) => self.sum(parts, at, trace),
            Node::Floor(inner) => self.number(inner, at, trace).map(|number| settle(number).floor()),
            Node::Ceiling(inner) => self.number(inner, at, trace).map(|number| settle(number).ceil()),
            Node::Magnitude(inner) => self.number(inner, at, trace).map(|number| number.abs()),
            Node::Round(inner, places) => self.number(inner, at, trace).map(|number| round(number, *places)),
            Node::Least(all) => self.extreme(all, Ordering::Less, at, trace),
            Node::Greatest(all) => self.extreme(all, Ordering::Greater, at, trace),
            Node::Ratio(three) => self.ratio(&three.0, &three.1, &three.2, at, trace),
            Node::Weight { sheet, item } => {
                let value = self.case.item_weight(at.kind, at.row, self.plan, *sheet, *item);
                trace.note(Read::Weight { value });
                Ok(value)
            }
            Node::Parameter(parameter) => match self.parameter(*parameter, trace)? {
                Value::Number(number) => Ok(number),
                _ => Err(broken(at)),
            },
            Node::Entry { parameter, key } => self.entry(*parameter, key, at, trace),
            Node::Mix(raters) => self.mix(raters, at, trace),
            Node::SumRows { list, of } => self.sum_rows(*list, of, at, trace),
            Node::CountRows { list, of } => self.count_rows(*list, of, at, trace),
            Node::Run { past, present } => self.run(past, present, at, trace),
            Node::Nth { past, present, ever } => self.nth(past, present, *ever, at, trace),
            Node::CountInYear { past, present } => self.count(past, present, false, at, trace),
            Node::CountMonths { of } => self.count_months(of, at, trace),
            Node::MonthsScored => Ok(Decimal::from(self.months_scored(at, trace))),
            Node::MeanOfMonths { least } => self.mean_of_months(least.as_deref(), at, trace),
            Node::Scaled(inner, scale) => match self.value(inner, at, trace)? {
                Value::Text(text) => {
                    let found = scale.iter().find(|(entry, _)| *entry == text);
                    found.map(|(_, number)| *number).ok_or_else(|| broken(at))
                }
                _ => Err(broken(at)),
            },
            Node::Local(Local::Column { list, at: column, .. })
                if let Some(value @ Value::Number(number)) = at.cells.get(usize::from(*column)) =>
            {
                trace.note(Read::Column { name: (*list, *column), row: at.place, value: *value });
                Ok(*number)
            }
            _ => match self.value(node, at, trace)? {
                Value::Number(number) => Ok(number),
                _ => Err(broken(at)),
            },
        }
    }

    pub fn truth<T: Trace>(&self, node: &Node, at: At, trace: &mut T) -> Evaluated<bool> {
        match node {
            Node::Constant(Value::Flag(flag)) => Ok(*flag),
            Node::Compare(comparison, pair) => {
                let left = self.value(&pair.0, at, trace)?;
                let right = match &pair.1 {
                    Node::Constant(constant) => *constant,
                    node => self.value(node, at, trace)?,
                };
                Ok(compare(*comparison, left, right))
            }
            Node::AmongTexts(inner, codes) => {
                Ok(matches!(self.value(inner, at, trace)?, Value::Text(text) if codes.contains(&text)))
            }
            Node::AmongNumbers(inner, numbers) => {
                Ok(matches!(self.value(inner, at, trace)?, Value::Number(number) if numbers.contains(&settle(number))))
            }
            Node::Not(inner) => self.truth(inner, at, trace).map(|flag| !flag),
            Node::And(all) => {
                for one in all {
                    if !self.truth(one, at, trace)? {
                        return Ok(false);
                    }
                }
                Ok(true)
            }
            Node::Or(all) => {
                for one in all {
                    if self.truth(one, at, trace)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Node::Known(inner) => Ok(!matches!(self.value(inner, at, trace)?, Value::Absent)),
            Node::AnyGiven(all) => {
                for one in all {
                    if !matches!(self.value(one, at, trace)?, Value::Absent) {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            _ => Ok(matches!(self.value(node, at, trace)?, Value::Flag(true))),
        }
    }

    pub fn value<T: Trace>(&self, node: &Node, at: At, trace: &mut T) -> Evaluated<Value> {
        match node {
            Node::Constant(value) => Ok(*value),
            Node::Slot { rel, slot, required } => self.slot(*rel, *slot, *required, at, trace),
            Node::Figure { rel, figure } => self.figure(*rel, *figure, at, trace),
            Node::Local(local) => self.local(*local, at, trace),
            Node::Previous(field) => self.previous(*field, at, trace),
            Node::Parameter(parameter) => self.parameter(*parameter, trace),
            Node::Category => Ok(self.category(at)),
            Node::PeriodDay { last } => Ok(Value::Day(if *last { self.last_day } else { self.first_day })),
            Node::Choose(cases, last) => {
                for (when, then) in cases {
                    if self.truth(when, at, trace)? {
                        return self.value(then, at, trace);
                    }
                }
                self.value(last, at, trace)
            }
            Node::Otherwise(all) => {
                let mut found = Value::Absent;
                for (place, one) in all.iter().enumerate() {
                    found = match self.value(one, at, trace) {
                        Ok(found) => found,
                        Err(fault) => return Err(self.with_absent(fault, all.get(..place).unwrap_or(&[]), at)),
                    };
                    if found != Value::Absent {
                        break;
                    }
                }
                Ok(found)
            }
            Node::Scaled(inner, _) if self.value(inner, at, trace)? == Value::Absent => Ok(Value::Absent),
            Node::Compare(..)
            | Node::AmongTexts(..)
            | Node::AmongNumbers(..)
            | Node::Not(_)
            | Node::And(_)
            | Node::Or(_)
            | Node::Known(_)
            | Node::AnyGiven(_) => self.truth(node, at, trace).map(Value::Flag),
            _ => self.number(node, at, trace).map(Value::Number),
        }
    }

    fn sum<T: Trace>(&self, parts: &[Node], at: At, trace: &mut T) -> Evaluated<Decimal> {
        let mut sum = Decimal::ZERO;
        let mut faults: Option<Box<Fault>> = None;
        for part in parts {
            match self.number(part, at, trace) {
                Ok(number) => sum = sum.checked_add(number).ok_or_else(|| overflow(at))?,
                Err(fault) => {
                    faults = Some(match faults {
                        None => fault,
                        Some(before) => before.and(*fault),
                    })
                }
            }
        }
        faults.map_or(Ok(sum), Err)
    }

    fn extreme<T: Trace>(&self, all: &[Node], wanted: Ordering, at: At, trace: &mut T) -> Evaluated<Decimal> {
        let mut found: Option<Decimal> = None;
        for one in all {
            let number = self.number(one, at, trace)?;
            if found.is_none_or(|found| number.cmp(&found) == wanted) {
                found = Some(number);
            }
        }
        found.ok_or_else(|| broken(at))
    }

    fn ratio<T: Trace>(
        &self,
        over: &Node,
        under: &Node,
        otherwise: &Node,
        at: At,
        trace: &mut T,
    ) -> Evaluated<Decimal> {
        let divisor = self.number(under, at, trace)?;
        if divisor.is_zero() {
            return self.number(otherwise, at, trace);
        }
        self.number(over, at, trace)?.checked_div(divisor).ok_or_else(|| overflow(at))
    }

    /// The weighted mean of the totals of those who rated; the weights of the others are shared among them.
    fn mix<T: Trace>(&self, raters: &[(Node, Node, Node)], at: At, trace: &mut T) -> Evaluated<Decimal> {
        let (mut sum, mut weights) = (Decimal::ZERO, Decimal::ZERO);
        for (weight, rated, total) in raters {
            if !self.truth(rated, at, trace)? {
                continue;
            }
            let weight = self.number(weight, at, trace)?;
            let total = self.number(total, at, trace)?;
            let part = weight.checked_mul(total).and_then(|part| sum.checked_add(part));
            sum = part.ok_or_else(|| overflow(at))?;
            weights = weights.checked_add(weight).ok_or_else(|| overflow(at))?;
        }
        if weights.is_zero() {
            let detail = say!("已评分者的权重全为 0", "the weights of those who rated are all 0");
            let mut culprits = vec![(format!("{}/items", Case::pointer(at.kind, at.row)), detail.clone())];
            if let Some((Node::Entry { parameter, .. }, ..)) = raters.first() {
                culprits.push((self.parameter_pointer(*parameter), detail));
            }
            return Err(Box::new(Fault::At { culprits, code: "weights" }));
        }
        sum.checked_div(weights).ok_or_else(|| overflow(at))
    }
}

/// A comparison with something absent is false.
fn compare(comparison: Comparison, left: Value, right: Value) -> bool {
    let ordering = match (left, right) {
        (Value::Number(left), Value::Number(right)) => settle(left).cmp(&settle(right)),
        (Value::Day(left), Value::Day(right)) => left.cmp(&right),
        (Value::Text(left), Value::Text(right)) => left.cmp(&right),
        (Value::Flag(left), Value::Flag(right)) => left.cmp(&right),
        _ => return false,
    };
    match comparison {
        Comparison::Equal => ordering.is_eq(),
        Comparison::Unequal => ordering.is_ne(),
        Comparison::Less => ordering.is_lt(),
        Comparison::LessOrEqual => ordering.is_le(),
        Comparison::More => ordering.is_gt(),
        Comparison::MoreOrEqual => ordering.is_ge(),
    }
}

fn shift(number: Decimal, places: u32) -> Option<Decimal> {
    let mut shifted = number;
    match shifted.set_scale(number.scale() + places) {
        Ok(()) => Some(shifted),
        Err(_) => number.checked_div(Decimal::from(10_u64.pow(places))),
    }
}
