use serde_json::{Value, json};

use crate::company::Company;

const TERMS: &str = "[appeal]\nfile_within = \"2 working days\"\nanswer_within = \"5 working days\"\nlevels = [\"superior.superior\"]\nfinal = true";

#[actix_web::test]
async fn given_a_result_when_its_person_appeals_in_time_then_the_first_level_has_a_task_by_a_day() {
    let company = Company::with(TERMS).await;
    company.day("2026-11-04");
    let filed = company.file().await.expect(201);
    assert_eq!(
        (filed.str("/state"), filed.str("/subject"), filed.str("/respond_by")),
        ("open", "person:E1", "2026-11-11")
    );
    assert_eq!((filed.str("/known_on"), filed.str("/filed_on")), ("2026-11-02", "2026-11-04"));
    assert_eq!(filed.body["levels"][0]["actors"], json!(["person:G"]));
    assert_eq!(filed.body["people"]["G"], "员工G");
    let tasks = company.tasks().await;
    assert_eq!(tasks.len(), 1, "{tasks:?}");
    assert_eq!((tasks[0].holder.as_str(), tasks[0].due.unwrap().to_string().as_str()), ("person:G", "2026-11-11"));
    assert_eq!(tasks[0].operation, "decide_level");
}

#[actix_web::test]
async fn given_a_term_that_is_over_when_somebody_appeals_then_they_are_told_its_last_day() {
    let company = Company::with(TERMS).await;
    company.day("2026-11-05");
    let late = company.file().await.expect(409);
    assert_eq!(late.str("/type"), "urn:steelyard:problem:wrong-state");
    assert!(late.str("/detail").contains("2026-11-04"), "{}", late.text);
}

#[actix_web::test]
async fn given_an_open_appeal_when_another_is_filed_then_it_is_refused_until_the_first_is_withdrawn() {
    let company = Company::with(TERMS).await;
    let first = company.file().await.expect(201);
    let second = company.file_with(json!({ "about": "rating", "place": "/items/work/superior" })).await.expect(409);
    assert!(second.str("/detail").contains(first.str("/id")), "{}", second.text);

    let path = format!("/v1/appeals/{}/withdraw", first.str("/id"));
    company.as_person("E2").post(&path, json!({ "reason": "x" })).await.expect(404);
    let withdrawn = company.as_person("E1").post(&path, json!({ "reason": "谈过了" })).await.expect(200);
    assert_eq!((withdrawn.str("/state"), withdrawn.str("/levels/0/state")), ("withdrawn", "void"));
    assert!(company.tasks().await.is_empty());
    company.as_person("E1").post(&path, json!({ "reason": "again" })).await.expect(409);
    company.file().await.expect(201);
}

#[actix_web::test]
async fn given_others_when_they_appeal_for_somebody_then_only_hr_does_so_from_paper() {
    let company = Company::with(TERMS).await;
    company.day("2026-11-06");
    let other = company.filing(json!({ "subject": "person:E1" }));
    company.as_person("E2").post("/v1/appeals", other.clone()).await.expect(403);
    let own = company.file_with(json!({ "filed_on": "2026-11-04" })).await.expect(422);
    assert_eq!(own.str("/errors/0/pointer"), "/filed_on");

    let mut paper = other;
    paper["known_on"] = json!("2026-11-03");
    paper["filed_on"] = json!("2026-11-05");
    let filed = company.hr("P1").post("/v1/appeals", paper).await.expect(201);
    assert_eq!((filed.body["on_paper"].clone(), filed.str("/filed_by")), (json!(true), "P1"));
    assert_eq!((filed.str("/appellant"), filed.str("/respond_by")), ("E1", "2026-11-12"));
    let notices = company.notices().await;
    assert_eq!((notices[0].kind.as_str(), notices[0].to[0].as_str()), ("appeal_opened", "E1"));
}

#[actix_web::test]
async fn given_a_unit_or_an_exclusion_when_appealed_against_then_it_is_its_head_or_whoever_was_left_out() {
    let company = Company::with("[appeal]\nlevels = [\"body.group\"]").await;
    company.as_person("E1").post("/v1/appeals", company.filing(json!({ "subject": "unit:NET" }))).await.expect(403);
    let of_unit = company.as_person("H").post("/v1/appeals", company.filing(json!({ "subject": "unit:NET" }))).await;
    let of_unit = of_unit.expect(201);
    assert_eq!((of_unit.str("/appellant"), of_unit.body["respond_by"].clone()), ("H", Value::Null));

    let left_out = company.as_person("N1");
    left_out.post("/v1/appeals", company.filing(json!({}))).await.expect(409);
    left_out.post("/v1/appeals", company.filing(json!({ "about": "exclusion" }))).await.expect(201);
    company.file_with(json!({ "about": "exclusion" })).await.expect(409);
}

#[actix_web::test]
async fn given_a_scheme_without_appeals_or_a_wrong_filing_then_it_is_refused_by_name() {
    let company = Company::with("").await;
    company.file().await.expect(409);
    let company = Company::with(TERMS).await;
    for (more, pointer) in [
        (json!({ "grounds": " " }), "/grounds"),
        (json!({ "about": "rating" }), "/place"),
        (json!({ "place": "/items/work" }), "/place"),
        (json!({ "subject": "E1" }), "/subject"),
        (json!({ "documents": [uuid::Uuid::now_v7()] }), "/documents"),
    ] {
        let refused = company.file_with(more.clone()).await.expect(422);
        assert_eq!(refused.str("/errors/0/pointer"), pointer, "{more}: {}", refused.text);
    }
}

#[actix_web::test]
async fn given_a_case_when_others_look_for_it_then_only_those_concerned_and_hr_and_auditors_find_it() {
    let company = Company::with(TERMS).await;
    let filed = company.file().await.expect(201);
    let path = format!("/v1/appeals/{}", filed.str("/id"));
    for (client, status, listed) in [
        (company.as_person("E1"), 200, 1),
        (company.as_person("G"), 200, 1),
        (company.hr("P1"), 200, 1),
        (company.auditor(), 200, 1),
        (company.as_person("M"), 404, 0),
        (company.as_person("E2"), 404, 0),
    ] {
        client.get(&path).await.expect(status);
        let list = client.get("/v1/appeals").await.expect(200);
        assert_eq!(list.body["items"].as_array().unwrap().len(), listed);
    }
}
