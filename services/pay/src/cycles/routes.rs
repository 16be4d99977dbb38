use std::collections::BTreeMap;

use actix_web::web::{Path, Query};
use actix_web::{HttpResponse, get};
use platform::web::read;
use platform::{Caller, Page, PageQuery, Platform, Problem, Result, say};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::rows;
use crate::input::is_employee_number;
use crate::permissions::ReadLedger;

pub fn register(config: &mut ServiceConfig) {
    config.service(get_pay_run);
}

/// How far a cycle has been paid.
#[derive(Serialize, ToSchema)]
struct PayRun {
    cycle: Uuid,
    scheme: String,
    period: String,
    /// Statements issued, corrections among them.
    issued: i64,
    corrections: i64,
    /// People with a statement.
    people: i64,
    /// What is to be paid in all, corrections taken into account: money by currency and component, such as
    /// `{"CNY": {"performance_pay": "48000.00"}}`.
    totals: BTreeMap<String, BTreeMap<String, String>>,
    /// How many people have a published result but no statement for it.
    waiting: i64,
    /// Those people, in order of employee number; `next` of the list continues it.
    missing: Vec<MissingPerson>,
    /// The `after` that shows the people that follow.
    next: Option<String>,
}

/// Somebody whose statement cannot be issued yet.
#[derive(Serialize, ToSchema)]
struct MissingPerson {
    /// Employee number.
    number: String,
    name: String,
    unit: String,
    /// Pay inputs that the profile lacks; empty for those who wait for others of their unit.
    missing: Vec<String>,
    /// Why it cannot be reckoned, where that is not a missing input.
    problem: Option<String>,
}

impl From<rows::Missing> for MissingPerson {
    fn from(row: rows::Missing) -> Self {
        Self { number: row.number, name: row.name, unit: row.unit, missing: row.missing, problem: row.problem }
    }
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
    page: Query<PageQuery>,
) -> Result<HttpResponse> {
    let (limit, after) = (page.limit()?, page.after.as_deref().unwrap_or_default());
    if !after.is_empty() && !is_employee_number(after) {
        return Err(Problem::field("/after", say!("这不是工号", "this is no employee number")));
    }
    let run = read(&platform, &caller, async |tx| {
        let cycle = rows::find(tx, *id).await?.ok_or_else(|| Problem::not_found(say!("考核周期", "cycle")))?;
        let issued = rows::issued(tx, cycle.id).await?;
        let missing = rows::missing(tx, cycle.id, after, limit + 1).await?;
        let missing = Page::cut(missing, limit, |person| person.number.clone());
        let run = PayRun {
            cycle: cycle.id,
            scheme: cycle.scheme_code,
            period: cycle.period,
            issued: issued.statements,
            corrections: issued.corrections,
            people: issued.people,
            totals: rows::totals(tx, cycle.id).await?,
            waiting: rows::count_missing(tx, cycle.id).await?,
            missing: missing.items.into_iter().map(MissingPerson::from).collect(),
            next: missing.next,
        };
        tx.audit("pay_runs.read", &id.to_string(), json!({})).await?;
        Ok(run)
    })
    .await?;
    Ok(HttpResponse::Ok().json(run))
}
