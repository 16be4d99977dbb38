use actix_web::{HttpResponse, get, post, put, web};
use platform::service::Platform;
use platform::sql::Lock;
use platform::utoipa_actix_web::service_config::ServiceConfig;
use platform::web::read;
use platform::{Caller, JsonBody, Page, PageQuery, Reply, Result, Tx, Write};
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::deciding::{self, ApprovalDecision};
use super::naming::{self, NewApprover};
use super::rows::{self, Filter};
use super::view::{self, ApprovalView};
use crate::cycles::rows as cycles;
use crate::permissions::{DecideApproval, NameApprover, ReadApprovals};
use crate::viewer::Viewer;

pub fn routes(config: &mut ServiceConfig) {
    config.service(list_approvals).service(decide_approval).service(name_approver);
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ApprovalQuery {
    /// Only what waits for somebody.
    open: Option<bool>,
    /// Only about this unit, by code.
    unit: Option<String>,
    /// The `next` of the page before.
    after: Option<Uuid>,
    /// Items at most, 1 to 500; 50 unless said.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<i64>,
}

/// Look through the reviews and approvals of a cycle
///
/// Those of all closings, in the order in which they were asked for. HR, executives and auditors see all of them, others
/// those in which they decide.
#[utoipa::path(tag = "approvals", security(("bearer" = [])), params(("id" = Uuid, Path, description = "Cycle"), ApprovalQuery),
    responses((status = 200, body = Page<ApprovalView>)))]
#[get("/v1/cycles/{id}/approvals")]
async fn list_approvals(
    caller: Caller<ReadApprovals>,
    platform: Platform,
    id: web::Path<Uuid>,
    query: web::Query<ApprovalQuery>,
) -> Result<web::Json<Page<ApprovalView>>> {
    let (viewer, query) = (Viewer::of(&caller), query.into_inner());
    let limit = PageQuery { after: None, limit: query.limit }.limit()?;
    let page = read(&platform, &caller, async |tx| {
        let viewer = viewer.clone().seated(tx).await?;
        let cycle = cycles::get(tx, *id, Lock::None).await?;
        let filter = Filter {
            cycle: cycle.id,
            actors: (!viewer.sees_all()).then(|| viewer.actors()),
            open: query.open.unwrap_or_default(),
            unit: query.unit.clone(),
            after: query.after,
            limit: limit + 1,
        };
        let page = Page::cut(rows::list(tx, &filter).await?, limit, |one| one.step.to_string());
        Ok(Page { items: view::views(tx, &viewer, &cycle, &page.items).await?, next: page.next })
    })
    .await?;
    Ok(web::Json(page))
}

async fn answer(tx: &mut Tx, viewer: &Viewer, step: Uuid) -> Result<Reply> {
    let approval = rows::get(tx, step).await?;
    let cycle = cycles::get(tx, approval.cycle, Lock::None).await?;
    let views = view::views(tx, viewer, &cycle, &[approval]).await?;
    Reply::ok(&views.into_iter().next())
}

/// Approve what was computed, or send it back
///
/// By whoever the step names; a body decides in a session, which a member who was there records. What is sent back names
/// people or units: their forms are open again, or the stage to which the scheme sends them begins again for their unit.
/// Whoever scored does not approve the result alone. Changing anything that was computed with voids what was approved.
#[utoipa::path(tag = "approvals", security(("bearer" = [])), params(("id" = Uuid, Path, description = "Step")),
    request_body = ApprovalDecision, responses((status = 200, body = ApprovalView), (status = 409)))]
#[post("/v1/scoring/steps/{id}/decision")]
async fn decide_approval(
    caller: Caller<DecideApproval>,
    write: Write,
    id: web::Path<Uuid>,
    body: JsonBody<ApprovalDecision>,
) -> Result<HttpResponse> {
    let viewer = Viewer::of(&caller);
    write
        .run(&caller, async |tx| {
            let viewer = viewer.clone().seated(tx).await?;
            deciding::decide(tx, &viewer, *id, &body.0).await?;
            answer(tx, &viewer, *id).await
        })
        .await
}

/// Name who approves in a step
///
/// By HR, with a reason, where whoever should is away or gone; not themselves. Those who decide beside them decide anew.
#[utoipa::path(tag = "approvals", security(("bearer" = [])), params(("id" = Uuid, Path, description = "Step")),
    request_body = NewApprover, responses((status = 200, body = ApprovalView), (status = 409)))]
#[put("/v1/scoring/steps/{id}/approver")]
async fn name_approver(
    caller: Caller<NameApprover>,
    write: Write,
    id: web::Path<Uuid>,
    body: JsonBody<NewApprover>,
) -> Result<HttpResponse> {
    let viewer = Viewer::of(&caller);
    write
        .run(&caller, async |tx| {
            let viewer = viewer.clone().seated(tx).await?;
            naming::name(tx, &viewer, *id, &body.0).await?;
            answer(tx, &viewer, *id).await
        })
        .await
}
