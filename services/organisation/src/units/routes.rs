use std::collections::HashMap;

use actix_web::{HttpResponse, get, put, web};
use domain::events::Values;
use platform::clock::date_of;
use platform::utoipa_actix_web::service_config::ServiceConfig;
use platform::web::versioned;
use platform::{
    Caller, IfMatch, JsonBody, Page, PageQuery, Platform, Problem, Reply, Result, Tx, Write, say, web as platform_web,
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::rows::{self, UnitRow};
use crate::permissions::{AppointHead, ReadUnits};
use crate::{companies, employees, news, themselves};

pub fn configure(config: &mut ServiceConfig) {
    config.service(list_units).service(get_unit).service(appoint_unit_head);
}

/// A unit of the company, such as a department.
#[derive(Serialize, ToSchema)]
pub struct UnitView {
    pub code: String,
    pub name: String,
    /// Code of the unit it belongs to.
    pub parent: Option<String>,
    pub parent_name: Option<String>,
    /// Such as `department`; schemes choose units by it.
    pub category: Option<String>,
    /// Employee number of whoever leads it.
    pub head: Option<String>,
    pub head_name: Option<String>,
    /// Whether the head was appointed by hand; else it follows from the reporting line.
    pub head_appointed: bool,
    /// Figures about the unit by name, as text.
    #[schema(value_type = std::collections::BTreeMap<String, String>)]
    pub facts: Values,
    /// The `ETag`.
    pub version: i64,
}

impl TryFrom<UnitRow> for UnitView {
    type Error = Problem;

    fn try_from(row: UnitRow) -> Result<Self> {
        Ok(Self {
            code: row.code,
            name: row.name,
            parent: row.parent,
            parent_name: None,
            head_name: None,
            category: row.category,
            head: row.head,
            head_appointed: row.head_appointed,
            facts: serde_json::from_value(row.facts)?,
            version: row.version,
        })
    }
}

/// Who is to lead a unit.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HeadAppointment {
    /// Employee number; null goes back to whoever follows from the reporting line.
    #[serde(deserialize_with = "Option::deserialize")]
    #[schema(required)]
    pub number: Option<String>,
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
    Ok(HttpResponse::Ok().json(Page::cut(found, limit, |unit| unit.code.clone())))
}

/// Units, with the names of those they belong to and of those who lead them.
async fn views(tx: &mut Tx, found: Vec<UnitRow>) -> Result<Vec<UnitView>> {
    let parents: Vec<String> = found.iter().filter_map(|unit| unit.parent.clone()).collect();
    let heads: Vec<String> = found.iter().filter_map(|unit| unit.head.clone()).collect();
    let parents = rows::load(tx, Some(&parents)).await?;
    let heads = employees::rows::names(tx, &heads).await?;
    let parents: HashMap<String, String> = parents.into_iter().map(|unit| (unit.code, unit.name)).collect();
    let heads: HashMap<String, String> = heads.into_iter().map(|named| (named.number, named.name)).collect();
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
    let head = body.0.number;
    write
        .run(&caller, async |tx| {
            let today = date_of(tx.now);
            companies::rows::lock(tx).await?;
            let before = unit(tx, &code).await?;
            let own = themselves::own(tx, caller.employee.as_deref()).await?;
            themselves::check_head(own.as_ref(), &code, before.head.as_deref(), head.as_deref())?;
            if_match.check(before.version)?;
            if let Some(number) = &head {
                check_head(tx, number).await?;
            }
            rows::appoint(tx, &code, head.as_deref()).await?;
            news::units_changed(tx, vec![code.clone()], today).await?;
            tx.audit("units.head-appointed", &code, json!({ "number": head, "before": before.head })).await?;
            let view = unit(tx, &code).await?;
            Ok(Reply::ok(&view)?.version(view.version))
        })
        .await
}

async fn check_head(tx: &mut Tx, number: &str) -> Result<()> {
    let today = date_of(tx.now);
    let found = employees::rows::load(tx, Some(&[number.to_owned()])).await?;
    match found.first() {
        None => Err(Problem::field("/number", say!("没有该员工", "there is no such employee"))),
        Some(person) if person.left_on.is_some_and(|day| day < today) => {
            Err(Problem::field("/number", say!("该员工已离职", "this employee has left")))
        }
        Some(_) => Ok(()),
    }
}
