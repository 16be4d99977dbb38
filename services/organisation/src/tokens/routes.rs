use actix_web::{HttpRequest, HttpResponse, get, post, web};
use platform::utoipa_actix_web::service_config::ServiceConfig;
use platform::web::origin;
use platform::{JsonBody, Platform, Result};

use super::rules::{self, LIFETIME};
use super::sign_in::{Knock, Subject, TokenAnswer, TokenRequest};
use super::{machines, people};
use crate::passwords::Passwords;
use crate::settings::Settings;

pub fn configure(config: &mut ServiceConfig) {
    config.service(issue_token).service(list_keys);
}

/// Signs a person or a machine client in. After ten wrong passwords in a row a name has to wait for 15 minutes at the
/// address they came from (429), unless this installation is run otherwise. Where too many sign in at once, some are
/// asked to try again (503). Both say when in `Retry-After`. Who has left the company cannot sign in.
#[utoipa::path(
    tag = "tokens",
    request_body = TokenRequest,
    responses(
        (status = 200, body = TokenAnswer),
        (status = 401),
        (status = 403),
    ),
    security(())
)]
#[post("/v1/tokens")]
pub async fn issue_token(
    request: HttpRequest,
    platform: Platform,
    settings: web::Data<Settings>,
    passwords: web::Data<Passwords>,
    body: JsonBody<TokenRequest>,
) -> Result<HttpResponse> {
    let address = origin(&request).to_string();
    let subject = subject(&platform, &settings, &passwords, body.0, address).await?;
    let access_token = settings.sign(&rules::claims(subject, platform.clock.now()))?;
    let answer = TokenAnswer { access_token, token_type: "Bearer", expires_in: LIFETIME };
    Ok(HttpResponse::Ok().insert_header(("cache-control", "no-store")).json(answer))
}

/// Who signs in.
async fn subject(
    platform: &Platform,
    settings: &Settings,
    passwords: &Passwords,
    request: TokenRequest,
    address: String,
) -> Result<Subject> {
    match request {
        TokenRequest::Password { company, username, password, new_password } => {
            let knock = Knock { company, username, password, new_password, address };
            people::sign_in(platform, settings, passwords, knock).await
        }
        TokenRequest::ClientCredentials { client_id, client_secret } => {
            machines::sign_in(platform, client_id, &client_secret).await
        }
    }
}

/// The public keys by which tokens are checked, as a JSON Web Key Set (RFC 7517).
#[utoipa::path(tag = "tokens", responses((status = 200, body = Object)), security(()))]
#[get("/.well-known/jwks.json")]
pub async fn list_keys(settings: web::Data<Settings>) -> Result<HttpResponse> {
    Ok(HttpResponse::Ok().insert_header(("cache-control", "public, max-age=60")).json(settings.public_keys()))
}
