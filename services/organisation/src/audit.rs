//! The service's audit log, as auditors read it.

use actix_web::{HttpResponse, get, web};
use platform::audit::{AuditEntry, entries, first_broken_link};
use platform::problem::ProblemDocument;
use platform::utoipa_actix_web::service_config::ServiceConfig;
use platform::{Caller, Page, PageQuery, Platform, Problem, Result, web as platform_web};
use serde::Serialize;
use utoipa::ToSchema;

use crate::permissions::ReadAuditLog;

pub fn configure(config: &mut ServiceConfig) {
    config.service(list_organisation_audit_entries).service(verify_organisation_audit_entries);
}

/// The company's audit log in this service, oldest first; `after` is the `seq` of the last entry read.
#[utoipa::path(
    tag = "audit",
    params(PageQuery),
    responses(
        (status = 200, body = Page<AuditEntry>),
        (status = "4XX", body = ProblemDocument, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
#[get("/v1/organisation/audit-entries")]
pub async fn list_organisation_audit_entries(
    caller: Caller<ReadAuditLog>,
    platform: Platform,
    query: web::Query<PageQuery>,
) -> Result<HttpResponse> {
    let limit = query.limit()?;
    let after = match query.after.as_deref() {
        None => 0,
        Some(text) => text.parse().map_err(|_| Problem::field("/after", "after is the `next` of a page"))?,
    };
    let found = platform_web::read(&platform, &caller, async |tx| {
        let company = tx.company;
        entries(tx.conn(), company, after, limit + 1).await
    })
    .await?;
    Ok(HttpResponse::Ok().json(Page::cut(found, limit, |entry| entry.seq.to_string())))
}

/// Whether the chain of the audit log is whole.
#[derive(Serialize, ToSchema)]
pub struct OrganisationAuditVerification {
    /// Place of the first entry that does not fit its seal; null when all do.
    pub first_broken_link: Option<i64>,
}

/// Recomputes the hash chain of the company's audit log in this service.
#[utoipa::path(
    tag = "audit",
    responses(
        (status = 200, body = OrganisationAuditVerification),
        (status = "4XX", body = ProblemDocument, content_type = "application/problem+json"),
    ),
    security(("bearer" = []))
)]
#[get("/v1/organisation/audit-entries/verification")]
pub async fn verify_organisation_audit_entries(
    caller: Caller<ReadAuditLog>,
    platform: Platform,
) -> Result<HttpResponse> {
    let first_broken_link = platform_web::read(&platform, &caller, async |tx| {
        let company = tx.company;
        first_broken_link(tx.conn(), company).await
    })
    .await?;
    Ok(HttpResponse::Ok().json(OrganisationAuditVerification { first_broken_link }))
}
