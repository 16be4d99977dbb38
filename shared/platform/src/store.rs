//! PostgreSQL: a pool, and transactions that know their company, their actor and their time.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use diesel::connection::InstrumentationEvent;
use diesel::sql_types::Uuid as SqlUuid;
use diesel::{ExpressionMethods, Insertable};
use diesel_async::pooled_connection::deadpool::{Object, Pool};
use diesel_async::pooled_connection::{
    AsyncDieselConnectionManager, ManagerConfig, PoolableConnection, RecyclingMethod, SetupCallback,
};
use diesel_async::{
    AnsiTransactionManager, AsyncConnection, AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection, TransactionManager,
};
use events::{Envelope, Event};
use jiff::Timestamp;
use jiff_diesel::ToDiesel;
use uuid::Uuid;

use crate::problem::{Code, Problem};
use crate::schema::{audit_entries, inbox, outbox};
use crate::sql::{self, Cached, Sql};
use crate::{Result, say, telemetry};

/// The service's database.
#[derive(Clone)]
pub struct Store {
    pool: Pool<AsyncPgConnection>,
    service: &'static str,
    config: tokio_postgres::Config,
    statements: Arc<AtomicU64>,
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

/// How long the first statement of a transaction may take before its connection counts as broken.
const BEGIN: Duration = Duration::from_secs(3);

/// How connections are made: they find out when the other side is gone without a word. What the URL says itself about
/// the time to connect or about the session goes before what is said here.
fn bounded(url: &str, service: &str) -> Result<tokio_postgres::Config> {
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
    Ok(config)
}

fn setup(config: tokio_postgres::Config, statements: Arc<AtomicU64>) -> SetupCallback<AsyncPgConnection> {
    Box::new(move |_| {
        let (config, statements) = (config.clone(), Arc::clone(&statements));
        Box::pin(async move {
            let connected = config.connect(tokio_postgres::NoTls).await;
            let (client, connection) =
                connected.map_err(|error| diesel::ConnectionError::BadConnection(error.to_string()))?;
            let mut conn = AsyncPgConnection::try_from_client_and_connection(client, connection).await?;
            conn.set_instrumentation(move |event: InstrumentationEvent<'_>| {
                if matches!(event, InstrumentationEvent::StartQuery { .. }) {
                    statements.fetch_add(1, Ordering::Relaxed);
                }
            });
            Ok(conn)
        })
    })
}

impl Store {
    pub fn connect(url: &str, connections: usize, service: &'static str) -> Result<Self> {
        let config = bounded(url, service)?;
        let statements = Arc::default();
        let mut manager = ManagerConfig::default();
        manager.recycling_method = RecyclingMethod::Fast;
        manager.custom_setup = setup(config.clone(), Arc::clone(&statements));
        let manager = AsyncDieselConnectionManager::<AsyncPgConnection>::new_with_config(url, manager);
        let pool = Pool::builder(manager)
            .max_size(connections)
            // The one that was used last is used next: it has prepared what is asked for, and knows the tables.
            .queue_mode(deadpool::managed::QueueMode::Lifo)
            .wait_timeout(Some(Duration::from_secs(10)))
            .create_timeout(Some(Duration::from_secs(10)))
            .runtime(deadpool::Runtime::Tokio1)
            .build()
            .map_err(Problem::internal)?;
        Ok(Self { pool, service, config, statements })
    }

    /// A transaction that sees one company's rows.
    pub async fn begin(&self, company: Uuid, actor: Actor, now: Timestamp) -> Result<Tx> {
        self.open("begin", Some(company), actor, now).await
    }

    /// A transaction of a background worker, which sees every company's rows. Not for requests.
    pub async fn begin_across_companies(&self, now: Timestamp) -> Result<Tx> {
        self.open("begin", None, Actor::system(), now).await
    }

    /// A transaction that can change nothing, and sees one moment of one company's rows, or of everybody's.
    /// Not for requests.
    pub async fn begin_to_read(&self, company: Option<Uuid>, now: Timestamp) -> Result<Tx> {
        self.open("begin isolation level repeatable read, read only", company, Actor::system(), now).await
    }

    /// Begins and says whose rows are seen, in one round trip. Connections of the pool are not asked whether they
    /// still live: the first statement finds it out, and as it has changed nothing, another connection is tried.
    async fn open(&self, begin: &str, company: Option<Uuid>, actor: Actor, now: Timestamp) -> Result<Tx> {
        let opening = format!("{begin}; {}", company_setting(company));
        let mut broken = self.pool.status().max_size;
        loop {
            let mut untried = Untried(Some(self.pool.get().await.map_err(Problem::unavailable)?));
            let problem = match tokio::time::timeout(BEGIN, untried.begin(&opening)).await {
                Ok(Ok(conn)) => {
                    return Ok(Tx { conn, company: company.unwrap_or_default(), actor, now, service: self.service });
                }
                Ok(Err(problem)) => problem,
                Err(_) => Problem::unavailable("PostgreSQL does not answer"),
            };
            if broken == 0 {
                return Err(problem);
            }
            broken -= 1;
        }
    }

