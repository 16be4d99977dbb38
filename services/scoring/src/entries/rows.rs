use diesel::sql_types::{Array, BigInt, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use events::Subject;
use platform::sql::ToDiesel;
use platform::{Problem, Result, Tx, say};
use serde_json::{Value, json};
use uuid::Uuid;

use super::entry::Entry;

/// Entries; `$1` is the company.
macro_rules! entries {
    ($rest:literal) => {
        concat!(
            "select e.id, e.cycle, e.kind, e.subject, e.list, e.cells, e.said, e.document, e.made_by, e.made_at, e.withdrawn_at, e.state, e.report
             from entries e where e.company_id = $1 ",
            $rest
        )
    };
}

/// An entry to keep.
pub struct NewEntry {
    pub id: Uuid,
    pub subject: Subject,
    pub list: String,
    pub cells: Value,
    pub said: Option<String>,
    /// Uploaded before.
    pub document: Option<Uuid>,
    /// What is checked first, with what was recorded together.
    pub report: Option<Uuid>,
}

pub async fn insert(tx: &mut Tx, cycle: Uuid, new: &[NewEntry]) -> Result<()> {
    let (now, by) = (tx.now, tx.actor.name.clone());
    let rows: Value = new
        .iter()
        .map(|entry| {
            json!({ "id": entry.id, "kind": entry.subject.kind.code(), "subject": entry.subject.id, "list": entry.list,
                "cells": entry.cells, "said": entry.said, "document": entry.document, "report": entry.report })
        })
        .collect();
    tx.sql(
        "insert into entries (company_id, id, cycle, kind, subject, list, cells, said, document, made_by, made_at, state, report)
         select $1, n.id, $2, n.kind, n.subject, n.list, n.cells, n.said, n.document, $4, $5,
             case when n.report is null then 'approved' else 'reported' end, n.report
         from jsonb_to_recordset($3) as n(id uuid, kind text, subject text, list text, cells jsonb, said text, document uuid, report uuid)",
    )
    .bind::<SqlUuid, _>(cycle)
    .bind::<Jsonb, _>(rows)
    .bind::<Text, _>(by)
    .bind::<Timestamptz, _>(now.to_diesel())
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// An entry, also one that was taken back.
pub async fn find(tx: &mut Tx, id: Uuid) -> Result<Option<Entry>> {
    let found: Vec<Entry> = tx.sql(entries!("and e.id = $2")).bind::<SqlUuid, _>(id).load(tx.conn()).await?;
    Ok(found.into_iter().next())
}

pub async fn get(tx: &mut Tx, id: Uuid) -> Result<Entry> {
    let found: Vec<Entry> = tx
        .sql(entries!("and e.id = $2 and e.withdrawn_at is null for update"))
        .bind::<SqlUuid, _>(id)
        .load(tx.conn())
        .await?;
    found.into_iter().next().ok_or_else(|| Problem::not_found(say!("记录", "entry")))
}

/// What counts about the subjects of some units, or of the cycle, in the order in which it came.
pub async fn of_units(tx: &mut Tx, cycle: Uuid, units: Option<&[String]>) -> Result<Vec<Entry>> {
    Ok(tx
        .sql(entries!(
            "and e.cycle = $2 and e.withdrawn_at is null and e.state = 'approved' and ($3::text[] is null or exists (select from subjects s
                 where s.company_id = $1 and s.cycle = $2 and s.kind = e.kind and s.subject = e.subject and s.unit = any($3)))
             order by e.kind, e.subject, e.list, e.id"
        ))
        .bind::<SqlUuid, _>(cycle)
        .bind::<Nullable<Array<Text>>, _>(units)
        .load(tx.conn())
        .await?)
}

pub async fn list(
    tx: &mut Tx,
    cycle: Uuid,
    subject: Option<&Subject>,
    after: Option<Uuid>,
    limit: i64,
) -> Result<Vec<Entry>> {
    let (kind, id) = subject.map(|subject| (subject.kind.code(), subject.id.as_str())).unzip();
    Ok(tx
        .sql(entries!(
            "and e.cycle = $2 and ($3::text is null or (e.kind = $3 and e.subject = $4)) and ($5::uuid is null or e.id > $5)
             order by e.id limit $6"
        ))
        .bind::<SqlUuid, _>(cycle)
        .bind::<Nullable<Text>, _>(kind)
        .bind::<Nullable<Text>, _>(id)
        .bind::<Nullable<SqlUuid>, _>(after)
        .bind::<BigInt, _>(limit)
        .load(tx.conn())
        .await?)
}

pub async fn withdraw(tx: &mut Tx, id: Uuid) -> Result<()> {
    let (now, by) = (tx.now, tx.actor.name.clone());
    tx.sql(
        "update entries set withdrawn_by = $3, withdrawn_at = $4, state = case state when 'reported' then 'replaced' else state end
         where company_id = $1 and id = $2",
    )
        .bind::<SqlUuid, _>(id)
        .bind::<Text, _>(by)
        .bind::<Timestamptz, _>(now.to_diesel())
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// The entries of a part of a report, in the order in which they came.
pub async fn of_report(tx: &mut Tx, report: Uuid, after: Option<Uuid>, limit: i64) -> Result<Vec<Entry>> {
    Ok(tx
        .sql(entries!("and e.report = $2 and ($3::uuid is null or e.id > $3) order by e.id limit $4"))
        .bind::<SqlUuid, _>(report)
        .bind::<Nullable<SqlUuid>, _>(after)
        .bind::<BigInt, _>(limit)
        .load(tx.conn())
        .await?)
}
