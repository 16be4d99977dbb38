//! What a formula can come to: the range of its numbers, the codes it can yield, whether a condition can hold.
//!
//! Worked out when a scheme is read, over every category: so it is known before anybody is appraised that no
//! divisor is 0, that every look-up finds its entry, and that a rule can apply at all.

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use super::Compiler;
use crate::expression::typing::Scope;
use crate::expression::{Comparison, Field, Local, Node, Operator, Rel};
use crate::message::Message;
use crate::period::Form;
use crate::say;
use crate::scheme::plan::{InputSpec, Item, Rater, Setting, Sheet};
use crate::scheme::source::{Bounds, InputKind, RaterPresence};
use crate::value::{Symbol, Value};

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

/// Numbers between two bounds, both inclusive.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Range {
    pub lo: Option<Decimal>,
    pub hi: Option<Decimal>,
    /// 0 is among them.
    pub zero: bool,
}

impl Range {
    pub const ALL: Range = Range { lo: None, hi: None, zero: true };
    pub const FROM_ZERO: Range = Range { lo: Some(Decimal::ZERO), hi: None, zero: true };

    pub fn between(lo: Option<Decimal>, hi: Option<Decimal>) -> Self {
        let zero = lo.is_none_or(|lo| lo <= Decimal::ZERO) && hi.is_none_or(|hi| hi >= Decimal::ZERO);
        Self { lo, hi, zero }
    }

    fn of(number: Decimal) -> Self {
        Self::between(Some(number), Some(number))
    }

    pub fn or(self, other: Range) -> Self {
        let lo = self.lo.zip(other.lo).map(|(a, b)| a.min(b));
        let hi = self.hi.zip(other.hi).map(|(a, b)| a.max(b));
        Self { lo, hi, zero: self.zero || other.zero }
    }

    /// What both allow; nothing where they exclude each other.
    fn and(self, other: Range) -> Option<Self> {
        let lo = larger(self.lo, other.lo);
        let hi = smaller(self.hi, other.hi);
        let both = Self { zero: Self::between(lo, hi).zero && self.zero && other.zero, lo, hi };
        let empty = lo.zip(hi).is_some_and(|(lo, hi)| lo > hi || (lo == hi && lo.is_zero() && !both.zero));
        (!empty).then_some(both)
    }

    fn is_one(self) -> Option<Decimal> {
        self.lo.filter(|_| self.lo == self.hi)
    }

    /// Numbers in between as well: sums and means of these.
    fn mixed(self) -> Self {
        Self::between(self.lo, self.hi)
    }

    pub fn never_negative(self) -> bool {
        self.lo.is_some_and(|lo| lo >= Decimal::ZERO)
    }

    /// Ends after a function that never falls.
    fn map(self, f: impl Fn(Decimal) -> Decimal) -> Self {
        Self::between(self.lo.map(&f), self.hi.map(&f))
    }

    fn negative(self) -> Self {
        Self { lo: self.hi.map(|hi| -hi), hi: self.lo.map(|lo| -lo), zero: self.zero }
    }

    fn plus(self, other: Range) -> Self {
        let sum = |a: Option<Decimal>, b: Option<Decimal>| a.zip(b).and_then(|(a, b)| a.checked_add(b));
        let sum = Self::between(sum(self.lo, other.lo), sum(self.hi, other.hi));
        let positive = self.never_negative() && other.never_negative();
        Self { zero: sum.zero && !(positive && !(self.zero && other.zero)), ..sum }
    }

    fn times(self, other: Range) -> Self {
        let (a, b) = (self.ends(), other.ends());
        let corners = [a.0.times(b.0), a.0.times(b.1), a.1.times(b.0), a.1.times(b.1)];
        let hull = Self::hull(&corners);
        // Small numbers may come to nothing.
        Self { zero: self.zero || other.zero || hull.zero, ..hull }
    }

    fn over(self, other: Range) -> Self {
        let nearest_to_zero = match (other.lo, other.hi) {
            (Some(lo), hi) if lo > Decimal::ZERO => Some((End::At(lo), hi.map_or(End::High, End::At))),
            (lo, Some(hi)) if hi < Decimal::ZERO => Some((lo.map_or(End::Low, End::At), End::At(hi))),
            _ => None,
        };
        let Some((low, high)) = nearest_to_zero else {
            // The divisor comes as near to 0 as it likes.
            let positive = self.never_negative() && other.never_negative();
            return if positive { Self::FROM_ZERO } else { Self::ALL };
        };
        let a = self.ends();
        let corners = [a.0.over(low), a.0.over(high), a.1.over(low), a.1.over(high)];
        let hull = Self::hull(&corners);
        Self { zero: self.zero || hull.zero, ..hull }
    }

    fn ends(self) -> (End, End) {
        (self.lo.map_or(End::Low, End::At), self.hi.map_or(End::High, End::At))
    }

