//! Pay inputs that are checked before they count.

use events::{Event, Within};
use platform::Role;
use serde_json::{Value, json};
use testkit::{Answer, Client, eventually};

use crate::stage::{EACH, Stage, result};

/// Beside the salary there is a bonus, which these people check.
fn with_bonus(checked_by: &str) -> String {
    let bonus = format!(
        "en = \"Base salary\" }} }},\n  {{ name = \"bonus\", label = {{ zh = \"奖金\", en = \"Bonus\" }}, default = 0, checked_by = {checked_by} }}]"
    );
    let scheme = EACH.replacen("en = \"Base salary\" } }]", &bonus, 1);
    scheme.replacen("* fact.share\"", "* fact.share + pay.bonus\"", 1)
}

impl Stage {
    async fn with_bonus(checked_by: &str) -> Self {
        let stage = Self::set(&with_bonus(checked_by)).await;
        stage.arrive(&[("E001", &[]), ("E002", &[]), ("F001", &["finance"]), ("H001", &["hr"])]).await;
        stage
    }

    async fn checks(&self) -> Vec<Value> {
        let found = self.finance().get("/v1/profile-checks").await.expect(200).body["items"].clone();
        found.as_array().cloned().unwrap_or_default()
    }

    async fn profile(&self, number: &str) -> Value {
        self.finance().get(&format!("/v1/pay-profiles/{number}")).await.expect(200).body
    }

    /// Whom each check waits for, and how many inputs.
    async fn waits(&self) -> Vec<(String, i64)> {
        let told = |check: &Value| {
            let open = check["steps"].as_array().unwrap().iter().rfind(|step| step["state"] == "open")?;
            Some((open["waiting"][0].as_str().unwrap().to_owned(), check["waiting"].as_i64().unwrap()))
        };
        self.checks().await.iter().filter_map(told).collect()
    }
}

fn path(check: &Value) -> String {
    format!("/v1/profile-checks/{}", check["id"].as_str().unwrap())
}

async fn decide(who: &Client, check: &Value, body: Value) -> Answer {
    who.post(&format!("{}/decision", path(check)), body).await
}

fn approved() -> Value {
    json!({ "verdict": "approved" })
}

