//! The closing job: computes a cycle piece by piece. A piece is a unit, or the whole company where the scheme
//! ranks across units. Each transaction takes some pieces whose rows nobody else holds, so replicas share the
//! work, and a job that is killed leaves nothing half done.

use std::collections::HashMap;

use diesel::QueryableByName;
use diesel::sql_types::{Array, BigInt, Bool, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use jiff::Timestamp;
use platform::service::Platform;
use platform::sql::{Lock, ToDiesel};
use platform::{Problem, Result, Task, Tx, say};
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use super::rows::{self, Making};
use crate::cycles::cycle::{Cycle, State};
use crate::cycles::rows as cycles;
use crate::engine::computing::{Detail, Fault, Found, PersonFound, Piece, compute};
use crate::sheets::rows as sheets;
use crate::sheets::sheet::Sheet;

/// The piece that stands for the whole company.
pub const WHOLE: &str = "*";
/// People in one transaction, unless one unit has more.
const PEOPLE_AT_ONCE: i64 = 2000;

/// Lays out the pieces of a cycle that is to be closed.
pub async fn lay_out(tx: &mut Tx, cycle: Uuid, whole: bool) -> Result<()> {
    let laying_out = if whole {
        tx.sql(
            "insert into closing_units (company_id, cycle, piece, people)
             select $1, $2, '*', count(*) from sheets where company_id = $1 and cycle = $2",
        )
    } else {
        tx.sql(
            "insert into closing_units (company_id, cycle, piece, people)
             select $1, $2, u.code, count(s.number) from units u
             left join sheets s on s.company_id = $1 and s.cycle = $2 and s.unit = u.code
             where u.company_id = $1 and u.cycle = $2 group by u.code",
        )
    };
    laying_out.bind::<SqlUuid, _>(cycle).execute(tx.conn()).await?;
    Ok(())
}

/// Closes some pieces of some cycle; true when there may be more to do.
pub fn run(platform: Platform) -> Task<'static, Result<bool>> {
    Box::pin(async move {
        let mut tx = platform.store.begin_across_companies(platform.clock.now()).await?;
        match claim(&mut tx).await? {
            Some((company, cycle, pieces)) => {
                tx.enter(company).await?;
                close(&mut tx, cycle, &pieces).await?;
                tx.commit().await?;
                Ok(true)
            }
            None => {
                let finished = finish(&mut tx).await?;
                tx.commit().await?;
                Ok(finished)
            }
        }
    })
}

#[derive(QueryableByName)]
struct Claimed {
    #[diesel(sql_type = SqlUuid)]
    company_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    cycle: Uuid,
    #[diesel(sql_type = Text)]
    piece: String,
    #[diesel(sql_type = BigInt)]
    people: i64,
}

/// Locks the next piece, and as many more of its cycle as make up some thousand people: the rest is left to
/// other replicas.
async fn claim(tx: &mut Tx) -> Result<Option<(Uuid, Uuid, Vec<String>)>> {
    let first: Vec<Claimed> = tx
        .sql_of_all(
            "select company_id, cycle, piece, people from closing_units where state = 'pending'
         order by company_id, cycle, piece limit 1 for update skip locked",
        )
        .load(tx.conn())
        .await?;
    let Some(first) = first.into_iter().next() else { return Ok(None) };
    let more = PEOPLE_AT_ONCE / first.people.max(20) - 1;
    let mut pieces = vec![first.piece.clone()];
    if more > 0 {
        let others: Vec<Claimed> = tx
            .sql_of_all(
                "select company_id, cycle, piece, people from closing_units
             where state = 'pending' and company_id = $1 and cycle = $2 and piece > $3 and people <= $4
             order by piece limit $5 for update skip locked",
            )
            .bind::<SqlUuid, _>(first.company_id)
            .bind::<SqlUuid, _>(first.cycle)
            .bind::<Text, _>(&first.piece)
            .bind::<BigInt, _>(first.people.max(20) * 2)
            .bind::<BigInt, _>(more)
            .load(tx.conn())
            .await?;
        pieces.extend(others.into_iter().map(|o| o.piece));
    }
    Ok(Some((first.company_id, first.cycle, pieces)))
}

