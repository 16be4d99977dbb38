//! Who has to decide about what, told as tasks.

use std::collections::{BTreeMap, HashMap};

use basics::Label;
use events::{Event, TasksChanged, WorkItem};
use platform::{Result, Tx};
use steps::steps::rows as step_rows;
use steps::tasks::{StepWork, Task, Waiting, rows as step_tasks};
use uuid::Uuid;

use super::approval::Approval;
use super::rows;
use crate::cycles;

const AT_ONCE: usize = 500;

/// Brings the tasks of some steps up to date, and tells those that changed.
pub async fn tasks(tx: &mut Tx, approvals: &[Approval]) -> Result<()> {
    let ids: Vec<Uuid> = approvals.iter().map(|one| one.step).collect();
    let steps = step_rows::many(tx, &ids).await?;
    let decisions = step_rows::decisions(tx, &ids).await?;
    let waiting: Vec<Waiting> = steps.iter().map(|step| Waiting::deciding(step, &decisions)).collect();
    let changed = step_tasks::bring_up_to_date(tx, &waiting).await?;
    if changed.is_empty() {
        return Ok(());
    }
    let about: HashMap<Uuid, &Approval> = approvals.iter().map(|one| (one.step, one)).collect();
    let names = rows::names(tx, &ids).await?;
    let mut by_cycle: BTreeMap<Uuid, Vec<WorkItem>> = BTreeMap::new();
    let mut periods: HashMap<Uuid, String> = HashMap::new();
    for task in changed {
        let (Some(approval), Some(named)) = (about.get(&task.step), names.get(&task.step)) else { continue };
        // A plan that is no cycle's stands for itself.
        let cycle = approval.cycle.or(approval.plan).unwrap_or_default();
        periods.entry(cycle).or_insert_with(|| named.period.clone());
        by_cycle.entry(cycle).or_default().push(item(approval, &named.name, task));
    }
    for (cycle, items) in by_cycle {
        let period = periods.remove(&cycle).unwrap_or_default();
        for tasks in items.chunks(AT_ONCE) {
            let changed = TasksChanged { cycle, period: period.clone(), tasks: tasks.to_vec() };
            tx.emit(&Event::PlanningTasksChanged(changed)).await?;
        }
    }
    Ok(())
}

fn item(approval: &Approval, name: &str, task: Task) -> WorkItem {
    let work = StepWork {
        kind: "approval",
        stage: &approval.stage,
        label: &Label::new(&approval.label_zh, &approval.label_en),
        about: approval.kind.id(&approval.subject),
        about_name: name.to_owned(),
        count: 1,
        operation: "decide_plan",
        path: format!("/v1/planning/steps/{}/decision", task.step),
    };
    work.item(task)
}

/// The open steps of a stage have the day that it has now.
pub async fn follow_day(tx: &mut Tx, cycle: Uuid, stage: &str) -> Result<()> {
    let open = rows::open_of_cycle(tx, cycle, Some(stage)).await?;
    if open.is_empty() {
        return Ok(());
    }
    let stages = cycles::rows::stages(tx, cycle).await?;
    let due = stages.into_iter().find(|one| one.code == stage).and_then(|stage| stage.due);
    let ids: Vec<Uuid> = open.iter().map(|one| one.step).collect();
    step_rows::set_due(tx, &ids, due).await?;
    tasks(tx, &open).await
}
