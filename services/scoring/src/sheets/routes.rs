use actix_web::{HttpResponse, get, post, put, web};
use platform::service::Platform;
use platform::sql::Lock;
use platform::utoipa_actix_web::service_config::ServiceConfig;
use platform::web::{read, versioned};
use platform::{Caller, IfMatch, JsonBody, Page, PageQuery, Problem, Reply, Result, Tx, Write, say};
use serde::Deserialize;
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::rows::{self, Filter, Listed};
use super::sheet::Sheet;
use super::view::{self, SheetSummary, SheetView};
use crate::assignments::bulk::{self, Ratings};
use crate::assignments::entering::is_concerned;
use crate::assignments::rows as assignments;
use crate::assignments::{entering, submitting};
use crate::cycles::cycle::Cycle;
use crate::cycles::rows as cycles;
use crate::cycles::rules::check_reason;
use crate::permissions::{EnterRatings, ReadSheets, ReturnSheet};
use crate::results::readers;
use crate::spot_checks::rows as spot_checks;
use crate::subjects::rows as subjects;
use crate::subjects::subject::{Appraised, Kind};
use crate::tasks;
use crate::viewer::Viewer;

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(list_sheets)
        .service(get_sheet)
        .service(put_sheet_ratings)
        .service(submit_sheet)
        .service(return_sheet);
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct SheetQuery {
    /// Only of this cycle.
    cycle: Option<Uuid>,
    /// Only of this unit, by code.
    unit: Option<String>,
    /// `person` or `unit`.
    kind: Option<String>,
    /// `open`, `ready` or `complete`.
    state: Option<String>,
    /// `rater`: those the caller scores; `appraisee`: the caller's own.
    mine: Option<String>,
    /// A part of a number, a code or a name.
    q: Option<String>,
    /// The `next` of the page before.
    after: Option<String>,
    /// Items at most, 1 to 500; 50 unless said.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<i64>,
}

