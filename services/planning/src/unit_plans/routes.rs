use actix_web::{HttpResponse, get, post, web};
use platform::sql::Lock;
use platform::utoipa_actix_web::service_config::ServiceConfig;
use platform::{
    Caller, JsonBody, Missing, Page, PageQuery, Permission, Platform, Problem, Reply, Result, Tx, Write, say,
};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use super::unit_plan::{Step, UnitPlan, UnitPlanState};
use super::{rows, rules};
use crate::cycles::cycle::Cycle;
use crate::permissions::{DecideUnitPlan, ReadUnitPlans, SubmitUnitPlan};
use crate::plans::Return;
use crate::precondition::OptionalIfMatch;
use crate::process::Activity;
use crate::viewer::Viewer;
use crate::{cycles, sheets, tasks};

pub fn routes(config: &mut ServiceConfig) {
    config.service(list_unit_plans).service(submit_unit_plan).service(return_unit_plan).service(approve_unit_plan);
}

/// Units of a cycle with the state of each one's plan: those one belongs to or leads, or all of them for HR
/// and executives.
#[utoipa::path(tag = "unit plans", security(("bearer" = [])), params(("id" = Uuid, Path), PageQuery),
    responses((status = 200, body = Page<UnitPlanView>)))]
#[get("/v1/cycles/{id}/units")]
async fn list_unit_plans(
    caller: Caller<ReadUnitPlans>,
    platform: Platform,
    cycle: web::Path<Uuid>,
    page: web::Query<PageQuery>,
) -> Result<HttpResponse> {
    let limit = page.limit()?;
    let viewer = Viewer::of(&caller);
    let views = platform::web::read(&platform, &caller, async |tx| {
        let cycle = cycles::rows::get(tx, *cycle, Lock::None).await?;
        let units = rows::list(tx, cycle.id, &viewer, page.after.as_deref(), limit + 1).await?;
        Ok(units.into_iter().map(|unit| view(unit, &cycle, &viewer)).collect())
    })
    .await?;
    Ok(HttpResponse::Ok().json(Page::cut(views, limit, |view: &UnitPlanView| view.unit.code.clone())))
}

/// A unit's plan as somebody sees it.
#[derive(Serialize, ToSchema)]
struct UnitPlanView {
    #[serde(flatten)]
    unit: UnitPlan,
    /// Operations by their ids that the caller may call on it now.
    actions: Vec<&'static str>,
}

fn view(unit: UnitPlan, cycle: &Cycle, viewer: &Viewer) -> UnitPlanView {
    let is_open = cycle.has_unit_plans && cycle.must_be_open().is_ok();
    let actions = if is_open { unit.actions(viewer) } else { Vec::new() };
    UnitPlanView { unit, actions }
}

/// A unit for change, in an open cycle whose scheme has unit plans.
async fn open_unit<P: Permission>(
    tx: &mut Tx,
    caller: &Caller<P>,
    cycle: Uuid,
    code: &str,
) -> Result<(Cycle, UnitPlan)> {
    let found = cycles::rows::get_open(tx, cycle).await?;
    if !found.has_unit_plans {
        return Err(Problem::wrong_state(say!(
            "本周期的方案没有部门计划",
            "the scheme of this cycle has no plans of units"
        )));
    }
    let unit = rows::get(tx, cycle, code, &Viewer::of(caller)).await?;
    Ok((found, unit))
}

/// Refuses while a plan of the unit's people is not approved.
async fn must_be_complete(tx: &mut Tx, cycle: Uuid, code: &str) -> Result<()> {
    let unapproved = rows::unapproved(tx, cycle, code).await?;
    if unapproved.is_empty() {
        return Ok(());
    }
    let missing: Vec<Missing> = unapproved.into_iter().map(Missing::from).collect();
    Err(Problem::incomplete(
        say!("该部门有 {} 份绩效计划尚未批准", "plans of the unit that are not approved: {}", missing.len()),
        missing,
    ))
}

