use std::collections::BTreeMap;

use diesel::QueryableByName;
use diesel::sql_types::{Array, BigInt, Bool, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use events::Subject;
use platform::sql::{Timestamp, ToDiesel};
use platform::{Result, Tx, stored_enum};
use serde_json::Value;
use uuid::Uuid;

use crate::fact_checks::fact_check::FactState;
use crate::subjects::subject::{Kind, ids, kinds};

stored_enum! {
    /// How a value came here.
    pub enum Source {
        Entered = "entered",
        Machine = "machine",
        File = "file",
        /// Found by the system itself.
        Derived = "derived",
    }
}

/// A value to keep.
#[derive(Clone, Debug)]
pub struct NewFact {
    pub subject: Subject,
    pub path: String,
    /// Whose number it is, of several who each give one; else nothing.
    pub giver: String,
    /// Null takes the value away.
    pub value: Value,
    /// What is checked first, with what was reported together.
    pub report: Option<Uuid>,
    /// The result in which it was found.
    pub rests_on: Option<RestsOn>,
}

/// A result in the version that it had.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RestsOn {
    pub result: Uuid,
    pub version: i64,
}

/// What is said of values that come together.
#[derive(Clone, Debug)]
pub struct Saying<'a> {
    pub source: Source,
    pub said: Option<&'a str>,
    pub reason: Option<&'a str>,
    pub file: Option<Uuid>,
    /// What they rest on.
    pub document: Option<Uuid>,
}

const AT_ONCE: usize = 10_000;

/// Keeps values beside those before them; the latest of a path counts.
pub async fn insert(tx: &mut Tx, cycle: Uuid, facts: &[NewFact], saying: &Saying<'_>) -> Result<()> {
    for chunk in facts.chunks(AT_ONCE) {
        insert_chunk(tx, cycle, chunk, saying).await?;
    }
    Ok(())
}

async fn insert_chunk(tx: &mut Tx, cycle: Uuid, facts: &[NewFact], saying: &Saying<'_>) -> Result<()> {
    let (now, by) = (tx.now, tx.actor.name.clone());
    let kinds: Vec<&str> = facts.iter().map(|fact| fact.subject.kind.code()).collect();
    let ids: Vec<&str> = facts.iter().map(|fact| fact.subject.id.as_str()).collect();
    let paths: Vec<&str> = facts.iter().map(|fact| fact.path.as_str()).collect();
    let givers: Vec<&str> = facts.iter().map(|fact| fact.giver.as_str()).collect();
    let reports: Vec<Option<Uuid>> = facts.iter().map(|fact| fact.report).collect();
    let (rests_on, rests_version): (Vec<Option<Uuid>>, Vec<Option<i64>>) =
        facts.iter().map(|fact| fact.rests_on.map(|on| (on.result, on.version)).unzip()).unzip();
    // One by one: a join is planned for a table that was empty, and compares every fact of the cycle with every new one.
    tx.sql(
        "update facts set latest = false where ctid = any(array(
             select o.at from unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::uuid[]) n(kind, subject, path, giver, report)
             cross join lateral (select f.ctid as at from facts f where f.company_id = $1 and f.cycle = $2 and f.kind = n.kind
                 and f.subject = n.subject and f.path = n.path and f.giver = n.giver and f.latest limit 1) o where n.report is null))",
    )
    .bind::<SqlUuid, _>(cycle)
    .bind::<Array<Text>, _>(&kinds)
    .bind::<Array<Text>, _>(&ids)
    .bind::<Array<Text>, _>(&paths)
    .bind::<Array<Text>, _>(&givers)
    .bind::<Array<Nullable<SqlUuid>>, _>(&reports)
    .execute(tx.conn())
    .await?;
    tx.sql(
        "insert into facts
             (company_id, cycle, kind, subject, path, giver, no, value, latest, source, said, reason, file, made_by, made_at, state, report,
              rests_on, rests_version, document)
         select $1, $2, n.kind, n.subject, n.path, n.giver,
             coalesce((select max(f.no) from facts f where f.company_id = $1 and f.cycle = $2 and f.kind = n.kind
                 and f.subject = n.subject and f.path = n.path and f.giver = n.giver), 0) + 1,
             n.value, n.report is null, $8, $9, $10, $11, $12, $13, case when n.report is null then 'approved' else 'reported' end, n.report,
             n.rests_on, n.rests_version, $17
         from unnest($3::text[], $4::text[], $5::text[], $6::text[], $7::jsonb[], $14::uuid[], $15::uuid[], $16::bigint[])
             n(kind, subject, path, giver, value, report, rests_on, rests_version)",
    )
    .bind::<SqlUuid, _>(cycle)
    .bind::<Array<Text>, _>(kinds)
    .bind::<Array<Text>, _>(ids)
    .bind::<Array<Text>, _>(paths)
    .bind::<Array<Text>, _>(givers)
    .bind::<Array<Jsonb>, _>(facts.iter().map(|fact| &fact.value).collect::<Vec<_>>())
    .bind::<Text, _>(saying.source)
    .bind::<Nullable<Text>, _>(saying.said)
    .bind::<Nullable<Text>, _>(saying.reason)
    .bind::<Nullable<SqlUuid>, _>(saying.file)
    .bind::<Text, _>(by)
    .bind::<Timestamptz, _>(now.to_diesel())
    .bind::<Array<Nullable<SqlUuid>>, _>(reports)
    .bind::<Array<Nullable<SqlUuid>>, _>(rests_on)
    .bind::<Array<Nullable<BigInt>>, _>(rests_version)
    .bind::<Nullable<SqlUuid>, _>(saying.document)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// A value as it is kept.
