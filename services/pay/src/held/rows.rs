use diesel::QueryableByName;
use diesel::sql_types::{Array, BigInt, Bool, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use jiff::Timestamp;
use platform::sql::ToDiesel;
use platform::{Result, Tx};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Held, Reason, stored};

/// Holds results; of two versions of one result the newer stays.
pub async fn hold(tx: &mut Tx, cycle: Uuid, results: &[(Held, Reason)], now: Timestamp) -> Result<()> {
    if results.is_empty() {
        return Ok(());
    }
    let held = results.iter().map(|(held, _)| serde_json::to_string(held)).collect::<Result<Vec<_>, _>>()?;
    let reasons: Vec<Value> = results.iter().map(|(_, reason)| json!(reason.missing)).collect();
    tx.sql(
        "insert into held_results (company_id, cycle, number, unit, version, held, missing, problem, due, settled, held_at)
         select $1, $2, n.number, n.unit, n.version, n.held::jsonb, array(select jsonb_array_elements_text(n.missing)),
                n.problem, false, false, $3
         from unnest($4::text[], $5::text[], $6::bigint[], $7::text[], $8::jsonb[], $9::text[])
              n(number, unit, version, held, missing, problem)
         on conflict (company_id, cycle, number) do update
         set unit = excluded.unit, version = excluded.version, held = excluded.held, missing = excluded.missing,
             problem = excluded.problem, due = false, settled = false, held_at = excluded.held_at
         where excluded.version > held_results.version
            or (excluded.version = held_results.version and not held_results.settled)",
    )
    .bind::<SqlUuid, _>(cycle)
    .bind::<Timestamptz, _>(now.to_diesel())
    .bind::<Array<Text>, _>(results.iter().map(|(held, _)| held.result.number.as_str()).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(results.iter().map(|(held, _)| held.unit.code.as_str()).collect::<Vec<_>>())
    .bind::<Array<BigInt>, _>(results.iter().map(|(held, _)| held.result.version).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(held)
    .bind::<Array<Jsonb>, _>(reasons)
    .bind::<Array<Nullable<Text>>, _>(results.iter().map(|(_, reason)| reason.problem.as_ref().map(stored)).collect::<Vec<_>>())
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Writes down why held results still wait.
pub async fn explain(tx: &mut Tx, cycle: Uuid, reasons: &[(String, Reason)]) -> Result<()> {
    let missing: Vec<Value> = reasons.iter().map(|(_, reason)| json!(reason.missing)).collect();
    tx.sql(
        "update held_results h set due = false, problem = n.problem,
                missing = array(select jsonb_array_elements_text(n.missing))
         from unnest($3::text[], $4::jsonb[], $5::text[]) n(number, missing, problem)
         where h.company_id = $1 and h.cycle = $2 and h.number = n.number",
    )
    .bind::<SqlUuid, _>(cycle)
    .bind::<Array<Text>, _>(reasons.iter().map(|(number, _)| number.as_str()).collect::<Vec<_>>())
    .bind::<Array<Jsonb>, _>(missing)
    .bind::<Array<Nullable<Text>>, _>(
        reasons.iter().map(|(_, reason)| reason.problem.as_ref().map(stored)).collect::<Vec<_>>(),
    )
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Has the results of these people tried again, because their profiles have changed.
pub async fn make_due(tx: &mut Tx, numbers: &[&str]) -> Result<()> {
    tx.sql("update held_results set due = true where company_id = $1 and number = any($2) and not settled")
        .bind::<Array<Text>, _>(numbers)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Has results tried again that the engine refused, whatever mended it.
pub async fn make_refused_due(tx: &mut Tx) -> Result<()> {
    tx.sql_of_all("update held_results set due = true where problem is not null and not settled and not due")
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Lets go of results up to these versions: their statements are in the ledger, or none is due.
pub async fn let_go(tx: &mut Tx, cycle: Uuid, done: &[(String, i64)]) -> Result<()> {
    tx.sql(
        "delete from held_results h using unnest($3::text[], $4::bigint[]) n(number, version)
         where h.company_id = $1 and h.cycle = $2 and h.number = n.number and h.version <= n.version",
    )
    .bind::<SqlUuid, _>(cycle)
    .bind::<Array<Text>, _>(done.iter().map(|(number, _)| number.as_str()).collect::<Vec<_>>())
    .bind::<Array<BigInt>, _>(done.iter().map(|(_, version)| *version).collect::<Vec<_>>())
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Marks results of a pooled scheme as issued; they stay for later corrections.
pub async fn settle(tx: &mut Tx, cycle: Uuid, numbers: &[&str]) -> Result<()> {
    tx.sql(
        "update held_results set settled = true, due = false, missing = '{}', problem = null
         where company_id = $1 and cycle = $2 and number = any($3)",
    )
    .bind::<SqlUuid, _>(cycle)
    .bind::<Array<Text>, _>(numbers)
    .execute(tx.conn())
    .await?;
    Ok(())
}

#[derive(QueryableByName)]
pub struct Due {
    #[diesel(sql_type = SqlUuid)]
    pub company_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub cycle: Uuid,
}

/// A cycle that has results which are due, of whatever company.
pub async fn any_due(tx: &mut Tx) -> Result<Option<Due>> {
    let found: Vec<Due> =
        tx.sql_of_all("select company_id, cycle from held_results where due limit 1").load(tx.conn()).await?;
    Ok(found.into_iter().next())
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Jsonb)]
    held: Value,
    #[diesel(sql_type = Bool)]
    settled: bool,
}

/// Some of a cycle's results that are due and that nobody else works on.
pub async fn claim_due(tx: &mut Tx, cycle: Uuid, limit: i64) -> Result<Vec<Held>> {
    let found: Vec<Row> = tx
        .sql(
            "select held, settled from held_results where company_id = $1 and cycle = $2 and due
         order by number limit $3 for update skip locked",
        )
        .bind::<SqlUuid, _>(cycle)
        .bind::<BigInt, _>(limit)
        .load(tx.conn())
        .await?;
    found.into_iter().map(|row| Ok(serde_json::from_value(row.held)?)).collect()
}

/// Nothing of a cycle is due any more.
pub async fn none_due(tx: &mut Tx, cycle: Uuid) -> Result<()> {
    tx.sql("update held_results set due = false where company_id = $1 and cycle = $2 and due")
        .bind::<SqlUuid, _>(cycle)
        .execute(tx.conn())
        .await?;
    Ok(())
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// How many results of a cycle are held, settled or not.
pub async fn count(tx: &mut Tx, cycle: Uuid) -> Result<i64> {
    let count: Count = tx
        .sql("select count(*) as count from held_results where company_id = $1 and cycle = $2")
        .bind::<SqlUuid, _>(cycle)
        .get_result(tx.conn())
        .await?;
    Ok(count.count)
}

#[derive(QueryableByName)]
struct Unit {
    #[diesel(sql_type = Text)]
    unit: String,
}

/// Units of a cycle with results that are not settled.
pub async fn unsettled_units(tx: &mut Tx, cycle: Uuid) -> Result<Vec<String>> {
    let found: Vec<Unit> = tx
        .sql(
            "select distinct unit from held_results where company_id = $1 and cycle = $2 and not settled order by unit",
        )
        .bind::<SqlUuid, _>(cycle)
        .load(tx.conn())
        .await?;
    Ok(found.into_iter().map(|row| row.unit).collect())
}

/// All results of a unit, or of the cycle when no unit is given, with whether each is settled.
pub async fn all(tx: &mut Tx, cycle: Uuid, unit: Option<&str>) -> Result<Vec<(Held, bool)>> {
    let found: Vec<Row> = tx
        .sql(
            "select held, settled from held_results
         where company_id = $1 and cycle = $2 and ($3 is null or unit = $3) order by unit, number",
        )
        .bind::<SqlUuid, _>(cycle)
        .bind::<Nullable<Text>, _>(unit)
        .load(tx.conn())
        .await?;
    found.into_iter().map(|row| Ok((serde_json::from_value(row.held)?, row.settled))).collect()
}
