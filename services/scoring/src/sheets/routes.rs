use actix_web::{HttpRequest, HttpResponse, delete, get, post, put, web};
use platform::language;
use platform::service::Platform;
use platform::sql::Lock;
use platform::tabular::{aside, template_answer};
use platform::utoipa_actix_web::service_config::ServiceConfig;
use platform::web::{Errors, Notes, RawBody, json_body, read, versioned};
use platform::{Caller, IfMatch, JsonBody, Page, PageQuery, Problem, Reply, Result, Role, Tx, Write, say};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::bulk::{self, Entered, Measured, Measurements, PersonRatings, Ratings};
use super::recusals::{self, NewRecusal, Recusal};
use super::rows::{self, Filter};
use super::sheet::{Sheet, id_of};
use super::view::{self, SheetSummary, SheetView};
use super::{entering, rules, submitting};
use crate::cycles::cycle::Cycle;
use crate::cycles::rows as cycles;
use crate::cycles::rules::check_reason;
use crate::permissions::{EnterMeasurements, EnterRatings, ReadScoring, ReadSheets, RecordRecusal, ReturnSheet};
use crate::viewer::Viewer;

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(list_sheets)
        .service(get_sheet)
        .service(put_sheet_ratings)
        .service(submit_sheet)
        .service(get_measurement_template)
        .service(return_sheet)
        .service(enter_ratings)
        .service(submit_ratings)
        .service(enter_measurements)
        .service(record_recusal)
        .service(withdraw_recusal)
        .service(list_recusals);
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct SheetQuery {
    /// Only of this cycle.
    cycle: Option<Uuid>,
    /// Only of this unit, by code.
    unit: Option<String>,
    /// `open`, `ready` or `complete`.
    state: Option<String>,
    /// `rater`: those the caller scores; `appraisee`: the caller's own.
    mine: Option<String>,
    /// The `next` of the page before.
    after: Option<String>,
    /// Items at most, 1 to 500; 50 unless said.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<i64>,
}

fn one_of(pointer: &str, text: Option<&str>, allowed: &[&'static str]) -> Result<Option<&'static str>> {
    let Some(text) = text else { return Ok(None) };
    let found = allowed.iter().find(|a| **a == text).copied();
    found
        .map(Some)
        .ok_or_else(|| Problem::field(pointer, say!("应为以下之一：{}", "one of {} is expected", allowed.join(", "))))
}

fn place(after: Option<&str>) -> Result<Option<(Uuid, String)>> {
    let Some(after) = after else { return Ok(None) };
    let parts = after.split_once(':').and_then(|(cycle, number)| Some((cycle.parse().ok()?, number.to_owned())));
    parts
        .map(Some)
        .ok_or_else(|| Problem::field("/after", say!("这不是分页返回的 `next`", "this is not the `next` of a page")))
}

/// List sheets
///
/// One's own and one's reports'; everybody's for those who run the appraisal.
#[utoipa::path(tag = "sheets", security(("bearer" = [])), params(SheetQuery),
    responses((status = 200, body = Page<SheetSummary>)))]
#[get("/v1/sheets")]
async fn list_sheets(
    caller: Caller<ReadSheets>,
    platform: Platform,
    query: web::Query<SheetQuery>,
) -> Result<web::Json<Page<SheetSummary>>> {
    let query = query.into_inner();
    let limit = PageQuery { after: None, limit: query.limit }.limit()?;
    let filter = Filter {
        cycle: query.cycle,
        unit: query.unit,
        state: one_of("/state", query.state.as_deref(), &["open", "ready", "complete"])?,
        mine: one_of("/mine", query.mine.as_deref(), &["rater", "appraisee"])?,
        all: caller.has_any(&[Role::Hr, Role::Executive, Role::Auditor]),
        number: caller.employee.clone(),
        after: place(query.after.as_deref())?,
    };
    let sheets = read(&platform, &caller, async |tx| rows::list(tx, &filter, limit + 1).await).await?;
    let items = sheets.iter().map(view::summary).collect();
    Ok(web::Json(Page::cut(items, limit, |s: &SheetSummary| format!("{}:{}", s.cycle, s.number))))
}

/// Read a sheet
///
/// Its items, what is entered and what is missing. The appraisee sees others' ratings after publication.
#[utoipa::path(tag = "sheets", security(("bearer" = [])), params(("id" = Uuid, Path, description = "Sheet")),
    responses((status = 200, body = SheetView)))]
