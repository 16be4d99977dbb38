use std::collections::HashMap;
use std::collections::hash_map::Entry;

use actix_web::{HttpResponse, get, post, put, web};
use jiff::civil::Date;
use platform::clock::date_of;
use platform::service::Platform;
use platform::sql::Lock;
use platform::utoipa_actix_web::service_config::ServiceConfig;
use platform::web::{read, versioned};
use platform::{Caller, IfMatch, JsonBody, Page, PageQuery, Problem, Reply, Result, Tx, Write};
use serde::Deserialize;
use steps::steps::{DecisionView, Step, rows as step_rows};
use utoipa::IntoParams;
use uuid::Uuid;

use super::report::{Answers, Report, ReportDecision, ReportStage, ReportView};
use super::rows::{self, Filter, Reader};
use super::writing;
use crate::cycles::rows as cycles;
use crate::permissions::{ReadReports, WriteReport};
use crate::subjects::subject;
use crate::viewer::Viewer;

pub fn routes(config: &mut ServiceConfig) {
    config.service(list_reports).service(get_report).service(put_report).service(hand_in_report).service(decide_report);
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ReportQuery {
    /// Only of this cycle.
    cycle: Option<Uuid>,
    /// Only of this stage, by code.
    stage: Option<String>,
    /// Only about this one: `person:NUMBER` or `unit:CODE`.
    subject: Option<String>,
    /// The `next` of the page before.
    after: Option<Uuid>,
    /// Items at most, 1 to 500; 50 unless said.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<i64>,
}

/// Look through reports
///
/// Those about oneself, those that one writes or confirms, those about people whom one leads or rates and about units that one is
/// in charge of; HR, executives and
/// auditors see all of them.
#[utoipa::path(tag = "reports", security(("bearer" = [])), params(ReportQuery),
    responses((status = 200, body = Page<ReportView>)))]
#[get("/v1/reports")]
async fn list_reports(
    caller: Caller<ReadReports>,
    platform: Platform,
    query: web::Query<ReportQuery>,
) -> Result<web::Json<Page<ReportView>>> {
    let viewer = Viewer::of(&caller);
    let limit = PageQuery { after: None, limit: query.limit }.limit()?;
    let subject = query.subject.as_deref().map(|text| subject::read("/subject", text)).transpose()?;
    let page = read(&platform, &caller, async |tx| {
        let viewer = viewer.clone().seated(tx).await?;
        let actors = viewer.actors();
        let filter = Filter {
            id: None,
            cycle: query.cycle,
            stage: query.stage.as_deref(),
            subject: subject.clone(),
            after: query.after,
            limit: limit + 1,
        };
        let found = rows::list(tx, &Reader::of(&viewer, &actors), &filter).await?;
        let page = Page::cut(found, limit, |one| one.id.to_string());
        Ok(Page { items: views(tx, &viewer, page.items).await?, next: page.next })
    })
    .await?;
    Ok(web::Json(page))
}

async fn views(tx: &mut Tx, viewer: &Viewer, reports: Vec<Report>) -> Result<Vec<ReportView>> {
    let today: Date = date_of(tx.now);
    let about: Vec<String> = reports.iter().map(Report::about).collect();
    let all = step_rows::about_any(tx, &about).await?;
    let ids: Vec<Uuid> = all.iter().map(|step| step.id).collect();
    let decisions = step_rows::decisions(tx, &ids).await?;
    let mut of_report: HashMap<String, Vec<Step>> = HashMap::new();
    for step in all {
        of_report.entry(step.about.clone()).or_default().push(step);
    }
    let mut stages: HashMap<Uuid, Vec<ReportStage>> = HashMap::new();
    let mut shown = Vec::with_capacity(reports.len());
    for report in reports {
        let of_cycle = match stages.entry(report.cycle) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(new) => new.insert(ReportStage::of(&cycles::get(tx, report.cycle, Lock::None).await?)?),
        };
        let stage = of_cycle.iter().find(|stage| stage.code == report.stage);
        let stage = stage.ok_or_else(|| Problem::internal("a report of no stage"))?;
        let steps = of_report.remove(&report.about()).unwrap_or_default();
        let actions = writing::actions(viewer, &report, &steps);
        let said = |step: Step| {
            let made = DecisionView::of_step(step.id, &decisions, &[]);
            (step, made)
        };
        let mut steps: Vec<(Step, Vec<DecisionView>)> = steps.into_iter().map(said).collect();
        steps.sort_by_key(|(step, _)| step.id);
        shown.push(ReportView::new(report, stage, steps, actions, today)?);
    }
    Ok(shown)
}

