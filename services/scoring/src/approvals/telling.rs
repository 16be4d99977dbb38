//! Who has to approve what, told as tasks.

use std::collections::HashMap;

use events::Subject;
use platform::{Result, Tx};
use steps::steps::rows as step_rows;
use steps::tasks::{StepWork, Task, rows as step_tasks};
use uuid::Uuid;

use super::approval::{Approval, DecidingStage};
use super::rows;
use crate::cycles::cycle::Cycle;
use crate::subjects::rows as subjects;
use crate::tasks::telling::tell_items;

/// Brings the tasks of some steps up to date, and tells those that changed.
pub async fn tasks(tx: &mut Tx, cycle: &Cycle, approvals: &[Approval]) -> Result<()> {
    let ids: Vec<Uuid> = approvals.iter().map(|one| one.step).collect();
    let steps = step_rows::many(tx, &ids).await?;
    let changed = step_tasks::of_deciding(tx, &steps).await?;
    if changed.is_empty() {
        return Ok(());
    }
    let stages = DecidingStage::of(cycle)?;
    let stages: HashMap<&str, &DecidingStage> = stages.iter().map(|stage| (stage.code.as_str(), stage)).collect();
    let about: HashMap<Uuid, &Approval> = approvals.iter().map(|one| (one.step, one)).collect();
    let codes: Vec<String> = approvals.iter().map(|one| one.unit.clone()).collect();
    let units = subjects::units(tx, cycle.id, Some(&codes)).await?;
    let names: HashMap<&str, &str> = units.iter().map(|unit| (unit.subject.as_str(), unit.name.as_str())).collect();
    let item = |task: Task| {
        let approval = about.get(&task.step)?;
        let stage = stages.get(approval.stage.as_str())?;
        let unit = approval.unit.as_str();
        let work = StepWork {
            kind: "approval",
            stage: &stage.code,
            label: &stage.label,
            about: if unit.is_empty() { Subject::company() } else { Subject::unit(unit) },
            about_name: names.get(unit).map_or_else(|| unit.to_owned(), |name| (*name).to_owned()),
            count: 1,
            operation: "decide_approval",
            path: format!("/v1/scoring/steps/{}/decision", task.step),
        };
        Some(work.item(task))
    };
    tell_items(tx, cycle, changed.into_iter().filter_map(item).collect()).await
}

/// The open steps of a stage have the day that it has now.
pub async fn follow_day(tx: &mut Tx, cycle: &Cycle, stage: &str) -> Result<()> {
    let open = rows::open_of(tx, cycle.id, stage).await?;
    if open.is_empty() {
        return Ok(());
    }
    let ids: Vec<Uuid> = open.iter().map(|one| one.step).collect();
    step_rows::set_due(tx, &ids, cycle.due(stage)?).await?;
    tasks(tx, cycle, &open).await
}
