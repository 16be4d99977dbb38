//! Corners of the twelve policies that no conformance case turns, worked out by hand from their text.

use serde_json::{Value as Json, json};

use crate::support::{case, computed, refused, with};

fn months(of: &[(&str, &str)]) -> Json {
    json!(of.iter().map(|(period, score)| json!({ "period": period, "score": score })).collect::<Vec<_>>())
}

#[track_caller]
fn has(results: &Json, pointer: &str, wanted: Json) {
    assert_eq!(results.pointer(pointer), Some(&wanted), "{pointer}");
}

#[test]
fn incidents_add_up_and_misconduct_overrides() {
    let base = case("02-monthly-grades-losses");
    let worst = with(
        base.clone(),
        "/employees/0/incidents",
        json!([{ "loss": "10000" }, { "loss": "10000" }, { "loss": "20000" }]),
    );
    has(&computed(&worst), "/employees/E0/score", json!("0"));
    let misconduct = computed(&with(base.clone(), "/employees/0/facts", json!({ "gross_misconduct": true })));
    has(&misconduct, "/employees/E0/grade", json!("d"));
    has(&misconduct, "/employees/E0/coefficient", json!("0"));
    has(&misconduct, "/employees/E0/pay/performance_pay", json!("0.00"));
    has(&misconduct, "/employees/E0/outcomes", json!(["dismissal", "no_performance_pay"]));
    let history =
        json!(["01", "02", "03", "04"].map(|month| json!({ "period": format!("2026-{month}"), "grade": "a" })));
    let fifth = computed(&with(base.clone(), "/employees/0/history", history.clone()));
    has(&fifth, "/employees/E0/outcomes", json!(["promotion_candidate"]));
    let mut spoilt = history.as_array().unwrap().clone();
    spoilt.extend(["05", "06", "07"].map(|month| json!({ "period": format!("2026-{month}"), "grade": "d" })));
    has(&computed(&with(base, "/employees/0/history", json!(spoilt))), "/employees/E0/outcomes", json!([]));
}

#[test]
fn auctions_and_investment_are_settled_by_the_year() {
    let year = |category: &str, actual: &str, parameters: Json| {
        json!({ "policy": "revenue-target", "period": "2026", "parameters": parameters, "employees": [
            { "number": "E", "category": category, "pay": { "commission_rate": "0.01" },
              "facts": { "target": "1000", "actual": actual, "withheld_total": "900", "penalties_total": "50" } }] })
    };
    let all = json!({ "auction_floor": "0.60", "auction_reward": "0.02", "auction_excess": "0.1", "investment_excess": "0.2" });
    let auction = computed(&year("auction", "1200", all.clone()));
    has(
        &auction,
        "/employees/E/pay",
        json!({ "commission": "12.00", "annual_reward": "24.00", "excess_now": "20.00",
        "excess_on_release": "0.00", "refund": "0.00", "held_pay": "900.00", "total": "956.00" }),
    );
    has(&computed(&year("auction", "599.9", all.clone())), "/employees/E/outcomes", json!(["reassign_or_cut"]));
    has(&computed(&year("auction", "600", all.clone())), "/employees/E/outcomes", json!([]));
    has(&computed(&year("auction", "0", all.clone())), "/employees/E/pay/held_pay", json!("0.00"));
    let investment = computed(&year("investment", "1200", all));
    has(
        &investment,
        "/employees/E/pay",
        json!({ "commission": "0.00", "annual_reward": "36.00", "excess_now": "40.00",
        "excess_on_release": "0.00", "refund": "50.00", "held_pay": "900.00", "total": "1026.00" }),
    );
    has(&investment, "/employees/E/coefficient", json!("1"));
    let short = computed(&year("investment", "333", json!({})));
    has(&short, "/employees/E/coefficient", json!("0.433"));
    has(&short, "/employees/E/pay/held_pay", json!("389.70"));
    refused(&year("investment", "1001", json!({})), "/parameters/investment_excess");
    computed(&year("investment", "1000", json!({})));
    refused(&year("auction", "1000", json!({ "auction_floor": "0.6" })), "/parameters/auction_reward");
}

