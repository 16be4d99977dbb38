//! What the gateway answers itself: API documents, the page to try them, health.

use std::time::Duration;

use actix_web::http::header::LOCATION;
use actix_web::http::uri::PathAndQuery;
use actix_web::{HttpResponse, web};
use awc::Client;
use futures_util::future::join_all;
use platform::{Problem, say};
use serde::Serialize;
use utoipa_swagger_ui::{Config, SwaggerUi, Url};

use crate::Gateway;
use crate::documents::Documents;
use crate::merged::merged;
use crate::upstreams::Replica;

const READY_WITHIN: Duration = Duration::from_secs(2);

/// The documents that are served: one of the whole API and one for each service, by name.
pub struct Pages(Vec<(String, String)>);

/// Name of the document of the whole API.
const WHOLE: &str = "steelyard";

impl Pages {
    pub fn new(documents: &Documents) -> Result<Self, String> {
        let whole = serde_json::to_string_pretty(&merged(documents)?).map_err(|error| error.to_string())?;
        let services = documents.iter().map(|(service, text)| (service.clone(), text.clone()));
        Ok(Self(std::iter::once((WHOLE.to_owned(), whole)).chain(services).collect()))
    }

    fn find(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, text)| text.as_str())
    }
}

pub fn register(config: &mut web::ServiceConfig, pages: &Pages) {
    let entries = pages.0.iter().map(|(name, _)| Url::from(format!("/openapi/{name}.json")));
    let page = Config::new(entries).try_it_out_enabled(true);
    config
        .service(web::resource("/").route(web::get().to(to_docs)).route(web::head().to(to_docs)))
        .service(web::resource("/docs").route(web::get().to(to_docs)).route(web::head().to(to_docs)))
        .service(SwaggerUi::new("/docs/{_:.*}").config(page))
        .service(web::resource("/openapi/{name}.json").route(web::get().to(document)).route(web::head().to(document)))
        .service(web::resource("/health/live").route(web::get().to(live)).route(web::head().to(live)))
        .service(web::resource("/health/ready").route(web::get().to(ready)).route(web::head().to(ready)));
}

async fn to_docs() -> HttpResponse {
    HttpResponse::TemporaryRedirect().insert_header((LOCATION, "/docs/")).finish()
}

async fn document(name: web::Path<String>, pages: web::Data<Pages>) -> Result<HttpResponse, Problem> {
    let text = pages.find(&name).ok_or_else(|| Problem::not_found(say!("接口文档", "API document")))?;
    Ok(HttpResponse::Ok().content_type("application/json").body(text.to_owned()))
}

async fn live() -> HttpResponse {
    HttpResponse::Ok().json(serde_json::json!({ "status": "live" }))
}

#[derive(Serialize)]
struct Readiness {
    ready: bool,
    replicas: usize,
    ready_replicas: usize,
}

/// How ready the services are, by name.
pub type Services = serde_json::Map<String, serde_json::Value>;

/// Ready when the keys are known and every service has a replica that is ready, as was found within the last second.
async fn ready(gateway: web::Data<Gateway>, client: web::Data<Client>) -> HttpResponse {
    let services = gateway.health.get(async || ask(&gateway, &client).await).await;
    let keys = gateway.verifier.is_ready();
    let all = keys && services.values().all(|service| service["ready"] == true);
    let body = serde_json::json!({ "keys": keys, "services": services });
    if all { HttpResponse::Ok().json(body) } else { HttpResponse::ServiceUnavailable().json(body) }
}

async fn ask(gateway: &Gateway, client: &Client) -> Services {
    let asked = gateway.upstreams.all().map(|(service, replicas)| readiness(service, replicas, client));
    join_all(asked)
        .await
        .into_iter()
        .filter_map(|(service, readiness)| Some((service.to_owned(), serde_json::to_value(readiness).ok()?)))
        .collect()
}

async fn readiness<'a>(service: &'a str, replicas: &[Replica], client: &Client) -> (&'a str, Readiness) {
    let answers = join_all(replicas.iter().map(|replica| is_ready(replica, client))).await;
    let ready_replicas = answers.iter().filter(|ready| **ready).count();
    (service, Readiness { ready: ready_replicas > 0, replicas: replicas.len(), ready_replicas })
}

async fn is_ready(replica: &Replica, client: &Client) -> bool {
    let Some(uri) = replica.uri(PathAndQuery::from_static("/health/ready")) else { return false };
    let asked = tokio::time::timeout(READY_WITHIN, client.get(uri).send()).await;
    matches!(asked, Ok(Ok(answer)) if answer.status().is_success())
}