fn one_of(pointer: &str, text: Option<&str>, allowed: &[&'static str]) -> Result<Option<&'static str>> {
    let Some(text) = text else { return Ok(None) };
    let found = allowed.iter().find(|known| **known == text).copied();
    let unknown = || Problem::field(pointer, say!("应为以下之一：{}", "one of {} is expected", allowed.join(", ")));
    found.map(Some).ok_or_else(unknown)
}

fn place(after: Option<&str>) -> Result<Option<(Uuid, String)>> {
    let Some(after) = after else { return Ok(None) };
    let parts = after.split_once('/').and_then(|(cycle, subject)| Some((cycle.parse().ok()?, subject.to_owned())));
    parts
        .map(Some)
        .ok_or_else(|| Problem::field("/after", say!("这不是分页返回的 `next`", "this is not the `next` of a page")))
}

/// List sheets
///
/// One's own, one's reports' and those one rates; everybody's for those who run the appraisal.
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
    let viewer = Viewer::of(&caller);
    let kind = one_of("/kind", query.kind.as_deref(), &["person", "unit"])?;
    let filter = Filter {
        cycle: query.cycle,
        kind: kind.map(|kind| if kind == "unit" { Kind::Unit } else { Kind::Person }),
        unit: query.unit,
        state: one_of("/state", query.state.as_deref(), &["open", "ready", "complete"])?,
        mine: one_of("/mine", query.mine.as_deref(), &["rater", "appraisee"])?,
        search: query.q.filter(|text| !text.trim().is_empty()),
        all: viewer.sees_all(),
        number: viewer.number.clone(),
        raters: Vec::new(),
        after: place(query.after.as_deref())?,
    };
    let sheets = read(&platform, &caller, async |tx| {
        let raters = viewer.clone().seated(tx).await?.raters();
        rows::list(tx, &Filter { raters, ..filter.clone() }, limit + 1).await
    })
    .await?;
    let key = |listed: &Listed| format!("{}/{}:{}", listed.cycle, listed.kind, listed.subject);
    let page = Page::cut(sheets, limit, key);
    Ok(web::Json(Page { items: page.items.iter().map(view::summary).collect(), next: page.next }))
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
    let viewer = &viewer.clone().seated(tx).await?;
    let sheet = rows::find(tx, id).await?.ok_or_else(no_sheet)?;
    let about = subjects::get(tx, sheet.cycle, &sheet.key()).await?;
    let forms = assignments::of_subjects(tx, sheet.cycle, &[sheet.key()]).await?;
    let mut looks = false;
    if !is_concerned(viewer, &about, &forms) {
        let above = viewer.number.as_deref().ok_or_else(no_sheet)?;
        looks = spot_checks::wait_for(tx, sheet.cycle, &about.unit, &viewer.actors(), Some(above)).await?
            || readers::decides(tx, sheet.cycle, &sheet.key(), Some(above)).await?;
        if !looks && !subjects::is_above(tx, sheet.cycle, &sheet.key(), above).await? {
            return Err(no_sheet());
        }
    }
    let cycle = cycles::get(tx, sheet.cycle, Lock::None).await?;
    if !viewer.number.as_deref().is_some_and(|number| about.is_person(number)) {
        tx.audit("sheets.read", &sheet.id.to_string(), json!({ "number": sheet.subject })).await?;
    }
    view::of(tx, &cycle, &sheet, &about, forms, viewer, looks).await
}

fn no_sheet() -> Problem {
    Problem::not_found(say!("考核表", "sheet"))
}

/// A sheet that concerns the viewer, with its cycle held.
async fn concerned(tx: &mut Tx, viewer: &Viewer, id: Uuid) -> Result<(Cycle, Sheet, Appraised)> {
    let sheet = rows::find(tx, id).await?.ok_or_else(no_sheet)?;
    let about = subjects::get(tx, sheet.cycle, &sheet.key()).await?;
    let forms = assignments::of_subjects(tx, sheet.cycle, &[sheet.key()]).await?;
    if !is_concerned(viewer, &about, &forms) {
        return Err(no_sheet());
    }
    let cycle = cycles::get(tx, sheet.cycle, Lock::Share).await?;
    let locked = rows::lock_many(tx, cycle.id, &[sheet.key()]).await?;
    let sheet = locked.into_iter().find(|locked| locked.id == id).ok_or_else(|| {
        Problem::wrong_state(say!("该考核表已被新的版本取代", "a newer edition took the place of this sheet"))
    })?;
    Ok((cycle, sheet, about))
}

async fn answer(tx: &mut Tx, cycle: &Cycle, id: Uuid, about: &Appraised, viewer: &Viewer) -> Result<Reply> {
    let sheet = rows::get(tx, id).await?;
    let forms = assignments::of_subjects(tx, cycle.id, &[sheet.key()]).await?;
    let view = view::of(tx, cycle, &sheet, about, forms, viewer, false).await?;
    Ok(Reply::ok(&view)?.version(sheet.version))
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
            let viewer = viewer.seated(tx).await?;
            let (cycle, sheet, about) = concerned(tx, &viewer, *id).await?;
            if_match.check(sheet.version)?;
            let changed = entering::enter(tx, &cycle, &viewer, bulk::of_subject(&sheet.key(), ratings)?, None).await?;
            tasks::following::bring_up_to_date(tx, &cycle, &changed).await?;
            answer(tx, &cycle, *id, &about, &viewer).await
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
            let viewer = viewer.seated(tx).await?;
            let (cycle, sheet, about) = concerned(tx, &viewer, *id).await?;
            submitting::submit(tx, &cycle, &viewer, &[sheet.key()], None).await?;
            answer(tx, &cycle, *id, &about, &viewer).await
        })
        .await
}

/// Gives submitted forms of a sheet back.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Return {
    /// Why, 1 to 4000 characters.
    reason: String,
    /// Kind of rater whose form is returned; all unless said.
    #[serde(default)]
    column: Option<String>,
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
    let JsonBody(Return { reason, column }) = body;
    check_reason(&reason)?;
    write
        .run(&caller, async |tx| {
            let viewer = viewer.seated(tx).await?;
            let (cycle, sheet, about) = concerned(tx, &viewer, *id).await?;
            submitting::give_back(tx, &cycle, &viewer, &sheet.key(), column.as_deref(), &reason).await?;
            answer(tx, &cycle, *id, &about, &viewer).await
        })
        .await
}
