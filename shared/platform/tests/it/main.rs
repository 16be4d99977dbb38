//! The platform, under two small services: `pay` tells, `notification` notes what it hears.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod bus;
mod hole;
mod leaving;
mod peer;
mod store;
mod web;

use std::sync::Arc;

use diesel::sql_types::{BigInt, Text};
use diesel::{OptionalExtension, QueryableByName};
use diesel_async::RunQueryDsl;
use diesel_migrations::{EmbeddedMigrations, embed_migrations};
use events::{CycleCancelled, Event};
use platform::actix_web::{HttpResponse, get, post, put};
use platform::bus::Handled;
use platform::{Caller, IfMatch, JsonBody, Message, Platform, Problem, Reply, Result, Service, Task, Tx, Write};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

const MIGRATIONS: EmbeddedMigrations = embed_migrations!("tests/it/migrations");

platform::permission! {
    pub ReadNotes = "notes.read": [Employee];
    pub WriteNotes = "notes.write": [Hr], scope "notes.write";
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewNote {
    key: String,
    text: String,
}

#[derive(Debug, Serialize, QueryableByName, ToSchema)]
struct Note {
    #[diesel(sql_type = Text)]
    key: String,
    #[diesel(sql_type = Text)]
    text: String,
    /// The `ETag`.
    #[diesel(sql_type = BigInt)]
    version: i64,
}

async fn note(tx: &mut Tx, key: &str) -> Result<Note> {
    let found: Option<Note> = tx
        .sql("select key, text, version from notes where company_id = $1 and key = $2 for update")
        .bind::<Text, _>(key)
        .get_result(tx.conn())
        .await
        .optional()?;
    found.ok_or_else(|| Problem::not_found(Message::same("note")))
}

#[utoipa::path(security(("bearer" = [])), request_body = NewNote, responses((status = 201, body = Object)))]
#[post("/v1/notes")]
async fn add(caller: Caller<WriteNotes>, write: Write, body: JsonBody<NewNote>) -> Result<HttpResponse> {
    let note = body.0;
    write
        .run(&caller, async |tx| {
            if note.text.is_empty() {
                return Err(Problem::field("/text", Message::same("a note says something")));
            }
            insert(tx, &note.key, &note.text).await?;
            tx.audit("notes.added", &note.key, serde_json::json!({ "text": note.text })).await?;
            tx.emit(&told(&note.text)).await?;
            Reply::created(format!("/v1/notes/{}", note.key), &serde_json::json!({ "key": note.key }))
        })
        .await
}

#[utoipa::path(security(("bearer" = [])), request_body = NewNote,
    params(("key" = String, Path), ("If-Match" = String, Header)), responses((status = 200, body = Note)))]
#[put("/v1/notes/{key}")]
async fn change(
    caller: Caller<WriteNotes>,
    write: Write,
    if_match: IfMatch,
    key: platform::actix_web::web::Path<String>,
    body: JsonBody<NewNote>,
) -> Result<HttpResponse> {
    write
        .run(&caller, async |tx| {
            let note = note(tx, &key).await?;
            if_match.check(note.version)?;
            tx.sql("update notes set text = $3, version = version + 1 where company_id = $1 and key = $2")
                .bind::<Text, _>(&note.key)
                .bind::<Text, _>(&body.0.text)
                .execute(tx.conn())
                .await?;
            Ok(Reply::ok(&note)?.version(note.version + 1))
        })
        .await
}

#[utoipa::path(security(("bearer" = [])), params(("key" = String, Path)), responses((status = 200, body = Note)))]
#[get("/v1/notes/{key}")]
async fn show(
    caller: Caller<ReadNotes>,
    platform: Platform,
    key: platform::actix_web::web::Path<String>,
) -> Result<HttpResponse> {
    let note = platform::web::read(&platform, &caller, async |tx| note(tx, &key).await).await?;
    Ok(platform::web::versioned(&note, note.version))
}

/// Reads a note over connections of which the first few break in the middle.
#[utoipa::path(security(("bearer" = [])), params(("key" = String, Path), ("broken" = usize, Path)),
    responses((status = 200, body = Note)))]
#[get("/v1/notes/{key}/over-broken-connections/{broken}")]
async fn show_over_broken_connections(
    caller: Caller<ReadNotes>,
    platform: Platform,
    path: platform::actix_web::web::Path<(String, usize)>,
) -> Result<HttpResponse> {
    let (key, broken) = path.into_inner();
    let tries = std::sync::atomic::AtomicUsize::new(0);
    let read = async |tx: &mut Tx| {
        if tries.fetch_add(1, std::sync::atomic::Ordering::Relaxed) < broken {
            tx.sql("select pg_terminate_backend(pg_backend_pid()) where $1 is not null").execute(tx.conn()).await?;
        }
        note(tx, &key).await
    };
    let note = platform::web::read(&platform, &caller, read).await?;
    Ok(platform::web::versioned(&note, note.version))
}

async fn insert(tx: &mut Tx, key: &str, text: &str) -> Result<()> {
    tx.sql("insert into notes (company_id, key, text) values ($1, $2, $3)")
        .bind::<Text, _>(key)
        .bind::<Text, _>(text)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// An event whose cycle is derived from a text, so that a test can tell events apart.
fn told(text: &str) -> Event {
    let cycle = Uuid::new_v5(&Uuid::NAMESPACE_OID, text.as_bytes());
    Event::CycleCancelled(CycleCancelled { cycle, reason: text.to_owned() })
}

/// Notes each event; one whose text is `poison` never succeeds, one that is `early` waits for `late`.
fn take<'a>(tx: &'a mut Tx, event: &'a Event) -> Task<'a, Result<Handled>> {
    Box::pin(async move {
        let Event::CycleCancelled(news) = event else { return Ok(Handled::Done) };
        let text = news.reason.as_str();
        if text == "poison" {
            return Err(Problem::conflict(Message::same("this can never be taken")));
        }
        if text == "early" && note(tx, &key_of("late")).await.is_err() {
            return Ok(Handled::NotYet);
        }
        insert(tx, &key_of(text), text).await?;
        Ok(Handled::Done)
    })
}

/// A plain key, so that taking an event twice would violate the primary key.
fn key_of(text: &str) -> String {
    format!("taken {text}")
}

/// Everybody goes by their number; what is about the note `published` may be read.
fn own<'a>(_: &'a mut Tx, number: &'a str) -> Task<'a, Result<platform::audit::Own>> {
    let (names, readable) = (vec![number.to_owned()], ["published".to_owned()].into());
    Box::pin(async move { Ok(platform::audit::Own { names, readable }) })
}

fn service(name: &'static str) -> Service {
    Service {
        name,
        about: "for tests",
        migrations: || vec![MIGRATIONS],
        routes: Arc::new(|config| {
            config.service(add).service(change).service(show).service(show_over_broken_connections);
        }),
        handler: (name == "notification").then_some(take as platform::bus::Handler),
        jobs: Vec::new(),
        replay: None,
        confidential: Some(platform::Confidential { own: Some(own), ..Default::default() }),
    }
}

async fn notes_of(world: &testkit::World, service: &str) -> Vec<String> {
    let mut conn = world.database.connect(service).await;
    let notes: Vec<Note> =
        diesel::sql_query("select key, text, version from notes order by key").load(&mut conn).await.unwrap();
    notes.into_iter().map(|note| note.text).collect()
}
