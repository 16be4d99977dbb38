//! Changes of profiles, in the transaction of a request.

use events::Values;
use jiff::civil::Date;
use platform::web::Notes;
use platform::{Caller, IfMatch, Problem, Result, Tx, say};
use serde_json::json;

use super::profile::{Change, ImportDone, Imported, PayProfile, Stored};
use super::{rows, rules};
use crate::permissions::ChangeProfiles;
use crate::{held, people};

/// People whose change one audit entry holds.
const RECORDED_AT_ONCE: usize = 500;

/// Lays a file over what is in force on a day.
pub async fn import(
    tx: &mut Tx,
    caller: &Caller<ChangeProfiles>,
    day: Date,
    imported: Vec<Imported>,
) -> Result<ImportDone> {
    let rows_read = imported.len();
    rows::lock_to_change(tx).await?;
    let numbers: Vec<&str> = imported.iter().map(|row| row.number.as_str()).collect();
    let stored = rows::stored(tx, &numbers, day).await?;
    let notes = notes(tx, &imported).await?;
    let changes = rules::changes(imported, &stored);
    rules::check_not_own(&changes, |number| caller.is(number))?;
    write(tx, day, &changes).await?;
    let created = changes.iter().filter(|change| change.version == 1).count();
    let done = ImportDone { created, updated: changes.len() - created, unchanged: rows_read - changes.len(), notes };
    tx.audit("pay_profiles.imported", &day.to_string(), json!(done)).await?;
    for chunk in changes.chunks(RECORDED_AT_ONCE) {
        record(tx, &day.to_string(), day, chunk).await?;
    }
    Ok(done)
}

/// Sets a person's profile from a day on.
pub async fn set(tx: &mut Tx, number: &str, day: Date, inputs: Values, if_match: IfMatch) -> Result<PayProfile> {
    rows::lock_to_change(tx).await?;
    let Stored { inputs: before, version } = rows::stored(tx, &[number], day).await?.remove(number).unwrap_or_default();
    if_match.check(version)?;
    let (pointer, number) = ("/number".to_owned(), number.into());
    let change = [Change { pointer, number, before, inputs, version: version + 1 }];
    write(tx, day, &change).await?;
    let [Change { number, .. }] = &change;
    record(tx, number, day, &change).await?;
    rows::find(tx, number).await?.ok_or_else(|| Problem::not_found(say!("薪酬档案", "pay profile")))
}

/// Writes changes, and has results tried again that wait for them.
async fn write(tx: &mut Tx, day: Date, changes: &[Change]) -> Result<()> {
    rows::write(tx, day, changes).await?;
    let numbers: Vec<&str> = changes.iter().map(|change| change.number.as_str()).collect();
    held::rows::make_due(tx, &numbers).await
}

async fn record(tx: &mut Tx, subject: &str, day: Date, changes: &[Change]) -> Result<()> {
    let about = json!({ "effective_on": day, "changes": rules::recorded(changes) });
    tx.audit("pay_profiles.changed", subject, about).await
}

/// Rows of people whom nobody knows: a total below the table, a number that lost its zeros.
async fn notes(tx: &mut Tx, imported: &[Imported]) -> Result<Notes> {
    let numbers: Vec<&str> = imported.iter().map(|row| row.number.as_str()).collect();
    let unknown = people::rows::unknown(tx, &numbers).await?;
    let mut notes = Notes::default();
    for row in imported {
        if let Some(near) = unknown.get(&row.number) {
            notes.add(row.pointer.as_str(), rules::unknown_number(&row.number, near));
        }
    }
    Ok(notes)
}
