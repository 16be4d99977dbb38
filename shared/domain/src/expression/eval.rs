//! Computes formulas over the slots of a case and the columns found so far. Exact decimals, checked arithmetic.

use std::cmp::Ordering;

use jiff::civil::Date;
use rust_decimal::Decimal;

use super::node::{Comparison, Field, Local, Node, Operator, Past, Rel};
use crate::case::Case;
use crate::invalid::{Invalid, pointer_segment};
use crate::message::Message;
use crate::money::{round, settle};
use crate::say;
use crate::scheme::Scheme;
use crate::scheme::plan::{Plan, Setting};
use crate::value::{Kind, Symbol, Value};

/// Why a formula could not be computed.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Fault {
    /// Something of the case is missing or wrong.
    At { pointers: Vec<String>, code: &'static str, detail: Message },
    /// A figure that it reads could not be computed: the index of that fault.
    Inherited(u32),
}

impl Fault {
    pub fn at(pointer: impl Into<String>, code: &'static str, detail: impl Into<Message>) -> Box<Self> {
        Box::new(Fault::At { pointers: vec![pointer.into()], code, detail: detail.into() })
    }

    pub fn missing(pointer: impl Into<String>) -> Box<Self> {
        let pointer = pointer.into();
        let detail = missing(&pointer);
        Self::at(pointer, "missing", detail)
    }

    /// What else is missing is told as well.
    fn and(mut self: Box<Self>, other: Fault) -> Box<Self> {
        if let (Fault::At { pointers, code: "missing", .. }, Fault::At { pointers: more, code: "missing", .. }) =
            (&mut *self, other)
        {
            pointers.extend(more);
            pointers.dedup();
        }
        self
    }

    pub fn tell(&self, invalid: &mut Invalid) {
        let Fault::At { pointers, code, detail } = self else { return };
        for pointer in pointers {
            match pointers.len() {
                2.. if *code == "missing" => invalid.add(pointer, code, missing(pointer)),
                _ => invalid.add(pointer, code, detail.clone()),
            }
        }
    }
}

fn missing(pointer: &str) -> Message {
    say!("缺少 {}", "{} is missing", pointer.rsplit('/').next().unwrap_or(""))
}

pub(crate) type Evaluated<T> = Result<T, Box<Fault>>;

/// What a formula read, for its explanation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Read {
    Slot { kind: Kind, row: usize, slot: u16, value: Value },
    Figure { kind: Kind, row: usize, figure: u16, value: Value },
    Parameter { parameter: u16, key: Option<Symbol>, value: Decimal },
    Weight { value: Decimal },
    Column { name: (u16, u16), row: u32, value: Value },
    Past { past: Past },
}

pub(crate) trait Trace {
    fn note(&mut self, read: Read);
}

/// Notes nothing.
pub(crate) struct Untraced;

impl Trace for Untraced {
    #[inline(always)]
    fn note(&mut self, _: Read) {}
}

