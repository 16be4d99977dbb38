use diesel::sql_types::{Array, BigInt, Bool, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use events::Subject;
use platform::sql::ToDiesel;
use platform::{Problem, Result, Tx, say};
use serde_json::json;
use uuid::Uuid;

use super::fact_check::{FactCheck, FactState};
use crate::subjects::subject::{Kind, ids, keys, kinds};

/// Checks of the company `$1`.
macro_rules! checks {
    ($rest:literal) => {
        concat!(
            "select k.step, k.cycle, k.report, k.place, r.chain, r.reported_by, r.reported_at,
                 (select count(*) from facts f where f.company_id = $1 and f.report = k.report and f.state = 'reported')
                     + (select count(*) from entries e where e.company_id = $1 and e.report = k.report and e.state = 'reported') as values
             from fact_checks k join fact_reports r on r.company_id = $1 and r.id = k.report
             join steps s on s.company_id = $1 and s.id = k.step where k.company_id = $1 ",
            $rest
        )
    };
}

pub async fn get(tx: &mut Tx, step: Uuid) -> Result<FactCheck> {
    let found: Vec<FactCheck> = tx.sql(checks!("and k.step = $2")).bind::<SqlUuid, _>(step).load(tx.conn()).await?;
    found.into_iter().next().ok_or_else(|| Problem::not_found(say!("数据核对", "check of values")))
}

pub async fn many(tx: &mut Tx, steps: &[Uuid]) -> Result<Vec<FactCheck>> {
    Ok(tx.sql(checks!("and k.step = any($2) order by k.step")).bind::<Array<SqlUuid>, _>(steps).load(tx.conn()).await?)
}

/// Those of some reports, in their order.
pub async fn of_reports(tx: &mut Tx, reports: &[Uuid]) -> Result<Vec<FactCheck>> {
    Ok(tx
        .sql(checks!("and k.report = any($2) order by k.report, k.place, k.step"))
        .bind::<Array<SqlUuid>, _>(reports)
        .load(tx.conn())
        .await?)
}

/// Those of a cycle; of some only those in which they decide.
pub async fn list(
    tx: &mut Tx,
    cycle: Uuid,
    actors: Option<&[String]>,
    open: bool,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<FactCheck>> {
    Ok(tx
        .sql(checks!(
            "and k.cycle = $2 and ($3::text[] is null or s.actors && $3) and (not $4 or s.state = 'open')
             and ($5::uuid is null or k.step > $5) order by k.step limit $6"
        ))
        .bind::<SqlUuid, _>(cycle)
        .bind::<Nullable<Array<Text>>, _>(actors)
        .bind::<Bool, _>(open)
        .bind::<Nullable<SqlUuid>, _>(after)
        .bind::<BigInt, _>(limit)
        .load(tx.conn())
        .await?)
}

pub async fn insert_report(tx: &mut Tx, id: Uuid, cycle: Uuid, chain: &[Vec<String>]) -> Result<()> {
    let (now, by) = (tx.now, tx.actor.name.clone());
    tx.sql("insert into fact_reports (company_id, id, cycle, chain, reported_by, reported_at) values ($1, $2, $3, $4, $5, $6)")
        .bind::<SqlUuid, _>(id)
        .bind::<SqlUuid, _>(cycle)
        .bind::<Jsonb, _>(json!(chain))
        .bind::<Text, _>(by)
        .bind::<Timestamptz, _>(now.to_diesel())
        .execute(tx.conn())
        .await?;
    Ok(())
}

pub async fn insert(tx: &mut Tx, step: Uuid, cycle: Uuid, report: Uuid, place: i32) -> Result<()> {
    tx.sql("insert into fact_checks (company_id, step, cycle, report, place) values ($1, $2, $3, $4, $5)")
        .bind::<SqlUuid, _>(step)
        .bind::<SqlUuid, _>(cycle)
        .bind::<SqlUuid, _>(report)
        .bind::<Integer, _>(place)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Some of those whose result is not published, and about whom something was reported that is not through its checks.
pub async fn unchecked(tx: &mut Tx, cycle: Uuid, most: i64) -> Result<Vec<(Subject, String)>> {
    let found: Vec<(Kind, String, String)> = tx
        .sql(
            "select f.kind, f.subject, f.path from (
                 select kind, subject, path from facts
                 where company_id = $1 and cycle = $2 and state = 'reported' and report is not null
                 union
                 select kind, subject, list from entries
                 where company_id = $1 and cycle = $2 and state = 'reported' and report is not null) f
             where f.kind = 'company' or exists (select from results r where r.company_id = $1 and r.cycle = $2 and r.kind = f.kind
                   and r.subject = f.subject and r.publication is null)
             order by f.kind, f.subject, f.path limit $3",
        )
        .bind::<SqlUuid, _>(cycle)
        .bind::<BigInt, _>(most)
        .columns::<(Text, Text, Text)>()
        .load(tx.conn())
        .await?;
    Ok(found.into_iter().map(|(kind, subject, path)| (kind.subject(&subject), path)).collect())
}

/// Whom the values of a report that wait are about.
pub async fn subjects_of(tx: &mut Tx, report: Uuid) -> Result<Vec<Subject>> {
    let found: Vec<(Kind, String)> = tx
        .sql(
            "select kind, subject from facts where company_id = $1 and report = $2 and state = 'reported'
             union
             select kind, subject from entries where company_id = $1 and report = $2 and state = 'reported' order by kind, subject",
        )
        .bind::<SqlUuid, _>(report)
        .columns::<(Text, Text)>()
        .load(tx.conn())
        .await?;
    Ok(keys(found))
}

/// The values of a report that wait are through: they count instead of those before them, and entries beside the others.
/// What they are about: subjects, with paths or keys of lists.
pub async fn confirm(tx: &mut Tx, cycle: Uuid, report: Uuid) -> Result<Vec<(Subject, String)>> {
    tx.sql(
        "update facts o set latest = false from facts f
         where f.company_id = $1 and f.report = $3 and f.state = 'reported' and o.company_id = $1 and o.cycle = $2 and o.kind = f.kind
           and o.subject = f.subject and o.path = f.path and o.giver = f.giver and o.latest",
    )
    .bind::<SqlUuid, _>(cycle)
    .bind::<SqlUuid, _>(report)
    .execute(tx.conn())
    .await?;
    let confirmed: Vec<(Kind, String, String)> = tx
        .sql(
            "with entries as (
                 update entries set state = 'approved' where company_id = $1 and cycle = $2 and report = $3 and state = 'reported'
                 returning kind, subject, list),
             facts as (
                 update facts set latest = true, state = 'approved' where company_id = $1 and cycle = $2 and report = $3 and state = 'reported'
                 returning kind, subject, path)
             select * from facts union all select * from entries",
        )
        .bind::<SqlUuid, _>(cycle)
        .bind::<SqlUuid, _>(report)
        .columns::<(Text, Text, Text)>()
        .load(tx.conn())
        .await?;
    Ok(confirmed.into_iter().map(|(kind, subject, path)| (kind.subject(&subject), path)).collect())
}

/// Sends values of a report back: those of these subjects and paths, or keys of lists, or all that wait. How many of these,
/// and how many values still wait.
pub async fn send_back(tx: &mut Tx, report: Uuid, values: Option<&[(Subject, String)]>) -> Result<(i64, i64)> {
    let subjects: Option<Vec<Subject>> = values.map(|all| all.iter().map(|(subject, _)| subject.clone()).collect());
    let paths: Option<Vec<&str>> = values.map(|all| all.iter().map(|(_, path)| path.as_str()).collect());
    Ok(tx
        .sql(
            "with facts_back as (
                 update facts set state = 'returned' where company_id = $1 and report = $2 and state = 'reported'
                   and ($3::text[] is null or (kind, subject, path) in (select * from unnest($3::text[], $4::text[], $5::text[])))
                 returning kind, subject, path),
             entries_back as (
                 update entries set state = 'returned' where company_id = $1 and report = $2 and state = 'reported'
                   and ($3::text[] is null or (kind, subject, list) in (select * from unnest($3::text[], $4::text[], $5::text[])))
                 returning kind, subject, list),
             back as (select * from facts_back union all select * from entries_back)
             select (select count(*) from (select distinct * from back) named),
                 (select count(*) from facts where company_id = $1 and report = $2 and state = 'reported')
                     + (select count(*) from entries where company_id = $1 and report = $2 and state = 'reported')
                     - (select count(*) from back)",
        )
        .bind::<SqlUuid, _>(report)
        .bind::<Nullable<Array<Text>>, _>(subjects.as_deref().map(kinds))
        .bind::<Nullable<Array<Text>>, _>(subjects.as_deref().map(ids))
        .bind::<Nullable<Array<Text>>, _>(paths)
        .columns::<(BigInt, BigInt)>()
        .get_result(tx.conn())
        .await?)
}

