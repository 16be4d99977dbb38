use diesel::sql_types::{
    Array, BigInt, Bool, Date as SqlDate, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid,
};
use diesel_async::RunQueryDsl;
use domain::scheme::source::Who;
use jiff::civil::Date;
use platform::sql::ToDiesel;
use platform::{Problem, Result, Tx, say};
use uuid::Uuid;

use super::interview::{Appointment, Interview, InterviewStage, Record};
use crate::cycles::cycle::Cycle;

/// Interviews of the company `$1`.
macro_rules! interviews {
    ($rest:literal) => {
        concat!(
            "select i.step, i.cycle, i.stage, i.number, coalesce(p.name, i.number) as name, s.actors, s.state, s.opened_on, i.arranged_at, i.place, i.minutes,
                 i.held_on, i.notes, i.goals, i.recorded_by, i.comment, i.commented_at, i.version
             from interviews i join steps s on s.company_id = $1 and s.id = i.step
             left join subjects p on p.company_id = $1 and p.cycle = i.cycle and p.kind = 'person' and p.subject = i.number
             where i.company_id = $1 ",
            $rest
        )
    };
}

/// An interview, held until the transaction ends.
pub async fn get(tx: &mut Tx, step: Uuid) -> Result<Interview> {
    let found: Vec<Interview> =
        tx.sql(interviews!("and i.step = $2 for update of i, s")).bind::<SqlUuid, _>(step).load(tx.conn()).await?;
    found.into_iter().next().ok_or_else(|| Problem::not_found(say!("面谈", "interview")))
}

/// Those of a cycle with these people.
pub async fn with(tx: &mut Tx, cycle: Uuid, numbers: &[String]) -> Result<Vec<Interview>> {
    Ok(tx
        .sql(interviews!("and i.cycle = $2 and i.number = any($3) order by i.number, i.step"))
        .bind::<SqlUuid, _>(cycle)
        .bind::<Array<Text>, _>(numbers)
        .load(tx.conn())
        .await?)
}

/// Those of one person, the newest cycle first.
pub async fn of_person(tx: &mut Tx, number: &str, after: Option<Uuid>, limit: i64) -> Result<Vec<Interview>> {
    Ok(tx
        .sql(interviews!("and i.number = $2
             and ($3::uuid is null or (s.opened_on, i.step) < (select b.opened_on, b.id from steps b where b.company_id = $1 and b.id = $3))
             order by s.opened_on desc, i.step desc limit $4"))
        .bind::<Text, _>(number)
        .bind::<Nullable<SqlUuid>, _>(after)
        .bind::<BigInt, _>(limit)
        .load(tx.conn())
        .await?)
}

/// Opens the interviews of a stage with a unit's people in a publication; their steps. Nobody holds their own: whoever is
/// in charge of the unit, or their superior, does.
pub async fn open(
    tx: &mut Tx,
    cycle: &Cycle,
    publication: i32,
    unit: &str,
    stage: &InterviewStage,
    today: Date,
) -> Result<Vec<Uuid>> {
    let (who, role) = match &stage.holder {
        Who::SuperiorAbove => ("above", None),
        Who::Head => ("head", None),
        Who::Leader => ("leader", None),
        Who::Role(role) => ("role", Some(role.as_str())),
        _ => ("superior", None),
    };
    Ok(tx
        .sql(
            "with wanted as (
                 select gen_random_uuid() as step, r.subject as number,
                     case $6 when 'role' then 'role:' || $7
                         else coalesce('person:' || case $6
                             when 'above' then nullif(p.superior_above, r.subject)
                             when 'leader' then coalesce(nullif(p.leader, r.subject), p.superior)
                             when 'head' then coalesce(nullif(p.head, r.subject), nullif(p.leader, r.subject), p.superior)
                             else p.superior end, 'role:hr') end as actor
                 from results r join subjects p on p.company_id = $1 and p.cycle = $2 and p.kind = 'person' and p.subject = r.subject
                 where r.company_id = $1 and r.cycle = $2 and r.publication = $3 and r.unit = $4 and r.kind = 'person' and r.because is null
                   and r.excluded is null and (not $5 or cardinality(r.interview) > 0)
                   and not exists (select from interviews i where i.company_id = $1 and i.cycle = $2 and i.stage = $8 and i.number = r.subject)),
             made as (
                 insert into steps (company_id, id, about, place, round, actors, state, opened_on, due, version)
                 select $1, step, 'interview:' || $2, 1, 1, array[actor], 'open', $9, $10, 1 from wanted)
             insert into interviews (company_id, step, cycle, stage, number) select $1, step, $2, $8, number from wanted returning step",
        )
        .bind::<SqlUuid, _>(cycle.id)
        .bind::<Integer, _>(publication)
        .bind::<Text, _>(unit)
        .bind::<Bool, _>(stage.reasons_only)
        .bind::<Text, _>(who)
        .bind::<Nullable<Text>, _>(role)
        .bind::<Text, _>(&stage.code)
        .bind::<SqlDate, _>(today.to_diesel())
        .bind::<Nullable<SqlDate>, _>(stage.due.map(ToDiesel::to_diesel))
        .columns::<SqlUuid>()
        .load(tx.conn())
        .await?)
}

/// Some interviews by their steps.
pub async fn many(tx: &mut Tx, steps: &[Uuid]) -> Result<Vec<Interview>> {
    Ok(tx
        .sql(interviews!("and i.step = any($2) order by i.step"))
        .bind::<Array<SqlUuid>, _>(steps)
        .load(tx.conn())
        .await?)
}

pub async fn arrange(tx: &mut Tx, step: Uuid, appointment: &Appointment) -> Result<()> {
    tx.sql(
        "update interviews set arranged_at = $3, place = $4, minutes = $5, version = version + 1 where company_id = $1 and step = $2",
    )
    .bind::<SqlUuid, _>(step)
    .bind::<Timestamptz, _>(appointment.at.to_diesel())
    .bind::<Nullable<Text>, _>(&appointment.place)
    .bind::<Nullable<Integer>, _>(appointment.minutes)
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub async fn record(tx: &mut Tx, step: Uuid, record: &Record) -> Result<()> {
    let (now, by) = (tx.now, tx.actor.name.clone());
    tx.sql(
        "update interviews set held_on = $3, notes = $4, goals = $5, recorded_by = $6, recorded_at = $7, version = version + 1
         where company_id = $1 and step = $2",
    )
    .bind::<SqlUuid, _>(step)
    .bind::<SqlDate, _>(record.held_on.to_diesel())
    .bind::<Text, _>(record.notes.trim())
    .bind::<Jsonb, _>(serde_json::to_value(&record.goals)?)
    .bind::<Text, _>(by)
    .bind::<Timestamptz, _>(now.to_diesel())
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub async fn comment(tx: &mut Tx, step: Uuid, comment: &str) -> Result<()> {
    let now = tx.now;
    tx.sql("update interviews set comment = $3, commented_at = $4, version = version + 1 where company_id = $1 and step = $2")
        .bind::<SqlUuid, _>(step)
        .bind::<Text, _>(comment)
        .bind::<Timestamptz, _>(now.to_diesel())
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Those of a stage that are not recorded yet.
pub async fn open_of(tx: &mut Tx, cycle: Uuid, stage: &str) -> Result<Vec<Interview>> {
    Ok(tx
        .sql(interviews!("and i.cycle = $2 and i.stage = $3 and s.state = 'open' order by i.step"))
        .bind::<SqlUuid, _>(cycle)
        .bind::<Text, _>(stage)
        .load(tx.conn())
        .await?)
}
