use platform::Role::*;
use serde_json::{Value, json};
use testkit::{Answer, Client};
use uuid::Uuid;

use crate::filling::Filling;
use crate::world::{Company, all_of, fact, ranked, row, scheme};

/// The same scheme with higher grades.
fn stricter() -> String {
    scheme().replace("from = 86", "from = \"88.5\"").replace("from = 91", "from = 95")
}

async fn simulate(client: &Client, cycle: Uuid, more: Value) -> Answer {
    let mut body = json!({ "cycle": cycle, "cost": false });
    for (key, value) in more.as_object().expect("an object") {
        body[key] = value.clone();
    }
    client.post("/v1/simulations", body).await
}

fn numbers(list: &Value) -> Vec<&str> {
    all_of(list, "number")
}

#[actix_web::test]
async fn given_a_live_cycle_when_its_own_policy_is_tried_then_whoever_lacks_something_is_left_out_with_the_reason() {
    let company = Company::scoring().await;
    company.score_everybody(company.cycle).await;
    company.score_units(company.cycle, &[("OPS", Value::Null)]).await.expect(200);
    let none = |path: &str| fact("person:E002", path, &Value::Null);
    company.give(vec![none("item.attendance.actual"), none("item.attendance.expected")]).await.expect(200);

    let tried = simulate(&company.hr(), company.cycle, json!({})).await.expect(200);

    assert_eq!(numbers(&tried.body["people"]), ["E001", "M001"]);
    assert_eq!((tried.str("/people/0/score"), tried.str("/people/0/grade")), ("88.4", "A2"));
    assert_eq!((&tried.body["people"][0]["pay"], &tried.body["policy"]["cost"]), (&Value::Null, &Value::Null));
    assert_eq!(numbers(&tried.body["left_out"]), ["E002", "E003", "M002"]);
    let pointers: Vec<&str> = tried.body["left_out"][0]["errors"]
        .as_array()
        .unwrap()
        .iter()
        .map(|error| error["pointer"].as_str().unwrap())
        .collect();
    assert_eq!(pointers, ["/items/attendance/actual", "/items/attendance/expected"]);
    assert_eq!(tried.str("/left_out/1/errors/0/pointer"), "/unit/score");
    let policy = &tried.body["policy"];
    assert_eq!(
        (&policy["people"], &policy["left_out"], &policy["scheme"]),
        (&json!(2), &json!(3), &json!("monthly-kpi"))
    );
    assert_eq!(
        policy["grades"][1],
        json!({ "grade": "A2", "label_zh": "A2 优秀", "label_en": "A2 excellent", "people": 2, "per_cent": "100" })
    );
}

#[actix_web::test]
async fn given_a_stricter_scheme_when_compared_with_the_cycles_own_then_it_says_who_moves() {
    let company = Company::scoring().await;
    company.score_everybody(company.cycle).await;
    let moved = json!({ "scheme": stricter(), "against": {}, "people": "moved" });

    let tried = simulate(&company.hr(), company.cycle, moved).await.expect(200);

    assert_eq!(numbers(&tried.body["people"]), ["E001", "E002", "M001"]);
    assert_eq!((tried.str("/people/0/grade"), tried.str("/people/0/before/grade")), ("A3", "A2"));
    assert_eq!((tried.str("/people/0/coefficient"), tried.str("/people/0/before/coefficient")), ("0.9", "1"));
    let change = json!({ "compared": 5, "moved": 3, "other_grade": 3, "paid": null, "cost": null });
    assert_eq!(tried.body["change"], change);
    let body = json!({ "cycle": company.cycle, "cost": false });
    let page = company.hr().post("/v1/simulations?limit=2&after=E001", body).await.expect(200);
    assert_eq!((numbers(&page.body["people"]), page.str("/next")), (vec!["E002", "E003"], "E003"));
    let nobody = simulate(&company.hr(), company.cycle, json!({ "people": "none", "unit": "NET" })).await.expect(200);
    assert_eq!((&nobody.body["people"], &nobody.body["policy"]["people"]), (&json!([]), &json!(3)));
}

