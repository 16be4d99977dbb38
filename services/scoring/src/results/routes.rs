use actix_web::{HttpRequest, HttpResponse, get, post, web};
use basics::Locale;
use platform::service::Platform;
use platform::sql::Lock;
use platform::utoipa_actix_web::service_config::ServiceConfig;
use platform::web::{read, versioned};
use platform::{Caller, Page, PageQuery, Problem, Reply, Result, Tx, Write, language, say};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::labels::{ResultView, labelled};
use super::publishing::{self, Publication};
use super::reading::{is_told_before, readable};
use super::rows::{self, Filter, ResultRow, Sort};
use crate::cycles::rows as cycles;
use crate::permissions::{ListResults, PublishResults, ReadResults};
use crate::subjects::subject::Kind;
use crate::viewer::Viewer;

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(publish_results)
        .service(list_results)
        .service(list_my_results)
        .service(get_result)
        .service(get_explanation)
        .service(list_versions);
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
///
/// Before them, on the first page, those that are computed and not published, where the scheme has people heard before.
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
    let page = read(&platform, &caller, async |tx| {
        let (published, computed): (Vec<_>, Vec<_>) =
            rows::of_person(tx, &number, after, limit + 1).await?.into_iter().partition(|row| row.published);
        let mut page = Page::cut(published, limit, |row| row.cycle.to_string());
        let mut told = Vec::new();
        for row in computed {
            if is_told_before(tx, row.cycle).await? {
                told.push(row);
            }
        }
        page.items.splice(0..0, told);
        Ok(Page { items: labelled(tx, page.items).await?, next: page.next })
    })
    .await?;
    Ok(web::Json(page))
}

async fn labelled_one(tx: &mut Tx, result: ResultRow) -> Result<ResultView> {
    labelled(tx, vec![result]).await?.pop().ok_or_else(|| Problem::internal("a result has no cycle"))
}

fn latest(versions: Vec<ResultRow>) -> Result<ResultRow> {
    versions.into_iter().next().ok_or_else(|| Problem::not_found(say!("考核结果", "result")))
}

/// Read a result
///
/// The appraisee, their line, those who run the appraisal, and whoever decides about an appeal against it; for others there
/// is none. Reading somebody else's is recorded.
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
