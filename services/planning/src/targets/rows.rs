use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Bool, Date as SqlDate, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use platform::sql::{NullableDate, Timestamp, ToDiesel};
use platform::{Problem, Result, Tx, say};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::viewer::Viewer;

/// A target of a unit or a person.
#[derive(QueryableByName, Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Target {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub cycle: Uuid,
    /// Unit code, when it is a unit's.
    #[diesel(sql_type = Nullable<Text>)]
    pub unit: Option<String>,
    /// Employee number, when it is a person's.
    #[diesel(sql_type = Nullable<Text>)]
    pub employee: Option<String>,
    #[diesel(sql_type = Text)]
    pub title: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub measure: Option<String>,
    /// A figure to reach, in the measure's own unit; a decimal.
    #[diesel(sql_type = Nullable<Text>)]
    pub amount: Option<String>,
    #[diesel(sql_type = Nullable<SqlDate>, deserialize_as = NullableDate)]
    pub due: Option<jiff::civil::Date>,
    /// Who handed it down.
    #[diesel(sql_type = Text)]
    pub author: String,
    #[diesel(sql_type = Timestamptz, deserialize_as = Timestamp)]
    pub created_at: jiff::Timestamp,
}

/// Who stands above a unit or a person of a cycle.
#[derive(QueryableByName, Clone, Debug)]
pub struct Above {
    #[diesel(sql_type = Nullable<Text>)]
    pub superior: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub head: Option<String>,
}

pub async fn above_unit(tx: &mut Tx, cycle: Uuid, code: &str) -> Result<Option<Above>> {
    let found: Vec<Above> = tx
        .sql("select leader as superior, head from cycle_units where company_id = $1 and cycle = $2 and code = $3")
        .bind::<SqlUuid, _>(cycle)
        .bind::<Text, _>(code)
        .load(tx.conn())
        .await?;
    Ok(found.into_iter().next())
}

pub async fn above_employee(tx: &mut Tx, cycle: Uuid, number: &str) -> Result<Option<Above>> {
    let found: Vec<Above> = tx
        .sql(
            "select p.superior, u.head from participants p
         join cycle_units u on u.company_id = $1 and u.cycle = $2 and u.code = p.unit
         where p.company_id = $1 and p.cycle = $2 and p.number = $3",
        )
        .bind::<SqlUuid, _>(cycle)
        .bind::<Text, _>(number)
        .load(tx.conn())
        .await?;
    Ok(found.into_iter().next())
}

pub async fn insert(tx: &mut Tx, target: &Target) -> Result<()> {
    tx.sql(
        "insert into targets (company_id, id, cycle, unit, employee, title, measure, amount, due, author, created_at)
         values ($1, $2, $3, $4, $5, $6, $7, $8::numeric, $9, $10, $11)",
    )
    .bind::<SqlUuid, _>(target.id)
    .bind::<SqlUuid, _>(target.cycle)
    .bind::<Nullable<Text>, _>(&target.unit)
    .bind::<Nullable<Text>, _>(&target.employee)
    .bind::<Text, _>(&target.title)
    .bind::<Nullable<Text>, _>(&target.measure)
    .bind::<Nullable<Text>, _>(&target.amount)
    .bind::<Nullable<SqlDate>, _>(target.due.to_diesel())
    .bind::<Text, _>(&target.author)
    .bind::<Timestamptz, _>(target.created_at.to_diesel())
    .execute(tx.conn())
    .await?;
    Ok(())
}

const TARGETS: &str = "select t.id, t.cycle, t.unit, t.employee, t.title, t.measure,
        trim_scale(t.amount)::text as amount, t.due, t.author, t.created_at
    from targets t
    left join participants p on p.company_id = $1 and p.cycle = t.cycle and p.number = t.employee
    left join cycle_units u on u.company_id = $1 and u.cycle = t.cycle and u.code = coalesce(t.unit, p.unit)
    where t.company_id = $1
      and ($2 or $3 in (t.employee, p.superior, u.head, u.leader, t.author)
           or exists (select from participants m
               where m.company_id = $1 and m.cycle = t.cycle and m.number = $3 and m.unit = t.unit))";

/// Which targets are wanted.
pub struct Filter<'a> {
    pub cycle: Uuid,
    pub unit: Option<&'a str>,
    pub employee: Option<&'a str>,
    pub after: Option<Uuid>,
    pub limit: i64,
}

/// The targets that concern a viewer, oldest first.
pub async fn list(tx: &mut Tx, viewer: &Viewer, filter: &Filter<'_>) -> Result<Vec<Target>> {
    Ok(tx
        .sql(&format!(
            "{TARGETS} and t.cycle = $4 and ($5::text is null or t.unit = $5) and ($6::text is null or t.employee = $6)
           and ($7::uuid is null or t.id > $7)
         order by t.id limit $8"
        ))
        .bind::<Bool, _>(viewer.all)
        .bind::<Nullable<Text>, _>(&viewer.number)
        .bind::<SqlUuid, _>(filter.cycle)
        .bind::<Nullable<Text>, _>(filter.unit)
        .bind::<Nullable<Text>, _>(filter.employee)
        .bind::<Nullable<SqlUuid>, _>(filter.after)
        .bind::<BigInt, _>(filter.limit)
        .load(tx.conn())
        .await?)
}

/// The target, if the viewer may know of it.
pub async fn get(tx: &mut Tx, viewer: &Viewer, id: Uuid) -> Result<Target> {
    let found: Vec<Target> = tx
        .sql(&format!("{TARGETS} and t.id = $4 for update of t"))
        .bind::<Bool, _>(viewer.all)
        .bind::<Nullable<Text>, _>(&viewer.number)
        .bind::<SqlUuid, _>(id)
        .load(tx.conn())
        .await?;
    found.into_iter().next().ok_or_else(|| Problem::not_found(say!("下达指标", "target")))
}

pub async fn delete(tx: &mut Tx, id: Uuid) -> Result<()> {
    tx.sql("delete from targets where company_id = $1 and id = $2").bind::<SqlUuid, _>(id).execute(tx.conn()).await?;
    Ok(())
}
