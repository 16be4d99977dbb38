//! Units of a cycle, and how far the planning of each is.

use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Bool, Nullable, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use platform::{Problem, Result, Tx, say};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::subject::Standing;
use crate::plans::plan::PlanState;
use crate::viewer::Viewer;

/// A unit of a cycle, with how far its plans and sheets are.
#[derive(QueryableByName, Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Unit {
    #[diesel(sql_type = Text)]
    pub code: String,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub category: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub head: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub head_name: Option<String>,
    /// Who is in charge of it.
    #[diesel(sql_type = Nullable<Text>)]
    pub leader: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub leader_name: Option<String>,
    #[diesel(sql_type = Text)]
    pub standing: Standing,
    /// The unit's plan, where the cycle has one.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub plan: Option<Uuid>,
    #[diesel(sql_type = Nullable<Text>)]
    pub plan_state: Option<PlanState>,
    /// People who take part.
    #[diesel(sql_type = BigInt)]
    pub members: i64,
    /// Plans of people.
    #[diesel(sql_type = BigInt)]
    pub plans_approved: i64,
    /// Plans of people that are not approved.
    #[diesel(sql_type = BigInt)]
    pub plans_open: i64,
    #[diesel(sql_type = BigInt)]
    pub sheets_settled: i64,
}

/// Units of a cycle (`$2`) that a viewer (`$3` all, `$4` number) may know of: all, one's own, those one leads.
macro_rules! units {
    ($rest:literal) => {
        concat!(
            "select u.subject as code, u.name, u.category, u.head,
                 (select name from employees where company_id = $1 and number = u.head) as head_name, u.leader,
                 (select name from employees where company_id = $1 and number = u.leader) as leader_name, u.standing,
                 g.id as plan, g.state as plan_state,
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
                      and p.standing = 'in') as sheets_settled
             from subjects u
             left join plans g on g.company_id = $1 and g.cycle = $2 and g.kind = 'unit' and g.subject = u.subject
             where u.company_id = $1 and u.cycle = $2 and u.kind = 'unit'
               and exists (select from subjects i where i.company_id = $1 and i.cycle = $2 and i.unit = u.subject
                   and i.standing = 'in')
               and ($3 or $4 in (u.head, u.co_head, u.leader) or exists (select from subjects p
                    where p.company_id = $1 and p.cycle = $2 and p.kind = 'person' and p.subject = $4
                      and p.unit = u.subject)) ",
            $rest
        )
    };
}

pub async fn list(tx: &mut Tx, cycle: Uuid, viewer: &Viewer, after: Option<&str>, limit: i64) -> Result<Vec<Unit>> {
    Ok(tx
        .sql(units!("and ($5::text is null or u.subject > $5) order by u.subject limit $6"))
        .bind::<SqlUuid, _>(cycle)
        .bind::<Bool, _>(viewer.all)
        .bind::<Nullable<Text>, _>(&viewer.number)
        .bind::<Nullable<Text>, _>(after)
        .bind::<BigInt, _>(limit)
        .load(tx.conn())
        .await?)
}

/// The unit, if the viewer may know of it.
pub async fn get(tx: &mut Tx, cycle: Uuid, code: &str, viewer: &Viewer) -> Result<Unit> {
    let found: Vec<Unit> = tx
        .sql(units!("and u.subject = $5"))
        .bind::<SqlUuid, _>(cycle)
        .bind::<Bool, _>(viewer.all)
        .bind::<Nullable<Text>, _>(&viewer.number)
        .bind::<Text, _>(code)
        .load(tx.conn())
        .await?;
    found.into_iter().next().ok_or_else(|| Problem::not_found(say!("本周期中的部门", "unit in this cycle")))
}
