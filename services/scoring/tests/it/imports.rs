//! Results from before this system, and what they count for.

use platform::Role::*;
use serde_json::{Value, json};
use testkit::{Answer, Client};
use uuid::Uuid;

use crate::world::{Company, PEOPLE, all_of, opening, pointers, shipped};

fn result(number: &str, period: &str, score: &str, grade: &str) -> Value {
    json!({ "subject": format!("person:{number}"), "scheme": "monthly-kpi", "period": period, "score": score, "grade": grade })
}

async fn import(client: &Client, results: Vec<Value>) -> Answer {
    client.post("/v1/imports?kind=results", json!({ "results": results })).await
}

async fn import_file(client: &Client, file: &str) -> Answer {
    client.send("POST", "/v1/imports?kind=results", &[("content-type", "text/csv")], file.into()).await
}

/// Who is to be interviewed, and why.
async fn interviews(company: &Company) -> Vec<(String, Vec<String>)> {
    let list = company.hr().get(&company.at("interviews")).await.expect(200);
    let one = |one: &Value| {
        let reasons = all_of(&one["reasons"], "code").into_iter().map(str::to_owned).collect();
        (one["number"].as_str().unwrap().to_owned(), reasons)
    };
    list.body["items"].as_array().unwrap().iter().map(one).collect()
}

#[actix_web::test]
async fn given_imported_results_when_the_next_month_is_closed_then_they_are_its_history() {
    let company = Company::scoring().await;
    company.score_everybody(company.cycle).await;

    let results = vec![
        result("E001", "2026-09", "60", "C"),
        result("E002", "2026-09", "90", "A2"),
        result("E002", "2026-08", "92", "A1"),
        result("E003", "2026-08", "10", "D"),
    ];
    assert_eq!(import(&company.hr(), results).await.expect(200).body["results"], 4);

    company.close(company.cycle).await;
    let gap = |number: &str| (number.to_owned(), vec!["large_gap".to_owned()]);
    let three = ("E002".to_owned(), vec!["sustained_excellence".to_owned()]);
    assert_eq!(interviews(&company).await, [gap("E001"), three]);
    // imported results are nobody's results here
    assert!(company.employee("E001").get("/v1/my/results").await.body["items"].as_array().unwrap().is_empty());
}

#[actix_web::test]
async fn given_results_in_a_file_when_imported_again_then_the_later_counts() {
    let company = Company::scoring().await;
    company.score_everybody(company.cycle).await;
    let header = "number,unit,scheme,cadence,period,score,grade,outcomes\n";
    let first = format!("{header}E001,,monthly-kpi,monthly,2026-09,60,C,low_score\n,NET,monthly-kpi,,2026-09,70,,\n");
    assert_eq!(import_file(&company.hr(), &first).await.expect(200).body["results"], 2);
    let second = format!("{header}E001,,monthly-kpi,monthly,2026-09,88,A2,\n");
    import_file(&company.hr(), &second).await.expect(200);

    company.close(company.cycle).await;

    assert!(interviews(&company).await.is_empty());
    let entries = company.auditor().get("/v1/scoring/audit-entries?limit=500").await.expect(200);
    let imported = entries.body["items"].as_array().unwrap().iter().filter(|e| e["action"] == "results.imported");
    assert_eq!(imported.count(), 2);
}

#[actix_web::test]
async fn given_faults_in_results_when_imported_then_all_are_told_and_none_is_kept() {
    let company = Company::scoring().await;
    company.score_everybody(company.cycle).await;
    let other = |field: &str, value: Value| {
        let mut one = result(&format!("{field} {value}"), "2026-08", "60", "C");
        one[field] = value;
        one
    };
    let results = vec![
        result("E001", "2026-09", "60", "C"),
        result("E001", "2026-09", "70", "C"),
        other("scheme", json!("no-such")),
        other("period", json!("September")),
        other("period", json!("2026")),
        other("cadence", json!("yearly")),
        result("E001", "2026-10", "60", "C"),
        result("E001", "2026-11", "60", "C"),
        other("score", json!("100.5")),
        other("score", json!("much")),
        other("grade", json!("Z")),
        other("outcomes", json!(["promotion"])),
        json!({ "subject": "person:E001", "scheme": "monthly-kpi", "period": "2026-07" }),
        other("subject", json!("E001")),
    ];

    let refused = import(&company.hr(), results).await.expect(422);

    let mut told = pointers(&refused);
    told.sort_unstable();
    let mut expected = [
        "/results/1",
        "/results/2/scheme",
        "/results/3/period",
        "/results/4/period",
        "/results/5/cadence",
        "/results/6/period",
        "/results/7/period",
        "/results/8/score",
        "/results/9/score",
        "/results/10/grade",
        "/results/11/outcomes",
        "/results/12",
        "/results/13/subject",
    ];
    expected.sort_unstable();
    assert_eq!(told, expected);
    company.close(company.cycle).await;
    assert!(interviews(&company).await.is_empty(), "nothing was kept");
}

