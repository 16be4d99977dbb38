//! A result that was given unfairly counts nowhere until it is redone: it stays readable, and pay keeps what was paid until
//! the newer version tells the difference.

use diesel::sql_types::{BigInt, Text, Timestamptz, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use events::ResultAnnulled;
use platform::bus::Handled;
use platform::sql::{Lock, ToDiesel};
use platform::{Clock, Result, Tx};
use serde_json::json;

use crate::cycles::rows as cycles;
use crate::history::rows as history;

/// Annuls the versions of a result that an appeal was about. What was redone meanwhile stands.
pub async fn annul(tx: &mut Tx, annulled: &ResultAnnulled) -> Result<Handled> {
    if cycles::find(tx, annulled.cycle, Lock::Share).await?.is_none() {
        return Ok(Handled::NotYet);
    }
    if let Some(first) = annulled.by.as_slice().first() {
        tx.actor.name = first.to_string();
    }
    history::lock(tx, &Clock::starting_at(tx.now)).await?;
    let now = tx.now;
    let count = tx
        .sql(
            "update results set annulled_at = $5, annulled_why = $6 where company_id = $1 and cycle = $2 and kind = $3 and subject = $4
               and version <= $7 and publication is not null and annulled_at is null",
        )
        .bind::<SqlUuid, _>(annulled.cycle)
        .bind::<Text, _>(annulled.subject.kind.code())
        .bind::<Text, _>(&annulled.subject.id)
        .bind::<Timestamptz, _>(now.to_diesel())
        .bind::<Text, _>(&annulled.reason)
        .bind::<BigInt, _>(annulled.version)
        .execute(tx.conn())
        .await?;
    let detail = json!({ "number": annulled.subject.id, "subject": annulled.subject.to_string(), "version": annulled.version,
        "appeal": annulled.appeal, "reason": annulled.reason, "versions": count });
    tx.audit("results.annulled", &annulled.cycle.to_string(), detail).await?;
    Ok(Handled::Done)
}
