//! Files as people mean them: what is understood, what is refused, and what is told.

use diesel_async::RunQueryDsl;
use events::Event;
use serde_json::{Value, json};
use testkit::{Answer, Client, eventually};

use crate::{PEOPLE, UNITS, company_with_people, import, pointers, service, world};

const HEADER: &str = "number,name,email,unit,position,category,superior,dotted_superior,hired_on,left_on,locale";

async fn import_people(hr: &Client, query: &str, rows: &str) -> Answer {
    import(hr, &format!("employees{query}"), &format!("{HEADER}\n{rows}")).await
}

/// The notes of an answer: pointer and words.
fn notes(answer: &Answer) -> Vec<(&str, &str)> {
    let notes = answer.body["notes"].as_array().map_or(&[][..], Vec::as_slice);
    notes.iter().map(|note| (note["pointer"].as_str().unwrap(), note["detail"].as_str().unwrap())).collect()
}

async fn unit_on(hr: &Client, number: &str, day: &str) -> Value {
    hr.get(&format!("/v1/employees/{number}?as_of={day}")).await.expect(200).body["assignment"]["unit"].clone()
}

#[actix_web::test]
async fn given_a_joining_day_when_it_is_corrected_then_the_person_stands_there_from_it() {
    let world = world().await;
    let (_, hr) = company_with_people(&world).await;
    import_people(&hr, "", "0012,吴七,,NET,,staff,E2,,2026-09-20,,\n").await.expect(200);

    let earlier = import_people(&hr, "", "0012,吴七,,NET,,staff,E2,,2026-09-01,,\n").await.expect(200);

    assert_eq!(earlier.body["updated"], 1);
    let told = "the first assignment (NET) now begins on 2026-09-01 instead of 2026-09-20";
    assert_eq!(notes(&earlier), [("/2/hired_on", told)]);
    assert_eq!(unit_on(&hr, "0012", "2026-09-10").await, "NET");
    let later = import_people(&hr, "", "0012,吴七,,NET,,staff,E2,,2026-09-15,,\n").await.expect(200);
    assert_eq!(notes(&later).len(), 1);
    assert_eq!(unit_on(&hr, "0012", "2026-09-10").await, Value::Null);
    let assignments = hr.get("/v1/employees/0012/assignments").await.expect(200);
    assert_eq!(assignments.body["items"].as_array().unwrap().len(), 1, "{}", assignments.text);
    let told = world.outbox("organisation").await;
    let last = told.iter().rev().find_map(|event| match event {
        Event::EmployeesChanged(changed) => Some(changed.employees[0].clone()),
        _ => None,
    });
    assert_eq!(last.unwrap().assignments[0].from.to_string(), "2026-09-15");
}

#[actix_web::test]
async fn given_somebody_who_had_left_when_they_are_hired_again_then_they_stand_there_from_that_day() {
    let world = world().await;
    let (_, hr) = company_with_people(&world).await;
    import_people(&hr, "", "E9,郑十,,NET,,staff,E2,,2015-01-01,2026-03-31,\n").await.expect(200);

    let back = import_people(&hr, "", "E9,郑十,,HQ,,staff,E1,,2026-09-01,,\n").await.expect(200);

    assert_eq!(notes(&back), [("/2/hired_on", "joins again and stands here from 2026-09-01")]);
    assert_eq!(unit_on(&hr, "E9", "2026-09-01").await, "HQ");
    assert_eq!(unit_on(&hr, "E9", "2026-03-01").await, "NET");
}

