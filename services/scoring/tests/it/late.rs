//! Those who are late, and those who are left out.

use events::Event;
use platform::Role::*;
use serde_json::{Value, json};

use crate::replays::replay;
use crate::world::{Company, all_of, delete, pointers, ranked, row, value};

const PUNCTUAL: [&str; 4] = ["M001", "E001", "M002", "E003"];

/// Whose results are told in a publication.
async fn told_in(company: &Company, publication: i32) -> Vec<String> {
    let events = company.world.outbox("scoring").await;
    let told = events.into_iter().filter_map(|e| if let Event::ResultsPublished(r) = e { Some(r) } else { None });
    let of_publication = told.filter(|r| r.publication == publication).flat_map(|r| r.results);
    let mut numbers: Vec<String> = of_publication.map(|r| r.number.to_string()).collect();
    numbers.sort();
    numbers
}

/// With everybody but E002 published.
async fn without_e002() -> Company {
    let company = Company::scoring().await;
    company.score(company.cycle, &PUNCTUAL).await;
    company.close(company.cycle).await;
    company
}

async fn bring_e002(company: &Company) {
    company.give(crate::world::measured("E002")).await.expect(200);
    company.rate(company.cycle, &["E002"]).await;
}

#[actix_web::test]
async fn given_one_who_lacks_something_when_closed_then_they_are_listed_and_the_others_are_published() {
    let company = without_e002().await;
    let missing = company.hr().get(&company.at("missing")).await.expect(200);
    assert_eq!(all_of(&missing.body["items"], "subject"), ["person:E002"]);
    assert_eq!((missing.str("/items/0/name"), missing.str("/items/0/unit")), ("Name of E002", "NET"));
    assert!(company.missing().await["person:E002"].contains(&"/items/attendance/actual".to_owned()));
    let closing = company.hr().get(&company.at("closing")).await.expect(200);
    assert_eq!((&closing.body["missing"], closing.str("/state")), (&json!(1), "computed"));

    assert_eq!(company.publish(company.cycle).await, 1);

    assert_eq!(told_in(&company, 1).await, ["E001", "E003", "M001", "M002"]);
    company.employee("E001").get(&company.result_path("E001")).await.expect(200);
    company.employee("E002").get(&company.result_path("E002")).await.expect(404);
    assert_eq!(company.hr().get(&company.at("summary")).await.expect(200).body["people"], 4);
}

#[actix_web::test]
async fn given_a_late_one_when_completed_and_closed_again_then_they_come_in_a_second_publication_and_the_first_stays() {
    let company = without_e002().await;
    company.publish(company.cycle).await;
    let first = company.hr().get(&company.at("results")).await.expect(200);
    let all = |list: &Value| list["items"].as_array().unwrap().clone();

    bring_e002(&company).await;
    let refused = company.give(vec![value("E001", "reports", "2")]).await.expect(422);
    assert_eq!(pointers(&refused), ["/facts/0"]);
    let rating = json!({ "ratings": [row("E001", "conduct", "hr", "1")] });
    company.hr().post(&company.at("ratings"), rating).await.expect(422);
    company.close(company.cycle).await;
    company.employee("E002").get(&company.result_path("E002")).await.expect(404);
    company.employee("E001").get(&company.result_path("E001")).await.expect(200);

    assert_eq!(company.publish(company.cycle).await, 2);

    assert_eq!(told_in(&company, 2).await, ["E002"]);
    let late = company.employee("E002").get(&company.result_path("E002")).await.expect(200);
    assert_eq!((late.str("/score"), &late.body["publication"], &late.body["version"]), ("88.4", &json!(2), &json!(1)));
    let now = company.hr().get(&company.at("results")).await.expect(200);
    let others: Vec<Value> = all(&now.body).into_iter().filter(|one| one["number"] != "E002").collect();
    assert_eq!(others, all(&first.body));
    assert!(company.missing().await.is_empty());
    company.executive().post(&company.at("publish"), json!({})).await.expect(409);
    assert_eq!(replay(&company).await.different(), 0);
}

#[actix_web::test]
async fn given_a_published_cycle_when_closed_with_nobody_new_then_it_stays_published() {
    let company = Company::published().await;

    company.begin_closing(company.cycle).await;
    company.until(company.cycle, "published").await;

    company.executive().post(&company.at("publish"), json!({})).await.expect(409);
    assert_eq!(told_in(&company, 1).await.len(), 5);
    assert_eq!(company.employee("E001").get("/v1/my/results").await.str("/items/0/score"), "88.4");
}

