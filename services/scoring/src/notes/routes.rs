use actix_web::{HttpResponse, get, post, web};
use jiff::civil::Date;
use platform::clock::date_of;
use platform::service::Platform;
use platform::utoipa_actix_web::service_config::ServiceConfig;
use platform::web::{plausible, read};
use platform::{Caller, JsonBody, Page, PageQuery, Problem, Reply, Result, Write, say};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::reading::reads_all;
use super::rows::{self, About, Note};
use crate::cycles::rules::check_text;
use crate::documents::handing_in;
use crate::permissions::WriteNotes;
use crate::subjects::subject;
use crate::viewer::Viewer;

pub fn routes(config: &mut ServiceConfig) {
    config.service(create_note).service(list_notes);
}

/// Behaviour to be remembered.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewNote {
    /// `person:NUMBER` or `unit:CODE`.
    subject: String,
    about: About,
    /// YYYY-MM-DD, not in the future.
    #[schema(value_type = String, format = Date)]
    happened_on: Date,
    /// 1 to 4000 characters.
    text: String,
    /// What it rests on, uploaded before by `POST /v1/scoring/documents` and used for nothing else.
    #[serde(default)]
    document: Option<Uuid>,
}

/// A note.
#[derive(Serialize, ToSchema)]
struct NoteView {
    id: Uuid,
    subject: String,
    about: About,
    happened_on: Date,
    text: String,
    /// What it rests on: `GET /v1/scoring/documents/{id}`.
    document: Option<Uuid>,
    made_by: String,
    made_at: jiff::Timestamp,
}

impl From<Note> for NoteView {
    fn from(note: Note) -> Self {
        Self {
            id: note.id,
            subject: note.kind.subject(&note.subject).to_string(),
            about: note.about,
            happened_on: note.happened_on,
            text: note.text,
            document: note.document,
            made_by: note.made_by,
            made_at: note.made_at,
        }
    }
}

#[derive(Serialize, ToSchema)]
struct NoteId {
    id: Uuid,
}

/// Note behaviour
#[utoipa::path(tag = "notes", security(("bearer" = [])), request_body = NewNote, responses((status = 201, body = NoteId)))]
#[post("/v1/notes")]
async fn create_note(caller: Caller<WriteNotes>, write: Write, body: JsonBody<NewNote>) -> Result<HttpResponse> {
    let JsonBody(note) = body;
    let subject = subject::read("/subject", &note.subject)?;
    check_text("/text", &note.text)?;
    plausible("/happened_on", Some(note.happened_on))?;
    let viewer = Viewer::of(&caller);
    if viewer.is_subject(&subject) {
        return Err(Problem::not_permitted(say!("不能记录自己", "nobody notes their own behaviour")));
    }
    write
        .run(&caller, async |tx| {
            if note.happened_on > date_of(tx.now) {
                return Err(Problem::field("/happened_on", say!("日期尚未到来", "this day is still to come")));
            }
            let (about, happened_on, text) = (note.about, note.happened_on, note.text.as_str());
            let new = rows::NewNote { subject: &subject, about, happened_on, text, document: note.document };
            let id = rows::insert(tx, &new).await?;
            let documents = note.document.map(|document| ("/document".to_owned(), document, handing_in::note(id)));
            handing_in::hand_in(tx, documents.as_slice()).await?;
            tx.audit("notes.written", &id.to_string(), json!({ "numbers": [subject.id], "about": note.about })).await?;
            Reply::created(format!("/v1/notes?subject={subject}"), &NoteId { id })
        })
        .await
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct NoteQuery {
    /// `person:NUMBER` or `unit:CODE`.
    subject: String,
    /// The first day.
    #[param(value_type = Option<String>, format = Date)]
    from: Option<Date>,
    /// The last day.
    #[param(value_type = Option<String>, format = Date)]
    until: Option<Date>,
    /// The `next` of the page before.
    after: Option<Uuid>,
    /// Items at most, 1 to 500; 50 unless said.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<i64>,
}

/// Read the notes about a subject
///
/// One's own; all of them for HR, executives and whoever rates the subject.
#[utoipa::path(tag = "notes", security(("bearer" = [])), params(NoteQuery), responses((status = 200, body = Page<NoteView>)))]
#[get("/v1/notes")]
async fn list_notes(
    caller: Caller<WriteNotes>,
    platform: Platform,
    query: web::Query<NoteQuery>,
) -> Result<web::Json<Page<NoteView>>> {
    let limit = PageQuery { after: None, limit: query.limit }.limit()?;
    let subject = subject::read("/subject", &query.subject)?;
    let viewer = Viewer::of(&caller);
    let page = read(&platform, &caller, async |tx| {
        let viewer = viewer.clone().seated(tx).await?;
        let all = reads_all(tx, &viewer, viewer.hr || viewer.executive, &subject).await?;
        let days = (query.from, query.until);
        let found = rows::list(tx, &subject, days, all, query.after, limit + 1).await?;
        tx.audit("notes.read", &subject.to_string(), json!({ "numbers": [subject.id] })).await?;
        Ok(Page::cut(found.into_iter().map(NoteView::from).collect(), limit, |note: &NoteView| note.id.to_string()))
    })
    .await?;
    Ok(web::Json(page))
}
