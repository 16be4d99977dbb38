use std::collections::BTreeSet;

use diesel::sql_types::{Array, Bool, Date, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use events::{AnnulmentDecided, Subject};
use platform::sql::ToDiesel;
use platform::{Result, Tx};
use uuid::Uuid;

use super::Redo;
use crate::subjects::subject::{Kind, ids, keys, kinds};

/// Those of these subjects that are just redone.
pub async fn being_redone(tx: &mut Tx, cycle: Uuid, wanted: &[Subject]) -> Result<BTreeSet<Subject>> {
    let found: Vec<(Kind, String)> = tx
        .sql(
            "select d.kind, d.subject from redos d
             where d.company_id = $1 and d.cycle = $2 and d.done_at is null and d.edition is not null
               and (d.kind, d.subject) in (select * from unnest($3::text[], $4::text[]))",
        )
        .bind::<SqlUuid, _>(cycle)
        .bind::<Array<Text>, _>(kinds(wanted))
        .bind::<Array<Text>, _>(ids(wanted))
        .columns::<(Text, Text)>()
        .load(tx.conn())
        .await?;
    Ok(keys(found))
}

/// Those of these forms that stand while the subject is redone: the result is annulled for what other kinds of rater gave.
pub async fn standing(tx: &mut Tx, cycle: Uuid, forms: &[Uuid]) -> Result<BTreeSet<Uuid>> {
    let found: Vec<Uuid> = tx
        .sql(
            "select a.id from assignments a
             join redos d on d.company_id = $1 and d.cycle = $2 and d.done_at is null and d.kind = a.kind and d.subject = a.subject
                 and d.edition = a.edition and not d.raters @> jsonb_build_array(jsonb_build_object('column', a.rater_column))
             where a.company_id = $1 and a.cycle = $2 and a.id = any($3)",
        )
        .bind::<SqlUuid, _>(cycle)
        .bind::<Array<SqlUuid>, _>(forms)
        .columns::<SqlUuid>()
        .load(tx.conn())
        .await?;
    Ok(found.into_iter().collect())
}

/// Whoever of a cycle has a result that counts no more and is not redone yet.
pub async fn annulled(tx: &mut Tx, cycle: Uuid) -> Result<BTreeSet<Subject>> {
    let found: Vec<(Kind, String)> = tx
        .sql("select kind, subject from redos where company_id = $1 and cycle = $2 and done_at is null")
        .bind::<SqlUuid, _>(cycle)
        .columns::<(Text, Text)>()
        .load(tx.conn())
        .await?;
    Ok(keys(found))
}

/// Those of these subjects that are not done; nobody else ends them until the transaction does.
pub async fn lock_open(tx: &mut Tx, cycle: Uuid, wanted: &[Subject]) -> Result<Vec<Redo>> {
    Ok(tx
        .sql(
            "select d.appeal, d.attempt, d.kind, d.subject, d.annulled_edition, d.edition, d.raters, d.reason, d.decided_by from redos d
             where d.company_id = $1 and d.cycle = $2 and d.done_at is null
               and (d.kind, d.subject) in (select * from unnest($3::text[], $4::text[]))
             order by d.kind, d.subject for update",
        )
        .bind::<SqlUuid, _>(cycle)
        .bind::<Array<Text>, _>(kinds(wanted))
        .bind::<Array<Text>, _>(ids(wanted))
        .load(tx.conn())
        .await?)
}

pub async fn is_known(tx: &mut Tx, decided: &AnnulmentDecided) -> Result<bool> {
    Ok(tx
        .sql("select exists (select from redos where company_id = $1 and appeal = $2 and attempt = $3)")
        .bind::<SqlUuid, _>(decided.appeal)
        .bind::<Integer, _>(decided.attempt)
        .columns::<Bool>()
        .get_result(tx.conn())
        .await?)
}

pub async fn insert(tx: &mut Tx, decided: &AnnulmentDecided, annulled_edition: i32) -> Result<()> {
    tx.sql(
        "insert into redos (company_id, appeal, attempt, cycle, kind, subject, annulled_edition, raters, reason, decided_by, due)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
    )
    .bind::<SqlUuid, _>(decided.appeal)
    .bind::<Integer, _>(decided.attempt)
    .bind::<SqlUuid, _>(decided.cycle)
    .bind::<Text, _>(decided.subject.kind.code())
    .bind::<Text, _>(&decided.subject.id)
    .bind::<Integer, _>(annulled_edition)
    .bind::<Jsonb, _>(serde_json::to_value(&decided.raters)?)
    .bind::<Text, _>(&decided.reason)
    .bind::<Text, _>(decided.by.as_slice().first().map_or("system", |first| first.as_str()))
    .bind::<Nullable<Date>, _>(decided.due.to_diesel())
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// The edition on which it is redone is there.
pub async fn set_edition(tx: &mut Tx, redo: &Redo, edition: i32) -> Result<()> {
    tx.sql("update redos set edition = $4 where company_id = $1 and appeal = $2 and attempt = $3")
        .bind::<SqlUuid, _>(redo.appeal)
        .bind::<Integer, _>(redo.attempt)
        .bind::<Integer, _>(edition)
        .execute(tx.conn())
        .await?;
    Ok(())
}

pub async fn done(tx: &mut Tx, redo: &Redo) -> Result<()> {
    let now = tx.now;
    tx.sql("update redos set done_at = $4 where company_id = $1 and appeal = $2 and attempt = $3")
        .bind::<SqlUuid, _>(redo.appeal)
        .bind::<Integer, _>(redo.attempt)
        .bind::<Timestamptz, _>(now.to_diesel())
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Marks every published version of whoever is being redone as annulled; also one that a correction of other values made.
pub async fn annul(tx: &mut Tx, cycle: Uuid) -> Result<usize> {
    let now = tx.now;
    Ok(tx
        .sql(
            "update results r set annulled_at = $3, annulled_why = d.reason from redos d
             where d.company_id = $1 and d.cycle = $2 and d.done_at is null
               and r.company_id = $1 and r.cycle = $2 and r.kind = d.kind and r.subject = d.subject
               and r.publication is not null and r.annulled_at is null",
        )
        .bind::<SqlUuid, _>(cycle)
        .bind::<Timestamptz, _>(now.to_diesel())
        .execute(tx.conn())
        .await?)
}