    fn hull(corners: &[End]) -> Self {
        let low = corners.iter().try_fold(None, |low: Option<Decimal>, end| match end {
            End::Low => None,
            End::High => Some(low),
            End::At(at) => Some(Some(low.map_or(*at, |low| low.min(*at)))),
        });
        let high = corners.iter().try_fold(None, |high: Option<Decimal>, end| match end {
            End::High => None,
            End::Low => Some(high),
            End::At(at) => Some(Some(high.map_or(*at, |high| high.max(*at)))),
        });
        Self::between(low.flatten(), high.flatten())
    }

    /// As people read it.
    pub fn told(self) -> Message {
        match (self.lo, self.hi) {
            (Some(lo), Some(hi)) if lo == hi => say!("恒为 {}", "always {}", lo.normalize()),
            (Some(lo), Some(hi)) => say!("{} 至 {}", "from {} to {}", lo.normalize(), hi.normalize()),
            (Some(lo), None) => say!("不小于 {}", "{} or more", lo.normalize()),
            (None, Some(hi)) => say!("不大于 {}", "{} or less", hi.normalize()),
            (None, None) => say!("可为任何数", "any number"),
        }
    }
}

fn larger(a: Option<Decimal>, b: Option<Decimal>) -> Option<Decimal> {
    a.map_or(b, |a| Some(b.map_or(a, |b| a.max(b))))
}

fn smaller(a: Option<Decimal>, b: Option<Decimal>) -> Option<Decimal> {
    a.map_or(b, |a| Some(b.map_or(a, |b| a.min(b))))
}

/// The end of a range.
#[derive(Clone, Copy)]
enum End {
    Low,
    At(Decimal),
    High,
}

impl End {
    fn sign(self) -> i8 {
        match self {
            End::Low => -1,
            End::High => 1,
            End::At(at) if at.is_zero() => 0,
            End::At(at) => {
                if at.is_sign_negative() {
                    -1
                } else {
                    1
                }
            }
        }
    }

    fn infinite(sign: i8) -> End {
        match sign {
            0 => End::At(Decimal::ZERO),
            1.. => End::High,
            _ => End::Low,
        }
    }

    fn times(self, other: End) -> End {
        let sign = self.sign() * other.sign();
        match (self, other) {
            (End::At(a), End::At(b)) => a.checked_mul(b).map_or(Self::infinite(sign), End::At),
            _ => Self::infinite(sign),
        }
    }

    /// Divided by an end that is not 0.
    fn over(self, other: End) -> End {
        let sign = self.sign() * other.sign();
        match (self, other) {
            (End::At(a), End::At(b)) => a.checked_div(b).map_or(Self::infinite(sign), End::At),
            (End::At(_), _) => End::At(Decimal::ZERO),
            _ => Self::infinite(sign),
        }
    }
}

impl Reach {
    fn of(shape: Shape) -> Self {
        Self { shape, absent: false }
    }

    pub fn number(range: Range) -> Self {
        Self::of(Shape::Number(range))
    }

    fn flag(yes: bool, no: bool) -> Self {
        Self::of(Shape::Flag { yes, no })
    }

    pub fn texts(texts: impl IntoIterator<Item = Symbol>) -> Self {
        Self::of(Shape::Texts(texts.into_iter().collect()))
    }

