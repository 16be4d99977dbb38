use actix_web::web::{Path, Query};
use actix_web::{HttpResponse, get, post};
use platform::clock::date_of;
use platform::sql::Lock;
use platform::utoipa_actix_web::service_config::ServiceConfig;
use platform::web::{Errors, read, versioned};
use platform::{Caller, JsonBody, Page, PageQuery, Platform, Problem, Reply, Result, Tx, Write, say};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::appeal::NewAppeal;
use super::rows::{Filter, Moved};
use super::view::AppealSummary;
use super::{AppealDetail, AppealState, Case, changed, detail, filing, rows, rules};
use crate::levels::{ending, opening};
use crate::permissions::{AddToAppeal, FileAppeal, ReadAppeals};
use crate::viewer::Viewer;

pub fn register(config: &mut ServiceConfig) {
    config
        .service(file_appeal)
        .service(list_appeals)
        .service(get_appeal)
        .service(withdraw_appeal)
        .service(carry_on_appeal)
        .service(add_to_appeal);
}

/// File an appeal
///
/// By the person, or for a unit by its head; HR enters what came on paper, with the days on which the result was known
/// and the appeal handed in. One at a time about the same subject in a cycle. The first level of the scheme opens, and
/// whoever decides there has a task.
#[utoipa::path(tag = "appeals", security(("bearer" = [])), request_body = NewAppeal,
    responses((status = 201, body = AppealDetail), (status = 404), (status = 409)))]
#[post("/v1/appeals")]
async fn file_appeal(caller: Caller<FileAppeal>, write: Write, body: JsonBody<NewAppeal>) -> Result<HttpResponse> {
    let viewer = Viewer::of(&caller);
    write
        .run(&caller, async |tx| {
            let id = filing::file(tx, &viewer, &body.0).await?;
            let appeal = rows::get(tx, id, Lock::None).await?;
            let filed = detail(tx, &appeal).await?;
            Ok(Reply::created(format!("/v1/appeals/{id}"), &filed)?.version(filed.summary.version))
        })
        .await
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct AppealsQuery {
    /// Only of this cycle.
    cycle: Option<Uuid>,
    /// Only in this state.
    state: Option<AppealState>,
}

/// List appeals
///
/// The newest first: to HR and auditors all, to others their own and those that wait for their decision.
#[utoipa::path(tag = "appeals", security(("bearer" = [])), params(AppealsQuery, PageQuery),
    responses((status = 200, body = Page<AppealSummary>)))]
#[get("/v1/appeals")]
async fn list_appeals(
    caller: Caller<ReadAppeals>,
    platform: Platform,
    query: Query<AppealsQuery>,
    page: Query<PageQuery>,
) -> Result<HttpResponse> {
    let (limit, before) = (page.limit()?, page.after_key()?);
    let viewer = Viewer::of(&caller);
    let all = viewer.hr || viewer.auditor;
    let number = viewer.number.clone().unwrap_or_default();
    let page = read(&platform, &caller, async |tx| {
        let actors = viewer.actors(tx).await?;
        let seen_by = (!all).then_some((number.as_str(), actors.as_slice()));
        let filter = Filter { cycle: query.cycle, state: query.state, seen_by, before };
        let found = rows::list(tx, &filter, limit + 1).await?;
        if all {
            tx.audit("appeals.listed", "appeals", json!({ "cycle": query.cycle, "state": query.state })).await?;
        }
        let page = Page::cut(found, limit, |appeal| appeal.position.to_string());
        let items = page.items.iter().map(AppealSummary::of).collect::<Result<_>>()?;
        Ok(Page { items, next: page.next })
    });
    Ok(HttpResponse::Ok().json(page.await?))
}

/// Read the file of a case
///
/// All of it, to whoever appealed, to those who decide while they do, to HR and to auditors.
#[utoipa::path(tag = "appeals", security(("bearer" = [])), params(("id" = Uuid, Path)),
    responses((status = 200, body = AppealDetail)))]
#[get("/v1/appeals/{id}")]
async fn get_appeal(caller: Caller<ReadAppeals>, platform: Platform, id: Path<Uuid>) -> Result<HttpResponse> {
    let viewer = Viewer::of(&caller);
    let file = read(&platform, &caller, async |tx| {
        let appeal = readable(tx, &viewer, *id).await?;
        if !rules::takes_part(&viewer, &appeal) {
            tx.audit("appeals.read", &id.to_string(), json!({ "number": appeal.appellant })).await?;
        }
        detail(tx, &appeal).await
    })
    .await?;
    let version = file.summary.version;
    Ok(versioned(&file, version))
}

/// An appeal, if the caller may know of it.
async fn readable(tx: &mut Tx, viewer: &Viewer, id: Uuid) -> Result<super::Appeal> {
    let appeal = rows::get(tx, id, Lock::None).await?;
    let actors = viewer.actors(tx).await?;
    let decides = rows::decides(tx, id, viewer.number.as_deref(), &actors).await?;
    if rules::may_read(viewer, &appeal, decides) {
        return Ok(appeal);
    }
    Err(Problem::not_found(say!("申诉", "appeal")))
}

