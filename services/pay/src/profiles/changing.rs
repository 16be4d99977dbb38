//! Changes of profiles, in the transaction of a request.

use std::collections::BTreeMap;

use events::{EmployeeNumber, Values};
use jiff::civil::Date;
use platform::web::Notes;
use platform::{Caller, IfMatch, Problem, Result, Tx, say};
use serde_json::json;

use super::profile::{Change, Checked, ImportDone, Imported, PayProfile, Stored};
use super::{rows, rules};
use crate::permissions::ChangeProfiles;
use crate::profile_checks::reporting::{self, Origin};
use crate::profile_checks::rules::Chains;
use crate::{held, people};

/// People whose change one audit entry holds.
const RECORDED_AT_ONCE: usize = 500;

/// A file of profiles.
pub struct File<'a> {
    /// The day from which they are in force.
    pub day: Date,
    pub sha256: &'a str,
    pub rows: Vec<Imported>,
}

/// Lays a file over what is in force on a day; what is checked first is reported.
pub async fn import(
    tx: &mut Tx,
    caller: &Caller<ChangeProfiles>,
    chains: &Chains,
    File { day, sha256, rows: imported }: File<'_>,
) -> Result<ImportDone> {
    let rows_read = imported.len();
    rows::lock_to_change(tx).await?;
    let numbers: Vec<&str> = imported.iter().map(|row| row.number.as_str()).collect();
    let stored = rows::stored(tx, &numbers, day).await?;
    let notes = notes(tx, &imported).await?;
    let said: Vec<(EmployeeNumber, Values)> =
        imported.iter().map(|row| (row.number.clone(), row.inputs.clone())).collect();
    let changes = rules::changes(imported, &stored);
    rules::check_not_own(&changes, |number| caller.is(number))?;
    let touched = changes.len();
    let said = said.iter().flat_map(|(number, inputs)| {
        inputs.iter().map(move |(input, value)| (number.as_str(), input.as_str(), Some(value.as_str())))
    });
    let said = said.collect();
    let origin = Origin { day, sha256: Some(sha256), said };
    let (changes, reported) = reporting::report(tx, caller, chains, origin, changes).await?;
    write(tx, day, &changes).await?;
    let created = changes.iter().filter(|change| change.version == 1).count();
    let updated = changes.len() - created;
    let done = ImportDone { created, updated, unchanged: rows_read - touched, reported, notes };
    tx.audit("pay_profiles.imported", &day.to_string(), json!(done)).await?;
    record(tx, &day.to_string(), day, &changes).await?;
    Ok(done)
}

/// Sets a person's profile from a day on; what is checked first is reported, and stays in force as it was.
pub async fn set(
    tx: &mut Tx,
    caller: &Caller<ChangeProfiles>,
    chains: &Chains,
    number: &str,
    day: Date,
    inputs: Values,
    if_match: IfMatch,
) -> Result<PayProfile> {
    rows::lock_to_change(tx).await?;
    let Stored { inputs: before, version } = rows::stored(tx, &[number], day).await?.remove(number).unwrap_or_default();
    if_match.check(version)?;
    let number = EmployeeNumber::from(number);
    let change = Change { pointer: "/number".to_owned(), number: number.clone(), before, inputs, version: version + 1 };
    // What the body leaves as it is in force was not spoken of: somebody else may have reported another since it was read.
    let was = |input: &str| change.before.as_ref().and_then(|before| before.get(input));
    let said = chains.inputs().filter(|input| was(input) != change.inputs.get(*input));
    let said = said.map(|input| (number.as_str(), input, change.inputs.get(input).map(String::as_str))).collect();
    let origin = Origin { day, sha256: None, said };
    let (left, reported) = reporting::report(tx, caller, chains, origin, vec![change.clone()]).await?;
    let changes = if reported == 0 { vec![change] } else { left };
    write(tx, day, &changes).await?;
    record(tx, &number, day, &changes).await?;
    rows::find(tx, &number).await?.ok_or_else(|| Problem::not_found(say!("薪酬档案", "pay profile")))
}

/// Lays inputs that were checked over what is in force from a day on.
pub async fn lay_over(
    tx: &mut Tx,
    day: Date,
    subject: &str,
    checked: &BTreeMap<EmployeeNumber, Vec<Checked>>,
) -> Result<()> {
    let numbers: Vec<&str> = checked.keys().map(EmployeeNumber::as_str).collect();
    let mut stored = rows::stored(tx, &numbers, day).await?;
    let mut later = rows::after(tx, &numbers, day).await?;
    let mut by_day: BTreeMap<Date, Vec<Change>> = BTreeMap::new();
    for (number, checked) in checked {
        let (stored, later) = (stored.remove(number).unwrap_or_default(), later.remove(number).unwrap_or_default());
        for (day, change) in rules::laid_over(number, day, &stored, &later, checked) {
            by_day.entry(day).or_default().push(change);
        }
    }
    for (day, changes) in by_day {
        write(tx, day, &changes).await?;
        record(tx, subject, day, &changes).await?;
    }
    Ok(())
}

/// Writes changes, and has results tried again that wait for them.
async fn write(tx: &mut Tx, day: Date, changes: &[Change]) -> Result<()> {
    rows::write(tx, day, changes).await?;
    let numbers: Vec<&str> = changes.iter().map(|change| change.number.as_str()).collect();
    held::rows::make_due(tx, &numbers).await
}

async fn record(tx: &mut Tx, subject: &str, day: Date, changes: &[Change]) -> Result<()> {
    for some in changes.chunks(RECORDED_AT_ONCE) {
        let about = json!({ "effective_on": day, "changes": rules::recorded(some) });
        tx.audit("pay_profiles.changed", subject, about).await?;
    }
    Ok(())
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
