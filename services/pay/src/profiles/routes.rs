use std::collections::BTreeMap;
use std::sync::Arc;

use actix_web::web::{Path, Query};
use actix_web::{HttpRequest, HttpResponse, get, post, put};
use domain::scheme::Scheme;
use jiff::civil::Date;
use platform::clock::date_of;
use platform::language;
use platform::tabular::{Table, aside, template_answer};
use platform::web::{Notes, RawBody, plausible, read, versioned};
use platform::{Caller, IfMatch, JsonBody, Page, PageQuery, Platform, Problem, Reply, Result, Tx, Write, say};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::{rows, rules};
use crate::input::is_employee_number;
use crate::permissions::{ChangeProfiles, ReadProfiles};
use crate::{cycles, held, people};

pub fn register(config: &mut ServiceConfig) {
    config
        .service(import_pay_profiles)
        .service(get_pay_template)
        .service(list_pay_profiles)
        .service(get_pay_profile)
        .service(put_pay_profile)
        .service(list_revisions);
}

/// A person's pay profile.
#[derive(Serialize, ToSchema)]
struct PayProfile {
    /// Employee number.
    number: String,
    /// Counts the changes; the `ETag` of the profile.
    version: i64,
    /// What is in force from when, oldest first.
    #[schema(value_type = Vec<Revision>)]
    revisions: serde_json::Value,
    /// Nobody has this number, as far as the organisation has told: nothing is ever paid to it.
    unknown: bool,
    /// Numbers of people that may be meant instead.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    near: Vec<String>,
}

/// Pay inputs from a day on.
#[derive(Serialize, ToSchema)]
#[allow(dead_code, reason = "describes what PostgreSQL puts together")]
struct Revision {
    effective_on: Date,
    /// Decimals by the names that schemes use, such as `base_salary`: yuan a month, or a fraction for rates.
    inputs: BTreeMap<String, String>,
}

/// Profiles as they are shown, with whether anybody has their numbers.
async fn shown(tx: &mut Tx, profiles: Vec<rows::Profile>) -> Result<Vec<PayProfile>> {
    let numbers: Vec<&str> = profiles.iter().map(|profile| profile.number.as_str()).collect();
    let mut unknown = people::rows::unknown(tx, &numbers).await?;
    let shown = |row: rows::Profile| {
        let near = unknown.remove(&row.number);
        let (unknown, near) = (near.is_some(), near.unwrap_or_default());
        PayProfile { number: row.number, version: row.version, revisions: row.revisions, unknown, near }
    };
    Ok(profiles.into_iter().map(shown).collect())
}

async fn shown_profile(tx: &mut Tx, number: &str) -> Result<Option<PayProfile>> {
    let profile = rows::find(tx, number).await?;
    Ok(shown(tx, profile.into_iter().collect()).await?.pop())
}

/// What a file holds.
#[derive(Clone, Copy, Debug, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Pay,
}

/// Which file is imported.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ImportQuery {
    /// What the file holds.
    #[param(inline)]
    #[expect(dead_code, reason = "there is one kind; the document holds requests to it")]
    kind: Kind,
    /// The day from which the profiles are in force; today unless said.
    effective_on: Option<Date>,
}

/// What an import did.
#[derive(Serialize, ToSchema)]
struct ImportDone {
    /// People who had no profile before.
    created: usize,
    updated: usize,
    /// Rows that say what is stored already.
    unchanged: usize,
    #[serde(flatten)]
    notes: Notes,
}