/// Why an appeal is withdrawn.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "与上级谈过，已无异议" }))]
struct Withdrawal {
    /// 1 to 4000 characters.
    reason: String,
}

/// Withdraw an appeal
///
/// By whoever filed it, as long as it is not decided; another may be filed in its place within the term.
#[utoipa::path(tag = "appeals", security(("bearer" = [])), params(("id" = Uuid, Path)), request_body = Withdrawal,
    responses((status = 200, body = AppealDetail), (status = 409)))]
#[post("/v1/appeals/{id}/withdraw")]
async fn withdraw_appeal(
    caller: Caller<FileAppeal>,
    write: Write,
    id: Path<Uuid>,
    body: JsonBody<Withdrawal>,
) -> Result<HttpResponse> {
    check("/reason", &body.0.reason)?;
    let viewer = Viewer::of(&caller);
    write
        .run(&caller, async |tx| {
            readable(tx, &viewer, *id).await?;
            let case = Case::get(tx, *id, Lock::Update).await?;
            rules::check_acts_for_appellant(&viewer, &case.appeal)?;
            if !matches!(case.appeal.state, AppealState::Open | AppealState::Answered) {
                return Err(Problem::wrong_state(say!("该申诉已结束", "the appeal has ended")));
            }
            ending::withdraw(tx, &case, &body.0.reason).await?;
            tx.audit("appeals.withdrawn", &id.to_string(), json!({ "reason": body.0.reason })).await?;
            changed(tx, *id).await
        })
        .await
}

fn check(pointer: &str, text: &str) -> Result<()> {
    let mut errors = Errors::default();
    errors.check_text(pointer, text);
    errors.check()
}

/// Carry an appeal to the next level
///
/// By whoever appealed, after it was refused at a level that is not the last, and within the term for filing.
#[utoipa::path(tag = "appeals", security(("bearer" = [])), params(("id" = Uuid, Path)),
    responses((status = 200, body = AppealDetail), (status = 409)))]
#[post("/v1/appeals/{id}/next-level")]
async fn carry_on_appeal(caller: Caller<FileAppeal>, write: Write, id: Path<Uuid>) -> Result<HttpResponse> {
    let viewer = Viewer::of(&caller);
    write
        .run(&caller, async |tx| {
            readable(tx, &viewer, *id).await?;
            let case = Case::get(tx, *id, Lock::Update).await?;
            rules::check_acts_for_appellant(&viewer, &case.appeal)?;
            let today = date_of(tx.now);
            if case.appeal.state != AppealState::Answered || case.appeal.until.is_some_and(|until| until < today) {
                return Err(Problem::wrong_state(say!(
                    "只有被驳回且在期限内的申诉可以提请上一级",
                    "only what was refused is carried on, and within its term"
                )));
            }
            opening::carry_on(tx, &case).await?;
            tx.audit("appeals.carried-on", &id.to_string(), json!({ "level": case.appeal.level })).await?;
            changed(tx, *id).await
        })
        .await
}

/// What is added to a case.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "text": "听证：双方核对了考勤记录" }))]
struct Addition {
    /// What was said at a hearing or found since, 1 to 4000 characters.
    text: String,
    /// Documents that were uploaded before; 20 at most.
    #[serde(default)]
    documents: Vec<Uuid>,
}

/// Add to a case
///
/// Notes of a hearing and further documents, by whoever appealed, by those who decide, and by HR. Nothing of it changes
/// later.
#[utoipa::path(tag = "appeals", security(("bearer" = [])), params(("id" = Uuid, Path)), request_body = Addition,
    responses((status = 200, body = AppealDetail), (status = 409)))]
#[post("/v1/appeals/{id}/notes")]
async fn add_to_appeal(
    caller: Caller<AddToAppeal>,
    write: Write,
    id: Path<Uuid>,
    body: JsonBody<Addition>,
) -> Result<HttpResponse> {
    check("/text", &body.0.text)?;
    let viewer = Viewer::of(&caller);
    write
        .run(&caller, async |tx| {
            readable(tx, &viewer, *id).await?;
            let appeal = rows::get(tx, *id, Lock::Update).await?;
            if appeal.state != AppealState::Open {
                return Err(Problem::wrong_state(say!("该申诉目前不在处理中", "nobody is deciding about it now")));
            }
            rows::add_note(tx, *id, body.0.text.trim()).await?;
            filing::hand_in(tx, *id, &body.0.documents).await?;
            rows::put(tx, *id, &Moved::of(&appeal)).await?;
            tx.audit("appeals.added-to", &id.to_string(), json!({ "documents": body.0.documents })).await?;
            changed(tx, *id).await
        })
        .await
}
