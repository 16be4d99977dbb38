//! Values that no rater gives: who may give them, and what is kept of them.

use platform::Role::*;
use serde_json::{Value, json};

use crate::world::{Company, all_of, fact, measured, pointers, scheme, value};

async fn history(company: &Company, subject: &str, path: &str) -> Vec<Value> {
    let all =
        company.hr().get(&company.at(&format!("facts?subject={subject}&path={path}&history=true"))).await.expect(200);
    all.body["items"].as_array().unwrap().clone()
}

#[actix_web::test]
async fn given_a_value_that_changes_when_looked_at_then_everything_that_stood_there_is_kept_with_who_gave_it() {
    let company = Company::scoring().await;
    let said = |value: Value, why: &str| json!({ "facts": [fact("person:E001", "item.reports.value", &value)], "said": "weekly list", "reason": why });
    company.hr().post(&company.at("facts"), said(json!("1"), "as counted")).await.expect(200);
    company.head("M001").post(&company.at("facts"), said(json!("2"), "one more was late")).await.expect(200);
    company.hr().post(&company.at("facts"), said(Value::Null, "to be counted again")).await.expect(200);

    let all = history(&company, "person:E001", "item.reports.value").await;

    let told: Vec<(i64, &Value, bool, &str, &str)> = all
        .iter()
        .map(|f| {
            let text = |name: &str| f[name].as_str().unwrap();
            (f["no"].as_i64().unwrap(), &f["value"], f["latest"].as_bool().unwrap(), text("made_by"), text("reason"))
        })
        .collect();
    assert_eq!(
        told,
        [
            (1, &json!("1"), false, "H001", "as counted"),
            (2, &json!("2"), false, "M001", "one more was late"),
            (3, &Value::Null, true, "H001", "to be counted again"),
        ]
    );
    assert!(all.iter().all(|f| f["source"] == "entered" && f["said"] == "weekly list"));
    let latest = company.hr().get(&company.at("facts?subject=person:E001")).await.expect(200);
    assert_eq!(latest.body["items"].as_array().unwrap().len(), 1);
    company.employee("E001").get(&company.at("facts")).await.expect(403);
}

#[actix_web::test]
async fn given_facts_page_by_page_then_each_is_there_once() {
    let company = Company::scoring().await;
    company.score_everybody(company.cycle).await;
    let (mut after, mut paths) = (String::new(), Vec::new());
    loop {
        let page = company.hr().get(&company.at(&format!("facts?limit=7{after}"))).await.expect(200);
        let items = page.body["items"].as_array().unwrap();
        paths.extend(items.iter().map(|f| format!("{} {}", f["subject"], f["path"])));
        let Some(next) = page.body["next"].as_str() else { break };
        after = format!("&after={next}");
    }
    // six of each of five people, and two of each unit
    assert_eq!(paths.len(), 5 * 6 + 2 * 2);
    paths.sort();
    paths.dedup();
    assert_eq!(paths.len(), 34);
}

#[actix_web::test]
async fn given_whom_the_scheme_names_then_they_give_a_value_and_others_do_not() {
    let company = Company::scoring().await;
    let reports = json!({ "facts": [value("E001", "reports", "1")] });
    let attendance = json!({ "facts": [fact("person:E001", "item.attendance.actual", &json!("20"))] });
    let score = json!({ "facts": [fact("unit:NET", "score", &json!("80"))] });
    let at = company.at("facts");

    // the superior and HR
    company.head("M001").post(&at, reports.clone()).await.expect(200);
    company.hr().post(&at, reports.clone()).await.expect(200);
    let refused = company.head("M002").post(&at, reports.clone()).await.expect(403);
    assert_eq!(pointers(&refused), ["/facts/0"]);
    company.executive().post(&at, reports).await.expect(403);
    // HR where nobody is named
    company.hr().post(&at, attendance.clone()).await.expect(200);
    company.head("M001").post(&at, attendance.clone()).await.expect(403);
    // whoever is in charge of the unit
    company.executive().post(&at, score.clone()).await.expect(200);
    company.client("X002", &[Employee, Executive]).post(&at, score.clone()).await.expect(403);
    company.hr().post(&at, score).await.expect(403);
    company.client("A001", &[Employee, Auditor]).post(&at, attendance).await.expect(403);
}

