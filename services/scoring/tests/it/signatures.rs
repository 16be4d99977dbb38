//! Results are signed over exactly what they are, and what is announced is confirmed as read.

use diesel::sql_types::{BigInt, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use events::Event;
use jiff::SignedDuration;
use platform::Role::*;
use platform::store::{Actor, Store};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use testkit::{Client, eventually};

use crate::world::{Company, all_of, pointers, scheme};

fn signed_by(says: &str) -> String {
    let stage = "\n\n[[stages]]\ncode = \"sign\"\nlabel = { zh = \"签字确认\", en = \"signatures\" }\ndoes = \"confirm\"\non = \"people\"\n";
    let shipped = scheme();
    let (unsigned, _) = shipped.split_once("\n# The sheet is signed").unwrap();
    format!("{unsigned}{stage}{says}\n")
}

async fn computed(says: &str) -> Company {
    let company = Company::scoring_by(&signed_by(says)).await;
    company.score_everybody(company.cycle).await;
    company.close(company.cycle).await;
    company
}

/// What waits for somebody's signature: about whom, and where.
async fn asked(client: &Client) -> Vec<(String, String)> {
    let open = client.get("/v1/signatures?open=true").await.expect(200);
    let one = |one: &Value| {
        (one["number"].as_str().unwrap().to_owned(), format!("/v1/signatures/{}", one["id"].as_str().unwrap()))
    };
    let mut all: Vec<(String, String)> = open.body["items"].as_array().unwrap().iter().map(one).collect();
    all.sort();
    all
}

async fn sign(client: &Client, path: &str) {
    let read = client.get(path).await.expect(200);
    client.post(path, json!({ "verdict": "given", "sha256": read.str("/sha256") })).await.expect(200);
}

#[actix_web::test]
async fn given_a_published_result_when_signed_then_exactly_that_text_is_kept() {
    let company = computed("by = [\"self\", \"superior\"]\nlapses = \"3 working days\"").await;
    company.publish(company.cycle).await;
    let own = company.employee("E001");
    let waiting = eventually("the signature is asked for", async || {
        let asked = asked(&own).await;
        (!asked.is_empty()).then_some(asked)
    })
    .await;
    let (number, path) = &waiting[0];
    assert_eq!((waiting.len(), number.as_str()), (1, "E001"));
    let read = own.get(path).await.expect(200);
    let sum: String = Sha256::digest(read.str("/text").as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!((read.str("/sha256"), read.str("/content/score")), (sum.as_str(), "88.4"));
    assert_eq!(read.str("/signature/due"), "2026-10-01", "the third working day");

    let given = json!({ "verdict": "given", "sha256": sum });
    company.employee("E002").get(path).await.expect(404);
    company.head("M001").post(path, given.clone()).await.expect(404);
    company.hr().post(path, given.clone()).await.expect(403);
    for (body, pointer) in [
        (json!({ "verdict": "given", "sha256": "00" }), "/sha256"),
        (json!({ "verdict": "given" }), "/sha256"),
        (json!({ "verdict": "refused" }), "/reason"),
    ] {
        assert_eq!(pointers(&own.post(path, body).await.expect(422)), [pointer]);
    }
    let signed = own.post(path, given.clone()).await.expect(200);
    assert_eq!((signed.str("/state"), signed.str("/sha256")), ("given", sum.as_str()));
    own.post(path, given).await.expect(409);
    // Corrected later, what was signed is still there to the letter.
    company.correct(company.cycle, "E001", "/items/reports/value", "2").await.expect(201);
    let kept = own.get(path).await.expect(200);
    assert_eq!((kept.str("/sha256"), kept.str("/content/score")), (sum.as_str(), "88.4"));
    let all = own.get("/v1/signatures?number=E001").await.expect(200);
    let mut states = all_of(&all.body["items"], "state");
    states.sort_unstable();
    assert_eq!(states, ["asked", "given"], "the superior has not signed yet");
}

#[actix_web::test]
async fn given_signatures_when_refused_or_too_late_then_the_result_stands_and_says_so() {
    let company = computed("by = [\"self\"]\nlapses = \"3 days\"").await;
    company.publish(company.cycle).await;
    let refuses = company.employee("E001");
    let path = eventually("the signature is asked for", async || asked(&refuses).await.pop()).await.1;
    company.world.clock.move_to(company.world.clock.now() + SignedDuration::from_hours(24 * 5));
    let refused = company
        .employee("E001")
        .post(&path, json!({ "verdict": "refused", "reason": "I was on leave" }))
        .await
        .expect(200);
    assert_eq!((refused.str("/state"), refused.str("/reason")), ("refused", "I was on leave"));
    let late = company.employee("E003");
    let lapsed = eventually("the other one lapses", async || {
        let all = company.hr().get(&format!("/v1/signatures?cycle={}", company.cycle)).await.expect(200);
        let states: Vec<String> = all_of(&all.body["items"], "state").into_iter().map(str::to_owned).collect();
        (!states.contains(&"asked".to_owned())).then_some(states)
    })
    .await;
    assert_eq!(lapsed.iter().filter(|state| *state == "lapsed").count(), 4, "{lapsed:?}");
    assert!(asked(&late).await.is_empty());
    assert_eq!(late.get("/v1/my/results").await.expect(200).str("/items/0/score"), "74.4");
}

#[actix_web::test]
async fn given_signatures_that_publication_waits_for_when_computed_anew_then_they_are_asked_for_again() {
    let company = computed("by = [\"superior\"]\ngate = true").await;
    let refused = company.executive().post(&company.at("publish"), json!({})).await.expect(409);
    assert!(pointers(&refused).contains(&"/signatures/sign/E001"), "{}", refused.body);
    assert!(!company.is_to_be_published().await);
    let first = asked(&company.head("M001")).await;
    // Before publication nobody learns of their own, whatever they run.
    let own = company.client("E001", &[Employee, Hr]);
    own.get(&first[0].1).await.expect(404);
    let listed = own.get("/v1/signatures?limit=100").await.expect(200);
    assert!(!all_of(&listed.body["items"], "number").contains(&"E001"));
    assert_eq!(first.iter().map(|(number, _)| number.as_str()).collect::<Vec<_>>(), ["E001", "E002"]);
    sign(&company.head("M001"), &first[0].1).await;
    company.close(company.cycle).await;
    company.head("M001").post(&first[1].1, json!({ "verdict": "refused", "reason": "late" })).await.expect(409);
    // One that cannot be had HR waives, with a reason.
    let away = asked(&company.head("M002")).await.remove(0).1;
    let reason = json!({ "reason": "on long sick leave" });
    company.head("M002").post(&format!("{away}/waive"), reason.clone()).await.expect(403);
    let waived = company.hr().post(&format!("{away}/waive"), reason.clone()).await.expect(200);
    assert_eq!((waived.str("/state"), waived.str("/reason")), ("lapsed", "on long sick leave"));
    company.hr().post(&format!("{away}/waive"), reason).await.expect(409);
    for head in ["M001", "M002", "X001"] {
        let client = company.client(head, &[Employee, UnitHead]);
        for (_, path) in asked(&client).await {
            sign(&client, &path).await;
        }
    }
    assert!(company.is_to_be_published().await);
    company.publish(company.cycle).await;
}

#[actix_web::test]
async fn given_an_announcement_then_everybody_is_told_and_confirms_having_read_it() {
    let company = Company::scoring().await;
    let path = company.at("announcements");
    let new = json!({ "title": "This year's demands", "text": "Safety first." });
    company.head("M001").post(&path, new.clone()).await.expect(403);
    let wrong = company.hr().post(&path, json!({ "title": "two\nlines", "text": " " })).await.expect(422);
    assert_eq!(pointers(&wrong), ["/title", "/text"]);

    let made = company.hr().post(&path, new).await.expect(201);

    assert_eq!((made.body["asked"].as_i64(), &made.body["asked_all"]), (Some(0), &json!(false)));
    let all = async || {
        let listed = company.hr().get(&path).await.expect(200);
        listed.body["items"][0]["asked_all"].as_bool()?.then(|| listed.body["items"][0]["asked"].clone())
    };
    assert_eq!(eventually("everybody is asked", all).await, 5);
    let told = company.world.outbox("scoring").await.into_iter();
    let told: Vec<usize> = told
        .filter_map(|event| if let Event::ScoringNotices(notices) = event { Some(notices.notices) } else { None })
        .flatten()
        .filter(|notice| notice.kind == "announcement")
        .map(|notice| notice.to.len())
        .collect();
    assert_eq!(told, [5]);
    let own = company.employee("E001");
    let (_, signature) = asked(&own).await.remove(0);
    assert_eq!(own.get(&signature).await.expect(200).str("/content/text"), "Safety first.");
    let refuse = own.post(&signature, json!({ "verdict": "refused", "reason": "no" })).await.expect(422);
    assert_eq!(pointers(&refuse), ["/verdict"]);
    sign(&own, &signature).await;
    let listed = own.get(&path).await.expect(200);
    assert_eq!(listed.body["items"][0]["confirmed"].as_i64(), Some(1));
}

#[actix_web::test]
async fn given_the_last_two_who_sign_at_once_then_the_results_are_to_be_published() {
    let company = computed("by = [\"superior\"]\ngate = true").await;
    let mut left = Vec::new();
    for head in ["M001", "M002", "X001"] {
        let client = company.client(head, &[Employee, UnitHead]);
        for (_, path) in asked(&client).await {
            left.push((client.clone(), path));
        }
    }
    while left.len() > 2 {
        let (client, path) = left.pop().unwrap();
        sign(&client, &path).await;
    }
    // Both have signed and want to look whether somebody is waited for, before either is done.
    let store = Store::connect(&company.world.database.url("scoring"), 1, "test").unwrap();
    let mut held = store.begin(company.world.company, Actor::system(), company.world.clock.now()).await.unwrap();
    let lock = "select pg_advisory_xact_lock(hashtextextended('tasks of ' || $1::text || $2::text, 0))";
    held.sql(lock).bind::<SqlUuid, _>(company.cycle).execute(held.conn()).await.unwrap();
    let waiting = "select count(*) from pg_locks where locktype = 'advisory' and not granted
        and database = (select oid from pg_database where datname = current_database())";
    let both = async {
        eventually("both wait", async || {
            let waiting: i64 = held.sql_of_all(waiting).columns::<BigInt>().get_result(held.conn()).await.unwrap();
            (waiting == 2).then_some(())
        })
        .await;
        held.commit().await.unwrap();
    };
    tokio::join!(sign(&left[0].0, &left[0].1), sign(&left[1].0, &left[1].1), both);
    assert!(company.is_to_be_published().await);
    company.publish(company.cycle).await;
}
