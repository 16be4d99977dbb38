use std::collections::HashMap;

use diesel::sql_types::{Array, BigInt, Date, Nullable, Text};
use diesel::{ExpressionMethods, QueryDsl, SelectableHelper};
use diesel_async::RunQueryDsl;
use events::{Employee, EmployeeNumber};
use jiff::civil;
use platform::clock::date_of;
use platform::sql::ToDiesel;
use platform::{Result, Tx};

use super::Person;
use crate::schema::employees;

pub async fn keep(tx: &mut Tx, employees: &[Employee], today: civil::Date) -> Result<()> {
    let superior =
        |person: &Employee| person.assignment_on(today).and_then(|at| at.superior.as_ref()).map(ToString::to_string);
    let superiors: Vec<Option<String>> = employees.iter().map(superior).collect();
    let roles: Vec<String> = employees.iter().map(|person| person.roles.join(" ")).collect();
    tx.sql(
        "insert into employees as t (company_id, number, name, email, locale, left_on, version, superior, roles)
         select distinct on (n.number) $1, n.number, n.name, n.email, n.locale, n.left_on, n.version, n.superior,
             coalesce(string_to_array(nullif(n.roles, ''), ' '), '{}')
         from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::date[], $7::bigint[], $8::text[], $9::text[])
             n(number, name, email, locale, left_on, version, superior, roles)
         order by n.number, n.version desc
         on conflict (company_id, number) do update set
             name = excluded.name, email = excluded.email, locale = excluded.locale, left_on = excluded.left_on,
             version = excluded.version, superior = excluded.superior, roles = excluded.roles
         where excluded.version > t.version",
    )
    .bind::<Array<Text>, _>(employees.iter().map(|e| e.number.as_str()).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(employees.iter().map(|e| e.name.as_str()).collect::<Vec<_>>())
    .bind::<Array<Nullable<Text>>, _>(employees.iter().map(|e| e.email.as_deref()).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(employees.iter().map(|e| e.locale.as_str()).collect::<Vec<_>>())
    .bind::<Array<Nullable<Date>>, _>(employees.iter().map(|e| e.left_on.map(|d| d.to_diesel())).collect::<Vec<_>>())
    .bind::<Array<BigInt>, _>(employees.iter().map(|e| e.version).collect::<Vec<_>>())
    .bind::<Array<Nullable<Text>>, _>(superiors)
    .bind::<Array<Text>, _>(roles)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The people with these numbers, as far as they are known.
pub async fn by_number(tx: &mut Tx, numbers: &[&str]) -> Result<HashMap<EmployeeNumber, Person>> {
    let found: Vec<Person> = employees::table
        .filter(employees::company_id.eq(tx.company))
        .filter(employees::number.eq_any(numbers))
        .select(Person::as_select())
        .load(tx.conn())
        .await?;
    Ok(found.into_iter().map(|person| (person.number.clone(), person)).collect())
}

/// The numbers of those whose superior somebody is, and who have not left.
pub async fn led_by(tx: &mut Tx, superior: &str, most: i64) -> Result<Vec<String>> {
    Ok(tx
        .sql(
            "select number from employees where company_id = $1 and superior = $2 and (left_on is null or left_on >= $3)
             order by number limit $4",
        )
        .bind::<Text, _>(superior)
        .bind::<Date, _>(date_of(tx.now).to_diesel())
        .bind::<BigInt, _>(most)
        .columns::<Text>()
        .load(tx.conn())
        .await?)
}