/// Takes a step of a unit's plan, with its audit entry and its tasks.
async fn take<P: Permission>(
    tx: &mut Tx,
    caller: &Caller<P>,
    (found, mut unit): (Cycle, UnitPlan),
    step: Step,
) -> Result<Reply> {
    let (cycle, viewer) = (found.id, Viewer::of(caller));
    let needs_all = !matches!(step, Step::Return(_));
    let action = unit.take(step, &viewer, tx.now)?;
    if needs_all {
        must_be_complete(tx, cycle, &unit.code).await?;
    }
    rows::store(tx, cycle, &mut unit).await?;
    let (subject, state) = ([unit.code.clone()], unit.plan_state);
    let submitted = matches!(state, UnitPlanState::Submitted | UnitPlanState::Approved);
    tasks::rows::mark(tx, cycle, Activity::SubmitUnitPlan, &subject, submitted).await?;
    tasks::rows::mark(tx, cycle, Activity::ApproveUnitPlan, &subject, state == UnitPlanState::Approved).await?;
    tx.audit(action, &format!("{cycle}/{}", unit.code), json!({ "reason": unit.reason })).await?;
    let version = unit.version;
    Ok(Reply::ok(&view(unit, &found, &viewer))?.version(version))
}

/// Nobody decides about the plan of the unit that they belong to.
async fn check_not_member<P: Permission>(tx: &mut Tx, caller: &Caller<P>, cycle: Uuid, code: &str) -> Result<()> {
    rules::check_not_member(sheets::rows::is_member(tx, cycle, code, caller.employee.as_deref()).await?)
}

/// Submits a unit's plan to the head's superior, once all plans of its people are approved.
#[utoipa::path(tag = "unit plans", security(("bearer" = [])), params(("If-Match" = Option<String>, Header), ("id" = Uuid, Path), ("code" = String, Path)),
    responses((status = 200, body = UnitPlanView)))]
#[post("/v1/cycles/{id}/units/{code}/plan/submit")]
async fn submit_unit_plan(
    caller: Caller<SubmitUnitPlan>,
    write: Write,
    path: web::Path<(Uuid, String)>,
    if_match: OptionalIfMatch,
) -> Result<HttpResponse> {
    let (cycle, code) = path.into_inner();
    write
        .run(&caller, async |tx| {
            let unit = open_unit(tx, &caller, cycle, &code).await?;
            if_match.check(unit.1.version)?;
            take(tx, &caller, unit, Step::Submit).await
        })
        .await
}

/// Returns a unit's plan to its head, with the reason.
#[utoipa::path(tag = "unit plans", security(("bearer" = [])), params(("If-Match" = Option<String>, Header), ("id" = Uuid, Path), ("code" = String, Path)),
    request_body = Return,
    responses((status = 200, body = UnitPlanView)))]
#[post("/v1/cycles/{id}/units/{code}/plan/return")]
async fn return_unit_plan(
    caller: Caller<DecideUnitPlan>,
    write: Write,
    path: web::Path<(Uuid, String)>,
    if_match: OptionalIfMatch,
    body: JsonBody<Return>,
) -> Result<HttpResponse> {
    let (cycle, code) = path.into_inner();
    write
        .run(&caller, async |tx| {
            let unit = open_unit(tx, &caller, cycle, &code).await?;
            check_not_member(tx, &caller, cycle, &code).await?;
            if_match.check(unit.1.version)?;
            take(tx, &caller, unit, Step::Return(body.0.reason)).await
        })
        .await
}

/// Approves a unit's plan.
#[utoipa::path(tag = "unit plans", security(("bearer" = [])), params(("If-Match" = Option<String>, Header), ("id" = Uuid, Path), ("code" = String, Path)),
    responses((status = 200, body = UnitPlanView)))]
#[post("/v1/cycles/{id}/units/{code}/plan/approve")]
async fn approve_unit_plan(
    caller: Caller<DecideUnitPlan>,
    write: Write,
    path: web::Path<(Uuid, String)>,
    if_match: OptionalIfMatch,
) -> Result<HttpResponse> {
    let (cycle, code) = path.into_inner();
    write
        .run(&caller, async |tx| {
            let unit = open_unit(tx, &caller, cycle, &code).await?;
            check_not_member(tx, &caller, cycle, &code).await?;
            if_match.check(unit.1.version)?;
            take(tx, &caller, unit, Step::Approve).await
        })
        .await
}
