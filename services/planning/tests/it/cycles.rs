use events::{BodiesChanged, Body, CyclePublished, EmployeesChanged, Event, UnitsChanged, Values};
use jiff::civil::date;
use platform::Role;
use serde_json::json;
use testkit::eventually;
use uuid::Uuid;

use crate::approvals::body;
use crate::company::{Company, PLANNED, UNPLANNED, employees, units};
use crate::tasks::told;

#[actix_web::test]
async fn given_a_scheme_when_a_cycle_is_opened_then_covered_people_are_frozen_and_scoring_is_told() {
    let company = Company::with_cycle(PLANNED).await;

    let people = company.hr.get(&company.path("/subjects?kind=person")).await.expect(200);
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

/// A scheme that asks for a flag, a choice and a number of people, for a number of units and for a flag of the company.
fn scheme_with_facts() -> String {
    let facts = r#"
[company]
facts = [{ name = "strike", kind = "flag", label = { zh = "停工", en = "strike" } }]

[people]
facts = [
    { name = "probation", kind = "flag", label = { zh = "试用期", en = "on probation" } },
    { name = "late", kind = "count", optional = true, label = { zh = "迟到次数", en = "times late" } },
    { name = "shift", kind = "choice", optional = true, label = { zh = "班次", en = "shift" }, choices = [
        { code = "D", label = { zh = "白班", en = "day" } }, { code = "N", label = { zh = "夜班", en = "night" } },
    ] },
]

[units]
facts = [{ name = "average_forms", optional = true, label = { zh = "平均张数", en = "average forms" } }]
"#;
    UNPLANNED.replace("[units]\n", facts)
}

fn with_facts(version: i64, facts: &[(&str, &[(&str, &str)])]) -> Event {
    let mut changed = employees();
    changed.retain(|person| facts.iter().any(|(number, _)| person.number == *number));
    for person in &mut changed {
        let own = facts.iter().filter(|(number, _)| person.number == *number).flat_map(|(_, facts)| *facts);
        person.facts.extend(own.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        person.version = version;
    }
    Event::EmployeesChanged(EmployeesChanged { employees: changed })
}

#[actix_web::test]
async fn given_facts_that_the_scheme_cannot_read_when_a_cycle_is_opened_then_all_are_told_and_nothing_is_left() {
    let company = Company::found().await;
    let code = company.upload(&scheme_with_facts()).await;
    let wrong = with_facts(2, &[("E1", &[("probation", "大概"), ("late", "1.5")]), ("E2", &[("shift", "晚班")])]);
    company.world.publish(&wrong).await;
    let body = json!({ "scheme": code, "period": "2026-10" });

    company.arrived("E1", 2).await;

    let refused = company.hr.post("/v1/cycles", body).await.expect(422);

    let expected = json!([
        { "pointer": "/subjects/person:E1/facts/probation", "detail": "E1, probation = 大概: \"大概\" is neither yes nor no (true or false)" },
        { "pointer": "/subjects/person:E1/facts/late", "detail": "E1, late = 1.5: 1.5 is not a whole number" },
        { "pointer": "/subjects/person:E2/facts/shift", "detail": "E2, shift = 晚班: \"晚班\" is none of D (day), N (night)" },
    ]);
    let mut told = refused.body["errors"].as_array().unwrap().clone();
    told.sort_by_key(|error| error["pointer"].to_string());
    let mut expected = expected.as_array().unwrap().clone();
    expected.sort_by_key(|error| error["pointer"].to_string());
    assert_eq!(told, expected);
    assert_eq!(company.hr.get("/v1/cycles").await.expect(200).body["items"], json!([]));
}

#[actix_web::test]
async fn given_facts_in_peoples_own_words_when_a_cycle_is_opened_then_they_are_read_and_told_in_one_way() {
    let company = Company::found().await;
    let code = company.upload(&scheme_with_facts()).await;
    let body = json!({ "scheme": code, "period": "2026-10", "company_facts": { "strike": "否" } });
    let wrong = json!({ "scheme": code, "period": "2026-10", "company_facts": { "strike": "或许" } });
    let refused = company.hr.post("/v1/cycles", wrong).await.expect(422);
    assert_eq!(refused.str("/errors/0/pointer"), "/company_facts/strike");
    let facts: &[(&str, &str)] = &[("probation", "是"), ("late", "２"), ("shift", "夜班")];
    company.world.publish(&with_facts(2, &[("E1", facts)])).await;
    company.world.publish(&Event::UnitsChanged(UnitsChanged { units: units() })).await;
    company.arrived("E1", 2).await;

    let opened = company.hr.post("/v1/cycles", body).await.expect(201);
    assert_eq!(opened.str("/state"), "open");
    let told = company.told_subjects().await;
    let facts = told.iter().find(|subject| subject.subject.id == "E1").map(|subject| &subject.facts);
    let written = [("late", "2"), ("probation", "true"), ("shift", "N")];
    let written = written.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    assert_eq!(facts, Some(&written));
    let events = company.world.outbox("planning").await;
    let company_facts = events.iter().find_map(|event| match event {
        Event::CycleOpened(opened) => Some(opened.company_facts.clone()),
        _ => None,
    });
    assert_eq!(company_facts.unwrap()["strike"], "false");
}

#[actix_web::test]
async fn given_news_of_a_day_that_no_table_can_keep_when_it_arrives_then_the_people_are_known_all_the_same() {
    let company = Company::found().await;
    let mut strange = employees();
    strange.truncate(1);
    strange[0].number = "Y0".into();
    strange[0].hired_on = Some(date(-1, 1, 1));
    strange[0].left_on = Some(date(9999, 12, 31));
    strange[0].assignments[0].from = date(-9999, 1, 1);

    company.world.publish(&Event::EmployeesChanged(EmployeesChanged { employees: strange })).await;

    eventually("they are known", async || {
        let directory = company.hr.get("/v1/planning/directory").await.expect(200).body;
        (directory["employees"] == 8).then_some(())
    })
    .await;
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
        (json!({ "scheme": scheme, "period": "9999-10" }), "/period"),
        (json!({ "scheme": scheme, "period": "2026-10", "as_of": "0001-01-01" }), "/as_of"),
        (json!({ "scheme": scheme, "period": "2026-10", "cadence": "daily" }), "/cadence"),
        (json!({ "scheme": scheme, "period": "2026-10", "company_facts": { "rate": "1" } }), "/company_facts/rate"),
    ] {
        let refused = company.hr.post("/v1/cycles", body).await.expect(422);
        assert_eq!(refused.str("/errors/0/pointer"), pointer, "{}", refused.text);
    }
    let nobody = json!({ "scheme": scheme, "period": "2019-10" });
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
            let bodies: Vec<Body> = scheme.bodies().iter().map(|code| body(code, &["E1"])).collect();
            company.world.publish(&Event::BodiesChanged(BodiesChanged { bodies })).await;
            eventually("the bodies arrive", async || {
                let opened = company.hr.post("/v1/cycles", json!({ "scheme": code, "period": "2026-10" })).await;
                (opened.status == 201).then_some(())
            })
            .await;
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
    let renamed = units().into_iter().map(|unit| events::Unit { name: "later".to_owned(), version: 2, ..unit });
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
    let people = company.hr.get(&format!("/v1/cycles/{cycle}/subjects?kind=person")).await.expect(200);
    assert_eq!(people.str("/items/0/number"), "E2");
}

#[actix_web::test]
async fn given_a_unit_that_the_scheme_does_not_know_when_a_cycle_is_opened_then_only_its_people_are_appraised() {
    let company = Company::found().await;
    company.upload(PLANNED).await;
    let workshop = units().into_iter().filter(|unit| unit.code == "OPS").map(|unit| events::Unit {
        category: Some("workshop".to_owned()),
        version: 2,
        ..unit
    });
    company.world.publish(&Event::UnitsChanged(UnitsChanged { units: workshop.collect() })).await;
    let mut year = 2026;
    let cycle = eventually("the unit's category arrives", async || {
        year += 1;
        let body = json!({ "scheme": "planned", "period": format!("{year}-10") });
        let cycle = company.hr.post("/v1/cycles", body).await.expect(201).str("/id").to_owned();
        let unit = company.hr.get(&format!("/v1/cycles/{cycle}/subjects/unit:OPS")).await.expect(200);
        (unit.body["standing"] == "out" && unit.body["why"] == "no_category").then_some(cycle)
    })
    .await;
    let person = company.hr.get(&format!("/v1/cycles/{cycle}/subjects/person:E3")).await.expect(200);
    assert_eq!((person.str("/standing"), person.str("/category_label/en")), ("in", "staff"));
}

#[actix_web::test]
async fn given_a_cycle_when_its_results_are_published_then_it_is_shown_as_published() {
    let company = Company::with_cycle(PLANNED).await;
    let cycle: Uuid = company.cycle.parse().unwrap();
    company.world.publish(&Event::CyclePublished(published(cycle, 1, 0))).await;
    eventually("the cycle is published", async || {
        (company.hr.get(&company.path("")).await.str("/state") == "published").then_some(())
    })
    .await;
    company.hr.post(&company.path("/cancel"), json!({ "reason": "too late" })).await.expect(409);
    eventually("nothing is left to do", async || told(&company).await.values().all(|task| task.done).then_some(()))
        .await;
}

fn published(cycle: Uuid, publication: i32, late: u32) -> CyclePublished {
    CyclePublished { cycle, period: "2026-10".to_owned(), publication, results: 7, late, company_carried: None }
}

/// The news that somebody's result is published.
fn result_of(cycle: Uuid, number: &str) -> Event {
    let result = events::PublishedResult {
        number: number.into(),
        name: number.to_owned(),
        category: None,
        version: 1,
        excluded: None,
        score: Some("88".to_owned()),
        grade: None,
        coefficient: None,
        outcomes: Vec::new(),
        interview: Vec::new(),
        involved: Vec::new(),
        carried: Values::new(),
    };
    let unit = events::ResultUnit {
        code: "NET".into(),
        name: "NET".to_owned(),
        category: None,
        carried: Values::new(),
        result: None,
    };
    Event::ResultsPublished(events::ResultsPublished {
        cycle,
        period: "2026-10".to_owned(),
        publication: 1,
        company_carried: Values::new(),
        unit,
        results: vec![result],
        known_on: None,
        appeal: None,
        reason: None,
    })
}

#[actix_web::test]
async fn given_somebody_late_when_the_others_are_published_then_the_cycle_goes_on_for_them() {
    let company = Company::with_cycle(PLANNED).await;
    let cycle: Uuid = company.cycle.parse().unwrap();
    let open = async || told(&company).await.values().filter(|task| !task.done).count();
    let open_before = eventually("the tasks are told", async || {
        let open = open().await;
        (open == 11).then_some(open)
    })
    .await;

    company.world.publish(&result_of(cycle, "E1")).await;
    company.world.publish(&Event::CyclePublished(published(cycle, 1, 1))).await;
    eventually("the publication is known", async || {
        (company.hr.get(&company.path("")).await.body["published_at"] != json!(null)).then_some(())
    })
    .await;

    let shown = company.hr.get(&company.path("")).await.expect(200);
    assert_eq!(shown.str("/state"), "open");
    assert_eq!(open().await, open_before);
    company.hr.post(&company.path("/cancel"), json!({ "reason": "too late" })).await.expect(409);
    let decision = json!({ "standing": "out", "reason": "on leave all month" });
    let done = company.hr.get(&company.path("/subjects/person:E1")).await.expect(200);
    assert_eq!((&done.body["published"], &done.body["actions"]), (&json!(true), &json!([])));
    company.hr.put(&company.path("/subjects/person:E1"), None, decision.clone()).await.expect(409);
    let late = company.hr.get(&company.path("/subjects/person:E2")).await.expect(200);
    assert_eq!(late.body["actions"], json!(["put_subject"]));
    company.hr.put(&company.path("/subjects/person:E2"), None, decision).await.expect(200);

    company.world.publish(&Event::CyclePublished(published(cycle, 2, 0))).await;
    eventually("the cycle is at its end", async || {
        (company.hr.get(&company.path("")).await.str("/state") == "published").then_some(())
    })
    .await;
    eventually("nothing is left to do", async || (open().await == 0).then_some(())).await;
}

#[actix_web::test]
async fn given_results_of_before_that_were_imported_when_their_period_or_an_earlier_one_is_opened_then_it_is_refused() {
    let company = Company::with_cycle(PLANNED).await;
    let period = events::ImportedPeriod {
        scheme: "planned".to_owned(),
        cadence: "monthly".to_owned(),
        period: "2027-03".to_owned(),
    };
    company.world.publish(&Event::ResultsImported(events::ResultsImported { periods: vec![period] })).await;

    let open = async |period: &str| {
        company.hr.post("/v1/cycles/preview", json!({ "scheme": "planned", "period": period })).await
    };
    eventually("the import is known", async || (open("2027-03").await.status == 422).then_some(())).await;
    let refused = open("2027-02").await.expect(422);
    assert_eq!(refused.str("/errors/0/pointer"), "/period");
    assert!(refused.str("/errors/0/detail").contains("2027-03"), "{}", refused.text);
    open("2027-04").await.expect(200);
}

#[actix_web::test]
async fn given_another_company_when_it_asks_for_the_cycle_then_there_is_none() {
    let company = Company::with_cycle(PLANNED).await;
    let stranger = company.world.client_of(Uuid::now_v7(), "planning", Some("P1"), &[Role::Hr, Role::Executive], &[]);
    for path in [
        "",
        "/units",
        "/subjects",
        "/subject-changes",
        "/calendar",
        "/sheets/person:E1",
        "/targets",
        "/units/NET/sheets",
    ] {
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

#[actix_web::test]
async fn given_a_body_of_the_scheme_in_which_nobody_sits_when_a_cycle_is_opened_then_it_is_named() {
    let company = Company::found().await;
    let bodies = vec![body("appraisal_group", &[]), body("other", &["E1"])];
    company.world.publish(&Event::BodiesChanged(BodiesChanged { bodies })).await;
    eventually("the bodies arrive", async || {
        let directory = company.hr.get("/v1/planning/directory").await.expect(200);
        (directory.body["bodies"] == 2).then_some(())
    })
    .await;
    let refused =
        company.hr.post("/v1/cycles", json!({ "scheme": "monthly-grades", "period": "2026-10" })).await.expect(422);
    assert_eq!(refused.str("/errors/0/pointer"), "/scheme");
    assert!(refused.text.contains("appraisal_group"), "{}", refused.text);
}
