use actix_web::{HttpResponse, get, post, web};
use platform::service::Platform;
use platform::sql::Lock;
use platform::utoipa_actix_web::service_config::ServiceConfig;
use platform::web::read;
use platform::{Caller, JsonBody, Page, Reply, Result, Tx, Write};
use steps::steps::{StepState, rows as step_rows};
use uuid::Uuid;

use super::spot_check::{CheckAnswer, CheckSettlement, Conclusion, NewSpotChecks, SpotCheck, SpotCheckView};
use super::{checking, rows, telling};
use crate::approvals::deciding::acts_as;
use crate::cycles::rows as cycles;
use crate::paging::WaitingQuery;
use crate::permissions::{CheckUnits, ReadSpotChecks};
use crate::subjects::rows as subjects;
use crate::viewer::Viewer;

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(draw_spot_checks)
        .service(list_spot_checks)
        .service(conclude_spot_check)
        .service(answer_spot_check)
        .service(settle_spot_check);
}

async fn views(tx: &mut Tx, viewer: &Viewer, cycle: Uuid, checks: &[SpotCheck]) -> Result<Vec<SpotCheckView>> {
    let ids: Vec<Uuid> = checks.iter().map(|one| one.id).collect();
    let steps = rows::steps_of(tx, &ids).await?;
    let step_ids: Vec<Uuid> = steps.iter().map(|step| step.id).collect();
    let decisions = step_rows::decisions(tx, &step_ids).await?;
    let codes: Vec<String> = checks.iter().map(|one| one.unit.clone()).collect();
    let units = subjects::units(tx, cycle, Some(&codes)).await?;
    let view = |one: &SpotCheck| {
        let open = steps.iter().find(|step| step.about == SpotCheck::about(one.id) && step.state == StepState::Open);
        let acts = open.is_some_and(|step| step.actors().iter().any(|actor| acts_as(viewer, actor)));
        let actions = telling::next_operation(one.state).into_iter().filter(|_| acts).collect();
        let name = units.iter().find(|unit| unit.subject == one.unit).map(|unit| unit.name.clone());
        SpotCheckView::new(one, name, &steps, &decisions, actions)
    };
    Ok(checks.iter().map(view).collect())
}

async fn answer(tx: &mut Tx, viewer: &Viewer, id: Uuid) -> Result<Reply> {
    let check = rows::get(tx, id).await?;
    let views = views(tx, viewer, check.cycle, &[check]).await?;
    Reply::ok(&views.into_iter().next())
}

/// Draw units of a computed cycle for a spot check
///
/// By whom the scheme names; nobody looks at their own unit. Whoever looks reads the sheets and results of the units until
/// it is settled. Nothing is published before.
#[utoipa::path(tag = "spot checks", security(("bearer" = [])), params(("id" = Uuid, Path, description = "Cycle")),
    request_body = NewSpotChecks, responses((status = 201, body = Page<SpotCheckView>), (status = 409)))]
#[post("/v1/cycles/{id}/spot-checks")]
async fn draw_spot_checks(
    caller: Caller<CheckUnits>,
    write: Write,
    id: web::Path<Uuid>,
    body: JsonBody<NewSpotChecks>,
) -> Result<HttpResponse> {
    let (viewer, JsonBody(new)) = (Viewer::of(&caller), body);
    write
        .run(&caller, async |tx| {
            let viewer = viewer.clone().seated(tx).await?;
            let drawn = checking::draw(tx, &viewer, *id, &new).await?;
            let items = views(tx, &viewer, *id, &drawn).await?;
            Reply::created(format!("/v1/cycles/{id}/spot-checks"), &Page { items, next: None })
        })
        .await
}

/// Look through the spot checks of a cycle
///
/// HR, executives and auditors see all of them, others those in which they act.
#[utoipa::path(tag = "spot checks", security(("bearer" = [])), params(("id" = Uuid, Path, description = "Cycle"), WaitingQuery),
    responses((status = 200, body = Page<SpotCheckView>)))]