/// Computes pieces and stores what was found. When they cannot be computed together, each is tried alone, so
/// that one faulty unit keeps no other from its results.
async fn close(tx: &mut Tx, cycle: Uuid, pieces: &[String]) -> Result<()> {
    let cycle = cycles::get(tx, cycle, Lock::Share).await?;
    if cycle.state()? != State::Closing {
        return Err(Problem::internal("pieces to close of a cycle that is not closing"));
    }
    rows::keep_history(tx).await?;
    if close_together(tx, &cycle, pieces).await?.is_empty() || pieces.is_empty() {
        return Ok(());
    }
    for piece in pieces {
        let faults = close_together(tx, &cycle, std::slice::from_ref(piece)).await?;
        if !faults.is_empty() {
            fail(tx, cycle.id, piece, &faults).await?;
        }
    }
    Ok(())
}

/// What keeps the pieces from being computed; nothing when they were, and are stored.
async fn close_together(tx: &mut Tx, cycle: &Cycle, pieces: &[String]) -> Result<Vec<Fault>> {
    let now = tx.now;
    let piece = load(tx, cycle, pieces, now).await?;
    let (scheme, frozen) = (cycle.scheme()?, cycle.clone());
    // Thousands of people take a while: requests and events go on meanwhile.
    let computing = move || compute(&scheme, &frozen, &piece, Detail::Explained).map(|found| (found, piece.people));
    match tokio::task::spawn_blocking(computing).await.map_err(Problem::internal)?? {
        (Ok(found), people) => {
            store(tx, cycle, pieces, &people, &found).await?;
            Ok(Vec::new())
        }
        (Err(refusal), _) => Ok(refusal.faults),
    }
}

/// The units of some pieces, their people's sheets, and these people's history as it stood at a moment.
pub async fn load(tx: &mut Tx, cycle: &Cycle, pieces: &[String], at: Timestamp) -> Result<Piece> {
    let codes = if pieces.iter().any(|p| p == WHOLE) { None } else { Some(pieces) };
    let units = cycles::units(tx, cycle.id, codes).await?;
    let people = sheets::of_units(tx, cycle.id, codes).await?;
    let numbers: Vec<String> = people.iter().map(|s| s.number.clone()).collect();
    let history = rows::history(tx, cycle, &numbers, at).await?;
    Ok(Piece { units, people, history })
}

async fn store(tx: &mut Tx, cycle: &Cycle, pieces: &[String], people: &[Sheet], found: &Found) -> Result<()> {
    let now = tx.now;
    let by_number: HashMap<&str, &PersonFound> = found.people.iter().map(|f| (f.number.as_str(), f)).collect();
    let pairs: Vec<(&Sheet, &PersonFound)> =
        people.iter().filter_map(|s| Some((s, *by_number.get(s.number.as_str())?))).collect();
    let making = Making { version: 1, by: "system", at: now, reason: None };
    rows::insert(tx, cycle.id, &making, &pairs).await?;
    rows::insert_units(tx, cycle.id, &found.units).await?;
    tx.sql(
        "update closing_units set state = 'done', done_at = $4, carried = case when piece = $5 then $6::jsonb end
         where company_id = $1 and cycle = $2 and piece = any($3)",
    )
    .bind::<SqlUuid, _>(cycle.id)
    .bind::<Array<Text>, _>(pieces)
    .bind::<Timestamptz, _>(now.to_diesel())
    .bind::<Nullable<Text>, _>(pieces.first())
    .bind::<Jsonb, _>(serde_json::to_value(&found.company_carried)?)
    .execute(tx.conn())
    .await?;
    Ok(())
}

