//! Arithmetic on ranges: what can come of numbers of which only the bounds are known.
//!
//! A range has two ends, either of which may be missing, and notes apart whether 0 is among its numbers: 0.5 / x is
//! sound for every x that may be small and is never 0.

use rust_decimal::Decimal;

use crate::expression::Comparison;
use crate::message::Message;
use crate::say;

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

    pub fn of(number: Decimal) -> Self {
        Self::between(Some(number), Some(number))
    }

    pub fn or(self, other: Range) -> Self {
        let lo = self.lo.zip(other.lo).map(|(a, b)| a.min(b));
        let hi = self.hi.zip(other.hi).map(|(a, b)| a.max(b));
        Self { lo, hi, zero: self.zero || other.zero }
    }

    /// What both allow; nothing where they exclude each other.
    pub fn and(self, other: Range) -> Option<Self> {
        let lo = larger(self.lo, other.lo);
        let hi = smaller(self.hi, other.hi);
        let both = Self { zero: Self::between(lo, hi).zero && self.zero && other.zero, lo, hi };
        let empty = lo.zip(hi).is_some_and(|(lo, hi)| lo > hi || (lo == hi && lo.is_zero() && !both.zero));
        (!empty).then_some(both)
    }

    pub fn is_one(self) -> Option<Decimal> {
        self.lo.filter(|_| self.lo == self.hi)
    }

    /// Numbers in between as well: sums and means of these.
    pub fn mixed(self) -> Self {
        Self::between(self.lo, self.hi)
    }

    pub fn never_negative(self) -> bool {
        self.lo.is_some_and(|lo| lo >= Decimal::ZERO)
    }

    /// Ends after a function that never falls.
    pub fn map(self, f: impl Fn(Decimal) -> Decimal) -> Self {
        Self::between(self.lo.map(&f), self.hi.map(&f))
    }

    pub fn negative(self) -> Self {
        Self { lo: self.hi.map(|hi| -hi), hi: self.lo.map(|lo| -lo), zero: self.zero }
    }

    /// 1 to 2 and 0 to 3 sum to 1 to 5. Two numbers above 0 never sum to 0, whatever their least is.
    pub fn plus(self, other: Range) -> Self {
        let sum = |a: Option<Decimal>, b: Option<Decimal>| a.zip(b).and_then(|(a, b)| a.checked_add(b));
        let sum = Self::between(sum(self.lo, other.lo), sum(self.hi, other.hi));
        let positive = self.never_negative() && other.never_negative();
        Self { zero: sum.zero && !(positive && !(self.zero && other.zero)), ..sum }
    }

    /// -2 to 3 times 4 to 5 is -10 to 15, and 0 is among it only where it is in one of the two.
    pub fn times(self, other: Range) -> Self {
        let (a, b) = (self.ends(), other.ends());
        let corners = [a.0.times(b.0), a.0.times(b.1), a.1.times(b.0), a.1.times(b.1)];
        let hull = Self::hull(&corners);
        // Small numbers may come to nothing.
        Self { zero: self.zero || other.zero || hull.zero, ..hull }
    }

    /// 1 to 6 over 2 to 3: the corners 1/2, 1/3, 3 and 2 span 1/3 to 3. Over 0 to 3, less 0 itself, there is no end: the
    /// divisor comes as near to 0 as it likes.
    pub fn over(self, other: Range) -> Self {
        let nearest_to_zero = match (other.lo, other.hi) {
            (Some(lo), hi) if lo > Decimal::ZERO => Some((End::At(lo), hi.map_or(End::High, End::At))),
            (lo, Some(hi)) if hi < Decimal::ZERO => Some((lo.map_or(End::Low, End::At), End::At(hi))),
            _ => None,
        };
        let Some((low, high)) = nearest_to_zero else {
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

    /// The range that these ends span: of -2 to 3 times 4 to 5, the corners -8, -10, 12 and 15 span -10 to 15.
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

pub(super) fn larger(a: Option<Decimal>, b: Option<Decimal>) -> Option<Decimal> {
    a.map_or(b, |a| Some(b.map_or(a, |b| a.max(b))))
}

pub(super) fn smaller(a: Option<Decimal>, b: Option<Decimal>) -> Option<Decimal> {
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

    /// -2 to 3 times 4 to 5 is -10 to 15, and 0 is among it only where it is in one of the two.
    pub fn times(self, other: End) -> End {
        let sign = self.sign() * other.sign();
        match (self, other) {
            (End::At(a), End::At(b)) => a.checked_mul(b).map_or(Self::infinite(sign), End::At),
            _ => Self::infinite(sign),
        }
    }

    /// Divided by an end that is not 0.
    pub fn over(self, other: End) -> End {
        let sign = self.sign() * other.sign();
        match (self, other) {
            (End::At(a), End::At(b)) => a.checked_div(b).map_or(Self::infinite(sign), End::At),
            (End::At(_), _) => End::At(Decimal::ZERO),
            _ => Self::infinite(sign),
        }
    }
}

/// The numbers that stand in this relation to some number of the other range: below one of 5 to 8 are all below 8.
pub(super) fn allowed(comparison: Comparison, other: Range) -> Range {
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

/// Whether a comparison can hold, and whether it can fail to: 1 to 5 < 3 to 4 can do both, 1 to 2 < 3 to 4 always holds.
pub(super) fn compared(comparison: Comparison, a: Range, b: Range) -> (bool, bool) {
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

/// The size of -3 to 2 is 0 to 3.
pub(super) fn magnitude(range: Range) -> Range {
    if range.never_negative() {
        return range;
    }
    if range.hi.is_some_and(|hi| hi <= Decimal::ZERO) {
        return range.negative();
    }
    let hi = range.lo.zip(range.hi).map(|(lo, hi)| hi.max(-lo));
    Range { zero: range.zero, ..Range::between(Some(Decimal::ZERO), hi) }
}

/// A range after a figure's own bounds and rounding: of -5 to 130, with 0 at least and 100 at most, 0 to 100 is left.
pub(in crate::scheme::compile) fn finished(
    range: Range,
    min: Option<Range>,
    max: Option<Range>,
    round: Option<u32>,
) -> Range {
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

/// Whether a number of the range reaches a band, and is below those before it: of 0 to 85, the band from 80 is reached, and
/// the one from 60 behind it, but not one from 90.
pub(in crate::scheme::compile) fn reaches(
    range: Range,
    bound: Decimal,
    inclusive: bool,
    before: Option<(Decimal, bool)>,
) -> bool {
    let high_enough = range.hi.is_none_or(|hi| if inclusive { hi >= bound } else { hi > bound });
    let low_enough = before
        .is_none_or(|(before, inclusive)| range.lo.is_none_or(|lo| if inclusive { lo < before } else { lo <= before }));
    high_enough && low_enough
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(text: &str) -> Option<Decimal> {
        (text != "_").then(|| text.parse().unwrap())
    }

    /// `0..5` has 0 among it; `0<..5` does not; `_` is no end.
    fn range(text: &str) -> Range {
        let (lo, hi) = text.split_once("..").unwrap();
        let without_zero = lo.ends_with('<');
        let range = Range::between(number(lo.trim_end_matches('<')), number(hi));
        Range { zero: range.zero && !without_zero, ..range }
    }

    #[test]
    fn sums_and_products_lie_between_their_corners() {
        for (a, b, sum, product) in [
            ("1..2", "0..3", "1..5", "0..6"),
            ("-2..3", "4..5", "2..8", "-10..15"),
            ("-2..3", "-5..-4", "-7..-1", "-15..10"),
            ("0.._", "1..2", "1.._", "0.._"),
            ("_..0", "0.._", "_.._", "_..0"),
        ] {
            assert_eq!(range(a).plus(range(b)), range(sum), "{a} + {b}");
            assert_eq!(range(a).times(range(b)), range(product), "{a} * {b}");
        }
        // Two numbers above 0 never come to 0 when they are added.
        assert_eq!(range("0<..1").plus(range("0..1")), range("0<..2"));
        assert!(range("-1..1").plus(range("0..1")).zero);
    }

    #[test]
    fn a_quotient_has_no_end_where_the_divisor_comes_near_to_0() {
        assert_eq!(range("1..6").over(range("2..3")).hi, number("3"));
        assert_eq!(range("1..6").over(range("0<..3")), Range::FROM_ZERO);
        assert_eq!(range("-1..6").over(range("0<..3")), Range::ALL);
        assert_eq!(range("2..6").over(range("-2..-1")), range("-6..-1"));
        assert_eq!(range("0..6").over(range("2.._")), range("0..3"));
    }

    #[test]
    fn sizes_and_opposites_are_turned_at_0() {
        assert_eq!(magnitude(range("-3..2")), range("0..3"));
        assert_eq!(magnitude(range("-3..-2")), range("2..3"));
        assert_eq!(magnitude(range("_..2")), range("0.._"));
        assert_eq!(range("-3..2").negative(), range("-2..3"));
    }

    #[test]
    fn both_of_two_ranges_may_leave_nothing() {
        assert_eq!(range("1..5").and(range("3..9")), Some(range("3..5")));
        assert_eq!(range("1..2").and(range("3..9")), None);
        // Only 0 would be left, and one of them has it not.
        assert_eq!(range("-1..0").and(range("0<..4")), None);
        assert_eq!(range("1..2").or(range("8..9")), range("1..9"));
    }

    #[test]
    fn a_comparison_can_hold_fail_or_both() {
        for (a, comparison, b, can) in [
            ("1..5", Comparison::Less, "3..4", (true, true)),
            ("1..2", Comparison::Less, "3..4", (true, false)),
            ("3..4", Comparison::Less, "1..3", (false, true)),
            ("3..4", Comparison::LessOrEqual, "1..3", (true, true)),
            ("2..2", Comparison::Equal, "2..2", (true, false)),
            ("1..2", Comparison::Equal, "3..4", (false, true)),
            ("1..2", Comparison::Unequal, "3..4", (true, false)),
            ("5..9", Comparison::MoreOrEqual, "1..5", (true, false)),
            ("5..9", Comparison::More, "1..5", (true, true)),
        ] {
            assert_eq!(compared(comparison, range(a), range(b)), can, "{a} {comparison:?} {b}");
        }
    }

    #[test]
    fn what_meets_a_comparison_lies_on_its_side() {
        assert_eq!(allowed(Comparison::LessOrEqual, range("5..8")), range("_..8"));
        assert_eq!(allowed(Comparison::MoreOrEqual, range("5..8")), range("5.._"));
        // Below 0 there is no 0.
        assert!(!allowed(Comparison::Less, range("0..0")).zero);
    }

    #[test]
    fn own_bounds_and_rounding_come_last() {
        let (zero, hundred) = (range("0..0"), range("100..100"));
        assert_eq!(finished(range("-5..130"), Some(zero), Some(hundred), None), range("0..100"));
        // A small number may be rounded to 0.
        assert!(finished(range("0<..1"), None, None, Some(0)).zero);
    }

    #[test]
    fn a_band_is_reached_from_below_and_not_from_above() {
        let (of, ninety, eighty) = (range("0..85"), Decimal::from(90), Decimal::from(80));
        assert!(!reaches(of, ninety, true, None));
        assert!(reaches(of, eighty, true, Some((ninety, true))));
        assert!(reaches(of, Decimal::from(60), true, Some((eighty, true))));
        assert!(!reaches(range("80..85"), Decimal::from(60), true, Some((eighty, true))));
        assert!(!reaches(range("0..80"), eighty, false, None));
    }

    #[test]
    fn ranges_are_told_by_their_ends() {
        let told = |text: &str| range(text).told().en;
        assert_eq!(
            ["2..2", "1..5", "1.._", "_..5", "_.._"].map(told),
            ["always 2", "from 1 to 5", "1 or more", "5 or less", "any number"]
        );
    }
}
