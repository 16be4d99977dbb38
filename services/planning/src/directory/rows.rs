//! The organisation as planning knows it: rows that newer news replaces. Each batch is one statement a table.

use std::collections::{BTreeSet, HashMap};

use diesel::sql_types::{Array, Date as SqlDate, Jsonb, Nullable, Text};
use diesel::{ExpressionMethods, NullableExpressionMethods, QueryDsl, QueryableByName};
use diesel_async::RunQueryDsl;
use events::{Employee, Unit};
use platform::clock::date_of;
use platform::sql::{NullableDate, ToDiesel};
use platform::{Result, Tx};
use serde::{Deserialize, Serialize};
use steps::directory::rows as known;
use utoipa::ToSchema;

use super::organisation::{self, Organisation, Person};
use crate::schema::{assignments, employees, units};

/// What is made by the organisation as it is known is there before more news of it comes: a cycle, or a plan. To be called before
/// anything is locked.
pub async fn hold(tx: &mut Tx) -> Result<()> {
    tx.sql("select pg_advisory_xact_lock_shared(hashtextextended('planning organisation ' || $1::text, 0))")
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// News of the organisation comes: whatever is being made by what was known is there first, so that it can follow.
pub async fn change(tx: &mut Tx) -> Result<()> {
    tx.sql("select pg_advisory_xact_lock(hashtextextended('planning organisation ' || $1::text, 0))")
        .execute(tx.conn())
        .await?;
    Ok(())
}

pub async fn replace_units(tx: &mut Tx, units: &[Unit]) -> Result<()> {
    tx.sql(
        "insert into units (company_id, code, name, parent, category, head, facts, headships, version)
         select distinct on (n.code) $1, n.code, n.name, n.parent, n.category, n.head, n.facts,
             coalesce(n.headships, '[]'), n.version
         from jsonb_to_recordset($2) as n(code text, name text, parent text, category text, head text, facts jsonb,
             headships jsonb, version bigint)
         order by n.code, n.version desc
         on conflict (company_id, code) do update set name = excluded.name, parent = excluded.parent,
             category = excluded.category, head = excluded.head, facts = excluded.facts,
             headships = excluded.headships, version = excluded.version
         where excluded.version > units.version",
    )
    .bind::<Jsonb, _>(serde_json::to_value(units)?)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Returns the numbers of those whose news was new.
pub async fn replace_employees(tx: &mut Tx, employees: &[Employee]) -> Result<Vec<String>> {
    let news = serde_json::to_value(employees)?;
    let fresh: Vec<String> = tx
        .sql(
            "insert into employees (company_id, number, name, hired_on, left_on, facts, version)
         select distinct on (n.number) $1, n.number, n.name, n.hired_on, n.left_on, n.facts, n.version
         from jsonb_to_recordset($2)
             as n(number text, name text, hired_on date, left_on date, facts jsonb, version bigint)
         order by n.number, n.version desc
         on conflict (company_id, number) do update set name = excluded.name, hired_on = excluded.hired_on,
             left_on = excluded.left_on, facts = excluded.facts, version = excluded.version
         where excluded.version > employees.version
         returning number",
        )
        .bind::<Jsonb, _>(&news)
        .columns::<Text>()
        .load(tx.conn())
        .await?;
    replace_assignments(tx, &fresh, &news).await?;
    Ok(fresh)
}

async fn replace_assignments(tx: &mut Tx, numbers: &[String], news: &serde_json::Value) -> Result<()> {
    let of_people = assignments::table.filter(assignments::company_id.eq(tx.company));
    diesel::delete(of_people.filter(assignments::number.eq_any(numbers))).execute(tx.conn()).await?;
    tx.sql(
        r#"insert into assignments (company_id, number, from_on, unit, position, category, superior, dotted_superior)
         select distinct on (n.number, a."from") $1, n.number, a."from", a.unit, a.position, a.category, a.superior,
             a.dotted_superior
         from jsonb_to_recordset($2) as n(number text, assignments jsonb, version bigint)
         cross join lateral jsonb_to_recordset(n.assignments) as a("from" date, unit text, position text,
             category text, superior text, dotted_superior text)
         where n.number = any($3)
         order by n.number, a."from", n.version desc
         on conflict do nothing"#,
    )
    .bind::<Jsonb, _>(news)
    .bind::<Array<Text>, _>(numbers)
    .execute(tx.conn())
    .await?;
    Ok(())
}

#[derive(QueryableByName)]
struct PersonRow {
    #[diesel(sql_type = Text)]
    number: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Nullable<SqlDate>, deserialize_as = NullableDate)]
    hired_on: Option<jiff::civil::Date>,
    #[diesel(sql_type = Nullable<SqlDate>, deserialize_as = NullableDate)]
    left_on: Option<jiff::civil::Date>,
    #[diesel(sql_type = Jsonb)]
    facts: serde_json::Value,
    #[diesel(sql_type = Nullable<Text>)]
    unit: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    position: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    category: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    superior: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    dotted_superior: Option<String>,
}