/// What was reported before about the same, and is not through, is not waited for any more; the reports that it was in.
pub async fn replace(tx: &mut Tx, cycle: Uuid, facts: &[(Subject, String)]) -> Result<Vec<Uuid>> {
    let subjects: Vec<Subject> = facts.iter().map(|(subject, _)| subject.clone()).collect();
    let paths: Vec<&str> = facts.iter().map(|(_, path)| path.as_str()).collect();
    Ok(tx
        .sql(
            "with gone as (
                 update facts f set state = $6 where f.company_id = $1 and f.cycle = $2 and f.state = 'reported' and f.report is not null
                   and (f.kind, f.subject, f.path) in (select * from unnest($3::text[], $4::text[], $5::text[])) returning f.report)
             select distinct report from gone where report is not null",
        )
        .bind::<SqlUuid, _>(cycle)
        .bind::<Array<Text>, _>(kinds(&subjects))
        .bind::<Array<Text>, _>(ids(&subjects))
        .bind::<Array<Text>, _>(paths)
        .bind::<Text, _>(FactState::Replaced)
        .columns::<SqlUuid>()
        .load(tx.conn())
        .await?)
}

/// Those of some reports in which nothing waits any more.
pub async fn empty(tx: &mut Tx, reports: &[Uuid]) -> Result<Vec<Uuid>> {
    Ok(tx
        .sql(
            "select n.report from unnest($2::uuid[]) n(report)
             where not exists (select from facts f where f.company_id = $1 and f.report = n.report and f.state = 'reported')
               and not exists (select from entries e where e.company_id = $1 and e.report = n.report and e.state = 'reported')",
        )
        .bind::<Array<SqlUuid>, _>(reports)
        .columns::<SqlUuid>()
        .load(tx.conn())
        .await?)
}
