use actix_web::{HttpResponse, get, put, web};
use basics::day;
use events::{EmployeeNumber, Headship};
use jiff::civil::Date;
use platform::clock::date_of;
use platform::utoipa_actix_web::service_config::ServiceConfig;
use platform::web::Errors;
use platform::{Caller, JsonBody, Page, Platform, Problem, Reply, Result, Tx, Write, say, web as platform_web};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::rows;
use crate::permissions::{AppointHead, ReadUnits};
use crate::{companies, employees, news, themselves, units};

pub fn configure(config: &mut ServiceConfig) {
    config.service(list_unit_heads).service(put_unit_heads);
}

/// Somebody who leads a unit for a time.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct HeadshipView {
    /// Employee number.
    number: String,
    office: HeadOffice,
    #[serde(deserialize_with = "day::told")]
    from_on: Date,
    /// The last day; none: to this day.
    #[serde(default, deserialize_with = "day::told_if_any")]
    until_on: Option<Date>,
}

/// Whether somebody is the head or leads beside the head.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum HeadOffice {
    Head,
    CoHead,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Heads {
    /// Everybody who has led the unit; at most one head and one co-head at a time.
    heads: Vec<HeadshipView>,
}

impl From<Headship> for HeadshipView {
    fn from(one: Headship) -> Self {
        let office = if one.office == "head" { HeadOffice::Head } else { HeadOffice::CoHead };
        Self { number: one.number.to_string(), office, from_on: one.from, until_on: one.until }
    }
}

impl From<HeadshipView> for Headship {
    fn from(view: HeadshipView) -> Self {
        let office = if view.office == HeadOffice::Head { "head" } else { "co_head" };
        let number = EmployeeNumber::from(view.number.as_str());
        Self { number, office: office.to_owned(), from: view.from_on, until: view.until_on }
    }
}

/// Who has led a unit, and who leads it beside its head.
#[utoipa::path(tag = "units", params(("code" = String, Path)), responses((status = 200, body = Page<HeadshipView>)),
    security(("bearer" = [])))]
#[get("/v1/units/{code}/heads")]
async fn list_unit_heads(
    caller: Caller<ReadUnits>,
    platform: Platform,
    code: web::Path<String>,
) -> Result<HttpResponse> {
    let items = platform_web::read(&platform, &caller, async |tx| of_unit(tx, &code).await).await?;
    let items: Vec<HeadshipView> = items.into_iter().map(HeadshipView::from).collect();
    Ok(HttpResponse::Ok().json(Page { items, next: None }))
}

async fn of_unit(tx: &mut Tx, code: &str) -> Result<Vec<Headship>> {
    let unit = units::rows::by_code(tx, code).await?;
    let unit = unit.ok_or_else(|| Problem::not_found(say!("部门", "unit")))?;
    Ok(rows::load(tx, std::slice::from_ref(&unit.code)).await?.remove(&unit.code).unwrap_or_default())
}

/// Says who has led a unit, in place of what was known. Whoever heads it today is appointed.
///
/// Neither of the unit that one belongs to or leads, nor oneself.
#[utoipa::path(tag = "units", request_body = Heads, params(("code" = String, Path)),
    responses((status = 200, body = Page<HeadshipView>)), security(("bearer" = [])))]
#[put("/v1/units/{code}/heads")]
async fn put_unit_heads(
    caller: Caller<AppointHead>,
    write: Write,
    code: web::Path<String>,
    body: JsonBody<Heads>,
) -> Result<HttpResponse> {
    let all: Vec<Headship> = body.0.heads.into_iter().map(Headship::from).collect();
    write
        .run(&caller, async |tx| {
            companies::rows::lock(tx).await?;
            let before = of_unit(tx, &code).await?;
            let today = date_of(tx.now);
            let holds = |one: &&Headship| one.from <= today && one.until.is_none_or(|until| today <= until);
            let current = |all: &[Headship]| {
                all.iter().filter(holds).find(|one| one.office == "head").map(|one| one.number.to_string())
            };
            let (was, is) = (current(&before), current(&all));
            let own = themselves::own(tx, caller.employee.as_deref()).await?;
            themselves::check_head(own.as_ref(), &code, was.as_deref(), is.as_deref())?;
            check(tx, &all).await?;
            rows::replace(tx, &code, &all).await?;
            units::rows::appoint(tx, &code, is.as_deref()).await?;
            news::units_changed(tx, vec![code.as_str().into()], today).await?;
            tx.audit("units.heads-told", &code, json!({ "heads": all })).await?;
            let items: Vec<HeadshipView> = of_unit(tx, &code).await?.into_iter().map(HeadshipView::from).collect();
            Reply::ok(&Page { items, next: None })
        })
        .await
}

/// People that there are, one head and one co-head at a time.
async fn check(tx: &mut Tx, all: &[Headship]) -> Result<()> {
    let numbers: Vec<EmployeeNumber> = all.iter().map(|one| one.number.clone()).collect();
    let known = employees::rows::names(tx, &numbers).await?;
    let mut errors = Errors::default();
    for (at, one) in all.iter().enumerate() {
        let pointer = format!("/heads/{at}");
        if !known.iter().any(|named| named.number == one.number) {
            errors.add(format!("{pointer}/number"), say!("没有该员工", "there is no such employee"));
        }
        errors.check_day(format!("{pointer}/from_on"), one.from);
        if one.until.is_some_and(|until| until < one.from) {
            errors.add(format!("{pointer}/until_on"), say!("早于第一天", "this is before the first day"));
        }
        let overlaps = |other: &Headship| {
            other.office == one.office
                && other.from <= one.until.unwrap_or(Date::MAX)
                && one.from <= other.until.unwrap_or(Date::MAX)
        };
        if all.iter().take(at).any(overlaps) {
            errors.add(pointer, say!("此期间已有负责人", "somebody leads it at that time already"));
        }
    }
    errors.check()
}