#[actix_web::test]
async fn given_a_machine_with_the_scope_then_it_gives_every_value_and_without_it_none() {
    let company = Company::scoring().await;
    let facts = json!({ "facts": [
        fact("unit:NET", "score", &json!("80")),
        fact("person:E001", "item.attendance.actual", &json!("20")),
    ] });
    let at = company.at("facts");

    company.world.machine("scoring", &["employees.write"]).post(&at, facts.clone()).await.expect(403);
    company.world.machine("scoring", &["facts.write"]).post(&at, facts).await.expect(200);

    let kept = history(&company, "unit:NET", "score").await;
    assert_eq!((&kept[0]["source"], &kept[0]["value"]), (&json!("machine"), &json!("80")));
    let sheet = json!({ "ratings": [] });
    let machine = company.world.machine("scoring", &["facts.write"]);
    machine.post(&company.at("ratings"), sheet).await.expect(403);
    machine.get(&at).await.expect(403);
}

#[actix_web::test]
async fn given_wrong_values_when_they_are_entered_then_all_are_told_and_none_is_taken() {
    let company = Company::scoring().await;
    let refused = company
        .give(vec![
            value("E001", "reports", "1"),
            value("E404", "reports", "1"),
            fact("person:E001", "fact.no_such", &json!("1")),
            fact("unit:NET", "fact.average_forms", &json!("many")),
            fact("person:E001", "item.attendance.expected", &json!("0")),
            fact("person:E001", "item.faults.superior", &json!("5")),
            fact("person:E001", "score", &json!("5")),
            value("E001", "reports", "2"),
            fact("company", "fact.no_such", &json!("5")),
        ])
        .await
        .expect(422);

    let expected = [
        "/facts/1/subject",
        "/facts/2/path",
        "/facts/3/value",
        "/facts/4/value",
        "/facts/5/path",
        "/facts/6/path",
        "/facts/7",
        "/facts/8/path",
    ];
    assert_eq!(pointers(&refused), expected);
    assert!(history(&company, "person:E001", "item.reports.value").await.is_empty());
    company.hr().post(&company.at("facts"), json!({ "facts": [] })).await.expect(422);
}

#[actix_web::test]
async fn given_no_mean_when_closed_then_it_is_found_from_the_people_and_what_hr_gave_stays() {
    let company = Company::scoring().await;
    company.score_everybody(company.cycle).await;
    let none = fact("unit:NET", "fact.average_forms", &Value::Null);
    let fewer = ["E001", "E002", "M001"].iter().zip(["20", "10", "18"]).map(|(n, forms)| value(n, "response", forms));
    company.give(std::iter::once(none).chain(fewer).collect()).await.expect(200);

    company.close(company.cycle).await;

    let found = history(&company, "unit:NET", "fact.average_forms").await;
    let last = found.last().unwrap();
    assert_eq!((&last["value"], &last["source"], &last["latest"]), (&json!("16"), &json!("derived"), &json!(true)));
    let given = history(&company, "unit:OPS", "fact.average_forms").await;
    assert_eq!((given.len(), &given[0]["value"], &given[0]["source"]), (1, &json!("12"), &json!("entered")));
}

#[actix_web::test]
async fn given_a_figure_of_the_company_when_it_is_entered_then_the_next_closing_stands_on_it() {
    let company = Company::scoring_by(&crate::world::sharing_profit()).await;
    company.score_everybody(company.cycle).await;
    company.close(company.cycle).await;
    let share = |value: &str| fact("company", "fact.profit_share", &json!(value));

    company.give(vec![share("1.2")]).await.expect(200);

    company.until(company.cycle, "open").await;
    company.close(company.cycle).await;
    company.publish(company.cycle).await;
    let told = company.world.outbox("scoring").await.into_iter();
    let carried: Vec<_> =
        told.filter_map(|e| if let events::Event::CyclePublished(p) = e { p.company_carried } else { None }).collect();
    assert_eq!(carried[0].get("fact.profit_share").map(String::as_str), Some("1.2"), "{carried:?}");
    let refused = company.give(vec![share("2")]).await.expect(422);
    assert_eq!(pointers(&refused), ["/facts/0"]);
}

