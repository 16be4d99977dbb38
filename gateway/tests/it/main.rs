//! The gateway in front of services that run in this process.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod upstream;

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;

use actix_web::web::Bytes;
use futures_util::{StreamExt, stream};
use gateway::documents::Documents;
use gateway::{RateLimits, Running, Settings};
use opentelemetry::trace::TracerProvider;
use platform::{Clock, Role};
use serde_json::{Value, json};
use testkit::{Answer, Client, Issuer, eventually};
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use uuid::Uuid;

struct Door {
    gateway: Running,
    clock: Clock,
    issuer: Issuer,
}

impl Door {
    async fn open(upstreams: &[(&str, Vec<String>)]) -> Self {
        Self::open_with(upstreams, |_| {}).await
    }

    async fn open_with(upstreams: &[(&str, Vec<String>)], change: impl FnOnce(&mut Settings)) -> Self {
        let issuer = Issuer::start().await;
        let upstreams: BTreeMap<_, _> =
            upstreams.iter().map(|(service, urls)| ((*service).to_owned(), urls.clone())).collect();
        let mut settings = Settings::new("127.0.0.1:0", upstreams, &issuer.jwks_url);
        settings.documents = documents();
        settings.workers = 1;
        change(&mut settings);
        let clock = settings.clock.clone();
        let gateway = gateway::start(settings).await.unwrap();
        let door = Self { gateway, clock, issuer };
        eventually("keys are there", async || {
            let answer = door.anonymous().get("/health/ready").await;
            (answer.body["keys"] == true).then_some(())
        })
        .await;
        door
    }

    fn url(&self) -> String {
        format!("http://{}", self.gateway.address)
    }

    fn anonymous(&self) -> Client {
        Client::new(self.url(), None)
    }

    fn token(&self, employee: &str) -> String {
        self.issuer.token(&self.clock, Uuid::nil(), Some(employee), &[Role::Employee], &[])
    }

    fn client(&self, employee: &str) -> Client {
        Client::new(self.url(), Some(self.token(employee)))
    }
}

fn documents() -> Documents {
    let secured = json!({ "security": [{ "bearer": [] }] });
    let file = json!({ "security": [{ "bearer": [] }], "requestBody": { "content": { "text/csv": {} } } });
    let shared = |kinds: &[&str]| {
        let mut shared = file.clone();
        shared["x-route-query"] = json!({ "kind": kinds });
        shared
    };
    let documents = [
        (
            "organisation",
            json!({
                "/v1/tokens": { "post": {} },
                "/.well-known/jwks.json": { "get": {} },
                "/v1/imports": { "post": shared(&["units", "employees"]) },
                "/v1/employees/{number}": { "get": secured, "put": secured },
            }),
        ),
        (
            "pay",
            json!({
                "/v1/imports": { "post": shared(&["pay"]) },
                "/v1/refuse": { "post": file },
                "/v1/raw-error": { "get": secured },
                "/v1/paused": { "get": secured },
                "/v1/large": { "get": secured },
            }),
        ),
    ];
    let text = |paths: &Value| json!({ "openapi": "3.1.0", "info": {}, "paths": paths }).to_string();
    documents.iter().map(|(service, paths)| ((*service).to_owned(), text(paths))).collect()
}

fn is_problem(answer: &Answer, name: &str) -> bool {
    answer.header("content-type") == Some("application/problem+json")
        && answer.str("/type") == format!("urn:steelyard:problem:{name}")
        && answer.body["status"] == answer.status
}

