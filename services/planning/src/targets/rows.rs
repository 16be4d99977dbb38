use std::collections::HashMap;

use diesel::sql_types::{BigInt, Bool, Date as SqlDate, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{ExpressionMethods, OptionalExtension, QueryDsl, Queryable};
use diesel_async::RunQueryDsl;
use events::{EmployeeNumber, UnitCode};
use platform::sql::{NullableDate, Timestamp, ToDiesel};
use platform::{Problem, Result, Tx, say};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::schema::{subjects, targets};
use crate::subjects::subject::{Kind, Standing};
use crate::viewer::Viewer;

/// A target of a unit or a person.
#[derive(Queryable, Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Target {
    pub id: Uuid,
    pub cycle: Uuid,
    /// Unit code, when it is a unit's.
    #[schema(value_type = Option<String>)]
    pub unit: Option<UnitCode>,
    /// Employee number, when it is a person's.
    #[schema(value_type = Option<String>)]
    pub employee: Option<EmployeeNumber>,
    pub title: String,
    pub measure: Option<String>,
    /// A figure to reach, in the measure's own unit; a decimal.
    pub amount: Option<String>,
    #[diesel(deserialize_as = NullableDate)]
    pub due: Option<jiff::civil::Date>,
    /// Who handed it down.
    pub author: String,
    #[diesel(deserialize_as = Timestamp)]
    pub created_at: jiff::Timestamp,
}

type TargetColumns = (
    SqlUuid,
    SqlUuid,
    Nullable<Text>,
    Nullable<Text>,
    Text,
    Nullable<Text>,
    Nullable<Text>,
    Nullable<SqlDate>,
    Text,
    Timestamptz,
);

/// Who stands above a unit or a person of a cycle.
#[derive(Queryable, Clone, Debug)]
pub struct Above {
    pub superior: Option<String>,
    pub head: Option<String>,
}

pub async fn above_unit(tx: &mut Tx, cycle: Uuid, code: &str) -> Result<Option<Above>> {
    let unit = subjects::table.find((tx.company, cycle, Kind::Unit.as_str(), code));
    Ok(unit.select((subjects::leader, subjects::head)).first(tx.conn()).await.optional()?)
}

pub async fn above_employee(tx: &mut Tx, cycle: Uuid, number: &str) -> Result<Option<Above>> {
    let person = subjects::table.find((tx.company, cycle, Kind::Person.as_str(), number));
    let person = person.filter(subjects::standing.eq(Standing::In.as_str()));
    Ok(person.select((subjects::superior, subjects::head)).first(tx.conn()).await.optional()?)
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

/// The targets of the company that a viewer may see: `$2` all, or those that concern `$3`.
macro_rules! visible_targets {
    ($rest:literal) => {
        concat!(
            "select t.id, t.cycle, t.unit, t.employee, t.title, t.measure,
        trim_scale(t.amount)::text as amount, t.due, t.author, t.created_at
    from targets t
    left join subjects p on p.company_id = $1 and p.cycle = t.cycle
        and p.kind = case when t.unit is null then 'person' else 'unit' end and p.subject = coalesce(t.unit, t.employee)
    where t.company_id = $1
      and ($2 or $3 in (t.employee, p.superior, p.head, p.leader, t.author)
           or exists (select from subjects m
               where m.company_id = $1 and m.cycle = t.cycle and m.kind = 'person' and m.subject = $3
                 and m.unit = t.unit and m.standing <> 'out')) ",
            $rest
        )
    };
}

/// All targets of a cycle, by their ids.
pub async fn of_cycle(tx: &mut Tx, cycle: Uuid) -> Result<HashMap<Uuid, Target>> {
    let found: Vec<Target> = tx
        .sql(
            "select id, cycle, unit, employee, title, measure, trim_scale(amount)::text as amount, due, author, created_at
             from targets where company_id = $1 and cycle = $2",
        )
        .bind::<SqlUuid, _>(cycle)
        .columns::<TargetColumns>()
        .load(tx.conn())
        .await?;
    Ok(found.into_iter().map(|target| (target.id, target)).collect())
}

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
        .sql(visible_targets!(
            "and t.cycle = $4 and ($5::text is null or t.unit = $5) and ($6::text is null or t.employee = $6)
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
        .columns::<TargetColumns>()
        .load(tx.conn())
        .await?)
}

/// The target, if the viewer may know of it.
pub async fn get(tx: &mut Tx, viewer: &Viewer, id: Uuid) -> Result<Target> {
    let found = tx
        .sql(visible_targets!("and t.id = $4 for update of t"))
        .bind::<Bool, _>(viewer.all)
        .bind::<Nullable<Text>, _>(&viewer.number)
        .bind::<SqlUuid, _>(id)
        .columns::<TargetColumns>()
        .get_result(tx.conn())
        .await;
    found.optional()?.ok_or_else(|| Problem::not_found(say!("下达指标", "target")))
}

pub async fn delete(tx: &mut Tx, id: Uuid) -> Result<()> {
    diesel::delete(targets::table.find((tx.company, id))).execute(tx.conn()).await?;
    Ok(())
}
