use actix_web::{HttpResponse, get, post, web};
use platform::service::Platform;
use platform::sql::Lock;
use platform::utoipa_actix_web::service_config::ServiceConfig;
use platform::web::read;
use platform::{Caller, JsonBody, Page, Reply, Result, Write};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::figure_move::{MoveView, NewMoves};
use super::moving::{self, Affected};
use super::rows;
use crate::cycles::rows as cycles;
use crate::cycles::rules::check_reason;
use crate::paging::ByIdQuery;
use crate::permissions::{MoveFigures, ReadMoves};
use crate::results::short::ShortResult;
use crate::viewer::Viewer;

pub fn routes(config: &mut ServiceConfig) {
    config.service(move_figures).service(list_moves).service(withdraw_move);
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct MoveQuery {
    /// Only tell whose result would be another one.
    #[serde(default)]
    preview: bool,
}

/// Somebody or something whose result would be another one.
#[derive(Serialize, ToSchema)]
struct MovedResult {
    /// `person:NUMBER` or `unit:CODE`.
    subject: String,
    name: String,
    before: ShortResult,
    after: ShortResult,
}

/// What was moved; of a preview whose result would be another one.
#[derive(Serialize, ToSchema)]
struct MovesMade {
    moves: Vec<MoveView>,
    affected: Vec<MovedResult>,
}

fn moved(one: &Affected) -> MovedResult {
    MovedResult {
        subject: one.subject.to_string(),
        name: one.name.clone(),
        before: ShortResult::of(&one.before),
        after: ShortResult::of(&one.after),
    }
}

/// Move figures of a computed cycle
///
/// By whom the scheme lets move them (`adjust`), within its limits, each with a reason that stands in the explanation; never
/// one's own, and never by whoever scored. Everything is computed anew at once, and what was approved is approved anew.
/// With `preview` nothing is kept.
#[utoipa::path(tag = "moves", security(("bearer" = [])), params(("id" = Uuid, Path, description = "Cycle"), MoveQuery),
    request_body = NewMoves, responses((status = 201, body = MovesMade),
        (status = 200, body = MovesMade, description = "A preview"), (status = 409)))]
#[post("/v1/cycles/{id}/moves")]
async fn move_figures(
    caller: Caller<MoveFigures>,
    write: Write,
    id: web::Path<Uuid>,
    query: web::Query<MoveQuery>,
    body: JsonBody<NewMoves>,
) -> Result<HttpResponse> {
    let JsonBody(new) = body;
    let viewer = Viewer::of(&caller);
    if query.preview {
        let platform = write.platform().clone();
        let found = read(&platform, &caller, async |tx| {
            let viewer = viewer.clone().seated(tx).await?;
            let affected = moving::preview(tx, &viewer, *id, &new).await?;
            let numbers: Vec<&str> = affected.iter().map(|one| one.subject.id.as_str()).take(1000).collect();
            tx.audit("results.move-previewed", &id.to_string(), json!({ "numbers": numbers })).await?;
            Ok(MovesMade { moves: Vec::new(), affected: affected.iter().map(moved).collect() })
        })
        .await?;
        return Ok(HttpResponse::Ok().json(found));
    }
    write
        .run(&caller, async |tx| {
            let viewer = viewer.clone().seated(tx).await?;
            let made = moving::make(tx, &viewer, *id, &new).await?;
            let made = MovesMade { moves: made.iter().map(MoveView::from).collect(), affected: Vec::new() };
            Reply::created(format!("/v1/cycles/{id}/moves"), &made)
        })
        .await
}

/// Look through what was moved in a cycle
///
/// HR, executives and auditors see all of it, others what they moved themselves.
#[utoipa::path(tag = "moves", security(("bearer" = [])), params(("id" = Uuid, Path, description = "Cycle"), ByIdQuery),
    responses((status = 200, body = Page<MoveView>)))]
#[get("/v1/cycles/{id}/moves")]
async fn list_moves(
    caller: Caller<ReadMoves>,
    platform: Platform,
    id: web::Path<Uuid>,
    query: web::Query<ByIdQuery>,
) -> Result<web::Json<Page<MoveView>>> {
    let viewer = Viewer::of(&caller);
    let limit = query.limit()?;
    let items = read(&platform, &caller, async |tx| {
        cycles::get(tx, *id, Lock::None).await?;
        let by = (!viewer.sees_all()).then_some(viewer.name.as_str());
        let found = rows::list(tx, *id, by, viewer.number.as_deref(), query.after, limit + 1).await?;
        Ok(found.iter().map(MoveView::from).collect())
    })
    .await?;
    Ok(web::Json(Page::cut(items, limit, |one: &MoveView| one.id.to_string())))
}

/// Why a move is taken back.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "误选了人员" }))]
struct TakingBack {
    /// 1 to 4000 characters.
    reason: String,
}

/// Take a move back
///
/// By whoever made it, or HR, as long as the result is not published; everything is computed anew.
#[utoipa::path(tag = "moves", security(("bearer" = [])), params(("id" = Uuid, Path, description = "Move")),
    request_body = TakingBack, responses((status = 204), (status = 409)))]
#[post("/v1/moves/{id}/withdraw")]
async fn withdraw_move(
    caller: Caller<MoveFigures>,
    write: Write,
    id: web::Path<Uuid>,
    body: JsonBody<TakingBack>,
) -> Result<HttpResponse> {
    let JsonBody(TakingBack { reason }) = body;
    check_reason(&reason)?;
    let viewer = Viewer::of(&caller);
    write
        .run(&caller, async |tx| {
            let viewer = viewer.clone().seated(tx).await?;
            moving::take_back(tx, &viewer, *id, &reason).await?;
            Ok(Reply::no_content())
        })
        .await
}
