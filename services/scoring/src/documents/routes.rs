use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::{Path, Query};
use actix_web::{HttpRequest, HttpResponse, get, post};
use platform::attachment::attachment;
use platform::utoipa_actix_web::service_config::ServiceConfig;
use platform::web::{RawBody, read};
use platform::{Caller, Platform, Problem, Reply, Result, Write, say};
use serde_json::json;
use steps::documents::{DocumentView, UploadQuery, rows as documents, rules};
use uuid::Uuid;

use super::reading::readable;
use crate::permissions::{HandInDocuments, ReadDocuments};
use crate::viewer::Viewer;

pub fn routes(config: &mut ServiceConfig) {
    config.service(upload_evidence).service(download_evidence);
}

/// Upload a document that an entry, a note, values or a correction rest on
///
/// PDF, PNG, JPEG, DOCX, XLSX or plain text of 10 MB at most. It belongs to nothing until it is named in one of these.
#[utoipa::path(tag = "documents", security(("bearer" = [])), params(UploadQuery),
    request_body(content((String = "application/pdf"), (String = "image/png"), (String = "image/jpeg"), (String = "text/plain"),
        (String = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (String = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))),
    responses((status = 201, body = DocumentView), (status = 409), (status = 413), (status = 415)))]
#[post("/v1/scoring/documents")]
async fn upload_evidence(
    caller: Caller<HandInDocuments>,
    write: Write,
    query: Query<UploadQuery>,
    request: HttpRequest,
    body: RawBody,
) -> Result<HttpResponse> {
    let media_type = request.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let new = rules::check(&query.name, media_type, body.0.to_vec())?;
    write
        .run(&caller, async |tx| {
            let kept = documents::upload(tx, &new).await?;
            Reply::created(format!("/v1/scoring/documents/{}", kept.id), &kept)
        })
        .await
}

/// Download a document
///
/// By whoever uploaded it, and whoever reads what it was handed in with: an entry, a note, a value, a corrected result. Reading
/// somebody else's is recorded.
#[utoipa::path(tag = "documents", security(("bearer" = [])), params(("id" = Uuid, Path)),
    responses((status = 200, body = String, content_type = "application/octet-stream")))]
#[get("/v1/scoring/documents/{id}")]
async fn download_evidence(caller: Caller<ReadDocuments>, platform: Platform, id: Path<Uuid>) -> Result<HttpResponse> {
    let viewer = Viewer::of(&caller);
    let document = read(&platform, &caller, async |tx| {
        let document = documents::get(tx, *id).await?;
        if document.by == tx.actor.name {
            return Ok(document);
        }
        let about = readable(tx, &viewer, &document).await?;
        let about = about.ok_or_else(|| Problem::not_found(say!("文件", "document")))?;
        tx.audit("documents.read", &id.to_string(), json!({ "by": document.by, "numbers": [about.id] })).await?;
        Ok(document)
    })
    .await?;
    Ok(attachment(&document.name, document.bytes))
}
