use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use platform::sql::ToDiesel;
use platform::{Missing, Problem, Result, Tx, What, say};
use uuid::Uuid;

use super::unit_plan::UnitPlan;
use crate::viewer::Viewer;

/// Units a viewer (`$3`, `$4`) may know of: all, one's own, those one leads.
const UNITS: &str = "select u.code, u.name, u.category, u.head, u.leader, u.plan_state, u.reason, u.submitted_by,
        u.submitted_at, u.decided_by, u.decided_at,
        (select count(*) from participants p where p.company_id = $1 and p.cycle = $2 and p.unit = u.code) as members,
        (select count(*) from participants p
         join plans l on l.company_id = $1 and l.cycle = $2 and l.number = p.number and l.state = 'approved'
         where p.company_id = $1 and p.cycle = $2 and p.unit = u.code) as plans_approved,
        (select count(*) from participants p
         join sheets s on s.company_id = $1 and s.cycle = $2 and s.number = p.number
         where p.company_id = $1 and p.cycle = $2 and p.unit = u.code) as sheets_settled,
        u.version
    from cycle_units u
    where u.company_id = $1 and u.cycle = $2
      and ($3 or $4 in (u.head, u.leader) or exists (select from participants p
           where p.company_id = $1 and p.cycle = $2 and p.number = $4 and p.unit = u.code))";

pub async fn list(tx: &mut Tx, cycle: Uuid, viewer: &Viewer, after: Option<&str>, limit: i64) -> Result<Vec<UnitPlan>> {
    Ok(tx
        .sql(&format!("{UNITS} and ($5::text is null or u.code > $5) order by u.code limit $6"))
        .bind::<SqlUuid, _>(cycle)
        .bind::<Bool, _>(viewer.all)
        .bind::<Nullable<Text>, _>(&viewer.number)
        .bind::<Nullable<Text>, _>(after)
        .bind::<BigInt, _>(limit)
        .load(tx.conn())
        .await?)
}

/// The unit, if the viewer may know of it; nobody else changes it until the transaction ends.
pub async fn get(tx: &mut Tx, cycle: Uuid, code: &str, viewer: &Viewer) -> Result<UnitPlan> {
    let found: Vec<UnitPlan> = tx
        .sql(&format!("{UNITS} and u.code = $5 for update of u"))
        .bind::<SqlUuid, _>(cycle)
        .bind::<Bool, _>(viewer.all)
        .bind::<Nullable<Text>, _>(&viewer.number)
        .bind::<Text, _>(code)
        .load(tx.conn())
        .await?;
    found.into_iter().next().ok_or_else(|| Problem::not_found(say!("本周期中的部门", "unit in this cycle")))
}

/// Stores the state of a unit's plan, one version on.
pub async fn store(tx: &mut Tx, cycle: Uuid, unit: &mut UnitPlan) -> Result<()> {
    unit.version += 1;
    tx.sql(
        "update cycle_units set plan_state = $4, reason = $5, submitted_by = $6, submitted_at = $7, decided_by = $8,
             decided_at = $9, version = $10
         where company_id = $1 and cycle = $2 and code = $3",
    )
    .bind::<SqlUuid, _>(cycle)
    .bind::<Text, _>(&unit.code)
    .bind::<Text, _>(&unit.plan_state)
    .bind::<Nullable<Text>, _>(&unit.reason)
    .bind::<Nullable<Text>, _>(&unit.submitted_by)
    .bind::<Nullable<Timestamptz>, _>(unit.submitted_at.to_diesel())
    .bind::<Nullable<Text>, _>(&unit.decided_by)
    .bind::<Nullable<Timestamptz>, _>(unit.decided_at.to_diesel())
    .bind::<BigInt, _>(unit.version)
    .execute(tx.conn())
    .await?;
    Ok(())
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
            "select l.number, p.name, l.state from participants p
         join plans l on l.company_id = $1 and l.cycle = $2 and l.number = p.number
         where p.company_id = $1 and p.cycle = $2 and p.unit = $3 and l.state <> 'approved'
         order by l.number limit 200",
        )
        .bind::<SqlUuid, _>(cycle)
        .bind::<Text, _>(unit)
        .load(tx.conn())
        .await?)
}
