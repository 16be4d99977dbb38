use actix_web::{HttpResponse, get, post, web};
use basics::{Locale, tell};
use platform::language::Asked;
use platform::service::Platform;
use platform::sql::Lock;
use platform::utoipa_actix_web::service_config::ServiceConfig;
use platform::web::read;
use platform::{Caller, JsonBody, PageQuery, Problem, Reply, Result, Write, say};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use super::completeness;
use super::cycle::State;
use super::rows::{self, OpenTask, UnitProgress};
use super::rules::check_reason;
use crate::permissions::{CloseCycle, PreviewResults, PublishResults, ReadScoring};
use crate::results::closing::{self, Failure};
use crate::results::rows as results;

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(get_scoring)
        .service(close_cycle)
        .service(get_closing)
        .service(reopen_cycle)
        .service(publish_results)
        .service(get_summary);
}

/// How far scoring has come.
#[derive(Serialize, ToSchema)]
struct Scoring {
    cycle: Uuid,
    period: String,
    state: State,
    sheets: i64,
    /// Sheets of which at least one part is submitted.
    submitted: i64,
    /// Sheets of which everything is entered and submitted.
    complete: i64,
    /// Unit by unit, in the order of their codes.
    units: Vec<UnitProgress>,
    /// The `after` of the units that follow.
    next: Option<String>,
    /// Work that should have been done by now, at most 1000.
    overdue: Vec<OpenTask>,
}

/// Who has scored what, and what is overdue
#[utoipa::path(tag = "cycles", security(("bearer" = [])), params(("id" = Uuid, Path, description = "Cycle"), PageQuery),
    responses((status = 200, body = Scoring)))]
#[get("/v1/cycles/{id}/scoring")]
async fn get_scoring(
    caller: Caller<ReadScoring>,
    platform: Platform,
    id: web::Path<Uuid>,
    page: web::Query<PageQuery>,
) -> Result<web::Json<Scoring>> {
    let limit = page.limit()?;
    let (after, today) = (page.after.clone().unwrap_or_default(), platform.clock.today());
    let scoring = read(&platform, &caller, async |tx| {
        let cycle = rows::get(tx, *id, Lock::None).await?;
        let counts = rows::counts(tx, *id).await?;
        let units = rows::progress(tx, *id, &after, limit + 1).await?;
        let units = platform::Page::cut(units, limit, |u| u.unit.clone());
        Ok(Scoring {
            cycle: cycle.id,
            period: cycle.period.clone(),
            state: cycle.state()?,
            sheets: counts.sheets,
            submitted: counts.submitted,
            complete: counts.complete,
            units: units.items,
            next: units.next,
            overdue: rows::overdue(tx, *id, today).await?,
        })
    })
    .await?;
    Ok(web::Json(scoring))
}

/// Where closing stands.
#[derive(Serialize, ToSchema)]
struct Closing {
    cycle: Uuid,
    state: State,
    /// Units to compute, or 1 where the scheme ranks the whole company.
    units: i64,
    done: i64,
    failed: i64,
    /// Units that could not be computed, and why; the first hundred.
    failures: Vec<Failure>,
}

async fn closing_of(tx: &mut platform::Tx, cycle: Uuid, state: State, locale: Locale) -> Result<Closing> {
    let progress = closing::progress(tx, cycle).await?;
    let mut failures = closing::failures(tx, cycle).await?;
    failures.iter_mut().filter_map(|failure| failure.problem.as_mut()).for_each(|problem| tell(problem, locale));
    Ok(Closing { cycle, state, units: progress.pieces, done: progress.done, failed: progress.failed, failures })
}

/// Close a cycle
///
/// Refused with the list (the first 1000, and how many) while anything is missing; else its results are
/// computed, unit by unit, and can be previewed when that is done.
#[utoipa::path(tag = "cycles", security(("bearer" = [])), params(("id" = Uuid, Path, description = "Cycle")),
    responses((status = 202, body = Closing, headers(("ETag" = String, description = "The version of the cycle")))))]
#[post("/v1/cycles/{id}/close")]
async fn close_cycle(
    caller: Caller<CloseCycle>,
    write: Write,
    id: web::Path<Uuid>,
    language: Asked,
) -> Result<HttpResponse> {
    write
        .run(&caller, async |tx| {
            let now = tx.now;
            let cycle = rows::get(tx, *id, Lock::Update).await?;
            let state = cycle.state()?.close()?;
            let gaps = completeness::gaps(tx, &cycle).await?;
            if !gaps.is_empty() {
                let detail = say!(
                    "{} 张考核表和 {} 个部门还有未完成的内容",
                    "not complete: sheets {}, units {}",
                    gaps.sheets,
                    gaps.units
                );
                return Err(Problem::incomplete(detail, gaps.listed));
            }
            closing::lay_out(tx, *id, cycle.scheme()?.is_company_wide()).await?;
            let version = rows::set_state(tx, *id, state, now).await?;
            tx.audit("cycles.closing", &id.to_string(), json!({ "period": cycle.period })).await?;
            Ok(Reply::accepted(&closing_of(tx, *id, state, language.0).await?)?.version(version))
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
    language: Asked,
) -> Result<web::Json<Closing>> {
    let closing = read(&platform, &caller, async |tx| {
        let cycle = rows::get(tx, *id, Lock::None).await?;
        closing_of(tx, *id, cycle.state()?, language.0).await
    })
    .await?;
    Ok(web::Json(closing))
}

/// Opens a closed cycle for scoring again.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Reopening {
    /// Why, 1 to 4000 characters.
    reason: String,
}

/// Reopen a cycle before publication
///
/// Drops the unpublished results; what was entered stays.
#[utoipa::path(tag = "cycles", security(("bearer" = [])), params(("id" = Uuid, Path, description = "Cycle")),
    request_body = Reopening, responses((status = 200, body = Closing, headers(("ETag" = String, description = "The version of the cycle")))))]
