use std::collections::HashSet;

use diesel::QueryableByName;
use diesel::sql_types::{
    Array, BigInt, Bool, Date as SqlDate, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid,
};
use diesel_async::RunQueryDsl;
use events::ImportedPeriod;
use platform::sql::{Lock, ToDiesel};
use platform::{Problem, Result, Tx, say};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::cycle::{Cycle, CycleState, StageView};

/// Cycles with what their schemes are called; `$1` is the company.
macro_rules! cycles {
    ($rest:literal) => {
        concat!(
            "select c.id, c.scheme_code, c.scheme_version, s.name_zh as scheme_name_zh, s.name_en as scheme_name_en,
                 c.cadence, c.period, c.name, c.parameters, c.company_facts, c.as_of, c.state, c.has_targets, c.has_plans,
                 c.has_unit_plans, c.has_settling, c.has_release, c.chosen, c.cancelled_why, c.participants, c.opened_at,
                 c.released_at, c.published_at, c.version
             from cycles c
             join schemes s on s.company_id = $1 and s.code = c.scheme_code and s.version = c.scheme_version
             where c.company_id = $1 ",
            $rest
        )
    };
}

pub async fn get(tx: &mut Tx, id: Uuid, lock: Lock) -> Result<Cycle> {
    let query = match lock {
        Lock::None => tx.sql(cycles!("and c.id = $2")),
        Lock::Share => tx.sql(cycles!("and c.id = $2 for share of c")),
        Lock::Update => tx.sql(cycles!("and c.id = $2 for update of c")),
    };
    let found: Vec<Cycle> = query.bind::<SqlUuid, _>(id).load(tx.conn()).await?;
    found.into_iter().next().ok_or_else(|| Problem::not_found(say!("考核周期", "cycle")))
}

/// The cycle, which stays open until the transaction ends.
pub async fn get_open(tx: &mut Tx, id: Uuid) -> Result<Cycle> {
    let cycle = get(tx, id, Lock::Share).await?;
    cycle.must_be_open()?;
    Ok(cycle)
}

/// The cycle, which stays open or released until the transaction ends.
pub async fn get_running(tx: &mut Tx, id: Uuid) -> Result<Cycle> {
    let cycle = get(tx, id, Lock::Share).await?;
    cycle.state.must_be_running()?;
    Ok(cycle)
}

/// Cycles from the newest on, `after` one of them.
pub async fn list(tx: &mut Tx, after: Option<Uuid>, limit: i64) -> Result<Vec<Cycle>> {
    Ok(tx
        .sql(cycles!("and ($2::uuid is null or c.id < $2) order by c.id desc limit $3"))
        .bind::<Nullable<SqlUuid>, _>(after)
        .bind::<BigInt, _>(limit)
        .load(tx.conn())
        .await?)
}

/// The cycles that follow the organisation, neither published nor cancelled; nothing else is done with them meanwhile.
pub async fn running(tx: &mut Tx) -> Result<Vec<Cycle>> {
    Ok(tx.sql(cycles!("and c.state in ('open', 'released') order by c.id for update of c")).load(tx.conn()).await?)
}

/// Stores a new cycle; false when there is one for its scheme, cadence, period and name that is not cancelled.
pub async fn insert(tx: &mut Tx, cycle: &Cycle) -> Result<bool> {
    let inserted = tx
        .sql(
            "insert into cycles (company_id, id, scheme_code, scheme_version, cadence, period, parameters, company_facts,
                 as_of, state, has_targets, has_plans, has_unit_plans, has_settling, participants, opened_at, released_at,
                 published_at, version, name, has_release, chosen, cancelled_why)
             values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22,
                 $23)
             on conflict do nothing",
        )
        .bind::<SqlUuid, _>(cycle.id)
        .bind::<Text, _>(&cycle.scheme_code)
        .bind::<Integer, _>(cycle.scheme_version)
        .bind::<Text, _>(&cycle.cadence)
        .bind::<Text, _>(&cycle.period)
        .bind::<Jsonb, _>(&cycle.parameters)
        .bind::<Jsonb, _>(&cycle.company_facts)
        .bind::<SqlDate, _>(cycle.as_of.to_diesel())
        .bind::<Text, _>(cycle.state)
        .bind::<Bool, _>(cycle.has_targets)
        .bind::<Bool, _>(cycle.has_plans)
        .bind::<Bool, _>(cycle.has_unit_plans)
        .bind::<Bool, _>(cycle.has_settling)
        .bind::<BigInt, _>(cycle.participants)
        .bind::<Timestamptz, _>(cycle.opened_at.to_diesel())
        .bind::<Nullable<Timestamptz>, _>(cycle.released_at.to_diesel())
        .bind::<Nullable<Timestamptz>, _>(cycle.published_at.to_diesel())
        .bind::<BigInt, _>(cycle.version)
        .bind::<Nullable<Text>, _>(&cycle.name)
        .bind::<Bool, _>(cycle.has_release)
        .bind::<Nullable<Jsonb>, _>(&cycle.chosen)
        .bind::<Nullable<Text>, _>(&cycle.cancelled_why)
        .execute(tx.conn())
        .await?;
    Ok(inserted == 1)
}