#[derive(QueryableByName)]
struct UnitRow {
    #[diesel(sql_type = Text)]
    code: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Nullable<Text>)]
    category: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    head: Option<String>,
    #[diesel(sql_type = Jsonb)]
    facts: serde_json::Value,
    #[diesel(sql_type = Jsonb)]
    headships: serde_json::Value,
}

/// Everybody with the assignment in force on the day, else the nearest to it; all units; all bodies.
pub async fn organisation(tx: &mut Tx, day: jiff::civil::Date) -> Result<Organisation> {
    let people: Vec<PersonRow> = tx
        .sql(
            "select e.number, e.name, e.hired_on, e.left_on, e.facts, a.unit, a.position, a.category, a.superior,
                 a.dotted_superior
             from employees e
             left join lateral (
                 select * from assignments n where n.company_id = $1 and n.number = e.number
                 order by from_on <= $2 desc, case when from_on <= $2 then from_on end desc, from_on limit 1) a on true
             where e.company_id = $1",
        )
        .bind::<SqlDate, _>(day.to_diesel())
        .load(tx.conn())
        .await?;
    let units: Vec<UnitRow> = tx
        .sql("select code, name, category, head, facts, headships from units where company_id = $1")
        .load(tx.conn())
        .await?;
    let bodies = known::bodies(tx, day).await?;
    let person = |row: PersonRow| Person {
        number: row.number,
        name: row.name,
        hired_on: row.hired_on,
        left_on: row.left_on,
        facts: serde_json::from_value(row.facts).unwrap_or_default(),
        unit: row.unit,
        position: row.position,
        category: row.category,
        superior: row.superior,
        dotted: row.dotted_superior,
    };
    let unit = |row: UnitRow| organisation::Unit {
        code: row.code,
        name: row.name,
        category: row.category,
        head: row.head,
        facts: serde_json::from_value(row.facts).unwrap_or_default(),
        headships: serde_json::from_value(row.headships).unwrap_or_default(),
    };
    let people = people.into_iter().map(person).collect();
    Ok(Organisation::new(day, people, units.into_iter().map(unit).collect(), &bodies))
}

/// The codes of the company's bodies in which somebody sits.
pub async fn bodies(tx: &mut Tx, today: jiff::civil::Date) -> Result<BTreeSet<String>> {
    let seated = known::bodies(tx, today).await?.into_iter().filter(|body| !body.seats.is_empty());
    Ok(seated.map(|body| body.code).collect())
}

/// What units are called, by code.
pub async fn unit_names(tx: &mut Tx, codes: &[&str]) -> Result<HashMap<String, String>> {
    let names: Vec<(String, String)> = tx
        .sql("select code, name from units where company_id = $1 and code = any($2)")
        .bind::<Array<Text>, _>(codes.to_vec())
        .columns::<(Text, Text)>()
        .load(tx.conn())
        .await?;
    Ok(names.into_iter().collect())
}

/// How much of the organisation has arrived.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Size {
    pub units: i64,
    pub employees: i64,
    pub bodies: i64,
}

pub async fn size(tx: &mut Tx) -> Result<Size> {
    let units = units::table.filter(units::company_id.eq(tx.company)).count().single_value().assume_not_null();
    let employees =
        employees::table.filter(employees::company_id.eq(tx.company)).count().single_value().assume_not_null();
    let (units, employees) = diesel::select((units, employees)).get_result(tx.conn()).await?;
    let bodies = known::bodies(tx, date_of(tx.now)).await?;
    Ok(Size { units, employees, bodies: i64::try_from(bodies.len()).unwrap_or(i64::MAX) })
}
