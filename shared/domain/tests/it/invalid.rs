//! What is wrong in a case is an error, and is pointed at.

use rust_decimal::Decimal;
use serde_json::{Value as Json, json};

use crate::support::{case, computed, errors, refused, with, without};

fn monthly() -> Json {
    case("01-monthly-kpi-department")
}

fn fresh(policy: &str, period: &str, rest: Json) -> Json {
    let mut case = rest;
    case["policy"] = json!(policy);
    case["period"] = json!(period);
    case
}

#[test]
fn unknown_keys_are_refused_wherever_they_stand() {
    let base = monthly();
    for pointer in [
        "/remark",
        "/units/0/remark",
        "/units/0/facts/remark",
        "/employees/0/remark",
        "/employees/0/pay/remark",
        "/employees/0/items/remark",
        "/employees/0/items/response/remark",
        "/parameters",
    ] {
        refused(&with(base.clone(), pointer, json!({ "x": "1" })), pointer);
    }
    refused(
        &with(case("02-monthly-grades-losses"), "/employees/0/incidents/0/remark", json!("1")),
        "/employees/0/incidents/0/remark",
    );
    refused(
        &with(case("12-annual-ranking-ties"), "/employees/0/goals/0/peer", json!("1")),
        "/employees/0/goals/0/peer",
    );
    refused(
        &with(case("12-annual-ranking-twenty"), "/employees/19/facts/improvement/by", json!("x")),
        "/employees/19/facts/improvement/by",
    );
    refused(
        &with(case("02-monthly-grades-third-d"), "/employees/0/history/0/level", json!("x")),
        "/employees/0/history/0/level",
    );
    refused(&with(case("11-quarterly-coefficients-quarter"), "/appeal/by", json!("x")), "/appeal/by");
}

#[test]
fn keys_that_the_policy_has_no_use_for_are_unknown_to_it() {
    let series = case("04-by-series-month");
    refused(&with(series.clone(), "/units", json!([{ "code": "U" }])), "/units");
    refused(&with(series.clone(), "/employees/0/unit", json!("U")), "/employees/0/unit");
    refused(&with(series.clone(), "/employees/0/category", json!("staff")), "/employees/0/category");
    refused(&with(series.clone(), "/employees/0/pay", json!({ "base_salary": "1" })), "/employees/0/pay");
    refused(
        &with(series.clone(), "/employees/0/goals", json!([{ "weight": "100", "superior": "1" }])),
        "/employees/0/goals",
    );
    refused(&with(series, "/company", json!({ "facts": { "benefit_coefficient": "1" } })), "/company/facts");
    refused(
        &with(monthly(), "/employees/0/adjustments", json!([{ "points": "1", "reason": "r" }])),
        "/employees/0/adjustments",
    );
    refused(&with(monthly(), "/units/0/head", json!("E001")), "/units/0/head");
    refused(&with(case("09-property-services-two-units"), "/units/0/score", json!("90")), "/units/0/score");
    refused(&with(case("11-quarterly-coefficients-tie"), "/units/0/category", json!("x")), "/units/0/category");
    let probation = case("03-annual-review-probation");
    refused(&with(probation, "/employees/0/items", json!({ "quality": { "first": "1" } })), "/employees/0/items");
}

#[test]
fn dates_and_history_are_known_to_every_policy() {
    let mut case = case("04-by-series-month");
    for (key, value) in [
        ("hired_on", json!("2020-01-01")),
        ("left_on", json!(null)),
        ("history", json!([{ "period": "2026-08", "score": "80" }])),
    ] {
        case = with(case, &format!("/employees/0/{key}"), value);
    }
    computed(&case);
    refused(&with(case, "/employees/0/hired_on", json!("2026-02-30")), "/employees/0/hired_on");
}

#[test]
fn numbers_are_texts_in_plain_notation() {
    for wrong in [
        json!(88),
        json!(88.5),
        json!("8e1"),
        json!("+88"),
        json!("88."),
        json!(".5"),
        json!(" 88"),
        json!("88%"),
        json!("1,000"),
        json!(""),
        json!("NaN"),
        json!("８８"),
        json!(true),
        json!(["1"]),
        json!({}),
    ] {
        refused(&with(monthly(), "/units/0/score", wrong.clone()), "/units/0/score");
        refused(
            &with(monthly(), "/employees/0/items/evaluation/superior", wrong.clone()),
            "/employees/0/items/evaluation/superior",
        );
        refused(&with(monthly(), "/employees/0/pay/base_salary", wrong), "/employees/0/pay/base_salary");
    }
    computed(&with(monthly(), "/units/0/score", json!("088.00")));
}

