//! A walk through a formula that works out what each part can come to.

use rust_decimal::Decimal;

use super::conditions::is_local;
use super::range::{larger, magnitude, smaller};
use super::{Range, Reach, Shape};
use crate::Message;
use crate::expression::{Node, Operator, Rel};
use crate::period::Form;
use crate::say;
use crate::scheme::compile::Compiler;
use crate::scheme::compile::typing::Scope;
use crate::value::Value;

/// Works out what formulas of one subject can come to, and what in them cannot be computed.
///
/// `choose(fact.sold > 0, 100 / fact.sold, 0)` with sold of 0 or more: the condition can hold and fail. Where it holds, sold
/// is known to be above 0, and 100 / sold is sound and 0 or more; the last branch gives 0. Together: 0 or more.
pub(super) struct Surveyor<'c, 's> {
    pub(super) compiler: &'c Compiler<'s>,
    pub(super) scope: &'c Scope,
    /// What a branch may count on, the latest last.
    pub(super) known: Vec<(Node, Reach)>,
    /// What cannot be computed, and the name that it is about, where it lacks something of that name.
    pub faults: Vec<(Message, Option<String>)>,
}

impl<'c, 's> Surveyor<'c, 's> {
    pub fn new(compiler: &'c Compiler<'s>, scope: &'c Scope) -> Self {
        Self { compiler, scope, known: Vec::new(), faults: Vec::new() }
    }

    pub(super) fn fault(&mut self, fault: Message) {
        self.fault_about(fault, None);
    }

    pub(super) fn fault_about(&mut self, fault: Message, name: Option<String>) {
        if !self.faults.iter().any(|(known, _)| *known == fault) {
            self.faults.push((fault, name));
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
            Node::OnSheet { of, .. } => Reach::number(self.range(of).or(Range::of(Decimal::ZERO))),
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

    pub(super) fn range(&mut self, node: &Node) -> Range {
        self.reach(node).range()
    }

    pub(super) fn constant(&self, value: Value) -> Reach {
        match value {
            Value::Number(number) => Reach::number(Range::of(number)),
            Value::Flag(flag) => Reach::flag(flag, !flag),
            Value::Text(text) => Reach::texts([text]),
            Value::Day(_) => Reach::of(Shape::Day),
            Value::Absent | Value::List { .. } | Value::Failed(_) => Reach::of(Shape::Nothing).absent(true),
        }
    }

    pub(super) fn arithmetic(&mut self, operator: Operator, left: &Node, right: &Node) -> Reach {
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
    pub(super) fn total(&mut self, parts: &[Node]) -> Reach {
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

    pub(super) fn extreme(
        &mut self,
        all: &[Node],
        ends: impl Fn(Range, Range) -> (Option<Decimal>, Option<Decimal>),
    ) -> Reach {
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
    pub(super) fn choose(&mut self, cases: &[(Node, Node)], last: &Node) -> Reach {
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

    pub(super) fn otherwise(&mut self, all: &[Node]) -> Reach {
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
    pub(super) fn apart<T>(&mut self, look: impl FnOnce(&mut Self) -> T) -> T {
        let known = self.known.clone();
        self.known.retain(|(node, _)| !is_local(node));
        let found = look(self);
        self.known = known;
        found
    }

    pub(super) fn rows(&self, list: u16) -> (bool, Option<Decimal>) {
        let list = self.compiler.plan.lists[self.scope.kind.index()].get(usize::from(list));
        list.map_or((false, None), |list| (list.required, list.max_rows.map(Decimal::from)))
    }

    pub(super) fn sum_rows(&mut self, list: u16, of: &Node) -> Reach {
        let each = self.apart(|surveyor| surveyor.range(of));
        let (required, most) = self.rows(list);
        let least = if required { Decimal::ONE } else { Decimal::ZERO };
        let count = Range::between(Some(least), most);
        Reach::number(each.mixed().times(count).mixed())
    }

    /// A run or a count of periods; with the present one among them.
    pub(super) fn periods(&mut self, past: &Node, present: &Node, most: Option<Decimal>) -> Reach {
        self.apart(|surveyor| surveyor.reach(past));
        let now = self.reach(present);
        if !now.can_hold() {
            return Reach::number(Range::of(Decimal::ZERO));
        }
        let least = if now.can_fail() { Decimal::ZERO } else { Decimal::ONE };
        Reach::number(Range::between(Some(least), most))
    }
}
