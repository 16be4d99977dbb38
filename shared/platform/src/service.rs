//! A service: its parts, and how it is run.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use actix_web::{App, HttpRequest, HttpResponse, HttpServer, middleware, web};
use diesel_migrations::EmbeddedMigrations;
use tokio::sync::watch;
use tokio::task::JoinSet;
use utoipa_actix_web::AppExt;
use utoipa_actix_web::service_config::ServiceConfig;

use crate::audit::Own;
use crate::auth::{Role, Verifier};
use crate::bus::{self, Handler};
use crate::config::Config;
use crate::contract::Contract;
use crate::health::Health;
use crate::openapi::openapi;
use crate::problem::{Code, Problem};
use crate::replay::{self, Asked, Only, Replay};
use crate::store::{Store, Tx};
use crate::telemetry::Metrics;
use crate::wake::{self, Wakes};
use crate::{Clock, Result, Task, audit, housekeeping, language, operations, say, web as platform_web};

/// Routes of a service, all of them with OpenAPI.
pub type Routes = Arc<dyn Fn(&mut ServiceConfig) + Send + Sync>;

/// What a service is made of.
#[derive(Clone)]
pub struct Service {
    pub name: &'static str,
    /// One line for the OpenAPI document.
    pub about: &'static str,
    /// Its own, after those of what it is built on.
    pub migrations: fn() -> Vec<EmbeddedMigrations>,
    pub routes: Routes,
    /// What it does with the events of its subscriptions.
    pub handler: Option<Handler>,
    pub jobs: Vec<Job>,
    /// How it recomputes what it stored; none where it computes nothing.
    pub replay: Option<Replay>,
    /// What of its audit log only some may see; none where everything may be read by whoever reads it.
    pub confidential: Option<Confidential>,
}

/// What a person may not read about themselves, by their number.
pub type OwnOf = for<'a> fn(&'a mut Tx, &'a str) -> Task<'a, Result<Own>>;

/// Who may not see what in a log of values about people. Only auditors see any.
#[derive(Clone, Copy, Default)]
pub struct Confidential {
    /// What a person with this number may not read about themselves yet; none where they may read all of it elsewhere.
    pub own: Option<OwnOf>,
    /// Actions whose values before and after only some roles see, auditors or not.
    pub values: &'static [(&'static str, &'static [Role])],
}

/// Work that is due again and again. It takes its locks in the database, so replicas may run it too.
#[derive(Clone)]
pub struct Job {
    pub name: &'static str,
    /// How long it sleeps when nobody wakes it.
    pub every: Duration,
    /// Tables whose news wake it.
    woken_by: &'static [&'static str],
    /// How long it rests between two turns, so that much news is worked on at once.
    rest: Duration,
    /// True when there is more to do at once.
    pub run: Arc<dyn Fn(Platform) -> Task<'static, Result<bool>> + Send + Sync>,
}

impl Job {
    pub fn new(
        name: &'static str,
        every: Duration,
        run: impl Fn(Platform) -> Task<'static, Result<bool>> + Send + Sync + 'static,
    ) -> Self {
        Self { name, every, woken_by: &[], rest: Duration::ZERO, run: Arc::new(run) }
    }

