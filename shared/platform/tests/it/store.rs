use diesel::sql_types::Text;
use diesel::{ExpressionMethods, QueryDsl, QueryableByName};
use diesel_async::{AsyncConnection, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use events::Envelope;
use platform::Role;
use platform::Store;
use platform::audit::Verification;
use platform::sql::Cached;
use platform::store::Actor;
use serde_json::json;
use testkit::{World, eventually};
use uuid::Uuid;

use crate::{insert, note, service};

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
async fn given_a_statement_that_was_sent_before_when_it_is_sent_again_then_it_is_not_prepared_anew() {
    let world = World::start(&[service("pay")]).await;
    let store = &world.running["pay"].platform.store;
    let mut tx = store.begin(world.company, Actor::system(), world.clock.now()).await.unwrap();
    for text in ["a", "b", "c"] {
        insert(&mut tx, text, text).await.unwrap();
    }

    let prepared: i64 = tx
        .sql_of_all("select count(*) from pg_prepared_statements where statement like 'insert into notes%'")
        .columns::<diesel::sql_types::BigInt>()
        .get_result(tx.conn())
        .await
        .unwrap();

    assert_eq!(prepared, 1);
}

diesel::table! {
    notes (company_id, key) {
        company_id -> Uuid,
        key -> Text,
        text -> Text,
        version -> BigInt,
    }
}

#[actix_web::test]
async fn given_an_update_of_diesels_that_is_cached_when_it_is_sent_again_then_it_is_not_prepared_anew() {
    let world = World::start(&[service("pay")]).await;
    let store = &world.running["pay"].platform.store;
    let mut tx = store.begin(world.company, Actor::system(), world.clock.now()).await.unwrap();
    insert(&mut tx, "a", "x").await.unwrap();
    for text in ["b", "c", "d"] {
        let note = diesel::update(notes::table.find((world.company, "a")));
        let changed = note.set((notes::text.eq(text), notes::version.eq(notes::version + 1_i64)));
        let changed = changed.returning(notes::text).cached();
        assert_eq!(changed.get_result::<String>(tx.conn()).await.unwrap(), text);
    }

    let prepared: i64 = tx
        .sql_of_all("select count(*) from pg_prepared_statements where statement like 'UPDATE \"notes\"%'")
        .columns::<diesel::sql_types::BigInt>()
        .get_result(tx.conn())
        .await
        .unwrap();

    assert_eq!(prepared, 1);
}

#[actix_web::test]
async fn given_what_every_write_adds_when_it_is_added_again_then_it_is_prepared_once() {
    let world = World::start(&[service("pay")]).await;
    let store = &world.running["pay"].platform.store;
    let mut tx = store.begin(world.company, Actor::system(), world.clock.now()).await.unwrap();
    for text in ["a", "b", "c"] {
        tx.emit(&crate::told(text)).await.unwrap();
        tx.audit("notes.added", text, json!({})).await.unwrap();
    }

    let prepared: i64 = tx
        .sql_of_all(
            "select count(*) from pg_prepared_statements
             where statement like 'INSERT INTO \"outbox\"%' or statement like 'INSERT INTO \"audit_entries\"%'",
        )
        .columns::<diesel::sql_types::BigInt>()
        .get_result(tx.conn())
        .await
        .unwrap();

    assert_eq!(prepared, 2);
}

#[actix_web::test]
async fn given_a_request_when_it_begins_reads_a_row_and_ends_then_three_statements_are_sent() {
    let world = World::start(&[service("pay")]).await;
    let hr = world.client("pay", Some("E1"), &[Role::Hr]);
    hr.post("/v1/notes", json!({ "key": "a", "text": "x" })).await.expect(201);
    let mut config = world.config("pay");
    config.connections = 1;
    let store = Store::connect(config.database_url.expose(), 1, "pay").unwrap();

    let mut tx = store.begin(world.company, Actor::system(), world.clock.now()).await.unwrap();
    note(&mut tx, "a").await.unwrap();
    tx.commit().await.unwrap();

    // Two set up the connection.
    assert_eq!(store.statements(), 3);
}

#[actix_web::test]
async fn given_connections_that_postgres_has_ended_when_a_transaction_begins_then_another_connection_is_tried() {
    let world = World::start(&[service("pay")]).await;
    let store = &world.running["pay"].platform.store;
    let begin = async || store.begin(world.company, Actor::system(), world.clock.now()).await;
    let (one, other) = (begin().await.unwrap(), begin().await.unwrap());
    one.rollback().await.unwrap();
    other.rollback().await.unwrap();

    let mut owner = AsyncPgConnection::establish(&world.database.owner_url()).await.unwrap();
    let ended = "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'steelyard_pay' and datname = current_database()";
    diesel::sql_query(ended).execute(&mut owner).await.unwrap();

    let mut tx = begin().await.unwrap();
    insert(&mut tx, "a", "after all").await.unwrap();
    tx.commit().await.unwrap();
}

#[actix_web::test]
async fn given_a_connection_that_breaks_in_the_middle_of_a_read_then_it_is_read_once_more() {
    let world = World::start(&[service("pay")]).await;
    let hr = world.client("pay", Some("E1"), &[Role::Hr]);
    hr.post("/v1/notes", json!({ "key": "a", "text": "x" })).await.expect(201);

    let reader = world.client("pay", Some("E1"), &[Role::Employee]);
    let read = reader.get("/v1/notes/a/over-broken-connections/1").await.expect(200);
    assert_eq!(read.str("/text"), "x");
    reader.get("/v1/notes/a/over-broken-connections/2").await.expect(503);
}

#[actix_web::test]
async fn given_the_migrated_tables_when_printed_then_they_are_what_the_source_says() {
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/schema.rs");
    testkit::schema::check_platform(service("pay"), &file).await;
}

#[actix_web::test]
async fn given_the_statements_of_the_source_when_prepared_then_postgres_takes_each() {
    let source = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    assert!(testkit::statements::check(service("pay"), &source, &[]).await > 5);
    testkit::statements::check_no_bare_sql(&source, &["migrate.rs", "sql.rs"]);
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

/// A service with three sealed entries, about `a`, `b` and `c`.
async fn sealed() -> (World, AsyncPgConnection) {
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
    (world, conn)
}

async fn verify(world: &World, place: Option<i64>) -> Verification {
    let store = &world.running["pay"].platform.store;
    let mut tx = store.begin(world.company, Actor::system(), world.clock.now()).await.unwrap();
    let found = platform::audit::verify(&mut tx, place).await.unwrap();
    tx.rollback().await.unwrap();
    found
}

async fn first_broken_link(world: &World) -> Option<i64> {
    verify(world, None).await.first_broken_link
}

/// Does, behind the service's back, what only the owner of the tables can.
async fn tamper(conn: &mut AsyncPgConnection, statement: &str) {
    assert!(diesel::sql_query(statement).execute(conn).await.unwrap() > 0, "{statement}");
}

#[actix_web::test]
async fn given_entries_when_sealed_and_then_tampered_with_then_the_chain_shows_where() {
    let (world, mut conn) = sealed().await;
    assert_eq!(first_broken_link(&world).await, None);

    tamper(&mut conn, "update audit_entries set subject = 'z' where subject = 'b'").await;

    assert_eq!(first_broken_link(&world).await, Some(2));
}

#[actix_web::test]
async fn given_a_chain_when_its_end_is_cut_off_then_verification_shows_it() {
    let (world, mut conn) = sealed().await;

    tamper(&mut conn, "delete from audit_seals where place = 3").await;
    tamper(&mut conn, "delete from audit_entries where subject = 'c'").await;
    assert_eq!(first_broken_link(&world).await, Some(3));

    // The chain goes on behind the gap, and does not close it.
    let hr = world.client("pay", Some("E1"), &[Role::Hr]);
    hr.post("/v1/notes", json!({ "key": "d", "text": "x" })).await.expect(201);
    eventually("the next entry is sealed", async || {
        let places = "select max(place) as n from audit_seals";
        let last: Count = diesel::sql_query(places).get_result(&mut conn).await.unwrap();
        (last.n == 4).then_some(())
    })
    .await;
    assert_eq!(first_broken_link(&world).await, Some(3));
}

#[actix_web::test]
async fn given_a_chain_when_an_entry_is_deleted_from_under_its_seal_then_verification_shows_it() {
    let (world, mut conn) = sealed().await;

    // In the order in which the sealer takes them.
    let unbind =
        "begin; lock table audit_entries; alter table audit_seals drop constraint audit_seals_entry_fkey; commit";
    conn.batch_execute(unbind).await.unwrap();
    tamper(&mut conn, "delete from audit_entries where subject = 'c'").await;

    assert_eq!(first_broken_link(&world).await, Some(3));
}

#[actix_web::test]
async fn given_an_entry_when_one_column_is_moved_into_another_then_the_chain_shows_it() {
    let (world, mut conn) = sealed().await;

    tamper(&mut conn, "update audit_entries set account = null, actor = account || '|' || actor where subject = 'b'")
        .await;

    assert_eq!(first_broken_link(&world).await, Some(2));
}

#[actix_web::test]
async fn given_a_chain_begun_by_an_earlier_release_when_it_goes_on_then_all_of_it_verifies() {
    let (world, mut conn) = sealed().await;
    // What an earlier release wrote: another text, no head.
    let text = "concat_ws('|', e.seq, e.company_id, to_char(e.at at time zone 'utc', 'YYYY-MM-DD\"T\"HH24:MI:SS.US'), e.account, e.actor, e.action, e.subject, e.detail::text)";
    for place in 1..=3 {
        let statement = format!(
            "update audit_seals s set version = 1, hash = sha256(coalesce((select hash from audit_seals b where b.place = {place} - 1), '') || convert_to({text}, 'UTF8'))
             from audit_entries e where e.seq = s.entry and s.place = {place}"
        );
        tamper(&mut conn, &statement).await;
    }
    tamper(&mut conn, "delete from audit_heads").await;
    assert_eq!(first_broken_link(&world).await, None);

    let hr = world.client("pay", Some("E1"), &[Role::Hr]);
    hr.post("/v1/notes", json!({ "key": "d", "text": "x" })).await.expect(201);

    let whole = eventually("the fourth entry is sealed", async || {
        let found = verify(&world, Some(3)).await;
        (found.entries == 4).then_some(found)
    })
    .await;
    assert_eq!(whole.first_broken_link, None);
    assert!(whole.at_place.is_some() && whole.at_place != whole.head);
}

#[actix_web::test]
async fn given_the_log_when_it_is_read_then_that_is_recorded_and_values_are_for_auditors_about_others() {
    let world = World::start(&[service("pay")]).await;
    let hr = world.client("pay", Some("E1"), &[Role::Hr]);
    hr.post("/v1/notes", json!({ "key": "A1", "text": "secret" })).await.expect(201);
    let detail = async |number: &str, role: Role| {
        let read = world.client("pay", Some(number), &[role]).get("/v1/pay/audit-entries").await.expect(200);
        read.body["items"][0].clone()
    };

    let veiled = json!({ "veiled": true });
    assert_eq!(detail("A2", Role::Auditor).await["detail"], json!({ "text": "secret" }));
    assert_eq!(detail("A1", Role::Auditor).await["detail"], veiled);
    let by_admin = detail("E9", Role::Admin).await;
    assert_eq!((&by_admin["detail"], &by_admin["actor"], &by_admin["subject"]), (&veiled, &json!("E1"), &json!("A1")));
    assert!(by_admin["account"].is_string());

    let log = world.client("pay", Some("A2"), &[Role::Auditor]).get("/v1/pay/audit-entries").await.expect(200);
    let reads = log.body["items"].as_array().unwrap().iter().filter(|entry| entry["action"] == "audit-entries.read");
    assert_eq!(reads.map(|entry| entry["actor"].as_str().unwrap()).collect::<Vec<_>>(), ["A2", "A1", "E9"]);
}
