//! Reports, self-reviews and talks about what is expected, by forms of the scheme.

use events::{CycleSubject, Event, WorkItem};
use platform::Role;
use serde_json::{Value, json};
use testkit::{Answer, Client, eventually};

use crate::world::{Company, all_of, changed, person, scheme};

const FORM: &str = "form = [
  { code = \"standards\", label = { zh = \"工作标准\", en = \"standards\" } },
  { code = \"help\", label = { zh = \"上级的帮助\", en = \"help\" } },
  { code = \"wishes\", label = { zh = \"愿望\", en = \"wishes\" }, optional = true },
]";

/// The superior writes about each person, and the person confirms it.
async fn expecting(by: &str) -> Company {
    reporting("people", by).await
}

async fn reporting(on: &str, by: &str) -> Company {
    let stage = format!(
        "\n\n[[stages]]\ncode = \"talk\"\nlabel = {{ zh = \"建立工作期望\", en = \"expectations\" }}\ndoes = \"report\"\n\
         on = \"{on}\"\nby = {by}\n{FORM}\n"
    );
    Company::scoring_by(&format!("{}{stage}", scheme())).await
}

async fn report(reader: &Client, number: &str) -> Answer {
    report_about(reader, &format!("person:{number}")).await
}

async fn report_about(reader: &Client, subject: &str) -> Answer {
    let listed = reader.get(&format!("/v1/reports?subject={subject}")).await.expect(200);
    let id = listed.body["items"][0]["id"].as_str().unwrap().to_owned();
    reader.get(&format!("/v1/reports/{id}")).await.expect(200)
}

async fn open(company: &Company, operation: &str) -> Vec<String> {
    let mut latest: std::collections::BTreeMap<String, WorkItem> = std::collections::BTreeMap::new();
    for event in company.world.outbox("scoring").await {
        let Event::ScoringTasksChanged(changed) = event else { continue };
        for task in changed.tasks {
            if latest.get(&task.key).is_none_or(|known| known.version < task.version) {
                latest.insert(task.key.clone(), task);
            }
        }
    }
    let open = latest.into_values().filter(|task| !task.done && task.operation == operation);
    let mut told: Vec<String> = open.map(|task| format!("{} {}", task.holder, task.about.id)).collect();
    told.sort();
    told
}

#[actix_web::test]
async fn given_a_talk_when_written_and_sent_back_then_it_holds_once_the_person_confirms_it() {
    let company = expecting("[\"superior\", \"self\"]").await;
    let head = company.head("M001");
    let found = report(&head, "E001").await;
    assert_eq!((found.str("/state"), found.str("/steps/0/actors/0")), ("draft", "person:M001"));
    assert_eq!(found.body["actions"], json!(["put_report", "hand_in_report"]));
    assert!(open(&company, "hand_in_report").await.contains(&"person:M001 E001".to_owned()));
    let path = format!("/v1/reports/{}", found.str("/id"));
    let (hand_in, decision) = (format!("{path}/hand-in"), format!("{path}/decision"));
    let write = async |answers: Value, status: u16| {
        let etag = report(&head, "E001").await.etag;
        head.put(&path, etag.as_deref(), json!({ "answers": answers })).await.expect(status)
    };

    let refused = write(json!({ "standards": " ", "weather": "fine" }), 422).await;
    assert_eq!(all_of(&refused.body["errors"], "pointer"), ["/answers/standards", "/answers/weather"]);
    write(json!({ "standards": "answered within the hour" }), 200).await;
    let lacking = head.post(&hand_in, json!({})).await.expect(409);
    assert_eq!(all_of(&lacking.body["missing"], "pointer"), ["/answers/help"]);
    write(json!({ "standards": "answered within the hour", "help": "a second line on Mondays" }), 200).await;
    company.employee("E001").post(&hand_in, json!({})).await.expect(403);
    head.post(&hand_in, json!({})).await.expect(200);
    assert_eq!(open(&company, "decide_report").await, ["person:E001 E001"]);
    head.post(&decision, json!({ "verdict": "approved" })).await.expect(403);

    let me = company.employee("E001");
    me.post(&decision, json!({ "verdict": "returned" })).await.expect(422);
    let returned = me.post(&decision, json!({ "verdict": "returned", "reason": "Tuesdays, too" })).await.expect(200);
    assert_eq!(returned.str("/state"), "returned");
    write(json!({ "standards": "answered within the hour", "help": "a second line" }), 200).await;
    head.post(&hand_in, json!({})).await.expect(200);
    let done = me.post(&decision, json!({ "verdict": "approved", "reason": "agreed" })).await.expect(200);

    assert_eq!((done.str("/state"), done.str("/fields/1/answer")), ("done", "a second line"));
    assert_eq!(all_of(&done.body["steps"], "state"), ["void", "returned", "done", "done"]);
    assert_eq!(done.str("/steps/3/decisions/0/reason"), "agreed");
    assert!(open(&company, "decide_report").await.is_empty());
    me.post(&decision, json!({ "verdict": "approved" })).await.expect(409);
}

#[actix_web::test]
async fn given_another_superior_when_a_report_is_not_through_then_they_write_it_and_what_was_written_stays() {
    let company = expecting("[\"superior\", \"self\"]").await;
    let found = report(&company.head("M001"), "E001").await;
    let answers = json!({ "answers": { "standards": "answered within the hour" } });
    let path = format!("/v1/reports/{}", found.str("/id"));
    company.head("M001").put(&path, found.etag.as_deref(), answers).await.expect(200);

    let moved = CycleSubject { version: 9, ..person("E001", "NET", "M001", "M002") };
    company.world.publish(&changed(company.cycle, vec![moved])).await;

    let writes = async || open(&company, "hand_in_report").await.contains(&"person:M002 E001".to_owned()).then_some(());
    eventually("the new superior is asked", writes).await;
    assert!(!open(&company, "hand_in_report").await.contains(&"person:M001 E001".to_owned()));
    let found = report(&company.head("M002"), "E001").await;
    assert_eq!(found.str("/fields/0/answer"), "answered within the hour");
    assert_eq!(found.body["actions"], json!(["put_report", "hand_in_report"]));
}

#[actix_web::test]
async fn given_a_self_review_when_read_then_by_those_who_rate_lead_or_run_the_appraisal() {
    let company = expecting("[\"self\"]").await;
    let me = company.employee("E001");
    let own = report(&me, "E001").await;
    let path = format!("/v1/reports/{}", own.str("/id"));
    for reader in [company.head("M001"), company.hr(), company.executive(), company.auditor()] {
        reader.get(&path).await.expect(200);
    }
    for stranger in [company.employee("E002"), company.head("M002")] {
        stranger.get(&path).await.expect(404);
        let listed = stranger.get("/v1/reports?subject=person:E001").await.expect(200);
        assert!(listed.body["items"].as_array().unwrap().is_empty());
    }
    let answers = json!({ "answers": { "standards": "as agreed", "help": "none was needed" } });
    company.head("M001").put(&path, own.etag.as_deref(), answers.clone()).await.expect(403);
    me.put(&path, own.etag.as_deref(), answers.clone()).await.expect(200);
    me.put(&path, own.etag.as_deref(), answers).await.expect(412);
    let done = me.post(&format!("{path}/hand-in"), json!({})).await.expect(200);
    assert_eq!((done.str("/state"), done.str("/handed_in_by"), &done.body["late"]), ("done", "E001", &json!(false)));
}

#[actix_web::test]
async fn given_an_analysis_of_each_unit_when_its_leader_has_written_it_then_another_executive_confirms_it() {
    let company = reporting("units", "[\"leader\", \"role.executive\"]").await;
    let leader = company.executive();
    let found = report_about(&leader, "unit:NET").await;
    assert_eq!((found.str("/subject"), found.str("/name")), ("unit:NET", "Department NET"));
    assert!(open(&company, "hand_in_report").await.contains(&"person:X001 NET".to_owned()));
    let path = format!("/v1/reports/{}", found.str("/id"));
    // It is for the general manager, not for those whom it is about.
    for other in [company.head("M001"), company.employee("E001")] {
        other.get(&path).await.expect(404);
    }

    let hand_in = format!("{path}/hand-in");
    let lacking = leader.post(&hand_in, json!({})).await.expect(409);
    assert_eq!(lacking.str("/missing/0/unit"), "NET");
    let answers = json!({ "answers": { "standards": "two of five late", "help": "a second line on Mondays" } });
    leader.put(&path, found.etag.as_deref(), answers).await.expect(200);
    leader.post(&hand_in, json!({})).await.expect(200);

    assert_eq!(open(&company, "decide_report").await, ["role:executive NET"]);
    let decision = format!("{path}/decision");
    leader.post(&decision, json!({ "verdict": "approved" })).await.expect(403);
    let manager = company.client("X002", &[Role::Employee, Role::Executive]);
    let done = manager.post(&decision, json!({ "verdict": "approved", "reason": "as proposed" })).await.expect(200);
    assert_eq!((done.str("/state"), done.str("/steps/1/decisions/0/by")), ("done", "X002"));
}
