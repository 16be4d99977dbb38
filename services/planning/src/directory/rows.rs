//! The organisation as planning knows it: rows that newer news replaces. Each batch is one statement a table.

use std::collections::{BTreeSet, HashMap};

use basics::workdays::WorkingCalendar;
use diesel::sql_types::{Array, BigInt, Date as SqlDate, Jsonb, Nullable, Text};
use diesel::{ExpressionMethods, NullableExpressionMethods, OptionalExtension, QueryDsl, Queryable, QueryableByName};
use diesel_async::RunQueryDsl;
use events::{Employee, Unit, WorkingCalendarChanged};
use platform::sql::{Date, NullableDate, ToDiesel};
use platform::{Result, Tx};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::organisation::{self, Body, Organisation, Person};
use crate::schema::{assignments, bodies, employees, units, working_calendars};

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

pub async fn replace_bodies(tx: &mut Tx, bodies: &[events::Body]) -> Result<()> {
    tx.sql(
        "insert into bodies (company_id, code, name_zh, name_en, seats, version)
         select distinct on (n.code) $1, n.code, n.name_zh, n.name_en, n.seats, n.version
         from jsonb_to_recordset($2) as n(code text, name_zh text, name_en text, seats jsonb, version bigint)
         order by n.code, n.version desc
         on conflict (company_id, code) do update set name_zh = excluded.name_zh, name_en = excluded.name_en,
             seats = excluded.seats, version = excluded.version
         where excluded.version > bodies.version",
    )
    .bind::<Jsonb, _>(serde_json::to_value(bodies)?)
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

pub async fn replace_calendar(tx: &mut Tx, calendar: &WorkingCalendarChanged) -> Result<()> {
    let days = |days: &[jiff::civil::Date]| days.iter().map(|day| day.to_diesel()).collect::<Vec<Date>>();
    tx.sql(
        "insert into working_calendars (company_id, non_working_days, working_days, version) values ($1, $2, $3, $4)
         on conflict (company_id) do update set non_working_days = excluded.non_working_days,
             working_days = excluded.working_days, version = excluded.version
         where excluded.version > working_calendars.version",
    )
    .bind::<Array<SqlDate>, _>(days(&calendar.non_working_days))
    .bind::<Array<SqlDate>, _>(days(&calendar.working_days))
    .bind::<BigInt, _>(calendar.version)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The company's working calendar; plain weekdays while it has none.
pub async fn calendar(tx: &mut Tx) -> Result<WorkingCalendar> {
    let of_company = working_calendars::table.find(tx.company);
    let found: Option<(Vec<Date>, Vec<Date>)> = of_company
        .select((working_calendars::non_working_days, working_calendars::working_days))
        .first(tx.conn())
        .await
        .optional()?;
    let days = |days: Vec<Date>| days.into_iter().map(|day| day.to_jiff()).collect::<BTreeSet<_>>();
    Ok(found.map_or_else(WorkingCalendar::default, |(non_working, working)| WorkingCalendar {
        non_working: days(non_working),
        working: days(working),
    }))
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

#[derive(QueryableByName)]
struct BodyRow {
    #[diesel(sql_type = Jsonb)]
    seats: serde_json::Value,
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
    let bodies: Vec<BodyRow> = tx.sql("select seats from bodies where company_id = $1").load(tx.conn()).await?;
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
    let body = |row: BodyRow| Body { seats: serde_json::from_value(row.seats).unwrap_or_default() };
    let bodies: Vec<Body> = bodies.into_iter().map(body).collect();
    let people = people.into_iter().map(person).collect();
    Ok(Organisation::new(day, people, units.into_iter().map(unit).collect(), &bodies))
}

/// The codes of the company's bodies.
pub async fn bodies(tx: &mut Tx) -> Result<BTreeSet<String>> {
    let codes: Vec<String> =
        tx.sql("select code from bodies where company_id = $1").columns::<Text>().load(tx.conn()).await?;
    Ok(codes.into_iter().collect())
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
#[derive(Queryable, Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct Size {
    pub units: i64,
    pub employees: i64,
    pub bodies: i64,
}

pub async fn size(tx: &mut Tx) -> Result<Size> {
    let units = units::table.filter(units::company_id.eq(tx.company)).count().single_value().assume_not_null();
    let employees =
        employees::table.filter(employees::company_id.eq(tx.company)).count().single_value().assume_not_null();
    let bodies = bodies::table.filter(bodies::company_id.eq(tx.company)).count().single_value().assume_not_null();
    Ok(diesel::select((units, employees, bodies)).get_result(tx.conn()).await?)
}
