use std::collections::BTreeSet;
use std::sync::OnceLock;

use actix_web::{HttpResponse, get, post, web};
use basics::Locale;
use domain::Kind;
use domain::scheme::{Coded, Scheme};
use platform::aside::aside;
use platform::openapi::LabelView;
use platform::utoipa_actix_web::service_config::ServiceConfig;
use platform::{Caller, JsonBody, Platform, Problem, Reply, Result, Write, say};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;

use super::rows::{self, NewVersion, SchemeVersion};
use super::rules;
use crate::permissions::{ReadSchemes, UploadScheme};

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(list_scheme_templates)
        .service(upload_scheme)
        .service(list_schemes)
        .service(get_scheme)
        .service(get_scheme_version);
}

/// A scheme that comes with the product.
#[derive(Serialize, Deserialize, ToSchema)]
struct SchemeTemplate {
    code: String,
    name_zh: String,
    name_en: String,
    /// The TOML text, to be changed and uploaded.
    source: String,
}

#[derive(Serialize, Deserialize, ToSchema)]
struct SchemeTemplates {
    items: Vec<SchemeTemplate>,
}

#[derive(Serialize, Deserialize, ToSchema)]
struct SchemeVersions {
    items: Vec<SchemeVersion>,
}

/// A scheme to upload.
#[derive(Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SchemeUpload {
    /// The TOML text, whole.
    source: String,
}

/// Schemes that come with the product.
#[utoipa::path(tag = "schemes", security(("bearer" = [])),
    responses((status = 200, body = SchemeTemplates)))]
#[get("/v1/scheme-templates")]
async fn list_scheme_templates(_caller: Caller<ReadSchemes>) -> Result<HttpResponse> {
    Ok(HttpResponse::Ok().content_type("application/json").body(templates().await?))
}

/// The answer, which is the same as long as the process lives.
static TEMPLATES: OnceLock<web::Bytes> = OnceLock::new();

async fn templates() -> Result<web::Bytes> {
    if let Some(known) = TEMPLATES.get() {
        return Ok(known.clone());
    }
    let mut items = Vec::new();
    for (code, source) in Scheme::shipped() {
        let scheme = rules::read_stored(source).await?;
        items.push(SchemeTemplate {
            code: (*code).to_owned(),
            name_zh: scheme.name(Locale::ZhCn).to_owned(),
            name_en: scheme.name(Locale::En).to_owned(),
            source: (*source).to_owned(),
        });
    }
    let answer = serde_json::to_vec(&SchemeTemplates { items })?;
    Ok(TEMPLATES.get_or_init(|| answer.into()).clone())
}

/// Stores a scheme as a new version of its code, after checking all of it. A text that is already the
/// latest version is answered with that version. 503 while too many schemes are being checked.
#[utoipa::path(tag = "schemes", security(("bearer" = [])), request_body = SchemeUpload,
    responses((status = 201, body = SchemeVersion), (status = 200, body = SchemeVersion)))]
#[post("/v1/schemes")]
async fn upload_scheme(
    caller: Caller<UploadScheme>,
    write: Write,
    body: JsonBody<SchemeUpload>,
) -> Result<HttpResponse> {
    let source = body.0.source;
    let (scheme, source) = aside(move |_| Ok((rules::read(&source)?, source))).await?;
    write
        .run(&caller, async |tx| {
            let latest = rows::version(tx, scheme.code(), None).await?;
            if let Some(latest) = latest.filter(|latest| latest.source.as_deref() == Some(source.as_str())) {
                return Reply::ok(&latest);
            }
            let added = rows::add(tx, new_version(&scheme, &source)).await?;
            tx.audit("schemes.uploaded", &added.code, json!({ "version": added.version })).await?;
            Reply::created(format!("/v1/schemes/{}/versions/{}", added.code, added.version), &added)
        })
        .await
}

pub fn new_version<'a>(scheme: &'a Scheme, source: &'a str) -> NewVersion<'a> {
    NewVersion { code: scheme.code(), name_zh: scheme.name(Locale::ZhCn), name_en: scheme.name(Locale::En), source }
}

/// The latest version of each of the company's schemes.
#[utoipa::path(tag = "schemes", security(("bearer" = [])),
    responses((status = 200, body = SchemeVersions)))]
#[get("/v1/schemes")]
async fn list_schemes(caller: Caller<ReadSchemes>, platform: Platform) -> Result<HttpResponse> {
    let items = platform::web::read(&platform, &caller, async |tx| rows::latest(tx).await).await?;
    Ok(HttpResponse::Ok().json(SchemeVersions { items }))
}