#[actix_web::test]
async fn given_a_later_move_when_a_file_is_dated_back_then_the_answer_says_what_stays() {
    let world = world().await;
    let (_, hr) = company_with_people(&world).await;
    let moved = json!({ "from": "2026-06-01", "unit": "HQ" });
    hr.post("/v1/employees/E4/assignments", moved).await.expect(201);
    let row = "E4,赵四,e4@example.com,NET,lead,staff,E3,E1,2018-01-01,,en\n";

    for _ in 0..2 {
        let answer = import_people(&hr, "&effective_on=2026-03-01", row).await.expect(200);
        assert_eq!(notes(&answer), [("/2/unit", "a later assignment from 2026-06-01 (HQ) stays in force")]);
    }

    let chinese = [("content-type", "text/csv"), ("accept-language", "zh-CN")];
    let path = "/v1/imports?kind=employees&effective_on=2026-03-01";
    let answer = hr.send("POST", path, &chinese, format!("{HEADER}\n{row}").into_bytes()).await.expect(200);
    assert_eq!(notes(&answer), [("/2/unit", "自 2026-06-01 起的后续任职（HQ）仍然有效")]);
    assert_eq!(unit_on(&hr, "E4", "2026-03-01").await, "NET");
    assert_eq!(unit_on(&hr, "E4", "2026-06-01").await, "HQ");
}

#[actix_web::test]
async fn given_names_instead_of_codes_when_imported_then_a_unit_is_understood_and_the_rest_is_told() {
    let world = world().await;
    let (_, hr) = company_with_people(&world).await;

    import_people(&hr, "", "E5,孙五,,网络部,,staff,E2,,2020-01-01,,\n").await.expect(200);
    let refused = import_people(&hr, "", "E6,周六,,网络部（北京）,,,李二,,,,\nE7,周七,,NOWHERE,,,,,,,\n").await;

    assert_eq!(unit_on(&hr, "E5", "2026-09-28").await, "NET");
    let errors = refused.expect(422).body["errors"].clone();
    let expected = json!([
        { "pointer": "/2/unit", "detail": "D2: there is no unit 网络部（北京）; perhaps NET (网络部)" },
        { "pointer": "/2/superior", "detail": "G2: write the employee number: 李二 is E2" },
        { "pointer": "/3/unit", "detail": "D3: there is no unit NOWHERE" },
    ]);
    assert_eq!(errors, expected);
}

#[actix_web::test]
async fn given_addresses_when_imported_then_they_are_kept_as_mail_servers_write_them_and_shared_ones_are_told() {
    let world = world().await;
    let (_, hr) = company_with_people(&world).await;

    let answer = import_people(&hr, "", "E5,孙五,sun@例子.公司,NET,,,,,,,\nE6,周六,E2@Example.com,NET,,,,,,,\n").await;
    let refused = import_people(&hr, "", "E7,吴七,吴@example.com,NET,,,,,,,\n").await.expect(422);

    assert_eq!(notes(&answer.expect(200)), [("/3/email", "E2 has this address as well")]);
    let five = hr.get("/v1/employees/E5").await.expect(200);
    assert_eq!(five.str("/email"), "sun@xn--fsqu00a.xn--55qx5d");
    assert_eq!(pointers(&refused), ["/2/email"]);
}

#[actix_web::test]
async fn given_numbers_and_names_that_only_look_alike_when_imported_then_they_are_refused() {
    let world = world().await;
    let (_, hr) = company_with_people(&world).await;
    let rows = "E8,王\u{202e}八,,HQ,,,,,,,\nE9,#N/A,,HQ,,,,,,,\nE10,王\u{200b}十,,HQ,,,,,,,\n";

    let refused = import_people(&hr, "", rows).await.expect(422);

    let mut found = pointers(&refused);
    found.sort();
    assert_eq!(found, ["/2/name", "/3/name", "/4/name"], "{}", refused.text);
    let refused = import_people(&hr, "", "e1,王一,,HQ,,,,,,,\n").await.expect(422);
    assert_eq!(pointers(&refused), ["/2/number"], "{}", refused.text);
    assert!(refused.text.contains("e1 is written E1 elsewhere"), "{}", refused.text);
    let units = import(&hr, "units", "code,name,parent,category,fact:rate\nnet,网络,,,#DIV/0!\n").await.expect(422);
    assert_eq!(pointers(&units), ["/2/code", "/2/fact:rate"]);
    let units = import(&hr, "units", "code,name,parent,category\nnet,网络,,\n").await.expect(422);
    assert_eq!(pointers(&units), ["/2/code"]);
}

