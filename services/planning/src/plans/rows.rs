use diesel::QueryableByName;
use diesel::sql_types::{Array, BigInt, Bool, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use platform::sql::{NullableTimestamp, Timestamp, ToDiesel};
use platform::{Missing, Problem, Result, Tx, What, say};
use uuid::Uuid;

use super::goals::Goal;
use super::plan::{Plan, PlanState};
use crate::cycles::cycle::Cycle;
use crate::process::PlansOf;
use crate::subjects::subject::Kind;
use crate::viewer::Viewer;

/// Plans that a viewer (`$2` all, `$3` number) may know of: one's own, those of one's reports and units, or all.
macro_rules! plans {
    ($rest:literal) => {
        concat!(
            "select l.id, l.cycle, l.kind, l.subject, l.scheme, l.period, l.name, l.unit, l.superior, l.head, l.leader,
                 l.edition, l.state,
                 exists (select from settled_sheets s where s.company_id = $1 and s.cycle = l.cycle and s.kind = l.kind
                     and s.subject = l.subject and s.state = 'settled') as settled,
                 (l.cycle is null or (exists (select from cycles c
                         where c.company_id = $1 and c.id = l.cycle and c.state = 'open')
                     and not exists (select from subjects p where p.company_id = $1 and p.cycle = l.cycle
                         and p.kind = l.kind and p.subject = l.subject and p.published))) as is_open,
                 l.kind = 'unit' and exists (select from cycles c where c.company_id = $1 and c.id = l.cycle
                     and c.has_unit_plans) as collects,
                 l.kind = 'unit' and exists (select from cycles c where c.company_id = $1 and c.id = l.cycle
                     and c.has_unit_plans) and exists (select from subjects p
                     join plans o on o.company_id = $1 and o.cycle = l.cycle and o.kind = p.kind and o.subject = p.subject
                     where p.company_id = $1 and p.cycle = l.cycle and p.unit = l.subject and p.kind = 'person'
                         and p.standing = 'in' and o.state <> 'approved') as lacks,
                 l.goals, l.agreed, l.reason, l.submitted_by, l.submitted_at, l.decided_by, l.decided_at, l.version
             from plans l
             where l.company_id = $1
               and ($2 or $3 in (l.superior, l.head, l.leader) or (l.kind = 'person' and l.subject = $3)) ",
            $rest
        )
    };
}

/// The plan, if the viewer may know of it: by the line, or because they decide about it.
pub async fn get(tx: &mut Tx, id: Uuid, viewer: &Viewer, lock: bool) -> Result<Plan> {
    let query = if lock { tx.sql(plans!("and l.id = $4 for update of l")) } else { tx.sql(plans!("and l.id = $4")) };
    let found: Vec<Plan> = query
        .bind::<Bool, _>(viewer.all || is_asked(tx, id, &viewer.actors).await?)
        .bind::<Nullable<Text>, _>(&viewer.number)
        .bind::<SqlUuid, _>(id)
        .load(tx.conn())
        .await?;
    found.into_iter().next().ok_or_else(|| Problem::not_found(say!("绩效计划", "plan")))
}

/// Whether some actors decide about a plan.
async fn is_asked(tx: &mut Tx, plan: Uuid, actors: &[String]) -> Result<bool> {
    Ok(tx
        .sql(
            "select exists (select from approvals a join steps s on s.company_id = $1 and s.id = a.step
                 where a.company_id = $1 and a.plan = $2 and (s.actors && $3 or a.also && $3))",
        )
        .bind::<SqlUuid, _>(plan)
        .bind::<Array<Text>, _>(actors)
        .columns::<Bool>()
        .get_result(tx.conn())
        .await?)
}

/// A plan, held until the transaction ends, whoever asks.
pub async fn locked(tx: &mut Tx, id: Uuid) -> Result<Plan> {
    let found = some(tx, &[id]).await?;
    found.into_iter().next().ok_or_else(|| Problem::not_found(say!("绩效计划", "plan")))
}

/// Some plans, held until the transaction ends.
pub async fn some(tx: &mut Tx, ids: &[Uuid]) -> Result<Vec<Plan>> {
    Ok(tx
        .sql(plans!("and l.id = any($4) order by l.id for update of l"))
        .bind::<Bool, _>(true)
        .bind::<Nullable<Text>, _>(None::<String>)
        .bind::<Array<SqlUuid>, _>(ids)
        .load(tx.conn())
        .await?)
}

