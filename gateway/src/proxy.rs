//! One request: found in the table, admitted, passed on, and its answer streamed back.

use std::cell::{Cell, RefCell};
use std::net::{IpAddr, Ipv4Addr};
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_web::body::SizedStream;
use actix_web::error::PayloadError;
use actix_web::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use actix_web::http::{Method, StatusCode};
use actix_web::web::{self, Bytes};
use actix_web::{HttpRequest, HttpResponse};
use awc::error::{ConnectError, SendRequestError};
use awc::{Client, ClientResponse, Connector};
use futures_util::Stream;
use platform::auth::bearer;
use platform::web::is_problem;
use platform::{Problem, language, say, telemetry};
use tokio::time::Instant;

use crate::Gateway;
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
    let response = match answer(&request, payload, &gateway, &client).await {
        Ok(response) => response,
        Err(refusal) => refusal.response(language::of_problems(request.headers())),
    };
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
    gateway.admit(operation, request.headers(), address)?;
    let body = Body::new(request.headers(), payload, operation.body_limit)?;
    let headers = forwarded(request.headers(), address);
    let answer = send(request, headers, &body, operation, gateway, client).await?;
    returned(answer)
}

impl Gateway {
    /// Checks the token where one is needed, and how often the caller calls.
    fn admit(&self, operation: &Operation, headers: &HeaderMap, address: IpAddr) -> Result<(), Refusal> {
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

/// The address of the client: of the peer, or what our own proxies before us say it is.
fn client_address(request: &HttpRequest, trusted_proxies: usize) -> IpAddr {
    let peer = request.peer_addr().map_or(IpAddr::V4(Ipv4Addr::UNSPECIFIED), |peer| peer.ip());
    let said = request.headers().get_all("x-forwarded-for").filter_map(|value| value.to_str().ok());
    let hops: Vec<&str> = said.flat_map(|value| value.split(',')).map(str::trim).collect();
    let outermost = hops.len().checked_sub(trusted_proxies).filter(|_| trusted_proxies > 0);
    outermost.and_then(|index| hops.get(index)?.parse().ok()).unwrap_or(peer)
}

/// The client's headers as a service gets them.
fn forwarded(headers: &HeaderMap, address: IpAddr) -> HeaderMap {
    let named = named_by_connection(headers);
    let mut kept = HeaderMap::with_capacity(headers.len() + 2);
    for (name, value) in headers {
        let dropped = is_hop_by_hop(name) || named.contains(name) || is_for_the_gateway(name);
        if !dropped {
            kept.append(name.clone(), value.clone());
        }
    }
    if let Ok(value) = HeaderValue::from_str(&address.to_string()) {
        kept.insert(HeaderName::from_static("x-forwarded-for"), value);
    }
    if let Some(value) = telemetry::traceparent().and_then(|text| HeaderValue::from_str(&text).ok()) {
        kept.insert(HeaderName::from_static("traceparent"), value);
    }
    kept
}

fn named_by_connection(headers: &HeaderMap) -> Vec<HeaderName> {
    let lines = headers.get_all(header::CONNECTION).filter_map(|value| value.to_str().ok());
    lines.flat_map(|line| line.split(',')).filter_map(|name| name.trim().parse().ok()).collect()
}

fn is_hop_by_hop(name: &HeaderName) -> bool {
    const HOP_BY_HOP: [&str; 9] = [
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    ];
    HOP_BY_HOP.contains(&name.as_str())
}

/// Headers that are answered or said anew here.
fn is_for_the_gateway(name: &HeaderName) -> bool {
    let name = name.as_str();
    matches!(name, "host" | "expect" | "content-length" | "forwarded" | "x-real-ip") || name.starts_with("x-forwarded-")
}

/// The body on its way from the client. Until some of it has been read, another replica may be tried.
struct Body {
    payload: Option<Rc<RefCell<web::Payload>>>,
    length: Option<u64>,
    limit: u64,
    progress: Rc<Progress>,
}

struct Progress {
    bytes: Cell<u64>,
    at: Cell<Instant>,
    too_large: Cell<bool>,
    broken: Cell<bool>,
}

impl Body {
    fn new(headers: &HeaderMap, payload: web::Payload, limit: u64) -> Result<Self, Refusal> {
        let length = headers.get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse::<u64>().ok());
        if length.is_some_and(|length| length > limit) {
            return Err(Refusal::too_large(limit));
        }
        let present = length.is_some_and(|length| length > 0) || headers.contains_key(header::TRANSFER_ENCODING);
        let progress = Progress {
            bytes: Cell::new(0),
            at: Cell::new(Instant::now()),
            too_large: Cell::new(false),
            broken: Cell::new(false),
        };
        let payload = present.then(|| Rc::new(RefCell::new(payload)));
        Ok(Self { payload, length, limit, progress: Rc::new(progress) })
    }

    fn untouched(&self) -> bool {
        self.progress.bytes.get() == 0 && !self.progress.broken.get()
    }

    fn stream(&self, payload: &Rc<RefCell<web::Payload>>) -> BodyStream {
        BodyStream { payload: payload.clone(), limit: self.limit, progress: self.progress.clone() }
    }
}

struct BodyStream {
    payload: Rc<RefCell<web::Payload>>,
    limit: u64,
    progress: Rc<Progress>,
}

impl Stream for BodyStream {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let polled = Pin::new(&mut *self.payload.borrow_mut()).poll_next(context);
        match &polled {
            Poll::Ready(Some(Ok(bytes))) => {
                let total = self.progress.bytes.get().saturating_add(bytes.len() as u64);
                self.progress.bytes.set(total);
                self.progress.at.set(Instant::now());
                if total > self.limit {
                    self.progress.too_large.set(true);
                    return Poll::Ready(Some(Err(PayloadError::Overflow)));
                }
            }
            Poll::Ready(Some(Err(_))) => self.progress.broken.set(true),
            Poll::Ready(None) | Poll::Pending => {}
        }
        polled
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
        let failure = match send_to(replica, request, headers.clone(), body, client).await {
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
    headers: HeaderMap,
    body: &Body,
    client: &Client,
) -> Result<ClientResponse, Failure> {
    let path = request.uri().path_and_query().cloned().ok_or(Failure::NotConnected)?;
    let uri = replica.uri(path).ok_or(Failure::NotConnected)?;
    let mut outgoing = client.request(request.method().clone(), uri).no_decompress();
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

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn request(forwarded: &[&str]) -> HttpRequest {
        let mut request = TestRequest::default().peer_addr("10.0.0.9:1".parse().unwrap());
        for value in forwarded {
            request = request.append_header(("x-forwarded-for", *value));
        }
        request.to_http_request()
    }

    #[test]
    fn the_client_is_the_peer_unless_a_proxy_of_ours_says_otherwise() {
        let address = |request: &HttpRequest, proxies| client_address(request, proxies).to_string();
        let forged = request(&["1.1.1.1, 2.2.2.2", "3.3.3.3"]);
        assert_eq!(address(&forged, 0), "10.0.0.9");
        assert_eq!(address(&forged, 1), "3.3.3.3");
        assert_eq!(address(&forged, 2), "2.2.2.2");
        assert_eq!(address(&forged, 9), "10.0.0.9");
        assert_eq!(address(&request(&[]), 1), "10.0.0.9");
        assert_eq!(address(&request(&["unknown"]), 1), "10.0.0.9");
    }

    #[test]
    fn what_belongs_to_one_hop_or_forges_an_origin_is_not_passed_on() {
        let request = TestRequest::default()
            .insert_header(("connection", "keep-alive, X-Secret"))
            .insert_header(("x-secret", "1"))
            .insert_header(("x-forwarded-for", "1.1.1.1"))
            .insert_header(("x-forwarded-host", "evil"))
            .insert_header(("forwarded", "for=1.1.1.1"))
            .insert_header(("te", "trailers"))
            .insert_header(("host", "public"))
            .insert_header(("if-match", "\"3\""))
            .to_http_request();
        let headers = forwarded(request.headers(), "192.0.2.7".parse().unwrap());
        let mut names: Vec<&str> = headers.keys().map(HeaderName::as_str).collect();
        names.sort_unstable();
        assert_eq!(names, ["if-match", "x-forwarded-for"]);
        assert_eq!(headers.get("x-forwarded-for").unwrap(), "192.0.2.7");
    }
}