#[test]
fn no_revenue_pays_nothing_and_halves_of_cents_are_exact() {
    let month = |category: &str, target: &str, actual: &str, pay: Json| {
        json!({ "policy": "revenue-target", "period": "2026-10", "employees": [
            { "number": "E", "category": category, "facts": { "target": target, "actual": actual }, "pay": pay }] })
    };
    let pay = json!({ "total_wage": "1000", "withheld_rate": "0.30", "commission_rate": "0" });
    for category in ["guarantee", "performance_bond", "loan_management", "investment"] {
        has(&computed(&month(category, "100", "0", pay.clone())), "/employees/E/pay/performance_pay", json!("0.00"));
    }
    // 0.20 of 0.15 is three cents; 5/6 of them are two and a half.
    let cents = json!({ "total_wage": "0.15", "withheld_rate": "0.30", "commission_rate": "0" });
    has(&computed(&month("investment", "6", "5", cents)), "/employees/E/pay/performance_pay", json!("0.03"));
    refused(
        &month(
            "investment",
            "100",
            "90",
            json!({ "total_wage": "1000", "withheld_rate": "0.29", "commission_rate": "0" }),
        ),
        "/employees/0/pay/withheld_rate",
    );
    refused(&month("guarantee", "0", "90", pay), "/employees/0/facts/target");
    let sales = with(
        month("loan_sales", "100", "0", json!({ "commission_rate": "0" })),
        "/employees/0/history",
        months(&[("2026-09", "0"), ("2026-08", "0")]),
    );
    has(&computed(&sales), "/employees/E/outcomes", json!(["review_social_insurance"]));
}

#[test]
fn false_claims_and_lapses_come_off() {
    let base = with(case("06-sales-monthly-three-sheets"), "/employees/2/facts/false_claims", json!("2"));
    let results = computed(&base);
    has(&results, "/employees/E3/outcomes", json!(["reassign"]));
    // 62 daily before, 10 were off for one false claim: 72 - 30 = 42.
    has(&results, "/employees/E3/pay/daily_pay", json!("630.00"));
    let absent = computed(&with(base, "/employees/0/facts/absent_days", json!("40")));
    has(&absent, "/employees/E1/score", json!("47.25"));
}

#[test]
fn sales_without_a_task_are_paid_nothing_for_performance() {
    let base = case("07-multi-rater-month");
    let none = computed(&with(
        base.clone(),
        "/employees/3/facts",
        json!({ "sales": "500000", "target": "0", "minimum": "900000" }),
    ));
    has(&none, "/employees/E4/score", json!("85"));
    has(&none, "/employees/E4/coefficient", json!("0"));
    has(&none, "/employees/E4/pay/performance_pay", json!("0.00"));
    let under = computed(&with(
        base,
        "/employees/3/facts",
        json!({ "sales": "39999", "target": "100000", "minimum": "60000" }),
    ));
    has(&under, "/employees/E4/score", json!("83"));
}

#[test]
fn half_years_lead_to_the_first_row_that_matches() {
    let base = case("08-four-categories-half-year");
    let outcome = |score: &str, facts: Json, unit: Json| {
        let mut case = base.clone();
        case["units"] = json!([unit]);
        let history =
            months(&["2026-01", "2026-02", "2026-03", "2026-04", "2026-05", "2026-06"].map(|month| (month, score)));
        let mut facts = facts;
        facts["half_year_score"] = json!(score);
        case["employees"] =
            json!([{ "number": "E", "unit": "U", "category": "D", "facts": facts, "history": history }]);
        computed(&case)["employees"]["E"]["outcomes"].clone()
    };
    let good = json!({ "code": "U", "score": "85", "facts": { "previous_half_grade": "good" } });
    let poor = json!({ "code": "U", "score": "65" });
    assert_eq!(outcome("59.99", json!({}), good.clone()), json!(["dismiss"]));
    assert_eq!(outcome("65", json!({ "previous_half_grade": "poor" }), good.clone()), json!(["dismiss"]));
    assert_eq!(outcome("65", json!({ "previous_half_grade": "good" }), good.clone()), json!(["lower_step"]));
    assert_eq!(outcome("75", json!({}), good.clone()), json!([]));
    assert_eq!(outcome("85", json!({ "previous_half_grade": "good" }), poor.clone()), json!([]));
    assert_eq!(outcome("85", json!({ "previous_half_grade": "excellent" }), good.clone()), json!([]));
    assert_eq!(outcome("95", json!({ "previous_half_grade": "excellent" }), poor), json!(["certificate"]));
    let unit_first_time = json!({ "code": "U", "score": "95" });
    assert_eq!(
        outcome("95", json!({ "previous_half_grade": "excellent" }), unit_first_time),
        json!(["certificate", "raise_step"])
    );
    let all = json!({ "previous_half_grade": "excellent", "raised_previous_half": true });
    assert_eq!(outcome("95", all, good), json!(["certificate", "one_off_500", "special_award"]));
    let award = computed(&with(base, "/units/0/score", json!("89.995")));
    has(&award, "/units/U/grade", json!("excellent"));
    has(&award, "/units/U/outcomes", json!(["unit_award"]));
}

