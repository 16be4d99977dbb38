//! Tasks of those who write reports and confirm them.

use std::collections::HashMap;

use events::EmployeeNumber;
use platform::{Result, Tx};
use steps::steps::{Actor, Step, StepState, rows as step_rows};
use steps::tasks::{StepWork, Task, rows as step_tasks};
use uuid::Uuid;

use super::report::{Report, ReportStage};
use super::rows;
use crate::cycles::cycle::Cycle;
use crate::tasks::telling::{sent_back, tell_items};

/// Brings the tasks of some reports up to date, and tells those that changed.
pub async fn tasks(tx: &mut Tx, cycle: &Cycle, reports: &[Report]) -> Result<()> {
    if reports.is_empty() {
        return Ok(());
    }
    let about: Vec<String> = reports.iter().map(Report::about).collect();
    let steps = step_rows::about_any(tx, &about).await?;
    let stages = ReportStage::of(cycle)?;
    let of_about: HashMap<String, &Report> = reports.iter().map(|one| (one.about(), one)).collect();
    let of_step: HashMap<Uuid, &Step> = steps.iter().map(|step| (step.id, step)).collect();
    let item = |task: Task| {
        let step = of_step.get(&task.step)?;
        let report = of_about.get(&step.about)?;
        let stage = stages.iter().find(|stage| stage.code == report.stage)?;
        let (operation, path) = match step.place {
            1 => ("hand_in_report", "hand-in"),
            _ => ("decide_report", "decision"),
        };
        let work = StepWork {
            kind: "report",
            stage: &stage.code,
            label: &stage.label,
            about: report.key(),
            about_name: report.name.clone(),
            count: 1,
            operation,
            path: format!("/v1/reports/{}/{path}", report.id),
        };
        Some(work.item(task))
    };
    let changed = step_tasks::of_deciding(tx, &steps).await?;
    tell_items(tx, cycle, changed.into_iter().filter_map(item).collect()).await
}

/// Tells whoever writes a report that it was sent back, and why.
pub async fn returned(
    tx: &mut Tx,
    cycle: &Cycle,
    report: &Report,
    writers: &[Actor],
    step: Uuid,
    reason: Option<&str>,
) -> Result<()> {
    let people = writers.iter().filter_map(|actor| if let Actor::Person(number) = actor { Some(number) } else { None });
    let to = people.map(|number| EmployeeNumber::from(number.as_str())).collect();
    sent_back(tx, cycle, format!("reports/{step}"), to, &report.name, reason.unwrap_or_default()).await
}

/// The open steps of a stage have the day that it has now.
pub async fn follow_day(tx: &mut Tx, cycle: &Cycle, code: &str) -> Result<()> {
    let open = rows::open_of(tx, cycle.id, Some(code)).await?;
    if open.is_empty() {
        return Ok(());
    }
    let about: Vec<String> = open.iter().map(Report::about).collect();
    let steps = step_rows::about_any(tx, &about).await?;
    let ids: Vec<Uuid> = steps.iter().filter(|step| step.state == StepState::Open).map(|step| step.id).collect();
    step_rows::set_due(tx, &ids, cycle.due(code)?).await?;
    tasks(tx, cycle, &open).await
}
