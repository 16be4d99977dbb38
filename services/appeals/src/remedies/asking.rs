//! Tells scoring what a decision asks for.

use events::{AppealDecided, EmployeeNumber, Event};
use platform::{Problem, Result, Tx};

use super::{NewRemedy, rows};
use crate::appeals::Appeal;

/// Keeps a remedy and tells it.
pub async fn ask(tx: &mut Tx, appeal: &Appeal, remedy: &NewRemedy, reason: &str, by: &[String]) -> Result<()> {
    let attempt = rows::all(tx, appeal.id).await?.last().map_or(1, |last| last.attempt + 1);
    rows::insert(tx, appeal.id, attempt, reason, by, &serde_json::to_value(&remedy.changes)?).await?;
    let subject = appeal.subject()?;
    let changes = remedy.told(&subject).map_err(|_| Problem::internal("a remedy was not checked"))?;
    tx.emit(&Event::AppealDecided(AppealDecided {
        appeal: appeal.id,
        attempt,
        cycle: appeal.cycle,
        subject,
        reason: reason.to_owned(),
        by: by.iter().map(|number| EmployeeNumber::from(number.as_str())).collect(),
        changes,
    }))
    .await
}
