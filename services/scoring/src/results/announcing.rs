//! The announcing job: tells others of published results, unit by unit, and at last of the publication.

use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use events::{CyclePublished, Event, ResultUnit, ResultsPublished, Values};
use platform::clock::date_of;
use platform::service::Platform;
use platform::sql::{Lock, ToDiesel};
use platform::{Result, Task, Tx};
use serde_json::Value;
use uuid::Uuid;

use super::{published, rows, summing_up};
use crate::cycles::cycle::Cycle;
use crate::cycles::rows as cycles;
use crate::interviews::opening;
use crate::signatures::opening as signing;

const RESULTS_AT_ONCE: i64 = 500;
const UNITS_AT_ONCE: i64 = 20;

/// Tells of some units of some publication; true when there may be more to tell.
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
        let finished = tell_publications(&mut tx).await?;
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
    #[diesel(sql_type = Integer)]
    publication: i32,
    #[diesel(sql_type = Text)]
    code: String,
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Nullable<Text>)]
    category: Option<String>,
    #[diesel(sql_type = Timestamptz, deserialize_as = platform::sql::Timestamp)]
    made_at: jiff::Timestamp,
}

async fn claim(tx: &mut Tx) -> Result<Vec<Published>> {
    Ok(tx
        .sql_of_all(
            "select a.company_id, a.cycle, c.period, c.company_carried, a.publication, a.unit as code, coalesce(u.name, a.unit) as name, u.category, p.made_at
             from announcements a join cycles c on c.company_id = a.company_id and c.id = a.cycle
             join publications p on p.company_id = a.company_id and p.cycle = a.cycle and p.no = a.publication
             left join subjects u on u.company_id = a.company_id and u.cycle = a.cycle and u.kind = 'unit' and u.subject = a.unit
             where a.announced_at is null
             order by a.company_id, a.cycle, a.publication, a.unit limit $1 for update of a skip locked",
        )
        .bind::<BigInt, _>(UNITS_AT_ONCE)
        .load(tx.conn())
        .await?)
}

async fn tell_unit(tx: &mut Tx, unit: Published) -> Result<()> {
    tx.enter(unit.company_id).await?;
    let now = tx.now;
    let company_carried: Values = serde_json::from_value(unit.company_carried)?;
    let (carried, result) = rows::of_unit(tx, unit.cycle, &unit.code).await?;
    let result = result.filter(|(publication, _)| *publication == unit.publication).map(|(_, result)| result);
    let told =
        ResultUnit { code: unit.code.as_str().into(), name: unit.name, category: unit.category, carried, result };
    let mut after = String::new();
    loop {
        let results = rows::to_publish(tx, unit.cycle, unit.publication, &unit.code, &after, RESULTS_AT_ONCE).await?;
        let alone = after.is_empty() && told.result.is_some();
        if results.is_empty() && !alone {
            break;
        }
        let last = results.last().map(|last| last.number.to_string());
        tx.emit(&Event::ResultsPublished(ResultsPublished {
            cycle: unit.cycle,
            period: unit.period.clone(),
            publication: unit.publication,
            company_carried: company_carried.clone(),
            unit: told.clone(),
            results,
            reason: None,
            known_on: Some(date_of(unit.made_at)),
            appeal: None,
        }))
        .await?;
        let Some(last) = last else { break };
        after = last;
    }
    let cycle = cycles::get(tx, unit.cycle, Lock::Share).await?;
    opening::open(tx, &cycle, unit.publication, &unit.code, date_of(now)).await?;
    signing::open(tx, &cycle, unit.publication, &unit.code, date_of(now)).await?;
    tx.sql("update announcements set announced_at = $5 where company_id = $1 and cycle = $2 and publication = $3 and unit = $4")
        .bind::<SqlUuid, _>(unit.cycle)
        .bind::<Integer, _>(unit.publication)
        .bind::<Text, _>(&unit.code)
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
    #[diesel(sql_type = Integer)]
    no: i32,
    #[diesel(sql_type = BigInt)]
    results: i64,
}

/// Publications of which every unit has been told, each once.
async fn tell_publications(tx: &mut Tx) -> Result<bool> {
    let now = tx.now;
    let finished: Vec<Finished> = tx
        .sql_of_all(
            "update publications p set announced_at = $1 from cycles c
             where p.announced_at is null and c.company_id = p.company_id and c.id = p.cycle
               and not exists (select from announcements a where a.company_id = p.company_id and a.cycle = p.cycle
                   and a.publication = p.no and a.announced_at is null)
             returning p.company_id, p.cycle as id, p.no, p.results",
        )
        .bind::<Timestamptz, _>(now.to_diesel())
        .load(tx.conn())
        .await?;
    let any = !finished.is_empty();
    for Finished { company_id, id, no, results } in finished {
        tx.enter(company_id).await?;
        let cycle = cycles::get(tx, id, Lock::None).await?;
        tell_publication(tx, &cycle, no, results).await?;
        summing_up::tell(tx, &cycle, no).await?;
    }
    Ok(any)
}

async fn tell_publication(tx: &mut Tx, cycle: &Cycle, publication: i32, results: i64) -> Result<()> {
    let late = published::late(tx, cycle.id).await?;
    tx.emit(&Event::CyclePublished(CyclePublished {
        cycle: cycle.id,
        period: cycle.period.clone(),
        publication,
        results: u32::try_from(results).unwrap_or(u32::MAX),
        late: u32::try_from(late).unwrap_or(u32::MAX),
        company_carried: Some(serde_json::from_value(cycle.company_carried.clone())?),
    }))
    .await
}

/// Tells how far a published cycle is, after somebody was left out of it or taken in again: those who are late decide
/// whether it is at its end.
pub async fn tell_again(tx: &mut Tx, cycle: &Cycle) -> Result<()> {
    let told: Vec<(i32, i64)> = tx
        .sql(
            "select no, results from publications where company_id = $1 and cycle = $2 and announced_at is not null
             order by no desc limit 1",
        )
        .bind::<SqlUuid, _>(cycle.id)
        .columns::<(Integer, BigInt)>()
        .load(tx.conn())
        .await?;
    match told.into_iter().next() {
        Some((no, results)) => tell_publication(tx, cycle, no, results).await,
        // The publication itself is still to be told.
        None => Ok(()),
    }
}
