//! Ratings and facts on their way in: by whom, in which form, and what is refused.

use std::collections::BTreeSet;

use platform::Role::*;
use serde_json::{Value, json};

use crate::world::{Company, all_of, fact, measured, pointers, ratings, row, value};

/// The latest value of a unit or a person, as it is kept.
async fn kept(company: &Company, subject: &str, path: &str) -> Value {
    let facts = company.hr().get(&company.at(&format!("facts?subject={subject}&path={path}"))).await.expect(200);
    facts.body["items"][0]["value"].clone()
}

/// What is entered on a sheet.
fn entered(sheet: &Value, item: &str, input: usize) -> Value {
    let items = sheet["items"].as_array().unwrap();
    items.iter().find(|i| i["code"] == item).unwrap()["inputs"][input]["value"].clone()
}

#[actix_web::test]
async fn given_values_in_peoples_own_words_when_they_are_entered_then_they_are_kept_in_one_way_or_refused_at_once() {
    let company = Company::scoring().await;
    let mean = |text: &str| vec![fact("unit:NET", "fact.average_forms", &json!(text))];
    company.give(mean("２０.４")).await.expect(200);
    let refused = company.give(mean("二十")).await.expect(422);
    assert_eq!(pointers(&refused), ["/facts/0/value"]);
    assert_eq!(kept(&company, "unit:NET", "fact.average_forms").await, "20.4");

    let head = company.head("M001");
    let damage = |text: &str| json!({ "ratings": [row("E001", "cooperation", "damage", text)] });
    head.post(&company.at("ratings"), damage("是")).await.expect(200);
    let refused = head.post(&company.at("ratings"), damage("大概")).await.expect(422);
    assert_eq!(pointers(&refused), ["/ratings/0/value"]);
    let sheet = head.get(&company.sheet_path("E001")).await.expect(200);
    let damage = (0..2).map(|input| entered(&sheet.body, "cooperation", input)).find(|value| !value.is_null());
    assert_eq!(damage, Some(json!(true)));
}

#[actix_web::test]
async fn given_somebody_elses_part_when_it_is_entered_then_it_is_refused() {
    let company = Company::scoring().await;
    let one =
        |number: &str, item: &str, input: &str, value: &str| json!({ "ratings": [row(number, item, input, value)] });
    let at = company.at("ratings");
    // one's own sheet, as a superior of others and as HR
    company.head("M001").post(&at, one("M001", "cooperation", "superior", "4")).await.expect(403);
    let both = company.client("E001", &[Employee, Hr]);
    both.post(&at, one("E001", "conduct", "hr", "2")).await.expect(403);
    both.post(&company.at("facts"), json!({ "facts": measured("E001") })).await.expect(403);
    // HR instead of the superior, the superior instead of HR
    company.hr().post(&at, one("E001", "cooperation", "superior", "4")).await.expect(403);
    company.head("M001").post(&at, one("E001", "conduct", "hr", "2")).await.expect(403);
    // people of others: as if there were none
    company.head("M001").post(&at, one("E003", "cooperation", "superior", "4")).await.expect(422);
    company.head("M001").get(&company.sheet_path("E003")).await.expect(404);
    company.employee("E002").get(&company.sheet_path("E001")).await.expect(404);
    // recused
    let recusal = json!({ "number": "E001", "rater": "M001", "reason": "married to each other" });
    company.hr().post(&company.at("recusals"), recusal).await.expect(201);
    company.head("M001").post(&at, one("E001", "cooperation", "superior", "4")).await.expect(403);
    company.hr().post(&at, one("E001", "cooperation", "superior", "4")).await.expect(200);
}

#[actix_web::test]
async fn given_errors_in_a_list_when_it_is_entered_then_all_are_told_and_nothing_changes() {
    let company = Company::scoring().await;
    let wrong = json!({ "ratings": [
        row("E001", "evaluation", "superior", "5"),
        row("E001", "faults", "superior", "5.3"),
        row("E001", "cooperation", "superior", "5.5"),
        row("E001", "execution", "superior", "F"),
        row("E001", "nonsense", "superior", "1"),
        row("E001", "attendance", "expected", "0"),
        row("E404", "evaluation", "superior", "5"),
        json!({ "number": "E002", "item": "evaluation", "input": "superior", "value": 5 }),
        row("E001", "post_tasks", "superior", "5"),
    ] });
    let refused = company.head("M001").post(&company.at("ratings"), wrong).await.expect(422);
    let told = pointers(&refused);
    for (index, field) in
        [(1, "value"), (2, "value"), (3, "value"), (4, "item"), (5, "input"), (6, "number"), (7, "value"), (8, "item")]
    {
        assert!(told.contains(&&*format!("/ratings/{index}/{field}")), "{index}: {told:?}");
    }
    let sheet = company.head("M001").get(&company.sheet_path("E001")).await.expect(200);
    assert_eq!(sheet.etag.as_deref(), Some("\"1\""));
    let twice = json!({ "ratings": [row("E001", "faults", "superior", "5"), row("E001", "faults", "superior", "4")] });
    let refused = company.head("M001").post(&company.at("ratings"), twice).await.expect(422);
    assert_eq!(pointers(&refused), ["/ratings/1"]);
}

