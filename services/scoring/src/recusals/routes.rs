use actix_web::{HttpResponse, delete, get, post, web};
use events::Subject;
use platform::service::Platform;
use platform::sql::Lock;
use platform::utoipa_actix_web::service_config::ServiceConfig;
use platform::web::read;
use platform::{Caller, JsonBody, Page, Reply, Result, Write};
use serde_json::json;
use uuid::Uuid;

use super::recusal::{NewRecusal, Recusal};
use super::{rows, rules};
use crate::assignments::rows as assignments;
use crate::cycles::rows as cycles;
use crate::cycles::rules::check_reason;
use crate::permissions::{ReadScoring, RecordRecusal};
use crate::subjects::rows as subjects;
use crate::viewer::Viewer;

pub fn routes(config: &mut ServiceConfig) {
    config.service(record_recusal).service(withdraw_recusal).service(list_recusals);
}

/// Recuse somebody from rating a person
///
/// Whoever rates them, or oneself. Not by the person.
#[utoipa::path(tag = "recusals", security(("bearer" = [])), params(("id" = Uuid, Path, description = "Cycle")),
    request_body = NewRecusal, responses((status = 201, body = Recusal)))]
#[post("/v1/cycles/{id}/recusals")]
async fn record_recusal(
    caller: Caller<RecordRecusal>,
    write: Write,
    id: web::Path<Uuid>,
    body: JsonBody<NewRecusal>,
) -> Result<HttpResponse> {
    let JsonBody(recusal) = body;
    check_reason(&recusal.reason)?;
    let viewer = Viewer::of(&caller);
    write
        .run(&caller, async |tx| {
            let by = tx.actor.name.clone();
            cycles::get(tx, *id, Lock::Share).await?.check_unpublished()?;
            let subject = Subject::person(&recusal.number);
            let known = subjects::find(tx, *id, &subject).await?.is_some();
            let forms = assignments::of_subjects(tx, *id, std::slice::from_ref(&subject)).await?;
            rules::check(&viewer, &recusal, known, &forms)?;
            rows::insert(tx, *id, &recusal).await?;
            let detail = json!({ "number": recusal.number, "rater": recusal.rater, "reason": recusal.reason });
            tx.audit("recusals.recorded", &id.to_string(), detail).await?;
            let recorded =
                Recusal { number: recusal.number, rater: recusal.rater, reason: recusal.reason, recorded_by: by };
            Reply::created(format!("/v1/cycles/{id}/recusals"), &recorded)
        })
        .await
}

/// Take a recusal back
///
/// Neither by the person nor by whoever is recused.
#[utoipa::path(tag = "recusals", security(("bearer" = [])),
    params(("id" = Uuid, Path, description = "Cycle"), ("number" = String, Path, description = "Employee number of the person appraised"),
        ("rater" = String, Path, description = "Employee number of whoever is recused")),
    responses((status = 204)))]
#[delete("/v1/cycles/{id}/recusals/{number}/{rater}")]
async fn withdraw_recusal(
    caller: Caller<RecordRecusal>,
    write: Write,
    path: web::Path<(Uuid, String, String)>,
) -> Result<HttpResponse> {
    let (viewer, (id, number, rater)) = (Viewer::of(&caller), path.into_inner());
    rules::check_withdrawal(&viewer, &number, &rater)?;
    write
        .run(&caller, async |tx| {
            cycles::get(tx, id, Lock::Share).await?.check_unpublished()?;
            let gone = rows::delete(tx, id, &number, &rater).await?;
            tx.audit("recusals.withdrawn", &id.to_string(), json!(gone)).await?;
            Ok(Reply::no_content())
        })
        .await
}

/// List recusals
#[utoipa::path(tag = "recusals", security(("bearer" = [])), params(("id" = Uuid, Path, description = "Cycle")),
    responses((status = 200, body = Page<Recusal>)))]
#[get("/v1/cycles/{id}/recusals")]
async fn list_recusals(
    caller: Caller<ReadScoring>,
    platform: Platform,
    id: web::Path<Uuid>,
) -> Result<web::Json<Page<Recusal>>> {
    let items = read(&platform, &caller, async |tx| {
        cycles::get(tx, *id, Lock::None).await?;
        rows::list(tx, *id).await
    })
    .await?;
    Ok(web::Json(Page { items, next: None }))
}
