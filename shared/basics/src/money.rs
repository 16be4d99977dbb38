//! Exact numbers: scores, shares and money are distinct types; rounding is half away from zero.

use std::fmt;

use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};

/// Digits kept before a number is rounded, floored or compared, so that the last digits of a division
/// that does not end (2/3 × 0.03) cannot tip a tie.
const SETTLED_DIGITS: u32 = 25;
/// More decimals than these come of a division that does not end: it fills all digits that a number has.
const ENDING_DECIMALS: u32 = 18;
const UNSETTLED_FROM: i128 = 10_i128.pow(SETTLED_DIGITS);

macro_rules! number_type {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize)]
        #[serde(transparent)]
        pub struct $name(#[serde(deserialize_with = "rust_decimal::serde::str::deserialize")] Decimal);

        impl Serialize for $name {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl $name {
            pub fn new(amount: Decimal) -> Self {
                Self(amount)
            }

            pub fn amount(self) -> Decimal {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&plain(self.0))
            }
        }
    };
}

number_type!(
    /// Points: a final score or a part of one.
    Score
);
number_type!(
    /// A coefficient, a fraction or a percentage.
    Share
);

/// An amount of money, to the cent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Money(#[serde(with = "rust_decimal::serde::str")] Decimal);

impl Money {
    /// Rounds to the cent.
    pub fn new(amount: Decimal) -> Self {
        let mut cents = round(amount, 2);
        cents.rescale(2);
        Self(cents)
    }

    pub fn amount(self) -> Decimal {
        self.0
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

/// Drops the digits that only a division that does not end can have produced.
pub fn settle(number: Decimal) -> Decimal {
    let mantissa = number.mantissa();
    if mantissa < UNSETTLED_FROM && mantissa > -UNSETTLED_FROM {
        return number;
    }
    number.round_sf_with_strategy(SETTLED_DIGITS, RoundingStrategy::MidpointAwayFromZero).unwrap_or(number)
}

/// Rounds half away from zero (四舍五入).
pub fn round(number: Decimal, places: u32) -> Decimal {
    if number.scale() <= places {
        return number;
    }
    round_small(number, places)
        .unwrap_or_else(|| settle(number).round_dp_with_strategy(places, RoundingStrategy::MidpointAwayFromZero))
}

/// The same for numbers of at most eighteen digits, which nearly all are; several times faster.
fn round_small(number: Decimal, places: u32) -> Option<Decimal> {
    let mantissa = i64::try_from(number.mantissa()).ok()?;
    let unit = 10_i64.checked_pow(number.scale().checked_sub(places)?)?;
    let (whole, rest) = (mantissa / unit, mantissa % unit);
    let away = if rest.unsigned_abs() >= unit.unsigned_abs().div_ceil(2) { rest.signum() } else { 0 };
    Some(Decimal::new(whole.checked_add(away)?, places))
}

/// A number as it is printed: all its decimals where they end, else ten; no trailing zeros.
pub fn plain(number: Decimal) -> String {
    let number = number.normalize();
    let ends = number.scale() <= ENDING_DECIMALS;
    if ends { number.to_string() } else { round(number, 10).normalize().to_string() }
}

/// Reads a number in plain notation: an optional minus, digits, optionally a point and digits.
pub fn parse_plain(text: &str) -> Option<Decimal> {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = unsigned.split_once('.').map_or((unsigned, None), |(w, f)| (w, Some(f)));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !fraction.is_none_or(digits) {
        return None;
    }
    // Zeros behind the last decimal say nothing, however many they are.
    let text = if fraction.is_some() { text.trim_end_matches('0').trim_end_matches('.') } else { text };
    Decimal::from_str_exact(text).ok()
}

/// A part of a sum of money that was shared exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Part {
    pub amount: Money,
    /// One of the cents that were left over is in it.
    pub cent: bool,
}

/// Shares a sum exactly to the cent in proportion to weights: every share is rounded down and the cents left
/// go one by one to the largest remainders; of equal remainders the earlier one is served first, so weights come
/// in the order of their numbers or codes.
///
/// Weights that are all zero give zeros. `None` when the numbers are too large to be shared exactly.
pub fn split_exact(total: Money, weights: &[Decimal]) -> Option<Vec<Money>> {
    Some(parts_exact(total, weights)?.into_iter().map(|part| part.amount).collect())
}

/// As [`split_exact`], with who was given one of the cents that were left.
pub fn parts_exact(total: Money, weights: &[Decimal]) -> Option<Vec<Part>> {
    let cents = u128::try_from(Money::new(total.amount()).amount().mantissa()).ok()?;
    let weights = whole_weights(weights)?;
    let sum = weights.iter().try_fold(0_u128, |sum, weight| sum.checked_add(*weight))?;
    if sum == 0 {
        return Some(vec![Part { amount: Money::new(Decimal::ZERO), cent: false }; weights.len()]);
    }
    let mut shares = Vec::with_capacity(weights.len());
    let mut remainders = Vec::with_capacity(weights.len());
    let mut left = cents;
    for (at, weight) in weights.iter().enumerate() {
        let product = cents.checked_mul(*weight)?;
        let share = product / sum;
        left = left.checked_sub(share)?;
        shares.push((share, false));
        remainders.push((product % sum, at));
    }
    remainders.sort_by(|a, b| b.0.cmp(&a.0).then(a.1.cmp(&b.1)));
    for (_, at) in remainders.iter().take(usize::try_from(left).ok()?) {
        let (cents, cent) = shares.get_mut(*at)?;
        (*cents, *cent) = (*cents + 1, true);
    }
    let part = |(cents, cent)| Some(Part { amount: from_cents(i128::try_from(cents).ok()?)?, cent });
    shares.into_iter().map(part).collect()
}

fn from_cents(cents: i128) -> Option<Money> {
    Decimal::try_from_i128_with_scale(cents, 2).ok().map(Money)
}

/// The weights as whole numbers of one scale, without their common factor.
fn whole_weights(weights: &[Decimal]) -> Option<Vec<u128>> {
    let weights: Vec<Decimal> = weights.iter().map(|weight| settle(*weight).normalize()).collect();
    let scale = weights.iter().map(Decimal::scale).max().unwrap_or(0);
    let whole = weights
        .iter()
        .map(|weight| {
            let factor = 10_u128.checked_pow(scale - weight.scale())?;
            u128::try_from(weight.mantissa()).ok()?.checked_mul(factor)
        })
        .collect::<Option<Vec<u128>>>()?;
    let common = whole.iter().fold(0, |a, b| greatest_common_divisor(a, *b)).max(1);
    Some(whole.into_iter().map(|weight| weight / common).collect())
}

fn greatest_common_divisor(mut a: u128, mut b: u128) -> u128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}
