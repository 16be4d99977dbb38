//! A service: its parts, and how it is run.

use std::sync::Arc;
use std::time::Duration;

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, middleware, web};
use diesel_migrations::EmbeddedMigrations;
use jsonwebtoken::jwk::JwkSet;
use tokio::sync::watch;
use tokio::task::JoinSet;
use utoipa_actix_web::AppExt;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::auth::Verifier;
use crate::bus::{self, Handler};
use crate::config::Config;
use crate::contract::Contract;
use crate::openapi::openapi;
use crate::problem::{Code, Problem};
use crate::replay::{self, Asked, Only, Replay};
use crate::store::Store;
use crate::telemetry::Metrics;
use crate::{Clock, Result, Task, audit, housekeeping, language, operations, say, web as platform_web};

/// Routes of a service, all of them with OpenAPI.
pub type Routes = Arc<dyn Fn(&mut ServiceConfig) + Send + Sync>;

/// What a service is made of.
#[derive(Clone)]
pub struct Service {
    pub name: &'static str,
    /// One line for the OpenAPI document.
    pub about: &'static str,
    pub migrations: fn() -> EmbeddedMigrations,
    pub routes: Routes,
    /// What it does with the events of its subscriptions.
    pub handler: Option<Handler>,
    pub jobs: Vec<Job>,
    /// How it recomputes what it stored; none where it computes nothing.
    pub replay: Option<Replay>,
}

/// Work that is due again and again. It takes its locks in the database, so replicas may run it too.
#[derive(Clone)]
pub struct Job {
    pub name: &'static str,
    pub every: Duration,
    /// True when there is more to do at once.
    pub run: Arc<dyn Fn(Platform) -> Task<'static, Result<bool>> + Send + Sync>,
}

impl Job {
    pub fn new(name: &'static str, every: Duration, run: fn(Platform) -> Task<'static, Result<bool>>) -> Self {
        Self { name, every, run: Arc::new(run) }
    }
}

/// What handlers, consumers and jobs of a running service are given.
#[derive(Clone)]
pub struct Platform {
    pub name: &'static str,
    pub store: Store,
    pub clock: Clock,
    pub verifier: Verifier,
    pub metrics: Metrics,
    pub config: Arc<Config>,
    pub handler: Option<Handler>,
}

impl Platform {
    /// The platform of the service that serves a request.
    pub fn of(request: &HttpRequest) -> Result<Self> {
        request
            .app_data::<web::Data<Self>>()
            .map(|data| data.get_ref().clone())
            .ok_or_else(|| Problem::internal("the service has no platform"))
    }
}

/// A running service: where it listens, and how to stop it.
pub struct Running {
    pub address: std::net::SocketAddr,
    pub platform: Platform,
    stop: watch::Sender<bool>,
    server: actix_web::dev::ServerHandle,
    tasks: JoinSet<()>,
}

impl Running {
    /// Lets requests and events in hand finish, then stops.
    pub async fn stop(mut self) {
        // Nobody listening means everything has stopped already.
        let _ = self.stop.send(true);
        self.server.stop(true).await;
        while self.tasks.join_next().await.is_some() {}
    }

    /// Stops in the middle of whatever is going on, as a killed process would.
    pub async fn kill(mut self) {
        self.tasks.shutdown().await;
        self.server.stop(false).await;
    }
}

