use diesel::QueryableByName;
use diesel::sql_types::{Date as SqlDate, Integer, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use jiff::Timestamp;
use jiff::civil::Date;
use platform::sql::ToDiesel;
use platform::{Problem, Result, Tx, say};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

/// A company that appraises its people here.
#[derive(Clone, Debug, QueryableByName, Serialize, ToSchema)]
pub struct Company {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    /// What people type when they sign in.
    #[diesel(sql_type = Text)]
    pub code: String,
    #[diesel(sql_type = Text)]
    pub name: String,
    /// ISO 4217, such as `CNY`.
    #[diesel(sql_type = Text)]
    pub currency: String,
}

pub async fn insert(tx: &mut Tx, company: &Company, heads_on: Date, now: Timestamp) -> Result<()> {
    let inserted = tx
        .sql_of_all(
            "insert into companies (id, code, name, currency, heads_on, created_at) values ($1, $2, $3, $4, $5, $6)
         on conflict do nothing",
        )
        .bind::<SqlUuid, _>(company.id)
        .bind::<Text, _>(&company.code)
        .bind::<Text, _>(&company.name)
        .bind::<Text, _>(&company.currency)
        .bind::<SqlDate, _>(heads_on.to_diesel())
        .bind::<Timestamptz, _>(now.to_diesel())
        .execute(tx.conn())
        .await?;
    if inserted == 1 {
        Ok(())
    } else {
        Err(Problem::conflict(say!("已有使用此代码的公司", "there is a company with this code")))
    }
}

pub async fn by_id(tx: &mut Tx, id: Uuid) -> Result<Option<Company>> {
    let found: Vec<Company> = tx
        .sql_of_all("select id, code, name, currency from companies where id = $1")
        .bind::<SqlUuid, _>(id)
        .load(tx.conn())
        .await?;
    Ok(found.into_iter().next())
}

pub async fn by_code(tx: &mut Tx, code: &str) -> Result<Option<Company>> {
    let found: Vec<Company> = tx
        .sql_of_all("select id, code, name, currency from companies where lower(code) = lower($1)")
        .bind::<Text, _>(code)
        .load(tx.conn())
        .await?;
    Ok(found.into_iter().next())
}

/// Raised when a service begins to listen to people or calendars: 1 since pay does to people, and notification to calendars.
const LISTENERS: i32 = 1;

#[derive(QueryableByName)]
struct Untold {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
}

/// A company that not all listeners have been told of, held until the transaction ends.
pub async fn untold(tx: &mut Tx) -> Result<Option<Uuid>> {
    let found: Vec<Untold> = tx
        .sql_of_all("select id from companies where told_to < $1 limit 1 for update skip locked")
        .bind::<Integer, _>(LISTENERS)
        .load(tx.conn())
        .await?;
    Ok(found.into_iter().next().map(|company| company.id))
}

pub async fn told(tx: &mut Tx) -> Result<()> {
    tx.sql("update companies set told_to = $2 where id = $1").bind::<Integer, _>(LISTENERS).execute(tx.conn()).await?;
    Ok(())
}

/// Lets one transaction at a time change a company's people and units: what it checks stays true.
pub async fn lock(tx: &mut Tx) -> Result<()> {
    tx.sql("select pg_advisory_xact_lock(hashtextextended('organisation ' || $1::text, 0))").execute(tx.conn()).await?;
    Ok(())
}