pub async fn insert_stages(tx: &mut Tx, cycle: Uuid, stages: &[StageView]) -> Result<()> {
    tx.sql(
        "insert into cycle_stages (company_id, cycle, place, code, label_zh, label_en, activity, opens, due, dated_by)
         select $1, $2, n.place, n.stage->>'code', n.stage->>'label_zh', n.stage->>'label_en', n.stage->>'activity',
             (n.stage->>'opens')::date, (n.stage->>'due')::date, n.stage->>'dated_by'
         from jsonb_array_elements($3) with ordinality as n(stage, place)",
    )
    .bind::<SqlUuid, _>(cycle)
    .bind::<Jsonb, _>(serde_json::to_value(stages)?)
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub async fn stages(tx: &mut Tx, cycle: Uuid) -> Result<Vec<StageView>> {
    Ok(tx
        .sql(
            "select code, label_zh, label_en, activity, opens, due, dated_by, moved_why from cycle_stages
         where company_id = $1 and cycle = $2 order by place",
        )
        .bind::<SqlUuid, _>(cycle)
        .load(tx.conn())
        .await?)
}

/// Gives a stage other days.
pub async fn move_stage(tx: &mut Tx, cycle: Uuid, stage: &StageView) -> Result<()> {
    tx.sql(
        "update cycle_stages set opens = $4, due = $5, dated_by = $6, moved_why = $7
         where company_id = $1 and cycle = $2 and code = $3",
    )
    .bind::<SqlUuid, _>(cycle)
    .bind::<Text, _>(&stage.code)
    .bind::<Nullable<SqlDate>, _>(stage.opens.to_diesel())
    .bind::<Nullable<SqlDate>, _>(stage.due.to_diesel())
    .bind::<Text, _>(stage.dated_by)
    .bind::<Nullable<Text>, _>(&stage.moved_why)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Those of some cycles that cannot be released yet: sheets are not settled, and cannot be at the release.
pub async fn lacking_sheets(tx: &mut Tx, cycles: &[&Cycle]) -> Result<HashSet<Uuid>> {
    let waiting = cycles.iter().filter(|cycle| cycle.state == CycleState::Open && cycle.has_release);
    let waiting: Vec<Uuid> = waiting.map(|cycle| cycle.id).collect();
    if waiting.is_empty() {
        return Ok(HashSet::new());
    }
    let lacking: Vec<Uuid> = tx
        .sql(
            "select c.id from cycles c where c.company_id = $1 and c.id = any($2)
               and exists (select from settled_sheets t
                   join subjects p on p.company_id = $1 and p.cycle = c.id and p.kind = t.kind and p.subject = t.subject
                       and p.standing = 'in'
                   where t.company_id = $1 and t.cycle = c.id and t.state in ('draft', 'proposed')
                     and (c.has_settling or exists (select from plans l where l.company_id = $1 and l.cycle = c.id
                         and l.kind = t.kind and l.subject = t.subject and l.state <> 'approved')))",
        )
        .bind::<Array<SqlUuid>, _>(waiting)
        .columns::<SqlUuid>()
        .load(tx.conn())
        .await?;
    Ok(lacking.into_iter().collect())
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

/// How far a cycle is, in numbers.
#[derive(QueryableByName, Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Counts {
    /// People who take part.
    #[diesel(sql_type = BigInt)]
    pub participants: i64,
    /// People whom the scheme leaves out.
    #[diesel(sql_type = BigInt)]
    pub excluded: i64,
    /// Units with somebody who takes part, or that are appraised themselves.
    #[diesel(sql_type = BigInt)]
    pub units: i64,
    #[diesel(sql_type = BigInt)]
    pub targets: i64,
    /// Plans of people.
    #[diesel(sql_type = BigInt)]
    pub plans_submitted: i64,
    #[diesel(sql_type = BigInt)]
    pub plans_approved: i64,
    /// Plans of units.
    #[diesel(sql_type = BigInt)]
    pub unit_plans_submitted: i64,
    #[diesel(sql_type = BigInt)]
    pub unit_plans_approved: i64,
    /// Sheets of people who take part.
    #[diesel(sql_type = BigInt)]
    pub sheets_settled: i64,
    /// What the organisation has changed since, and nobody has looked at.
    #[diesel(sql_type = BigInt)]
    pub changes_unseen: i64,
}

pub async fn counts(tx: &mut Tx, cycle: Uuid) -> Result<Counts> {
    Ok(tx
        .sql(
            "select (select participants from cycles where company_id = $1 and id = $2) as participants,
             (select count(*) from subjects where company_id = $1 and cycle = $2 and kind = 'person'
                 and standing = 'excluded') as excluded,
             u.units, p.unit_plans_submitted, p.unit_plans_approved, p.plans_submitted, p.plans_approved,
             (select count(*) from targets where company_id = $1 and cycle = $2) as targets,
             (select count(*) from settled_sheets s
              join subjects p on p.company_id = $1 and p.cycle = $2 and p.kind = s.kind and p.subject = s.subject
              where s.company_id = $1 and s.cycle = $2 and s.state = 'settled' and s.kind = 'person'
                and p.standing = 'in') as sheets_settled,
             (select count(*) from subject_changes where company_id = $1 and cycle = $2 and seen_by is null)
                 as changes_unseen
         from (select count(distinct unit) as units from subjects
               where company_id = $1 and cycle = $2 and standing = 'in') u,
              (select count(*) filter (where kind = 'person' and state = 'submitted') as plans_submitted,
                   count(*) filter (where kind = 'person' and state = 'approved') as plans_approved,
                   count(*) filter (where kind = 'unit' and state = 'submitted') as unit_plans_submitted,
                   count(*) filter (where kind = 'unit' and state = 'approved') as unit_plans_approved
               from plans where company_id = $1 and cycle = $2) p",
        )
        .bind::<SqlUuid, _>(cycle)
        .get_result(tx.conn())
        .await?)
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = BigInt)]
    number: i64,
}

