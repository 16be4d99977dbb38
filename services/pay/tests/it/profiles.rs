use domain::events::{Employee, EmployeesChanged, Event, Values};
use platform::Role;
use serde_json::{Value, json};
use testkit::eventually;

use crate::stage::{EACH, Stage};

/// Tells pay that the company has people with these numbers.
async fn arrive(stage: &Stage, numbers: &[&str]) {
    let employee = |number: &&str| Employee {
        number: (*number).to_owned(),
        name: format!("员工{number}"),
        email: None,
        locale: "zh-CN".to_owned(),
        hired_on: None,
        left_on: None,
        facts: Values::new(),
        roles: Vec::new(),
        assignments: Vec::new(),
        version: 1,
    };
    let employees = numbers.iter().map(employee).collect();
    stage.world.publish(&Event::EmployeesChanged(EmployeesChanged { employees })).await;
}

/// The numbers of profiles that nobody has, once there are so many.
async fn unknown(stage: &Stage, count: usize) -> Vec<Value> {
    eventually("pay knows who is there", async || {
        let page = stage.finance().get("/v1/pay-profiles?unknown=true").await.expect(200);
        let items = page.body["items"].as_array().cloned().unwrap_or_default();
        (items.len() == count).then_some(items)
    })
    .await
}

#[actix_web::test]
async fn given_numbers_that_nobody_has_when_they_are_imported_then_the_answer_and_the_list_tell_of_them() {
    let stage = Stage::set(EACH).await;
    stage.import("number,base_salary\n无名,1\n").await.expect(200);
    arrive(&stage, &["0012", "0013"]).await;
    unknown(&stage, 1).await;

    let answer = stage.import("number,base_salary\n12,8000\n0013,9000\n合计,17000\n").await.expect(200);

    assert_eq!(answer.body["created"], 3);
    let expected = json!([
        { "pointer": "/2/number", "detail": "nobody has the number 12; perhaps 0012 is meant" },
        { "pointer": "/4/number", "detail": "nobody has the number 合计" },
    ]);
    assert_eq!(answer.body["notes"], expected);
    let listed = unknown(&stage, 3).await;
    assert_eq!((&listed[0]["number"], &listed[0]["near"]), (&json!("12"), &json!(["0012"])));
    let known = stage.finance().get("/v1/pay-profiles?unknown=false").await.expect(200);
    assert_eq!((known.str("/items/0/number"), known.body["items"].as_array().map(Vec::len)), ("0013", Some(1)));
    let one = stage.finance().get("/v1/pay-profiles/12").await.expect(200);
    assert_eq!((&one.body["unknown"], one.str("/near/0")), (&json!(true), "0012"));
}

#[actix_web::test]
async fn given_a_number_that_nobody_had_when_somebody_gets_it_then_it_is_listed_no_longer() {
    let stage = Stage::set(EACH).await;
    arrive(&stage, &["E001"]).await;
    let body = json!({ "inputs": { "base_salary": "8000" } });
    stage.finance().put("/v1/pay-profiles/E002", Some("\"0\""), body).await.expect(200);
    unknown(&stage, 1).await;

    arrive(&stage, &["E002"]).await;

    unknown(&stage, 0).await;
}

#[actix_web::test]
async fn given_days_that_nobody_can_mean_when_profiles_take_effect_on_them_then_they_are_refused() {
    let stage = Stage::set(EACH).await;
    for day in ["0001-01-01", "9999-12-31", "-009999-01-01"] {
        let path = format!("/v1/imports?kind=pay&effective_on={day}");
        let file = b"number,base_salary\nE001,1\n".to_vec();
        let refused = stage.finance().send("POST", &path, &[], file).await.expect(422);
        assert_eq!(refused.str("/errors/0/pointer"), "/effective_on", "{day}");
        let body = json!({ "inputs": { "base_salary": "1" }, "effective_on": day });
        let refused = stage.finance().put("/v1/pay-profiles/E001", Some("\"0\""), body).await.expect(422);
        assert_eq!(refused.str("/errors/0/pointer"), "/effective_on", "{day}");
    }
}

