use actix_web::{HttpResponse, delete, get, post, web};
use basics::money::{parse_plain, plain};
use platform::sql::Lock;
use platform::utoipa_actix_web::service_config::ServiceConfig;
use platform::{Caller, JsonBody, Page, PageQuery, Platform, Problem, Reply, Result, Role, Tx, Write, say};
use serde::Deserialize;
use serde_json::json;
use utoipa::IntoParams;
use uuid::Uuid;

use super::rows::{self, Filter, Target};
use super::rules::{self, Above, NewTarget, To};
use crate::permissions::{ReadTargets, SetTargets};
use crate::viewer::Viewer;
use crate::{cycles, tasks};

pub fn routes(config: &mut ServiceConfig) {
    config.service(create_target).service(list_targets).service(delete_target);
}

/// Hands a target to a unit or to a person.
#[utoipa::path(tag = "targets", security(("bearer" = [])), params(("id" = Uuid, Path)), request_body = NewTarget,
    responses((status = 201, body = Target)))]
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
            cycles::rows::get_open(tx, *cycle).await?;
            let above = above(tx, *cycle, to).await?;
            let above = Above { superior: above.superior.as_deref(), head: above.head.as_deref() };
            let leads_company = caller.has_any(&[Role::Executive, Role::Hr]);
            rules::may_issue(to, &above, caller.employee.as_deref(), leads_company)?;
            let target = target(tx, *cycle, &body.0);
            rows::insert(tx, &target).await?;
            if let To::Unit(code) = to {
                tasks::rows::mark_targets(tx, *cycle, code).await?;
            }
            tx.audit("targets.issued", &target.id.to_string(), serde_json::to_value(&target)?).await?;
            Reply::created(format!("/v1/cycles/{cycle}/targets"), &target)
        })
        .await
}

async fn above(tx: &mut Tx, cycle: Uuid, to: To<'_>) -> Result<rows::Above> {
    let (found, pointer) = match to {
        To::Unit(code) => (rows::above_unit(tx, cycle, code).await?, "/to/unit"),
        To::Employee(number) => (rows::above_employee(tx, cycle, number).await?, "/to/employee"),
    };
    found.ok_or_else(|| Problem::field(pointer, say!("不参加本考核周期", "takes no part in the cycle")))
}

fn target(tx: &Tx, cycle: Uuid, new: &NewTarget) -> Target {
    Target {
        id: Uuid::now_v7(),
        cycle,
        unit: new.to.unit.clone(),
        employee: new.to.employee.clone(),
        title: new.title.trim().to_owned(),
        measure: new.measure.clone(),
        amount: new.amount.as_deref().and_then(parse_plain).map(plain),
        due: new.due,
        author: tx.actor.name.clone(),
        created_at: tx.now,
    }
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
    responses((status = 200, body = Page<Target>)))]
#[get("/v1/cycles/{id}/targets")]
async fn list_targets(
    caller: Caller<ReadTargets>,
    platform: Platform,
    cycle: web::Path<Uuid>,
    query: web::Query<TargetQuery>,
    page: web::Query<PageQuery>,
) -> Result<HttpResponse> {
    let limit = page.limit()?;
    let filter = Filter {
        cycle: *cycle,
        unit: query.unit.as_deref(),
        employee: query.employee.as_deref(),
        after: cycles::after(&page)?,
        limit: limit + 1,
    };
    let targets = platform::web::read(&platform, &caller, async |tx| {
        cycles::rows::get(tx, *cycle, Lock::None).await?;
        rows::list(tx, &Viewer::of(&caller), &filter).await
    })
    .await?;
    Ok(HttpResponse::Ok().json(Page::cut(targets, limit, |target| target.id.to_string())))
}

/// Takes back a target one has handed down, while the cycle is open.
#[utoipa::path(tag = "targets", security(("bearer" = [])), params(("id" = Uuid, Path)),
    responses((status = 204)))]
#[delete("/v1/targets/{id}")]
async fn delete_target(caller: Caller<SetTargets>, write: Write, id: web::Path<Uuid>) -> Result<HttpResponse> {
    write
        .run(&caller, async |tx| {
            let target = rows::get(tx, &Viewer::of(&caller), *id).await?;
            cycles::rows::get_open(tx, target.cycle).await?;
            if target.author != tx.actor.name {
                return Err(Problem::not_permitted(say!(
                    "只有下达人可撤回指标",
                    "only its author takes a target back"
                )));
            }
            rows::delete(tx, *id).await?;
            if let Some(code) = &target.unit {
                tasks::rows::mark_targets(tx, target.cycle, code).await?;
            }
            tx.audit("targets.withdrawn", &id.to_string(), json!({ "title": target.title })).await?;
            Ok(Reply::no_content())
        })
        .await
}
