//! Numbers of a workbook as it shows them.

use jiff::civil::Date;
use rust_decimal::{Decimal, RoundingStrategy};

use super::grid::{Cell, Wrong};

/// What the number format of a cell makes of a number.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Format {
    #[default]
    Plain,
    Percent,
    Day,
    /// A day with a time.
    Moment,
    Time,
    /// `0000` or `"E"000`: a text in front and leading zeros.
    Padded {
        prefix: String,
        digits: usize,
    },
}

impl Format {
    /// The formats that have a number and no code of their own. Chinese workbooks have days in 27 to 36 and 50 to 58.
    pub fn built_in(id: u32) -> Self {
        match id {
            9 | 10 => Self::Percent,
            14..=17 | 27..=31 | 36 | 50..=54 | 57 | 58 => Self::Day,
            22 => Self::Moment,
            18..=21 | 32..=35 | 45..=47 | 55 | 56 => Self::Time,
            _ => Self::Plain,
        }
    }

    pub fn of_code(code: &str) -> Self {
        let parts = Parts::of(code);
        let has = |letters: &[char]| parts.shown.contains(letters);
        if parts.shown.contains("general") {
            Self::Plain
        } else if has(&['%']) {
            Self::Percent
        } else if has(&['y', 'd']) || (has(&['m']) && !has(&['h', 's']) && !parts.is_elapsed) {
            if has(&['h', 's']) { Self::Moment } else { Self::Day }
        } else if has(&['h', 's']) || parts.is_elapsed {
            Self::Time
        } else {
            parts.padded()
        }
    }
}

/// The first section of a format code.
#[derive(Default)]
struct Parts {
    /// In small letters, without what is quoted and bracketed.
    shown: String,
    /// Quoted texts before and behind the first place of a digit.
    before: String,
    behind: String,
    is_elapsed: bool,
}

impl Parts {
    fn of(code: &str) -> Self {
        let mut parts = Self::default();
        let mut chars = code.chars();
        while let Some(c) = chars.next() {
            match c {
                ';' => break,
                '"' => chars.by_ref().take_while(|c| *c != '"').for_each(|c| parts.quote(c)),
                '\\' => chars.next().into_iter().for_each(|c| parts.quote(c)),
                '_' | '*' => drop(chars.next()),
                '[' => {
                    let inside: String = chars.by_ref().take_while(|c| *c != ']').collect();
                    parts.is_elapsed |= !inside.is_empty() && inside.chars().all(|c| "hmsHMS".contains(c));
                }
                c => parts.shown.extend(c.to_lowercase()),
            }
        }
        parts
    }

    fn quote(&mut self, c: char) {
        if self.shown.is_empty() { self.before.push(c) } else { self.behind.push(c) }
    }

    /// Only a text of letters in front makes a number of this kind an identifier; `"¥"0` is an amount.
    fn padded(self) -> Format {
        let digits = self.shown.chars().count();
        let only_zeros = digits > 0 && self.shown.chars().all(|c| c == '0') && self.behind.is_empty();
        let is_prefix = self.before.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.'));
        let is_identifier = only_zeros && is_prefix && (digits > 1 || !self.before.is_empty());
        if is_identifier { Format::Padded { prefix: self.before, digits } } else { Format::Plain }
    }
}

/// A number of a workbook as it is shown, with all the digits that are its own.
///
/// Workbooks keep 17 digits of a binary number and show 15 of them: 88.00000000000001 is 88.
pub fn shown(stored: &str, format: &Format, is_1904: bool) -> Cell {
    let Some(number) = decimal(stored) else { return Cell::Text(stored.to_owned()) };
    match format {
        Format::Plain => Cell::Text(number.to_string()),
        Format::Percent => Cell::Text(percent(number)),
        Format::Day => day_of(number, is_1904)
            .map_or_else(|| Cell::Wrong(Wrong::ImpossibleDay(number.to_string())), |day| Cell::Text(day.to_string())),
        Format::Moment => moment(number, is_1904),
        Format::Time if number.trunc().is_zero() && !number.is_sign_negative() => Cell::Text(time(number)),
        Format::Time => Cell::Text(number.to_string()),
        Format::Padded { prefix, digits } => Cell::Text(padded(number, prefix, *digits)),
    }
}

fn decimal(stored: &str) -> Option<Decimal> {
    let stored = stored.trim();
    let exact = match stored.contains(['e', 'E']) {
        true => Decimal::from_scientific_lossy(stored).ok()?,
        false => stored.parse().ok()?,
    };
    Some(exact.round_sf_with_strategy(15, RoundingStrategy::MidpointAwayFromZero)?.normalize())
}

