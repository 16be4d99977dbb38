//! The product's own sentences, in both languages. The first line of a template is the subject.

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Serde;
use minijinja::{Environment, UndefinedBehavior};
use platform::{Locale, Problem, Result};
use serde::Serialize;
use serde_json::Value;

use super::mail::{Kind, Text};

/// Stands in a stored text for the portal's address, which is known where mail is sent.
pub const PORTAL: &str = "\u{ab}portal\u{bb}";

const SOURCES: [(Kind, Locale, &str); 40] = [
    (Kind::Result, Locale::ZhCn, include_str!("../../templates/zh-CN/result.txt")),
    (Kind::Result, Locale::En, include_str!("../../templates/en/result.txt")),
    (Kind::Correction, Locale::ZhCn, include_str!("../../templates/zh-CN/correction.txt")),
    (Kind::Correction, Locale::En, include_str!("../../templates/en/correction.txt")),
    (Kind::Digest, Locale::ZhCn, include_str!("../../templates/zh-CN/digest.txt")),
    (Kind::Digest, Locale::En, include_str!("../../templates/en/digest.txt")),
    (Kind::Stage, Locale::ZhCn, include_str!("../../templates/zh-CN/stage.txt")),
    (Kind::Stage, Locale::En, include_str!("../../templates/en/stage.txt")),
    (Kind::InterviewArranged, Locale::ZhCn, include_str!("../../templates/zh-CN/interview_arranged.txt")),
    (Kind::InterviewArranged, Locale::En, include_str!("../../templates/en/interview_arranged.txt")),
    (Kind::InterviewRecorded, Locale::ZhCn, include_str!("../../templates/zh-CN/interview_recorded.txt")),
    (Kind::InterviewRecorded, Locale::En, include_str!("../../templates/en/interview_recorded.txt")),
    (Kind::ResultComputed, Locale::ZhCn, include_str!("../../templates/zh-CN/result_computed.txt")),
    (Kind::ResultComputed, Locale::En, include_str!("../../templates/en/result_computed.txt")),
    (Kind::OpinionAnswered, Locale::ZhCn, include_str!("../../templates/zh-CN/opinion_answered.txt")),
    (Kind::OpinionAnswered, Locale::En, include_str!("../../templates/en/opinion_answered.txt")),
    (Kind::Announcement, Locale::ZhCn, include_str!("../../templates/zh-CN/announcement.txt")),
    (Kind::Announcement, Locale::En, include_str!("../../templates/en/announcement.txt")),
    (Kind::Summary, Locale::ZhCn, include_str!("../../templates/zh-CN/summary.txt")),
    (Kind::Summary, Locale::En, include_str!("../../templates/en/summary.txt")),
    (Kind::Dependents, Locale::ZhCn, include_str!("../../templates/zh-CN/dependents.txt")),
    (Kind::Dependents, Locale::En, include_str!("../../templates/en/dependents.txt")),
    (Kind::PlanDecided, Locale::ZhCn, include_str!("../../templates/zh-CN/plan_decided.txt")),
    (Kind::PlanDecided, Locale::En, include_str!("../../templates/en/plan_decided.txt")),
    (Kind::GoalsAgreed, Locale::ZhCn, include_str!("../../templates/zh-CN/goals_agreed.txt")),
    (Kind::GoalsAgreed, Locale::En, include_str!("../../templates/en/goals_agreed.txt")),
    (Kind::SentBack, Locale::ZhCn, include_str!("../../templates/zh-CN/sent_back.txt")),
    (Kind::SentBack, Locale::En, include_str!("../../templates/en/sent_back.txt")),
    (Kind::FactsReturned, Locale::ZhCn, include_str!("../../templates/zh-CN/facts_returned.txt")),
    (Kind::FactsReturned, Locale::En, include_str!("../../templates/en/facts_returned.txt")),
    (Kind::AppealDecided, Locale::ZhCn, include_str!("../../templates/zh-CN/appeal_decided.txt")),
    (Kind::AppealDecided, Locale::En, include_str!("../../templates/en/appeal_decided.txt")),
    (Kind::AppealMovedUp, Locale::ZhCn, include_str!("../../templates/zh-CN/appeal_moved_up.txt")),
    (Kind::AppealMovedUp, Locale::En, include_str!("../../templates/en/appeal_moved_up.txt")),
    (Kind::AppealOpened, Locale::ZhCn, include_str!("../../templates/zh-CN/appeal_opened.txt")),
    (Kind::AppealOpened, Locale::En, include_str!("../../templates/en/appeal_opened.txt")),
    (Kind::AppealOverdue, Locale::ZhCn, include_str!("../../templates/zh-CN/appeal_overdue.txt")),
    (Kind::AppealOverdue, Locale::En, include_str!("../../templates/en/appeal_overdue.txt")),
    (Kind::RemedyRefused, Locale::ZhCn, include_str!("../../templates/zh-CN/remedy_refused.txt")),
    (Kind::RemedyRefused, Locale::En, include_str!("../../templates/en/remedy_refused.txt")),
];

