use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use platform::sql::ToDiesel;
use platform::{Missing, Problem, Result, Tx, What, say};
use uuid::Uuid;

use super::unit_plan::UnitPlan;
use crate::viewer::Viewer;

/// Units of a cycle (`$2`) that a viewer (`$3` all, `$4` number) may know of: all, one's own, those one leads.
macro_rules! units {
    ($rest:literal) => {
        concat!(
            "select u.subject as code, u.name, u.category, u.head,
                 (select name from employees where company_id = $1 and number = u.head) as head_name, u.leader,
                 (select name from employees where company_id = $1 and number = u.leader) as leader_name, u.standing,
                 g.state as plan_state, g.reason, g.submitted_by, g.submitted_at, g.decided_by, g.decided_at,
                 (select count(*) from subjects p where p.company_id = $1 and p.cycle = $2 and p.unit = u.subject
                     and p.kind = 'person' and p.standing = 'in') as members,
                 (select count(*) from plans l where l.company_id = $1 and l.cycle = $2 and l.unit = u.subject
                     and l.kind = 'person' and l.state = 'approved') as plans_approved,
                 (select count(*) from subjects p
                  join plans l on l.company_id = $1 and l.cycle = $2 and l.kind = p.kind and l.subject = p.subject
                  where p.company_id = $1 and p.cycle = $2 and p.unit = u.subject and p.kind = 'person'
                      and p.standing = 'in' and l.state <> 'approved') as plans_open,
                 (select count(*) from subjects p
                  join settled_sheets s on s.company_id = $1 and s.cycle = $2 and s.kind = p.kind
                      and s.subject = p.subject and s.state = 'settled'
                  where p.company_id = $1 and p.cycle = $2 and p.unit = u.subject and p.kind = 'person'
                      and p.standing = 'in') as sheets_settled,
                 exists (select from subjects p where p.company_id = $1 and p.cycle = $2 and p.kind = 'person'
                     and p.subject = $4 and p.unit = u.subject) as is_own,
                 g.version
             from unit_plans g
             join subjects u on u.company_id = $1 and u.cycle = $2 and u.kind = 'unit' and u.subject = g.code
             where g.company_id = $1 and g.cycle = $2
               and ($3 or $4 in (u.head, u.co_head, u.leader) or exists (select from subjects p
                    where p.company_id = $1 and p.cycle = $2 and p.kind = 'person' and p.subject = $4
                      and p.unit = u.subject)) ",
            $rest
        )
    };
}

pub async fn list(tx: &mut Tx, cycle: Uuid, viewer: &Viewer, after: Option<&str>, limit: i64) -> Result<Vec<UnitPlan>> {
    Ok(tx
        .sql(units!("and ($5::text is null or g.code > $5) order by g.code limit $6"))
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
        .sql(units!("and g.code = $5 for update of g"))
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
        "update unit_plans set state = $4, reason = $5, submitted_by = $6, submitted_at = $7, decided_by = $8,
             decided_at = $9, version = $10
         where company_id = $1 and cycle = $2 and code = $3",
    )
    .bind::<SqlUuid, _>(cycle)
    .bind::<Text, _>(&unit.code)
    .bind::<Text, _>(unit.plan_state)
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
