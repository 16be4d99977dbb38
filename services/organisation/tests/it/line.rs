use domain::events::Event;
use platform::Role;
use serde_json::{Value, json};
use testkit::{Answer, eventually};

use crate::{as_person, as_role, company_with_people, found, import, pointers, world};

fn numbers(answer: Answer) -> Vec<String> {
    let items = answer.expect(200).body["items"].as_array().cloned().unwrap();
    items.iter().map(|item| item["number"].as_str().unwrap().to_owned()).collect()
}

#[actix_web::test]
async fn given_a_reporting_line_when_people_look_then_they_see_themselves_and_who_is_below() {
    let world = world().await;
    let (company, hr) = company_with_people(&world).await;
    let manager = [Role::Employee, Role::Manager];
    let e2 = as_person(&world, company, "E2", &manager);
    assert_eq!(numbers(e2.get("/v1/employees").await), ["E2", "E3", "E4"]);
    e2.get("/v1/employees/E4").await.expect(200);
    e2.get("/v1/employees/E1").await.expect(404);
    e2.get("/v1/employees/E1/assignments").await.expect(404);
    e2.get("/v1/employees/E99").await.expect(404);
    let e4 = as_person(&world, company, "E4", &[Role::Employee]);
    assert_eq!(numbers(e4.get("/v1/employees").await), ["E4"]);
    e4.get("/v1/employees/E3").await.expect(404);
    assert_eq!(e4.get("/v1/me").await.expect(200).str("/employee/name"), "赵四");
    let dotted = as_person(&world, company, "E1", &manager);
    dotted.get("/v1/employees/E4").await.expect(200);
    assert_eq!(numbers(hr.get("/v1/employees").await), ["E1", "E2", "E3", "E4"]);
    assert_eq!(numbers(hr.get("/v1/employees?unit=HQ").await), ["E1"]);
    let finance = as_role(&world, company, Role::Finance);
    assert_eq!(numbers(finance.get("/v1/employees").await), Vec::<String>::new());
    let page = hr.get("/v1/employees?limit=3").await.expect(200);
    assert_eq!(page.str("/next"), "E3");
    assert_eq!(numbers(hr.get("/v1/employees?limit=3&after=E3").await), ["E4"]);
}

#[actix_web::test]
async fn given_two_companies_when_one_looks_then_the_other_is_not_there() {
    let world = world().await;
    company_with_people(&world).await;
    let other = as_role(&world, found(&world, "other").await, Role::Hr);
    assert_eq!(numbers(other.get("/v1/employees").await), Vec::<String>::new());
    other.get("/v1/employees/E1").await.expect(404);
    other.get("/v1/units/NET").await.expect(404);
    let etag = [("if-match", "\"2\"")];
    other.json("PUT", "/v1/units/NET/head", &etag, json!({ "number": null })).await.expect(404);
    import(&other, "employees", crate::PEOPLE).await.expect(422);
}

#[actix_web::test]
async fn given_a_move_dated_ahead_when_its_day_comes_then_the_heads_follow() {
    let world = world().await;
    let (company, hr) = company_with_people(&world).await;
    let wrong = json!({ "from": "2026-10-15", "unit": "NOWHERE", "superior": "E99" });
    let answer = hr.post("/v1/employees/E2/assignments", wrong).await.expect(422);
    assert_eq!(pointers(&answer), ["/unit", "/superior"]);
    let circular = json!({ "from": "2026-10-15", "unit": "NET", "superior": "E4" });
    let answer = hr.post("/v1/employees/E2/assignments", circular).await.expect(422);
    assert!(answer.text.contains("E2 → E4 → E3 → E2"), "{}", answer.text);
    let body = json!({ "from": "2026-10-15", "unit": "HQ" });
    let answer = hr.post("/v1/employees/E2/assignments", body).await.expect(201);
    assert_eq!((answer.str("/category"), answer.str("/superior")), ("staff", "E1"));
    assert_eq!(hr.get("/v1/units/NET").await.expect(200).str("/head"), "E2");
    world.clock.move_to("2026-10-15T01:00:00Z".parse().unwrap());
    // The daily job runs every half minute; any change derives the heads as well.
    let hr = as_role(&world, company, Role::Hr);
    let body = json!({ "from": "2026-10-15", "unit": "NET", "position": "lead" });
    hr.post("/v1/employees/E3/assignments", body).await.expect(201);
    let unit = hr.get("/v1/units/NET").await.expect(200);
    assert_eq!(unit.str("/head"), "E3");
    let history = hr.get("/v1/employees/E2/assignments").await.expect(200);
    assert_eq!(history.body["items"].as_array().unwrap().len(), 2);
}

#[actix_web::test]
async fn given_a_restarted_replica_when_a_new_day_has_come_then_the_job_derives_heads_and_tells() {
    let world = world().await;
    let (_, hr) = company_with_people(&world).await;
    hr.post("/v1/employees/E2/assignments", json!({ "from": "2026-10-15", "unit": "HQ" })).await.expect(201);
    world.clock.move_to("2026-10-15T01:00:00Z".parse().unwrap());
    let replica = platform::service::start(&crate::service(), world.config("organisation")).await.unwrap();
    eventually("the new head is told", async || {
        world.outbox("organisation").await.into_iter().rev().find_map(|event| match event {
            Event::UnitsChanged(changed) => {
                changed.units.iter().any(|u| u.code == "NET" && u.head.as_deref() == Some("E3")).then_some(())
            }
            _ => None,
        })
    })
    .await;
    replica.stop().await;
}

