//! A person's own result: through the gateway, from the service itself, and a bare handler that selects one
//! row by primary key.

use std::process::Command;
use std::time::{Duration, Instant};

use actix_web::{App, HttpResponse, HttpServer, web};
use serde_json::Value;
use tests::month::{Month, Size};
use tests::system::System;

use crate::baseline::connect;
use crate::figure::Figure;

const SECONDS: u64 = 6;

pub async fn measure() {
    let system = System::start().await;
    let month = Month::published(&system, "bench", Size { units: 2, people_per_unit: 50 }).await;
    let me = month.sign_in(&system, "e1").await;
    let mine = me.get("/v1/my/results").await.expect("my results");
    let path = format!("/v1/results/{}", player::api::text(&mine, "/items/0/id"));
    let token = me.token().unwrap_or_default().to_owned();
    let scoring = system.replicas.first().and_then(|r| r.running.get("scoring")).expect("scoring runs");
    let bare = bare_handler(&system).await;
    let targets = [
        ("read.gateway", format!("{}{path}", system.base_url)),
        ("read.service", format!("http://{}{path}", scoring.address)),
        ("read.bare", format!("{bare}/1")),
    ];
    for (name, url) in targets {
        let throughput = wrk(&url, &token).await;
        let (p50, p99) = paced(&url, &token, throughput / 2).await;
        Figure::new(name)
            .with("requests_per_second", throughput)
            .with("p50_microseconds_at_half_load", p50)
            .with("p99_microseconds_at_half_load", p99)
            .print();
    }
    system.stop().await;
}

/// What a server can do at most: wrk with 32 connections.
async fn wrk(url: &str, token: &str) -> u64 {
    let (url, header) = (url.to_owned(), format!("Authorization: Bearer {token}"));
    let output = tokio::task::spawn_blocking(move || {
        Command::new("wrk").args(["-t1", "-c32", &format!("-d{SECONDS}s"), "-H", &header, &url]).output()
    })
    .await
    .expect("a thread")
    .expect("wrk is installed (apt-get install wrk)");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(!text.contains("Non-2xx"), "{text}");
    let line = text.lines().find(|line| line.contains("Requests/sec")).unwrap_or_default();
    let rate = line.split_whitespace().last().unwrap_or("0");
    rate.split('.').next().and_then(|whole| whole.parse().ok()).unwrap_or(0)
}

/// Latencies with requests sent on a schedule, whether or not the ones before were answered.
async fn paced(url: &str, token: &str, per_second: u64) -> (u64, u64) {
    let client = awc::Client::builder().timeout(Duration::from_secs(5)).finish();
    let total = per_second * SECONDS;
    let began = Instant::now();
    let mut latencies = Vec::new();
    let (told, mut heard) = tokio::sync::mpsc::unbounded_channel();
    let mut sent = 0;
    while sent < total {
        let due = began.elapsed().as_micros() as u64 * per_second / 1_000_000;
        while sent < due.min(total) {
            let request = client.get(url).insert_header(("authorization", format!("Bearer {token}")));
            let (told, scheduled) = (told.clone(), began + Duration::from_micros(sent * 1_000_000 / per_second.max(1)));
            actix_web::rt::spawn(async move {
                if let Ok(mut response) = request.send().await
                    && response.status().is_success()
                    && response.body().await.is_ok()
                {
                    // The receiver lives until all have answered.
                    let _ = told.send(scheduled.elapsed().as_micros() as u64);
                }
            });
            sent += 1;
        }
        tokio::time::sleep(Duration::from_millis(1)).await;
    }
    drop(told);
    while let Some(latency) = heard.recv().await {
        latencies.push(latency);
    }
    latencies.sort_unstable();
    let at = |percent: usize| latencies.get(latencies.len() * percent / 100).copied().unwrap_or(0);
    (at(50), at(99))
}

/// The least that a read could cost: one primary-key select behind one route.
async fn bare_handler(system: &System) -> String {
    let client = connect(system).await;
    client
        .batch_execute("create table public.bare (id bigint primary key, body text not null); insert into public.bare values (1, repeat('x', 1000));")
        .await
        .expect("a table");
    let statement = client.prepare("select body from public.bare where id = $1").await.expect("a statement");
    let state = web::Data::new((client, statement));
    let server = HttpServer::new(move || App::new().app_data(state.clone()).route("/{id}", web::get().to(select)))
        .workers(1)
        .disable_signals()
        .bind("127.0.0.1:0")
        .expect("a port");
    let address = server.addrs().first().copied().expect("an address");
    tokio::spawn(server.run());
    format!("http://{address}")
}

type Prepared = (tokio_postgres::Client, tokio_postgres::Statement);

async fn select(state: web::Data<Prepared>, id: web::Path<i64>) -> HttpResponse {
    match state.0.query_opt(&state.1, &[&*id]).await {
        Ok(Some(row)) => HttpResponse::Ok().json(Value::String(row.get(0))),
        _ => HttpResponse::NotFound().finish(),
    }
}
