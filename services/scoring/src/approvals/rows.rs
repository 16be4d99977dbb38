use diesel::sql_types::{Array, BigInt, Bool, Integer, Jsonb, Nullable, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use platform::{Problem, Result, Tx, say};
use serde_json::{Value, json};
use uuid::Uuid;

use super::approval::{Approval, UnitOfRun};
use crate::results::rows::ResultRow;

/// Approvals of the company `$1`.
macro_rules! approvals {
    ($rest:literal) => {
        concat!(
            "select a.step, a.cycle, a.run, a.stage, a.unit, a.categories, a.place, s.state
             from approvals a join steps s on s.company_id = $1 and s.id = a.step where a.company_id = $1 ",
            $rest
        )
    };
}

pub async fn get(tx: &mut Tx, step: Uuid) -> Result<Approval> {
    let found: Vec<Approval> = tx.sql(approvals!("and a.step = $2")).bind::<SqlUuid, _>(step).load(tx.conn()).await?;
    found.into_iter().next().ok_or_else(|| Problem::not_found(say!("审批步骤", "approval")))
}

/// All of a run, in the order in which they were asked for.
pub async fn of_run(tx: &mut Tx, cycle: Uuid, run: i32) -> Result<Vec<Approval>> {
    Ok(tx
        .sql(approvals!("and a.cycle = $2 and a.run = $3 order by a.step"))
        .bind::<SqlUuid, _>(cycle)
        .bind::<Integer, _>(run)
        .load(tx.conn())
        .await?)
}

/// Those of a cycle that a page shows.
pub struct Filter {
    pub cycle: Uuid,
    /// Only these of whoever looks: actors as steps name them; none: everything.
    pub actors: Option<Vec<String>>,
    /// Only what waits.
    pub open: bool,
    pub unit: Option<String>,
    pub after: Option<Uuid>,
    pub limit: i64,
}

pub async fn list(tx: &mut Tx, filter: &Filter) -> Result<Vec<Approval>> {
    Ok(tx
        .sql(approvals!(
            "and a.cycle = $2 and ($3::text[] is null or s.actors && $3) and (not $4 or s.state = 'open')
             and ($5::text is null or a.unit = $5) and ($6::uuid is null or a.step > $6) order by a.step limit $7"
        ))
        .bind::<SqlUuid, _>(filter.cycle)
        .bind::<Nullable<Array<Text>>, _>(&filter.actors)
        .bind::<Bool, _>(filter.open)
        .bind::<Nullable<Text>, _>(&filter.unit)
        .bind::<Nullable<SqlUuid>, _>(filter.after)
        .bind::<BigInt, _>(filter.limit)
        .load(tx.conn())
        .await?)
}

/// Whether a step that is about a result waits for one of these actors.
pub async fn wait_for(tx: &mut Tx, result: &ResultRow, actors: &[String]) -> Result<bool> {
    Ok(tx
        .sql(
            "select exists (select from approvals a join steps s on s.company_id = $1 and s.id = a.step
                 where a.company_id = $1 and a.cycle = $2 and a.unit in ('', $3) and s.state = 'open' and s.actors && $4
                   and (a.categories = '{}' or $6 = 'unit' or $5::text is null or $5 = any(a.categories)))",
        )
        .bind::<SqlUuid, _>(result.cycle)
        .bind::<Text, _>(&result.unit)
        .bind::<Array<Text>, _>(actors)
        .bind::<Nullable<Text>, _>(&result.category)
        .bind::<Text, _>(result.kind)
        .columns::<Bool>()
        .get_result(tx.conn())
        .await?)
}

/// Those of a stage that are open.
pub async fn open_of(tx: &mut Tx, cycle: Uuid, stage: &str) -> Result<Vec<Approval>> {
    Ok(tx
        .sql(approvals!("and a.cycle = $2 and a.stage = $3 and s.state = 'open' order by a.step"))
        .bind::<SqlUuid, _>(cycle)
        .bind::<Text, _>(stage)
        .load(tx.conn())
        .await?)
}

pub async fn insert(tx: &mut Tx, approvals: &[Approval]) -> Result<()> {
    let row = |one: &Approval| {
        json!({ "step": one.step, "cycle": one.cycle, "run": one.run, "stage": one.stage, "unit": one.unit,
        "categories": one.categories, "place": one.place })
    };
    tx.sql(
        "insert into approvals (company_id, step, cycle, run, stage, unit, categories, place)
         select $1, n.* from jsonb_to_recordset($2)
             as n(step uuid, cycle uuid, run int, stage text, unit text, categories text[], place int)",
    )
    .bind::<Jsonb, _>(approvals.iter().map(row).collect::<Value>())
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The units of whose people, or of which themselves, there are results that are not published; whoever is not appraised
/// needs nobody to approve that.
pub async fn units(tx: &mut Tx, cycle: Uuid) -> Result<Vec<UnitOfRun>> {
    let found: Vec<(String, Vec<String>, bool)> = tx
        .sql(
            "select unit, coalesce(array_agg(distinct category) filter (where kind = 'person' and category is not null), '{}'),
                 coalesce(bool_or(category is null) filter (where kind = 'person'), true) from results
             where company_id = $1 and cycle = $2 and publication is null and excluded is null group by unit order by unit",
        )
        .bind::<SqlUuid, _>(cycle)
        .columns::<(Text, Array<Text>, Bool)>()
        .load(tx.conn())
        .await?;
    Ok(found
        .into_iter()
        .map(|(code, categories, uncategorised)| UnitOfRun { code, categories, uncategorised })
        .collect())
}