#[actix_web::test]
async fn given_facts_that_were_given_then_the_log_tells_who_gave_what() {
    let company = Company::scoring().await;
    company.give(vec![value("E001", "reports", "1")]).await.expect(200);
    company.give(vec![value("E001", "reports", "2")]).await.expect(200);

    let entries = company.auditor().get("/v1/scoring/audit-entries?limit=500").await.expect(200);
    let own: Vec<&Value> =
        entries.body["items"].as_array().unwrap().iter().filter(|e| e["action"] == "facts.entered").collect();
    assert_eq!(all_of(&json!(own), "actor"), ["H001", "H001"]);
    assert_eq!(own[1]["detail"]["changes"], json!([["E001", "item.reports.value", "1", "2"]]));
}

#[actix_web::test]
async fn given_a_number_of_each_of_several_when_all_gave_theirs_then_they_are_added_up_and_until_then_it_is_missing() {
    let reports = |by: &str| {
        format!("label = {{ zh = \"未完成次数\", en = \"times not filled in\" }}, kind = \"count\", {by} }}]")
    };
    let several = scheme().replace(
        &reports(r#"by = ["superior", "role.hr"]"#),
        &reports(r#"by = [["superior", "head", "role.hr"]], combine = "sum""#),
    );
    let company = Company::scoring_by(&several).await;
    let reports = |giver: Option<&str>, times: &str| {
        let mut one = value("E001", "reports", times);
        one["giver"] = json!(giver);
        json!({ "facts": [one] })
    };
    let at = company.at("facts");
    company.rate(company.cycle, &["E001"]).await;
    let rest = measured("E001").into_iter().filter(|one| one["path"] != "item.reports.value");
    company.give(rest.chain([fact("unit:NET", "fact.average_forms", &json!("20.4"))]).collect()).await.expect(200);
    company.score_units(company.cycle, &[("NET", json!("88"))]).await.expect(200);

    // M001 is both, and says as whom.
    let whose = company.head("M001").post(&at, reports(None, "1")).await.expect(422);
    assert_eq!(pointers(&whose), ["/facts/0/giver"]);
    company.head("M001").post(&at, reports(Some("superior"), "1")).await.expect(200);
    company.head("M002").post(&at, reports(Some("superior"), "1")).await.expect(403);
    company.hr().post(&at, reports(Some("leader"), "1")).await.expect(422);
    company.hr().post(&at, reports(None, "0")).await.expect(200);
    company.close(company.cycle).await;
    assert_eq!(company.missing().await["person:E001"], ["/items/reports/value"]);

    // In the head's place HR says why.
    let unexplained = company.hr().post(&at, reports(Some("head"), "2")).await.expect(422);
    assert_eq!(pointers(&unexplained), ["/reason"]);
    let mut explained = reports(Some("head"), "2");
    explained["reason"] = json!("the head is away");
    company.hr().post(&at, explained).await.expect(200);

    let sheet = company.hr().get(&company.sheet_path("E001")).await.expect(200);
    let items = sheet.body["items"].as_array().unwrap();
    let input = &items.iter().find(|item| item["code"] == "reports").unwrap()["inputs"][0];
    assert_eq!((&input["combine"], &input["value"]), (&json!("sum"), &json!("3")));
    let shares = json!([
        { "giver": "superior", "value": "1" }, { "giver": "head", "value": "2" }, { "giver": "role.hr", "value": "0" },
    ]);
    assert_eq!(input["shares"], shares);
    let all = history(&company, "person:E001", "item.reports.value").await;
    assert_eq!(all_of(&json!(all), "giver"), ["head", "role.hr", "superior"]);
}
