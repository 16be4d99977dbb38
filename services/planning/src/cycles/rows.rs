use diesel::QueryableByName;
use diesel::sql_types::{
    Array, BigInt, Bool, Date as SqlDate, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid,
};
use diesel_async::RunQueryDsl;
use platform::sql::{Lock, ToDiesel};
use platform::{Problem, Result, Tx, say};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::cycle::{Cycle, StageView};
use crate::viewer::Viewer;

const COLUMNS: &str = "id, scheme_code, scheme_version, cadence, period, parameters, company_facts, as_of, state,
    has_targets, has_plans, has_unit_plans, has_settling, participants, opened_at, released_at, published_at, version";

/// Cycles with what their schemes are called; `$1` is the company.
macro_rules! cycles {
    ($rest:literal) => {
        concat!(
            "select c.id, c.scheme_code, c.scheme_version, s.name_zh as scheme_name_zh, s.name_en as scheme_name_en,
                 c.cadence, c.period, c.parameters, c.company_facts, c.as_of, c.state, c.has_targets, c.has_plans,
                 c.has_unit_plans, c.has_settling, c.participants, c.opened_at, c.released_at, c.published_at, c.version
             from cycles c
             join schemes s on s.company_id = $1 and s.code = c.scheme_code and s.version = c.scheme_version
             where c.company_id = $1 ",
            $rest
        )
    };
}

pub async fn get(tx: &mut Tx, id: Uuid, lock: Lock) -> Result<Cycle> {
    let query = match lock {
        Lock::None => cycles!("and c.id = $2"),
        Lock::Share => cycles!("and c.id = $2 for share of c"),
        Lock::Update => cycles!("and c.id = $2 for update of c"),
    };
    let found: Vec<Cycle> = tx.sql(query).bind::<SqlUuid, _>(id).load(tx.conn()).await?;
    found.into_iter().next().ok_or_else(|| Problem::not_found(say!("考核周期", "cycle")))
}

/// The cycle, which stays open until the transaction ends.
pub async fn get_open(tx: &mut Tx, id: Uuid) -> Result<Cycle> {
    let cycle = get(tx, id, Lock::Share).await?;
    cycle.must_be_open()?;
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

/// Stores a new cycle; false when there is one for its scheme, cadence and period.
pub async fn insert(tx: &mut Tx, cycle: &Cycle) -> Result<bool> {
    let inserted = tx
        .sql(&format!(
            "insert into cycles (company_id, {COLUMNS})
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)
         on conflict (company_id, scheme_code, cadence, period) do nothing"
        ))
        .bind::<SqlUuid, _>(cycle.id)
        .bind::<Text, _>(&cycle.scheme_code)
        .bind::<Integer, _>(cycle.scheme_version)
        .bind::<Text, _>(&cycle.cadence)
        .bind::<Text, _>(&cycle.period)
        .bind::<Jsonb, _>(&cycle.parameters)
        .bind::<Jsonb, _>(&cycle.company_facts)
        .bind::<SqlDate, _>(cycle.as_of.to_diesel())
        .bind::<Text, _>(&cycle.state)
        .bind::<Bool, _>(cycle.has_targets)
        .bind::<Bool, _>(cycle.has_plans)
        .bind::<Bool, _>(cycle.has_unit_plans)
        .bind::<Bool, _>(cycle.has_settling)
        .bind::<BigInt, _>(cycle.participants)
        .bind::<Timestamptz, _>(cycle.opened_at.to_diesel())
        .bind::<Nullable<Timestamptz>, _>(cycle.released_at.to_diesel())
        .bind::<Nullable<Timestamptz>, _>(cycle.published_at.to_diesel())
        .bind::<BigInt, _>(cycle.version)
        .execute(tx.conn())
        .await?;
    Ok(inserted == 1)
}

pub async fn insert_stages(tx: &mut Tx, cycle: Uuid, stages: &[StageView]) -> Result<()> {
    tx.sql(
        "insert into cycle_stages (company_id, cycle, place, code, label_zh, label_en, activity, opens, due)
         select $1, $2, n.place, n.stage->>'code', n.stage->>'label_zh', n.stage->>'label_en', n.stage->>'activity',
             (n.stage->>'opens')::date, (n.stage->>'due')::date
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
            "select code, label_zh, label_en, activity, opens, due from cycle_stages
         where company_id = $1 and cycle = $2 order by place",
        )
        .bind::<SqlUuid, _>(cycle)
        .load(tx.conn())
        .await?)
}

