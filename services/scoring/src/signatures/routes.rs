use actix_web::{HttpResponse, get, post, web};
use platform::service::Platform;
use platform::sql::Lock;
use platform::utoipa_actix_web::service_config::ServiceConfig;
use platform::web::read;
use platform::{Caller, JsonBody, Page, PageQuery, Reply, Result, Write};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::rows::{self, Filter};
use super::signature::{Announcement, NewAnnouncement, SignatureView, Signing, TextToSign};
use super::{announcing, signing};
use crate::cycles::rows as cycles;
use crate::cycles::rules::check_reason;
use crate::permissions::{MakeAnnouncement, ReadSignatures, Sign, WaiveSignature};
use crate::viewer::Viewer;

pub fn routes(config: &mut ServiceConfig) {
    config
        .service(list_signatures)
        .service(get_signature)
        .service(sign)
        .service(waive_signature)
        .service(make_announcement)
        .service(list_announcements);
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct SignatureQuery {
    /// Only of this cycle.
    cycle: Option<Uuid>,
    /// Only those over the result of this person, by employee number.
    number: Option<String>,
    /// Only those that are waited for.
    open: Option<bool>,
    /// The `next` of the page before.
    after: Option<Uuid>,
    /// Items at most, 1 to 500; 50 unless said.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<i64>,
}

/// Look through signatures
///
/// Asked for, given, refused, lapsed. HR, executives and auditors see all of them, others those that they are asked for; about
/// one's own result everybody sees all.
#[utoipa::path(tag = "signatures", security(("bearer" = [])), params(SignatureQuery),
    responses((status = 200, body = Page<SignatureView>)))]
#[get("/v1/signatures")]
async fn list_signatures(
    caller: Caller<ReadSignatures>,
    platform: Platform,
    query: web::Query<SignatureQuery>,
) -> Result<web::Json<Page<SignatureView>>> {
    let viewer = Viewer::of(&caller);
    let limit = PageQuery { after: None, limit: query.limit }.limit()?;
    let number = viewer.number.clone().unwrap_or_default();
    let own = query.number.as_deref().is_some_and(|wanted| viewer.is(wanted));
    let found = read(&platform, &caller, async |tx| {
        let filter = Filter {
            cycle: query.cycle,
            number: query.number.as_deref(),
            signer: (!viewer.sees_all() && !own).then_some(number.as_str()),
            open: query.open.unwrap_or_default(),
            viewer: viewer.number.as_deref(),
            after: query.after,
            limit: limit + 1,
        };
        let found = rows::list(tx, &filter).await?;
        Ok(found.into_iter().map(SignatureView::from).collect())
    })
    .await?;
    Ok(web::Json(Page::cut(found, limit, |one: &SignatureView| one.id.to_string())))
}

/// Read what is to be signed, or was
///
/// To the letter, with its SHA-256.
#[utoipa::path(tag = "signatures", security(("bearer" = [])), params(("id" = Uuid, Path, description = "Signature")),
    responses((status = 200, body = TextToSign)))]
#[get("/v1/signatures/{id}")]
async fn get_signature(
    caller: Caller<ReadSignatures>,
    platform: Platform,
    id: web::Path<Uuid>,
) -> Result<web::Json<TextToSign>> {
    let viewer = Viewer::of(&caller);
    Ok(web::Json(read(&platform, &caller, async |tx| signing::read(tx, &viewer, *id).await).await?))
}

/// Sign, or refuse to
///
/// Only whoever is asked. With `given` the SHA-256 says what was read; another text is not signed. A refusal has a reason.
/// What is announced is confirmed as read.
#[utoipa::path(tag = "signatures", security(("bearer" = [])), params(("id" = Uuid, Path, description = "Signature")),
    request_body = Signing, responses((status = 200, body = SignatureView), (status = 409)))]
#[post("/v1/signatures/{id}")]
async fn sign(
    caller: Caller<Sign>,
    write: Write,
    id: web::Path<Uuid>,
    body: JsonBody<Signing>,
) -> Result<HttpResponse> {
    let (viewer, JsonBody(new)) = (Viewer::of(&caller), body);
    write.run(&caller, async |tx| Reply::ok(&SignatureView::from(signing::sign(tx, &viewer, *id, &new).await?))).await
}

/// Why a signature is not waited for any more.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "长期病假，无法签字" }))]
struct Waiving {
    /// 1 to 4000 characters.
    reason: String,
}

/// Let a signature be missing
///
/// By HR, with a reason, where it was refused or cannot be had; never their own. The result says `lapsed`.
#[utoipa::path(tag = "signatures", security(("bearer" = [])), params(("id" = Uuid, Path, description = "Signature")),
    request_body = Waiving, responses((status = 200, body = SignatureView), (status = 409)))]
#[post("/v1/signatures/{id}/waive")]
async fn waive_signature(
    caller: Caller<WaiveSignature>,
    write: Write,
    id: web::Path<Uuid>,
    body: JsonBody<Waiving>,
) -> Result<HttpResponse> {
    let (viewer, JsonBody(Waiving { reason })) = (Viewer::of(&caller), body);
    check_reason(&reason)?;
    write
        .run(&caller, async |tx| Reply::ok(&SignatureView::from(signing::waive(tx, &viewer, *id, &reason).await?)))
        .await
}

/// Announce something to everybody in a cycle
///
/// By whom the scheme names, or HR. Everybody who takes part is told by mail and confirms having read it.
#[utoipa::path(tag = "announcements", security(("bearer" = [])), params(("id" = Uuid, Path, description = "Cycle")),
    request_body = NewAnnouncement, responses((status = 201, body = Announcement), (status = 409)))]
#[post("/v1/cycles/{id}/announcements")]
async fn make_announcement(
    caller: Caller<MakeAnnouncement>,
    write: Write,
    id: web::Path<Uuid>,
    body: JsonBody<NewAnnouncement>,
) -> Result<HttpResponse> {
    let (viewer, JsonBody(new)) = (Viewer::of(&caller), body);
    write
        .run(&caller, async |tx| {
            let viewer = viewer.clone().seated(tx).await?;
            let made = announcing::announce(tx, &viewer, *id, &new).await?;
            Reply::created(format!("/v1/cycles/{id}/announcements"), &made)
        })
        .await
}

/// What was announced in a cycle
///
/// The last 500. HR, executives and auditors see all of it, others what they are asked to read.
#[utoipa::path(tag = "announcements", security(("bearer" = [])), params(("id" = Uuid, Path, description = "Cycle")),
    responses((status = 200, body = Page<Announcement>)))]
#[get("/v1/cycles/{id}/announcements")]
async fn list_announcements(
    caller: Caller<ReadSignatures>,
    platform: Platform,
    id: web::Path<Uuid>,
) -> Result<web::Json<Page<Announcement>>> {
    let viewer = Viewer::of(&caller);
    let items = read(&platform, &caller, async |tx| {
        cycles::get(tx, *id, Lock::None).await?;
        let reader = (!viewer.sees_all()).then_some(viewer.name.as_str());
        rows::list_posted(tx, *id, reader).await
    })
    .await?;
    Ok(web::Json(Page { items, next: None }))
}