#[actix_web::test]
async fn given_days_that_nobody_can_mean_when_they_are_sent_then_they_are_refused_everywhere() {
    let world = world().await;
    let (_, hr) = company_with_people(&world).await;
    for day in ["0001-01-01", "1899-12-31", "2201-01-01", "9999-12-31", "-000001-01-01", "-009999-01-01"] {
        let file = import(&hr, &format!("employees&effective_on={day}"), PEOPLE).await.expect(422);
        assert_eq!(pointers(&file), ["/effective_on"], "{day}");
        let read = hr.get(&format!("/v1/employees/E1?as_of={day}")).await.expect(422);
        assert_eq!(pointers(&read), ["/as_of"], "{day}");
        let moved = hr.post("/v1/employees/E4/assignments", json!({ "from": day, "unit": "HQ" })).await.expect(422);
        assert!(pointers(&moved).contains(&"/from".to_owned()), "{day}: {}", moved.text);
        let joined = import_people(&hr, "", &format!("E5,孙五,,NET,,,,,{day},,\n")).await.expect(422);
        assert_eq!(pointers(&joined), ["/2/hired_on"], "{day}");
        let calendar = json!({ "non_working_days": [day], "working_days": [] });
        let refused = hr.put("/v1/working-calendar", Some("\"0\""), calendar).await.expect(422);
        assert_eq!(pointers(&refused), ["/non_working_days/0"], "{day}");
    }
}

#[actix_web::test]
async fn given_ten_thousand_wrong_rows_when_imported_then_the_first_are_told_and_all_are_counted() {
    let world = world().await;
    let (_, hr) = company_with_people(&world).await;
    let rows: String = (0..10_000).map(|n| format!("P{n},Name {n},,NOWHERE{n},,,,,2024/3/1x,,\n")).collect();

    let refused = import_people(&hr, "", &rows).await.expect(422);

    assert_eq!(refused.body["errors"].as_array().unwrap().len(), 100);
    assert_eq!(refused.body["total"], 20_000);
    assert_eq!(refused.str("/detail"), "20000 things are wrong; here are the first 100");
    assert!(refused.text.len() < 20_000, "{} bytes", refused.text.len());
}

#[actix_web::test]
async fn given_more_rows_than_a_file_may_have_when_imported_then_it_is_refused() {
    let world = world().await;
    let (_, hr) = company_with_people(&world).await;
    let rows: String = (0..=100_000).map(|n| format!("U{n},u,,\n")).collect();

    let refused = import(&hr, "units", &format!("code,name,parent,category\n{rows}")).await.expect(413);

    assert!(refused.text.contains("at most 100000"), "{}", refused.text);
}

#[actix_web::test]
async fn given_a_service_that_begins_to_listen_then_units_people_and_calendar_are_told_once_more() {
    let world = world().await;
    let (_, hr) = company_with_people(&world).await;
    let calendar = json!({ "non_working_days": ["2026-10-01"], "working_days": [] });
    hr.put("/v1/working-calendar", Some("\"0\""), calendar).await.expect(200);
    let before = world.outbox("organisation").await.len();

    let mut conn = world.database.connect("organisation").await;
    diesel::sql_query("update companies set told_to = 0").execute(&mut conn).await.unwrap();

    let newer = platform::service::start(&service(), world.config("organisation")).await.unwrap();
    let told = eventually("everybody is told again", async || {
        let told = world.outbox("organisation").await;
        (told.len() == before + 3).then_some(told)
    })
    .await;
    assert!(matches!(&told[before], Event::UnitsChanged(changed) if changed.units.len() == 2));
    assert!(matches!(&told[before + 1], Event::EmployeesChanged(changed) if changed.employees.len() == 4));
    assert!(matches!(&told[before + 2], Event::WorkingCalendarChanged(changed) if changed.version == 1));
    newer.stop().await;
}

#[actix_web::test]
async fn given_a_unit_file_when_a_parent_goes_by_its_name_then_it_is_understood() {
    let world = world().await;
    let (_, hr) = company_with_people(&world).await;

    import(&hr, "units", "code,name,parent,category\nN1,网络一组,网络部,\n").await.expect(200);

    assert_eq!(hr.get("/v1/units/N1").await.expect(200).str("/parent"), "NET");
    assert_eq!(import(&hr, "units", UNITS).await.expect(200).body["unchanged"], 2);
}