#[actix_web::test]
async fn given_faults_in_a_file_of_results_then_each_is_told_by_its_line_and_column() {
    let company = Company::scoring().await;
    let file = "number,scheme,period,score\nE001,monthly-kpi,2026-09,60\n,monthly-kpi,2026-09,60\nE002,,2026-09,60\nE003,monthly-kpi,2026-09,101\n";
    let refused = import_file(&company.hr(), file).await.expect(422);
    assert_eq!(pointers(&refused), ["/3/number", "/4/scheme", "/5/score"]);
    let refused = import_file(&company.hr(), "number,score\nE001,60\n").await.expect(422);
    assert_eq!(pointers(&refused), ["/1/period", "/1/scheme"]);
}

#[actix_web::test]
async fn given_whoever_may_not_or_what_was_published_here_when_imported_then_it_is_refused() {
    let company = Company::published().await;
    let own = vec![result("E001", "2026-09", "99", "A1")];
    import(&company.executive(), own.clone()).await.expect(403);
    import(&company.client("E001", &[Employee, Hr]), own).await.expect(403);
    let refused = import(&company.hr(), vec![result("E001", "2026-10", "99", "A1")]).await.expect(422);
    assert_eq!(pointers(&refused), ["/results/0"]);
    import(&company.hr(), vec![]).await.expect(422);
}

/// A month of the policy that ranks a quarter, with everybody's points on it.
async fn month(company: &Company, period: &str, results: &str) {
    let cycle = Uuid::now_v7();
    company.open_all(opening(cycle, shipped("two-seven-one"), "monthly", period)).await;
    not_on_probation(company, cycle).await;
    let at = |what: &str| format!("/v1/cycles/{cycle}/{what}");
    for superior in ["M001", "M002", "X001"] {
        let own = PEOPLE.iter().filter(|(_, _, of)| *of == superior);
        let points = |number: &str| {
            [("results", results), ("ability", "15"), ("attitude", "15")]
                .map(|(item, value)| crate::world::row(number, item, "superior", value))
        };
        let rated: Vec<Value> = own.flat_map(|(number, ..)| points(number)).collect();
        let client = if superior == "X001" { company.executive() } else { company.head(superior) };
        client.post(&at("ratings"), json!({ "ratings": rated })).await.expect(200);
        client.post(&at("ratings/submit"), json!({})).await.expect(200);
    }
    company.close(cycle).await;
    company.publish(cycle).await;
}

async fn not_on_probation(company: &Company, cycle: Uuid) {
    let facts: Vec<Value> = PEOPLE
        .iter()
        .map(|(number, ..)| crate::world::fact(&format!("person:{number}"), "fact.probation", &json!(false)))
        .collect();
    company.hr().post(&format!("/v1/cycles/{cycle}/facts"), json!({ "facts": facts })).await.expect(200);
}

#[actix_web::test]
async fn given_a_month_that_was_imported_and_one_that_was_published_when_the_quarter_is_closed_then_it_is_their_mean() {
    let company = Company::empty().await;
    month(&company, "2026-08", "60").await;
    let imported = PEOPLE.iter().filter(|(number, ..)| *number != "E003").map(|(number, ..)| {
        json!({ "subject": format!("person:{number}"), "scheme": "two-seven-one", "cadence": "monthly",
            "period": "2026-07", "score": "80" })
    });
    import(&company.hr(), imported.collect()).await.expect(200);

    company.open_all(opening(company.cycle, shipped("two-seven-one"), "quarterly", "2026-Q3")).await;
    not_on_probation(&company, company.cycle).await;
    company.close(company.cycle).await;

    let results = company.hr().get(&company.at("results?kind=person")).await.expect(200);
    let items = results.body["items"].as_array().unwrap();
    let told: Vec<(&str, Option<&str>, Option<&str>)> =
        items.iter().map(|r| (r["number"].as_str().unwrap(), r["score"].as_str(), r["excluded"].as_str())).collect();
    let expected = ["E001", "E002"].map(|number| (number, Some("85"), None));
    let heads = ["M001", "M002"].map(|number| (number, Some("85"), None));
    let late = [("E003", None, Some("too_few_months"))];
    assert_eq!(told, [&expected[..], &late, &heads].concat());
    assert_eq!(crate::replays::replay(&company).await.different(), 0);
    let warnings = company.hr().get(&company.at("warnings")).await.expect(200);
    let told: Vec<&str> = all_of(&warnings.body["items"], "code");
    assert_eq!(told, ["small_unit:NET", "small_unit:OPS"]);
    for warning in warnings.body["items"].as_array().unwrap() {
        let label = warning["label_en"].as_str().unwrap();
        assert!(label.contains("too few to be ranked"), "{label}");
    }
    company.head("M001").get(&company.at("warnings")).await.expect(403);
}
