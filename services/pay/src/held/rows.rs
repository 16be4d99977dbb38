use diesel::dsl::not;
use diesel::sql_types::{Array, BigInt, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{BoolExpressionMethods, ExpressionMethods, OptionalExtension, QueryDsl};
use diesel_async::RunQueryDsl;
use events::{EmployeeNumber, UnitCode};
use jiff::Timestamp;
use platform::sql::{Cached, ToDiesel};
use platform::{Result, Tx};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Held, Reason};
use crate::schema::held_results;

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
    .bind::<Array<Nullable<Text>>, _>(results.iter().map(|(_, reason)| reason.stored_problem()).collect::<Vec<_>>())
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Writes down why held results still wait.
pub async fn explain(tx: &mut Tx, cycle: Uuid, reasons: &[(EmployeeNumber, Reason)]) -> Result<()> {
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
    .bind::<Array<Nullable<Text>>, _>(reasons.iter().map(|(_, reason)| reason.stored_problem()).collect::<Vec<_>>())
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Has the results of these people tried again, because their profiles or facts have changed: those that wait, and those
/// whose statement waits to be approved.
pub async fn make_due(tx: &mut Tx, numbers: &[&str]) -> Result<()> {
    tx.sql(
        "update held_results h set due = true, settled = false
         where h.company_id = $1 and (h.cycle, h.number) in (
             select w.cycle, w.number from held_results w where w.company_id = $1 and w.number = any($2) and not w.settled
             union select d.cycle, d.number from drafts d
                 join batches b on b.company_id = $1 and b.id = d.batch and b.state <> 'approved'
                 where d.company_id = $1 and d.number = any($2))",
    )
    .bind::<Array<Text>, _>(numbers)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Has results of all companies tried again that the engine refused, whatever mended it.
pub async fn make_refused_due(tx: &mut Tx) -> Result<()> {
    let refused = held_results::table
        .filter(held_results::problem.is_not_null())
        .filter(not(held_results::settled).and(not(held_results::due)));
    diesel::update(refused).set(held_results::due.eq(true)).cached().execute(tx.conn()).await?;
    Ok(())
}

/// Lets go of results up to these versions: their statements are in the ledger, or none is due.
pub async fn let_go(tx: &mut Tx, cycle: Uuid, done: &[(EmployeeNumber, i64)]) -> Result<()> {
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

/// Marks results as reckoned: of a scheme in which pay is pooled, or approved before it is issued. They stay for what
/// comes later.
pub async fn settle(tx: &mut Tx, cycle: Uuid, numbers: &[&str]) -> Result<()> {
    let issued = held_results::table
        .filter(held_results::company_id.eq(tx.company))
        .filter(held_results::cycle.eq(cycle))
        .filter(held_results::number.eq_any(numbers));
    diesel::update(issued)
        .set((
            held_results::settled.eq(true),
            held_results::due.eq(false),
            held_results::missing.eq(Vec::<String>::new()),
            held_results::problem.eq(None::<String>),
        ))
        .cached()
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Results that were reckoned have to be reckoned again, once whatever they wait for is there.
pub async fn unsettle(tx: &mut Tx, cycle: Uuid, numbers: &[&str]) -> Result<()> {
    let reckoned = held_results::table
        .filter(held_results::company_id.eq(tx.company))
        .filter(held_results::cycle.eq(cycle))
        .filter(held_results::number.eq_any(numbers));
    let change = (held_results::settled.eq(false), held_results::due.eq(false));
    diesel::update(reckoned).set(change).cached().execute(tx.conn()).await?;
    Ok(())
}

/// A company and a cycle of it that has results which are due.
pub async fn any_due(tx: &mut Tx) -> Result<Option<(Uuid, Uuid)>> {
    let due = held_results::table.select((held_results::company_id, held_results::cycle)).filter(held_results::due);
    Ok(due.first(tx.conn()).await.optional()?)
}

/// Some of a cycle's results that are due and that nobody else works on.
pub async fn claim_due(tx: &mut Tx, cycle: Uuid, limit: i64) -> Result<Vec<Held>> {
    let found: Vec<Value> = held_results::table
        .select(held_results::held)
        .filter(held_results::company_id.eq(tx.company))
        .filter(held_results::cycle.eq(cycle))
        .filter(held_results::due)
        .order(held_results::number)
        .limit(limit)
        .for_update()
        .skip_locked()
        .load(tx.conn())
        .await?;
    found.into_iter().map(|held| Ok(serde_json::from_value(held)?)).collect()
}

/// Nothing of a cycle is due any more.
pub async fn none_due(tx: &mut Tx, cycle: Uuid) -> Result<()> {
    let due = held_results::table
        .filter(held_results::company_id.eq(tx.company))
        .filter(held_results::cycle.eq(cycle))
        .filter(held_results::due);
    diesel::update(due).set(held_results::due.eq(false)).cached().execute(tx.conn()).await?;
    Ok(())
}

/// Lets go of all results of a cycle.
pub async fn let_all_go(tx: &mut Tx, cycle: Uuid) -> Result<()> {
    let held =
        held_results::table.filter(held_results::company_id.eq(tx.company)).filter(held_results::cycle.eq(cycle));
    diesel::delete(held).cached().execute(tx.conn()).await?;
    Ok(())
}

/// Those of these people's results of a cycle that are not settled.
pub async fn unsettled(tx: &mut Tx, cycle: Uuid, numbers: &[&str]) -> Result<Vec<Held>> {
    let found: Vec<Value> = held_results::table
        .select(held_results::held)
        .filter(held_results::company_id.eq(tx.company))
        .filter(held_results::cycle.eq(cycle))
        .filter(held_results::number.eq_any(numbers))
        .filter(not(held_results::settled))
        .order(held_results::number)
        .load(tx.conn())
        .await?;
    found.into_iter().map(|held| Ok(serde_json::from_value(held)?)).collect()
}

/// How many results of a cycle are held, settled or not.
pub async fn count(tx: &mut Tx, cycle: Uuid) -> Result<i64> {
    Ok(held_results::table
        .filter(held_results::company_id.eq(tx.company))
        .filter(held_results::cycle.eq(cycle))
        .count()
        .get_result(tx.conn())
        .await?)
}

/// Units of a cycle with results that are not settled.
pub async fn unsettled_units(tx: &mut Tx, cycle: Uuid) -> Result<Vec<UnitCode>> {
    Ok(held_results::table
        .select(held_results::unit)
        .distinct()
        .filter(held_results::company_id.eq(tx.company))
        .filter(held_results::cycle.eq(cycle))
        .filter(not(held_results::settled))
        .order(held_results::unit)
        .load(tx.conn())
        .await?)
}

/// All results of a unit, or of the cycle when no unit is given, with whether each is settled.
pub async fn all(tx: &mut Tx, cycle: Uuid, unit: Option<&str>) -> Result<Vec<(Held, bool)>> {
    let mut query = held_results::table
        .select((held_results::held, held_results::settled))
        .filter(held_results::company_id.eq(tx.company))
        .filter(held_results::cycle.eq(cycle))
        .order((held_results::unit, held_results::number))
        .into_boxed();
    if let Some(unit) = unit {
        query = query.filter(held_results::unit.eq(unit));
    }
    let found: Vec<(Value, bool)> = query.load(tx.conn()).await?;
    found.into_iter().map(|(held, settled)| Ok((serde_json::from_value(held)?, settled))).collect()
}