#[post("/v1/cycles/{id}/reopen")]
async fn reopen_cycle(
    caller: Caller<CloseCycle>,
    write: Write,
    id: web::Path<Uuid>,
    language: Asked,
    body: JsonBody<Reopening>,
) -> Result<HttpResponse> {
    let JsonBody(Reopening { reason }) = body;
    check_reason(&reason)?;
    write
        .run(&caller, async |tx| {
            let now = tx.now;
            let cycle = rows::get(tx, *id, Lock::Update).await?;
            let state = cycle.state()?.reopen()?;
            results::delete_unpublished(tx, *id).await?;
            let version = rows::set_state(tx, *id, state, now).await?;
            tx.audit("cycles.reopened", &id.to_string(), json!({ "reason": reason })).await?;
            Ok(Reply::ok(&closing_of(tx, *id, state, language.0).await?)?.version(version))
        })
        .await
}

/// A cycle whose results are published.
#[derive(Serialize, ToSchema)]
struct Publication {
    cycle: Uuid,
    period: String,
    state: State,
    /// People with a result.
    results: i64,
    /// RFC 3339.
    published_at: String,
}

/// Publish the results of a cycle
///
/// Once: from now on a result changes only by a correction.
#[utoipa::path(tag = "cycles", security(("bearer" = [])), params(("id" = Uuid, Path, description = "Cycle")),
    responses((status = 200, body = Publication, headers(("ETag" = String, description = "The version of the cycle")))))]
#[post("/v1/cycles/{id}/publish")]
async fn publish_results(caller: Caller<PublishResults>, write: Write, id: web::Path<Uuid>) -> Result<HttpResponse> {
    write
        .run(&caller, async |tx| {
            let cycle = rows::get(tx, *id, Lock::Update).await?;
            let state = cycle.state()?.publish()?;
            closing::check_whole(tx, &cycle).await?;
            results::lock_history(tx, &write.platform().clock).await?;
            let now = tx.now;
            let version = rows::set_state(tx, *id, state, now).await?;
            let results = results::count(tx, *id).await?;
            tx.audit("results.published", &id.to_string(), json!({ "period": cycle.period, "results": results }))
                .await?;
            let publication =
                Publication { cycle: *id, period: cycle.period, state, results, published_at: now.to_string() };
            Ok(Reply::ok(&publication)?.version(version))
        })
        .await
}

/// A cycle's results in numbers.
#[derive(Serialize, ToSchema)]
struct Summary {
    cycle: Uuid,
    period: String,
    state: State,
    people: i64,
    /// People who are not appraised.
    excluded: i64,
    /// People with a reason for an interview.
    interviews: i64,
    /// Mean score to 2 decimals.
    #[schema(pattern = r"^-?[0-9]+(\.[0-9]+)?$")]
    mean: Option<String>,
    /// Best grade first.
    grades: Vec<GradeShare>,
}

/// How many have a grade.
#[derive(Serialize, ToSchema)]
struct GradeShare {
    grade: String,
    label_zh: String,
    label_en: String,
    people: i64,
}

/// Results in numbers, before and after publication
#[utoipa::path(tag = "cycles", security(("bearer" = [])), params(("id" = Uuid, Path, description = "Cycle")),
    responses((status = 200, body = Summary), (status = 409)))]
#[get("/v1/cycles/{id}/summary")]
async fn get_summary(
    caller: Caller<PreviewResults>,
    platform: Platform,
    id: web::Path<Uuid>,
) -> Result<web::Json<Summary>> {
    let summary = read(&platform, &caller, async |tx| {
        let cycle = rows::get(tx, *id, Lock::None).await?;
        cycle.state()?.check_computed()?;
        let totals = results::totals(tx, *id).await?;
        let scheme = cycle.scheme()?;
        let counted = results::grades(tx, *id).await?;
        let mut grades: Vec<GradeShare> = scheme.grades().into_iter().map(|g| share(&scheme, g, 0)).collect();
        for count in counted {
            match grades.iter_mut().find(|g| g.grade == count.grade) {
                Some(grade) => grade.people = count.people,
                None => grades.push(share(&scheme, count.grade, count.people)),
            }
        }
        Ok(Summary {
            cycle: *id,
            period: cycle.period.clone(),
            state: cycle.state()?,
            people: totals.people,
            excluded: totals.excluded,
            interviews: totals.interviews,
            mean: totals.mean,
            grades,
        })
    })
    .await?;
    Ok(web::Json(summary))
}

fn share(scheme: &crate::engine::Scheme, grade: String, people: i64) -> GradeShare {
    let label = scheme.grade_label(&grade);
    GradeShare { grade, label_zh: label.zh, label_en: label.en, people }
}