    /// Wakes it when these tables have got news: a migration says of each `call tells('…')`.
    pub fn woken_by(self, tables: &'static [&'static str]) -> Self {
        Self { woken_by: tables, ..self }
    }

    fn resting(self, rest: Duration) -> Self {
        Self { rest, ..self }
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
    pub health: Arc<Health>,
    pub wakes: Arc<Wakes>,
    pub confidential: Option<Confidential>,
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
        let finished = async { while self.tasks.join_next().await.is_some() {} };
        // What waits for a host that has fallen silent is given up, as by a process that is killed.
        if tokio::time::timeout(STOPPING, finished).await.is_err() {
            self.tasks.shutdown().await;
        }
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
        health: Arc::default(),
        wakes: Arc::default(),
        confidential: service.confidential,
    };
    let contract = web::Data::new(Contract::new(&openapi(service)?));
    let (stop, stopped) = watch::channel(false);
    let mut tasks = JoinSet::new();
    let (data, routes, name) = (web::Data::new(platform.clone()), service.routes.clone(), service.name);
    let server = HttpServer::new(move || {
        let routes = routes.clone();
        App::new()
            .wrap(middleware::from_fn(language::tell_problems))
            .wrap(middleware::from_fn(platform_web::guard))
            .wrap(middleware::from_fn(platform_web::trace))
            .app_data(data.clone())
            .app_data(contract.clone())
            .app_data(web::PayloadConfig::new(32 << 20))
            .app_data(web::PathConfig::default().error_handler(|_, _| Problem::not_found(say!("内容", "thing")).into()))
            .app_data(web::QueryConfig::default().error_handler(|error, _| {
                // The parser's own words are for programmers.
                tracing::debug!(%error, "a query as documented was not read");
                Problem::new(Code::MalformedRequest, say!("查询参数无法读取", "the query cannot be read")).into()
            }))
            .service(web::scope("/health").route("/live", web::get().to(live)).route("/ready", web::get().to(ready)))
            .into_utoipa_app()
            .configure(move |config| {
                // Their addresses are literal, those of a service may have parameters there.
                operations::routes(config, name);
                routes(config);
            })
            .into_app()
            .default_service(web::to(|| async {
                Err::<HttpResponse, _>(Problem::not_found(say!("地址", "address")))
            }))
    })
    .workers(platform.config.workers)
    // A worker that is busy for a moment has still time to read a request.
    .client_request_timeout(Duration::from_secs(30))
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
    tasks.spawn(wake::listen(platform.clone(), stopped.clone()));
    tasks.spawn(bus::relay(platform.clone(), stopped.clone()));
    if let Some(handler) = service.handler {
        for source in bus::sources(service.name) {
            tasks.spawn(bus::consume(platform.clone(), source, handler, stopped.clone()));
        }
    }
    let sealing = Job::new("audit.seal", Duration::from_secs(60), |platform| {
        Box::pin(async move { Ok(audit::seal(&platform.store, &platform.clock).await? > 0) })
    });
    let sealing = sealing.woken_by(&["audit_entries"]).resting(Duration::from_secs(1));
    let housekeeping =
        Job::new("housekeeping", Duration::from_secs(600), |platform| Box::pin(housekeeping::run(platform)));
    for job in service.jobs.iter().cloned().chain([sealing, housekeeping]) {
        tasks.spawn(repeat(platform.clone(), job, stopped.clone()));
    }
    tracing::info!(service = service.name, %address, "listening");
    Ok(Running { address, platform, stop, server: handle, tasks })
}

/// How long what is in hand may take to finish when a service stops.
const STOPPING: Duration = Duration::from_secs(15);
/// The longest that a turn of a job may take.
const JOB_TURN: Duration = Duration::from_secs(15 * 60);
/// How long a job that failed sleeps at most.
const AFTER_FAILURE: Duration = Duration::from_secs(5);

async fn repeat(platform: Platform, job: Job, mut stop: watch::Receiver<bool>) {
    let health = platform.health.clone();
    health.watch(job.name, JOB_TURN + job.every + bus::SLACK);
    while !*stop.borrow() {
        let told = platform.wakes.told(job.woken_by);
        let pause = match bus::within(JOB_TURN, (job.run)(platform.clone())).await {
            Ok(true) => Duration::ZERO,
            Ok(false) => job.every,
            Err(problem) => {
                tracing::warn!(%problem, job = job.name, "job will try again");
                health.note(&problem);
                job.every.min(AFTER_FAILURE)
            }
        };
        health.turned(job.name);
        let sleep = async {
            tokio::time::sleep(job.rest.min(pause)).await;
            platform.wakes.wait(job.woken_by, told, pause.saturating_sub(job.rest)).await;
        };
        tokio::select! {
            () = sleep => {}
            _ = stop.changed() => {}
        }
    }
}

async fn live() -> HttpResponse {
    HttpResponse::Ok().json(serde_json::json!({ "status": "live" }))
}

async fn ready(platform: Platform) -> HttpResponse {
    let readiness = platform.health.readiness(&platform).await;
    let mut response = if readiness.is_complete() { HttpResponse::Ok() } else { HttpResponse::ServiceUnavailable() };
    response.json(readiness)
}

/// Runs a service until the process is asked to stop.
fn serve(service: &Service, config: Config) -> Result<ExitCode, Told> {
    let runtime = runtime()?;
    // The exporters speak gRPC on the runtime they are made in.
    let _inside = runtime.enter();
    let _telemetry = crate::telemetry::install(service.name, config.otlp_endpoint.as_deref());
    runtime.block_on(async {
        let running = start(service, config).await?;
        asked_to_stop().await;
        running.stop().await;
        Ok(ExitCode::SUCCESS)
    })
}

/// What is wrong with an environment or a command line, in words for whoever started the process.
pub type Told = Box<dyn std::error::Error>;

