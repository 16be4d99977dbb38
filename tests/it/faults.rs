//! Whatever breaks in the middle, every person ends with exactly one result and one statement.

use serde_json::{Value, json};
use testkit::eventually;
use tests::appealing::{Appeal, mails};
use tests::month::{GOAL, Month, Size, person, ratings_of, template};
use tests::system::System;

const SIZE: Size = Size { units: 4, people_per_unit: 8 };

async fn everybody_has_exactly_one_of_each(system: &System, month: &Month) {
    month.paid().await;
    let people = SIZE.people() as i64;
    let cycle = format!("where cycle = '{}'", month.cycle);
    let results = format!("results {cycle} and kind = 'person'");
    assert_eq!(system.count("scoring", &format!("select from {results}")).await, people);
    assert_eq!(system.count("scoring", &format!("select distinct subject from {results}")).await, people);
    assert_eq!(system.count("pay", &format!("select from statements {cycle}")).await, people);
    assert_eq!(system.count("pay", &format!("select distinct number from statements {cycle}")).await, people);
    assert_eq!(month.feed().await.len() as i64, people);
}

#[actix_web::test]
async fn given_a_consumer_killed_in_the_middle_when_it_is_started_again_then_nothing_is_lost_or_doubled() {
    let mut system = System::start().await;
    let mut month = Month::found(&system, "acme", SIZE).await;
    month.open().await;
    month.plan().await;
    month.score().await;
    // Pay dies as soon as its first statements are there, scoring while it closes.
    let closing = month.hr.post(&format!("/v1/cycles/{}/close", month.cycle), serde_json::json!({})).await;
    assert!(closing.is_ok(), "{closing:?}");
    system.replicas[0].running.remove("scoring").unwrap().kill().await;
    let scoring = system.start_again("scoring").await;
    testkit::eventually("closing goes on without the killed process", async || {
        let open = system
            .count("scoring", &format!("select from cycles where id = '{}' and state = 'computed'", month.cycle))
            .await;
        (open == 1).then_some(())
    })
    .await;
    month.executive = month.executive.at(&format!("http://{}", scoring.address));
    month.publish().await;
    let published = format!("select from statements where cycle = '{}'", month.cycle);
    testkit::eventually("the first statements are issued", async || {
        (system.count("pay", &published).await > 0).then_some(())
    })
    .await;
    system.replicas[0].running.remove("pay").unwrap().kill().await;
    let pay = system.start_again("pay").await;
    month.finance = month.finance.at(&format!("http://{}", pay.address));
    month.payroll = month.payroll.at(&format!("http://{}", pay.address));

    everybody_has_exactly_one_of_each(&system, &month).await;

    scoring.stop().await;
    pay.stop().await;
    system.stop().await;
}

#[actix_web::test]
async fn given_a_redis_wiped_at_every_step_when_the_month_goes_on_then_nothing_is_lost_or_doubled() {
    let system = System::start().await;
    let mut month = Month::found(&system, "acme", SIZE).await;
    system.wipe_redis().await;
    month.open().await;
    system.wipe_redis().await;
    month.plan().await;
    system.wipe_redis().await;
    month.score().await;
    month.close().await;
    month.publish().await;
    system.wipe_redis().await;

    everybody_has_exactly_one_of_each(&system, &month).await;
    system.stop().await;
}

#[actix_web::test]
async fn given_two_replicas_of_every_service_when_a_month_is_appraised_then_nothing_is_doubled() {
    let system = System::start_with(2).await;
    let month = Month::published(&system, "acme", SIZE).await;

    everybody_has_exactly_one_of_each(&system, &month).await;
    system.stop().await;
}

