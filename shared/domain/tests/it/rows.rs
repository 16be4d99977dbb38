//! Rows below items, weights of one's own, and results that are kept while another is corrected.

use std::collections::BTreeMap;

use domain::Kind;
use domain::case::{Case, CaseBuilder, PersonInputs, UnitInputs};
use domain::evaluate::{Phase, evaluate, standings};
use domain::words;
use rust_decimal::Decimal;
use serde_json::{Value as Json, json};

use crate::support::{case, scheme};

/// A month of one person, whose post is appraised by what the month's plan asks of it.
fn by_plan(rows: Json) -> Json {
    let mut month = case("01-monthly-kpi-department");
    let person = month["employees"][0].as_object_mut().unwrap();
    let items = person["items"].as_object_mut().unwrap();
    for replaced in ["response", "satisfaction", "reports", "evaluation", "proposals", "faults", "cooperation"] {
        items.remove(replaced);
    }
    items.insert("post_tasks".to_owned(), json!({ "rows": rows }));
    month["employees"] = json!([month["employees"][0]]);
    month
}

fn score(month: &Json) -> Result<String, Vec<String>> {
    let scheme = scheme("monthly-kpi");
    let pointers = |invalid: domain::Invalid| invalid.errors.into_iter().map(|error| error.pointer).collect::<Vec<_>>();
    let case = Case::from_json(scheme, month).map_err(pointers)?;
    let evaluation = evaluate(scheme, &case, Phase::Results).map_err(pointers)?;
    let person = evaluation.people().next().unwrap();
    Ok(person.scores.get("x").or(person.score.as_ref()).unwrap().amount().normalize().to_string())
}

#[test]
fn given_rows_for_a_post_then_they_take_the_place_of_its_items() {
    let full = score(&by_plan(json!([{ "weight": "25", "superior": "25" }, { "weight": "15", "superior": "15" }])));
    let less = score(&by_plan(json!([{ "weight": "25", "superior": "20.5" }, { "weight": "15", "superior": "15" }])));
    let (full, less): (Decimal, Decimal) = (full.unwrap().parse().unwrap(), less.unwrap().parse().unwrap());
    assert_eq!(full - less, Decimal::new(45, 1));
}

#[test]
fn given_rows_that_do_not_fit_then_each_fault_is_told_where_it_stands() {
    let at = "/employees/0/items/post_tasks/rows";
    let short = by_plan(json!([{ "weight": "25", "superior": "25" }, { "weight": "14", "superior": "14" }]));
    assert_eq!(score(&short).unwrap_err(), [at]);
    let above = by_plan(json!([{ "weight": "25", "superior": "25.5" }, { "weight": "15", "superior": "15" }]));
    assert_eq!(score(&above).unwrap_err(), [format!("{at}/0/superior")]);
    let quarter = by_plan(json!([{ "weight": "40", "superior": "20.25" }]));
    assert_eq!(score(&quarter).unwrap_err(), [format!("{at}/0/superior")]);
    let unrated = by_plan(json!([{ "weight": "25", "superior": "25" }, { "weight": "15" }]));
    assert_eq!(score(&unrated).unwrap_err(), [format!("{at}/1/superior")]);
    let unknown = by_plan(json!([{ "weight": "40", "superior": "1", "boss": "2" }]));
    assert_eq!(score(&unknown).unwrap_err(), [format!("{at}/0/boss")]);
    assert_eq!(score(&by_plan(json!([{ "superior": "1" }]))).unwrap_err()[0], format!("{at}/0/weight"));
}

#[test]
fn given_no_rows_then_the_item_that_stands_for_its_section_does_not_count() {
    let month = case("01-monthly-kpi-department");
    let scheme = scheme("monthly-kpi");
    let read = Case::from_json(scheme, &month).unwrap();
    let evaluation = evaluate(scheme, &read, Phase::Results).unwrap();
    let number = month["employees"][0]["number"].as_str().unwrap();
    let told = words::render(&evaluation.explanation(number).unwrap(), scheme, basics::Locale::En);
    assert!(told.contains("cooperation") || told.contains("working with other departments"), "{told}");
}

#[test]
fn given_rows_then_the_explanation_shows_each() {
    let month = by_plan(json!([{ "weight": "25", "superior": "20.5" }, { "weight": "15", "superior": "11" }]));
    let scheme = scheme("monthly-kpi");
    let read = Case::from_json(scheme, &month).unwrap();
    let evaluation = evaluate(scheme, &read, Phase::Results).unwrap();
    let number = month["employees"][0]["number"].as_str().unwrap();
    let told = words::render(&evaluation.explanation(number).unwrap(), scheme, basics::Locale::En);
    assert!(told.contains("20.5") && told.contains("31.5") && told.contains("11"), "{told}");
}

#[test]
fn given_facts_and_dates_then_who_is_left_out_is_known_before_there_is_a_score() {
    let scheme = scheme("property-services");
    let mut builder = CaseBuilder::new(scheme, "2026-10".parse().unwrap(), Some("monthly"), &Json::Null).unwrap();
    builder.unit(&UnitInputs { code: "P1".into(), category: Some("project".into()), ..UnitInputs::default() });
    let person = |number: &str, fact: Option<&str>| PersonInputs {
        number: number.to_owned(),
        unit: Some("P1".to_owned()),
        facts: fact.map(|fact| (fact.to_owned(), json!(true))).into_iter().collect(),
        ..PersonInputs::default()
    };
    builder.person(&person("E1", None)).person(&person("E2", Some("probation"))).person(&person("E3", Some("leader")));
    let case = builder.build().unwrap();
    assert_eq!(standings(scheme, &case), [None, Some("probation".to_owned()), Some("leader".to_owned())]);
}

/// Five units ranked together, of which one is corrected.
fn quarter(corrected: Option<&str>) -> CaseBuilder<'static> {
    let scheme = scheme("quarterly-coefficients");
    let mut builder = CaseBuilder::new(scheme, "2026-Q3".parse().unwrap(), None, &Json::Null).unwrap();
    builder.company_facts(&BTreeMap::from([("benefit_coefficient".to_owned(), json!("1"))]));
    for (code, score) in [("U1", "95"), ("U2", "90"), ("U3", "85"), ("U4", "80"), ("U5", "75")] {
        let score = if code == "U5" { corrected.unwrap_or(score) } else { score };
        builder.unit(&UnitInputs { code: code.into(), score: score.parse().ok(), ..UnitInputs::default() });
    }
    builder
}

#[test]
fn given_a_corrected_unit_then_it_is_placed_by_the_cut_offs_and_the_others_keep_their_grades() {
    let scheme = scheme("quarterly-coefficients");
    let grades = |case: &Case| -> Vec<String> {
        let evaluation = evaluate(scheme, case, Phase::Results).unwrap();
        evaluation.units().map(|unit| unit.grade.unwrap()).collect()
    };
    let published = quarter(None).build().unwrap();
    let before = evaluate(scheme, &published, Phase::Results).unwrap();
    let (placings, cut_offs) = (before.placings(&[(Kind::Units, "U5")]), before.cut_offs(Kind::Units, "U5"));
    let mut corrected = quarter(Some("92"));
    for placing in &placings {
        corrected.pin(placing.kind, &placing.id, &placing.figure, &placing.value);
    }
    corrected.keep_cut_offs(Kind::Units, "U5", &cut_offs);
    let after = grades(&corrected.build().unwrap());
    assert_eq!(after[..4], grades(&published)[..4]);
    assert_eq!(after[4], grades(&published)[1], "92 is between the best and the second");
}
