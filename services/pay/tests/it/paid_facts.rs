//! Facts that only pay knows: who enters them, and what follows.

use platform::replay::{self, Asked};
use platform::{Role, Store};
use serde_json::{Value, json};
use testkit::{Answer, eventually};

use crate::stage::{EACH, Stage, result, with_advance};

async fn enter(stage: &Stage, facts: &[(&str, &str, Value)]) -> Answer {
    let facts: Vec<Value> =
        facts.iter().map(|(number, name, value)| json!({ "number": number, "name": name, "value": value })).collect();
    let body = json!({ "facts": facts, "reason": "payroll of October" });
    stage.finance().post(&format!("/v1/cycles/{}/paid-facts", stage.cycle), body).await
}

async fn list(stage: &Stage, query: &str) -> Vec<Value> {
    let answer = stage.finance().get(&format!("/v1/cycles/{}/paid-facts{query}", stage.cycle)).await.expect(200);
    answer.body["items"].as_array().cloned().unwrap()
}

fn pointers(answer: &Answer) -> Vec<&str> {
    answer.body["errors"].as_array().unwrap().iter().map(|error| error["pointer"].as_str().unwrap()).collect()
}

#[actix_web::test]
async fn given_a_fact_that_only_pay_knows_when_it_is_missing_then_the_result_waits_until_it_is_entered() {
    let stage = Stage::set(&with_advance()).await;
    stage.import("number,base_salary\nE001,8000\n").await.expect(200);
    stage.publish("NET", vec![result("E001", 1, "0.3"), result("E002", 1, "0.3")]).await;
    let run = stage.waiting(2).await;
    assert_eq!(run.body["missing"][0]["missing"], json!(["fact.advance"]));
    assert_eq!(run.body["missing"][0]["missing_labels"], json!([{ "zh": "预发", "en": "Advance" }]));
    assert_eq!(run.body["missing"][1]["missing"], json!(["base_salary", "fact.advance"]));

    let entered = enter(&stage, &[("E001", "advance", json!("400"))]).await.expect(200);

    assert_eq!(entered.body, json!({ "entered": 1, "unchanged": 0 }));
    assert_eq!(stage.statements(1).await[0]["components"], json!({ "performance_pay": "2000.00" }));
    let store = Store::connect(&stage.world.database.url("pay"), 1, "pay").expect("a store");
    let now = stage.world.clock.now();
    let replayed = replay::run(&pay::service(), &store, &Asked::default(), now, &mut |_| ()).await.expect("a replay");
    assert_eq!((replayed.different(), replayed.cycles[0].1.counted("statements")), (0, 1));
}

#[actix_web::test]
async fn given_a_statement_when_another_fact_is_entered_then_it_is_refused_until_the_corrected_result_waits() {
    let stage = Stage::set(&with_advance()).await;
    stage.import("number,base_salary\nE001,8000\n").await.expect(200);
    stage.tell_people(vec![Stage::subject("E001", events::Standing::In, 1)]).await;
    stage.publish("NET", vec![result("E001", 1, "0.3")]).await;
    stage.waiting(1).await;
    enter(&stage, &[("E001", "advance", json!("400"))]).await.expect(200);
    stage.statements(1).await;

    let same = enter(&stage, &[("E001", "advance", json!("400"))]).await.expect(200);
    assert_eq!(same.body, json!({ "entered": 0, "unchanged": 1 }));
    let refused = enter(&stage, &[("E001", "advance", json!("500"))]).await.expect(409);
    assert_eq!(refused.str("/type"), "urn:steelyard:problem:wrong-state");

    stage.correct("NET", result("E001", 2, "0.27")).await;
    assert_eq!(stage.statements(2).await[1]["components"], json!({ "performance_pay": "1760.00" }));
}

