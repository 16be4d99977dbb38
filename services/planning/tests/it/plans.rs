use serde_json::json;
use testkit::eventually;

use crate::company::{Company, PLANNED, goals};
use crate::tasks::told;

#[actix_web::test]
async fn given_a_plan_when_it_is_returned_and_submitted_again_then_it_can_be_approved() {
    let company = Company::with_cycle(PLANNED).await;
    let head = company.head("H1");
    let path = company.submit("E1", goals()).await;

    company.send_back(&head, &path, "").await.expect(422);
    company.send_back(&head, &path, "too vague").await.expect(200);
    let returned = company.plan("E1").await;
    assert_eq!((returned.str("/state"), returned.str("/reason")), ("returned", "too vague"));
    assert_eq!(returned.body["actions"], json!(["put_plan", "submit_plan"]));
    company.approve(&head, &path).await.expect(409);
    company.submit("E1", goals()).await;
    company.approve(&head, &path).await.expect(200);

    let approved = company.plan("E1").await;
    assert_eq!((approved.str("/state"), approved.str("/decided_by")), ("approved", "H1"));
    let said: Vec<&str> = (0..2).map(|at| approved.str(&format!("/steps/{at}/decisions/0/verdict"))).collect();
    assert_eq!(said, ["returned", "approved"], "what was sent back stays readable");
}

#[actix_web::test]
async fn given_a_plan_when_it_is_written_without_or_with_a_stale_version_then_it_is_refused() {
    let company = Company::with_cycle(PLANNED).await;
    let plan = company.plan("E1").await;
    let path = format!("/v1/plans/{}", plan.str("/id"));
    let me = company.employee("E1");
    let body = json!({ "goals": goals() });

    me.put(&path, None, body.clone()).await.expect(428);
    me.put(&path, plan.etag.as_deref(), body.clone()).await.expect(200);
    me.put(&path, plan.etag.as_deref(), body).await.expect(412);
    let stale = [("if-match", "\"1\"")];
    me.json("POST", &format!("{path}/submit"), &stale, json!({})).await.expect(412);
}

#[actix_web::test]
async fn given_bad_goals_when_a_plan_is_written_then_each_fault_is_named_and_nothing_changes() {
    let company = Company::with_cycle(PLANNED).await;
    let plan = company.plan("E1").await;
    let path = format!("/v1/plans/{}", plan.str("/id"));
    let target = uuid::Uuid::now_v7();
    let body =
        json!({ "goals": [{ "title": "", "weight": "60" }, { "title": "B", "weight": "39", "target": target }] });

    let refused = company.employee("E1").put(&path, plan.etag.as_deref(), body).await.expect(422);

    let pointers: Vec<_> =
        refused.body["errors"].as_array().unwrap().iter().map(|e| e["pointer"].as_str().unwrap()).collect();
    assert_eq!(pointers, ["/goals/0/title", "/goals", "/goals/1/target"]);
    assert_eq!(company.plan("E1").await.body, plan.body);
}

#[actix_web::test]
async fn given_a_plan_when_others_touch_it_then_only_the_line_may() {
    let company = Company::with_cycle(PLANNED).await;
    let path = company.submit("E1", goals()).await;

    company.employee("E2").get(&path).await.expect(404);
    company.approve(&company.head("H2"), &path).await.expect(404);
    company.approve(&company.deputy, &path).await.expect(403);
    company.approve(&company.head("E1"), &path).await.expect(403);
    company.head("H1").post(&format!("{path}/submit"), json!({})).await.expect(403);
    company.approve(&company.employee("E1"), &path).await.expect(403);
    let own = company.submit("H1", goals()).await;
    company.approve(&company.head("H1"), &own).await.expect(403);
    company.approve(&company.deputy, &own).await.expect(200);
}

