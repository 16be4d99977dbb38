//! The service's audit log, for auditors.

use actix_web::web::Query;
use actix_web::{HttpResponse, get};
use platform::audit::{AuditEntry, entries, first_broken_link};
use platform::problem::ProblemDocument;
use platform::web::read;
use platform::{Caller, Page, PageQuery, Platform, Result};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::input::Cursor;
use crate::permissions::ReadAuditLog;

pub fn register(config: &mut ServiceConfig) {
    config.service(list_audit_entries).service(verify_audit_entries);
}

/// What was found when the chain was computed again.
#[derive(Serialize, ToSchema)]
struct Verification {
    /// Place of the first link that does not fit; none when the chain holds.
    first_broken_link: Option<i64>,
}

/// The audit log of the pay service, oldest first.
#[utoipa::path(
    tag = "audit",
    params(PageQuery),
    security(("bearer" = [])),
    responses(
        (status = 200, body = Page<AuditEntry>),
        (status = 401, body = ProblemDocument),
        (status = 403, body = ProblemDocument),
        (status = 422, body = ProblemDocument),
    )
)]
#[get("/v1/pay/audit-entries")]
async fn list_audit_entries(
    platform: Platform,
    caller: Caller<ReadAuditLog>,
    page: Query<PageQuery>,
) -> Result<HttpResponse> {
    let (limit, after) = (page.limit()?, Cursor::after(page.after.as_deref())?);
    let found = read(&platform, &caller, async |tx| {
        let company = tx.company;
        entries(tx.conn(), company, after.position(), limit + 1).await
    })
    .await?;
    Ok(HttpResponse::Ok().json(Page::cut(found, limit, |entry| entry.seq.to_string())))
}

/// Computes the hash chain of the audit log again.
#[utoipa::path(
    tag = "audit",
    security(("bearer" = [])),
    responses(
        (status = 200, body = Verification),
        (status = 401, body = ProblemDocument),
        (status = 403, body = ProblemDocument),
    )
)]
#[get("/v1/pay/audit-entries/verification")]
async fn verify_audit_entries(platform: Platform, caller: Caller<ReadAuditLog>) -> Result<HttpResponse> {
    let first_broken_link = read(&platform, &caller, async |tx| {
        let company = tx.company;
        first_broken_link(tx.conn(), company).await
    })
    .await?;
    Ok(HttpResponse::Ok().json(Verification { first_broken_link }))
}