#[actix_web::test]
async fn given_a_ranking_of_the_company_when_somebody_is_missing_then_nobody_has_a_result_until_they_are_there() {
    let company = Company::scoring_by(&ranked("company")).await;
    company.score(company.cycle, &PUNCTUAL).await;

    company.begin_closing(company.cycle).await;
    company.until(company.cycle, "open").await;

    assert_eq!(company.missing().await.keys().collect::<Vec<_>>(), ["person:E002"]);
    company.hr().get(&company.at("results")).await.expect(409);
    bring_e002(&company).await;
    company.close(company.cycle).await;
    assert_eq!(
        company.hr().get(&company.at("results?kind=person")).await.expect(200).body["items"].as_array().unwrap().len(),
        5
    );
}

#[actix_web::test]
async fn given_a_ranking_of_a_unit_when_somebody_is_late_then_they_are_placed_beside_those_who_are_published() {
    let company = Company::scoring_by(&ranked("unit")).await;
    company.score(company.cycle, &PUNCTUAL).await;
    company.tell_apart(company.cycle, &[("E001", 6), ("M001", 2)]).await;
    company.close(company.cycle).await;
    company.publish(company.cycle).await;
    let first = company.hr().get(&company.result_path("E001")).await.expect(200);

    bring_e002(&company).await;
    company.close(company.cycle).await;
    company.publish(company.cycle).await;

    let now = company.hr().get(&company.result_path("E001")).await.expect(200);
    assert_eq!(first.body, now.body);
    let late = company.hr().get(&company.result_path("E002")).await.expect(200);
    assert!(!late.str("/grade").is_empty(), "{}", late.text);
    assert_eq!(replay(&company).await.different(), 0);
}

#[actix_web::test]
async fn given_somebody_who_is_left_out_when_closed_then_they_have_no_result_and_the_list_says_why() {
    let company = without_e002().await;
    let path = company.at("left-out/person:E002");
    let why = json!({ "reason": "on leave since the third" });

    company.executive().put(&path, None, why.clone()).await.expect(403);
    company.hr().put(&path, None, json!({ "reason": " " })).await.expect(422);
    company.hr().put(&company.at("left-out/person:E404"), None, why.clone()).await.expect(404);
    company.client("E002", &[Employee, Hr]).put(&path, None, why.clone()).await.expect(403);
    company.hr().put(&path, None, why.clone()).await.expect(200);
    company.until(company.cycle, "open").await;
    company.close(company.cycle).await;

    let missing = company.hr().get(&company.at("missing")).await.expect(200);
    assert_eq!(missing.str("/items/0/left_out_why"), "on leave since the third");
    assert_eq!(missing.body["items"][0]["errors"], json!([]));
    company.publish(company.cycle).await;
    company.hr().put(&company.at("left-out/person:E001"), None, why).await.expect(409);

    delete(&company.hr(), &path).await.expect(204);
    bring_e002(&company).await;
    company.close(company.cycle).await;
    assert_eq!(company.publish(company.cycle).await, 2);
    assert_eq!(told_in(&company, 2).await, ["E002"]);
}

#[actix_web::test]
async fn given_a_ranking_of_the_company_when_the_missing_are_left_out_then_the_others_are_ranked() {
    let company = Company::scoring_by(&ranked("company")).await;
    company.score(company.cycle, &PUNCTUAL).await;
    let why = json!({ "reason": "on leave" });
    company.hr().put(&company.at("left-out/person:E002"), None, why).await.expect(200);

    company.close(company.cycle).await;
    company.publish(company.cycle).await;

    assert_eq!(told_in(&company, 1).await, ["E001", "E003", "M001", "M002"]);
}

#[actix_web::test]
async fn given_an_auditor_who_is_late_when_the_others_are_published_then_the_log_still_veils_what_is_about_them() {
    let company = without_e002().await;
    company.publish(company.cycle).await;
    bring_e002(&company).await;
    let own = company.client("E002", &[Employee, Auditor]);
    let about_own = async || {
        let entries = own.get("/v1/scoring/audit-entries?limit=500").await.expect(200);
        let items = entries.body["items"].as_array().unwrap().clone();
        let entered = items.into_iter().filter(|e| e["action"] == "ratings.entered" || e["action"] == "facts.entered");
        entered.filter(|e| e["detail"].to_string().contains("\"E002\"")).count()
    };

    assert_eq!(about_own().await, 0);
    company.close(company.cycle).await;
    company.publish(company.cycle).await;
    assert!(about_own().await > 0);
}
