use actix_web::{HttpResponse, get, web};
use platform::audit::{self, AuditEntry};
use platform::problem::ProblemDocument;
use platform::utoipa_actix_web::service_config::ServiceConfig;
use platform::{Caller, Page, PageQuery, Platform, Problem, Result};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::permissions::ReadAudit;

pub fn routes(config: &mut ServiceConfig) {
    config.service(list_audit_entries).service(verify_audit_entries);
}

/// What was done in planning, oldest first.
#[utoipa::path(tag = "audit", security(("bearer" = [])), params(PageQuery),
    responses((status = 200, body = Page<AuditEntry>), (status = "4XX", body = ProblemDocument)))]
#[get("/v1/planning/audit-entries")]
async fn list_audit_entries(
    caller: Caller<ReadAudit>,
    platform: Platform,
    page: web::Query<PageQuery>,
) -> Result<HttpResponse> {
    let limit = page.limit()?;
    let after = match &page.after {
        None => 0,
        Some(text) => text.parse().map_err(|_| Problem::field("/after", "this is not the `next` of a page"))?,
    };
    let entries = platform::web::read(&platform, &caller, async |tx| {
        let company = tx.company;
        audit::entries(tx.conn(), company, after, limit + 1).await
    })
    .await?;
    Ok(HttpResponse::Ok().json(Page::cut(entries, limit, |entry| entry.seq.to_string())))
}

/// The outcome of recomputing the audit log's hash chain.
#[derive(Serialize, Deserialize, ToSchema)]
struct Verification {
    /// Place of the first entry that does not fit its predecessor; null when the chain is whole.
    first_broken_link: Option<i64>,
}

/// Recomputes the hash chain of the audit log.
#[utoipa::path(tag = "audit", security(("bearer" = [])),
    responses((status = 200, body = Verification), (status = "4XX", body = ProblemDocument)))]
#[get("/v1/planning/audit-entries/verification")]
async fn verify_audit_entries(caller: Caller<ReadAudit>, platform: Platform) -> Result<HttpResponse> {
    let first_broken_link = platform::web::read(&platform, &caller, async |tx| {
        let company = tx.company;
        audit::first_broken_link(tx.conn(), company).await
    })
    .await?;
    Ok(HttpResponse::Ok().json(Verification { first_broken_link }))
}
