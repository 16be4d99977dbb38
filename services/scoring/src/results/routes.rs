use std::collections::HashMap;

use actix_web::{HttpRequest, HttpResponse, get, post, web};
use basics::Locale;
use platform::openapi::LabelView;
use platform::service::Platform;
use platform::sql::Lock;
use platform::utoipa_actix_web::service_config::ServiceConfig;
use platform::web::{plausible, read, versioned};
use platform::{Caller, JsonBody, Page, PageQuery, Problem, Reply, Result, Role, Tx, Write, language, say};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::interviews::{self, Interview, NewInterview};
use super::labels::{self, ResultView, labelled};
use super::publishing::{self, Publication};
use super::rows::{self, Filter, ResultRow, Sort};
use crate::approvals::rows as approvals;
use crate::cycles::rows as cycles;
use crate::cycles::rules::check_text;
use crate::permissions::{ListResults, PublishResults, ReadInterviews, ReadResults, RecordInterview};
use crate::subjects::rows as subjects;
use crate::subjects::subject::Kind;
use crate::viewer::Viewer;

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(publish_results)
        .service(list_results)
        .service(list_my_results)
        .service(get_result)
        .service(get_explanation)
        .service(list_versions)
        .service(list_interviews)
        .service(record_interview);
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ResultQuery {
    /// Only people, or only units.
    #[param(inline)]
    kind: Option<Kind>,
    /// Only of this unit, by code.
    unit: Option<String>,
    /// Only with this grade.
    grade: Option<String>,
    /// A part of a number, a code or a name.
    q: Option<String>,
    /// By subject unless said.
    #[serde(default)]
    #[param(inline)]
    sort: Sort,
    /// The `next` of the page before.
    after: Option<String>,
    /// Items at most, 1 to 500; 50 unless said.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<i64>,
}

/// Publish what is computed
///
/// From now on a result changes only by a correction. Whoever is late comes in a further publication.
#[utoipa::path(tag = "cycles", security(("bearer" = [])), params(("id" = Uuid, Path, description = "Cycle")),
    responses((status = 200, body = Publication, headers(("ETag" = String, description = "The version of the cycle")))))]
#[post("/v1/cycles/{id}/publish")]
async fn publish_results(caller: Caller<PublishResults>, write: Write, id: web::Path<Uuid>) -> Result<HttpResponse> {
    write
        .run(&caller, async |tx| {
            let (publication, version) = publishing::publish(tx, &write.platform().clock, *id).await?;
            Ok(Reply::ok(&publication)?.version(version))
        })
        .await
}

/// Look through a cycle's results, before and after publication
///
/// By those who run the appraisal, and by whoever has to approve them: as long as they have to, and as far as they do.
/// Looking at other people's results is recorded. One's own is there after publication.
#[utoipa::path(tag = "results", security(("bearer" = [])), params(("id" = Uuid, Path, description = "Cycle"), ResultQuery),
    responses((status = 200, body = Page<ResultView>), (status = 409)))]
#[get("/v1/cycles/{id}/results")]
async fn list_results(
    caller: Caller<ListResults>,
    platform: Platform,
    id: web::Path<Uuid>,
    query: web::Query<ResultQuery>,
) -> Result<web::Json<Page<ResultView>>> {
    let query = query.into_inner();
    let limit = PageQuery { after: None, limit: query.limit }.limit()?;
    let viewer = Viewer::of(&caller);
    let filter = Filter {
        kind: query.kind,
        unit: query.unit,
        grade: query.grade,
        search: query.q.filter(|text| !text.trim().is_empty()),
        sort: query.sort,
        after: query.after.unwrap_or_default(),
        viewer: caller.employee.clone(),
        ..Filter::default()
    };
    let page = read(&platform, &caller, async |tx| {
        let runs = viewer.hr || viewer.executive;
        let approver = if runs { None } else { Some(viewer.clone().seated(tx).await?.actors()) };
        listed(tx, *id, &Filter { approver, ..filter.clone() }, limit).await
    })
    .await?;
    Ok(web::Json(page))
}

/// A page of a computed cycle's results; whose were looked at is recorded.
async fn listed(tx: &mut Tx, cycle: Uuid, filter: &Filter, limit: i64) -> Result<Page<ResultView>> {
    cycles::get(tx, cycle, Lock::None).await?.check_computed()?;
    let found = rows::of_cycle(tx, cycle, filter, limit + 1).await?;
    let page = Page::cut(found, limit, |r| r.subject.clone());
    let numbers: Vec<&str> = page.items.iter().map(|r| r.of.as_str()).collect();
    tx.audit("results.listed", &cycle.to_string(), json!({ "numbers": numbers })).await?;
    Ok(Page { items: labelled(tx, page.items).await?, next: page.next })
}

