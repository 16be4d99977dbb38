//! The one public door: it authenticates, limits, routes and proxies, and serves the API documents.
//!
//! The routes are those of the services' OpenAPI documents, so that what is not documented cannot be
//! reached from outside. The gateway keeps nothing: any number of replicas may run side by side.

mod body;
pub mod documents;
mod headers;
mod limits;
pub mod merged;
mod pages;
mod proxy;
mod refusal;
mod settings;
mod table;
mod upstreams;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use actix_web::http::KeepAlive;
use actix_web::{App, HttpServer, middleware, web};
use platform::auth::Verifier;
use platform::health::Kept;
use platform::telemetry::Metrics;
use platform::{Clock, Problem, Result, keys};
use tokio::sync::watch;
use tokio::task::JoinSet;

pub use limits::RateLimits;
pub use settings::Settings;

use limits::Limiter;
use table::Table;
use upstreams::Upstreams;

/// What requests are handled with.
struct Gateway {
    table: Table,
    upstreams: Upstreams,
    verifier: Verifier,
    clock: Clock,
    limiter: Limiter,
    metrics: Metrics,
    trusted_proxies: usize,
    health: Kept<pages::Services>,
}

/// A running gateway: where it listens, and how to stop it.
pub struct Running {
    pub address: SocketAddr,
    stop: watch::Sender<bool>,
    server: actix_web::dev::ServerHandle,
    tasks: JoinSet<()>,
}

impl Running {
    /// Lets requests in hand finish, then stops.
    pub async fn stop(mut self) {
        // Nobody listening means everything has stopped already.
        let _ = self.stop.send(true);
        self.server.stop(true).await;
        while self.tasks.join_next().await.is_some() {}
    }
}

/// Starts the gateway in this process.
pub async fn start(settings: Settings) -> Result<Running> {
    let gateway = Arc::new(Gateway {
        table: Table::new(&settings.documents).map_err(Problem::internal)?,
        upstreams: Upstreams::new(&settings.upstreams).map_err(Problem::internal)?,
        verifier: Verifier::default(),
        clock: settings.clock.clone(),
        limiter: Limiter::new(settings.rate),
        metrics: Metrics::new("gateway"),
        trusted_proxies: settings.trusted_proxies,
        health: Kept::default(),
    });
    let (stop, stopped) = watch::channel(false);
    let mut tasks = JoinSet::new();
    let data = web::Data::from(gateway.clone());
    let documents = web::Data::new(pages::Pages::new(&settings.documents).map_err(Problem::internal)?);
    let server = HttpServer::new(move || {
        App::new()
            .wrap(middleware::from_fn(platform::language::tell_problems))
            .wrap(middleware::from_fn(platform::web::guard))
            .wrap(middleware::from_fn(platform::web::trace))
            .app_data(data.clone())
            .app_data(documents.clone())
            .app_data(web::Data::new(proxy::client()))
            .configure(|config| pages::register(config, &documents))
            .default_service(web::to(proxy::pass))
    })
    .workers(settings.workers)
    .keep_alive(KeepAlive::Timeout(Duration::from_secs(75)))
    // A worker that is busy for a moment has still time to read a request.
    .client_request_timeout(Duration::from_secs(30))
    // A caller who has left waits for nothing: the service that works for them is told by its closed connection.
    .h1_allow_half_closed(false)
    .disable_signals()
    .shutdown_timeout(10)
    .bind(&settings.listen)
    .map_err(|error| Problem::internal(format!("cannot listen on {}: {error}", settings.listen)))?;
    let address = server.addrs().first().copied().ok_or_else(|| Problem::internal("the gateway has no address"))?;
    let server = server.run();
    let handle = server.handle();
    tasks.spawn(async move {
        if let Err(error) = server.await {
            tracing::error!(%error, "the web server stopped");
        }
    });
    tasks.spawn(keys::keep_fresh(settings.jwks_url, gateway.verifier.clone(), stopped.clone()));
    tasks.spawn(limits::forget_the_idle(gateway, stopped));
    tracing::info!(%address, "gateway listening");
    Ok(Running { address, stop, server: handle, tasks })
}
