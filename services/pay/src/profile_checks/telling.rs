//! Tasks of those who check pay inputs, and mail to whoever reported what is sent back.

use basics::Label;
use events::{EmployeeNumber, Event, Notice, Notices, Subject, TasksChanged, Within};
use platform::{Result, Tx};
use steps::steps::rows as step_rows;
use steps::tasks::{StepWork, Task, rows as step_tasks};
use uuid::Uuid;

use super::check::ProfileCheck;
use super::rows;

/// Where a check belongs: to no cycle, but to the scheme that has it done.
fn within(check: &ProfileCheck) -> Within {
    let Label { zh, en, .. } = check.scheme();
    Within::Scheme { scheme_zh: zh, scheme_en: en, period: check.effective_on.to_string() }
}

/// Brings the tasks of some steps about a check up to date, and tells those that changed.
pub async fn tasks(tx: &mut Tx, check: Uuid, steps: &[Uuid]) -> Result<()> {
    let steps = step_rows::many(tx, steps).await?;
    let changed = step_tasks::of_deciding(tx, &steps).await?;
    if changed.is_empty() {
        return Ok(());
    }
    let check = rows::get(tx, check).await?;
    let label = Label::new("核对薪酬基数", "Check pay inputs");
    let item = |task: Task| {
        let work = StepWork {
            kind: "profile-check",
            stage: "pay",
            label: &label,
            about: Subject::company(),
            about_name: check.reported_by.clone(),
            count: check.waiting.max(1),
            operation: "decide_profile_check",
            path: format!("/v1/profile-checks/{}/decision", check.id),
        };
        work.item(task)
    };
    let tasks = changed.into_iter().map(item).collect();
    let changed = TasksChanged { within: within(&check), period: check.effective_on.to_string(), tasks };
    tx.emit(&Event::PayTasksChanged(changed)).await
}

/// Tells whoever reported pay inputs that some of them were sent back, and why.
pub async fn returned(tx: &mut Tx, check: &ProfileCheck, decision: &str, count: usize, reason: &str) -> Result<()> {
    // Accounts of nobody get no mail.
    if check.reported_by.starts_with('@') || check.reported_by == "system" {
        return Ok(());
    }
    let notice = Notice {
        key: format!("profile-checks/{}/{decision}", check.id),
        kind: "facts_returned".to_owned(),
        to: vec![EmployeeNumber::from(check.reported_by.as_str())],
        words: [("about".to_owned(), count.to_string()), ("reason".to_owned(), reason.to_owned())].into(),
    };
    tx.emit(&Event::PayNotices(Notices { within: within(check), notices: vec![notice] })).await
}
