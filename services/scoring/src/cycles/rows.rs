use std::collections::HashMap;

use diesel::QueryableByName;
use diesel::sql_types::{Array, BigInt, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use events::CycleOpened;
use platform::shelf::Shelf;
use platform::sql::{Lock, ToDiesel};
use platform::{Problem, Result, Tx, say};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::cycle::{Cycle, State};
use crate::engine::Scheme;

#[derive(QueryableByName)]
struct SchemeRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Text)]
    scheme_source: String,
    #[diesel(sql_type = Text)]
    cadence: String,
}

/// Schemes by the cycles that they are frozen in. Their texts are long: a cycle whose scheme is known is not read.
static FROZEN: Shelf<Scheme> = Shelf::holding(64);

/// The frozen schemes of some cycles.
pub async fn schemes(tx: &mut Tx, ids: &[Uuid]) -> Result<HashMap<Uuid, Scheme>> {
    let known = |id: &Uuid| Some((*id, Scheme::clone(&*FROZEN.known(&[&id.to_string()])?)));
    let mut schemes: HashMap<Uuid, Scheme> = ids.iter().filter_map(known).collect();
    let unknown: Vec<Uuid> = ids.iter().filter(|id| !schemes.contains_key(id)).copied().collect();
    if unknown.is_empty() {
        return Ok(schemes);
    }
    let found: Vec<SchemeRow> = tx
        .sql("select id, scheme_source, cadence from cycles where company_id = $1 and id = any($2)")
        .bind::<Array<SqlUuid>, _>(unknown)
        .load(tx.conn())
        .await?;
    for SchemeRow { id, scheme_source, cadence } in found {
        let scheme = FROZEN.get(&[&id.to_string()], || Scheme::of(&scheme_source, &cadence))?;
        schemes.insert(id, Scheme::clone(&scheme));
    }
    Ok(schemes)
}

/// Cycles of the company `$1`.
macro_rules! cycles {
    ($rest:literal) => {
        concat!(
            "select id, scheme_code, scheme_source, cadence, period, name, parameters, company_facts, stages, state,
                 publications, company_carried
             from cycles where company_id = $1 ",
            $rest
        )
    };
}

pub async fn find(tx: &mut Tx, id: Uuid, lock: Lock) -> Result<Option<Cycle>> {
    let query = match lock {
        Lock::None => tx.sql(cycles!("and id = $2")),
        Lock::Share => tx.sql(cycles!("and id = $2 for share")),
        Lock::Update => tx.sql(cycles!("and id = $2 for update")),
    };
    let found: Vec<Cycle> = query.bind::<SqlUuid, _>(id).load(tx.conn()).await?;
    let found = found.into_iter().next();
    if let Some(cycle) = &found {
        Scheme::prepare(&cycle.scheme_source, &cycle.cadence).await;
    }
    Ok(found)
}

pub async fn get(tx: &mut Tx, id: Uuid, lock: Lock) -> Result<Cycle> {
    find(tx, id, lock).await?.ok_or_else(|| Problem::not_found(say!("考核周期", "cycle")))
}

/// Cycles of a scheme that are neither published nor cancelled.
pub async fn open_of_scheme(tx: &mut Tx, scheme: &str) -> Result<Vec<Cycle>> {
    Ok(tx
        .sql(cycles!("and scheme_code = $2 and state in ('open', 'computing', 'computed') order by id"))
        .bind::<Text, _>(scheme)
        .load(tx.conn())
        .await?)
}

/// Other cycles of a period that are neither published nor cancelled.
pub async fn open_of_period(tx: &mut Tx, period: &str, but: Uuid) -> Result<Vec<Cycle>> {
    Ok(tx
        .sql(cycles!("and period = $2 and id <> $3 and state in ('open', 'computing', 'computed') order by id"))
        .bind::<Text, _>(period)
        .bind::<SqlUuid, _>(but)
        .load(tx.conn())
        .await?)
}