#[actix_web::test]
async fn given_appeals_killed_in_the_middle_of_a_decision_and_redis_wiped_then_it_is_done_and_told_once() {
    let mut system = System::start().await;
    let month = with_appeals(&system).await;
    let me = month.sign_in(&system, "e1").await;
    let filing = json!({ "cycle": month.cycle, "about": "result", "grounds": "the goal was not met" });
    let appeal = Appeal::file(&me, filing).await;
    system.wipe_redis().await;

    // The service dies as soon as the decision is in its database; whether it was told of is left to chance.
    let remedy = json!({ "changes": [{ "path": GOAL, "value": "31" }] });
    let decision = json!({ "verdict": "upheld", "reason": "as the person says", "remedy": remedy });
    appeal.decide(&month.finance, decision).await.unwrap();
    system.replicas[0].running.remove("appeals").unwrap().kill().await;
    system.wipe_redis().await;
    let appeals = system.start_again("appeals").await;
    let me = me.at(&format!("http://{}", appeals.address));

    let case = appeal.remedied(&me).await;
    assert_eq!(case["remedies"].as_array().unwrap().len(), 1);
    eventually("one mail of each", async || {
        let told = mails(&system, &person(0, 0), "as the person says");
        (told == 2).then_some(())
    })
    .await;
    let cycle = format!("where cycle = '{}'", month.cycle);
    let corrected = format!("select from results {cycle} and because = 'appeal'");
    assert_eq!(system.count("scoring", &corrected).await, 1);
    let people = SIZE.people() as i64;
    assert_eq!(month.feed().await.len() as i64, people + 1);
    assert_eq!(system.count("pay", &format!("select from statements {cycle}")).await, people + 1);
    let mails_of_it = "select from mails where kind in ('appeal_decided', 'correction')";
    assert_eq!(system.count("notification", mails_of_it).await, 2);

    appeals.stop().await;
    system.stop().await;
}

#[actix_web::test]
async fn given_an_annulled_result_when_scoring_and_planning_are_killed_while_it_is_redone_then_it_is_redone_once() {
    let mut system = System::start().await;
    let month = with_appeals(&system).await;
    let me = month.sign_in(&system, "e1").await;
    let number = person(0, 0);
    let filing = json!({ "cycle": month.cycle, "about": "result", "grounds": "rated out of a grudge" });
    let appeal = Appeal::file(&me, filing).await;
    let redo = json!({ "redo": { "raters": [{ "column": "superior", "by": "M0001" }] } });
    let decision = json!({ "verdict": "upheld", "reason": "as the person says", "remedy": redo });
    appeal.decide(&month.finance, decision).await.unwrap();

    // Each dies as soon as the decision is there; how far either had come is left to chance.
    system.replicas[0].running.remove("scoring").unwrap().kill().await;
    system.replicas[0].running.remove("planning").unwrap().kill().await;
    system.wipe_redis().await;
    let (planning, scoring) = (system.start_again("planning").await, system.start_again("scoring").await);
    let other = month.head(1).at(&format!("http://{}", scoring.address));
    let path = format!("/v1/cycles/{}/ratings", month.cycle);
    let ratings: Vec<Value> = ratings_of(&number).collect();
    eventually("the other one has a form", async || other.post(&path, json!({ "ratings": ratings })).await.ok()).await;
    system.wipe_redis().await;
    other.post(&format!("{path}/submit"), json!({})).await.unwrap();
    scoring.kill().await;
    system.wipe_redis().await;
    let scoring = system.start_again("scoring").await;

    appeal.remedied(&me).await;
    let of = format!("where cycle = '{}' and kind = 'person' and subject = '{number}'", month.cycle);
    assert_eq!(system.count("scoring", &format!("select from results {of}")).await, 2);
    assert_eq!(system.count("scoring", &format!("select from results {of} and annulled_at is null")).await, 1);
    assert_eq!(system.count("planning", &format!("select from settled_sheets {of} and state = 'settled'")).await, 1);
    assert_eq!(system.count("planning", &format!("select from settled_sheets {of}")).await, 2);
    let people = SIZE.people() as i64;
    eventually("the difference is paid once", async || (month.feed().await.len() as i64 == people + 1).then_some(()))
        .await;

    planning.stop().await;
    scoring.stop().await;
    system.stop().await;
}

/// A published month in which finance decides about appeals.
async fn with_appeals(system: &System) -> Month {
    let mut month = Month::found(system, "acme", SIZE).await;
    let kpi = template(&month.hr, "monthly-kpi").await;
    let source = format!("{kpi}\n[appeal]\nlevels = [\"role.finance\"]\n");
    month.hr.post("/v1/schemes", json!({ "source": source })).await.unwrap();
    month.appraise().await;
    month.paid().await;
    month
}