#[actix_web::test]
async fn given_two_services_requests_are_routed_by_path_method_and_query() {
    let (organisation, pay) = (upstream::start("organisation"), upstream::start("pay"));
    let door = Door::open(&[("organisation", vec![organisation.url]), ("pay", vec![pay.url])]).await;
    let client = door.client("E001");

    let read = client.get("/v1/employees/E%20001?as_of=2026-01-01").await.expect(200);
    assert_eq!((read.str("/service"), read.str("/uri")), ("organisation", "/v1/employees/E%20001?as_of=2026-01-01"));
    assert_eq!(read.etag.as_deref(), Some("\"7\""));
    let head = client.send("HEAD", "/v1/employees/E001", &[], Vec::new()).await.expect(200);
    assert_eq!((head.etag.as_deref(), head.text.as_str()), (Some("\"7\""), ""));
    let units = client.send("POST", "/v1/imports?kind=units", &[], b"code".to_vec()).await.expect(200);
    assert_eq!((units.str("/service"), &units.body["bytes"]), ("organisation", &json!(4)));
    let refused = client.send("POST", "/v1/imports?kind=people", &[], b"code".to_vec()).await.expect(422);
    assert_eq!(refused.body["errors"][0]["detail"], "this is one of units, employees, pay");
    let pay = client.send("POST", "/v1/imports?kind=pay", &[], b"number".to_vec()).await.expect(200);
    assert_eq!((pay.str("/service"), &pay.body["bytes"]), ("pay", &json!(6)));
}

#[actix_web::test]
async fn given_an_unknown_path_or_method_the_gateway_answers_itself() {
    let door = Door::open(&[]).await;
    let client = door.client("E001");

    assert!(is_problem(&client.get("/v1/nothing").await.expect(404), "not-found"));
    let refused = client.send("DELETE", "/v1/employees/E001", &[], Vec::new()).await.expect(405);
    assert!(is_problem(&refused, "method-not-allowed"));
    assert_eq!(refused.header("allow"), Some("GET, HEAD, PUT"));
}

#[actix_web::test]
async fn given_no_valid_token_only_public_operations_are_passed_on() {
    let organisation = upstream::start("organisation");
    let door = Door::open(&[("organisation", vec![organisation.url])]).await;

    door.anonymous().post("/v1/tokens", json!({})).await.expect(200);
    let refused = door.anonymous().get("/v1/employees/E001").await.expect(401);
    assert!(is_problem(&refused, "unauthenticated"));
    assert_eq!(refused.header("www-authenticate"), Some("Bearer"));
    let stranger = Issuer::start().await.token(&door.clock, Uuid::nil(), None, &[Role::Admin], &[]);
    Client::new(door.url(), Some(stranger)).get("/v1/employees/E001").await.expect(401);
    let client = door.client("E001");
    client.get("/v1/employees/E001").await.expect(200);
    door.clock.move_to(door.clock.now() + jiff::SignedDuration::from_hours(2));
    client.get("/v1/employees/E001").await.expect(401);
}

#[actix_web::test]
async fn given_headers_of_one_hop_or_forged_origins_they_are_not_passed_on() {
    let organisation = upstream::start("organisation");
    let door = Door::open(&[("organisation", vec![organisation.url])]).await;

    let sent = [
        ("x-forwarded-for", "1.2.3.4"),
        ("x-forwarded-host", "evil.example"),
        ("forwarded", "for=1.2.3.4"),
        ("te", "trailers"),
        ("accept-language", "zh-CN"),
        ("idempotency-key", "k1"),
    ];
    let answer = door.client("E001").send("GET", "/v1/employees/E001", &sent, Vec::new()).await.expect(200);
    let received = &answer.body["headers"];
    assert_eq!(received["x-forwarded-for"], "127.0.0.1");
    assert_eq!(received["accept-language"], "zh-CN");
    assert_eq!(received["idempotency-key"], "k1");
    assert!(received["authorization"].as_str().unwrap().starts_with("Bearer "));
    for gone in ["x-forwarded-host", "forwarded", "te"] {
        assert_eq!(received[gone], Value::Null, "{gone}");
    }
    assert_eq!(answer.header("keep-alive"), None);
}

#[actix_web::test]
async fn given_a_trace_it_goes_on_to_the_service_and_is_answered() {
    let provider = opentelemetry_sdk::trace::SdkTracerProvider::builder().build();
    let _ = tracing_subscriber::registry()
        .with(tracing_opentelemetry::layer().with_tracer(provider.tracer("test")))
        .try_init();
    let organisation = upstream::start("organisation");
    let door = Door::open(&[("organisation", vec![organisation.url])]).await;
    let client = door.client("E001");

    let new = client.get("/v1/employees/E001").await.expect(200);
    let trace = new.header("x-trace-id").unwrap().to_owned();
    assert!(new.str("/headers/traceparent").starts_with(&format!("00-{trace}-")));
    let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let known = client.send("GET", "/v1/employees/E001", &[("traceparent", parent)], Vec::new()).await.expect(200);
    assert_eq!(known.header("x-trace-id"), Some("0af7651916cd43dd8448eb211c80319c"));
    let passed_on = known.str("/headers/traceparent");
    assert!(passed_on.starts_with("00-0af7651916cd43dd8448eb211c80319c-") && passed_on != parent);
}

