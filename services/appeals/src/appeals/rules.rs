//! Who may file an appeal against what, and until when: pure.

use basics::workdays::WorkingCalendar;
use domain::scheme::AppealTerms;
use jiff::civil::Date;
use platform::web::Errors;
use platform::{Problem, Result, say};

use super::appeal::NewAppeal;
use super::{About, Appeal, AppealState};
use crate::cycles::{Appraised, PublishedResult};
use crate::viewer::Viewer;

const MOST_DOCUMENTS: usize = 20;
const LONGEST_PLACE: usize = 200;

/// Checks a filing by itself.
pub fn check_request(new: &NewAppeal, on_paper: bool, today: Date) -> Result<()> {
    let mut errors = Errors::default();
    errors.check_text("/grounds", &new.grounds);
    if new.documents.len() > MOST_DOCUMENTS {
        errors.add("/documents", say!("最多 {MOST_DOCUMENTS} 份文件", "at most {MOST_DOCUMENTS} documents"));
    }
    match (new.about, &new.place) {
        (About::Rating, None) => errors.add("/place", say!("请注明是哪一项评分", "say which rating it is against")),
        (About::Rating, Some(place)) if !place.starts_with('/') || place.chars().count() > LONGEST_PLACE => {
            errors.add(
                "/place",
                say!("应为 /items/指标/评分人 这样的路径", "a path such as /items/CODE/RATER is wanted"),
            );
        }
        (About::Result | About::Exclusion, Some(_)) => {
            errors.add("/place", say!("只有针对评分的申诉才注明", "only an appeal against a rating says so"));
        }
        _ => {}
    }
    for (pointer, day) in [("/known_on", new.known_on), ("/filed_on", new.filed_on)] {
        let Some(day) = day else { continue };
        errors.check_day(pointer, day);
        if !on_paper {
            errors.add(pointer, say!("只在登记书面申诉时填写", "only for an appeal that came on paper"));
        } else if day > today {
            errors.add(pointer, say!("不能晚于今天", "not after today"));
        }
    }
    errors.check()
}

/// Whether the caller files for themselves; else HR enters what came on paper, and nobody else files for others.
pub fn is_own(viewer: &Viewer, about: &Appraised) -> Result<bool> {
    let own = about.appellant().is_some_and(|appellant| viewer.is(appellant));
    if own || viewer.hr {
        return Ok(own);
    }
    Err(Problem::not_permitted(say!(
        "只能就自己或所负责部门的结果提出申诉；他人的书面申诉由人力资源部登记",
        "people appeal about themselves, heads about their unit; what comes on paper is entered by HR"
    )))
}

/// Checks that there is something to appeal against.
pub fn check_against(
    new: &NewAppeal,
    about: &Appraised,
    result: Option<&PublishedResult>,
    terms: &AppealTerms,
) -> Result<()> {
    let unpublished = || Problem::wrong_state(say!("结果尚未公布", "the result is not published yet"));
    let excluded = match result {
        Some(result) => result.excluded.is_some(),
        None => about.left_out,
    };
    match new.about {
        About::Exclusion if excluded => Ok(()),
        About::Exclusion => Err(Problem::wrong_state(say!("该对象参加考核", "this subject is appraised"))),
        About::Result | About::Rating if excluded => Err(Problem::wrong_state(say!(
            "该对象不参加考核：请就此提出申诉（exclusion）",
            "this subject is left out: appeal against that (exclusion)"
        ))),
        About::Result => result.map(drop).ok_or_else(unpublished),
        // During the appraisal where the term does not run from the result.
        About::Rating if result.is_none() && terms.file_within.is_some() => Err(unpublished()),
        About::Rating => Ok(()),
    }
}

