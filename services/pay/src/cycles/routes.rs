use std::collections::BTreeMap;

use actix_web::web::{Path, Query};
use actix_web::{HttpResponse, get};
use platform::language::Asked;
use platform::openapi::LabelView;
use platform::web::read;
use platform::{Caller, Locale, Page, PageQuery, Platform, Problem, Result, say};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::rows;
use super::schemes::{self, Read};
use crate::held;
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
    /// What the scheme is called.
    scheme_label: LabelView,
    period: String,
    /// Statements issued, corrections among them.
    issued: i64,
    corrections: i64,
    /// People with a statement.
    people: i64,
    /// What is to be paid in all, corrections taken into account: money by currency and component, such as
    /// `{"CNY": {"performance_pay": "48000.00"}}`.
    totals: BTreeMap<String, BTreeMap<String, String>>,
    /// What the scheme calls the components.
    component_labels: BTreeMap<String, LabelView>,
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
    unit_name: String,
    /// Pay inputs that the profile lacks; empty for those who wait for others of their unit.
    missing: Vec<String>,
    /// What the scheme calls them, in their order.
    missing_labels: Vec<LabelView>,
    /// Why it cannot be reckoned, where that is not a missing input; in the caller's language.
    problem: Option<String>,
}

impl MissingPerson {
    fn new(row: rows::Missing, read: &Read, locale: Locale) -> Self {
        Self {
            number: row.number,
            name: row.name,
            unit: row.unit,
            unit_name: row.unit_name,
            missing_labels: read.input_labels(&row.missing),
            missing: row.missing,
            problem: row.problem.map(|problem| held::told(&problem, locale)),
        }
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
    Asked(locale): Asked,
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
        let read = schemes::of(&cycle)?;
        let totals = rows::totals(tx, cycle.id).await?;
        let run = PayRun {
            scheme_label: read.label(),
            component_labels: read.component_labels(totals.values().flat_map(BTreeMap::keys)),
            cycle: cycle.id,
            scheme: cycle.scheme_code,
            period: cycle.period,
            issued: issued.statements,
            corrections: issued.corrections,
            people: issued.people,
            totals,
            waiting: rows::count_missing(tx, cycle.id).await?,
            missing: missing.items.into_iter().map(|row| MissingPerson::new(row, &read, locale)).collect(),
            next: missing.next,
        };
        tx.audit("pay_runs.read", &id.to_string(), json!({})).await?;
        Ok(run)
    })
    .await?;
    Ok(HttpResponse::Ok().json(run))
}
