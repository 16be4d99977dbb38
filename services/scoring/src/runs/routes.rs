use std::collections::BTreeSet;

use actix_web::{HttpResponse, delete, get, post, put, web};
use basics::{Locale, tell};
use events::Subject;
use platform::language::Asked;
use platform::service::Platform;
use platform::sql::Lock;
use platform::utoipa_actix_web::service_config::ServiceConfig;
use platform::web::read;
use platform::{Caller, FieldError, JsonBody, Page, PageQuery, Problem, Reply, Result, Tx, Write, say};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;
use uuid::Uuid;

use super::beginning;
use super::rows::{self, Missing};
use crate::approvals::ending;
use crate::cycles::cycle::{Cycle, State};
use crate::cycles::rows as cycles;
use crate::cycles::rules::check_reason;
use crate::permissions::{CloseCycle, ReadScoring};
use crate::results::{announcing, published};
use crate::subjects::rows as subjects;
use crate::subjects::subject::{self, Appraised};
use crate::tasks;
use crate::viewer::Viewer;

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(close_cycle)
        .service(get_closing)
        .service(list_missing)
        .service(list_warnings)
        .service(leave_out)
        .service(take_in);
}

/// Where closing stands.
#[derive(Serialize, ToSchema)]
struct Closing {
    cycle: Uuid,
    state: State,
    /// Units to compute, or 1 where the scheme ranks the whole company.
    pieces: i64,
    done: i64,
    /// People and units that could not be computed.
    missing: i64,
}

async fn closing_of(tx: &mut Tx, cycle: Uuid, state: State) -> Result<Closing> {
    let progress = rows::progress(tx, cycle).await?;
    Ok(Closing { cycle, state, pieces: progress.pieces, done: progress.done, missing: progress.missing })
}

/// Close a cycle
///
/// Computes everybody who can be computed, again and again until everybody is published; those who cannot are told with
/// what they lack. Where the scheme ranks the whole company nobody has a result while somebody is missing.
#[utoipa::path(tag = "cycles", security(("bearer" = [])), params(("id" = Uuid, Path, description = "Cycle")),
    responses((status = 202, body = Closing, headers(("ETag" = String, description = "The version of the cycle")))))]
#[post("/v1/cycles/{id}/close")]
async fn close_cycle(caller: Caller<CloseCycle>, write: Write, id: web::Path<Uuid>) -> Result<HttpResponse> {
    write
        .run(&caller, async |tx| {
            let cycle = cycles::get(tx, *id, Lock::Update).await?;
            let (state, version) = beginning::begin(tx, &cycle).await?;
            Ok(Reply::accepted(&closing_of(tx, *id, state).await?)?.version(version))
        })
        .await
}

/// Follow the closing of a cycle
#[utoipa::path(tag = "cycles", security(("bearer" = [])), params(("id" = Uuid, Path, description = "Cycle")),
    responses((status = 200, body = Closing)))]
#[get("/v1/cycles/{id}/closing")]
async fn get_closing(
    caller: Caller<ReadScoring>,
    platform: Platform,
    id: web::Path<Uuid>,
) -> Result<web::Json<Closing>> {
    let closing = read(&platform, &caller, async |tx| {
        let cycle = cycles::get(tx, *id, Lock::None).await?;
        closing_of(tx, *id, cycle.state).await
    })
    .await?;
    Ok(web::Json(closing))
}

/// Somebody or something without a result.
#[derive(Serialize, ToSchema)]
struct MissingView {
    /// `person:NUMBER`, `unit:CODE` or `company`.
    subject: String,
    name: Option<String>,
    /// Unit code.
    unit: Option<String>,
    /// What they lack or what is wrong, below the subject as in a case: `/items/attendance/actual`.
    #[schema(value_type = Vec<FieldError>)]
    errors: Value,
    /// Why HR left them out of the cycle.
    left_out_why: Option<String>,
    /// Operations by their ids that the caller may call on it now.
    actions: Vec<&'static str>,
}

