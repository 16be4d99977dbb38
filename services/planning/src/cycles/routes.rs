use actix_web::{HttpResponse, get, post, put, web};
use basics::Label;
use jiff::civil::Date;
use platform::openapi::LabelView;
use platform::sql::Lock;
use platform::utoipa_actix_web::service_config::ServiceConfig;
use platform::web::{Errors, versioned};
use platform::{Caller, JsonBody, Page, PageQuery, Permission, Platform, Problem, Reply, Result, Role, Tx, Write, say};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::cycle::{Cycle, CycleState, StageView};
use super::moving::{self, StageMove};
use super::opening::{self, NewCycle};
use super::rows::{self, Counts};
use super::{ending, release};
use crate::permissions::{CancelCycle, MoveStage, OpenCycle, ReadCycles, ReleaseCycle};
use crate::plans::rules::reason;
use crate::precondition::OptionalIfMatch;
use crate::schemes;
use crate::subjects::subject::Standing;

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(preview_cycle)
        .service(open_cycle)
        .service(list_cycles)
        .service(get_cycle)
        .service(get_calendar)
        .service(get_appeal_window)
        .service(move_stage)
        .service(release_cycle)
        .service(cancel_cycle);
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
    /// Which of several cycles for the same period.
    name: Option<String>,
    #[schema(value_type = Object)]
    parameters: serde_json::Value,
    #[schema(value_type = Object)]
    company_facts: serde_json::Value,
    /// The day on which the organisation was looked at.
    as_of: Date,
    state: CycleState,
    /// Who was chosen, such as `person:E1`; null: the rules say who takes part.
    chosen: Option<Vec<String>>,
    /// Why it was cancelled.
    cancelled_why: Option<String>,
    /// People who take part.
    participants: i64,
    has_targets: bool,
    has_plans: bool,
    has_unit_plans: bool,
    has_settling: bool,
    /// Sheets are told to scoring when the cycle is released, and not when they are settled.
    has_release: bool,
    opened_at: jiff::Timestamp,
    released_at: Option<jiff::Timestamp>,
    published_at: Option<jiff::Timestamp>,
    /// Operations by their ids that the caller may call on it now.
    actions: Vec<String>,
    /// The `ETag`.
    version: i64,
}

impl CycleView {
    fn new(cycle: Cycle, actions: Vec<String>) -> Result<Self> {
        Ok(Self {
            id: cycle.id,
            scheme: cycle.scheme_code,
            scheme_label: Label::new(&cycle.scheme_name_zh, &cycle.scheme_name_en).into(),
            scheme_version: cycle.scheme_version,
            cadence: cycle.cadence,
            period: cycle.period,
            name: cycle.name,
            parameters: cycle.parameters,
            company_facts: cycle.company_facts,
            as_of: cycle.as_of,
            state: cycle.state,
            chosen: cycle.chosen.map(serde_json::from_value).transpose()?,
            cancelled_why: cycle.cancelled_why,
            participants: cycle.participants,
            has_targets: cycle.has_targets,
            has_plans: cycle.has_plans,
            has_unit_plans: cycle.has_unit_plans,
            has_settling: cycle.has_settling,
            has_release: cycle.has_release,
            opened_at: cycle.opened_at,
            released_at: cycle.released_at,
            published_at: cycle.published_at,
            actions,
            version: cycle.version,
        })
    }
}

/// What somebody with these roles may do with a cycle now.
fn actions<P: Permission>(cycle: &Cycle, lacks_sheets: bool, caller: &Caller<P>) -> Vec<String> {
    let (is_open, is_running) = (cycle.state == CycleState::Open, cycle.state.must_be_running().is_ok());
    let (hr, executive) = (caller.has(Role::Hr), caller.has(Role::Executive));
    let all = [
        ("enter_plans", is_open && hr && cycle.has_plans),
        ("settle_sheets", is_open && hr && (cycle.has_settling || cycle.has_release)),
        ("put_subject", is_running && hr),
        ("release_cycle", is_open && executive && cycle.has_release && !lacks_sheets),
        ("cancel_cycle", cycle.must_be_cancellable().is_ok() && (hr || executive)),
    ];
    all.into_iter().filter(|(_, may)| *may).map(|(action, _)| action.to_owned()).collect()
}

/// A cycle with its stages and how far it is.
#[derive(Serialize, Deserialize, ToSchema)]
struct CycleDetail {
    #[serde(flatten)]
    cycle: CycleView,
    stages: Vec<StageView>,
    counts: Counts,
    /// What raters are told about has room in the scheme, and nobody has written it: grades, items, letters.
    unwritten_guidance: Vec<LabelView>,
}