#[test]
fn guides_warn_from_twenty_people_on() {
    let half = |count: usize| {
        let history =
            months(&["2026-01", "2026-02", "2026-03", "2026-04", "2026-05", "2026-06"].map(|month| (month, "95")));
        let person = |at: usize| json!({ "number": format!("E{at}"), "unit": "U", "category": "C", "facts": { "half_year_score": "95" }, "history": history });
        json!({ "policy": "four-categories", "period": "2026-H1", "units": [{ "code": "U", "score": "80" }], "employees": (0..count).map(person).collect::<Vec<_>>() })
    };
    has(&computed(&half(19)), "/warnings", json!([]));
    has(&computed(&half(20)), "/warnings", json!(["over_guide:excellent"]));
}

#[test]
fn declining_gives_no_points_even_for_what_did_not_arise() {
    let mut case = case("08-four-categories-month");
    case["employees"][1]["facts"] = json!({ "self_declined": true });
    // 0.8 × (75 + 8 + 7.5).
    has(&computed(&case), "/employees/E2/score", json!("72.4"));
}

#[test]
fn honoured_units_use_no_place_and_vetoed_ones_take_none() {
    let unit = |code: &str, plan: &str, facts: Json| {
        let mut facts = facts;
        facts["headcount"] = json!("10");
        facts["retained"] = json!("1000");
        json!({ "code": code, "category": "office_2", "facts": facts, "items": { "leader_goals": { "group": "30" }, "work_plan": { "group": plan }, "duties": { "group": "20" } } })
    };
    let case = json!({ "policy": "college-departments", "period": "2026", "employees": [], "units": [
        unit("A", "46", json!({ "honoured": true })), unit("B", "45", json!({ "honoured": true, "vetoed": "heavy_loss" })),
        unit("C", "44", json!({})), unit("D", "43", json!({})), unit("E", "42", json!({})),
        unit("F", "20", json!({ "vetoed": "other", "honoured": true })) ] });
    let results = computed(&case);
    for (code, tier) in
        [("A", "first"), ("B", "second"), ("C", "first"), ("D", "first"), ("E", "second"), ("F", "third")]
    {
        has(&results, &format!("/units/{code}/grade"), json!(tier));
    }
    // A good unit that is the last of all is not third.
    let alone = json!({ "policy": "college-departments", "period": "2026", "employees": [], "units": [unit("A", "30", json!({}))] });
    has(&computed(&alone), "/units/A/grade", json!("second"));
}

#[test]
fn colleges_without_any_weight_get_nothing_and_a_warning() {
    let mut case = case("10-college-departments-colleges");
    for unit in case["units"].as_array_mut().unwrap() {
        unit["facts"]["allocation"] = json!("0");
    }
    let results = computed(&case);
    has(&results, "/warnings", json!(["undistributed:college"]));
    has(&results, "/units/C1/fund", json!("0.00"));
    has(&results, "/units/C1/coefficient", json!("0"));
}

#[test]
fn small_units_are_not_ranked() {
    let person = |number: &str, points: &str, approved: bool| {
        json!({ "number": number, "unit": "U", "category": "staff", "pay": { "performance_base": "1000" },
                "items": { "work": { "superior": points } }, "facts": { "group_approved": approved, "concurrent_bonus": "1" } })
    };
    let case = json!({ "policy": "quarterly-coefficients", "period": "2026-Q1", "company": { "facts": { "benefit_coefficient": "1" } },
        "units": [{ "code": "U", "score": "80" }],
        "employees": [person("A", "94", true), person("B", "99.5", false), person("C", "88.99", true)] });
    let results = computed(&case);
    for (number, grade, score) in [("A", "A", "95"), ("B", "B", "100"), ("C", "C", "89.99")] {
        has(&results, &format!("/employees/{number}/grade"), json!(grade));
        has(&results, &format!("/employees/{number}/score"), json!(score));
    }
    has(&results, "/warnings", json!([]));
}

#[test]
fn an_empty_unit_leaves_its_pool() {
    let mut case = case("09-property-services-two-units");
    for person in case["employees"].as_array_mut().unwrap() {
        if person["unit"] == "F" {
            person["facts"] = json!({ "probation": true });
        }
    }
    has(&computed(&case), "/warnings", json!(["undistributed:F"]));
}

#[test]
fn middling_months_are_talked_about_once() {
    let mut case = case("01-monthly-kpi-department");
    case["employees"][1]["history"] = json!([{ "period": "2026-09", "score": "72", "grade": "B2" }, { "period": "2026-08", "score": "66", "grade": "B3" }]);
    has(&computed(&case), "/employees/E002/interview", json!(["sustained_middling"]));
    case["employees"][1]["history"] = json!([{ "period": "2026-09", "score": "72", "grade": "B2" }, { "period": "2026-08", "score": "66", "grade": "B3" }, { "period": "2026-07", "score": "66", "grade": "B3" }]);
    has(&computed(&case), "/employees/E002/interview", json!([]));
}
