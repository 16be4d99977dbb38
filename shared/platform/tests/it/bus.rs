use std::collections::BTreeSet;

use diesel::QueryableByName;
use diesel::sql_types::BigInt;
use diesel_async::RunQueryDsl;
use platform::service::start;
use platform::store::Actor;
use testkit::{World, eventually};

use crate::{notes_of, service, told};

pub async fn tell(world: &World, texts: impl IntoIterator<Item = String>) {
    let store = &world.running["pay"].platform.store;
    let mut tx = store.begin(world.company, Actor::system(), world.clock.now()).await.unwrap();
    for text in texts {
        tx.emit(&told(&text)).await.unwrap();
    }
    tx.commit().await.unwrap();
}

async fn all_taken(world: &World, expected: usize) {
    eventually("every event is taken", async || {
        (notes_of(world, "notification").await.len() == expected).then_some(())
    })
    .await;
}

async fn flush(world: &World) {
    let client = redis::Client::open(world.redis_url.as_str()).unwrap();
    let mut redis = client.get_multiplexed_async_connection().await.unwrap();
    redis::cmd("FLUSHDB").query_async::<()>(&mut redis).await.unwrap();
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    n: i64,
}

async fn unconfirmed(world: &World) -> i64 {
    let mut conn = world.database.connect("pay").await;
    let count: Count = diesel::sql_query("select count(*) as n from outbox where confirmed_at is null")
        .get_result(&mut conn)
        .await
        .unwrap();
    count.n
}

fn numbered(count: usize) -> impl Iterator<Item = String> {
    (0..count).map(|n| format!("event {n:04}"))
}

#[actix_web::test]
async fn given_an_uncommitted_event_when_rolled_back_then_nobody_hears_of_it() {
    let world = World::start(&[service("pay"), service("notification")]).await;
    let store = &world.running["pay"].platform.store;
    let mut tx = store.begin(world.company, Actor::system(), world.clock.now()).await.unwrap();
    tx.emit(&told("never")).await.unwrap();
    tx.rollback().await.unwrap();
    tell(&world, ["always".to_owned()]).await;

    all_taken(&world, 1).await;

    assert_eq!(notes_of(&world, "notification").await, ["always"]);
}

#[actix_web::test]
async fn given_a_redis_wiped_again_and_again_when_events_flow_then_each_is_taken_once() {
    let world = World::start(&[service("pay"), service("notification")]).await;
    for batch in 0..10 {
        tell(&world, numbered(500).skip(batch * 50).take(50)).await;
        flush(&world).await;
    }

    all_taken(&world, 500).await;

    let taken = notes_of(&world, "notification").await;
    assert_eq!(taken.iter().cloned().collect::<BTreeSet<_>>().len(), taken.len());
    eventually("everything is confirmed", async || (unconfirmed(&world).await == 0).then_some(())).await;
}

#[actix_web::test]
async fn given_a_consumer_killed_in_the_middle_when_another_starts_then_each_event_is_taken_once() {
    let mut world = World::start(&[service("pay"), service("notification")]).await;
    tell(&world, numbered(300)).await;
    eventually("some events are taken", async || (!notes_of(&world, "notification").await.is_empty()).then_some(()))
        .await;
    world.running.remove("notification").unwrap().kill().await;
    let taken_before = notes_of(&world, "notification").await.len();
    tell(&world, numbered(400).skip(300)).await;

    let successor = start(&service("notification"), world.config("notification")).await.unwrap();

    all_taken(&world, 400).await;
    assert!(taken_before <= 300);
    successor.stop().await;
}

#[actix_web::test]
async fn given_two_replicas_of_each_service_when_events_flow_then_each_is_taken_once() {
    let world = World::start(&[service("pay"), service("notification")]).await;
    let second_teller = start(&service("pay"), world.config("pay")).await.unwrap();
    let second_taker = start(&service("notification"), world.config("notification")).await.unwrap();

    for batch in 0..10 {
        tell(&world, numbered(500).skip(batch * 50).take(50)).await;
    }

    all_taken(&world, 500).await;
    second_taker.stop().await;
    second_teller.stop().await;
}

#[actix_web::test]
async fn given_an_event_that_builds_on_a_later_one_when_both_arrive_then_both_are_taken() {
    let world = World::start(&[service("pay"), service("notification")]).await;
    tell(&world, ["early".to_owned()]).await;
    tell(&world, ["late".to_owned()]).await;
    all_taken(&world, 2).await;
}

#[actix_web::test]
async fn given_an_event_that_never_succeeds_when_tried_often_then_it_is_buried_and_the_others_go_on() {
    let world = World::start(&[service("pay"), service("notification")]).await;
    tell(&world, ["poison".to_owned(), "good".to_owned()]).await;
    all_taken(&world, 1).await;

    let mut conn = world.database.connect("notification").await;
    let mut buried = async || {
        let count: Count =
            diesel::sql_query("select count(*) as n from dead_letters where reason = 'failed every time'")
                .get_result(&mut conn)
                .await
                .unwrap();
        (count.n == 1).then_some(())
    };
    testkit::eventually_within(std::time::Duration::from_secs(60), "the event is buried", &mut buried).await;
}