/// Imports pay profiles (`kind=pay`).
///
/// The body is a CSV (UTF-8) or XLSX file with the column `number` and any columns of pay inputs, such as
/// `base_salary` or `performance_base`: decimals, negative only where a scheme lets them be. Inputs that the file has no column or an empty
/// cell for stay as they are. All or nothing; errors point at `/row/column`, and the header is row 1. A file that
/// changes the caller's own profile is refused. A number that nobody has is kept and told in a note, with numbers that
/// may be meant.
#[utoipa::path(
    tag = "pay profiles",
    params(ImportQuery),
    request_body(
        content(
            (String = "text/csv", example = "number,base_salary\nE001,8000.00\n"),
            (String = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
        ),
        description = "CSV or XLSX",
    ),
    security(("bearer" = [])),
    extensions(("x-route-query" = json!({ "kind": "pay" }))),
    responses(
        (status = 200, body = ImportDone),
    )
)]
#[post("/v1/imports")]
async fn import_pay_profiles(
    caller: Caller<ChangeProfiles>,
    write: Write,
    query: Query<ImportQuery>,
    body: RawBody,
) -> Result<HttpResponse> {
    let effective_on = plausible("/effective_on", query.effective_on)?;
    let schemes = schemes(write.platform(), &caller).await?;
    let (table, imported) = aside(move || {
        let (table, faults) = Table::read(&body.0, &rules::columns(&schemes))?;
        let imported = rules::imported(&table, faults, &rules::Unsigned::by(&schemes))?;
        Ok((table, imported))
    })
    .await?;
    write
        .run(&caller, async |tx| {
            let day = effective_on.unwrap_or_else(|| date_of(tx.now));
            let mut done = import(tx, &caller, day, imported).await?;
            table.tell(&mut done.notes);
            let notes = done.notes.only(write.locale());
            Reply::ok(&ImportDone { notes, ..done })
        })
        .await
}

/// The schemes of the company's latest cycles: what pay inputs are called, and which may not be negative.
async fn schemes(platform: &Platform, caller: &Caller<ChangeProfiles>) -> Result<Vec<Arc<Scheme>>> {
    read(platform, caller, async |tx| cycles::schemes::of_latest(tx).await).await
}

/// People whose change one audit entry holds.
const RECORDED_AT_ONCE: usize = 500;

async fn import(
    tx: &mut Tx,
    caller: &Caller<ChangeProfiles>,
    day: Date,
    imported: Vec<rules::Imported>,
) -> Result<ImportDone> {
    let (now, rows_read) = (tx.now, imported.len());
    rows::lock_for_change(tx).await?;
    let numbers: Vec<&str> = imported.iter().map(|row| row.number.as_str()).collect();
    let stored = rows::stored(tx, &numbers, day).await?;
    let notes = notes(tx, &imported).await?;
    let changes = rules::changes(imported, &stored);
    rules::check_not_own(&changes, |number| caller.is(number))?;
    let by = tx.actor.name.clone();
    rows::write(tx, day, &changes, &by, now).await?;
    let numbers: Vec<&str> = changes.iter().map(|change| change.number.as_str()).collect();
    held::rows::make_due(tx, &numbers).await?;
    let created = changes.iter().filter(|change| change.version == 1).count();
    let done = ImportDone { created, updated: changes.len() - created, unchanged: rows_read - changes.len(), notes };
    tx.audit("pay_profiles.imported", &day.to_string(), json!(done)).await?;
    for chunk in changes.chunks(RECORDED_AT_ONCE) {
        record(tx, &day.to_string(), day, chunk).await?;
    }
    Ok(done)
}

/// Which file is wanted.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct TemplateQuery {
    /// What the file will hold.
    #[param(inline)]
    #[expect(dead_code, reason = "there is one kind; the document holds requests to it")]
    kind: Kind,
    /// `zh-CN` or `en`; by `Accept-Language` unless said.
    locale: Option<String>,
}

/// A workbook for pay profiles
///
/// For `kind=pay`: to be filled in, with a column for each pay input that the company has used. Others may be added.
#[utoipa::path(
    tag = "pay profiles",
    params(TemplateQuery),
    security(("bearer" = [])),
    extensions(("x-route-query" = json!({ "kind": "pay" }))),
    responses(
        (status = 200, body = String, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    )
)]
#[get("/v1/imports/template")]
async fn get_pay_template(
    platform: Platform,
    caller: Caller<ChangeProfiles>,
    request: HttpRequest,
    query: Query<TemplateQuery>,
) -> Result<HttpResponse> {
    let locale = language::of_reader(&request, query.locale.as_deref())?;
    let names = read(&platform, &caller, async |tx| rows::input_names(tx).await).await?;
    let schemes = schemes(&platform, &caller).await?;
    template_answer("pay", &rules::template_columns(names, &schemes), &[], locale)
}