#[actix_web::test]
async fn given_an_approved_plan_when_it_is_changed_then_a_new_version_stands_beside_the_old() {
    let company = Company::with_cycle(PLANNED).await;
    let path = company.submit("E1", goals()).await;
    let me = company.employee("E1");
    let change = json!({ "goals": [{ "title": "Only this", "weight": "100" }], "reason": "the project was stopped" });
    me.post(&format!("{path}/versions"), change.clone()).await.expect(409);
    company.approve(&company.head("H1"), &path).await.expect(200);

    let amended = me.post(&format!("{path}/versions"), change).await.expect(201);

    assert_eq!((amended.str("/state"), &amended.body["edition"]), ("draft", &json!(2)));
    let editions = me.get(&format!("{path}/versions")).await.expect(200);
    assert_eq!((editions.str("/items/0/state"), editions.str("/items/0/approved_by")), ("superseded", "H1"));
    assert_eq!(editions.str("/items/0/goals/0/title"), "Uptime");
    assert_eq!(editions.str("/items/1/goals/0/title"), "Only this");
}

#[actix_web::test]
async fn given_plans_entered_by_hr_when_one_is_wrong_then_none_is_taken() {
    let company = Company::with_cycle(PLANNED).await;
    let path = company.path("/plans");
    let plans = json!({ "plans": [
        { "number": "E1", "goals": goals() },
        { "number": "G1", "goals": goals() },
        { "number": "E1", "goals": goals() },
        { "number": "E2", "goals": [{ "title": "A", "weight": "99" }] },
    ] });

    let refused = company.hr.put(&path, None, plans).await.expect(422);

    let pointers: Vec<_> =
        refused.body["errors"].as_array().unwrap().iter().map(|e| e["pointer"].as_str().unwrap()).collect();
    assert_eq!(pointers, ["/plans/1/number", "/plans/2/number", "/plans/3/goals"]);
    assert_eq!(company.plan("E1").await.str("/state"), "draft");
    let one = json!({ "plans": [{ "number": "E1", "goals": goals() }] });
    assert_eq!(company.hr.put(&path, None, one).await.expect(200).body, json!({ "plans": 1 }));
    let entered = company.plan("E1").await;
    assert_eq!((entered.str("/state"), entered.str("/submitted_by")), ("submitted", "P1"));
}

#[actix_web::test]
async fn given_a_unit_when_a_plan_is_missing_then_its_head_cannot_submit_and_reads_whose() {
    let company = Company::with_cycle(PLANNED).await;
    let submit = format!("{}/submit", company.unit_plan("NET").await);
    company.submit("E1", goals()).await;
    company.submit("H1", goals()).await;
    let approved = company.head("H1").post(&company.path("/units/NET/plans/approve"), json!({})).await.expect(200);
    assert_eq!(approved.body, json!({ "plans": 1 }), "never the own one");

    let refused = company.head("H1").post(&submit, json!({})).await.expect(409);

    let missing: Vec<_> = refused.body["missing"]
        .as_array()
        .unwrap()
        .iter()
        .map(|m| (m["number"].as_str().unwrap(), m["plan"].as_str().unwrap()))
        .collect();
    assert_eq!(missing, [("E2", "draft"), ("H1", "submitted")]);
    company.head("H2").post(&submit, json!({})).await.expect(404);
    company.head("E1").post(&submit, json!({})).await.expect(404);
}

#[actix_web::test]
async fn given_a_submitted_unit_plan_when_it_is_decided_then_only_by_the_leader() {
    let company = Company::with_cycle(PLANNED).await;
    company.approve_everything().await;
    let plan = company.unit_plan("NET").await;
    company.approve(&company.deputy, &plan).await.expect(409);
    company.send_back(&company.deputy, &plan, "late").await.expect(409);
    let units = company.hr.get(&company.path("/units")).await.expect(200);
    assert_eq!(units.str("/items/0/plan_state"), "approved");
    let plan = company.hr.get(&plan).await.expect(200);
    assert_eq!((plan.str("/decided_by"), plan.str("/steps/0/decisions/0/by")), ("G1", "G1"));
    assert_eq!((plan.str("/steps/0/actors/0"), plan.str("/steps/0/also/0")), ("person:G1", "role:executive"));
}

