use std::sync::Arc;

use actix_web::web::{Path, Query};
use actix_web::{HttpRequest, HttpResponse, get, post, put};
use domain::scheme::Scheme;
use jiff::civil::Date;
use platform::clock::date_of;
use platform::language;
use platform::tabular::{aside, template_answer};
use platform::text::hexadecimal;
use platform::web::{RawBody, plausible, read, versioned};
use platform::{Caller, IfMatch, JsonBody, Page, PageQuery, Platform, Problem, Reply, Result, Tx, Write, say};
use serde::Deserialize;
use serde_json::json;
use sha2::{Digest, Sha256};
use utoipa::{IntoParams, ToSchema};
use utoipa_actix_web::service_config::ServiceConfig;

use super::profile::{ImportDone, KeptRevision, PayProfile, ProfileBody};
use super::{changing, file, rows, rules};
use crate::cycles::{self, schemes};
use crate::input::{is_employee_number, number_after};
use crate::permissions::{ChangeProfiles, ReadProfiles};
use crate::profile_checks::rules::Chains;

pub fn register(config: &mut ServiceConfig) {
    config
        .service(import_pay_profiles)
        .service(get_pay_template)
        .service(list_pay_profiles)
        .service(get_pay_profile)
        .service(put_pay_profile)
        .service(list_revisions);
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

/// Imports pay profiles (`kind=pay`).
///
/// The body is a CSV (UTF-8) or XLSX file with the column `number` and any columns of pay inputs, such as
/// `base_salary` or `performance_base`: decimals, negative only where a scheme lets them be. Inputs that the file has no column or an empty
/// cell for stay as they are. All or nothing; errors point at `/row/column`, and the header is row 1. A file that
/// changes the caller's own profile is refused. Columns of facts are passed over and told: the same file goes to
/// `POST /v1/cycles/{id}/facts`. What a scheme has checked (`checked_by`) is reported, and counts once it is through. A number that nobody has is kept and told in a note, with numbers that
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
    extensions(("x-route-query" = json!({ "kind": ["pay"] }))),
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
    let schemes = latest_schemes(write.platform(), &caller).await?;
    let sha256 = hexadecimal(&Sha256::digest(&body.0));
    let chains = Chains::of(&schemes);
    let (table, imported) = aside(move || file::read(&body.0, &schemes)).await?;
    write
        .run(&caller, async |tx| {
            let day = effective_on.unwrap_or_else(|| date_of(tx.now));
            tx.audit("pay-profiles.file", &sha256, json!({ "effective_on": day, "lines": imported.len() })).await?;
            let file = changing::File { day, sha256: &sha256, rows: imported };
            let mut done = changing::import(tx, &caller, &chains, file).await?;
            table.tell(&mut done.notes);
            Reply::ok(&done.only(write.locale()))
        })
        .await
}

/// The schemes of the company's latest cycles: what pay inputs are called, and what they may be.
async fn latest_schemes(platform: &Platform, caller: &Caller<ChangeProfiles>) -> Result<Vec<Arc<Scheme>>> {
    schemes::of_each(read(platform, caller, async |tx| cycles::rows::latest_of_each(tx).await).await?).await
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
    extensions(("x-route-query" = json!({ "kind": ["pay"] }))),
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
    let schemes = latest_schemes(&platform, &caller).await?;
    template_answer("pay", &file::template_columns(names, &schemes), &[], locale)
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
    let (limit, after) = (page.limit()?, number_after(&page)?);
    let found = read(&platform, &caller, async |tx| {
        tx.audit("pay_profiles.listed", "", json!({ "after": after, "limit": limit })).await?;
        rows::page(tx, query.unknown, after, limit + 1).await
    })
    .await?;
    Ok(HttpResponse::Ok().json(Page::cut(found, limit, |profile| profile.number.to_string())))
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
    let profile = found.ok_or_else(no_profile)?;
    Ok(versioned(&profile, profile.version))
}

async fn read_profile(tx: &mut Tx, number: &str) -> Result<Option<PayProfile>> {
    if !is_employee_number(number) {
        return Ok(None);
    }
    tx.audit("pay_profiles.read", number, json!({})).await?;
    rows::find(tx, number).await
}

fn no_profile() -> Problem {
    Problem::not_found(say!("薪酬档案", "pay profile"))
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
    let (limit, before) = (page.limit()?, page.after_key()?);
    if !is_employee_number(&number) {
        return Err(no_profile());
    }
    let found = read(&platform, &caller, async |tx| {
        tx.audit("pay_profiles.read", &number, json!({ "revisions": true })).await?;
        rows::revisions(tx, &number, before, limit + 1).await
    })
    .await?;
    if found.is_empty() && before.is_none() {
        return Err(no_profile());
    }
    let items = found.into_iter().map(KeptRevision::from).collect();
    Ok(HttpResponse::Ok().json(Page::cut(items, limit, |revision| revision.version.to_string())))
}

/// Sets a person's pay profile from a day on; `If-Match: "0"` creates one. Not one's own.
///
/// What a scheme has checked (`checked_by`) is reported, and stays in force as it was until it is through.
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
    rules::check_may_set(&caller, &number)?;
    let ProfileBody { inputs, effective_on } = body.0;
    let schemes = latest_schemes(write.platform(), &caller).await?;
    let inputs = rules::profile(&inputs, effective_on, &schemes)?;
    let chains = Chains::of(&schemes);
    write
        .run(&caller, async |tx| {
            let day = effective_on.unwrap_or_else(|| date_of(tx.now));
            let profile = changing::set(tx, &caller, &chains, &number, day, inputs, if_match).await?;
            Ok(Reply::ok(&profile)?.version(profile.version))
        })
        .await
}
