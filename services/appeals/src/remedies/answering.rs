//! What scoring answers to a remedy.

use events::{RemedyRefused, ResultsPublished, SubjectKind};
use platform::clock::date_of;
use platform::sql::Lock;
use platform::{Result, Tx};
use serde_json::json;
use steps::steps::{Actor, NewStep, rows as step_rows};

use super::rows;
use crate::appeals::Case;
use crate::appeals::rows::{self as appeals, Moved};
use crate::levels::telling;

/// A correction that follows an appeal: its remedy is done.
pub async fn corrected(tx: &mut Tx, told: &ResultsPublished) -> Result<()> {
    let Some(id) = told.appeal else { return Ok(()) };
    let Some(appeal) = appeals::find(tx, id, Lock::Update).await? else { return Ok(()) };
    let subject = appeal.subject()?;
    let version = match subject.kind {
        SubjectKind::Person => {
            told.results.iter().find(|result| *result.number == *subject.id).map(|result| result.version)
        }
        _ => told.unit.result.as_ref().filter(|_| *told.unit.code == *subject.id).map(|result| result.version),
    };
    rows::done(tx, id, version).await?;
    tx.audit("appeals.remedy-done", &id.to_string(), json!({ "version": version })).await?;
    appeals::put(tx, id, &Moved::of(&appeal)).await
}

/// What cannot be done as it is written is HR's to put right.
pub async fn refused(tx: &mut Tx, told: &RemedyRefused) -> Result<()> {
    let Some(appeal) = appeals::find(tx, told.appeal, Lock::Update).await? else { return Ok(()) };
    rows::refused(tx, told.appeal, told.attempt, &told.why_zh, &told.why_en).await?;
    let detail = json!({ "attempt": told.attempt, "why": told.why_en });
    tx.audit("appeals.remedy-refused", &told.appeal.to_string(), detail).await?;
    appeals::put(tx, told.appeal, &Moved::of(&appeal)).await?;
    let case = Case::get(tx, told.appeal, Lock::Update).await?;
    let actors = vec![Actor::Role("hr".to_owned())];
    let step = NewStep { about: case.appeal.name_of_mending(), place: told.attempt, actors, due: None };
    let step = step_rows::open(tx, &step, date_of(tx.now)).await?;
    telling::tasks(tx, &case, step).await?;
    telling::remedy_refused(tx, &case, told.attempt, (&told.why_zh, &told.why_en)).await
}
