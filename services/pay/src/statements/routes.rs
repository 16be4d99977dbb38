use actix_web::web::{Path, Query};
use actix_web::{HttpRequest, HttpResponse, get};
use platform::web::read;
use platform::{Caller, Locale, Page, PageQuery, Permission, Platform, Problem, Result, Tx, language, say};
use serde::Deserialize;
use serde_json::json;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::rules::may_read;
use super::statement::{Entered, Statement, StatementExplanation};
use super::{reckoning, rows};
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
    let (limit, after) = (page.limit()?, Cursor::after(page.after.as_deref())?);
    let found = read(&platform, &caller, async |tx| {
        let subject = query.cycle.map(|cycle| cycle.to_string()).unwrap_or_default();
        tx.audit("statements.listed", &subject, json!({ "after": after.to_string(), "limit": limit })).await?;
        rows::page(tx, query.cycle, None, after.position(), limit + 1).await
    })
    .await?;
    Ok(HttpResponse::Ok().json(Entered::page(found, limit)?))
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
    let (limit, after) = (page.limit()?, Cursor::after(page.after.as_deref())?);
    let number = caller.number()?;
    let found =
        read(&platform, &caller, async |tx| rows::page(tx, None, Some(number), after.position(), limit + 1).await)
            .await?;
    Ok(HttpResponse::Ok().json(Entered::page(found, limit)?))
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

/// The language that is wanted.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ExplanationQuery {
    /// `zh-CN` or `en`; else what `Accept-Language` says.
    locale: Option<String>,
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
        explained(tx, *id, entered.cycle, locale).await
    })
    .await?;
    Ok(HttpResponse::Ok().json(explained))
}

async fn explained(tx: &mut Tx, id: Uuid, cycle: Uuid, locale: Locale) -> Result<StatementExplanation> {
    let stored = rows::explanation(tx, id).await?.ok_or_else(|| {
        Problem::not_found(say!(
            "计算说明：该工资单只是冲销另一张",
            "explanation: the statement only takes back another"
        ))
    })?;
    let cycle = cycles::rows::find(tx, cycle).await?.ok_or_else(|| Problem::internal("a statement has no cycle"))?;
    let (text, figures) = reckoning::render(&cycle, &stored, locale)?;
    Ok(StatementExplanation { statement: id, locale, text, figures })
}
