use diesel::sql_types::{BigInt, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use platform::replay::Closed;
use platform::{Result, Tx};
use uuid::Uuid;

/// Cycles with results, of every company.
pub async fn computed(tx: &mut Tx) -> Result<Vec<Closed>> {
    Ok(tx
        .sql_of_all(
            "select company_id as company, id as cycle, scheme_code as scheme, period from cycles
             where state in ('computed', 'published') order by company_id, computed_at, id",
        )
        .load(tx.conn())
        .await?)
}

/// The units in which somebody or something has a result.
pub async fn units(tx: &mut Tx, cycle: Uuid) -> Result<Vec<String>> {
    Ok(tx
        .sql("select distinct unit from results where company_id = $1 and cycle = $2 order by unit")
        .bind::<SqlUuid, _>(cycle)
        .columns::<Text>()
        .load(tx.conn())
        .await?)
}

/// How many results of people were published, and how many of these are there.
pub async fn published(tx: &mut Tx, cycle: Uuid) -> Result<(i64, i64)> {
    Ok(tx
        .sql(
            "select coalesce((select sum(results) from publications where company_id = $1 and cycle = $2), 0)::bigint,
                 (select count(distinct subject) from results where company_id = $1 and cycle = $2 and kind = 'person'
                     and publication is not null)",
        )
        .bind::<SqlUuid, _>(cycle)
        .columns::<(BigInt, BigInt)>()
        .get_result(tx.conn())
        .await?)
}
