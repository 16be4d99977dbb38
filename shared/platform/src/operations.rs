//! What every service offers those who watch over it: its audit log, and the events it could not take.

use actix_web::{HttpResponse, get, post, web};
use diesel::Queryable;
use diesel::sql_types::{BigInt, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::scope;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use crate::audit::{self, AuditEntry, Veil, Verification};
use crate::auth::{Caller, Role};
use crate::problem::Problem;
use crate::service::Platform;
use crate::store::Tx;
use crate::web::{Page, PageQuery, read};
use crate::{Result, bus, say};

crate::permission! {
    /// Reading who did what.
    pub ReadAudit = "audit.read": [Auditor, Admin];
    /// Looking after events that could not be taken.
    pub TendDeadLetters = "dead-letters.tend": [Admin];
}

/// Adds them under `/v1/{service}/…`.
pub fn routes(config: &mut ServiceConfig, service: &str) {
    config
        .service(
            scope(format!("/v1/{service}/audit-entries").as_str())
                .service(list_audit_entries)
                .service(verify_audit_entries),
        )
        .service(
            scope(format!("/v1/{service}/dead-letters").as_str())
                .service(list_dead_letters)
                .service(revive_dead_letters),
        );
}

/// What was done and whose results were read, oldest first. Reading is recorded. What is about the reader is veiled until
/// they may read it elsewhere, such as ratings before their publication. For readers who are no auditors all that is
/// confidential in this service is: they see who did what, to whom.
#[utoipa::path(tag = "operations", security(("bearer" = [])), params(PageQuery),
    responses((status = 200, body = Page<AuditEntry>)))]
#[get("")]
async fn list_audit_entries(
    caller: Caller<ReadAudit>,
    platform: Platform,
    page: web::Query<PageQuery>,
) -> Result<HttpResponse> {
    let limit = page.limit()?;
    let after = match &page.after {
        None => 0,
        Some(text) => text.parse().map_err(|_| {
            Problem::field("/after", say!("这不是分页返回的 `next`", "this is not the `next` of a page"))
        })?,
    };
    let entries = read(&platform, &caller, async |tx| entries(tx, &platform, &caller, after, limit).await).await?;
    Ok(HttpResponse::Ok().json(Page::cut(entries, limit, |entry| entry.seq.to_string())))
}

/// Entries as the caller may see them; that they were read is recorded.
async fn entries(
    tx: &mut Tx,
    platform: &Platform,
    caller: &Caller<ReadAudit>,
    after: i64,
    limit: i64,
) -> Result<Vec<AuditEntry>> {
    let veil = veil(tx, platform, caller).await?;
    let mut entries = audit::entries(tx, after, limit + 1).await?;
    for entry in &mut entries {
        audit::veil(entry, &veil);
        if hides_values(platform, caller, &entry.action) {
            audit::veil_values(&mut entry.detail);
        }
    }
    let read = serde_json::json!({ "after": after, "limit": limit });
    tx.audit("audit-entries.read", platform.name, read).await?;
    Ok(entries)
}

/// What the caller may not see in this service's log.
async fn veil(tx: &mut Tx, platform: &Platform, caller: &Caller<ReadAudit>) -> Result<Veil> {
    let Some(confidential) = platform.confidential else { return Ok(Veil::Nothing) };
    if !caller.has(Role::Auditor) {
        return Ok(Veil::Everything);
    }
    match (confidential.own, &caller.employee) {
        (Some(own), Some(number)) => Ok(Veil::Own(own(tx, number).await?)),
        _ => Ok(Veil::Nothing),
    }
}

/// Whether the values of an action are for others to see.
fn hides_values(platform: &Platform, caller: &Caller<ReadAudit>, action: &str) -> bool {
    let values = platform.confidential.map_or(&[][..], |confidential| confidential.values);
    values.iter().any(|(of, roles)| *of == action && !caller.has_any(roles))
}

/// A place of the chain whose hash is known from before.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct KnownPlace {
    /// `entries` of an earlier verification: `at_place` then is the hash there, to be compared with its `head`.
    #[param(minimum = 1)]
    place: Option<i64>,
}

/// Recomputes the hash chain of the audit log.
#[utoipa::path(tag = "operations", security(("bearer" = [])), params(KnownPlace),
    responses((status = 200, body = Verification)))]
#[get("/verification")]
async fn verify_audit_entries(
    caller: Caller<ReadAudit>,
    platform: Platform,
    known: web::Query<KnownPlace>,
) -> Result<HttpResponse> {
    let verification = read(&platform, &caller, async |tx| audit::verify(tx, known.place).await).await?;
    Ok(HttpResponse::Ok().json(verification))
}

/// An event that the service could not take.
#[derive(Queryable, Serialize, ToSchema)]
struct DeadLetter {
    event_id: Uuid,
    stream: String,
    reason: String,
    /// How often it was tried.
    deliveries: i64,
    buried_at: String,
}

/// The events this service could not take, oldest first; 500 at most.
#[utoipa::path(tag = "operations", security(("bearer" = [])),
    responses((status = 200, body = Page<DeadLetter>)))]
#[get("")]
async fn list_dead_letters(caller: Caller<TendDeadLetters>, platform: Platform) -> Result<HttpResponse> {
    let items: Vec<DeadLetter> = read(&platform, &caller, dead_letters).await?;
    Ok(HttpResponse::Ok().json(Page { items, next: None }))
}

async fn dead_letters(tx: &mut Tx) -> Result<Vec<DeadLetter>> {
    Ok(tx
        .sql(
            "select event_id, stream, reason, deliveries, to_char(buried_at at time zone 'utc', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')
             from dead_letters where tenant = $1 order by dead_letters.buried_at limit 500",
        )
        .columns::<(SqlUuid, Text, Text, BigInt, Text)>()
        .load(tx.conn())
        .await?)
}

/// How many events were taken after all.
#[derive(Serialize, ToSchema)]
struct Revived {
    revived: usize,
}

/// Tries the company's dead letters again, once what was wrong is mended.
#[utoipa::path(tag = "operations", extensions(("x-not-remembered" = json!(true))), security(("bearer" = [])),
    responses((status = 200, body = Revived)))]
#[post("/revive")]
async fn revive_dead_letters(caller: Caller<TendDeadLetters>, platform: Platform) -> Result<HttpResponse> {
    let revived = match platform.handler {
        Some(handler) => bus::revive(&platform, handler, caller.company).await?,
        None => 0,
    };
    read(&platform, &caller, async |tx| {
        tx.audit("dead-letters.revived", platform.name, serde_json::json!({ "revived": revived })).await
    })
    .await?;
    Ok(HttpResponse::Ok().json(Revived { revived }))
}
