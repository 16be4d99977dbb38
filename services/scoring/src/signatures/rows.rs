use diesel::QueryableByName;
use diesel::sql_types::{Array, BigInt, Bool, Date as SqlDate, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use jiff::civil::Date;
use platform::sql::ToDiesel;
use platform::{Problem, Result, Tx, say};
use uuid::Uuid;

use super::signature::{Announcement, Signature};

/// Signatures of the company `$1`.
macro_rules! signatures {
    ($rest:literal) => {
        concat!(
            "select g.step, g.cycle, g.stage, g.number, coalesce(p.name, g.number) as name, g.capacity, g.posted, t.title, g.run, g.sha256,
                 s.actors, s.state, s.opened_on as asked_on, s.due, d.reason, d.at as signed_at
             from signatures g join steps s on s.company_id = $1 and s.id = g.step
             left join lateral (select reason, at from decisions d where d.company_id = $1 and d.step = g.step order by d.at desc, d.id desc limit 1) d on true
             left join posted_texts t on t.company_id = $1 and t.id = g.posted
             left join subjects p on p.company_id = $1 and p.cycle = g.cycle and p.kind = 'person' and p.subject = g.number
             where g.company_id = $1 ",
            $rest
        )
    };
}

/// A signature; whoever changes it holds the cycle and then the step.
pub async fn get(tx: &mut Tx, step: Uuid) -> Result<Signature> {
    let found: Vec<Signature> = tx.sql(signatures!("and g.step = $2")).bind::<SqlUuid, _>(step).load(tx.conn()).await?;
    found.into_iter().next().ok_or_else(|| Problem::not_found(say!("签字", "signature")))
}

pub async fn many(tx: &mut Tx, steps: &[Uuid]) -> Result<Vec<Signature>> {
    Ok(tx
        .sql(signatures!("and g.step = any($2) order by g.step"))
        .bind::<Array<SqlUuid>, _>(steps)
        .load(tx.conn())
        .await?)
}

/// Which signatures a page shows.
pub struct Filter<'a> {
    pub cycle: Option<Uuid>,
    /// Only those over the result of this person.
    pub number: Option<&'a str>,
    /// Only those of whoever signs.
    pub signer: Option<&'a str>,
    pub open: bool,
    /// Whoever looks: what has to be signed before publication tells nobody their own result.
    pub viewer: Option<&'a str>,
    pub after: Option<Uuid>,
    pub limit: i64,
}

pub async fn list(tx: &mut Tx, filter: &Filter<'_>) -> Result<Vec<Signature>> {
    Ok(tx
        .sql(signatures!(
            "and ($2::uuid is null or g.cycle = $2) and ($3::text is null or (g.number = $3 and g.posted is null))
             and ($4::text is null or s.actors && array['person:' || $4]) and (not $5 or s.state = 'open')
             and ($6::uuid is null or g.step > $6)
             and (g.run is null or g.number is distinct from $7 or s.actors && array['person:' || $7]) order by g.step limit $8"
        ))
        .bind::<Nullable<SqlUuid>, _>(filter.cycle)
        .bind::<Nullable<Text>, _>(filter.number)
        .bind::<Nullable<Text>, _>(filter.signer)
        .bind::<Bool, _>(filter.open)
        .bind::<Nullable<SqlUuid>, _>(filter.after)
        .bind::<Nullable<Text>, _>(filter.viewer)
        .bind::<BigInt, _>(filter.limit)
        .load(tx.conn())
        .await?)
}

/// The open ones of a stage.
pub async fn open_of(tx: &mut Tx, cycle: Uuid, stage: &str) -> Result<Vec<Signature>> {
    Ok(tx
        .sql(signatures!("and g.cycle = $2 and g.stage = $3 and s.state = 'open' order by g.step"))
        .bind::<SqlUuid, _>(cycle)
        .bind::<Text, _>(stage)
        .load(tx.conn())
        .await?)
}

