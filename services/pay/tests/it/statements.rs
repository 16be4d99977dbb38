use events::Event;
use platform::Role;
use serde_json::json;
use testkit::eventually;

use crate::stage::{EACH, POOLED, Stage, result};

#[actix_web::test]
async fn given_results_and_profiles_when_results_are_published_then_statements_are_issued_and_told() {
    let stage = Stage::set(EACH).await;
    stage.import("number,base_salary\nE001,8000\n").await.expect(200);

    stage.publish("NET", vec![result("E001", 1, "0.3")]).await;

    let statement = stage.statements(1).await.remove(0);
    assert_eq!(statement["components"], json!({ "performance_pay": "2400.00" }));
    assert_eq!(statement["difference"], statement["components"]);
    for (field, value) in
        [("kind", "original"), ("number", "E001"), ("currency", "CNY"), ("grade", "A2"), ("cursor", "1")]
    {
        assert_eq!(statement[field], value, "{field}");
    }
    let labels = json!({ "performance_pay": { "zh": "绩效工资", "en": "Performance pay" } });
    assert_eq!(statement["component_labels"], labels);
    let told = stage.world.outbox("pay").await;
    assert!(matches!(&told[..], [Event::StatementsIssued(news)] if news.statements.len() == 1), "{told:?}");
}

#[actix_web::test]
async fn given_results_before_their_cycle_when_the_cycle_arrives_then_statements_are_issued() {
    let mut stage = Stage::set(EACH).await;
    stage.cycle = uuid::Uuid::now_v7();
    stage.import("number,base_salary\nE001,8000\n").await.expect(200);

    stage.publish("NET", vec![result("E001", 1, "0.3")]).await;
    stage.world.publish(&Event::CycleOpened(stage.opened(EACH))).await;

    assert_eq!(stage.statements(1).await.len(), 1);
}

#[actix_web::test]
async fn given_a_statement_when_the_result_is_corrected_then_the_difference_is_issued_and_the_first_stays() {
    let stage = Stage::set(EACH).await;
    stage.import("number,base_salary\nE001,8000\n").await.expect(200);
    stage.publish("NET", vec![result("E001", 1, "0.3")]).await;
    let original = stage.statements(1).await.remove(0);

    stage.correct("NET", result("E001", 2, "0.27")).await;
    stage.correct("NET", result("E001", 2, "0.27")).await;

    let statements = stage.statements(2).await;
    assert_eq!(statements[0], original);
    let correction = &statements[1];
    assert_eq!(correction["kind"], "correction");
    assert_eq!(correction["replaces"], original["id"]);
    assert_eq!(correction["components"], json!({ "performance_pay": "2160.00" }));
    assert_eq!(correction["difference"], json!({ "performance_pay": "-240.00" }));
    let run = stage.pay_run().await.expect(200);
    assert_eq!(run.body["totals"], json!({ "CNY": { "performance_pay": "2160.00" } }));
    assert_eq!((&run.body["issued"], &run.body["people"]), (&json!(2), &json!(1)));
}

#[actix_web::test]
async fn given_a_statement_when_a_correction_excludes_the_person_then_all_of_it_is_taken_back() {
    let stage = Stage::set(EACH).await;
    stage.import("number,base_salary\nE001,8000\n").await.expect(200);
    stage.publish("NET", vec![result("E001", 1, "0.3")]).await;
    stage.statements(1).await;

    let mut excluded = result("E001", 2, "0");
    (excluded.excluded, excluded.grade, excluded.coefficient) = (Some("left".to_owned()), None, None);
    excluded.carried.clear();
    stage.correct("NET", excluded).await;

    assert_eq!(stage.statements(2).await[1]["difference"], json!({ "performance_pay": "-2400.00" }));
}

#[actix_web::test]
async fn given_a_missing_profile_when_results_are_published_then_the_rest_go_on_and_the_person_follows() {
    let stage = Stage::set(EACH).await;
    stage.import("number,base_salary\nE002,9000\n").await.expect(200);

    stage.publish("NET", vec![result("E001", 1, "0.3"), result("E002", 1, "0.3")]).await;

    assert_eq!(stage.statements(1).await[0]["number"], "E002");
    let run = stage.waiting(1).await;
    assert_eq!(run.str("/missing/0/number"), "E001");
    assert_eq!(run.body["missing"][0]["missing"], json!(["base_salary"]));
    assert_eq!(run.body["missing"][0]["missing_labels"], json!([{ "zh": "基本工资", "en": "Base salary" }]));
    stage.import("number,base_salary\nE001,8000\n").await.expect(200);
    assert_eq!(stage.statements(2).await[1]["components"]["performance_pay"], "2400.00");
    stage.waiting(0).await;
}

#[actix_web::test]
async fn given_profiles_over_time_when_pay_is_reckoned_then_the_one_in_force_on_the_last_day_counts() {
    let stage = Stage::set(EACH).await;
    let finance = stage.finance();
    for (day, salary) in [("2026-09-01", 8000), ("2026-10-31", 9000), ("2026-11-01", 10000)] {
        let file = format!("number,base_salary\nE001,{salary}\n");
        finance.send("POST", &format!("/v1/imports?kind=pay&effective_on={day}"), &[], file.into()).await.expect(200);
    }

    stage.publish("NET", vec![result("E001", 1, "0.3")]).await;

    assert_eq!(stage.statements(1).await[0]["components"]["performance_pay"], "2700.00");
}