#[actix_web::test]
async fn given_a_bonus_that_an_executive_checks_when_finance_imports_it_then_it_is_paid_once_it_is_approved() {
    let stage = Stage::with_bonus(r#"["role.executive"]"#).await;
    stage.arrive(&[("G001", &["executive"])]).await;

    let done = stage.import("number,base_salary,bonus\nE001,3000,500\nE002,4000,\n").await.expect(200).body;

    assert_eq!((&done["created"], &done["reported"]), (&json!(2), &json!(1)));
    let profile = stage.profile("E001").await;
    assert_eq!(profile["revisions"][0]["inputs"], json!({ "base_salary": "3000.00" }));
    assert_eq!((&profile["waiting"][0]["input"], &profile["waiting"][0]["value"]), (&json!("bonus"), &json!("500.00")));
    stage.publish("NET", vec![result("E001", 1, "1"), result("E002", 1, "0.5")]).await;
    let statements = stage.statements(1).await;
    assert_eq!((statements.len(), &statements[0]["number"]), (1, &json!("E002")), "E001 is not paid what may be wrong");
    let run = stage.pay_run().await.expect(200).body;
    assert!(run.to_string().contains("Bonus (from 2026-09-28 on) is still being checked"), "{run}");

    // Who reported it, and who is not asked, decide nothing; others learn nothing of it.
    let check = &stage.checks().await[0];
    assert_eq!((&check["reported_by"], &check["places"]), (&json!("F001"), &json!(1)));
    assert_eq!(check["sha256"].as_str().map(str::len), Some(64));
    decide(&stage.finance(), check, approved()).await.expect(403);
    decide(&stage.employee("E002"), check, approved()).await.expect(404);
    stage.employee("E002").get(&path(check)).await.expect(404);
    assert_eq!(stage.employee("E002").get("/v1/profile-checks").await.expect(200).body["items"], json!([]));
    let inputs = stage.executive().get(&format!("{}/inputs", path(check))).await.expect(200).body;
    assert_eq!(
        inputs["items"],
        json!([{ "number": "E001", "name": "员工E001", "input": "bonus", "before": null, "value": "500.00", "state": "reported" }])
    );

    let decided = decide(&stage.executive(), check, approved()).await.expect(200).body;

    assert_eq!(
        (&decided["waiting"], &decided["steps"][0]["decisions"][0]["by"]),
        (&json!(0), &json!("G001")),
        "who reported and who checked it stays to be seen"
    );
    decide(&stage.executive(), check, approved()).await.expect(409);
    let profile = stage.profile("E001").await;
    assert_eq!(profile["revisions"][0]["inputs"], json!({ "base_salary": "3000.00", "bonus": "500.00" }));
    assert_eq!(profile["waiting"], json!([]));
    let statements = stage.statements(2).await;
    assert_eq!(statements[1]["components"]["performance_pay"], "3500.00");
    let tasks = stage.world.outbox("pay").await.into_iter().filter_map(|event| match event {
        Event::PayTasksChanged(changed) => Some((changed.within, changed.tasks)),
        _ => None,
    });
    let told: Vec<(String, bool)> = tasks
        .map(|(within, tasks)| {
            assert!(matches!(within, Within::Scheme { scheme_en, .. } if scheme_en == "Test"));
            (tasks[0].holder.clone(), tasks[0].done)
        })
        .collect();
    assert_eq!(told, [("role:executive".to_owned(), false), ("role:executive".to_owned(), true)]);
}

#[actix_web::test]
async fn given_two_who_check_when_the_second_sends_one_back_then_both_values_stay_and_the_other_goes_on() {
    let stage = Stage::with_bonus(r#"["role.hr", "role.executive"]"#).await;
    stage.import("number,bonus\nE001,500\nE002,600\n").await.expect(200);
    let check = &stage.checks().await[0];
    decide(&stage.executive(), check, approved()).await.expect(404);
    decide(&stage.hr(), check, approved()).await.expect(200);
    let returned = |numbers: &[&str]| {
        let inputs: Vec<Value> = numbers.iter().map(|number| json!({ "number": number, "input": "bonus" })).collect();
        json!({ "verdict": "returned", "reason": "与奖金单不符", "inputs": inputs })
    };
    let unknown = decide(&stage.executive(), check, returned(&["E009"])).await.expect(422);
    assert_eq!(unknown.str("/errors/0/pointer"), "/inputs");
    let without_reason = json!({ "verdict": "returned" });
    assert_eq!(decide(&stage.executive(), check, without_reason).await.expect(422).str("/errors/0/pointer"), "/reason");

    decide(&stage.executive(), check, returned(&["E001"])).await.expect(200);

    assert_eq!(stage.waits().await, [("role:executive".to_owned(), 1)]);
    let notices = stage.world.outbox("pay").await.into_iter().filter_map(|event| match event {
        Event::PayNotices(notices) => Some(notices.notices),
        _ => None,
    });
    let notices: Vec<_> = notices.flatten().collect();
    assert_eq!((notices.len(), &*notices[0].to[0], notices[0].words["reason"].as_str()), (1, "F001", "与奖金单不符"));
    stage.import("number,bonus\nE001,550\n").await.expect(200);
    decide(&stage.executive(), check, approved()).await.expect(200);
    assert_eq!(stage.waits().await, [("role:hr".to_owned(), 1)], "the new value begins at the first");
    let inputs = stage.hr().get(&format!("{}/inputs", path(check))).await.expect(200).body;
    let states: Vec<&Value> = inputs["items"].as_array().unwrap().iter().map(|one| &one["state"]).collect();
    assert_eq!(states, [&json!("returned"), &json!("approved")]);
    let profile = stage.profile("E002").await;
    assert_eq!((&profile["version"], &profile["revisions"][0]["inputs"]), (&json!(1), &json!({ "bonus": "600.00" })));
}

#[actix_web::test]
async fn given_a_value_that_waits_when_another_is_reported_then_it_takes_its_place_and_nobody_is_asked_about_the_first()
{
    let stage = Stage::with_bonus(r#"["role.executive"]"#).await;
    stage.import("number,bonus\nE001,500\n").await.expect(200);
    stage.import("number,bonus\nE001,550\n").await.expect(200);
    assert_eq!(stage.waits().await, [("role:executive".to_owned(), 1)]);
    let checks = stage.checks().await;
    assert_eq!((&checks[0]["waiting"], &checks[0]["steps"][0]["state"]), (&json!(0), &json!("void")));
    decide(&stage.executive(), &checks[1], approved()).await.expect(200);

    // By hand: what is checked stays as it is, and comes to nothing where it is set back.
    let set = async |bonus: &str, version: i64| {
        let body = json!({ "inputs": { "base_salary": "3000", "bonus": bonus } });
        stage.finance().put("/v1/pay-profiles/E001", Some(&format!("\"{version}\"")), body).await
    };
    let profile = set("600", 1).await.expect(200).body;
    assert_eq!(profile["revisions"][0]["inputs"], json!({ "base_salary": "3000.00", "bonus": "550.00" }));
    assert_eq!(profile["waiting"][0]["value"], "600.00");
    // A request that leaves it as it is in force says nothing about what somebody else reported; a file that has it does.
    let profile = set("550", 2).await.expect(200).body;
    assert_eq!(profile["waiting"][0]["value"], "600.00");
    stage.import("number,bonus\nE001,550\n").await.expect(200);
    assert_eq!(stage.profile("E001").await["waiting"], json!([]));
    assert_eq!(stage.waits().await, []);
    let body = json!({ "inputs": { "bonus": "1" } });
    stage.finance().put("/v1/pay-profiles/E002", Some("\"0\""), body).await.expect(200);
    let nothing_yet = stage.profile("E002").await;
    assert_eq!((&nothing_yet["version"], &nothing_yet["revisions"]), (&json!(0), &json!([])));
}

#[actix_web::test]
async fn given_those_who_check_among_those_whom_a_file_is_about_then_nobody_checks_their_own() {
    let stage = Stage::with_bonus(r#"["role.executive"]"#).await;
    stage.arrive(&[("G001", &["executive"]), ("G002", &["executive"])]).await;
    let other = stage.world.client("pay", Some("G002"), &[Role::Employee, Role::Executive]);
    // What is told arrives in its order: once HR's own value goes to executives, everybody is known.
    eventually("executives are known", async || {
        stage.import("number,bonus\nE001,500\nG001,900\n").await.expect(200);
        (stage.waits().await.len() == 2).then_some(())
    })
    .await;
    let checks: Vec<Value> = stage.checks().await.into_iter().filter(|check| check["waiting"] == 1).collect();
    let inputs = async |check: &Value| stage.hr().get(&format!("{}/inputs", path(check))).await.expect(200).body;
    let about = async |number: &str| {
        for check in &checks {
            if inputs(check).await["items"][0]["number"] == number {
                return check.clone();
            }
        }
        panic!("nothing is about {number}")
    };
    decide(&stage.executive(), &about("G001").await, approved()).await.expect(403);
    decide(&other, &about("G001").await, approved()).await.expect(200);
    decide(&stage.executive(), &about("E001").await, approved()).await.expect(200);
    assert_eq!(stage.profile("G001").await["revisions"][0]["inputs"]["bonus"], "900.00");
}

#[actix_web::test]
async fn given_a_bonus_that_was_sent_back_then_nobody_is_paid_without_it_until_it_is_reported_anew() {
    let stage = Stage::with_bonus(r#"["role.executive"]"#).await;
    stage.import("number,base_salary,bonus\nE001,3000,500\nE002,4000,\n").await.expect(200);
    stage.publish("NET", vec![result("E001", 1, "1"), result("E002", 1, "0.5")]).await;
    stage.statements(1).await;
    let check = stage.checks().await[0].clone();
    decide(&stage.executive(), &check, json!({ "verdict": "returned", "reason": "无此奖金" })).await.expect(200);
    // E002 is reckoned anew meanwhile, so that E001 would have been, too.
    stage.correct("NET", result("E002", 2, "0.6")).await;
    assert!(stage.statements(2).await.iter().all(|one| one["number"] == "E002"));

    // It was nothing: as nothing is in force, that is checked as well.
    assert_eq!(stage.import("number,bonus\nE001,0\n").await.expect(200).body["reported"], 1);
    let check = stage.checks().await[1].clone();
    decide(&stage.executive(), &check, approved()).await.expect(200);

    let statements = stage.statements(3).await;
    assert_eq!(
        (&statements[2]["number"], &statements[2]["components"]["performance_pay"]),
        (&json!("E001"), &json!("3000.00"))
    );
}

#[actix_web::test]
async fn given_a_bonus_that_is_approved_after_something_else_changed_then_it_is_in_force_from_its_day_on() {
    let stage = Stage::with_bonus(r#"["role.executive"]"#).await;
    let import = async |day: &str, file: &str| {
        let path = format!("/v1/imports?kind=pay&effective_on={day}");
        stage.finance().send("POST", &path, &[("content-type", "text/csv")], file.into()).await.expect(200)
    };
    import("2026-10-01", "number,base_salary\nE001,3000\n").await;
    import("2026-10-05", "number,bonus\nE001,500\n").await;
    import("2026-10-20", "number,base_salary\nE001,3100\n").await;
    let check = stage.checks().await[0].clone();
    decide(&stage.executive(), &check, approved()).await.expect(200);
    stage.publish("NET", vec![result("E001", 1, "1")]).await;
    assert_eq!(stage.statements(1).await[0]["components"]["performance_pay"], "3600.00");
}

#[actix_web::test]
async fn given_a_value_in_force_that_is_sent_back_when_it_is_reported_anew_then_it_is_checked_once_more() {
    let stage = Stage::with_bonus(r#"["role.executive"]"#).await;
    stage.import("number,base_salary,bonus\nE001,3000,500\n").await.expect(200);
    decide(&stage.executive(), &stage.checks().await[0], approved()).await.expect(200);
    let back = json!({ "verdict": "returned", "reason": "一人有误" });
    for (at, bonus) in ["600", "500"].into_iter().enumerate() {
        stage.import(&format!("number,bonus\nE001,{bonus}\n")).await.expect(200);
        decide(&stage.executive(), &stage.checks().await[at + 1], back.clone()).await.expect(200);
    }

    assert_eq!(stage.import("number,bonus\nE001,500\n").await.expect(200).body["reported"], 1);

    decide(&stage.executive(), &stage.checks().await[3], approved()).await.expect(200);
    stage.publish("NET", vec![result("E001", 1, "1")]).await;
    assert_eq!(stage.statements(1).await[0]["components"]["performance_pay"], "3500.00");
}

#[actix_web::test]
async fn given_a_place_where_nobody_is_left_who_has_not_decided_then_the_check_is_through_without_it() {
    let stage = Stage::set(&with_bonus(r#"["role.hr", "role.executive"]"#)).await;
    stage.arrive(&[("E001", &[]), ("F001", &["finance"]), ("B001", &["hr", "executive"])]).await;
    stage.import("number,base_salary\nE001,3000\n").await.expect(200);
    stage.publish("NET", vec![result("E001", 1, "1")]).await;
    stage.statements(1).await;
    stage.import("number,bonus\nE001,500\n").await.expect(200);
    let both = stage.world.client("pay", Some("B001"), &[Role::Employee, Role::Hr, Role::Executive]);

    decide(&both, &stage.checks().await[0], approved()).await.expect(200);

    assert!(stage.waits().await.is_empty());
    assert_eq!(stage.profile("E001").await["revisions"][0]["inputs"]["bonus"], "500.00");
}
