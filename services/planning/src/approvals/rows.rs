use std::collections::HashMap;

use diesel::sql_types::{Array, BigInt, Bool, Jsonb, Nullable, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use platform::{Problem, Result, Tx, say};
use serde_json::{Value, json};
use uuid::Uuid;

use super::approval::Approval;
use crate::subjects::subject::Kind;

/// Approvals of the company `$1`.
macro_rules! approvals {
    ($rest:literal) => {
        concat!(
            "select a.step, a.cycle, a.stage, a.label_zh, a.label_en, a.plan, a.kind, a.subject, a.also, s.place, s.state
             from approvals a join steps s on s.company_id = $1 and s.id = a.step where a.company_id = $1 ",
            $rest
        )
    };
}

pub async fn insert(tx: &mut Tx, approvals: &[Approval]) -> Result<()> {
    let row = |one: &Approval| {
        json!({ "step": one.step, "cycle": one.cycle, "stage": one.stage, "label_zh": one.label_zh, "label_en": one.label_en,
            "plan": one.plan, "kind": one.kind, "subject": one.subject, "also": one.also })
    };
    tx.sql(
        "insert into approvals (company_id, step, cycle, stage, label_zh, label_en, plan, kind, subject, also)
         select $1, n.step, n.cycle, n.stage, n.label_zh, n.label_en, n.plan, n.kind, n.subject,
             array(select jsonb_array_elements_text(n.also))
         from jsonb_to_recordset($2) as n(step uuid, cycle uuid, stage text, label_zh text, label_en text, plan uuid, kind text,
             subject text, also jsonb)",
    )
    .bind::<Jsonb, _>(approvals.iter().map(row).collect::<Value>())
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub async fn get(tx: &mut Tx, step: Uuid) -> Result<Approval> {
    let found: Vec<Approval> = tx.sql(approvals!("and a.step = $2")).bind::<SqlUuid, _>(step).load(tx.conn()).await?;
    found.into_iter().next().ok_or_else(|| Problem::not_found(say!("步骤", "step")))
}

/// All that was asked about some plans, in order.
pub async fn of_plans(tx: &mut Tx, plans: &[Uuid]) -> Result<Vec<Approval>> {
    if plans.is_empty() {
        return Ok(Vec::new());
    }
    Ok(tx
        .sql(approvals!("and a.plan = any($2) order by a.plan, s.opened_on, s.id"))
        .bind::<Array<SqlUuid>, _>(plans)
        .load(tx.conn())
        .await?)
}

/// All that was asked about the sheets of some subjects of a cycle, in order.
pub async fn of_sheets(tx: &mut Tx, cycle: Uuid, kind: Kind, subjects: &[String]) -> Result<Vec<Approval>> {
    Ok(tx
        .sql(approvals!(
            "and a.cycle = $2 and a.plan is null and a.kind = $3 and a.subject = any($4) order by a.subject, s.opened_on, s.id"
        ))
        .bind::<SqlUuid, _>(cycle)
        .bind::<Text, _>(kind)
        .bind::<Array<Text>, _>(subjects)
        .load(tx.conn())
        .await?)
}

/// Open ones of a cycle: those of a stage, or all.
pub async fn open_of_cycle(tx: &mut Tx, cycle: Uuid, stage: Option<&str>) -> Result<Vec<Approval>> {
    Ok(tx
        .sql(approvals!("and a.cycle = $2 and ($3::text is null or a.stage = $3) and s.state = 'open' order by s.id"))
        .bind::<SqlUuid, _>(cycle)
        .bind::<Nullable<Text>, _>(stage)
        .load(tx.conn())
        .await?)
}

/// Open ones about plans that are no cycle's.
pub async fn open_of_no_cycle(tx: &mut Tx) -> Result<Vec<Approval>> {
    Ok(tx.sql(approvals!("and a.cycle is null and s.state = 'open' order by s.id")).load(tx.conn()).await?)
}

/// Open ones about the plans of a unit's people that some actors may decide about.
pub async fn open_of_unit(tx: &mut Tx, cycle: Uuid, unit: &str, actors: &[String]) -> Result<Vec<Approval>> {
    Ok(tx
        .sql(approvals!(
            "and a.cycle = $2 and a.kind = 'person' and s.state = 'open' and (s.actors && $4 or a.also && $4)
             and a.plan in (select id from plans where company_id = $1 and cycle = $2 and kind = 'person' and unit = $3)
             order by a.subject, s.id for update of s"
        ))
        .bind::<SqlUuid, _>(cycle)
        .bind::<Text, _>(unit)
        .bind::<Array<Text>, _>(actors)
        .load(tx.conn())
        .await?)
}

/// Which approvals are wanted.
pub struct Filter<'a> {
    /// Those that wait for some actors; none: all.
    pub actors: Option<&'a [String]>,
    pub cycle: Option<Uuid>,
    /// Only those that wait for somebody.
    pub open: bool,
    pub after: Option<Uuid>,
    pub limit: i64,
}

/// Approvals, oldest first.
pub async fn list(tx: &mut Tx, filter: &Filter<'_>) -> Result<Vec<Approval>> {
    Ok(tx
        .sql(approvals!(
            "and ($2::text[] is null or a.step in (
                 select id from steps where company_id = $1 and actors && $2 and (not $4 or state = 'open')
                 union all select step from approvals where company_id = $1 and also && $2))
             and ($3::uuid is null or a.cycle = $3) and (not $4 or s.state = 'open') and ($5::uuid is null or a.step > $5)
             order by a.step limit $6"
        ))
        .bind::<Nullable<Array<Text>>, _>(filter.actors)
        .bind::<Nullable<SqlUuid>, _>(filter.cycle)
        .bind::<Bool, _>(filter.open)
        .bind::<Nullable<SqlUuid>, _>(filter.after)
        .bind::<BigInt, _>(filter.limit)
        .load(tx.conn())
        .await?)
}

/// Sets who may decide in place of those who are asked.
pub async fn set_also(tx: &mut Tx, step: Uuid, also: &[String]) -> Result<()> {
    tx.sql("update approvals set also = $3 where company_id = $1 and step = $2")
        .bind::<SqlUuid, _>(step)
        .bind::<Array<Text>, _>(also)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// What a step is about is called, and for which period it is.
pub struct Named {
    pub name: String,
    pub period: String,
    /// Code of the scheme of a plan.
    pub scheme: Option<String>,
}

pub async fn names(tx: &mut Tx, steps: &[Uuid]) -> Result<HashMap<Uuid, Named>> {
    let found: Vec<(Uuid, String, String, Option<String>)> = tx
        .sql(
            "select a.step, coalesce(p.name, u.name, a.subject), coalesce(c.period, p.period, ''), p.scheme
             from approvals a
             left join plans p on p.company_id = $1 and p.id = a.plan
             left join cycles c on c.company_id = $1 and c.id = a.cycle
             left join subjects u on a.plan is null and u.company_id = $1 and u.cycle = a.cycle and u.kind = a.kind
                 and u.subject = a.subject
             where a.company_id = $1 and a.step = any($2)",
        )
        .bind::<Array<SqlUuid>, _>(steps)
        .columns::<(SqlUuid, Text, Text, Nullable<Text>)>()
        .load(tx.conn())
        .await?;
    Ok(found.into_iter().map(|(step, name, period, scheme)| (step, Named { name, period, scheme })).collect())
}
