use events::{EmployeeNumber, UnitCode};
use std::collections::HashMap;

use actix_web::{HttpResponse, get, put, web};
use platform::clock::date_of;
use platform::utoipa_actix_web::service_config::ServiceConfig;
use platform::web::versioned;
use platform::{
    Caller, IfMatch, JsonBody, Page, PageQuery, Platform, Problem, Reply, Result, Tx, Write, say, web as platform_web,
};
use serde_json::json;

use super::unit::{HeadAppointment, UnitRow, UnitView};
use super::{rows, rules};
use crate::permissions::{AppointHead, ReadUnits};
use crate::{companies, employees, news, themselves};

pub fn configure(config: &mut ServiceConfig) {
    config.service(list_units).service(get_unit).service(appoint_unit_head);
}

/// The company's units by code.
#[utoipa::path(
    tag = "units",
    params(PageQuery),
    responses(
        (status = 200, body = Page<UnitView>),
    ),
    security(("bearer" = []))
)]
#[get("/v1/units")]
pub async fn list_units(
    caller: Caller<ReadUnits>,
    platform: Platform,
    query: web::Query<PageQuery>,
) -> Result<HttpResponse> {
    let limit = query.limit()?;
    let found = platform_web::read(&platform, &caller, async |tx| {
        let found = rows::page(tx, query.after.as_deref(), limit + 1).await?;
        views(tx, found).await
    })
    .await?;
    Ok(HttpResponse::Ok().json(Page::cut(found, limit, |unit| unit.code.to_string())))
}

/// Units, with the names of those they belong to and of those who lead them.
async fn views(tx: &mut Tx, found: Vec<UnitRow>) -> Result<Vec<UnitView>> {
    let parents: Vec<UnitCode> = found.iter().filter_map(|unit| unit.parent.clone()).collect();
    let heads: Vec<EmployeeNumber> = found.iter().filter_map(|unit| unit.head.clone()).collect();
    let parents = rows::load(tx, Some(&parents)).await?;
    let heads = employees::rows::names(tx, &heads).await?;
    let parents: HashMap<UnitCode, String> = parents.into_iter().map(|unit| (unit.code, unit.name)).collect();
    let heads: HashMap<EmployeeNumber, String> = heads.into_iter().map(|named| (named.number, named.name)).collect();
    let named = |row: UnitRow| {
        let mut view = UnitView::try_from(row)?;
        view.parent_name = view.parent.as_ref().and_then(|code| parents.get(code).cloned());
        view.head_name = view.head.as_ref().and_then(|number| heads.get(number).cloned());
        Ok(view)
    };
    found.into_iter().map(named).collect()
}

/// One unit.
#[utoipa::path(
    tag = "units",
    params(("code" = String, Path)),
    responses(
        (status = 200, body = UnitView),
    ),
    security(("bearer" = []))
)]
#[get("/v1/units/{code}")]
pub async fn get_unit(caller: Caller<ReadUnits>, platform: Platform, code: web::Path<String>) -> Result<HttpResponse> {
    let view = platform_web::read(&platform, &caller, async |tx| unit(tx, &code).await).await?;
    Ok(versioned(&view, view.version))
}

async fn unit(tx: &mut Tx, code: &str) -> Result<UnitView> {
    let found = rows::by_code(tx, code).await?;
    let missing = || Problem::not_found(say!("部门", "unit"));
    views(tx, found.into_iter().collect()).await?.pop().ok_or_else(missing)
}

/// Appoints the head of a unit by hand, or goes back to the one who follows from the reporting line: the member
/// whose superior is not in the unit. Neither in the unit that one belongs to or leads, nor oneself.
#[utoipa::path(
    tag = "units",
    request_body = HeadAppointment,
    params(("code" = String, Path), ("If-Match" = String, Header, description = "The unit's ETag")),
    responses(
        (status = 200, body = UnitView),
    ),
    security(("bearer" = []))
)]
#[put("/v1/units/{code}/head")]
pub async fn appoint_unit_head(
    caller: Caller<AppointHead>,
    write: Write,
    code: web::Path<String>,
    if_match: IfMatch,
    body: JsonBody<HeadAppointment>,
) -> Result<HttpResponse> {
    write
        .run(&caller, async |tx| {
            companies::rows::lock(tx).await?;
            let before = unit(tx, &code).await?;
            let head = body.0.number.as_deref();
            let own = themselves::own(tx, caller.employee.as_deref()).await?;
            themselves::check_head(own.as_ref(), &code, before.head.as_deref(), head)?;
            if_match.check(before.version)?;
            appoint(tx, &before, head).await?;
            let view = unit(tx, &code).await?;
            Ok(Reply::ok(&view)?.version(view.version))
        })
        .await
}

async fn appoint(tx: &mut Tx, unit: &UnitView, head: Option<&str>) -> Result<()> {
    let today = date_of(tx.now);
    if let Some(number) = head {
        let person = employees::rows::by_number(tx, number).await?;
        rules::check_head(person.as_ref(), today)?;
    }
    rows::appoint(tx, &unit.code, head).await?;
    news::units_changed(tx, vec![unit.code.clone()], today).await?;
    tx.audit("units.head-appointed", &unit.code, json!({ "number": head, "before": unit.head })).await
}
