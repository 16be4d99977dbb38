use std::collections::BTreeSet;

use diesel_async::RunQueryDsl;
use events::Event;
use platform::Role::*;
use serde_json::{Value, json};
use testkit::{World, eventually};
use uuid::Uuid;

use crate::world::{Company, Filling, measured, opened, ranked, ratings, released, row, settled, sheet};

#[actix_web::test]
async fn given_everything_entered_when_closed_and_published_then_everybody_has_the_result_of_the_policy() {
    let company = Company::scoring().await;
    company.score_everybody(company.cycle).await;
    company.close(company.cycle).await;

    let preview = company.hr().get(&company.at("results?unit=NET")).await.expect(200);
    assert_eq!(preview.body["items"].as_array().unwrap().len(), 3);
    let summary = company.executive().get(&company.at("summary")).await.expect(200);
    assert_eq!(summary.body["people"], 5);
    assert_eq!(summary.body["excluded"], 0);
    let own = company.client("E001", &[Employee]);
    let result = format!("/v1/results/{}", company.sheet("E001"));
    own.get(&result).await.expect(404);
    assert!(own.get("/v1/my/results").await.expect(200).body["items"].as_array().unwrap().is_empty());

    company.publish(company.cycle).await;
    company.executive().post(&company.at("publish"), json!({})).await.expect(409);
    let mine = own.get(&result).await.expect(200);
    assert_eq!((mine.str("/score"), mine.str("/grade"), mine.str("/coefficient")), ("88.4", "A2", "1"));
    let mine = own.get("/v1/my/results").await.expect(200);
    assert_eq!(mine.str("/items/0/period"), "2026-10");
    for label in
        ["/items/0/grade_label/zh", "/items/0/grade_label/en", "/items/0/category_label/zh", "/items/0/unit_name"]
    {
        assert!(!mine.str(label).is_empty(), "{label}: {}", mine.text);
    }

    let explained = own.get(&format!("{result}/explanation?locale=en")).await.expect(200);
    assert!(explained.str("/text").contains("88.4"), "{}", explained.text);
    let chinese = own.get(&format!("{result}/explanation")).await.expect(200);
    assert!(chinese.str("/text").contains("考绩分数 = 88.4"), "{}", chinese.text);

    let published: Vec<_> = company.world.outbox("scoring").await;
    let results: usize = published
        .iter()
        .filter_map(|e| if let Event::ResultsPublished(r) = e { Some(r.results.len()) } else { None })
        .sum();
    assert_eq!(results, 5);
    let carried = published.iter().find_map(|e| match e {
        Event::ResultsPublished(r) => r.results.iter().find(|p| p.number == "E001").map(|p| p.carried.clone()),
        _ => None,
    });
    assert_eq!(carried.unwrap().get("coefficient").map(String::as_str), Some("1"));
}

#[actix_web::test]
async fn given_gaps_when_closing_then_it_is_refused_with_the_list() {
    let company = Company::scoring().await;
    let refused = company.hr().post(&company.at("close"), json!({})).await.expect(409);
    assert_eq!(refused.str("/type"), "urn:steelyard:problem:incomplete");
    let missing = refused.body["missing"].as_array().unwrap();
    let names = |m: &Value, number: &str, item: &str, input: &str, by: &str| {
        m["number"] == number && m["item"] == item && m["input"] == input && m["by"] == by
    };
    assert!(missing.iter().any(|m| names(m, "E001", "faults", "superior", "M001")), "{missing:?}");
    assert!(missing.iter().any(|m| names(m, "E003", "attendance", "actual", "hr")), "{missing:?}");

    company.score_everybody(company.cycle).await;
    let take_away = json!({ "scores": { "OPS": null } });
    company.executive().put(&company.at("unit-scores"), None, take_away).await.expect(200);
    let take_away = json!({ "facts": { "NET": { "average_forms": null } } });
    company.hr().put(&company.at("unit-facts"), None, take_away).await.expect(200);
    let refused = company.hr().post(&company.at("close"), json!({})).await.expect(409);
    let missing = refused.body["missing"].as_array().unwrap();
    assert!(missing.iter().any(|m| m["unit"] == "OPS" && m["what"] == "score"), "{missing:?}");
    assert!(missing.iter().any(|m| m["unit"] == "NET" && m["pointer"] == "/facts/average_forms"), "{missing:?}");
}

