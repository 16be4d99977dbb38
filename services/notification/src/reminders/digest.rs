use jiff::civil::Date;
use platform::Locale;
use serde::Serialize;

use crate::mails::templates::PORTAL;
use crate::tasks::OpenTask;

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
    /// What has no day.
    undated: Vec<Line<'a>>,
    /// Long overdue among the reader's people.
    of_people: Vec<Line<'a>>,
}

#[derive(Debug, Serialize)]
struct Line<'a> {
    label: &'a str,
    /// Whom or what it is about, unless it is the reader.
    about: Option<&'a str>,
    scheme: Option<&'a str>,
    period: Option<&'a str>,
    due: Option<String>,
    /// Who is late, where it is not the reader.
    of: Option<&'a str>,
}

impl<'a> Digest<'a> {
    /// `tasks` are one person's, soonest first.
    pub fn new(name: &'a str, tasks: &'a [OpenTask], today: Date, locale: Locale) -> Self {
        let (own, of_people): (Vec<&OpenTask>, Vec<&OpenTask>) = tasks.iter().partition(|task| task.of_name.is_none());
        let lines = |wanted: fn(Date, Date) -> bool| -> Vec<Line<'a>> {
            let dated = own.iter().filter(|task| task.due.is_some_and(|due| wanted(due, today)));
            dated.map(|task| line(task, locale)).collect()
        };
        let total = tasks.first().map_or(0, |task| task.total);
        Self {
            portal: PORTAL,
            name,
            today: today.to_string(),
            total,
            unlisted: total - own.len() as i64,
            overdue: lines(|due, today| due < today),
            today_due: lines(|due, today| due == today),
            soon: lines(|due, today| due > today),
            undated: own.iter().filter(|task| task.due.is_none()).map(|task| line(task, locale)).collect(),
            of_people: of_people.into_iter().map(|task| line(task, locale)).collect(),
        }
    }
}

fn line(task: &OpenTask, locale: Locale) -> Line<'_> {
    let (label, scheme) = match locale {
        Locale::ZhCn => (&task.label_zh, &task.scheme_zh),
        Locale::En => (&task.label_en, &task.scheme_en),
    };
    Line {
        label,
        about: Some(task.about_name.as_str())
            .filter(|name| !name.is_empty() && task.about != format!("person:{}", task.number)),
        scheme: scheme.as_deref(),
        period: task.period.as_deref(),
        due: task.due.map(|due| due.to_string()),
        of: match locale {
            Locale::ZhCn => task.of_name.as_deref(),
            Locale::En => task.of_name_en.as_deref(),
        }
        .map(|of| role_name(of, locale)),
    }
}

/// What a role is called; other names stay as they are.
fn role_name(of: &str, locale: Locale) -> &str {
    let (zh, en) = match of {
        "role:hr" => ("人力资源部", "HR"),
        "role:finance" => ("财务部", "Finance"),
        "role:committee_member" => ("委员会成员", "Committee members"),
        "role:unit_head" => ("部门负责人", "Heads of units"),
        "role:manager" => ("直接上级", "Managers"),
        other => (other, other),
    };
    if locale == Locale::ZhCn { zh } else { en }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn task(subject: &str, due: impl Into<Option<Date>>) -> OpenTask {
        OpenTask {
            number: "E001".to_owned(),
            label_zh: "打分".to_owned(),
            label_en: "Score".to_owned(),
            about: format!("person:{subject}"),
            about_name: format!("name of {subject}"),
            due: due.into(),
            scheme_zh: Some("月度考核".to_owned()),
            scheme_en: Some("Monthly".to_owned()),
            period: Some("2026-09".to_owned()),
            total: 5,
            of_name: None,
            of_name_en: None,
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
            task("E006", None),
            OpenTask {
                of_name: Some("王".to_owned()),
                of_name_en: Some("Wang".to_owned()),
                ..task("E005", date(2026, 9, 1))
            },
            OpenTask {
                of_name: Some("role:hr".to_owned()),
                of_name_en: Some("role:hr".to_owned()),
                ..task("E007", date(2026, 9, 1))
            },
        ];
        let digest = Digest::new("Li", &tasks, today, Locale::En);
        assert_eq!((digest.overdue.len(), digest.today_due.len(), digest.soon.len()), (2, 1, 1));
        assert_eq!((digest.total, digest.unlisted, digest.undated.len()), (5, 0, 1));
        let of: Vec<_> = digest.of_people.iter().map(|line| line.of).collect();
        assert_eq!(of, [Some("Wang"), Some("HR")]);
        assert_eq!(digest.overdue[0].about, None);
        assert_eq!(digest.overdue[1].about, Some("name of E002"));
        assert_eq!((digest.soon[0].label, digest.soon[0].scheme), ("Score", Some("Monthly")));
    }
}