    /// Whether the database answers.
    pub async fn is_ready(&self) -> bool {
        match self.open("begin", None, Actor::system(), Timestamp::UNIX_EPOCH).await {
            Ok(tx) => tx.rollback().await.is_ok(),
            Err(_) => false,
        }
    }

    /// A connection that is nobody's transaction: [`crate::wake`] listens on it.
    pub(crate) fn config(&self) -> &tokio_postgres::Config {
        &self.config
    }

    /// How many statements were sent since the start, `begin` and `commit` among them: each is a round trip.
    pub fn statements(&self) -> u64 {
        AtomicU64::load(&self.statements, Ordering::Relaxed)
    }
}

/// A connection from the pool of which nobody knows whether it still lives. Until a transaction has begun on it, it is
/// closed when it is let go of, also by somebody who does not wait any longer: it does not go back into the pool.
struct Untried(Option<Object<AsyncPgConnection>>);

impl Untried {
    async fn begin(&mut self, opening: &str) -> Result<Object<AsyncPgConnection>> {
        if let Some(conn) = &mut self.0 {
            AnsiTransactionManager::begin_transaction_sql(&mut **conn, opening).await?;
        }
        self.0.take().ok_or_else(|| Problem::internal("a connection is tried once"))
    }
}

impl Drop for Untried {
    fn drop(&mut self) {
        if let Some(conn) = self.0.take() {
            drop(Object::take(conn));
        }
    }
}

fn company_setting(company: Option<Uuid>) -> String {
    match company {
        Some(company) => format!("set local steelyard.company = '{company}'"),
        None => "set local steelyard.company = '*'".to_owned(),
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

    /// Whether the connection broke, so that nothing of this transaction will ever be.
    pub fn is_broken(&mut self) -> bool {
        PoolableConnection::is_broken(&mut *self.conn)
    }

    pub async fn commit(mut self) -> Result<()> {
        AnsiTransactionManager::commit_transaction(&mut *self.conn).await.map_err(Problem::from)
    }

    pub async fn rollback(mut self) -> Result<()> {
        AnsiTransactionManager::rollback_transaction(&mut *self.conn).await.map_err(Problem::from)
    }

    /// A statement about the company's rows that diesel's DSL cannot say; `$1` is the company.
    pub fn sql<'b>(&self, text: &str) -> Sql<'b> {
        Sql::new(text).bind::<SqlUuid, _>(self.company)
    }

    /// A statement of a worker about the rows of all companies.
    pub fn sql_of_all<'b>(&self, text: &str) -> Sql<'b> {
        Sql::new(text)
    }

    /// Narrows a worker's transaction to one company.
    pub async fn enter(&mut self, company: Uuid) -> Result<()> {
        self.conn.batch_execute(&company_setting(Some(company))).await?;
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
        let outgoing = Outgoing {
            id: envelope.id,
            tenant: self.company,
            kind: &envelope.r#type,
            event: serde_json::to_string(&envelope)?,
            created_at: self.now.to_diesel(),
        };
        diesel::insert_into(outbox::table).values(outgoing).cached().execute(&mut *self.conn).await?;
        Ok(())
    }

    /// Records what was done, or whose result was looked at, in the append-only audit log.
    pub async fn audit(&mut self, action: &str, subject: &str, detail: serde_json::Value) -> Result<()> {
        let entry = NewAuditEntry {
            company_id: self.company,
            at: self.now.to_diesel(),
            account: self.actor.account,
            actor: &self.actor.name,
            action,
            subject,
            detail,
        };
        diesel::insert_into(audit_entries::table).values(entry).cached().execute(&mut *self.conn).await?;
        Ok(())
    }

    /// Marks an event as taken; false when it was taken before.
    pub async fn first_time(&mut self, event: Uuid) -> Result<bool> {
        let taken = (inbox::event_id.eq(event), inbox::received_at.eq(self.now.to_diesel()));
        let inserted =
            diesel::insert_into(inbox::table).values(taken).on_conflict_do_nothing().execute(&mut *self.conn).await?;
        Ok(inserted == 1)
    }
}

#[derive(Insertable)]
#[diesel(table_name = outbox)]
struct Outgoing<'a> {
    id: Uuid,
    tenant: Uuid,
    kind: &'a str,
    event: String,
    created_at: sql::Timestamp,
}

#[derive(Insertable)]
#[diesel(table_name = audit_entries)]
struct NewAuditEntry<'a> {
    company_id: Uuid,
    at: sql::Timestamp,
    account: Option<Uuid>,
    actor: &'a str,
    action: &'a str,
    subject: &'a str,
    detail: serde_json::Value,
}
