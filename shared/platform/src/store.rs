//! PostgreSQL: a pool, and transactions that know their company, their actor and their time.

use std::time::Duration;

use diesel::sql_types::{Nullable, Text, Uuid as SqlUuid};
use diesel_async::pooled_connection::AsyncDieselConnectionManager;
use diesel_async::pooled_connection::deadpool::{Object, Pool};
use diesel_async::{AnsiTransactionManager, AsyncPgConnection, RunQueryDsl, TransactionManager};
use domain::events::{Envelope, Event};
use jiff::Timestamp;
use jiff_diesel::ToDiesel;
use uuid::Uuid;

use crate::problem::Problem;
use crate::{Result, telemetry};

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
    /// Employee number, client name or `system`.
    pub name: String,
}

impl Actor {
    pub fn system() -> Self {
        Self { account: None, name: "system".to_owned() }
    }
}

impl Store {
    pub fn connect(url: &str, connections: usize, service: &'static str) -> Result<Self> {
        let manager = AsyncDieselConnectionManager::<AsyncPgConnection>::new(url);
        let pool = Pool::builder(manager)
            .max_size(connections)
            .wait_timeout(Some(Duration::from_secs(10)))
            .create_timeout(Some(Duration::from_secs(10)))
            .recycle_timeout(Some(Duration::from_secs(10)))
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
