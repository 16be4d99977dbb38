use std::collections::HashMap;

use diesel::QueryableByName;
use diesel::sql_types::{Array, BigInt, Nullable, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use jiff::Timestamp;
use platform::replay::Closed;
use platform::{Result, Tx};
use uuid::Uuid;

use crate::statements::rows::{Count, Issued};
use crate::statements::rules::{Previous, Statement};

/// Cycles with statements, or with what statements were reckoned from, of every company.
pub async fn paid(tx: &mut Tx) -> Result<Vec<Closed>> {
    Ok(tx.sql_of_all(
        "select c.company_id as company, c.id as cycle, c.scheme_code as scheme, c.period
         from cycles c left join (select company_id, cycle, min(position) as first from statements group by company_id, cycle) s
              on s.company_id = c.company_id and s.cycle = c.id
         where s.first is not null or exists (select from reckonings r where r.company_id = c.company_id and r.cycle = c.id)
         order by c.company_id, s.first, c.id",
    )
    .load(tx.conn())
    .await?)
}

/// What some statements were reckoned from.
#[derive(QueryableByName)]
pub struct Kept {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = Text)]
    pub basis: String,
}

/// The next of what was kept of a cycle.
pub async fn kept_after(tx: &mut Tx, cycle: Uuid, after: Uuid) -> Result<Option<Kept>> {
    let rows: Vec<Kept> = tx
        .sql("select id, basis from reckonings where company_id = $1 and cycle = $2 and id > $3 order by id limit 1")
        .bind::<SqlUuid, _>(cycle)
        .bind::<SqlUuid, _>(after)
        .load(tx.conn())
        .await?;
    Ok(rows.into_iter().next())
}

/// A statement as it is stored.
#[derive(QueryableByName)]
pub struct Stored {
    #[diesel(sql_type = BigInt)]
    pub position: i64,
    #[diesel(sql_type = Text)]
    pub number: String,
    #[diesel(sql_type = BigInt)]
    pub result_version: i64,
    #[diesel(sql_type = Text)]
    pub document: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub explanation: Option<String>,
}

impl Stored {
    pub fn who(&self) -> String {
        who(&self.number, self.result_version)
    }

    /// The document has it to the digit; the column does not.
    pub fn issued_at(&self) -> Result<Timestamp> {
        Ok(serde_json::from_str::<Statement>(&self.document)?.issued_at)
    }
}

/// How a statement is named where something is told of it.
pub fn who(number: &str, result_version: i64) -> String {
    format!("statement of {number} for version {result_version}")
}

/// The statements of one reckoning.
pub async fn statements_of(tx: &mut Tx, reckoning: Uuid) -> Result<Vec<Stored>> {
    Ok(tx
        .sql(
            "select position, number, result_version, document, explanation from statements
         where company_id = $1 and reckoning = $2 order by position",
        )
        .bind::<SqlUuid, _>(reckoning)
        .load(tx.conn())
        .await?)
}

/// All statements of people for a cycle by number, each person's in the order of result versions.
pub async fn issued(tx: &mut Tx, cycle: Uuid, numbers: &[&str]) -> Result<HashMap<String, Vec<Previous>>> {
    let rows: Vec<Issued> = tx.sql(
        "select s.number, s.id, s.result_version, d.document ->> 'currency' as currency, d.document -> 'components' as components
         from statements s cross join lateral (select s.document::jsonb as document) d
         where s.company_id = $1 and s.cycle = $2 and s.number = any($3) order by s.number, s.result_version",
    )
    .bind::<SqlUuid, _>(cycle)
    .bind::<Array<Text>, _>(numbers)
    .load(tx.conn())
    .await?;
    let mut issued: HashMap<String, Vec<Previous>> = HashMap::new();
    for row in rows {
        let (number, previous) = row.read()?;
        issued.entry(number).or_default().push(previous);
    }
    Ok(issued)
}

/// How many statements of a cycle are stored.
pub async fn count(tx: &mut Tx, cycle: Uuid) -> Result<i64> {
    count_where(tx, cycle, "true").await
}

/// How many of them were issued before what they stand on was kept.
pub async fn count_without_basis(tx: &mut Tx, cycle: Uuid) -> Result<i64> {
    count_where(tx, cycle, "reckoning is null").await
}

async fn count_where(tx: &mut Tx, cycle: Uuid, which: &str) -> Result<i64> {
    let count: Count = tx
        .sql(&format!("select count(*) as count from statements where company_id = $1 and cycle = $2 and {which}"))
        .bind::<SqlUuid, _>(cycle)
        .get_result(tx.conn())
        .await?;
    Ok(count.count)
}

/// A place in the feed without one right before it.
#[derive(QueryableByName)]
pub struct Gap {
    #[diesel(sql_type = BigInt)]
    pub position: i64,
    /// The last place that is taken before it; 0 when none is.
    #[diesel(sql_type = BigInt)]
    pub before: i64,
}

/// The gaps in the company's feed right before statements of a cycle.
pub async fn gaps(tx: &mut Tx, cycle: Uuid) -> Result<Vec<Gap>> {
    Ok(tx
        .sql(
            "select s.position, coalesce((select max(b.position) from statements b
                where b.company_id = $1 and b.position < s.position), 0) as before
         from statements s where s.company_id = $1 and s.cycle = $2 and s.position > 1
           and not exists (select from statements b where b.company_id = $1 and b.position = s.position - 1)
         order by s.position",
        )
        .bind::<SqlUuid, _>(cycle)
        .load(tx.conn())
        .await?)
}

/// Where the company's feed ends.
#[derive(Default, QueryableByName)]
pub struct End {
    #[diesel(sql_type = BigInt)]
    pub position: i64,
    /// Whose statement is the last.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub cycle: Option<Uuid>,
}

pub async fn feed_end(tx: &mut Tx) -> Result<End> {
    let rows: Vec<End> = tx
        .sql("select position, cycle from statements where company_id = $1 order by position desc limit 1")
        .load(tx.conn())
        .await?;
    Ok(rows.into_iter().next().unwrap_or_default())
}
