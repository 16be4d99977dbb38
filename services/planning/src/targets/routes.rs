use actix_web::{HttpResponse, delete, get, post, web};
use platform::sql::Lock;
use platform::utoipa_actix_web::service_config::ServiceConfig;
use platform::{Caller, JsonBody, Page, PageQuery, Permission, Platform, Reply, Result, Write};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::issuing;
use super::rows::{self, Filter, Target};
use super::rules::{self, NewTarget};
use crate::cycles;
use crate::permissions::{ReadTargets, SetTargets};
use crate::viewer::Viewer;

pub fn routes(config: &mut ServiceConfig) {
    config.service(create_target).service(list_targets).service(delete_target);
}

/// Hands a target to a unit or to a person.
#[utoipa::path(tag = "targets", security(("bearer" = [])), params(("id" = Uuid, Path)), request_body = NewTarget,
    responses((status = 201, body = TargetView)))]
#[post("/v1/cycles/{id}/targets")]
async fn create_target(
    caller: Caller<SetTargets>,
    write: Write,
    cycle: web::Path<Uuid>,
    body: JsonBody<NewTarget>,
) -> Result<HttpResponse> {
    let to = rules::check(&body.0)?;
    write
        .run(&caller, async |tx| {
            let target = issuing::issue(tx, &caller, *cycle, to, &body.0).await?;
            Reply::created(format!("/v1/cycles/{cycle}/targets"), &view(target, true, &Viewer::of(&caller)))
        })
        .await
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct TargetQuery {
    /// Unit code.
    unit: Option<String>,
    /// Employee number.
    employee: Option<String>,
}

/// The targets that concern the caller, or all of them for HR and executives.
#[utoipa::path(tag = "targets", security(("bearer" = [])), params(("id" = Uuid, Path), TargetQuery, PageQuery),
    responses((status = 200, body = Page<TargetView>)))]
#[get("/v1/cycles/{id}/targets")]
async fn list_targets(
    caller: Caller<ReadTargets>,
    platform: Platform,
    cycle: web::Path<Uuid>,
    query: web::Query<TargetQuery>,
    page: web::Query<PageQuery>,
) -> Result<HttpResponse> {
    let (limit, after, TargetQuery { unit, employee }) = (page.limit()?, cycles::after(&page)?, query.into_inner());
    let filter =
        Filter { cycle: *cycle, unit: unit.as_deref(), employee: employee.as_deref(), after, limit: limit + 1 };
    let viewer = Viewer::of(&caller);
    let views = platform::web::read(&platform, &caller, async |tx| {
        let is_open = cycles::rows::get(tx, *cycle, Lock::None).await?.must_be_open().is_ok();
        let targets = rows::list(tx, &viewer, &filter).await?;
        let sets = is_open && caller.has_any(SetTargets::ROLES);
        Ok(targets.into_iter().map(|target| view(target, sets, &viewer)).collect())
    })
    .await?;
    Ok(HttpResponse::Ok().json(Page::cut(views, limit, |view: &TargetView| view.target.id.to_string())))
}

/// A target as somebody sees it.
#[derive(Serialize, ToSchema)]
struct TargetView {
    #[serde(flatten)]
    target: Target,
    /// Operations by their ids that the caller may call on it now.
    actions: Vec<&'static str>,
}

fn view(target: Target, sets: bool, viewer: &Viewer) -> TargetView {
    let actions = if sets && target.author == viewer.name { vec!["delete_target"] } else { Vec::new() };
    TargetView { target, actions }
}

/// Takes back a target one has handed down, while the cycle is open.
#[utoipa::path(tag = "targets", security(("bearer" = [])), params(("id" = Uuid, Path)),
    responses((status = 204)))]
#[delete("/v1/targets/{id}")]
async fn delete_target(caller: Caller<SetTargets>, write: Write, id: web::Path<Uuid>) -> Result<HttpResponse> {
    write
        .run(&caller, async |tx| {
            issuing::withdraw(tx, &caller, *id).await?;
            Ok(Reply::no_content())
        })
        .await
}