async fn fail(tx: &mut Tx, cycle: Uuid, piece: &str, faults: &[Fault]) -> Result<()> {
    let now = tx.now;
    let faults = faults.get(..faults.len().min(1000)).unwrap_or(faults);
    tx.sql(
        "update closing_units set state = 'failed', problem = $4, done_at = $5 where company_id = $1 and cycle = $2 and piece = $3",
    )
    .bind::<SqlUuid, _>(cycle)
    .bind::<Text, _>(piece)
    .bind::<Jsonb, _>(serde_json::to_value(faults)?)
    .bind::<Timestamptz, _>(now.to_diesel())
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Cycles of which every piece is through are closed, or have failed.
async fn finish(tx: &mut Tx) -> Result<bool> {
    let now = tx.now;
    let finished = tx.sql_of_all(
        "update cycles c set version = version + 1, closed_at = $1,
             state = case when exists (select from closing_units u where u.company_id = c.company_id and u.cycle = c.id and u.state = 'failed')
                          then 'failed' else 'closed' end,
             company_carried = coalesce((select u.carried from closing_units u
                 where u.company_id = c.company_id and u.cycle = c.id and u.carried is not null limit 1), '{}')
         where c.state = 'closing' and not exists (
             select from closing_units u where u.company_id = c.company_id and u.cycle = c.id and u.state = 'pending')",
    )
    .bind::<Timestamptz, _>(now.to_diesel())
    .execute(tx.conn())
    .await?;
    Ok(finished > 0)
}

#[derive(QueryableByName)]
struct Carried {
    #[diesel(sql_type = Jsonb)]
    carried: Value,
}

/// Refuses to publish a cycle unless everything is there that pay stands on: the figures of the company as its pieces
/// found them, a result of every sheet, and one of every unit.
pub async fn check_whole(tx: &mut Tx, cycle: &Cycle) -> Result<()> {
    if has_figures_of_company(tx, cycle).await? && !lacks_results(tx, cycle).await? {
        return Ok(());
    }
    Err(Problem::wrong_state(say!(
        "结果中缺少计算薪酬所需的数据：请重新开放本周期，再次关闭后公布",
        "figures that pay stands on are missing from the results; reopen the cycle and close it again"
    )))
}

async fn has_figures_of_company(tx: &mut Tx, cycle: &Cycle) -> Result<bool> {
    let found: Vec<Carried> = tx
        .sql("select distinct carried from closing_units where company_id = $1 and cycle = $2 and carried is not null")
        .bind::<SqlUuid, _>(cycle.id)
        .load(tx.conn())
        .await?;
    Ok(match found.as_slice() {
        [] => !cycle.scheme()?.carries_of_company(),
        found => found.iter().all(|found| found.carried == cycle.company_carried),
    })
}

#[derive(QueryableByName)]
struct Lacking {
    #[diesel(sql_type = Bool)]
    lacking: bool,
}

async fn lacks_results(tx: &mut Tx, cycle: &Cycle) -> Result<bool> {
    let has_units = cycle.scheme()?.plain().has_units();
    let lacking: Lacking = tx.sql(
        "select exists (select from sheets s where s.company_id = $1 and s.cycle = $2 and not exists (
                    select from results r where r.company_id = $1 and r.cycle = $2 and r.number = s.number and r.version = 1))
             or ($3 and exists (select from units u where u.company_id = $1 and u.cycle = $2 and not exists (
                    select from unit_results r where r.company_id = $1 and r.cycle = $2 and r.unit = u.code))) as lacking",
    )
    .bind::<SqlUuid, _>(cycle.id)
    .bind::<Bool, _>(has_units)
    .get_result(tx.conn())
    .await?;
    Ok(lacking.lacking)
}

/// How closing goes.
#[derive(QueryableByName)]
pub struct Progress {
    #[diesel(sql_type = BigInt)]
    pub pieces: i64,
    #[diesel(sql_type = BigInt)]
    pub done: i64,
    #[diesel(sql_type = BigInt)]
    pub failed: i64,
}

pub async fn progress(tx: &mut Tx, cycle: Uuid) -> Result<Progress> {
    Ok(tx.sql(
        "select count(*) as pieces, count(*) filter (where state = 'done') as done, count(*) filter (where state = 'failed') as failed
         from closing_units where company_id = $1 and cycle = $2",
    )
    .bind::<SqlUuid, _>(cycle)
    .get_result(tx.conn())
    .await?)
}

/// A unit that could not be computed.
#[derive(QueryableByName, Serialize, ToSchema)]
pub struct Failure {
    /// Unit code, or `*` for the whole company.
    #[diesel(sql_type = Text)]
    pub unit: String,
    /// What was wrong, and with whom.
    #[diesel(sql_type = Nullable<Jsonb>)]
    #[schema(value_type = Vec<Fault>)]
    pub problem: Option<Value>,
}

/// The first hundred failures.
pub async fn failures(tx: &mut Tx, cycle: Uuid) -> Result<Vec<Failure>> {
    Ok(tx.sql(
        "select piece as unit, problem from closing_units where company_id = $1 and cycle = $2 and state = 'failed' order by piece limit 100",
    )
    .bind::<SqlUuid, _>(cycle)
    .load(tx.conn())
    .await?)
}
