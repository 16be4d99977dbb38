use std::collections::HashMap;

use diesel::sql_types::{Array, BigInt, Date, Nullable, Text};
use diesel::{ExpressionMethods, QueryDsl, SelectableHelper};
use diesel_async::RunQueryDsl;
use events::{Employee, EmployeeNumber};
use platform::sql::ToDiesel;
use platform::{Result, Tx};

use super::Person;
use crate::schema::employees;

pub async fn keep(tx: &mut Tx, employees: &[Employee]) -> Result<()> {
    tx.sql(
        "insert into employees as t (company_id, number, name, email, locale, left_on, version)
         select distinct on (n.number) $1, n.* from unnest($2::text[], $3::text[], $4::text[], $5::text[], $6::date[], $7::bigint[])
             n(number, name, email, locale, left_on, version)
         order by n.number, n.version desc
         on conflict (company_id, number) do update set
             name = excluded.name, email = excluded.email, locale = excluded.locale, left_on = excluded.left_on,
             version = excluded.version
         where excluded.version > t.version",
    )
    .bind::<Array<Text>, _>(employees.iter().map(|e| e.number.as_str()).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(employees.iter().map(|e| e.name.as_str()).collect::<Vec<_>>())
    .bind::<Array<Nullable<Text>>, _>(employees.iter().map(|e| e.email.as_deref()).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(employees.iter().map(|e| e.locale.as_str()).collect::<Vec<_>>())
    .bind::<Array<Nullable<Date>>, _>(employees.iter().map(|e| e.left_on.map(|d| d.to_diesel())).collect::<Vec<_>>())
    .bind::<Array<BigInt>, _>(employees.iter().map(|e| e.version).collect::<Vec<_>>())
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