/// Read one's own published results
#[utoipa::path(tag = "results", security(("bearer" = [])), params(PageQuery),
    responses((status = 200, body = Page<ResultView>)))]
#[get("/v1/my/results")]
async fn list_my_results(
    caller: Caller<ReadResults>,
    platform: Platform,
    page: web::Query<PageQuery>,
) -> Result<web::Json<Page<ResultView>>> {
    let (limit, number) = (page.limit()?, caller.number()?.to_owned());
    let after = page.after.as_deref().map(str::parse).transpose();
    let after: Option<Uuid> = after
        .map_err(|_| Problem::field("/after", say!("这不是分页返回的 `next`", "this is not the `next` of a page")))?;
    let found = read(&platform, &caller, async |tx| {
        let found = rows::of_person(tx, &number, after, limit + 1).await?;
        labelled(tx, found).await
    })
    .await?;
    Ok(web::Json(Page::cut(found, limit, |view| view.result.cycle.to_string())))
}

/// The versions of a result, newest first, if the caller may read them; reading somebody else's is recorded.
///
/// Before publication only those who run the appraisal know of it, and whoever has to approve it; then the appraisee,
/// their line and auditors.
async fn readable(tx: &mut Tx, viewer: &Viewer, id: Uuid) -> Result<Vec<ResultRow>> {
    let versions = rows::versions(tx, id).await?;
    let Some(result) = versions.first() else { return Err(Problem::not_found(say!("考核结果", "result"))) };
    let is_own = result.number.as_deref().is_some_and(|number| viewer.is(number));
    let runs = (viewer.hr || viewer.executive) && !is_own;
    let is_published = versions.iter().any(|version| version.published);
    let runs = runs || (!is_own && approves(tx, viewer, result).await?);
    let allowed = runs || (is_published && (is_own || may_read(tx, viewer, result).await?));
    if !allowed {
        return Err(Problem::not_found(say!("考核结果", "result")));
    }
    if !is_own {
        tx.audit("results.read", &id.to_string(), json!({ "number": result.of, "period": result.period })).await?;
    }
    // What is not published yet is not there for those who only read what is.
    Ok(versions.into_iter().filter(|version| runs || version.published).collect())
}

/// Whether a step about the result waits for the caller.
async fn approves(tx: &mut Tx, viewer: &Viewer, result: &ResultRow) -> Result<bool> {
    let actors = viewer.clone().seated(tx).await?.actors();
    approvals::wait_for(tx, result.cycle, &result.unit, &actors).await
}

async fn may_read(tx: &mut Tx, viewer: &Viewer, result: &ResultRow) -> Result<bool> {
    if viewer.auditor {
        return Ok(true);
    }
    let Some(number) = viewer.number.as_deref() else { return Ok(false) };
    subjects::is_above(tx, result.cycle, &result.kind.subject(&result.of), number).await
}

async fn labelled_one(tx: &mut Tx, result: ResultRow) -> Result<ResultView> {
    labelled(tx, vec![result]).await?.pop().ok_or_else(|| Problem::internal("a result has no cycle"))
}

fn latest(versions: Vec<ResultRow>) -> Result<ResultRow> {
    versions.into_iter().next().ok_or_else(|| Problem::not_found(say!("考核结果", "result")))
}

/// Read a result
///
/// The appraisee, their line, and those who run the appraisal; for others there is none. Reading somebody
/// else's is recorded.
#[utoipa::path(tag = "results", security(("bearer" = [])), params(("id" = Uuid, Path, description = "Result")),
    responses((status = 200, body = ResultView)))]
#[get("/v1/results/{id}")]
async fn get_result(caller: Caller<ReadResults>, platform: Platform, id: web::Path<Uuid>) -> Result<HttpResponse> {
    let viewer = Viewer::of(&caller);
    let view = read(&platform, &caller, async |tx| {
        let result = latest(readable(tx, &viewer, *id).await?)?;
        labelled_one(tx, result).await
    })
    .await?;
    Ok(versioned(&view, view.result.version))
}

/// Read every version of a result
///
/// The newest first; each stays as it was.
#[utoipa::path(tag = "results", security(("bearer" = [])), params(("id" = Uuid, Path, description = "Result")),
    responses((status = 200, body = Page<ResultView>)))]
