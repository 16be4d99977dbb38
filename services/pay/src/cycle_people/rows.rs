use std::collections::HashSet;

use diesel::sql_types::{Array, BigInt, Nullable, Text, Uuid as SqlUuid};
use diesel::{ExpressionMethods, QueryDsl};
use diesel_async::RunQueryDsl;
use events::{CycleSubject, EmployeeNumber, SubjectKind};
use platform::{Result, Tx};
use uuid::Uuid;

use super::CyclePerson;
use super::cycle_person::Standing;
use crate::schema::cycle_people;

/// Keeps the people among some subjects of a cycle, unless newer news of them came before.
pub async fn keep(tx: &mut Tx, cycle: Uuid, subjects: &[CycleSubject]) -> Result<()> {
    let people: Vec<&CycleSubject> =
        subjects.iter().filter(|subject| subject.subject.kind == SubjectKind::Person).collect();
    tx.sql(
        "insert into cycle_people as t (company_id, cycle, number, name, unit, category, standing, version)
         select distinct on (n.number) $1, $2, n.number, n.name, n.unit, n.category, n.standing, n.version
         from unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::bigint[])
              n(number, name, unit, category, standing, version)
         order by n.number, n.version desc
         on conflict (company_id, cycle, number) do update
         set name = excluded.name, unit = excluded.unit, category = excluded.category, standing = excluded.standing,
             version = excluded.version
         where excluded.version > t.version",
    )
    .bind::<SqlUuid, _>(cycle)
    .bind::<Array<Text>, _>(people.iter().map(|p| p.subject.id.as_str()).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(people.iter().map(|p| p.name.as_str()).collect::<Vec<_>>())
    .bind::<Array<Nullable<Text>>, _>(people.iter().map(|p| p.unit.as_deref()).collect::<Vec<_>>())
    .bind::<Array<Nullable<Text>>, _>(people.iter().map(|p| p.category.as_deref()).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(people.iter().map(|p| Standing::from(p.standing).as_str()).collect::<Vec<_>>())
    .bind::<Array<BigInt>, _>(people.iter().map(|p| p.version).collect::<Vec<_>>())
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The people who are appraised in a cycle, in order of employee number, behind one.
pub async fn after(tx: &mut Tx, cycle: Uuid, after: &str, limit: i64) -> Result<Vec<CyclePerson>> {
    Ok(cycle_people::table
        .select((cycle_people::number, cycle_people::name, cycle_people::unit, cycle_people::category))
        .filter(cycle_people::company_id.eq(tx.company))
        .filter(cycle_people::cycle.eq(cycle))
        .filter(cycle_people::standing.eq(Standing::In))
        .filter(cycle_people::number.gt(after))
        .order(cycle_people::number)
        .limit(limit)
        .load(tx.conn())
        .await?)
}

/// Those of these people who are appraised in a cycle, or have a result of it that is held.
pub async fn appraised(tx: &mut Tx, cycle: Uuid, numbers: &[&str]) -> Result<HashSet<EmployeeNumber>> {
    let found: Vec<EmployeeNumber> = tx
        .sql(
            "select number from cycle_people
             where company_id = $1 and cycle = $2 and number = any($3) and standing = 'in'
             union
             select number from held_results where company_id = $1 and cycle = $2 and number = any($3)",
        )
        .bind::<SqlUuid, _>(cycle)
        .bind::<Array<Text>, _>(numbers)
        .columns::<Text>()
        .load(tx.conn())
        .await?;
    Ok(found.into_iter().collect())
}
