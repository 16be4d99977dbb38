use jiff::civil::Date;
use platform::web::Errors;
use platform::{Result, say};

use super::working_calendar::WorkingCalendarChange;

const DAYS_AT_MOST: usize = 4000;

/// Sorted days, each once; refuses days that are in both lists.
pub fn check(calendar: WorkingCalendarChange) -> Result<WorkingCalendarChange> {
    let mut errors = Errors::default();
    for (pointer, days) in
        [("/non_working_days", &calendar.non_working_days), ("/working_days", &calendar.working_days)]
    {
        if days.len() > DAYS_AT_MOST {
            errors.add(
                pointer,
                say!("日历中每类日期最多 {DAYS_AT_MOST} 天", "a calendar has at most {DAYS_AT_MOST} days of a kind"),
            );
        }
        for (index, day) in days.iter().enumerate() {
            errors.check_day(format!("{pointer}/{index}"), *day);
        }
    }
    for (index, day) in calendar.working_days.iter().enumerate() {
        if calendar.non_working_days.contains(day) {
            errors.add(
                format!("/working_days/{index}"),
                say!("{day} 同时也是非工作日", "{day} is a non-working day as well"),
            );
        }
    }
    errors.check()?;
    Ok(WorkingCalendarChange {
        non_working_days: tidy(calendar.non_working_days),
        working_days: tidy(calendar.working_days),
    })
}

fn tidy(mut days: Vec<Date>) -> Vec<Date> {
    days.sort_unstable();
    days.dedup();
    days
}

#[cfg(test)]
mod tests {
    use super::*;

    fn days(texts: &[&str]) -> Vec<Date> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn days_are_sorted_and_named_once() {
        let calendar = WorkingCalendarChange {
            non_working_days: days(&["2026-10-02", "2026-10-01", "2026-10-01"]),
            working_days: Vec::new(),
        };
        let checked = check(calendar).unwrap();
        assert_eq!(checked.non_working_days, days(&["2026-10-01", "2026-10-02"]));
    }

    #[test]
    fn a_day_of_another_age_is_refused() {
        let calendar = WorkingCalendarChange { non_working_days: days(&["9999-10-01"]), working_days: Vec::new() };
        let problem = check(calendar).err().unwrap();
        assert_eq!(problem.errors[0].pointer, "/non_working_days/0");
    }

    #[test]
    fn no_day_is_both() {
        let calendar = WorkingCalendarChange {
            non_working_days: days(&["2026-10-01"]),
            working_days: days(&["2026-10-10", "2026-10-01"]),
        };
        let problem = check(calendar).err().unwrap();
        assert_eq!(problem.errors[0].pointer, "/working_days/1");
    }
}
