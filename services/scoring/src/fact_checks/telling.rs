//! Tasks of those who check reported values, and mail to whoever reported what is sent back.

use std::collections::HashMap;

use basics::Label;
use events::{EmployeeNumber, Event, Notice, Notices, Subject};
use platform::{Result, Tx, say};
use steps::steps::rows as step_rows;
use steps::tasks::{StepWork, Task, rows as step_tasks};
use uuid::Uuid;

use super::fact_check::FactCheck;
use super::rows;
use crate::cycles::cycle::Cycle;
use crate::tasks::telling::tell_items;

/// The stage under which tasks of checking stand in lists.
const STAGE: &str = "facts";

/// Brings the tasks of some checks up to date, and tells those that changed.
pub async fn tasks(tx: &mut Tx, cycle: &Cycle, ids: &[Uuid]) -> Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    let checks = rows::many(tx, ids).await?;
    let steps = step_rows::many(tx, ids).await?;
    let about: HashMap<Uuid, &FactCheck> = checks.iter().map(|one| (one.step, one)).collect();
    let label = say!("核对上报数据", "check what was reported");
    let label = Label::new(&label.zh, &label.en);
    let item = |task: Task| {
        let one = about.get(&task.step)?;
        let work = StepWork {
            kind: "fact-check",
            stage: STAGE,
            label: &label,
            about: Subject::company(),
            about_name: one.reported_by.clone(),
            count: one.values.max(1),
            operation: "decide_fact_check",
            path: format!("/v1/fact-checks/{}/decision", task.step),
        };
        Some(work.item(task))
    };
    let changed = step_tasks::of_deciding(tx, &steps).await?;
    tell_items(tx, cycle, changed.into_iter().filter_map(item).collect()).await
}

/// Tells whoever reported values that some of them were sent back, and why.
pub async fn returned(tx: &mut Tx, cycle: &Cycle, check: &FactCheck, count: i64, reason: &str) -> Result<()> {
    // Machine clients and accounts of nobody get no mail.
    if check.reported_by.starts_with('@') || check.reported_by == "system" {
        return Ok(());
    }
    let notice = Notice {
        key: format!("fact-checks/{}/{}/{count}", check.step, check.values),
        kind: "facts_returned".to_owned(),
        to: vec![EmployeeNumber::from(check.reported_by.as_str())],
        words: [("about".to_owned(), count.to_string()), ("reason".to_owned(), reason.to_owned())].into(),
    };
    tx.emit(&Event::ScoringNotices(Notices { within: cycle.id.into(), notices: vec![notice] })).await
}