pub struct Templates(Environment<'static>);

impl Templates {
    pub fn new() -> Result<Self> {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        let syntax =
            SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build().map_err(Problem::internal)?;
        environment.set_syntax(syntax);
        for (kind, locale, source) in SOURCES {
            environment.add_template_owned(name(kind, locale), source).map_err(Problem::internal)?;
        }
        Ok(Self(environment))
    }

    pub fn render(&self, kind: Kind, locale: Locale, words: &impl Serialize) -> Result<Text> {
        let found = self.0.get_template(&name(kind, locale)).map_err(Problem::internal)?;
        let mut words = serde_json::to_value(words)?;
        if let Some(words) = words.as_object_mut() {
            words.iter_mut().filter(|(name, _)| *name != "portal").for_each(|(_, word)| defuse(word));
        }
        let text = found.render(Serde(words)).map_err(Problem::internal)?;
        let (subject, body) = text.split_once('\n').unwrap_or((&text, ""));
        Ok(Text { subject: one_line(subject), body: one_empty_line_at_most(body) })
    }
}

/// Somebody may be called like the mark for the portal's address; it is the product's alone.
fn defuse(word: &mut Value) {
    match word {
        Value::String(text) if text.contains(PORTAL) => *text = text.replace(PORTAL, "portal"),
        Value::Array(words) => words.iter_mut().for_each(defuse),
        Value::Object(words) => words.values_mut().for_each(defuse),
        _ => {}
    }
}

fn name(kind: Kind, locale: Locale) -> String {
    let folder = match locale {
        Locale::ZhCn => "zh-CN",
        Locale::En => "en",
    };
    format!("{folder}/{kind}.txt")
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn one_empty_line_at_most(text: &str) -> String {
    let mut tidy = String::with_capacity(text.len());
    let mut empty = true;
    for line in text.lines().map(str::trim_end) {
        if !(line.is_empty() && empty) {
            tidy.push_str(line);
            tidy.push('\n');
        }
        empty = line.is_empty();
    }
    tidy
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn words() -> Value {
        json!({
            "portal": PORTAL, "scheme": "月度\n考核", "period": "2026-09", "name": "李雷", "excluded": false,
            "score": "86.5", "grade": "A2", "score_before": "84", "grade_before": "A2",
            "score_changed": true, "grade_changed": false, "reason": "a figure was mistyped",
        })
    }

    fn render(kind: Kind, locale: Locale, words: &Value) -> Text {
        Templates::new().unwrap().render(kind, locale, words).unwrap()
    }

    #[test]
    fn a_result_says_score_grade_and_where_to_read_more() {
        for (locale, score, grade) in
            [(Locale::ZhCn, "得分：86.5", "等级：A2"), (Locale::En, "Score: 86.5", "Grade: A2")]
        {
            let text = render(Kind::Result, locale, &words());
            for needed in [score, grade, PORTAL, "李雷", "2026-09"] {
                assert!(text.body.contains(needed), "{needed} in {}", text.body);
            }
            assert!(!text.subject.contains('\n') && !text.subject.contains("86.5"), "{}", text.subject);
            assert!(!text.body.contains("\n\n\n"));
        }
    }

    #[test]
    fn nobody_is_called_like_the_portal() {
        let mut words = words();
        words["name"] = json!("\u{ab}portal\u{bb}");
        let text = render(Kind::Result, Locale::En, &words);
        assert_eq!(text.body.matches(PORTAL).count(), 1, "{}", text.body);
    }

    #[test]
    fn a_correction_says_what_changed_and_why() {
        let english = render(Kind::Correction, Locale::En, &words()).body;
        assert!(english.contains("Score: 86.5 (before: 84)"), "{english}");
        assert!(english.contains("Grade: A2 (unchanged)") && english.contains("Reason: a figure was mistyped"));
        let chinese = render(Kind::Correction, Locale::ZhCn, &words()).body;
        assert!(chinese.contains("得分：由 84 改为 86.5") && chinese.contains("更正原因：a figure was mistyped"));
    }

    #[test]
    fn whoever_was_not_appraised_is_told_so() {
        let mut words = words();
        words["excluded"] = json!(true);
        words["score"] = Value::Null;
        assert!(render(Kind::Result, Locale::ZhCn, &words).body.contains("不参加考核"));
        assert!(render(Kind::Result, Locale::En, &words).body.contains("not appraised"));
    }

    #[test]
    fn a_decided_appeal_says_what_was_decided_why_and_what_follows() {
        let mut words = json!({ "portal": PORTAL, "name": "Li", "scheme": "KPI", "period": "2026-09", "about": "Han",
            "verdict": "upheld", "reason": "an entry was wrong", "until": Value::Null, "by_day": Value::Null, "why": Value::Null });
        let english = render(Kind::AppealDecided, Locale::En, &words).body;
        assert!(english.contains("upheld") && english.contains("Reason: an entry was wrong"), "{english}");
        words["verdict"] = json!("refused");
        words["until"] = json!("2026-11-08");
        let chinese = render(Kind::AppealDecided, Locale::ZhCn, &words).body;
        assert!(chinese.contains("未予支持") && chinese.contains("2026-11-08"), "{chinese}");
    }

    #[test]
    fn a_digest_lists_what_is_overdue_due_today_and_due_soon() {
        let line = |label: &str, about: Value| json!({ "label": label, "about": about, "scheme": "KPI", "period": "2026-09", "due": "2026-09-28" });
        let words = json!({
            "portal": PORTAL, "name": "Li", "today": "2026-09-28", "total": 3, "unlisted": 1,
            "overdue": [line("Draft", Value::Null)], "today_due": [line("Score", json!("Han"))], "soon": [], "undated": [],
            "of_people": [],
        });
        let text = render(Kind::Digest, Locale::En, &words);
        assert_eq!(text.subject, "Appraisal tasks waiting for you: 3, 1 overdue");
        assert!(text.body.contains("Overdue:\n- Draft (KPI 2026-09, due 2026-09-28)\n"), "{}", text.body);
        assert!(text.body.contains("Due today:\n- Score: Han (KPI"), "{}", text.body);
        assert!(!text.body.contains("Due soon") && text.body.contains("1 more is not listed"));
        let text = render(Kind::Digest, Locale::ZhCn, &words);
        assert_eq!(text.subject, "考核待办提醒：3 项，其中已逾期 1 项");
        assert!(text.body.contains("今日截止：\n- Score：Han（KPI 2026-09，2026-09-28 截止）"), "{}", text.body);
    }
}
