use diesel::QueryableByName;
use diesel::sql_types::{Array, BigInt, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use events::Subject;
use platform::sql::ToDiesel;
use platform::{FieldError, Result, Tx};
use serde_json::{Value, json};
use uuid::Uuid;

use crate::engine::computing::Ground;
use crate::subjects::subject::Kind;

/// Begins a run: what an earlier one found and is not published goes, and the pieces are laid out. Its number.
pub async fn begin(tx: &mut Tx, cycle: Uuid, ground: &Ground, whole: bool) -> Result<i32> {
    let (now, by) = (tx.now, tx.actor.name.clone());
    let no: i32 = tx
        .sql(
            "insert into runs (company_id, cycle, no, company_facts, started_by, started_at)
             select $1, $2, coalesce(max(no), 0) + 1, $3, $4, $5 from runs where company_id = $1 and cycle = $2 returning no",
        )
        .bind::<SqlUuid, _>(cycle)
        .bind::<Jsonb, _>(serde_json::to_value(&ground.company_facts)?)
        .bind::<Text, _>(by)
        .bind::<Timestamptz, _>(now.to_diesel())
        .columns::<Integer>()
        .get_result(tx.conn())
        .await?;
    tx.sql("delete from results where company_id = $1 and cycle = $2 and publication is null")
        .bind::<SqlUuid, _>(cycle)
        .execute(tx.conn())
        .await?;
    tx.sql("delete from run_pieces where company_id = $1 and cycle = $2")
        .bind::<SqlUuid, _>(cycle)
        .execute(tx.conn())
        .await?;
    tx.sql("delete from run_missing where company_id = $1 and cycle = $2")
        .bind::<SqlUuid, _>(cycle)
        .execute(tx.conn())
        .await?;
    tx.sql("delete from warnings where company_id = $1 and cycle = $2")
        .bind::<SqlUuid, _>(cycle)
        .execute(tx.conn())
        .await?;
    let laying_out = if whole {
        tx.sql(
            "insert into run_pieces (company_id, cycle, piece, subjects, state)
             select $1, $2, '*', count(*), 'pending' from subjects
             where company_id = $1 and cycle = $2 and standing <> 'out' and left_out_why is null",
        )
    } else {
        tx.sql(
            "insert into run_pieces (company_id, cycle, piece, subjects, state)
             select $1, $2, unit, count(*), 'pending' from subjects
             where company_id = $1 and cycle = $2 and standing <> 'out' and left_out_why is null group by unit",
        )
    };
    laying_out.bind::<SqlUuid, _>(cycle).execute(tx.conn()).await?;
    let subjects: i64 = tx
        .sql("select coalesce(sum(subjects), 0)::bigint from run_pieces where company_id = $1 and cycle = $2")
        .bind::<SqlUuid, _>(cycle)
        .columns::<BigInt>()
        .get_result(tx.conn())
        .await?;
    crate::cycles::rows::refresh_statistics(tx, usize::try_from(subjects).unwrap_or_default()).await?;
    Ok(no)
}

/// The number of the last run.
pub async fn last(tx: &mut Tx, cycle: Uuid) -> Result<i32> {
    Ok(tx
        .sql("select coalesce(max(no), 0) from runs where company_id = $1 and cycle = $2")
        .bind::<SqlUuid, _>(cycle)
        .columns::<Integer>()
        .get_result(tx.conn())
        .await?)
}

#[derive(QueryableByName)]
struct CompanyFacts {
    #[diesel(sql_type = Jsonb)]
    company_facts: Value,
}

/// The facts of the company as a run had them.
pub async fn company_facts(tx: &mut Tx, cycle: Uuid, no: i32) -> Result<Option<Value>> {
    let found: Vec<CompanyFacts> = tx
        .sql("select company_facts from runs where company_id = $1 and cycle = $2 and no = $3")
        .bind::<SqlUuid, _>(cycle)
        .bind::<Integer, _>(no)
        .load(tx.conn())
        .await?;
    Ok(found.into_iter().next().map(|found| found.company_facts))
}

/// Keeps who could not be computed, and what they lack.
pub async fn insert_missing(tx: &mut Tx, cycle: Uuid, missing: &[(Subject, Vec<FieldError>)]) -> Result<()> {
    let rows: Vec<Value> = missing
        .iter()
        .map(|(subject, errors)| {
            Ok(json!({ "kind": subject.kind.code(), "subject": subject.id, "errors": serde_json::to_value(errors)? }))
        })
        .collect::<Result<_>>()?;
    for chunk in rows.chunks(2000) {
        tx.sql(
            "insert into run_missing (company_id, cycle, kind, subject, errors)
             select $1, $2, n.kind, n.subject, n.errors from jsonb_to_recordset($3) as n(kind text, subject text, errors jsonb)
             on conflict do nothing",
        )
        .bind::<SqlUuid, _>(cycle)
        .bind::<Jsonb, _>(Value::from(chunk.to_vec()))
        .execute(tx.conn())
        .await?;
    }
    Ok(())
}

pub async fn insert_warnings(tx: &mut Tx, cycle: Uuid, piece: &str, codes: &[String]) -> Result<()> {
    tx.sql(
        "insert into warnings (company_id, cycle, piece, code) select $1, $2, $3, code from unnest($4::text[]) code
         on conflict do nothing",
    )
    .bind::<SqlUuid, _>(cycle)
    .bind::<Text, _>(piece)
    .bind::<Array<Text>, _>(codes)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Marks pieces as computed; the figures of the company stand with the first.
pub async fn finish_pieces(tx: &mut Tx, cycle: Uuid, pieces: &[String], carried: Option<&Value>) -> Result<()> {
    let now = tx.now;
    tx.sql(
        "update run_pieces set state = 'done', done_at = $4, carried = case when piece = $5 then $6::jsonb end
         where company_id = $1 and cycle = $2 and piece = any($3)",
    )
    .bind::<SqlUuid, _>(cycle)
    .bind::<Array<Text>, _>(pieces)
    .bind::<Timestamptz, _>(now.to_diesel())
    .bind::<Nullable<Text>, _>(pieces.first())
    .bind::<Nullable<Jsonb>, _>(carried)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// How closing goes.
#[derive(QueryableByName)]
pub struct Progress {
    #[diesel(sql_type = BigInt)]
    pub pieces: i64,
    #[diesel(sql_type = BigInt)]
    pub done: i64,
    #[diesel(sql_type = BigInt)]
    pub missing: i64,
}

pub async fn progress(tx: &mut Tx, cycle: Uuid) -> Result<Progress> {
    Ok(tx
        .sql(
            "select count(*) as pieces, count(*) filter (where state = 'done') as done,
                 (select count(*) from run_missing m where m.company_id = $1 and m.cycle = $2) as missing
             from run_pieces where company_id = $1 and cycle = $2",
        )
        .bind::<SqlUuid, _>(cycle)
        .get_result(tx.conn())
        .await?)
}

/// Somebody or something without a result.
#[derive(QueryableByName)]
pub struct Missing {
    #[diesel(sql_type = Text)]
    pub kind: Kind,
    #[diesel(sql_type = Text)]
    pub subject: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub name: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub unit: Option<String>,
    #[diesel(sql_type = Nullable<Jsonb>)]
    pub errors: Option<Value>,
    #[diesel(sql_type = Nullable<Text>)]
    pub left_out_why: Option<String>,
}

/// Whoever could not be computed in the last run, and whoever HR left out.
pub async fn missing(tx: &mut Tx, cycle: Uuid, after: &str, limit: i64) -> Result<Vec<Missing>> {
    Ok(tx
        .sql(
            "select * from (
                 select m.kind, m.subject, s.name, s.unit, m.errors, s.left_out_why
                 from run_missing m left join subjects s on s.company_id = $1 and s.cycle = $2 and s.kind = m.kind and s.subject = m.subject
                 where m.company_id = $1 and m.cycle = $2
                 union all
                 select s.kind, s.subject, s.name, s.unit, null, s.left_out_why from subjects s
                 where s.company_id = $1 and s.cycle = $2 and s.left_out_why is not null
                   and not exists (select from run_missing m where m.company_id = $1 and m.cycle = $2 and m.kind = s.kind and m.subject = s.subject)
             ) missing where kind || ':' || subject > $3 order by kind || ':' || subject limit $4",
        )
        .bind::<SqlUuid, _>(cycle)
        .bind::<Text, _>(after)
        .bind::<BigInt, _>(limit)
        .load(tx.conn())
        .await?)
}

/// Something that the scheme warns of.
#[derive(QueryableByName)]
pub struct Warning {
    #[diesel(sql_type = Text)]
    pub piece: String,
    #[diesel(sql_type = Text)]
    pub code: String,
}

pub async fn warnings(tx: &mut Tx, cycle: Uuid) -> Result<Vec<Warning>> {
    Ok(tx
        .sql("select piece, code from warnings where company_id = $1 and cycle = $2 order by piece, code limit 1000")
        .bind::<SqlUuid, _>(cycle)
        .load(tx.conn())
        .await?)
}

#[derive(QueryableByName)]
struct Carried {
    #[diesel(sql_type = Jsonb)]
    carried: Value,
}

/// The different figures of the company that the pieces of the last run found.
pub async fn carried(tx: &mut Tx, cycle: Uuid) -> Result<Vec<Value>> {
    let found: Vec<Carried> = tx
        .sql("select distinct carried from run_pieces where company_id = $1 and cycle = $2 and carried is not null")
        .bind::<SqlUuid, _>(cycle)
        .load(tx.conn())
        .await?;
    Ok(found.into_iter().map(|found| found.carried).collect())
}