#[get("/v1/results/{id}/versions")]
async fn list_versions(
    caller: Caller<ReadResults>,
    platform: Platform,
    id: web::Path<Uuid>,
) -> Result<web::Json<Page<ResultView>>> {
    let viewer = Viewer::of(&caller);
    let items = read(&platform, &caller, async |tx| {
        let versions = readable(tx, &viewer, *id).await?;
        labelled(tx, versions).await
    })
    .await?;
    Ok(web::Json(Page { items, next: None }))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ExplanationQuery {
    /// `zh-CN` or `en`; else `Accept-Language` decides, else `zh-CN`.
    locale: Option<String>,
    /// Which version; the latest unless said.
    version: Option<i64>,
}

/// How a result came about, down to each rating.
#[derive(Serialize, ToSchema)]
struct ExplanationView {
    result: Uuid,
    version: i64,
    locale: String,
    /// The whole in words, a line a step.
    text: String,
    /// The same as a tree: each figure with its rule, inputs, rounding and value.
    #[schema(value_type = Object)]
    tree: serde_json::Value,
}

/// Read how a result came about
#[utoipa::path(tag = "results", security(("bearer" = [])),
    params(("id" = Uuid, Path, description = "Result"), ExplanationQuery),
    responses((status = 200, body = ExplanationView)))]
#[get("/v1/results/{id}/explanation")]
async fn get_explanation(
    caller: Caller<ReadResults>,
    platform: Platform,
    id: web::Path<Uuid>,
    query: web::Query<ExplanationQuery>,
    request: HttpRequest,
) -> Result<web::Json<ExplanationView>> {
    let (viewer, locale) = (Viewer::of(&caller), language::of_reader(&request, query.locale.as_deref())?);
    let explained = read(&platform, &caller, async |tx| explained(tx, &viewer, *id, query.version, locale).await);
    Ok(web::Json(explained.await?))
}

/// The explanation of a version of a result, or of the latest.
async fn explained(
    tx: &mut Tx,
    viewer: &Viewer,
    id: Uuid,
    version: Option<i64>,
    locale: Locale,
) -> Result<ExplanationView> {
    let versions = readable(tx, viewer, id).await?;
    let is_wanted = |result: &ResultRow| version.is_none_or(|version| version == result.version);
    let result = latest(versions.into_iter().filter(is_wanted).collect())?;
    let stored = rows::explanation(tx, &result).await?;
    let cycle = cycles::get(tx, result.cycle, Lock::None).await?;
    let (text, tree) = cycle.scheme()?.render(&stored, locale)?;
    let locale = if locale == Locale::En { "en" } else { "zh-CN" };
    Ok(ExplanationView { result: id, version: result.version, locale: locale.to_owned(), text, tree })
}

/// A person to be interviewed.
#[derive(Serialize, ToSchema)]
struct Interviewee {
    result: Uuid,
    /// Employee number.
    number: String,
    name: String,
    unit: String,
    unit_name: Option<String>,
    score: Option<String>,
    grade: Option<String>,
    /// What the grade is called.
    grade_label: Option<LabelView>,
    reasons: Vec<InterviewReason>,
    /// What was recorded of it, once it was held.
    held: Option<Interview>,
    /// Operations by their ids that the caller may call on it now.
    actions: Vec<&'static str>,
}

#[derive(Serialize, ToSchema)]
struct InterviewReason {
    code: String,
    label_zh: String,
    label_en: String,
}

/// Who is to be interviewed, and why
///
/// Superiors see their own reports, after publication.
#[utoipa::path(tag = "interviews", security(("bearer" = [])), params(("id" = Uuid, Path, description = "Cycle"), PageQuery),
    responses((status = 200, body = Page<Interviewee>), (status = 409)))]
