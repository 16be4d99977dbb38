//! Who has to decide about pay, told as tasks.

use basics::Label;
use events::{Event, Subject, TasksChanged};
use platform::{Result, Tx};
use steps::steps::rows as step_rows;
use steps::tasks::{StepWork, Task, rows as step_tasks};
use uuid::Uuid;

use super::batch::{Batch, MENDING};
use super::rows;
use crate::cycles::Cycle;

/// Brings the tasks of some steps about a batch up to date, and tells those that changed.
pub async fn tasks(tx: &mut Tx, cycle: &Cycle, batch: &Batch, steps: &[Uuid]) -> Result<()> {
    let steps = step_rows::many(tx, steps).await?;
    let changed = step_tasks::of_deciding(tx, &steps).await?;
    if changed.is_empty() {
        return Ok(());
    }
    let people = rows::sums(tx, &[batch.id]).await?.first().map_or(0, |sums| sums.people);
    let is_mended = |task: &Task| steps.iter().any(|step| step.id == task.step && step.place == MENDING);
    let item = |task: Task| {
        let label = if is_mended(&task) {
            Label::new("改正被退回的薪酬批次", "Put right pay that was sent back")
        } else {
            Label::new("审批薪酬", "Approve pay")
        };
        let work = StepWork {
            kind: "batch",
            stage: "pay",
            label: &label,
            about: Subject::company(),
            about_name: String::new(),
            count: people,
            operation: "decide_batch",
            path: format!("/v1/pay/steps/{}/decision", task.step),
        };
        work.item(task)
    };
    let tasks = changed.into_iter().map(item).collect();
    let changed = TasksChanged { within: cycle.id.into(), period: cycle.period.clone(), tasks };
    tx.emit(&Event::PayTasksChanged(changed)).await
}
