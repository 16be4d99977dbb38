//! People say what they think of their result, and are answered.

use events::Event;
use serde_json::{Value, json};

use crate::world::{Company, all_of, fact, pointers, scheme};

async fn published() -> Company {
    let stage = "\n\n[[stages]]\ncode = \"opinion\"\nlabel = { zh = \"反馈意见\", en = \"opinions\" }\ndoes = \"opinion\"\n\
        on = \"people\"\nby = [\"superior\"]\n";
    let company = Company::scoring_by(&format!("{}{stage}", scheme())).await;
    company.score_everybody(company.cycle).await;
    company.close(company.cycle).await;
    company.publish(company.cycle).await;
    company
}

async fn state(company: &Company, number: &str) -> String {
    let path = format!("{}/opinions", company.result_path(number));
    let stated = company.employee(number).post(&path, json!({ "words": "the power was off" })).await.expect(201);
    assert_eq!(stated.str("/state"), "open");
    format!("/v1/opinions/{}/answer", stated.str("/id"))
}

fn answer(verdict: &str) -> Value {
    json!({ "verdict": verdict, "answer": "that day was left out" })
}

#[actix_web::test]
async fn given_opinions_when_answered_then_people_are_told_and_what_is_open_is_on_hrs_list() {
    let company = published().await;
    let first = state(&company, "E001").await;
    let second = state(&company, "E003").await;
    let again = format!("{}/opinions", company.result_path("E001"));
    company.employee("E001").post(&again, json!({ "words": "and the lift" })).await.expect(409);
    company.employee("E002").post(&again, json!({ "words": "not mine" })).await.expect(404);
    let open = company.hr().get("/v1/opinions?open=true").await.expect(200);
    assert_eq!(all_of(&open.body["items"], "number"), ["E001", "E003"]);
    let seen = company.head("M001").get("/v1/opinions").await.expect(200);
    assert_eq!(all_of(&seen.body["items"], "number"), ["E001"]);
    assert_eq!(seen.body["items"][0]["actions"], json!(["answer_opinion"]));
    assert!(
        company.employee("E002").get("/v1/opinions").await.expect(200).body["items"].as_array().unwrap().is_empty()
    );

    company.head("M002").post(&first, answer("explained")).await.expect(404);
    let explained = company.head("M001").post(&first, answer("explained")).await.expect(200);
    assert_eq!((explained.str("/verdict"), explained.str("/answered_by")), ("explained", "M001"));
    company.head("M001").post(&first, answer("explained")).await.expect(409);
    // A correction is no answer before there is one.
    let early = company.head("M002").post(&second, answer("corrected")).await.expect(422);
    assert_eq!(pointers(&early), ["/verdict"]);
    company.correct(company.cycle, "E003", "/items/reports/value", "2").await.expect(201);
    company.head("M002").post(&second, answer("corrected")).await.expect(200);

    let own = company.employee("E003").get("/v1/opinions").await.expect(200);
    assert_eq!((own.str("/items/0/verdict"), own.str("/items/0/answer")), ("corrected", "that day was left out"));
    let told = company.world.outbox("scoring").await.into_iter();
    let told: Vec<(String, String)> = told
        .filter_map(|event| if let Event::ScoringNotices(notices) = event { Some(notices.notices) } else { None })
        .flatten()
        .filter(|notice| notice.kind == "opinion_answered")
        .map(|notice| (notice.to[0].to_string(), notice.words["verdict"].clone()))
        .collect();
    assert_eq!(told, [("E001".into(), "explained".into()), ("E003".into(), "corrected".into())]);
    let open = company.hr().get("/v1/opinions?open=true").await.expect(200);
    assert!(open.body["items"].as_array().unwrap().is_empty());
}

#[actix_web::test]
async fn given_a_scheme_that_asks_for_no_opinions_then_there_are_none() {
    let company = Company::published().await;
    let path = format!("{}/opinions", company.result_path("E001"));
    company.employee("E001").post(&path, json!({ "words": "the power was off" })).await.expect(409);
}

#[actix_web::test]
async fn given_people_who_are_heard_before_publication_when_computed_then_each_reads_their_own_result_and_nobody_elses()
{
    let stage = "\n\n[[stages]]\ncode = \"opinion\"\nlabel = { zh = \"反馈意见\", en = \"opinions\" }\ndoes = \"opinion\"\n\
        on = \"people\"\nby = [\"superior\"]\nafter = []\n";
    let company = Company::scoring_by(&format!("{}{stage}", scheme())).await;
    company.score_everybody(company.cycle).await;
    let (me, path) = (company.employee("E001"), company.result_path("E001"));
    me.get(&path).await.expect(404);
    company.close(company.cycle).await;
    assert_eq!(me.get(&path).await.expect(200).body["published"], false);
    me.get(&format!("{path}/explanation")).await.expect(200);
    assert_eq!(all_of(&me.get("/v1/my/results").await.expect(200).body["items"], "number"), ["E001"]);
    company.employee("E002").get(&path).await.expect(404);
    // The line reads it once it is published, as ever.
    company.head("M001").get(&path).await.expect(404);
    let answer_to = state(&company, "E001").await;
    // Whoever has to answer reads what it is about; nobody else does yet.
    company.head("M001").get(&path).await.expect(200);
    company.head("M002").get(&path).await.expect(404);
    company.head("M001").post(&answer_to, answer("corrected")).await.expect(422);
    company.close(company.cycle).await;
    company.head("M001").post(&answer_to, answer("corrected")).await.expect(422);
    company.give(vec![fact("person:E001", "item.reports.value", &json!("2"))]).await.expect(200);
    company.close(company.cycle).await;
    company.head("M001").post(&answer_to, answer("corrected")).await.expect(200);
    company.publish(company.cycle).await;
    let all = me.get("/v1/my/results").await.expect(200);
    assert_eq!(
        (all_of(&all.body["items"], "number"), &all.body["items"][0]["published"]),
        (vec!["E001"], &json!(true))
    );
    let told = company.world.outbox("scoring").await.into_iter();
    let told =
        told.filter_map(|event| if let Event::ScoringNotices(notices) = event { Some(notices.notices) } else { None });
    let told: std::collections::BTreeSet<String> =
        told.flatten().filter(|notice| notice.kind == "result_computed").map(|notice| notice.key).collect();
    assert_eq!(told.len(), 6, "each once, and again when it is another result: {told:?}");
}

#[actix_web::test]
async fn given_an_opinion_before_publication_when_the_cycle_is_cancelled_then_nobody_answers_it_any_more() {
    let stage = "\n\n[[stages]]\ncode = \"opinion\"\nlabel = { zh = \"反馈意见\", en = \"opinions\" }\ndoes = \"opinion\"\n\
        on = \"people\"\nby = [\"superior\"]\nafter = []\n";
    let company = Company::scoring_by(&format!("{}{stage}", scheme())).await;
    company.score_everybody(company.cycle).await;
    company.close(company.cycle).await;
    let answer_to = state(&company, "E001").await;
    let cancelled = events::CycleCancelled { cycle: company.cycle, reason: "opened by mistake".to_owned() };
    company.world.publish(&Event::CycleCancelled(cancelled)).await;
    testkit::eventually("nobody is asked", async || {
        let open = company.hr().get("/v1/opinions?open=true").await.expect(200);
        open.body["items"].as_array().unwrap().is_empty().then_some(())
    })
    .await;
    company.head("M001").post(&answer_to, answer("explained")).await.expect(409);
}