async fn detail<P: Permission>(tx: &mut Tx, cycle: Cycle, caller: &Caller<P>) -> Result<CycleDetail> {
    let stages = rows::stages(tx, cycle.id).await?;
    let counts = rows::counts(tx, cycle.id).await?;
    let lacks_sheets = !rows::lacking_sheets(tx, &[&cycle]).await?.is_empty();
    let actions = actions(&cycle, lacks_sheets, caller);
    let scheme = schemes::stored::version(tx, &cycle.scheme_code, cycle.scheme_version).await?;
    let unwritten_guidance = scheme.unwritten_guidance().into_iter().cloned().map(Into::into).collect();
    Ok(CycleDetail { unwritten_guidance, cycle: CycleView::new(cycle, actions)?, stages, counts })
}

/// Who would take part.
#[derive(Serialize, Deserialize, ToSchema)]
struct Preview {
    /// At most 1000: those who take part first, then those who are excluded, then the others.
    items: Vec<PreviewedSubject>,
    #[serde(rename = "in")]
    taking_part: usize,
    excluded: usize,
    out: usize,
    /// What raters are told about has room in the scheme, and nobody has written it: grades, items, letters.
    unwritten_guidance: Vec<LabelView>,
}

/// Somebody or something that an opening would look at.
#[derive(Serialize, Deserialize, ToSchema)]
struct PreviewedSubject {
    /// `person:E1` or `unit:NET`.
    subject: String,
    name: String,
    unit: Option<String>,
    category: Option<String>,
    standing: Standing,
    /// Why they are left out: a code of the scheme, or `not_employed`, `no_unit`, `not_covered`, `no_category`,
    /// `no_units` or `not_chosen`.
    why: Option<String>,
    /// The rule that decided.
    rule: Option<String>,
}

const PREVIEWED_AT_MOST: usize = 1000;

/// Shows who and what would be appraised if a cycle were opened now, and writes nothing.
#[utoipa::path(tag = "cycles", extensions(("x-not-remembered" = json!(true))), security(("bearer" = [])),
    request_body = NewCycle, responses((status = 200, body = Preview)))]
#[post("/v1/cycles/preview")]
async fn preview_cycle(
    caller: Caller<OpenCycle>,
    platform: Platform,
    body: JsonBody<NewCycle>,
) -> Result<HttpResponse> {
    let today = platform.clock.today();
    let prepared =
        platform::web::read(&platform, &caller, async |tx| opening::prepare(tx, &body.0, today).await).await?;
    let count = |standing: Standing| prepared.placed().filter(|one| one.subject.standing == standing).count();
    let mut placed: Vec<_> = prepared.placed().collect();
    placed.sort_by_key(|one| one.subject.standing);
    let items = placed.into_iter().take(PREVIEWED_AT_MOST).map(|one| PreviewedSubject {
        subject: one.subject.id().to_string(),
        name: one.subject.name.clone(),
        unit: one.subject.unit.clone(),
        category: one.subject.category.clone(),
        standing: one.subject.standing,
        why: one.subject.why.clone(),
        rule: one.rule.clone(),
    });
    Ok(HttpResponse::Ok().json(Preview {
        items: items.collect(),
        taking_part: count(Standing::In),
        excluded: count(Standing::Excluded),
        out: count(Standing::Out),
        unwritten_guidance: prepared.scheme.unwritten_guidance().into_iter().cloned().map(Into::into).collect(),
    }))
}

/// Opens a cycle: freezes the scheme's version, and writes down everybody and everything that is appraised.
#[utoipa::path(tag = "cycles", security(("bearer" = [])), request_body = NewCycle,
    responses((status = 201, body = CycleDetail)))]
#[post("/v1/cycles")]
async fn open_cycle(caller: Caller<OpenCycle>, write: Write, body: JsonBody<NewCycle>) -> Result<HttpResponse> {
    let today = write.platform().clock.today();
    write
        .run(&caller, async |tx| {
            let (cycle, _) = opening::open(tx, &body.0, today).await?;
            let (id, version) = (cycle.id, cycle.version);
            let detail = detail(tx, cycle, &caller).await?;
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
    let (cycles, lacking) = platform::web::read(&platform, &caller, async |tx| {
        let cycles = rows::list(tx, after, limit + 1).await?;
        let lacking = rows::lacking_sheets(tx, &cycles.iter().collect::<Vec<_>>()).await?;
        Ok((cycles, lacking))
    })
    .await?;
    let view = |cycle: Cycle| {
        let actions = actions(&cycle, lacking.contains(&cycle.id), &caller);
        CycleView::new(cycle, actions)
    };
    let views = cycles.into_iter().map(view).collect::<Result<Vec<_>>>()?;
    Ok(HttpResponse::Ok().json(Page::cut(views, limit, |cycle| cycle.id.to_string())))
}

/// A cycle with its stages and how far it is.
#[utoipa::path(tag = "cycles", security(("bearer" = [])), params(("id" = Uuid, Path)),
    responses((status = 200, body = CycleDetail)))]
