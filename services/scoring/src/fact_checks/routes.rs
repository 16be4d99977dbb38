use actix_web::{HttpResponse, get, post, web};
use platform::service::Platform;
use platform::sql::Lock;
use platform::utoipa_actix_web::service_config::ServiceConfig;
use platform::web::read;
use platform::{Caller, JsonBody, Page, PageQuery, Problem, Reply, Result, Tx, Write, say};
use serde_json::json;
use steps::steps::rules::waiting;
use steps::steps::{StepState, rows as step_rows};
use uuid::Uuid;

use super::fact_check::{FactCheck, FactCheckView, FactDecision};
use super::{deciding, rows};
use crate::approvals::deciding::acts_as;
use crate::cycles::rows as cycles;
use crate::entries::entry::Entry;
use crate::entries::rows as entries;
use crate::entries::view::EntryView;
use crate::facts::rows as facts;
use crate::facts::view::FactView;
use crate::paging::{ByIdQuery, WaitingQuery};
use crate::permissions::{CheckFacts, ReadFactChecks};
use crate::viewer::Viewer;

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(list_fact_checks)
        .service(list_checked_facts)
        .service(list_checked_entries)
        .service(decide_fact_check);
}

async fn views(tx: &mut Tx, viewer: &Viewer, checks: &[FactCheck]) -> Result<Vec<FactCheckView>> {
    let ids: Vec<Uuid> = checks.iter().map(|one| one.step).collect();
    let steps = step_rows::many(tx, &ids).await?;
    let decisions = step_rows::decisions(tx, &ids).await?;
    let view = |one: &FactCheck| {
        let step = steps.iter().find(|step| step.id == one.step)?;
        let open = if step.state == StepState::Open { waiting(step, &decisions) } else { Vec::new() };
        let acts = open.iter().any(|actor| acts_as(viewer, actor));
        let actions = if acts { vec!["decide_fact_check"] } else { Vec::new() };
        let open = open.iter().map(ToString::to_string).collect();
        Some(FactCheckView::new(one, step, &decisions, open, actions))
    };
    checks.iter().map(|one| view(one).ok_or_else(|| Problem::internal("a check without its step"))).collect()
}

/// Look through what was reported and is checked
///
/// Values that the scheme has checked after they were reported (`checked_by`), by the people who check them, place by place, with
/// everybody's name and day. HR, executives and auditors see all of them, others those in which they decide.
#[utoipa::path(tag = "fact checks", security(("bearer" = [])), params(("id" = Uuid, Path, description = "Cycle"), WaitingQuery),
    responses((status = 200, body = Page<FactCheckView>)))]
#[get("/v1/cycles/{id}/fact-checks")]
async fn list_fact_checks(
    caller: Caller<ReadFactChecks>,
    platform: Platform,
    id: web::Path<Uuid>,
    query: web::Query<WaitingQuery>,
) -> Result<web::Json<Page<FactCheckView>>> {
    let viewer = Viewer::of(&caller);
    let limit = query.limit()?;
    let page = read(&platform, &caller, async |tx| {
        let viewer = viewer.clone().seated(tx).await?;
        cycles::get(tx, *id, Lock::None).await?;
        let actors = (!viewer.sees_all()).then(|| viewer.actors());
        let found = rows::list(tx, *id, actors.as_deref(), query.open(), query.after, limit + 1).await?;
        let page = Page::cut(found, limit, |one| one.step.to_string());
        Ok(Page { items: views(tx, &viewer, &page.items).await?, next: page.next })
    })
    .await?;
    Ok(web::Json(page))
}

/// A check that the caller may look into: who decides in its step, HR, executives and auditors.
async fn readable(tx: &mut Tx, viewer: &Viewer, id: Uuid) -> Result<(FactCheck, Viewer)> {
    let viewer = viewer.clone().seated(tx).await?;
    let check = rows::get(tx, id).await?;
    let step = step_rows::get(tx, id, Lock::None).await?;
    if !viewer.sees_all() && !step.actors().iter().any(|actor| acts_as(&viewer, actor)) {
        return Err(Problem::not_found(say!("数据核对", "check of values")));
    }
    Ok((check, viewer))
}