fn missing_view(missing: Missing, decides: bool, locale: Locale) -> MissingView {
    let mut errors = missing.errors.unwrap_or_else(|| json!([]));
    tell(&mut errors, locale);
    MissingView {
        subject: missing.kind.subject(&missing.subject).to_string(),
        name: missing.name,
        unit: missing.unit,
        errors,
        actions: match (decides, &missing.left_out_why) {
            (false, _) => Vec::new(),
            (true, None) => vec!["leave_out"],
            (true, Some(_)) => vec!["take_in"],
        },
        left_out_why: missing.left_out_why,
    }
}

/// Who has no result, and why
#[utoipa::path(tag = "cycles", security(("bearer" = [])), params(("id" = Uuid, Path, description = "Cycle"), PageQuery),
    responses((status = 200, body = Page<MissingView>)))]
#[get("/v1/cycles/{id}/missing")]
async fn list_missing(
    caller: Caller<ReadScoring>,
    platform: Platform,
    id: web::Path<Uuid>,
    language: Asked,
    page: web::Query<PageQuery>,
) -> Result<web::Json<Page<MissingView>>> {
    let (limit, after) = (page.limit()?, page.after.clone().unwrap_or_default());
    let viewer = Viewer::of(&caller);
    let items = read(&platform, &caller, async |tx| {
        let cycle = cycles::get(tx, *id, Lock::None).await?;
        let found = rows::missing(tx, *id, &after, limit + 1).await?;
        let decided = decided_by(tx, &cycle, &viewer, &found).await?;
        let view = |missing: Missing| {
            let decides = decided.contains(&missing.kind.subject(&missing.subject));
            missing_view(missing, decides, language.0)
        };
        Ok(found.into_iter().map(view).collect())
    })
    .await?;
    Ok(web::Json(Page::cut(items, limit, |missing: &MissingView| missing.subject.clone())))
}

/// Those of some subjects about whom the caller may decide whether they are appraised.
async fn decided_by(tx: &mut Tx, cycle: &Cycle, viewer: &Viewer, found: &[Missing]) -> Result<BTreeSet<Subject>> {
    if !viewer.hr || cycle.state.check_entering().is_err() {
        return Ok(BTreeSet::new());
    }
    let wanted: Vec<Subject> = found.iter().map(|missing| missing.kind.subject(&missing.subject)).collect();
    let about = subjects::named(tx, cycle.id, &wanted).await?;
    let published = published::subjects(tx, cycle.id, &wanted).await?;
    let own_unit = subjects::unit_of(tx, cycle.id, viewer.number.as_deref()).await?;
    let free = |one: &&Appraised| !viewer.is_concerned_by(one, own_unit.as_deref()) && !published.contains(&one.key());
    Ok(about.iter().filter(free).map(Appraised::key).collect())
}

/// Something that the scheme warns of.
#[derive(Serialize, ToSchema)]
struct WarningView {
    /// Code of the unit, or `*` for the company.
    piece: String,
    code: String,
    label_zh: String,
    label_en: String,
}

/// What the scheme warns of
#[utoipa::path(tag = "cycles", security(("bearer" = [])), params(("id" = Uuid, Path, description = "Cycle")),
    responses((status = 200, body = Page<WarningView>)))]
#[get("/v1/cycles/{id}/warnings")]
async fn list_warnings(
    caller: Caller<ReadScoring>,
    platform: Platform,
    id: web::Path<Uuid>,
) -> Result<web::Json<Page<WarningView>>> {
    let items = read(&platform, &caller, async |tx| {
        let scheme = cycles::get(tx, *id, Lock::None).await?.scheme()?;
        let warnings = rows::warnings(tx, *id).await?.into_iter().map(|warning| {
            let label = scheme.warning_label(&warning.code);
            WarningView { piece: warning.piece, code: warning.code, label_zh: label.zh, label_en: label.en }
        });
        Ok(warnings.collect())
    })
    .await?;
    Ok(web::Json(Page { items, next: None }))
}

/// Leaves somebody out of a cycle.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct LeavingOut {
    /// Why, 1 to 4000 characters.
    reason: String,
}

