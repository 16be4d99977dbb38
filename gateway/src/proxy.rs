//! One request: found in the table, admitted, passed on, and its answer streamed back.

use std::net::IpAddr;
use std::time::Duration;

use actix_web::body::SizedStream;
use actix_web::http::header::{self, HeaderMap};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpRequest, HttpResponse, web};
use awc::error::{ConnectError, SendRequestError};
use awc::{Client, ClientResponse, Connector};
use platform::auth::bearer;
use platform::web::is_problem;
use platform::{Problem, language, say};
use tokio::time::Instant;

use crate::Gateway;
use crate::body::Body;
use crate::headers::{client_address, forwarded, is_hop_by_hop, named_by_connection};
use crate::limits::Room;
use crate::refusal::Refusal;
use crate::table::Operation;
use crate::upstreams::Replica;

const CONNECT: Duration = Duration::from_secs(1);
/// From the last byte of the request to the first of the answer, and between pieces of a request body.
const ANSWER: Duration = Duration::from_secs(60);
/// Shorter than the services' keep-alive, so that they do not hang up on a request just sent.
const KEEP_ALIVE: Duration = Duration::from_secs(4);

/// A client of one worker of the web server.
pub fn client() -> Client {
    let connector = Connector::new().timeout(CONNECT).conn_keep_alive(KEEP_ALIVE).limit(0);
    Client::builder().connector(connector).disable_timeout().disable_redirects().no_default_headers().finish()
}

/// Handles every request that is for a service.
pub async fn pass(
    request: HttpRequest,
    payload: web::Payload,
    gateway: web::Data<Gateway>,
    client: web::Data<Client>,
) -> HttpResponse {
    let started = Instant::now();
    let response = answer(&request, payload, &gateway, &client).await;
    let response = response.unwrap_or_else(|refusal| refusal.response(language::of_problems(request.headers())));
    gateway.metrics.count(request.method().as_str(), response.status().as_u16(), started.elapsed());
    response
}

async fn answer(
    request: &HttpRequest,
    payload: web::Payload,
    gateway: &Gateway,
    client: &Client,
) -> Result<HttpResponse, Refusal> {
    let operation = gateway.table.find(request.method(), request.path(), request.query_string())?;
    let name = format!("{} {}", operation.method, operation.template);
    tracing::Span::current().record("otel.name", name.as_str());
    let address = client_address(request, gateway.trusted_proxies);
    let room = gateway.admit(operation, request.headers(), address)?;
    let body = Body::new(request.headers(), payload, operation.body_limit)?;
    let headers = forwarded(request.headers(), address);
    let answer = send(request, headers, &body, operation, gateway, client).await?;
    let mut response = returned(answer)?;
    if let Some(room) = room {
        room.tell(response.headers_mut());
    }
    Ok(response)
}

impl Gateway {
    /// Checks the token where one is needed, and how often the caller calls; tells how often they may still.
    fn admit(&self, operation: &Operation, headers: &HeaderMap, address: IpAddr) -> Result<Option<Room>, Refusal> {
        if !operation.authenticated {
            return if operation.method == Method::GET {
                self.limiter.address(address)
            } else {
                self.limiter.sign_in(address)
            };
        }
        match self.account(headers) {
            Ok(account) => self.limiter.account(account),
            Err(problem) => {
                self.limiter.address(address)?;
                Err(problem.into())
            }
        }
    }

    fn account(&self, headers: &HeaderMap) -> Result<uuid::Uuid, Problem> {
        let token = bearer(headers)?;
        if !self.verifier.is_ready() {
            return Err(Problem::unavailable(say!("令牌密钥尚未就绪", "the keys of tokens are not known yet")));
        }
        self.verifier.verify(token, &self.clock).map(|claims| claims.sub)
    }
}

enum Failure {
    /// The replica never had the request.
    NotConnected,
    /// The connection broke before an answer came.
    Broken,
    TooLate,
}

async fn send(
    request: &HttpRequest,
    headers: HeaderMap,
    body: &Body,
    operation: &Operation,
    gateway: &Gateway,
    client: &Client,
) -> Result<ClientResponse, Refusal> {
    let mut refusal = Refusal::Unreachable;
    for replica in gateway.upstreams.in_turn(&operation.service) {
        let failure = match send_to(replica, request, operation, headers.clone(), body, client).await {
            Ok(answer) => return Ok(answer),
            Err(failure) => failure,
        };
        if body.progress.too_large.get() {
            return Err(Refusal::too_large(body.limit));
        }
        if body.progress.broken.get() {
            return Err(Refusal::incomplete_body());
        }
        let again = match failure {
            Failure::NotConnected => {
                gateway.upstreams.pass_over(replica);
                body.untouched()
            }
            Failure::Broken => request.method().is_safe(),
            Failure::TooLate => false,
        };
        if !again {
            tracing::warn!(service = operation.service, "no answer from the service");
            return Err(Refusal::BadAnswer);
        }
        if matches!(failure, Failure::Broken) {
            refusal = Refusal::BadAnswer;
        }
    }
    tracing::warn!(service = operation.service, "no replica of the service can be reached");
    Err(refusal)
}

async fn send_to(
    replica: &Replica,
    request: &HttpRequest,
    operation: &Operation,
    headers: HeaderMap,
    body: &Body,
    client: &Client,
) -> Result<ClientResponse, Failure> {
    let path = request.uri().path_and_query().cloned().ok_or(Failure::NotConnected)?;
    let uri = replica.uri(path).ok_or(Failure::NotConnected)?;
    let mut outgoing = client.request(operation.method.clone(), uri).no_decompress();
    *outgoing.headers_mut() = headers;
    let sending = match (&body.payload, body.length) {
        (None, _) => outgoing.send(),
        (Some(payload), Some(length)) => outgoing.send_body(SizedStream::new(length, body.stream(payload))),
        (Some(payload), None) => outgoing.send_stream(body.stream(payload)),
    };
    tokio::pin!(sending);
    loop {
        let too_late = body.progress.at.get() + ANSWER;
        tokio::select! {
            answer = &mut sending => return answer.map_err(|error| failure(&error)),
            () = tokio::time::sleep_until(too_late) => {
                if body.progress.at.get() + ANSWER <= Instant::now() {
                    return Err(Failure::TooLate);
                }
            }
        }
    }
}

fn failure(error: &SendRequestError) -> Failure {
    tracing::debug!(%error, "a replica failed");
    match error {
        // What awc calls disconnected is an answer that never came.
        SendRequestError::Connect(ConnectError::Disconnected) => Failure::Broken,
        SendRequestError::Connect(_) => Failure::NotConnected,
        _ => Failure::Broken,
    }
}

/// The service's answer as the client gets it.
fn returned(answer: ClientResponse) -> Result<HttpResponse, Refusal> {
    let status = answer.status();
    if (status.is_client_error() || status.is_server_error()) && !is_problem(answer.headers()) {
        tracing::warn!(status = status.as_u16(), "a service answered with a raw error");
        return Err(Refusal::raw(status));
    }
    let named = named_by_connection(answer.headers());
    let mut response = HttpResponse::build(status);
    for (name, value) in answer.headers() {
        if !is_hop_by_hop(name) && !named.contains(name) && name != header::CONTENT_LENGTH {
            response.append_header((name.clone(), value.clone()));
        }
    }
    if status.is_informational() || matches!(status, StatusCode::NO_CONTENT | StatusCode::NOT_MODIFIED) {
        return Ok(response.finish());
    }
    let length = answer.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    Ok(match length {
        Some(length) => response.body(SizedStream::new(length, answer)),
        None => response.streaming(answer),
    })
}
