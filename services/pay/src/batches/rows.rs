use std::collections::HashSet;

use diesel::sql_types::{Array, BigInt, Bool, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{ExpressionMethods, QueryDsl};
use diesel_async::RunQueryDsl;
use events::EmployeeNumber;
use platform::sql::ToDiesel;
use platform::{Problem, Result, Tx, say};
use serde_json::Value;
use uuid::Uuid;

use super::batch::{Batch, BatchState, DraftRow, Due, NewDraft, Sums};
use crate::schema::batches;

/// Batches of the company `$1`.
macro_rules! batches {
    ($rest:literal) => {
        concat!(
            "select id, cycle, no, state, step, version, opened_at, issued_at from batches b where company_id = $1 ",
            $rest
        )
    };
}

/// The batch of a cycle that is not issued; held until the transaction ends.
pub async fn going_on(tx: &mut Tx, cycle: Uuid) -> Result<Option<Batch>> {
    let found: Vec<Batch> = tx
        .sql(batches!("and cycle = $2 and state in ('open', 'returned') for update"))
        .bind::<SqlUuid, _>(cycle)
        .load(tx.conn())
        .await?;
    Ok(found.into_iter().next())
}

/// Begins the next batch of a cycle, which the caller has locked.
pub async fn begin(tx: &mut Tx, cycle: Uuid) -> Result<Batch> {
    let now = tx.now;
    Ok(tx
        .sql(
            "insert into batches (company_id, id, cycle, no, state, version, opened_at)
             select $1, $3, $2, coalesce(max(no), 0) + 1, 'open', 0, $4 from batches where company_id = $1 and cycle = $2
             returning id, cycle, no, state, step, version, opened_at, issued_at",
        )
        .bind::<SqlUuid, _>(cycle)
        .bind::<SqlUuid, _>(Uuid::now_v7())
        .bind::<Timestamptz, _>(now.to_diesel())
        .get_result(tx.conn())
        .await?)
}

pub async fn get(tx: &mut Tx, id: Uuid) -> Result<Batch> {
    let found: Vec<Batch> = tx.sql(batches!("and id = $2")).bind::<SqlUuid, _>(id).load(tx.conn()).await?;
    found.into_iter().next().ok_or_else(|| Problem::not_found(say!("薪酬批次", "batch")))
}

/// Puts a batch where it is now.
pub async fn set(tx: &mut Tx, batch: &Batch) -> Result<()> {
    tx.sql("update batches set state = $3, step = $4, version = $5 where company_id = $1 and id = $2")
        .bind::<SqlUuid, _>(batch.id)
        .bind::<Text, _>(batch.state)
        .bind::<Nullable<SqlUuid>, _>(batch.step)
        .bind::<BigInt, _>(batch.version)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Which batches a list shows.
pub struct Filter<'a> {
    pub cycle: Option<Uuid>,
    pub state: Option<BatchState>,
    /// Only those in which one of these is asked.
    pub actors: Option<&'a [String]>,
    pub after: Option<Uuid>,
    pub limit: i64,
}

/// Batches, oldest first.
pub async fn list(tx: &mut Tx, filter: &Filter<'_>) -> Result<Vec<Batch>> {
    Ok(tx
        .sql(batches!(
            "and ($2::uuid is null or cycle = $2) and ($3::text is null or state = $3)
             and ($4::text[] is null or exists (select from steps s
                 where s.company_id = $1 and s.about = 'batch:' || b.id::text and s.actors && $4))
             and ($5::uuid is null or id > $5) order by id limit $6"
        ))
        .bind::<Nullable<SqlUuid>, _>(filter.cycle)
        .bind::<Nullable<Text>, _>(filter.state)
        .bind::<Nullable<Array<Text>>, _>(filter.actors)
        .bind::<Nullable<SqlUuid>, _>(filter.after)
        .bind::<BigInt, _>(filter.limit)
        .load(tx.conn())
        .await?)
}

/// The approved batch of the scheme and cadence that was begun last before this one, with how much was in it.
pub async fn before(tx: &mut Tx, batch: &Batch) -> Result<Option<(Batch, Sums)>> {
    let found: Vec<Batch> = tx
        .sql(batches!(
            "and state in ('approved', 'issued') and id < $2 and cycle in (
                 select o.id from cycles o
                 join cycles c on c.company_id = $1 and c.id = $3 and c.scheme_code = o.scheme_code and c.cadence = o.cadence
                 where o.company_id = $1)
             order by id desc limit 1"
        ))
        .bind::<SqlUuid, _>(batch.id)
        .bind::<SqlUuid, _>(batch.cycle)
        .load(tx.conn())
        .await?;
    let Some(before) = found.into_iter().next() else { return Ok(None) };
    let sums = sums(tx, &[before.id]).await?.into_iter().next();
    Ok(sums.map(|sums| (before, sums)))
}