/// All versions of a scheme, newest first.
#[utoipa::path(tag = "schemes", security(("bearer" = [])), params(("code" = String, Path)),
    responses((status = 200, body = SchemeVersions)))]
#[get("/v1/schemes/{code}")]
async fn get_scheme(caller: Caller<ReadSchemes>, platform: Platform, code: web::Path<String>) -> Result<HttpResponse> {
    let items = platform::web::read(&platform, &caller, async |tx| rows::versions(tx, &code).await).await?;
    if items.is_empty() {
        return Err(Problem::not_found(say!("考核方案", "scheme")));
    }
    Ok(HttpResponse::Ok().json(SchemeVersions { items }))
}

/// A kind of cycle of a scheme.
#[derive(Serialize, Deserialize, ToSchema)]
struct CadenceView {
    code: String,
    label: LabelView,
    /// How its periods are written: `month`, `quarter`, `half_year`, `year` or `fiscal_year`.
    form: String,
    /// It has to be named: the form of the period alone does not choose it.
    named: bool,
}

/// Something that has a code.
#[derive(Serialize, Deserialize, ToSchema)]
struct CodedView {
    code: String,
    label: LabelView,
}

/// Names of facts, by whose they are.
#[derive(Serialize, Deserialize, ToSchema)]
struct FactNames {
    people: Vec<String>,
    units: Vec<String>,
    company: Vec<String>,
}

/// Keys of lists, by whose they are.
#[derive(Serialize, Deserialize, ToSchema)]
struct ListKeys {
    people: Vec<String>,
    units: Vec<String>,
}

/// A version of a scheme with what it knows.
#[derive(Serialize, Deserialize, ToSchema)]
struct SchemeDetail {
    #[serde(flatten)]
    version: SchemeVersion,
    cadences: Vec<CadenceView>,
    people_categories: Vec<CodedView>,
    unit_categories: Vec<CodedView>,
    /// Codes of the company's bodies that the scheme names.
    bodies: Vec<String>,
    /// Names of what the pay profile gives.
    pay_inputs: Vec<String>,
    facts: FactNames,
    lists: ListKeys,
    has_units: bool,
}

fn detail(version: SchemeVersion, scheme: &Scheme) -> Result<SchemeDetail> {
    let coded = |all: &[Coded]| {
        all.iter().map(|one| CodedView { code: one.code.clone(), label: one.label.clone().into() }).collect()
    };
    let mut cadences = Vec::new();
    for cadence in scheme.cadences() {
        let form = serde_json::to_value(cadence.form)?;
        cadences.push(CadenceView {
            code: cadence.code.clone(),
            label: cadence.label.clone().into(),
            form: form.as_str().unwrap_or_default().to_owned(),
            named: cadence.named,
        });
    }
    let lists = |kind: Kind| -> Vec<String> {
        let all = scheme.cadences().iter().flat_map(|cadence| scheme.lists(kind, &cadence.code, None));
        all.map(|list| list.key).collect::<BTreeSet<_>>().into_iter().collect()
    };
    Ok(SchemeDetail {
        version,
        cadences,
        people_categories: coded(scheme.people_categories()),
        unit_categories: coded(scheme.unit_categories()),
        bodies: scheme.bodies().into_iter().collect(),
        pay_inputs: scheme.pay_labels().map(|(name, _)| name.to_owned()).collect(),
        facts: FactNames {
            people: rules::fact_names(scheme, Kind::People),
            units: rules::fact_names(scheme, Kind::Units),
            company: rules::fact_names(scheme, Kind::Company),
        },
        lists: ListKeys { people: lists(Kind::People), units: lists(Kind::Units) },
        has_units: scheme.has_units(),
    })
}

/// One version of a scheme, with its source and what it knows: cadences, categories, bodies, facts and lists.
#[utoipa::path(tag = "schemes", security(("bearer" = [])), params(("code" = String, Path), ("version" = i32, Path)),
    responses((status = 200, body = SchemeDetail)))]
#[get("/v1/schemes/{code}/versions/{version}")]
async fn get_scheme_version(
    caller: Caller<ReadSchemes>,
    platform: Platform,
    path: web::Path<(String, i32)>,
) -> Result<HttpResponse> {
    let (code, version) = path.into_inner();
    let found =
        platform::web::read(&platform, &caller, async |tx| rows::version(tx, &code, Some(version)).await).await?;
    let found = found.ok_or_else(|| Problem::not_found(say!("方案版本", "scheme version")))?;
    let scheme = rules::read_stored(found.source.as_deref().unwrap_or_default()).await?;
    Ok(HttpResponse::Ok().json(detail(found, &scheme)?))
}
