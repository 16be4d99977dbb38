use basics::Label;
use diesel::sql_types::{Bool, Date as SqlDate, Jsonb, Nullable, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use events::{CycleOpened, CycleSubject, ResultTold, Standing, Subject};
use jiff::civil::Date;
use platform::sql::ToDiesel;
use platform::{Problem, Result, Tx, say};
use serde_json::{Value, json};
use uuid::Uuid;

use super::{Appraised, Cycle, PublishedResult};

pub async fn keep(tx: &mut Tx, opened: &CycleOpened, label: &Label, terms: Option<Value>, told: bool) -> Result<()> {
    tx.sql(
        "insert into cycles (company_id, cycle, name_zh, name_en, period, terms, told) values ($1, $2, $3, $4, $5, $6, $7)
         on conflict do nothing",
    )
    .bind::<SqlUuid, _>(opened.cycle)
    .bind::<Text, _>(&label.zh)
    .bind::<Text, _>(&label.en)
    .bind::<Text, _>(&opened.period)
    .bind::<Nullable<Jsonb>, _>(terms)
    .bind::<Bool, _>(told)
    .execute(tx.conn())
    .await?;
    Ok(())
}

pub async fn find(tx: &mut Tx, cycle: Uuid) -> Result<Option<Cycle>> {
    let found: Vec<Cycle> = tx
        .sql(
            "select cycle, name_zh, name_en, period, terms, told, cancelled from cycles where company_id = $1 and cycle = $2",
        )
        .bind::<SqlUuid, _>(cycle)
        .load(tx.conn())
        .await?;
    Ok(found.into_iter().next())
}

pub async fn get(tx: &mut Tx, cycle: Uuid) -> Result<Cycle> {
    find(tx, cycle).await?.ok_or_else(|| Problem::not_found(say!("考核周期", "cycle")))
}

pub async fn cancel(tx: &mut Tx, cycle: Uuid) -> Result<()> {
    tx.sql("update cycles set cancelled = true where company_id = $1 and cycle = $2")
        .bind::<SqlUuid, _>(cycle)
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Keeps who and what is appraised, but for those of whom something newer is known.
pub async fn keep_subjects(tx: &mut Tx, cycle: Uuid, subjects: &[CycleSubject]) -> Result<()> {
    let row = |one: &CycleSubject| {
        json!({ "kind": one.subject.kind.code(), "subject": one.subject.id, "name": one.name, "unit": one.unit,
            "superior": one.superior, "superior_above": one.superior_above,
            "head": one.head.as_ref().or(one.co_head.as_ref()), "leader": one.leader, "dotted": one.dotted,
            "left_out": one.standing != Standing::In, "version": one.version })
    };
    tx.sql(
        "insert into subjects as t (company_id, cycle, kind, subject, name, unit, superior, superior_above, head, leader, dotted, left_out, version)
         select distinct on (n.kind, n.subject) $1, $2, n.kind, n.subject, n.name, n.unit, n.superior, n.superior_above, n.head, n.leader,
                n.dotted, n.left_out, n.version
         from jsonb_to_recordset($3) as n(kind text, subject text, name text, unit text, superior text, superior_above text, head text,
                                          leader text, dotted text, left_out boolean, version bigint)
         where n.kind in ('person', 'unit') order by n.kind, n.subject, n.version desc
         on conflict (company_id, cycle, kind, subject) do update set
             name = excluded.name, unit = excluded.unit, superior = excluded.superior, superior_above = excluded.superior_above,
             head = excluded.head, leader = excluded.leader, dotted = excluded.dotted, left_out = excluded.left_out,
             version = excluded.version
         where excluded.version > t.version",
    )
    .bind::<SqlUuid, _>(cycle)
    .bind::<Jsonb, _>(subjects.iter().map(row).collect::<Value>())
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Somebody or something that is appraised in a cycle.
pub async fn appraised(tx: &mut Tx, cycle: Uuid, subject: &Subject) -> Result<Option<Appraised>> {
    let found: Vec<Appraised> = tx
        .sql(
            "select kind, subject, name, superior, superior_above, head, leader, dotted, left_out from subjects
             where company_id = $1 and cycle = $2 and kind = $3 and subject = $4",
        )
        .bind::<SqlUuid, _>(cycle)
        .bind::<Text, _>(subject.kind.code())
        .bind::<Text, _>(&subject.id)
        .load(tx.conn())
        .await?;
    Ok(found.into_iter().next())
}

pub async fn keep_results(tx: &mut Tx, cycle: Uuid, known_on: Date, results: &Value) -> Result<()> {
    tx.sql(
        "insert into results (company_id, cycle, kind, subject, version, known_on, told_on, excluded, score, grade, involved)
         select $1, $2, n.kind, n.subject, n.version, $3::date,
             case when exists (select from results e where e.company_id = $1 and e.cycle = $2 and e.kind = n.kind
                 and e.subject = n.subject and e.told_on is not null) then $3::date end,
             n.excluded, n.score, n.grade, array(select jsonb_array_elements_text(n.involved))
         from jsonb_to_recordset($4) as n(kind text, subject text, version bigint, excluded text, score text, grade text, involved jsonb)
         on conflict do nothing",
    )
    .bind::<SqlUuid, _>(cycle)
    .bind::<SqlDate, _>(known_on.to_diesel())
    .bind::<Jsonb, _>(results)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Notes since when somebody knows their result; the first day counts.
pub async fn tell(tx: &mut Tx, told: &ResultTold) -> Result<()> {
    tx.sql(
        "update results set told_on = $5 where company_id = $1 and cycle = $2 and kind = $3 and subject = $4 and told_on is null",
    )
    .bind::<SqlUuid, _>(told.cycle)
    .bind::<Text, _>(told.subject.kind.code())
    .bind::<Text, _>(&told.subject.id)
    .bind::<SqlDate, _>(told.known_on.to_diesel())
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The versions of a result, the newest first.
pub async fn results(tx: &mut Tx, cycle: Uuid, subject: &Subject) -> Result<Vec<PublishedResult>> {
    Ok(tx
        .sql(
            "select version, known_on, told_on, excluded, score, grade, involved from results
             where company_id = $1 and cycle = $2 and kind = $3 and subject = $4 order by version desc",
        )
        .bind::<SqlUuid, _>(cycle)
        .bind::<Text, _>(subject.kind.code())
        .bind::<Text, _>(&subject.id)
        .load(tx.conn())
        .await?)
}