#[actix_web::test]
async fn given_other_parameters_when_tried_then_they_are_checked_and_count() {
    let company = Company::scoring().await;
    company.score_everybody(company.cycle).await;

    let tried = simulate(&company.hr(), company.cycle, json!({ "parameters": { "interview_below": "90" } })).await;
    let unknown = json!({ "parameters": { "no_such": "1" }, "against": { "parameters": { "nor_this": "1" } } });
    let refused = simulate(&company.hr(), company.cycle, unknown).await.expect(422);

    assert_eq!(tried.expect(200).body["people"][0]["interview"], json!(["low_score"]));
    assert_eq!(refused.str("/errors/0/pointer"), "/parameters/no_such");
}

#[actix_web::test]
async fn given_faults_in_both_schemes_when_tried_then_all_are_told_with_line_and_column() {
    let company = Company::scoring().await;
    let broken = scheme().replace("table.share[grade]", "table.share[grde]");
    let both = json!({ "scheme": broken, "against": { "scheme": "code = \"x\"\nno toml" } });

    let refused = simulate(&company.hr(), company.cycle, both).await.expect(422);

    let errors = refused.body["errors"].as_array().unwrap();
    let at =
        |pointer: &str| errors.iter().find(|error| error["pointer"] == pointer).map(|e| e["detail"].as_str().unwrap());
    assert!(at("/scheme").unwrap().starts_with("line "), "{errors:?}");
    assert!(at("/against/scheme").unwrap().starts_with("line 2"), "{errors:?}");
    simulate(&company.hr(), company.cycle, json!({ "cadence": "yearly" })).await.expect(422);
    simulate(&company.hr(), company.cycle, json!({ "unit": "NONE" })).await.expect(422);
    let moved = simulate(&company.hr(), company.cycle, json!({ "people": "moved" })).await.expect(422);
    assert_eq!(moved.str("/errors/0/pointer"), "/people");
    let parameters = simulate(&company.hr(), company.cycle, json!({ "parameters": "none" })).await.expect(422);
    assert_eq!(parameters.str("/errors/0/pointer"), "/parameters");
    simulate(&company.hr(), company.cycle, json!({ "suprise": 1 })).await.expect(422);
    simulate(&company.hr(), Uuid::now_v7(), json!({})).await.expect(404);
}

#[actix_web::test]
async fn given_a_scheme_that_wants_what_nobody_has_when_tried_then_everybody_is_left_out_with_it() {
    let company = Company::scoring().await;
    company.score_everybody(company.cycle).await;
    let wants_more = scheme()
        .replace(
            "[[people.pay]]",
            "[[people.facts]]\nname = \"courses\"\nlabel = { zh = \"课程\", en = \"courses\" }\n\n[[people.pay]]",
        )
        .replace("formula = \"total()\"", "formula = \"total() + fact.courses\"");

    let tried = simulate(&company.hr(), company.cycle, json!({ "scheme": wants_more })).await.expect(200);

    assert_eq!((&tried.body["people"], &tried.body["policy"]["left_out"]), (&json!([]), &json!(5)));
    assert_eq!(tried.str("/left_out/0/errors/0/pointer"), "/facts/courses");
}

#[actix_web::test]
async fn given_a_scheme_without_an_item_when_tried_then_what_was_entered_there_is_passed_over() {
    let company = Company::scoring().await;
    company.score_everybody(company.cycle).await;
    let at = scheme().find("[[sheets.items]]\ncode = \"appearance\"").unwrap();
    let end = at + scheme()[at..].find("[[people.figures]]").unwrap();
    // What the missing item weighed is put on the one before it.
    let potential = scheme().find("code = \"potential\"").unwrap();
    let before = scheme()[potential..at].replacen("weight = 2", "weight = 4", 1);
    let shorter = format!("{}{before}{}", &scheme()[..potential], &scheme()[end..]);

    let tried = simulate(&company.hr(), company.cycle, json!({ "scheme": shorter })).await.expect(200);

    assert_eq!((&tried.body["policy"]["people"], &tried.body["policy"]["left_out"]), (&json!(5), &json!(0)));
}

