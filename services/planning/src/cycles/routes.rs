use actix_web::{HttpResponse, get, post, web};
use basics::Label;
use jiff::civil::Date;
use platform::openapi::LabelView;
use platform::sql::Lock;
use platform::utoipa_actix_web::service_config::ServiceConfig;
use platform::web::versioned;
use platform::{Caller, JsonBody, Page, PageQuery, Platform, Reply, Result, Write};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::cycle::{Cycle, StageView};
use super::opening::{self, NewCycle};
use super::release;
use super::rows::{self, Counts, Participant};
use crate::permissions::{OpenCycle, ReadCycles, ReadParticipants, ReleaseCycle};
use crate::precondition::OptionalIfMatch;
use crate::viewer::Viewer;

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(open_cycle)
        .service(list_cycles)
        .service(get_cycle)
        .service(get_calendar)
        .service(list_participants)
        .service(release_cycle);
}

/// An appraisal cycle: one run of a scheme for a period.
#[derive(Serialize, Deserialize, ToSchema)]
struct CycleView {
    id: Uuid,
    /// Code of the scheme.
    scheme: String,
    scheme_version: i32,
    /// What the scheme is called.
    scheme_label: LabelView,
    cadence: String,
    period: String,
    #[schema(value_type = Object)]
    parameters: serde_json::Value,
    #[schema(value_type = Object)]
    company_facts: serde_json::Value,
    /// The day on which the organisation was looked at.
    as_of: Date,
    /// `open`, `released` or `published`.
    state: String,
    participants: i64,
    opened_at: jiff::Timestamp,
    released_at: Option<jiff::Timestamp>,
    published_at: Option<jiff::Timestamp>,
    /// The `ETag`.
    version: i64,
}

impl From<Cycle> for CycleView {
    fn from(cycle: Cycle) -> Self {
        Self {
            id: cycle.id,
            scheme: cycle.scheme_code,
            scheme_label: Label::new(&cycle.scheme_name_zh, &cycle.scheme_name_en).into(),
            scheme_version: cycle.scheme_version,
            cadence: cycle.cadence,
            period: cycle.period,
            parameters: cycle.parameters,
            company_facts: cycle.company_facts,
            as_of: cycle.as_of,
            state: cycle.state,
            participants: cycle.participants,
            opened_at: cycle.opened_at,
            released_at: cycle.released_at,
            published_at: cycle.published_at,
            version: cycle.version,
        }
    }
}

/// A cycle with its stages and how far it is.
#[derive(Serialize, Deserialize, ToSchema)]
struct CycleDetail {
    #[serde(flatten)]
    cycle: CycleView,
    stages: Vec<StageView>,
    counts: Counts,
}

/// Opens a cycle: freezes the scheme's version and everybody whom it covers.
#[utoipa::path(tag = "cycles", security(("bearer" = [])), request_body = NewCycle,
    responses((status = 201, body = CycleDetail)))]
#[post("/v1/cycles")]
async fn open_cycle(caller: Caller<OpenCycle>, write: Write, body: JsonBody<NewCycle>) -> Result<HttpResponse> {
    let today = write.platform().clock.today();
    write
        .run(&caller, async |tx| {
            let (cycle, stages) = opening::open(tx, &body.0, today).await?;
            let counts = rows::counts(tx, cycle.id).await?;
            let (id, version) = (cycle.id, cycle.version);
            let detail = CycleDetail { cycle: cycle.into(), stages, counts };
            Ok(Reply::created(format!("/v1/cycles/{id}"), &detail)?.version(version))
        })
        .await
}

/// The company's cycles, newest first.
#[utoipa::path(tag = "cycles", security(("bearer" = [])), params(PageQuery),
    responses((status = 200, body = Page<CycleView>)))]
#[get("/v1/cycles")]
async fn list_cycles(
    caller: Caller<ReadCycles>,
    platform: Platform,
    page: web::Query<PageQuery>,
) -> Result<HttpResponse> {
    let (limit, after) = (page.limit()?, super::after(&page)?);
    let cycles = platform::web::read(&platform, &caller, async |tx| rows::list(tx, after, limit + 1).await).await?;
    let views: Vec<CycleView> = cycles.into_iter().map(CycleView::from).collect();
    Ok(HttpResponse::Ok().json(Page::cut(views, limit, |cycle| cycle.id.to_string())))
}

