use actix_web::web::{Path, Query};
use actix_web::{HttpResponse, get};
use platform::language::Asked;
use platform::web::read;
use platform::{Caller, PageQuery, Platform, Problem, Result, say};
use serde_json::json;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::pay_run::PayRun;
use super::rows;
use crate::cycles::{self, schemes};
use crate::input::number_after;
use crate::permissions::ReadLedger;

pub fn register(config: &mut ServiceConfig) {
    config.service(get_pay_run);
}

/// How far a cycle has been paid, and who is missing.
#[utoipa::path(
    tag = "statements",
    params(("id" = Uuid, Path, description = "Cycle"), PageQuery),
    security(("bearer" = [])),
    responses(
        (status = 200, body = PayRun),
    )
)]
#[get("/v1/cycles/{id}/pay-run")]
async fn get_pay_run(
    platform: Platform,
    caller: Caller<ReadLedger>,
    id: Path<Uuid>,
    Asked(locale): Asked,
    page: Query<PageQuery>,
) -> Result<HttpResponse> {
    let (limit, after) = (page.limit()?, number_after(&page)?);
    let run = read(&platform, &caller, async |tx| {
        let found = cycles::rows::find(tx, *id).await?;
        let cycle = found.ok_or_else(|| Problem::not_found(say!("考核周期", "cycle")))?;
        let standing = rows::standing(tx, cycle.id, after, limit).await?;
        tx.audit("pay_runs.read", &id.to_string(), json!({})).await?;
        let read = schemes::of(&cycle)?;
        Ok(PayRun::new(cycle, standing, &read, locale))
    })
    .await?;
    Ok(HttpResponse::Ok().json(run))
}
