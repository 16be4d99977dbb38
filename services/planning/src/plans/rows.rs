use diesel::QueryableByName;
use diesel::sql_types::{Array, BigInt, Bool, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use platform::sql::{NullableTimestamp, Timestamp, ToDiesel};
use platform::{Problem, Result, Tx, say};
use uuid::Uuid;

use super::goals::Goal;
use super::plan::Plan;
use crate::viewer::Viewer;

/// Plans with their people, joined; `$1` is the company.
const PLANS: &str = "select l.id, l.cycle, l.number, p.name, p.unit, p.superior, u.head, l.edition, l.state,
        s.number is not null as settled, l.goals, l.reason, l.submitted_by, l.submitted_at, l.decided_by, l.decided_at,
        l.version
    from plans l
    join participants p on p.company_id = $1 and p.cycle = l.cycle and p.number = l.number
    join cycle_units u on u.company_id = $1 and u.cycle = l.cycle and u.code = p.unit
    left join sheets s on s.company_id = $1 and s.cycle = l.cycle and s.number = l.number
    where l.company_id = $1";

/// The plan, if the viewer may know of it.
pub async fn get(tx: &mut Tx, id: Uuid, viewer: &Viewer, lock: bool) -> Result<Plan> {
    let lock = if lock { "for update of l" } else { "" };
    let found: Vec<Plan> = tx
        .sql(&format!("{PLANS} and l.id = $2 and ($3 or $4 in (p.number, p.superior, u.head, u.leader)) {lock}"))
        .bind::<SqlUuid, _>(id)
        .bind::<Bool, _>(viewer.all)
        .bind::<Nullable<Text>, _>(&viewer.number)
        .load(tx.conn())
        .await?;
    found.into_iter().next().ok_or_else(|| Problem::not_found(say!("绩效计划", "plan")))
}

/// Which plans are wanted.
pub struct Filter<'a> {
    pub cycle: Option<Uuid>,
    pub unit: Option<&'a str>,
    /// A state, or `settled`.
    pub state: Option<&'a str>,
    /// The cycle and employee number to start after.
    pub after: Option<(Uuid, String)>,
    pub limit: i64,
}

/// The plans a viewer may know of, newest cycle first, then by employee number.
pub async fn list(tx: &mut Tx, viewer: &Viewer, filter: &Filter<'_>) -> Result<Vec<Plan>> {
    let (after_cycle, after_number) = filter.after.clone().unzip();
    Ok(tx
        .sql(&format!(
            "{PLANS} and ($2 or $3 in (p.number, p.superior, u.head, u.leader))
           and ($4::uuid is null or l.cycle = $4) and ($5::text is null or p.unit = $5)
           and ($6::text is null or $6 = case when s.number is not null and l.state = 'approved' then 'settled'
                else l.state end)
           and ($7::uuid is null or l.cycle < $7 or (l.cycle = $7 and l.number > $8))
         order by l.cycle desc, l.number limit $9"
        ))
        .bind::<Bool, _>(viewer.all)
        .bind::<Nullable<Text>, _>(&viewer.number)
        .bind::<Nullable<SqlUuid>, _>(filter.cycle)
        .bind::<Nullable<Text>, _>(filter.unit)
        .bind::<Nullable<Text>, _>(filter.state)
        .bind::<Nullable<SqlUuid>, _>(after_cycle)
        .bind::<Nullable<Text>, _>(after_number)
        .bind::<BigInt, _>(filter.limit)
        .load(tx.conn())
        .await?)
}