#[get("/v1/cycles/{id}/interviews")]
async fn list_interviews(
    caller: Caller<ReadInterviews>,
    platform: Platform,
    id: web::Path<Uuid>,
    page: web::Query<PageQuery>,
) -> Result<web::Json<Page<Interviewee>>> {
    let limit = page.limit()?;
    let viewer = Viewer::of(&caller);
    let runs = caller.has_any(&[Role::Hr, Role::Executive]);
    let led_by = if runs { None } else { Some(caller.number()?.to_owned()) };
    let after = page.after.clone().unwrap_or_default();
    let filter = Filter {
        kind: Some(Kind::Person),
        interview: true,
        led_by,
        published: !runs,
        after: if after.is_empty() { after } else { format!("person:{after}") },
        viewer: caller.employee.clone(),
        ..Filter::default()
    };
    let page = read(&platform, &caller, async |tx| {
        let cycle = cycles::get(tx, *id, Lock::None).await?;
        cycle.check_computed()?;
        if !runs && cycle.publications == 0 {
            return Err(Problem::wrong_state(say!("结果尚未发布", "the results are not published yet")));
        }
        let scheme = cycle.scheme()?;
        let found = rows::of_cycle(tx, *id, &filter, limit + 1).await?;
        let found = Page::cut(found, limit, |r| r.of.clone());
        let numbers: Vec<String> = found.items.iter().map(|r| r.of.clone()).collect();
        let held = interviews::held(tx, *id, &numbers).await?;
        let mut held: HashMap<String, Interview> = held.into_iter().map(|i| (i.number.clone(), i)).collect();
        tx.audit("interviews.listed", &id.to_string(), json!({ "numbers": numbers })).await?;
        let items = found.items.into_iter().map(|r| {
            let held = held.remove(&r.of);
            interviewee(&scheme, r, held, &viewer)
        });
        Ok(Page { items: items.collect(), next: found.next })
    })
    .await?;
    Ok(web::Json(page))
}

fn interviewee(
    scheme: &crate::engine::Scheme,
    result: ResultRow,
    held: Option<Interview>,
    viewer: &Viewer,
) -> Interviewee {
    let actions = if check_recorder(viewer, &result).is_ok() { vec!["record_interview"] } else { Vec::new() };
    let reasons = result.interview.into_iter().map(|code| {
        let label = scheme.interview_label(&code);
        InterviewReason { code, label_zh: label.zh, label_en: label.en }
    });
    Interviewee {
        result: result.id,
        reasons: reasons.collect(),
        number: result.of,
        name: result.name,
        unit: result.unit,
        unit_name: result.unit_name,
        score: result.score,
        grade_label: result.grade.as_deref().map(|grade| labels::of_grade(scheme, grade)),
        grade: result.grade,
        held,
        actions,
    }
}

/// Record an interview that was held
#[utoipa::path(tag = "interviews", security(("bearer" = [])), params(("id" = Uuid, Path, description = "Result")),
    request_body = NewInterview, responses((status = 201, body = Interview)))]
#[post("/v1/results/{id}/interview")]
async fn record_interview(
    caller: Caller<RecordInterview>,
    write: Write,
    id: web::Path<Uuid>,
    body: JsonBody<NewInterview>,
) -> Result<HttpResponse> {
    let viewer = Viewer::of(&caller);
    let JsonBody(interview) = body;
    check_text("/notes", &interview.notes)?;
    write
        .run(&caller, async |tx| {
            let result = latest(readable(tx, &viewer, *id).await?)?;
            check_interview(&viewer, &result, &interview, platform::clock::date_of(tx.now))?;
            let now = tx.now;
            interviews::record(tx, result.cycle, &result.of, &interview, &viewer.name, now).await?;
            tx.audit(
                "interviews.recorded",
                &id.to_string(),
                json!({ "number": result.of, "held_on": interview.held_on }),
            )
            .await?;
            let recorded = Interview {
                number: result.of.clone(),
                held_on: interview.held_on.to_string(),
                notes: interview.notes,
                recorded_by: viewer.name.clone(),
            };
            Reply::created(format!("/v1/results/{id}"), &recorded)
        })
        .await
}

/// The superior, HR and executives record what was said, once the result is published; nobody their own.
fn check_recorder(viewer: &Viewer, result: &ResultRow) -> Result<()> {
    if result.kind != Kind::Person {
        return Err(Problem::not_found(say!("考核结果", "result")));
    }
    if viewer.is(&result.of) {
        return Err(Problem::not_permitted(say!("不能登记自己的面谈", "nobody records their own interview")));
    }
    if !viewer.hr && !viewer.executive && result.superior != viewer.number {
        return Err(Problem::not_permitted(say!(
            "只有上级、人力资源和高管可登记面谈",
            "only the superior, HR and executives record an interview"
        )));
    }
    if !result.published {
        return Err(Problem::wrong_state(say!("结果尚未发布", "the results are not published yet")));
    }
    Ok(())
}

fn check_interview(
    viewer: &Viewer,
    result: &ResultRow,
    interview: &NewInterview,
    today: jiff::civil::Date,
) -> Result<()> {
    check_recorder(viewer, result)?;
    plausible("/held_on", Some(interview.held_on))?;
    if interview.held_on > today {
        return Err(Problem::field("/held_on", say!("日期尚未到来", "this day is still to come")));
    }
    Ok(())
}
