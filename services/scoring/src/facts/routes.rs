use actix_web::{HttpRequest, HttpResponse, get, post, web};
use platform::language;
use platform::openapi::EnteredValue;
use platform::service::Platform;
use platform::sql::Lock;
use platform::tabular::{aside, template_answer};
use platform::text::hexadecimal;
use platform::utoipa_actix_web::service_config::ServiceConfig;
use platform::web::{Errors, Notes, RawBody, json_body, read};
use platform::{Caller, Page, PageQuery, Problem, Reply, Result, Write, say};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::entering::{self, Entry};
use super::file::{self, Filed};
use super::rows::{self, Filter, Saying, Source};
use super::view::FactView;
use crate::cycles::rows as cycles;
use crate::documents::handing_in;
use crate::permissions::{EnterFacts, ReadFacts};
use crate::subjects::rows as subjects;
use crate::subjects::subject;
use crate::viewer::Viewer;

pub fn routes(config: &mut ServiceConfig) {
    config.service(enter_facts).service(list_facts).service(get_fact_template);
}

/// A value that no rater gives.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct FactValue {
    /// `person:NUMBER`, `unit:CODE` or `company`.
    subject: String,
    /// `fact.NAME`, `score`, or `item.CODE.INPUT`.
    path: String,
    /// Where the scheme adds up or averages what several give (`combine`): whose number it is, as the scheme writes
    /// them (`body.CODE`); may be left out by whoever is only one of them.
    #[serde(default)]
    giver: Option<String>,
    /// A decimal or a code as text, true or false, or null to take away what was entered.
    #[schema(value_type = EnteredValue)]
    value: Value,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "facts": [{ "subject": "unit:NET", "path": "score", "value": "88" },
    { "subject": "person:E001", "path": "item.attendance.actual", "value": "20" }] }))]
struct Facts {
    /// At most 50 000.
    facts: Vec<FactValue>,
    /// Where they come from.
    #[serde(default)]
    said: Option<String>,
    /// Why, where one is needed.
    #[serde(default)]
    reason: Option<String>,
    /// What all of them rest on, uploaded before by `POST /v1/scoring/documents` and used for nothing else.
    #[serde(default)]
    document: Option<Uuid>,
}

/// What values came to.
#[derive(Serialize, ToSchema)]
struct Taken {
    /// Values taken.
    facts: usize,
    #[serde(flatten)]
    notes: Notes,
}

const MOST: usize = 50_000;

/// What a request brings.
struct Brought {
    filed: Filed,
    said: Option<String>,
    reason: Option<String>,
    document: Option<Uuid>,
    sha256: Option<String>,
}

fn of_json(facts: Facts) -> Result<Brought> {
    if facts.facts.is_empty() || facts.facts.len() > MOST {
        return Err(Problem::field("/facts", say!("须有 1 到 {MOST} 个值", "1 to {MOST} values")));
    }
    for (pointer, text) in [("/said", &facts.said), ("/reason", &facts.reason)] {
        if let Some(text) = text {
            crate::cycles::rules::check_text(pointer, text)?;
        }
    }
    let mut errors = Errors::default();
    let mut entries = Vec::with_capacity(facts.facts.len());
    for (at, fact) in facts.facts.into_iter().enumerate() {
        let pointer = format!("/facts/{at}");
        match subject::read(&format!("{pointer}/subject"), &fact.subject) {
            Ok(subject) => {
                entries.push(Entry { pointer, subject, path: fact.path, giver: fact.giver, value: fact.value })
            }
            Err(problem) => problem.errors.into_iter().for_each(|error| errors.add(error.pointer, error.detail)),
        }
    }
    let filed = Filed { entries, errors, notes: Notes::default() };
    Ok(Brought { filed, said: facts.said, reason: facts.reason, document: facts.document, sha256: None })
}

/// Enter values that no rater gives
///
/// JSON, or a CSV or XLSX file with the columns `subject,path,value` and, if wanted, `giver`; or with a line for each person,
/// by employee number, and a column for each fact. In such a file columns of pay inputs are passed over and told: the same file
/// goes to `POST /v1/imports?kind=pay`, which passes over the facts. All or nothing, every error told. Whom the scheme names for a value enters it, else HR; a unit's score HR or an executive; machine clients with the
/// scope `facts.write` all of them. Where the scheme combines what several give, each of them gives a number, HR for one
/// of them with a reason. Every value keeps who gave it, when, and what stood there before.
#[utoipa::path(tag = "facts", security(("bearer" = [])), params(("id" = Uuid, Path, description = "Cycle")),
    request_body(content((Facts = "application/json"), (String = "text/csv"))),
    responses((status = 200, body = Taken)))]