/// The steps of a cycle that wait.
pub async fn open_of_cycle(tx: &mut Tx, cycle: Uuid) -> Result<Vec<Uuid>> {
    Ok(tx
        .sql(
            "select g.step from signatures g join steps s on s.company_id = $1 and s.id = g.step
             where g.company_id = $1 and g.cycle = $2 and s.state = 'open' order by g.step",
        )
        .bind::<SqlUuid, _>(cycle)
        .columns::<SqlUuid>()
        .load(tx.conn())
        .await?)
}

/// Those that a run waits for before it is published, and the others of the run.
pub async fn of_run(tx: &mut Tx, cycle: Uuid, run: i32) -> Result<Vec<Signature>> {
    Ok(tx
        .sql(signatures!("and g.cycle = $2 and g.run = $3 and s.state <> 'void' order by g.step"))
        .bind::<SqlUuid, _>(cycle)
        .bind::<Integer, _>(run)
        .load(tx.conn())
        .await?)
}

/// Whether something of a run is not signed yet, nor let be.
pub async fn any_lacking(tx: &mut Tx, cycle: Uuid, run: i32) -> Result<bool> {
    Ok(tx
        .sql(
            "select exists (select from steps s join signatures g on g.company_id = $1 and g.step = s.id and g.run = $3
                 where s.company_id = $1 and s.about = 'signature:' || $2 and s.state in ('open', 'returned'))",
        )
        .bind::<SqlUuid, _>(cycle)
        .bind::<Integer, _>(run)
        .columns::<Bool>()
        .get_result(tx.conn())
        .await?)
}

/// Some of a run that nobody has signed yet, nor let be.
pub async fn lacking(tx: &mut Tx, cycle: Uuid, run: i32, limit: i64) -> Result<Vec<Signature>> {
    Ok(tx
        .sql(signatures!(
            "and g.cycle = $2 and g.run = $3 and s.state not in ('done', 'missed', 'void') order by g.step limit $4"
        ))
        .bind::<SqlUuid, _>(cycle)
        .bind::<Integer, _>(run)
        .bind::<BigInt, _>(limit)
        .load(tx.conn())
        .await?)
}

/// For whose results somebody is asked to sign.
pub enum Over {
    /// Those of a unit in a publication.
    Published { publication: i32, unit: String },
    /// Everything that a run computed and that is not published.
    Computed { run: i32 },
}

/// Asks for signatures over the results of the company `$1` and the cycle `$2` that a condition finds.
macro_rules! ask {
    ($rest:literal) => {
        concat!(
            "with wanted as (
                 select gen_random_uuid() as step, r.subject as number,
                     case $4 when 'self' then r.subject when 'superior' then nullif(p.superior, r.subject)
                         when 'superior.superior' then nullif(p.superior_above, r.subject)
                         when 'head' then nullif(coalesce(p.head, p.co_head), r.subject) else nullif(p.leader, r.subject) end as signer
                 from results r join subjects p on p.company_id = $1 and p.cycle = $2 and p.kind = 'person' and p.subject = r.subject
                 where r.company_id = $1 and r.cycle = $2 and r.kind = 'person' and r.excluded is null and r.because is null and ",
            $rest,
            "),
             signed as (
                 insert into signatures (company_id, step, cycle, stage, number, capacity, run, lapses)
                 select $1, step, $2, $3, number, $4, $7, $10 from wanted where signer is not null
                 on conflict (company_id, cycle, stage, number, capacity, run) where posted is null do nothing returning step),
             made as (
                 insert into steps (company_id, id, about, place, round, actors, state, opened_on, due, version)
                 select $1, step, 'signature:' || $2, 1, 1, array['person:' || signer], 'open', $8, $9, 1
                 from wanted join signed using (step))
             select step from signed"
        )
    };
}