    fn absent(self, absent: bool) -> Self {
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

    fn or(self, other: Reach) -> Self {
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

/// Works out what formulas of one subject can come to, and what in them cannot be computed.
pub(super) struct Surveyor<'c, 's> {
    compiler: &'c Compiler<'s>,
    scope: &'c Scope,
    /// What a branch may count on, the latest last.
    known: Vec<(Node, Reach)>,
    pub faults: Vec<Message>,
}

impl<'c, 's> Surveyor<'c, 's> {
    pub fn new(compiler: &'c Compiler<'s>, scope: &'c Scope) -> Self {
        Self { compiler, scope, known: Vec::new(), faults: Vec::new() }
    }

    fn fault(&mut self, fault: Message) {
        if !self.faults.contains(&fault) {
            self.faults.push(fault);
        }
    }

    pub fn reach(&mut self, node: &Node) -> Reach {
        if let Some((_, known)) = self.known.iter().rev().find(|(known, _)| known == node) {
            return known.clone();
        }
        match node {
            Node::Constant(value) => self.constant(*value),
            Node::Slot { rel, slot, required } => {
                if *required && *rel == Rel::Own {
                    self.ask_for_points(*slot);
                }
                self.slot(*rel, *slot, *required)
            }
            Node::Figure { rel, figure } => self.figure(*rel, *figure),
            Node::Parameter(parameter) => self.parameter(*parameter),
            Node::Entry { parameter, key } => self.entry(*parameter, key),
            Node::Weight { .. } => Reach::number(Range::between(Some(Decimal::ZERO), Some(Decimal::ONE_HUNDRED))),
            Node::Local(local) => self.local(*local),
            Node::Previous(field) => self.past(*field).absent(true),
            Node::Category => {
                let code = self.compiler.source.category_code(self.scope.kind, self.scope.category);
                Reach::texts(self.compiler.symbols.find(code))
            }
            Node::PeriodDay { .. } => Reach::of(Shape::Day),
            Node::Arithmetic(operator, pair) => self.arithmetic(*operator, &pair.0, &pair.1),
            Node::Shifted(inner, places) => {
                let unit = Decimal::try_from_i128_with_scale(1, *places).unwrap_or(Decimal::ONE);
                Reach::number(self.range(inner).times(Range::of(unit)))
            }
            Node::Negative(inner) => Reach::number(self.range(inner).negative()),
            Node::Total(parts) => self.total(parts),
            Node::Floor(inner) => Reach::number(self.range(inner).map(|end| end.floor())),
            Node::Ceiling(inner) => Reach::number(self.range(inner).map(|end| end.ceil())),
            Node::Round(inner, places) => Reach::number(self.range(inner).map(|end| crate::money::round(end, *places))),
            Node::Magnitude(inner) => Reach::number(magnitude(self.range(inner))),
            Node::Least(all) => self.extreme(all, |a, b| {
                (smaller(a.lo, b.lo).filter(|_| a.lo.is_some() && b.lo.is_some()), smaller(a.hi, b.hi))
            }),
            Node::Greatest(all) => self.extreme(all, |a, b| {
                (larger(a.lo, b.lo), larger(a.hi, b.hi).filter(|_| a.hi.is_some() && b.hi.is_some()))
            }),
            Node::Ratio(three) => {
                let (over, under) = (self.range(&three.0), self.range(&three.1));
                let otherwise = self.reach(&three.2);
                Reach::number(over.over(Range { zero: false, ..under })).or(otherwise)
            }
            Node::Choose(cases, last) => self.choose(cases, last),
            Node::Otherwise(all) => self.otherwise(all),
            Node::Known(inner) => {
                let inner = self.reach(inner);
                Reach::flag(inner.shape != Shape::Nothing, inner.absent)
            }
            Node::AnyGiven(_) => Reach::flag(true, true),
            Node::Scaled(inner, scale) => {
                let absent = self.reach(inner).absent;
                let numbers = scale.iter().map(|(_, number)| Range::of(*number)).reduce(Range::or);
                Reach::of(numbers.map_or(Shape::Nothing, Shape::Number)).absent(absent)
            }
            Node::Mix(raters) => {
                let totals: Vec<Range> = raters
                    .iter()
                    .map(|(weight, rated, total)| {
                        self.reach(weight);
                        let before = self.known.len();
                        self.count_on(rated, true);
                        let range = self.range(total);
                        self.known.truncate(before);
                        range
                    })
                    .collect();
                Reach::number(totals.into_iter().reduce(Range::or).unwrap_or(Range::FROM_ZERO).mixed())
            }
            Node::SumRows { list, of } => self.sum_rows(*list, of),
            Node::CountRows { list, of } => {
                self.apart(|surveyor| surveyor.reach(of));
                Reach::number(Range::between(Some(Decimal::ZERO), self.rows(*list).1))
            }
            Node::Run { past, present } => self.periods(past, present, None),
            Node::Nth { past, present, ever: true } => self.periods(past, present, None),
            Node::CountMonths { of } => {
                self.apart(|surveyor| surveyor.reach(of));
                Reach::number(Range::between(Some(Decimal::ZERO), Some(Decimal::from(12))))
            }
            Node::Nth { past, present, .. } | Node::CountInYear { past, present } => {
                let periods = match self.compiler.form() {
                    Form::Month => 12,
                    Form::Quarter => 4,
                    Form::HalfYear => 2,
                    Form::Year | Form::FiscalYear => 1,
                };
                let reach = self.periods(past, present, Some(Decimal::from(periods)));
                // Earlier periods count although the present one does not.
                if matches!(node, Node::CountInYear { .. }) {
                    return Reach::number(Range::between(Some(Decimal::ZERO), Some(Decimal::from(periods))));
                }
                reach
            }
            Node::MonthsScored => Reach::number(Range::between(Some(Decimal::ZERO), Some(Decimal::from(12)))),
            Node::MeanOfMonths { least } => {
                if let Some(least) = least {
                    self.reach(least);
                }
                Reach::number(Range::FROM_ZERO)
            }
            Node::Compare(comparison, pair) => self.compare(*comparison, &pair.0, &pair.1),
            Node::AmongTexts(inner, codes) => {
                let reach = self.reach(inner);
                match &reach.shape {
                    Shape::Texts(texts) => Reach::flag(
                        texts.iter().any(|text| codes.contains(text)),
                        reach.absent || texts.iter().any(|text| !codes.contains(text)),
                    ),
                    _ => Reach::flag(false, true),
                }
            }
            Node::AmongNumbers(inner, numbers) => {
                let reach = self.reach(inner);
                let range = reach.range();
                let any = numbers.iter().any(|number| range.and(Range::of(*number)).is_some());
                let only = range.is_one().is_some_and(|one| numbers.contains(&one));
                Reach::flag(any, reach.absent || !only)
            }
            Node::Not(inner) => {
                let inner = self.reach(inner);
                Reach::flag(inner.can_fail(), inner.can_hold())
            }
            Node::And(all) => self.both(all),
            Node::Or(all) => self.either(all),
        }
    }

    fn range(&mut self, node: &Node) -> Range {
        self.reach(node).range()
    }

    fn constant(&self, value: Value) -> Reach {
        match value {
            Value::Number(number) => Reach::number(Range::of(number)),
            Value::Flag(flag) => Reach::flag(flag, !flag),
            Value::Text(text) => Reach::texts([text]),
            Value::Day(_) => Reach::of(Shape::Day),
            Value::Absent | Value::List { .. } | Value::Failed(_) => Reach::of(Shape::Nothing).absent(true),
        }
    }

    fn slot(&self, rel: Rel, slot: u16, required: bool) -> Reach {
        let kind = rel.target(self.scope.kind);
        let plan = &self.compiler.plan;
        // Sheets of several categories share a slot, and may bound it differently.
        let of_kind = |sheet: &&Sheet| self.compiler.source.sheets.get(sheet.source).is_some_and(|s| s.on == kind);
        let sheets = plan.sheets.iter().filter(of_kind);
        let sheets = sheets.filter(|sheet| rel != Rel::Own || sheet.category == self.scope.category);
        let inputs = sheets.flat_map(|sheet| &sheet.items).flat_map(|item| &item.inputs);
        let here = inputs.filter(|input| input.slot == slot).map(|input| &input.spec);
        let of_item = plan.layouts[kind.index()].is_of_item(slot);
        let shared = plan.layouts[kind.index()].slots.get(usize::from(slot)).map(|slot| &slot.spec);
        let specs = here.filter(|_| of_item).chain(shared.filter(|_| !of_item));
        // Whoever must have given it has; a rater's points that are only looked at may be absent.
        let reach = |spec: &InputSpec| {
            let reach = spec.reach();
            let absent = reach.absent || (!required && spec.default == Value::Absent);
            reach.absent(absent)
        };
        specs.map(reach).reduce(Reach::or).unwrap_or(Reach::of(Shape::Nothing).absent(true))
    }

    /// The points of the sheet that lie in a slot, and whose they are.
    fn points_in(&self, slot: u16) -> Option<(&'c Item, &'c InputSpec, &'c Rater)> {
        let sheet = self.compiler.plan.sheet(self.scope.kind, self.scope.category)?;
        let mut inputs = sheet.items.iter().flat_map(|item| item.inputs.iter().map(move |input| (item, input)));
        let (item, input) = inputs.find(|(_, input)| input.rater && input.slot == slot)?;
        let rater = sheet.raters.iter().find(|rater| rater.name == input.spec.name)?;
        Some((item, &input.spec, rater))
    }

    /// Points that a rater need not give are read only where they are known to be there.
    fn ask_for_points(&mut self, slot: u16) {
        let Some((_, spec, rater)) = self.points_in(slot) else { return };
        if spec.optional && spec.default == Value::Absent {
            let name = &rater.name;
            self.fault(say!(
                "{name} 的评分可能缺失：请先判断 rated(\"{name}\")",
                "the points of {name} may be absent: ask rated(\"{name}\") first"
            ));
        }
    }

    /// The points that are there where some of these are, by what a rater must give together.
    fn given_with(&self, given: &[Node]) -> Vec<u16> {
        let slot = |node: &Node| if let Node::Slot { slot, .. } = node { Some(*slot) } else { None };
        let asked: Vec<u16> = given.iter().filter_map(slot).collect();
        let points: Vec<_> = asked.iter().filter_map(|slot| self.points_in(*slot)).collect();
        let Some((first, _, rater)) = points.first() else { return asked };
        let one_section = points.iter().all(|(item, ..)| item.section == first.section);
        let together = |item: &Item| match rater.presence {
            RaterPresence::AllOrNone => true,
            RaterPresence::AllOrNoneOfSection => one_section && item.section == first.section,
            RaterPresence::Always | RaterPresence::Any => false,
        };
        let sheet = self.compiler.plan.sheet(self.scope.kind, self.scope.category);
        let items = sheet.into_iter().flat_map(|sheet| &sheet.items).filter(|item| together(item));
        let inputs = items.flat_map(|item| &item.inputs);
        let with = inputs.filter(|input| input.rater && input.spec.name == rater.name).map(|input| input.slot);
        with.chain(asked.iter().copied().filter(|_| asked.len() == 1)).collect()
    }

    /// What a figure can come to, in this category or, of somebody else, in any.
    fn figure(&self, rel: Rel, figure: u16) -> Reach {
        let Some(figure) = self.compiler.plan.figures.get(usize::from(figure)) else {
            return Reach::of(Shape::Nothing);
        };
        let bodies = figure.bodies.iter().enumerate();
        let meant = bodies.filter(|(category, _)| rel != Rel::Own || *category == self.scope.category);
        let found = meant
            .map(|(_, body)| body.as_ref().map_or(Reach::of(Shape::Nothing).absent(true), |body| body.reach.clone()));
        found.reduce(Reach::or).unwrap_or(Reach::of(Shape::Nothing))
    }

    fn parameter(&self, parameter: u16) -> Reach {
        let Some(parameter) = self.compiler.parameters.get(usize::from(parameter)) else {
            return Reach::of(Shape::Nothing);
        };
        match (&parameter.default, parameter.fixed) {
            (Some(Setting::Number(number)), true) => Reach::number(Range::of(*number)),
            _ => Reach::number(parameter.bounds.range(false)).absent(parameter.optional),
        }
    }

    fn entry(&mut self, parameter: u16, key: &Node) -> Reach {
        let key = self.reach(key);
        let Some(parameter) = self.compiler.parameters.get(usize::from(parameter)) else {
            return Reach::of(Shape::Nothing);
        };
        let Some(Setting::Table(entries)) = &parameter.default else { return Reach::number(Range::FROM_ZERO) };
        let Shape::Texts(keys) = key.shape else { return Reach::of(Shape::Nothing) };
        let lacking: Vec<String> = keys
            .iter()
            .filter(|key| !entries.iter().any(|(entry, _)| entry == *key))
            .map(|key| self.compiler.symbols.text(*key).to_string())
            .collect();
        if !lacking.is_empty() {
            let fault = say!(
                "{} 没有 {} 对应的项，而键可能取到它",
                "{} has no entry for {}, which the key can be",
                parameter.name,
                lacking.join(", ")
            );
            self.fault(fault);
        }
        if parameter.fixed {
            let numbers =
                entries.iter().filter(|(entry, _)| keys.contains(entry)).map(|(_, number)| Range::of(*number));
            return Reach::number(numbers.reduce(Range::or).unwrap_or(Range::FROM_ZERO));
        }
        let bounds = parameter.bounds.range(false);
        Reach::number(Range { hi: smaller(bounds.hi, parameter.sum), ..bounds })
    }

    fn local(&self, local: Local) -> Reach {
        match local {
            Local::Column { list, at, .. } => {
                let list = self.compiler.plan.lists[self.scope.kind.index()].get(usize::from(list));
                let column = list.and_then(|list| list.columns.get(usize::from(at)));
                column.map_or(Reach::of(Shape::Nothing), InputSpec::reach)
            }
            Local::Past(field) => self.past(field),
            Local::Month(field) => self.past(field).absent(true),
        }
    }

    /// What an earlier result can be.
    fn past(&self, field: Field) -> Reach {
        match field {
            Field::Score => Reach::number(Range::FROM_ZERO),
            Field::Grade => {
                Reach::texts(self.compiler.source.grades.iter().filter_map(|g| self.compiler.symbols.find(&g.code)))
            }
        }
    }

    fn arithmetic(&mut self, operator: Operator, left: &Node, right: &Node) -> Reach {
        let (a, b) = (self.range(left), self.range(right));
        let result = match operator {
            Operator::Add => a.plus(b),
            Operator::Subtract => a.plus(b.negative()),
            Operator::Multiply => a.times(b),
            Operator::Divide => {
                if b.zero {
                    let told = b.told();
                    self.fault(say!(
                        "除数可能为 0（{told}）：请用 ratio(a, b, 否则取值)，或声明它大于 0",
                        "the divisor may be 0 ({told}): use ratio(a, b, otherwise), or declare it above 0"; told
                    ));
                }
                a.over(Range { zero: false, ..b })
            }
        };
        let bounded = |range: Range| range.lo.is_some() && range.hi.is_some();
        let by_anything = operator == Operator::Divide && b.is_one().is_none();
        if !by_anything && bounded(a) && bounded(b) && !bounded(result) {
            self.fault(say!("数值可能过大，无法精确计算", "its numbers can grow too large to be computed exactly"));
        }
        Reach::number(result)
    }

    /// The items of a whole sheet never sum to more than its weights do.
    fn total(&mut self, parts: &[Node]) -> Reach {
        let none = Range::of(Decimal::ZERO);
        let sum = parts.iter().map(|part| self.range(part)).fold(none, Range::plus);
        let plan = &self.compiler.plan;
        let sheet = plan.sheet(self.scope.kind, self.scope.category);
        let whole = sheet.filter(|sheet| {
            let items = parts.iter().filter(|part| match part {
                Node::Figure { rel: Rel::Own, figure } => {
                    plan.figures.get(usize::from(*figure)).is_some_and(|figure| figure.item)
                }
                _ => false,
            });
            items.count() == sheet.items.len()
        });
        let written = whole.and_then(|sheet| self.compiler.source.sheets.get(sheet.source));
        let most = written.filter(|sheet| sheet.items.iter().all(|item| item.max.is_none())).map(|sheet| {
            let weights = sheet.items.iter().filter_map(|item| item.weight).map(|weight| weight.0);
            let mut weights = weights;
            let sum = weights.try_fold(Decimal::ZERO, |sum, weight| sum.checked_add(weight));
            sum.unwrap_or(Decimal::MAX).max(Decimal::ONE_HUNDRED)
        });
        Reach::number(Range { hi: smaller(sum.hi, most), ..sum })
    }

    fn extreme(&mut self, all: &[Node], ends: impl Fn(Range, Range) -> (Option<Decimal>, Option<Decimal>)) -> Reach {
        let ranges: Vec<Range> = all.iter().map(|one| self.range(one)).collect();
        let may_be_zero = ranges.iter().any(|range| range.zero);
        let found = ranges.into_iter().reduce(|a, b| {
            let (lo, hi) = ends(a, b);
            Range::between(lo, hi)
        });
        let found = found.unwrap_or(Range::ALL);
        Reach::number(Range { zero: found.zero && may_be_zero, ..found })
    }

    /// Each branch counts on its condition, and on those before it not having held.
    fn choose(&mut self, cases: &[(Node, Node)], last: &Node) -> Reach {
        let before = self.known.len();
        let mut found = Reach::of(Shape::Nothing);
        let mut decided = false;
        for (when, then) in cases {
            let condition = self.reach(when);
            if condition.can_hold() && !decided {
                let here = self.known.len();
                self.count_on(when, true);
                found = found.or(self.reach(then));
                self.known.truncate(here);
            }
            decided |= !condition.can_fail();
            self.count_on(when, false);
        }
        if !decided {
            found = found.or(self.reach(last));
        }
        self.known.truncate(before);
        found
    }

    fn otherwise(&mut self, all: &[Node]) -> Reach {
        let mut found = Reach::of(Shape::Nothing).absent(true);
        for one in all {
            if !found.absent {
                break;
            }
            let next = self.reach(one);
            found = found.absent(false).or(next);
        }
        found
    }

    /// Looks at a row, or at an earlier period: what is known of another one is not known of it.
    fn apart<T>(&mut self, look: impl FnOnce(&mut Self) -> T) -> T {
        let known = self.known.clone();
        self.known.retain(|(node, _)| !is_local(node));
        let found = look(self);
        self.known = known;
        found
    }

    fn rows(&self, list: u16) -> (bool, Option<Decimal>) {
        let list = self.compiler.plan.lists[self.scope.kind.index()].get(usize::from(list));
        list.map_or((false, None), |list| (list.required, list.max_rows.map(Decimal::from)))
    }

    fn sum_rows(&mut self, list: u16, of: &Node) -> Reach {
        let each = self.apart(|surveyor| surveyor.range(of));
        let (required, most) = self.rows(list);
        let least = if required { Decimal::ONE } else { Decimal::ZERO };
        let count = Range::between(Some(least), most);
        Reach::number(each.mixed().times(count).mixed())
    }

    /// A run or a count of periods; with the present one among them.
    fn periods(&mut self, past: &Node, present: &Node, most: Option<Decimal>) -> Reach {
        self.apart(|surveyor| surveyor.reach(past));
        let now = self.reach(present);
        if !now.can_hold() {
            return Reach::number(Range::of(Decimal::ZERO));
        }
        let least = if now.can_fail() { Decimal::ZERO } else { Decimal::ONE };
        Reach::number(Range::between(Some(least), most))
    }

    fn compare(&mut self, comparison: Comparison, left: &Node, right: &Node) -> Reach {
        let (a, b) = (self.reach(left), self.reach(right));
        let absent = a.absent || b.absent;
        let (yes, no) = match (&a.shape, &b.shape) {
            (Shape::Nothing, _) | (_, Shape::Nothing) => (false, true),
            (Shape::Number(a), Shape::Number(b)) => compared(comparison, *a, *b),
            (Shape::Texts(a), Shape::Texts(b)) => {
                let same = a.intersection(b).next().is_some();
                let differ = a.len() > 1 || b.len() > 1 || a != b;
                if comparison == Comparison::Equal { (same, differ) } else { (differ, same) }
            }
            (Shape::Flag { yes: a, no: not_a }, Shape::Flag { yes: b, no: not_b }) => {
                let same = (*a && *b) || (*not_a && *not_b);
                let differ = (*a && *not_b) || (*not_a && *b);
                if comparison == Comparison::Equal { (same, differ) } else { (differ, same) }
            }
            _ => (true, true),
        };
        Reach::flag(yes, no || absent)
    }

    fn both(&mut self, all: &[Node]) -> Reach {
        let before = self.known.len();
        let (mut yes, mut no) = (true, false);
        for one in all {
            let reach = self.reach(one);
            yes &= reach.can_hold();
            no |= reach.can_fail();
            if !yes {
                break;
            }
            self.count_on(one, true);
        }
        self.known.truncate(before);
        Reach::flag(yes, no)
    }

    fn either(&mut self, all: &[Node]) -> Reach {
        let before = self.known.len();
        let (mut yes, mut no) = (false, true);
        for one in all {
            let reach = self.reach(one);
            yes |= reach.can_hold();
            no &= reach.can_fail();
            if !no {
                break;
            }
            self.count_on(one, false);
        }
        self.known.truncate(before);
        Reach::flag(yes, no)
    }

    /// From here on a condition is known to hold, or not to.
    fn count_on(&mut self, condition: &Node, holds: bool) {
        match condition {
            Node::Not(inner) => self.count_on(inner, !holds),
            Node::And(all) if holds => all.iter().for_each(|one| self.count_on(one, true)),
            Node::Or(all) if !holds => all.iter().for_each(|one| self.count_on(one, false)),
            Node::AmongTexts(inner, codes) if stays(inner) => {
                self.narrow_texts(inner, &codes.iter().copied().collect(), holds, holds);
            }
            Node::AnyGiven(given) if holds => {
                for slot in self.given_with(given) {
                    let reach = self.slot(Rel::Own, slot, true);
                    self.note(&Node::Slot { rel: Rel::Own, slot, required: true }, reach);
                }
            }
            Node::Compare(comparison, pair) => {
                self.count_on_comparison(*comparison, &pair.0, &pair.1, holds);
                self.count_on_comparison(comparison.mirrored(), &pair.1, &pair.0, holds);
            }
            _ => {}
        }
    }

    fn count_on_comparison(&mut self, comparison: Comparison, left: &Node, right: &Node, holds: bool) {
        // Only what is read as it stands is remembered, and only plain sides are looked at again: else a condition
        // within a condition within a condition would be looked at more and more often.
        if !stays(left) || !(stays(right) || matches!(right, Node::Constant(_))) {
            return;
        }
        let (a, b) = (self.reach(left), self.reach(right));
        // A comparison with something absent does not hold, and then says nothing of the other side.
        if !holds && b.absent {
            return;
        }
        match (&a.shape, &b.shape) {
            (Shape::Texts(_), Shape::Texts(other)) => {
                let equal = (comparison == Comparison::Equal) == holds;
                if equal || other.len() == 1 {
                    self.narrow_texts(left, &other.clone(), equal, holds);
                }
            }
            (Shape::Number(range), Shape::Number(other)) => {
                let comparison = if holds { comparison } else { comparison.negated() };
                let shape = match range.and(allowed(comparison, *other)) {
                    Some(range) if comparison == Comparison::Unequal && other.is_one() == Some(Decimal::ZERO) => {
                        Shape::Number(Range { zero: false, ..range })
                    }
                    Some(range) => Shape::Number(range),
                    None => Shape::Nothing,
                };
                self.note(left, Reach { shape, absent: a.absent && !holds });
            }
            _ => {}
        }
    }

    /// What is absent meets no condition, and so is among those of whom one does not hold.
    fn narrow_texts(&mut self, node: &Node, codes: &BTreeSet<Symbol>, among: bool, holds: bool) {
        let reach = self.reach(node);
        if let Shape::Texts(texts) = &reach.shape {
            let left = texts.iter().copied().filter(|text| codes.contains(text) == among).collect();
            self.note(node, Reach { shape: Shape::Texts(left), absent: reach.absent && !holds });
        }
    }

    fn note(&mut self, node: &Node, reach: Reach) {
        self.known.push((node.clone(), reach));
    }
}

/// Something that is the same wherever a formula reads it.
fn stays(node: &Node) -> bool {
    match node {
        Node::Scaled(inner, _) => stays(inner),
        _ => matches!(
            node,
            Node::Slot { .. } | Node::Figure { .. } | Node::Parameter(_) | Node::Category | Node::Local(_)
        ),
    }
}

fn is_local(node: &Node) -> bool {
    match node {
        Node::Scaled(inner, _) => is_local(inner),
        _ => matches!(node, Node::Local(_)),
    }
}

/// The numbers that stand in this relation to some number of the other range.
fn allowed(comparison: Comparison, other: Range) -> Range {
    match comparison {
        Comparison::Equal => other,
        Comparison::Unequal => Range::ALL,
        Comparison::Less => {
            let range = Range::between(None, other.hi);
            Range { zero: range.zero && other.hi.is_none_or(|hi| hi > Decimal::ZERO), ..range }
        }
        Comparison::LessOrEqual => Range::between(None, other.hi),
        Comparison::More => {
            let range = Range::between(other.lo, None);
            Range { zero: range.zero && other.lo.is_none_or(|lo| lo < Decimal::ZERO), ..range }
        }
        Comparison::MoreOrEqual => Range::between(other.lo, None),
    }
}

/// Whether a comparison can hold, and whether it can fail to.
fn compared(comparison: Comparison, a: Range, b: Range) -> (bool, bool) {
    let some_less = |a: Range, b: Range| a.lo.zip(b.hi).is_none_or(|(lo, hi)| lo < hi);
    let some_equal = a.and(b).is_some();
    let less = some_less(a, b);
    let more = some_less(b, a);
    let equal_or = |other: bool| some_equal || other;
    match comparison {
        Comparison::Equal => (some_equal, less || more),
        Comparison::Unequal => (less || more, some_equal),
        Comparison::Less => (less, equal_or(more)),
        Comparison::LessOrEqual => (equal_or(less), more),
        Comparison::More => (more, equal_or(less)),
        Comparison::MoreOrEqual => (equal_or(more), less),
    }
}

fn magnitude(range: Range) -> Range {
    if range.never_negative() {
        return range;
    }
    if range.hi.is_some_and(|hi| hi <= Decimal::ZERO) {
        return range.negative();
    }
    let hi = range.lo.zip(range.hi).map(|(lo, hi)| hi.max(-lo));
    Range { zero: range.zero, ..Range::between(Some(Decimal::ZERO), hi) }
}

/// A range after a figure's own bounds and rounding.
pub(super) fn finished(range: Range, min: Option<Range>, max: Option<Range>, round: Option<u32>) -> Range {
    let mut range = range;
    if let Some(max) = max {
        let lo = range.lo.zip(max.lo).map(|(a, b)| a.min(b));
        range = Range { zero: range.zero || max.zero, lo, hi: smaller(range.hi, max.hi) };
    }
    if let Some(min) = min {
        let hi = range.hi.zip(min.hi).map(|(a, b)| a.max(b));
        range = Range { zero: range.zero || min.zero, lo: larger(range.lo, min.lo), hi };
    }
    range = Range { zero: range.zero && Range::between(range.lo, range.hi).zero, ..range };
    match round {
        // A small number may be rounded to 0.
        Some(places) => range.map(|end| crate::money::round(end, places)),
        None => range,
    }
}

/// Whether a number of the range reaches a band, and is below those before it.
pub(super) fn reaches(range: Range, bound: Decimal, inclusive: bool, before: Option<(Decimal, bool)>) -> bool {
    let high_enough = range.hi.is_none_or(|hi| if inclusive { hi >= bound } else { hi > bound });
    let low_enough = before
        .is_none_or(|(before, inclusive)| range.lo.is_none_or(|lo| if inclusive { lo < before } else { lo <= before }));
    high_enough && low_enough
}

impl Compiler<'_> {
    pub fn form(&self) -> Form {
        self.source.cadences.get(self.cadence).map_or(Form::Month, |cadence| cadence.form)
    }

    /// What a formula of a kind of subject comes to; what cannot be computed in it is told.
    pub(super) fn surveyed(&self, node: &Node, scope: &Scope) -> (Reach, Vec<Message>) {
        let mut surveyor = Surveyor::new(self, scope);
        let reach = surveyor.reach(node);
        (reach, surveyor.faults)
    }

    pub(super) fn range_of(&self, node: &Node, scope: &Scope) -> Range {
        self.surveyed(node, scope).0.range()
    }
}

impl Comparison {
    /// The same seen from the other side.
    fn mirrored(self) -> Self {
        match self {
            Comparison::Less => Comparison::More,
            Comparison::LessOrEqual => Comparison::MoreOrEqual,
            Comparison::More => Comparison::Less,
            Comparison::MoreOrEqual => Comparison::LessOrEqual,
            same => same,
        }
    }

    fn negated(self) -> Self {
        match self {
            Comparison::Equal => Comparison::Unequal,
            Comparison::Unequal => Comparison::Equal,
            Comparison::Less => Comparison::MoreOrEqual,
            Comparison::LessOrEqual => Comparison::More,
            Comparison::More => Comparison::LessOrEqual,
            Comparison::MoreOrEqual => Comparison::Less,
        }
    }
}
