use std::collections::{BTreeMap, HashMap};

use basics::text::near;
use diesel::QueryableByName;
use diesel::sql_types::{Array, BigInt, Text};
use diesel_async::RunQueryDsl;
use events::Employee;
use platform::{Result, Tx};

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

#[derive(QueryableByName)]
struct Unknown {
    #[diesel(sql_type = Text)]
    number: String,
}

#[derive(QueryableByName)]
struct Near {
    #[diesel(sql_type = Text)]
    near: String,
    #[diesel(sql_type = Text)]
    number: String,
}

/// Those of these numbers that nobody has, each with numbers that may be meant. Nothing while nobody of the company
/// is known: its people are still on their way here.
pub async fn unknown(tx: &mut Tx, numbers: &[&str]) -> Result<BTreeMap<String, Vec<String>>> {
    let unknown: Vec<Unknown> = tx
        .sql(
            "select n.number from unnest($2::text[]) n(number)
         where exists (select from employees e where e.company_id = $1)
           and not exists (select from employees e where e.company_id = $1 and e.number = n.number)",
        )
        .bind::<Array<Text>, _>(numbers)
        .load(tx.conn())
        .await?;
    let keys: Vec<String> = unknown.iter().map(|row| near(&row.number)).collect();
    let mut near = near_to(tx, &keys).await?;
    let with_near = |(row, key): (Unknown, &String)| (row.number, near.remove(key).unwrap_or_default());
    Ok(unknown.into_iter().zip(&keys).map(with_near).collect())
}

async fn near_to(tx: &mut Tx, keys: &[String]) -> Result<HashMap<String, Vec<String>>> {
    let found: Vec<Near> = tx
        .sql("select near, number from employees where company_id = $1 and near = any($2) order by near, number")
        .bind::<Array<Text>, _>(keys)
        .load(tx.conn())
        .await?;
    let mut numbers: HashMap<String, Vec<String>> = HashMap::new();
    for row in found {
        numbers.entry(row.near).or_default().push(row.number);
    }
    Ok(numbers)
}
