//! Who has something to do at a level.

use std::collections::BTreeSet;

use platform::clock::date_of;
use platform::sql::Lock;
use platform::{Result, Tx};
use steps::directory::rows as directory;
use steps::steps::rules::{Together, together};
use steps::steps::{Actor, Member, StepState, rows as step_rows};
use uuid::Uuid;

use crate::appeals::Case;

/// The people who have something to do in a step: those who decide, or HR where somebody has to be named.
pub async fn of(tx: &mut Tx, case: &Case, step: Uuid) -> Result<Vec<String>> {
    let today = date_of(tx.now);
    let step = step_rows::get(tx, step, Lock::None).await?;
    if step.state != StepState::Open {
        return Ok(Vec::new());
    }
    let decisions = step_rows::decisions(tx, &[step.id]).await?;
    let waiting = match together(&step, &decisions) {
        Together::Waiting(waiting) => waiting,
        _ => step.actors(),
    };
    let mut several: Vec<String> = Vec::new();
    let mut persons: BTreeSet<String> = BTreeSet::new();
    if step.actors.is_empty() {
        several.extend(directory::holders(tx, "hr", today).await?);
    }
    for actor in waiting {
        match actor {
            Actor::Person(number) => drop(persons.insert(number)),
            Actor::Role(role) => several.extend(directory::holders(tx, &role, today).await?),
            Actor::Body { .. } => {
                let panel = step_rows::panel(tx, step.id).await?;
                several.extend(panel.into_iter().filter(Member::sits).map(|member| member.number));
            }
        }
    }
    // Whoever appealed has a say in a talk, and in nothing else.
    persons.extend(several.into_iter().filter(|number| *number != case.appeal.appellant));
    Ok(persons.into_iter().collect())
}
