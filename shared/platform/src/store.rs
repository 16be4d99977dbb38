//! PostgreSQL: a pool, and transactions that know their company, their actor and their time.

use std::time::Duration;

use diesel::sql_types::{Nullable, Text, Uuid as SqlUuid};
use diesel_async::pooled_connection::deadpool::{Object, Pool};
use diesel_async::pooled_connection::{AsyncDieselConnectionManager, ManagerConfig};
use diesel_async::{AnsiTransactionManager, AsyncPgConnection, RunQueryDsl, TransactionManager};
use domain::events::{Envelope, Event};
use jiff::Timestamp;
use jiff_diesel::ToDiesel;
use uuid::Uuid;

use crate::problem::{Code, Problem};
use crate::{Result, say, telemetry};

/// The service's database.
#[derive(Clone)]
pub struct Store {
    pool: Pool<AsyncPgConnection>,
    service: &'static str,
}

/// Who does something, for the audit log.
#[derive(Clone, Debug)]
pub struct Actor {
    /// The account, or none for the system itself.
    pub account: Option<Uuid>,
    /// Employee number, `@` and the name of an account that is nobody's or of a client, or `system`.
    pub name: String,
}

impl Actor {
    /// Names of accounts are chosen freely, so those that are nobody's are marked: an employee number has no `@`.
    pub fn of(account: Uuid, employee: Option<&str>, name: &str) -> Self {
        let name = employee.map_or_else(|| format!("@{name}"), str::to_owned);
        Self { account: Some(account), name }
    }

    pub fn system() -> Self {
        Self { account: None, name: "system".to_owned() }
    }
}

/// Said to PostgreSQL at the beginning of each session, in milliseconds: a session whose client has vanished in the
/// middle of a transaction ends, and so does a statement that nobody can be waiting for any more.
const SESSION: &str = "-c idle_in_transaction_session_timeout=300000 -c statement_timeout=600000";

/// How connections are made: they find out when the other side is gone without a word. What the URL says itself about
/// the time to connect or about the session goes before what is said here.
fn bounded(url: &str, service: &str) -> Result<ManagerConfig<AsyncPgConnection>> {
    let refused =
        |_| Problem::new(Code::Internal, say!("无法解析数据库的 URL", "the URL of the database cannot be read"));
    let mut config: tokio_postgres::Config = url.parse().map_err(refused)?;
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(Duration::from_secs(5));
    }
    if config.get_application_name().is_none() {
        config.application_name(format!("steelyard-{service}"));
    }
    config.options(format!("{SESSION} {}", config.get_options().unwrap_or_default()));
    config.tcp_user_timeout(Duration::from_secs(20));
    config.keepalives_idle(Duration::from_secs(20)).keepalives_interval(Duration::from_secs(5)).keepalives_retries(3);
    let mut manager = ManagerConfig::default();
    manager.custom_setup = Box::new(move |_| {
        let config = config.clone();
        Box::pin(async move {
            let connected = config.connect(tokio_postgres::NoTls).await;
            let (client, connection) =
                connected.map_err(|error| diesel::ConnectionError::BadConnection(error.to_string()))?;
            AsyncPgConnection::try_from_client_and_connection(client, connection).await
        })
    });
    Ok(manager)
}

impl Store {
    pub fn connect(url: &str, connections: usize, service: &'static str) -> Result<Self> {
        let manager = AsyncDieselConnectionManager::<AsyncPgConnection>::new_with_config(url, bounded(url, service)?);
        let pool = Pool::builder(manager)
            .max_size(connections)
            .wait_timeout(Some(Duration::from_secs(10)))
            .create_timeout(Some(Duration::from_secs(10)))
            .recycle_timeout(Some(Duration::from_secs(3)))
            .runtime(deadpool::Runtime::Tokio1)
            .build()
            .map_err(Problem::internal)?;
        Ok(Self { pool, service })
    }

    /// A transaction that sees one company's rows.
    pub async fn begin(&self, company: Uuid, actor: Actor, now: Timestamp) -> Result<Tx> {
        self.open(company, &company.to_string(), actor, now, None).await
    }

    /// A transaction of a background worker, which sees every company's rows. Not for requests.
    pub async fn begin_across_companies(&self, now: Timestamp) -> Result<Tx> {
        self.open(Uuid::nil(), "*", Actor::system(), now, None).await
    }