/// Starts a service in this process.
pub async fn start(service: &Service, config: Config) -> Result<Running> {
    let platform = Platform {
        name: service.name,
        store: Store::connect(config.database_url.expose(), config.connections, service.name)?,
        clock: config.clock.clone(),
        verifier: Verifier::default(),
        metrics: Metrics::new(service.name),
        config: Arc::new(config),
        handler: service.handler,
    };
    let contract = web::Data::new(Contract::new(&openapi(service)?));
    let (stop, stopped) = watch::channel(false);
    let mut tasks = JoinSet::new();
    let (data, routes, name) = (web::Data::new(platform.clone()), service.routes.clone(), service.name);
    let server = HttpServer::new(move || {
        let routes = routes.clone();
        App::new()
            .wrap(middleware::from_fn(language::tell_problems))
            .wrap(middleware::from_fn(platform_web::trace))
            .app_data(data.clone())
            .app_data(contract.clone())
            .app_data(web::PayloadConfig::new(32 << 20))
            .app_data(web::PathConfig::default().error_handler(|_, _| Problem::not_found(say!("内容", "thing")).into()))
            .app_data(web::QueryConfig::default().error_handler(|error, _| {
                Problem::new(
                    Code::MalformedRequest,
                    say!("查询参数无法解析：{error}", "the query cannot be read: {error}"),
                )
                .into()
            }))
            .service(web::scope("/health").route("/live", web::get().to(live)).route("/ready", web::get().to(ready)))
            .into_utoipa_app()
            .configure(move |config| {
                routes(config);
                operations::routes(config, name);
            })
            .into_app()
            .default_service(web::to(|| async {
                Err::<HttpResponse, _>(Problem::not_found(say!("地址", "address")))
            }))
    })
    .workers(platform.config.workers)
    // A caller who has left waits for nothing: what is done for them stops.
    .h1_allow_half_closed(false)
    .disable_signals()
    .shutdown_timeout(10)
    .bind(&platform.config.listen)
    .map_err(|error| Problem::internal(format!("cannot listen on {}: {error}", platform.config.listen)))?;
    let address = server.addrs().first().copied().ok_or_else(|| Problem::internal("the server has no address"))?;
    let server = server.run();
    let handle = server.handle();
    tasks.spawn(async move {
        if let Err(error) = server.await {
            tracing::error!(%error, "the web server stopped");
        }
    });
    tasks.spawn(crate::keys::keep_fresh(platform.config.jwks_url.clone(), platform.verifier.clone(), stopped.clone()));
    tasks.spawn(bus::relay(platform.clone(), stopped.clone()));
    if let Some(handler) = service.handler {
        for source in bus::sources(service.name) {
            tasks.spawn(bus::consume(platform.clone(), source, handler, stopped.clone()));
        }
    }
    let sealing = Job::new("audit.seal", Duration::from_secs(1), |platform| {
        Box::pin(async move { Ok(audit::seal(&platform.store, &platform.clock).await? > 0) })
    });
    let housekeeping =
        Job::new("housekeeping", Duration::from_secs(600), |platform| Box::pin(housekeeping::run(platform)));
    for job in service.jobs.iter().cloned().chain([sealing, housekeeping]) {
        tasks.spawn(repeat(platform.clone(), job, stopped.clone()));
    }
    tracing::info!(service = service.name, %address, "listening");
    Ok(Running { address, platform, stop, server: handle, tasks })
}

async fn repeat(platform: Platform, job: Job, mut stop: watch::Receiver<bool>) {
    while !*stop.borrow() {
        let pause = match (job.run)(platform.clone()).await {
            Ok(true) => Duration::ZERO,
            Ok(false) => job.every,
            Err(problem) => {
                tracing::warn!(%problem, job = job.name, "job will try again");
                job.every.max(Duration::from_secs(1))
            }
        };
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            _ = stop.changed() => {}
        }
    }
}

async fn live() -> HttpResponse {
    HttpResponse::Ok().json(serde_json::json!({ "status": "live" }))
}

async fn ready(platform: Platform) -> HttpResponse {
    let parts = serde_json::json!({
        "database": platform.store.is_ready().await,
        "redis": bus::is_ready(&platform).await,
        "keys": platform.verifier.is_ready(),
    });
    let all = parts.as_object().is_some_and(|map| map.values().all(|v| v == true));
    if all { HttpResponse::Ok().json(parts) } else { HttpResponse::ServiceUnavailable().json(parts) }
}

/// Runs a service until the process is asked to stop. For `main` of a service's own binary.
pub fn run(service: Service) -> Result<()> {
    let config = Config::from_env()?;
    let runtime = runtime()?;
    // The exporters speak gRPC on the runtime they are made in.
    let _inside = runtime.enter();
    let _telemetry = crate::telemetry::install(service.name, config.otlp_endpoint.as_deref());
    runtime.block_on(async {
        let running = start(&service, config).await?;
        asked_to_stop().await;
        running.stop().await;
        Ok(())
    })
}

