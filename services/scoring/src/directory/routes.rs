use actix_web::{get, web};
use platform::service::Platform;
use platform::utoipa_actix_web::service_config::ServiceConfig;
use platform::web::read;
use platform::{Caller, Result};

use super::rows::{self, Size};
use crate::permissions::ReadDirectory;

pub fn routes(config: &mut ServiceConfig) {
    config.service(get_scoring_directory);
}

/// How much of the organisation has arrived in scoring
#[utoipa::path(tag = "cycles", security(("bearer" = [])), responses((status = 200, body = Size)))]
#[get("/v1/scoring/directory")]
async fn get_scoring_directory(caller: Caller<ReadDirectory>, platform: Platform) -> Result<web::Json<Size>> {
    Ok(web::Json(read(&platform, &caller, async |tx| rows::size(tx).await).await?))
}
