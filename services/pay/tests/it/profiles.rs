use diesel_async::SimpleAsyncConnection;
use platform::Role;
use platform::tabular::{Cells, Columns, Table};
use serde_json::{Value, json};
use testkit::eventually;

use testkit::World;
use uuid::Uuid;

use crate::stage::{EACH, Stage, result};

/// Tells pay that the company has people with these numbers.
async fn arrive(stage: &Stage, numbers: &[&str]) {
    let people: Vec<(&str, &[&str])> = numbers.iter().map(|number| (*number, &[][..])).collect();
    stage.arrive(&people).await;
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

    let answer = stage.import("number,base_salary\n12,8000\n0013,9000\n甲组,17000\n").await.expect(200);

    assert_eq!(answer.body["created"], 3);
    let expected = json!([
        { "pointer": "/2/number", "detail": "nobody has the number 12; perhaps 0012 is meant" },
        { "pointer": "/4/number", "detail": "nobody has the number 甲组" },
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

    assert_eq!(first.body, json!({ "created": 2, "updated": 0, "unchanged": 0, "reported": 0 }));
    assert_eq!(second.body, json!({ "created": 0, "updated": 0, "unchanged": 2, "reported": 0 }));
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
async fn given_amounts_below_nothing_when_schemes_refuse_them_then_the_person_waits_and_is_told_why() {
    let stage = Stage { world: World::start(&[pay::service()]).await, cycle: Uuid::now_v7() };
    // No scheme knows these names yet.
    stage.import("number,base_salary,settlement\nE001,-5,-150.255\nE002,8000,-1\n").await.expect(200);
    stage.open(EACH).await;

    let refused = stage.import("number,base_salary,settlement\nE003,-5,-7\n").await.expect(422);
    stage.publish("NET", vec![result("E001", 1, "0.5"), result("E002", 1, "0.5")]).await;

    assert_eq!(refused.str("/errors/0/pointer"), "/2/base_salary");
    assert_eq!(refused.body["errors"].as_array().unwrap().len(), 1);
    let run = stage.waiting(1).await;
    assert_eq!(run.str("/missing/0/number"), "E001");
    assert_eq!(run.body["missing"][0]["missing"], json!([]));
    assert_eq!(run.str("/missing/0/problem"), "Base salary: -5 is negative");
    assert_eq!(run.body["component_labels"]["performance_pay"]["zh"], "绩效工资");
    assert_eq!(stage.statements(1).await[0]["number"], "E002");
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

    for (locale, heading) in [("zh-CN", "基本工资"), ("en", "Base salary")] {
        let path = format!("/v1/imports/template?kind=pay&locale={locale}");
        let template = stage.finance().get(&path).await.expect(200);
        let columns = Columns::default().with_others(|_| Some(Cells::Text));
        let (table, _) = Table::read(&template.bytes, &columns).unwrap();
        assert_eq!(table.columns[1..], [heading, "meal_allowance"]);
    }
    stage.finance().get("/v1/imports/template?kind=units").await.expect(422);
}

#[actix_web::test]
async fn given_headings_as_the_scheme_calls_them_then_they_are_read_and_what_is_passed_over_is_told() {
    let stage = Stage::set(EACH).await;
    arrive(&stage, &["E001"]).await;

    let answer = stage.import("工号,姓名,基本工资,备注\nE001,甲,8000,试用\n合计,,8000,\n").await.expect(200);

    assert_eq!(answer.body["created"], 1);
    let notes = answer.body["notes"].as_array().unwrap();
    let told: Vec<&str> = notes.iter().map(|note| note["detail"].as_str().unwrap()).collect();
    let expected = [
        "row 3: a row of totals, passed over",
        "column B (姓名) is not used and was passed over",
        "column D (备注) is not used and was passed over",
    ];
    assert_eq!(told, expected);
    let profile = stage.finance().get("/v1/pay-profiles/E001").await.expect(200);
    assert_eq!(profile.str("/revisions/0/inputs/base_salary"), "8000.00");
}

#[actix_web::test]
async fn given_amounts_that_are_not_plain_and_cells_that_nobody_can_read_then_all_are_told_at_once() {
    let stage = Stage::set(EACH).await;
    let file = "number,base_salary,Bonus\nE001,12万,1\nE002,#N/A,1\nE001,\"3,000\",1\n";

    let refused = stage.import(file).await.expect(422);

    let errors = refused.body["errors"].as_array().unwrap();
    let told: Vec<&str> = errors.iter().map(|error| error["detail"].as_str().unwrap()).collect();
    let expected = [
        "C1: there is no use for this column; perhaps bonus? Take it out if it is not meant",
        "B2: write 120000 instead of \"12万\": digits only, with a point and a minus sign where needed",
        "B3: the cell holds the error #N/A",
        "A4: E001 is in row 2 already",
        "B4: write 3000 instead of \"3,000\": digits only, with a point and a minus sign where needed",
    ];
    assert_eq!(told, expected);
}

/// Somebody of finance or HR who is paid, too.
fn insider(stage: &Stage, number: &str) -> testkit::Client {
    stage.world.client("pay", Some(number), &[Role::Employee, Role::Finance, Role::Hr])
}

async fn send(client: &testkit::Client, file: &str) -> testkit::Answer {
    client
        .send("POST", "/v1/imports?kind=pay&effective_on=2026-09-01", &[("content-type", "text/csv")], file.into())
        .await
}

#[actix_web::test]
async fn given_finance_or_hr_when_they_change_their_own_profile_then_it_is_refused_by_file_too() {
    let stage = Stage::set(EACH).await;
    send(&stage.finance(), "number,base_salary\nF002,8000\nE001,8000\n").await.expect(200);
    let own = insider(&stage, "F002");

    let body = json!({ "inputs": { "base_salary": "80000" }, "effective_on": "2026-09-01" });
    own.put("/v1/pay-profiles/F002", Some("\"1\""), body.clone()).await.expect(403);
    let refused = send(&own, "number,base_salary\nE001,9000\nF002,99000\n").await.expect(403);

    assert_eq!(refused.str("/errors/0/pointer"), "/3/number");
    for number in ["E001", "F002"] {
        let profile = stage.finance().get(&format!("/v1/pay-profiles/{number}")).await.expect(200);
        assert_eq!(profile.str("/revisions/0/inputs/base_salary"), "8000.00", "{number}");
    }
    // A file of everybody, in which theirs stays as it is, is theirs to send.
    send(&own, "number,base_salary\nE001,9000\nF002,8000\n").await.expect(200);
    insider(&stage, "F003").put("/v1/pay-profiles/F002", Some("\"1\""), body).await.expect(200);
}

#[actix_web::test]
async fn given_a_profile_that_is_set_and_put_back_the_same_day_then_every_revision_stays() {
    let stage = Stage::set(EACH).await;
    for salary in ["8000", "99000", "8000"] {
        send(&stage.finance(), &format!("number,base_salary\nE001,{salary}\n")).await.expect(200);
    }

    let finance = stage.finance();
    let first = finance.get("/v1/pay-profiles/E001/revisions?limit=2").await.expect(200);
    let rest = finance.get(&format!("/v1/pay-profiles/E001/revisions?after={}", first.str("/next"))).await.expect(200);

    let told = |answer: &testkit::Answer| -> Vec<(Value, Value, Value)> {
        let items = answer.body["items"].as_array().unwrap().iter();
        let told =
            |one: &Value| (one["version"].clone(), one["inputs"]["base_salary"].clone(), one["changed_by"].clone());
        items.map(told).collect()
    };
    let revision = |version: i64, salary: &str| (json!(version), json!(salary), json!("F001"));
    assert_eq!(told(&first), [revision(3, "8000.00"), revision(2, "99000.00")]);
    assert_eq!((told(&rest), &rest.body["next"]), (vec![revision(1, "8000.00")], &Value::Null));
    let profile = finance.get("/v1/pay-profiles/E001").await.expect(200);
    assert_eq!(profile.body["revisions"].as_array().map(Vec::len), Some(1));
    finance.get("/v1/pay-profiles/E404/revisions").await.expect(404);
    stage.employee("E001").get("/v1/pay-profiles/E001/revisions").await.expect(403);
    let mut conn = stage.world.database.connect("pay").await;
    for change in ["update pay_profile_revisions set inputs = '{}'", "delete from pay_profile_revisions"] {
        assert!(conn.batch_execute(change).await.is_err(), "{change}");
    }
}

#[derive(diesel::QueryableByName)]
struct Recorded {
    #[diesel(sql_type = diesel::sql_types::Text)]
    subject: String,
    #[diesel(sql_type = diesel::sql_types::Jsonb)]
    detail: Value,
}

#[actix_web::test]
async fn given_profiles_changed_by_hand_and_by_file_then_the_log_has_whose_and_what_before_and_after() {
    use diesel_async::RunQueryDsl;
    let stage = Stage::set(EACH).await;
    let by_hand = json!({ "inputs": { "base_salary": "8000" }, "effective_on": "2026-09-01" });
    stage.finance().put("/v1/pay-profiles/E001", Some("\"0\""), by_hand).await.expect(200);
    send(&stage.finance(), "number,base_salary\nE001,9000\nE002,7000\n").await.expect(200);

    let mut conn = stage.world.database.connect("pay").await;
    let recorded: Vec<Recorded> = diesel::sql_query(
        "select subject, detail from audit_entries where action = 'pay_profiles.changed' order by seq",
    )
    .load(&mut conn)
    .await
    .unwrap();

    let of = |salary: &str| json!({ "base_salary": salary });
    let change = |number: &str, version: i64, before: Value, after: &str| json!({ "number": number, "version": version, "before": before, "after": of(after) });
    let told: Vec<(&str, &Value)> = recorded.iter().map(|one| (one.subject.as_str(), &one.detail["changes"])).collect();
    let first = json!([change("E001", 1, Value::Null, "8000.00")]);
    let second = json!([change("E001", 2, of("8000.00"), "9000.00"), change("E002", 1, Value::Null, "7000.00")]);
    assert_eq!(told, [("E001", &first), ("2026-09-01", &second)]);
}

#[actix_web::test]
async fn given_an_input_that_the_scheme_lets_be_negative_then_a_profile_takes_it_and_it_counts() {
    let adjusted = EACH
        .replacen("en = \"Base salary\" } }]", "en = \"Base salary\" } }, { name = \"adjustment\", label = { zh = \"调整\", en = \"Adjustment\" }, signed = true }]", 1)
        .replacen("pay.base_salary * fact.share", "pay.base_salary * fact.share + pay.adjustment", 1);
    let stage = Stage::set(&adjusted).await;
    testkit::eventually("the cycle is known", async || (stage.pay_run().await.status == 200).then_some(())).await;

    let refused = send(&stage.finance(), "number,base_salary,adjustment\nE001,-8000,-50.5\n").await.expect(422);
    assert_eq!(refused.body["errors"].as_array().map(Vec::len), Some(1), "{}", refused.text);
    assert_eq!(refused.str("/errors/0/pointer"), "/2/base_salary");
    send(&stage.finance(), "number,base_salary,adjustment\nE001,8000,-50.5\n").await.expect(200);

    stage.publish("NET", vec![crate::stage::result("E001", 1, "0.3")]).await;
    assert_eq!(stage.statements(1).await[0]["components"]["performance_pay"], "2349.50");
}

#[actix_web::test]
async fn given_the_log_of_profiles_when_an_auditor_reads_it_then_amounts_are_there_only_for_those_who_may_read_pay() {
    let stage = Stage::set(EACH).await;
    send(&stage.finance(), "number,base_salary\nE001,8000\n").await.expect(200);
    send(&stage.finance(), "number,base_salary\nE001,9000\n").await.expect(200);
    let changes = async |roles: &[Role]| {
        let reader = stage.world.client("pay", Some("A001"), roles);
        let entries = reader.get("/v1/pay/audit-entries?limit=500").await.expect(200).body["items"].clone();
        let entries = entries.as_array().cloned().unwrap().into_iter();
        let changed = entries.filter(|entry| entry["action"] == "pay_profiles.changed");
        changed.map(|entry| entry["detail"]["changes"][0].clone()).collect::<Vec<_>>()
    };
    let (veiled, of) = (json!({ "veiled": true }), |salary: &str| json!({ "base_salary": salary }));
    let change = |version: i64, before: Value, after: Value| json!({ "number": "E001", "version": version, "before": before, "after": after });

    let hidden = changes(&[Role::Employee, Role::Auditor]).await;
    let shown = changes(&[Role::Employee, Role::Auditor, Role::Finance]).await;

    assert_eq!(hidden, [change(1, Value::Null, veiled.clone()), change(2, veiled.clone(), veiled)]);
    assert_eq!(shown, [change(1, Value::Null, of("8000.00")), change(2, of("8000.00"), of("9000.00"))]);
}