/// How many sheets there are of people who take part, and of units that are waited for.
pub async fn count_sheets(tx: &mut Tx, cycle: Uuid) -> Result<i64> {
    let sheets: Number = tx
        .sql(
            "select count(*) as number from settled_sheets s
             join subjects p on p.company_id = $1 and p.cycle = $2 and p.kind = s.kind and p.subject = s.subject
             where s.company_id = $1 and s.cycle = $2 and s.state in ('draft', 'proposed', 'settled') and p.standing = 'in'
               and (s.kind = 'person' or s.state <> 'settled')",
        )
        .bind::<SqlUuid, _>(cycle)
        .get_result(tx.conn())
        .await?;
    Ok(sheets.number)
}

/// Marks a cycle as released.
pub async fn release(tx: &mut Tx, cycle: Uuid, now: jiff::Timestamp) -> Result<()> {
    tx.sql(
        "update cycles set state = 'released', released_at = $3, version = version + 1
         where company_id = $1 and id = $2",
    )
    .bind::<SqlUuid, _>(cycle)
    .bind::<Timestamptz, _>(now.to_diesel())
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Marks a cycle as cancelled.
pub async fn cancel(tx: &mut Tx, cycle: Uuid, reason: &str) -> Result<()> {
    tx.sql(
        "update cycles set state = 'cancelled', cancelled_why = $3, version = version + 1
         where company_id = $1 and id = $2",
    )
    .bind::<SqlUuid, _>(cycle)
    .bind::<Text, _>(reason)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Takes note of a publication, which may come again: a cycle goes on while somebody is late. How it stands then; none
/// where there is no such cycle.
pub async fn publish(tx: &mut Tx, cycle: Uuid, late: bool, now: jiff::Timestamp) -> Result<Option<CycleState>> {
    let states: Vec<CycleState> = tx
        .sql(
            "update cycles set version = version + (state <> 'cancelled')::int,
                 published_at = coalesce(published_at, case when state <> 'cancelled' then $3::timestamptz end),
                 state = case when state = 'cancelled' then state when not $4 then 'published'
                     when state = 'published' then 'released' else state end
             where company_id = $1 and id = $2 returning state",
        )
        .bind::<SqlUuid, _>(cycle)
        .bind::<Timestamptz, _>(now.to_diesel())
        .bind::<Bool, _>(late)
        .columns::<Text>()
        .load(tx.conn())
        .await?;
    Ok(states.into_iter().next())
}

/// Remembers periods of which results of before were imported.
pub async fn keep_imported(tx: &mut Tx, periods: &[ImportedPeriod]) -> Result<()> {
    tx.sql(
        "insert into imported_periods (company_id, scheme, cadence, period)
         select distinct $1::uuid, n.scheme, n.cadence, n.period
         from jsonb_to_recordset($2) as n(scheme text, cadence text, period text) on conflict do nothing",
    )
    .bind::<Jsonb, _>(serde_json::to_value(periods)?)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The periods of which results of before were imported.
pub async fn imported(tx: &mut Tx, scheme: &str, cadence: &str) -> Result<Vec<String>> {
    Ok(tx
        .sql("select period from imported_periods where company_id = $1 and scheme = $2 and cadence = $3")
        .bind::<Text, _>(scheme)
        .bind::<Text, _>(cadence)
        .columns::<Text>()
        .load(tx.conn())
        .await?)
}
