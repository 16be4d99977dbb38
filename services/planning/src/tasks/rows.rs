use diesel::QueryableByName;
use diesel::sql_types::{Array, BigInt, Bool, Date as SqlDate, Jsonb, Nullable, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use events::TasksChanged;
use platform::sql::{NullableDate, ToDiesel};
use platform::{Result, Tx};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::process::Activity;

/// The tasks of a stage when a cycle opens.
pub async fn open_stage(tx: &mut Tx, cycle: Uuid, activity: Activity, stage: &str) -> Result<()> {
    let work = match activity {
        Activity::DraftPlan => {
            "select $4 || '/' || p.number as key, p.number as assignee, p.number as subject, p.name as subject_name
             from participants p where p.company_id = $1 and p.cycle = $2"
        }
        Activity::SubmitUnitPlan => {
            "select $4 || '/' || u.code as key, u.head as assignee, u.code as subject, u.name as subject_name
             from cycle_units u where u.company_id = $1 and u.cycle = $2 and u.head is not null"
        }
        // A unit whose head has no superior is looked after by the executives.
        Activity::IssueTargets | Activity::ApproveUnitPlan => {
            "select $4 || '/' || u.code as key, u.leader as assignee, u.code as subject, u.name as subject_name
             from cycle_units u where u.company_id = $1 and u.cycle = $2 and u.leader is not null
             union all
             select $4 || '/' || u.code || '/' || e.number, e.number, u.code, u.name
             from cycle_units u cross join held e
             where u.company_id = $1 and u.cycle = $2 and u.leader is null and u.head is distinct from e.number"
        }
        Activity::SettleSheets => {
            "select $4 || '/' || u.code || '/' || e.number as key, e.number as assignee, u.code as subject,
                 u.name as subject_name
             from cycle_units u cross join held e
             where u.company_id = $1 and u.cycle = $2"
        }
    };
    let role = if activity == Activity::SettleSheets { "hr" } else { "executive" };
    tx.sql(&format!(
        "with held as materialized (
             select number from employees where company_id = $1 and roles @> jsonb_build_array($5::text))
         insert into tasks (company_id, cycle, key, stage, activity, assignee, subject, subject_name, due, done, version)
         select $1, $2, w.key, $4, $3, w.assignee, w.subject, w.subject_name,
             (select due from cycle_stages where company_id = $1 and cycle = $2 and code = $4), false, 1
         from ({work}) w on conflict do nothing"
    ))
    .bind::<SqlUuid, _>(cycle)
    .bind::<Text, _>(activity.code())
    .bind::<Text, _>(stage)
    .bind::<Text, _>(role)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Marks the tasks about these subjects as done, or as to be done again.
pub async fn mark(tx: &mut Tx, cycle: Uuid, activity: Activity, subjects: &[String], done: bool) -> Result<()> {
    tx.sql(
        "update tasks set done = $5, version = version + 1, told = false
         where company_id = $1 and cycle = $2 and activity = $3 and subject in (select unnest($4::text[])) and done <> $5",
    )
    .bind::<SqlUuid, _>(cycle)
    .bind::<Text, _>(activity.code())
    .bind::<Array<Text>, _>(subjects)
    .bind::<Bool, _>(done)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Brings the task of issuing targets to each of these units in step with whether it has any.
pub async fn mark_targets(tx: &mut Tx, cycle: Uuid, unit: &str) -> Result<()> {
    tx.sql(
        "update tasks t set done = not t.done, version = version + 1, told = false
         where company_id = $1 and cycle = $2 and activity = $3 and subject = $4
           and done <> exists (select from targets where company_id = $1 and cycle = $2 and unit = $4)",
    )
    .bind::<SqlUuid, _>(cycle)
    .bind::<Text, _>(Activity::IssueTargets.code())
    .bind::<Text, _>(unit)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Marks the settling of these units (all of them, when none is named) as done where every sheet is settled.
pub async fn mark_settled(tx: &mut Tx, cycle: Uuid, unit: Option<&str>) -> Result<()> {
    tx.sql(
        "update tasks t set done = true, version = version + 1, told = false
         where company_id = $1 and cycle = $2 and activity = $3 and ($4::text is null or subject = $4) and not done
           and subject not in (
               select p.unit from participants p
               left join sheets s on s.company_id = $1 and s.cycle = $2 and s.number = p.number
               where p.company_id = $1 and p.cycle = $2 and ($4::text is null or p.unit = $4) and s.number is null)",
    )
    .bind::<SqlUuid, _>(cycle)
    .bind::<Text, _>(Activity::SettleSheets.code())
    .bind::<Nullable<Text>, _>(unit)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Nothing is left to do in planning once a cycle is released.
pub async fn close(tx: &mut Tx, cycle: Uuid) -> Result<()> {
    tx.sql(
        "update tasks set done = true, version = version + 1, told = false
         where company_id = $1 and cycle = $2 and not done",
    )
    .bind::<SqlUuid, _>(cycle)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Gives whoever of these people has become HR the open settling, and takes it from whoever is HR no more.
pub async fn follow_hr(tx: &mut Tx, numbers: &[String]) -> Result<()> {
    tx.sql(
        "with people as materialized (
             select number from employees where company_id = $1 and number = any($2) and roles @> '[\"hr\"]')
         insert into tasks (company_id, cycle, key, stage, activity, assignee, subject, subject_name, due, done, version)
         select $1, c.id, s.code || '/' || u.code || '/' || e.number, s.code, s.activity, e.number, u.code, u.name,
             s.due, false, 1
         from people e
         join cycles c on c.company_id = $1 and c.state = 'open'
         join cycle_stages s on s.company_id = $1 and s.cycle = c.id and s.activity = $3
         join cycle_units u on u.company_id = $1 and u.cycle = c.id
         where exists (select from participants p where p.company_id = $1 and p.cycle = c.id and p.unit = u.code
               and not exists (select from sheets h
                   where h.company_id = $1 and h.cycle = c.id and h.number = p.number))
         on conflict (company_id, cycle, key) do update set done = false, version = tasks.version + 1, told = false
         where tasks.done",
    )
    .bind::<Array<Text>, _>(numbers)
    .bind::<Text, _>(Activity::SettleSheets.code())
    .execute(tx.conn())
    .await?;
    tx.sql(
        "update tasks t set done = true, version = t.version + 1, told = false
         from employees e, cycles c
         where t.company_id = $1 and t.activity = $3 and t.assignee = any($2) and not t.done
           and e.company_id = $1 and e.number = t.assignee and not e.roles @> '[\"hr\"]'
           and c.company_id = $1 and c.id = t.cycle and c.state = 'open'",
    )
    .bind::<Array<Text>, _>(numbers)
    .bind::<Text, _>(Activity::SettleSheets.code())
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// A changed task that the other services have not been told about.
#[derive(QueryableByName, Debug)]
pub struct Untold {
    #[diesel(sql_type = SqlUuid)]
    pub company_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub cycle: Uuid,
    #[diesel(sql_type = Text)]
    pub period: String,
    #[diesel(sql_type = Text)]
    pub key: String,
    #[diesel(sql_type = Text)]
    pub stage: String,
    #[diesel(sql_type = Text)]
    pub label_zh: String,
    #[diesel(sql_type = Text)]
    pub label_en: String,
    #[diesel(sql_type = Text)]
    pub assignee: String,
    #[diesel(sql_type = Text)]
    pub subject: String,
    #[diesel(sql_type = Text)]
    pub subject_name: String,
    #[diesel(sql_type = Nullable<SqlDate>, deserialize_as = NullableDate)]
    pub due: Option<jiff::civil::Date>,
    #[diesel(sql_type = Bool)]
    pub done: bool,
    #[diesel(sql_type = BigInt)]
    pub version: i64,
}

/// Takes changed tasks of any company and marks them as told; those that another replica holds are skipped.
pub async fn take_untold(tx: &mut Tx, limit: i64) -> Result<Vec<Untold>> {
    Ok(tx
        .sql_of_all(
            "with picked as (
             select company_id, cycle, key from tasks where not told
             order by company_id, cycle limit $1 for update skip locked
         ), told as (
             update tasks t set told = true from picked p
             where t.company_id = p.company_id and t.cycle = p.cycle and t.key = p.key
             returning t.*
         )
         select t.company_id, t.cycle, c.period, t.key, t.stage, s.label_zh, s.label_en, t.assignee, t.subject,
             t.subject_name, t.due, t.done, t.version
         from told t
         join cycles c on c.company_id = t.company_id and c.id = t.cycle
         join cycle_stages s on s.company_id = t.company_id and s.cycle = t.cycle and s.code = t.stage
         order by t.company_id, t.cycle, t.key",
        )
        .bind::<BigInt, _>(limit)
        .load(tx.conn())
        .await?)
}

/// Keeps what the scoring service tells of its tasks.
pub async fn replace_scoring(tx: &mut Tx, changed: &TasksChanged) -> Result<()> {
    tx.sql(
        "insert into scoring_tasks (company_id, cycle, key, stage, label_zh, label_en, assignee, subject, subject_name,
             due, done, version)
         select distinct on (n.key) $1, $2, n.key, n.stage, n.label_zh, n.label_en, n.assignee, n.subject,
             n.subject_name, n.due, n.done, n.version
         from jsonb_to_recordset($3) as n(key text, stage text, label_zh text, label_en text, assignee text,
             subject text, subject_name text, due date, done boolean, version bigint)
         order by n.key, n.version desc
         on conflict (company_id, cycle, key) do update set stage = excluded.stage, label_zh = excluded.label_zh,
             label_en = excluded.label_en, assignee = excluded.assignee, subject = excluded.subject,
             subject_name = excluded.subject_name, due = excluded.due, done = excluded.done, version = excluded.version
         where excluded.version > scoring_tasks.version",
    )
    .bind::<SqlUuid, _>(changed.cycle)
    .bind::<Jsonb, _>(serde_json::to_value(&changed.tasks)?)
    .execute(tx.conn())
    .await?;
    Ok(())
}

const ALL_TASKS: &str = "(
    select stage, assignee, subject, subject_name, due, done from tasks where company_id = $1 and cycle = $2
    union all
    select stage, assignee, subject, subject_name, due, done from scoring_tasks where company_id = $1 and cycle = $2) t";

/// How far one stage is.
#[derive(QueryableByName, Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct StageProgress {
    #[diesel(sql_type = Text)]
    pub stage: String,
    #[diesel(sql_type = Text)]
    pub label_zh: String,
    #[diesel(sql_type = Text)]
    pub label_en: String,
    #[diesel(sql_type = Nullable<SqlDate>, deserialize_as = NullableDate)]
    pub due: Option<jiff::civil::Date>,
    #[diesel(sql_type = BigInt)]
    pub total: i64,
    #[diesel(sql_type = BigInt)]
    pub done: i64,
    #[diesel(sql_type = BigInt)]
    pub open: i64,
    /// How many of the open ones are past their day.
    #[diesel(sql_type = BigInt)]
    pub overdue: i64,
}

pub async fn progress(tx: &mut Tx, cycle: Uuid, today: jiff::civil::Date) -> Result<Vec<StageProgress>> {
    Ok(tx
        .sql(&format!(
            "select s.code as stage, s.label_zh, s.label_en, s.due, coalesce(n.total, 0) as total,
             coalesce(n.done, 0) as done, coalesce(n.total - n.done, 0) as open, coalesce(n.overdue, 0) as overdue
         from cycle_stages s left join (
             select t.stage, count(*) as total, count(*) filter (where t.done) as done,
                 count(*) filter (where not t.done and t.due < $3) as overdue
             from {ALL_TASKS} group by t.stage) n on n.stage = s.code
         where s.company_id = $1 and s.cycle = $2 order by s.place"
        ))
        .bind::<SqlUuid, _>(cycle)
        .bind::<SqlDate, _>(today.to_diesel())
        .load(tx.conn())
        .await?)
}

/// A task that is not done.
#[derive(QueryableByName, Clone, Debug)]
pub struct OpenTask {
    #[diesel(sql_type = Text)]
    pub stage: String,
    #[diesel(sql_type = Text)]
    pub assignee: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub assignee_name: Option<String>,
    #[diesel(sql_type = Text)]
    pub subject: String,
    #[diesel(sql_type = Text)]
    pub subject_name: String,
    #[diesel(sql_type = Nullable<SqlDate>, deserialize_as = NullableDate)]
    pub due: Option<jiff::civil::Date>,
}

/// Open tasks, longest overdue first.
pub async fn open_tasks(tx: &mut Tx, cycle: Uuid, limit: i64) -> Result<Vec<OpenTask>> {
    Ok(tx
        .sql(&format!(
            "select t.stage, t.assignee, e.name as assignee_name, t.subject, t.subject_name, t.due
         from (select * from {ALL_TASKS} where not t.done
               order by t.due nulls last, t.assignee, t.stage, t.subject limit $3) t
         left join employees e on e.company_id = $1 and e.number = t.assignee
         order by t.due nulls last, t.assignee, t.stage, t.subject"
        ))
        .bind::<SqlUuid, _>(cycle)
        .bind::<BigInt, _>(limit)
        .load(tx.conn())
        .await?)
}
