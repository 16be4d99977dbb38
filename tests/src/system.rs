//! All services and the gateway over a database and a Redis of their own.

use std::collections::BTreeMap;

use platform::config::Secret;
use platform::{Clock, Service};
use player::api::Api;
use standalone::mailbox::Mailbox;
use standalone::services::{Ground, Services, all};
use testkit::{Database, servers};

pub const BOOTSTRAP_TOKEN: &str = "bootstrap-token-of-the-tests";

/// The organisation's settings of a test.
#[allow(clippy::expect_used, reason = "a test fails by panicking")]
pub fn organisation_settings() -> organisation::Settings {
    let key = organisation::Settings::generate_key_pem().expect("a key");
    let keys = vec![organisation::SigningKey::from_pem(key.expose()).expect("a key")];
    let mut settings = organisation::Settings::new(keys, Secret::new(BOOTSTRAP_TOKEN));
    settings.initial_passwords = organisation::InitialPasswords::Keep;
    settings
}

/// The notification's settings of a test whose mail goes to a port of this machine.
#[allow(clippy::expect_used, reason = "a test fails by panicking")]
pub fn notification_settings(port: u16) -> notification::Settings {
    let (from, portal) = ("Steelyard <appraisal@steelyard.example>", "http://portal.example");
    notification::Settings::new(&format!("smtp://127.0.0.1:{port}"), from, portal).expect("mail settings")
}

/// The mails of a test, which go with it.
struct MailDirectory(std::path::PathBuf);

impl Drop for MailDirectory {
    fn drop(&mut self) {
        // Where it cannot be removed, the system's own cleaning of temporary files finds it.
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

pub struct System {
    pub replicas: Vec<Services>,
    pub gateway: gateway::Running,
    pub mailbox: Mailbox,
    pub clock: Clock,
    pub database: std::sync::Arc<Database>,
    pub redis_url: String,
    pub base_url: String,
    parts: Vec<Service>,
    _mail: MailDirectory,
}

#[allow(clippy::expect_used, reason = "a test fails by panicking")]
impl System {
    /// One replica of everything.
    pub async fn start() -> Self {
        Self::start_with(1).await
    }

    /// So many replicas of every service behind one gateway.
    pub async fn start_with(replicas: usize) -> Self {
        let directory = std::env::temp_dir().join(format!("steelyard-mail-{}", uuid::Uuid::now_v7()));
        let mailbox = Mailbox::start(&directory).await.expect("a mailbox");
        let (organisation, notification) = (organisation_settings(), notification_settings(mailbox.port));
        let parts = all(organisation, notification);
        let database = std::sync::Arc::new(Database::new(&parts).await);
        let (redis_url, clock) =
            (servers().redis(), Clock::starting_at("2026-09-28T01:00:00Z".parse().expect("a time")));
        let mut started = Vec::new();
        for _ in 0..replicas {
            let ground = ground(&database, &redis_url, &clock);
            started.push(ground.start(&parts).await.expect("the services start"));
        }
        let mut upstreams: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for services in &started {
            for (name, addresses) in services.upstreams() {
                upstreams.entry(name).or_default().extend(addresses);
            }
        }
        let jwks_url = started.first().expect("a replica").jwks_url.clone();
        let mut settings = gateway::Settings::new("127.0.0.1:0", upstreams, jwks_url);
        settings.clock = clock.clone();
        settings.rate = gateway::RateLimits { account_per_second: 0, address_per_second: 0, sign_in_per_minute: 0 };
        let gateway = gateway::start(settings).await.expect("the gateway starts");
        let base_url = format!("http://{}", gateway.address);
        let system = Self {
            replicas: started,
            gateway,
            mailbox,
            clock,
            database,
            redis_url,
            base_url,
            parts,
            _mail: MailDirectory(directory),
        };
        testkit::eventually("the gateway is ready", async || system.api().get("/health/ready").await.ok()).await;
        system
    }

    /// Another replica of one service, as after a crash.
    pub async fn start_again(&self, service: &str) -> platform::service::Running {
        let part = self.parts.iter().find(|part| part.name == service).expect("a service");
        let first = self.replicas.first().expect("a replica");
        let config = platform::Config {
            listen: "127.0.0.1:0".to_owned(),
            database_url: Secret::new(self.database.url(service)),
            redis_url: Secret::new(&self.redis_url),
            jwks_url: first.jwks_url.clone(),
            pay_url: first.running.get("pay").map(|pay| format!("http://{}", pay.address)),
            otlp_endpoint: None,
            workers: 1,
            connections: 8,
            reclaim_after_ms: 500,
            clock: self.clock.clone(),
        };
        platform::service::start(part, config).await.expect("the service starts")
    }

    pub fn api(&self) -> Api {
        Api::new(&self.base_url)
    }

    /// Throws away everything Redis holds for this system.
    pub async fn wipe_redis(&self) {
        let client = redis::Client::open(self.redis_url.as_str()).expect("a Redis");
        let mut redis = client.get_multiplexed_async_connection().await.expect("Redis answers");
        redis::cmd("FLUSHDB").query_async::<()>(&mut redis).await.expect("flushed");
    }

    /// Rows of a table, counted behind the services' backs.
    pub async fn count(&self, service: &str, query: &str) -> i64 {
        use diesel_async::RunQueryDsl;
        #[derive(diesel::QueryableByName)]
        struct Count {
            #[diesel(sql_type = diesel::sql_types::BigInt)]
            n: i64,
        }
        let mut conn = self.database.connect(service).await;
        let count: Count = diesel::sql_query(format!("select count(*) as n from ({query}) q"))
            .get_result(&mut conn)
            .await
            .expect("a count");
        count.n
    }

    /// How many rows each table of a service holds, but for those that record who looked, and which of the others' news
    /// has arrived meanwhile.
    pub async fn rows(&self, service: &str) -> BTreeMap<String, i64> {
        use diesel_async::RunQueryDsl;
        #[derive(diesel::QueryableByName)]
        struct Table {
            #[diesel(sql_type = diesel::sql_types::Text)]
            name: String,
        }
        let mut conn = self.database.connect(service).await;
        let tables: Vec<Table> = diesel::sql_query(
            "select table_name::text as name from information_schema.tables
             where table_schema = current_schema() and table_name not like 'audit%' and table_name <> 'inbox'",
        )
        .load(&mut conn)
        .await
        .expect("the tables");
        let mut rows = BTreeMap::new();
        for table in tables {
            let count = self.count(service, &format!("select from {}", table.name)).await;
            rows.insert(table.name, count);
        }
        rows
    }

    pub async fn stop(self) {
        self.gateway.stop().await;
        for services in self.replicas {
            services.stop().await;
        }
    }
}

fn ground(database: &std::sync::Arc<Database>, redis_url: &str, clock: &Clock) -> Ground {
    let database = database.clone();
    Ground {
        postgres: Box::new(move |role| Secret::new(database.url(role.strip_prefix("steelyard_").unwrap_or(role)))),
        redis: Secret::new(redis_url),
        clock: clock.clone(),
        otlp_endpoint: None,
        reclaim_after_ms: 500,
    }
}