/// How much is in some batches: what waits in those that are not issued, and what those held that are.
pub async fn sums(tx: &mut Tx, batches: &[Uuid]) -> Result<Vec<Sums>> {
    Ok(tx
        .sql(
            "with waiting as (select batch, entry from drafts where company_id = $1 and batch = any($2)),
             money as (
                 select w.batch, w.entry ->> 'currency' as currency, part, v.key, sum(v.value::numeric)::text as sum
                 from waiting w cross join unnest(array['components', 'difference']) part
                 cross join lateral jsonb_each_text(w.entry -> part) v group by 1, 2, 3, 4),
             by_currency as (
                 select batch, part, currency, jsonb_object_agg(key, sum) as sums from money group by 1, 2, 3),
             by_part as (
                 select batch, part, jsonb_object_agg(currency, sums) as sums from by_currency group by 1, 2)
             select b.id as batch,
                 coalesce(b.people, (select count(*) from waiting w where w.batch = b.id))::bigint as people,
                 coalesce(b.totals, (select sums from by_part p where p.batch = b.id and p.part = 'components'), '{}') as totals,
                 coalesce(b.differences, (select sums from by_part p where p.batch = b.id and p.part = 'difference'), '{}')
                     as differences
             from batches b where b.company_id = $1 and b.id = any($2)",
        )
        .bind::<Array<SqlUuid>, _>(batches)
        .load(tx.conn())
        .await?)
}