#[post("/v1/cycles/{id}/facts")]
async fn enter_facts(
    caller: Caller<EnterFacts>,
    platform: Platform,
    write: Write,
    id: web::Path<Uuid>,
    request: HttpRequest,
    body: RawBody,
) -> Result<HttpResponse> {
    let viewer = Viewer::of(&caller);
    let brought = if body.0.trim_ascii_start().starts_with(b"{") {
        of_json(json_body(&request, &body.0)?)?
    } else {
        let sha256 = hexadecimal(&Sha256::digest(&body.0));
        let cycle = read(&platform, &caller, async |tx| cycles::get(tx, *id, Lock::None).await).await?;
        let scheme = cycle.scheme()?;
        let filed = aside(move || file::read(&body.0, &scheme)).await?;
        Brought { filed, said: None, reason: None, document: None, sha256: Some(sha256) }
    };
    let Brought { filed: Filed { entries, errors, notes }, said, reason, document, sha256 } = brought;
    write
        .run(&caller, async |tx| {
            let viewer = viewer.seated(tx).await?;
            let cycle = cycles::get(tx, *id, Lock::Share).await?;
            let file = match &sha256 {
                Some(sha256) => Some(rows::insert_file(tx, cycle.id, sha256, entries.len()).await?),
                None => None,
            };
            let source = match (viewer.machine, file) {
                (true, _) => Source::Machine,
                (false, Some(_)) => Source::File,
                (false, None) => Source::Entered,
            };
            let saying = Saying { source, said: said.as_deref(), reason: reason.as_deref(), file, document };
            if let Some(document) = document {
                handing_in::hand_in(tx, &[("/document".to_owned(), document, handing_in::facts(cycle.id))]).await?;
            }
            let facts = entering::enter(tx, &cycle, &viewer, entries, errors, &saying).await?;
            Reply::ok(&Taken { facts, notes: notes.only(write.locale()) })
        })
        .await
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct FactQuery {
    /// Only of this subject: `person:NUMBER`, `unit:CODE` or `company`.
    subject: Option<String>,
    /// Only this value.
    path: Option<String>,
    /// With everything that stood there before.
    history: Option<bool>,
    /// The `next` of the page before.
    after: Option<String>,
    /// Items at most, 1 to 500; 50 unless said.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<i64>,
}

/// Look through the values that no rater gives
///
/// Looking at other people's is recorded.
#[utoipa::path(tag = "facts", security(("bearer" = [])), params(("id" = Uuid, Path, description = "Cycle"), FactQuery),
    responses((status = 200, body = Page<FactView>)))]
#[get("/v1/cycles/{id}/facts")]
async fn list_facts(
    caller: Caller<ReadFacts>,
    platform: Platform,
    id: web::Path<Uuid>,
    query: web::Query<FactQuery>,
) -> Result<web::Json<Page<FactView>>> {
    let query = query.into_inner();
    let limit = PageQuery { after: None, limit: query.limit }.limit()?;
    let subject = query.subject.as_deref().map(|text| subject::read("/subject", text)).transpose()?;
    let filter = Filter { subject, path: query.path, history: query.history.unwrap_or_default(), after: query.after };
    let page = read(&platform, &caller, async |tx| {
        cycles::get(tx, *id, Lock::None).await?;
        let found = rows::list(tx, *id, &filter, limit + 1).await?;
        let page = Page::cut(found, limit, rows::key);
        let numbers: Vec<&str> = page.items.iter().map(|fact| fact.subject.as_str()).collect();
        tx.audit("facts.listed", &id.to_string(), json!({ "numbers": numbers })).await?;
        Ok(Page { items: page.items.into_iter().map(FactView::from).collect(), next: page.next })
    })
    .await?;
    Ok(web::Json(page))
}

/// What a file holds.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum FactsKind {
    Facts,
}

/// Which file is wanted.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct TemplateQuery {
    /// What the file will hold.
    #[param(inline)]
    #[expect(dead_code, reason = "there is one kind; the document holds requests to it")]
    kind: FactsKind,
    /// The cycle whose values are wanted.
    cycle: Uuid,
    /// `zh-CN` or `en`; by `Accept-Language` unless said.
    locale: Option<String>,
}

/// A workbook for values that no rater gives
///
/// For `kind=facts`: a row for every such value of every subject of the cycle, to be filled in.
#[utoipa::path(tag = "facts", security(("bearer" = [])), params(TemplateQuery),
    extensions(("x-route-query" = json!({ "kind": ["facts"] }))),
    responses((status = 200, body = String, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")))]
#[get("/v1/imports/template")]
async fn get_fact_template(
    platform: Platform,
    caller: Caller<ReadFacts>,
    request: HttpRequest,
    query: web::Query<TemplateQuery>,
) -> Result<HttpResponse> {
    let locale = language::of_reader(&request, query.locale.as_deref())?;
    let rows = read(&platform, &caller, async |tx| {
        let unknown = || Problem::field("/cycle", say!("没有该考核周期", "there is no such cycle"));
        let cycle = cycles::find(tx, query.cycle, Lock::Share).await?.ok_or_else(unknown)?;
        let about = subjects::computed(tx, query.cycle, None).await?;
        let mut rows = file::template_rows(&cycle.scheme()?, &about);
        rows.truncate(MOST);
        Ok(rows)
    })
    .await?;
    template_answer("facts", &file::column_list(), &rows, locale)
}