#[derive(diesel::QueryableByName)]
struct Stored {
    #[diesel(sql_type = diesel::sql_types::Text)]
    text: String,
}

#[actix_web::test]
async fn given_values_in_peoples_own_words_when_they_are_entered_then_they_are_kept_in_one_way_or_refused_at_once() {
    let company = Company::scoring().await;
    let stored = async |query: &str| {
        let mut conn = company.world.database.connect("scoring").await;
        let found: Vec<Stored> = diesel::sql_query(query).load(&mut conn).await.unwrap();
        found[0].text.clone()
    };
    let facts = |fact: &str| json!({ "facts": { "NET": { "average_forms": fact } } });
    company.hr().put(&company.at("unit-facts"), None, facts("２０.４")).await.expect(200);
    let refused = company.hr().put(&company.at("unit-facts"), None, facts("二十")).await.expect(422);
    assert_eq!(refused.str("/errors/0/pointer"), "/facts/NET/average_forms");
    let kept = stored("select entered_facts ->> 'average_forms' as text from units where code = 'NET'").await;
    assert_eq!(kept, "20.4");

    let measure = async |value: &str| {
        let file = format!("number,item,input,value\nE001,cooperation,damage,{value}\n");
        company.hr().send("POST", &company.at("measurements"), &[("content-type", "text/csv")], file.into()).await
    };
    measure("是").await.expect(200);
    let refused = measure("大概").await.expect(422);
    assert_eq!(refused.str("/errors/0/pointer"), "/2/value");
    let kept = stored("select inputs #>> '{cooperation,damage}' as text from sheets where number = 'E001'").await;
    assert_eq!(kept, "true");
}

#[actix_web::test]
async fn given_somebody_elses_part_when_it_is_entered_then_it_is_refused() {
    let company = Company::scoring().await;
    let one =
        |number: &str, item: &str, input: &str, value: &str| json!({ "ratings": [row(number, item, input, value)] });
    let at = company.at("ratings");
    // one's own sheet, as a superior of others and as HR
    let own = one("M001", "cooperation", "superior", "4");
    company.head("M001").post(&at, own).await.expect(403);
    let both = company.client("E001", &[Employee, Hr]);
    both.post(&at, one("E001", "conduct", "hr", "2")).await.expect(403);
    both.post(&company.at("measurements"), json!({ "measurements": measured("E001") })).await.expect(403);
    // HR instead of the superior, the superior instead of HR
    company.hr().post(&at, one("E001", "cooperation", "superior", "4")).await.expect(403);
    company.head("M001").post(&at, one("E001", "conduct", "hr", "2")).await.expect(403);
    // people of others: as if there were none
    company.head("M001").post(&at, one("E003", "cooperation", "superior", "4")).await.expect(422);
    company.head("M001").get(&format!("/v1/sheets/{}", company.sheet("E003"))).await.expect(404);
    company.client("E002", &[Employee]).get(&format!("/v1/sheets/{}", company.sheet("E001"))).await.expect(404);
    // the own unit's score
    let head = company.client("M001", &[Employee, Manager, Executive]);
    head.put(&company.at("unit-scores"), None, json!({ "scores": { "NET": "100" } })).await.expect(403);
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
    ] });
    let refused = company.head("M001").post(&company.at("ratings"), wrong).await.expect(422);
    let pointers: Vec<_> =
        refused.body["errors"].as_array().unwrap().iter().map(|e| e["pointer"].as_str().unwrap().to_owned()).collect();
    for (index, field) in
        [(1, "value"), (2, "value"), (3, "value"), (4, "item"), (5, "value"), (6, "number"), (7, "value")]
    {
        assert!(pointers.contains(&format!("/ratings/{index}/{field}")), "{index}: {pointers:?}");
    }
    let sheet = company.head("M001").get(&format!("/v1/sheets/{}", company.sheet("E001"))).await.expect(200);
    assert_eq!(sheet.etag.as_deref(), Some("\"1\""));
}

