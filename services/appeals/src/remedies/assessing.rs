//! Rating again, in the transaction of a request.

use platform::clock::date_of;
use platform::sql::Lock;
use platform::web::Errors;
use platform::{Problem, Result, Tx, say};
use serde_json::json;
use steps::steps::{NewDecision, StepState, rows as step_rows};
use uuid::Uuid;

use super::{Assessment, NewRemedy, Reassessment, asking, rows};
use crate::appeals::rows::{self as appeals, Moved};
use crate::appeals::{Appeal, Case};
use crate::levels::telling;
use crate::viewer::Viewer;

/// Takes what somebody who rates again gives, and tells it to scoring.
pub async fn assess(tx: &mut Tx, viewer: &Viewer, step: Uuid, given: &Assessment) -> Result<Uuid> {
    let unknown = || Problem::not_found(say!("步骤", "step"));
    let about = step_rows::get(tx, step, Lock::None).await?.about;
    let id = Appeal::of_reassessment(&about).ok_or_else(unknown)?;
    let case = Case::get(tx, id, Lock::Update).await?;
    let step = step_rows::get(tx, step, Lock::Update).await?;
    let actor = format!("person:{}", viewer.number()?);
    if !step.actors.contains(&actor) {
        return Err(unknown());
    }
    if step.state != StepState::Open {
        return Err(Problem::wrong_state(say!("已重新评定", "it has been rated again")));
    }
    let mut errors = Errors::default();
    errors.check_text("/reason", &given.reason);
    errors.check()?;
    let remedy =
        rows::all(tx, id).await?.into_iter().find(|remedy| remedy.step == Some(step.id)).ok_or_else(unknown)?;
    let wanted: Reassessment = serde_json::from_value(remedy.reassess.clone().unwrap_or_default())?;
    let changes = given.changes(&wanted.places)?;
    let decision = NewDecision {
        actor,
        verdict: "assessed".to_owned(),
        reason: given.reason.trim().to_owned(),
        detail: json!({ "changes": changes }),
        session: None,
    };
    step_rows::decide(tx, &step, &decision).await?;
    step_rows::end(tx, step.id, StepState::Done, date_of(tx.now)).await?;
    telling::tasks(tx, &case, step.id).await?;
    asking::tell_assessed(tx, &case, &remedy, &NewRemedy { changes, ..NewRemedy::default() }).await?;
    tx.audit("appeals.assessed-again", &id.to_string(), json!({ "step": step.id })).await?;
    appeals::put(tx, id, &Moved::of(&case.appeal)).await?;
    Ok(id)
}