/// All have approved a batch: what it holds stays as it is, and is issued.
pub async fn approve(tx: &mut Tx, batch: Uuid) -> Result<()> {
    let mut sums = sums(tx, &[batch]).await?;
    let sums = sums.pop().ok_or_else(|| Problem::internal("a batch without its sums"))?;
    tx.sql(
        "update batches set state = 'approved', step = null, people = $3, totals = $4, differences = $5
         where company_id = $1 and id = $2",
    )
    .bind::<SqlUuid, _>(batch)
    .bind::<BigInt, _>(sums.people)
    .bind::<Jsonb, _>(&sums.totals)
    .bind::<Jsonb, _>(&sums.differences)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Companies and cycles of theirs of which a batch was approved and is not issued.
pub async fn all_approved(tx: &mut Tx) -> Result<Vec<(Uuid, Uuid)>> {
    let approved = batches::table.select((batches::company_id, batches::cycle)).distinct();
    Ok(approved.filter(batches::state.eq(BatchState::Approved)).load(tx.conn()).await?)
}

/// The batch of a cycle that was approved and is not issued; held until the transaction ends.
pub async fn approved(tx: &mut Tx, cycle: Uuid) -> Result<Option<Batch>> {
    let found: Vec<Batch> = tx
        .sql(batches!("and cycle = $2 and state = 'approved' order by no limit 1 for update"))
        .bind::<SqlUuid, _>(cycle)
        .load(tx.conn())
        .await?;
    Ok(found.into_iter().next())
}

/// Everything of a batch is in the ledger.
pub async fn issued(tx: &mut Tx, batch: Uuid) -> Result<()> {
    let now = tx.now;
    tx.sql("update batches set state = 'issued', issued_at = $3 where company_id = $1 and id = $2")
        .bind::<SqlUuid, _>(batch)
        .bind::<Timestamptz, _>(now.to_diesel())
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Those of some drafts that a batch does not hold as they are.
pub async fn changed(tx: &mut Tx, batch: &Batch, mut drafts: Vec<NewDraft>) -> Result<Vec<NewDraft>> {
    let mut same: HashSet<EmployeeNumber> = HashSet::new();
    for chunk in drafts.chunks(AT_ONCE as usize) {
        let Texts { reckoned, entries } = texts(chunk)?;
        let held: Vec<EmployeeNumber> = tx
            .sql(
                "select d.number from unnest($3::text[], $4::text[], $5::jsonb[]) n(number, reckoned, entry)
                 join drafts d on d.company_id = $1 and d.batch = $2 and d.number = n.number
                     and d.reckoned = n.reckoned and d.entry = n.entry",
            )
            .bind::<SqlUuid, _>(batch.id)
            .bind::<Array<Text>, _>(chunk.iter().map(|d| d.reckoned.result.number.as_str()).collect::<Vec<_>>())
            .bind::<Array<Text>, _>(reckoned)
            .bind::<Array<Jsonb>, _>(entries)
            .columns::<Text>()
            .load(tx.conn())
            .await?;
        same.extend(held);
    }
    drafts.retain(|draft| !same.contains(&draft.reckoned.result.number));
    Ok(drafts)
}

/// Drafts as they are stored.
struct Texts {
    reckoned: Vec<String>,
    entries: Vec<Value>,
}

fn texts(drafts: &[NewDraft]) -> Result<Texts> {
    Ok(Texts {
        reckoned: drafts.iter().map(|d| serde_json::to_string(&d.reckoned)).collect::<Result<_, _>>()?,
        entries: drafts.iter().map(|d| serde_json::to_value(&d.entry)).collect::<Result<_, _>>()?,
    })
}

/// Puts drafts into a batch; a newer one takes the place of an older.
pub async fn put(tx: &mut Tx, batch: &Batch, reckoning: Uuid, drafts: &[NewDraft]) -> Result<()> {
    for chunk in drafts.chunks(AT_ONCE as usize) {
        let Texts { reckoned, entries } = texts(chunk)?;
        tx.sql(
            "insert into drafts as d (company_id, batch, number, cycle, result_version, reckoning, reckoned, entry)
             select $1, $2, n.number, $3, n.version, $4, n.reckoned, n.entry
             from unnest($5::text[], $6::bigint[], $7::text[], $8::jsonb[]) n(number, version, reckoned, entry)
             on conflict (company_id, batch, number) do update set result_version = excluded.result_version,
                 reckoning = excluded.reckoning, reckoned = excluded.reckoned, entry = excluded.entry
             where excluded.result_version >= d.result_version",
        )
        .bind::<SqlUuid, _>(batch.id)
        .bind::<SqlUuid, _>(batch.cycle)
        .bind::<SqlUuid, _>(reckoning)
        .bind::<Array<Text>, _>(chunk.iter().map(|d| d.reckoned.result.number.as_str()).collect::<Vec<_>>())
        .bind::<Array<BigInt>, _>(chunk.iter().map(|d| d.reckoned.result.version).collect::<Vec<_>>())
        .bind::<Array<Text>, _>(reckoned)
        .bind::<Array<Jsonb>, _>(entries)
        .execute(tx.conn())
        .await?;
    }
    Ok(())
}

/// Takes the drafts of these people out of a batch; how many there were.
pub async fn take_out(tx: &mut Tx, batch: Uuid, numbers: &[&str]) -> Result<usize> {
    Ok(tx
        .sql("delete from drafts where company_id = $1 and batch = $2 and number = any($3)")
        .bind::<SqlUuid, _>(batch)
        .bind::<Array<Text>, _>(numbers)
        .execute(tx.conn())
        .await?)
}

/// Takes everything out of a batch.
pub async fn empty(tx: &mut Tx, batch: Uuid) -> Result<()> {
    tx.sql("delete from drafts where company_id = $1 and batch = $2")
        .bind::<SqlUuid, _>(batch)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Who of these people has a draft of a cycle that is not approved.
pub async fn drafted(tx: &mut Tx, cycle: Uuid, numbers: &[&str]) -> Result<HashSet<EmployeeNumber>> {
    let found: Vec<EmployeeNumber> = tx
        .sql(
            "select d.number from drafts d join batches b on b.company_id = $1 and b.id = d.batch and b.state <> 'approved'
             where d.company_id = $1 and d.cycle = $2 and d.number = any($3)",
        )
        .bind::<SqlUuid, _>(cycle)
        .bind::<Array<Text>, _>(numbers)
        .columns::<Text>()
        .load(tx.conn())
        .await?;
    Ok(found.into_iter().collect())
}

/// Whether nobody is in a batch.
pub async fn is_empty(tx: &mut Tx, batch: Uuid) -> Result<bool> {
    Ok(tx
        .sql("select not exists (select from drafts where company_id = $1 and batch = $2)")
        .bind::<SqlUuid, _>(batch)
        .columns::<Bool>()
        .get_result(tx.conn())
        .await?)
}

/// Whether somebody in a batch is being reckoned anew.
pub async fn is_being_reckoned(tx: &mut Tx, batch: Uuid) -> Result<bool> {
    Ok(tx
        .sql(
            "select exists (select from drafts d
                 join held_results h on h.company_id = $1 and h.cycle = d.cycle and h.number = d.number and not h.settled
                 where d.company_id = $1 and d.batch = $2)",
        )
        .bind::<SqlUuid, _>(batch)
        .columns::<Bool>()
        .get_result(tx.conn())
        .await?)
}

/// Whether a batch pays somebody and nobody else.
pub async fn pays_only(tx: &mut Tx, batch: Uuid, number: &str) -> Result<bool> {
    Ok(tx
        .sql(
            "select not exists (select from drafts where company_id = $1 and batch = $2 and number <> $3)
                 and exists (select from drafts where company_id = $1 and batch = $2 and number = $3)",
        )
        .bind::<SqlUuid, _>(batch)
        .bind::<Text, _>(number)
        .columns::<Bool>()
        .get_result(tx.conn())
        .await?)
}

/// Drafts of a batch by employee number.
pub async fn page(tx: &mut Tx, batch: Uuid, after: &str, limit: i64) -> Result<Vec<DraftRow>> {
    Ok(tx
        .sql(
            "select d.number, d.reckoned::jsonb -> 'result' ->> 'name' as name, h.unit, d.result_version, d.entry
             from drafts d join held_results h on h.company_id = $1 and h.cycle = d.cycle and h.number = d.number
             where d.company_id = $1 and d.batch = $2 and d.number > $3 order by d.number limit $4",
        )
        .bind::<SqlUuid, _>(batch)
        .bind::<Text, _>(after)
        .bind::<BigInt, _>(limit)
        .load(tx.conn())
        .await?)
}

/// Drafts in one go.
const AT_ONCE: i64 = 2000;

/// The next drafts of a batch that go into the ledger together.
pub async fn next_due(tx: &mut Tx, batch: Uuid) -> Result<Option<Due>> {
    let found: Vec<Due> = tx
        .sql(
            "select reckoning, array_agg(reckoned order by number) as reckoned from (
                 select d.reckoning, d.number, d.reckoned from drafts d
                 where d.company_id = $1 and d.batch = $2 and d.reckoning = (
                     select n.reckoning from drafts n where n.company_id = $1 and n.batch = $2
                     order by n.reckoning limit 1)
                 order by d.number limit $3) next
             group by reckoning",
        )
        .bind::<SqlUuid, _>(batch)
        .bind::<BigInt, _>(AT_ONCE)
        .load(tx.conn())
        .await?;
    Ok(found.into_iter().next())
}

/// The drafts of some people in a batch, by what they stand on.
pub async fn due_of(tx: &mut Tx, batch: Uuid, numbers: &[&str]) -> Result<Vec<Due>> {
    Ok(tx
        .sql(
            "select reckoning, array_agg(reckoned order by number) as reckoned from drafts
             where company_id = $1 and batch = $2 and number = any($3) group by reckoning order by reckoning",
        )
        .bind::<SqlUuid, _>(batch)
        .bind::<Array<Text>, _>(numbers)
        .load(tx.conn())
        .await?)
}
