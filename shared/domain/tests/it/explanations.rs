//! Every figure explains itself down to its inputs, in both languages.

use basics::Locale;
use domain::case::Case;
use domain::evaluate::{Explanation, Phase, evaluate};
use domain::words::render;
use serde_json::Value as Json;

use crate::conformance::cases;
use crate::support::{case, scheme};

fn explained(name: &str, number: &str) -> (&'static domain::scheme::Scheme, Explanation<'static>) {
    let json = case(name);
    let scheme = scheme(json["policy"].as_str().unwrap());
    let case = Box::leak(Box::new(Case::from_json(scheme, &json).unwrap()));
    let explanation = evaluate(scheme, case, Phase::All).unwrap().explanation(number).unwrap();
    (scheme, explanation)
}

#[test]
fn pay_can_be_followed_down_to_each_rating_in_both_languages() {
    // Given the first employee of the department case.
    let (scheme, explanation) = explained("01-monthly-kpi-department", "E001");
    // When the explanation is rendered.
    let english = render(&explanation, scheme, Locale::En);
    let chinese = render(&explanation, scheme, Locale::ZhCn);
    // Then pay leads to the share, the grade, the score, the items and what was observed.
    for told in [
        "performance pay = 2400.00",
        "base salary = 8000",
        "share of performance pay [A2 excellent] = 1",
        "grade = A2 excellent",
        "score = 88.4",
        "before bounds and rounding: 88.404",
        "the department's results = 44",
        "technical support: rating superior = 5",
        "working with other departments, sales above all: rating superior = 4.5",
        "attendance: days attended = 20",
        "attendance: days expected = 21",
        "bearing: rating superior's letter = C",
        "department average of acceptance forms = 20.4",
        "guidance: half of the department's score for the month",
    ] {
        assert!(english.contains(told), "{told:?} is not in\n{english}");
    }
    for told in [
        "绩效工资 = 2400.00",
        "个人基本工资 = 8000",
        "考绩分数 = 88.4",
        "网络产品的技术评测，方案规划和搭建，提供相关技术·评定主管 = 5",
        "出勤状况·实际出勤时间（天） = 20",
        "与其它部门（尤其是分管销售）的配合度·评定主管 = 4.5",
    ] {
        assert!(chinese.contains(told), "{told:?} is not in\n{chinese}");
    }
}

#[test]
fn every_rating_of_the_sheet_is_in_the_explanation() {
    let json = case("01-monthly-kpi-department");
    let (_, explanation) = explained("01-monthly-kpi-department", "E001");
    let read: Vec<String> =
        explanation.steps.iter().flat_map(|step| explanation.reads(step)).map(|read| read.name.to_string()).collect();
    for (item, inputs) in json["employees"][0]["items"].as_object().unwrap() {
        for input in inputs.as_object().unwrap().keys() {
            let name = format!("item.{item}.{input}");
            assert!(read.contains(&name), "{name} is not explained");
        }
    }
}

#[test]
fn a_rank_tells_the_place_and_how_many_were_ranked() {
    let (scheme, explanation) = explained("12-annual-ranking-ties", "E03");
    let told = render(&explanation, scheme, Locale::En);
    assert!(told.contains("place: 2 of 10"), "{told}");
    assert!(
        told.contains("weight (per cent) (row 1) = 100") && told.contains("superior's assessment (row 1) = 110"),
        "{told}"
    );
}

#[test]
fn a_stored_explanation_renders_the_same() {
    for (name, text) in cases() {
        let json: Json = serde_json::from_str(&text).unwrap();
        if json["expected"]["invalid"] == true {
            continue;
        }
        let scheme = scheme(json["policy"].as_str().unwrap());
        let case = Case::from_json(scheme, &json).unwrap();
        let evaluation = evaluate(scheme, &case, Phase::All).unwrap();
        for number in case.numbers() {
            let explanation = evaluation.explanation(number).unwrap();
            let stored = serde_json::to_string(&explanation).unwrap();
            let read: Explanation<'_> = serde_json::from_str(&stored).unwrap();
            assert_eq!(read, explanation, "{name}");
            for locale in [Locale::ZhCn, Locale::En] {
                let told = render(&read, scheme, locale);
                assert_eq!(told, render(&explanation, scheme, locale), "{name}");
                assert!(!told.contains("? = "), "{name}: something has no name in\n{told}");
            }
        }
    }
}

#[test]
fn whoever_is_excluded_is_told_why() {
    let (scheme, explanation) = explained("02-monthly-grades-unit-by-its-head", "E4");
    assert_eq!(render(&explanation, scheme, Locale::En), "not appraised: on probation\n");
    assert_eq!(render(&explanation, scheme, Locale::ZhCn), "不参加考核：试用期（见习期）\n");
}

#[test]
fn an_outcome_tells_its_condition_and_the_history_it_looked_at() {
    let (scheme, explanation) = explained("01-monthly-kpi-interviews", "E1");
    let told = render(&explanation, scheme, Locale::En);
    assert!(told.contains("interview: excellent three months running"), "{told}");
    assert!(told.contains("earlier result [2026-08] = 92 A1"), "{told}");
}

#[test]
fn a_unit_explains_itself_too() {
    let json = case("09-property-services-two-units");
    let scheme = scheme("property-services");
    let case = Case::from_json(scheme, &json).unwrap();
    let evaluation = evaluate(scheme, &case, Phase::All).unwrap();
    let told = render(&evaluation.unit_explanation("F").unwrap(), scheme, Locale::En);
    assert!(
        told.contains("performance pay to share = 4750.03") && told.contains("daily work: appraisal team = 38"),
        "{told}"
    );
}