/// Whom and what a scheme covers. Without categories it covers everybody, and nobody's category matters.
pub struct Coverage {
    pub people: Vec<String>,
    pub units: Vec<String>,
    /// Facts that the scheme declares; others are not frozen.
    pub facts: Vec<String>,
    pub unit_facts: Vec<String>,
}

/// Freezes who takes part, as they stand on the cycle's day; returns how many there are.
pub async fn freeze_participants(tx: &mut Tx, cycle: &Cycle, coverage: &Coverage) -> Result<i64> {
    let frozen = tx
        .sql(
            "insert into participants (company_id, cycle, number, name, unit, position, category, superior, hired_on,
             left_on, facts)
         select $1, $2, e.number, e.name, a.unit, a.position,
             case when a.category = any($4) then a.category end, a.superior, e.hired_on, e.left_on,
             (select coalesce(jsonb_object_agg(f.key, f.value), '{}') from jsonb_each(e.facts) f where f.key = any($5))
         from employees e
         cross join lateral (
             select * from assignments a
             where a.company_id = $1 and a.number = e.number and a.from_on <= $3
             order by a.from_on desc limit 1) a
         where e.company_id = $1 and (e.hired_on is null or e.hired_on <= $3) and (e.left_on is null or e.left_on >= $3)
           and (cardinality($4) = 0 or a.category = any($4))
         on conflict do nothing",
        )
        .bind::<SqlUuid, _>(cycle.id)
        .bind::<SqlDate, _>(cycle.as_of.to_diesel())
        .bind::<Array<Text>, _>(&coverage.people)
        .bind::<Array<Text>, _>(&coverage.facts)
        .execute(tx.conn())
        .await?;
    let frozen = i64::try_from(frozen).map_err(Problem::internal)?;
    tx.sql("update cycles set participants = participants + $3 where company_id = $1 and id = $2")
        .bind::<SqlUuid, _>(cycle.id)
        .bind::<BigInt, _>(frozen)
        .execute(tx.conn())
        .await?;
    Ok(frozen)
}

/// Freezes the participants' units, each with its head and the head's superior on the cycle's day.
pub async fn freeze_units(tx: &mut Tx, cycle: &Cycle, coverage: &Coverage) -> Result<()> {
    tx.sql(
        "insert into cycle_units (company_id, cycle, code, name, category, head, facts, plan_state, version)
         select $1, $2, p.unit, coalesce(u.name, p.unit), case when u.category = any($4) then u.category end, u.head,
             (select coalesce(jsonb_object_agg(f.key, f.value), '{}')
              from jsonb_each(coalesce(u.facts, '{}')) f where f.key = any($3)),
             'collecting', 1
         from (select distinct unit from participants where company_id = $1 and cycle = $2) p
         left join units u on u.company_id = $1 and u.code = p.unit
         on conflict do nothing",
    )
    .bind::<SqlUuid, _>(cycle.id)
    .bind::<Array<Text>, _>(&coverage.unit_facts)
    .bind::<Array<Text>, _>(&coverage.units)
    .execute(tx.conn())
    .await?;
    derive_heads(tx, cycle).await?;
    tx.sql(
        "update cycle_units u set leader = (
             select a.superior from assignments a
             where a.company_id = $1 and a.number = u.head and a.from_on <= $3 order by a.from_on desc limit 1)
         where u.company_id = $1 and u.cycle = $2 and u.head is not null",
    )
    .bind::<SqlUuid, _>(cycle.id)
    .bind::<SqlDate, _>(cycle.as_of.to_diesel())
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// While the organisation has not named a unit's head, it is the member whose superior is outside the unit.
async fn derive_heads(tx: &mut Tx, cycle: &Cycle) -> Result<()> {
    tx.sql(
        "update cycle_units u set head = (
             select min(a.number) from assignments a
             join employees e on e.company_id = $1 and e.number = a.number and (e.left_on is null or e.left_on >= $3)
             where a.company_id = $1 and a.unit = u.code and a.from_on = (
                 select max(b.from_on) from assignments b
                 where b.company_id = $1 and b.number = a.number and b.from_on <= $3)
               and u.code is distinct from (
                 select s.unit from assignments s
                 where s.company_id = $1 and s.number = a.superior and s.from_on <= $3
                 order by s.from_on desc limit 1))
         where u.company_id = $1 and u.cycle = $2 and u.head is null",
    )
    .bind::<SqlUuid, _>(cycle.id)
    .bind::<SqlDate, _>(cycle.as_of.to_diesel())
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The facts of a person or a unit as they were frozen.
#[derive(QueryableByName, Clone, Debug)]
pub struct FrozenFacts {
    /// Employee number or unit code.
    #[diesel(sql_type = Text)]
    pub code: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub category: Option<String>,
    #[diesel(sql_type = Jsonb)]
    pub facts: serde_json::Value,
}

