use actix_web::web::{Path, Query};
use actix_web::{HttpRequest, HttpResponse, get};
use basics::Locale;
use platform::web::read;
use platform::{Caller, Page, PageQuery, Permission, Platform, Problem, Result, Tx, language, say};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::reckoning;
use super::rows::{self, Entered};
use super::rules::{Statement, cursor, may_read};
use crate::cycles;
use crate::input::Cursor;
use crate::permissions::{ReadLedger, ReadOwnStatements, ReadStatement};

pub fn register(config: &mut ServiceConfig) {
    config
        .service(list_statements)
        .service(list_own_statements)
        .service(get_statement)
        .service(get_statement_explanation);
}

/// Which statements are wanted.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct StatementQuery {
    /// Of this cycle only.
    cycle: Option<Uuid>,
}

/// Statements in the order in which they were issued.
#[utoipa::path(
    tag = "statements",
    params(StatementQuery, PageQuery),
    security(("bearer" = [])),
    responses(
        (status = 200, body = Page<Statement>),
    )
)]
#[get("/v1/statements")]
async fn list_statements(
    platform: Platform,
    caller: Caller<ReadLedger>,
    query: Query<StatementQuery>,
    page: Query<PageQuery>,
) -> Result<HttpResponse> {
    let (limit, after) = (page.limit()?, Cursor::after(page.after.as_deref())?.position());
    let found = read(&platform, &caller, async |tx| {
        let subject = query.cycle.map(|cycle| cycle.to_string()).unwrap_or_default();
        tx.audit("statements.listed", &subject, json!({ "after": cursor(after), "limit": limit })).await?;
        rows::page(tx, query.cycle, None, after, limit + 1).await
    })
    .await?;
    answer(found, limit)
}

/// The caller's own statements in the order in which they were issued.
#[utoipa::path(
    tag = "statements",
    params(PageQuery),
    security(("bearer" = [])),
    responses(
        (status = 200, body = Page<Statement>),
    )
)]
#[get("/v1/my/statements")]
async fn list_own_statements(
    platform: Platform,
    caller: Caller<ReadOwnStatements>,
    page: Query<PageQuery>,
) -> Result<HttpResponse> {
    let (limit, after) = (page.limit()?, Cursor::after(page.after.as_deref())?.position());
    let number = caller.number()?;
    let found = read(&platform, &caller, async |tx| rows::page(tx, None, Some(number), after, limit + 1).await).await?;
    answer(found, limit)
}

fn answer(found: Vec<Entered>, limit: i64) -> Result<HttpResponse> {
    let found = Page::cut(found, limit, |entered| cursor(entered.position));
    let items = found.items.into_iter().map(Entered::json).collect::<Result<Vec<_>>>()?;
    Ok(HttpResponse::Ok().json(Page { items, next: found.next }))
}

/// One statement: one's own, or anybody's for finance and HR.
#[utoipa::path(
    tag = "statements",
    params(("id" = Uuid, Path, description = "Statement")),
    security(("bearer" = [])),
    responses(
        (status = 200, body = Statement),
    )
)]
#[get("/v1/statements/{id}")]
async fn get_statement(platform: Platform, caller: Caller<ReadStatement>, id: Path<Uuid>) -> Result<HttpResponse> {
    let found = read(&platform, &caller, async |tx| readable(tx, &caller, *id).await).await?;
    Ok(HttpResponse::Ok().json(found.json()?))
}

/// The statement, if the caller may know of it; reading somebody else's is recorded.
async fn readable<P: Permission>(tx: &mut Tx, caller: &Caller<P>, id: Uuid) -> Result<Entered> {
    let found = rows::find(tx, id).await?;
    let found = found.filter(|entered| may_read(caller, &entered.number));
    let entered = found.ok_or_else(|| Problem::not_found(say!("绩效工资单", "statement")))?;
    if !caller.is(&entered.number) {
        tx.audit("statements.read", &entered.number, json!({ "statement": id })).await?;
    }
    Ok(entered)
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ExplanationQuery {
    /// `zh-CN` or `en`; else what `Accept-Language` says.
    locale: Option<String>,
}

/// How the amounts of a statement came about.
#[derive(Serialize, ToSchema)]
struct StatementExplanation {
    statement: Uuid,
    /// `zh-CN` or `en`.
    #[schema(value_type = String)]
    locale: Locale,
    /// To be read as it is, line by line.
    text: String,
    /// The same as a tree with labels in both languages: each figure with its rule, its value before and after
    /// rounding, and what it was computed from.
    #[schema(value_type = Object)]
    figures: serde_json::Value,
}

/// How the amounts of a statement came about, in Chinese or English; for whoever may read the statement.
#[utoipa::path(
    tag = "statements",
    params(("id" = Uuid, Path, description = "Statement"), ExplanationQuery),
    security(("bearer" = [])),
    responses(
        (status = 200, body = StatementExplanation),
    )
)]
#[get("/v1/statements/{id}/explanation")]
async fn get_statement_explanation(
    platform: Platform,
    caller: Caller<ReadStatement>,
    request: HttpRequest,
    id: Path<Uuid>,
    query: Query<ExplanationQuery>,
) -> Result<HttpResponse> {
    let locale = language::of_reader(&request, query.locale.as_deref())?;
    let explained = read(&platform, &caller, async |tx| {
        let entered = readable(tx, &caller, *id).await?;
        let stored = rows::explanation(tx, *id).await?;
        let stored = stored.ok_or_else(|| {
            Problem::not_found(say!(
                "计算说明：该工资单只是冲销另一张",
                "explanation: the statement only takes back another"
            ))
        })?;
        let cycle = cycles::rows::find(tx, entered.cycle).await?;
        let cycle = cycle.ok_or_else(|| Problem::internal("a statement has no cycle"))?;
        let (text, figures) = reckoning::render(&cycle, &stored, locale)?;
        Ok(StatementExplanation { statement: *id, locale, text, figures })
    })
    .await?;
    Ok(HttpResponse::Ok().json(explained))
}
