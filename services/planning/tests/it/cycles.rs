use domain::events::{CyclePublished, EmployeesChanged, Event, UnitsChanged};
use jiff::civil::date;
use platform::Role;
use serde_json::json;
use testkit::eventually;
use uuid::Uuid;

use crate::company::{Company, PLANNED, UNPLANNED, employees, units};

#[actix_web::test]
async fn given_a_scheme_when_a_cycle_is_opened_then_covered_people_are_frozen_and_scoring_is_told() {
    let company = Company::with_cycle(PLANNED).await;

    let people = company.hr.get(&company.path("/participants")).await.expect(200);
    let numbers: Vec<_> =
        people.body["items"].as_array().unwrap().iter().map(|p| p["number"].as_str().unwrap()).collect();
    assert_eq!(numbers, ["E1", "E2", "E3", "H1", "H2"]);
    let cycle = company.hr.get(&company.path("")).await.expect(200);
    assert_eq!((cycle.str("/state"), cycle.etag.as_deref()), ("open", Some("\"1\"")));
    assert_eq!(cycle.body["counts"]["participants"], 5);
    assert_eq!(cycle.body["stages"][0]["due"], "2026-09-28");
    assert_eq!(cycle.body["stages"][0]["activity"], "issue_targets");
    let units = company.hr.get(&company.path("/units")).await.expect(200);
    assert_eq!(
        (units.str("/items/0/code"), units.str("/items/0/head"), units.str("/items/0/leader")),
        ("NET", "H1", "G1")
    );

    let opened = company.world.outbox("planning").await.into_iter().find_map(|event| match event {
        Event::CycleOpened(opened) => Some(opened),
        _ => None,
    });
    let opened = opened.unwrap();
    assert_eq!((opened.scheme_source.as_str(), opened.scheme_version), (PLANNED, 1));
    assert_eq!(opened.stages.len(), 6);
    assert_eq!(opened.stages[5].due, Some(date(2026, 10, 28)));
}

#[actix_web::test]
async fn given_an_open_cycle_when_it_is_opened_again_then_it_is_refused_but_a_repeated_request_is_answered_alike() {
    let company = Company::found().await;
    let scheme = company.upload(PLANNED).await;
    let body = json!({ "scheme": scheme, "period": "2026-10" });
    let key = [("idempotency-key", "open-october")];

    let first = company.hr.json("POST", "/v1/cycles", &key, body.clone()).await.expect(201);
    let repeated = company.hr.json("POST", "/v1/cycles", &key, body.clone()).await.expect(201);
    company.hr.post("/v1/cycles", body).await.expect(409);

    assert_eq!(first.str("/id"), repeated.str("/id"));
    assert_eq!(company.hr.get("/v1/cycles").await.expect(200).body["items"].as_array().unwrap().len(), 1);
}

#[actix_web::test]
async fn given_bad_input_when_a_cycle_is_opened_then_the_field_is_named_and_nothing_is_left() {
    let company = Company::found().await;
    let scheme = company.upload(PLANNED).await;
    for (body, pointer) in [
        (json!({ "scheme": "nothing", "period": "2026-10" }), "/scheme"),
        (json!({ "scheme": scheme, "version": 7, "period": "2026-10" }), "/version"),
        (json!({ "scheme": scheme, "period": "October" }), "/period"),
        (json!({ "scheme": scheme, "period": "2026-Q3" }), "/period"),
        (json!({ "scheme": scheme, "period": "2026-10", "cadence": "daily" }), "/cadence"),
        (json!({ "scheme": scheme, "period": "2026-10", "company_facts": { "rate": "1" } }), "/company_facts/rate"),
    ] {
        let refused = company.hr.post("/v1/cycles", body).await.expect(422);
        assert_eq!(refused.str("/errors/0/pointer"), pointer, "{}", refused.text);
    }
    let nobody = json!({ "scheme": scheme, "period": "2026-10", "as_of": "2019-12-31" });
    company.hr.post("/v1/cycles", nobody).await.expect(409);
    assert_eq!(company.hr.get("/v1/cycles").await.expect(200).body["items"], json!([]));
}

#[actix_web::test]
async fn given_a_template_when_a_cycle_is_opened_with_it_then_it_becomes_the_companys_first_version() {
    let company = Company::found().await;
    let templates = company.hr.get("/v1/scheme-templates").await.expect(200);
    let mut opened = 0;
    for template in templates.body["items"].as_array().unwrap() {
        let code = template["code"].as_str().unwrap();
        let scheme = domain::scheme::Scheme::parse(template["source"].as_str().unwrap()).unwrap();
        let plain = scheme.cadences().iter().any(|cadence| cadence.code == "monthly" && !cadence.named);
        let covered = scheme.people_categories().iter().any(|category| category.code == "staff");
        let units = scheme.unit_categories().iter().any(|category| category.code == "department");
        if plain && covered && units {
            company.hr.post("/v1/cycles", json!({ "scheme": code, "period": "2026-10" })).await.expect(201);
            let versions = company.hr.get(&format!("/v1/schemes/{code}")).await.expect(200);
            assert_eq!(versions.body["items"][0]["cycles"], 1);
            opened += 1;
        }
    }
    assert!(opened > 0, "a template for monthly cycles of departments and staff");
}