/// Who is left out of a cycle.
#[derive(Serialize, ToSchema)]
struct LeftOutView {
    cycle: Uuid,
    /// `person:NUMBER` or `unit:CODE`.
    subject: String,
    reason: String,
}

/// The subject, if the caller may decide about it now.
async fn decidable(tx: &mut Tx, viewer: &Viewer, cycle: Uuid, text: &str) -> Result<(Cycle, Subject)> {
    let subject = subject::read("/subject", text)?;
    let cycle = cycles::get(tx, cycle, Lock::Update).await?;
    cycle.state.check_entering()?;
    let about = subjects::get(tx, cycle.id, &subject).await?;
    let own_unit = subjects::unit_of(tx, cycle.id, viewer.number.as_deref()).await?;
    if viewer.is_concerned_by(&about, own_unit.as_deref()) {
        let why = say!("不能决定自己或所在部门是否参加考核", "nobody decides whether they or their unit are appraised");
        return Err(Problem::not_permitted(why));
    }
    published::must_not_be(tx, cycle.id, &subject).await?;
    Ok((cycle, subject))
}

/// What has been computed stands no more, nobody waits for whoever is left out, and the cycle may be at its end.
async fn followed(tx: &mut Tx, cycle: &Cycle, subject: Subject) -> Result<()> {
    ending::reopen(tx, cycle).await?;
    tasks::following::bring_up_to_date(tx, cycle, std::slice::from_ref(&subject)).await?;
    tasks::following::follow_results(tx, cycle, &[subject]).await?;
    if cycle.publications > 0 { announcing::tell_again(tx, cycle).await } else { Ok(()) }
}

/// Leave somebody out of a cycle
#[utoipa::path(tag = "cycles", security(("bearer" = [])),
    params(("id" = Uuid, Path, description = "Cycle"), ("subject" = String, Path, description = "`person:NUMBER` or `unit:CODE`")),
    request_body = LeavingOut, responses((status = 200, body = LeftOutView)))]
#[put("/v1/cycles/{id}/left-out/{subject}")]
async fn leave_out(
    caller: Caller<CloseCycle>,
    write: Write,
    path: web::Path<(Uuid, String)>,
    body: JsonBody<LeavingOut>,
) -> Result<HttpResponse> {
    let JsonBody(LeavingOut { reason }) = body;
    check_reason(&reason)?;
    let (viewer, (id, text)) = (Viewer::of(&caller), path.into_inner());
    write
        .run(&caller, async |tx| {
            let (cycle, subject) = decidable(tx, &viewer, id, &text).await?;
            subjects::leave_out(tx, id, &subject, Some(&reason)).await?;
            followed(tx, &cycle, subject.clone()).await?;
            let detail = json!({ "subject": subject.to_string(), "number": subject.id, "reason": reason });
            tx.audit("subjects.left_out", &id.to_string(), detail).await?;
            Reply::ok(&LeftOutView { cycle: id, subject: subject.to_string(), reason: reason.clone() })
        })
        .await
}

/// Take somebody in again
#[utoipa::path(tag = "cycles", security(("bearer" = [])),
    params(("id" = Uuid, Path, description = "Cycle"), ("subject" = String, Path, description = "`person:NUMBER` or `unit:CODE`")),
    responses((status = 204)))]
#[delete("/v1/cycles/{id}/left-out/{subject}")]
async fn take_in(caller: Caller<CloseCycle>, write: Write, path: web::Path<(Uuid, String)>) -> Result<HttpResponse> {
    let (viewer, (id, text)) = (Viewer::of(&caller), path.into_inner());
    write
        .run(&caller, async |tx| {
            let (cycle, subject) = decidable(tx, &viewer, id, &text).await?;
            subjects::leave_out(tx, id, &subject, None).await?;
            followed(tx, &cycle, subject.clone()).await?;
            let detail = json!({ "subject": subject.to_string(), "number": subject.id });
            tx.audit("subjects.taken_in", &id.to_string(), detail).await?;
            Ok(Reply::no_content())
        })
        .await
}
