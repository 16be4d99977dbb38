use std::collections::HashMap;

use diesel::QueryableByName;
use diesel::sql_types::{Array, BigInt, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use events::{CycleOpened, SettledUnit};
use jiff::Timestamp;
use platform::shelf::Shelf;
use platform::sql::{Lock, ToDiesel};
use platform::{Problem, Result, Tx, say};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::cycle::{Cycle, State, Unit};
use crate::engine::Scheme;

const COLUMNS: &str = "id, scheme_code, scheme_source, cadence, period, parameters, company_facts, stages, state, released, sheets_expected, company_carried";

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

pub async fn find(tx: &mut Tx, id: Uuid, lock: Lock) -> Result<Option<Cycle>> {
    let lock = lock.clause();
    let found: Vec<Cycle> = tx
        .sql(&format!("select {COLUMNS} from cycles where company_id = $1 and id = $2 {lock}"))
        .bind::<SqlUuid, _>(id)
        .load(tx.conn())
        .await?;
    let found = found.into_iter().next();
    if let Some(cycle) = &found {
        Scheme::prepare(&cycle.scheme_source, &cycle.cadence).await;
    }
    Ok(found)
}

pub async fn get(tx: &mut Tx, id: Uuid, lock: Lock) -> Result<Cycle> {
    find(tx, id, lock).await?.ok_or_else(|| Problem::not_found(say!("考核周期", "cycle")))
}

pub async fn insert(tx: &mut Tx, opened: &CycleOpened) -> Result<()> {
    tx.sql(
        "insert into cycles (company_id, id, scheme_code, scheme_version, scheme_source, cadence, period, parameters, company_facts, stages)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict do nothing",
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
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub async fn insert_unit(tx: &mut Tx, cycle: Uuid, unit: &SettledUnit) -> Result<()> {
    tx.sql(
        "insert into units (company_id, cycle, code, name, category, head, facts) values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (company_id, cycle, code) do update
         set name = excluded.name, category = excluded.category, head = excluded.head, facts = excluded.facts",
    )
    .bind::<SqlUuid, _>(cycle)
    .bind::<Text, _>(&unit.code)
    .bind::<Text, _>(&unit.name)
    .bind::<Nullable<Text>, _>(&unit.category)
    .bind::<Nullable<Text>, _>(&unit.head)
    .bind::<Jsonb, _>(serde_json::to_value(&unit.facts)?)
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub async fn release(tx: &mut Tx, cycle: Uuid, sheets: i64) -> Result<()> {
    tx.sql(
        "update cycles set released = true, sheets_expected = $3, version = version + 1 where company_id = $1 and id = $2",
    )
    .bind::<SqlUuid, _>(cycle)
    .bind::<BigInt, _>(sheets)
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub async fn set_state(tx: &mut Tx, cycle: Uuid, state: State, now: Timestamp) -> Result<i64> {
    let found: Number = tx
        .sql(
            "update cycles set state = $3, version = version + 1,
             closing_since = case when $3 = 'closing' then $4 else closing_since end,
             published_at = case when $3 = 'published' then $4 else published_at end
         where company_id = $1 and id = $2 returning version as number",
        )
        .bind::<SqlUuid, _>(cycle)
        .bind::<Text, _>(state.as_str())
        .bind::<Timestamptz, _>(now.to_diesel())
        .get_result(tx.conn())
        .await?;
    Ok(found.number)
}

#[derive(QueryableByName)]
pub struct Number {
    #[diesel(sql_type = BigInt)]
    pub number: i64,
}

/// The units of a cycle, or those named.
pub async fn units(tx: &mut Tx, cycle: Uuid, codes: Option<&[String]>) -> Result<Vec<Unit>> {
    Ok(tx.sql(
        "select code, name, category, head, facts || entered_facts as facts, score, announced_at is not null as announced
         from units where company_id = $1 and cycle = $2 and ($3::text[] is null or code = any($3)) order by code",
    )
    .bind::<SqlUuid, _>(cycle)
    .bind::<Nullable<Array<Text>>, _>(codes)
    .load(tx.conn())
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
    /// Sheets of which at least one part is submitted.
    #[diesel(sql_type = BigInt)]
    pub submitted: i64,
    /// Sheets of which everything is entered and submitted.
    #[diesel(sql_type = BigInt)]
    pub complete: i64,
    /// The unit's own score, where it has been given.
    #[diesel(sql_type = Nullable<Text>)]
    pub score: Option<String>,
    /// `pending`, `done` or `failed` once closing has begun.
    #[diesel(sql_type = Nullable<Text>)]
    pub closing: Option<String>,
}

pub async fn progress(tx: &mut Tx, cycle: Uuid, after: &str, limit: i64) -> Result<Vec<UnitProgress>> {
    Ok(tx.sql(
        "select u.code as unit, u.name, u.score, count(s.number) as sheets,
                count(s.number) filter (where s.submitted <> '{}') as submitted,
                count(s.number) filter (where s.complete) as complete,
                (select c.state from closing_units c where c.company_id = $1 and c.cycle = $2 and c.piece in (u.code, '*') limit 1) as closing
         from units u left join sheets s on s.company_id = $1 and s.cycle = $2 and s.unit = u.code
         where u.company_id = $1 and u.cycle = $2 and u.code > $3
         group by u.code, u.name, u.score order by u.code limit $4",
    )
    .bind::<SqlUuid, _>(cycle)
    .bind::<Text, _>(after)
    .bind::<BigInt, _>(limit)
    .load(tx.conn())
    .await?)
}

/// Work that somebody has not done yet.
#[derive(QueryableByName, Serialize, ToSchema)]
pub struct OpenTask {
    #[diesel(sql_type = Text)]
    pub key: String,
    #[diesel(sql_type = Text)]
    pub stage: String,
    /// Employee number of whoever has to do it.
    #[diesel(sql_type = Text)]
    pub assignee: String,
    /// Unit code or employee number it is about.
    #[diesel(sql_type = Text)]
    pub subject: String,
    /// Last day, YYYY-MM-DD.
    #[diesel(sql_type = Nullable<Text>)]
    pub due: Option<String>,
}

/// Tasks due before a day and not done, at most 1000.
pub async fn overdue(tx: &mut Tx, cycle: Uuid, today: jiff::civil::Date) -> Result<Vec<OpenTask>> {
    Ok(tx
        .sql(
            "select key, stage, assignee, subject, due::text as due from tasks
         where company_id = $1 and cycle = $2 and not done and due < $3 order by due, key limit 1000",
        )
        .bind::<SqlUuid, _>(cycle)
        .bind::<diesel::sql_types::Date, _>(today.to_diesel())
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
            "select count(*) as sheets, count(*) filter (where submitted <> '{}') as submitted,
                count(*) filter (where complete) as complete
         from sheets where company_id = $1 and cycle = $2",
        )
        .bind::<SqlUuid, _>(cycle)
        .get_result(tx.conn())
        .await?)
}