async fn record(tx: &mut Tx, subject: &str, day: Date, changes: &[rules::Change]) -> Result<()> {
    let about = json!({ "effective_on": day, "changes": rules::recorded(changes) });
    tx.audit("pay_profiles.changed", subject, about).await
}

/// Rows of people whom nobody knows: a total below the table, a number that lost its zeros.
async fn notes(tx: &mut Tx, imported: &[rules::Imported]) -> Result<Notes> {
    let numbers: Vec<&str> = imported.iter().map(|row| row.number.as_str()).collect();
    let unknown = people::rows::unknown(tx, &numbers).await?;
    let mut notes = Notes::default();
    for row in imported {
        if let Some(near) = unknown.get(&row.number) {
            notes.add(row.pointer.as_str(), rules::unknown_number(&row.number, near));
        }
    }
    Ok(notes)
}

/// Which profiles are wanted.
#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ProfilesQuery {
    /// Only those whose number nobody has (`true`), or somebody has (`false`).
    unknown: Option<bool>,
}

/// Pay profiles in order of employee number.
#[utoipa::path(
    tag = "pay profiles",
    params(PageQuery, ProfilesQuery),
    security(("bearer" = [])),
    responses(
        (status = 200, body = Page<PayProfile>),
    )
)]
#[get("/v1/pay-profiles")]
async fn list_pay_profiles(
    platform: Platform,
    caller: Caller<ReadProfiles>,
    page: Query<PageQuery>,
    query: Query<ProfilesQuery>,
) -> Result<HttpResponse> {
    let (limit, after) = (page.limit()?, page.after.as_deref().unwrap_or_default());
    if !after.is_empty() && !is_employee_number(after) {
        return Err(Problem::field("/after", say!("这不是工号", "this is no employee number")));
    }
    let found = read(&platform, &caller, async |tx| {
        tx.audit("pay_profiles.listed", "", json!({ "after": after, "limit": limit })).await?;
        let page = rows::page(tx, query.unknown, after, limit + 1).await?;
        shown(tx, page).await
    })
    .await?;
    Ok(HttpResponse::Ok().json(Page::cut(found, limit, |profile| profile.number.clone())))
}

/// One person's pay profile.
#[utoipa::path(
    tag = "pay profiles",
    params(("number" = String, Path, description = "Employee number")),
    security(("bearer" = [])),
    responses(
        (status = 200, body = PayProfile, headers(("ETag" = String))),
    )
)]
#[get("/v1/pay-profiles/{number}")]
async fn get_pay_profile(
    platform: Platform,
    caller: Caller<ReadProfiles>,
    number: Path<String>,
) -> Result<HttpResponse> {
    let found = read(&platform, &caller, async |tx| read_profile(tx, &number).await).await?;
    let profile = found.ok_or_else(|| Problem::not_found(say!("薪酬档案", "pay profile")))?;
    Ok(versioned(&profile, profile.version))
}

async fn read_profile(tx: &mut Tx, number: &str) -> Result<Option<PayProfile>> {
    if !is_employee_number(number) {
        return Ok(None);
    }
    tx.audit("pay_profiles.read", number, json!({})).await?;
    shown_profile(tx, number).await
}

/// One change of a profile.
#[derive(Serialize, ToSchema)]
struct KeptRevision {
    /// 1 for the first; the `ETag` that the profile had then.
    version: i64,
    effective_on: Date,
    /// All that was in force from that day on.
    #[schema(value_type = BTreeMap<String, String>)]
    inputs: serde_json::Value,
    /// Employee number or account name; null where it was not kept yet.
    changed_by: Option<String>,
    /// RFC 3339.
    changed_at: String,
}

impl From<rows::Revision> for KeptRevision {
    fn from(row: rows::Revision) -> Self {
        Self {
            version: row.version,
            effective_on: row.effective_on.to_jiff(),
            inputs: row.inputs,
            changed_by: row.changed_by,
            changed_at: row.changed_at.to_string(),
        }
    }
}

