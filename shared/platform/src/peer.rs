//! Asking another service on behalf of a caller. Services learn of each other by events; whoever asks has a
//! decision record that says why.

use std::future::{Ready, ready};
use std::time::Duration;

use actix_web::dev::Payload;
use actix_web::http::StatusCode;
use actix_web::http::header::{ACCEPT_LANGUAGE, AUTHORIZATION, HeaderValue};
use actix_web::{FromRequest, HttpRequest};
use serde::Serialize;
use serde::de::DeserializeOwned;

use crate::problem::{Code, Problem, ProblemDocument};
use crate::{Message, Result, say, telemetry};

const ANSWER: Duration = Duration::from_secs(50);
const LARGEST: usize = 64 << 20;
/// Refusals that are the caller's to mend.
const PASSED_ON: [StatusCode; 3] = [StatusCode::UNAUTHORIZED, StatusCode::FORBIDDEN, StatusCode::UNPROCESSABLE_ENTITY];

/// The caller's own credentials, which another service checks for itself.
pub struct OnBehalf {
    credentials: HeaderValue,
    /// The language in which the caller reads what the other service refuses.
    language: Option<HeaderValue>,
}

impl FromRequest for OnBehalf {
    type Error = Problem;
    type Future = Ready<Result<Self>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let header = |name| request.headers().get(name).cloned();
        let language = header(ACCEPT_LANGUAGE);
        let own = header(AUTHORIZATION).map(|credentials| Self { credentials, language });
        ready(own.ok_or_else(|| Problem::new(Code::Unauthenticated, say!("请提供访问令牌", "send an access token"))))
    }
}

impl OnBehalf {
    /// Posts to another service within the caller's trace. Where it refuses the caller or what the caller wrote, its
    /// words are passed on; anything else but an answer is `silent`: the rest of the request is ours.
    pub async fn post<A: DeserializeOwned>(&self, url: &str, body: &impl Serialize, silent: Message) -> Result<A> {
        let unavailable = |cause: &dyn std::fmt::Display| {
            tracing::warn!(%cause, url, "another service does not answer");
            Problem::new(Code::Unavailable, silent.clone())
        };
        // Web clients are bound to web workers, and this is asked too seldom to keep one for each.
        let client = awc::Client::builder().timeout(ANSWER).disable_redirects().finish();
        let mut request = client.post(url).insert_header((AUTHORIZATION, self.credentials.clone()));
        if let Some(language) = &self.language {
            request = request.insert_header((ACCEPT_LANGUAGE, language.clone()));
        }
        if let Some(trace) = telemetry::traceparent() {
            request = request.insert_header(("traceparent", trace));
        }
        let mut response = request.send_json(body).await.map_err(|error| unavailable(&error))?;
        let answer = response.body().limit(LARGEST).await.map_err(|error| unavailable(&error))?;
        if response.status().is_success() {
            return serde_json::from_slice(&answer).map_err(|error| unavailable(&error));
        }
        match serde_json::from_slice::<ProblemDocument>(&answer) {
            Ok(document) if PASSED_ON.contains(&response.status()) => Err(document.into()),
            _ => Err(unavailable(&response.status())),
        }
    }
}