#[actix_web::test]
async fn given_points_that_need_an_example_when_submitted_without_then_it_is_refused_until_it_is_there() {
    let company = Company::scoring().await;
    let (head, path) = (company.head("M001"), format!("/v1/sheets/{}", company.sheet("E001")));
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
    assert_eq!(submitted.body["submitted"]["superior"]["by"], "M001");

    // what is submitted stays until HR returns it
    let change = json!({ "ratings": [{ "item": "cooperation", "input": "superior", "value": "1" }] });
    head.put(&ratings_path, submitted.etag.as_deref(), change.clone()).await.expect(422);
    head.post(&format!("{path}/return"), json!({ "reason": "mine" })).await.expect(403);
    let returned = company.hr().post(&format!("{path}/return"), json!({ "reason": "typing error" })).await.expect(200);
    head.put(&ratings_path, returned.etag.as_deref(), change).await.expect(200);
}

#[actix_web::test]
async fn given_scoring_under_way_then_the_appraisee_does_not_see_the_ratings_yet() {
    let company = Company::scoring().await;
    company.score_everybody(company.cycle).await;
    let (own, path) = (company.client("E001", &[Employee]), format!("/v1/sheets/{}", company.sheet("E001")));
    let value = |sheet: &Value| {
        let items = sheet["items"].as_array().unwrap();
        items.iter().find(|i| i["code"] == "faults").unwrap()["inputs"][0]["value"].clone()
    };
    assert_eq!(value(&own.get(&path).await.expect(200).body), Value::Null);
    assert_eq!(value(&company.head("M001").get(&path).await.expect(200).body), json!("5.5"));
    company.close(company.cycle).await;
    company.publish(company.cycle).await;
    assert_eq!(value(&own.get(&path).await.expect(200).body), json!("5.5"));
}

#[actix_web::test]
async fn given_a_published_result_when_corrected_then_both_versions_stay_and_nobody_elses_changes() {
    let company = Company::scoring().await;
    company.score_everybody(company.cycle).await;
    company.close(company.cycle).await;
    let path = format!("/v1/results/{}", company.sheet("E001"));
    let correction = json!({ "reason": "two reports were missed", "ratings": [{ "item": "reports", "input": "value", "value": "2" }] });
    company.hr().post(&format!("{path}/corrections"), correction.clone()).await.expect(409);
    company.publish(company.cycle).await;

    company.executive().post(&format!("{path}/corrections"), correction.clone()).await.expect(403);
    let itself = company.client("E001", &[Employee, Hr]);
    itself.post(&format!("{path}/corrections"), correction.clone()).await.expect(403);
    let no_reason = json!({ "reason": " ", "ratings": correction["ratings"] });
    company.hr().post(&format!("{path}/corrections"), no_reason).await.expect(422);
    let corrected = company.hr().post(&format!("{path}/corrections"), correction).await.expect(201);
    assert_eq!((corrected.str("/score"), corrected.body["version"].as_i64()), ("86.4", Some(2)));

    let own = company.client("E001", &[Employee]);
    let versions = own.get(&format!("{path}/versions")).await.expect(200);
    let scores: Vec<_> =
        versions.body["items"].as_array().unwrap().iter().map(|v| v["score"].as_str().unwrap()).collect();
    assert_eq!(scores, ["86.4", "88.4"]);
    assert_eq!(own.get("/v1/my/results").await.str("/items/0/score"), "86.4");
    let other = company.client("E002", &[Employee]).get("/v1/my/results").await;
    assert_eq!((other.str("/items/0/score"), other.body["items"][0]["version"].as_i64()), ("88.4", Some(1)));

    let told: Vec<_> = company
        .world
        .outbox("scoring")
        .await
        .into_iter()
        .filter_map(|e| if let Event::ResultsCorrected(c) = e { Some(c) } else { None })
        .collect();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].results.len(), 1);
    assert_eq!(told[0].results[0].version, 2);
    assert_eq!(told[0].reason.as_deref(), Some("two reports were missed"));

    let again = json!({ "reason": "one of them was late, not missed", "ratings": [{ "item": "proposals", "input": "value", "value": "5" }] });
    let third = company.hr().post(&format!("{path}/corrections"), again).await.expect(201);
    assert_eq!((third.str("/score"), third.body["version"].as_i64()), ("87.4", Some(3)));
}

