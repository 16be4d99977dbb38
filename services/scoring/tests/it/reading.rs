//! Who reads sheets and results.

use platform::Role::*;
use serde_json::Value;
use testkit::Answer;

use crate::world::{Company, all_of};

#[actix_web::test]
async fn given_sheets_when_listed_then_each_sees_those_that_concern_them_page_by_page() {
    let company = Company::scoring().await;
    fn numbers(answer: &Answer) -> Vec<&str> {
        all_of(&answer.body["items"], "number")
    }
    let list = company.head("M001").get("/v1/sheets?mine=rater").await.expect(200);
    assert_eq!(numbers(&list), ["E001", "E002"]);
    let list = company.employee("E003").get("/v1/sheets").await.expect(200);
    assert_eq!(numbers(&list), ["E003"]);
    let list = company.head("M001").get("/v1/sheets?mine=appraisee").await.expect(200);
    assert_eq!(numbers(&list), ["M001"]);
    let first = company.hr().get("/v1/sheets?limit=3&state=open").await.expect(200);
    let second =
        company.hr().get(&format!("/v1/sheets?limit=3&state=open&after={}", first.str("/next"))).await.expect(200);
    assert_eq!(numbers(&first), ["E001", "E002", "E003"]);
    assert_eq!(numbers(&second), ["M001", "M002"]);
    assert_eq!(second.body["next"], Value::Null);
    let list = company.hr().get(&format!("/v1/sheets?cycle={}&unit=OPS&q=E003", company.cycle)).await.expect(200);
    assert_eq!((list.str("/items/0/subject"), list.str("/items/0/state")), ("person:E003", "open"));
    company.hr().get("/v1/sheets?state=finished").await.expect(422);
    company.hr().get("/v1/sheets?limit=501").await.expect(422);
    company.score_everybody(company.cycle).await;
    assert_eq!(numbers(&company.hr().get("/v1/sheets?state=complete").await.expect(200)).len(), 5);
}

#[actix_web::test]
async fn given_published_results_then_only_the_person_their_line_and_those_who_run_it_read_them() {
    let company = Company::published().await;
    let path = company.result_path("E001");
    for allowed in [
        company.employee("E001"),
        company.head("M001"),
        company.client("X001", &[Employee, Manager]),
        company.hr(),
        company.auditor(),
    ] {
        allowed.get(&path).await.expect(200);
        allowed.get(&format!("{path}/explanation")).await.expect(200);
    }
    for refused in [company.employee("E002"), company.head("M002")] {
        refused.get(&path).await.expect(404);
        refused.get(&format!("{path}/versions")).await.expect(404);
        refused.get(&format!("{path}/explanation")).await.expect(404);
    }
    company.world.anonymous("scoring").get(&path).await.expect(401);
}

#[actix_web::test]
async fn given_a_sheet_then_it_says_what_it_asks_of_whom_and_what_does_not_count() {
    let company = Company::scoring().await;
    let (head, hr) = (company.head("M001"), company.hr());

    let sheet = head.get(&company.sheet_path("E001")).await.expect(200);

    assert_eq!(all_of(&sheet.body["sections"], "code"), ["department", "post", "values"]);
    let item =
        |code: &str| sheet.body["items"].as_array().unwrap().iter().find(|item| item["code"] == code).unwrap().clone();
    assert_eq!((&item("post_tasks")["off"], &item("faults")["off"]), (&Value::Bool(true), &Value::Bool(false)));
    let faults = &item("faults")["inputs"][0];
    assert_eq!((&faults["column"], &faults["mine"], &faults["max"]), (&"superior".into(), &true.into(), &"6".into()));
    let reports = &item("reports")["inputs"][0];
    assert_eq!((&reports["column"], &reports["mine"]), (&Value::Null, &false.into()));
    let raters: Vec<(&str, &str)> = sheet.body["assignments"]
        .as_array()
        .unwrap()
        .iter()
        .map(|a| (a["column"].as_str().unwrap(), a["rater"].as_str().unwrap()))
        .collect();
    assert_eq!(raters, [("hr", "role:hr"), ("superior", "person:M001")]);
    assert!(sheet.body["actions"].as_array().unwrap().contains(&"put_sheet_ratings".into()));
    let own = company.employee("E001").get(&company.sheet_path("E001")).await.expect(200);
    assert_eq!((&own.body["actions"], &own.body["assignments"]), (&Value::Array(vec![]), &Value::Array(vec![])));
    assert_eq!(hr.get("/v1/assignments").await.expect(200).body["items"].as_array().unwrap().len(), 5);
}

#[actix_web::test]
async fn given_results_when_sorted_by_score_or_name_then_pages_follow_each_other_in_that_order() {
    let company = Company::scoring().await;
    company.score_everybody(company.cycle).await;
    company.tell_apart(company.cycle, &[("E001", 1), ("E002", 3), ("E003", 0), ("M002", 2)]).await;
    company.close(company.cycle).await;
    let hr = company.hr();
    let paged = async |sort: &str| {
        let (mut numbers, mut scores, mut after) = (Vec::new(), Vec::new(), String::new());
        loop {
            let path = company.at(&format!("results?kind=person&limit=2&sort={sort}{after}"));
            let page = hr.get(&path).await.expect(200);
            numbers.extend(all_of(&page.body["items"], "number").into_iter().map(str::to_owned));
            scores.extend(all_of(&page.body["items"], "score").into_iter().map(|score| score.parse::<f64>().unwrap()));
            match page.body["next"].as_str() {
                Some(next) => after = format!("&after={next}"),
                None => return (numbers, scores),
            }
        }
    };

    let (by_score, scores) = paged("score").await;
    assert!(scores.is_sorted_by(|one, next| one >= next), "{scores:?}");
    assert_ne!(scores.first(), scores.last());
    assert_eq!(by_score.iter().collect::<std::collections::BTreeSet<_>>().len(), 5);
    assert_eq!(paged("name").await.0, ["E001", "E002", "E003", "M001", "M002"]);
    assert_eq!(paged("subject").await.0, ["E001", "E002", "E003", "M001", "M002"]);
    hr.get(&company.at("results?sort=luck")).await.expect(422);
}