#[actix_web::test]
async fn given_values_when_they_change_then_each_is_kept_with_who_why_and_the_one_before() {
    let stage = Stage::set(&with_advance()).await;
    stage.publish("NET", vec![result("E001", 1, "0.3"), result("E002", 1, "0.3")]).await;
    stage.waiting(2).await;
    enter(&stage, &[("E001", "advance", json!("400")), ("E002", "advance", json!("1"))]).await.expect(200);
    enter(&stage, &[("E001", "advance", json!("500"))]).await.expect(200);
    enter(&stage, &[("E002", "advance", Value::Null)]).await.expect(200);

    let now = list(&stage, "").await;
    assert_eq!(now.len(), 2);
    let told = |fact: &Value| json!([fact["no"], fact["value"], fact["before"], fact["by"], fact["reason"]]);
    assert_eq!(told(&now[0]), json!([2, "500", "400", "F001", "payroll of October"]));
    assert_eq!(told(&now[1]), json!([2, null, "1", "F001", "payroll of October"]));
    assert_eq!(now[0]["label"]["en"], "Advance");
    assert_eq!(list(&stage, "?history=true").await.len(), 4);
    let first = stage.finance().get(&format!("/v1/cycles/{}/paid-facts?limit=1", stage.cycle)).await.expect(200);
    assert_eq!(list(&stage, &format!("?after={}", first.str("/next"))).await, [now[1].clone()]);
    eventually("what they lack is found again", async || {
        let run = stage.waiting(2).await;
        (run.body["missing"][1]["missing"] == json!(["base_salary", "fact.advance"])).then_some(())
    })
    .await;
    let hr = stage.world.client("pay", Some("H001"), &[Role::Employee, Role::Hr]);
    let path = format!("/v1/cycles/{}/paid-facts", stage.cycle);
    hr.get(&path).await.expect(200);
    hr.post(&path, json!({ "facts": [{ "number": "E001", "name": "advance", "value": "1" }], "reason": "x" }))
        .await
        .expect(403);
    stage.employee("E001").get(&path).await.expect(403);
    let auditor = stage.world.client("pay", Some("A001"), &[Role::Employee, Role::Auditor]);
    let entries = auditor.get("/v1/pay/audit-entries?limit=500").await.expect(200);
    let entered = entries.body["items"].as_array().unwrap().iter().filter(|e| e["action"] == "paid_facts.entered");
    assert_eq!(entered.count(), 3);
    assert!(!entries.text.contains("\"500\""), "auditors learn that, not what");
}

#[actix_web::test]
async fn given_facts_that_cannot_be_when_they_are_entered_then_every_fault_is_named() {
    let stage = Stage::set(&with_advance()).await;
    stage.publish("NET", vec![result("E001", 1, "0.3"), result("F001", 1, "0.3")]).await;
    stage.waiting(2).await;

    let wrong = [
        ("E404", "advance", json!("1")),
        ("E001", "share", json!("1")),
        ("E001", "advance", json!("-1")),
        ("E001", "advance", json!("2")),
    ];
    let refused = enter(&stage, &wrong).await.expect(422);

    assert_eq!(pointers(&refused), ["/facts/0/number", "/facts/1/name", "/facts/2/value", "/facts/3"]);
    enter(&stage, &[]).await.expect(422);
    enter(&stage, &[("F001", "advance", json!("1"))]).await.expect(403);
    let nothing = Stage { cycle: uuid::Uuid::now_v7(), ..stage };
    enter(&nothing, &[("E001", "advance", json!("1"))]).await.expect(404);
}

#[actix_web::test]
async fn given_facts_before_the_results_when_these_come_then_statements_are_issued_at_once() {
    let stage = Stage::set(&with_advance()).await;
    stage.import("number,base_salary\nE001,8000\n").await.expect(200);
    stage.tell_people(vec![Stage::subject("E001", events::Standing::In, 1)]).await;
    eventually("the person is known", async || {
        (enter(&stage, &[("E001", "advance", json!("400"))]).await.status == 200).then_some(())
    })
    .await;

    stage.publish("NET", vec![result("E001", 1, "0.3")]).await;

    assert_eq!(stage.statements(1).await[0]["components"], json!({ "performance_pay": "2000.00" }));
}

#[actix_web::test]
async fn given_a_scheme_without_such_facts_when_one_is_entered_then_it_is_refused() {
    let stage = Stage::set(EACH).await;
    stage.publish("NET", vec![result("E001", 1, "0.3")]).await;
    stage.waiting(1).await;

    assert_eq!(pointers(&enter(&stage, &[("E001", "advance", json!("1"))]).await.expect(422)), ["/facts/0/name"]);
}