#[actix_web::test]
async fn given_older_news_when_it_arrives_late_then_it_is_dropped() {
    let company = Company::found().await;
    let mut newer = employees().remove(3);
    newer.version = 3;
    newer.assignments[0].category = None;
    let older = employees().remove(3);
    company.world.publish(&Event::EmployeesChanged(EmployeesChanged { employees: vec![newer.clone()] })).await;
    company.world.publish(&Event::EmployeesChanged(EmployeesChanged { employees: vec![older, newer] })).await;
    let renamed = units().into_iter().map(|unit| domain::events::Unit { name: "later".to_owned(), version: 2, ..unit });
    company.world.publish(&Event::UnitsChanged(UnitsChanged { units: renamed.collect() })).await;
    company.upload(PLANNED).await;

    // The units' news came last, so when it shows the employees' has been taken.
    let mut period = 0;
    let cycle = eventually("the later name shows", async || {
        period += 1;
        let body = json!({ "scheme": "planned", "period": format!("{}-10", 2026 + period) });
        let cycle = company.hr.post("/v1/cycles", body).await.expect(201).str("/id").to_owned();
        let units = company.hr.get(&format!("/v1/cycles/{cycle}/units")).await.expect(200);
        (units.str("/items/0/name") == "later").then_some(cycle)
    })
    .await;
    let people = company.hr.get(&format!("/v1/cycles/{cycle}/participants")).await.expect(200);
    assert_eq!(people.str("/items/0/number"), "E2");
}

#[actix_web::test]
async fn given_a_unit_that_the_scheme_does_not_know_when_a_cycle_is_opened_then_the_unit_is_named() {
    let company = Company::found().await;
    company.upload(PLANNED).await;
    let workshop = units().into_iter().filter(|unit| unit.code == "OPS").map(|unit| domain::events::Unit {
        category: Some("workshop".to_owned()),
        version: 2,
        ..unit
    });
    company.world.publish(&Event::UnitsChanged(UnitsChanged { units: workshop.collect() })).await;
    let mut year = 2026;
    let refused = eventually("the unit's category arrives", async || {
        year += 1;
        let answer =
            company.hr.post("/v1/cycles", json!({ "scheme": "planned", "period": format!("{year}-10") })).await;
        (answer.status == 409).then_some(answer)
    })
    .await;
    assert_eq!(refused.body["missing"], json!([{ "unit": "OPS" }]));
}

#[actix_web::test]
async fn given_a_cycle_when_its_results_are_published_then_it_is_shown_as_published() {
    let company = Company::with_cycle(UNPLANNED).await;
    company.executive.post(&company.path("/release"), json!({})).await.expect(200);
    let cycle: Uuid = company.cycle.parse().unwrap();
    company
        .world
        .publish(&Event::CyclePublished(CyclePublished {
            cycle,
            period: "2026-10".to_owned(),
            results: 7,
            company_carried: None,
        }))
        .await;
    eventually("the cycle is published", async || {
        (company.hr.get(&company.path("")).await.str("/state") == "published").then_some(())
    })
    .await;
}

#[actix_web::test]
async fn given_another_company_when_it_asks_for_the_cycle_then_there_is_none() {
    let company = Company::with_cycle(PLANNED).await;
    let stranger = company.world.client_of(Uuid::now_v7(), "planning", Some("P1"), &[Role::Hr, Role::Executive], &[]);
    for path in ["", "/units", "/progress", "/participants", "/calendar", "/targets", "/units/NET/sheets"] {
        stranger.get(&company.path(path)).await.expect(404);
    }
    stranger.post(&company.path("/release"), json!({})).await.expect(404);
    assert_eq!(stranger.get("/v1/cycles").await.expect(200).body["items"], json!([]));
    assert_eq!(stranger.get("/v1/plans").await.expect(200).body["items"], json!([]));
}

#[actix_web::test]
async fn given_what_was_done_when_the_auditor_looks_then_it_is_all_there() {
    let company = Company::with_cycle(PLANNED).await;
    let auditor = company.world.client("planning", None, &[Role::Auditor]);
    let entries = auditor.get("/v1/planning/audit-entries").await.expect(200);
    let actions: Vec<_> =
        entries.body["items"].as_array().unwrap().iter().map(|e| e["action"].as_str().unwrap()).collect();
    assert_eq!(actions, ["schemes.uploaded", "cycles.opened"]);
    let verified = auditor.get("/v1/planning/audit-entries/verification").await.expect(200);
    assert!(verified.body["first_broken_link"].is_null());
    company.hr.get("/v1/planning/audit-entries").await.expect(403);
}
