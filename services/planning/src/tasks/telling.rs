use events::{Event, Subject, TasksChanged, WorkItem};
use platform::{Platform, Result};

use super::rows::{self, Untold};
use crate::process::Activity;

/// Tasks in one event, and told in one go.
const AT_ONCE: i64 = 500;

/// Tells the other services about tasks that have changed; true when there may be more.
pub async fn tell(platform: Platform) -> Result<bool> {
    let mut tx = platform.store.begin_across_companies(platform.clock.now()).await?;
    let untold = rows::take_untold(&mut tx, AT_ONCE).await?;
    if untold.is_empty() {
        tx.rollback().await?;
        return Ok(false);
    }
    let more = i64::try_from(untold.len()).is_ok_and(|told| told == AT_ONCE);
    for of_one_cycle in untold.chunk_by(|a, b| (a.company_id, a.cycle) == (b.company_id, b.cycle)) {
        let Some(first) = of_one_cycle.first() else { continue };
        tx.enter(first.company_id).await?;
        let tasks = of_one_cycle.iter().map(work_item).collect();
        let changed = TasksChanged { within: first.cycle.into(), period: first.period.clone(), tasks };
        tx.emit(&Event::PlanningTasksChanged(changed)).await?;
    }
    tx.commit().await?;
    Ok(more)
}

fn work_item(task: &Untold) -> WorkItem {
    let (operation, path) = operation(task);
    let about = match Activity::parse(&task.activity) {
        Some(Activity::DraftPlan) => Subject::person(&task.subject),
        Some(Activity::Release) => Subject::company(),
        _ => Subject::unit(&task.subject),
    };
    WorkItem {
        key: task.key.clone(),
        stage: task.stage.clone(),
        label_zh: task.label_zh.clone(),
        label_en: task.label_en.clone(),
        holder: task.holder.clone(),
        about,
        about_name: task.subject_name.clone(),
        count: 1,
        due: task.due,
        operation: operation.to_owned(),
        path,
        done: task.done,
        version: task.version,
    }
}

/// The operation that does a task, by its id, with its path.
fn operation(task: &Untold) -> (&'static str, String) {
    let cycle = format!("/v1/cycles/{}", task.cycle);
    let unit = format!("{cycle}/units/{}", task.subject);
    match (Activity::parse(&task.activity), task.plan) {
        (Some(Activity::DraftPlan | Activity::DraftUnitPlan), Some(plan)) => ("put_plan", format!("/v1/plans/{plan}")),
        (Some(Activity::IssueTargets), _) => ("create_target", format!("{cycle}/targets")),
        (Some(Activity::SubmitUnitPlan), Some(plan)) => ("submit_plan", format!("/v1/plans/{plan}/submit")),
        (Some(Activity::Release), _) => ("release_cycle", format!("{cycle}/release")),
        (Some(Activity::SettleSheets), _) => ("settle_unit_sheets", format!("{unit}/sheets/settle")),
        _ => ("get_cycle", cycle),
    }
}