#[actix_web::test]
async fn given_a_statement_when_people_ask_for_it_then_only_its_person_and_those_who_run_pay_see_it() {
    let stage = Stage::set(EACH).await;
    stage.import("number,base_salary\nE001,8000\n").await.expect(200);
    stage.publish("NET", vec![result("E001", 1, "0.3")]).await;
    let id = stage.statements(1).await[0]["id"].as_str().unwrap().to_owned();
    let path = format!("/v1/statements/{id}");

    stage.employee("E001").get(&path).await.expect(200);
    stage.finance().get(&path).await.expect(200);
    stage.employee("E002").get(&path).await.expect(404);
    stage.employee("E002").get(&format!("{path}/explanation")).await.expect(404);
    stage.payroll().get(&path).await.expect(403);
    let own = stage.employee("E001").get("/v1/my/statements").await.expect(200);
    assert_eq!(own.str("/items/0/id"), id);
    let others = stage.employee("E002").get("/v1/my/statements").await.expect(200);
    assert_eq!(others.body["items"], json!([]));
    let listed = stage.finance().get(&format!("/v1/statements?cycle={}", stage.cycle)).await.expect(200);
    assert_eq!(listed.str("/items/0/id"), id);
    let auditor = stage.world.client("pay", Some("A001"), &[Role::Employee, Role::Auditor]);
    let entries = auditor.get("/v1/pay/audit-entries?limit=500").await.expect(200);
    let entries = entries.body["items"].as_array().cloned().unwrap();
    let read: Vec<_> = entries.iter().filter(|entry| entry["action"] == "statements.read").collect();
    assert_eq!(read.len(), 1, "one's own statement is read without a record");
    assert_eq!((&read[0]["actor"], &read[0]["subject"]), (&json!("F001"), &json!("E001")));
}

#[actix_web::test]
async fn given_a_statement_when_its_explanation_is_read_then_it_goes_down_to_its_inputs_in_both_languages() {
    let stage = Stage::set(EACH).await;
    stage.import("number,base_salary\nE001,8000\n").await.expect(200);
    stage.publish("NET", vec![result("E001", 1, "0.3")]).await;
    let id = stage.statements(1).await[0]["id"].as_str().unwrap().to_owned();
    let employee = stage.employee("E001");
    let path = format!("/v1/statements/{id}/explanation");

    let zh = employee.get(&path).await.expect(200);
    let en = employee.get(&format!("{path}?locale=en")).await.expect(200);

    for (answer, words) in
        [(&zh, ["绩效工资", "基本工资", "2400", "8000"]), (&en, ["Performance pay", "Base salary", "2400", "8000"])]
    {
        for word in words {
            assert!(answer.str("/text").contains(word), "{word}: {}", answer.text);
        }
    }
    employee.get(&format!("{path}?locale=fr")).await.expect(422);
}

#[actix_web::test]
async fn given_a_pool_when_one_profile_is_missing_then_the_unit_waits_and_then_shares_to_the_cent() {
    let stage = Stage::set(POOLED).await;
    stage.import("number,base_salary\nE001,1\nE002,1\n").await.expect(200);
    stage.publish("NET", vec![result("E001", 1, "1"), result("E002", 1, "1")]).await;
    stage.publish("NET", vec![result("E003", 1, "1")]).await;
    stage.publish("OPS", vec![result("E004", 1, "1")]).await;
    stage.waiting(4).await;
    stage.import("number,base_salary\nE004,1\n").await.expect(200);

    stage.complete(4).await;

    let first = stage.statements(1).await;
    assert_eq!((&first[0]["number"], &first[0]["components"]["performance_pay"]), (&json!("E004"), &json!("1000.00")));
    let run = stage.waiting(3).await;
    let missing: Vec<_> = run.body["missing"].as_array().unwrap().iter().map(|p| p["missing"].clone()).collect();
    assert_eq!(missing, [json!([]), json!([]), json!(["base_salary"])]);
    stage.import("number,base_salary\nE003,1\n").await.expect(200);
    let shares: Vec<_> =
        stage.statements(4).await[1..].iter().map(|s| s["components"]["performance_pay"].clone()).collect();
    assert_eq!(shares, [json!("333.34"), json!("333.33"), json!("333.33")]);
}

#[actix_web::test]
async fn given_a_pool_when_one_result_is_corrected_then_nobody_else_gets_a_statement() {
    let stage = Stage::set(POOLED).await;
    stage.import("number,base_salary\nE001,1\nE002,1\n").await.expect(200);
    stage.publish("NET", vec![result("E001", 1, "1"), result("E002", 1, "1")]).await;
    stage.complete(2).await;
    stage.statements(2).await;

    stage.correct("NET", result("E001", 2, "3")).await;

    let statements = stage.statements(3).await;
    assert_eq!(statements[2]["difference"], json!({ "performance_pay": "250.00" }));
    eventually("the correction is taken", async || (stage.pay_run().await.body["waiting"] == 0).then_some(())).await;
    assert_eq!(stage.statements(3).await.len(), 3);
}

#[actix_web::test]
async fn given_two_replicas_when_many_units_are_published_then_everybody_has_exactly_one_statement() {
    let stage = Stage::set(EACH).await;
    let replica = platform::service::start(&pay::service(), stage.world.config("pay")).await.unwrap();
    let rows: String = (0..200).map(|n| format!("E{n:03},1000\n")).collect();
    stage.import(&format!("number,base_salary\n{rows}")).await.expect(200);

    for unit in 0..20 {
        let results = (0..10).map(|n| result(&format!("E{:03}", unit * 10 + n), 1, "0.3")).collect();
        stage.publish(&format!("U{unit}"), results).await;
    }

    let statements = stage.statements(200).await;
    let mut numbers: Vec<_> = statements.iter().map(|s| s["number"].as_str().unwrap()).collect();
    numbers.sort_unstable();
    numbers.dedup();
    assert_eq!((statements.len(), numbers.len()), (200, 200));
    replica.stop().await;
}