#[get("/v1/cycles/{id}")]
async fn get_cycle(caller: Caller<ReadCycles>, platform: Platform, id: web::Path<Uuid>) -> Result<HttpResponse> {
    let detail = platform::web::read(&platform, &caller, async |tx| {
        let cycle = rows::get(tx, *id, Lock::None).await?;
        detail(tx, cycle, &caller).await
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

/// When each stage of a cycle opens and is due, and who set its days.
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
struct AppealQuery {
    /// The day on which the result was known.
    known_on: Date,
    /// The day on which the appeal is filed.
    filed_on: Date,
}

/// Whether an appeal is in time, and by when it is answered.
#[derive(Serialize, Deserialize, ToSchema)]
#[schema(example = json!({ "accepted": true, "respond_by": "2026-11-20" }))]
struct AppealWindow {
    accepted: bool,
    /// Null where it is not accepted.
    respond_by: Option<Date>,
}

/// Whether an appeal against a result of the cycle would be in time, and by when it would be answered.
#[utoipa::path(tag = "cycles", security(("bearer" = [])), params(("id" = Uuid, Path), AppealQuery),
    responses((status = 200, body = AppealWindow)))]
#[get("/v1/cycles/{id}/appeal-window")]
async fn get_appeal_window(
    caller: Caller<ReadCycles>,
    platform: Platform,
    id: web::Path<Uuid>,
    query: web::Query<AppealQuery>,
) -> Result<HttpResponse> {
    let AppealQuery { known_on, filed_on } = query.into_inner();
    let (scheme, calendar) = platform::web::read(&platform, &caller, async |tx| {
        let cycle = rows::get(tx, *id, Lock::None).await?;
        let scheme = schemes::stored::version(tx, &cycle.scheme_code, cycle.scheme_version).await?;
        Ok((scheme, steps::directory::rows::calendar(tx).await?))
    })
    .await?;
    let mut errors = Errors::default();
    errors.check_day("/known_on", known_on);
    errors.check_day("/filed_on", filed_on);
    errors.check()?;
    if filed_on < known_on {
        return Err(Problem::field("/filed_on", say!("不能早于得知结果之日", "not before the result was known")));
    }
    let answer = scheme.appeal(known_on, filed_on, &calendar).ok_or_else(|| {
        Problem::field("/known_on", say!("方案没有规定申诉期限", "the scheme sets no terms of appeal"))
    })?;
    Ok(HttpResponse::Ok().json(AppealWindow { accepted: answer.accepted, respond_by: answer.respond_by }))
}

/// Moves the days of a stage while the cycle runs, with a reason. Days remind; whoever has work in the stage is told by
/// mail.
#[utoipa::path(tag = "cycles", security(("bearer" = [])),
    params(("id" = Uuid, Path), ("code" = String, Path, description = "Code of the stage")),
    request_body = StageMove, responses((status = 200, body = StageView)))]
#[put("/v1/cycles/{id}/stages/{code}")]
async fn move_stage(
    caller: Caller<MoveStage>,
    write: Write,
    path: web::Path<(Uuid, String)>,
    body: JsonBody<StageMove>,
) -> Result<HttpResponse> {
    let (id, code) = path.into_inner();
    write
        .run(&caller, async |tx| {
            let cycle = rows::get(tx, id, Lock::Update).await?;
            Reply::ok(&moving::move_stage(tx, &cycle, &code, &body.0).await?)
        })
        .await
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
            changed(tx, *id, &caller).await
        })
        .await
}

/// Why a cycle is cancelled.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "opened for the wrong month" }))]
struct Cancellation {
    /// 1 to 4000 characters.
    reason: String,
}

/// Cancels a cycle that was opened by mistake. Nothing of it counts, and another may be opened in its place.
#[utoipa::path(tag = "cycles", security(("bearer" = [])), params(("If-Match" = Option<String>, Header), ("id" = Uuid, Path)),
    request_body = Cancellation, responses((status = 200, body = CycleDetail)))]
#[post("/v1/cycles/{id}/cancel")]
async fn cancel_cycle(
    caller: Caller<CancelCycle>,
    write: Write,
    id: web::Path<Uuid>,
    if_match: OptionalIfMatch,
    body: JsonBody<Cancellation>,
) -> Result<HttpResponse> {
    write
        .run(&caller, async |tx| {
            let cycle = rows::get(tx, *id, Lock::Update).await?;
            if_match.check(cycle.version)?;
            ending::cancel(tx, &cycle, reason(&body.0.reason)?).await?;
            changed(tx, *id, &caller).await
        })
        .await
}

async fn changed<P: Permission>(tx: &mut Tx, id: Uuid, caller: &Caller<P>) -> Result<Reply> {
    let cycle = rows::get(tx, id, Lock::None).await?;
    let version = cycle.version;
    Ok(Reply::ok(&detail(tx, cycle, caller).await?)?.version(version))
}