impl Trace for Vec<Read> {
    fn note(&mut self, read: Read) {
        if !self.contains(&read) {
            self.push(read);
        }
    }
}

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
                let value = self.case.item_weight(at.kind, at.row, *sheet, *item);
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

    /// What stands in could not be found: what it should have stood in for is missing as well.
    fn with_absent(&self, mut fault: Box<Fault>, absent: &[Node], at: At) -> Box<Fault> {
        if let Fault::At { pointers, code: "missing", .. } = &mut *fault {
            for node in absent {
                if let Node::Slot { rel, slot, .. } = node
                    && let Ok(row) = self.row_of(*rel, at)
                {
                    pointers.push(self.slot_pointer(rel.target(at.kind), row, *slot));
                }
            }
        }
        fault
    }

    fn is_pay(&self, kind: Kind, slot: u16) -> bool {
        self.plan.layouts[kind.index()].slots.get(usize::from(slot)).is_some_and(|slot| slot.pay)
    }

    fn slot_pointer(&self, kind: Kind, row: usize, slot: u16) -> String {
        let declared = self.plan.layouts[kind.index()].slots.get(usize::from(slot));
        format!("{}{}", Case::pointer(kind, row), declared.map_or("", |slot| &slot.pointer))
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

    /// The row that is meant, seen from the subject.
    fn row_of(&self, rel: Rel, at: At) -> Evaluated<usize> {
        match rel {
            Rel::Own => Ok(at.row),
            Rel::Company => Ok(0),
            // What people share is asked of their unit itself where it has no people.
            Rel::Unit if at.kind == Kind::Units => Ok(at.row),
            Rel::Unit => {
                let unit = self.case.of(Kind::People).unit_of(at.row);
                unit.ok_or_else(|| Fault::missing(format!("{}/unit", Case::pointer(at.kind, at.row))))
            }
            Rel::Head => {
                let head = self.case.of(Kind::Units).head_of(at.row);
                let appraised = head.filter(|head| self.excluded.get(*head).copied().flatten().is_none());
                appraised.ok_or_else(|| Fault::missing(format!("{}/head", Case::pointer(at.kind, at.row))))
            }
        }
    }

    fn slot<T: Trace>(&self, rel: Rel, slot: u16, required: bool, at: At, trace: &mut T) -> Evaluated<Value> {
        let row = self.row_of(rel, at)?;
        let kind = rel.target(at.kind);
        let value = self.case.of(kind).slot(row, slot);
        trace.note(Read::Slot { kind, row, slot, value });
        match value {
            Value::Absent if required && self.probing && self.is_pay(kind, slot) => Ok(Value::Number(Decimal::ONE)),
            Value::Absent if required || self.has_default(kind, slot) => {
                Err(Fault::missing(self.slot_pointer(kind, row, slot)))
            }
            Value::List { start, len } => self.mean(start, len).map(Value::Number).ok_or_else(|| overflow(at)),
            value => Ok(value),
        }
    }

    /// Then it is absent only where an earlier phase should have carried it over and did not.
    fn has_default(&self, kind: Kind, slot: u16) -> bool {
        let slot = self.plan.layouts[kind.index()].slots.get(usize::from(slot));
        slot.is_some_and(|slot| slot.spec.default != Value::Absent)
    }

    fn mean(&self, start: u32, len: u32) -> Option<Decimal> {
        let start = start as usize;
        let numbers = self.case.numbers.get(start..start + len as usize)?;
        let sum = numbers.iter().try_fold(Decimal::ZERO, |sum, number| sum.checked_add(*number))?;
        sum.checked_div(Decimal::from(len))
    }

    fn figure<T: Trace>(&self, rel: Rel, figure: u16, at: At, trace: &mut T) -> Evaluated<Value> {
        let row = self.row_of(rel, at)?;
        let kind = rel.target(at.kind);
        let value =
            self.columns.get(usize::from(figure)).and_then(|column| column.get(row)).copied().unwrap_or_default();
        if let Value::Failed(fault) = value {
            return Err(Box::new(Fault::Inherited(fault)));
        }
        trace.note(Read::Figure { kind, row, figure, value });
        Ok(value)
    }

    fn local<T: Trace>(&self, local: Local, at: At, trace: &mut T) -> Evaluated<Value> {
        match local {
            Local::Column { list, at: column, optional } => {
                let value = at.cells.get(usize::from(column)).copied().unwrap_or_default();
                trace.note(Read::Column { name: (list, column), row: at.place, value });
                if value == Value::Absent && !optional { Err(broken(at)) } else { Ok(value) }
            }
            Local::Past(field) => at.past.map_or_else(|| Err(broken(at)), |past| self.past_field(past, field, at)),
            Local::Month(field) => at.past.map_or_else(|| Err(broken(at)), |past| Ok(past.known(field))),
        }
    }

    fn past_field(&self, past: &Past, field: Field, at: At) -> Evaluated<Value> {
        match past.known(field) {
            Value::Absent => {
                let (kind, row) = at.historian();
                let name = if field == Field::Score { "score" } else { "grade" };
                Err(Fault::missing(format!("{}/history/{}/{name}", Case::pointer(kind, row), past.given_at)))
            }
            value => Ok(value),
        }
    }

    fn previous<T: Trace>(&self, field: Field, at: At, trace: &mut T) -> Evaluated<Value> {
        let before = self.case.period.previous();
        match self.history(at).iter().find(|past| past.period == before) {
            None => Ok(Value::Absent),
            Some(past) => {
                trace.note(Read::Past { past: *past });
                self.past_field(past, field, at)
            }
        }
    }

    fn history(&self, at: At) -> &'a [Past] {
        let (kind, row) = at.historian();
        self.case.of(kind).history.of(row)
    }

    fn category(&self, at: At) -> Value {
        let category = self.case.of(at.kind).category_of(at.row);
        let code = self.scheme.source.category_code(at.kind, category);
        self.scheme.symbols.find(code).map_or(Value::Absent, Value::Text)
    }

    fn setting(&self, parameter: u16) -> Evaluated<&'a Setting> {
        let setting = self.case.settings.get(usize::from(parameter)).and_then(Option::as_ref);
        setting.ok_or_else(|| Fault::missing(self.parameter_pointer(parameter)))
    }

    fn parameter_pointer(&self, parameter: u16) -> String {
        let name = self.scheme.parameters.get(usize::from(parameter)).map_or("", |parameter| &parameter.name);
        format!("/parameters/{}", pointer_segment(name))
    }

    /// Absent where a company may leave it unset and has.
    fn parameter<T: Trace>(&self, parameter: u16, trace: &mut T) -> Evaluated<Value> {
        let declared = self.scheme.parameters.get(usize::from(parameter));
        match self.setting(parameter) {
            Ok(Setting::Number(value)) => {
                trace.note(Read::Parameter { parameter, key: None, value: *value });
                Ok(Value::Number(*value))
            }
            Ok(_) => Err(Fault::at(
                self.parameter_pointer(parameter),
                "not_a_number",
                say!("应为数值", "a number is wanted"),
            )),
            Err(_) if declared.is_some_and(|declared| declared.optional) => Ok(Value::Absent),
            Err(fault) => Err(fault),
        }
    }

    fn entry<T: Trace>(&self, parameter: u16, key: &Node, at: At, trace: &mut T) -> Evaluated<Decimal> {
        let Value::Text(key) = self.value(key, at, trace)? else { return Err(broken(at)) };
        let entries = match self.setting(parameter)? {
            Setting::Table(entries) => entries.as_slice(),
            _ => &[],
        };
        let found = entries.iter().find(|(entry, _)| *entry == key);
        let (_, value) = found.ok_or_else(|| {
            let key = self.scheme.symbols.text(key);
            Fault::at(
                self.parameter_pointer(parameter),
                "missing",
                say!("表中没有项 {key}", "the table has no entry {key}"),
            )
        })?;
        trace.note(Read::Parameter { parameter, key: Some(key), value: *value });
        Ok(*value)
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
            let mut pointers = vec![format!("{}/items", Case::pointer(at.kind, at.row))];
            if let Some((Node::Entry { parameter, .. }, ..)) = raters.first() {
                pointers.push(self.parameter_pointer(*parameter));
            }
            let detail = say!("已评分者的权重全为 0", "the weights of those who rated are all 0");
            return Err(Box::new(Fault::At { pointers, code: "weights", detail }));
        }
        sum.checked_div(weights).ok_or_else(|| overflow(at))
    }

    fn rows(&self, list: u16, at: At) -> Evaluated<std::slice::ChunksExact<'a, Value>> {
        let held = self.case.of(at.kind).lists.get(usize::from(list)).ok_or_else(|| broken(at))?;
        let rows = held.of(at.row);
        let declared = self.plan.lists[at.kind.index()].get(usize::from(list));
        match declared {
            Some(list) if list.required && rows.len() == 0 => {
                Err(Fault::missing(format!("{}/{}", Case::pointer(at.kind, at.row), list.key)))
            }
            _ => Ok(rows),
        }
    }

    fn sum_rows<T: Trace>(&self, list: u16, of: &Node, at: At, trace: &mut T) -> Evaluated<Decimal> {
        let mut sum = Decimal::ZERO;
        for (place, cells) in (1..).zip(self.rows(list, at)?) {
            let number = self.number(of, At { cells, place, ..at }, trace)?;
            sum = sum.checked_add(number).ok_or_else(|| overflow(at))?;
        }
        Ok(sum)
    }

    fn count_rows<T: Trace>(&self, list: u16, of: &Node, at: At, trace: &mut T) -> Evaluated<Decimal> {
        let mut count = 0_u32;
        for (place, cells) in (1..).zip(self.rows(list, at)?) {
            count += u32::from(self.truth(of, At { cells, place, ..at }, trace)?);
        }
        Ok(Decimal::from(count))
    }

    /// How many periods in a row, up to and with the present one, meet the condition; 0 when the present does not.
    fn run<T: Trace>(&self, past: &Node, present: &Node, at: At, trace: &mut T) -> Evaluated<Decimal> {
        if !self.truth(present, at, trace)? {
            return Ok(Decimal::ZERO);
        }
        let mut length = 1_u32;
        let mut wanted = self.case.period.previous();
        let form = wanted.form();
        for entry in self.history(at).iter().rev().filter(|entry| entry.period.form() == form) {
            if entry.period != wanted {
                break;
            }
            trace.note(Read::Past { past: *entry });
            if !self.truth(past, At { past: Some(entry), ..at }, trace)? {
                break;
            }
            length += 1;
            wanted = wanted.previous();
        }
        Ok(Decimal::from(length))
    }

    /// Which of those that meet the condition the present period is; 0 when it does not.
    fn nth<T: Trace>(&self, past: &Node, present: &Node, ever: bool, at: At, trace: &mut T) -> Evaluated<Decimal> {
        if self.truth(present, at, trace)? { self.count(past, present, ever, at, trace) } else { Ok(Decimal::ZERO) }
    }

    /// How many periods of the calendar year (or `ever`) meet the condition, the present one among them.
    fn count<T: Trace>(&self, past: &Node, present: &Node, ever: bool, at: At, trace: &mut T) -> Evaluated<Decimal> {
        let period = self.case.period;
        let mut count = u32::from(self.truth(present, at, trace)?);
        let counted =
            |entry: &&Past| entry.period.form() == period.form() && (ever || entry.period.year() == period.year());
        for entry in self.history(at).iter().filter(counted) {
            trace.note(Read::Past { past: *entry });
            count += u32::from(self.truth(past, At { past: Some(entry), ..at }, trace)?);
        }
        Ok(Decimal::from(count))
    }

    /// How many months of the period meet the condition.
    fn count_months<T: Trace>(&self, of: &Node, at: At, trace: &mut T) -> Evaluated<Decimal> {
        let months = self.case.period.months();
        let mut count = 0_u32;
        for entry in self.history(at).iter().filter(|past| months.contains(&past.period)) {
            trace.note(Read::Past { past: *entry });
            count += u32::from(self.truth(of, At { past: Some(entry), ..at }, trace)?);
        }
        Ok(Decimal::from(count))
    }

    fn months_scored<T: Trace>(&self, at: At, trace: &mut T) -> u32 {
        let months = self.case.period.months();
        let scored = self.history(at).iter().filter(|past| past.score.is_some() && months.contains(&past.period));
        scored.map(|past| trace.note(Read::Past { past: *past })).fold(0, |count, ()| count + 1)
    }

    /// Over all months of the period; with a minimum, over those that there are if they are that many.
    fn mean_of_months<T: Trace>(&self, least: Option<&Node>, at: At, trace: &mut T) -> Evaluated<Decimal> {
        let history = self.history(at);
        let least = least.map(|least| self.number(least, at, trace)).transpose()?;
        let (mut sum, mut count) = (Decimal::ZERO, Decimal::ZERO);
        let mut lacking = None;
        for month in self.case.period.months() {
            let found = history.iter().find(|past| past.period == month);
            let Some(past) = found.filter(|past| least.is_none() || past.score.is_some()) else {
                lacking = lacking.or(Some(month));
                continue;
            };
            trace.note(Read::Past { past: *past });
            let Value::Number(score) = self.past_field(past, Field::Score, at)? else { return Err(broken(at)) };
            sum = sum.checked_add(score).ok_or_else(|| overflow(at))?;
            count += Decimal::ONE;
        }
        let enough = least.is_some_and(|least| count >= least.max(Decimal::ONE));
        if let Some(month) = lacking.filter(|_| !enough) {
            let pointer = format!("{}/history", Case::pointer(at.kind, at.row));
            let detail = match least {
                None => say!("缺少 {month} 的得分", "the score of {month} is missing"),
                Some(least) => say!(
                    "已有 {count} 个月的得分，至少需要 {least} 个月：缺少 {month}",
                    "{count} of at least {least} scores of months are there: that of {month} is missing"
                ),
            };
            return Err(Fault::at(pointer, "missing", detail));
        }
        sum.checked_div(count).ok_or_else(|| overflow(at))
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

/// Reading a scheme has shown that this cannot be; a scheme read before that was asked for may meet it.
fn divided_by_zero(at: At) -> Box<Fault> {
    Fault::at(Case::pointer(at.kind, at.row), "division_by_zero", say!("除数为 0", "a divisor is 0"))
}

fn overflow(at: At) -> Box<Fault> {
    Fault::at(
        Case::pointer(at.kind, at.row),
        "overflow",
        say!("数值过大，无法精确计算", "the numbers are too large to be computed exactly"),
    )
}

fn broken(at: At) -> Box<Fault> {
    Fault::at(
        Case::pointer(at.kind, at.row),
        "not_computable",
        say!("缺少所需的值", "a value that is needed is absent"),
    )
}
