use events::EmployeeNumber;
use std::collections::HashMap;

use diesel::sql_types::{Array, BigInt, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{ExpressionMethods, Insertable, OptionalExtension, QueryDsl, Queryable, SelectableHelper};
use diesel_async::RunQueryDsl;
use platform::sql::{self, Cached, ToDiesel};
use platform::{Result, Tx};
use serde_json::Value;
use uuid::Uuid;

use super::statement::{Entered, Previous, Written};
use crate::schema::{feed_counters, reckonings, statements};

const AT_ONCE: usize = 2000;

/// Locks the company's feed counter until the transaction ends; the last position given out.
pub async fn lock_feed(tx: &mut Tx) -> Result<i64> {
    Ok(diesel::insert_into(feed_counters::table)
        .values((feed_counters::company_id.eq(tx.company), feed_counters::last.eq(0)))
        .on_conflict(feed_counters::company_id)
        .do_update()
        .set(feed_counters::last.eq(feed_counters::last))
        .returning(feed_counters::last)
        .cached()
        .get_result(tx.conn())
        .await?)
}

pub async fn move_feed(tx: &mut Tx, last: i64) -> Result<()> {
    let counter = feed_counters::table.find(tx.company);
    diesel::update(counter).set(feed_counters::last.eq(last)).cached().execute(tx.conn()).await?;
    Ok(())
}

/// The last position given out; 0 when there is none.
pub async fn last_position(tx: &mut Tx) -> Result<i64> {
    let last = feed_counters::table.find(tx.company).select(feed_counters::last).first(tx.conn()).await;
    Ok(last.optional()?.unwrap_or_default())
}

/// A statement that was issued: whose it is, and what a later one needs of it.
#[derive(Queryable)]
pub struct Issued {
    number: EmployeeNumber,
    id: Uuid,
    result_version: i64,
    currency: String,
    components: Value,
}

/// The columns of [`Issued`].
pub type IssuedColumns = (Text, SqlUuid, BigInt, Text, Jsonb);

impl Issued {
    pub fn read(self) -> Result<(EmployeeNumber, Previous)> {
        let components = serde_json::from_value(self.components)?;
        let Self { id, result_version, currency, .. } = self;
        Ok((self.number, Previous { id, result_version, currency, components }))
    }
}

/// The latest statements of people for a cycle, by number. Complete while the feed is locked.
pub async fn latest(tx: &mut Tx, cycle: Uuid, numbers: &[&str]) -> Result<HashMap<EmployeeNumber, Previous>> {
    let found: Vec<Issued> = tx
        .sql(
            "select s.number, s.id, s.result_version, d.document ->> 'currency', d.document -> 'components'
             from (select distinct on (number) number, id, result_version, document from statements
                   where company_id = $1 and cycle = $2 and number = any($3) order by number, result_version desc) s
             cross join lateral (select s.document::jsonb as document) d",
        )
        .bind::<SqlUuid, _>(cycle)
        .bind::<Array<Text>, _>(numbers)
        .columns::<IssuedColumns>()
        .load(tx.conn())
        .await?;
    found.into_iter().map(Issued::read).collect()
}

#[derive(Insertable)]
#[diesel(table_name = reckonings)]
struct NewReckoning<'a> {
    company_id: Uuid,
    id: Uuid,
    cycle: Uuid,
    basis: &'a str,
    reckoned_at: sql::Timestamp,
}

/// Keeps what some statements are reckoned from; its id.
pub async fn keep_reckoning(tx: &mut Tx, cycle: Uuid, basis: &str) -> Result<Uuid> {
    let id = Uuid::now_v7();
    let reckoning = NewReckoning { company_id: tx.company, id, cycle, basis, reckoned_at: tx.now.to_diesel() };
    diesel::insert_into(reckonings::table).values(reckoning).cached().execute(tx.conn()).await?;
    Ok(id)
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

/// Statements after a position, of one cycle or one person where these are given.
pub async fn page(
    tx: &mut Tx,
    cycle: Option<Uuid>,
    number: Option<&str>,
    after: i64,
    limit: i64,
) -> Result<Vec<Entered>> {
    let mut query = platform::page!(
        statements::table.filter(statements::company_id.eq(tx.company)).select(Entered::as_select()),
        statements::position,
        Some(after),
        limit
    );
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

pub async fn explanation(tx: &mut Tx, id: Uuid) -> Result<Option<String>> {
    let found = statements::table
        .select(statements::explanation)
        .filter(statements::company_id.eq(tx.company))
        .filter(statements::id.eq(id))
        .first::<Option<String>>(tx.conn())
        .await;
    Ok(found.optional()?.flatten())
}
