use std::collections::HashMap;

use diesel::SelectableHelper;
use diesel::prelude::{ExpressionMethods, OptionalExtension, QueryDsl, Queryable, QueryableByName, Selectable};
use diesel::sql_types::{Array, BigInt, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use jiff::Timestamp;
use platform::sql::ToDiesel;
use platform::{Problem, Result, Tx};
use serde_json::Value;
use serde_json::value::RawValue;
use uuid::Uuid;

use super::rules::{Previous, Statement};

const AT_ONCE: usize = 2000;

/// Locks the company's feed counter until the transaction ends; the last position given out.
pub async fn lock_feed(tx: &mut Tx) -> Result<i64> {
    let counter: Count = tx
        .sql(
            "insert into feed_counters (company_id, last) values ($1, 0)
         on conflict (company_id) do update set last = feed_counters.last returning last as count",
        )
        .get_result(tx.conn())
        .await?;
    Ok(counter.count)
}

pub async fn move_feed(tx: &mut Tx, last: i64) -> Result<()> {
    tx.sql("update feed_counters set last = $2 where company_id = $1")
        .bind::<BigInt, _>(last)
        .execute(tx.conn())
        .await?;
    Ok(())
}

#[derive(QueryableByName)]
pub struct Count {
    #[diesel(sql_type = BigInt)]
    pub count: i64,
}

/// The last position given out; 0 when there is none.
pub async fn last_position(tx: &mut Tx) -> Result<i64> {
    let counter: Vec<Count> =
        tx.sql("select last as count from feed_counters where company_id = $1").load(tx.conn()).await?;
    Ok(counter.into_iter().next().map_or(0, |counter| counter.count))
}

/// What a later statement needs of one that was issued, and whose it is.
#[derive(QueryableByName)]
pub struct Issued {
    #[diesel(sql_type = Text)]
    number: String,
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = BigInt)]
    result_version: i64,
    #[diesel(sql_type = Text)]
    currency: String,
    #[diesel(sql_type = Jsonb)]
    components: Value,
}

impl Issued {
    pub fn read(self) -> Result<(String, Previous)> {
        let components = serde_json::from_value(self.components)?;
        let previous =
            Previous { id: self.id, result_version: self.result_version, currency: self.currency, components };
        Ok((self.number, previous))
    }
}

/// The latest statements of people for a cycle, by number. Complete while the feed is locked.
pub async fn latest(tx: &mut Tx, cycle: Uuid, numbers: &[&str]) -> Result<HashMap<String, Previous>> {
    let found: Vec<Issued> = tx.sql(
        "select s.number, s.id, s.result_version, d.document ->> 'currency' as currency, d.document -> 'components' as components
         from (select distinct on (number) number, id, result_version, document from statements
               where company_id = $1 and cycle = $2 and number = any($3) order by number, result_version desc) s
         cross join lateral (select s.document::jsonb as document) d",
    )
    .bind::<SqlUuid, _>(cycle)
    .bind::<Array<Text>, _>(numbers)
    .load(tx.conn())
    .await?;
    found.into_iter().map(Issued::read).collect()
}

/// A statement with its place and its explanation, ready to be written.
pub struct Written {
    pub position: i64,
    pub statement: Statement,
    pub explanation: Option<String>,
}

/// Keeps what some statements are reckoned from.
pub async fn insert_reckoning(tx: &mut Tx, cycle: Uuid, id: Uuid, basis: &str, now: Timestamp) -> Result<()> {
    tx.sql("insert into reckonings (company_id, id, cycle, basis, reckoned_at) values ($1, $2, $3, $4, $5)")
        .bind::<SqlUuid, _>(id)
        .bind::<SqlUuid, _>(cycle)
        .bind::<Text, _>(basis)
        .bind::<Timestamptz, _>(now.to_diesel())
        .execute(tx.conn())
        .await?;
    Ok(())
}