    /// A transaction that can change nothing, and sees one moment of one company's rows, or of everybody's.
    /// Not for requests.
    pub async fn begin_to_read(&self, company: Option<Uuid>, now: Timestamp) -> Result<Tx> {
        let setting = company.map_or_else(|| "*".to_owned(), |company| company.to_string());
        let mode = Some("set transaction isolation level repeatable read, read only");
        self.open(company.unwrap_or_default(), &setting, Actor::system(), now, mode).await
    }

    async fn open(&self, company: Uuid, setting: &str, actor: Actor, now: Timestamp, mode: Option<&str>) -> Result<Tx> {
        let mut conn = self.pool.get().await.map_err(Problem::unavailable)?;
        AnsiTransactionManager::begin_transaction(&mut *conn).await?;
        if let Some(mode) = mode {
            diesel::sql_query(mode).execute(&mut *conn).await?;
        }
        diesel::sql_query("select set_config('steelyard.company', $1, true)")
            .bind::<Text, _>(setting)
            .execute(&mut *conn)
            .await?;
        Ok(Tx { conn, company, actor, now, service: self.service })
    }

    /// Whether the database answers.
    pub async fn is_ready(&self) -> bool {
        match self.pool.get().await {
            Ok(mut conn) => diesel::sql_query("select 1").execute(&mut *conn).await.is_ok(),
            Err(_) => false,
        }
    }
}

/// One transaction. Dropped without [`Tx::commit`], it changes nothing.
pub struct Tx {
    conn: Object<AsyncPgConnection>,
    pub company: Uuid,
    pub actor: Actor,
    pub now: Timestamp,
    service: &'static str,
}

impl Tx {
    pub fn conn(&mut self) -> &mut AsyncPgConnection {
        &mut self.conn
    }

    pub async fn commit(mut self) -> Result<()> {
        AnsiTransactionManager::commit_transaction(&mut *self.conn).await.map_err(Problem::from)
    }

    pub async fn rollback(mut self) -> Result<()> {
        AnsiTransactionManager::rollback_transaction(&mut *self.conn).await.map_err(Problem::from)
    }

    /// Narrows a worker's transaction to one company.
    pub async fn enter(&mut self, company: Uuid) -> Result<()> {
        diesel::sql_query("select set_config('steelyard.company', $1, true)")
            .bind::<Text, _>(company.to_string())
            .execute(&mut *self.conn)
            .await?;
        self.company = company;
        Ok(())
    }

    /// Puts an event into the outbox: it is told when, and only when, this transaction commits.
    pub async fn emit(&mut self, event: &Event) -> Result<()> {
        let envelope = Envelope {
            specversion: "1.0".to_owned(),
            id: Uuid::now_v7(),
            source: self.service.to_owned(),
            r#type: event.kind().to_owned(),
            time: self.now,
            datacontenttype: "application/json".to_owned(),
            company: self.company,
            traceparent: telemetry::traceparent(),
            data: event.data()?,
        };
        diesel::sql_query("insert into outbox (id, tenant, kind, event, created_at) values ($1, $2, $3, $4, $5)")
            .bind::<SqlUuid, _>(envelope.id)
            .bind::<SqlUuid, _>(self.company)
            .bind::<Text, _>(&envelope.r#type)
            .bind::<Text, _>(serde_json::to_string(&envelope)?)
            .bind::<diesel::sql_types::Timestamptz, _>(self.now.to_diesel())
            .execute(&mut *self.conn)
            .await?;
        Ok(())
    }

    /// Records what was done, or whose result was looked at, in the append-only audit log.
    pub async fn audit(&mut self, action: &str, subject: &str, detail: serde_json::Value) -> Result<()> {
        diesel::sql_query(
            "insert into audit_entries (company_id, at, account, actor, action, subject, detail) values ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind::<SqlUuid, _>(self.company)
        .bind::<diesel::sql_types::Timestamptz, _>(self.now.to_diesel())
        .bind::<Nullable<SqlUuid>, _>(self.actor.account)
        .bind::<Text, _>(&self.actor.name)
        .bind::<Text, _>(action)
        .bind::<Text, _>(subject)
        .bind::<diesel::sql_types::Jsonb, _>(detail)
        .execute(&mut *self.conn)
        .await?;
        Ok(())
    }

    /// Marks an event as taken; false when it was taken before.
    pub async fn first_time(&mut self, event: Uuid) -> Result<bool> {
        let inserted =
            diesel::sql_query("insert into inbox (event_id, received_at) values ($1, $2) on conflict do nothing")
                .bind::<SqlUuid, _>(event)
                .bind::<diesel::sql_types::Timestamptz, _>(self.now.to_diesel())
                .execute(&mut *self.conn)
                .await?;
        Ok(inserted == 1)
    }
}
