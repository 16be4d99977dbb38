use actix_web::{HttpResponse, get, post, web};
use platform::sql::Lock;
use platform::utoipa_actix_web::service_config::ServiceConfig;
use platform::{Caller, JsonBody, Page, PageQuery, Platform, Problem, Reply, Result, Write, say};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::deciding::{self, PlanDecision};
use super::rows::{self, Filter};
use super::view::{self, PlanStepView};
use crate::cycles;
use crate::permissions::{DecidePlan, ReadPlans};
use crate::viewer::Viewer;

pub fn routes(config: &mut ServiceConfig) {
    config.service(list_plan_steps).service(decide_plan);
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct StepsQuery {
    /// Only of this cycle.
    cycle: Option<Uuid>,
    /// Also those in which nobody is waited for any more.
    #[serde(default)]
    ended: bool,
}

/// Steps in which plans and settled sheets are decided about: those in which the caller decides, or all of a cycle for HR and
/// executives who name one. Oldest first.
#[utoipa::path(tag = "plans", security(("bearer" = [])), params(StepsQuery, PageQuery),
    responses((status = 200, body = Page<PlanStepView>), (status = 404)))]
#[get("/v1/planning/steps")]
async fn list_plan_steps(
    caller: Caller<ReadPlans>,
    platform: Platform,
    query: web::Query<StepsQuery>,
    page: web::Query<PageQuery>,
) -> Result<HttpResponse> {
    let limit = page.limit()?;
    let not_a_place = || Problem::field("/after", say!("这不是分页返回的 `next`", "this is not the `next` of a page"));
    let after = page.after.as_deref().map(|text| text.parse().map_err(|_| not_a_place())).transpose()?;
    let views = platform::web::read(&platform, &caller, async |tx| {
        let viewer = Viewer::of(&caller).seated(tx).await?;
        if let Some(cycle) = query.cycle {
            cycles::rows::get(tx, cycle, Lock::None).await?;
        }
        let all = viewer.all && query.cycle.is_some();
        let actors = (!all).then_some(viewer.actors.as_slice());
        let filter = Filter { actors, cycle: query.cycle, open: !query.ended, after, limit: limit + 1 };
        let approvals = rows::list(tx, &filter).await?;
        view::views(tx, &viewer, &approvals).await
    })
    .await?;
    Ok(HttpResponse::Ok().json(Page::cut(views, limit, |view: &PlanStepView| view.id.to_string())))
}

/// Approves a plan or settled sheets, or sends them back to whoever wrote them, with the reason. After the last who decides
/// the plan holds, or the sheets are settled; where something is sent back everybody is asked anew once it comes again.
#[utoipa::path(tag = "plans", security(("bearer" = [])), params(("id" = Uuid, Path, description = "The step")),
    request_body = PlanDecision, responses((status = 200, body = PlanStepView)))]
#[post("/v1/planning/steps/{id}/decision")]
async fn decide_plan(
    caller: Caller<DecidePlan>,
    write: Write,
    id: web::Path<Uuid>,
    body: JsonBody<PlanDecision>,
) -> Result<HttpResponse> {
    write
        .run(&caller, async |tx| {
            let viewer = Viewer::of(&caller).seated(tx).await?;
            deciding::decide(tx, &viewer, *id, &body.0).await?;
            let approval = rows::get(tx, *id).await?;
            let views = view::views(tx, &viewer, &[approval]).await?;
            Reply::ok(views.first().ok_or_else(|| Problem::internal("a step was decided"))?)
        })
        .await
}
