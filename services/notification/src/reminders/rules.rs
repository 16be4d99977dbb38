use basics::workdays::WorkingCalendar;
use jiff::Timestamp;
use jiff::civil::Date;
use jiff::tz::{self, TimeZone};
use serde::Serialize;

use crate::mails::rules::Locale;
use crate::mails::templates::PORTAL;
use crate::tasks::rows::OpenTask;

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

/// What a digest says.
#[derive(Debug, Serialize)]
pub struct Digest<'a> {
    portal: &'static str,
    name: &'a str,
    today: String,
    total: i64,
    unlisted: i64,
    overdue: Vec<Line<'a>>,
    today_due: Vec<Line<'a>>,
    soon: Vec<Line<'a>>,
}

#[derive(Debug, Serialize)]
struct Line<'a> {
    label: &'a str,
    /// Whom or what it is about, unless it is the reader.
    about: Option<&'a str>,
    scheme: Option<&'a str>,
    period: Option<&'a str>,
    due: String,
}

impl<'a> Digest<'a> {
    /// `tasks` are one person's, soonest first.
    pub fn new(name: &'a str, tasks: &'a [OpenTask], today: Date, locale: Locale) -> Self {
        let lines = |wanted: fn(Date, Date) -> bool| -> Vec<Line<'a>> {
            tasks.iter().filter(|task| wanted(task.due.to_jiff(), today)).map(|task| line(task, locale)).collect()
        };
        let total = tasks.first().map_or(0, |task| task.total);
        Self {
            portal: PORTAL,
            name,
            today: today.to_string(),
            total,
            unlisted: total - tasks.len() as i64,
            overdue: lines(|due, today| due < today),
            today_due: lines(|due, today| due == today),
            soon: lines(|due, today| due > today),
        }
    }
}

fn line(task: &OpenTask, locale: Locale) -> Line<'_> {
    let (label, scheme) = match locale {
        Locale::Chinese => (&task.label_zh, &task.scheme_zh),
        Locale::English => (&task.label_en, &task.scheme_en),
    };
    Line {
        label,
        about: Some(task.subject_name.as_str()).filter(|name| !name.is_empty() && task.subject != task.assignee),
        scheme: scheme.as_deref(),
        period: task.period.as_deref(),
        due: task.due.to_jiff().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use platform::sql::ToDiesel;

    use super::*;

    fn task(subject: &str, due: Date) -> OpenTask {
        OpenTask {
            assignee: "E001".to_owned(),
            label_zh: "打分".to_owned(),
            label_en: "Score".to_owned(),
            subject: subject.to_owned(),
            subject_name: format!("name of {subject}"),
            due: due.to_diesel(),
            scheme_zh: Some("月度考核".to_owned()),
            scheme_en: Some("Monthly".to_owned()),
            period: Some("2026-09".to_owned()),
            total: 5,
        }
    }

    #[test]
    fn tasks_are_told_apart_by_the_day_they_are_due() {
        let today = date(2026, 9, 28);
        let tasks = [
            task("E001", date(2026, 9, 20)),
            task("E002", date(2026, 9, 27)),
            task("E003", today),
            task("E004", date(2026, 9, 29)),
        ];
        let digest = Digest::new("Li", &tasks, today, Locale::English);
        assert_eq!((digest.overdue.len(), digest.today_due.len(), digest.soon.len()), (2, 1, 1));
        assert_eq!((digest.total, digest.unlisted), (5, 1));
        assert_eq!(digest.overdue[0].about, None);
        assert_eq!(digest.overdue[1].about, Some("name of E002"));
        assert_eq!((digest.soon[0].label, digest.soon[0].scheme), ("Score", Some("Monthly")));
    }

    #[test]
    fn reminders_begin_in_the_morning() {
        assert!(!is_time("2026-09-27T16:00:00Z".parse().unwrap()));
        assert!(is_time("2026-09-27T23:00:00Z".parse().unwrap()));
        assert!(is_time("2026-09-28T15:59:00Z".parse().unwrap()));
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