/// What every service binary does with its arguments: `serve` (the default), `migrate`, `openapi` or `replay`. With
/// `serve` the service is made with its settings; the others look at its parts only.
pub fn command(
    with_settings: impl FnOnce() -> Result<Service, Told>,
    without: impl FnOnce() -> Result<Service, Told>,
) -> ExitCode {
    // Until the service has settings, and so a log, what goes wrong is told in plain text.
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let asked: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome: Result<ExitCode, Told> = match asked.as_slice() {
        [] | ["serve"] => settings(with_settings).and_then(|(service, config)| serve(&service, config)),
        ["migrate"] => without().and_then(|service| migrate(&service)),
        ["openapi"] => without().and_then(|service| print_openapi(&service)),
        ["replay", options @ ..] => without().and_then(|service| replay_stored(&service, options)),
        _ => without().and_then(|service| about(&service, asked.first().copied())),
    };
    match outcome {
        Ok(code) => code,
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

/// The service and how it is run; everything that is missing in the environment is told at once.
fn settings(service: impl FnOnce() -> Result<Service, Told>) -> Result<(Service, Config), Told> {
    match (Config::from_env(), service()) {
        (Ok(config), Ok(service)) => Ok((service, config)),
        (Err(of_all), Err(of_one)) => Err(format!("{of_all}\n{of_one}").into()),
        (Err(error), Ok(_)) => Err(error.into()),
        (Ok(_), Err(error)) => Err(error),
    }
}

#[allow(clippy::print_stdout, reason = "what was asked for is what the command prints")]
fn about(service: &Service, asked: Option<&str>) -> Result<ExitCode, Told> {
    let name = service.name;
    let help = format!(
        "Steelyard {name}: {}

Usage: steelyard-{name} [COMMAND]

Commands:
  serve      Serve until SIGTERM (the default)
  migrate    Bring the database up to date, and say what was done
  openapi    Print the OpenAPI document
  replay     Recompute what is stored and tell every difference [--company ID] [--cycle ID]

Options:
  -h, --help     Print this
  -V, --version  Print the version

It is configured by STEELYARD_* variables: see docs/operations.md.",
        service.about
    );
    match asked {
        Some("-h" | "--help" | "help") => println!("{help}"),
        Some("-V" | "--version") => println!("steelyard-{name} {}", env!("CARGO_PKG_VERSION")),
        asked => return Err(format!("unknown command {}\n\n{help}", asked.unwrap_or_default()).into()),
    }
    Ok(ExitCode::SUCCESS)
}

/// Exit status where a replay found differences.
pub const DIFFERENT: u8 = 2;

/// `replay [--company ID] [--cycle ID]`, over the service's own database.
#[allow(clippy::print_stdout, reason = "what was found is what the command prints")]
fn replay_stored(service: &Service, options: &[&str]) -> Result<ExitCode, Told> {
    let asked = Asked { only: only(options)?, ..Asked::default() };
    let url = crate::config::secret("STEELYARD_DATABASE_URL")?;
    let _telemetry = crate::telemetry::install(service.name, None);
    let replayed = runtime()?.block_on(async {
        let store = Store::connect(url.expose(), 1, service.name)?;
        replay::run(service, &store, &asked, Clock::system().now(), &mut |line| println!("{line}")).await
    })?;
    if asked.only.cycle.is_some() && replayed.cycles.is_empty() {
        return Err("there is no such closed cycle".into());
    }
    Ok(if replayed.different() == 0 { ExitCode::SUCCESS } else { DIFFERENT.into() })
}

fn only(options: &[&str]) -> Result<Only, Told> {
    let mut only = Only::default();
    for option in options.chunks(2) {
        let (name, id) = (option.first().copied().unwrap_or_default(), option.get(1).and_then(|id| id.parse().ok()));
        let wanted = match name {
            "--company" => &mut only.company,
            "--cycle" => &mut only.cycle,
            _ => return Err(format!("unknown option {name}: --company ID or --cycle ID").into()),
        };
        *wanted = Some(id.ok_or_else(|| format!("{name} takes a UUID"))?);
    }
    Ok(only)
}

#[allow(clippy::print_stdout, reason = "what was done is what the command prints")]
fn migrate(service: &Service) -> Result<ExitCode, Told> {
    let url = crate::config::secret("STEELYARD_OWNER_DATABASE_URL")?;
    let role = crate::config::variable("STEELYARD_DATABASE_ROLE").unwrap_or_else(|| role(service.name));
    let ran =
        runtime()?.block_on(crate::migrate::migrate(url.expose(), service.name, &role, (service.migrations)()))?;
    let name = service.name;
    match ran.as_slice() {
        [] => println!("schema {name}: up to date, nothing to run; grants and row-level security are set"),
        ran => println!("schema {name}: ran {}; grants and row-level security are set", ran.join(", ")),
    }
    Ok(ExitCode::SUCCESS)
}

#[allow(clippy::print_stdout, reason = "the document is what the command prints")]
fn print_openapi(service: &Service) -> Result<ExitCode, Told> {
    println!("{}", serde_json::to_string_pretty(&openapi(service)?)?);
    Ok(ExitCode::SUCCESS)
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

/// A clock for those who have only the platform.
impl AsRef<Clock> for Platform {
    fn as_ref(&self) -> &Clock {
        &self.clock
    }
}
