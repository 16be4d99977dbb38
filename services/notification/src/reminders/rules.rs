//! When people are reminded, and of what.

use basics::workdays::WorkingCalendar;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::{self, TimeZone};

/// Tasks that one digest lists at most; the rest are counted.
pub const MOST_LISTED: i64 = 50;
/// Nobody is reminded in the night.
const FIRST_HOUR: i8 = 7;

/// Whether the day has begun on which people may be reminded.
pub fn is_time(now: Timestamp) -> bool {
    now.to_zoned(TimeZone::fixed(tz::offset(8))).hour() >= FIRST_HOUR
}

/// The last day on which a task may be due to be spoken of today: the next working day, so that what falls due on a
/// free day is spoken of on the working day before. None on a free day, when nobody is reminded.
pub fn remind_until(calendar: &WorkingCalendar, today: Date) -> Option<Date> {
    calendar.is_working(today).then(|| calendar.nth_after(today, 1))
}

/// How far up the line what is overdue goes.
const LEVELS: i32 = 4;

/// Before which day a task must have been due for the superior to be told of it today, where that is after so many working
/// days; for the one above after twice as many, and so on.
pub fn escalated_before(calendar: &WorkingCalendar, today: Date, days: i32) -> Vec<Date> {
    (1..=LEVELS).map(|level| working_days_before(calendar, today, days * level)).collect()
}

fn working_days_before(calendar: &WorkingCalendar, today: Date, days: i32) -> Date {
    let (mut day, mut left) = (today, days);
    while left > 0 {
        let Ok(before) = day.yesterday() else { return day };
        day = before;
        left -= i32::from(calendar.is_working(day));
    }
    day
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn reminders_begin_in_the_morning() {
        assert!(!is_time("2026-09-27T16:00:00Z".parse().unwrap()));
        assert!(is_time("2026-09-27T23:00:00Z".parse().unwrap()));
        assert!(is_time("2026-09-28T15:59:00Z".parse().unwrap()));
    }

    #[test]
    fn superiors_are_told_after_as_many_working_days() {
        let weekdays = WorkingCalendar::default();
        // A Wednesday; the day before it, and the Friday before.
        assert_eq!(escalated_before(&weekdays, date(2026, 9, 30), 1)[..2], [date(2026, 9, 29), date(2026, 9, 28)]);
        assert_eq!(escalated_before(&weekdays, date(2026, 9, 30), 3)[0], date(2026, 9, 25));
    }

    #[test]
    fn a_free_day_is_spoken_of_on_the_working_day_before() {
        let week = (1..=7).map(|day| date(2026, 10, day)).collect();
        let golden_week = WorkingCalendar { non_working: week, working: [date(2026, 10, 10)].into() };
        for (today, until) in [
            (date(2026, 9, 29), Some(date(2026, 9, 30))),
            (date(2026, 9, 30), Some(date(2026, 10, 8))),
            (date(2026, 10, 1), None),
            (date(2026, 10, 3), None),
            (date(2026, 10, 9), Some(date(2026, 10, 10))),
            (date(2026, 10, 10), Some(date(2026, 10, 12))),
            (date(2026, 10, 11), None),
        ] {
            assert_eq!(remind_until(&golden_week, today), until, "{today}");
        }
    }
}
