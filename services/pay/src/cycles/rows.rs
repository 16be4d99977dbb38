use std::collections::BTreeMap;

use diesel::QueryableByName;
use diesel::sql_types::{Array, BigInt, Date as SqlDate, Jsonb, Nullable, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use events::{CycleOpened, CyclePublished};
use jiff::civil::Date;
use platform::sql::ToDiesel;
use platform::{Result, Tx};
use serde_json::Value;
use uuid::Uuid;

use super::schemes;

/// A cycle with the scheme it was opened with.
#[derive(Clone, Debug, QueryableByName)]
pub struct Cycle {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = Text)]
    pub scheme_code: String,
    #[diesel(sql_type = Text)]
    pub scheme_source: String,
    #[diesel(sql_type = Text)]
    pub cadence: String,
    #[diesel(sql_type = Text)]
    pub period: String,
    #[diesel(sql_type = SqlDate)]
    last_day: platform::sql::Date,
    #[diesel(sql_type = Jsonb)]
    pub parameters: Value,
    #[diesel(sql_type = Jsonb)]
    pub company_facts: Value,
    /// How many results it has; none until all of them have been published.
    #[diesel(sql_type = Nullable<BigInt>)]
    pub results_published: Option<i64>,
    /// The figures of the company that its results were published with; none until that was told.
    #[diesel(sql_type = Nullable<Jsonb>)]
    pub company_carried: Option<Value>,
}

impl Cycle {
    /// The day whose pay profiles count.
    pub fn last_day(&self) -> Date {
        self.last_day.to_jiff()
    }
}

/// Keeps a cycle; one that is there already stays as it is.
pub async fn insert(tx: &mut Tx, opened: &CycleOpened, last_day: Date) -> Result<()> {
    tx.sql(
        "insert into cycles (company_id, id, scheme_code, scheme_source, cadence, period, last_day, parameters, company_facts)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9) on conflict do nothing",
    )
    .bind::<SqlUuid, _>(opened.cycle)
    .bind::<Text, _>(&opened.scheme_code)
    .bind::<Text, _>(&opened.scheme_source)
    .bind::<Text, _>(&opened.cadence)
    .bind::<Text, _>(&opened.period)
    .bind::<SqlDate, _>(last_day.to_diesel())
    .bind::<Jsonb, _>(&opened.parameters)
    .bind::<Jsonb, _>(serde_json::to_value(&opened.company_facts)?)
    .execute(tx.conn())
    .await?;
    Ok(())
}

const COLUMNS: &str = "id, scheme_code, scheme_source, cadence, period, last_day, parameters, company_facts, results_published, company_carried";

pub async fn find(tx: &mut Tx, id: Uuid) -> Result<Option<Cycle>> {
    one(tx, id, "").await
}

/// The cycle with the latest period of each scheme and cadence.
pub async fn latest_of_each(tx: &mut Tx) -> Result<Vec<Cycle>> {
    Ok(tx
        .sql(&format!(
            "select distinct on (scheme_code, cadence) {COLUMNS} from cycles where company_id = $1
         order by scheme_code, cadence, last_day desc, id"
        ))
        .load(tx.conn())
        .await?)
}

/// The cycle, which nobody else may lock until the transaction ends.
pub async fn lock(tx: &mut Tx, id: Uuid) -> Result<Option<Cycle>> {
    one(tx, id, "for update").await
}

async fn one(tx: &mut Tx, id: Uuid, lock: &str) -> Result<Option<Cycle>> {
    let found: Vec<Cycle> = tx
        .sql(&format!("select {COLUMNS} from cycles where company_id = $1 and id = $2 {lock}"))
        .bind::<SqlUuid, _>(id)
        .load(tx.conn())
        .await?;
    let found = found.into_iter().next();
    if let Some(cycle) = &found {
        schemes::prepare(cycle).await;
    }
    Ok(found)
}

/// Keeps what scoring published of a cycle as a whole.
pub async fn set_published(tx: &mut Tx, published: &CyclePublished) -> Result<()> {
    let carried = published.company_carried.as_ref().map(serde_json::to_value).transpose()?;
    tx.sql(
        "update cycles set results_published = $3, company_carried = coalesce($4, company_carried) where company_id = $1 and id = $2",
    )
    .bind::<SqlUuid, _>(published.cycle)
    .bind::<BigInt, _>(i64::from(published.results))
    .bind::<Nullable<Jsonb>, _>(carried)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// How much has been issued for a cycle.
#[derive(QueryableByName)]
pub struct Issued {
    #[diesel(sql_type = BigInt)]
    pub statements: i64,
    #[diesel(sql_type = BigInt)]
    pub people: i64,
    #[diesel(sql_type = BigInt)]
    pub corrections: i64,
}

pub async fn issued(tx: &mut Tx, cycle: Uuid) -> Result<Issued> {
    Ok(tx.sql(
        "select count(*) as statements, count(distinct number) as people, count(*) - count(distinct number) as corrections
         from statements where company_id = $1 and cycle = $2",
    )
    .bind::<SqlUuid, _>(cycle)
    .get_result(tx.conn())
    .await?)
}

#[derive(QueryableByName)]
struct Total {
    #[diesel(sql_type = Text)]
    currency: String,
    #[diesel(sql_type = Text)]
    component: String,
    #[diesel(sql_type = Text)]
    total: String,
}

/// What has been issued in all, by currency and component: differences add up to the latest statements.
pub async fn totals(tx: &mut Tx, cycle: Uuid) -> Result<BTreeMap<String, BTreeMap<String, String>>> {
    let found: Vec<Total> = tx
        .sql(
            "select s.document ->> 'currency' as currency, d.key as component, sum(d.value::numeric)::text as total
         from (select document::jsonb as document from statements where company_id = $1 and cycle = $2) s
         cross join lateral jsonb_each_text(s.document -> 'difference') d group by 1, 2",
        )
        .bind::<SqlUuid, _>(cycle)
        .load(tx.conn())
        .await?;
    let mut totals: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
    for row in found {
        totals.entry(row.currency).or_default().insert(row.component, row.total);
    }
    Ok(totals)
}

/// Somebody whose statement is not issued yet.
#[derive(QueryableByName)]
pub struct Missing {
    #[diesel(sql_type = Text)]
    pub number: String,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Text)]
    pub unit: String,
    #[diesel(sql_type = Text)]
    pub unit_name: String,
    #[diesel(sql_type = Array<Text>)]
    pub missing: Vec<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub problem: Option<String>,
}

pub async fn missing(tx: &mut Tx, cycle: Uuid, after: &str, limit: i64) -> Result<Vec<Missing>> {
    Ok(tx
        .sql(
        "select number, held -> 'result' ->> 'name' as name, unit, held -> 'unit' ->> 'name' as unit_name, missing, problem from held_results
         where company_id = $1 and cycle = $2 and not settled and number > $3 order by number limit $4",
        )
        .bind::<SqlUuid, _>(cycle)
        .bind::<Text, _>(after)
        .bind::<BigInt, _>(limit)
        .load(tx.conn())
        .await?)
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

pub async fn count_missing(tx: &mut Tx, cycle: Uuid) -> Result<i64> {
    let count: Count = tx
        .sql("select count(*) as count from held_results where company_id = $1 and cycle = $2 and not settled")
        .bind::<SqlUuid, _>(cycle)
        .get_result(tx.conn())
        .await?;
    Ok(count.count)
}