#[actix_web::test]
async fn given_plans_when_they_are_listed_then_everybody_sees_their_own_line() {
    let company = Company::with_cycle(PLANNED).await;
    let seen = async |client: &testkit::Client, query: &str| {
        client.get(&format!("/v1/plans?kind=person{query}")).await.expect(200).body["items"].as_array().unwrap().len()
    };
    assert_eq!(seen(&company.employee("E1"), "").await, 1);
    assert_eq!(seen(&company.head("H1"), "").await, 3);
    assert_eq!(seen(&company.deputy, "").await, 5);
    assert_eq!(seen(&company.hr, "&unit=OPS&state=draft").await, 2);
    let first = company.hr.get("/v1/plans?kind=person&limit=3").await.expect(200);
    assert_eq!(seen(&company.hr, &format!("&limit=3&after={}", first.str("/next"))).await, 2);
    company.hr.get("/v1/plans?state=nonsense").await.expect(422);
}

#[actix_web::test]
async fn given_plans_of_units_when_they_are_written_then_the_head_writes_and_the_leader_decides() {
    let scheme = PLANNED.replace("role = \"employee\"\ndoes = \"plan\"", "role = \"unit_head\"\ndoes = \"plan\"");
    let company = Company::with_cycle(&scheme).await;
    let plans = company.hr.get("/v1/plans?kind=unit").await.expect(200);
    assert_eq!((plans.str("/items/0/subject"), plans.str("/items/1/subject")), ("unit:NET", "unit:OPS"));
    assert_eq!(plans.str("/items/0/unit_name"), "NET department");
    assert_eq!(company.hr.get("/v1/plans?kind=person").await.expect(200).body["items"], json!([]));
    let path = format!("/v1/plans/{}", plans.str("/items/0/id"));
    let head = company.head("H1");
    let plan = head.get(&path).await.expect(200);
    assert_eq!(plan.body["actions"], json!(["put_plan", "submit_plan"]));
    head.put(&path, plan.etag.as_deref(), json!({ "goals": goals() })).await.expect(200);
    head.post(&format!("{path}/submit"), json!({})).await.expect(200);
    company.approve(&head, &path).await.expect(403);
    let submitted = company.deputy.get(&path).await.expect(200);
    assert_eq!((submitted.body["actions"].clone(), submitted.str("/steps/0/actions/0")), (json!([]), "decide_plan"));
    company.approve(&company.deputy, &path).await.expect(200);
    eventually("one of two plans is done", async || {
        let done: Vec<bool> =
            told(&company).await.values().filter(|task| task.operation == "put_plan").map(|task| task.done).collect();
        (done.len() == 2 && done.iter().filter(|done| **done).count() == 1).then_some(())
    })
    .await;
}

#[actix_web::test]
async fn given_days_that_bind_when_a_plan_is_handed_in_outside_them_then_it_is_refused_until_they_are_moved() {
    let bound = PLANNED.replacen("does = \"plan\"", "does = \"plan\"\ngate = true", 1);
    let company = Company::with_cycle(&bound).await;
    let stages = company.hr.get(&company.path("")).await.expect(200);
    let stages = stages.body["stages"].as_array().unwrap().clone();
    let stage = stages.iter().find(|stage| stage["activity"] == "draft_plan").unwrap().clone();
    let (code, due) = (stage["code"].as_str().unwrap(), stage["due"].as_str().unwrap());
    let plan = company.plan("E1").await;
    let path = format!("/v1/plans/{}", plan.str("/id"));
    let me = company.employee("E1");
    me.put(&path, plan.etag.as_deref(), json!({ "goals": goals() })).await.expect(200);
    company.world.clock.move_to("2026-12-01T02:00:00Z".parse().unwrap());
    let me = company.employee("E1");
    let late = me.post(&format!("{path}/submit"), json!({})).await.expect(409);
    assert!(late.text.contains(&format!("{due} was the last day")), "{}", late.text);
    let moved = json!({ "due": "2026-12-02", "reason": "the network was down" });
    let hr = company.world.client("planning", Some("P1"), &[platform::Role::Employee, platform::Role::Hr]);
    hr.put(&company.path(&format!("/stages/{code}")), None, moved).await.expect(200);
    me.post(&format!("{path}/submit"), json!({})).await.expect(200);
}