/// Asks for the signatures of a capacity over results; the steps. Nobody signs for another in their own case.
pub async fn ask(
    tx: &mut Tx,
    cycle: Uuid,
    stage: &str,
    capacity: &str,
    over: &Over,
    today: Date,
    (due, lapses): (Option<Date>, bool),
) -> Result<Vec<Uuid>> {
    let (publication, unit, run) = match over {
        Over::Published { publication, unit } => (Some(*publication), Some(unit.as_str()), None),
        Over::Computed { run } => (None, None, Some(*run)),
    };
    // Each has a query of its own, so that a unit's results are found by their unit.
    let query = match over {
        Over::Published { .. } => tx.sql(ask!("r.publication = $5 and r.unit = $6")),
        Over::Computed { .. } => tx.sql(ask!("r.publication is not distinct from $5 and $6::text is null")),
    };
    Ok(query
        .bind::<SqlUuid, _>(cycle)
        .bind::<Text, _>(stage)
        .bind::<Text, _>(capacity)
        .bind::<Nullable<Integer>, _>(publication)
        .bind::<Nullable<Text>, _>(unit)
        .bind::<Nullable<Integer>, _>(run)
        .bind::<SqlDate, _>(today.to_diesel())
        .bind::<Nullable<SqlDate>, _>(due.map(ToDiesel::to_diesel))
        .bind::<Bool, _>(lapses)
        .columns::<SqlUuid>()
        .load(tx.conn())
        .await?)
}

/// Asks everybody who takes part in a cycle to confirm having read something; the steps, and whose they are.
pub async fn ask_readers(
    tx: &mut Tx,
    posted: &Announcement,
    after: &str,
    today: Date,
    due: Option<Date>,
    limit: i64,
) -> Result<Vec<(Uuid, String)>> {
    Ok(tx
        .sql(
            "with wanted as (
                 select gen_random_uuid() as step, s.subject as number from subjects s
                 where s.company_id = $1 and s.cycle = $2 and s.kind = 'person' and s.standing = 'in' and s.left_out_why is null
                   and s.subject > $7 order by s.subject limit $8),
             made as (
                 insert into steps (company_id, id, about, place, round, actors, state, opened_on, due, version)
                 select $1, step, 'signature:' || $2, 1, 1, array['person:' || number], 'open', $5, $6, 1 from wanted)
             insert into signatures (company_id, step, cycle, stage, number, capacity, posted)
             select $1, step, $2, $3, number, 'reader', $4 from wanted returning step, number",
        )
        .bind::<SqlUuid, _>(posted.cycle)
        .bind::<Text, _>(&posted.stage)
        .bind::<SqlUuid, _>(posted.id)
        .bind::<SqlDate, _>(today.to_diesel())
        .bind::<Nullable<SqlDate>, _>(due.map(ToDiesel::to_diesel))
        .bind::<Text, _>(after)
        .bind::<BigInt, _>(limit)
        .columns::<(SqlUuid, Text)>()
        .load(tx.conn())
        .await?)
}

/// An announcement whose readers are not all asked yet.
#[derive(QueryableByName)]
pub struct ToAsk {
    #[diesel(sql_type = SqlUuid)]
    pub company_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    /// Up to whom they are.
    #[diesel(sql_type = Text)]
    pub asked_to: String,
}

/// The next of them of any company, held until the transaction ends.
pub async fn to_ask(tx: &mut Tx) -> Result<Option<ToAsk>> {
    let found: Vec<ToAsk> = tx
        .sql_of_all(
            "select company_id, id, asked_to from posted_texts where not asked_all order by id limit 1 for update skip locked",
        )
        .load(tx.conn())
        .await?;
    Ok(found.into_iter().next())
}