#[actix_web::test]
async fn given_a_stream_its_first_line_arrives_before_its_last_is_written() {
    let pay = upstream::start("pay");
    let door = Door::open(&[("pay", vec![pay.url])]).await;
    let get = |path: &str| {
        let client = awc::Client::builder().disable_timeout().finish();
        client.get(format!("{}{path}", door.url())).bearer_auth(door.token("E001")).send()
    };

    let mut lines = get("/v1/paused").await.unwrap();
    assert_eq!(lines.next().await.unwrap().unwrap(), "{\"line\":1}\n");
    pay.go_on.store(true, Ordering::SeqCst);
    assert_eq!(lines.next().await.unwrap().unwrap(), "{\"line\":2}\n");
    assert!(lines.next().await.is_none());

    let mut large = get("/v1/large").await.unwrap();
    let mut bytes = 0;
    while let Some(chunk) = large.next().await {
        bytes += chunk.unwrap().len();
    }
    assert_eq!(bytes, upstream::LARGE);
}

#[actix_web::test]
async fn given_an_unreachable_replica_the_other_answers() {
    let organisation = upstream::start("organisation");
    let door = Door::open(&[("organisation", vec![upstream::nowhere(), organisation.url])]).await;
    let client = door.client("E001");

    for _ in 0..4 {
        client.get("/v1/employees/E001").await.expect(200);
        let written = client.put("/v1/employees/E001", None, json!({ "name": "A" })).await.expect(200);
        assert_eq!(written.body["bytes"], json!(12));
    }
}

#[actix_web::test]
async fn given_a_replica_that_hangs_up_reads_are_tried_again_and_writes_are_not() {
    let organisation = upstream::start("organisation");
    let door = Door::open(&[("organisation", vec![upstream::hangs_up().await, organisation.url])]).await;
    let client = door.client("E001");

    let mut written = Vec::new();
    for _ in 0..2 {
        written.push(client.put("/v1/employees/E001", None, json!({})).await.status);
    }
    written.sort_unstable();
    assert_eq!(written, [200, 502]);
    for _ in 0..2 {
        client.get("/v1/employees/E001").await.expect(200);
    }
}

#[actix_web::test]
async fn given_no_replica_or_a_raw_error_the_answer_is_a_problem_without_its_cause() {
    let pay = upstream::start("pay");
    let door = Door::open(&[("organisation", vec![upstream::nowhere()]), ("pay", vec![pay.url])]).await;
    let client = door.client("E001");

    let unreachable = client.get("/v1/employees/E001").await.expect(503);
    assert!(is_problem(&unreachable, "unavailable"));
    assert_eq!(unreachable.header("retry-after"), Some("1"));
    let raw = client.get("/v1/raw-error").await.expect(502);
    assert!(is_problem(&raw, "unavailable"));
    assert!(!raw.text.contains("secret"));
}

#[actix_web::test]
async fn given_a_service_that_cannot_read_a_request_the_answer_is_a_problem_too() {
    let pay = upstream::start("pay");
    let door = Door::open(&[("pay", vec![pay.url])]).await;
    let client = door.client("E001");

    let raw = async |status: u16, expected: u16| client.get(&format!("/v1/raw-error?{status}")).await.expect(expected);
    let busy = raw(408, 503).await;
    assert!(is_problem(&busy, "unavailable"));
    assert_eq!(busy.header("retry-after"), Some("1"));
    assert!(is_problem(&raw(431, 400).await, "malformed-request"));
    assert!(is_problem(&raw(413, 413).await, "too-large"));
    assert!(is_problem(&raw(404, 404).await, "not-found"));
}

