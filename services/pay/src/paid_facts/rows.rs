use std::collections::HashMap;

use diesel::sql_types::{Array, BigInt, Bool, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use events::EmployeeNumber;
use platform::sql::ToDiesel;
use platform::{Result, Tx};
use serde_json::Value;
use uuid::Uuid;

use super::paid_fact::{Change, Facts, Stored};

/// The facts in force of people in a cycle, by number.
pub async fn in_force(tx: &mut Tx, cycle: Uuid, numbers: &[&str]) -> Result<HashMap<EmployeeNumber, Facts>> {
    let found: Vec<(EmployeeNumber, String, Option<Value>)> = tx
        .sql(
            "select distinct on (number, name) number, name, value from paid_facts
             where company_id = $1 and cycle = $2 and number = any($3) order by number, name, no desc",
        )
        .bind::<SqlUuid, _>(cycle)
        .bind::<Array<Text>, _>(numbers)
        .columns::<(Text, Text, Nullable<Jsonb>)>()
        .load(tx.conn())
        .await?;
    let mut facts: HashMap<EmployeeNumber, Facts> = HashMap::new();
    for (number, name, value) in found {
        if let Some(value) = value {
            facts.entry(number).or_default().insert(name, value);
        }
    }
    Ok(facts)
}

/// Enters facts beside those that were there.
pub async fn write(tx: &mut Tx, cycle: Uuid, changes: &[Change], reason: &str) -> Result<()> {
    let (now, by) = (tx.now, tx.actor.name.clone());
    tx.sql(
        "insert into paid_facts (company_id, cycle, number, name, no, value, by, at, reason)
         select $1, $2, n.number, n.name,
                1 + coalesce((select max(f.no) from paid_facts f where f.company_id = $1 and f.cycle = $2
                              and f.number = n.number and f.name = n.name), 0),
                n.value, $6, $7, $8
         from unnest($3::text[], $4::text[], $5::jsonb[]) n(number, name, value)",
    )
    .bind::<SqlUuid, _>(cycle)
    .bind::<Array<Text>, _>(changes.iter().map(|c| c.number.as_str()).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(changes.iter().map(|c| c.name.as_str()).collect::<Vec<_>>())
    .bind::<Array<Nullable<Jsonb>>, _>(changes.iter().map(|c| c.value.as_ref()).collect::<Vec<_>>())
    .bind::<Text, _>(&by)
    .bind::<Timestamptz, _>(now.to_diesel())
    .bind::<Text, _>(reason)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Those of these people who have a statement of a cycle, or one that was approved and is being issued, and no result of it that
/// still waits for one.
pub async fn paid(tx: &mut Tx, cycle: Uuid, numbers: &[&str]) -> Result<Vec<EmployeeNumber>> {
    Ok(tx
        .sql(
            "select n.number from unnest($3::text[]) n(number)
             left join lateral (
                 select b.state = 'approved' as approved from drafts d join batches b on b.company_id = $1 and b.id = d.batch
                 where d.company_id = $1 and d.cycle = $2 and d.number = n.number order by b.no desc limit 1) d on true
             where (d.approved or exists (select from statements s
                           where s.company_id = $1 and s.cycle = $2 and s.number = n.number))
               and not exists (select from held_results h where h.company_id = $1 and h.cycle = $2
                               and h.number = n.number and not h.settled)
               and d.approved is not false
             order by n.number",
        )
        .bind::<SqlUuid, _>(cycle)
        .bind::<Array<Text>, _>(numbers)
        .columns::<Text>()
        .load(tx.conn())
        .await?)
}

/// What is stored of a fact, with the value before it.
type StoredColumns = (Text, Text, BigInt, Nullable<Jsonb>, Nullable<Jsonb>, Text, Timestamptz, Text, Bool);

/// The facts of a cycle in order of number, name and change, behind a place: those in force, or all there ever were.
pub async fn page(
    tx: &mut Tx,
    cycle: Uuid,
    history: bool,
    after: (&str, &str, i64),
    limit: i64,
) -> Result<Vec<Stored>> {
    Ok(tx
        .sql(
            "select f.number, f.name, f.no, f.value, f.before, f.by, f.at, f.reason, f.in_force
             from (select number, name, no, value, by, at, reason, lag(value) over changes as before,
                          lead(no) over changes is null as in_force
                   from paid_facts where company_id = $1 and cycle = $2
                   window changes as (partition by number, name order by no)) f
             where (f.in_force or $3) and (f.number, f.name, f.no) > ($4, $5, $6)
             order by f.number, f.name, f.no limit $7",
        )
        .bind::<SqlUuid, _>(cycle)
        .bind::<Bool, _>(history)
        .bind::<Text, _>(after.0)
        .bind::<Text, _>(after.1)
        .bind::<BigInt, _>(after.2)
        .bind::<BigInt, _>(limit)
        .columns::<StoredColumns>()
        .load(tx.conn())
        .await?)
}