#[actix_web::test]
async fn given_points_that_need_an_example_when_submitted_without_then_it_is_refused_until_it_is_there() {
    let company = Company::scoring().await;
    let (head, path) = (company.head("M001"), company.sheet_path("E001"));
    let bare: Vec<Value> = ratings("E001")
        .into_iter()
        .map(|r| json!({ "item": r["item"], "input": r["input"], "value": r["value"] }))
        .collect();
    let ratings_path = format!("{path}/ratings");
    head.put(&ratings_path, None, json!({ "ratings": bare })).await.expect(428);
    head.put(&ratings_path, Some("\"7\""), json!({ "ratings": bare })).await.expect(412);
    let entered = head.put(&ratings_path, Some("\"1\""), json!({ "ratings": bare })).await.expect(200);
    let refused = head.post(&format!("{path}/submit"), json!({})).await.expect(409);
    let missing = refused.body["missing"].as_array().unwrap();
    assert_eq!(missing.len(), 2, "{missing:?}");
    assert!(missing.iter().all(|m| m["what"] == "evidence"));

    let examples: Vec<Value> = ["evaluation", "faults"]
        .iter()
        .zip(["5", "5.5"])
        .map(|(item, value)| json!({ "item": item, "input": "superior", "value": value, "evidence": "stayed all night" }))
        .collect();
    head.put(&ratings_path, entered.etag.as_deref(), json!({ "ratings": examples })).await.expect(200);
    let submitted = head.post(&format!("{path}/submit"), json!({})).await.expect(200);
    let forms = submitted.body["assignments"].as_array().unwrap();
    let form = forms.iter().find(|form| form["column"] == "superior").unwrap();
    assert_eq!((&form["state"], &form["acted_by"]), (&json!("submitted"), &json!("M001")));

    // what is submitted stays until HR returns it
    let change = json!({ "ratings": [{ "item": "cooperation", "input": "superior", "value": "1" }] });
    head.put(&ratings_path, submitted.etag.as_deref(), change.clone()).await.expect(422);
    head.post(&format!("{path}/submit"), json!({})).await.expect(409);
    head.post(&format!("{path}/return"), json!({ "reason": "mine" })).await.expect(403);
    let returned = company.hr().post(&format!("{path}/return"), json!({ "reason": "typing error" })).await.expect(200);
    head.put(&ratings_path, returned.etag.as_deref(), change).await.expect(200);
}

#[actix_web::test]
async fn given_forms_that_are_only_entered_when_closed_then_they_do_not_count() {
    let company = Company::scoring().await;
    company.score(company.cycle, &["M001", "E002", "M002", "E003"]).await;
    company.give(measured("E001")).await.expect(200);
    let rated = json!({ "ratings": ratings("E001") });
    company.head("M001").post(&company.at("ratings"), rated).await.expect(200);
    let conduct = json!({ "ratings": [row("E001", "conduct", "hr", "2")] });
    company.hr().post(&company.at("ratings"), conduct).await.expect(200);

    company.close(company.cycle).await;
    let missing = company.missing().await;
    assert!(missing["person:E001"].contains(&"/items/faults/superior".to_owned()), "{missing:?}");

    for client in [company.head("M001"), company.hr()] {
        client.post(&format!("{}/submit", company.sheet_path("E001")), json!({})).await.expect(200);
    }
    company.close(company.cycle).await;
    assert!(company.missing().await.is_empty());
}

#[actix_web::test]
async fn given_forms_that_lack_something_when_all_are_submitted_then_they_are_listed_and_none_is() {
    let company = Company::scoring().await;
    let head = company.head("M001");
    head.post(&company.at("ratings"), json!({ "ratings": ratings("E001") })).await.expect(200);

    let refused = head.post(&company.at("ratings/submit"), json!({})).await.expect(409);

    assert_eq!(refused.str("/type"), "urn:steelyard:problem:incomplete");
    let missing = refused.body["missing"].as_array().unwrap();
    assert!(missing.iter().all(|m| m["number"] == "E002" && m["part"] == "superior"), "{missing:?}");
    let items: BTreeSet<&str> = all_of(&refused.body["missing"], "item").into_iter().collect();
    assert!(items.contains("faults") && !items.contains("post_tasks"), "{items:?}");
    let mine = head.get("/v1/assignments").await.expect(200);
    assert!(all_of(&mine.body["items"], "state").iter().all(|state| *state == "open"), "{}", mine.text);
}

