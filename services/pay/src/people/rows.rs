use std::collections::{BTreeMap, HashMap};

use basics::text::near;
use diesel::sql_types::{Array, BigInt, Text};
use diesel::{ExpressionMethods, QueryDsl};
use diesel_async::RunQueryDsl;
use events::{Employee, EmployeeNumber};
use platform::{Result, Tx};

use crate::schema::employees;

pub async fn keep(tx: &mut Tx, employees: &[Employee]) -> Result<()> {
    tx.sql(
        "insert into employees as t (company_id, number, near, version)
         select distinct on (n.number) $1, n.number, n.near, n.version
         from unnest($2::text[], $3::text[], $4::bigint[]) n(number, near, version)
         order by n.number, n.version desc
         on conflict (company_id, number) do update set near = excluded.near, version = excluded.version
         where excluded.version > t.version",
    )
    .bind::<Array<Text>, _>(employees.iter().map(|e| e.number.as_str()).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(employees.iter().map(|e| near(&e.number)).collect::<Vec<_>>())
    .bind::<Array<BigInt>, _>(employees.iter().map(|e| e.version).collect::<Vec<_>>())
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Those of these numbers that nobody has, each with numbers that may be meant. Nothing while nobody of the company
/// is known: its people are still on their way here.
pub async fn unknown(tx: &mut Tx, numbers: &[&str]) -> Result<BTreeMap<EmployeeNumber, Vec<String>>> {
    let unknown: Vec<EmployeeNumber> = tx
        .sql(
            "select n.number from unnest($2::text[]) n(number)
             where exists (select from employees e where e.company_id = $1)
               and not exists (select from employees e where e.company_id = $1 and e.number = n.number)",
        )
        .bind::<Array<Text>, _>(numbers)
        .columns::<Text>()
        .load(tx.conn())
        .await?;
    let keys: Vec<String> = unknown.iter().map(|number| near(number)).collect();
    let mut near = near_to(tx, &keys).await?;
    let with_near = |(number, key): (EmployeeNumber, &String)| (number, near.remove(key).unwrap_or_default());
    Ok(unknown.into_iter().zip(&keys).map(with_near).collect())
}

async fn near_to(tx: &mut Tx, keys: &[String]) -> Result<HashMap<String, Vec<String>>> {
    let found: Vec<(String, String)> = employees::table
        .select((employees::near, employees::number))
        .filter(employees::company_id.eq(tx.company))
        .filter(employees::near.eq_any(keys))
        .order((employees::near, employees::number))
        .load(tx.conn())
        .await?;
    let mut numbers: HashMap<String, Vec<String>> = HashMap::new();
    for (near, number) in found {
        numbers.entry(near).or_default().push(number);
    }
    Ok(numbers)
}