#[actix_web::test]
async fn given_a_unit_when_hr_appoints_a_head_then_it_overrides_the_derived_one_until_taken_back() {
    let world = world().await;
    let (_, hr) = company_with_people(&world).await;
    let etag = hr.get("/v1/units/NET").await.expect(200).etag;
    hr.put("/v1/units/NET/head", None, json!({ "number": "E4" })).await.expect(428);
    hr.put("/v1/units/NET/head", Some("\"77\""), json!({ "number": "E4" })).await.expect(412);
    hr.put("/v1/units/NET/head", etag.as_deref(), json!({ "number": "E99" })).await.expect(422);
    hr.put("/v1/units/NET/head", etag.as_deref(), json!({})).await.expect(422);
    let answer = hr.put("/v1/units/NET/head", etag.as_deref(), json!({ "number": "E4" })).await.expect(200);
    assert_eq!((answer.str("/head"), &answer.body["head_appointed"]), ("E4", &Value::Bool(true)));
    let head = hr.get("/v1/employees/E4").await.expect(200);
    let (unit, superior) = (head.body["assignment"]["unit_name"].clone(), head.body["assignment"]["superior"].clone());
    assert_eq!(answer.body["head_name"], head.body["name"]);
    assert_eq!(unit, answer.body["name"]);
    let above = hr.get(&format!("/v1/employees/{}", superior.as_str().unwrap())).await.expect(200);
    assert_eq!(head.body["assignment"]["superior_name"], above.body["name"]);
    let etag = answer.etag;
    let answer = hr.put("/v1/units/NET/head", etag.as_deref(), json!({ "number": null })).await.expect(200);
    assert_eq!(answer.str("/head"), "E2");
}

#[actix_web::test]
async fn given_a_calendar_when_hr_changes_it_then_versions_guard_it_and_others_are_told() {
    let world = world().await;
    let company = found(&world, "hengxin").await;
    let hr = as_role(&world, company, Role::Hr);
    let etag = hr.get("/v1/working-calendar").await.expect(200).etag;
    assert_eq!(etag.as_deref(), Some("\"0\""));
    let body = json!({ "non_working_days": ["2026-10-01"], "working_days": ["2026-10-10"] });
    let answer = hr.put("/v1/working-calendar", etag.as_deref(), body.clone()).await.expect(200);
    assert_eq!(answer.etag.as_deref(), Some("\"1\""));
    hr.put("/v1/working-calendar", etag.as_deref(), body).await.expect(412);
    let told = world.outbox("organisation").await;
    assert!(matches!(told.as_slice(), [Event::WorkingCalendarChanged(calendar)] if calendar.version == 1));
    let employee = as_person(&world, company, "E1", &[Role::Employee]);
    employee.put("/v1/working-calendar", Some("\"1\""), json!({})).await.expect(403);
}

#[actix_web::test]
async fn given_changes_when_the_auditor_reads_then_all_are_there_and_the_chain_is_whole() {
    let world = world().await;
    let (company, hr) = company_with_people(&world).await;
    hr.get("/v1/organisation/audit-entries").await.expect(403);
    let auditor = as_role(&world, company, Role::Auditor);
    let entries = auditor.get("/v1/organisation/audit-entries").await.expect(200);
    let actions: Vec<&str> =
        entries.body["items"].as_array().unwrap().iter().map(|entry| entry["action"].as_str().unwrap()).collect();
    let imports = ["units.changed", "people.imported", "employees.changed", "people.imported"];
    assert_eq!(actions, [&["companies.founded"], &imports[..]].concat());
    let verification = auditor.get("/v1/organisation/audit-entries/verification").await.expect(200);
    assert_eq!(verification.body["first_broken_link"], Value::Null);
}

#[actix_web::test]
async fn given_changes_in_the_line_when_heads_are_derived_then_the_lowest_member_led_from_outside_leads() {
    let world = world().await;
    let (_, hr) = company_with_people(&world).await;
    let head = async || hr.get("/v1/units/NET").await.expect(200).str("/head").to_owned();
    let row = |number: &str, superior: &str, left_on: &str| {
        let header = crate::PEOPLE.lines().next().unwrap();
        format!("{header}\n{number},名,,NET,,staff,{superior},,2016-01-01,{left_on},\n")
    };
    import(&hr, "employees", &row("E0", "E1", "")).await.expect(200);
    assert_eq!(head().await, "E0");
    import(&hr, "employees", &row("E0", "E1", "2026-09-27")).await.expect(200);
    assert_eq!(head().await, "E2");
    import(&hr, "employees", &row("E2", "E1", "2026-09-27")).await.expect(200);
    assert_eq!(head().await, "E3");
    import(&hr, "employees", &row("E3", "E4", "")).await.expect(422);
}
