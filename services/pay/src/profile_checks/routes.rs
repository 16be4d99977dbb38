use actix_web::web::{Json, Path, Query};
use actix_web::{get, post};
use platform::web::read;
use platform::{Caller, JsonBody, Page, PageQuery, Platform, Reply, Result, Tx, Write};
use serde::Deserialize;
use serde_json::json;
use steps::steps::rows as step_rows;
use utoipa::IntoParams;
use utoipa_actix_web::service_config::ServiceConfig;
use uuid::Uuid;

use super::check::{ProfileCheck, ProfileCheckDecision, ProfileCheckView, ReportedInputView};
use super::{deciding, rows, rules};
use crate::input::id_after;
use crate::permissions::{CheckProfiles, ReadProfileChecks};
use crate::steps_view;
use crate::viewer::Viewer;

pub fn register(config: &mut ServiceConfig) {
    config
        .service(list_profile_checks)
        .service(get_profile_check)
        .service(list_reported_inputs)
        .service(decide_profile_check);
}

async fn view(tx: &mut Tx, viewer: &Viewer, check: ProfileCheck) -> Result<ProfileCheckView> {
    let barred = match &viewer.number {
        Some(number) => rows::barred(tx, &check, number).await?.is_some(),
        None => false,
    };
    let operation = (!barred).then_some("decide_profile_check");
    let steps = steps_view::views(tx, viewer, &check.about(), operation).await?;
    Ok(ProfileCheckView::new(check, steps))
}

/// Which checks are wanted.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct CheckQuery {
    /// Only those in which something waits.
    open: Option<bool>,
}

/// Pay inputs that are checked before they count, oldest first
///
/// Where a scheme says who checks a pay input (`checked_by`): what was reported together and is checked by the same people, with
/// everybody's name and day. Finance and HR see all of them, others those in which they are asked.
#[utoipa::path(
    tag = "pay profiles",
    params(CheckQuery, PageQuery),
    security(("bearer" = [])),
    responses(
        (status = 200, body = Page<ProfileCheckView>),
    )
)]
#[get("/v1/profile-checks")]
async fn list_profile_checks(
    platform: Platform,
    caller: Caller<ReadProfileChecks>,
    query: Query<CheckQuery>,
    page: Query<PageQuery>,
) -> Result<Json<Page<ProfileCheckView>>> {
    let (limit, after) = (page.limit()?, id_after(&page)?);
    let page = read(&platform, &caller, async |tx| {
        let viewer = Viewer::of(tx, &caller).await?;
        let actors = (!viewer.all).then_some(viewer.actors.as_slice());
        let found = rows::list(tx, actors, query.open.unwrap_or_default(), after, limit + 1).await?;
        let page = Page::cut(found, limit, |check| check.id.to_string());
        let mut items = Vec::with_capacity(page.items.len());
        for check in page.items {
            items.push(view(tx, &viewer, check).await?);
        }
        Ok(Page { items, next: page.next })
    })
    .await?;
    Ok(Json(page))
}

/// A check, if the caller may know of it.
async fn readable(tx: &mut Tx, viewer: &Viewer, id: Uuid) -> Result<ProfileCheck> {
    let check = rows::get(tx, id).await?;
    let steps = step_rows::about(tx, &check.about()).await?;
    if viewer.all || steps.iter().any(|step| viewer.reads(step)) {
        return Ok(check);
    }
    Err(rows::nowhere())
}

/// One check of pay inputs: who reported them, and who has decided what.
#[utoipa::path(
    tag = "pay profiles",
    params(("id" = Uuid, Path, description = "Check")),
    security(("bearer" = [])),
    responses(
        (status = 200, body = ProfileCheckView),
    )
)]
#[get("/v1/profile-checks/{id}")]
async fn get_profile_check(
    platform: Platform,
    caller: Caller<ReadProfileChecks>,
    id: Path<Uuid>,
) -> Result<Json<ProfileCheckView>> {
    let answer = read(&platform, &caller, async |tx| {
        let viewer = Viewer::of(tx, &caller).await?;
        let check = readable(tx, &viewer, *id).await?;
        view(tx, &viewer, check).await
    })
    .await?;
    Ok(Json(answer))
}

/// The pay inputs of a check, each with what was in force when it was reported
///
/// By employee number; looking at them is recorded.
#[utoipa::path(
    tag = "pay profiles",
    params(("id" = Uuid, Path, description = "Check"), PageQuery),
    security(("bearer" = [])),
    responses(
        (status = 200, body = Page<ReportedInputView>),
    )
)]
#[get("/v1/profile-checks/{id}/inputs")]
async fn list_reported_inputs(
    platform: Platform,
    caller: Caller<ReadProfileChecks>,
    id: Path<Uuid>,
    page: Query<PageQuery>,
) -> Result<Json<Page<ReportedInputView>>> {
    let limit = page.limit()?;
    let after = page.after.as_deref().map(rules::place).transpose()?.unwrap_or_default();
    let page = read(&platform, &caller, async |tx| {
        let viewer = Viewer::of(tx, &caller).await?;
        let check = readable(tx, &viewer, *id).await?;
        tx.audit("profile_checks.read", &check.id.to_string(), json!({ "after": after, "limit": limit })).await?;
        let found = rows::page(tx, check.id, after, limit + 1).await?;
        let page = Page::cut(found, limit, |one| format!("{}/{}", one.number, one.input));
        Ok(Page { items: page.items.into_iter().map(ReportedInputView::from).collect(), next: page.next })
    })
    .await?;
    Ok(Json(page))
}

/// Approves reported pay inputs, or sends them back with the reason, some of them or all
///
/// After the last who checks they go into the profiles. What is sent back stays here beside what is reported anew, and whoever
/// reported it is mailed. Nobody checks what they reported or what is about themselves.
#[utoipa::path(
    tag = "pay profiles",
    params(("id" = Uuid, Path, description = "Check")),
    security(("bearer" = [])),
    request_body = ProfileCheckDecision,
    responses(
        (status = 200, body = ProfileCheckView),
    )
)]
#[post("/v1/profile-checks/{id}/decision")]
async fn decide_profile_check(
    caller: Caller<CheckProfiles>,
    write: Write,
    id: Path<Uuid>,
    body: JsonBody<ProfileCheckDecision>,
) -> Result<actix_web::HttpResponse> {
    write
        .run(&caller, async |tx| {
            let viewer = Viewer::of(tx, &caller).await?;
            deciding::decide(tx, &viewer, *id, &body.0).await?;
            let check = rows::get(tx, *id).await?;
            Reply::ok(&view(tx, &viewer, check).await?)
        })
        .await
}
