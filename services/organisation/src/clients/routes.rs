use actix_web::{HttpResponse, delete, get, post, web};
use platform::utoipa_actix_web::service_config::ServiceConfig;
use platform::{
    Caller, JsonBody, Page, PageQuery, Platform, Problem, Reply, Result, Tx, Write, say, web as platform_web,
};
use serde_json::json;
use uuid::Uuid;

use super::client::{ClientView, ClientWithSecret, NewClient};
use super::{rows, rules};
use crate::permissions::ManageClients;

pub fn configure(config: &mut ServiceConfig) {
    config.service(create_client).service(list_clients).service(rotate_client_secret).service(delete_client);
}

/// Creates a machine client. Its secret is in this answer and nowhere else.
#[utoipa::path(
    tag = "clients",
    request_body = NewClient,
    responses(
        (status = 201, body = ClientWithSecret),
    ),
    security(("bearer" = []))
)]
#[post("/v1/clients")]
pub async fn create_client(
    caller: Caller<ManageClients>,
    write: Write,
    body: JsonBody<NewClient>,
) -> Result<HttpResponse> {
    let new = body.0;
    rules::check(&new).check()?;
    let secret = rules::fresh_secret();
    let mut created = None;
    let kept = write
        .run(&caller, async |tx| {
            let client = create(tx, new, &secret).await?;
            Reply::created("/v1/clients", &ClientWithSecret::without_secret(created.insert(client).clone()))
        })
        .await?;
    show_secret(kept, created, secret)
}

async fn create(tx: &mut Tx, new: NewClient, secret: &str) -> Result<ClientView> {
    let client = ClientView { id: Uuid::now_v7(), name: new.name, scopes: new.scopes, version: 1 };
    rows::insert(tx, &client, &rules::hash(secret)).await?;
    let detail = json!({ "name": client.name, "scopes": client.scopes });
    tx.audit("clients.created", &client.id.to_string(), detail).await?;
    Ok(client)
}

/// The answer with the secret, which the kept answer does not have.
fn show_secret(kept: HttpResponse, fresh: Option<ClientView>, secret: String) -> Result<HttpResponse> {
    let Some(client) = fresh else { return Ok(kept) };
    let view = ClientWithSecret { client_secret: Some(secret), ..ClientWithSecret::without_secret(client) };
    Ok(HttpResponse::build(kept.status()).insert_header(("cache-control", "no-store")).json(view))
}

/// The company's machine clients, oldest first.
#[utoipa::path(
    tag = "clients",
    params(PageQuery),
    responses(
        (status = 200, body = Page<ClientView>),
    ),
    security(("bearer" = []))
)]
#[get("/v1/clients")]
pub async fn list_clients(
    caller: Caller<ManageClients>,
    platform: Platform,
    query: web::Query<PageQuery>,
) -> Result<HttpResponse> {
    let limit = query.limit()?;
    let after = query.after_key()?;
    let found = platform_web::read(&platform, &caller, async |tx| rows::page(tx, after, limit + 1).await).await?;
    Ok(HttpResponse::Ok().json(Page::cut(found, limit, |client| client.id.to_string())))
}

/// Replaces a client's secret; the old one is no longer good.
#[utoipa::path(
    tag = "clients",
    params(("id" = Uuid, Path)),
    responses(
        (status = 200, body = ClientWithSecret),
    ),
    security(("bearer" = []))
)]
#[post("/v1/clients/{id}/secret")]
pub async fn rotate_client_secret(
    caller: Caller<ManageClients>,
    write: Write,
    id: web::Path<Uuid>,
) -> Result<HttpResponse> {
    let secret = rules::fresh_secret();
    let mut changed = None;
    let kept = write
        .run(&caller, async |tx| {
            let client = replace_secret(tx, *id, &secret).await?;
            Reply::ok(&ClientWithSecret::without_secret(changed.insert(client).clone()))
        })
        .await?;
    show_secret(kept, changed, secret)
}

async fn replace_secret(tx: &mut Tx, id: Uuid, secret: &str) -> Result<ClientView> {
    let client = rows::set_secret(tx, id, &rules::hash(secret)).await?;
    let client = client.ok_or_else(|| Problem::not_found(say!("客户端", "client")))?;
    tx.audit("clients.secret-replaced", &id.to_string(), json!({ "name": client.name })).await?;
    Ok(client)
}

/// Deletes a client; it gets no further tokens.
#[utoipa::path(
    tag = "clients",
    params(("id" = Uuid, Path)),
    responses(
        (status = 204),
    ),
    security(("bearer" = []))
)]
#[delete("/v1/clients/{id}")]
pub async fn delete_client(caller: Caller<ManageClients>, write: Write, id: web::Path<Uuid>) -> Result<HttpResponse> {
    write
        .run(&caller, async |tx| {
            let client = rows::delete(tx, *id).await?.ok_or_else(|| Problem::not_found(say!("客户端", "client")))?;
            tx.audit("clients.deleted", &id.to_string(), json!({ "name": client.name })).await?;
            Ok(Reply::no_content())
        })
        .await
}
