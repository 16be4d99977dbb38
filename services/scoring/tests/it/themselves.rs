//! Nobody decides about themselves, whatever their roles.

use platform::Role::*;
use serde_json::{Value, json};

use crate::world::{Company, delete, fact, pointers, row};

fn recusal(number: &str, rater: &str) -> Value {
    json!({ "number": number, "rater": rater, "reason": "married to each other" })
}

fn numbers(list: &Value) -> Vec<&str> {
    list["items"].as_array().unwrap().iter().map(|one| one["number"].as_str().unwrap()).collect()
}

#[actix_web::test]
async fn given_an_appraised_hr_when_they_recuse_their_superior_then_it_is_refused_and_the_superior_rates() {
    let company = Company::scoring().await;
    let own = company.client("E001", &[Employee, Hr, Executive]);

    own.post(&company.at("recusals"), recusal("E001", "M001")).await.expect(403);

    assert!(numbers_of_recusals(&company).await.is_empty());
    let rating = json!({ "ratings": [row("E001", "cooperation", "superior", "4")] });
    company.head("M001").post(&company.at("ratings"), rating).await.expect(200);
}

async fn numbers_of_recusals(company: &Company) -> Vec<String> {
    let list = company.hr().get(&company.at("recusals")).await.expect(200);
    numbers(&list.body).into_iter().map(str::to_owned).collect()
}

#[actix_web::test]
async fn given_a_rater_who_does_not_rate_the_person_when_recused_then_it_is_refused() {
    let company = Company::scoring().await;
    for (number, rater, pointer) in [
        ("E001", "M002", "/rater"),
        ("E001", "E001", "/rater"),
        ("E001", "NOBODY<script>", "/rater"),
        ("E001", "", "/rater"),
        ("E404", "M001", "/number"),
    ] {
        let refused = company.hr().post(&company.at("recusals"), recusal(number, rater)).await.expect(422);
        assert_eq!(refused.str("/errors/0/pointer"), pointer, "{number} {rater}");
    }
    assert!(numbers_of_recusals(&company).await.is_empty());
}

#[actix_web::test]
async fn given_hr_who_knows_the_person_when_they_recuse_themselves_then_others_of_hr_enter_and_take_it_back() {
    let company = Company::scoring().await;
    let (hr, other) = (company.hr(), company.client("H002", &[Employee, Hr]));
    let rating = json!({ "ratings": [row("E001", "conduct", "hr", "2")] });

    hr.post(&company.at("recusals"), recusal("E001", "H001")).await.expect(201);

    hr.post(&company.at("ratings"), rating.clone()).await.expect(403);
    other.post(&company.at("ratings"), rating.clone()).await.expect(200);
    delete(&hr, &company.at("recusals/E001/H001")).await.expect(403);
    delete(&other, &company.at("recusals/E001/H001")).await.expect(204);
    hr.post(&company.at("ratings"), rating).await.expect(200);
}

#[actix_web::test]
async fn given_a_recusal_by_mistake_when_withdrawn_then_the_superior_rates_again_and_the_log_has_both() {
    let company = Company::scoring().await;
    company.hr().post(&company.at("recusals"), recusal("E001", "M001")).await.expect(201);
    let path = company.at("recusals/E001/M001");

    delete(&company.client("E001", &[Employee, Hr]), &path).await.expect(403);
    delete(&company.client("M001", &[Employee, Manager, Hr]), &path).await.expect(403);
    delete(&company.head("M001"), &path).await.expect(403);
    delete(&company.hr(), &company.at("recusals/E001/M002")).await.expect(404);
    delete(&company.hr(), &path).await.expect(204);

    delete(&company.hr(), &path).await.expect(404);
    let rating = json!({ "ratings": [row("E001", "cooperation", "superior", "4")] });
    company.head("M001").post(&company.at("ratings"), rating).await.expect(200);
    let auditor = company.client("A001", &[Employee, Auditor]);
    let entries = auditor.get("/v1/scoring/audit-entries?limit=500").await.expect(200);
    let actions: Vec<&str> =
        entries.body["items"].as_array().unwrap().iter().map(|entry| entry["action"].as_str().unwrap()).collect();
    assert!(actions.contains(&"recusals.recorded") && actions.contains(&"recusals.withdrawn"), "{actions:?}");
}

