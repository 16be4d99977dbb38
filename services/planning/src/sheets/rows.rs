use diesel::QueryableByName;
use diesel::sql_types::{Array, BigInt, Bool, Date as SqlDate, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use platform::sql::{NullableDate, NullableTimestamp, ToDiesel};
use platform::{Missing, Problem, Result, Tx, What};
use uuid::Uuid;

use crate::cycles;
use crate::cycles::cycle::Cycle;
use crate::viewer::Viewer;

/// Whose plans are far enough for their sheets to be settled: `$3` asks for the unit's plan, `$4` for their own.
const READY: &str = "(not $3 or u.plan_state = 'approved')
    and ($3 or not $4 or l.state = 'approved' or l.edition > 1)";

/// Settles every sheet that is ready and not settled yet, as the scheme has it; returns how many.
pub async fn settle_ready(tx: &mut Tx, cycle: &Cycle) -> Result<usize> {
    let (now, author) = (tx.now, tx.actor.name.clone());
    let settled = tx
        .sql(&format!(
            "insert into sheets (company_id, cycle, number, weights, priorities, settled_by, settled_at, version)
         select $1, $2, p.number, '{{}}', '[]', $5, $6, 1
         from participants p
         join cycle_units u on u.company_id = $1 and u.cycle = $2 and u.code = p.unit
         left join plans l on l.company_id = $1 and l.cycle = $2 and l.number = p.number
         where p.company_id = $1 and p.cycle = $2 and {READY}
         on conflict do nothing"
        ))
        .bind::<SqlUuid, _>(cycle.id)
        .bind::<Bool, _>(cycle.has_unit_plans)
        .bind::<Bool, _>(cycle.has_plans)
        .bind::<Text, _>(author)
        .bind::<Timestamptz, _>(now.to_diesel())
        .execute(tx.conn())
        .await?;
    cycles::rows::refresh_statistics(tx, i64::try_from(settled).map_err(Problem::internal)?).await?;
    Ok(settled)
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// How many people of a unit are not ready for their sheets to be settled.
pub async fn count_unready(tx: &mut Tx, cycle: &Cycle, unit: &str) -> Result<i64> {
    let unready: Count = tx
        .sql(&format!(
            "select count(*) as count from participants p
         join cycle_units u on u.company_id = $1 and u.cycle = $2 and u.code = p.unit
         left join plans l on l.company_id = $1 and l.cycle = $2 and l.number = p.number
         where p.company_id = $1 and p.cycle = $2 and p.unit = $5 and not ({READY})"
        ))
        .bind::<SqlUuid, _>(cycle.id)
        .bind::<Bool, _>(cycle.has_unit_plans)
        .bind::<Bool, _>(cycle.has_plans)
        .bind::<Text, _>(unit)
        .get_result(tx.conn())
        .await?;
    Ok(unready.count)
}

#[derive(QueryableByName)]
struct Category {
    #[diesel(sql_type = Nullable<Text>)]
    category: Option<String>,
}

/// The different categories of a unit's people.
pub async fn categories(tx: &mut Tx, cycle: Uuid, unit: &str) -> Result<Vec<Option<String>>> {
    let found: Vec<Category> = tx.sql(
        "select distinct category from participants where company_id = $1 and cycle = $2 and unit = $3 order by category",
    )
    .bind::<SqlUuid, _>(cycle)
    .bind::<Text, _>(unit)
    .load(tx.conn())
    .await?;
    Ok(found.into_iter().map(|row| row.category).collect())
}

/// Somebody of a unit, and the category whose sheet is theirs.
#[derive(QueryableByName, Clone, Debug)]
pub struct Member {
    #[diesel(sql_type = Text)]
    pub number: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub category: Option<String>,
}

pub async fn is_member(tx: &mut Tx, cycle: Uuid, unit: &str, caller: Option<&str>) -> Result<bool> {
    let Some(caller) = caller else { return Ok(false) };
    Ok(!members(tx, cycle, unit, &[caller.to_owned()]).await?.is_empty())
}

pub async fn members(tx: &mut Tx, cycle: Uuid, unit: &str, numbers: &[String]) -> Result<Vec<Member>> {
    Ok(tx
        .sql(
            "select number, category from participants
         where company_id = $1 and cycle = $2 and unit = $3 and number = any($4)",
        )
        .bind::<SqlUuid, _>(cycle)
        .bind::<Text, _>(unit)
        .bind::<Array<Text>, _>(numbers)
        .load(tx.conn())
        .await?)
}

/// What is settled for one person, or for all of a unit.
#[derive(Clone, Debug)]
pub struct Settled {
    pub weights: serde_json::Value,
    pub priorities: serde_json::Value,
}

const REPLACE: &str = "on conflict (company_id, cycle, number) do update set weights = excluded.weights,
        priorities = excluded.priorities, settled_by = excluded.settled_by, settled_at = excluded.settled_at,
        version = sheets.version + 1
    where (sheets.weights, sheets.priorities) is distinct from (excluded.weights, excluded.priorities)";

/// Settles the sheets of all of a unit's people in the same way.
pub async fn settle_unit(tx: &mut Tx, cycle: Uuid, unit: &str, settled: &Settled) -> Result<()> {
    let (now, author) = (tx.now, tx.actor.name.clone());
    tx.sql(&format!(
        "insert into sheets (company_id, cycle, number, weights, priorities, settled_by, settled_at, version)
         select $1, $2, number, $4, $5, $6, $7, 1 from participants
         where company_id = $1 and cycle = $2 and unit = $3
         {REPLACE}"
    ))
    .bind::<SqlUuid, _>(cycle)
    .bind::<Text, _>(unit)
    .bind::<Jsonb, _>(&settled.weights)
    .bind::<Jsonb, _>(&settled.priorities)
    .bind::<Text, _>(author)
    .bind::<Timestamptz, _>(now.to_diesel())
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Settles single sheets.
pub async fn settle_each(tx: &mut Tx, cycle: Uuid, sheets: &[(String, Settled)]) -> Result<()> {
    let (now, author) = (tx.now, tx.actor.name.clone());
    let numbers: Vec<&str> = sheets.iter().map(|(number, _)| number.as_str()).collect();
    let weights: Vec<_> = sheets.iter().map(|(_, settled)| settled.weights.clone()).collect();
    let priorities: Vec<_> = sheets.iter().map(|(_, settled)| settled.priorities.clone()).collect();
    tx.sql(&format!(
        "insert into sheets (company_id, cycle, number, weights, priorities, settled_by, settled_at, version)
         select $1, $2, n.number, n.weights, n.priorities, $6, $7, 1
         from unnest($3::text[], $4::jsonb[], $5::jsonb[]) as n(number, weights, priorities)
         {REPLACE}"
    ))
    .bind::<SqlUuid, _>(cycle)
    .bind::<Array<Text>, _>(numbers)
    .bind::<Array<Jsonb>, _>(weights)
    .bind::<Array<Jsonb>, _>(priorities)
    .bind::<Text, _>(author)
    .bind::<Timestamptz, _>(now.to_diesel())
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// A sheet in the list of its unit.
#[derive(QueryableByName, Clone, Debug)]
pub struct Listed {
    #[diesel(sql_type = Text)]
    pub number: String,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub category: Option<String>,
    #[diesel(sql_type = Nullable<Jsonb>)]
    pub weights: Option<serde_json::Value>,
    #[diesel(sql_type = Nullable<Jsonb>)]
    pub priorities: Option<serde_json::Value>,
    #[diesel(sql_type = Nullable<Text>)]
    pub settled_by: Option<String>,
    #[diesel(sql_type = Nullable<Timestamptz>, deserialize_as = NullableTimestamp)]
    pub settled_at: Option<jiff::Timestamp>,
    #[diesel(sql_type = Nullable<BigInt>)]
    pub version: Option<i64>,
}

/// The sheets of a unit's people that a viewer may know of, by number.
pub async fn list(
    tx: &mut Tx,
    cycle: Uuid,
    unit: &str,
    viewer: &Viewer,
    after: Option<&str>,
    limit: i64,
) -> Result<Vec<Listed>> {
    Ok(tx
        .sql(
            "select p.number, p.name, p.category, s.weights, s.priorities, s.settled_by, s.settled_at, s.version
         from participants p
         join cycle_units u on u.company_id = $1 and u.cycle = $2 and u.code = p.unit
         left join sheets s on s.company_id = $1 and s.cycle = $2 and s.number = p.number
         where p.company_id = $1 and p.cycle = $2 and p.unit = $3
           and ($4 or $5 in (p.number, p.superior, u.head, u.leader)) and ($6::text is null or p.number > $6)
         order by p.number limit $7",
        )
        .bind::<SqlUuid, _>(cycle)
        .bind::<Text, _>(unit)
        .bind::<Bool, _>(viewer.all)
        .bind::<Nullable<Text>, _>(&viewer.number)
        .bind::<Nullable<Text>, _>(after)
        .bind::<BigInt, _>(limit)
        .load(tx.conn())
        .await?)
}

pub async fn count_unsettled(tx: &mut Tx, cycle: Uuid) -> Result<i64> {
    let unsettled: Count = tx
        .sql(
            "select (select count(*) from participants where company_id = $1 and cycle = $2)
              - (select count(*) from sheets where company_id = $1 and cycle = $2) as count",
        )
        .bind::<SqlUuid, _>(cycle)
        .get_result(tx.conn())
        .await?;
    Ok(unsettled.count)
}

/// Somebody whose sheet is not settled, and how far their plan is.
#[derive(QueryableByName)]
pub struct Unsettled {
    #[diesel(sql_type = Text)]
    pub number: String,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Text)]
    pub unit: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub plan: Option<String>,
    #[diesel(sql_type = Text)]
    pub unit_plan: String,
}

impl From<Unsettled> for Missing {
    fn from(sheet: Unsettled) -> Self {
        Self {
            name: Some(sheet.name),
            unit: Some(sheet.unit),
            plan: sheet.plan,
            unit_plan: Some(sheet.unit_plan),
            ..Self::of_person(What::Approval, sheet.number)
        }
    }
}

/// Whose sheets are not settled, at most 200.
pub async fn unsettled(tx: &mut Tx, cycle: Uuid) -> Result<Vec<Unsettled>> {
    Ok(tx
        .sql(
            "select p.number, p.name, p.unit, l.state as plan, u.plan_state as unit_plan
         from participants p
         join cycle_units u on u.company_id = $1 and u.cycle = $2 and u.code = p.unit
         left join plans l on l.company_id = $1 and l.cycle = $2 and l.number = p.number
         left join sheets s on s.company_id = $1 and s.cycle = $2 and s.number = p.number
         where p.company_id = $1 and p.cycle = $2 and s.number is null
         order by p.unit, p.number limit 200",
        )
        .bind::<SqlUuid, _>(cycle)
        .load(tx.conn())
        .await?)
}

/// Where a walk through all sheets, by unit and number, has arrived.
#[derive(Clone, Debug, Default)]
pub struct Place {
    pub unit: String,
    pub number: String,
}

/// A settled sheet with its person.
#[derive(QueryableByName, Clone, Debug)]
pub struct Sheet {
    #[diesel(sql_type = Text)]
    pub unit: String,
    #[diesel(sql_type = Text)]
    pub number: String,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub category: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub position: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub superior: Option<String>,
    #[diesel(sql_type = Nullable<SqlDate>, deserialize_as = NullableDate)]
    pub hired_on: Option<jiff::civil::Date>,
    #[diesel(sql_type = Nullable<SqlDate>, deserialize_as = NullableDate)]
    pub left_on: Option<jiff::civil::Date>,
    #[diesel(sql_type = Jsonb)]
    pub facts: serde_json::Value,
    #[diesel(sql_type = Jsonb)]
    pub weights: serde_json::Value,
    #[diesel(sql_type = Jsonb)]
    pub priorities: serde_json::Value,
    #[diesel(sql_type = BigInt)]
    pub version: i64,
}

/// The next settled sheets of a cycle, by unit and number.
pub async fn page(tx: &mut Tx, cycle: Uuid, after: &Place, limit: i64) -> Result<Vec<Sheet>> {
    Ok(tx
        .sql(
            "select p.unit, p.number, p.name, p.category, p.position, p.superior, p.hired_on, p.left_on, p.facts,
             s.weights, s.priorities, s.version
         from (select * from participants
               where company_id = $1 and cycle = $2 and (unit, number) > ($3, $4) order by unit, number limit $5) p
         join sheets s on s.company_id = $1 and s.cycle = $2 and s.number = p.number
         order by p.unit, p.number",
        )
        .bind::<SqlUuid, _>(cycle)
        .bind::<Text, _>(&after.unit)
        .bind::<Text, _>(&after.number)
        .bind::<BigInt, _>(limit)
        .load(tx.conn())
        .await?)
}

/// A unit as the cycle froze it.
#[derive(QueryableByName, Clone, Debug)]
pub struct Unit {
    #[diesel(sql_type = Text)]
    pub code: String,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub category: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub head: Option<String>,
    #[diesel(sql_type = Jsonb)]
    pub facts: serde_json::Value,
}

pub async fn units(tx: &mut Tx, cycle: Uuid, codes: &[String]) -> Result<Vec<Unit>> {
    Ok(tx
        .sql(
            "select code, name, category, head, facts from cycle_units
         where company_id = $1 and cycle = $2 and code = any($3)",
        )
        .bind::<SqlUuid, _>(cycle)
        .bind::<Array<Text>, _>(codes)
        .load(tx.conn())
        .await?)
}
