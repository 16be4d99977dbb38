use actix_web::web::{Path, Query};
use actix_web::{HttpResponse, get, post};
use platform::web::read;
use platform::{Caller, JsonBody, Page, PageQuery, Platform, Problem, Reply, Result, Tx, Write, say};
use serde::Deserialize;
use serde_json::json;
use steps::steps::rows as step_rows;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::batch::{Batch, BatchDecision, BatchState};
use super::rows::Filter;
use super::view::{self, BatchView, DraftView};
use super::{deciding, rows};
use crate::input::{id_after, number_after};
use crate::permissions::{DecideBatch, ReadBatches};
use crate::viewer::Viewer;

pub fn register(config: &mut ServiceConfig) {
    config.service(list_batches).service(get_batch).service(list_drafts).service(decide_batch);
}

/// Which batches are wanted.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct BatchQuery {
    /// Of this cycle only.
    cycle: Option<Uuid>,
    /// Only those that are `open`, `returned`, `approved`, `issued` or `void`.
    #[param(inline)]
    state: Option<BatchState>,
}

/// Batches of statements that are approved before payroll sees them, oldest first: all of them for finance and HR, for others
/// those in which they are asked.
#[utoipa::path(
    tag = "batches",
    params(BatchQuery, PageQuery),
    security(("bearer" = [])),
    responses(
        (status = 200, body = Page<BatchView>),
    )
)]
#[get("/v1/batches")]
async fn list_batches(
    platform: Platform,
    caller: Caller<ReadBatches>,
    query: Query<BatchQuery>,
    page: Query<PageQuery>,
) -> Result<HttpResponse> {
    let (limit, after) = (page.limit()?, id_after(&page)?);
    let answer = read(&platform, &caller, async |tx| {
        let viewer = Viewer::of(tx, &caller).await?;
        let actors = (!viewer.all).then_some(viewer.actors.as_slice());
        let filter = Filter { cycle: query.cycle, state: query.state, actors, after, limit: limit + 1 };
        let page = Page::cut(rows::list(tx, &filter).await?, limit, |batch| batch.id.to_string());
        Ok(Page { items: view::views(tx, &viewer, page.items).await?, next: page.next })
    })
    .await?;
    Ok(HttpResponse::Ok().json(answer))
}

/// A batch, if the caller may know of it.
async fn readable(tx: &mut Tx, viewer: &Viewer, id: Uuid) -> Result<Batch> {
    let batch = rows::get(tx, id).await?;
    let steps = step_rows::about(tx, &batch.about()).await?;
    if viewer.all || steps.iter().any(|step| viewer.reads(step)) {
        return Ok(batch);
    }
    Err(Problem::not_found(say!("薪酬批次", "batch")))
}

async fn view_of(tx: &mut Tx, viewer: &Viewer, batch: Batch) -> Result<BatchView> {
    let views = view::views(tx, viewer, vec![batch]).await?;
    views.into_iter().next().ok_or_else(|| Problem::internal("a batch was found"))
}

/// One batch: how many are paid, how much, what was paid before, and who has approved it.
#[utoipa::path(
    tag = "batches",
    params(("id" = Uuid, Path, description = "Batch")),
    security(("bearer" = [])),
    responses(
        (status = 200, body = BatchView),
    )
)]
#[get("/v1/batches/{id}")]
async fn get_batch(platform: Platform, caller: Caller<ReadBatches>, id: Path<Uuid>) -> Result<HttpResponse> {
    let answer = read(&platform, &caller, async |tx| {
        let viewer = Viewer::of(tx, &caller).await?;
        let batch = readable(tx, &viewer, *id).await?;
        view_of(tx, &viewer, batch).await
    })
    .await?;
    Ok(HttpResponse::Ok().json(answer))
}

/// The statements that wait in a batch, by employee number; none once they are issued.
#[utoipa::path(
    tag = "batches",
    params(("id" = Uuid, Path, description = "Batch"), PageQuery),
    security(("bearer" = [])),
    responses(
        (status = 200, body = Page<DraftView>),
    )
)]
#[get("/v1/batches/{id}/drafts")]
async fn list_drafts(
    platform: Platform,
    caller: Caller<ReadBatches>,
    id: Path<Uuid>,
    page: Query<PageQuery>,
) -> Result<HttpResponse> {
    let (limit, after) = (page.limit()?, number_after(&page)?);
    let answer = read(&platform, &caller, async |tx| {
        let viewer = Viewer::of(tx, &caller).await?;
        let batch = readable(tx, &viewer, *id).await?;
        let about = json!({ "batch": batch.id, "after": after, "limit": limit });
        tx.audit("batches.read", &batch.cycle.to_string(), about).await?;
        let found = rows::page(tx, batch.id, after, limit + 1).await?;
        let page = Page::cut(found, limit, |draft| draft.number.to_string());
        let items = page.items.into_iter().map(DraftView::new).collect::<Result<Vec<_>>>()?;
        Ok(Page { items, next: page.next })
    })
    .await?;
    Ok(HttpResponse::Ok().json(answer))
}

/// Approves a batch, or sends it back with the reason. After the last who approves it is `approved`: its statements are
/// being issued, and payroll sees them. What is sent back HR puts right, and approves in a step of its own to hand it in again.
#[utoipa::path(
    tag = "batches",
    params(("id" = Uuid, Path, description = "The step")),
    security(("bearer" = [])),
    request_body = BatchDecision,
    responses(
        (status = 200, body = BatchView),
    )
)]
#[post("/v1/pay/steps/{id}/decision")]
async fn decide_batch(
    caller: Caller<DecideBatch>,
    write: Write,
    id: Path<Uuid>,
    body: JsonBody<BatchDecision>,
) -> Result<HttpResponse> {
    write
        .run(&caller, async |tx| {
            let viewer = Viewer::of(tx, &caller).await?;
            let batch = deciding::decide(tx, &viewer, *id, &body.0).await?;
            let batch = rows::get(tx, batch).await?;
            Reply::ok(&view_of(tx, &viewer, batch).await?)
        })
        .await
}