/// By when an appeal is answered; refused where its time is over. Nothing runs before the result is known.
pub fn respond_by(
    terms: &AppealTerms,
    known_on: Option<Date>,
    filed_on: Date,
    calendar: &WorkingCalendar,
) -> Result<Option<Date>> {
    let Some(known_on) = known_on else { return Ok(terms.answered_by(filed_on, calendar)) };
    if filed_on < known_on {
        return Err(Problem::field("/filed_on", say!("不能早于得知结果之日", "not before the result was known")));
    }
    let Some(answer) = terms.answer(known_on, filed_on, calendar) else { return Ok(None) };
    if answer.accepted {
        return Ok(answer.respond_by);
    }
    let until = terms.until(known_on, calendar).unwrap_or(known_on);
    Err(Problem::wrong_state(say!(
        "申诉期限已过：结果于 {known_on} 得知，最晚应于 {until} 提出",
        "the time to appeal is over: the result was known on {known_on}, and {until} was the last day"
    )))
}

/// Checks a filing against those before it about the same subject: one at a time, and where the last level decides
/// finally, none about the versions of the result that were `settled` so.
pub fn check_first(earlier: &[Appeal], terms: &AppealTerms, version: Option<i64>, settled: &[i64]) -> Result<()> {
    let open = earlier.iter().find(|one| matches!(one.state, AppealState::Open | AppealState::Answered));
    if let Some(open) = open {
        let id = open.id;
        return Err(Problem::conflict(say!(
            "已有未决的申诉 {id}，可在其中补充材料",
            "the appeal {id} about this is not decided yet; what is new can be added to it"
        )));
    }
    let decided = earlier.iter().find(|one| one.state == AppealState::Decided);
    let covers = version.is_none_or(|version| settled.contains(&version));
    match decided {
        Some(one) if terms.is_final && covers => {
            let id = one.id;
            Err(Problem::conflict(say!("申诉 {id} 已有最终决定", "the appeal {id} was decided finally")))
        }
        _ => Ok(()),
    }
}

/// Who may read a case: whoever appealed, whoever decides, HR, and auditors.
pub fn may_read(viewer: &Viewer, appeal: &Appeal, decides: bool) -> bool {
    viewer.hr || viewer.auditor || decides || takes_part(viewer, appeal)
}

/// Whether the case is the caller's own.
pub fn takes_part(viewer: &Viewer, appeal: &Appeal) -> bool {
    viewer.is(&appeal.appellant)
}

/// Whether the caller may act for whoever appealed: they themselves, or HR for what came on paper.
pub fn check_acts_for_appellant(viewer: &Viewer, appeal: &Appeal) -> Result<()> {
    if takes_part(viewer, appeal) || (viewer.hr && appeal.on_paper) {
        return Ok(());
    }
    Err(Problem::not_permitted(say!("只有申诉人可以这样做", "only whoever appealed may do this")))
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use serde_json::json;

    use super::*;

    fn terms(json: serde_json::Value) -> AppealTerms {
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn given_terms_then_what_is_filed_in_time_is_answered_by_a_day_and_the_rest_is_refused() {
        let terms = terms(json!({ "file_within": "2 working days", "answer_within": "5 working days" }));
        let calendar = WorkingCalendar::default();
        let friday = Some(date(2026, 11, 6));
        let filed = |day| respond_by(&terms, friday, day, &calendar);
        assert_eq!(filed(date(2026, 11, 10)).unwrap(), Some(date(2026, 11, 17)));
        let late = filed(date(2026, 11, 11)).unwrap_err();
        assert!(late.detail.en.contains("2026-11-10"), "{late}");
        assert!(filed(date(2026, 11, 5)).is_err());
    }

    #[test]
    fn given_no_terms_then_an_appeal_is_accepted_at_any_time_and_has_no_day() {
        let none = terms(json!({ "levels": ["body.LG"] }));
        let calendar = WorkingCalendar::default();
        assert_eq!(respond_by(&none, Some(date(2020, 1, 1)), date(2026, 11, 6), &calendar).unwrap(), None);
        let answer = terms(json!({ "answer_within": "7 days" }));
        let due = respond_by(&answer, Some(date(2020, 1, 1)), date(2026, 11, 6), &calendar).unwrap();
        assert_eq!(due, Some(date(2026, 11, 13)));
    }
}