#[actix_web::test]
async fn given_a_forced_ranking_when_a_result_is_corrected_then_the_person_is_placed_by_its_cut_offs() {
    for within in ["company", "unit"] {
        let company = Company::scoring_by(&ranked(within)).await;
        company.score_everybody(company.cycle).await;
        let proposals = [("E001", 6), ("E002", 4), ("M001", 2), ("E003", 6), ("M002", 3)];
        company.world.tell_apart(company.cycle, &proposals).await;
        company.close(company.cycle).await;
        company.publish(company.cycle).await;
        let result = |number: &str| format!("/v1/results/{}", company.sheet(number));
        let before = company.hr().get(&company.at("results")).await.expect(200);
        let grades = |page: &Value| {
            let items = page["items"].as_array().unwrap().iter();
            items.map(|r| (r["number"].to_string(), r["grade"].to_string())).collect::<Vec<_>>()
        };
        let best = company.hr().get(&result("E001")).await.expect(200).str("/grade").to_owned();
        let second = company.hr().get(&result("E002")).await.expect(200).str("/grade").to_owned();
        assert_ne!(best, second, "{within}");

        // E001 is still the first of all, but below what the best grade took when the results were published.
        let correction = json!({ "reason": "one proposal was another's",
            "ratings": [{ "item": "proposals", "input": "value", "value": "5" }] });
        let corrected = company.hr().post(&format!("{}/corrections", result("E001")), correction).await.expect(201);

        assert_eq!(corrected.str("/grade"), second, "{within}");
        let after = company.hr().get(&company.at("results")).await.expect(200);
        assert_eq!(grades(&before.body)[1..], grades(&after.body)[1..], "{within}");
    }
}

#[actix_web::test]
async fn given_a_closed_cycle_when_reopened_then_its_results_are_gone_and_it_can_be_closed_again() {
    let company = Company::scoring().await;
    company.score_everybody(company.cycle).await;
    company.close(company.cycle).await;
    company.hr().post(&company.at("reopen"), json!({ "reason": "a late measurement" })).await.expect(200);
    company.hr().get(&company.at("results")).await.expect(409);
    let late = json!({ "measurements": [row("E002", "reports", "value", "2")] });
    company.hr().post(&company.at("measurements"), late).await.expect(200);
    company.close(company.cycle).await;
    company.publish(company.cycle).await;
    company.hr().post(&company.at("reopen"), json!({ "reason": "again" })).await.expect(409);
    let own = company.client("E002", &[Employee]).get("/v1/my/results").await;
    assert_eq!(own.str("/items/0/score"), "86.4");
}

#[actix_web::test]
async fn given_inputs_that_cannot_be_computed_when_closed_then_it_fails_with_the_reason_and_can_be_reopened() {
    let company = Company::scoring().await;
    company.score_everybody(company.cycle).await;
    company.world.spoil(company.cycle, "E003").await;
    company.hr().post(&company.at("close"), json!({})).await.expect(202);
    company.until(company.cycle, "failed").await;
    let closing = company.hr().get(&company.at("closing")).await.expect(200);
    assert_eq!((closing.body["done"].as_i64(), closing.body["failed"].as_i64()), (Some(1), Some(1)));
    assert_eq!(closing.str("/failures/0/unit"), "OPS");
    assert_eq!(closing.str("/failures/0/problem/0/number"), "E003", "{}", closing.text);
    assert_eq!(closing.str("/failures/0/problem/0/pointer"), "/items/reports/value");
    company.executive().post(&company.at("publish"), json!({})).await.expect(409);
    company.hr().post(&company.at("reopen"), json!({ "reason": "a wrong count" })).await.expect(200);
    let mended = json!({ "measurements": [row("E003", "reports", "value", "7")] });
    company.hr().post(&company.at("measurements"), mended).await.expect(200);
    company.close(company.cycle).await;
}

