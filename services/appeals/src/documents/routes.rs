use actix_web::http::header::CONTENT_TYPE;
use actix_web::web::{Path, Query};
use actix_web::{HttpRequest, HttpResponse, get, post};
use platform::attachment::attachment;
use platform::sql::Lock;
use platform::utoipa_actix_web::service_config::ServiceConfig;
use platform::web::{RawBody, read};
use platform::{Caller, Platform, Problem, Reply, Result, Write, say};
use serde_json::json;
use steps::documents::{DocumentView, UploadQuery, rows as documents, rules};
use uuid::Uuid;

use crate::appeals::{rows, rules as appeals};
use crate::permissions::{AddToAppeal, ReadAppeals};
use crate::viewer::Viewer;

pub fn register(config: &mut ServiceConfig) {
    config.service(upload_document).service(download_document);
}

/// Upload a document
///
/// PDF, PNG, JPEG, DOCX, XLSX or plain text of 10 MB at most. It belongs to nothing until it is named in an appeal or in a
/// note of one.
#[utoipa::path(tag = "appeals", security(("bearer" = [])), params(UploadQuery),
    request_body(content((String = "application/pdf"), (String = "image/png"), (String = "image/jpeg"), (String = "text/plain"),
        (String = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
        (String = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"))),
    responses((status = 201, body = DocumentView), (status = 409), (status = 413), (status = 415)))]
#[post("/v1/appeals/documents")]
async fn upload_document(
    caller: Caller<AddToAppeal>,
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
            Reply::created(format!("/v1/appeals/documents/{}", kept.id), &kept)
        })
        .await
}

/// Download a document
///
/// By whoever may read the case it was handed in with, or uploaded it.
#[utoipa::path(tag = "appeals", security(("bearer" = [])), params(("id" = Uuid, Path)),
    responses((status = 200, body = String, content_type = "application/octet-stream")))]
#[get("/v1/appeals/documents/{id}")]
async fn download_document(caller: Caller<ReadAppeals>, platform: Platform, id: Path<Uuid>) -> Result<HttpResponse> {
    let viewer = Viewer::of(&caller);
    let document = read(&platform, &caller, async |tx| {
        let document = documents::get(tx, *id).await?;
        let appeal = document.about.as_deref().and_then(|about| about.strip_prefix("appeal:")?.parse().ok());
        let own = document.by == tx.actor.name;
        let may_read = match appeal {
            Some(appeal) => {
                let actors = viewer.actors(tx).await?;
                let decides = rows::decides(tx, appeal, viewer.number.as_deref(), &actors).await?;
                let appeal = rows::get(tx, appeal, Lock::None).await?;
                appeals::may_read(&viewer, &appeal, decides)
            }
            None => own,
        };
        if !may_read {
            return Err(Problem::not_found(say!("文件", "document")));
        }
        if !own {
            tx.audit("documents.read", &id.to_string(), json!({ "by": document.by })).await?;
        }
        Ok(document)
    })
    .await?;
    Ok(attachment(&document.name, document.bytes))
}
