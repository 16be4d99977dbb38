//! Pay that is approved before payroll sees it.

use events::Event;
use platform::Role;
use serde_json::{Value, json};
use testkit::{Answer, Client, eventually};

use crate::stage::{EACH, POOLED, Stage, result};

fn approved_by(scheme: &str, by: &str) -> String {
    format!("{scheme}\n[pay]\nby = {by}\n")
}

impl Stage {
    async fn list_batches(&self) -> Vec<Value> {
        let found = self.finance().get(&format!("/v1/batches?cycle={}", self.cycle)).await.expect(200);
        found.body["items"].as_array().cloned().unwrap_or_default()
    }

    /// The cycle's batches once they are as is asked for, and not just changing: a list is read in several statements.
    async fn batches(&self, what: &str, is_so: impl Fn(&[Value]) -> bool) -> Vec<Value> {
        eventually(what, async || {
            let found = self.list_batches().await;
            (is_so(&found) && self.list_batches().await == found).then_some(found)
        })
        .await
    }

    /// The batch in which somebody is asked, at a place of the order.
    async fn asked(&self, place: i64) -> Value {
        let is_asked = |batches: &[Value]| batches.last().and_then(|batch| open_step(batch, place)).is_some();
        self.batches("somebody is asked", is_asked).await.pop().unwrap()
    }

    /// The cycle's last batch once its statements are issued.
    async fn issued(&self) -> Value {
        let is_issued = |batches: &[Value]| batches.last().is_some_and(|batch| batch["state"] == "issued");
        self.batches("the statements are issued", is_issued).await.pop().unwrap()
    }

    async fn told_tasks(&self) -> Vec<(String, i64, bool)> {
        let told = self.world.outbox("pay").await;
        let tasks = told.into_iter().filter_map(|event| match event {
            Event::PayTasksChanged(changed) => Some(changed.tasks),
            _ => None,
        });
        tasks.flatten().map(|task| (task.holder, task.count, task.done)).collect()
    }

    async fn feed(&self) -> Vec<Value> {
        self.statements(0).await
    }
}

fn open_step(batch: &Value, place: i64) -> Option<String> {
    let mut steps = batch["steps"].as_array()?.iter();
    let open = steps.rfind(|step| step["state"] == "open" && step["place"] == place)?;
    open["id"].as_str().map(str::to_owned)
}

async fn decide(who: &Client, batch: &Value, place: i64, verdict: &str, reason: Option<&str>) -> Answer {
    let step = open_step(batch, place).unwrap();
    let body = json!({ "verdict": verdict, "version": batch["version"], "reason": reason });
    who.post(&format!("/v1/pay/steps/{step}/decision"), body).await
}

async fn given_two_who_are_paid(by: &str) -> Stage {
    let stage = Stage::set(&approved_by(EACH, by)).await;
    stage.import("number,base_salary\nE001,3000\nE002,4000\n").await.expect(200);
    stage.publish("NET", vec![result("E001", 1, "1"), result("E002", 1, "0.5")]).await;
    stage.complete(2).await;
    stage
}