pub async fn facts_of_people(tx: &mut Tx, cycle: Uuid) -> Result<Vec<FrozenFacts>> {
    let found = tx.sql(
        "select number as code, category, facts from participants
         where company_id = $1 and cycle = $2 and facts <> '{}' order by number",
    );
    Ok(found.bind::<SqlUuid, _>(cycle).load(tx.conn()).await?)
}

pub async fn facts_of_units(tx: &mut Tx, cycle: Uuid) -> Result<Vec<FrozenFacts>> {
    let found = tx.sql(
        "select code, category, facts from cycle_units
         where company_id = $1 and cycle = $2 and facts <> '{}' order by code",
    );
    Ok(found.bind::<SqlUuid, _>(cycle).load(tx.conn()).await?)
}

pub async fn write_facts_of_people(tx: &mut Tx, cycle: Uuid, facts: &[(String, serde_json::Value)]) -> Result<()> {
    let query = "update participants p set facts = n.facts from unnest($3::text[], $4::jsonb[]) n(code, facts)
         where p.company_id = $1 and p.cycle = $2 and p.number = n.code";
    write_facts(tx, cycle, query, facts).await
}

pub async fn write_facts_of_units(tx: &mut Tx, cycle: Uuid, facts: &[(String, serde_json::Value)]) -> Result<()> {
    let query = "update cycle_units u set facts = n.facts from unnest($3::text[], $4::jsonb[]) n(code, facts)
         where u.company_id = $1 and u.cycle = $2 and u.code = n.code";
    write_facts(tx, cycle, query, facts).await
}

async fn write_facts(tx: &mut Tx, cycle: Uuid, query: &str, facts: &[(String, serde_json::Value)]) -> Result<()> {
    if facts.is_empty() {
        return Ok(());
    }
    tx.sql(query)
        .bind::<SqlUuid, _>(cycle)
        .bind::<Array<Text>, _>(facts.iter().map(|(code, _)| code.as_str()).collect::<Vec<_>>())
        .bind::<Array<Jsonb>, _>(facts.iter().map(|(_, facts)| facts).collect::<Vec<_>>())
        .execute(tx.conn())
        .await?;
    Ok(())
}

#[derive(QueryableByName)]
struct Code {
    #[diesel(sql_type = Text)]
    code: String,
}

/// Units of a cycle whose category is none of these, at most a hundred. Where there is but one category, it
/// may be left out.
pub async fn units_outside(tx: &mut Tx, cycle: Uuid, categories: &[String]) -> Result<Vec<String>> {
    let found: Vec<Code> = tx
        .sql(
            "select c.code from cycle_units c left join units u on u.company_id = $1 and u.code = c.code
         where c.company_id = $1 and c.cycle = $2 and cardinality($3::text[]) > 0
           and not coalesce(u.category = any($3), cardinality($3) = 1)
         order by c.code limit 100",
        )
        .bind::<SqlUuid, _>(cycle)
        .bind::<Array<Text>, _>(categories)
        .load(tx.conn())
        .await?;
    Ok(found.into_iter().map(|unit| unit.code).collect())
}

/// Gives every participant an empty plan.
pub async fn insert_plans(tx: &mut Tx, cycle: Uuid) -> Result<()> {
    tx.sql(
        "insert into plans (company_id, id, cycle, number, edition, state, goals, version)
         select $1, gen_random_uuid(), $2, number, 1, 'draft', '[]', 1
         from participants where company_id = $1 and cycle = $2
         on conflict do nothing",
    )
    .bind::<SqlUuid, _>(cycle)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// From how many new rows on the server is made to look at its tables at once.
const MANY: i64 = 1000;

/// Lets the server know of many new rows, so that it plans what follows for as many.
pub async fn refresh_statistics(tx: &mut Tx, new_rows: i64) -> Result<()> {
    if new_rows >= MANY {
        tx.sql_of_all("select refresh_statistics()").execute(tx.conn()).await?;
    }
    Ok(())
}

/// How far a cycle is, in numbers.
#[derive(QueryableByName, Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Counts {
    #[diesel(sql_type = BigInt)]
    pub participants: i64,
    #[diesel(sql_type = BigInt)]
    pub units: i64,
    #[diesel(sql_type = BigInt)]
    pub targets: i64,
    #[diesel(sql_type = BigInt)]
    pub plans_submitted: i64,
    #[diesel(sql_type = BigInt)]
    pub plans_approved: i64,
    #[diesel(sql_type = BigInt)]
    pub unit_plans_submitted: i64,
    #[diesel(sql_type = BigInt)]
    pub unit_plans_approved: i64,
    #[diesel(sql_type = BigInt)]
    pub sheets_settled: i64,
}