#[get("/v1/sheets/{id}")]
async fn get_sheet(caller: Caller<ReadSheets>, platform: Platform, id: web::Path<Uuid>) -> Result<HttpResponse> {
    let viewer = Viewer::of(&caller);
    let view = read(&platform, &caller, async |tx| readable(tx, &viewer, *id).await).await?;
    Ok(versioned(&view, view.summary.version))
}

/// A sheet, if the viewer may read it; reading somebody else's is recorded.
async fn readable(tx: &mut Tx, viewer: &Viewer, id: Uuid) -> Result<SheetView> {
    let sheet = rows::find(tx, id).await?.ok_or_else(no_sheet)?;
    if !rules::is_concerned(viewer, &sheet) {
        let above = viewer.number.as_deref().ok_or_else(no_sheet)?;
        if !rows::is_above(tx, sheet.cycle, &sheet.number, above).await? {
            return Err(no_sheet());
        }
    }
    let cycle = cycles::get(tx, sheet.cycle, Lock::None).await?;
    if !viewer.is(&sheet.number) {
        tx.audit("sheets.read", &sheet.id.to_string(), json!({ "number": sheet.number })).await?;
    }
    view::of(&cycle, &sheet, viewer)
}

fn no_sheet() -> Problem {
    Problem::not_found(say!("考核表", "sheet"))
}

/// A sheet that concerns the viewer, locked with its cycle.
async fn concerned(tx: &mut Tx, viewer: &Viewer, id: Uuid) -> Result<(Cycle, Sheet)> {
    let sheet = rows::find(tx, id).await?.filter(|sheet| rules::is_concerned(viewer, sheet));
    let cycle = cycles::get(tx, sheet.ok_or_else(no_sheet)?.cycle, Lock::Share).await?;
    Ok((cycle, rows::lock(tx, id).await?))
}

fn answer(cycle: &Cycle, sheet: &Sheet, viewer: &Viewer) -> Result<Reply> {
    Ok(Reply::ok(&view::of(cycle, sheet, viewer)?)?.version(sheet.version))
}

/// Enter ratings on a sheet
///
/// All or nothing. Each value is checked as the scheme declares it; `/ratings/N` points at what is wrong.
#[utoipa::path(tag = "sheets", security(("bearer" = [])),
    params(("id" = Uuid, Path, description = "Sheet"), ("If-Match" = String, Header, description = "ETag of the sheet")),
    request_body = Ratings, responses((status = 200, body = SheetView)))]
#[put("/v1/sheets/{id}/ratings")]
async fn put_sheet_ratings(
    caller: Caller<EnterRatings>,
    write: Write,
    id: web::Path<Uuid>,
    if_match: IfMatch,
    body: JsonBody<Ratings>,
) -> Result<HttpResponse> {
    let viewer = Viewer::of(&caller);
    let JsonBody(Ratings { ratings }) = body;
    write
        .run(&caller, async |tx| {
            let (cycle, sheet) = concerned(tx, &viewer, *id).await?;
            if_match.check(sheet.version)?;
            entering::enter(tx, &cycle, &viewer, bulk::of_person(&sheet.number, ratings)?, Errors::default()).await?;
            answer(&cycle, &rows::lock(tx, *id).await?, &viewer)
        })
        .await
}

/// Submit one's part of a sheet
///
/// Refused with the list while anything of it is missing, evidence included.
#[utoipa::path(tag = "sheets", security(("bearer" = [])), params(("id" = Uuid, Path, description = "Sheet")),
    responses((status = 200, body = SheetView)))]
#[post("/v1/sheets/{id}/submit")]
async fn submit_sheet(caller: Caller<EnterRatings>, write: Write, id: web::Path<Uuid>) -> Result<HttpResponse> {
    let viewer = Viewer::of(&caller);
    write
        .run(&caller, async |tx| {
            let (cycle, mut sheet) = concerned(tx, &viewer, *id).await?;
            submitting::submit_one(tx, &cycle, &viewer, &mut sheet).await?;
            answer(&cycle, &sheet, &viewer)
        })
        .await
}

/// Gives submitted parts of a sheet back.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Return {
    /// Why, 1 to 4000 characters.
    reason: String,
    /// Kind of rater whose part is returned; all parts unless said.
    #[serde(default)]
    part: Option<String>,
}

/// Return a sheet to its raters
#[utoipa::path(tag = "sheets", security(("bearer" = [])), params(("id" = Uuid, Path, description = "Sheet")),
    request_body = Return, responses((status = 200, body = SheetView)))]