#[actix_web::test]
async fn given_the_same_key_when_publishing_again_then_the_same_answer_comes_back() {
    let company = Company::scoring().await;
    company.score_everybody(company.cycle).await;
    company.close(company.cycle).await;
    let (executive, at) = (company.executive(), company.at("publish"));
    let key = [("idempotency-key", "publish-october")];
    let first = executive.json("POST", &at, &key, json!({})).await.expect(200);
    let second = executive.json("POST", &at, &key, json!({})).await.expect(200);
    assert_eq!(first.text, second.text);
    let refused = executive.post(&at, json!({})).await.expect(409);
    assert_eq!(refused.str("/type"), "urn:steelyard:problem:wrong-state");
}

#[actix_web::test]
async fn given_sheets_when_listed_then_each_sees_those_that_concern_them_page_by_page() {
    let company = Company::scoring().await;
    let numbers = |answer: &testkit::Answer| -> Vec<String> {
        let items = answer.body["items"].as_array().unwrap();
        items.iter().map(|i| i["number"].as_str().unwrap().to_owned()).collect()
    };
    let list = company.head("M001").get("/v1/sheets?mine=rater").await.expect(200);
    assert_eq!(numbers(&list), ["E001", "E002"]);
    let list = company.client("E003", &[Employee]).get("/v1/sheets").await.expect(200);
    assert_eq!(numbers(&list), ["E003"]);
    let first = company.hr().get("/v1/sheets?limit=3&state=open").await.expect(200);
    let second =
        company.hr().get(&format!("/v1/sheets?limit=3&state=open&after={}", first.str("/next"))).await.expect(200);
    assert_eq!(numbers(&first), ["E001", "E002", "E003"]);
    assert_eq!(numbers(&second), ["M001", "M002"]);
    assert_eq!(second.body["next"], Value::Null);
    company.hr().get("/v1/sheets?state=finished").await.expect(422);
    company.hr().get("/v1/sheets?limit=501").await.expect(422);
}

#[actix_web::test]
async fn given_measured_values_in_a_file_when_a_line_is_wrong_then_it_is_named_and_nothing_is_taken() {
    let company = Company::scoring().await;
    let csv = [("content-type", "text/csv")];
    let good = "number,item,input,value\nE001,reports,value,2\nE001,cooperation,damage,true\n";
    let wrong = format!("{good}E001,faults,superior,3\nE002,reports,value,1.5\n");
    let at = company.at("measurements");
    let refused = company.hr().send("POST", &at, &csv, wrong.into_bytes()).await.expect(422);
    assert_eq!((refused.str("/errors/0/pointer"), refused.str("/errors/1/pointer")), ("/4/input", "/5/value"));
    company.hr().send("POST", &at, &csv, good.as_bytes().to_vec()).await.expect(200);
    company.head("M001").send("POST", &at, &csv, good.as_bytes().to_vec()).await.expect(403);
}

#[actix_web::test]
async fn given_measured_values_as_json_of_another_shape_when_entered_then_each_fault_is_told_by_its_place() {
    let company = Company::scoring().await;
    let values = json!({ "measurements": [{ "number": "E001", "item": "reports", "value": "2", "unit": "x" }] });

    let refused = company.hr().post(&company.at("measurements"), values).await.expect(422);

    let told: BTreeSet<&str> =
        refused.body["errors"].as_array().unwrap().iter().map(|error| error["pointer"].as_str().unwrap()).collect();
    assert_eq!(told, BTreeSet::from(["/measurements/0/input", "/measurements/0/unit"]));
    let cut = br#"{"measurements": ["#.to_vec();
    let json = [("content-type", "application/json")];
    let refused = company.hr().send("POST", &company.at("measurements"), &json, cut).await;
    assert_eq!(refused.expect(400).body["detail"], "the body is not JSON: line 1, column 18");
}

#[actix_web::test]
async fn given_a_template_of_measured_values_then_it_has_a_row_for_each_and_is_read_back() {
    let company = Company::scoring().await;
    let path = format!("/v1/imports/template?kind=measurements&cycle={}&locale=en", company.cycle);
    let template = company.hr().get(&path).await.expect(200);
    let read = company.hr().send("POST", &company.at("measurements"), &[], template.bytes.clone()).await.expect(422);
    assert_eq!(read.str("/errors/0/pointer"), "/2/value");
    assert_eq!(read.str("/errors/0/detail"), "D2: it is missing");
    company.head("M001").get(&path).await.expect(403);
}