#[derive(QueryableByName, Clone, Debug)]
pub struct Fact {
    #[diesel(sql_type = Text)]
    pub kind: Kind,
    #[diesel(sql_type = Text)]
    pub subject: String,
    #[diesel(sql_type = Text)]
    pub path: String,
    /// Whose number it is, of several who each give one; else nothing.
    #[diesel(sql_type = Text)]
    pub giver: String,
    #[diesel(sql_type = Integer)]
    pub no: i32,
    #[diesel(sql_type = Jsonb)]
    pub value: Value,
    #[diesel(sql_type = Bool)]
    pub latest: bool,
    #[diesel(sql_type = Text)]
    pub state: FactState,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub report: Option<Uuid>,
    #[diesel(sql_type = Text)]
    pub source: Source,
    #[diesel(sql_type = Nullable<Text>)]
    pub said: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub reason: Option<String>,
    #[diesel(sql_type = Text)]
    pub made_by: String,
    #[diesel(sql_type = Timestamptz, deserialize_as = Timestamp)]
    pub made_at: jiff::Timestamp,
    /// The result in which it was found, and the version that it had.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub rests_on: Option<Uuid>,
    #[diesel(sql_type = Nullable<BigInt>)]
    pub rests_version: Option<i64>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub document: Option<Uuid>,
}

/// Values; `$1` is the company, `$2` the cycle.
macro_rules! facts {
    ($rest:literal) => {
        concat!(
            "select f.kind, f.subject, f.path, f.giver, f.no, f.value, f.latest, f.state, f.report, f.source, f.said, f.reason, f.made_by, f.made_at, f.rests_on,
                 f.rests_version, f.document
             from facts f where f.company_id = $1 and f.cycle = $2 ",
            $rest
        )
    };
}

/// What counts about the subjects of some units, or of the cycle; of the company too.
pub async fn of_units(tx: &mut Tx, cycle: Uuid, units: Option<&[String]>) -> Result<Vec<Fact>> {
    Ok(tx
        .sql(facts!(
            "and f.latest and f.value <> 'null' and ($3::text[] is null or f.kind = 'company' or exists (select from subjects s
                 where s.company_id = $1 and s.cycle = $2 and s.kind = f.kind and s.subject = f.subject and s.unit = any($3)))"
        ))
        .bind::<SqlUuid, _>(cycle)
        .bind::<Nullable<Array<Text>>, _>(units)
        .load(tx.conn())
        .await?)
}

/// What counts about these subjects.
pub async fn of_subjects(tx: &mut Tx, cycle: Uuid, wanted: &[Subject]) -> Result<Vec<Fact>> {
    Ok(tx
        .sql(facts!(
            "and f.latest and f.value <> 'null' and (f.kind, f.subject) in (select * from unnest($3::text[], $4::text[]))
             order by f.kind, f.subject, f.path, f.giver"
        ))
        .bind::<SqlUuid, _>(cycle)
        .bind::<Array<Text>, _>(kinds(wanted))
        .bind::<Array<Text>, _>(ids(wanted))
        .load(tx.conn())
        .await?)
}

/// What counts of the company, by name.
pub async fn of_company(tx: &mut Tx, cycle: Uuid) -> Result<BTreeMap<String, Value>> {
    let facts = of_subjects(tx, cycle, &[Subject::company()]).await?;
    Ok(facts.into_iter().filter_map(|fact| Some((fact.path.strip_prefix("fact.")?.to_owned(), fact.value))).collect())
}

