use actix_web::http::header::ACCEPT;
use actix_web::web::Query;
use actix_web::{HttpRequest, HttpResponse, get, post};
use platform::web::read;
use platform::{Caller, JsonBody, Page, PageQuery, Platform, Reply, Result, Role, Write};
use serde_json::json;
use utoipa_actix_web::service_config::ServiceConfig;

use super::acknowledgement::{Acknowledgement, AcknowledgementBody};
use super::feed::{Rest, ndjson};
use super::rows;
use crate::input::Cursor;
use crate::permissions::{PullPayroll, ReadAcknowledgements};
use crate::statements::{Entered, Statement, rows as ledger};

const NDJSON: &str = "application/x-ndjson";

pub fn register(config: &mut ServiceConfig) {
    config.service(pull_statements).service(acknowledge_statements).service(list_acknowledgements);
}

/// Statements in the order in which they were issued (machine clients with the scope `payroll.read`).
///
/// A cursor that has passed a statement never hides one that is issued later: remember the `cursor` of the last
/// statement you have taken and continue with `after`. With `Accept: application/x-ndjson` the answer is a
/// stream of everything after the cursor, one statement a line; a stream that breaks off is continued likewise.
#[utoipa::path(
    tag = "payroll",
    params(PageQuery),
    security(("bearer" = [])),
    responses(
        (status = 200, content((Page<Statement> = "application/json"), (String = "application/x-ndjson"))),
    )
)]
#[get("/v1/payroll/statements")]
async fn pull_statements(
    platform: Platform,
    caller: Caller<PullPayroll>,
    request: HttpRequest,
    page: Query<PageQuery>,
) -> Result<HttpResponse> {
    let after = Cursor::after(page.after.as_deref())?;
    let (limit, stream) = (page.limit()?, wants_ndjson(&request));
    let about = json!({ "after": after.to_string(), "limit": page.limit, "stream": stream });
    let found = read(&platform, &caller, async |tx| {
        tx.audit("payroll.pulled", &caller.account.to_string(), about.clone()).await?;
        if stream { Ok(Vec::new()) } else { ledger::page(tx, None, None, after.position(), limit + 1).await }
    })
    .await?;
    if stream {
        let rest = Rest::new(platform, caller.company, caller.actor(), after.position(), page.limit);
        return Ok(HttpResponse::Ok().content_type(NDJSON).streaming(ndjson(rest)));
    }
    Ok(HttpResponse::Ok().json(Entered::page(found, limit)?))
}

fn wants_ndjson(request: &HttpRequest) -> bool {
    let accept = request.headers().get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accept.split(',').any(|kind| kind.split(';').next().is_some_and(|kind| kind.trim() == NDJSON))
}

/// Says that everything up to a cursor has been taken. It never moves back: an older cursor changes nothing.
#[utoipa::path(
    tag = "payroll",
    request_body = AcknowledgementBody,
    security(("bearer" = [])),
    responses(
        (status = 200, body = Acknowledgement),
    )
)]
#[post("/v1/payroll/acknowledgements")]
async fn acknowledge_statements(
    caller: Caller<PullPayroll>,
    write: Write,
    body: JsonBody<AcknowledgementBody>,
) -> Result<HttpResponse> {
    let cursor = Cursor::parse(&body.0.cursor, "/cursor")?;
    write
        .run(&caller, async |tx| {
            let last = ledger::last_position(tx).await?;
            cursor.check_given("/cursor", last)?;
            let row = rows::acknowledge(tx, caller.account, &caller.name, cursor.position()).await?;
            let about = json!({ "cursor": body.0.cursor });
            tx.audit("payroll.acknowledged", &caller.account.to_string(), about.clone()).await?;
            Reply::ok(&Acknowledgement::new(row, last))
        })
        .await
}

/// How far clients have taken the feed: a client sees itself, finance sees all.
#[utoipa::path(
    tag = "payroll",
    security(("bearer" = [])),
    responses(
        (status = 200, body = Page<Acknowledgement>),
    )
)]
#[get("/v1/payroll/acknowledgements")]
async fn list_acknowledgements(platform: Platform, caller: Caller<ReadAcknowledgements>) -> Result<HttpResponse> {
    let only = if caller.has(Role::Finance) { None } else { Some(caller.account) };
    let items = read(&platform, &caller, async |tx| {
        let last = ledger::last_position(tx).await?;
        let found = rows::acknowledged(tx, only).await?;
        Ok(found.into_iter().map(|row| Acknowledgement::new(row, last)).collect())
    })
    .await?;
    Ok(HttpResponse::Ok().json(Page { items, next: None }))
}
