use platform::Role;
use serde_json::{Value, json};

use crate::stage::{EACH, POOLED, Stage};

fn asked(scheme: &str, people: &[(&str, &str)]) -> Value {
    let people: Vec<Value> = people
        .iter()
        .map(|(number, share)| json!({ "number": number, "category": "staff", "carried": { "fact.share": share } }))
        .collect();
    json!({ "scheme": scheme, "cadence": "monthly", "period": "2026-10",
        "units": [{ "code": "NET", "category": "department", "people": people }] })
}

#[actix_web::test]
async fn given_figures_under_a_policy_when_pay_is_simulated_then_amounts_and_gaps_are_told_and_nothing_is_written() {
    let stage = Stage::set(EACH).await;
    for (day, salary) in [("2026-09-01", 8000), ("2026-11-01", 10000)] {
        let file = format!("number,base_salary\nE001,{salary}\n");
        let path = format!("/v1/imports?kind=pay&effective_on={day}");
        stage.finance().send("POST", &path, &[], file.into()).await.expect(200);
    }
    let body = asked(EACH, &[("E001", "0.3"), ("E002", "0.3")]);

    let told = stage.finance().post("/v1/pay-simulations", body.clone()).await.expect(200);

    assert_eq!(told.body["currency"], "CNY");
    assert_eq!(told.body["people"], json!([{ "number": "E001", "components": { "performance_pay": "2400.00" } }]));
    assert_eq!(told.body["lacking"], json!([{ "number": "E002", "missing": ["base_salary"], "problem": null }]));
    assert!(stage.world.outbox("pay").await.is_empty());
    assert!(stage.statements(0).await.is_empty());
    stage.employee("E001").post("/v1/pay-simulations", body.clone()).await.expect(403);
    let hr = stage.world.client("pay", Some("H001"), &[Role::Employee, Role::Hr]);
    hr.post("/v1/pay-simulations", body.clone()).await.expect(200);
    let stranger = stage.world.client_of(uuid::Uuid::now_v7(), "pay", Some("F001"), &[Role::Finance], &[]);
    let nothing = stranger.post("/v1/pay-simulations", body).await.expect(200);
    assert_eq!(nothing.body["people"], json!([]));
    let auditor = stage.world.client("pay", Some("A001"), &[Role::Employee, Role::Auditor]);
    let entries = auditor.get("/v1/pay/audit-entries?limit=500").await.expect(200);
    let entries = entries.body["items"].as_array().cloned().unwrap();
    let looked: Vec<&Value> =
        entries.iter().filter(|entry| entry["action"] == "pay_profiles.simulated").map(|e| &e["detail"]).collect();
    let about = json!({ "period": "2026-10", "units": ["NET"], "numbers": ["E001", "E002"] });
    assert_eq!(looked, [&about, &about]);
}

#[actix_web::test]
async fn given_more_people_than_an_entry_names_when_pay_is_simulated_then_the_audit_log_names_each_of_them() {
    let stage = Stage::set(EACH).await;
    let numbers: Vec<String> = (0..501).map(|at| format!("E{at:03}")).collect();
    let people: Vec<(&str, &str)> = numbers.iter().map(|number| (number.as_str(), "0.3")).collect();

    stage.finance().post("/v1/pay-simulations", asked(EACH, &people)).await.expect(200);

    let auditor = stage.world.client("pay", Some("A001"), &[Role::Employee, Role::Auditor]);
    let entries = auditor.get("/v1/pay/audit-entries?limit=500").await.expect(200);
    let entries = entries.body["items"].as_array().cloned().unwrap();
    let named = entries.iter().filter_map(|entry| entry["detail"]["numbers"].as_array());
    let mut named: Vec<&str> = named.flatten().map(|number| number.as_str().unwrap()).collect();
    named.sort_unstable();
    assert_eq!(named, numbers);
}

#[actix_web::test]
async fn given_a_pool_when_pay_is_simulated_then_it_is_shared_to_the_cent() {
    let stage = Stage::set(POOLED).await;
    stage.import("number,base_salary\nE001,1\nE002,1\nE003,1\n").await.expect(200);

    let body = asked(POOLED, &[("E001", "1"), ("E002", "1"), ("E003", "1")]);
    let told = stage.finance().post("/v1/pay-simulations", body).await.expect(200);

    let people = told.body["people"].as_array().unwrap();
    let shares: Vec<&Value> = people.iter().map(|person| &person["components"]["performance_pay"]).collect();
    assert_eq!(shares, ["333.34", "333.33", "333.33"]);
}

#[actix_web::test]
async fn given_a_scheme_without_units_and_categories_when_pay_is_reckoned_then_they_are_passed_over() {
    let plain = EACH
        .replace(
            "[units]\ncategories = [{ code = \"department\", label = { zh = \"部门\", en = \"Department\" } }]\n",
            "",
        )
        .replace("categories = [{ code = \"staff\", label = { zh = \"员工\", en = \"Staff\" } }]\n", "");
    let stage = Stage::set(&plain).await;
    stage.import("number,base_salary\nE001,8000\n").await.expect(200);

    let told = stage.finance().post("/v1/pay-simulations", asked(&plain, &[("E001", "0.3")])).await.expect(200);
    stage.publish("NET", vec![crate::stage::result("E001", 1, "0.3")]).await;

    assert_eq!(told.str("/people/0/components/performance_pay"), "2400.00");
    assert_eq!(stage.statements(1).await[0]["components"], json!({ "performance_pay": "2400.00" }));
}

#[actix_web::test]
async fn given_a_request_with_errors_when_pay_is_simulated_then_they_are_told() {
    let stage = Stage::set(EACH).await;
    let mut broken = asked("no toml", &[("E001", "0.3")]);
    let refused = stage.finance().post("/v1/pay-simulations", broken.clone()).await.expect(422);
    assert_eq!(refused.str("/errors/0/pointer"), "/scheme");

    broken["scheme"] = json!(EACH);
    broken["cadence"] = json!("yearly");
    let refused = stage.finance().post("/v1/pay-simulations", broken).await.expect(422);
    assert_eq!(refused.str("/errors/0/pointer"), "/cadence");

    let twice = asked(EACH, &[("E001", "0.3"), ("E001", "0.3")]);
    let refused = stage.finance().post("/v1/pay-simulations", twice).await.expect(422);
    assert_eq!(refused.str("/errors/0/pointer"), "/units/0/people/1/number");
}
