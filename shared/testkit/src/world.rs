use std::collections::BTreeMap;
use std::sync::Arc;

use diesel::QueryableByName;
use diesel::sql_types::Text;
use diesel_async::RunQueryDsl;
use events::{Employee, Envelope, Event, Values};
use platform::config::Secret;
use platform::service::{Running, start};
use platform::{Clock, Config, Role, Service};
use uuid::Uuid;

use crate::client::Client;
use crate::documented::Documented;
use crate::issuer::Issuer;
use crate::servers::{Database, servers};

/// Somebody of a company with roles, of whom nothing else matters.
pub fn employee((number, roles): &(&str, &[&str])) -> Employee {
    Employee {
        number: (*number).into(),
        name: format!("员工{number}"),
        email: None,
        locale: "zh-CN".to_owned(),
        hired_on: None,
        left_on: None,
        facts: Values::new(),
        roles: roles.iter().map(|role| (*role).to_owned()).collect(),
        assignments: Vec::new(),
        version: 1,
    }
}

/// Some services with a database, a Redis, a clock and a company of their own.
pub struct World {
    pub database: Database,
    pub redis_url: String,
    pub clock: Clock,
    pub issuer: Issuer,
    pub company: Uuid,
    pub running: BTreeMap<&'static str, Running>,
    documents: BTreeMap<&'static str, Arc<Documented>>,
}

#[allow(clippy::expect_used, reason = "a test fails by panicking")]
impl World {
    /// Starts the services; tokens come from the world's issuer.
    pub async fn start(services: &[Service]) -> Self {
        let mut world = Self {
            database: Database::new(services).await,
            redis_url: servers().redis(),
            clock: Clock::starting_at("2026-09-28T01:00:00Z".parse().expect("a time")),
            issuer: Issuer::start().await,
            company: Uuid::now_v7(),
            running: BTreeMap::new(),
            documents: BTreeMap::new(),
        };
        for service in services {
            let document = platform::openapi(service).expect("a document");
            world.documents.insert(service.name, Arc::new(Documented::new(document)));
        }
        // Scoring asks pay, so it starts when pay's address is known.
        let (pay, others): (Vec<&Service>, Vec<&Service>) = services.iter().partition(|s| s.name == "pay");
        for service in pay.into_iter().chain(others) {
            let running = start(service, world.config(service.name)).await.expect("the service starts");
            world.running.insert(service.name, running);
        }
        for running in world.running.values() {
            crate::eventually("keys are there", async || running.platform.verifier.is_ready().then_some(())).await;
        }
        world
    }

    /// How a service of this world, or another replica of it, is run.
    pub fn config(&self, service: &str) -> Config {
        Config {
            listen: "127.0.0.1:0".to_owned(),
            database_url: Secret::new(self.database.url(service)),
            redis_url: Secret::new(self.redis_url.clone()),
            jwks_url: self.issuer.jwks_url.clone(),
            pay_url: self.running.get("pay").map(|pay| format!("http://{}", pay.address)),
            otlp_endpoint: None,
            workers: 1,
            connections: 8,
            reclaim_after_ms: 500,
            clock: self.clock.clone(),
        }
    }

    /// A client of one service for a person with roles.
    pub fn client(&self, service: &str, employee: Option<&str>, roles: &[Role]) -> Client {
        self.client_of(self.company, service, employee, roles, &[])
    }

    /// A client of one service for a machine with scopes.
    pub fn machine(&self, service: &str, scopes: &[&str]) -> Client {
        self.client_of(self.company, service, None, &[Role::Machine], scopes)
    }

    pub fn client_of(
        &self,
        company: Uuid,
        service: &str,
        employee: Option<&str>,
        roles: &[Role],
        scopes: &[&str],
    ) -> Client {
        let token = self.issuer.token(&self.clock, company, employee, roles, scopes);
        Client::new(self.url(service), Some(token)).documented(self.documents.get(service).cloned())
    }

    pub fn anonymous(&self, service: &str) -> Client {
        Client::new(self.url(service), None).documented(self.documents.get(service).cloned())
    }

    pub fn url(&self, service: &str) -> String {
        format!("http://{}", self.running.get(service).expect("the service runs").address)
    }

    /// Tells the services an event as another service would.
    pub async fn publish(&self, event: &Event) -> Uuid {
        publish(&self.redis_url, self.company, event).await
    }

    /// The events a service has told, oldest first.
    pub async fn outbox(&self, service: &str) -> Vec<Event> {
        outbox(&self.database, service).await
    }
}

/// Puts an event on the stream of the service that would tell it.
#[allow(clippy::expect_used, reason = "a test fails by panicking")]
pub async fn publish(redis_url: &str, company: Uuid, event: &Event) -> Uuid {
    let source = event.kind().split('.').next().expect("a source");
    let envelope = Envelope {
        specversion: "1.0".to_owned(),
        id: Uuid::now_v7(),
        source: source.to_owned(),
        r#type: event.kind().to_owned(),
        time: jiff::Timestamp::UNIX_EPOCH,
        datacontenttype: "application/json".to_owned(),
        company,
        traceparent: None,
        data: event.data().expect("data"),
    };
    let client = redis::Client::open(redis_url).expect("a Redis");
    let mut redis = client.get_multiplexed_async_connection().await.expect("Redis answers");
    redis::cmd("XADD")
        .arg(format!("steelyard:events:{source}"))
        .arg("*")
        .arg("event")
        .arg(serde_json::to_string(&envelope).expect("JSON"))
        .query_async::<String>(&mut redis)
        .await
        .expect("published");
    envelope.id
}

#[derive(QueryableByName)]
struct Told {
    #[diesel(sql_type = Text)]
    event: String,
}

/// The events a service has put into its outbox, oldest first.
#[allow(clippy::expect_used, reason = "a test fails by panicking")]
pub async fn outbox(database: &Database, service: &str) -> Vec<Event> {
    let mut conn = database.connect(service).await;
    let told: Vec<Told> =
        diesel::sql_query("select event from outbox order by position").load(&mut conn).await.expect("the outbox");
    told.iter()
        .map(|t| {
            let envelope: Envelope = serde_json::from_str(&t.event).expect("an envelope");
            Event::read(&envelope).expect("readable").expect("known")
        })
        .collect()
}