#[actix_web::test]
async fn given_scoring_under_way_then_the_appraisee_does_not_see_the_ratings_yet() {
    let company = Company::scoring().await;
    company.score_everybody(company.cycle).await;
    let (own, path) = (company.employee("E001"), company.sheet_path("E001"));
    assert_eq!(entered(&own.get(&path).await.expect(200).body, "faults", 0), Value::Null);
    assert_eq!(entered(&own.get(&path).await.expect(200).body, "reports", 0), Value::Null);
    assert_eq!(entered(&company.head("M001").get(&path).await.expect(200).body, "faults", 0), json!("5.5"));
    company.close(company.cycle).await;
    assert_eq!(entered(&own.get(&path).await.expect(200).body, "faults", 0), Value::Null);
    company.publish(company.cycle).await;
    assert_eq!(entered(&own.get(&path).await.expect(200).body, "faults", 0), json!("5.5"));
    assert_eq!(entered(&own.get(&path).await.expect(200).body, "reports", 0), json!("0"));
}

#[actix_web::test]
async fn given_measured_values_in_a_file_when_a_line_is_wrong_then_it_is_named_and_nothing_is_taken() {
    let company = Company::scoring().await;
    let csv = [("content-type", "text/csv")];
    let good = "subject,path,value\nE001,item.reports.value,2\nunit:NET,fact.average_forms,12\n";
    let wrong = format!("{good}E001,item.faults.superior,3\nE002,item.reports.value,1.5\nE404,item.reports.value,1\n");
    let at = company.at("facts");
    let refused = company.hr().send("POST", &at, &csv, wrong.into_bytes()).await.expect(422);
    assert_eq!(pointers(&refused), ["/4/path", "/5/value", "/6/subject"]);
    assert_eq!(kept(&company, "person:E001", "item.reports.value").await, Value::Null);
    let taken = company.hr().send("POST", &at, &csv, good.as_bytes().to_vec()).await.expect(200);
    assert_eq!(taken.body["facts"], 2);
    let facts = company.hr().get(&company.at("facts?subject=person:E001")).await.expect(200);
    assert_eq!((facts.str("/items/0/value"), facts.str("/items/0/source")), ("2", "file"));
    let attendance = b"subject,path,value\nE001,item.attendance.actual,20\n".to_vec();
    company.head("M001").send("POST", &at, &csv, attendance).await.expect(403);
}

#[actix_web::test]
async fn given_measured_values_as_json_of_another_shape_when_entered_then_each_fault_is_told_by_its_place() {
    let company = Company::scoring().await;
    let values = json!({ "facts": [{ "subject": "person:E001", "value": "2", "unit": "x" }] });

    let refused = company.hr().post(&company.at("facts"), values).await.expect(422);

    let told: BTreeSet<&str> = pointers(&refused).into_iter().collect();
    assert_eq!(told, BTreeSet::from(["/facts/0/path", "/facts/0/unit"]));
    let cut = br#"{"facts": ["#.to_vec();
    let json = [("content-type", "application/json")];
    let refused = company.hr().send("POST", &company.at("facts"), &json, cut).await;
    assert_eq!(refused.expect(400).body["detail"], "the body is not JSON: line 1, column 11");
    let refused = company.give(vec![fact("E001", "score", &json!("1"))]).await.expect(422);
    assert_eq!(pointers(&refused), ["/facts/0/subject"]);
}

#[actix_web::test]
async fn given_a_template_of_measured_values_then_it_has_a_row_for_each_and_is_read_back() {
    let company = Company::scoring().await;
    let path = format!("/v1/imports/template?kind=facts&cycle={}&locale=en", company.cycle);
    let template = company.hr().get(&path).await.expect(200);
    let read = company.hr().send("POST", &company.at("facts"), &[], template.bytes.clone()).await.expect(422);
    assert_eq!(read.str("/errors/0/pointer"), "/2/value");
    assert_eq!(read.str("/errors/0/detail"), "C2: it is missing");
    // score and facts of two units, and six values of each of five people
    assert_eq!(pointers(&read).len(), 2 * 2 + 5 * 6, "{}", read.text);
    company.head("M001").get(&path).await.expect(403);
}

#[actix_web::test]
async fn given_hr_that_takes_a_value_away_then_the_person_is_missing_again() {
    let company = Company::scoring().await;
    company.score_everybody(company.cycle).await;
    company.give(vec![fact("person:E002", "item.reports.value", &Value::Null)]).await.expect(200);

    company.close(company.cycle).await;

    assert_eq!(company.missing().await["person:E002"], ["/items/reports/value"]);
    company.give(vec![value("E002", "reports", "0")]).await.expect(200);
    company.close(company.cycle).await;
    assert!(company.missing().await.is_empty());
}
