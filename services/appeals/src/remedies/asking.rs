//! What a decision asks for: told to scoring at once, or after somebody else has rated again.

use events::{AppealDecided, EmployeeNumber, Event, ResultAnnulled};
use platform::clock::date_of;
use platform::{Problem, Result, Tx};
use serde_json::json;
use steps::directory::rows as directory;
use steps::steps::{Actor, NewStep, rows as step_rows};

use super::rows::{self, Asked};
use super::{NewRemedy, Reassessment, Remedy};
use crate::appeals::Case;
use crate::levels::telling;

/// Keeps a remedy, and tells it or has somebody rate again.
pub async fn ask(tx: &mut Tx, case: &Case, remedy: &NewRemedy, reason: &str, by: &[String]) -> Result<()> {
    let appeal = &case.appeal;
    let attempt = rows::all(tx, appeal.id).await?.last().map_or(1, |last| last.attempt + 1);
    let mut asked = Asked { attempt, reason, decided_by: by, reassess: None, changes: json!(remedy.changes) };
    if let Some(reassess) = &remedy.reassess {
        return have_rated_again(tx, case, reassess, asked).await;
    }
    asked.changes = serde_json::to_value(&remedy.changes)?;
    rows::insert(tx, appeal.id, &asked).await?;
    tell(tx, case, attempt, remedy, reason, by).await
}

/// Opens a step for whoever rates again, with the term of an answer.
async fn have_rated_again(tx: &mut Tx, case: &Case, reassess: &Reassessment, asked: Asked<'_>) -> Result<()> {
    let today = date_of(tx.now);
    let due = case.terms.answered_by(today, &directory::calendar(tx).await?);
    let actors = vec![Actor::Person(reassess.by.clone())];
    let step = NewStep { about: case.appeal.name_of_reassessment(), place: asked.attempt, actors, due };
    let step = step_rows::open(tx, &step, today).await?;
    let asked = Asked { reassess: Some((serde_json::to_value(reassess)?, step)), ..asked };
    rows::insert(tx, case.appeal.id, &asked).await?;
    if let Some(version) = case.appeal.result_version.filter(|_| reassess.annul) {
        tell_annulled(tx, case, version, asked.reason, asked.decided_by).await?;
    }
    telling::tasks(tx, case, step).await
}

/// Tells scoring that a result counts no more until it is redone.
async fn tell_annulled(tx: &mut Tx, case: &Case, version: i64, reason: &str, by: &[String]) -> Result<()> {
    let appeal = &case.appeal;
    tx.emit(&Event::ResultAnnulled(ResultAnnulled {
        appeal: appeal.id,
        cycle: appeal.cycle,
        subject: appeal.subject()?,
        version,
        reason: reason.to_owned(),
        by: by.iter().map(|number| EmployeeNumber::from(number.as_str())).collect(),
    }))
    .await
}

/// Tells scoring the values that should have been there.
async fn tell(tx: &mut Tx, case: &Case, attempt: i32, remedy: &NewRemedy, reason: &str, by: &[String]) -> Result<()> {
    let appeal = &case.appeal;
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

/// Tells scoring what somebody who rated again has given.
pub async fn tell_assessed(tx: &mut Tx, case: &Case, remedy: &Remedy, given: &NewRemedy) -> Result<()> {
    rows::assessed(tx, case.appeal.id, remedy.attempt, &serde_json::to_value(&given.changes)?).await?;
    tell(tx, case, remedy.attempt, given, &remedy.reason, &remedy.decided_by).await
}
