use std::collections::BTreeMap;

use actix_web::{HttpResponse, delete, get, post, web};
use events::Subject;
use platform::openapi::EnteredValue;
use platform::service::Platform;
use platform::sql::Lock;
use platform::utoipa_actix_web::service_config::ServiceConfig;
use platform::web::{Errors, read};
use platform::{Caller, Code, JsonBody, Page, PageQuery, Problem, Reply, Result, Tx, Write, say};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::entry::Entry;
use super::rows::{self, NewEntry};
use super::view::{EntryView, may_withdraw};
use crate::approvals::ending;
use crate::assignments::acting::may_give;
use crate::cycles::cycle::Cycle;
use crate::cycles::rows as cycles;
use crate::documents::handing_in;
use crate::fact_checks::fact_check::FactState;
use crate::fact_checks::opening::{self as fact_checks, Parts};
use crate::permissions::{EnterFacts, ReadFacts};
use crate::results::published;
use crate::sheets::rows as sheets;
use crate::subjects::rows as subjects;
use crate::subjects::subject;
use crate::viewer::Viewer;

pub fn routes(config: &mut ServiceConfig) {
    config.service(create_entries).service(list_entries).service(withdraw_entry);
}

/// Something to record.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewEntryBody {
    /// `person:NUMBER` or `unit:CODE`.
    subject: String,
    /// Key of the list.
    list: String,
    /// The values of its columns, by name.
    #[schema(value_type = BTreeMap<String, EnteredValue>)]
    cells: BTreeMap<String, Value>,
    /// Where it comes from.
    #[serde(default)]
    said: Option<String>,
    /// What it rests on, uploaded before by `POST /v1/scoring/documents` and used for nothing else.
    #[serde(default)]
    document: Option<Uuid>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "entries": [{ "subject": "person:E001", "list": "adjustments", "cells": { "points": "2", "reason": "saved the day" } }] }))]
struct NewEntries {
    /// At most 5000.
    entries: Vec<NewEntryBody>,
}

/// How many entries were kept.
#[derive(Serialize, ToSchema)]
struct Kept {
    entries: usize,
    ids: Vec<Uuid>,
}

const MOST: usize = 5000;

/// Record what happened
///
/// All or nothing. By whom the scheme names for the list, else by HR; nobody about themselves.
#[utoipa::path(tag = "entries", security(("bearer" = [])), params(("id" = Uuid, Path, description = "Cycle")),
    request_body = NewEntries, responses((status = 201, body = Kept)))]
#[post("/v1/cycles/{id}/entries")]
async fn create_entries(
    caller: Caller<EnterFacts>,
    write: Write,
    id: web::Path<Uuid>,
    body: JsonBody<NewEntries>,
) -> Result<HttpResponse> {
    let JsonBody(NewEntries { entries }) = body;
    if entries.is_empty() || entries.len() > MOST {
        return Err(Problem::field("/entries", say!("须有 1 到 {MOST} 条记录", "1 to {MOST} entries")));
    }
    let viewer = Viewer::of(&caller);
    write
        .run(&caller, async |tx| {
            let viewer = viewer.seated(tx).await?;
            let cycle = cycles::get(tx, *id, Lock::Share).await?;
            cycle.state.check_entering()?;
            let (new, parts) = checked(tx, &cycle, &viewer, entries).await?;
            rows::insert(tx, cycle.id, &new).await?;
            let documents = new.iter().enumerate().filter_map(|(at, entry)| {
                Some((format!("/entries/{at}/document"), entry.document?, handing_in::entry(entry.id)))
            });
            handing_in::hand_in(tx, &documents.collect::<Vec<_>>()).await?;
            fact_checks::open(tx, &cycle, &parts).await?;
            let subjects: Vec<Subject> = new.iter().map(|entry| entry.subject.clone()).collect();
            sheets::touch(tx, cycle.id, &subjects).await?;
            if new.iter().any(|entry| entry.report.is_none()) {
                ending::reopen(tx, &cycle).await?;
            }
            let told: Vec<Value> = new.iter().map(|entry| json!([entry.subject.id, entry.list, entry.cells])).collect();
            tx.audit("entries.recorded", &id.to_string(), json!({ "entries": told })).await?;
            let ids: Vec<Uuid> = new.iter().map(|entry| entry.id).collect();
            Reply::created(format!("/v1/cycles/{id}/entries"), &Kept { entries: ids.len(), ids })
        })
        .await
}

