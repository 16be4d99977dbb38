//! What was computed is published once those whom the scheme names have approved it.

use events::Event;
use platform::Role::*;
use serde_json::{Value, json};
use testkit::Client;

use crate::world::{Company, all_of, pointers, scheme};

/// Heads sign the lists of their units; then HR and the council approve everything.
fn signed_and_approved() -> String {
    let stages = r#"

[[stages]]
code = "sign"
label = { zh = "部门确认", en = "signed by the heads" }
does = "review"
on = "units"
by = ["head"]
back_to = "score"

[[stages]]
code = "approve"
label = { zh = "审批", en = "approval" }
does = "approve"
by = ["role.hr", "body.council"]
back_to = "sign"
"#;
    format!("{}{stages}", scheme())
}

/// Scored and computed, in a company with a council of three.
async fn computed(source: &str) -> Company {
    let company = Company::scoring_by(source).await;
    company.found_body("council", &["X001", "H002", "M002"]).await;
    company.score_everybody(company.cycle).await;
    company.close(company.cycle).await;
    company
}

/// The steps that wait, as stage, unit and who is waited for.
async fn waiting(company: &Company) -> Vec<String> {
    let open = company.hr().get(&company.at("approvals?open=true")).await.expect(200);
    let told = |step: &Value| {
        let waiting: Vec<&str> = step["waiting"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        format!("{} {} {}", step["stage"].as_str().unwrap(), step["unit"].as_str().unwrap_or("-"), waiting.join("+"))
    };
    open.body["items"].as_array().unwrap().iter().map(told).collect()
}

/// The path of the step that waits for somebody.
pub async fn step_for(company: &Company, actor: &str) -> String {
    let open = company.hr().get(&company.at("approvals?open=true")).await.expect(200);
    let items = open.body["items"].as_array().unwrap().iter();
    let step = items.into_iter().find(|step| step["waiting"].as_array().unwrap().contains(&json!(actor)));
    let step = step.expect("something waits for them");
    format!("/v1/scoring/steps/{}", step["id"].as_str().unwrap())
}

async fn approve(company: &Company, client: &Client, actor: &str) {
    let path = format!("{}/decision", step_for(company, actor).await);
    client.post(&path, json!({ "verdict": "approved" })).await.expect(200);
}

pub fn in_session(verdict: &Value, present: &[&str]) -> Value {
    let mut decision = verdict.clone();
    let votes = json!({ "for": present.len(), "against": 0 });
    decision["session"] =
        json!({ "held_on": "2026-09-28", "present": present, "votes": votes, "minutes": "all agreed" });
    decision
}

fn council(company: &Company) -> Client {
    company.client("H002", &[Employee, Hr, CommitteeMember])
}

#[actix_web::test]
async fn given_heads_hr_and_a_council_when_all_have_approved_in_their_order_then_it_may_be_published() {
    let company = computed(&signed_and_approved()).await;
    assert_eq!(waiting(&company).await, ["sign NET person:M001", "sign OPS person:M002"]);
    let refused = company.executive().post(&company.at("publish"), json!({})).await.expect(409);
    assert_eq!(pointers(&refused), ["/stages/sign", "/stages/approve"]);
    let net = format!("{}/decision", step_for(&company, "person:M001").await);
    let approved = json!({ "verdict": "approved" });
    company.head("M002").post(&net, approved.clone()).await.expect(403);
    company.hr().post(&net, approved.clone()).await.expect(403);
    let seen = company.head("M001").get(&company.at("approvals")).await.expect(200);
    assert_eq!(all_of(&seen.body["items"], "unit"), ["NET"], "others' are not shown");
    assert_eq!(seen.body["items"][0]["actions"], json!(["decide_approval"]));

    let own = company.head("M001").get(&company.at("results?kind=person")).await.expect(200);
    assert_eq!(all_of(&own.body["items"], "number"), ["E001", "E002"], "of the unit, and not one's own");
    let result = company.result_path("E001");
    company.head("M001").get(&result).await.expect(200);
    company.head("M002").get(&result).await.expect(404);

    approve(&company, &company.head("M001"), "person:M001").await;
    company.head("M001").get(&result).await.expect(404);
    company.head("M001").post(&net, approved.clone()).await.expect(409);
    assert_eq!(waiting(&company).await, ["sign OPS person:M002"]);
    approve(&company, &company.head("M002"), "person:M002").await;
    assert_eq!(waiting(&company).await, ["approve - role:hr"]);
    approve(&company, &company.hr(), "role:hr").await;
    let council_step = format!("{}/decision", step_for(&company, "body:council").await);
    let without = council(&company).post(&council_step, approved.clone()).await.expect(422);
    assert_eq!(pointers(&without), ["/session"]);
    let alone = council(&company).post(&council_step, in_session(&approved, &["H002"])).await.expect(422);
    assert_eq!(pointers(&alone), ["/session/present"]);
    company.hr().post(&council_step, in_session(&approved, &["H002", "X001"])).await.expect(403);
    let held = council(&company).post(&council_step, in_session(&approved, &["H002", "X001"])).await.expect(200);
    assert_eq!((held.str("/state"), held.str("/decisions/0/session/minutes")), ("done", "all agreed"));

    company.publish(company.cycle).await;
    assert!(waiting(&company).await.is_empty());
    // Closing again for nobody leaves what was approved as it is.
    company.begin_closing(company.cycle).await;
    company.until(company.cycle, "published").await;
    let all = company.hr().get(&company.at("approvals")).await.expect(200);
    assert!(all_of(&all.body["items"], "state").iter().all(|state| *state == "done"), "{}", all.body);
}

#[actix_web::test]
async fn given_a_sheet_that_a_head_sends_back_when_it_is_mended_then_everything_is_computed_and_approved_anew() {
    let company = computed(&signed_and_approved()).await;
    approve(&company, &company.head("M002"), "person:M002").await;
    let path = format!("{}/decision", step_for(&company, "person:M001").await);
    let back =
        |reason: Value, subjects: Value| json!({ "verdict": "returned", "reason": reason, "subjects": subjects });
    let head = company.head("M001");
    let bare = head.post(&path, back(Value::Null, json!([]))).await.expect(422);
    assert_eq!(pointers(&bare), ["/reason", "/subjects"]);
    let others = head.post(&path, back(json!("why"), json!(["person:E003"]))).await.expect(422);
    assert_eq!(pointers(&others), ["/subjects/0"]);

    let sent = head.post(&path, back(json!("no example for faults"), json!(["person:E001"]))).await.expect(200);

    assert_eq!((sent.str("/state"), sent.str("/decisions/0/verdict")), ("returned", "returned"));
    let cycle = company.hr().get(&company.at("scoring")).await.expect(200);
    assert_eq!(cycle.str("/state"), "open");
    let sheet = head.get(&company.sheet_path("E001")).await.expect(200);
    let states = all_of(&sheet.body["assignments"], "state");
    assert!(states.iter().all(|state| *state == "open"), "{states:?}");
    assert!(waiting(&company).await.is_empty(), "nothing is left to approve");
    company.executive().post(&company.at("publish"), json!({})).await.expect(409);
    company.rate(company.cycle, &["E001"]).await;
    company.close(company.cycle).await;
    assert_eq!(waiting(&company).await, ["sign NET person:M001", "sign OPS person:M002"]);
    let all = company.hr().get(&company.at("approvals")).await.expect(200);
    assert_eq!(all_of(&all.body["items"], "state"), ["returned", "void", "open", "open"], "and nothing is lost");
}

#[actix_web::test]
async fn given_a_unit_that_the_council_sends_back_when_its_head_signs_again_then_the_others_signature_stands() {
    let company = computed(&signed_and_approved()).await;
    approve(&company, &company.head("M001"), "person:M001").await;
    approve(&company, &company.head("M002"), "person:M002").await;
    approve(&company, &company.hr(), "role:hr").await;
    let path = format!("{}/decision", step_for(&company, "body:council").await);
    let back = json!({ "verdict": "returned", "reason": "the list of OPS is not signed", "subjects": ["unit:OPS"] });
    council(&company).post(&path, in_session(&back, &["H002", "M002"])).await.expect(200);

    assert_eq!(waiting(&company).await, ["sign OPS person:M002"]);
    let cycle = company.hr().get(&company.at("scoring")).await.expect(200);
    assert_eq!(cycle.str("/state"), "computed", "nothing has to be computed anew");
    approve(&company, &company.head("M002"), "person:M002").await;
    assert_eq!(waiting(&company).await, ["approve - role:hr"]);
}

#[actix_web::test]
async fn given_an_executive_who_scored_when_nobody_else_approves_then_it_is_not_approved_until_hr_names_somebody() {
    let stage = "\n[[stages]]\ncode = \"approve\"\nlabel = { zh = \"审批\", en = \"approval\" }\ndoes = \"approve\"\nby = [\"role.executive\"]\n";
    let company = computed(&format!("{}{stage}", scheme())).await;
    let step = step_for(&company, "role:executive").await;
    let approved = json!({ "verdict": "approved" });
    let alone = company.executive().post(&format!("{step}/decision"), approved.clone()).await.expect(403);
    assert!(alone.str("/detail").contains("person:E001"), "{}", alone.body);

    let name = |number: &str| json!({ "person": number, "reason": "the general manager scored" });
    company.executive().put(&format!("{step}/approver"), None, name("H002")).await.expect(403);
    company.hr().put(&format!("{step}/approver"), None, name("nobody")).await.expect(422);
    let named = company.hr().put(&format!("{step}/approver"), None, name("H002")).await.expect(200);
    assert_eq!(named.body["waiting"], json!(["person:H002"]));
    company.executive().post(&format!("{step}/decision"), approved.clone()).await.expect(403);
    company.client("H002", &[Employee, Hr]).post(&format!("{step}/decision"), approved).await.expect(200);
    company.publish(company.cycle).await;
}

#[actix_web::test]
async fn given_an_approval_when_a_value_changes_then_it_counts_no_more() {
    let company = computed(&signed_and_approved()).await;
    approve(&company, &company.head("M001"), "person:M001").await;
    company.give(vec![crate::world::value("E003", "reports", "1")]).await.expect(200);

    assert!(waiting(&company).await.is_empty());
    let all = company.hr().get(&company.at("approvals")).await.expect(200);
    assert_eq!(all_of(&all.body["items"], "state"), ["void", "void"]);
    company.close(company.cycle).await;
    assert_eq!(waiting(&company).await, ["sign NET person:M001", "sign OPS person:M002"]);
}

#[actix_web::test]
async fn given_steps_that_wait_then_those_who_decide_have_a_task_until_they_have() {
    let company = computed(&signed_and_approved()).await;
    approve(&company, &company.head("M001"), "person:M001").await;

    let told = company.world.outbox("scoring").await.into_iter();
    let tasks = told
        .filter_map(|event| if let Event::ScoringTasksChanged(changed) = event { Some(changed.tasks) } else { None });
    let mut tasks: Vec<_> = tasks.flatten().filter(|task| task.operation == "decide_approval").collect();
    tasks.sort_by_key(|task| (task.holder.clone(), task.version));
    let told: Vec<(&str, &str, bool)> =
        tasks.iter().map(|task| (task.holder.as_str(), task.label_en.as_str(), task.done)).collect();
    let sign = "signed by the heads";
    assert_eq!(told, [("person:M001", sign, false), ("person:M001", sign, true), ("person:M002", sign, false)]);
}

#[actix_web::test]
async fn given_a_head_who_is_away_when_they_have_delegated_it_then_another_decides_and_both_are_named() {
    let company = computed(&signed_and_approved()).await;
    let path = format!("{}/decision", step_for(&company, "person:M001").await);
    let approved = json!({ "verdict": "approved" });
    let other = company.client("H002", &[Employee, Hr]);
    other.post(&path, approved.clone()).await.expect(403);
    company.delegate("M001", "H002", "rating").await;
    other.post(&path, approved.clone()).await.expect(403);
    company.delegate("M001", "H002", "deciding").await;

    let decided = other.post(&path, approved).await.expect(200);

    assert_eq!((decided.str("/decisions/0/actor"), decided.str("/decisions/0/by")), ("person:M001", "H002"));
}

#[actix_web::test]
async fn given_a_head_who_scored_when_they_have_delegated_it_then_the_delegate_does_not_approve_alone_either() {
    let stage = "\n[[stages]]\ncode = \"sign\"\nlabel = { zh = \"确认\", en = \"signed\" }\ndoes = \"review\"\non = \"units\"\nby = [[\"head\", \"role.finance\"]]\n";
    let company = computed(&format!("{}{stage}", scheme())).await;
    company.delegate("M001", "H002", "deciding").await;
    let path = format!("{}/decision", step_for(&company, "person:M001").await);
    let approved = json!({ "verdict": "approved" });
    let other = company.client("H002", &[Employee, Hr, Finance]);
    other.post(&path, approved.clone()).await.expect(200);
    other.post(&path, approved.clone()).await.expect(403);
    // HR takes finance's place in the step by somebody who scored: what both decided is the head's alone.
    let step = step_for(&company, "role:finance").await;
    let name = json!({ "person": "X001", "in_place_of": "role:finance", "reason": "finance is away" });
    company
        .hr()
        .put(&format!("{step}/approver"), None, json!({ "person": "X001", "reason": "away" }))
        .await
        .expect(422);
    company.client("X001", &[Employee, Hr]).put(&format!("{step}/approver"), None, name.clone()).await.expect(403);
    let named = company.hr().put(&format!("{step}/approver"), None, name).await.expect(200);
    assert_eq!(named.body["waiting"], json!(["person:M001", "person:X001"]), "both decide anew");
    other.post(&path, approved.clone()).await.expect(200);
    let alone = company.executive().post(&path, approved).await.expect(403);
    assert!(alone.str("/detail").contains("person:E001"), "{}", alone.body);
}
