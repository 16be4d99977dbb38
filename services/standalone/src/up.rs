//! `steelyard up`: everything on one machine, from nothing or over what it kept.

use std::path::{Path, PathBuf};
use std::time::Instant;

use platform::config::{Environment, Secret, variable};
use platform::{Clock, Problem, Result};
use player::Place;
use player::api::Api;
use serde::{Deserialize, Serialize};

use crate::mailbox::Mailbox;
use crate::servers::{Hold, Servers};
use crate::services::{Ground, all};
use crate::{demonstration, second_act};

pub struct Options {
    /// Where everything is kept.
    pub directory: PathBuf,
    /// Without the demonstration companies.
    pub empty: bool,
    /// Port of the gateway; none takes 8080 or, when that is taken, any other.
    pub port: Option<u16>,
}

/// Secrets of this installation, made once and readable by its owner only.
#[derive(Serialize, Deserialize)]
struct Kept {
    signing_key: String,
    bootstrap_token: String,
    /// Password of every demonstration account.
    password: String,
}

pub async fn up(options: Options) -> Result<()> {
    let started = Instant::now();
    let directory = prepare(&options.directory)?;
    let _hold = Hold::of(&directory)?;
    let kept = Kept::load_or_make(&directory.join("secrets.json"))?;
    say("starting PostgreSQL and Redis");
    let servers = Servers::start(&directory).await?;
    create_database(&servers).await?;
    let mailbox = Mailbox::start(&directory.join("mail")).await?;

    let clock = Clock::system();
    let base = servers.postgres("postgres", "postgres");
    let sockets =
        base.expose().split('@').nth(1).and_then(|rest| rest.split('/').next()).unwrap_or_default().to_owned();
    let ground = Ground {
        postgres: Box::new(move |role| Secret::new(format!("postgresql://{role}@{sockets}/steelyard"))),
        redis: servers.redis(),
        clock: clock.clone(),
        otlp_endpoint: variable("STEELYARD_OTLP_ENDPOINT"),
        reclaim_after_ms: 30_000,
    };
    let port = port(options.port)?;
    let base_url = format!("http://127.0.0.1:{port}");
    let parts = all(kept.organisation()?, kept.notification(&mailbox, &base_url)?);
    say("migrating the schema of each service");
    ground.migrate(&parts).await?;
    say("starting the services and the gateway");
    let services = ground.start(&parts).await?;
    let mut settings =
        gateway::Settings::new(format!("127.0.0.1:{port}"), services.upstreams(), services.jwks_url.clone());
    settings.clock = clock.clone();
    let gateway = gateway::start(settings).await.map_err(Problem::internal)?;

    let place = Place { password: kept.password.clone(), ..Place::new(Api::new(&base_url), &kept.bootstrap_token) };
    let marker = directory.join("demonstration.json");
    if !options.empty {
        let scene = demonstration::Scene { place: place.clone(), clock, mailbox: &mailbox, marker: marker.clone() };
        demonstration::play(&scene).await?;
    }
    let sign_in = (!options.empty).then(|| demonstration::how_to_sign_in(&place, &marker));
    farewell(&place, &directory, &servers, &mailbox, sign_in);
    say(&format!("up after {} s; Ctrl-C stops it", started.elapsed().as_secs()));
    let second_act = async {
        if !options.empty {
            play_second_act(&place, &directory.join("second-act.json")).await;
        }
        std::future::pending::<()>().await;
    };
    // It serves already: whoever stops it does not wait for the act, and is heard before it begins.
    tokio::select! {
        biased;
        () = platform::service::asked_to_stop() => {}
        () = second_act => {}
    }
    say("stopping");
    gateway.stop().await;
    services.stop().await;
    servers.stop().await;
    say(&format!("stopped; everything is kept in {}", directory.display()));
    Ok(())
}

async fn play_second_act(place: &Place, marker: &Path) {
    say("the second act follows");
    match second_act::play(place, marker).await {
        Ok(()) => say("the second act is over; Ctrl-C stops it"),
        Err(problem) => say(&format!("the second act broke off: {problem}")),
    }
}

/// Progress goes to standard error, so that the story on standard output can be kept by itself.
fn say(text: &str) {
    eprintln!("steelyard: {text}");
}

