//! Who reads a result, and the sheet behind it, because they decide about an appeal against it.

use diesel::sql_types::{Array, BigInt, Bool, Nullable, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use events::{AppealReaders, Subject};
use platform::{Result, Tx};
use uuid::Uuid;

/// Keeps what appeals told last.
pub async fn keep(tx: &mut Tx, told: &AppealReaders) -> Result<()> {
    let readers: Vec<&str> = told.readers.iter().map(|number| number.as_str()).collect();
    tx.sql(
        "insert into appeal_readers (company_id, appeal, cycle, kind, subject, readers, version) values ($1, $2, $3, $4, $5, $6, $7)
         on conflict (company_id, appeal) do update set readers = excluded.readers, version = excluded.version
         where excluded.version >= appeal_readers.version",
    )
    .bind::<SqlUuid, _>(told.appeal)
    .bind::<SqlUuid, _>(told.cycle)
    .bind::<Text, _>(told.subject.kind.code())
    .bind::<Text, _>(&told.subject.id)
    .bind::<Array<Text>, _>(readers)
    .bind::<BigInt, _>(told.version)
    .execute(tx.conn())
    .await?;
    Ok(())
}

/// Whether somebody decides about an appeal against a subject's result just now; nobody about their own.
pub async fn decides(tx: &mut Tx, cycle: Uuid, subject: &Subject, number: Option<&str>) -> Result<bool> {
    Ok(tx
        .sql(
            "select exists (select from appeal_readers where company_id = $1 and cycle = $2 and kind = $3 and subject = $4
                 and $5::text = any(readers) and not (kind = 'person' and subject = $5))",
        )
        .bind::<SqlUuid, _>(cycle)
        .bind::<Text, _>(subject.kind.code())
        .bind::<Text, _>(&subject.id)
        .bind::<Nullable<Text>, _>(number)
        .columns::<Bool>()
        .get_result(tx.conn())
        .await?)
}