/// The plans that a unit's people have handed in, held until the transaction ends.
pub async fn submitted_of_unit(tx: &mut Tx, cycle: Uuid, unit: &str) -> Result<Vec<Plan>> {
    Ok(tx
        .sql(plans!(
            "and l.cycle = $4 and l.kind = 'person' and l.unit = $5 and l.state = 'submitted' order by l.id for update of l"
        ))
        .bind::<Bool, _>(true)
        .bind::<Nullable<Text>, _>(None::<String>)
        .bind::<SqlUuid, _>(cycle)
        .bind::<Text, _>(unit)
        .load(tx.conn())
        .await?)
}

/// Plans hold, as somebody decided.
pub async fn approve(tx: &mut Tx, ids: &[Uuid], by: &str) -> Result<()> {
    let now = tx.now;
    tx.sql(
        "update plans set state = 'approved', decided_by = $3, decided_at = $4, version = version + 1
         where company_id = $1 and id = any($2)",
    )
    .bind::<Array<SqlUuid>, _>(ids)
    .bind::<Text, _>(by)
    .bind::<Timestamptz, _>(now.to_diesel())
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Which plans are wanted.
pub struct Filter<'a> {
    pub cycle: Option<Uuid>,
    pub unit: Option<&'a str>,
    pub kind: Option<Kind>,
    /// A state, or `settled`.
    pub state: Option<&'a str>,
    pub after: Option<Place>,
    pub limit: i64,
}

/// Where a list of plans has arrived: the cycle (or the plan itself, when it is no cycle's), the subject, and the plan.
#[derive(Clone, Debug)]
pub struct Place {
    pub cycle: Uuid,
    pub subject: String,
    pub id: Uuid,
}

/// The plans a viewer may know of, newest cycle first, then by employee number or unit code.
pub async fn list(tx: &mut Tx, viewer: &Viewer, filter: &Filter<'_>) -> Result<Vec<Plan>> {
    let after = filter.after.clone();
    Ok(tx
        .sql(plans!(
            "and ($4::uuid is null or l.cycle = $4) and ($5::text is null or l.unit = $5)
             and ($6::text is null or l.kind = $6)
             and ($7::text is null or $7 = case when l.state = 'approved' and exists (
                      select from settled_sheets s where s.company_id = $1 and s.cycle = l.cycle and s.kind = l.kind
                          and s.subject = l.subject and s.state = 'settled') then 'settled' else l.state end)
             and ($8::uuid is null or coalesce(l.cycle, l.id) < $8
                  or (coalesce(l.cycle, l.id) = $8 and (l.subject, l.id) > ($9::text, $10::uuid)))
             order by coalesce(l.cycle, l.id) desc, l.subject, l.id limit $11"
        ))
        .bind::<Bool, _>(viewer.all)
        .bind::<Nullable<Text>, _>(&viewer.number)
        .bind::<Nullable<SqlUuid>, _>(filter.cycle)
        .bind::<Nullable<Text>, _>(filter.unit)
        .bind::<Nullable<Text>, _>(filter.kind)
        .bind::<Nullable<Text>, _>(filter.state)
        .bind::<Nullable<SqlUuid>, _>(after.as_ref().map(|after| after.cycle))
        .bind::<Nullable<Text>, _>(after.as_ref().map(|after| after.subject.clone()))
        .bind::<Nullable<SqlUuid>, _>(after.as_ref().map(|after| after.id))
        .bind::<BigInt, _>(filter.limit)
        .load(tx.conn())
        .await?)
}

/// Stores a plan that is no cycle's; false when there is one of its scheme, subject and period.
pub async fn insert(tx: &mut Tx, plan: &Plan) -> Result<bool> {
    let inserted = tx
        .sql(
            "insert into plans (company_id, id, kind, subject, scheme, period, name, unit, superior, head, leader, edition,
                 state, goals, version)
             select $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 1, $12, $13, $14
             where not exists (select from plans l join cycles c on c.company_id = $1 and c.id = l.cycle
                 where l.company_id = $1 and l.scheme = $5 and l.kind = $3 and l.subject = $4 and l.period = $6
                   and c.state in ('open', 'released'))
             on conflict do nothing",
        )
        .bind::<SqlUuid, _>(plan.id)
        .bind::<Text, _>(plan.kind)
        .bind::<Text, _>(&plan.subject)
        .bind::<Text, _>(&plan.scheme)
        .bind::<Text, _>(&plan.period)
        .bind::<Text, _>(&plan.name)
        .bind::<Nullable<Text>, _>(&plan.unit)
        .bind::<Nullable<Text>, _>(&plan.superior)
        .bind::<Nullable<Text>, _>(&plan.head)
        .bind::<Nullable<Text>, _>(&plan.leader)
        .bind::<Text, _>(plan.state)
        .bind::<Jsonb, _>(&plan.goals)
        .bind::<BigInt, _>(plan.version)
        .execute(tx.conn())
        .await?;
    Ok(inserted == 1)
}

