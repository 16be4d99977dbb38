use serde_json::json;
use testkit::eventually;

use crate::company::{Company, PLANNED};
use crate::tasks::told;

#[actix_web::test]
async fn given_a_cycle_when_targets_are_handed_down_then_those_concerned_see_them() {
    let company = Company::with_cycle(PLANNED).await;
    let path = company.path("/targets");
    let to_unit = json!({ "to": { "unit": "NET" }, "title": "Uptime", "amount": "99.950", "due": "2026-10-31" });
    let unit = company.deputy.post(&path, to_unit).await.expect(201);
    company.head("H1").post(&path, json!({ "to": { "employee": "E1" }, "title": "Switches" })).await.expect(201);

    assert_eq!(unit.str("/amount"), "99.95");
    let seen = async |number: &str| {
        company.employee(number).get(&path).await.expect(200).body["items"].as_array().unwrap().len()
    };
    assert_eq!((seen("E1").await, seen("E2").await, seen("E3").await, seen("H1").await), (2, 1, 0, 2));
    let filtered = company.hr.get(&format!("{path}?employee=E1")).await.expect(200);
    assert_eq!(filtered.str("/items/0/title"), "Switches");
}

#[actix_web::test]
async fn given_somebody_outside_the_line_when_they_hand_down_a_target_then_they_may_not() {
    let company = Company::with_cycle(PLANNED).await;
    let path = company.path("/targets");
    let to = |to: serde_json::Value| json!({ "to": to, "title": "Uptime" });
    company.head("H1").post(&path, to(json!({ "unit": "NET" }))).await.expect(403);
    company.head("H1").post(&path, to(json!({ "employee": "E3" }))).await.expect(403);
    company.head("H1").post(&path, to(json!({ "employee": "H1" }))).await.expect(403);
    company.employee("E1").post(&path, to(json!({ "employee": "E1" }))).await.expect(403);
    let unknown = company.hr.post(&path, to(json!({ "unit": "LAB" }))).await.expect(422);
    assert_eq!(unknown.str("/errors/0/pointer"), "/to/unit");
}

#[actix_web::test]
async fn given_a_target_when_its_author_takes_it_back_then_it_is_gone_and_the_task_is_open_again() {
    let company = Company::with_cycle(PLANNED).await;
    let path = company.path("/targets");
    let target = company.deputy.post(&path, json!({ "to": { "unit": "NET" }, "title": "Uptime" })).await.expect(201);
    let target = format!("/v1/targets/{}", target.str("/id"));
    let until = async |done: bool| {
        eventually("the task is told", async || (told(&company).await.get("aims/NET")?.done == done).then_some(()))
            .await;
    };

    until(true).await;
    company.hr.send("DELETE", &target, &[], Vec::new()).await.expect(403);
    company.head("H2").send("DELETE", &target, &[], Vec::new()).await.expect(404);
    company.deputy.send("DELETE", &target, &[], Vec::new()).await.expect(204);
    until(false).await;
}
