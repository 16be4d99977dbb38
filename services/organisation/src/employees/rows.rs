use std::collections::HashMap;

use diesel::dsl::not;
use diesel::pg::Pg;
use diesel::prelude::*;
use diesel::sql_types::{Array, BigInt, Bool, Date as SqlDate, Nullable, Text};
use diesel_async::RunQueryDsl;
use events::{Assignment, Employee, EmployeeNumber, UnitCode};
use jiff::civil::Date;
use platform::sql::{self, Cached, ToDiesel, lower};
use platform::{Result, Tx, page};
use serde_json::Value;

use super::employee::{Named, Seen};
use crate::schema::{accounts, assignments, employees};

#[derive(Queryable, Selectable)]
#[diesel(table_name = employees, check_for_backend(Pg))]
struct EmployeeRow {
    number: EmployeeNumber,
    name: String,
    email: Option<String>,
    locale: String,
    hired_on: Option<sql::Date>,
    left_on: Option<sql::Date>,
    facts: Value,
    version: i64,
}

impl EmployeeRow {
    fn employee(self, roles: Vec<String>, assignments: Vec<Assignment>) -> Result<Employee> {
        Ok(Employee {
            number: self.number,
            name: self.name,
            email: self.email,
            locale: self.locale,
            hired_on: self.hired_on.map(sql::Date::to_jiff),
            left_on: self.left_on.map(sql::Date::to_jiff),
            facts: serde_json::from_value(self.facts)?,
            roles,
            assignments,
            version: self.version,
        })
    }
}

#[derive(Queryable, Selectable)]
#[diesel(table_name = assignments, check_for_backend(Pg))]
struct AssignmentRow {
    number: EmployeeNumber,
    from_day: sql::Date,
    unit: UnitCode,
    position: Option<String>,
    category: Option<String>,
    superior: Option<EmployeeNumber>,
    dotted_superior: Option<EmployeeNumber>,
}

/// These employees, or all, with all their assignments and the roles granted to their accounts.
pub async fn load(tx: &mut Tx, numbers: Option<&[EmployeeNumber]>) -> Result<Vec<Employee>> {
    let account = accounts::company_id
        .eq(employees::company_id)
        .and(accounts::employee.eq(employees::number.nullable()))
        .and(not(accounts::disabled));
    let mut chosen = employees::table
        .left_join(accounts::table.on(account))
        .filter(employees::company_id.eq(tx.company))
        .select((EmployeeRow::as_select(), accounts::roles.nullable()))
        .into_boxed();
    if let Some(numbers) = numbers {
        chosen = chosen.filter(employees::number.eq_any(numbers));
    }
    let found: Vec<(EmployeeRow, Option<Vec<String>>)> = chosen.order(employees::number).load(tx.conn()).await?;
    let mut assignments = assignments_of(tx, numbers).await?;
    let with_places = |(row, roles): (EmployeeRow, Option<Vec<String>>)| {
        let assignments = assignments.remove(&row.number).unwrap_or_default();
        row.employee(roles.unwrap_or_default(), assignments)
    };
    found.into_iter().map(with_places).collect()
}

pub async fn by_number(tx: &mut Tx, number: &str) -> Result<Option<Employee>> {
    Ok(load(tx, Some(&[number.into()])).await?.pop())
}

async fn assignments_of(
    tx: &mut Tx,
    numbers: Option<&[EmployeeNumber]>,
) -> Result<HashMap<EmployeeNumber, Vec<Assignment>>> {
    let mut chosen = assignments::table
        .filter(assignments::company_id.eq(tx.company))
        .select(AssignmentRow::as_select())
        .into_boxed();
    if let Some(numbers) = numbers {
        chosen = chosen.filter(assignments::number.eq_any(numbers));
    }
    let rows: Vec<AssignmentRow> = chosen.order((assignments::number, assignments::from_day)).load(tx.conn()).await?;
    let mut found: HashMap<EmployeeNumber, Vec<Assignment>> = HashMap::new();
    for row in rows {
        found.entry(row.number).or_default().push(Assignment {
            from: row.from_day.to_jiff(),
            unit: row.unit,
            position: row.position,
            category: row.category,
            superior: row.superior,
            dotted_superior: row.dotted_superior,
        });
    }
    Ok(found)
}