/// Makes plans that are no cycle's the cycle's, where its scheme, subject and period are theirs.
pub async fn attach(tx: &mut Tx, cycle: &Cycle) -> Result<()> {
    tx.sql(
        "update plans l set cycle = $2, name = p.name, unit = p.unit,
             superior = case p.kind when 'unit' then p.leader else p.superior end, head = p.head, leader = p.leader,
             version = l.version + 1
         from subjects p
         where l.company_id = $1 and l.cycle is null and l.scheme = $3 and l.period = $4
           and p.company_id = $1 and p.cycle = $2 and p.kind = l.kind and p.subject = l.subject and p.standing = 'in'
           and not exists (select from plans o
               where o.company_id = $1 and o.cycle = $2 and o.kind = l.kind and o.subject = l.subject)",
    )
    .bind::<SqlUuid, _>(cycle.id)
    .bind::<Text, _>(&cycle.scheme_code)
    .bind::<Text, _>(&cycle.period)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Gives everybody who takes part and has no plan an empty one: people, units, or both. Every unit with somebody who takes
/// part has one where what its people plan is collected.
pub async fn insert_empty(tx: &mut Tx, cycle: &Cycle, plans: PlansOf) -> Result<()> {
    tx.sql(
        "insert into plans (company_id, id, cycle, kind, subject, scheme, period, name, unit, superior, head, leader,
             edition, state, goals, version)
         select $1, gen_random_uuid(), $2, p.kind, p.subject, $3, $4, p.name, p.unit,
             case p.kind when 'unit' then p.leader else p.superior end, p.head, p.leader, 1, 'draft', '[]', 1
         from subjects p
         where p.company_id = $1 and p.cycle = $2
           and (($5 and p.kind = 'person' and p.standing = 'in') or ($6 and p.kind = 'unit' and p.standing = 'in')
               or ($7 and p.kind = 'unit' and p.subject in (select unit from subjects
                   where company_id = $1 and cycle = $2 and standing = 'in' and unit is not null)))
         on conflict do nothing",
    )
    .bind::<SqlUuid, _>(cycle.id)
    .bind::<Text, _>(&cycle.scheme_code)
    .bind::<Text, _>(&cycle.period)
    .bind::<Bool, _>(plans.people)
    .bind::<Bool, _>(plans.units)
    .bind::<Bool, _>(cycle.has_unit_plans)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The plan of a subject for a period, held until the transaction ends: its cycle's where one is open.
pub async fn of_period(tx: &mut Tx, scheme: &str, kind: Kind, subject: &str, period: &str) -> Result<Option<Plan>> {
    let found: Vec<Plan> = tx
        .sql(plans!(
            "and l.scheme = $4 and l.kind = $5 and l.subject = $6 and l.period = $7
             and (l.cycle is null or exists (select from cycles c where c.company_id = $1 and c.id = l.cycle and c.state = 'open'))
             order by l.cycle is null, l.id desc limit 1 for update of l"
        ))
        .bind::<Bool, _>(true)
        .bind::<Nullable<Text>, _>(None::<String>)
        .bind::<Text, _>(scheme)
        .bind::<Text, _>(kind)
        .bind::<Text, _>(subject)
        .bind::<Text, _>(period)
        .load(tx.conn())
        .await?;
    Ok(found.into_iter().next())
}

/// The plan of a subject in a cycle, held until the transaction ends.
pub async fn of_subject(tx: &mut Tx, cycle: Uuid, kind: Kind, subject: &str) -> Result<Option<Plan>> {
    let found: Vec<Plan> = tx
        .sql(plans!("and l.cycle = $4 and l.kind = $5 and l.subject = $6 for update of l"))
        .bind::<Bool, _>(true)
        .bind::<Nullable<Text>, _>(None::<String>)
        .bind::<SqlUuid, _>(cycle)
        .bind::<Text, _>(kind)
        .bind::<Text, _>(subject)
        .load(tx.conn())
        .await?;
    Ok(found.into_iter().next())
}

/// Plans that are no cycle's.
pub async fn standing(tx: &mut Tx) -> Result<Vec<Plan>> {
    let query = tx.sql(plans!("and l.cycle is null"));
    Ok(query.bind::<Bool, _>(true).bind::<Nullable<Text>, _>(None::<String>).load(tx.conn()).await?)
}

/// Stores whom plans concern now.
pub async fn update_concerned(tx: &mut Tx, plans: &[Plan]) -> Result<()> {
    let column = |of: fn(&Plan) -> Option<String>| -> Vec<Option<String>> { plans.iter().map(of).collect() };
    tx.sql(
        "update plans l set name = n.name, unit = n.unit, superior = n.superior, head = n.head, leader = n.leader
         from unnest($2::uuid[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[])
             n(id, name, unit, superior, head, leader)
         where l.company_id = $1 and l.id = n.id",
    )
    .bind::<Array<SqlUuid>, _>(plans.iter().map(|plan| plan.id).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(plans.iter().map(|plan| &plan.name).collect::<Vec<_>>())
    .bind::<Array<Nullable<Text>>, _>(column(|plan| plan.unit.clone()))
    .bind::<Array<Nullable<Text>>, _>(column(|plan| plan.superior.clone()))
    .bind::<Array<Nullable<Text>>, _>(column(|plan| plan.head.clone()))
    .bind::<Array<Nullable<Text>>, _>(column(|plan| plan.leader.clone()))
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Brings the plans of a cycle in step with whom they concern now.
pub async fn follow(tx: &mut Tx, cycle: Uuid) -> Result<()> {
    tx.sql(
        "update plans l set name = p.name, unit = p.unit,
             superior = case p.kind when 'unit' then p.leader else p.superior end, head = p.head, leader = p.leader
         from subjects p
         where l.company_id = $1 and l.cycle = $2
           and p.company_id = $1 and p.cycle = $2 and p.kind = l.kind and p.subject = l.subject
           and (l.name, l.unit, l.superior, l.head, l.leader) is distinct from (p.name, p.unit,
               case p.kind when 'unit' then p.leader else p.superior end, p.head, p.leader)",
    )
    .bind::<SqlUuid, _>(cycle)
    .execute(tx.conn())
    .await?;
    Ok(())
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
    .bind::<Text, _>(plan.state)
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

/// Keeps goals that were agreed on beside a plan that is not to be changed just now.
pub async fn keep_agreed(tx: &mut Tx, plan: Uuid, agreed: &serde_json::Value) -> Result<()> {
    tx.sql("update plans set agreed = $3 where company_id = $1 and id = $2")
        .bind::<SqlUuid, _>(plan)
        .bind::<Jsonb, _>(agreed)
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

/// Whose plan stands where, of those named; locked for change.
#[derive(QueryableByName, Clone, Debug)]
pub struct Standing {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = Text)]
    pub number: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub unit: Option<String>,
    #[diesel(sql_type = Text)]
    pub state: PlanState,
}

pub async fn standings(tx: &mut Tx, cycle: Uuid, numbers: &[String]) -> Result<Vec<Standing>> {
    Ok(tx
        .sql(
            "select l.id, l.subject as number, l.unit, l.state from plans l
         where l.company_id = $1 and l.cycle = $2 and l.kind = 'person' and l.subject = any($3)
         order by l.subject for update of l",
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
         where l.company_id = $1 and l.cycle = $2 and l.kind = 'person' and l.subject = n.number",
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

/// Somebody whose plan is not approved.
#[derive(QueryableByName)]
pub struct Unapproved {
    #[diesel(sql_type = Text)]
    pub number: String,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Text)]
    pub state: String,
}

impl From<Unapproved> for Missing {
    fn from(plan: Unapproved) -> Self {
        Self { name: Some(plan.name), plan: Some(plan.state), ..Self::of_person(What::Approval, plan.number) }
    }
}

/// Whose plans a unit still lacks, at most 200.
pub async fn unapproved(tx: &mut Tx, cycle: Uuid, unit: &str) -> Result<Vec<Unapproved>> {
    Ok(tx
        .sql(
            "select l.subject as number, p.name, l.state from subjects p
         join plans l on l.company_id = $1 and l.cycle = $2 and l.kind = p.kind and l.subject = p.subject
         where p.company_id = $1 and p.cycle = $2 and p.unit = $3 and p.kind = 'person' and p.standing = 'in'
           and l.state <> 'approved'
         order by l.subject limit 200",
        )
        .bind::<SqlUuid, _>(cycle)
        .bind::<Text, _>(unit)
        .load(tx.conn())
        .await?)
}
