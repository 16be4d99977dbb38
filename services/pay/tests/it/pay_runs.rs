//! The pay run before anybody is paid, of cancelled cycles, and what schemes warn of.

use events::Standing;
use serde_json::{Value, json};
use testkit::{Answer, eventually};

use crate::stage::{EACH, POOLED, Stage, result, with_advance};

/// The findings once there are so many.
async fn findings(stage: &Stage, count: usize) -> Vec<Value> {
    let run: Answer = eventually("the findings are there", async || {
        let run = stage.pay_run().await;
        (run.status == 200 && run.body["findings_total"] == count).then_some(run)
    })
    .await;
    run.body["findings"].as_array().cloned().unwrap()
}

fn told(finding: &Value) -> String {
    let text = |name: &str| finding[name].as_str().unwrap().to_owned();
    format!("{} {} {}: {}", text("number"), text("kind"), text("pointer"), text("detail"))
}

#[actix_web::test]
async fn given_people_of_a_cycle_when_nothing_is_published_yet_then_the_pay_run_says_what_is_to_be_mended() {
    let stage = Stage::set(&with_advance()).await;
    stage.import("number,base_salary,bonus\nE002,8000,5\n").await.expect(200);
    let person = Stage::subject;
    stage.tell_people(vec![person("E001", Standing::In, 1), person("E002", Standing::In, 1)]).await;
    stage.tell_people(vec![person("E003", Standing::Excluded, 1), person("E004", Standing::Out, 1)]).await;

    let found = findings(&stage, 4).await;

    let expected = [
        "E001 missing /pay/base_salary: Base salary is missing",
        "E001 missing /facts/advance: Advance is missing",
        "E002 missing /facts/advance: Advance is missing",
        "E002 unused /pay/bonus: the scheme makes no use of it for this person",
    ];
    assert_eq!(found.iter().map(told).collect::<Vec<_>>(), expected);
    assert_eq!((&found[0]["name"], &found[0]["unit"]), (&json!("员工E001"), &json!("NET")));
    stage.tell_people(vec![person("E002", Standing::Out, 3)]).await;
    stage.tell_people(vec![person("E002", Standing::In, 2)]).await;
    findings(&stage, 2).await;
    stage.import("number,base_salary\nE001,9000\n").await.expect(200);
    findings(&stage, 1).await;
}

#[actix_web::test]
async fn given_a_profile_that_the_scheme_does_not_take_when_the_pay_run_is_read_then_it_is_wrong() {
    let stage = Stage::set(EACH).await;
    // Another scheme lets it be; here it was there before the cycle's scheme was known.
    let bounded = EACH.replacen("en = \"Base salary\" }", "en = \"Base salary\" }, max = 9000", 1);
    stage.import("number,base_salary\nE001,9001\n").await.expect(200);
    let stage = Stage { cycle: uuid::Uuid::now_v7(), ..stage };
    stage.open(&bounded).await;
    stage.tell_people(vec![Stage::subject("E001", Standing::In, 1)]).await;

    let found = findings(&stage, 1).await;

    assert_eq!(told(&found[0]), "E001 wrong /pay/base_salary: 9001 is more than 9000");
}

#[actix_web::test]
async fn given_a_cycle_when_it_is_cancelled_then_nothing_of_it_is_paid_and_its_pay_run_says_so() {
    let stage = Stage::set(EACH).await;
    stage.publish("NET", vec![result("E001", 1, "0.3")]).await;
    stage.waiting(1).await;

    stage.cancel("opened by mistake").await;

    eventually("it is cancelled", async || {
        (stage.pay_run().await.body["cancelled"] == "opened by mistake").then_some(())
    })
    .await;
    stage.waiting(0).await;
    stage.import("number,base_salary\nE001,8000\n").await.expect(200);
    stage.publish("NET", vec![result("E001", 1, "0.3")]).await;
    let cancelled = stage.cycle;
    let stage = Stage { cycle: uuid::Uuid::now_v7(), ..stage };
    stage.open(EACH).await;
    stage.publish("NET", vec![result("E001", 1, "0.3")]).await;
    let statements = stage.statements(1).await;
    assert_eq!((statements.len(), &statements[0]["cycle"]), (1, &json!(stage.cycle)));
    assert_ne!(cancelled, stage.cycle);
}

#[actix_web::test]
async fn given_a_cancellation_before_its_cycle_when_that_arrives_then_it_is_cancelled() {
    let mut stage = Stage::set(EACH).await;
    stage.cycle = uuid::Uuid::now_v7();

    stage.cancel("opened by mistake").await;
    stage.open(EACH).await;

    eventually("it is cancelled", async || {
        (stage.pay_run().await.body["cancelled"] == "opened by mistake").then_some(())
    })
    .await;
}

#[actix_web::test]
async fn given_a_pool_that_nobody_is_paid_of_when_pay_is_reckoned_then_the_pay_run_warns_until_a_correction() {
    let stage = Stage::set(POOLED).await;
    stage.import("number,base_salary\nE001,0\n").await.expect(200);
    stage.publish("NET", vec![result("E001", 1, "0.3")]).await;
    stage.complete(1).await;
    let run = eventually("it is reckoned", async || {
        let run = stage.pay_run().await;
        (run.body["issued"] == 1).then_some(run)
    })
    .await;
    assert_eq!(run.body["warnings"].as_array().map(Vec::len), Some(1), "{}", run.text);

    stage.import("number,base_salary\nE001,1\n").await.expect(200);
    stage.correct("NET", result("E001", 2, "0.3")).await;

    stage.statements(2).await;
    assert_eq!(stage.pay_run().await.expect(200).body["warnings"], json!([]));
}