#[post("/v1/sheets/{id}/return")]
async fn return_sheet(
    caller: Caller<ReturnSheet>,
    write: Write,
    id: web::Path<Uuid>,
    body: JsonBody<Return>,
) -> Result<HttpResponse> {
    let viewer = Viewer::of(&caller);
    let JsonBody(Return { reason, part }) = body;
    check_reason(&reason)?;
    write
        .run(&caller, async |tx| {
            let (cycle, mut sheet) = concerned(tx, &viewer, *id).await?;
            submitting::return_one(tx, &cycle, &viewer, &mut sheet, part.as_deref(), &reason).await?;
            answer(&cycle, &sheet, &viewer)
        })
        .await
}

/// Enter ratings of many people
///
/// All or nothing, every error told. Superiors enter for their reports, HR for raters who do not sign in.
#[utoipa::path(tag = "sheets", security(("bearer" = [])), params(("id" = Uuid, Path, description = "Cycle")),
    request_body = PersonRatings, responses((status = 200, body = Entered)))]
#[post("/v1/cycles/{id}/ratings")]
async fn enter_ratings(
    caller: Caller<EnterRatings>,
    write: Write,
    id: web::Path<Uuid>,
    body: JsonBody<PersonRatings>,
) -> Result<HttpResponse> {
    let viewer = Viewer::of(&caller);
    let JsonBody(PersonRatings { ratings }) = body;
    let entries = bulk::of_people("ratings", ratings, false)?;
    write
        .run(&caller, async |tx| {
            let cycle = cycles::get(tx, *id, Lock::Share).await?;
            let values = entries.len();
            let sheets = entering::enter(tx, &cycle, &viewer, entries, Errors::default()).await?;
            Reply::ok(&Entered { values, sheets, notes: Notes::default() })
        })
        .await
}

/// How many sheets were submitted.
#[derive(Serialize, ToSchema)]
struct SubmittedSheets {
    sheets: usize,
}

/// Submit everything one has to score in a cycle
///
/// Refused with the list (the first 1000) while anything is missing.
#[utoipa::path(tag = "sheets", security(("bearer" = [])), params(("id" = Uuid, Path, description = "Cycle")),
    responses((status = 200, body = SubmittedSheets)))]
#[post("/v1/cycles/{id}/ratings/submit")]
async fn submit_ratings(caller: Caller<EnterRatings>, write: Write, id: web::Path<Uuid>) -> Result<HttpResponse> {
    let viewer = Viewer::of(&caller);
    write
        .run(&caller, async |tx| {
            let cycle = cycles::get(tx, *id, Lock::Share).await?;
            let sheets = submitting::submit_all(tx, &cycle, &viewer).await?;
            Reply::ok(&SubmittedSheets { sheets })
        })
        .await
}

/// Enter measured values of many people
///
/// JSON, or a CSV or XLSX file with the columns `number,item,input,value`. All or nothing, every error told.
#[utoipa::path(tag = "sheets", security(("bearer" = [])), params(("id" = Uuid, Path, description = "Cycle")),
    request_body(content((Measurements = "application/json"), (String = "text/csv"))),
    responses((status = 200, body = Entered)))]
#[post("/v1/cycles/{id}/measurements")]
async fn enter_measurements(
    caller: Caller<EnterMeasurements>,
    write: Write,
    id: web::Path<Uuid>,
    request: HttpRequest,
    body: RawBody,
) -> Result<HttpResponse> {
    let viewer = Viewer::of(&caller);
    let measured = if bulk::is_json(&body.0) {
        bulk::measured(json_body(&request, &body.0)?)
    } else {
        aside(move || bulk::measured_in_file(&body.0)).await
    };
    let Measured { entries, errors, notes } = measured?;
    write
        .run(&caller, async |tx| {
            let cycle = cycles::get(tx, *id, Lock::Share).await?;
            let values = entries.len();
            let sheets = entering::enter(tx, &cycle, &viewer, entries, errors).await?;
            Reply::ok(&Entered { values, sheets, notes: notes.only(write.locale()) })
        })
        .await
}

/// What a file holds.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Measurements,
}

/// Which file is wanted.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TemplateQuery {
    /// What the file will hold.
    #[param(inline)]
    #[expect(dead_code, reason = "there is one kind; the document holds requests to it")]
    kind: Kind,
    /// The cycle whose values are measured.
    pub cycle: Uuid,
    /// `zh-CN` or `en`; by `Accept-Language` unless said.
    pub locale: Option<String>,
}

