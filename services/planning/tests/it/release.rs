use platform::Role;
use serde_json::json;

use crate::company::{Company, PLANNED, UNPLANNED, released};

#[actix_web::test]
async fn given_a_stage_of_release_when_the_cycle_is_released_then_scoring_is_told_every_sheet_and_not_before() {
    let company = Company::with_cycle(&released()).await;
    company.approve_everything().await;
    let settlement = json!({
        "priorities": ["delivery", "quality"],
        "sheets": [{ "number": "E2", "weights": { "quality": "72.5", "delivery": "27.5" } }],
    });
    company.hr.post(&company.path("/units/NET/sheets/settle"), settlement).await.expect(200);
    company.hr.post(&company.path("/sheets/settle"), json!({})).await.expect(200);
    assert!(company.told_sheets().await.is_empty());

    let released = company.executive.post(&company.path("/release"), json!({})).await.expect(200);

    assert_eq!((released.str("/state"), released.body["counts"]["sheets_settled"].as_i64()), ("released", Some(5)));
    let told = company.told_sheets().await;
    let people: Vec<_> = told.iter().filter(|sheet| sheet.subject.to_string().starts_with("person:")).collect();
    assert_eq!((people.len(), told.len()), (5, 7), "people and units");
    let of = |subject: &str| told.iter().find(|sheet| sheet.subject.to_string() == subject).unwrap();
    let (e1, e2) = (of("person:E1"), of("person:E2"));
    assert_eq!((e1.priorities.join(","), e1.weights.len()), ("delivery,quality".to_owned(), 0));
    assert_eq!((e2.weights["quality"].as_str(), e2.weights["delivery"].as_str()), ("72.5", "27.5"));
    assert!(of("person:E3").weights.is_empty() && of("person:E3").priorities.is_empty());
    let subjects = company.told_subjects().await;
    let net = subjects.iter().find(|subject| subject.subject.to_string() == "unit:NET").unwrap();
    assert_eq!((net.head.as_deref(), net.category.as_deref()), (Some("H1"), Some("department")));
    let e1 = subjects.iter().find(|subject| subject.subject.to_string() == "person:E1").unwrap();
    assert_eq!((e1.superior.as_deref(), e1.superior_above.as_deref()), (Some("H1"), Some("G1")));
    assert_eq!((e1.leader.as_deref(), e1.category.as_deref()), (Some("G1"), Some("staff")));
    assert!(net.facts.is_empty() && e1.facts.is_empty(), "facts that the scheme does not know");

    company.executive.post(&company.path("/release"), json!({})).await.expect(409);
    company.hr.post(&company.path("/sheets/settle"), json!({})).await.expect(409);
}

#[actix_web::test]
async fn given_no_stage_of_release_when_sheets_are_settled_then_scoring_is_told_at_once_and_anew_in_editions() {
    let company = Company::with_cycle(PLANNED).await;
    company.approve_everything().await;
    let settle = company.path("/units/NET/sheets/settle");
    company.hr.post(&settle, json!({})).await.expect(200);
    let first: Vec<_> = company.told_sheets().await.into_iter().filter(|sheet| sheet.subject.id == "E1").collect();
    assert_eq!(first.len(), 1);
    company.hr.post(&settle, json!({ "weights": { "quality": "50", "delivery": "50" } })).await.expect(200);
    let both: Vec<_> = company.told_sheets().await.into_iter().filter(|sheet| sheet.subject.id == "E1").collect();
    assert_eq!(both.iter().map(|sheet| sheet.edition).collect::<Vec<_>>(), [1, 2]);
    let sheet = company.hr.get(&company.path("/sheets/person:E1")).await.expect(200);
    assert_eq!((&sheet.body["edition"], sheet.str("/before/0/state")), (&json!(2), "superseded"));
}

#[actix_web::test]
async fn given_a_scheme_without_own_weights_when_sheets_are_settled_with_them_then_they_are_refused() {
    let company = Company::with_cycle(&PLANNED.replace("own_weights = {}\n", "")).await;
    company.approve_everything().await;
    let weights = json!({ "weights": { "quality": "50", "delivery": "50" } });
    let refused = company.hr.post(&company.path("/units/NET/sheets/settle"), weights).await.expect(422);
    assert_eq!(refused.str("/errors/0/pointer"), "/weights");
}

#[actix_web::test]
async fn given_unsettled_sheets_when_the_cycle_is_released_then_it_is_refused_with_the_list() {
    let company = Company::with_cycle(PLANNED).await;
    let release = company.path("/release");

    let refused = company.executive.post(&release, json!({})).await.expect(409);

    assert_eq!(refused.body["missing"].as_array().unwrap().len(), 5);
    assert_eq!(
        refused.body["missing"][0],
        json!({
            "what": "approval", "number": "E1", "name": "Person E1", "unit": "NET", "plan": "draft", "unit_plan": "draft",
        })
    );
    assert!(refused.str("/detail").starts_with("5 of 5"), "{}", refused.text);
    company.hr.post(&release, json!({})).await.expect(403);
}