#[test]
fn nothing_given_is_negative_but_the_points_of_an_adjustment() {
    refused(&with(monthly(), "/employees/0/pay/base_salary", json!("-1")), "/employees/0/pay/base_salary");
    refused(&with(monthly(), "/employees/0/items/reports/value", json!("-1")), "/employees/0/items/reports/value");
    refused(&with(monthly(), "/parameters", json!({ "interview_gap": "-1" })), "/parameters/interview_gap");
    refused(
        &with(case("02-monthly-grades-losses"), "/employees/0/incidents/0/loss", json!("-5")),
        "/employees/0/incidents/0/loss",
    );
    computed(&with(case("07-multi-rater-month"), "/employees/0/adjustments/0/points", json!("-1")));
}

#[test]
fn counts_are_whole() {
    refused(&with(monthly(), "/employees/0/items/reports/value", json!("1.5")), "/employees/0/items/reports/value");
    computed(&with(monthly(), "/employees/0/items/reports/value", json!("1.0")));
    refused(
        &with(case("10-college-departments-ties"), "/units/0/facts/headcount", json!("10.5")),
        "/units/0/facts/headcount",
    );
    refused(
        &with(case("06-sales-monthly-three-sheets"), "/employees/0/facts/absent_days", json!("0.5")),
        "/employees/0/facts/absent_days",
    );
}

#[test]
fn dates_are_written_in_one_way_and_exist() {
    let quarter = case("11-quarterly-coefficients-quarter");
    for wrong in ["2026-02-29", "2026-2-1", "20260201", "2026-02-01T00:00", "01.02.2026", ""] {
        refused(&with(quarter.clone(), "/non_working_days/0", json!(wrong)), "/non_working_days/0");
        refused(&with(quarter.clone(), "/appeal/known_on", json!(wrong)), "/appeal/known_on");
    }
}

#[test]
fn the_period_has_the_form_of_the_cadence() {
    for wrong in ["2026", "2026-Q3", "2026-13", "2026-00", "2026-1", "FY2026", "26-10", "", "2026-H1"] {
        refused(&with(monthly(), "/period", json!(wrong)), "/period");
    }
    refused(&without(monthly(), "/period"), "/period");
    refused(&with(case("12-annual-ranking-ties"), "/period", json!("2002")), "/period");
    refused(&with(case("03-annual-review-two-raters"), "/period", json!("FY2026")), "/period");
    refused(&with(monthly(), "/cadence", json!("annual")), "/cadence");
    refused(
        &with(with(case("04-by-series-month"), "/cadence", json!("annual")), "/period", json!("2026-09")),
        "/period",
    );
    computed(&with(monthly(), "/cadence", json!("monthly")));
}

#[test]
fn a_case_names_its_policy_and_has_somebody_in_it() {
    refused(&with(monthly(), "/policy", json!("weekly")), "/policy");
    refused(&without(monthly(), "/policy"), "/policy");
    refused(&json!({ "policy": "monthly-kpi", "period": "2026-10" }), "/employees");
    computed(&json!({ "policy": "monthly-kpi", "period": "2026-10", "units": [] }));
    computed(&json!({ "policy": "monthly-kpi", "period": "2026-10", "employees": [] }));
    assert!(!errors(&json!([])).is_empty());
}

#[test]
fn identifiers_come_once_and_units_exist() {
    refused(&with(monthly(), "/employees/1/number", json!("E001")), "/employees/1/number");
    refused(&with(monthly(), "/units/1/code", json!("NET")), "/units/1/code");
    refused(&with(monthly(), "/employees/0/unit", json!("SEA")), "/employees/0/unit");
    refused(&without(monthly(), "/employees/0/unit"), "/employees/0/unit");
    refused(&without(monthly(), "/employees/0/number"), "/employees/0/number");
    refused(&without(monthly(), "/units/0/code"), "/units/0/code");
}

