//! Dates of stages relative to the period, and terms counted in days.

use jiff::ToSpan;
use jiff::civil::Date;
use serde::Serialize;

use super::source::AppealTerms;
use crate::period::Period;
use crate::workdays::WorkingCalendar;

/// When a stage opens and when it is due.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StageDates {
    pub stage: String,
    pub opens: Date,
    pub due: Option<Date>,
}

/// Whether an appeal is in time, and by when it is answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct AppealAnswer {
    pub accepted: bool,
    pub respond_by: Option<Date>,
}

impl AppealTerms {
    /// Whether an appeal is in time, and by when it is answered; `None` where neither term is set.
    pub fn answer(&self, known_on: Date, filed_on: Date, calendar: &WorkingCalendar) -> Option<AppealAnswer> {
        if !self.has_term() {
            return None;
        }
        let accepted = self.until(known_on, calendar).is_none_or(|until| filed_on <= until);
        let respond_by = self.answered_by(filed_on, calendar).filter(|_| accepted);
        Some(AppealAnswer { accepted, respond_by })
    }

    /// Whether filing or answering is bound to a term.
    pub fn has_term(&self) -> bool {
        self.file_within.is_some() || self.answer_within.is_some()
    }

    /// The last day on which an appeal may be filed against what was known on a day; `None` without such a term.
    pub fn until(&self, known_on: Date, calendar: &WorkingCalendar) -> Option<Date> {
        Some(Term::parse(self.file_within.as_deref()?)?.after(known_on, calendar))
    }

    /// The day by which an appeal of a day is answered; `None` without such a term.
    pub fn answered_by(&self, filed_on: Date, calendar: &WorkingCalendar) -> Option<Date> {
        Some(Term::parse(self.answer_within.as_deref()?)?.after(filed_on, calendar))
    }
}

const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// A date as a scheme writes it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum DatePhrase {
    /// A day of a month counted from the period's last month; no day: its last.
    OfMonth {
        day: Option<i8>,
        offset: i32,
    },
    /// A day of a named month of a year counted from the period's.
    OfYear {
        day: Option<i8>,
        month: i8,
        offset: i16,
    },
    AfterEnd(Term),
}

/// A number of days or of working days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Term {
    Days(u32),
    WorkingDays(u32),
}

/// Nothing in a cycle is further away than this.
const MOST_DAYS: u32 = 1000;
const MOST_WORKING_DAYS: u32 = 400;
const MOST_MONTHS: i32 = 36;
const MOST_YEARS: i32 = 5;

impl Term {
    pub fn parse(text: &str) -> Option<Term> {
        let words: Vec<&str> = text.split_whitespace().collect();
        let count = |written: &str, most: u32| written.parse::<u32>().ok().filter(|count| *count <= most);
        match words.as_slice() {
            [days, "day" | "days"] => count(days, MOST_DAYS).map(Term::Days),
            [weeks, "week" | "weeks"] => count(weeks, MOST_DAYS / 7).map(|weeks| Term::Days(weeks * 7)),
            [days, "working", "day" | "days"] => count(days, MOST_WORKING_DAYS).map(Term::WorkingDays),
            _ => None,
        }
    }

    pub fn after(self, date: Date, calendar: &WorkingCalendar) -> Date {
        match self {
            Term::Days(days) => date.saturating_add(i64::from(days).days()),
            Term::WorkingDays(days) => calendar.nth_after(date, days),
        }
    }
}

impl DatePhrase {
    pub fn parse(text: &str) -> Option<DatePhrase> {
        if let Some(term) = text.strip_suffix(" after end") {
            return Term::parse(term).map(DatePhrase::AfterEnd);
        }
        let words: Vec<&str> = text.split_whitespace().collect();
        let day = |word: &str| match word {
            "last" => Some(None),
            number => number.parse::<i8>().ok().filter(|day| (1..=31).contains(day)).map(Some),
        };
        match words.as_slice() {
            [which, "of", month] => {
                Some(DatePhrase::OfMonth { day: day(which)?, offset: offset(month, "M", MOST_MONTHS)? })
            }
            [which, "of", month, "of", year] => {
                let month = MONTHS.iter().position(|name| name == month)?;
                let month = i8::try_from(month).ok()? + 1;
                let offset = i16::try_from(offset(year, "Y", MOST_YEARS)?).ok()?;
                Some(DatePhrase::OfYear { day: day(which)?, month, offset })
            }
            _ => None,
        }
    }

    pub fn date(self, period: &Period, last_day: Date, calendar: &WorkingCalendar) -> Date {
        match self {
            DatePhrase::OfMonth { day, offset } => {
                let first = period.last_day().first_of_month();
                day_of(first.saturating_add(offset.months()), day)
            }
            DatePhrase::OfYear { day, month, offset } => {
                let first = Date::new(period.year().saturating_add(offset), month, 1);
                first.map_or(last_day, |first| day_of(first, day))
            }
            DatePhrase::AfterEnd(term) => term.after(last_day, calendar),
        }
    }
}

/// A day that the month does not have is its last day.
fn day_of(first: Date, day: Option<i8>) -> Date {
    let last = first.last_of_month();
    match day {
        Some(day) if day < last.day() => first.saturating_add(i64::from(day - 1).days()),
        _ => last,
    }
}

fn offset(text: &str, letter: &str, most: i32) -> Option<i32> {
    match text.strip_prefix(letter)? {
        "" => Some(0),
        signed if signed.starts_with(['+', '-']) => {
            signed.parse().ok().filter(|offset: &i32| (-most..=most).contains(offset))
        }
        _ => None,
    }
}
