use std::collections::{BTreeSet, HashSet};

use diesel::sql_types::{Array, BigInt, Bool, Date as SqlDate, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use jiff::civil::Date;
use platform::sql::{self, ToDiesel};
use platform::{Problem, Result, Tx, say};
use serde_json::{Value, json};
use uuid::Uuid;

use super::duty::Duty;
use crate::reports::rows::Reader;
use crate::viewer::Viewer;

/// Duties of the company `$1`.
macro_rules! duties {
    ($rest:literal) => {
        concat!(
            "select d.step, d.cycle, d.duty, d.number, coalesce(p.name, d.number) as name, p.superior, d.what, s.actors, s.state,
                 s.due, d.done_on, d.done_by, d.note, d.struck_by, d.struck_why, d.struck_at
             from duties d join steps s on s.company_id = $1 and s.id = d.step
             left join subjects p on p.company_id = $1 and p.cycle = d.cycle and p.kind = 'person' and p.subject = d.number
             where d.company_id = $1 ",
            $rest
        )
    };
}

/// Which duties a page shows.
pub struct Filter<'a> {
    pub cycle: Option<Uuid>,
    /// Whose, by employee number.
    pub number: Option<&'a str>,
    pub step: Option<Uuid>,
    /// Only those that are late on a day.
    pub late_on: Option<Date>,
    pub after: Option<Uuid>,
    pub limit: i64,
}

/// Duties that the caller may see: their own, of those whom they lead or rate, or all.
pub async fn list(tx: &mut Tx, reader: &Reader<'_>, filter: &Filter<'_>) -> Result<Vec<Duty>> {
    Ok(tx
        .sql(duties!(
            "and ($2 or d.number = $3 or $3 in (p.superior, p.head, p.co_head, p.leader)
                or exists (select from assignments a where a.company_id = $1 and a.cycle = d.cycle and a.kind = 'person'
                    and a.subject = d.number and a.state in ('open', 'submitted') and a.rater_kind || ':' || a.rater = any($4)))
             and ($5::uuid is null or d.cycle = $5) and ($6::text is null or d.number = $6) and ($7::uuid is null or d.step = $7)
             and ($8::date is null or coalesce(d.done_on, $8) > s.due) and ($9::uuid is null or d.step > $9)
             order by d.step limit $10"
        ))
        .bind::<Bool, _>(reader.all)
        .bind::<Nullable<Text>, _>(reader.number)
        .bind::<Array<Text>, _>(reader.actors)
        .bind::<Nullable<SqlUuid>, _>(filter.cycle)
        .bind::<Nullable<Text>, _>(filter.number)
        .bind::<Nullable<SqlUuid>, _>(filter.step)
        .bind::<Nullable<SqlDate>, _>(filter.late_on.map(ToDiesel::to_diesel))
        .bind::<Nullable<SqlUuid>, _>(filter.after)
        .bind::<BigInt, _>(filter.limit)
        .load(tx.conn())
        .await?)
}

/// A duty that the caller may see.
pub async fn get(tx: &mut Tx, step: Uuid, reader: &Reader<'_>) -> Result<Duty> {
    let filter = Filter { cycle: None, number: None, step: Some(step), late_on: None, after: None, limit: 1 };
    let found = list(tx, reader, &filter).await?;
    found.into_iter().next().ok_or_else(|| Problem::not_found(say!("限期事项", "duty")))
}

/// Some duties.
pub async fn many(tx: &mut Tx, steps: &[Uuid]) -> Result<Vec<Duty>> {
    Ok(tx.sql(duties!("and d.step = any($2) order by d.step")).bind::<Array<SqlUuid>, _>(steps).load(tx.conn()).await?)
}

/// Those of a cycle: all, or only those that nobody has done.
pub async fn of_cycle(tx: &mut Tx, cycle: Uuid, open: bool) -> Result<Vec<Duty>> {
    Ok(tx
        .sql(duties!("and d.cycle = $2 and (not $3 or s.state = 'open') order by d.step"))
        .bind::<SqlUuid, _>(cycle)
        .bind::<Bool, _>(open)
        .load(tx.conn())
        .await?)
}

