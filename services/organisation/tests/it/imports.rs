use events::{Employee, Event, Unit};
use platform::Role;
use serde_json::json;
use testkit::World;

use crate::{PEOPLE, UNITS, as_role, company_with_people, found, import, pointers, world};

async fn told(world: &World) -> (Vec<Unit>, Vec<Employee>) {
    let (mut units, mut employees) = (Vec::new(), Vec::new());
    for event in world.outbox("organisation").await {
        match event {
            Event::UnitsChanged(changed) => units.extend(changed.units),
            Event::EmployeesChanged(changed) => employees.extend(changed.employees),
            _ => {}
        }
    }
    (units, employees)
}

#[actix_web::test]
async fn given_a_company_when_its_files_are_imported_then_others_are_told_of_people_and_heads() {
    let world = world().await;
    let (_, hr) = company_with_people(&world).await;
    let (units, employees) = told(&world).await;
    assert_eq!(employees.len(), 4);
    assert_eq!(employees[3].assignments[0].superior.as_deref(), Some("E3"));
    let net = units.iter().rev().find(|unit| unit.code == "NET").unwrap();
    assert_eq!((net.head.as_deref(), net.version), (Some("E2"), 2));
    assert_eq!(net.facts["average_forms"], "12");
    assert_eq!(hr.get("/v1/units/NET").await.expect(200).body["head"], "E2");
}

#[actix_web::test]
async fn given_imported_files_when_they_come_again_then_nothing_changes_and_nobody_is_told() {
    let world = world().await;
    let (company, hr) = company_with_people(&world).await;
    let before = world.outbox("organisation").await.len();
    let answer = import(&hr, "units", UNITS).await.expect(200);
    assert_eq!(answer.body, json!({ "created": 0, "updated": 0, "unchanged": 2 }));
    world.clock.move_to("2026-12-01T00:00:00Z".parse().unwrap());
    let hr = as_role(&world, company, Role::Hr);
    let answer = import(&hr, "employees", PEOPLE).await.expect(200);
    assert_eq!(answer.body, json!({ "created": 0, "updated": 0, "unchanged": 4 }));
    assert_eq!(world.outbox("organisation").await.len(), before);
}

#[actix_web::test]
async fn given_a_changed_file_when_imported_then_only_what_differs_moves_from_the_effective_day() {
    let world = world().await;
    let (_, hr) = company_with_people(&world).await;
    let before = told(&world).await.1.len();
    let changed = PEOPLE.replace("E4,赵四,e4@example.com,NET", "E4,赵四,e4@example.com,HQ");
    let answer = import(&hr, "employees&effective_on=2026-11-01", &changed).await.expect(200);
    assert_eq!(answer.body, json!({ "created": 0, "updated": 1, "unchanged": 3 }));
    let employees = told(&world).await.1;
    assert_eq!(employees.len(), before + 1);
    assert_eq!((employees[before].version, employees[before].assignments.len()), (2, 2));
    let unit = async |day: &str| {
        let answer = hr.get(&format!("/v1/employees/E4?as_of={day}")).await.expect(200);
        answer.str("/assignment/unit").to_owned()
    };
    assert_eq!(unit("2026-10-31").await, "NET");
    assert_eq!(unit("2026-11-01").await, "HQ");
}

#[actix_web::test]
async fn given_a_file_with_errors_when_imported_then_all_are_named_and_nothing_changes() {
    let world = world().await;
    let (_, hr) = company_with_people(&world).await;
    let text = "\
number,name,email,unit,position,category,superior,dotted_superior,hired_on,left_on,locale
E5,Right,e5@example.com,NET,,staff,E2,,2019-01-01,,en
E6,Wrong,e6 at example,NOWHERE,,staff,E99,,2019-02-30,,fr
E5,Twice,,NET,,,,,,,
E1,王一,,HQ,,,E4,,2015-01-01,,
";
    let answer = import(&hr, "employees", text).await.expect(422);
    let mut found = pointers(&answer);
    found.sort();
    let expected = ["/3/email", "/3/hired_on", "/3/locale", "/3/superior", "/3/unit", "/4/number", "/5/superior"];
    assert_eq!(found, expected, "{}", answer.text);
    assert!(answer.text.contains("E1 → E4 → E3 → E2 → E1"), "{}", answer.text);
    hr.get("/v1/employees/E5").await.expect(404);
}

