use diesel::sql_types::{Array, BigInt, Binary, Integer, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use platform::sql::ToDiesel;
use platform::{Problem, Result, Tx, say};
use serde_json::json;
use uuid::Uuid;

use super::{Document, DocumentView, NewDocument};

/// Documents that somebody may have uploaded and not handed in.
const MOST_UNUSED: i64 = 50;

/// Keeps a document that somebody uploads, as long as they have not too many that they did not hand in.
pub async fn upload(tx: &mut Tx, new: &NewDocument) -> Result<DocumentView> {
    if unused(tx).await? >= MOST_UNUSED {
        return Err(Problem::wrong_state(say!(
            "已有 {MOST_UNUSED} 份上传后未使用的文件",
            "there are {MOST_UNUSED} documents that you uploaded and did not use"
        )));
    }
    let kept = insert(tx, new).await?;
    let detail = json!({ "name": kept.name, "sha256": kept.sha256 });
    tx.audit("documents.uploaded", &kept.id.to_string(), detail).await?;
    Ok(kept)
}

/// Keeps a document that is not handed in with anything yet.
async fn insert(tx: &mut Tx, new: &NewDocument) -> Result<DocumentView> {
    let (id, now, by) = (Uuid::now_v7(), tx.now, tx.actor.name.clone());
    let size = i32::try_from(new.bytes.len()).map_err(Problem::internal)?;
    tx.sql(
        "insert into documents (company_id, id, name, media_type, size, sha256, bytes, by, at)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
    )
    .bind::<SqlUuid, _>(id)
    .bind::<Text, _>(&new.name)
    .bind::<Text, _>(new.media_type)
    .bind::<Integer, _>(size)
    .bind::<Text, _>(&new.sha256)
    .bind::<Binary, _>(&new.bytes)
    .bind::<Text, _>(&by)
    .bind::<Timestamptz, _>(now.to_diesel())
    .execute(tx.conn())
    .await?;
    let NewDocument { name, media_type, sha256, .. } = new.clone();
    Ok(DocumentView { id, name, media_type: media_type.to_owned(), size, sha256, by, at: now })
}

/// Hands in documents that the actor has uploaded; how many were theirs and not handed in before.
pub async fn hand_in(tx: &mut Tx, ids: &[Uuid], about: &str) -> Result<usize> {
    let by = tx.actor.name.clone();
    Ok(tx
        .sql("update documents set about = $3 where company_id = $1 and id = any($2) and about is null and by = $4")
        .bind::<Array<SqlUuid>, _>(ids)
        .bind::<Text, _>(about)
        .bind::<Text, _>(by)
        .execute(tx.conn())
        .await?)
}

/// What was handed in about something, oldest first.
pub async fn about(tx: &mut Tx, about: &str) -> Result<Vec<DocumentView>> {
    Ok(tx
        .sql(
            "select id, name, media_type, size, sha256, by, at from documents where company_id = $1 and about = $2 order by at, id",
        )
        .bind::<Text, _>(about)
        .load(tx.conn())
        .await?)
}

/// How many documents somebody has uploaded and not handed in.
async fn unused(tx: &mut Tx) -> Result<i64> {
    let by = tx.actor.name.clone();
    Ok(tx
        .sql("select count(*) from documents where company_id = $1 and about is null and by = $2")
        .bind::<Text, _>(by)
        .columns::<BigInt>()
        .get_result(tx.conn())
        .await?)
}

/// A document with its bytes.
pub async fn get(tx: &mut Tx, id: Uuid) -> Result<Document> {
    let found: Vec<Document> = tx
        .sql("select id, about, name, by, bytes from documents where company_id = $1 and id = $2")
        .bind::<SqlUuid, _>(id)
        .load(tx.conn())
        .await?;
    found.into_iter().next().ok_or_else(|| Problem::not_found(say!("文件", "document")))
}