#[get("/v1/cycles/{id}/spot-checks")]
async fn list_spot_checks(
    caller: Caller<ReadSpotChecks>,
    platform: Platform,
    id: web::Path<Uuid>,
    query: web::Query<WaitingQuery>,
) -> Result<web::Json<Page<SpotCheckView>>> {
    let viewer = Viewer::of(&caller);
    let limit = query.limit()?;
    let page = read(&platform, &caller, async |tx| {
        let viewer = viewer.clone().seated(tx).await?;
        cycles::get(tx, *id, Lock::None).await?;
        let actors = (!viewer.sees_all()).then(|| viewer.actors());
        let found = rows::list(tx, *id, actors.as_deref(), query.open(), query.after, limit + 1).await?;
        let page = Page::cut(found, limit, |one| one.id.to_string());
        Ok(Page { items: views(tx, &viewer, *id, &page.items).await?, next: page.next })
    })
    .await?;
    Ok(web::Json(page))
}

/// Say what came of looking at a unit
///
/// With a recommendation its head has to answer; without one everything is in order.
#[utoipa::path(tag = "spot checks", security(("bearer" = [])), params(("id" = Uuid, Path, description = "Spot check")),
    request_body = Conclusion, responses((status = 200, body = SpotCheckView), (status = 409)))]
#[post("/v1/spot-checks/{id}/conclusion")]
async fn conclude_spot_check(
    caller: Caller<CheckUnits>,
    write: Write,
    id: web::Path<Uuid>,
    body: JsonBody<Conclusion>,
) -> Result<HttpResponse> {
    let (viewer, JsonBody(new)) = (Viewer::of(&caller), body);
    write
        .run(&caller, async |tx| {
            let viewer = viewer.clone().seated(tx).await?;
            checking::conclude(tx, &viewer, *id, &new).await?;
            answer(tx, &viewer, *id).await
        })
        .await
}

/// Answer a recommendation
///
/// By the head of the unit. `corrected` opens the forms about the subjects again, so that they are scored and computed
/// anew; `stands` keeps the result and says why.
#[utoipa::path(tag = "spot checks", security(("bearer" = [])), params(("id" = Uuid, Path, description = "Spot check")),
    request_body = CheckAnswer, responses((status = 200, body = SpotCheckView), (status = 409)))]
#[post("/v1/spot-checks/{id}/answer")]
async fn answer_spot_check(
    caller: Caller<CheckUnits>,
    write: Write,
    id: web::Path<Uuid>,
    body: JsonBody<CheckAnswer>,
) -> Result<HttpResponse> {
    let (viewer, JsonBody(new)) = (Viewer::of(&caller), body);
    write
        .run(&caller, async |tx| {
            let viewer = viewer.clone().seated(tx).await?;
            checking::answer(tx, &viewer, *id, &new).await?;
            answer(tx, &viewer, *id).await
        })
        .await
}

/// Settle a spot check
///
/// By whoever recommended: the answer satisfies, or the result has been put right by a move.
#[utoipa::path(tag = "spot checks", security(("bearer" = [])), params(("id" = Uuid, Path, description = "Spot check")),
    request_body = CheckSettlement, responses((status = 200, body = SpotCheckView), (status = 409)))]
#[post("/v1/spot-checks/{id}/settle")]
async fn settle_spot_check(
    caller: Caller<CheckUnits>,
    write: Write,
    id: web::Path<Uuid>,
    body: JsonBody<CheckSettlement>,
) -> Result<HttpResponse> {
    let (viewer, JsonBody(new)) = (Viewer::of(&caller), body);
    write
        .run(&caller, async |tx| {
            let viewer = viewer.clone().seated(tx).await?;
            checking::settle(tx, &viewer, *id, &new).await?;
            answer(tx, &viewer, *id).await
        })
        .await
}