#[actix_web::test]
async fn given_a_token_with_its_scheme_in_small_letters_it_is_taken() {
    let organisation = upstream::start("organisation");
    let door = Door::open(&[("organisation", vec![organisation.url])]).await;
    let header = format!("bearer {}", door.token("E001"));

    let read = door.anonymous().send("GET", "/v1/employees/E001", &[("authorization", &header)], Vec::new()).await;

    read.expect(200);
}

#[actix_web::test]
async fn given_u_0000_in_an_address_it_is_refused_with_its_place() {
    let organisation = upstream::start("organisation");
    let door = Door::open(&[("organisation", vec![organisation.url])]).await;

    let refused = door.client("E001").get("/v1/employees/%00?unit=a%00b&after=c").await.expect(422);

    assert_eq!((refused.str("/errors/0/pointer"), refused.str("/errors/1/pointer")), ("/path", "/unit"));
}

#[actix_web::test]
async fn given_any_answer_browsers_are_told_to_trust_it_with_nothing() {
    let door = Door::open(&[]).await;

    let answer = door.anonymous().get("/v1/nothing").await.expect(404);
    assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(answer.header("x-frame-options"), Some("DENY"));
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    assert_eq!(answer.header("content-security-policy"), Some("default-src 'none'; frame-ancestors 'none'"));

    let page = door.anonymous().get("/docs/").await.expect(200);
    assert!(page.header("content-security-policy").unwrap().starts_with("default-src 'self'"));
    let script = door.anonymous().get("/docs/swagger-initializer.js").await.expect(200);
    assert!(!script.text.contains("persistAuthorization\": true"), "{}", script.text);
}

#[actix_web::test]
async fn given_many_who_ask_whether_it_is_ready_the_services_are_asked_once_a_second() {
    let pay = upstream::start("pay");
    let door = Door::open(&[("pay", vec![pay.url])]).await;
    let anyone = door.anonymous();
    let before = pay.asked.load(Ordering::SeqCst);

    let asked = futures_util::future::join_all((0..50).map(|_| anyone.get("/health/ready"))).await;

    assert!(asked.iter().all(|answer| answer.status == 200));
    // Not once each; how often depends on how long the fifty took.
    assert!(pay.asked.load(Ordering::SeqCst) - before < 25);
}

#[actix_web::test]
async fn given_limits_who_calls_too_often_is_told_when_to_come_back() {
    let organisation = upstream::start("organisation");
    let rate = RateLimits { account_per_second: 2, address_per_second: 0, sign_in_per_minute: 1 };
    let door = Door::open_with(&[("organisation", vec![organisation.url])], |settings| settings.rate = rate).await;

    let often = async |client: &Client, path: &str| {
        let mut last = None;
        for _ in 0..12 {
            let answer = if path == "/v1/tokens" { client.post(path, json!({})).await } else { client.get(path).await };
            if answer.status == 429 {
                last = Some(answer);
                break;
            }
        }
        last.expect("a limit")
    };
    let signing_in = often(&door.anonymous(), "/v1/tokens").await;
    assert!(is_problem(&signing_in, "too-many-requests"));
    assert!(signing_in.header("retry-after").unwrap().parse::<u64>().unwrap() >= 1);
    often(&door.client("E001"), "/v1/employees/E001").await;
    let allowed = door.client("E002").get("/v1/employees/E001").await.expect(200);
    let room = |answer: &Answer| {
        ["x-ratelimit-limit", "x-ratelimit-remaining"].map(|name| answer.header(name).unwrap().to_owned())
    };
    assert_eq!(room(&allowed), ["4", "3"]);
    assert_eq!(room(&signing_in), ["2", "0"]);
    for _ in 0..12 {
        door.anonymous().get("/.well-known/jwks.json").await.expect(200);
    }
}