/// Whom values are about that rest on a document, in which cycle, and the report in which they are checked.
pub async fn resting_on(tx: &mut Tx, document: Uuid) -> Result<Vec<(Uuid, Subject, Option<Uuid>)>> {
    let found: Vec<(Uuid, Kind, String, Option<Uuid>)> = tx
        .sql(
            "select distinct cycle, kind, subject, report from facts where company_id = $1 and document = $2
             order by cycle, kind, subject, report",
        )
        .bind::<SqlUuid, _>(document)
        .columns::<(SqlUuid, Text, Text, Nullable<SqlUuid>)>()
        .load(tx.conn())
        .await?;
    Ok(found.into_iter().map(|(cycle, kind, id, report)| (cycle, kind.subject(&id), report)).collect())
}

/// The place of a value in lists.
pub fn key(fact: &Fact) -> String {
    format!("{}:{}/{}/{}/{:09}", fact.kind, fact.subject, fact.path, fact.giver, fact.no)
}

/// The values of a part of a report.
pub async fn of_report(tx: &mut Tx, cycle: Uuid, report: Uuid, after: Option<&str>, limit: i64) -> Result<Vec<Fact>> {
    Ok(tx
        .sql(facts!(
            "and f.report = $3
             and ($4::text is null or f.kind || ':' || f.subject || '/' || f.path || '/' || f.giver || '/' || lpad(f.no::text, 9, '0') > $4)
             order by f.kind || ':' || f.subject || '/' || f.path || '/' || f.giver || '/' || lpad(f.no::text, 9, '0') limit $5"
        ))
        .bind::<SqlUuid, _>(cycle)
        .bind::<SqlUuid, _>(report)
        .bind::<Nullable<Text>, _>(after)
        .bind::<BigInt, _>(limit)
        .load(tx.conn())
        .await?)
}

/// Which values a list shows.
#[derive(Default)]
pub struct Filter {
    pub subject: Option<Subject>,
    pub path: Option<String>,
    /// With everything that stood there before.
    pub history: bool,
    pub after: Option<String>,
}

pub async fn list(tx: &mut Tx, cycle: Uuid, filter: &Filter, limit: i64) -> Result<Vec<Fact>> {
    let (kind, subject) = filter.subject.as_ref().map(|subject| (subject.kind.code(), subject.id.clone())).unzip();
    Ok(tx
        .sql(facts!(
            "and (f.latest or $3 or f.state = 'reported') and ($4::text is null or (f.kind = $4 and f.subject = $5)) and ($6::text is null or f.path = $6)
             and ($7::text is null or f.kind || ':' || f.subject || '/' || f.path || '/' || f.giver || '/' || lpad(f.no::text, 9, '0') > $7)
             order by f.kind || ':' || f.subject || '/' || f.path || '/' || f.giver || '/' || lpad(f.no::text, 9, '0') limit $8"
        ))
        .bind::<SqlUuid, _>(cycle)
        .bind::<Bool, _>(filter.history)
        .bind::<Nullable<Text>, _>(kind)
        .bind::<Nullable<Text>, _>(subject)
        .bind::<Nullable<Text>, _>(&filter.path)
        .bind::<Nullable<Text>, _>(&filter.after)
        .bind::<BigInt, _>(limit)
        .load(tx.conn())
        .await?)
}

/// Keeps which file values came in.
pub async fn insert_file(tx: &mut Tx, cycle: Uuid, sha256: &str, lines: usize) -> Result<Uuid> {
    let (id, now, by) = (Uuid::now_v7(), tx.now, tx.actor.name.clone());
    tx.sql("insert into files (company_id, id, cycle, sha256, lines, made_by, made_at) values ($1, $2, $3, $4, $5, $6, $7)")
        .bind::<SqlUuid, _>(id)
        .bind::<SqlUuid, _>(cycle)
        .bind::<Text, _>(sha256)
        .bind::<BigInt, _>(i64::try_from(lines).unwrap_or(i64::MAX))
        .bind::<Text, _>(by)
        .bind::<Timestamptz, _>(now.to_diesel())
        .execute(tx.conn())
        .await?;
    Ok(id)
}

/// Of which of some people a value of a path was ever given or found, whatever became of it.
pub async fn with_path(tx: &mut Tx, cycle: Uuid, people: &[Subject], path: &str) -> Result<Vec<String>> {
    let numbers: Vec<&str> = people.iter().map(|one| one.id.as_str()).collect();
    Ok(tx
        .sql(
            "select distinct subject from facts
             where company_id = $1 and cycle = $2 and kind = 'person' and subject = any($3) and path = $4",
        )
        .bind::<SqlUuid, _>(cycle)
        .bind::<Array<Text>, _>(numbers)
        .bind::<Text, _>(path)
        .columns::<Text>()
        .load(tx.conn())
        .await?)
}