pub async fn asked_to(tx: &mut Tx, id: Uuid, last: &str, all: bool) -> Result<()> {
    tx.sql("update posted_texts set asked_to = $3, asked_all = $4 where company_id = $1 and id = $2")
        .bind::<SqlUuid, _>(id)
        .bind::<Text, _>(last)
        .bind::<Bool, _>(all)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Keeps what was signed, and under which sum.
pub async fn sign(tx: &mut Tx, step: Uuid, sha256: &str, words: &str) -> Result<()> {
    tx.sql("insert into signed_texts (company_id, sha256, words) values ($1, $2, $3) on conflict do nothing")
        .bind::<Text, _>(sha256)
        .bind::<Text, _>(words)
        .execute(tx.conn())
        .await?;
    tx.sql("update signatures set sha256 = $3 where company_id = $1 and step = $2")
        .bind::<SqlUuid, _>(step)
        .bind::<Text, _>(sha256)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// What was signed under a sum.
pub async fn signed(tx: &mut Tx, sha256: &str) -> Result<Option<String>> {
    let found: Vec<String> = tx
        .sql("select words from signed_texts where company_id = $1 and sha256 = $2")
        .bind::<Text, _>(sha256)
        .columns::<Text>()
        .load(tx.conn())
        .await?;
    Ok(found.into_iter().next())
}

/// Signatures that were not given in time, of all companies: they are waited for no more. Company, cycle and step.
pub async fn lapse(tx: &mut Tx, today: Date, most: i64) -> Result<Vec<(Uuid, Uuid, Uuid)>> {
    Ok(tx
        .sql_of_all(
            "update steps s set state = 'missed', ended_on = $1, version = s.version + 1
             from (select g.company_id, g.cycle, g.step from signatures g
                 join steps o on o.company_id = g.company_id and o.id = g.step
                 where o.state = 'open' and o.due < $1 and g.lapses
                 order by g.company_id, g.cycle, g.step limit $2 for update of o skip locked) late
             where s.company_id = late.company_id and s.id = late.step
             returning late.company_id, late.cycle, late.step",
        )
        .bind::<SqlDate, _>(today.to_diesel())
        .bind::<BigInt, _>(most)
        .columns::<(SqlUuid, SqlUuid, SqlUuid)>()
        .load(tx.conn())
        .await?)
}

/// What was announced in the company `$1`, with how many have read it.
macro_rules! posted {
    ($rest:literal) => {
        concat!(
            "select t.id, t.cycle, t.stage, t.title, t.body as text, t.posted_by as announced_by, t.posted_at as announced_at, t.asked_all,
                 (select count(*) from signatures g where g.company_id = $1 and g.posted = t.id) as asked,
                 (select count(*) from signatures g join steps s on s.company_id = $1 and s.id = g.step
                     where g.company_id = $1 and g.posted = t.id and s.state = 'done') as confirmed
             from posted_texts t where t.company_id = $1 ",
            $rest
        )
    };
}

pub async fn posted(tx: &mut Tx, id: Uuid) -> Result<Announcement> {
    let found: Vec<Announcement> = tx.sql(posted!("and t.id = $2")).bind::<SqlUuid, _>(id).load(tx.conn()).await?;
    found.into_iter().next().ok_or_else(|| Problem::not_found(say!("公告", "announcement")))
}

/// What was announced in a cycle; to a reader only what they are asked to read.
pub async fn list_posted(tx: &mut Tx, cycle: Uuid, reader: Option<&str>) -> Result<Vec<Announcement>> {
    Ok(tx
        .sql(posted!(
            "and t.cycle = $2 and ($3::text is null or t.posted_by = $3 or exists (select from signatures g
                 where g.company_id = $1 and g.posted = t.id and g.number = $3)) order by t.id limit 500"
        ))
        .bind::<SqlUuid, _>(cycle)
        .bind::<Nullable<Text>, _>(reader)
        .load(tx.conn())
        .await?)
}

pub async fn insert_posted(tx: &mut Tx, cycle: Uuid, stage: &str, title: &str, text: &str) -> Result<Uuid> {
    let (id, now, by) = (Uuid::now_v7(), tx.now, tx.actor.name.clone());
    tx.sql(
        "insert into posted_texts (company_id, id, cycle, stage, title, body, posted_by, posted_at) values ($1, $2, $3, $4, $5, $6, $7, $8)",
    )
    .bind::<SqlUuid, _>(id)
    .bind::<SqlUuid, _>(cycle)
    .bind::<Text, _>(stage)
    .bind::<Text, _>(title)
    .bind::<Text, _>(text)
    .bind::<Text, _>(by)
    .bind::<Timestamptz, _>(now.to_diesel())
    .execute(tx.conn())
    .await?;
    Ok(id)
}