#[actix_web::test]
async fn given_a_file_when_it_is_imported_twice_then_the_second_time_changes_nothing() {
    let stage = Stage::set(EACH).await;
    let file = "number,base_salary\nE001,8000\nE002,9000.50\n";

    let first = stage.import(file).await.expect(200);
    let second = stage.import(file).await.expect(200);

    assert_eq!(first.body, json!({ "created": 2, "updated": 0, "unchanged": 0 }));
    assert_eq!(second.body, json!({ "created": 0, "updated": 0, "unchanged": 2 }));
    let profile = stage.finance().get("/v1/pay-profiles/E001").await.expect(200);
    assert_eq!(profile.str("/revisions/0/inputs/base_salary"), "8000.00");
    assert_eq!(profile.etag.as_deref(), Some("\"1\""));
}

#[actix_web::test]
async fn given_one_bad_row_when_a_file_is_imported_then_nothing_is_stored_and_each_error_is_told() {
    let stage = Stage::set(EACH).await;

    let refused = stage.import("number,base_salary\nE001,8000\nE002,-5\nE001,7\n").await.expect(422);

    assert_eq!(refused.str("/errors/0/pointer"), "/3/base_salary");
    assert_eq!(refused.str("/errors/1/pointer"), "/4/number");
    stage.finance().get("/v1/pay-profiles/E001").await.expect(404);
    let bytes = b"PK\x03\x04 not a workbook".to_vec();
    stage.finance().send("POST", "/v1/imports?kind=pay", &[], bytes).await.expect(415);
    stage.finance().send("POST", "/v1/imports?kind=units", &[], b"code\nA\n".to_vec()).await.expect(422);
}

#[actix_web::test]
async fn given_a_profile_when_it_is_changed_then_the_version_read_must_be_named() {
    let stage = Stage::set(EACH).await;
    let finance = stage.finance();
    let body = |salary: &str| json!({ "inputs": { "base_salary": salary } });

    finance.put("/v1/pay-profiles/E001", None, body("8000")).await.expect(428);
    finance.put("/v1/pay-profiles/E001", Some("\"0\""), body("8000")).await.expect(200);
    finance.put("/v1/pay-profiles/E001", Some("\"0\""), body("9000")).await.expect(412);
    let changed = finance.put("/v1/pay-profiles/E001", Some("\"1\""), body("9000")).await.expect(200);

    assert_eq!(changed.etag.as_deref(), Some("\"2\""));
    let refused = finance.put("/v1/pay-profiles/E001", Some("\"2\""), body("-1")).await.expect(422);
    assert_eq!(refused.str("/errors/0/pointer"), "/inputs/base_salary");
    let extra = json!({ "inputs": {}, "salary": "1" });
    finance.put("/v1/pay-profiles/E001", Some("\"2\""), extra).await.expect(422);
}

#[actix_web::test]
async fn given_many_profiles_when_they_are_listed_then_pages_follow_one_another() {
    let stage = Stage::set(EACH).await;
    let rows: String = (0..7).map(|n| format!("E{n:03},100\n")).collect();
    stage.import(&format!("number,base_salary\n{rows}")).await.expect(200);

    let first = stage.finance().get("/v1/pay-profiles?limit=5").await.expect(200);
    let second =
        stage.finance().get(&format!("/v1/pay-profiles?limit=5&after={}", first.str("/next"))).await.expect(200);

    assert_eq!(first.str("/next"), "E004");
    assert_eq!(second.body["items"].as_array().map(Vec::len), Some(2));
    assert!(second.body["next"].is_null());
}

#[actix_web::test]
async fn given_callers_without_the_role_when_they_ask_for_profiles_then_they_are_refused() {
    let stage = Stage::set(EACH).await;
    stage.import("number,base_salary\nE001,8000\n").await.expect(200);

    stage.employee("E001").get("/v1/pay-profiles/E001").await.expect(403);
    stage.payroll().get("/v1/pay-profiles").await.expect(403);
    stage.world.anonymous("pay").get("/v1/pay-profiles").await.expect(401);
    let other = uuid::Uuid::now_v7();
    let stranger = stage.world.client_of(other, "pay", Some("F9"), &[Role::Employee, Role::Finance], &[]);
    stranger.get("/v1/pay-profiles/E001").await.expect(404);
}