/// A workbook for measured values
///
/// For `kind=measurements`: a row for every value that the cycle measures of every person, to be filled in.
#[utoipa::path(tag = "sheets", security(("bearer" = [])), params(TemplateQuery),
    extensions(("x-route-query" = json!({ "kind": ["measurements"] }))),
    responses((status = 200, body = String, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")))]
#[get("/v1/imports/template")]
async fn get_measurement_template(
    platform: Platform,
    caller: Caller<EnterMeasurements>,
    request: HttpRequest,
    query: web::Query<TemplateQuery>,
) -> Result<HttpResponse> {
    let locale = language::of_reader(&request, query.locale.as_deref())?;
    let rows = read(&platform, &caller, async |tx| {
        let unknown = || Problem::field("/cycle", say!("没有该考核周期", "there is no such cycle"));
        let cycle = cycles::find(tx, query.cycle, Lock::Share).await?.ok_or_else(unknown)?;
        let people = rows::numbers(tx, query.cycle).await?;
        Ok(bulk::template_rows(&cycle.scheme()?, &people, locale))
    })
    .await?;
    template_answer("measurements", &bulk::column_list(), &rows, locale)
}

/// Recuse somebody from rating a person
///
/// Their superior, or oneself. Not by the person.
#[utoipa::path(tag = "recusals", security(("bearer" = [])), params(("id" = Uuid, Path, description = "Cycle")),
    request_body = NewRecusal, responses((status = 201, body = Recusal)))]
#[post("/v1/cycles/{id}/recusals")]
async fn record_recusal(
    caller: Caller<RecordRecusal>,
    write: Write,
    id: web::Path<Uuid>,
    body: JsonBody<NewRecusal>,
) -> Result<HttpResponse> {
    let JsonBody(recusal) = body;
    check_reason(&recusal.reason)?;
    let viewer = Viewer::of(&caller);
    write
        .run(&caller, async |tx| {
            let (now, by) = (tx.now, tx.actor.name.clone());
            cycles::get(tx, *id, Lock::Share).await?.state()?.check_unpublished()?;
            let sheet = rows::find(tx, id_of(*id, &recusal.number)).await?;
            recusals::check(&viewer, &recusal, sheet.as_ref())?;
            recusals::insert(tx, *id, &recusal, &by, now).await?;
            let detail = json!({ "number": recusal.number, "rater": recusal.rater, "reason": recusal.reason });
            tx.audit("recusals.recorded", &id.to_string(), detail).await?;
            let recorded =
                Recusal { number: recusal.number, rater: recusal.rater, reason: recusal.reason, recorded_by: by };
            Reply::created(format!("/v1/cycles/{id}/recusals"), &recorded)
        })
        .await
}

/// Take a recusal back
///
/// Neither by the person nor by whoever is recused.
#[utoipa::path(tag = "recusals", security(("bearer" = [])),
    params(("id" = Uuid, Path, description = "Cycle"), ("number" = String, Path, description = "Employee number of the person appraised"),
        ("rater" = String, Path, description = "Employee number of whoever is recused")),
    responses((status = 204)))]
#[delete("/v1/cycles/{id}/recusals/{number}/{rater}")]
async fn withdraw_recusal(
    caller: Caller<RecordRecusal>,
    write: Write,
    path: web::Path<(Uuid, String, String)>,
) -> Result<HttpResponse> {
    let (viewer, (id, number, rater)) = (Viewer::of(&caller), path.into_inner());
    recusals::check_withdrawal(&viewer, &number, &rater)?;
    write
        .run(&caller, async |tx| {
            cycles::get(tx, id, Lock::Share).await?.state()?.check_unpublished()?;
            let gone = recusals::delete(tx, id, &number, &rater).await?;
            tx.audit("recusals.withdrawn", &id.to_string(), json!(gone)).await?;
            Ok(Reply::no_content())
        })
        .await
}

/// List recusals
#[utoipa::path(tag = "recusals", security(("bearer" = [])), params(("id" = Uuid, Path, description = "Cycle")),
    responses((status = 200, body = Page<Recusal>)))]
#[get("/v1/cycles/{id}/recusals")]
async fn list_recusals(
    caller: Caller<ReadScoring>,
    platform: Platform,
    id: web::Path<Uuid>,
) -> Result<web::Json<Page<Recusal>>> {
    let items = read(&platform, &caller, async |tx| {
        cycles::get(tx, *id, Lock::None).await?;
        recusals::list(tx, *id).await
    })
    .await?;
    Ok(web::Json(Page { items, next: None }))
}