/// What is recorded, and whoever checks it first.
async fn checked(
    tx: &mut Tx,
    cycle: &Cycle,
    viewer: &Viewer,
    entries: Vec<NewEntryBody>,
) -> Result<(Vec<NewEntry>, Parts)> {
    let scheme = cycle.scheme()?;
    let (mut errors, mut forbidden, mut new) = (Errors::default(), Errors::default(), Vec::new());
    let mut read_all = Vec::new();
    for (at, entry) in entries.into_iter().enumerate() {
        let pointer = format!("/entries/{at}");
        let subject = subject::read(&format!("{pointer}/subject"), &entry.subject)?;
        read_all.push((pointer, subject, entry));
    }
    let wanted: Vec<Subject> = read_all.iter().map(|(_, subject, _)| subject.clone()).collect();
    let about = subjects::named(tx, cycle.id, &wanted).await?;
    let codes: Vec<String> = about.iter().map(|one| one.unit.clone()).collect();
    let units = subjects::units(tx, cycle.id, Some(&codes)).await?;
    let published = published::subjects(tx, cycle.id, &wanted).await?;
    let own_unit = subjects::unit_of(tx, cycle.id, viewer.number.as_deref()).await?;
    let (mut parts, named) = fact_checks::begin(tx, &scheme, viewer, &wanted).await?;
    for (pointer, subject, entry) in read_all {
        let Some(one) = about.iter().find(|one| one.is(&subject)) else {
            errors.add(format!("{pointer}/subject"), say!("本周期没有该考核对象", "the cycle has no such subject"));
            continue;
        };
        let (kind, category) = (one.kind.domain(), one.category.as_deref());
        let lists = scheme.plain().lists(kind, scheme.cadence(), scheme.category(kind, category));
        let Some(list) = lists.into_iter().find(|list| list.key == entry.list && list.rows.is_none()) else {
            errors.add(
                format!("{pointer}/list"),
                say!("方案没有可记录的该列表", "the scheme has no such list to record in"),
            );
            continue;
        };
        let unit = units.iter().find(|unit| unit.subject == one.unit);
        let own = viewer.is_concerned_by(one, own_unit.as_deref());
        if own || !(viewer.machine || may_give(viewer, &list.by, Some(one), unit)) {
            forbidden.add(&pointer, say!("此项由他人记录", "this is for somebody else to record"));
            continue;
        }
        if published.contains(&subject) {
            let why = say!("结果已发布，只能通过更正修改", "the result is published and changes only by a correction");
            errors.add(&pointer, why);
            continue;
        }
        let mut cells = serde_json::Map::new();
        for (name, value) in entry.cells.iter().filter(|(_, value)| !value.is_null()) {
            match scheme.plain().check_cell(scheme.cadence(), kind, &list.key, name, value) {
                Ok(read) => drop(cells.insert(name.clone(), read)),
                Err(why) => errors.add(format!("{pointer}/cells/{}", basics::pointer::segment(name)), why),
            }
        }
        for column in list.columns.iter().filter(|column| column.required && !entry.cells.contains_key(&column.name)) {
            errors.add(format!("{pointer}/cells/{}", column.name), say!("没有填写", "it is missing"));
        }
        if let Some(said) = &entry.said
            && let Err(problem) = crate::cycles::rules::check_text(&format!("{pointer}/said"), said)
        {
            problem.errors.into_iter().for_each(|error| errors.add(error.pointer, error.detail));
        }
        let chain = fact_checks::chain(&list.checked_by, Some(one), &viewer.bodies, &named, &viewer.name);
        new.push(NewEntry {
            id: Uuid::now_v7(),
            report: (!chain.is_empty()).then(|| parts.of(chain, &subject)),
            subject,
            list: entry.list,
            cells: Value::Object(cells),
            said: entry.said,
            document: entry.document,
        });
    }
    if let Err(mut problem) = forbidden.check() {
        problem.code = Code::NotPermitted;
        return Err(problem);
    }
    errors.check().map(|()| (new, parts))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct EntryQuery {
    /// Only about this subject: `person:NUMBER` or `unit:CODE`.
    subject: Option<String>,
    /// The `next` of the page before.
    after: Option<Uuid>,
    /// Items at most, 1 to 500; 50 unless said.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<i64>,
}

/// Look through what was recorded
#[utoipa::path(tag = "entries", security(("bearer" = [])), params(("id" = Uuid, Path, description = "Cycle"), EntryQuery),
    responses((status = 200, body = Page<EntryView>)))]
