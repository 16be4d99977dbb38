use std::collections::BTreeSet;

use diesel::sql_types::{Array, Bool, Jsonb, Nullable, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use events::{CycleSubject, Subject};
use platform::{Problem, Result, Tx, say};
use serde_json::{Value, json};
use uuid::Uuid;

use super::subject::{Appraised, Kind, ids, keys, kinds};

/// Subjects of a cycle; `$1` is the company, `$2` the cycle.
macro_rules! subjects {
    ($rest:literal) => {
        concat!(
            "select kind, subject, name, unit, position, category, own_category, superior, superior_above, head, co_head,
                 head_since, leader, dotted, hired_on, left_on, facts, standing
             from subjects where company_id = $1 and cycle = $2 ",
            $rest
        )
    };
}

/// Keeps what planning told last of each.
pub async fn keep(tx: &mut Tx, cycle: Uuid, told: &[CycleSubject]) -> Result<()> {
    let rows: Vec<Value> = told.iter().map(row).collect::<Result<_>>()?;
    tx.sql(
        "insert into subjects (company_id, cycle, kind, subject, name, unit, position, category, own_category, superior,
             superior_above, head, co_head, head_since, leader, dotted, hired_on, left_on, facts, standing, why, version)
         select distinct on (n.kind, n.id) $1, $2, n.kind, n.id, n.name, coalesce(n.unit, n.id), n.position, n.category, n.own_category,
             n.superior, n.superior_above, n.head, n.co_head, n.head_since, n.leader, n.dotted, n.hired_on, n.left_on, n.facts,
             n.standing, n.why, n.version
         from jsonb_to_recordset($3) as n(kind text, id text, name text, unit text, position text, category text,
             own_category text, superior text, superior_above text, head text, co_head text, head_since date, leader text,
             dotted text, hired_on date, left_on date, facts jsonb, standing text, why text, version bigint)
         order by n.kind, n.id, n.version desc
         on conflict (company_id, cycle, kind, subject) do update set name = excluded.name, unit = excluded.unit,
             position = excluded.position, category = excluded.category, own_category = excluded.own_category,
             superior = excluded.superior, superior_above = excluded.superior_above, head = excluded.head,
             co_head = excluded.co_head, head_since = excluded.head_since, leader = excluded.leader,
             dotted = excluded.dotted, hired_on = excluded.hired_on, left_on = excluded.left_on, facts = excluded.facts,
             standing = excluded.standing, why = excluded.why, version = excluded.version
         where excluded.version > subjects.version",
    )
    .bind::<SqlUuid, _>(cycle)
    .bind::<Jsonb, _>(Value::from(rows))
    .execute(tx.conn())
    .await?;
    Ok(())
}

fn row(told: &CycleSubject) -> Result<Value> {
    let mut row = serde_json::to_value(told)?;
    if let Some(row) = row.as_object_mut() {
        row.insert("kind".to_owned(), json!(told.subject.kind.code()));
        row.insert("id".to_owned(), json!(told.subject.id));
    }
    Ok(row)
}

/// Those named, and the units of the people among them.
pub async fn named(tx: &mut Tx, cycle: Uuid, wanted: &[Subject]) -> Result<Vec<Appraised>> {
    Ok(tx
        .sql(subjects!("and (kind, subject) in (select * from unnest($3::text[], $4::text[])) order by kind, subject"))
        .bind::<SqlUuid, _>(cycle)
        .bind::<Array<Text>, _>(kinds(wanted))
        .bind::<Array<Text>, _>(ids(wanted))
        .load(tx.conn())
        .await?)
}

pub async fn find(tx: &mut Tx, cycle: Uuid, wanted: &Subject) -> Result<Option<Appraised>> {
    Ok(named(tx, cycle, std::slice::from_ref(wanted)).await?.pop())
}

pub async fn get(tx: &mut Tx, cycle: Uuid, wanted: &Subject) -> Result<Appraised> {
    find(tx, cycle, wanted).await?.ok_or_else(|| Problem::not_found(say!("本周期的考核对象", "subject of this cycle")))
}

/// The units of a cycle among these, or all.
pub async fn units(tx: &mut Tx, cycle: Uuid, codes: Option<&[String]>) -> Result<Vec<Appraised>> {
    Ok(tx
        .sql(subjects!("and kind = 'unit' and ($3::text[] is null or subject = any($3)) order by subject"))
        .bind::<SqlUuid, _>(cycle)
        .bind::<Nullable<Array<Text>>, _>(codes)
        .load(tx.conn())
        .await?)
}

/// The units in which some subjects stand.
pub async fn units_around(tx: &mut Tx, cycle: Uuid, about: &[Subject]) -> Result<Vec<Appraised>> {
    Ok(tx
        .sql(subjects!(
            "and kind = 'unit' and subject in (select unit from subjects where company_id = $1 and cycle = $2
                 and (kind, subject) in (select * from unnest($3::text[], $4::text[]))) order by subject"
        ))
        .bind::<SqlUuid, _>(cycle)
        .bind::<Array<Text>, _>(kinds(about))
        .bind::<Array<Text>, _>(ids(about))
        .load(tx.conn())
        .await?)
}

/// The units among some subjects, and those in which some of them stand, as far as they or somebody in them takes part.
pub async fn units_taking_part(tx: &mut Tx, cycle: Uuid, about: &[Subject]) -> Result<Vec<Appraised>> {
    Ok(tx
        .sql(subjects!(
            "and kind = 'unit' and subject in (select unit from subjects where company_id = $1 and cycle = $2
                 and (kind, subject) in (select * from unnest($3::text[], $4::text[])))
             and exists (select from subjects o
                 where o.company_id = $1 and o.cycle = $2 and o.unit = subjects.subject and o.standing = 'in') order by subject"
        ))
        .bind::<SqlUuid, _>(cycle)
        .bind::<Array<Text>, _>(kinds(about))
        .bind::<Array<Text>, _>(ids(about))
        .load(tx.conn())
        .await?)
}

