use actix_web::{HttpResponse, delete, get, post, web};
use platform::utoipa_actix_web::service_config::ServiceConfig;
use platform::{Caller, JsonBody, Page, PageQuery, Platform, Problem, Reply, Result, Write, say, web as platform_web};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use super::rows::{self, ClientView};
use super::rules;
use crate::permissions::ManageClients;

pub fn configure(config: &mut ServiceConfig) {
    config.service(create_client).service(list_clients).service(rotate_client_secret).service(delete_client);
}

/// A machine client to be created.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewClient {
    /// 1 to 200 characters.
    pub name: String,
    /// At least one of: `payroll.read`.
    #[schema(min_items = 1)]
    pub scopes: Vec<String>,
}

/// A machine client with its secret, which is shown this once.
#[derive(Serialize, ToSchema)]
pub struct ClientWithSecret {
    pub client_id: Uuid,
    /// Null when this answer is repeated for an `Idempotency-Key`: secrets are not kept. Ask for a new one.
    pub client_secret: Option<String>,
    pub name: String,
    pub scopes: Vec<String>,
    pub version: i64,
}

impl ClientWithSecret {
    fn without_secret(client: ClientView) -> Self {
        Self {
            client_id: client.id,
            client_secret: None,
            name: client.name,
            scopes: client.scopes,
            version: client.version,
        }
    }
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
            let now = tx.now;
            let client = ClientView { id: Uuid::now_v7(), name: new.name, scopes: new.scopes, version: 1 };
            rows::insert(tx, &client, &rules::hash(&secret), now).await?;
            let detail = json!({ "name": client.name, "scopes": client.scopes });
            tx.audit("clients.created", &client.id.to_string(), detail).await?;
            let reply = Reply::created("/v1/clients", &ClientWithSecret::without_secret(client.clone()))?;
            created = Some(client);
            Ok(reply)
        })
        .await?;
    show_secret(kept, created, secret)
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
    let after = match query.after.as_deref() {
        None => None,
        Some(text) => Some(text.parse().map_err(|_| {
            Problem::field("/after", say!("after 须为分页返回的 `next`", "after is the `next` of a page"))
        })?),
    };
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
            let client = rows::set_secret(tx, *id, &rules::hash(&secret))
                .await?
                .ok_or_else(|| Problem::not_found(say!("客户端", "client")))?;
            tx.audit("clients.secret-replaced", &id.to_string(), json!({ "name": client.name })).await?;
            let reply = Reply::ok(&ClientWithSecret::without_secret(client.clone()))?;
            changed = Some(client);
            Ok(reply)
        })
        .await?;
    show_secret(kept, changed, secret)
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
