use actix_web::{HttpResponse, get};
use platform::utoipa_actix_web::service_config::ServiceConfig;
use platform::{Caller, Platform, Result};

use super::rows::{self, Size};
use crate::permissions::ReadDirectory;

pub fn routes(config: &mut ServiceConfig) {
    config.service(get_directory);
}

/// How many units, employees and bodies have arrived here from the organisation service: a cycle opened now looks
/// at them.
#[utoipa::path(tag = "cycles", security(("bearer" = [])),
    responses((status = 200, body = Size)))]
#[get("/v1/planning/directory")]
async fn get_directory(caller: Caller<ReadDirectory>, platform: Platform) -> Result<HttpResponse> {
    let size = platform::web::read(&platform, &caller, async |tx| rows::size(tx).await).await?;
    Ok(HttpResponse::Ok().json(size))
}
