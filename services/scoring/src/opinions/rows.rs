use diesel::sql_types::{Array, BigInt, Bool, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use platform::sql::ToDiesel;
use platform::{Problem, Result, Tx, say};
use uuid::Uuid;

use super::opinion::Opinion;

/// Opinions of the company `$1`.
macro_rules! opinions {
    ($rest:literal) => {
        concat!(
            "select o.step, o.cycle, o.stage, o.number, coalesce(p.name, o.number) as name, o.result_version, o.digest, o.words, o.stated_at,
                 s.actors, s.state, s.due, d.verdict, d.reason as answer, d.by as answered_by, d.at as answered_at
             from opinions o join steps s on s.company_id = $1 and s.id = o.step
             left join decisions d on d.company_id = $1 and d.step = o.step
             left join subjects p on p.company_id = $1 and p.cycle = o.cycle and p.kind = 'person' and p.subject = o.number
             where o.company_id = $1 ",
            $rest
        )
    };
}

/// An opinion; whoever changes it holds the cycle and then the step.
pub async fn get(tx: &mut Tx, step: Uuid) -> Result<Opinion> {
    let found: Vec<Opinion> = tx.sql(opinions!("and o.step = $2")).bind::<SqlUuid, _>(step).load(tx.conn()).await?;
    found.into_iter().next().ok_or_else(|| Problem::not_found(say!("意见", "opinion")))
}

/// Those of a person in a cycle.
pub async fn of_person(tx: &mut Tx, cycle: Uuid, number: &str) -> Result<Vec<Opinion>> {
    Ok(tx
        .sql(opinions!("and o.cycle = $2 and o.number = $3 order by o.stated_at, o.step"))
        .bind::<SqlUuid, _>(cycle)
        .bind::<Text, _>(number)
        .load(tx.conn())
        .await?)
}

/// Whether an opinion that somebody has of their result waits for one of these to be answered.
pub async fn wait_for(tx: &mut Tx, cycle: Uuid, number: &str, actors: &[String]) -> Result<bool> {
    Ok(tx
        .sql(
            "select exists (select from opinions o join steps s on s.company_id = $1 and s.id = o.step
                 where o.company_id = $1 and o.cycle = $2 and o.number = $3 and s.state = 'open' and s.actors && $4)",
        )
        .bind::<SqlUuid, _>(cycle)
        .bind::<Text, _>(number)
        .bind::<Array<Text>, _>(actors)
        .columns::<Bool>()
        .get_result(tx.conn())
        .await?)
}

/// The open ones of a cycle.
pub async fn open_of_cycle(tx: &mut Tx, cycle: Uuid) -> Result<Vec<Opinion>> {
    Ok(tx
        .sql(opinions!("and o.cycle = $2 and s.state = 'open' order by o.step"))
        .bind::<SqlUuid, _>(cycle)
        .load(tx.conn())
        .await?)
}

/// The open ones of a stage.
pub async fn open_of(tx: &mut Tx, cycle: Uuid, stage: &str) -> Result<Vec<Opinion>> {
    Ok(tx
        .sql(opinions!("and o.cycle = $2 and o.stage = $3 and s.state = 'open' order by o.step"))
        .bind::<SqlUuid, _>(cycle)
        .bind::<Text, _>(stage)
        .load(tx.conn())
        .await?)
}

/// Which opinions a page shows.
pub struct Filter<'a> {
    pub cycle: Option<Uuid>,
    pub open: bool,
    /// Of some only their own, and those that they answer: number and actors; none: all.
    pub only: Option<(&'a str, &'a [String])>,
    pub after: Option<Uuid>,
    pub limit: i64,
}

pub async fn list(tx: &mut Tx, filter: &Filter<'_>) -> Result<Vec<Opinion>> {
    let (number, actors) = filter.only.unzip();
    Ok(tx
        .sql(opinions!(
            "and ($2::uuid is null or o.cycle = $2) and (not $3 or s.state = 'open')
             and ($4::text is null or o.number = $4 or s.actors && $5) and ($6::uuid is null or o.step > $6) order by o.step limit $7"
        ))
        .bind::<Nullable<SqlUuid>, _>(filter.cycle)
        .bind::<Bool, _>(filter.open)
        .bind::<Nullable<Text>, _>(number)
        .bind::<Nullable<Array<Text>>, _>(actors)
        .bind::<Nullable<SqlUuid>, _>(filter.after)
        .bind::<BigInt, _>(filter.limit)
        .load(tx.conn())
        .await?)
}

pub async fn insert(
    tx: &mut Tx,
    step: Uuid,
    cycle: Uuid,
    stage: &str,
    number: &str,
    (result_version, digest): (i64, &str),
    words: &str,
) -> Result<()> {
    let now = tx.now;
    tx.sql(
        "insert into opinions (company_id, step, cycle, stage, number, result_version, words, stated_at, digest)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind::<SqlUuid, _>(step)
    .bind::<SqlUuid, _>(cycle)
    .bind::<Text, _>(stage)
    .bind::<Text, _>(number)
    .bind::<BigInt, _>(result_version)
    .bind::<Text, _>(words)
    .bind::<Timestamptz, _>(now.to_diesel())
    .bind::<Text, _>(digest)
    .execute(tx.conn())
    .await?;
    Ok(())
}