#[test]
fn categories_are_known_and_needed_where_there_are_several() {
    refused(&with(monthly(), "/employees/0/category", json!("boss")), "/employees/0/category");
    computed(&without(without(monthly(), "/employees/0/category"), "/units/0/category"));
    refused(&without(case("02-monthly-grades-losses"), "/employees/0/category"), "/employees/0/category");
    refused(&without(case("10-college-departments-ties"), "/units/0/category"), "/units/0/category");
}

#[test]
fn an_override_replaces_the_whole_parameter() {
    let quarter = case("11-quarterly-coefficients-tie");
    let set = |value: Json| with(quarter.clone(), "/parameters", value);
    refused(&set(json!({ "shares": { "A": "10", "B": "20", "C": "40", "D": "30" } })), "/parameters/shares/E");
    refused(
        &set(json!({ "shares": { "A": "10", "B": "20", "C": "40", "D": "20", "E": "5", "F": "5" } })),
        "/parameters/shares",
    );
    refused(&set(json!({ "shares": "10" })), "/parameters/shares");
    refused(&set(json!({ "unit_coefficient": { "A": "1" } })), "/parameters/unit_coefficient");
    refused(&set(json!({ "small_b_from": { "A": "1" } })), "/parameters/small_b_from");
    refused(&set(json!({ "bonus": "1" })), "/parameters/bonus");
    let raters = case("07-multi-rater-month");
    let weights = json!({ "superior": "0.5", "peer": "0.2", "self": "0.1", "subordinate": "0.1", "customer": "0.2" });
    refused(&with(raters.clone(), "/parameters", json!({ "rater_weights": weights })), "/parameters/rater_weights");
    refused(&with(raters.clone(), "/parameters", json!({ "failing_share": "0.4" })), "/parameters/failing_share");
    computed(&with(raters, "/parameters", json!({ "failing_share": "0.39" })));
    refused(
        &with(
            case("04-by-series-month"),
            "/parameters",
            json!({ "weights": { "results": "60", "attitude": "20", "potential": "21" } }),
        ),
        "/parameters/weights",
    );
    let four = case("08-four-categories-month");
    let d = json!({ "output": "40", "quality": "25", "cost": "14", "safety": "11", "superior_satisfaction": "5", "partner_satisfaction": "5" });
    refused(&with(four.clone(), "/parameters", json!({ "weights": { "D": d } })), "/parameters/weights/D");
    refused(
        &with(four.clone(), "/parameters", json!({ "weights": { "E": { "kpi": "100" } } })),
        "/parameters/weights/E",
    );
    let b = json!({ "kpi": "75", "superior_satisfaction": "15", "partner_satisfaction": "10" });
    computed(&with(four, "/parameters", json!({ "weights": { "B": b } })));
}

#[test]
fn given_points_stay_within_the_weight_that_applies() {
    refused(&with(monthly(), "/employees/0/items/evaluation/superior", json!("6.5")), "/employees/0/items/evaluation");
    refused(&with(monthly(), "/units/0/score", json!("100.01")), "/units/0/score");
    refused(&with(monthly(), "/employees/0/items/attendance/expected", json!("0")), "/employees/0/items/attendance");
    let series = with(
        case("04-by-series-month"),
        "/parameters",
        json!({ "weights": { "results": "50", "attitude": "30", "potential": "20" } }),
    );
    refused(&series, "/employees/0/items/results");
    refused(
        &with(case("08-four-categories-half-year"), "/employees/0/facts/half_year_score", json!("100.5")),
        "/employees/0/facts/half_year_score",
    );
    refused(
        &with(case("12-annual-ranking-ties"), "/employees/0/goals/0/superior", json!("130.5")),
        "/employees/0/goals/0/superior",
    );
    refused(&with(case("12-annual-ranking-ties"), "/units/0/score", json!("131")), "/units/0/score");
    refused(
        &with(case("06-sales-monthly-three-sheets"), "/employees/2/items/availability/consequence", json!("11")),
        "/employees/2/items/availability",
    );
    refused(
        &with(case("09-property-services-two-units"), "/units/1/items/daily/group", json!("41")),
        "/units/1/items/daily",
    );
}

