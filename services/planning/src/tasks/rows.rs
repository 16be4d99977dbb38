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

/// Stores the tasks of a stage (`$4`) of a cycle (`$2`) that a query finds: key, assignee, subject and its name.
macro_rules! open {
    ($rest:literal) => {
        concat!(
            "insert into tasks (company_id, cycle, key, stage, activity, assignee, subject, subject_name, due, done,
                 version)
             select $1, $2, w.key, $4, $3, w.assignee, w.subject, w.subject_name,
                 (select due from cycle_stages where company_id = $1 and cycle = $2 and code = $4), false, 1
             from (",
            $rest,
            ") w on conflict do nothing"
        )
    };
}

/// The tasks of a stage, of those who take part and have none yet.
pub async fn open_stage(tx: &mut Tx, cycle: Uuid, activity: Activity, stage: &str) -> Result<()> {
    let query = match activity {
        Activity::DraftPlan => tx.sql(open!(
            "select $4::text || '/' || p.subject as key, p.subject as assignee, p.subject as subject,
                 p.name as subject_name
             from subjects p where p.company_id = $1 and p.cycle = $2 and p.kind = 'person' and p.standing = 'in'"
        )),
        Activity::DraftUnitPlan => tx.sql(open!(
            "select $4::text || '/' || u.subject as key, u.head as assignee, u.subject as subject,
                 u.name as subject_name
             from subjects u where u.company_id = $1 and u.cycle = $2 and u.kind = 'unit' and u.standing = 'in'
               and u.head is not null"
        )),
        Activity::SubmitUnitPlan => tx.sql(open!(
            "select $4::text || '/' || u.subject as key, u.head as assignee, u.subject as subject,
                 u.name as subject_name
             from unit_plans g
             join subjects u on u.company_id = $1 and u.cycle = $2 and u.kind = 'unit' and u.subject = g.code
             where g.company_id = $1 and g.cycle = $2 and u.head is not null"
        )),
        // A unit of which nobody is in charge is looked after by the executives.
        Activity::IssueTargets | Activity::ApproveUnitPlan => tx.sql(open!(
            "select $4::text || '/' || u.subject || case when u.leader is null then '/' || e.number else '' end as key,
                 coalesce(u.leader, e.number) as assignee, u.subject as subject, u.name as subject_name
             from unit_plans g
             join subjects u on u.company_id = $1 and u.cycle = $2 and u.kind = 'unit' and u.subject = g.code
             left join employees e on e.company_id = $1 and u.leader is null and e.roles @> '[\"executive\"]'
                 and u.head is distinct from e.number
             where g.company_id = $1 and g.cycle = $2 and coalesce(u.leader, e.number) is not null"
        )),
        Activity::SettleSheets => tx.sql(open!(
            "select $4::text || '/' || u.subject || '/' || e.number as key, e.number as assignee, u.subject as subject,
                 u.name as subject_name
             from unit_plans g
             join subjects u on u.company_id = $1 and u.cycle = $2 and u.kind = 'unit' and u.subject = g.code
             join employees e on e.company_id = $1 and e.roles @> '[\"hr\"]'
             where g.company_id = $1 and g.cycle = $2"
        )),
        Activity::Release => return Ok(()),
    };
    query.bind::<SqlUuid, _>(cycle).bind::<Text, _>(activity.code()).bind::<Text, _>(stage).execute(tx.conn()).await?;
    Ok(())
}

/// Gives what heads and leaders of units have to do to whoever leads these now.
pub async fn follow_leads(tx: &mut Tx, cycle: Uuid) -> Result<()> {
    tx.sql(
        "update tasks t set assignee = w.assignee, version = t.version + 1, told = false
         from (select o.key, case when o.activity in ('submit_unit_plan', 'draft_unit_plan') then u.head
                   else u.leader end as assignee
               from tasks o
               join subjects u on u.company_id = $1 and u.cycle = $2 and u.kind = 'unit' and u.subject = o.subject
               where o.company_id = $1 and o.cycle = $2 and not o.done and o.key = o.stage || '/' || o.subject
                 and o.activity in ('submit_unit_plan', 'draft_unit_plan', 'issue_targets', 'approve_unit_plan')) w
         where t.company_id = $1 and t.cycle = $2 and t.key = w.key and w.assignee is not null
           and t.assignee <> w.assignee",
    )
    .bind::<SqlUuid, _>(cycle)
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
               select p.unit from subjects p
               join settled_sheets s on s.company_id = $1 and s.cycle = $2 and s.kind = p.kind
                   and s.subject = p.subject and s.state = 'draft'
               where p.company_id = $1 and p.cycle = $2 and ($4::text is null or p.unit = $4) and p.standing = 'in'
                 and p.unit is not null)",
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
         select $1, c.id, s.code || '/' || u.subject || '/' || e.number, s.code, s.activity, e.number, u.subject,
             u.name, s.due, false, 1
         from people e
         join cycles c on c.company_id = $1 and c.state = 'open'
         join cycle_stages s on s.company_id = $1 and s.cycle = c.id and s.activity = $3
         join subjects u on u.company_id = $1 and u.cycle = c.id and u.kind = 'unit'
         where exists (select from subjects p
               join settled_sheets h on h.company_id = $1 and h.cycle = c.id and h.kind = p.kind
                   and h.subject = p.subject and h.state = 'draft'
               where p.company_id = $1 and p.cycle = c.id and p.unit = u.subject and p.standing = 'in')
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

/// Tasks of a cycle (`$2`) here and in scoring, as `t`.
macro_rules! of_all_tasks {
    ($rest:literal) => {
        concat!(
            "with t as (
                 select stage, assignee, subject, subject_name, due, done from tasks where company_id = $1 and cycle = $2
                 union all
                 select stage, assignee, subject, subject_name, due, done from scoring_tasks
                 where company_id = $1 and cycle = $2) ",
            $rest
        )
    };
}

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
        .sql(of_all_tasks!(
            "select s.code as stage, s.label_zh, s.label_en, s.due, coalesce(n.total, 0) as total,
             coalesce(n.done, 0) as done, coalesce(n.total - n.done, 0) as open, coalesce(n.overdue, 0) as overdue
         from cycle_stages s left join (
             select t.stage, count(*) as total, count(*) filter (where t.done) as done,
                 count(*) filter (where not t.done and t.due < $3) as overdue
             from t group by t.stage) n on n.stage = s.code
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
        .sql(of_all_tasks!(
            "select o.stage, o.assignee, e.name as assignee_name, o.subject, o.subject_name, o.due
         from (select * from t where not t.done
               order by t.due nulls last, t.assignee, t.stage, t.subject limit $3) o
         left join employees e on e.company_id = $1 and e.number = o.assignee
         order by o.due nulls last, o.assignee, o.stage, o.subject"
        ))
        .bind::<SqlUuid, _>(cycle)
        .bind::<BigInt, _>(limit)
        .load(tx.conn())
        .await?)
}