fn percent(number: Decimal) -> String {
    match number.checked_mul(Decimal::ONE_HUNDRED) {
        Some(hundredths) => format!("{}%", hundredths.normalize()),
        None => number.to_string(),
    }
}

fn padded(number: Decimal, prefix: &str, digits: usize) -> String {
    if !number.fract().is_zero() || number.is_sign_negative() {
        return number.to_string();
    }
    format!("{prefix}{:0>digits$}", number.to_string())
}

/// The last day that a workbook can hold is the last of the year 9999.
const LAST_SERIAL: i64 = 2_958_465;
const FROM_1900_TO_1904: i64 = 1462;

/// The day of a serial number. Day 60 of 1900 is a February 29 that never was.
fn day_of(number: Decimal, is_1904: bool) -> Option<Date> {
    let serial: i64 = number.floor().try_into().ok()?;
    let serial = if is_1904 && serial >= 0 { serial + FROM_1900_TO_1904 } else { serial };
    let before = match serial {
        1..=59 => Date::new(1899, 12, 31),
        61..=LAST_SERIAL => Date::new(1899, 12, 30),
        _ => return None,
    };
    before.ok()?.checked_add(jiff::Span::new().try_days(serial).ok()?).ok()
}

fn moment(number: Decimal, is_1904: bool) -> Cell {
    let Some(day) = day_of(number, is_1904) else { return Cell::Wrong(Wrong::ImpossibleDay(number.to_string())) };
    match time(number.fract()).as_str() {
        "00:00:00" => Cell::Text(day.to_string()),
        time => Cell::Text(format!("{day} {time}")),
    }
}

/// A fraction of a day as a time. The last half second of a day counts to it.
fn time(fraction: Decimal) -> String {
    let seconds: u32 = (fraction * Decimal::from(86_400)).round().try_into().unwrap_or(0);
    let seconds = seconds.min(86_399);
    format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(stored: &str, code: &str) -> String {
        match shown(stored, &Format::of_code(code), false) {
            Cell::Text(text) => text,
            Cell::Wrong(wrong) => format!("{wrong:?}"),
        }
    }

    #[test]
    fn given_a_number_then_it_has_the_fifteen_digits_that_a_spreadsheet_shows() {
        for (stored, expected) in [
            ("88.00000000000001", "88"),
            ("36.49999999999999", "36.5"),
            ("3.3000000000000003", "3.3"),
            ("0.30000000000000004", "0.3"),
            ("1E-3", "0.001"),
            ("1.5E+3", "1500"),
            ("-0.1", "-0.1"),
            ("123456789012345", "123456789012345"),
            ("12345.678", "12345.678"),
        ] {
            assert_eq!(text(stored, "General"), expected, "{stored}");
        }
    }

    #[test]
    fn given_a_format_then_the_number_is_what_it_shows() {
        for (stored, code, expected) in [
            ("0.95", "0%", "95%"),
            ("0.9512", "0%", "95.12%"),
            ("0.1223", "0.00%;[Red]-0.00%", "12.23%"),
            ("95", "0\"%\"", "95"),
            ("12", "0000", "0012"),
            ("12", "\"E\"0000", "E0012"),
            ("12", "\\W000", "W012"),
            ("12", "\"¥\"0", "12"),
            ("12", "0\"元\"", "12"),
            ("1234.5", "#,##0.00", "1234.5"),
            ("45368", "yyyy\\-mm\\-dd", "2024-03-17"),
            ("45368", "yyyy\"年\"m\"月\"d\"日\"", "2024-03-17"),
            ("45368", "[$-804]yyyy年m月d日", "2024-03-17"),
            ("45368", "yyyy/m/d h:mm", "2024-03-17"),
            ("45368.375", "yyyy/m/d h:mm", "2024-03-17 09:00:00"),
            ("45368.375", "yyyy/m/d", "2024-03-17"),
            ("0.375", "h:mm", "09:00:00"),
            ("1.5", "[h]:mm", "1.5"),
            ("3", "0.00E+00", "3"),
            ("3", "[Red]0.0", "3"),
            ("59", "m/d/yy", "1900-02-28"),
            ("61", "m/d/yy", "1900-03-01"),
        ] {
            assert_eq!(text(stored, code), expected, "{stored} as {code}");
        }
    }

    #[test]
    fn given_a_number_that_is_no_day_then_it_is_not_made_one() {
        for stored in ["-1", "0", "0.25", "60", "3000000"] {
            assert!(text(stored, "yyyy-mm-dd").starts_with("ImpossibleDay"), "{stored}");
        }
        let first = shown("0", &Format::Day, true);
        assert_eq!(first, Cell::Text("1904-01-01".to_owned()));
        assert_eq!(shown("43906", &Format::Day, true), Cell::Text("2024-03-17".to_owned()));
    }
}
