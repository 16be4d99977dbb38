//! Who has to do what in spot checks, told as tasks.

use std::collections::HashMap;

use events::Subject;
use platform::{Result, Tx};
use steps::steps::{Step, rows as step_rows};
use steps::tasks::{StepWork, Task, Waiting, rows as step_tasks};
use uuid::Uuid;

use super::rows;
use super::spot_check::{CheckState, CheckingStage, SpotCheck};
use crate::cycles::cycle::Cycle;
use crate::subjects::rows as subjects;
use crate::tasks::telling::tell_items;

/// Brings the tasks of some spot checks up to date, and tells those that changed.
pub async fn tasks(tx: &mut Tx, cycle: &Cycle, ids: &[Uuid]) -> Result<()> {
    let checks = rows::many(tx, ids).await?;
    let steps = rows::steps_of(tx, ids).await?;
    let waiting = |step: &Step| Waiting::of(step.id, step.state, &step.actors, step.due);
    let waiting: Vec<Waiting> = steps.iter().map(waiting).collect();
    let about: HashMap<String, &SpotCheck> = checks.iter().map(|one| (SpotCheck::about(one.id), one)).collect();
    let of_step: HashMap<Uuid, (&SpotCheck, i32)> =
        steps.iter().filter_map(|step| Some((step.id, (*about.get(&step.about)?, step.place)))).collect();
    let stages = CheckingStage::of(cycle)?;
    let codes: Vec<String> = checks.iter().map(|one| one.unit.clone()).collect();
    let units = subjects::units(tx, cycle.id, Some(&codes)).await?;
    let changed = step_tasks::bring_up_to_date(tx, &waiting).await?;
    let item = |task: Task| {
        let (check, place) = of_step.get(&task.step)?;
        let stage = stages.iter().find(|stage| stage.code == check.stage)?;
        let name = units.iter().find(|unit| unit.subject == check.unit).map(|unit| unit.name.clone());
        let (operation, last) = operation(*place);
        let work = StepWork {
            kind: "spot-check",
            stage: &stage.code,
            label: &stage.label,
            about: Subject::unit(&check.unit),
            about_name: name.unwrap_or_else(|| check.unit.clone()),
            count: 1,
            operation,
            path: format!("/v1/spot-checks/{}/{last}", check.id),
        };
        Some(work.item(task))
    };
    tell_items(tx, cycle, changed.into_iter().filter_map(item).collect()).await
}

/// The open spot checks of a stage have the day that it has now.
pub async fn follow_day(tx: &mut Tx, cycle: &Cycle, code: &str) -> Result<()> {
    let open = rows::open(tx, cycle.id).await?;
    let ids: Vec<Uuid> = open.iter().filter(|one| one.stage == code).map(|one| one.id).collect();
    if ids.is_empty() {
        return Ok(());
    }
    let steps: Vec<Uuid> = rows::steps_of(tx, &ids).await?.iter().map(|step| step.id).collect();
    step_rows::set_due(tx, &steps, cycle.due(code)?).await?;
    tasks(tx, cycle, &ids).await
}

/// What is done in the step of a place, and the last part of its path.
fn operation(place: i32) -> (&'static str, &'static str) {
    match place {
        1 => ("conclude_spot_check", "conclusion"),
        2 => ("answer_spot_check", "answer"),
        _ => ("settle_spot_check", "settle"),
    }
}

/// The operation that a spot check waits for.
pub fn next_operation(state: CheckState) -> Option<&'static str> {
    match state {
        CheckState::Drawn => Some(operation(1).0),
        CheckState::Recommended => Some(operation(2).0),
        CheckState::Answered => Some(operation(3).0),
        CheckState::Settled => None,
    }
}
