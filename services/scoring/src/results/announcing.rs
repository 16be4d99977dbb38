//! The announcing job: tells others of published results, unit by unit, and at last of the cycle.

use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use events::{CyclePublished, Event, ResultUnit, ResultsPublished, Values};
use platform::service::Platform;
use platform::sql::ToDiesel;
use platform::{Result, Task, Tx};
use serde_json::Value;
use uuid::Uuid;

use super::rows;

const RESULTS_AT_ONCE: i64 = 500;
const UNITS_AT_ONCE: i64 = 20;

/// Tells of some units of some published cycle; true when there may be more to tell.
pub fn run(platform: Platform) -> Task<'static, Result<bool>> {
    Box::pin(async move {
        let mut tx = platform.store.begin_across_companies(platform.clock.now()).await?;
        let units = claim(&mut tx).await?;
        let told = !units.is_empty();
        for unit in units {
            tell_unit(&mut tx, unit).await?;
        }
        if told {
            tx.commit().await?;
            return Ok(true);
        }
        let finished = tell_cycles(&mut tx).await?;
        tx.commit().await?;
        Ok(finished)
    })
}

#[derive(QueryableByName)]
struct Published {
    #[diesel(sql_type = SqlUuid)]
    company_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    cycle: Uuid,
    #[diesel(sql_type = Text)]
    period: String,
    #[diesel(sql_type = Jsonb)]
    company_carried: Value,
    #[diesel(sql_type = Text)]
    code: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Nullable<Text>)]
    category: Option<String>,
}

async fn claim(tx: &mut Tx) -> Result<Vec<Published>> {
    Ok(tx
        .sql_of_all(
            "select u.company_id, u.cycle, c.period, c.company_carried, u.code, u.name, u.category
         from cycles c join units u on u.company_id = c.company_id and u.cycle = c.id
         where c.state = 'published' and c.announced_at is null and u.announced_at is null
         order by u.company_id, u.cycle, u.code limit $1 for update of u skip locked",
        )
        .bind::<BigInt, _>(UNITS_AT_ONCE)
        .load(tx.conn())
        .await?)
}

async fn tell_unit(tx: &mut Tx, unit: Published) -> Result<()> {
    tx.enter(unit.company_id).await?;
    let now = tx.now;
    let carried = rows::unit_carried(tx, unit.cycle, &unit.code).await?;
    let company_carried: Values = serde_json::from_value(unit.company_carried)?;
    let result_unit = ResultUnit { code: unit.code.into(), name: unit.name, category: unit.category, carried };
    let mut after = String::new();
    loop {
        let results = rows::to_publish(tx, unit.cycle, &result_unit.code, &after, RESULTS_AT_ONCE).await?;
        let Some(last) = results.last() else { break };
        last.number.as_str().clone_into(&mut after);
        tx.emit(&Event::ResultsPublished(ResultsPublished {
            cycle: unit.cycle,
            period: unit.period.clone(),
            company_carried: company_carried.clone(),
            unit: result_unit.clone(),
            results,
            reason: None,
        }))
        .await?;
    }
    tx.sql("update units set announced_at = $4 where company_id = $1 and cycle = $2 and code = $3")
        .bind::<SqlUuid, _>(unit.cycle)
        .bind::<Text, _>(&result_unit.code)
        .bind::<Timestamptz, _>(now.to_diesel())
        .execute(tx.conn())
        .await?;
    Ok(())
}

#[derive(QueryableByName)]
struct Finished {
    #[diesel(sql_type = SqlUuid)]
    company_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Text)]
    period: String,
    #[diesel(sql_type = Jsonb)]
    company_carried: Value,
}

/// Cycles of which every unit has been told, each once.
async fn tell_cycles(tx: &mut Tx) -> Result<bool> {
    let now = tx.now;
    let finished: Vec<Finished> = tx.sql_of_all(
        "update cycles c set announced_at = $1 where c.state = 'published' and c.announced_at is null
           and not exists (select from units u where u.company_id = c.company_id and u.cycle = c.id and u.announced_at is null)
         returning company_id, id, period, company_carried",
    )
    .bind::<Timestamptz, _>(now.to_diesel())
    .load(tx.conn())
    .await?;
    let any = !finished.is_empty();
    for cycle in finished {
        tx.enter(cycle.company_id).await?;
        let results = rows::count(tx, cycle.id).await?;
        tx.emit(&Event::CyclePublished(CyclePublished {
            cycle: cycle.id,
            period: cycle.period,
            results: u32::try_from(results).unwrap_or(u32::MAX),
            company_carried: Some(serde_json::from_value(cycle.company_carried)?),
        }))
        .await?;
    }
    Ok(any)
}