/// What every service binary does with its arguments: `serve` (the default), `migrate`, `openapi` or `replay`.
pub fn command(service: impl FnOnce() -> Result<Service>) -> std::process::ExitCode {
    use std::process::ExitCode;
    // Until the service has settings, and so a log, what goes wrong is told in plain text.
    let outcome = service().and_then(|service| match std::env::args().nth(1).as_deref() {
        None | Some("serve") => run(service).map(|()| ExitCode::SUCCESS),
        Some("migrate") => migrate(&service).map(|()| ExitCode::SUCCESS),
        Some("openapi") => print_openapi(&service).map(|()| ExitCode::SUCCESS),
        Some("replay") => replay_stored(&service),
        Some(other) => Err(unreadable(format!("unknown command {other}: serve, migrate, openapi or replay"))),
    });
    match outcome {
        Ok(code) => code,
        Err(problem) => {
            eprintln!("{problem}");
            ExitCode::FAILURE
        }
    }
}

/// What was typed is told to whoever typed it; there is no log yet.
fn unreadable(detail: String) -> Problem {
    Problem::new(Code::MalformedRequest, detail)
}

/// Exit status where a replay found differences.
pub const DIFFERENT: u8 = 2;

/// `replay [--company ID] [--cycle ID]`, over the service's own database.
#[allow(clippy::print_stdout, reason = "what was found is what the command prints")]
fn replay_stored(service: &Service) -> Result<std::process::ExitCode> {
    let asked = Asked { only: only(std::env::args().skip(2))?, ..Asked::default() };
    let url = crate::config::secret("STEELYARD_DATABASE_URL")?;
    let _telemetry = crate::telemetry::install(service.name, None);
    let replayed = runtime()?.block_on(async {
        let store = Store::connect(url.expose(), 1, service.name)?;
        replay::run(service, &store, &asked, Clock::system().now(), &mut |line| println!("{line}")).await
    })?;
    if asked.only.cycle.is_some() && replayed.cycles.is_empty() {
        return Err(Problem::not_found(say!("已关闭的考核周期", "closed cycle")));
    }
    Ok(if replayed.different() == 0 { std::process::ExitCode::SUCCESS } else { DIFFERENT.into() })
}

fn only(mut arguments: impl Iterator<Item = String>) -> Result<Only> {
    let mut only = Only::default();
    while let Some(name) = arguments.next() {
        let wanted = match name.as_str() {
            "--company" => &mut only.company,
            "--cycle" => &mut only.cycle,
            _ => return Err(unreadable(format!("unknown option {name}: --company ID or --cycle ID"))),
        };
        let id = arguments.next().and_then(|text| text.parse().ok());
        *wanted = Some(id.ok_or_else(|| unreadable(format!("{name} takes a UUID")))?);
    }
    Ok(only)
}

fn migrate(service: &Service) -> Result<()> {
    let url = crate::config::secret("STEELYARD_OWNER_DATABASE_URL")?;
    let role = crate::config::variable("STEELYARD_DATABASE_ROLE").unwrap_or_else(|| role(service.name));
    runtime()?.block_on(crate::migrate::migrate(url.expose(), service.name, &role, (service.migrations)()))
}

#[allow(clippy::print_stdout, reason = "the document is what the command prints")]
fn print_openapi(service: &Service) -> Result<()> {
    println!("{}", serde_json::to_string_pretty(&openapi(service)?)?);
    Ok(())
}

/// The PostgreSQL role a service runs as.
pub fn role(service: &str) -> String {
    format!("steelyard_{service}")
}

pub fn runtime() -> Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().map_err(Problem::internal)
}

/// Waits for Ctrl-C or a termination signal.
pub async fn asked_to_stop() {
    let Ok(mut terminate) = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate()) else { return };
    tokio::select! {
        _ = tokio::signal::ctrl_c() => {}
        _ = terminate.recv() => {}
    }
}

/// Reads a key set document.
pub fn parse_keys(text: &str) -> Result<JwkSet> {
    Ok(serde_json::from_str(text)?)
}

/// A clock for those who have only the platform.
impl AsRef<Clock> for Platform {
    fn as_ref(&self) -> &Clock {
        &self.clock
    }
}
