//! Periods of appraisal: a month, a quarter, a half-year, a year or a fiscal year.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use jiff::ToSpan;
use jiff::civil::Date;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The month in which a fiscal year begins (FY2002 is April 2002 to March 2003).
const FISCAL_YEAR_BEGINS: i8 = 4;

/// How a period is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// `2026-10`.
    Month,
    /// `2026-Q3`.
    Quarter,
    /// `2026-H1`.
    HalfYear,
    /// `2026`.
    Year,
    /// `FY2026`: April to March.
    FiscalYear,
}

impl Form {
    fn months(self) -> i8 {
        match self {
            Form::Month => 1,
            Form::Quarter => 3,
            Form::HalfYear => 6,
            Form::Year | Form::FiscalYear => 12,
        }
    }
}

/// A stretch of whole calendar months: "2026-10", "2026-Q3", "2026-H1", "2026", "FY2002".
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Period {
    year: i16,
    /// Which one of its form within the year, counted from 1.
    part: i8,
    form: Form,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a period: write 2026-10, 2026-Q3, 2026-H1, 2026 or FY2026")]
pub struct NotAPeriod(pub String);

impl Period {
    pub fn form(&self) -> Form {
        self.form
    }

    /// The year by which the period is named.
    pub fn year(&self) -> i16 {
        self.year
    }

    /// 1 or 2 for half-years, 1–4 for quarters, 1–12 for months, 1 for years.
    pub fn part(&self) -> i8 {
        self.part
    }

    pub fn first_day(&self) -> Date {
        let month = match self.form {
            Form::FiscalYear => FISCAL_YEAR_BEGINS,
            form => (self.part - 1) * form.months() + 1,
        };
        Date::new(self.year, month, 1).unwrap_or(Date::MIN)
    }

    pub fn last_day(&self) -> Date {
        let months = i32::from(self.form.months());
        self.first_day().saturating_add(months.months()).saturating_sub(1.day())
    }

    /// The period of a form in which a day is.
    pub fn with(form: Form, day: Date) -> Option<Period> {
        let part = match form {
            Form::FiscalYear | Form::Year => 1,
            form => (day.month() - 1) / form.months() + 1,
        };
        let year =
            if form == Form::FiscalYear && day.month() < FISCAL_YEAR_BEGINS { day.year() - 1 } else { day.year() };
        (1..=9999).contains(&year).then_some(Period { year, part, form })
    }

    /// The period of the same form directly before.
    pub fn previous(&self) -> Period {
        if self.part > 1 {
            return Period { part: self.part - 1, ..*self };
        }
        Period { year: self.year - 1, part: 12 / self.form.months(), form: self.form }
    }

    /// The period of the same form directly after.
    pub fn next(&self) -> Period {
        if self.part < 12 / self.form.months() {
            return Period { part: self.part + 1, ..*self };
        }
        Period { year: self.year + 1, part: 1, form: self.form }
    }

    /// The calendar months of the period, in order.
    pub fn months(&self) -> Vec<Period> {
        let first = self.first_day();
        (0..i32::from(self.form.months()))
            .map(|k| first.saturating_add(k.months()))
            .map(|day| Period { year: day.year(), part: day.month(), form: Form::Month })
            .collect()
    }
}

impl FromStr for Period {
    type Err = NotAPeriod;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        parse(text).ok_or_else(|| NotAPeriod(text.to_owned()))
    }
}

fn parse(text: &str) -> Option<Period> {
    if let Some(year) = text.strip_prefix("FY") {
        return Some(Period { year: year_of(year)?, part: 1, form: Form::FiscalYear });
    }
    let Some((year, rest)) = text.split_once('-') else {
        return Some(Period { year: year_of(text)?, part: 1, form: Form::Year });
    };
    let (form, digits, width) = match rest.as_bytes().first()? {
        b'Q' => (Form::Quarter, rest.get(1..)?, 1),
        b'H' => (Form::HalfYear, rest.get(1..)?, 1),
        _ => (Form::Month, rest, 2),
    };
    if digits.len() != width || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    let part: i8 = digits.parse().ok()?;
    let parts = 12 / form.months();
    (1..=parts).contains(&part).then_some(Period { year: year_of(year)?, part, form })
}

fn year_of(text: &str) -> Option<i16> {
    let four_digits = text.len() == 4 && text.bytes().all(|b| b.is_ascii_digit());
    four_digits.then(|| text.parse().ok()).flatten().filter(|year| *year > 0)
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.form {
            Form::Month => write!(f, "{:04}-{:02}", self.year, self.part),
            Form::Quarter => write!(f, "{:04}-Q{}", self.year, self.part),
            Form::HalfYear => write!(f, "{:04}-H{}", self.year, self.part),
            Form::Year => write!(f, "{:04}", self.year),
            Form::FiscalYear => write!(f, "FY{:04}", self.year),
        }
    }
}

impl Ord for Period {
    fn cmp(&self, other: &Self) -> Ordering {
        let key = |period: &Period| (period.first_day(), period.last_day(), period.form);
        key(self).cmp(&key(other))
    }
}

impl PartialOrd for Period {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl TryFrom<String> for Period {
    type Error = NotAPeriod;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        text.parse()
    }
}

impl From<Period> for String {
    fn from(period: Period) -> Self {
        period.to_string()
    }
}
