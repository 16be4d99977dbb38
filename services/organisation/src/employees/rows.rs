use std::collections::HashMap;

use diesel::QueryableByName;
use diesel::sql_types::{Array, BigInt, Bool, Date as SqlDate, Jsonb, Nullable, Text};
use diesel_async::RunQueryDsl;
use events::{Assignment, Employee};
use jiff::civil::Date;
use platform::sql::{self, ToDiesel};
use platform::{Result, Tx};
use serde_json::Value;

use super::routes::Named;

#[derive(QueryableByName)]
struct EmployeeRow {
    #[diesel(sql_type = Text)]
    number: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Nullable<Text>)]
    email: Option<String>,
    #[diesel(sql_type = Text)]
    locale: String,
    #[diesel(sql_type = Nullable<SqlDate>)]
    hired_on: Option<sql::Date>,
    #[diesel(sql_type = Nullable<SqlDate>)]
    left_on: Option<sql::Date>,
    #[diesel(sql_type = Jsonb)]
    facts: Value,
    #[diesel(sql_type = Array<Text>)]
    roles: Vec<String>,
    #[diesel(sql_type = BigInt)]
    version: i64,
}

#[derive(QueryableByName)]
struct AssignmentRow {
    #[diesel(sql_type = Text)]
    number: String,
    #[diesel(sql_type = SqlDate)]
    from_day: sql::Date,
    #[diesel(sql_type = Text)]
    unit: String,
    #[diesel(sql_type = Nullable<Text>)]
    position: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    category: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    superior: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    dotted_superior: Option<String>,
}

/// These employees, or all, with all their assignments and the roles granted to their accounts.
pub async fn load(tx: &mut Tx, numbers: Option<&[String]>) -> Result<Vec<Employee>> {
    let people: Vec<EmployeeRow> = tx
        .sql(
            "select e.number, e.name, e.email, e.locale, e.hired_on, e.left_on, e.facts,
                coalesce(a.roles, '{}') as roles, e.version
         from employees e
         left join accounts a on a.company_id = e.company_id and a.employee = e.number and not a.disabled
         where e.company_id = $1 and ($2::text[] is null or e.number = any($2)) order by e.number",
        )
        .bind::<Nullable<Array<Text>>, _>(numbers)
        .load(tx.conn())
        .await?;
    let mut assignments = assignments(tx, numbers).await?;
    people
        .into_iter()
        .map(|row| {
            Ok(Employee {
                assignments: assignments.remove(&row.number).unwrap_or_default(),
                number: row.number,
                name: row.name,
                email: row.email,
                locale: row.locale,
                hired_on: row.hired_on.map(sql::Date::to_jiff),
                left_on: row.left_on.map(sql::Date::to_jiff),
                facts: serde_json::from_value(row.facts)?,
                roles: row.roles,
                version: row.version,
            })
        })
        .collect()
}

async fn assignments(tx: &mut Tx, numbers: Option<&[String]>) -> Result<HashMap<String, Vec<Assignment>>> {
    let rows: Vec<AssignmentRow> = tx
        .sql(
            "select number, from_day, unit, position, category, superior, dotted_superior from assignments
         where company_id = $1 and ($2::text[] is null or number = any($2)) order by number, from_day",
        )
        .bind::<Nullable<Array<Text>>, _>(numbers)
        .load(tx.conn())
        .await?;
    let mut found: HashMap<String, Vec<Assignment>> = HashMap::new();
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

#[derive(QueryableByName)]
struct NameRow {
    #[diesel(sql_type = Text)]
    number: String,
    #[diesel(sql_type = Text)]
    name: String,
}

/// What these employees are called.
pub async fn names(tx: &mut Tx, numbers: &[String]) -> Result<Vec<Named>> {
    let found: Vec<NameRow> = tx
        .sql("select number, name from employees where company_id = $1 and number = any($2)")
        .bind::<Array<Text>, _>(numbers)
        .load(tx.conn())
        .await?;
    Ok(found.into_iter().map(|row| Named { number: row.number, name: row.name }).collect())
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
pub async fn save_assignments(tx: &mut Tx, assignments: &[(String, Assignment)]) -> Result<()> {
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
pub async fn remove_assignments(tx: &mut Tx, gone: &[(String, Date)]) -> Result<()> {
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
pub async fn touch(tx: &mut Tx, numbers: &[String]) -> Result<()> {
    tx.sql("update employees set version = version + 1 where company_id = $1 and number = any($2)")
        .bind::<Array<Text>, _>(numbers)
        .execute(tx.conn())
        .await?;
    Ok(())
}

#[derive(QueryableByName)]
struct Number {
    #[diesel(sql_type = Text)]
    number: String,
}

/// Those of these numbers that are somebody's.
pub async fn known(tx: &mut Tx, numbers: &[String]) -> Result<Vec<String>> {
    let found: Vec<Number> = tx
        .sql("select number from employees where company_id = $1 and number = any($2)")
        .bind::<Array<Text>, _>(numbers)
        .load(tx.conn())
        .await?;
    Ok(found.into_iter().map(|row| row.number).collect())
}

/// Whom a list of employees is for.
#[derive(Clone, Copy)]
pub enum Seen<'a> {
    Everybody,
    /// The person, whoever is below them in the reporting line, and their direct dotted-line reports.
    LineOf(&'a str),
}

#[derive(Clone, Copy)]
pub struct Filter<'a> {
    pub unit: Option<&'a str>,
    pub after: Option<&'a str>,
    pub limit: i64,
}

/// Numbers of the employees on a page of the list, in order.
pub async fn page(tx: &mut Tx, seen: Seen<'_>, filter: Filter<'_>, today: Date) -> Result<Vec<String>> {
    let line = match seen {
        Seen::Everybody => None,
        Seen::LineOf(number) => Some(line_of(tx, number, today).await?),
    };
    let found: Vec<Number> = tx
        .sql(
            "select e.number from employees e
         where e.company_id = $1
           and ($2::text[] is null or e.number = any($2))
           and ($3::text is null or e.number > $3)
           and ($4::text is null or $4 = (
               select a.unit from assignments a
               where a.company_id = $1 and a.number = e.number and a.from_day <= $5
               order by a.from_day desc limit 1))
         order by e.number limit $6",
        )
        .bind::<Nullable<Array<Text>>, _>(line)
        .bind::<Nullable<Text>, _>(filter.after)
        .bind::<Nullable<Text>, _>(filter.unit)
        .bind::<SqlDate, _>(today.to_diesel())
        .bind::<BigInt, _>(filter.limit)
        .load(tx.conn())
        .await?;
    Ok(found.into_iter().map(|row| row.number).collect())
}

/// A person and everybody they may see: who is below them, and their direct dotted-line reports.
async fn line_of(tx: &mut Tx, number: &str, today: Date) -> Result<Vec<String>> {
    let found: Vec<Number> = tx
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
        .load(tx.conn())
        .await?;
    Ok(found.into_iter().map(|row| row.number).collect())
}

#[derive(QueryableByName)]
struct Sees {
    #[diesel(sql_type = Bool)]
    sees: bool,
}

/// Whether a person is the viewer, below them in the reporting line, or their direct dotted-line report.
pub async fn sees(tx: &mut Tx, viewer: &str, number: &str, today: Date) -> Result<bool> {
    let found: Sees = tx
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
             order by a.from_day desc limit 1), false) as sees",
        )
        .bind::<Text, _>(viewer)
        .bind::<Text, _>(number)
        .bind::<SqlDate, _>(today.to_diesel())
        .get_result(tx.conn())
        .await?;
    Ok(found.sees)
}
