//! A service as the gateway sees it: it tells what it was sent, or misbehaves as asked.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use actix_web::http::StatusCode;
use actix_web::web::{Bytes, Data, Payload};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer, web};
use futures_util::StreamExt;
use futures_util::stream;
use serde_json::{Value, json};

pub struct Upstream {
    pub url: String,
    /// Lets the paused stream go on.
    pub go_on: Arc<AtomicBool>,
    /// How often it was asked whether it is ready.
    pub asked: Arc<AtomicUsize>,
}

#[derive(Clone)]
struct Told {
    name: &'static str,
    go_on: Arc<AtomicBool>,
    asked: Arc<AtomicUsize>,
}

pub fn start(name: &'static str) -> Upstream {
    let told = Told { name, go_on: Arc::default(), asked: Arc::default() };
    let (go_on, asked) = (told.go_on.clone(), told.asked.clone());
    let server = HttpServer::new(move || {
        App::new()
            .app_data(Data::new(told.clone()))
            .route("/v1/refuse", web::post().to(refuse))
            .route("/v1/raw-error", web::get().to(raw_error))
            .route("/v1/paused", web::get().to(paused))
            .route("/v1/large", web::get().to(large))
            .route("/health/ready", web::get().to(ready))
            .default_service(web::to(echo))
    })
    .workers(1)
    .disable_signals()
    .bind("127.0.0.1:0")
    .unwrap();
    let url = format!("http://{}", server.addrs()[0]);
    tokio::spawn(server.run());
    Upstream { url, go_on, asked }
}

/// An address that nothing listens on.
pub fn nowhere() -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

/// A service that hangs up on every request.
pub async fn hangs_up() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let mut some = [0; 1024];
            let _ = tokio::io::AsyncReadExt::read(&mut socket, &mut some).await;
        }
    });
    url
}

/// A service that never answers what it is asked, and hangs up on who looks after its health. It tells when it was
/// asked, and when whoever asked has hung up.
pub struct Silent {
    pub url: String,
    pub asked: Arc<AtomicBool>,
    pub left: Arc<AtomicBool>,
}

pub async fn silent() -> Silent {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let (asked, left): (Arc<AtomicBool>, Arc<AtomicBool>) = Default::default();
    let silent = Silent { url, asked: asked.clone(), left: left.clone() };
    tokio::spawn(async move {
        while let Ok((mut socket, _)) = listener.accept().await {
            let mut some = [0; 4096];
            let read = tokio::io::AsyncReadExt::read(&mut socket, &mut some).await.unwrap_or(0);
            if some[..read].starts_with(b"GET /v1/") {
                asked.store(true, Ordering::SeqCst);
                while tokio::io::AsyncReadExt::read(&mut socket, &mut some).await.is_ok_and(|read| read > 0) {}
                left.store(true, Ordering::SeqCst);
            }
        }
    });
    silent
}

async fn echo(request: HttpRequest, mut payload: Payload, told: Data<Told>) -> HttpResponse {
    let mut bytes = 0;
    while let Some(chunk) = payload.next().await {
        match chunk {
            Ok(chunk) => bytes += chunk.len(),
            Err(_) => return HttpResponse::BadRequest().finish(),
        }
    }
    let mut headers = serde_json::Map::new();
    for (name, value) in request.headers() {
        headers.insert(name.to_string(), Value::from(value.to_str().unwrap()));
    }
    let body = json!({
        "service": told.name,
        "method": request.method().as_str(),
        "uri": request.uri().to_string(),
        "headers": headers,
        "bytes": bytes,
    });
    HttpResponse::Ok().insert_header(("etag", "\"7\"")).insert_header(("keep-alive", "timeout=5")).json(body)
}

async fn refuse() -> HttpResponse {
    HttpResponse::Forbidden().content_type("application/problem+json").body("{\"detail\":\"no\"}")
}

/// Answers as no service should: 500, or with the status that the query names.
async fn raw_error(request: HttpRequest) -> HttpResponse {
    let status = request.query_string().parse().unwrap_or(500);
    HttpResponse::build(StatusCode::from_u16(status).unwrap()).body("panicked at src/secret.rs:7")
}

async fn ready(told: Data<Told>) -> HttpResponse {
    told.asked.fetch_add(1, Ordering::SeqCst);
    HttpResponse::Ok().finish()
}

async fn paused(told: Data<Told>) -> HttpResponse {
    let go_on = told.go_on.clone();
    let first = stream::once(async { Ok::<_, actix_web::Error>(Bytes::from_static(b"{\"line\":1}\n")) });
    let second = stream::once(async move {
        while !go_on.load(Ordering::SeqCst) {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        Ok(Bytes::from_static(b"{\"line\":2}\n"))
    });
    HttpResponse::Ok().content_type("application/x-ndjson").streaming(first.chain(second))
}

pub const LARGE: usize = 64 << 20;

async fn large() -> HttpResponse {
    let line = Bytes::from(vec![b'x'; 64 << 10]);
    let lines = stream::repeat(line).take(LARGE / (64 << 10)).map(Ok::<_, actix_web::Error>);
    HttpResponse::Ok().content_type("application/x-ndjson").streaming(lines)
}
