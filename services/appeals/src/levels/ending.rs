//! How a case ends without a decision.

use platform::clock::date_of;
use platform::sql::Lock;
use platform::{Result, Tx};
use steps::steps::{StepState, rows as step_rows};
use uuid::Uuid;

use super::telling;
use crate::appeals::rows::{self, Moved};
use crate::appeals::{AppealState, Case};
use crate::cycles::rows as cycles;

/// Withdraws a case: nobody has to decide any more.
pub async fn withdraw(tx: &mut Tx, case: &Case, why: &str) -> Result<()> {
    let today = date_of(tx.now);
    for step in step_rows::about(tx, &case.appeal.name()).await? {
        step_rows::end(tx, step.id, StepState::Void, today).await?;
    }
    let moved = Moved {
        state: AppealState::Withdrawn,
        until: None,
        withdrawn_why: Some(why.trim().to_owned()),
        ..Moved::of(&case.appeal)
    };
    rows::put(tx, case.appeal.id, &moved).await?;
    telling::end_tasks(tx, case).await
}

/// Nothing of a cancelled cycle is decided about any more.
pub async fn cycle_cancelled(tx: &mut Tx, cycle: Uuid) -> Result<()> {
    cycles::cancel(tx, cycle).await?;
    for appeal in rows::undecided(tx, cycle).await? {
        let case = Case::get(tx, appeal.id, Lock::Update).await?;
        withdraw(tx, &case, "考核周期已取消 / the cycle was cancelled").await?;
    }
    for appeal in rows::to_be_mended(tx, cycle).await? {
        let case = Case::get(tx, appeal.id, Lock::Update).await?;
        for step in step_rows::about(tx, &case.appeal.name_of_mending()).await? {
            step_rows::end(tx, step.id, StepState::Void, date_of(tx.now)).await?;
            telling::tasks(tx, &case, step.id).await?;
        }
    }
    Ok(())
}
