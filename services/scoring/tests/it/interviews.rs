//! Interviews about published results: arranged, recorded, commented on.

use events::Event;
use platform::Role::*;
use serde_json::{Value, json};
use testkit::Answer;

use crate::world::{Company, all_of, pointers, scheme};

/// The first policy, in which everybody is told their result by the head, and knows it from then on.
fn told_by_heads() -> String {
    scheme().replace("by = [\"superior\"]\nreasons_only = true", "by = [\"head\"]\nknown = true")
}

async fn published(source: &str) -> Company {
    let company = Company::scoring_by(source).await;
    company.score_everybody(company.cycle).await;
    company.close(company.cycle).await;
    company.publish(company.cycle).await;
    company
}

/// The path of the interview with somebody, as HR finds it.
async fn path_of(company: &Company, number: &str) -> String {
    let list = company.hr().get(&company.at("interviews")).await.expect(200);
    let items = list.body["items"].as_array().unwrap().iter();
    let one = items.into_iter().find(|one| one["number"] == number).expect("an interview with them");
    format!("/v1/interviews/{}", one["interviews"][0]["id"].as_str().unwrap())
}

async fn own(company: &Company, number: &str) -> Answer {
    company.employee(number).get("/v1/my/interviews").await.expect(200)
}

fn record() -> Value {
    json!({ "held_on": "2026-09-28", "notes": "late twice because of the rota; two people from now on",
        "goals": [{ "title": "answer within half an hour", "measure": "the log of the desk" }] })
}

#[actix_web::test]
async fn given_published_results_when_the_head_arranges_and_records_then_the_person_reads_and_comments() {
    let company = published(&told_by_heads()).await;
    let list = company.head("M001").get(&company.at("interviews")).await.expect(200);
    assert_eq!(all_of(&list.body["items"], "number"), ["E001", "E002"]);
    let path = path_of(&company, "E001").await;
    // Nobody holds their own: whoever is in charge of the unit talks to its head.
    let heads = company.hr().get(&company.at("interviews")).await.expect(200);
    let of_head = heads.body["items"].as_array().unwrap().iter().find(|one| one["number"] == "M001").unwrap();
    assert_eq!(of_head["interviews"][0]["holders"], json!(["person:X001"]));

    let at = json!({ "at": "2026-09-30T01:30:00Z", "place": "room 3" });
    company.head("M002").put(&format!("{path}/appointment"), None, at.clone()).await.expect(404);
    let past = json!({ "at": "2026-09-01T01:30:00Z" });
    let refused = company.head("M001").put(&format!("{path}/appointment"), None, past).await.expect(422);
    assert_eq!(pointers(&refused), ["/at"]);
    let arranged = company.head("M001").put(&format!("{path}/appointment"), None, at).await.expect(200);
    assert_eq!((arranged.str("/place"), arranged.str("/state")), ("room 3", "open"));
    assert_eq!(own(&company, "E001").await.str("/items/0/arranged_at"), "2026-09-30T01:30:00Z");

    company.employee("E001").post(&format!("{path}/comment"), json!({ "comment": "agreed" })).await.expect(409);
    let mut early = record();
    early["held_on"] = json!("2026-09-29");
    assert_eq!(pointers(&company.head("M001").post(&format!("{path}/record"), early).await.expect(422)), ["/held_on"]);
    company.head("M001").post(&format!("{path}/record"), record()).await.expect(200);
    company.head("M001").post(&format!("{path}/record"), record()).await.expect(409);

    let mine = own(&company, "E001").await;
    assert_eq!(
        (mine.str("/items/0/state"), mine.str("/items/0/goals/0/title")),
        ("done", "answer within half an hour")
    );
    assert_eq!(mine.body["items"][0]["actions"], json!(["comment_interview"]));
    company.employee("E002").post(&format!("{path}/comment"), json!({ "comment": "mine" })).await.expect(404);
    company.employee("E001").post(&format!("{path}/comment"), json!({ "comment": "agreed" })).await.expect(200);
    company.employee("E001").post(&format!("{path}/comment"), json!({ "comment": "again" })).await.expect(409);
    assert_eq!(own(&company, "E001").await.str("/items/0/comment"), "agreed");
}

#[actix_web::test]
async fn given_an_interview_when_it_is_held_then_tasks_mail_appeals_and_planning_hear_of_it() {
    let company = published(&told_by_heads()).await;
    let path = path_of(&company, "E001").await;
    let at = json!({ "at": "2026-09-30T01:30:00Z" });
    company.head("M001").put(&format!("{path}/appointment"), None, at).await.expect(200);
    company.head("M001").post(&format!("{path}/record"), record()).await.expect(200);

    let (mut tasks, mut notices, mut told, mut agreed) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for event in company.world.outbox("scoring").await {
        match event {
            Event::ScoringTasksChanged(changed) => {
                tasks.extend(changed.tasks.into_iter().filter(|task| task.operation == "record_interview"));
            }
            Event::ScoringNotices(news) => notices.extend(news.notices),
            Event::ResultTold(news) => told.push(news),
            Event::GoalsAgreed(news) => agreed.push(news),
            _ => {}
        }
    }
    let of_e001: Vec<(&str, bool)> = tasks
        .iter()
        .filter(|task| task.about == events::Subject::person("E001"))
        .map(|task| (task.holder.as_str(), task.done))
        .collect();
    assert_eq!(of_e001, [("person:M001", false), ("person:M001", true)]);
    assert_eq!(tasks.iter().filter(|task| !task.done).count(), 5, "everybody is told");
    notices.retain(|one| one.kind != "summary");
    let kinds: Vec<(&str, usize)> = notices.iter().map(|one| (one.kind.as_str(), one.to.len())).collect();
    assert_eq!(kinds, [("interview_arranged", 2), ("interview_recorded", 1)]);
    let told_of = |word: &str| notices[0].words.contains_key(word);
    assert!(["at", "appointment", "revision"].into_iter().all(told_of), "{:?}", notices[0].words);
    assert_eq!((told[0].subject.id.as_str(), told[0].known_on.to_string()), ("E001", "2026-09-28".to_owned()));
    assert_eq!((agreed[0].period.as_str(), agreed[0].goals.len()), ("2026-11", 1));
}

#[actix_web::test]
async fn given_ones_own_interview_then_nobody_records_it_and_without_a_reason_there_is_none() {
    let company = published(&told_by_heads()).await;
    let path = path_of(&company, "E001").await;
    let own = company.client("E001", &[Employee, Manager, Hr, Executive]);
    own.post(&format!("{path}/record"), record()).await.expect(403);
    company.auditor().post(&format!("{path}/record"), record()).await.expect(403);

    let company = published(scheme()).await;
    let list = company.hr().get(&company.at("interviews")).await.expect(200);
    assert_eq!(list.body["items"], json!([]));
}