#[actix_web::test]
async fn given_a_ranking_or_a_sum_across_units_when_one_unit_is_asked_for_then_it_is_refused() {
    let company = Company::scoring().await;
    company.score_everybody(company.cycle).await;
    let shared = scheme().replace(
        "formula = \"pay.base_salary * param.performance_share * coefficient\"",
        "split = { pool = \"1000 * param.performance_share\", weight = \"pay.base_salary * coefficient\", within = \"company\" }",
    );
    let sum = simulate(&company.hr(), company.cycle, json!({ "scheme": shared, "unit": "NET" })).await;
    assert_eq!(sum.expect(422).str("/errors/0/pointer"), "/unit");

    let whole = simulate(&company.hr(), company.cycle, json!({ "scheme": ranked("company") })).await.expect(200);
    let alone = simulate(&company.hr(), company.cycle, json!({ "scheme": ranked("company"), "unit": "NET" })).await;

    assert_eq!(whole.body["policy"]["people"], 5);
    assert_eq!(alone.expect(422).str("/errors/0/pointer"), "/unit");
}

#[actix_web::test]
async fn given_results_when_a_policy_is_tried_in_any_state_then_it_finds_them_and_only_the_audit_log_grows() {
    let company = Company::scoring().await;
    simulate(&company.hr(), company.cycle, json!({})).await.expect(200);
    company.score_everybody(company.cycle).await;
    let before = company.world.rows().await;

    for state in ["open", "computed", "published"] {
        match state {
            "computed" => company.close(company.cycle).await,
            "published" => drop(company.publish(company.cycle).await),
            _ => {}
        }
        let counted = company.world.rows().await;
        let tried = simulate(&company.hr(), company.cycle, json!({})).await.expect(200);
        assert_eq!(tried.body["people"].as_array().unwrap().len(), 5, "{state}");
        assert_eq!(tried.str("/people/0/score"), "88.4", "{state}");
        assert_eq!(company.world.rows().await, counted, "{state}");
    }
    assert_ne!(company.world.rows().await, before);
    let auditor = company.client("A001", &[Employee, Auditor]);
    let entries = auditor.get("/v1/scoring/audit-entries?limit=500").await.expect(200);
    let looked = entries.body["items"].as_array().unwrap().iter().filter(|e| e["action"] == "results.simulated");
    assert_eq!(looked.count(), 4);
}

#[actix_web::test]
async fn given_no_pay_service_when_costs_are_asked_for_then_it_says_so() {
    let company = Company::scoring().await;

    let refused = company.hr().post("/v1/simulations", json!({ "cycle": company.cycle })).await.expect(503);

    assert_eq!(refused.str("/type"), "urn:steelyard:problem:unavailable");
    assert!(refused.str("/detail").contains("\"cost\": false"), "{}", refused.text);
}

#[actix_web::test]
async fn given_a_cycle_that_is_cancelled_or_anothers_when_tried_then_it_is_refused() {
    let company = Company::scoring().await;
    let stranger = company.world.client_of(Uuid::now_v7(), "scoring", Some("H001"), &[Employee, Hr], &[]);

    simulate(&stranger, company.cycle, json!({})).await.expect(404);
    simulate(&company.executive(), company.cycle, json!({})).await.expect(403);
    let one = json!({ "ratings": [row("E001", "conduct", "hr", "1")] });
    company.hr().post(&company.at("ratings"), one).await.expect(200);
    let cancelled = events::CycleCancelled { cycle: company.cycle, reason: "opened by mistake".into() };
    company.world.publish(&events::Event::CycleCancelled(cancelled)).await;
    company.until(company.cycle, "cancelled").await;
    simulate(&company.hr(), company.cycle, json!({})).await.expect(409);
}