/// Keeps the days that the stages of a cycle have now.
pub async fn set_stages(tx: &mut Tx, cycle: &Cycle) -> Result<()> {
    tx.sql("update cycles set stages = $3 where company_id = $1 and id = $2")
        .bind::<SqlUuid, _>(cycle.id)
        .bind::<Jsonb, _>(&cycle.stages)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// A cycle of a scheme, the newest: its text tells what its grades and cadences are.
pub async fn newest_of_scheme(tx: &mut Tx, scheme: &str) -> Result<Option<Cycle>> {
    let found: Vec<Cycle> = tx
        .sql(cycles!("and scheme_code = $2 order by id desc limit 1"))
        .bind::<Text, _>(scheme)
        .load(tx.conn())
        .await?;
    Ok(found.into_iter().next())
}

pub async fn insert(tx: &mut Tx, opened: &CycleOpened) -> Result<()> {
    tx.sql(
        "insert into cycles (company_id, id, scheme_code, scheme_version, scheme_source, cadence, period, parameters, company_facts, stages, name)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11) on conflict do nothing",
    )
    .bind::<SqlUuid, _>(opened.cycle)
    .bind::<Text, _>(&opened.scheme_code)
    .bind::<Integer, _>(opened.scheme_version)
    .bind::<Text, _>(&opened.scheme_source)
    .bind::<Text, _>(&opened.cadence)
    .bind::<Text, _>(&opened.period)
    .bind::<Jsonb, _>(&opened.parameters)
    .bind::<Jsonb, _>(serde_json::to_value(&opened.company_facts)?)
    .bind::<Jsonb, _>(serde_json::to_value(&opened.stages)?)
    .bind::<Nullable<Text>, _>(&opened.name)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Puts a cycle into a state; its new version.
pub async fn set_state(tx: &mut Tx, cycle: Uuid, state: State) -> Result<i64> {
    Ok(tx
        .sql("update cycles set state = $3, version = version + 1 where company_id = $1 and id = $2 returning version")
        .bind::<SqlUuid, _>(cycle)
        .bind::<Text, _>(state)
        .columns::<BigInt>()
        .get_result(tx.conn())
        .await?)
}

/// What was computed no longer stands on what is there: it has to be computed again before it can be published.
pub async fn reopen_computed(tx: &mut Tx, cycle: &Cycle) -> Result<()> {
    if cycle.state == State::Computed {
        let state = if cycle.publications > 0 { State::Published } else { State::Open };
        set_state(tx, cycle.id, state).await?;
    }
    Ok(())
}

/// Marks a cycle as published once more: the number of the publication, and the cycle's version.
pub async fn publish(tx: &mut Tx, cycle: Uuid) -> Result<(i32, i64)> {
    let now = tx.now;
    Ok(tx
        .sql(
            "update cycles set state = 'published', publications = publications + 1, version = version + 1,
                 published_at = coalesce(published_at, $3)
             where company_id = $1 and id = $2 returning publications, version",
        )
        .bind::<SqlUuid, _>(cycle)
        .bind::<Timestamptz, _>(now.to_diesel())
        .columns::<(Integer, BigInt)>()
        .get_result(tx.conn())
        .await?)
}

/// How far scoring has come in one unit.
#[derive(QueryableByName, Serialize, ToSchema)]
pub struct UnitProgress {
    /// Unit code.
    #[diesel(sql_type = Text)]
    pub unit: String,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = BigInt)]
    pub sheets: i64,
    /// Sheets of which at least one form is submitted.
    #[diesel(sql_type = BigInt)]
    pub submitted: i64,
    /// Sheets of which every form that is waited for is submitted.
    #[diesel(sql_type = BigInt)]
    pub complete: i64,
    /// The unit's own score, where it has been given.
    #[diesel(sql_type = Nullable<Text>)]
    pub score: Option<String>,
    /// `pending` or `done` once it is being computed.
    #[diesel(sql_type = Nullable<Text>)]
    pub closing: Option<String>,
}

