use std::collections::BTreeSet;

use actix_web::{HttpResponse, get, post, put, web};
use events::{Seat, UnitCode};
use platform::clock::date_of;
use platform::utoipa_actix_web::service_config::ServiceConfig;
use platform::web::versioned;
use platform::{
    Caller, IfMatch, JsonBody, Page, Platform, Problem, Reply, Result, Tx, Write, say, web as platform_web,
};
use serde_json::json;

use super::body::{BodyChange, BodyView, NewBody, Seats};
use super::{rows, rules};
use crate::permissions::{ManageBodies, ReadUnits};
use crate::{employees, news, themselves, units};

pub fn configure(config: &mut ServiceConfig) {
    config.service(list_bodies).service(get_body).service(create_body).service(change_body).service(seat_body);
}

/// The company's bodies by code.
#[utoipa::path(tag = "bodies", responses((status = 200, body = Page<BodyView>)), security(("bearer" = [])))]
#[get("/v1/bodies")]
pub async fn list_bodies(caller: Caller<ReadUnits>, platform: Platform) -> Result<HttpResponse> {
    let items = platform_web::read(&platform, &caller, async |tx| views(tx, None).await).await?;
    Ok(HttpResponse::Ok().json(Page { items, next: None }))
}

/// One body.
#[utoipa::path(tag = "bodies", params(("code" = String, Path)), responses((status = 200, body = BodyView)),
    security(("bearer" = [])))]
#[get("/v1/bodies/{code}")]
pub async fn get_body(caller: Caller<ReadUnits>, platform: Platform, code: web::Path<String>) -> Result<HttpResponse> {
    let view = platform_web::read(&platform, &caller, async |tx| view(tx, &code).await).await?;
    Ok(versioned(&view, view.version))
}

async fn views(tx: &mut Tx, code: Option<&str>) -> Result<Vec<BodyView>> {
    let found = rows::load(tx, code).await?;
    let names = rows::names(tx, &found).await?;
    Ok(found.into_iter().map(|(body, rule)| BodyView::new(body, rule, &names)).collect())
}

async fn view(tx: &mut Tx, code: &str) -> Result<BodyView> {
    views(tx, Some(code)).await?.pop().ok_or_else(|| Problem::not_found(say!("机构", "body")))
}

/// Founds a body.
#[utoipa::path(tag = "bodies", request_body = NewBody, responses((status = 201, body = BodyView)),
    security(("bearer" = [])))]
#[post("/v1/bodies")]
pub async fn create_body(caller: Caller<ManageBodies>, write: Write, body: JsonBody<NewBody>) -> Result<HttpResponse> {
    let NewBody { code, name, rule } = body.0;
    rules::check_body(Some(&code), &name, &rule)?;
    write
        .run(&caller, async |tx| {
            if !rows::insert(tx, &code, &name, &rule).await? {
                return Err(Problem::conflict(say!("已有代码为 {code} 的机构", "there is a body {code} already")));
            }
            tx.audit("bodies.founded", &code, json!({ "name": name, "rule": rule })).await?;
            news::bodies_changed(tx, &code).await?;
            let view = view(tx, &code).await?;
            Ok(Reply::created(format!("/v1/bodies/{code}"), &view)?.version(view.version))
        })
        .await
}

/// Renames a body or gives it another rule.
#[utoipa::path(tag = "bodies", request_body = BodyChange,
    params(("code" = String, Path), ("If-Match" = String, Header, description = "The body's ETag")),
    responses((status = 200, body = BodyView)), security(("bearer" = [])))]
#[put("/v1/bodies/{code}")]
pub async fn change_body(
    caller: Caller<ManageBodies>,
    write: Write,
    code: web::Path<String>,
    if_match: IfMatch,
    body: JsonBody<BodyChange>,
) -> Result<HttpResponse> {
    let BodyChange { name, rule } = body.0;
    rules::check_body(None, &name, &rule)?;
    write
        .run(&caller, async |tx| {
            if_match.check(view(tx, &code).await?.version)?;
            rows::rename(tx, &code, &name, &rule).await?;
            tx.audit("bodies.changed", &code, json!({ "name": name, "rule": rule })).await?;
            changed(tx, &code).await
        })
        .await
}

/// Says who sits in a body, in place of all who sat there. Nobody seats themselves, but in its office.
#[utoipa::path(tag = "bodies", request_body = Seats,
    params(("code" = String, Path), ("If-Match" = String, Header, description = "The body's ETag")),
    responses((status = 200, body = BodyView)), security(("bearer" = [])))]
#[put("/v1/bodies/{code}/seats")]
pub async fn seat_body(
    caller: Caller<ManageBodies>,
    write: Write,
    code: web::Path<String>,
    if_match: IfMatch,
    body: JsonBody<Seats>,
) -> Result<HttpResponse> {
    let Seats { seats } = body.0;
    write
        .run(&caller, async |tx| {
            if_match.check(view(tx, &code).await?.version)?;
            let today = date_of(tx.now);
            let numbers: Vec<_> = seats.iter().map(|seat| seat.number.as_str().into()).collect();
            let people = employees::rows::names(tx, &numbers).await?;
            let people: BTreeSet<String> = people.into_iter().map(|named| named.number.to_string()).collect();
            let codes: Vec<UnitCode> =
                seats.iter().flat_map(|seat| &seat.in_charge).map(|code| code.as_str().into()).collect();
            let known = units::rows::load(tx, Some(&codes)).await?;
            let known: BTreeSet<String> = known.into_iter().map(|unit| unit.code.to_string()).collect();
            rules::check_seats(&seats, &people, &known, today)?;
            let before = seated(tx, &code).await?;
            rows::seat(tx, &code, &seats, today).await?;
            themselves::check_seats(caller.employee.as_deref(), &before, &seated(tx, &code).await?)?;
            tx.audit("bodies.seated", &code, json!({ "numbers": people })).await?;
            changed(tx, &code).await
        })
        .await
}

async fn seated(tx: &mut Tx, code: &str) -> Result<Vec<Seat>> {
    Ok(rows::load(tx, Some(code)).await?.into_iter().flat_map(|(body, _)| body.seats).collect())
}

async fn changed(tx: &mut Tx, code: &str) -> Result<Reply> {
    news::bodies_changed(tx, code).await?;
    let view = view(tx, code).await?;
    Ok(Reply::ok(&view)?.version(view.version))
}