/// Those of a person and a code that nobody has done.
pub async fn open_of(tx: &mut Tx, cycle: Uuid, number: &str, duty: &str) -> Result<Vec<Uuid>> {
    Ok(tx
        .sql(
            "select d.step from duties d join steps s on s.company_id = $1 and s.id = d.step
             where d.company_id = $1 and d.cycle = $2 and d.number = $3 and d.duty = $4 and s.state = 'open'",
        )
        .bind::<SqlUuid, _>(cycle)
        .bind::<Text, _>(number)
        .bind::<Text, _>(duty)
        .columns::<SqlUuid>()
        .load(tx.conn())
        .await?)
}

/// Which of these people have a duty on which days already, and what for.
pub async fn known(
    tx: &mut Tx,
    cycle: Uuid,
    duty: &str,
    numbers: &[String],
) -> Result<HashSet<(String, Option<Date>, Option<String>)>> {
    let found: Vec<(String, Option<sql::Date>, Option<String>)> = tx
        .sql(
            "select d.number, s.due, d.what from duties d join steps s on s.company_id = $1 and s.id = d.step
             where d.company_id = $1 and d.cycle = $2 and d.duty = $3 and d.number = any($4)",
        )
        .bind::<SqlUuid, _>(cycle)
        .bind::<Text, _>(duty)
        .bind::<Array<Text>, _>(numbers)
        .columns::<(Text, Nullable<SqlDate>, Nullable<Text>)>()
        .load(tx.conn())
        .await?;
    Ok(found.into_iter().map(|(number, due, what)| (number, due.map(sql::Date::to_jiff), what)).collect())
}

/// Names duties: step and person.
pub async fn insert(tx: &mut Tx, cycle: Uuid, duty: &str, what: Option<&str>, new: &[(Uuid, String)]) -> Result<()> {
    tx.sql(
        "insert into duties (company_id, step, cycle, duty, number, what)
         select $1, n.step, $2, $3, n.number, $4 from jsonb_to_recordset($5) as n(step uuid, number text)",
    )
    .bind::<SqlUuid, _>(cycle)
    .bind::<Text, _>(duty)
    .bind::<Nullable<Text>, _>(what)
    .bind::<Jsonb, _>(new.iter().map(|(step, number)| json!({ "step": step, "number": number })).collect::<Value>())
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub async fn set_done(tx: &mut Tx, step: Uuid, on: Date, by: &str, note: Option<&str>) -> Result<()> {
    tx.sql("update duties set done_on = $3, done_by = $4, note = $5 where company_id = $1 and step = $2")
        .bind::<SqlUuid, _>(step)
        .bind::<SqlDate, _>(on.to_diesel())
        .bind::<Text, _>(by)
        .bind::<Nullable<Text>, _>(note)
        .execute(tx.conn())
        .await?;
    Ok(())
}

pub async fn strike(tx: &mut Tx, step: Uuid, by: &str, why: &str) -> Result<()> {
    let now = tx.now;
    tx.sql("update duties set struck_by = $3, struck_why = $4, struck_at = $5 where company_id = $1 and step = $2")
        .bind::<SqlUuid, _>(step)
        .bind::<Text, _>(by)
        .bind::<Text, _>(why)
        .bind::<Timestamptz, _>(now.to_diesel())
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Those of some duties whose person the caller rates, by their steps.
pub async fn rated_by(tx: &mut Tx, viewer: &Viewer, duties: &[Duty]) -> Result<BTreeSet<Uuid>> {
    let raters: Vec<String> = viewer.raters().iter().map(ToString::to_string).collect();
    let steps: Vec<Uuid> = duties.iter().map(|one| one.step).collect();
    let found: Vec<Uuid> = tx
        .sql(
            "select d.step from duties d where d.company_id = $1 and d.step = any($2) and exists (
                 select from assignments a where a.company_id = $1 and a.cycle = d.cycle and a.kind = 'person' and a.subject = d.number
                   and a.state in ('open', 'submitted') and a.rater_kind || ':' || a.rater = any($3))",
        )
        .bind::<Array<SqlUuid>, _>(steps)
        .bind::<Array<Text>, _>(raters)
        .columns::<SqlUuid>()
        .load(tx.conn())
        .await?;
    Ok(found.into_iter().collect())
}
