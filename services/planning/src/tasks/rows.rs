use diesel::QueryableByName;
use diesel::sql_types::{Array, BigInt, Bool, Date as SqlDate, Nullable, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use platform::sql::NullableDate;
use platform::{Result, Tx};
use uuid::Uuid;

use crate::process::Activity;

/// Stores the tasks of a stage (`$4`) of a cycle (`$2`) that a query finds: holder, subject and its name. Plans that a unit's
/// head collects are late once that is.
macro_rules! open {
    ($rest:literal) => {
        concat!(
            "insert into tasks (company_id, cycle, key, stage, activity, holder, subject, subject_name, due, done,
                 version)
             select $1, $2, $4 || '/' || w.subject, $4, $3, w.holder, w.subject, w.subject_name,
                 (select max(due) from cycle_stages where company_id = $1 and cycle = $2
                     and (code = $4 or ($3 = 'draft_plan' and activity = 'submit_unit_plan'))), false, 1
             from (",
            $rest,
            ") w where w.holder is not null on conflict do nothing"
        )
    };
}

/// The tasks of a stage, of those who take part and have none yet.
pub async fn open_stage(tx: &mut Tx, cycle: Uuid, activity: Activity, stage: &str) -> Result<()> {
    let query = match activity {
        Activity::DraftPlan => tx.sql(open!(
            "select 'person:' || p.subject as holder, p.subject as subject, p.name as subject_name
             from subjects p where p.company_id = $1 and p.cycle = $2 and p.kind = 'person' and p.standing = 'in'"
        )),
        Activity::DraftUnitPlan => tx.sql(open!(
            "select 'person:' || u.head as holder, u.subject as subject, u.name as subject_name
             from subjects u where u.company_id = $1 and u.cycle = $2 and u.kind = 'unit' and u.standing = 'in'"
        )),
        // A unit of which nobody is in charge is looked after by the executives.
        Activity::SubmitUnitPlan | Activity::IssueTargets | Activity::SettleSheets => {
            tx.sql(open!(
                "select case $3::text when 'submit_unit_plan' then coalesce('person:' || u.head, 'role:executive')
                     when 'settle_sheets' then 'role:hr'
                     else coalesce('person:' || u.leader, 'role:executive') end as holder,
                     u.subject as subject, u.name as subject_name
                 from subjects u
                 where u.company_id = $1 and u.cycle = $2 and u.kind = 'unit' and u.subject in (
                     select unit from subjects where company_id = $1 and cycle = $2 and standing = 'in' and unit is not null)"
            ))
        }
        // Who decides is asked in a step; a cycle is released once its sheets are settled.
        Activity::ApproveUnitPlan | Activity::Release => return Ok(()),
    };
    query.bind::<SqlUuid, _>(cycle).bind::<Text, _>(activity.code()).bind::<Text, _>(stage).execute(tx.conn()).await?;
    Ok(())
}

/// Gives what heads and leaders of units have to do to whoever leads these now.
pub async fn follow_leads(tx: &mut Tx, cycle: Uuid) -> Result<()> {
    tx.sql(
        "update tasks t set holder = w.holder, version = t.version + 1, told = false
         from (select o.key, case o.activity when 'draft_unit_plan' then 'person:' || u.head
                       when 'submit_unit_plan' then coalesce('person:' || u.head, 'role:executive')
                   else coalesce('person:' || u.leader, 'role:executive') end as holder
               from tasks o
               join subjects u on u.company_id = $1 and u.cycle = $2 and u.kind = 'unit' and u.subject = o.subject
               where o.company_id = $1 and o.cycle = $2 and not o.done and o.activity in ('submit_unit_plan', 'draft_unit_plan', 'issue_targets')) w
         where t.company_id = $1 and t.cycle = $2 and t.key = w.key and w.holder is not null
           and t.holder <> w.holder",
    )
    .bind::<SqlUuid, _>(cycle)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Gives the open tasks of a stage the last day that the stage has now, and plans that are collected in it.
pub async fn follow_days(tx: &mut Tx, cycle: Uuid, stage: &str) -> Result<()> {
    tx.sql(
        "update tasks t set due = w.due, version = t.version + 1, told = false
         from (select k.code, max(s.due) as due from cycle_stages k
               join cycle_stages s on s.company_id = $1 and s.cycle = $2
                   and (s.code = k.code or (k.activity = 'draft_plan' and s.activity = 'submit_unit_plan'))
               where k.company_id = $1 and k.cycle = $2 and (k.code = $3 or k.activity = 'draft_plan')
               group by k.code) w
         where t.company_id = $1 and t.cycle = $2 and t.stage = w.code and not t.done and t.due is distinct from w.due",
    )
    .bind::<SqlUuid, _>(cycle)
    .bind::<Text, _>(stage)
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

/// Brings the settling of these units (all of them, when none is named) in step with whether every sheet is settled; once a cycle is
/// released nobody is asked for it any more.
pub async fn mark_settled(tx: &mut Tx, cycle: Uuid, unit: Option<&str>) -> Result<()> {
    tx.sql(
        "update tasks t set done = w.done, version = t.version + 1, told = false
         from (select k.key, not exists (
                   select from subjects p
                   join settled_sheets s on s.company_id = $1 and s.cycle = $2 and s.kind = p.kind
                       and s.subject = p.subject and s.state = 'draft'
                   where p.company_id = $1 and p.cycle = $2 and p.unit = k.subject and p.standing = 'in') as done
               from tasks k where k.company_id = $1 and k.cycle = $2 and k.activity = $3 and ($4::text is null or k.subject = $4)) w
         where t.company_id = $1 and t.cycle = $2 and t.key = w.key and t.done <> w.done
           and (w.done or exists (select from cycles where company_id = $1 and id = $2 and state = 'open'))",
    )
    .bind::<SqlUuid, _>(cycle)
    .bind::<Text, _>(Activity::SettleSheets.code())
    .bind::<Nullable<Text>, _>(unit)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Asks for the release of a cycle whose sheets are all settled, where it waits for one.
pub async fn ask_for_release(tx: &mut Tx, cycle: Uuid) -> Result<()> {
    tx.sql(
        "insert into tasks (company_id, cycle, key, stage, activity, holder, subject, subject_name, due, done, version)
         select $1, $2, s.code || '/', s.code, s.activity, 'role:executive', '', '', s.due, false, 1
         from cycle_stages s join cycles c on c.company_id = $1 and c.id = $2 and c.state = 'open'
         where s.company_id = $1 and s.cycle = $2 and s.activity = $3
           and not exists (select from settled_sheets t
               join subjects p on p.company_id = $1 and p.cycle = $2 and p.kind = t.kind and p.subject = t.subject
               where t.company_id = $1 and t.cycle = $2 and t.state in ('draft', 'proposed') and p.standing = 'in')
         on conflict do nothing",
    )
    .bind::<SqlUuid, _>(cycle)
    .bind::<Text, _>(Activity::Release.code())
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
    pub activity: String,
    #[diesel(sql_type = Text)]
    pub holder: String,
    #[diesel(sql_type = Text)]
    pub subject: String,
    #[diesel(sql_type = Text)]
    pub subject_name: String,
    #[diesel(sql_type = Nullable<SqlDate>, deserialize_as = NullableDate)]
    pub due: Option<jiff::civil::Date>,
    #[diesel(sql_type = Bool)]
    pub done: bool,
    /// The plan that it is about.
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub plan: Option<Uuid>,
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
         select t.company_id, t.cycle, c.period, t.key, t.stage, s.label_zh, s.label_en, t.activity, t.holder,
             t.subject, t.subject_name, t.due, t.done, l.id as plan, t.version
         from told t
         join cycles c on c.company_id = t.company_id and c.id = t.cycle
         join cycle_stages s on s.company_id = t.company_id and s.cycle = t.cycle and s.code = t.stage
         left join plans l on t.activity in ('draft_plan', 'draft_unit_plan', 'submit_unit_plan') and l.company_id = t.company_id
             and l.cycle = t.cycle and l.kind = case t.activity when 'draft_plan' then 'person' else 'unit' end
             and l.subject = t.subject
         order by t.company_id, t.cycle, t.key",
        )
        .bind::<BigInt, _>(limit)
        .load(tx.conn())
        .await?)
}
