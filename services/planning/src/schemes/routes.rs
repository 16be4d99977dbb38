use std::sync::OnceLock;

use actix_web::{HttpResponse, get, post, web};
use basics::Locale;
use domain::scheme::Scheme;
use platform::aside::aside;
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

/// One version of a scheme, with its source.
#[utoipa::path(tag = "schemes", security(("bearer" = [])), params(("code" = String, Path), ("version" = i32, Path)),
    responses((status = 200, body = SchemeVersion)))]
#[get("/v1/schemes/{code}/versions/{version}")]
async fn get_scheme_version(
    caller: Caller<ReadSchemes>,
    platform: Platform,
    path: web::Path<(String, i32)>,
) -> Result<HttpResponse> {
    let (code, version) = path.into_inner();
    let found =
        platform::web::read(&platform, &caller, async |tx| rows::version(tx, &code, Some(version)).await).await?;
    Ok(HttpResponse::Ok().json(found.ok_or_else(|| Problem::not_found(say!("方案版本", "scheme version")))?))
}