#[actix_web::test]
async fn given_a_scheme_in_which_finance_approves_pay_then_payroll_sees_it_only_after_that() {
    let stage = given_two_who_are_paid(r#"["role.finance"]"#).await;
    let batch = stage.asked(1).await;
    assert_eq!(
        (&batch["people"], &batch["totals"], &batch["differences"], &batch["before"]),
        (&json!(2), &json!({"CNY": {"performance_pay": "5000.00"}}), &batch["totals"], &Value::Null)
    );
    assert_eq!(stage.feed().await.len(), 0, "nothing is in the ledger yet");
    let run = stage.pay_run().await.expect(200).body;
    assert_eq!((&run["drafted"], &run["waiting"], &run["issued"]), (&json!(2), &json!(0), &json!(0)));
    let drafts = format!("/v1/batches/{}/drafts", batch["id"].as_str().unwrap());
    let drafts = stage.finance().get(&drafts).await.expect(200).body;
    assert_eq!((&drafts["items"][1]["number"], &drafts["items"][1]["unit"]), (&json!("E002"), &json!("NET")));
    assert_eq!(drafts["items"][1]["components"], json!({ "performance_pay": "2000.00" }));

    // Who is not asked learns nothing of it, and decides nothing.
    let step = open_step(&batch, 1).unwrap();
    let path = format!("/v1/pay/steps/{step}/decision");
    let body = json!({ "verdict": "approved", "version": batch["version"] });
    stage.employee("E001").post(&path, body.clone()).await.expect(404);
    stage.employee("E001").get(&format!("/v1/batches/{}", batch["id"].as_str().unwrap())).await.expect(404);
    stage.hr().post(&path, body.clone()).await.expect(403);
    let stale = json!({ "verdict": "approved", "version": 0 });
    stage.finance().post(&path, stale).await.expect(409);
    let without_reason = json!({ "verdict": "returned", "version": batch["version"] });
    assert_eq!(stage.finance().post(&path, without_reason).await.expect(422).str("/errors/0/pointer"), "/reason");

    let approved = stage.finance().post(&path, body.clone()).await.expect(200).body;
    assert_eq!((&approved["state"], &approved["people"]), (&json!("approved"), &json!(2)));
    let issued = stage.issued().await;
    assert_eq!(issued["totals"], batch["totals"], "what it held stays to be seen");
    let statements = stage.statements(2).await;
    let paid: Vec<&Value> = statements.iter().map(|one| &one["components"]["performance_pay"]).collect();
    assert_eq!(paid, [&json!("3000.00"), &json!("2000.00")]);
    stage.finance().post(&path, body.clone()).await.expect(409);
    assert_eq!(
        stage.told_tasks().await,
        [("role:finance".to_owned(), 2, false), ("role:finance".to_owned(), 2, true)],
        "finance was asked once, as a group"
    );
}

#[actix_web::test]
async fn given_results_that_have_not_all_come_then_nobody_is_asked_until_they_have() {
    let stage = Stage::set(&approved_by(EACH, r#"["role.finance"]"#)).await;
    stage.import("number,base_salary\nE001,3000\nE002,4000\nE003,5000\n").await.expect(200);
    stage.complete(3).await;
    stage.publish("NET", vec![result("E001", 1, "1"), result("E002", 1, "0.5")]).await;
    let first = stage.batches("two are reckoned", |all| all.first().is_some_and(|one| one["people"] == 2)).await;
    assert_eq!(first[0]["steps"], json!([]));
    stage.publish("OPS", vec![result("E003", 1, "1")]).await;
    let batch = stage.asked(1).await;
    assert_eq!((&batch["people"], &batch["no"]), (&json!(3), &json!(1)));
    assert_eq!(batch["steps"].as_array().unwrap().len(), 1, "it was asked once");
}

#[actix_web::test]
async fn given_hr_and_an_executive_when_a_profile_changes_between_them_then_hr_is_asked_again_and_nobody_approves_twice()
 {
    let stage = given_two_who_are_paid(r#"["role.hr", "role.executive"]"#).await;
    let batch = stage.asked(1).await;
    decide(&stage.hr(), &batch, 1, "approved", None).await.expect(200);
    let batch = stage.asked(2).await;
    stage.import("number,base_salary\nE001,3100\n").await.expect(200);
    let batch = {
        let is_changed = |all: &[Value]| open_step(&all[0], 1).is_some() && all[0]["version"] != batch["version"];
        stage.batches("HR is asked again", is_changed).await.pop().unwrap()
    };
    assert_eq!(batch["totals"], json!({"CNY": {"performance_pay": "5100.00"}}));
    decide(&stage.hr(), &batch, 1, "approved", None).await.expect(200);
    let batch = stage.asked(2).await;
    let both = stage.world.client("pay", Some("H001"), &[Role::Employee, Role::Hr, Role::Executive]);
    decide(&both, &batch, 2, "approved", None).await.expect(403);

    // Sent back, it is HR's again, with the reason; then it is paid.
    decide(&stage.executive(), &batch, 2, "returned", Some("E001 的基数不对")).await.expect(200);
    let batch = stage.asked(1).await;
    assert_eq!(batch["state"], "returned");
    stage.import("number,base_salary\nE001,3000\n").await.expect(200);
    let batch = stage
        .batches("it is reckoned anew", |all| all[0]["totals"]["CNY"]["performance_pay"] == "5000.00")
        .await
        .pop()
        .unwrap();
    decide(&stage.hr(), &batch, 1, "approved", None).await.expect(200);
    let batch = stage.asked(2).await;
    decide(&stage.executive(), &batch, 2, "approved", None).await.expect(200);
    stage.issued().await;
    assert_eq!(stage.statements(2).await.len(), 2);
}

#[actix_web::test]
async fn given_a_batch_that_was_sent_back_then_hr_hands_it_in_again() {
    let stage = given_two_who_are_paid(r#"["role.finance"]"#).await;
    let batch = stage.asked(1).await;
    decide(&stage.finance(), &batch, 1, "returned", Some("请核对基数")).await.expect(200);
    let batch = stage.asked(0).await;
    decide(&stage.hr(), &batch, 0, "returned", Some("不")).await.expect(422);
    decide(&stage.hr(), &batch, 0, "approved", Some("已核对")).await.expect(200);
    let batch = stage.asked(1).await;
    assert_eq!(batch["state"], "open");
    decide(&stage.finance(), &batch, 1, "approved", None).await.expect(200);
    assert_eq!(stage.statements(2).await.len(), 2);
}

#[actix_web::test]
async fn given_somebody_who_lacks_a_profile_and_a_correction_then_each_makes_a_batch_of_its_own() {
    let stage = Stage::set(&approved_by(EACH, r#"["role.finance"]"#)).await;
    stage.import("number,base_salary\nE001,3000\n").await.expect(200);
    stage.publish("NET", vec![result("E001", 1, "1"), result("E002", 1, "0.5")]).await;
    stage.complete(2).await;
    let batch = stage.asked(1).await;
    assert_eq!(batch["people"], 1);
    stage.waiting(1).await;
    decide(&stage.finance(), &batch, 1, "approved", None).await.expect(200);
    stage.import("number,base_salary\nE002,4000\n").await.expect(200);
    let second = stage.batches("the second is asked about", |all| all.len() == 2 && open_step(&all[1], 1).is_some());
    let second = second.await.pop().unwrap();
    assert_eq!((&second["no"], &second["people"]), (&json!(2), &json!(1)));
    assert_eq!((&second["before"]["id"], &second["before"]["people"]), (&batch["id"], &json!(1)));
    decide(&stage.finance(), &second, 1, "approved", None).await.expect(200);

    stage.correct("NET", result("E001", 2, "0.9")).await;
    let third = stage.batches("the third is asked about", |all| all.len() == 3 && open_step(&all[2], 1).is_some());
    let third = third.await.pop().unwrap();
    assert_eq!(third["totals"], json!({"CNY": {"performance_pay": "2700.00"}}));
    assert_eq!(third["differences"], json!({"CNY": {"performance_pay": "-300.00"}}));
    assert_eq!(stage.feed().await.len(), 2);
    decide(&stage.finance(), &third, 1, "approved", None).await.expect(200);
    assert_eq!(stage.statements(3).await[2]["difference"], json!({ "performance_pay": "-300.00" }));
}

#[actix_web::test]
async fn given_a_correction_while_a_batch_waits_then_what_counts_now_is_paid_once() {
    let stage = given_two_who_are_paid(r#"["role.finance"]"#).await;
    stage.asked(1).await;
    stage.correct("NET", result("E001", 2, "0.9")).await;
    let batch = stage
        .batches("the newer counts", |all| all[0]["totals"]["CNY"]["performance_pay"] == "4700.00")
        .await
        .pop()
        .unwrap();
    decide(&stage.finance(), &batch, 1, "approved", None).await.expect(200);
    let statements = stage.statements(2).await;
    assert_eq!(statements.len(), 2);
    let corrected = statements.iter().find(|one| one["number"] == "E001").unwrap();
    assert_eq!((&corrected["kind"], &corrected["result_version"]), (&json!("original"), &json!(2)));
}

#[actix_web::test]
async fn given_people_who_share_a_pool_when_one_profile_changes_before_it_is_approved_then_all_are_reckoned_anew() {
    let stage = Stage::set(&approved_by(POOLED, r#"["role.finance"]"#)).await;
    stage.import("number,base_salary\nE001,1\nE002,1\n").await.expect(200);
    stage.publish("NET", vec![result("E001", 1, "1"), result("E002", 1, "1")]).await;
    stage.complete(2).await;
    let batch = stage.asked(1).await;
    let before = drafts(&stage, &batch).await;
    stage.import("number,base_salary\nE001,3\n").await.expect(200);
    let is_new = |all: &[Value]| all[0]["version"] != batch["version"];
    let batch = stage.batches("they are reckoned anew", is_new).await.pop().unwrap();
    let after = drafts(&stage, &batch).await;
    assert!(before.iter().zip(&after).all(|(before, after)| before != after), "{before:?} {after:?}");
    decide(&stage.finance(), &batch, 1, "approved", None).await.expect(200);
    assert_eq!(stage.statements(2).await.len(), 2);
}

async fn drafts(stage: &Stage, batch: &Value) -> Vec<Value> {
    let path = format!("/v1/batches/{}/drafts", batch["id"].as_str().unwrap());
    let drafts = stage.finance().get(&path).await.expect(200).body;
    drafts["items"].as_array().unwrap().iter().map(|draft| draft["components"].clone()).collect()
}

#[actix_web::test]
async fn given_people_who_share_a_pool_when_somebody_late_lacks_a_profile_then_nobody_is_lost() {
    let stage = Stage::set(&approved_by(POOLED, r#"["role.finance"]"#)).await;
    stage.import("number,base_salary\nE001,1\nE002,1\n").await.expect(200);
    stage.publish("NET", vec![result("E001", 1, "1"), result("E002", 1, "1")]).await;
    stage.complete(2).await;
    stage.asked(1).await;
    let mut late = stage.news("NET", vec![result("E003", 1, "2")]);
    late.publication = 2;
    stage.world.publish(&Event::ResultsPublished(late)).await;
    let published = events::CyclePublished {
        cycle: stage.cycle,
        period: "2026-10".to_owned(),
        publication: 2,
        results: 1,
        late: 0,
        company_carried: None,
    };
    stage.world.publish(&Event::CyclePublished(published)).await;
    // All of the pool wait for the profile, and nobody is asked about what would be wrong.
    stage.waiting(3).await;
    let waiting = stage.batches("the batch is empty", |all| all[0]["people"] == 0).await;
    assert_eq!(open_step(&waiting[0], 1), None);
    stage.import("number,base_salary\nE003,1\n").await.expect(200);
    let batch = stage.asked(1).await;
    assert_eq!(batch["people"], 3);
    decide(&stage.finance(), &batch, 1, "approved", None).await.expect(200);
    let paid: Vec<Value> =
        stage.statements(3).await.iter().map(|one| one["components"]["performance_pay"].clone()).collect();
    assert_eq!(paid, [json!("250.00"), json!("250.00"), json!("500.00")]);
}

#[actix_web::test]
async fn given_a_profile_that_changes_nothing_that_is_paid_then_what_was_approved_stays() {
    let stage = given_two_who_are_paid(r#"["role.hr", "role.executive"]"#).await;
    let batch = stage.asked(1).await;
    decide(&stage.hr(), &batch, 1, "approved", None).await.expect(200);
    let batch = stage.asked(2).await;
    stage.import("number,base_salary,allowance\nE001,3000,50\n").await.expect(200);
    eventually("it was reckoned anew", async || {
        let run = stage.pay_run().await.expect(200).body;
        (run["waiting"] == 0 && run["drafted"] == 2).then_some(())
    })
    .await;
    let same = stage.asked(2).await;
    assert_eq!(same["version"], batch["version"]);
    decide(&stage.executive(), &same, 2, "approved", None).await.expect(200);
    assert_eq!(stage.statements(2).await.len(), 2);
}