pub async fn counts(tx: &mut Tx, cycle: Uuid) -> Result<Counts> {
    Ok(tx
        .sql(
            "select (select participants from cycles where company_id = $1 and id = $2) as participants,
             u.units, u.unit_plans_submitted, u.unit_plans_approved, p.plans_submitted, p.plans_approved,
             (select count(*) from targets where company_id = $1 and cycle = $2) as targets,
             (select count(*) from sheets where company_id = $1 and cycle = $2) as sheets_settled
         from (select count(*) as units, count(*) filter (where plan_state = 'submitted') as unit_plans_submitted,
                   count(*) filter (where plan_state = 'approved') as unit_plans_approved
               from cycle_units where company_id = $1 and cycle = $2) u,
              (select count(*) filter (where state = 'submitted') as plans_submitted,
                   count(*) filter (where state = 'approved') as plans_approved
               from plans where company_id = $1 and cycle = $2) p",
        )
        .bind::<SqlUuid, _>(cycle)
        .get_result(tx.conn())
        .await?)
}

/// Who takes part, as they stood when the cycle was opened.
#[derive(QueryableByName, Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Participant {
    #[diesel(sql_type = Text)]
    pub number: String,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Text)]
    pub unit: String,
    #[diesel(sql_type = Text)]
    pub unit_name: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub position: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub category: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub superior: Option<String>,
    /// What the superior is called, where they take part themselves.
    #[diesel(sql_type = Nullable<Text>)]
    pub superior_name: Option<String>,
}

/// The participants a viewer may know of, by number.
pub async fn participants(
    tx: &mut Tx,
    cycle: Uuid,
    viewer: &Viewer,
    unit: Option<&str>,
    after: Option<&str>,
    limit: i64,
) -> Result<Vec<Participant>> {
    Ok(tx
        .sql(
            "select p.number, p.name, p.unit, u.name as unit_name, p.position, p.category, p.superior,
             s.name as superior_name
         from participants p join cycle_units u on u.company_id = $1 and u.cycle = $2 and u.code = p.unit
         left join participants s on s.company_id = $1 and s.cycle = $2 and s.number = p.superior
         where p.company_id = $1 and p.cycle = $2 and ($3 or $4 in (p.number, p.superior, u.head, u.leader))
           and ($5::text is null or p.unit = $5) and ($6::text is null or p.number > $6)
         order by p.number limit $7",
        )
        .bind::<SqlUuid, _>(cycle)
        .bind::<Bool, _>(viewer.all)
        .bind::<Nullable<Text>, _>(&viewer.number)
        .bind::<Nullable<Text>, _>(unit)
        .bind::<Nullable<Text>, _>(after)
        .bind::<BigInt, _>(limit)
        .load(tx.conn())
        .await?)
}

/// Marks a cycle as released and returns its new version.
pub async fn release(tx: &mut Tx, cycle: Uuid, now: jiff::Timestamp) -> Result<i64> {
    #[derive(QueryableByName)]
    struct Version {
        #[diesel(sql_type = BigInt)]
        version: i64,
    }
    let released: Version = tx
        .sql(
            "update cycles set state = 'released', released_at = $3, version = version + 1
         where company_id = $1 and id = $2 returning version",
        )
        .bind::<SqlUuid, _>(cycle)
        .bind::<Timestamptz, _>(now.to_diesel())
        .get_result(tx.conn())
        .await?;
    Ok(released.version)
}

/// Marks a cycle as published, once; false when there is no such cycle.
pub async fn publish(tx: &mut Tx, cycle: Uuid, now: jiff::Timestamp) -> Result<bool> {
    let touched = tx
        .sql(
            "update cycles set version = version + (state <> 'published')::int, state = 'published',
             published_at = coalesce(published_at, $3)
         where company_id = $1 and id = $2",
        )
        .bind::<SqlUuid, _>(cycle)
        .bind::<Timestamptz, _>(now.to_diesel())
        .execute(tx.conn())
        .await?;
    Ok(touched == 1)
}