#[actix_web::test]
async fn given_files_that_are_not_what_they_claim_when_imported_then_they_are_refused() {
    let world = world().await;
    let company = found(&world, "hengxin").await;
    let hr = as_role(&world, company, Role::Hr);
    let send = async |content_type: &str, bytes: &[u8]| {
        let path = "/v1/imports?kind=units";
        hr.send("POST", path, &[("content-type", content_type)], bytes.to_vec()).await.status
    };
    assert_eq!(send("text/csv", b"PK\x03\x04rubbish").await, 415);
    assert_eq!(send("application/octet-stream", b"\x89PNG\r\n\x1a\n\0").await, 415);
    assert_eq!(send("text/csv", b"").await, 415);
    assert_eq!(import(&hr, "pay", UNITS).await.status, 422);
    assert_eq!(import(&hr, "anything", UNITS).await.status, 422);
    assert_eq!(hr.get("/v1/units").await.expect(200).body["items"], json!([]));
    assert_eq!(send("application/pdf", UNITS.as_bytes()).await, 200, "a file is what it holds");
}

#[actix_web::test]
async fn given_ten_thousand_people_when_imported_then_one_request_takes_them_all() {
    let world = world().await;
    let company = found(&world, "hengxin").await;
    let hr = as_role(&world, company, Role::Hr);
    import(&hr, "units", UNITS).await.expect(200);
    let mut text = PEOPLE.lines().next().unwrap().to_owned();
    for i in 0..10_000 {
        let superior = if i == 0 { String::new() } else { format!("P{}", (i - 1) / 8) };
        text += &format!("\nP{i},Name {i},p{i}@example.com,NET,engineer,staff,{superior},,2020-01-01,,en");
    }
    let started = std::time::Instant::now();
    let answer = import(&hr, "employees", &text).await.expect(200);
    assert_eq!(answer.body["created"], 10_000);
    eprintln!("10 000 employees imported in {:?}", started.elapsed());
    let batches = world.outbox("organisation").await;
    let sizes = batches.iter().filter_map(|event| match event {
        Event::EmployeesChanged(changed) => Some(changed.employees.len()),
        _ => None,
    });
    assert_eq!(sizes.collect::<Vec<_>>(), [500; 20]);
    assert_eq!(import(&hr, "employees", &text).await.expect(200).body["unchanged"], 10_000);
}

#[actix_web::test]
async fn given_an_idempotency_key_when_the_import_is_sent_again_then_it_answers_the_same() {
    let world = world().await;
    let company = found(&world, "hengxin").await;
    let hr = as_role(&world, company, Role::Hr);
    let headers = [("content-type", "text/csv"), ("idempotency-key", "first")];
    for _ in 0..2 {
        let answer = hr.send("POST", "/v1/imports?kind=units", &headers, UNITS.as_bytes().to_vec()).await;
        assert_eq!(answer.expect(200).body["created"], 2);
    }
    let other = UNITS.replace("网络部", "网络");
    let answer = hr.send("POST", "/v1/imports?kind=units", &headers, other.into_bytes()).await;
    assert_eq!(answer.status, 422);
}

#[actix_web::test]
async fn given_a_workbook_when_imported_then_its_numbers_and_dates_are_read_as_people_typed_them() {
    let world = world().await;
    let company = found(&world, "hengxin").await;
    let hr = as_role(&world, company, Role::Hr);
    import(&hr, "units", UNITS).await.expect(200);
    let workbook = include_bytes!("employees.xlsx").to_vec();
    let xlsx = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    let path = "/v1/imports?kind=employees";
    let answer = hr.send("POST", path, &[("content-type", xlsx)], workbook.clone()).await.expect(200);
    assert_eq!(answer.body["created"], 2);
    let person = hr.get("/v1/employees/1001").await.expect(200);
    assert_eq!((person.str("/name"), person.str("/hired_on")), ("王一", "2020-03-15"));
    assert_eq!(person.str("/facts/seniority"), "6.5");
    let again = hr.send("POST", path, &[], workbook.clone()).await.expect(200);
    assert_eq!(again.body["unchanged"], 2);
    for called in ["text/csv", "application/vnd.ms-excel", "image/png"] {
        let again = hr.send("POST", path, &[("content-type", called)], workbook.clone()).await.expect(200);
        assert_eq!(again.body["unchanged"], 2, "what a file is shows in its content");
    }
}

#[actix_web::test]
async fn given_templates_when_asked_for_then_they_are_read_back() {
    let world = world().await;
    let company = found(&world, "hengxin").await;
    let hr = as_role(&world, company, Role::Hr);
    import(&hr, "units", UNITS).await.expect(200);
    for kind in ["units", "employees"] {
        for locale in ["zh-CN", "en"] {
            let path = format!("/v1/imports/template?kind={kind}&locale={locale}");
            let template = hr.get(&path).await.expect(200);
            let headers = [("content-type", "application/octet-stream")];
            let read = hr.send("POST", &format!("/v1/imports?kind={kind}"), &headers, template.bytes.clone()).await;
            assert_eq!(read.expect(200).body["created"], 0, "{kind} in {locale}");
        }
    }
    hr.get("/v1/imports/template?kind=pay").await.expect(422);
}