#[actix_web::test]
async fn given_a_unit_whose_plan_is_not_approved_when_its_sheets_are_settled_then_it_is_refused() {
    let company = Company::with_cycle(PLANNED).await;
    company.hr.post(&company.path("/units/NET/sheets/settle"), json!({})).await.expect(409);
    let none = company.hr.post(&company.path("/sheets/settle"), json!({})).await.expect(200);
    assert_eq!(none.body, json!({ "settled": 0 }));
}

#[actix_web::test]
async fn given_weights_that_do_not_fit_when_sheets_are_settled_then_each_fault_is_named() {
    let company = Company::with_cycle(PLANNED).await;
    company.approve_everything().await;
    let settlement = json!({
        "weights": { "quality": "60", "delivery": "30" },
        "sheets": [{ "number": "E3" }, { "number": "E1", "weights": { "quality": "100", "price": "0" }, "priorities": ["speed"] }],
    });

    let refused = company.hr.post(&company.path("/units/NET/sheets/settle"), settlement).await.expect(422);

    let pointers: Vec<_> =
        refused.body["errors"].as_array().unwrap().iter().map(|e| e["pointer"].as_str().unwrap()).collect();
    assert_eq!(
        pointers,
        [
            "/weights",
            "/sheets/0/number",
            "/sheets/1/weights/price",
            "/sheets/1/weights/delivery",
            "/sheets/1/priorities/0",
        ]
    );
    let sheets = company.hr.get(&company.path("/units/NET/sheets")).await.expect(200);
    let mut people = sheets.body["items"].as_array().unwrap().iter().filter(|sheet| sheet["kind"] == "person");
    assert!(people.all(|sheet| sheet["settled"] == false));
}

#[actix_web::test]
async fn given_a_scheme_without_planning_when_the_cycle_is_released_then_nothing_is_waited_for() {
    let company = Company::with_cycle(UNPLANNED).await;
    company.executive.post(&company.path("/release"), json!({})).await.expect(200);
    let told = company.told_sheets().await;
    assert_eq!(told.iter().filter(|sheet| sheet.subject.to_string().starts_with("person:")).count(), 7);
    let subjects = company.told_subjects().await;
    assert!(subjects.iter().all(|subject| subject.category.is_none()));
}

#[actix_web::test]
async fn given_a_released_cycle_when_plans_are_changed_then_it_is_too_late() {
    let company = Company::with_cycle(PLANNED).await;
    company.approve_everything().await;
    company.hr.post(&company.path("/sheets/settle"), json!({})).await.expect(200);
    assert_eq!(company.plan("E1").await.str("/state"), "settled");
    company.executive.post(&company.path("/release"), json!({})).await.expect(200);

    let plan = company.plan("E1").await;
    let change = json!({ "goals": [{ "title": "Only this", "weight": "100" }], "reason": "late" });
    company.employee("E1").post(&format!("/v1/plans/{}/versions", plan.str("/id")), change).await.expect(409);
    let target = json!({ "to": { "unit": "NET" }, "title": "Uptime" });
    company.deputy.post(&company.path("/targets"), target).await.expect(409);
}

#[actix_web::test]
async fn given_hr_or_an_executive_of_a_unit_then_their_own_sheet_and_their_units_plan_are_for_others_to_decide() {
    let company = Company::with_cycle(PLANNED).await;
    company.collect_everything().await;
    let own = company.world.client("planning", Some("E1"), &[Role::Employee, Role::Hr, Role::Executive]);

    for (unit, status) in [("NET", 403), ("OPS", 200)] {
        let plan = company.unit_plan(unit).await;
        company.send_back(&own, &plan, "not yet").await.expect(status);
        company.head(if unit == "NET" { "H1" } else { "H2" }).post(&format!("{plan}/submit"), json!({})).await;
        company.approve(&company.deputy, &plan).await.expect(200);
    }

    let weights = json!({ "quality": "100", "delivery": "0" });
    let settle = company.path("/units/NET/sheets/settle");
    let everybody = own.post(&settle, json!({ "weights": weights })).await.expect(403);
    assert_eq!(everybody.str("/errors/0/pointer"), "/weights");
    let sheets = json!({ "sheets": [{ "number": "E2" }, { "number": "E1", "weights": weights }] });
    let itself = own.post(&settle, sheets).await.expect(403);
    assert_eq!(itself.str("/errors/0/pointer"), "/sheets/1/number");
    own.post(&settle, json!({ "sheets": [{ "number": "E2", "weights": weights }] })).await.expect(200);
}