#[test]
fn what_is_missing_is_pointed_at_where_it_should_stand() {
    refused(&without(monthly(), "/employees/0/items/attendance"), "/employees/0/items/attendance");
    refused(&without(monthly(), "/employees/0/items/attendance/expected"), "/employees/0/items/attendance/expected");
    refused(&without(monthly(), "/employees/0/items"), "/employees/0/items");
    refused(&without(monthly(), "/employees/0/pay"), "/employees/0/pay/base_salary");
    refused(&without(monthly(), "/units/0/score"), "/units/0/score");
    refused(&without(monthly(), "/units/0/facts"), "/units/0/facts/average_forms");
    refused(&without(case("11-quarterly-coefficients-tie"), "/company"), "/company/facts/benefit_coefficient");
    refused(&without(case("05-revenue-target-year"), "/parameters"), "/parameters/auction_floor");
    let met = with(case("05-revenue-target-year"), "/employees/4/facts/actual", json!("1000000"));
    refused(&met, "/parameters/auction_reward");
    refused(&without(case("02-monthly-grades-losses"), "/employees/0/pay/post_wage"), "/employees/0/pay/post_wage");
    refused(&without(case("04-by-series-year"), "/employees/0/facts/rank"), "/employees/0/facts/rank");
    refused(
        &without(case("06-sales-monthly-three-sheets"), "/employees/1/facts/absent_half_days"),
        "/employees/1/facts/absent_half_days",
    );
    refused(&without(case("07-multi-rater-month"), "/employees/3/facts/minimum"), "/employees/3/facts/minimum");
    refused(&without(case("07-multi-rater-month"), "/employees/2/unit"), "/employees/2/unit");
    refused(&without(case("08-four-categories-half-year"), "/employees/4/unit"), "/employees/4/unit");
    refused(&without(case("08-four-categories-half-year"), "/units/0/score"), "/units/0/score");
    refused(&without(case("09-property-services-two-units"), "/employees/0/unit"), "/employees/0/unit");
    refused(&without(case("12-annual-ranking-ties"), "/employees/0/goals"), "/employees/0/goals");
    refused(&without(case("12-annual-ranking-branches"), "/employees/8/unit"), "/employees/8/unit");
}

#[test]
fn what_nobody_needs_may_be_missing() {
    // A department that nobody is in, and one whose people are all on probation.
    let extra = with(monthly(), "/units/2", json!({ "code": "NEW" }));
    assert_eq!(computed(&extra)["units"]["NEW"]["score"], Json::Null);
    let month = with(case("08-four-categories-month"), "/units", json!([{ "code": "U" }]));
    computed(&month);
}

#[test]
fn everything_wrong_is_told_at_once() {
    let case = with(with(monthly(), "/employees/0/pay/base_salary", json!(1)), "/units/1/score", json!("x"));
    refused(&case, "/employees/0/pay/base_salary");
    refused(&case, "/units/1/score");
}

#[test]
fn history_is_past_and_comes_once() {
    let base = case("01-monthly-kpi-interviews");
    let set = |period: &str| {
        with(base.clone(), "/employees/0/history/0", json!({ "period": period, "score": "92", "grade": "A1" }))
    };
    for wrong in ["2026-09", "2026-10", "2026-11", "2027-01", "2026-1", "soon"] {
        let case = set(wrong);
        assert!(errors(&case).iter().any(|error| error.pointer.starts_with("/employees/0/history/")), "{wrong}");
    }
    computed(&set("2025-12"));
    refused(&with(base.clone(), "/employees/0/history/0/grade", json!("Z")), "/employees/0/history/0/grade");
    refused(&without(base.clone(), "/employees/0/history/0/grade"), "/employees/0/history/0/grade");
    refused(&without(base.clone(), "/employees/0/history/0/score"), "/employees/0/history/0/score");
    refused(&without(base, "/employees/0/history/0/period"), "/employees/0/history/0/period");
    refused(
        &without(case("02-monthly-grades-third-d"), "/employees/0/history/1/grade"),
        "/employees/0/history/1/grade",
    );
}

#[test]
fn a_mean_over_months_needs_them_all_and_only_them() {
    let year = case("06-sales-monthly-year");
    refused(&without(year.clone(), "/employees/0/history/3/score"), "/employees/0/history/3/score");
    let more = with(year.clone(), "/employees/0/history/12", json!({ "period": "2025-12", "grade": null }));
    computed(&more);
    refused(
        &with(year, "/employees/0/history/12", json!({ "period": "2027-01", "score": "1" })),
        "/employees/0/history/12",
    );
    refused(&without(case("09-property-services-year"), "/units/0/history"), "/units/0/history");
}

