//! Whatever breaks in the middle, every person ends with exactly one result and one statement.

use tests::month::{Month, Size};
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