pub async fn progress(tx: &mut Tx, cycle: Uuid, after: &str, limit: i64) -> Result<Vec<UnitProgress>> {
    Ok(tx
        .sql(
            "select u.subject as unit, u.name,
                 (select f.value #>> '{}' from facts f where f.company_id = $1 and f.cycle = $2 and f.kind = 'unit'
                     and f.subject = u.subject and f.path = 'score' and f.latest) as score,
                 count(t.subject) as sheets, count(t.subject) filter (where f.submitted > 0) as submitted,
                 count(t.subject) filter (where coalesce(f.open, 0) = 0) as complete,
                 (select c.state from run_pieces c where c.company_id = $1 and c.cycle = $2 and c.piece in (u.subject, '*') limit 1) as closing
             from subjects u
             left join subjects s on s.company_id = $1 and s.cycle = $2 and s.unit = u.subject and s.standing = 'in'
             left join sheets t on t.company_id = $1 and t.cycle = $2 and t.kind = s.kind and t.subject = s.subject and t.counts
             left join lateral (
                 select count(*) filter (where a.state = 'submitted') as submitted, count(*) filter (where a.state = 'open' and not a.optional) as open
                 from assignments a where a.company_id = $1 and a.cycle = $2 and a.kind = t.kind and a.subject = t.subject) f on true
             where u.company_id = $1 and u.cycle = $2 and u.kind = 'unit' and u.subject > $3
             group by u.subject, u.name order by u.subject limit $4",
        )
        .bind::<SqlUuid, _>(cycle)
        .bind::<Text, _>(after)
        .bind::<BigInt, _>(limit)
        .load(tx.conn())
        .await?)
}

/// Everything of the cycle in numbers.
#[derive(QueryableByName)]
pub struct Counts {
    #[diesel(sql_type = BigInt)]
    pub sheets: i64,
    #[diesel(sql_type = BigInt)]
    pub submitted: i64,
    #[diesel(sql_type = BigInt)]
    pub complete: i64,
}

pub async fn counts(tx: &mut Tx, cycle: Uuid) -> Result<Counts> {
    Ok(tx
        .sql(
            "select count(*) as sheets, count(*) filter (where f.submitted > 0) as submitted,
                 count(*) filter (where coalesce(f.open, 0) = 0) as complete
             from sheets t
             join subjects s on s.company_id = $1 and s.cycle = $2 and s.kind = t.kind and s.subject = t.subject and s.standing = 'in'
             left join (select kind, subject, count(*) filter (where state = 'submitted') as submitted,
                     count(*) filter (where state = 'open' and not optional) as open
                 from assignments where company_id = $1 and cycle = $2 group by kind, subject) f on f.kind = t.kind and f.subject = t.subject
             where t.company_id = $1 and t.cycle = $2 and t.counts",
        )
        .bind::<SqlUuid, _>(cycle)
        .get_result(tx.conn())
        .await?)
}

/// From how many new rows on the server is made to look at its tables at once.
const MANY: usize = 1000;

/// Lets the server know of many new rows, so that it plans what follows for as many.
pub async fn refresh_statistics(tx: &mut Tx, new_rows: usize) -> Result<()> {
    if new_rows >= MANY {
        tx.sql_of_all("select refresh_statistics()").execute(tx.conn()).await?;
    }
    Ok(())
}

/// The same while a large cycle arrives bit by bit, first its subjects, then their sheets: whenever there are twice as
/// many as before.
pub async fn notice_growth(tx: &mut Tx, cycle: Uuid, arrived: usize) -> Result<()> {
    let (subjects, sheets): (i64, i64) = tx
        .sql(
            "select (select count(*) from subjects where company_id = $1 and cycle = $2),
                 (select count(*) from sheets where company_id = $1 and cycle = $2)",
        )
        .bind::<SqlUuid, _>(cycle)
        .columns::<(BigInt, BigInt)>()
        .get_result(tx.conn())
        .await?;
    let now = usize::try_from(if sheets == 0 { subjects } else { sheets }).unwrap_or_default();
    let doublings = |count: usize| (count / MANY).checked_ilog2();
    let grown = doublings(now) != doublings(now.saturating_sub(arrived));
    refresh_statistics(tx, if grown { MANY } else { 0 }).await
}
