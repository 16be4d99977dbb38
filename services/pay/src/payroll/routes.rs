use actix_web::http::header::ACCEPT;
use actix_web::web::Query;
use actix_web::{HttpRequest, HttpResponse, get, post};
use jiff::Timestamp;
use platform::web::read;
use platform::{Caller, JsonBody, Page, PageQuery, Platform, Problem, Reply, Result, Role, Write, say};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::feed::{Rest, ndjson};
use super::rows;
use crate::input::Cursor;
use crate::permissions::{PullPayroll, ReadAcknowledgements};
use crate::statements::rows as ledger;
use crate::statements::rules::{Statement, cursor};

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
    let after = Cursor::after(page.after.as_deref())?.position();
    let (limit, stream) = (page.limit()?, wants_ndjson(&request));
    let about = json!({ "after": cursor(after), "limit": page.limit, "stream": stream });
    let found = read(&platform, &caller, async |tx| {
        tx.audit("payroll.pulled", &caller.account.to_string(), about).await?;
        if stream { Ok(Vec::new()) } else { ledger::page(tx, None, None, after, limit + 1).await }
    })
    .await?;
    if stream {
        let rest = Rest::new(platform, caller.company, caller.actor(), after, page.limit);
        return Ok(HttpResponse::Ok().content_type(NDJSON).streaming(ndjson(rest)));
    }
    let found = Page::cut(found, limit, |entered| cursor(entered.position));
    let items = found.items.into_iter().map(ledger::Entered::json).collect::<Result<Vec<_>>>()?;
    Ok(HttpResponse::Ok().json(Page { items, next: found.next }))
}

fn wants_ndjson(request: &HttpRequest) -> bool {
    let accept = request.headers().get(ACCEPT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    accept.split(',').any(|kind| kind.split(';').next().is_some_and(|kind| kind.trim() == NDJSON))
}

/// How far a client has taken the feed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct AcknowledgementBody {
    /// The `cursor` of the last statement taken.
    cursor: String,
}

/// How far a client has taken the feed.
#[derive(Serialize, ToSchema)]
struct Acknowledgement {
    client: Uuid,
    /// Name of the client.
    name: String,
    /// Everything up to here was taken.
    cursor: String,
    acknowledged_at: Timestamp,
    /// Statements issued since.
    outstanding: i64,
}

impl Acknowledgement {
    /// Positions have no gaps: what lies between two of them is a number of statements.
    fn new(row: rows::Acknowledged, last: i64) -> Self {
        Self {
            client: row.client,
            name: row.name,
            cursor: cursor(row.cursor),
            acknowledged_at: row.acknowledged_at.to_jiff(),
            outstanding: last - row.cursor,
        }
    }
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
    let cursor = Cursor::parse(&body.0.cursor, "/cursor")?.position();
    write
        .run(&caller, async |tx| {
            let now = tx.now;
            let last = ledger::last_position(tx).await?;
            if cursor > last {
                return Err(Problem::field(
                    "/cursor",
                    say!("还没有绩效工资单使用此游标", "no statement has this cursor yet"),
                ));
            }
            let row = rows::acknowledge(tx, caller.account, &caller.name, cursor, now).await?;
            let about = json!({ "cursor": body.0.cursor });
            tx.audit("payroll.acknowledged", &caller.account.to_string(), about).await?;
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