/// Who is in charge of units of a cycle, each once.
pub async fn leaders(tx: &mut Tx, cycle: Uuid) -> Result<Vec<String>> {
    Ok(tx
        .sql(
            "select distinct leader from subjects
             where company_id = $1 and cycle = $2 and kind = 'unit' and standing <> 'out' and leader is not null",
        )
        .bind::<SqlUuid, _>(cycle)
        .columns::<Text>()
        .load(tx.conn())
        .await?)
}

/// The units of a cycle that are among some subjects, or that these lead.
pub async fn led_by_or_among(tx: &mut Tx, cycle: Uuid, about: &[Subject]) -> Result<Vec<Subject>> {
    let found: Vec<String> = tx
        .sql(
            "select subject from subjects where company_id = $1 and cycle = $2 and kind = 'unit'
               and (('person', head) in (select * from unnest($3::text[], $4::text[]))
                   or (kind, subject) in (select * from unnest($3::text[], $4::text[]))) order by subject",
        )
        .bind::<SqlUuid, _>(cycle)
        .bind::<Array<Text>, _>(kinds(about))
        .bind::<Array<Text>, _>(ids(about))
        .columns::<Text>()
        .load(tx.conn())
        .await?;
    Ok(found.into_iter().map(Subject::unit).collect())
}

/// Who of some is appraised under a scheme for a period, in a cycle that goes on or has been published.
pub async fn appraised_in(
    tx: &mut Tx,
    scheme: &str,
    period: &str,
    but: Uuid,
    wanted: &[Subject],
) -> Result<BTreeSet<Subject>> {
    let found: Vec<(Kind, String)> = tx
        .sql(
            "select distinct s.kind, s.subject from cycles c join subjects s on s.company_id = $1 and s.cycle = c.id and s.standing = 'in'
                 and s.left_out_why is null and (s.kind, s.subject) in (select * from unnest($5::text[], $6::text[]))
             where c.company_id = $1 and c.scheme_code = $2 and c.period = $3 and c.id <> $4 and c.state <> 'cancelled'",
        )
        .bind::<Text, _>(scheme)
        .bind::<Text, _>(period)
        .bind::<SqlUuid, _>(but)
        .bind::<Array<Text>, _>(kinds(wanted))
        .bind::<Array<Text>, _>(ids(wanted))
        .columns::<(Text, Text)>()
        .load(tx.conn())
        .await?;
    Ok(keys(found))
}

/// Everybody and everything of some units, or of the cycle, that is computed: neither out nor left out. Units come first.
pub async fn computed(tx: &mut Tx, cycle: Uuid, units: Option<&[String]>) -> Result<Vec<Appraised>> {
    Ok(tx
        .sql(subjects!(
            "and ($3::text[] is null or unit = any($3)) and standing <> 'out' and left_out_why is null
             order by kind desc, unit, subject"
        ))
        .bind::<SqlUuid, _>(cycle)
        .bind::<Nullable<Array<Text>>, _>(units)
        .load(tx.conn())
        .await?)
}

/// The unit in which somebody stands in a cycle.
pub async fn unit_of(tx: &mut Tx, cycle: Uuid, number: Option<&str>) -> Result<Option<String>> {
    let Some(number) = number else { return Ok(None) };
    Ok(find(tx, cycle, &Subject::person(number)).await?.map(|one| one.unit))
}

/// The units in which somebody or something stands, each once.
pub async fn units_of(tx: &mut Tx, number: &str) -> Result<Vec<String>> {
    Ok(tx
        .sql("select distinct unit from subjects where company_id = $1 and kind = 'person' and subject = $2")
        .bind::<Text, _>(number)
        .columns::<Text>()
        .load(tx.conn())
        .await?)
}

/// Leaves somebody out of the cycle, or takes them in again.
pub async fn leave_out(tx: &mut Tx, cycle: Uuid, subject: &Subject, why: Option<&str>) -> Result<()> {
    let by = why.map(|_| tx.actor.name.clone());
    tx.sql(
        "update subjects set left_out_why = $5, left_out_by = $6
         where company_id = $1 and cycle = $2 and kind = $3 and subject = $4",
    )
    .bind::<SqlUuid, _>(cycle)
    .bind::<Text, _>(subject.kind.code())
    .bind::<Text, _>(&subject.id)
    .bind::<Nullable<Text>, _>(why)
    .bind::<Nullable<Text>, _>(by)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Whether a person stands above another in the reporting line of the cycle, or leads their unit or the unit itself.
pub async fn is_above(tx: &mut Tx, cycle: Uuid, subject: &Subject, above: &str) -> Result<bool> {
    Ok(tx
        .sql(
            "with recursive line(number, steps) as (
                 select superior, 1 from subjects where company_id = $1 and cycle = $2 and kind = $3 and subject = $4
                 union
                 select s.superior, steps + 1 from line l
                 join subjects s on s.company_id = $1 and s.cycle = $2 and s.kind = 'person' and s.subject = l.number
                 where steps < 50)
             select exists (select from line where number = $5)
                 or exists (select from subjects s where s.company_id = $1 and s.cycle = $2 and s.kind = $3 and s.subject = $4
                     and $5 in (s.head, s.co_head, s.leader, s.superior_above))",
        )
        .bind::<SqlUuid, _>(cycle)
        .bind::<Text, _>(subject.kind.code())
        .bind::<Text, _>(&subject.id)
        .bind::<Text, _>(above)
        .columns::<Bool>()
        .get_result(tx.conn())
        .await?)
}