#[allow(clippy::print_stdout, reason = "what the command tells its user")]
fn farewell(place: &Place, directory: &Path, servers: &Servers, mailbox: &Mailbox, sign_in: Option<String>) {
    let base_url = place.api.base_url();
    println!("\nGateway      {base_url}");
    println!("API          {base_url}/docs");
    println!("Database     {}", servers.psql());
    println!("Mail         {} (a file a message)", mailbox.directory.display());
    println!("Kept in      {}", directory.display());
    if let Some(sign_in) = sign_in {
        println!("\n{sign_in}");
    }
    println!("\nFound a company (the token is in {}):", directory.join("secrets.json").display());
    println!(
        "  curl -s {base_url}/v1/companies -H 'Authorization: Bearer {}' -H 'Content-Type: application/json' \\",
        place.bootstrap_token
    );
    println!(
        "    -d '{{\"code\":\"acme\",\"name\":\"Acme\",\"admin\":{{\"username\":\"admin\",\"password\":\"at-least-12-characters\"}}}}'"
    );
}

fn prepare(directory: &Path) -> Result<PathBuf> {
    std::fs::create_dir_all(directory).map_err(|e| Problem::internal(format!("{}: {e}", directory.display())))?;
    directory.canonicalize().map_err(Problem::internal)
}

async fn create_database(servers: &Servers) -> Result<()> {
    use platform::diesel_async::{AsyncConnection, AsyncPgConnection, SimpleAsyncConnection};
    let url = servers.postgres("postgres", "postgres");
    let mut conn = AsyncPgConnection::establish(url.expose()).await.map_err(Problem::internal)?;
    match conn.batch_execute("create database steelyard").await {
        Err(error) if !error.to_string().contains("already exists") => Err(Problem::internal(error)),
        _ => Ok(()),
    }
}

fn port(wanted: Option<u16>) -> Result<u16> {
    let free =
        |port: u16| std::net::TcpListener::bind(("127.0.0.1", port)).and_then(|l| l.local_addr()).map(|a| a.port());
    match wanted {
        Some(port) => free(port).map_err(|error| Problem::internal(format!("port {port}: {error}"))),
        None => free(8080).or_else(|_| free(0)).map_err(Problem::internal),
    }
}

impl Kept {
    fn load_or_make(path: &Path) -> Result<Self> {
        if let Ok(text) = std::fs::read_to_string(path) {
            return Ok(serde_json::from_str(&text)?);
        }
        let made = Self {
            signing_key: organisation::Settings::generate_key_pem()?.expose().to_owned(),
            bootstrap_token: random_text(32),
            password: random_text(16),
        };
        write_private(path, &serde_json::to_string_pretty(&made)?)?;
        Ok(made)
    }

    fn organisation(&self) -> Result<organisation::Settings> {
        let keys = vec![organisation::SigningKey::from_pem(&self.signing_key)?];
        let mut settings = organisation::Settings::new(keys, Secret::new(&self.bootstrap_token));
        // It is for trying things out: passwords that were set for others work at once, unless the environment says
        // otherwise.
        settings.initial_passwords = organisation::InitialPasswords::Keep;
        let mut environment = Environment::default();
        let settings = settings.with_rules(&mut environment);
        environment.check()?;
        Ok(settings)
    }

    fn notification(&self, mailbox: &Mailbox, base_url: &str) -> Result<notification::Settings> {
        notification::Settings::new(
            &format!("smtp://127.0.0.1:{}", mailbox.port),
            "Steelyard <appraisal@steelyard.example>",
            base_url,
        )
        .map_err(Problem::internal)
    }
}

fn random_text(length: usize) -> String {
    const LETTERS: &[u8] = b"abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    (0..length)
        .filter_map(|_| LETTERS.get(rand::random_range(0..LETTERS.len())))
        .map(|letter| char::from(*letter))
        .collect()
}

fn write_private(path: &Path, text: &str) -> Result<()> {
    use std::io::Write;
    use std::os::unix::fs::OpenOptionsExt;
    let mut file =
        std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path).map_err(Problem::internal)?;
    file.write_all(text.as_bytes()).map_err(Problem::internal)
}
