use diesel::sql_types::{Array, BigInt, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use platform::sql::ToDiesel;
use platform::{Result, Tx};
use serde_json::Value;
use uuid::Uuid;

use super::Remedy;

/// The remedies of an appeal, in the order of the attempts.
pub async fn all(tx: &mut Tx, appeal: Uuid) -> Result<Vec<Remedy>> {
    Ok(tx
        .sql(
            "select attempt, reason, decided_by, changes, reassess, redo, step, told_at, told_by, refused_zh, refused_en, done_at, done_version
             from remedies where company_id = $1 and appeal = $2 order by attempt",
        )
        .bind::<SqlUuid, _>(appeal)
        .load(tx.conn())
        .await?)
}

/// What is stored of a remedy at first.
pub struct Asked<'a> {
    pub attempt: i32,
    pub reason: &'a str,
    pub decided_by: &'a [String],
    /// Who rates again and in which step; else scoring is told at once.
    pub reassess: Option<(Value, Uuid)>,
    /// Who rates the annulled result anew.
    pub redo: Option<Value>,
    pub changes: Value,
}

pub async fn insert(tx: &mut Tx, appeal: Uuid, asked: &Asked<'_>) -> Result<()> {
    let (now, by) = (tx.now, tx.actor.name.clone());
    let told_at = if asked.reassess.is_none() { Some(now.to_diesel()) } else { None };
    tx.sql(
        "insert into remedies (company_id, appeal, attempt, reason, decided_by, changes, reassess, redo, step, told_at, told_by)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
    )
    .bind::<SqlUuid, _>(appeal)
    .bind::<Integer, _>(asked.attempt)
    .bind::<Text, _>(asked.reason)
    .bind::<Array<Text>, _>(asked.decided_by)
    .bind::<Jsonb, _>(&asked.changes)
    .bind::<Nullable<Jsonb>, _>(asked.reassess.as_ref().map(|(who, _)| who))
    .bind::<Nullable<Jsonb>, _>(&asked.redo)
    .bind::<Nullable<SqlUuid>, _>(asked.reassess.as_ref().map(|(_, step)| *step))
    .bind::<Nullable<Timestamptz>, _>(told_at)
    .bind::<Text, _>(by)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// What somebody who rated again has given is told to scoring.
pub async fn assessed(tx: &mut Tx, appeal: Uuid, attempt: i32, changes: &Value) -> Result<()> {
    let now = tx.now;
    tx.sql("update remedies set changes = $4, told_at = $5 where company_id = $1 and appeal = $2 and attempt = $3")
        .bind::<SqlUuid, _>(appeal)
        .bind::<Integer, _>(attempt)
        .bind::<Jsonb, _>(changes)
        .bind::<Timestamptz, _>(now.to_diesel())
        .execute(tx.conn())
        .await?;
    Ok(())
}

/// Notes that what was told last is done.
pub async fn done(tx: &mut Tx, appeal: Uuid, version: Option<i64>) -> Result<()> {
    let now = tx.now;
    tx.sql(
        "update remedies set done_at = coalesce(done_at, $3), done_version = coalesce(done_version, $4)
         where company_id = $1 and appeal = $2 and refused_zh is null",
    )
    .bind::<SqlUuid, _>(appeal)
    .bind::<Timestamptz, _>(now.to_diesel())
    .bind::<Nullable<BigInt>, _>(version)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Notes that an attempt cannot be done as it is written.
pub async fn refused(tx: &mut Tx, appeal: Uuid, attempt: i32, zh: &str, en: &str) -> Result<()> {
    tx.sql(
        "update remedies set refused_zh = $4, refused_en = $5
         where company_id = $1 and appeal = $2 and attempt = $3 and done_at is null",
    )
    .bind::<SqlUuid, _>(appeal)
    .bind::<Integer, _>(attempt)
    .bind::<Text, _>(zh)
    .bind::<Text, _>(en)
    .execute(tx.conn())
    .await?;
    Ok(())
}
