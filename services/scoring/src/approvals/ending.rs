//! What was computed no longer stands: nor does what was decided about it.

use platform::clock::date_of;
use platform::{Result, Tx};
use steps::steps::{StepState, rows as step_rows};
use uuid::Uuid;

use super::{rows, telling};
use crate::cycles::cycle::{Cycle, State};
use crate::cycles::rows as cycles;
use crate::runs::rows as runs;
use crate::runs::telling::follow;
use crate::signatures::opening as signing;

/// Something that a computed cycle stands on has changed: it has to be computed again, and approved again.
pub async fn reopen(tx: &mut Tx, cycle: &Cycle) -> Result<()> {
    if cycle.state == State::Computed {
        cycles::reopen_computed(tx, cycle).await?;
        void(tx, cycle).await?;
        follow(tx, cycle.id).await?;
    }
    Ok(())
}

/// Nothing that was decided about the last run counts any more, unless it is published.
pub async fn void(tx: &mut Tx, cycle: &Cycle) -> Result<()> {
    if cycle.state != State::Computed {
        return Ok(());
    }
    let run = runs::last(tx, cycle.id).await?;
    signing::void(tx, cycle, run, date_of(tx.now)).await?;
    let mut approvals = rows::of_run(tx, cycle.id, run).await?;
    approvals.retain(|one| matches!(one.state, StepState::Open | StepState::Done));
    let ids: Vec<Uuid> = approvals.iter().map(|one| one.step).collect();
    if ids.is_empty() {
        return Ok(());
    }
    step_rows::void(tx, &ids, date_of(tx.now)).await?;
    telling::tasks(tx, cycle, &approvals).await
}