/// The values of a report that somebody checks
///
/// To whoever decides in the step, HR, executives and auditors; looking at them is recorded.
#[utoipa::path(tag = "fact checks", security(("bearer" = [])), params(("id" = Uuid, Path, description = "Step"), PageQuery),
    responses((status = 200, body = Page<FactView>)))]
#[get("/v1/fact-checks/{id}/facts")]
async fn list_checked_facts(
    caller: Caller<ReadFactChecks>,
    platform: Platform,
    id: web::Path<Uuid>,
    page: web::Query<PageQuery>,
) -> Result<web::Json<Page<FactView>>> {
    let viewer = Viewer::of(&caller);
    let (limit, after) = (page.limit()?, page.after.clone());
    let page = read(&platform, &caller, async |tx| {
        let (check, _) = readable(tx, &viewer, *id).await?;
        let found = facts::of_report(tx, check.cycle, check.report, after.as_deref(), limit + 1).await?;
        let page = Page::cut(found, limit, facts::key);
        let numbers: Vec<&str> = page.items.iter().map(|fact| fact.subject.as_str()).collect();
        tx.audit("facts.listed", &check.cycle.to_string(), json!({ "numbers": numbers })).await?;
        Ok(Page { items: page.items.into_iter().map(FactView::from).collect(), next: page.next })
    })
    .await?;
    Ok(web::Json(page))
}

/// The entries of a report that somebody checks
///
/// To whoever decides in the step, HR, executives and auditors; looking at them is recorded.
#[utoipa::path(tag = "fact checks", security(("bearer" = [])), params(("id" = Uuid, Path, description = "Step"), ByIdQuery),
    responses((status = 200, body = Page<EntryView>)))]
#[get("/v1/fact-checks/{id}/entries")]
async fn list_checked_entries(
    caller: Caller<ReadFactChecks>,
    platform: Platform,
    id: web::Path<Uuid>,
    query: web::Query<ByIdQuery>,
) -> Result<web::Json<Page<EntryView>>> {
    let viewer = Viewer::of(&caller);
    let limit = query.limit()?;
    let page = read(&platform, &caller, async |tx| {
        let (check, viewer) = readable(tx, &viewer, *id).await?;
        let found = entries::of_report(tx, check.report, query.after, limit + 1).await?;
        let page = Page::cut(found, limit, |entry| entry.id.to_string());
        let numbers: Vec<&str> = page.items.iter().map(|entry| entry.subject.as_str()).collect();
        tx.audit("facts.listed", &check.cycle.to_string(), json!({ "numbers": numbers })).await?;
        let view = |entry: Entry| EntryView::of(entry, false, &viewer);
        Ok(Page { items: page.items.into_iter().map(view).collect(), next: page.next })
    })
    .await?;
    Ok(web::Json(page))
}

/// Approve reported values, or send them back
///
/// By whom the step names, never by whoever reported them, and nobody about themselves. After the last who checks they count
/// instead of what counted before. What is sent back stays beside what is reported anew; whoever reported it is told.
#[utoipa::path(tag = "fact checks", security(("bearer" = [])), params(("id" = Uuid, Path, description = "Step")),
    request_body = FactDecision, responses((status = 200, body = FactCheckView), (status = 409)))]
#[post("/v1/fact-checks/{id}/decision")]
async fn decide_fact_check(
    caller: Caller<CheckFacts>,
    write: Write,
    id: web::Path<Uuid>,
    body: JsonBody<FactDecision>,
) -> Result<HttpResponse> {
    let (viewer, JsonBody(new)) = (Viewer::of(&caller), body);
    write
        .run(&caller, async |tx| {
            let viewer = viewer.clone().seated(tx).await?;
            deciding::decide(tx, &viewer, *id, &new).await?;
            let check = rows::get(tx, *id).await?;
            let views = views(tx, &viewer, &[check]).await?;
            Reply::ok(&views.into_iter().next())
        })
        .await
}
