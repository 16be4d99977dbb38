//! A body looks at units of a computed cycle, and what it recommends is answered before anything is published.

use platform::Role::*;
use serde_json::{Value, json};
use testkit::{Answer, Client};

use crate::world::{Company, all_of, pointers, scheme};

async fn computed() -> Company {
    let stage = "\n\n[[stages]]\ncode = \"look\"\nlabel = { zh = \"抽查\", en = \"spot checks\" }\ndoes = \"spot_check\"\n\
        on = \"units\"\nby = [\"body.council\"]\n\n[[adjust]]\nfigure = \"score\"\nby = [\"body.council\"]\n";
    let company = Company::scoring_by(&format!("{}{stage}", scheme())).await;
    company.found_body("council", &["H002", "M002"]).await;
    company.score_everybody(company.cycle).await;
    company.close(company.cycle).await;
    company
}

fn council(company: &Company) -> Client {
    company.client("H002", &[Employee, CommitteeMember])
}

async fn draw(company: &Company, units: &[&str]) -> Vec<String> {
    let drawn = council(company).post(&company.at("spot-checks"), json!({ "units": units })).await.expect(201);
    all_of(&drawn.body["items"], "id").into_iter().map(|id| format!("/v1/spot-checks/{id}")).collect()
}

async fn recommend(company: &Company, check: &str, subject: &str) -> Answer {
    let recommendation = json!({ "recommendation": "the forms do not bear this out", "subjects": [subject] });
    council(company).post(&format!("{check}/conclusion"), recommendation).await.expect(200)
}

fn because(verdict: &str) -> Value {
    json!({ "verdict": verdict, "reason": "as the customer wrote" })
}

#[actix_web::test]
async fn given_drawn_units_when_answered_and_settled_then_the_cycle_may_be_published() {
    let company = computed().await;
    let council_member = council(&company);
    let result = company.result_path("E001");
    council_member.get(&result).await.expect(404);
    assert!(company.is_to_be_published().await);
    let drawn = draw(&company, &["NET", "OPS"]).await;
    // Whoever looks reads sheets and results of the units meanwhile.
    council_member.get(&result).await.expect(200);
    let sheet = council_member.get(&company.sheet_path("E001")).await.expect(200);
    assert!(sheet.text.contains("5.5"), "with what was given: {}", sheet.text);
    // But nobody looks at their own unit.
    let own = company.client("M002", &[Employee, UnitHead, CommitteeMember]);
    let listed = own.get(&company.at("results?kind=person")).await.expect(200);
    assert!(!all_of(&listed.body["items"], "number").contains(&"E003"), "{}", listed.body);
    let listed = council_member.get(&company.at("results?kind=person")).await.expect(200);
    assert!(all_of(&listed.body["items"], "number").contains(&"E001"));
    let refused = company.executive().post(&company.at("publish"), json!({})).await.expect(409);
    assert_eq!(pointers(&refused), ["/spot_checks/NET", "/spot_checks/OPS"]);
    assert!(!company.is_to_be_published().await);

    // One unit is in order; the other has to answer, and defends its result.
    let in_order = council_member.post(&format!("{}/conclusion", drawn[1]), json!({})).await.expect(200);
    assert_eq!((in_order.str("/state"), in_order.str("/words/0/verdict")), ("settled", "in_order"));
    let recommended = recommend(&company, &drawn[0], "person:E001").await;
    assert_eq!((recommended.str("/state"), recommended.str("/waiting/0")), ("recommended", "person:M001"));
    company.employee("E003").post(&format!("{}/answer", drawn[0]), because("stands")).await.expect(404);
    let answered = company.head("M001").post(&format!("{}/answer", drawn[0]), because("stands")).await.expect(200);
    assert_eq!(answered.str("/state"), "answered");
    // The group puts it right itself, and settles it.
    let lower =
        json!({ "moves": [{ "subject": "person:E001", "figure": "score", "by": "-1.4", "reason": "not borne out" }] });
    council_member.post(&company.at("moves"), lower).await.expect(201);
    company.until(company.cycle, "computed").await;
    let settle = json!({ "reason": "put right by the group" });
    company.head("M001").post(&format!("{}/settle", drawn[0]), settle.clone()).await.expect(403);
    council_member.post(&format!("{}/settle", drawn[0]), settle.clone()).await.expect(200);
    council_member.post(&format!("{}/settle", drawn[0]), settle).await.expect(409);
    council_member.get(&result).await.expect(404);
    assert!(company.is_to_be_published().await);
    company.publish(company.cycle).await;
    assert_eq!(company.employee("E001").get("/v1/my/results").await.str("/items/0/score"), "87");
    let all = company.hr().get(&company.at("spot-checks")).await.expect(200);
    assert_eq!(all_of(&all.body["items"][0]["words"], "verdict"), ["recommended", "stands", "settled"]);
}

#[actix_web::test]
async fn given_a_recommendation_when_the_head_corrects_then_the_forms_are_open_and_everything_is_computed_anew() {
    let company = computed().await;
    let check = draw(&company, &["NET"]).await.remove(0);
    let outside = json!({ "recommendation": "look again", "subjects": ["person:E003"] });
    let refused = council(&company).post(&format!("{check}/conclusion"), outside).await.expect(422);
    assert_eq!(pointers(&refused), ["/subjects/0"]);
    recommend(&company, &check, "person:E001").await;

    company.head("M001").post(&format!("{check}/answer"), because("corrected")).await.expect(200);

    assert_eq!(company.hr().get(&company.at("scoring")).await.str("/state"), "open");
    let sheet = company.head("M001").get(&company.sheet_path("E001")).await.expect(200);
    assert!(all_of(&sheet.body["assignments"], "state").contains(&"open"));
    company.rate(company.cycle, &["E001"]).await;
    company.close(company.cycle).await;
    company.executive().post(&company.at("publish"), json!({})).await.expect(409);
    council(&company).post(&format!("{check}/settle"), json!({ "reason": "scored anew" })).await.expect(200);
    company.publish(company.cycle).await;
}

#[actix_web::test]
async fn given_units_then_only_whom_the_scheme_names_draws_them_once_and_never_their_own() {
    let company = computed().await;
    let path = company.at("spot-checks");
    company.hr().post(&path, json!({ "units": ["NET"] })).await.expect(403);
    let own = company.client("M002", &[Employee, UnitHead, CommitteeMember]);
    let refused = own.post(&path, json!({ "units": ["OPS", "NOWHERE"] })).await.expect(422);
    assert_eq!(pointers(&refused), ["/units/0", "/units/1"]);
    draw(&company, &["NET"]).await;
    let twice = council(&company).post(&path, json!({ "units": ["NET"] })).await.expect(422);
    assert_eq!(pointers(&twice), ["/units/0"]);
    assert!(company.employee("E003").get(&path).await.expect(200).body["items"].as_array().unwrap().is_empty());
}
