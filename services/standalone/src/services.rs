//! All services with a database, side by side in this process.

use std::collections::BTreeMap;

use platform::config::Secret;
use platform::service::{Running, role, start};
use platform::{Clock, Config, Problem, Result, Service};

/// Every service with a database.
pub fn all(organisation: organisation::Settings, notification: notification::Settings) -> Vec<Service> {
    vec![
        organisation::service(organisation),
        planning::service(),
        scoring::service(),
        pay::service(),
        appeals::service(),
        notification::service(notification),
    ]
}

/// The same for looking at only: their documents and migrations need no secrets.
pub fn described() -> Result<Vec<Service>> {
    let nowhere = notification::Settings::nowhere().map_err(Problem::internal)?;
    Ok(all(organisation::Settings::without_secrets(), nowhere))
}

/// The OpenAPI document of all of these services as one.
pub fn described_whole(services: &[Service]) -> Result<serde_json::Value, String> {
    let described = |service: &Service| {
        let document = platform::openapi(service).map_err(|problem| problem.to_string())?;
        Ok((service.name.to_owned(), document.to_string()))
    };
    gateway::merged::merged(&services.iter().map(described).collect::<Result<_, String>>()?)
}

/// What the services of one process share.
pub struct Ground {
    /// Database URL for a role.
    pub postgres: Box<dyn Fn(&str) -> Secret>,
    pub redis: Secret,
    pub clock: Clock,
    pub otlp_endpoint: Option<String>,
    /// When an event counts as abandoned by its consumer.
    pub reclaim_after_ms: u64,
}

/// The running services by name, and where tokens' keys are.
pub struct Services {
    pub running: BTreeMap<&'static str, Running>,
    pub jwks_url: String,
}

impl Ground {
    /// Migrates each service's schema as the owner.
    pub async fn migrate(&self, services: &[Service]) -> Result<()> {
        let owner = (self.postgres)("postgres");
        for service in services {
            platform::migrate::migrate(owner.expose(), service.name, &role(service.name), (service.migrations)())
                .await?;
        }
        Ok(())
    }

    /// Starts the services on free ports of loopback.
    pub async fn start(&self, services: &[Service]) -> Result<Services> {
        let organisation = format!("127.0.0.1:{}", free_port()?);
        let jwks_url = format!("http://{organisation}/.well-known/jwks.json");
        let mut running = BTreeMap::new();
        // Scoring asks pay, so it starts when pay's address is known.
        let (pay, others): (Vec<&Service>, Vec<&Service>) = services.iter().partition(|s| s.name == "pay");
        for service in pay.into_iter().chain(others) {
            let listen = if service.name == "organisation" { organisation.clone() } else { "127.0.0.1:0".to_owned() };
            let config = Config {
                listen,
                database_url: (self.postgres)(&role(service.name)),
                redis_url: self.redis.clone(),
                jwks_url: jwks_url.clone(),
                pay_url: running.get("pay").map(|pay: &Running| format!("http://{}", pay.address)),
                otlp_endpoint: self.otlp_endpoint.clone(),
                workers: 1,
                connections: 8,
                reclaim_after_ms: self.reclaim_after_ms,
                clock: self.clock.clone(),
            };
            running.insert(service.name, start(service, config).await?);
        }
        Ok(Services { running, jwks_url })
    }
}

impl Services {
    /// What the gateway needs to find them.
    pub fn upstreams(&self) -> BTreeMap<String, Vec<String>> {
        let one =
            |(name, running): (&&str, &Running)| ((*name).to_owned(), vec![format!("http://{}", running.address)]);
        self.running.iter().map(one).collect()
    }

    pub async fn stop(self) {
        for (_, running) in self.running {
            running.stop().await;
        }
    }
}

fn free_port() -> Result<u16> {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").map_err(Problem::internal)?;
    Ok(listener.local_addr().map_err(Problem::internal)?.port())
}