/// A cycle with its stages and how far it is.
#[utoipa::path(tag = "cycles", security(("bearer" = [])), params(("id" = Uuid, Path)),
    responses((status = 200, body = CycleDetail)))]
#[get("/v1/cycles/{id}")]
async fn get_cycle(caller: Caller<ReadCycles>, platform: Platform, id: web::Path<Uuid>) -> Result<HttpResponse> {
    let detail = platform::web::read(&platform, &caller, async |tx| {
        let cycle = rows::get(tx, *id, Lock::None).await?;
        let stages = rows::stages(tx, *id).await?;
        let counts = rows::counts(tx, *id).await?;
        Ok(CycleDetail { cycle: cycle.into(), stages, counts })
    })
    .await?;
    let version = detail.cycle.version;
    Ok(versioned(&detail, version))
}

/// The stages of a cycle.
#[derive(Serialize, Deserialize, ToSchema)]
struct Calendar {
    items: Vec<StageView>,
}

/// When each stage of a cycle opens and is due.
#[utoipa::path(tag = "cycles", security(("bearer" = [])), params(("id" = Uuid, Path)),
    responses((status = 200, body = Calendar)))]
#[get("/v1/cycles/{id}/calendar")]
async fn get_calendar(caller: Caller<ReadCycles>, platform: Platform, id: web::Path<Uuid>) -> Result<HttpResponse> {
    let items = platform::web::read(&platform, &caller, async |tx| {
        rows::get(tx, *id, Lock::None).await?;
        rows::stages(tx, *id).await
    })
    .await?;
    Ok(HttpResponse::Ok().json(Calendar { items }))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ParticipantQuery {
    /// Unit code.
    unit: Option<String>,
}

/// Who takes part: oneself, one's reports and units, or everybody for HR and executives.
#[utoipa::path(tag = "cycles", security(("bearer" = [])), params(("id" = Uuid, Path), ParticipantQuery, PageQuery),
    responses((status = 200, body = Page<Participant>)))]
#[get("/v1/cycles/{id}/participants")]
async fn list_participants(
    caller: Caller<ReadParticipants>,
    platform: Platform,
    id: web::Path<Uuid>,
    query: web::Query<ParticipantQuery>,
    page: web::Query<PageQuery>,
) -> Result<HttpResponse> {
    let limit = page.limit()?;
    let viewer = Viewer::of(&caller);
    let people = platform::web::read(&platform, &caller, async |tx| {
        rows::get(tx, *id, Lock::None).await?;
        let (unit, after) = (query.unit.as_deref(), page.after.as_deref());
        rows::participants(tx, *id, &viewer, unit, after, limit + 1).await
    })
    .await?;
    Ok(HttpResponse::Ok().json(Page::cut(people, limit, |person| person.number.clone())))
}

/// Releases a cycle for scoring, once every sheet is settled. What the scheme has no stage for is not waited for.
#[utoipa::path(tag = "cycles", security(("bearer" = [])), params(("If-Match" = Option<String>, Header), ("id" = Uuid, Path)),
    responses((status = 200, body = CycleDetail)))]
#[post("/v1/cycles/{id}/release")]
async fn release_cycle(
    caller: Caller<ReleaseCycle>,
    write: Write,
    id: web::Path<Uuid>,
    if_match: OptionalIfMatch,
) -> Result<HttpResponse> {
    write
        .run(&caller, async |tx| {
            let cycle = rows::get(tx, *id, Lock::Update).await?;
            if_match.check(cycle.version)?;
            cycle.must_be_open()?;
            release::release(tx, &cycle).await?;
            let cycle = rows::get(tx, *id, Lock::None).await?;
            let stages = rows::stages(tx, *id).await?;
            let counts = rows::counts(tx, *id).await?;
            let version = cycle.version;
            Ok(Reply::ok(&CycleDetail { cycle: cycle.into(), stages, counts })?.version(version))
        })
        .await
}
