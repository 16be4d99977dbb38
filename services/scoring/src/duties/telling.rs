use std::collections::HashMap;

use events::Subject;
use platform::clock::date_of;
use platform::{Result, Tx};
use steps::steps::rows as step_rows;
use steps::tasks::{StepWork, Task, Waiting, rows as step_tasks};
use uuid::Uuid;

use super::duty::{self, Duty};
use super::rows;
use crate::cycles::cycle::Cycle;
use crate::tasks::telling::tell_items;

/// Brings the tasks of some duties up to date, and tells those that changed.
pub async fn tasks(tx: &mut Tx, cycle: &Cycle, duties: &[Duty]) -> Result<()> {
    let waiting = |one: &Duty| Waiting::of(one.step, one.state, &one.actors, one.due);
    let waiting: Vec<Waiting> = duties.iter().map(waiting).collect();
    let declared = duty::declared(cycle)?;
    let about: HashMap<Uuid, &Duty> = duties.iter().map(|one| (one.step, one)).collect();
    let item = |task: Task| {
        let one = about.get(&task.step)?;
        let duty = declared.iter().find(|duty| duty.code == one.duty)?;
        let named = one.what.as_ref().map(|what| format!("{} · {what}", one.name));
        let work = StepWork {
            kind: "duty",
            stage: &duty.code,
            label: &duty.label,
            about: Subject::person(&one.number),
            about_name: named.unwrap_or_else(|| one.name.clone()),
            count: 1,
            operation: "do_duty",
            path: format!("/v1/duties/{}/done", task.step),
        };
        Some(work.item(task))
    };
    let changed = step_tasks::bring_up_to_date(tx, &waiting).await?;
    tell_items(tx, cycle, changed.into_iter().filter_map(item).collect()).await
}

/// Nobody has to do anything any more.
pub async fn end_all(tx: &mut Tx, cycle: &Cycle) -> Result<()> {
    let open: Vec<Uuid> = rows::of_cycle(tx, cycle.id, true).await?.iter().map(|one| one.step).collect();
    if open.is_empty() {
        return Ok(());
    }
    let today = date_of(tx.now);
    step_rows::void(tx, &open, today).await?;
    let ended = rows::many(tx, &open).await?;
    tasks(tx, cycle, &ended).await
}