#[actix_web::test]
async fn given_a_result_of_the_month_before_when_it_differs_much_then_there_is_a_reason_to_interview() {
    let company = Company::scoring().await;
    let before = Uuid::now_v7();
    company.open(before, "2026-09").await;
    company.score_everybody(before).await;
    company.close(before).await;
    company.publish(before).await;
    company.score_everybody(company.cycle).await;
    company.hr().post(&company.at("close"), json!({})).await.expect(202);
    company.until(company.cycle, "closed").await;
    company.hr().post(&company.at("reopen"), json!({ "reason": "lower score of the unit" })).await.expect(200);
    company.executive().put(&company.at("unit-scores"), None, json!({ "scores": { "NET": "40" } })).await.expect(200);
    company.close(company.cycle).await;
    let head = company.head("M001");
    head.get(&company.at("interviews")).await.expect(409);
    company.publish(company.cycle).await;

    let list = head.get(&company.at("interviews")).await.expect(200);
    let people: Vec<_> = list.body["items"].as_array().unwrap().iter().map(|i| i["number"].clone()).collect();
    assert_eq!(people, ["E001", "E002"]);
    let codes: Vec<_> =
        list.body["items"][0]["reasons"].as_array().unwrap().iter().map(|r| r["code"].as_str().unwrap()).collect();
    assert_eq!(codes, ["large_gap", "low_score"]);
    let path = format!("/v1/results/{}/interview", company.sheet("E001"));
    let held = json!({ "held_on": "2026-09-27", "notes": "agreed on a plan" });
    company.head("M002").post(&path, held.clone()).await.expect(404);
    head.post(&path, held).await.expect(201);
    let list = head.get(&company.at("interviews")).await.expect(200);
    assert_eq!(list.str("/items/0/held/notes"), "agreed on a plan");
}

#[actix_web::test]
async fn given_another_company_then_nothing_of_this_one_is_there() {
    let company = Company::scoring().await;
    company.score_everybody(company.cycle).await;
    company.close(company.cycle).await;
    company.publish(company.cycle).await;
    let stranger =
        company.world.client_of(Uuid::now_v7(), "scoring", Some("E001"), &[Employee, Hr, Executive, Auditor], &[]);
    stranger.get(&format!("/v1/sheets/{}", company.sheet("E001"))).await.expect(404);
    stranger.get(&format!("/v1/results/{}", company.sheet("E001"))).await.expect(404);
    stranger.get(&company.at("scoring")).await.expect(404);
    stranger.get(&company.at("results")).await.expect(404);
    stranger.post(&company.at("publish"), json!({})).await.expect(404);
    assert!(stranger.get("/v1/sheets").await.expect(200).body["items"].as_array().unwrap().is_empty());
}

#[actix_web::test]
async fn given_published_results_then_only_the_person_their_line_and_those_who_run_it_read_them() {
    let company = Company::scoring().await;
    company.score_everybody(company.cycle).await;
    company.close(company.cycle).await;
    company.publish(company.cycle).await;
    let path = format!("/v1/results/{}", company.sheet("E001"));
    for allowed in [
        company.client("E001", &[Employee]),
        company.head("M001"),
        company.client("X001", &[Employee, Manager]),
        company.hr(),
        company.client("A001", &[Employee, Auditor]),
    ] {
        allowed.get(&path).await.expect(200);
        allowed.get(&format!("{path}/explanation")).await.expect(200);
    }
    for refused in [company.client("E002", &[Employee]), company.head("M002")] {
        refused.get(&path).await.expect(404);
        refused.get(&format!("{path}/versions")).await.expect(404);
        refused.get(&format!("{path}/explanation")).await.expect(404);
    }
    company.world.anonymous("scoring").get(&path).await.expect(401);
}