#[get("/v1/cycles/{id}/entries")]
async fn list_entries(
    caller: Caller<ReadFacts>,
    platform: Platform,
    id: web::Path<Uuid>,
    query: web::Query<EntryQuery>,
) -> Result<web::Json<Page<EntryView>>> {
    let limit = PageQuery { after: None, limit: query.limit }.limit()?;
    let subject = query.subject.as_deref().map(|text| subject::read("/subject", text)).transpose()?;
    let viewer = Viewer::of(&caller);
    let page = read(&platform, &caller, async |tx| {
        let cycle = cycles::get(tx, *id, Lock::None).await?;
        let found = rows::list(tx, *id, subject.as_ref(), query.after, limit + 1).await?;
        let about: Vec<Subject> = found.iter().map(Entry::about).collect();
        let published = published::subjects(tx, cycle.id, &about).await?;
        let enters = cycle.state.check_entering().is_ok();
        let view = |entry: Entry| {
            let is_open = enters && !published.contains(&entry.about());
            EntryView::of(entry, is_open, &viewer)
        };
        Ok(Page::cut(found.into_iter().map(view).collect(), limit, |entry: &EntryView| entry.id.to_string()))
    })
    .await?;
    Ok(web::Json(page))
}

/// Take an entry back
#[utoipa::path(tag = "entries", security(("bearer" = [])), params(("id" = Uuid, Path, description = "Entry")),
    responses((status = 204)))]
#[delete("/v1/entries/{id}")]
async fn withdraw_entry(caller: Caller<EnterFacts>, write: Write, id: web::Path<Uuid>) -> Result<HttpResponse> {
    let viewer = Viewer::of(&caller);
    write
        .run(&caller, async |tx| {
            let entry = rows::get(tx, *id).await?;
            let cycle = cycles::get(tx, entry.cycle, Lock::Share).await?;
            cycle.state.check_entering()?;
            let subject = entry.about();
            published::must_not_be(tx, cycle.id, &subject).await?;
            if !may_withdraw(&viewer, &entry) {
                return Err(Problem::not_permitted(say!(
                    "只有记录人和人力资源可撤回",
                    "only its author and HR take it back"
                )));
            }
            if entry.is_checked() {
                return Err(Problem::wrong_state(say!(
                    "该记录已经核对批准，不能撤回；请另行记录更正",
                    "the entry was checked and approved and is not taken back: record what puts it right"
                )));
            }
            rows::withdraw(tx, *id).await?;
            if let Some(report) = entry.report {
                fact_checks::end_empty(tx, &cycle, &[report]).await?;
            }
            sheets::touch(tx, cycle.id, std::slice::from_ref(&subject)).await?;
            if entry.state == FactState::Approved {
                ending::reopen(tx, &cycle).await?;
            }
            tx.audit(
                "entries.withdrawn",
                &cycle.id.to_string(),
                json!({ "numbers": [entry.subject], "list": entry.list }),
            )
            .await?;
            Ok(Reply::no_content())
        })
        .await
}
