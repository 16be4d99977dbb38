//! What people have to do while a cycle is scored, kept in step with the sheets and told to planning.

use basics::Label;
use diesel::QueryableByName;
use diesel::sql_types::{Array, BigInt, Bool, Date, Nullable, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use domain::scheme::source::Does;
use events::{Event, Stage, TasksChanged, WorkItem};
use platform::sql::ToDiesel;
use platform::{Result, Tx};
use uuid::Uuid;

use crate::cycles::cycle::Cycle;
use crate::sheets::sheet::{SELF, SUPERIOR};

const AT_ONCE: usize = 500;

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = Text)]
    key: String,
    #[diesel(sql_type = Text)]
    stage: String,
    #[diesel(sql_type = Text)]
    label_zh: String,
    #[diesel(sql_type = Text)]
    label_en: String,
    #[diesel(sql_type = Text)]
    assignee: String,
    #[diesel(sql_type = Text)]
    subject: String,
    #[diesel(sql_type = Text)]
    subject_name: String,
    #[diesel(sql_type = Nullable<Text>)]
    due: Option<String>,
    #[diesel(sql_type = Bool)]
    done: bool,
    #[diesel(sql_type = BigInt)]
    version: i64,
}

impl Row {
    fn work_item(self) -> WorkItem {
        WorkItem {
            key: self.key,
            stage: self.stage,
            label_zh: self.label_zh,
            label_en: self.label_en,
            assignee: self.assignee.into(),
            subject: self.subject,
            subject_name: self.subject_name,
            due: self.due.and_then(|due| due.parse().ok()),
            done: self.done,
            version: self.version,
        }
    }
}

const RETURNING: &str =
    "returning key, stage, label_zh, label_en, assignee, subject, subject_name, due::text as due, done, version";

/// The stage of an activity, with its last day in this cycle.
struct Dated {
    code: String,
    label: Label,
    due: Option<jiff::civil::Date>,
}

fn dated(cycle: &Cycle, does: Does) -> Result<Option<Dated>> {
    let Some((code, label)) = cycle.scheme()?.stage(does) else { return Ok(None) };
    let stages: Vec<Stage> = serde_json::from_value(cycle.stages.clone())?;
    let due = stages.iter().find(|s| s.code == code).and_then(|s| s.due);
    Ok(Some(Dated { code, label, due }))
}

/// Hands out the work when scoring starts: to each superior their people unit by unit, to each person their
/// self-assessment, to whoever leads a unit's head the unit's score.
pub async fn hand_out(tx: &mut Tx, cycle: &Cycle) -> Result<()> {
    let by_superior = "select 'score/' || unit || '/' || superior, superior, unit, (select u.name from units u where u.company_id = $1 and u.cycle = $2 and u.code = unit)
         from sheets where company_id = $1 and cycle = $2 and superior is not null and $8 = any(open_parts) group by unit, superior";
    let by_oneself = "select 'self/' || number, number, number, name from sheets where company_id = $1 and cycle = $2 and $8 = any(open_parts)";
    let by_leader = "select 'unit-score/' || u.code, s.superior, u.code, u.name from units u
         join sheets s on s.company_id = $1 and s.cycle = $2 and s.number = u.head
         where u.company_id = $1 and u.cycle = $2 and s.superior is not null and u.score is null and $8 <> ''";
    if let Some(stage) = dated(cycle, Does::Score)? {
        insert(tx, cycle.id, &stage, by_superior, SUPERIOR).await?;
        if cycle.scheme()?.takes_unit_scores() {
            insert(tx, cycle.id, &stage, by_leader, "unit").await?;
        }
    }
    if let Some(stage) = dated(cycle, Does::SelfAssess)? {
        insert(tx, cycle.id, &stage, by_oneself, SELF).await?;
    }
    let all = "select key, stage, label_zh, label_en, assignee, subject, subject_name, due::text as due, done, version from tasks
         where company_id = $1 and cycle = $2 order by key";
    let rows: Vec<Row> = tx.sql(all).bind::<SqlUuid, _>(cycle.id).load(tx.conn()).await?;
    tell(tx, cycle, rows).await
}

async fn insert(tx: &mut Tx, cycle: Uuid, stage: &Dated, rows: &str, part: &str) -> Result<()> {
    tx.sql(&format!(
        "insert into tasks (company_id, cycle, key, stage, label_zh, label_en, assignee, subject, subject_name, due, done, version)
         select $1, $2, w.key, $3, $4, $5, w.assignee, w.subject, coalesce(w.subject_name, w.subject), $6, $7, 1
         from ({rows}) w(key, assignee, subject, subject_name) on conflict do nothing"
    ))
    .bind::<SqlUuid, _>(cycle)
    .bind::<Text, _>(&stage.code)
    .bind::<Text, _>(&stage.label.zh)
    .bind::<Text, _>(&stage.label.en)
    .bind::<Nullable<Date>, _>(stage.due.map(|d| d.to_diesel()))
    .bind::<Bool, _>(false)
    .bind::<Text, _>(part)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Brings the tasks about these people's sheets up to date and tells those that changed.
pub async fn refresh(tx: &mut Tx, cycle: &Cycle, numbers: &[String]) -> Result<()> {
    let rows: Vec<Row> = tx
        .sql(&format!(
            "with touched as materialized (select distinct unit, superior from sheets
                          where company_id = $1 and cycle = $2 and number = any($3) and superior is not null),
              stand as materialized (
                  select 'score/' || t.unit || '/' || t.superior as task, not exists (
                      select from sheets s where s.company_id = $1 and s.cycle = $2 and s.unit = t.unit
                      and s.superior = t.superior and $4 = any(s.open_parts)) as ready from touched t
                  union all
                  select 'self/' || number, not $5 = any(open_parts) from sheets
                  where company_id = $1 and cycle = $2 and number = any($3))
         update tasks set done = stand.ready, version = version + 1 from stand
         where company_id = $1 and cycle = $2 and key = stand.task and done <> stand.ready {RETURNING}"
        ))
        .bind::<SqlUuid, _>(cycle.id)
        .bind::<Array<Text>, _>(numbers)
        .bind::<Text, _>(SUPERIOR)
        .bind::<Text, _>(SELF)
        .load(tx.conn())
        .await?;
    tell(tx, cycle, rows).await
}

/// Brings the tasks about these units' own scores up to date and tells those that changed.
pub async fn refresh_units(tx: &mut Tx, cycle: &Cycle, units: &[String]) -> Result<()> {
    let rows: Vec<Row> = tx
        .sql(&format!(
            "update tasks set done = u.score is not null, version = tasks.version + 1 from units u
         where u.company_id = $1 and u.cycle = $2 and u.code = any($3) and tasks.company_id = $1 and tasks.cycle = $2
           and key = 'unit-score/' || u.code and done <> (u.score is not null) {RETURNING}"
        ))
        .bind::<SqlUuid, _>(cycle.id)
        .bind::<Array<Text>, _>(units)
        .load(tx.conn())
        .await?;
    tell(tx, cycle, rows).await
}

async fn tell(tx: &mut Tx, cycle: &Cycle, rows: Vec<Row>) -> Result<()> {
    let mut items: Vec<WorkItem> = rows.into_iter().map(Row::work_item).collect();
    while !items.is_empty() {
        let rest = items.split_off(items.len().min(AT_ONCE));
        let tasks = std::mem::replace(&mut items, rest);
        let changed = TasksChanged { cycle: cycle.id, period: cycle.period.clone(), tasks };
        tx.emit(&Event::ScoringTasksChanged(changed)).await?;
    }
    Ok(())
}