#[actix_web::test]
async fn given_work_handed_out_when_it_is_done_then_its_tasks_say_so() {
    let company = Company::scoring().await;
    let tasks = async || {
        let mut last = std::collections::BTreeMap::new();
        for event in company.world.outbox("scoring").await {
            let Event::ScoringTasksChanged(changed) = event else { continue };
            for task in changed.tasks {
                last.insert(task.key.clone(), task);
            }
        }
        last
    };
    let open = tasks().await;
    assert_eq!(open["score/NET/M001"].assignee, "M001");
    assert_eq!(open["score/NET/M001"].due.map(|d| d.to_string()).as_deref(), Some("2026-10-28"));
    assert_eq!(open["unit-score/NET"].assignee, "X001");
    assert!(open.values().all(|task| !task.done));
    company.world.clock.move_to("2026-10-29T01:00:00Z".parse().unwrap());
    let overdue = company.hr().get(&company.at("scoring")).await.expect(200);
    assert_eq!(overdue.body["overdue"].as_array().unwrap().len(), 6, "{}", overdue.text);

    company.score_everybody(company.cycle).await;
    let done = tasks().await;
    assert!(done.values().all(|task| task.done), "{done:?}");
    assert!(done.values().all(|task| task.version == 2));
    let scoring = company.hr().get(&company.at("scoring")).await.expect(200);
    assert_eq!(scoring.body["complete"], 5);
    assert!(scoring.body["overdue"].as_array().unwrap().is_empty());
}

#[actix_web::test]
async fn given_news_in_any_order_then_scoring_starts_when_all_of_it_is_there() {
    let company = Company { world: World::start(&[scoring::service()]).await, cycle: Uuid::now_v7() };
    let cycle = company.cycle;
    company.world.publish(&released(cycle, &[("NET", 2)])).await;
    company.world.publish(&settled(cycle, "NET", "M001", vec![sheet("E002", "M001")])).await;
    company.world.publish(&opened(cycle, "2026-10")).await;
    company.until(cycle, "open").await;
    let refused = company.hr().post(&company.at("close"), json!({})).await.expect(409);
    assert_eq!(refused.str("/type"), "urn:steelyard:problem:wrong-state");
    let last = settled(cycle, "NET", "M001", vec![sheet("E001", "M001")]);
    company.world.publish(&last).await;
    company.world.publish(&last).await;
    company.until(cycle, "scoring").await;
    assert_eq!(company.hr().get(&company.at("scoring")).await.body["sheets"], 2);
}

#[actix_web::test]
async fn given_two_replicas_of_which_one_is_killed_while_closing_then_everybody_has_one_result() {
    let mut company = Company { world: World::start(&[scoring::service()]).await, cycle: Uuid::now_v7() };
    let cycle = company.cycle;
    company.world.publish(&opened(cycle, "2026-10")).await;
    let units: Vec<String> = (0..30).map(|u| format!("U{u:03}")).collect();
    for unit in &units {
        let sheets = (0..100).map(|n| sheet(&format!("{unit}-{n:03}"), "BOSS")).collect();
        company.world.publish(&settled(cycle, unit, "BOSS", sheets)).await;
    }
    let counts: Vec<(&str, u32)> = units.iter().map(|u| (u.as_str(), 100)).collect();
    company.world.publish(&released(cycle, &counts)).await;
    company.until(cycle, "scoring").await;
    company.world.fill_all(cycle).await;
    let replica = platform::service::start(&scoring::service(), company.world.config("scoring")).await.unwrap();
    company.hr().post(&company.at("close"), json!({})).await.expect(202);
    eventually("some of it is closed", async || {
        (company.hr().get(&company.at("closing")).await.body["done"].as_i64()? > 0).then_some(())
    })
    .await;
    replica.kill().await;
    company.until(cycle, "closed").await;
    company.publish(cycle).await;
    let told = company.world.outbox("scoring").await;
    let mut numbers: Vec<String> = told
        .iter()
        .filter_map(|e| {
            if let Event::ResultsPublished(r) = e {
                Some(r.results.iter().map(|p| String::from(p.number.clone())))
            } else {
                None
            }
        })
        .flatten()
        .collect();
    numbers.sort();
    let all = numbers.len();
    numbers.dedup();
    assert_eq!((all, numbers.len()), (3000, 3000));
    assert_eq!(told.iter().filter(|e| matches!(e, Event::CyclePublished(_))).count(), 1);
    let running = company.world.running.remove("scoring").unwrap();
    running.stop().await;
}
