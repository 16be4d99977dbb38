use events::{Event, Headship, UnitsChanged};
use jiff::civil::date;
use platform::Role::{Employee, Hr};
use serde_json::{Value, json};
use testkit::eventually;

use crate::company::{Company, PLANNED, ROWED, employees, goals, units};
use crate::tasks::told;

#[actix_web::test]
async fn given_a_new_superior_when_the_organisation_tells_of_it_then_the_cycle_follows_and_a_move_is_only_noted() {
    let company = Company::with_cycle(PLANNED).await;
    let mut e1 = employees().remove(3);
    e1.version = 2;
    e1.assignments[0].superior = Some("H2".into());
    e1.assignments[0].unit = "OPS".into();
    company.tell(vec![e1]).await;

    let path = company.path("/subjects/person:E1");
    let subject = company.hr.get(&path).await.expect(200);
    assert_eq!((subject.str("/superior"), subject.str("/unit"), subject.str("/head")), ("H2", "NET", "H1"));
    assert_eq!(subject.body["version"], 2);
    let told = company.told_subjects().await.into_iter().rfind(|one| one.subject.id == "E1").unwrap();
    assert_eq!((told.superior.as_deref(), told.version), (Some("H2"), 2));
    let changes = company.hr.get(&company.path("/subject-changes")).await.expect(200);
    let listed: Vec<_> = changes.body["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["subject"].clone(), one["what"].clone(), one["followed"].clone()))
        .collect();
    let followed = (json!("person:E1"), json!({ "superior": ["H1", "H2"] }), json!("followed"));
    let kept = (json!("person:E1"), json!({ "unit": ["NET", "OPS"] }), json!("kept"));
    assert!(listed.contains(&followed) && listed.contains(&kept), "{listed:?}");
    let seen = company.hr.post(&company.path("/subject-changes/seen"), json!({})).await.expect(200);
    assert_eq!(seen.body, json!({ "seen": listed.len() }));
    let changes = company.hr.get(&company.path("/subject-changes?limit=1")).await.expect(200);
    assert_eq!(changes.str("/items/0/seen_by"), "P1");
    let plan = company.submit("E1", goals()).await;
    company.approve(&company.head("H2"), &plan).await.expect(200);
}

#[actix_web::test]
async fn given_somebody_who_joins_when_the_rules_place_them_then_they_are_added_with_plan_and_sheet() {
    let company = Company::with_cycle(ROWED).await;
    let mut joiner = employees().remove(3);
    joiner.number = "N1".into();
    joiner.name = "Newcomer".to_owned();
    joiner.hired_on = Some(date(2026, 10, 5));
    let mut later = joiner.clone();
    later.number = "N2".into();
    later.hired_on = Some(date(2027, 1, 1));
    company.tell(vec![joiner, later]).await;

    let subject = company.hr.get(&company.path("/subjects/person:N1")).await.expect(200);
    assert_eq!((subject.str("/standing"), subject.str("/category")), ("in", "staff"));
    company.hr.get(&company.path("/subjects/person:N2")).await.expect(404);
    assert_eq!(company.hr.get(&company.path("")).await.expect(200).body["participants"], 7);
    assert_eq!(company.plan("N1").await.str("/state"), "draft");
    assert!(company.told_sheets().await.iter().any(|sheet| sheet.subject.id == "N1"));
    let changes = company.hr.get(&company.path("/subject-changes")).await.expect(200);
    assert_eq!((changes.str("/items/0/subject"), changes.str("/items/0/followed")), ("person:N1", "added"));
}

#[actix_web::test]
async fn given_a_new_head_when_the_unit_changes_then_plans_and_tasks_go_to_them() {
    let company = Company::with_cycle(PLANNED).await;
    let headship = Headship { number: "E2".into(), office: "head".to_owned(), from: date(2026, 1, 1), until: None };
    let net = events::Unit { headships: vec![headship], version: 2, ..units().remove(1) };
    company.world.publish(&Event::UnitsChanged(UnitsChanged { units: vec![net] })).await;
    eventually("the cycle follows", async || {
        let unit = company.hr.get(&company.path("/subjects/unit:NET")).await.expect(200);
        (unit.body["head"] == "E2" && unit.body["head_since"] == "2026-01-01").then_some(())
    })
    .await;
    let path = company.submit("E1", goals()).await;
    company.approve(&company.head("E2"), &path).await.expect(200);
    eventually("the task is the new head's", async || {
        (told(&company).await.get("collect/NET")?.holder == "person:E2").then_some(())
    })
    .await;
}

#[actix_web::test]
async fn given_hr_when_they_decide_about_somebody_then_it_is_told_and_the_organisation_does_not_undo_it() {
    let company = Company::with_cycle(PLANNED).await;
    let path = company.path("/subjects/person:E1");
    let wrong = json!({ "category": "chief", "unit": "X", "superior": "E1", "reason": "why" });
    let refused = company.hr.put(&path, None, wrong).await.expect(422);
    assert_eq!(refused.body["errors"].as_array().unwrap().len(), 3);
    company.head("H1").put(&path, None, json!({ "standing": "out", "reason": "why" })).await.expect(403);
    let body = json!({ "category": "lead", "superior": "G1", "reason": "stands in for the head" });
    let decided = company.hr.put(&path, None, body).await.expect(200);
    assert_eq!((decided.str("/category"), decided.str("/category_by")), ("lead", "override"));
    assert_eq!((decided.str("/superior"), decided.str("/decided_by")), ("G1", "P1"));
    let mut e1 = employees().remove(3);
    e1.version = 2;
    e1.name = "Renamed".to_owned();
    company.tell(vec![e1]).await;
    let after = company.hr.get(&path).await.expect(200);
    assert_eq!((after.str("/superior"), after.str("/name")), ("G1", "Renamed"));

    let out = company.hr.put(&path, None, json!({ "standing": "out", "reason": "on leave" })).await.expect(200);
    assert_eq!((out.str("/standing"), out.str("/why")), ("out", "on leave"));
    assert_eq!(company.hr.get(&company.path("")).await.expect(200).body["participants"], 4);
    let told = company.told_subjects().await.into_iter().rfind(|one| one.subject.id == "E1").unwrap();
    assert_eq!(told.standing, events::Standing::Out);
    let taken_up = company.path("/subjects/person:P1");
    let body = json!({ "standing": "in", "category": "staff", "reason": "helps out" });
    company.hr.put(&taken_up, None, body.clone()).await.expect(403);
    let other = company.world.client("planning", Some("G1"), &[Employee, Hr]);
    other.put(&taken_up, None, body).await.expect(200);
    assert_eq!(company.plan("P1").await.str("/state"), "draft");
    let unit = company.hr.get(&company.path("/subjects/unit:HQ")).await.expect(200);
    assert_eq!((unit.str("/standing"), &unit.body["category"]), ("out", &Value::Null));
}

#[actix_web::test]
async fn given_subjects_when_they_are_listed_then_everybody_sees_their_own_line() {
    let company = Company::with_cycle(PLANNED).await;
    let seen = async |client: &testkit::Client, query: &str| {
        client.get(&company.path(&format!("/subjects{query}"))).await.expect(200).body["items"]
            .as_array()
            .unwrap()
            .len()
    };
    assert_eq!(seen(&company.employee("E1"), "").await, 1);
    assert_eq!(seen(&company.head("H1"), "").await, 4);
    assert_eq!(seen(&company.hr, "?unit=NET").await, 4);
    assert_eq!(seen(&company.hr, "?q=person%20e").await, 3);
    let first = company.hr.get(&company.path("/subjects?limit=5&standing=in")).await.expect(200);
    assert_eq!(seen(&company.hr, &format!("?standing=in&after={}", first.str("/next"))).await, 2);
    company.employee("E1").get(&company.path("/subjects/person:E2")).await.expect(404);
}
