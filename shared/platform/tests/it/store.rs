use diesel::QueryableByName;
use diesel::sql_types::Text;
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl};
use domain::events::Envelope;
use platform::Role;
use platform::store::Actor;
use serde_json::json;
use testkit::{World, eventually};
use uuid::Uuid;

use crate::{insert, service};

#[derive(QueryableByName)]
struct One {
    #[diesel(sql_type = Text)]
    event: String,
}

pub async fn first_event(conn: &mut AsyncPgConnection) -> Envelope {
    let one: One =
        diesel::sql_query("select event from outbox order by position limit 1").get_result(conn).await.unwrap();
    serde_json::from_str(&one.event).unwrap()
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = diesel::sql_types::BigInt)]
    n: i64,
}

#[actix_web::test]
async fn given_a_forgotten_company_in_a_query_when_run_then_row_level_security_still_holds() {
    let world = World::start(&[service("pay")]).await;
    let store = &world.running["pay"].platform.store;
    let mut tx = store.begin(world.company, Actor::system(), world.clock.now()).await.unwrap();
    insert(&mut tx, "a", "secret").await.unwrap();
    tx.commit().await.unwrap();

    let mut other = store.begin(Uuid::now_v7(), Actor::system(), world.clock.now()).await.unwrap();
    let seen: Count = diesel::sql_query("select count(*) as n from notes").get_result(other.conn()).await.unwrap();
    assert_eq!(seen.n, 0);
    let forged = diesel::sql_query("insert into notes (company_id, key, text) values ($1, 'b', 'x')")
        .bind::<diesel::sql_types::Uuid, _>(world.company)
        .execute(other.conn())
        .await;
    assert!(forged.unwrap_err().to_string().contains("row-level security"));
}

#[actix_web::test]
async fn given_no_company_when_querying_then_nothing_is_seen() {
    let world = World::start(&[service("pay")]).await;
    let hr = world.client("pay", Some("E1"), &[Role::Hr]);
    hr.post("/v1/notes", json!({ "key": "a", "text": "x" })).await.expect(201);

    let mut conn = AsyncPgConnection::establish(&world.database.url("pay")).await.unwrap();
    let seen: Count = diesel::sql_query("select count(*) as n from notes").get_result(&mut conn).await.unwrap();
    assert_eq!(seen.n, 0);
}

#[actix_web::test]
async fn given_the_services_role_when_touching_the_audit_log_then_it_may_only_add() {
    let world = World::start(&[service("pay")]).await;
    let mut conn = AsyncPgConnection::establish(&world.database.url("pay")).await.unwrap();
    for forbidden in ["update audit_entries set action = 'x'", "delete from audit_entries", "delete from audit_seals"] {
        let refused = diesel::sql_query(forbidden).execute(&mut conn).await.unwrap_err();
        assert!(refused.to_string().contains("permission denied"), "{forbidden}");
    }
}

#[actix_web::test]
async fn given_entries_when_sealed_and_then_tampered_with_then_the_chain_shows_where() {
    let world = World::start(&[service("pay")]).await;
    let hr = world.client("pay", Some("E1"), &[Role::Hr]);
    for key in ["a", "b", "c"] {
        hr.post("/v1/notes", json!({ "key": key, "text": "x" })).await.expect(201);
    }
    let mut conn = world.database.connect("pay").await;
    eventually("three entries are sealed", async || {
        let sealed: Count =
            diesel::sql_query("select count(*) as n from audit_seals").get_result(&mut conn).await.unwrap();
        (sealed.n == 3).then_some(())
    })
    .await;
    assert_eq!(platform::audit::first_broken_link(&mut conn, world.company).await.unwrap(), None);

    diesel::sql_query("update audit_entries set subject = 'z' where subject = 'b'").execute(&mut conn).await.unwrap();

    assert_eq!(platform::audit::first_broken_link(&mut conn, world.company).await.unwrap(), Some(2));
}