#[test]
fn raters_come_for_all_items_or_none() {
    let year = case("03-annual-review-two-raters");
    refused(&without(year.clone(), "/employees/0/items/quality/second"), "/employees/0/items/quality");
    refused(&without(year.clone(), "/employees/0/items/quality/first"), "/employees/0/items/quality/first");
    // The two totals are rated apart from each other.
    let only_ability = ["quality", "quantity", "attitude"]
        .iter()
        .fold(year, |case, item| without(case, &format!("/employees/2/items/{item}/second")));
    computed(&only_ability);
    let raters = case("07-multi-rater-month");
    refused(&without(raters.clone(), "/employees/1/items/ethics/peer"), "/employees/1/items/ethics");
    refused(&with(raters.clone(), "/employees/0/items/duties/peer", json!([])), "/employees/0/items/duties/peer");
    refused(
        &without(
            without(
                without(raters.clone(), "/employees/1/items/duties/superior"),
                "/employees/1/items/ability/superior",
            ),
            "/employees/1/items/ethics/superior",
        ),
        "/employees/1/items",
    );
    let nothing = json!({ "superior": "0", "peer": "0", "self": "0.5", "subordinate": "0.5", "customer": "0" });
    refused(&with(raters, "/parameters", json!({ "rater_weights": nothing })), "/employees/1/items");
    refused(
        &with(monthly(), "/employees/0/items/evaluation/superior", json!(["1", "2"])),
        "/employees/0/items/evaluation",
    );
}

#[test]
fn adjustments_have_points_and_a_reason() {
    let raters = case("07-multi-rater-month");
    refused(&without(raters.clone(), "/employees/0/adjustments/0/reason"), "/employees/0/adjustments/0/reason");
    refused(&without(raters.clone(), "/employees/0/adjustments/0/points"), "/employees/0/adjustments/0/points");
    refused(
        &with(raters.clone(), "/employees/0/adjustments/0/points", json!("2")),
        "/employees/0/adjustments/0/points",
    );
    refused(&with(raters, "/employees/0/adjustments/0/points", json!("0.5")), "/employees/0/adjustments/0/points");
}

#[test]
fn goals_weigh_a_hundred_and_are_seven_at_most() {
    let ties = case("12-annual-ranking-ties");
    let goals = |count: usize, weight: &str| json!(vec![json!({ "weight": weight, "superior": "100" }); count]);
    computed(&with(ties.clone(), "/employees/0/goals", goals(5, "20")));
    refused(&with(ties.clone(), "/employees/0/goals", goals(8, "12.5")), "/employees/0/goals");
    refused(
        &with(
            ties.clone(),
            "/employees/0/goals",
            json!([{ "weight": "100", "superior": "1" }, { "weight": "0", "superior": "1" }]),
        ),
        "/employees/0/goals",
    );
    refused(&with(ties.clone(), "/employees/0/goals", json!([])), "/employees/0/goals");
    refused(&with(ties, "/employees/0/goals/0", json!({ "weight": "100" })), "/employees/0/goals/0/superior");
}

#[test]
fn improvement_belongs_to_those_graded_e() {
    let twenty = case("12-annual-ranking-twenty");
    refused(
        &with(twenty.clone(), "/employees/0/facts", json!({ "improvement": { "overall": "4" } })),
        "/employees/0/facts/improvement",
    );
    refused(
        &with(twenty.clone(), "/employees/19/facts/improvement", json!({})),
        "/employees/19/facts/improvement/overall",
    );
    refused(
        &with(twenty.clone(), "/employees/19/facts/improvement", json!({ "declined": false })),
        "/employees/19/facts/improvement",
    );
    for wrong in ["0.9", "5.1", "4.25"] {
        refused(
            &with(twenty.clone(), "/employees/19/facts/improvement/overall", json!(wrong)),
            "/employees/19/facts/improvement/overall",
        );
    }
    let declined = with(twenty.clone(), "/employees/19/facts/improvement", json!({ "declined": true }));
    assert_eq!(computed(&declined)["employees"]["E20"]["outcomes"], json!(["improvement_declined"]));
    let failed = with(twenty.clone(), "/employees/19/facts/improvement", json!({ "overall": "3.9" }));
    assert_eq!(computed(&failed)["employees"]["E20"]["outcomes"], json!(["exit"]));
    let none = without(twenty, "/employees/19/facts");
    assert_eq!(computed(&none)["employees"]["E20"]["outcomes"], json!(["improvement_plan"]));
}

