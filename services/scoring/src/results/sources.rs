//! With what values, found in other results, results were computed.

use std::collections::BTreeSet;

use diesel::sql_types::{Array, BigInt, Bool, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use platform::{Result, Tx};
use uuid::Uuid;

use super::rows::Made;

/// Notes it of results that were just computed from what counts now.
pub async fn note(tx: &mut Tx, cycle: Uuid, made: &[Made<'_>]) -> Result<()> {
    let any: bool = tx
        .sql(
            "select exists (select from facts where company_id = $1 and cycle = $2 and rests_on is not null)
                 or exists (select from result_sources where company_id = $1 and cycle = $2)",
        )
        .bind::<SqlUuid, _>(cycle)
        .columns::<Bool>()
        .get_result(tx.conn())
        .await?;
    if !any {
        return Ok(());
    }
    let (kinds, subjects, versions) = columns(made);
    tx.sql(
        "delete from result_sources s using unnest($3::text[], $4::text[], $5::bigint[]) m(kind, subject, version)
         where s.company_id = $1 and s.cycle = $2 and s.kind = m.kind and s.subject = m.subject and s.version = m.version",
    )
    .bind::<SqlUuid, _>(cycle)
    .bind::<Array<Text>, _>(&kinds)
    .bind::<Array<Text>, _>(&subjects)
    .bind::<Array<BigInt>, _>(&versions)
    .execute(tx.conn())
    .await?;
    tx.sql(
        "insert into result_sources (company_id, cycle, kind, subject, version, value_of, path, value, rests_on, rests_version)
         select $1, $2, r.kind, r.subject, r.version, f.kind || ':' || f.subject, f.path, f.value, f.rests_on, f.rests_version
         from unnest($3::text[], $4::text[], $5::bigint[]) m(kind, subject, version)
         join results r on r.company_id = $1 and r.cycle = $2 and r.kind = m.kind and r.subject = m.subject and r.version = m.version
         join facts f on f.company_id = $1 and f.cycle = $2 and f.rests_on is not null and f.latest and f.value <> 'null'
             and ((f.kind = r.kind and f.subject = r.subject) or (f.kind = 'unit' and r.kind = 'person' and f.subject = r.unit))",
    )
    .bind::<SqlUuid, _>(cycle)
    .bind::<Array<Text>, _>(kinds)
    .bind::<Array<Text>, _>(subjects)
    .bind::<Array<BigInt>, _>(versions)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Notes it of corrected results: what the versions before rested on, but for the values that were corrected (whose, and
/// which).
pub async fn carry(tx: &mut Tx, cycle: Uuid, made: &[Made<'_>], but: &BTreeSet<(String, String)>) -> Result<()> {
    let (kinds, subjects, versions) = columns(made);
    let (whose, paths): (Vec<&str>, Vec<&str>) = but.iter().map(|(of, path)| (of.as_str(), path.as_str())).unzip();
    tx.sql(
        "insert into result_sources (company_id, cycle, kind, subject, version, value_of, path, value, rests_on, rests_version)
         select $1, $2, s.kind, s.subject, m.version, s.value_of, s.path, s.value, s.rests_on, s.rests_version
         from unnest($3::text[], $4::text[], $5::bigint[]) m(kind, subject, version)
         join result_sources s on s.company_id = $1 and s.cycle = $2 and s.kind = m.kind and s.subject = m.subject and s.version = m.version - 1
         where (s.value_of, s.path) not in (select * from unnest($6::text[], $7::text[]))",
    )
    .bind::<SqlUuid, _>(cycle)
    .bind::<Array<Text>, _>(kinds)
    .bind::<Array<Text>, _>(subjects)
    .bind::<Array<BigInt>, _>(versions)
    .bind::<Array<Text>, _>(whose)
    .bind::<Array<Text>, _>(paths)
    .execute(tx.conn())
    .await?;
    Ok(())
}

fn columns<'m>(made: &'m [Made<'_>]) -> (Vec<&'static str>, Vec<&'m str>, Vec<i64>) {
    let kinds = made.iter().map(|one| one.found.kind.as_str()).collect();
    let subjects = made.iter().map(|one| one.found.subject.as_str()).collect();
    (kinds, subjects, made.iter().map(|one| one.version).collect())
}
