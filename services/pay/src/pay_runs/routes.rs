use actix_web::web::{Path, Query};
use actix_web::{HttpResponse, get};
use platform::language::Asked;
use platform::web::read;
use platform::{Caller, Locale, PageQuery, Platform, Problem, Result, Tx, say};
use serde_json::json;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::pay_run::{Findings, PayRun};
use super::{rows, rules};
use crate::cycles::{self, Cycle, schemes};
use crate::input::number_after;
use crate::permissions::ReadLedger;
use crate::{cycle_people, paid_facts, profile_checks, profiles};

pub fn register(config: &mut ServiceConfig) {
    config.service(get_pay_run);
}

/// How far a cycle has been paid, who is missing, and what is to be mended.
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
        let findings = findings(tx, &cycle, locale).await?;
        let standing = rows::standing(tx, cycle.id, findings, after, limit).await?;
        tx.audit("pay_runs.read", &id.to_string(), json!({})).await?;
        let read = schemes::of(&cycle)?;
        Ok(PayRun::new(cycle, standing, &read, locale))
    })
    .await?;
    Ok(HttpResponse::Ok().json(run))
}

/// How many people are looked at in one go.
const AT_ONCE: i64 = 5000;

/// What of the people of a cycle is to be mended; nothing of a cancelled one.
async fn findings(tx: &mut Tx, cycle: &Cycle, locale: Locale) -> Result<Findings> {
    let read = schemes::of(cycle)?;
    let mut look = rules::Look::new(&read.scheme, &cycle.cadence, locale);
    let mut after = cycle.cancelled.is_none().then(String::new);
    while let Some(behind) = after {
        let people = cycle_people::rows::after(tx, cycle.id, &behind, AT_ONCE).await?;
        let numbers: Vec<&str> = people.iter().map(|person| person.number.as_str()).collect();
        let inputs = profiles::rows::inputs_on(tx, &numbers, cycle.last_day).await?;
        let checked = profile_checks::rows::waiting(tx, &numbers, cycle.last_day).await?;
        let facts = paid_facts::rows::in_force(tx, cycle.id, &numbers).await?;
        for person in &people {
            let (number, checked) = (&person.number, checked.get(&person.number));
            look.at(person, inputs.get(number), checked, facts.get(number));
        }
        let last = people.last().filter(|_| people.len() as i64 == AT_ONCE);
        after = last.map(|person| person.number.to_string());
    }
    Ok(look.findings())
}
