use std::collections::HashMap;

use diesel::sql_types::{Array, BigInt, Nullable, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use events::{EmployeeNumber, PublishedResult};
use platform::{Result, Tx};
use uuid::Uuid;

use super::result::Earlier;

pub async fn keep(tx: &mut Tx, cycle: Uuid, results: &[PublishedResult]) -> Result<()> {
    let optional = |of: fn(&PublishedResult) -> Option<&str>| results.iter().map(of).collect::<Vec<_>>();
    tx.sql(
        "insert into results (company_id, cycle, number, version, score, grade, excluded)
         select $1, $2, n.* from unnest($3::text[], $4::bigint[], $5::text[], $6::text[], $7::text[])
             n(number, version, score, grade, excluded)
         on conflict do nothing",
    )
    .bind::<SqlUuid, _>(cycle)
    .bind::<Array<Text>, _>(results.iter().map(|r| r.number.as_str()).collect::<Vec<_>>())
    .bind::<Array<BigInt>, _>(results.iter().map(|r| r.version).collect::<Vec<_>>())
    .bind::<Array<Nullable<Text>>, _>(optional(|r| r.score.as_deref()))
    .bind::<Array<Nullable<Text>>, _>(optional(|r| r.grade.as_deref()))
    .bind::<Array<Nullable<Text>>, _>(optional(|r| r.excluded.as_deref()))
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The version before each of these results, by number; nothing for a first version.
pub async fn before(tx: &mut Tx, cycle: Uuid, results: &[PublishedResult]) -> Result<HashMap<EmployeeNumber, Earlier>> {
    let found: Vec<Earlier> = tx
        .sql(
            "select r.number, r.score, r.grade from results r
             join unnest($3::text[], $4::bigint[]) n(number, version) on r.number = n.number and r.version = n.version - 1
             where r.company_id = $1 and r.cycle = $2",
        )
        .bind::<SqlUuid, _>(cycle)
        .bind::<Array<Text>, _>(results.iter().map(|r| r.number.as_str()).collect::<Vec<_>>())
        .bind::<Array<BigInt>, _>(results.iter().map(|r| r.version).collect::<Vec<_>>())
        .columns::<(Text, Nullable<Text>, Nullable<Text>)>()
        .load(tx.conn())
        .await?;
    Ok(found.into_iter().map(|earlier| (earlier.number.clone(), earlier)).collect())
}