/// Every change of a person's pay profile, newest first.
///
/// Nothing is overwritten: a later change of the same day takes the place of an earlier one, which stays here.
#[utoipa::path(
    tag = "pay profiles",
    params(("number" = String, Path, description = "Employee number"), PageQuery),
    security(("bearer" = [])),
    responses(
        (status = 200, body = Page<KeptRevision>),
    )
)]
#[get("/v1/pay-profiles/{number}/revisions")]
async fn list_revisions(
    platform: Platform,
    caller: Caller<ReadProfiles>,
    number: Path<String>,
    page: Query<PageQuery>,
) -> Result<HttpResponse> {
    let limit = page.limit()?;
    let before = page.after.as_deref().map(str::parse).transpose();
    let before = before
        .map_err(|_| Problem::field("/after", say!("这不是上一页的 `next`", "this is not the `next` of a page")))?;
    if !is_employee_number(&number) {
        return Err(Problem::not_found(say!("薪酬档案", "pay profile")));
    }
    let found = read(&platform, &caller, async |tx| {
        tx.audit("pay_profiles.read", &number, json!({ "revisions": true })).await?;
        rows::revisions(tx, &number, before, limit + 1).await
    })
    .await?;
    if found.is_empty() && before.is_none() {
        return Err(Problem::not_found(say!("薪酬档案", "pay profile")));
    }
    let items = found.into_iter().map(KeptRevision::from).collect();
    Ok(HttpResponse::Ok().json(Page::cut(items, limit, |revision| revision.version.to_string())))
}

/// A pay profile as it shall be.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ProfileBody {
    /// Decimals by name, such as `{"base_salary": "8000.00"}`, negative only where a scheme lets them be; they replace
    /// all that was in force.
    inputs: BTreeMap<String, String>,
    /// The day from which it is in force; today unless said.
    effective_on: Option<Date>,
}

/// Sets a person's pay profile from a day on; `If-Match: "0"` creates one. Not one's own.
#[utoipa::path(
    tag = "pay profiles",
    params(
        ("number" = String, Path, description = "Employee number"),
        ("If-Match" = String, Header, description = "The `ETag` that was read, or \"0\""),
    ),
    request_body = ProfileBody,
    security(("bearer" = [])),
    responses(
        (status = 200, body = PayProfile, headers(("ETag" = String))),
    )
)]
#[put("/v1/pay-profiles/{number}")]
async fn put_pay_profile(
    caller: Caller<ChangeProfiles>,
    write: Write,
    number: Path<String>,
    if_match: IfMatch,
    body: JsonBody<ProfileBody>,
) -> Result<HttpResponse> {
    if !is_employee_number(&number) {
        return Err(Problem::field("/number", say!("这不是工号", "this is no employee number")));
    }
    if caller.is(&number) {
        return Err(Problem::not_permitted(say!("不能修改自己的薪酬档案", "nobody changes their own pay profile")));
    }
    let effective_on = plausible("/effective_on", body.0.effective_on)?;
    let inputs = rules::inputs(&body.0.inputs, &rules::Unsigned::by(&schemes(write.platform(), &caller).await?))?;
    write
        .run(&caller, async |tx| {
            let now = tx.now;
            let day = effective_on.unwrap_or_else(|| date_of(now));
            rows::lock_for_change(tx).await?;
            let stored = rows::stored(tx, &[&number], day).await?;
            let rules::Stored { inputs: before, version } = stored.get(number.as_str()).cloned().unwrap_or_default();
            if_match.check(version)?;
            let (pointer, by) = ("/number".to_owned(), tx.actor.name.clone());
            let change = rules::Change { pointer, number: number.to_string(), before, inputs, version: version + 1 };
            let changes = std::slice::from_ref(&change);
            rows::write(tx, day, changes, &by, now).await?;
            held::rows::make_due(tx, &[&number]).await?;
            record(tx, &number, day, changes).await?;
            let profile = shown_profile(tx, &number).await?;
            let profile = profile.ok_or_else(|| Problem::not_found(say!("薪酬档案", "pay profile")))?;
            Ok(Reply::ok(&profile)?.version(profile.version))
        })
        .await
}
