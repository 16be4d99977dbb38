use actix_web::web::{Path, Query};
use actix_web::{HttpResponse, get, post};
use platform::web::read;
use platform::{Caller, JsonBody, Page, PageQuery, Platform, Problem, Reply, Result, Write, say};
use serde::Deserialize;
use serde_json::json;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::paid_fact::{NewPaidFacts, PaidFact, PaidFactsEntered, Stored};
use super::{entering, rows, rules};
use crate::cycles::{self, schemes};
use crate::permissions::{EnterPaidFacts, ReadPaidFacts};

pub fn register(config: &mut ServiceConfig) {
    config.service(enter_paid_facts).service(list_paid_facts);
}

/// Enters facts that only pay knows
///
/// Such as what was paid in advance: those that the cycle's scheme marks so. A statement that waits for one is issued.
/// Each value keeps who entered it, when and why. All or nothing; not one's own, and not of people who have a statement
/// already, unless their result has been corrected and waits for another.
#[utoipa::path(
    tag = "paid facts",
    params(("id" = Uuid, Path, description = "Cycle")),
    request_body = NewPaidFacts,
    security(("bearer" = [])),
    responses(
        (status = 200, body = PaidFactsEntered),
    )
)]
#[post("/v1/cycles/{id}/paid-facts")]
async fn enter_paid_facts(
    caller: Caller<EnterPaidFacts>,
    write: Write,
    id: Path<Uuid>,
    body: JsonBody<NewPaidFacts>,
) -> Result<HttpResponse> {
    rules::check_request(&body.0.facts, &body.0.reason)?;
    write.run(&caller, async |tx| Reply::ok(&entering::enter(tx, &caller, *id, &body.0).await?)).await
}

/// Which facts are wanted.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct PaidFactsQuery {
    /// Also those that others have taken the place of.
    history: Option<bool>,
}

/// Facts that pay entered for a cycle, in order of employee number and name.
#[utoipa::path(
    tag = "paid facts",
    params(("id" = Uuid, Path, description = "Cycle"), PaidFactsQuery, PageQuery),
    security(("bearer" = [])),
    responses(
        (status = 200, body = Page<PaidFact>),
    )
)]
#[get("/v1/cycles/{id}/paid-facts")]
async fn list_paid_facts(
    platform: Platform,
    caller: Caller<ReadPaidFacts>,
    id: Path<Uuid>,
    query: Query<PaidFactsQuery>,
    page: Query<PageQuery>,
) -> Result<HttpResponse> {
    let (limit, after) = (page.limit()?, rules::after(&page)?);
    let items = read(&platform, &caller, async |tx| {
        let found = cycles::rows::find(tx, *id).await?;
        let cycle = found.ok_or_else(|| Problem::not_found(say!("考核周期", "cycle")))?;
        tx.audit("paid_facts.listed", &id.to_string(), json!({ "after": page.after, "limit": limit })).await?;
        let read = schemes::of(&cycle)?;
        let found = rows::page(tx, cycle.id, query.history == Some(true), after, limit + 1).await?;
        let shown = |fact: Stored| {
            let label = read.fact_label(&fact.name);
            PaidFact::new(fact, label)
        };
        Ok(found.into_iter().map(shown).collect::<Vec<_>>())
    })
    .await?;
    Ok(HttpResponse::Ok().json(Page::cut(items, limit, PaidFact::place)))
}