async fn view(tx: &mut Tx, viewer: &Viewer, id: Uuid) -> Result<ReportView> {
    let actors = viewer.actors();
    let report = rows::get(tx, id, &Reader::of(viewer, &actors)).await?;
    let mut views = views(tx, viewer, vec![report]).await?;
    views.pop().ok_or_else(|| Problem::internal("a report was read"))
}

/// Read a report
///
/// What was asked and answered, who confirmed it and what they said.
#[utoipa::path(tag = "reports", security(("bearer" = [])), params(("id" = Uuid, Path, description = "Report")),
    responses((status = 200, body = ReportView)))]
#[get("/v1/reports/{id}")]
async fn get_report(caller: Caller<ReadReports>, platform: Platform, id: web::Path<Uuid>) -> Result<HttpResponse> {
    let viewer = Viewer::of(&caller);
    let shown = read(&platform, &caller, async |tx| {
        let viewer = viewer.clone().seated(tx).await?;
        view(tx, &viewer, *id).await
    })
    .await?;
    Ok(versioned(&shown, shown.version))
}

/// Write a report
///
/// As a draft, by whom the scheme names; all answers at once.
#[utoipa::path(tag = "reports", security(("bearer" = [])), request_body = Answers,
    params(("id" = Uuid, Path, description = "Report"), ("If-Match" = String, Header, description = "the report's ETag")),
    responses((status = 200, body = ReportView), (status = 409)))]
#[put("/v1/reports/{id}")]
async fn put_report(
    caller: Caller<WriteReport>,
    write: Write,
    id: web::Path<Uuid>,
    if_match: IfMatch,
    body: JsonBody<Answers>,
) -> Result<HttpResponse> {
    let (viewer, JsonBody(new)) = (Viewer::of(&caller), body);
    write
        .run(&caller, async |tx| {
            let viewer = viewer.clone().seated(tx).await?;
            writing::write(tx, &viewer, *id, |version| if_match.check(version), &new.answers).await?;
            let shown = view(tx, &viewer, *id).await?;
            Ok(Reply::ok(&shown)?.version(shown.version))
        })
        .await
}

/// Hand in a report
///
/// With everything answered that is asked; whoever confirms it has a task then.
#[utoipa::path(tag = "reports", security(("bearer" = [])), params(("id" = Uuid, Path, description = "Report")),
    responses((status = 200, body = ReportView), (status = 409)))]
#[post("/v1/reports/{id}/hand-in")]
async fn hand_in_report(caller: Caller<WriteReport>, write: Write, id: web::Path<Uuid>) -> Result<HttpResponse> {
    let viewer = Viewer::of(&caller);
    write
        .run(&caller, async |tx| {
            let viewer = viewer.clone().seated(tx).await?;
            writing::hand_in(tx, &viewer, *id).await?;
            let shown = view(tx, &viewer, *id).await?;
            Ok(Reply::ok(&shown)?.version(shown.version))
        })
        .await
}

/// Confirm a report, or send it back
///
/// By whom the scheme names, each in turn; sending back goes to whoever wrote it, and everybody confirms it anew.
#[utoipa::path(tag = "reports", security(("bearer" = [])), params(("id" = Uuid, Path, description = "Report")),
    request_body = ReportDecision, responses((status = 200, body = ReportView), (status = 409)))]
#[post("/v1/reports/{id}/decision")]
async fn decide_report(
    caller: Caller<WriteReport>,
    write: Write,
    id: web::Path<Uuid>,
    body: JsonBody<ReportDecision>,
) -> Result<HttpResponse> {
    let (viewer, JsonBody(new)) = (Viewer::of(&caller), body);
    write
        .run(&caller, async |tx| {
            let viewer = viewer.clone().seated(tx).await?;
            writing::decide(tx, &viewer, *id, &new).await?;
            let shown = view(tx, &viewer, *id).await?;
            Ok(Reply::ok(&shown)?.version(shown.version))
        })
        .await
}
