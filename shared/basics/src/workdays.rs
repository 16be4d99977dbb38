//! Working days: Monday to Friday, less public holidays, plus weekend days worked in lieu.

use std::collections::BTreeSet;

use jiff::ToSpan;
use jiff::civil::{Date, Weekday};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WorkingCalendar {
    /// Weekdays on which nobody works.
    pub non_working: BTreeSet<Date>,
    /// Weekend days that are worked in lieu.
    pub working: BTreeSet<Date>,
}

impl WorkingCalendar {
    pub fn is_working(&self, date: Date) -> bool {
        let weekday = !matches!(date.weekday(), Weekday::Saturday | Weekday::Sunday);
        self.working.contains(&date) || (weekday && !self.non_working.contains(&date))
    }

    /// The `k`-th working day after a date: the last day "within k working days" of it.
    pub fn nth_after(&self, date: Date, k: u32) -> Date {
        let mut day = date;
        let mut left = k;
        while left > 0 {
            let next = day.saturating_add(1.day());
            if next == day {
                return day;
            }
            day = next;
            left -= u32::from(self.is_working(day));
        }
        day
    }
}