#[actix_web::test]
async fn given_a_published_cycle_then_recusals_stay_as_they_are() {
    let company = Company::scoring().await;
    company.hr().post(&company.at("recusals"), recusal("E001", "M001")).await.expect(201);
    delete(&company.hr(), &company.at("recusals/E001/M001")).await.expect(204);
    company.score_everybody(company.cycle).await;
    company.close(company.cycle).await;
    company.publish(company.cycle).await;

    company.hr().post(&company.at("recusals"), recusal("E001", "M001")).await.expect(409);
    delete(&company.hr(), &company.at("recusals/E001/M001")).await.expect(409);
}

#[actix_web::test]
async fn given_a_member_or_the_head_of_a_unit_then_neither_its_score_nor_its_facts_are_theirs_to_give() {
    let company = Company::scoring().await;
    let both =
        |path: &str| json!({ "facts": [fact("unit:OPS", path, &json!("1")), fact("unit:NET", path, &json!("1"))] });
    let at = company.at("facts");

    for number in ["E001", "M001"] {
        let own = company.client(number, &[Employee, Hr, Executive]);
        let refused = own.post(&at, both("fact.average_forms")).await.expect(403);
        assert_eq!(pointers(&refused), ["/facts/1"], "{number}: other units are theirs");
        own.post(&at, both("score")).await.expect(403);
        let other = json!({ "facts": [fact("unit:OPS", "fact.average_forms", &json!("2"))] });
        own.post(&at, other).await.expect(200);
    }

    let facts = company.hr().get(&company.at("facts?subject=unit:NET")).await.expect(200);
    assert_eq!(facts.body["items"], json!([]), "nothing of the refused requests was stored");
}

#[actix_web::test]
async fn given_raters_when_they_are_named_then_nobody_decides_who_rates_them() {
    let company = Company::scoring().await;
    let own = company.client("E001", &[Employee, Hr]);
    let forms = company.hr().get(&company.at("assignments?subject=person:E001")).await.expect(200);
    let form = |column: &str| {
        let items = forms.body["items"].as_array().unwrap();
        items.iter().find(|one| one["column"] == column).unwrap()["id"].as_str().unwrap().to_owned()
    };
    let to = |rater: &str| json!({ "rater": rater, "reason": "knows the work" });
    let path = format!("/v1/assignments/{}/replace", form("superior"));

    own.post(&path, to("person:E002")).await.expect(403);
    let refused = company.hr().post(&path, to("person:E001")).await.expect(422);
    assert_eq!(pointers(&refused), ["/rater"]);
    company.hr().post(&path, to("person:M002")).await.expect(200);
}

#[actix_web::test]
async fn given_hr_and_executives_before_publication_then_their_own_result_is_in_no_list() {
    let company = Company::scoring().await;
    company.score_everybody(company.cycle).await;
    company.close(company.cycle).await;
    let own = company.client("E001", &[Employee, Hr, Executive]);
    let simulation = json!({ "cycle": company.cycle, "cost": false });
    let lists = async || {
        let results = own.get(&company.at("results?kind=person")).await.expect(200);
        let interviews = own.get(&company.at("interviews")).await.expect(200);
        let simulated = own.post("/v1/simulations", simulation.clone()).await.expect(200);
        let people = json!({ "items": simulated.body["people"] });
        assert_eq!(simulated.body["policy"]["people"], 5, "they count all the same");
        [results.body, interviews.body, people]
    };

    for list in lists().await {
        assert!(!numbers(&list).contains(&"E001"), "{list}");
    }
    assert_eq!(numbers(&company.hr().get(&company.at("results?kind=person")).await.expect(200).body).len(), 5);

    company.publish(company.cycle).await;
    let [results, _, people] = lists().await;
    assert!(numbers(&results).contains(&"E001") && numbers(&people).contains(&"E001"));
}
