use diesel::sql_types::{Array, BigInt, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use platform::sql::ToDiesel;
use platform::{Problem, Result, Tx, say};
use steps::steps::Step;
use uuid::Uuid;

use super::spot_check::{CheckState, SpotCheck};

/// Spot checks of the company `$1`.
macro_rules! checks {
    ($rest:literal) => {
        concat!(
            "select c.id, c.cycle, c.stage, c.unit, c.checker, c.state, c.subjects, c.drawn_by, c.drawn_at
             from spot_checks c where c.company_id = $1 ",
            $rest
        )
    };
}

/// A spot check, held until the transaction ends.
pub async fn get(tx: &mut Tx, id: Uuid) -> Result<SpotCheck> {
    let found: Vec<SpotCheck> =
        tx.sql(checks!("and c.id = $2 for update")).bind::<SqlUuid, _>(id).load(tx.conn()).await?;
    found.into_iter().next().ok_or_else(|| Problem::not_found(say!("抽查", "spot check")))
}

pub async fn many(tx: &mut Tx, ids: &[Uuid]) -> Result<Vec<SpotCheck>> {
    Ok(tx.sql(checks!("and c.id = any($2) order by c.id")).bind::<Array<SqlUuid>, _>(ids).load(tx.conn()).await?)
}

/// Those of a cycle that are not settled.
pub async fn open(tx: &mut Tx, cycle: Uuid) -> Result<Vec<SpotCheck>> {
    Ok(tx
        .sql(checks!("and c.cycle = $2 and c.state <> 'settled' order by c.unit, c.id"))
        .bind::<SqlUuid, _>(cycle)
        .load(tx.conn())
        .await?)
}

/// Those of a cycle, of some only those in whose steps they act or acted.
pub async fn list(
    tx: &mut Tx,
    cycle: Uuid,
    actors: Option<&[String]>,
    open: bool,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<SpotCheck>> {
    Ok(tx
        .sql(checks!(
            "and c.cycle = $2 and ($3::text[] is null or c.checker = any($3) or exists (select from steps s
                 where s.company_id = $1 and s.about = 'spot-check:' || c.id and s.actors && $3))
             and (not $4 or c.state <> 'settled') and ($5::uuid is null or c.id > $5) order by c.id limit $6"
        ))
        .bind::<SqlUuid, _>(cycle)
        .bind::<Nullable<Array<Text>>, _>(actors)
        .bind::<Bool, _>(open)
        .bind::<Nullable<SqlUuid>, _>(after)
        .bind::<BigInt, _>(limit)
        .load(tx.conn())
        .await?)
}

/// Whether somebody looks at a unit now, as one of these actors, or has to answer for it; nobody looks at their own unit.
pub async fn wait_for(tx: &mut Tx, cycle: Uuid, unit: &str, actors: &[String], number: Option<&str>) -> Result<bool> {
    Ok(tx
        .sql(
            "select exists (select from spot_checks c where c.company_id = $1 and c.cycle = $2 and c.unit = $3 and c.state <> 'settled'
               and (exists (select from steps s where s.company_id = $1 and s.about = 'spot-check:' || c.id and s.place = 2 and s.state = 'open'
                       and s.actors && $4)
                   or (c.checker = any($4)
                       and not exists (select from subjects p where p.company_id = $1 and p.cycle = $2 and p.kind = 'person' and p.subject = $5 and p.unit = $3)
                       and not exists (select from subjects u where u.company_id = $1 and u.cycle = $2 and u.kind = 'unit' and u.subject = $3
                           and $5 in (coalesce(u.head, ''), coalesce(u.co_head, ''))))))",
        )
        .bind::<SqlUuid, _>(cycle)
        .bind::<Text, _>(unit)
        .bind::<Array<Text>, _>(actors)
        .bind::<Nullable<Text>, _>(number)
        .columns::<Bool>()
        .get_result(tx.conn())
        .await?)
}

/// All steps of some spot checks, in their order.
pub async fn steps_of(tx: &mut Tx, ids: &[Uuid]) -> Result<Vec<Step>> {
    let about: Vec<String> = ids.iter().map(|id| SpotCheck::about(*id)).collect();
    steps::steps::rows::about_any(tx, &about).await
}

pub async fn insert(tx: &mut Tx, checks: &[SpotCheck]) -> Result<()> {
    let column = |of: fn(&SpotCheck) -> &str| -> Vec<&str> { checks.iter().map(of).collect() };
    let Some(first) = checks.first() else { return Ok(()) };
    tx.sql(
        "insert into spot_checks (company_id, id, cycle, stage, unit, checker, state, drawn_by, drawn_at)
         select $1, n.id, $2, $3, n.unit, $4, 'drawn', $5, $6 from unnest($7::uuid[], $8::text[]) as n(id, unit)",
    )
    .bind::<SqlUuid, _>(first.cycle)
    .bind::<Text, _>(&first.stage)
    .bind::<Text, _>(&first.checker)
    .bind::<Text, _>(&first.drawn_by)
    .bind::<Timestamptz, _>(first.drawn_at.to_diesel())
    .bind::<Array<SqlUuid>, _>(checks.iter().map(|one| one.id).collect::<Vec<_>>())
    .bind::<Array<Text>, _>(column(|one| &one.unit))
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Puts a spot check further; whose results it is about, where that is said now.
pub async fn set(tx: &mut Tx, id: Uuid, state: CheckState, subjects: Option<&[String]>) -> Result<()> {
    tx.sql("update spot_checks set state = $3, subjects = coalesce($4, subjects) where company_id = $1 and id = $2")
        .bind::<SqlUuid, _>(id)
        .bind::<Text, _>(state)
        .bind::<Nullable<Array<Text>>, _>(subjects)
        .execute(tx.conn())
        .await?;
    Ok(())
}