/// What these employees are called.
pub async fn names(tx: &mut Tx, numbers: &[EmployeeNumber]) -> Result<Vec<Named>> {
    let chosen =
        employees::table.filter(employees::company_id.eq(tx.company)).filter(employees::number.eq_any(numbers));
    Ok(chosen.select(Named::as_select()).load(tx.conn()).await?)
}

/// Those of these numbers that are somebody's.
pub async fn known(tx: &mut Tx, numbers: &[EmployeeNumber]) -> Result<Vec<EmployeeNumber>> {
    let chosen =
        employees::table.filter(employees::company_id.eq(tx.company)).filter(employees::number.eq_any(numbers));
    Ok(chosen.select(employees::number).load(tx.conn()).await?)
}

/// Numbers of employees who are called, whatever the case, like one of these names (in lower case).
pub async fn numbers_like(tx: &mut Tx, names: &[String]) -> Result<Vec<EmployeeNumber>> {
    let of_the_company = employees::table.filter(employees::company_id.eq(tx.company));
    let called = of_the_company.filter(lower(employees::number).eq_any(names));
    Ok(called.select(employees::number).load(tx.conn()).await?)
}

/// Inserts people or puts in their newer version.
pub async fn save(tx: &mut Tx, people: &[Employee]) -> Result<()> {
    let facts: Vec<String> =
        people.iter().map(|person| serde_json::to_string(&person.facts)).collect::<Result<_, _>>()?;
    tx.sql(
        "insert into employees as e (company_id, number, name, email, locale, hired_on, left_on, facts, version)
         select $1, t.number, t.name, t.email, t.locale, t.hired_on, t.left_on, t.facts::jsonb, t.version
         from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::date[], $7::date[], $8::text[], $9::bigint[])
              as t (number, name, email, locale, hired_on, left_on, facts, version)
         on conflict (company_id, number) do update set
             name = excluded.name, email = excluded.email, locale = excluded.locale, hired_on = excluded.hired_on,
             left_on = excluded.left_on, facts = excluded.facts, version = excluded.version
         where e.version < excluded.version",
    )
    .bind::<Array<Text>, _>(people.iter().map(|p| p.number.as_str()).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(people.iter().map(|p| p.name.as_str()).collect::<Vec<_>>())
    .bind::<Array<Nullable<Text>>, _>(people.iter().map(|p| p.email.as_deref()).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(people.iter().map(|p| p.locale.as_str()).collect::<Vec<_>>())
    .bind::<Array<Nullable<SqlDate>>, _>(people.iter().map(|p| p.hired_on.map(Date::to_diesel)).collect::<Vec<_>>())
    .bind::<Array<Nullable<SqlDate>>, _>(people.iter().map(|p| p.left_on.map(Date::to_diesel)).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(facts)
    .bind::<Array<BigInt>, _>(people.iter().map(|p| p.version).collect::<Vec<_>>())
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Inserts assignments; one from the same day is replaced.
pub async fn save_assignments(tx: &mut Tx, assignments: &[(EmployeeNumber, Assignment)]) -> Result<()> {
    tx.sql(
        "insert into assignments (company_id, number, from_day, unit, position, category, superior, dotted_superior)
         select $1, t.* from unnest($2::text[], $3::date[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[]) as t
         on conflict (company_id, number, from_day) do update set
             unit = excluded.unit, position = excluded.position, category = excluded.category,
             superior = excluded.superior, dotted_superior = excluded.dotted_superior",
    )
    .bind::<Array<Text>, _>(assignments.iter().map(|(number, _)| number.as_str()).collect::<Vec<_>>())
    .bind::<Array<SqlDate>, _>(assignments.iter().map(|(_, a)| a.from.to_diesel()).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(assignments.iter().map(|(_, a)| a.unit.as_str()).collect::<Vec<_>>())
    .bind::<Array<Nullable<Text>>, _>(assignments.iter().map(|(_, a)| a.position.as_deref()).collect::<Vec<_>>())
    .bind::<Array<Nullable<Text>>, _>(assignments.iter().map(|(_, a)| a.category.as_deref()).collect::<Vec<_>>())
    .bind::<Array<Nullable<Text>>, _>(assignments.iter().map(|(_, a)| a.superior.as_deref()).collect::<Vec<_>>())
    .bind::<Array<Nullable<Text>>, _>(assignments.iter().map(|(_, a)| a.dotted_superior.as_deref()).collect::<Vec<_>>())
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Removes assignments, by whose they are and the day from which they are.
pub async fn remove_assignments(tx: &mut Tx, gone: &[(EmployeeNumber, Date)]) -> Result<()> {
    if gone.is_empty() {
        return Ok(());
    }
    tx.sql(
        "delete from assignments a using unnest($2::text[], $3::date[]) n(number, from_day)
         where a.company_id = $1 and a.number = n.number and a.from_day = n.from_day",
    )
    .bind::<Array<Text>, _>(gone.iter().map(|(number, _)| number.as_str()).collect::<Vec<_>>())
    .bind::<Array<SqlDate>, _>(gone.iter().map(|(_, day)| day.to_diesel()).collect::<Vec<_>>())
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Gives people their next version.
pub async fn touch(tx: &mut Tx, numbers: &[EmployeeNumber]) -> Result<()> {
    let people =
        employees::table.filter(employees::company_id.eq(tx.company)).filter(employees::number.eq_any(numbers));
    diesel::update(people).set(employees::version.eq(employees::version + 1_i64)).cached().execute(tx.conn()).await?;
    Ok(())
}

#[derive(Clone, Copy)]
pub struct Filter<'a> {
    pub unit: Option<&'a str>,
    pub after: Option<&'a str>,
    pub limit: i64,
}

/// The employees on a page of the list, in order.
pub async fn page(tx: &mut Tx, seen: Seen<'_>, filter: Filter<'_>, today: Date) -> Result<Vec<Employee>> {
    let all = employees::table.filter(employees::company_id.eq(tx.company)).select(employees::number);
    let mut chosen = page!(all, employees::number, filter.after, filter.limit);
    if let Seen::LineOf(number) = seen {
        chosen = chosen.filter(employees::number.eq_any(line_of(tx, number, today).await?));
    }
    if let Some(unit) = filter.unit {
        let place = assignments::table
            .filter(assignments::company_id.eq(employees::company_id))
            .filter(assignments::number.eq(employees::number))
            .filter(assignments::from_day.le(today.to_diesel()))
            .order(assignments::from_day.desc())
            .select(assignments::unit)
            .limit(1);
        chosen = chosen.filter(place.single_value().eq(unit));
    }
    let numbers: Vec<EmployeeNumber> = chosen.load(tx.conn()).await?;
    load(tx, Some(&numbers)).await
}

/// A person and everybody they may see: who is below them, and their direct dotted-line reports.
async fn line_of(tx: &mut Tx, number: &str, today: Date) -> Result<Vec<String>> {
    let found = tx
        .sql(
            "with recursive below (number) as (
             select $2::text
             union
             select a.number from below b join assignments a on a.company_id = $1 and a.superior = b.number
             where a.from_day <= $3 and not exists (
                 select from assignments later where later.company_id = $1 and later.number = a.number
                   and later.from_day > a.from_day and later.from_day <= $3)
         )
         select number from below
         union
         select a.number from assignments a
         where a.company_id = $1 and a.dotted_superior = $2 and a.from_day <= $3 and not exists (
             select from assignments later where later.company_id = $1 and later.number = a.number
               and later.from_day > a.from_day and later.from_day <= $3)",
        )
        .bind::<Text, _>(number)
        .bind::<SqlDate, _>(today.to_diesel())
        .columns::<Text>()
        .load(tx.conn())
        .await?;
    Ok(found)
}

/// Whether a person is the viewer, below them in the reporting line, or their direct dotted-line report.
pub async fn sees(tx: &mut Tx, viewer: &str, number: &str, today: Date) -> Result<bool> {
    let sees = tx
        .sql(
            "with recursive above (number) as (
             select $3::text
             union
             select place.superior from above b, lateral (
                 select a.superior from assignments a
                 where a.company_id = $1 and a.number = b.number and a.from_day <= $4
                 order by a.from_day desc limit 1) place
             where place.superior is not null
         )
         select exists (select from above where number = $2) or coalesce($2 = (
             select a.dotted_superior from assignments a
             where a.company_id = $1 and a.number = $3 and a.from_day <= $4
             order by a.from_day desc limit 1), false)",
        )
        .bind::<Text, _>(viewer)
        .bind::<Text, _>(number)
        .bind::<SqlDate, _>(today.to_diesel())
        .columns::<Bool>()
        .get_result(tx.conn())
        .await?;
    Ok(sees)
}
