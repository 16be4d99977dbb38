//! What a decision asks for: told to scoring at once, or after somebody else has rated again.

use events::{AnnulmentDecided, AppealDecided, EmployeeNumber, Event, OtherRater};
use platform::clock::date_of;
use platform::{Problem, Result, Tx};
use serde_json::json;
use steps::directory::rows as directory;
use steps::steps::{Actor, NewStep, rows as step_rows};

use super::rows::{self, Asked};
use super::{NewRater, NewRemedy, Reassessment, Redo, Remedy};
use crate::appeals::Case;
use crate::levels::telling;

/// Keeps a remedy, and tells it or has somebody else rate again.
pub async fn ask(tx: &mut Tx, case: &Case, remedy: &NewRemedy, reason: &str, by: &[String]) -> Result<()> {
    let appeal = &case.appeal;
    let attempt = rows::all(tx, appeal.id).await?.last().map_or(1, |last| last.attempt + 1);
    let mut asked =
        Asked { attempt, reason, decided_by: by, reassess: None, redo: None, changes: json!(remedy.changes) };
    if let Some(reassess) = &remedy.reassess {
        return have_rated_again(tx, case, reassess, asked).await;
    }
    if let Some(redo) = &remedy.redo {
        asked.redo = Some(serde_json::to_value(redo)?);
        rows::insert(tx, appeal.id, &asked).await?;
        return tell_annulled(tx, case, attempt, redo, reason, by).await;
    }
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
    telling::tasks(tx, case, step).await
}

/// Tells scoring that a result counts no more until others have rated it anew, with the term of an answer.
async fn tell_annulled(tx: &mut Tx, case: &Case, attempt: i32, redo: &Redo, reason: &str, by: &[String]) -> Result<()> {
    let appeal = &case.appeal;
    let version = appeal.result_version.ok_or_else(|| Problem::internal("a remedy was not checked"))?;
    let due = case.terms.answered_by(date_of(tx.now), &directory::calendar(tx).await?);
    let number = |number: &String| EmployeeNumber::from(number.as_str());
    let rater = |one: &NewRater| OtherRater { column: one.column.clone(), by: number(&one.by) };
    tx.emit(&Event::AnnulmentDecided(AnnulmentDecided {
        appeal: appeal.id,
        attempt,
        cycle: appeal.cycle,
        subject: appeal.subject()?,
        version,
        reason: reason.to_owned(),
        by: by.iter().map(number).collect(),
        raters: redo.raters.iter().map(rater).collect(),
        due,
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