#[actix_web::test]
async fn given_a_body_over_the_limit_it_is_refused_with_and_without_a_length() {
    let (organisation, pay) = (upstream::start("organisation"), upstream::start("pay"));
    let door = Door::open(&[("organisation", vec![organisation.url]), ("pay", vec![pay.url])]).await;
    let client = door.client("E001");

    let five = vec![b'x'; 5 << 20];
    let refused = client.send("PUT", "/v1/employees/E001", &[], five.clone()).await.expect(413);
    assert!(is_problem(&refused, "too-large"));
    let imported = client.send("POST", "/v1/imports?kind=units", &[], five).await.expect(200);
    assert_eq!(imported.body["bytes"], json!(5 << 20));

    let endless = stream::repeat(Bytes::from(vec![b'x'; 1 << 16])).take(80).map(Ok::<_, std::io::Error>);
    let mut chunked = awc::Client::default()
        .put(format!("{}/v1/employees/E001", door.url()))
        .bearer_auth(door.token("E001"))
        .send_stream(endless)
        .await
        .unwrap();
    assert_eq!(chunked.status(), 413);
    assert!(chunked.body().await.unwrap().starts_with(b"{\"type\":\"urn:steelyard:problem:too-large\""));
}

#[actix_web::test]
async fn given_a_refusal_before_the_body_was_read_it_still_arrives() {
    let pay = upstream::start("pay");
    let door = Door::open(&[("pay", vec![pay.url])]).await;

    let body = vec![b'x'; 20 << 20];
    let refused = door.client("E001").send("POST", "/v1/refuse", &[], body).await.expect(403);
    assert_eq!(refused.str("/detail"), "no");
}

#[actix_web::test]
async fn given_a_body_that_ends_early_the_service_does_not_take_it_for_whole() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let organisation = upstream::start("organisation");
    let door = Door::open(&[("organisation", vec![organisation.url])]).await;

    let mut socket = tokio::net::TcpStream::connect(door.gateway.address).await.unwrap();
    let head = format!(
        "PUT /v1/employees/E001 HTTP/1.1\r\nhost: gateway\r\nauthorization: Bearer {}\r\ncontent-length: 100\r\n\r\n{{}}",
        door.token("E001")
    );
    socket.write_all(head.as_bytes()).await.unwrap();
    socket.shutdown().await.unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).await.unwrap();
    assert!(!answer.starts_with("HTTP/1.1 200"), "{answer}");
}

#[actix_web::test]
async fn the_documents_a_page_to_try_them_and_health_are_served() {
    let organisation = upstream::start("organisation");
    let door = Door::open(&[("organisation", vec![organisation.url]), ("pay", vec![upstream::nowhere()])]).await;
    let anyone = door.anonymous();

    let document = anyone.get("/openapi/pay.json").await.expect(200);
    assert!(document.body["paths"]["/v1/imports"].is_object());
    anyone.get("/openapi/nothing.json").await.expect(404);
    assert!(anyone.get("/docs/").await.expect(200).text.contains("swagger-ui"));
    assert!(anyone.get("/docs/swagger-initializer.js").await.expect(200).text.contains("/openapi/organisation.json"));
    assert_eq!(anyone.get("/health/live").await.expect(200).str("/status"), "live");
    let ready = anyone.get("/health/ready").await.expect(503);
    assert_eq!(ready.body["services"]["organisation"]["ready"], true);
    assert_eq!(ready.body["services"]["pay"], json!({ "ready": false, "replicas": 1, "ready_replicas": 0 }));
}

#[actix_web::test]
async fn given_a_caller_who_leaves_before_the_answer_then_the_service_is_told_by_its_closed_connection() {
    let silent = upstream::silent().await;
    let door = Door::open(&[("pay", vec![silent.url.clone()])]).await;
    let mut caller = std::net::TcpStream::connect(door.gateway.address).unwrap();
    let request =
        format!("GET /v1/raw-error HTTP/1.1\r\nhost: gateway\r\nauthorization: Bearer {}\r\n\r\n", door.token("E001"));
    std::io::Write::write_all(&mut caller, request.as_bytes()).unwrap();
    eventually("the service is asked", async || silent.asked.load(Ordering::SeqCst).then_some(())).await;
    assert!(!silent.left.load(Ordering::SeqCst));

    drop(caller);

    eventually("the service is told", async || silent.left.load(Ordering::SeqCst).then_some(())).await;
}