#[test]
fn an_appeal_needs_terms_and_comes_after_the_result() {
    let appeal = json!({ "known_on": "2026-11-06", "filed_on": "2026-11-05" });
    refused(&with(case("02-monthly-grades-losses"), "/appeal", appeal.clone()), "/appeal");
    refused(&with(monthly(), "/appeal", appeal), "/appeal");
    refused(
        &with(case("02-monthly-grades-losses"), "/appeal", json!({ "known_on": "2026-11-06" })),
        "/appeal/filed_on",
    );
    let late = with(
        case("02-monthly-grades-losses"),
        "/appeal",
        json!({ "known_on": "2026-11-06", "filed_on": "2026-11-14" }),
    );
    assert_eq!(computed(&late)["appeal"], json!({ "accepted": false, "respond_by": null }));
}

#[test]
fn a_probation_decision_states_its_facts() {
    let probation = case("03-annual-review-probation");
    refused(&without(probation.clone(), "/employees/0/facts"), "/employees/0/facts/decision");
    refused(&without(probation.clone(), "/employees/1/facts/stated_facts"), "/employees/1/facts/stated_facts");
    refused(&without(probation.clone(), "/employees/2/facts/extension_months"), "/employees/2/facts/extension_months");
    for wrong in ["0", "4", "1.5"] {
        refused(
            &with(probation.clone(), "/employees/2/facts/extension_months", json!(wrong)),
            "/employees/2/facts/extension_months",
        );
    }
    refused(&with(probation, "/employees/0/facts/decision", json!("promote")), "/employees/0/facts/decision");
}

#[test]
fn who_is_excluded_needs_no_inputs() {
    let case = fresh(
        "monthly-grades",
        "2026-10",
        json!({ "employees": [{ "number": "E", "category": "staff", "facts": { "probation": true } }] }),
    );
    assert_eq!(computed(&case)["employees"]["E"]["excluded"], "probation");
    let case = fresh(
        "annual-ranking",
        "FY2002",
        json!({ "employees": [{ "number": "E", "category": "staff", "facts": { "not_appraised": true } }] }),
    );
    assert_eq!(computed(&case)["employees"]["E"]["excluded"], "not_appraised");
    // Nor a category, unless that is what decides.
    assert_eq!(computed(&without(case, "/employees/0/category"))["employees"]["E"]["excluded"], "not_appraised");
    let nobody = fresh("revenue-target", "2026-10", json!({ "employees": [{ "number": "E" }] }));
    refused(&nobody, "/employees/0/category");
}

#[test]
fn a_unit_without_score_or_head_lacks_both() {
    let case = case("02-monthly-grades-no-unit-score");
    refused(&case, "/units/0/score");
    refused(&case, "/units/0/head");
}

#[test]
fn a_head_is_of_the_right_kind_and_in_the_unit() {
    let head = case("02-monthly-grades-unit-by-its-head");
    refused(&with(head.clone(), "/units/0/head", json!("E2")), "/units/0/head");
    refused(&with(head.clone(), "/units/0/head", json!("E9")), "/units/0/head");
    let scored = with(head.clone(), "/units/0/score", json!("100"));
    assert_eq!(computed(&scored)["units"]["SHOP"]["score"], "100");
    refused(&with(without(head, "/employees/0/unit"), "/units/0/score", json!("100")), "/units/0/head");
}

#[test]
fn problems_are_told_as_rfc_9457_does() {
    let invalid = domain::simulate::run(&with(monthly(), "/period", json!("x")).to_string()).unwrap_err();
    let problem = invalid.to_problem(basics::Locale::En);
    assert_eq!(problem["status"], 422);
    assert_eq!(problem["errors"][0]["pointer"], "/period");
    assert!(problem["errors"][0]["detail"].is_string() && problem["type"].is_string() && problem["title"].is_string());
}

#[test]
fn overflow_is_an_error_and_no_panic() {
    let largest = Decimal::MAX.to_string();
    refused(&with(monthly(), "/units/0/facts/average_forms", json!(largest)), "/employees/0");
    refused(
        &with(monthly(), "/units/0/facts/average_forms", json!(format!("{largest}0"))),
        "/units/0/facts/average_forms",
    );
    let wages = with(case("02-monthly-grades-losses"), "/employees/0/pay/post_wage", json!(largest));
    refused(&wages, "/employees/0");
}
