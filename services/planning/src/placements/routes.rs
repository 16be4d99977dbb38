use actix_web::{HttpResponse, get, put, web};
use platform::utoipa_actix_web::service_config::ServiceConfig;
use platform::{Caller, JsonBody, Platform, Reply, Result, Write};

use super::placement::Placements;
use super::{rows, rules};
use crate::permissions::{ReadSchemes, SetPlacements};
use crate::schemes;

pub fn routes(config: &mut ServiceConfig) {
    config.service(get_placements).service(put_placements);
}

/// The company's own rules beside a scheme: who takes part, and who is in which category.
#[utoipa::path(tag = "schemes", security(("bearer" = [])), params(("code" = String, Path)),
    responses((status = 200, body = Placements)))]
#[get("/v1/schemes/{code}/placements")]
async fn get_placements(
    caller: Caller<ReadSchemes>,
    platform: Platform,
    code: web::Path<String>,
) -> Result<HttpResponse> {
    let placements = platform::web::read(&platform, &caller, async |tx| {
        schemes::stored::latest(tx, &code).await?;
        rows::of(tx, &code).await
    })
    .await?;
    Ok(HttpResponse::Ok().json(placements))
}

/// Sets the company's own rules beside a scheme, for cycles opened from now on. They go before the scheme's.
#[utoipa::path(tag = "schemes", security(("bearer" = [])), params(("code" = String, Path)), request_body = Placements,
    responses((status = 200, body = Placements)))]
#[put("/v1/schemes/{code}/placements")]
async fn put_placements(
    caller: Caller<SetPlacements>,
    write: Write,
    code: web::Path<String>,
    body: JsonBody<Placements>,
) -> Result<HttpResponse> {
    write
        .run(&caller, async |tx| {
            let scheme = schemes::stored::latest(tx, &code).await?;
            rules::check(&body.0, &scheme)?;
            rows::replace(tx, &code, &body.0).await?;
            tx.audit("placements.set", &code, serde_json::to_value(&body.0)?).await?;
            Reply::ok(&body.0)
        })
        .await
}