/// Stores a plan as it is now, one version on.
pub async fn store(tx: &mut Tx, plan: &mut Plan) -> Result<()> {
    plan.version += 1;
    tx.sql(
        "update plans set edition = $3, state = $4, goals = $5, reason = $6, submitted_by = $7, submitted_at = $8,
             decided_by = $9, decided_at = $10, version = $11
         where company_id = $1 and id = $2",
    )
    .bind::<SqlUuid, _>(plan.id)
    .bind::<Integer, _>(plan.edition)
    .bind::<Text, _>(&plan.state)
    .bind::<Jsonb, _>(&plan.goals)
    .bind::<Nullable<Text>, _>(&plan.reason)
    .bind::<Nullable<Text>, _>(&plan.submitted_by)
    .bind::<Nullable<Timestamptz>, _>(plan.submitted_at.to_diesel())
    .bind::<Nullable<Text>, _>(&plan.decided_by)
    .bind::<Nullable<Timestamptz>, _>(plan.decided_at.to_diesel())
    .bind::<BigInt, _>(plan.version)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Keeps the approved edition of a plan that is about to be changed.
pub async fn keep_edition(tx: &mut Tx, plan: &Plan, now: jiff::Timestamp) -> Result<()> {
    tx.sql(
        "insert into plan_editions (company_id, plan, edition, goals, reason, approved_by, approved_at, superseded_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind::<SqlUuid, _>(plan.id)
    .bind::<Integer, _>(plan.edition)
    .bind::<Jsonb, _>(&plan.goals)
    .bind::<Nullable<Text>, _>(&plan.reason)
    .bind::<Nullable<Text>, _>(&plan.decided_by)
    .bind::<Nullable<Timestamptz>, _>(plan.decided_at.to_diesel())
    .bind::<Timestamptz, _>(now.to_diesel())
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// An edition that was approved and then changed.
#[derive(QueryableByName, Clone, Debug)]
pub struct Edition {
    #[diesel(sql_type = Integer)]
    pub edition: i32,
    #[diesel(sql_type = Jsonb)]
    pub goals: serde_json::Value,
    #[diesel(sql_type = Nullable<Text>)]
    pub reason: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub approved_by: Option<String>,
    #[diesel(sql_type = Nullable<Timestamptz>, deserialize_as = NullableTimestamp)]
    pub approved_at: Option<jiff::Timestamp>,
    #[diesel(sql_type = Timestamptz, deserialize_as = Timestamp)]
    pub superseded_at: jiff::Timestamp,
}

pub async fn editions(tx: &mut Tx, plan: Uuid) -> Result<Vec<Edition>> {
    Ok(tx
        .sql(
            "select edition, goals, reason, approved_by, approved_at, superseded_at from plan_editions
         where company_id = $1 and plan = $2 order by edition",
        )
        .bind::<SqlUuid, _>(plan)
        .load(tx.conn())
        .await?)
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = Text)]
    number: String,
}

/// Approves what the people of a unit have submitted, but for the approver's own plan; returns whose.
pub async fn approve_unit(
    tx: &mut Tx,
    cycle: Uuid,
    unit: &str,
    approver: &str,
    now: jiff::Timestamp,
) -> Result<Vec<String>> {
    let approved: Vec<Number> = tx
        .sql(
            "update plans l set state = 'approved', decided_by = $4, decided_at = $5, version = l.version + 1
         from participants p
         where l.company_id = $1 and l.cycle = $2 and l.state = 'submitted' and l.number <> $4
           and p.company_id = $1 and p.cycle = $2 and p.number = l.number and p.unit = $3
         returning l.number",
        )
        .bind::<SqlUuid, _>(cycle)
        .bind::<Text, _>(unit)
        .bind::<Text, _>(approver)
        .bind::<Timestamptz, _>(now.to_diesel())
        .load(tx.conn())
        .await?;
    Ok(approved.into_iter().map(|row| row.number).collect())
}

/// Whose plan stands where, of those named; locked for change.
#[derive(QueryableByName, Clone, Debug)]
pub struct Standing {
    #[diesel(sql_type = Text)]
    pub number: String,
    #[diesel(sql_type = Text)]
    pub unit: String,
    #[diesel(sql_type = Text)]
    pub state: String,
}

pub async fn standings(tx: &mut Tx, cycle: Uuid, numbers: &[String]) -> Result<Vec<Standing>> {
    Ok(tx
        .sql(
            "select l.number, p.unit, l.state from plans l
         join participants p on p.company_id = $1 and p.cycle = $2 and p.number = l.number
         where l.company_id = $1 and l.cycle = $2 and l.number = any($3) order by l.number for update of l",
        )
        .bind::<SqlUuid, _>(cycle)
        .bind::<Array<Text>, _>(numbers)
        .load(tx.conn())
        .await?)
}

/// Enters goals on behalf of many people and leaves their plans submitted.
pub async fn enter(
    tx: &mut Tx,
    cycle: Uuid,
    plans: &[(String, Vec<Goal>)],
    author: &str,
    now: jiff::Timestamp,
) -> Result<usize> {
    let numbers: Vec<&str> = plans.iter().map(|(number, _)| number.as_str()).collect();
    let goals = plans.iter().map(|(_, goals)| serde_json::to_value(goals)).collect::<Result<Vec<_>, _>>()?;
    Ok(tx
        .sql(
            "update plans l set state = 'submitted', goals = n.goals, submitted_by = $5, submitted_at = $6,
             decided_by = null, decided_at = null, version = l.version + 1
         from unnest($3::text[], $4::jsonb[]) as n(number, goals)
         where l.company_id = $1 and l.cycle = $2 and l.number = n.number",
        )
        .bind::<SqlUuid, _>(cycle)
        .bind::<Array<Text>, _>(numbers)
        .bind::<Array<Jsonb>, _>(goals)
        .bind::<Text, _>(author)
        .bind::<Timestamptz, _>(now.to_diesel())
        .execute(tx.conn())
        .await?)
}

/// For whom a target is: a unit or a person.
#[derive(QueryableByName, Clone, Debug)]
pub struct Aim {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = Nullable<Text>)]
    pub unit: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub employee: Option<String>,
}

/// The cycle's targets among those that goals refer to.
pub async fn aims(tx: &mut Tx, cycle: Uuid, targets: &[Uuid]) -> Result<Vec<Aim>> {
    if targets.is_empty() {
        return Ok(Vec::new());
    }
    Ok(tx
        .sql("select id, unit, employee from targets where company_id = $1 and cycle = $2 and id = any($3)")
        .bind::<SqlUuid, _>(cycle)
        .bind::<Array<SqlUuid>, _>(targets)
        .load(tx.conn())
        .await?)
}
