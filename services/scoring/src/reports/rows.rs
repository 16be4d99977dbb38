use diesel::sql_types::{Array, BigInt, Bool, Date as SqlDate, Jsonb, Nullable, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use events::Subject;
use platform::sql::ToDiesel;
use platform::{Problem, Result, Tx, say};
use serde_json::{Value, json};
use uuid::Uuid;

use super::report::{Report, ReportStage};
use crate::subjects::subject::{ids, kinds};
use crate::viewer::Viewer;

/// Reports of the company `$1`.
macro_rules! reports {
    ($rest:literal) => {
        concat!(
            "select r.id, r.cycle, r.stage, r.kind, r.subject, coalesce(p.name, r.subject) as name, r.answers, r.state, r.handed_in_by,
                 r.handed_in_on, r.version
             from reports r
             left join subjects p on p.company_id = $1 and p.cycle = r.cycle and p.kind = r.kind and p.subject = r.subject
             where r.company_id = $1 ",
            $rest
        )
    };
}

/// A report that the caller may read.
pub async fn get(tx: &mut Tx, id: Uuid, reader: &Reader<'_>) -> Result<Report> {
    let filter = Filter { id: Some(id), cycle: None, stage: None, subject: None, after: None, limit: 1 };
    let found = list(tx, reader, &filter).await?;
    found.into_iter().next().ok_or_else(|| Problem::not_found(say!("书面报告", "report")))
}

/// Who reads.
pub struct Reader<'a> {
    /// Sees all of them.
    pub all: bool,
    pub number: Option<&'a str>,
    /// As whom they act.
    pub actors: &'a [String],
}

impl<'a> Reader<'a> {
    pub fn of(viewer: &'a Viewer, actors: &'a [String]) -> Self {
        Self { all: viewer.sees_all(), number: viewer.number.as_deref(), actors }
    }
}

/// Which reports a page shows.
pub struct Filter<'a> {
    pub id: Option<Uuid>,
    pub cycle: Option<Uuid>,
    pub stage: Option<&'a str>,
    /// What they are about.
    pub subject: Option<Subject>,
    pub after: Option<Uuid>,
    pub limit: i64,
}

/// Reports that the caller may read: about them, theirs to write or to confirm, of those whom they lead or rate, about units that
/// they are in charge of, or any.
pub async fn list(tx: &mut Tx, reader: &Reader<'_>, filter: &Filter<'_>) -> Result<Vec<Report>> {
    Ok(tx
        .sql(reports!(
            "and ($2 or p.leader = $3 or (r.kind = 'person' and (r.subject = $3 or $3 in (p.superior, p.head, p.co_head)))
                or exists (select from steps s where s.company_id = $1 and s.about = 'report:' || r.id and s.actors && $4)
                or exists (select from assignments a where a.company_id = $1 and a.cycle = r.cycle and a.kind = r.kind
                    and a.subject = r.subject and r.kind = 'person' and a.state in ('open', 'submitted') and a.rater_kind || ':' || a.rater = any($4)))
             and ($5::uuid is null or r.cycle = $5) and ($6::text is null or r.stage = $6) and ($7::text is null or (r.kind = $11 and r.subject = $7))
             and ($8::uuid is null or r.id > $8) and ($10::uuid is null or r.id = $10) order by r.id limit $9"
        ))
        .bind::<Bool, _>(reader.all)
        .bind::<Nullable<Text>, _>(reader.number)
        .bind::<Array<Text>, _>(reader.actors)
        .bind::<Nullable<SqlUuid>, _>(filter.cycle)
        .bind::<Nullable<Text>, _>(filter.stage)
        .bind::<Nullable<Text>, _>(filter.subject.as_ref().map(|about| about.id.as_str()))
        .bind::<Nullable<SqlUuid>, _>(filter.after)
        .bind::<BigInt, _>(filter.limit)
        .bind::<Nullable<SqlUuid>, _>(filter.id)
        .bind::<Nullable<Text>, _>(filter.subject.as_ref().map(|about| about.kind.code()))
        .load(tx.conn())
        .await?)
}

/// Some reports of a cycle, by their ids.
pub async fn many(tx: &mut Tx, ids: &[Uuid]) -> Result<Vec<Report>> {
    Ok(tx.sql(reports!("and r.id = any($2) order by r.id")).bind::<Array<SqlUuid>, _>(ids).load(tx.conn()).await?)
}

/// Those of a cycle that are not through: of a stage, or of all.
pub async fn open_of(tx: &mut Tx, cycle: Uuid, stage: Option<&str>) -> Result<Vec<Report>> {
    Ok(tx
        .sql(reports!("and r.cycle = $2 and ($3::text is null or r.stage = $3) and r.state <> 'done' order by r.id"))
        .bind::<SqlUuid, _>(cycle)
        .bind::<Nullable<Text>, _>(stage)
        .load(tx.conn())
        .await?)
}

/// Those about some subjects that are not through.
pub async fn open_about(tx: &mut Tx, cycle: Uuid, about: &[Subject]) -> Result<Vec<Report>> {
    Ok(tx
        .sql(reports!(
            "and r.cycle = $2 and (r.kind, r.subject) in (select * from unnest($3::text[], $4::text[])) and r.state <> 'done'
             order by r.id"
        ))
        .bind::<SqlUuid, _>(cycle)
        .bind::<Array<Text>, _>(kinds(about))
        .bind::<Array<Text>, _>(ids(about))
        .load(tx.conn())
        .await?)
}

/// About which of these there is a report of a stage.
pub async fn known(tx: &mut Tx, cycle: Uuid, stage: &ReportStage, about: &[&str]) -> Result<Vec<String>> {
    Ok(tx
        .sql(
            "select subject from reports
             where company_id = $1 and cycle = $2 and stage = $3 and kind = $5 and subject = any($4)",
        )
        .bind::<SqlUuid, _>(cycle)
        .bind::<Text, _>(&stage.code)
        .bind::<Array<Text>, _>(about)
        .bind::<Text, _>(stage.kind)
        .columns::<Text>()
        .load(tx.conn())
        .await?)
}

/// Begins reports: id, and number or code of what they are about.
pub async fn insert(tx: &mut Tx, cycle: Uuid, stage: &ReportStage, new: &[(Uuid, &str)]) -> Result<()> {
    tx.sql(
        "insert into reports (company_id, id, cycle, stage, kind, subject, state, version)
         select $1, n.id, $2, $3, $5, n.subject, 'draft', 1 from jsonb_to_recordset($4) as n(id uuid, subject text)",
    )
    .bind::<SqlUuid, _>(cycle)
    .bind::<Text, _>(&stage.code)
    .bind::<Jsonb, _>(new.iter().map(|(id, subject)| json!({ "id": id, "subject": subject })).collect::<Value>())
    .bind::<Text, _>(stage.kind)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Stores a report as it is now, one version on.
pub async fn store(tx: &mut Tx, report: &mut Report) -> Result<()> {
    report.version += 1;
    tx.sql(
        "update reports set answers = $3, state = $4, handed_in_by = $5, handed_in_on = $6, version = $7
         where company_id = $1 and id = $2",
    )
    .bind::<SqlUuid, _>(report.id)
    .bind::<Jsonb, _>(&report.answers)
    .bind::<Text, _>(report.state)
    .bind::<Nullable<Text>, _>(&report.handed_in_by)
    .bind::<Nullable<SqlDate>, _>(report.handed_in_on.map(ToDiesel::to_diesel))
    .bind::<BigInt, _>(report.version)
    .execute(tx.conn())
    .await?;
    Ok(())
}
