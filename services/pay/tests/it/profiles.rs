use platform::Role;
use serde_json::json;

use crate::stage::{EACH, Stage};

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

#[actix_web::test]
async fn given_profiles_when_a_template_is_asked_for_then_it_has_their_inputs_and_is_read_back() {
    let stage = Stage::set(EACH).await;
    stage.import("number,base_salary,meal_allowance\nE001,8000,300\n").await.expect(200);

    for locale in ["zh-CN", "en"] {
        let path = format!("/v1/imports/template?kind=pay&locale={locale}");
        let template = stage.finance().get(&path).await.expect(200);
        let columns = platform::tabular::Columns::default();
        let table = platform::tabular::Table::read(&template.bytes, &columns).unwrap();
        assert_eq!(table.columns[1..], ["base_salary", "meal_allowance"]);
    }
    stage.finance().get("/v1/imports/template?kind=units").await.expect(422);
}