pub async fn insert(tx: &mut Tx, cycle: Uuid, reckoning: Uuid, entries: &[Written]) -> Result<()> {
    for chunk in entries.chunks(AT_ONCE) {
        let Some(first) = chunk.first() else { continue };
        let documents = chunk.iter().map(|e| serde_json::to_string(&e.statement)).collect::<Result<Vec<_>, _>>()?;
        tx.sql(
            "insert into statements (company_id, position, id, cycle, number, result_version, issued_at, document, explanation, reckoning)
             select $1, n.position, n.id, $2, n.number, n.result_version, $3, n.document, n.explanation, $10
             from unnest($4::bigint[], $5::uuid[], $6::text[], $7::bigint[], $8::text[], $9::text[])
                  n(position, id, number, result_version, document, explanation)",
        )
        .bind::<SqlUuid, _>(cycle)
        .bind::<Timestamptz, _>(first.statement.issued_at.to_diesel())
        .bind::<Array<BigInt>, _>(chunk.iter().map(|e| e.position).collect::<Vec<_>>())
        .bind::<Array<SqlUuid>, _>(chunk.iter().map(|e| e.statement.id).collect::<Vec<_>>())
        .bind::<Array<Text>, _>(chunk.iter().map(|e| e.statement.number.as_str()).collect::<Vec<_>>())
        .bind::<Array<BigInt>, _>(chunk.iter().map(|e| e.statement.result_version).collect::<Vec<_>>())
        .bind::<Array<Text>, _>(documents)
        .bind::<Array<Nullable<Text>>, _>(chunk.iter().map(|e| e.explanation.as_deref()).collect::<Vec<_>>())
        .bind::<SqlUuid, _>(reckoning)
        .execute(tx.conn())
        .await?;
    }
    Ok(())
}

/// A statement as it was entered.
#[derive(Queryable, Selectable)]
#[diesel(table_name = statements)]
pub struct Entered {
    pub position: i64,
    pub cycle: Uuid,
    pub number: String,
    pub document: String,
}

impl Entered {
    pub fn json(self) -> Result<Box<RawValue>> {
        RawValue::from_string(self.document).map_err(Problem::from)
    }
}

diesel::table! {
    statements (company_id, position) {
        company_id -> Uuid,
        position -> BigInt,
        id -> Uuid,
        cycle -> Uuid,
        number -> Text,
        document -> Text,
    }
}

/// Statements after a position, of one cycle or one person where these are given.
pub async fn page(
    tx: &mut Tx,
    cycle: Option<Uuid>,
    number: Option<&str>,
    after: i64,
    limit: i64,
) -> Result<Vec<Entered>> {
    let mut query = statements::table
        .filter(statements::company_id.eq(tx.company))
        .filter(statements::position.gt(after))
        .order(statements::position)
        .limit(limit)
        .select(Entered::as_select())
        .into_boxed();
    if cycle.is_none() && number.is_none() {
        // Positions have no gaps: a page of the whole ledger is a range.
        query = query.filter(statements::position.le(after.saturating_add(limit)));
    }
    if let Some(cycle) = cycle {
        query = query.filter(statements::cycle.eq(cycle));
    }
    if let Some(number) = number {
        query = query.filter(statements::number.eq(number));
    }
    Ok(query.load(tx.conn()).await?)
}

pub async fn find(tx: &mut Tx, id: Uuid) -> Result<Option<Entered>> {
    let found = statements::table
        .filter(statements::company_id.eq(tx.company))
        .filter(statements::id.eq(id))
        .select(Entered::as_select())
        .first(tx.conn())
        .await;
    Ok(found.optional()?)
}

#[derive(QueryableByName)]
struct Explained {
    #[diesel(sql_type = Nullable<Text>)]
    explanation: Option<String>,
}

pub async fn explanation(tx: &mut Tx, id: Uuid) -> Result<Option<String>> {
    let found: Vec<Explained> = tx
        .sql("select explanation from statements where company_id = $1 and id = $2")
        .bind::<SqlUuid, _>(id)
        .load(tx.conn())
        .await?;
    Ok(found.into_iter().next().and_then(|row| row.explanation))
}
