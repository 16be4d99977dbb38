//! Who has to decide about what, told as tasks.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use basics::Label;
use events::{Event, Notice, Notices, TasksChanged, Within, WorkItem};
use platform::{Result, Tx};
use steps::steps::rows as step_rows;
use steps::tasks::{StepWork, Task, rows as step_tasks};
use uuid::Uuid;

use super::approval::{Approval, Verdict};
use super::rows;
use crate::plans::plan::Plan;
use crate::{cycles, schemes};

const AT_ONCE: usize = 500;

/// Brings the tasks of some steps up to date, and tells those that changed.
pub async fn tasks(tx: &mut Tx, approvals: &[Approval]) -> Result<()> {
    let ids: Vec<Uuid> = approvals.iter().map(|one| one.step).collect();
    let steps = step_rows::many(tx, &ids).await?;
    let changed = step_tasks::of_deciding(tx, &steps).await?;
    if changed.is_empty() {
        return Ok(());
    }
    let about: HashMap<Uuid, &Approval> = approvals.iter().map(|one| (one.step, one)).collect();
    let names = rows::names(tx, &ids).await?;
    let codes: BTreeSet<&str> = names.values().filter_map(|named| named.scheme.as_deref()).collect();
    let schemes = schemes::rows::labels(tx, &codes.into_iter().collect::<Vec<_>>()).await?;
    let mut told: BTreeMap<(Within, String), Vec<WorkItem>> = BTreeMap::new();
    for task in changed {
        let (Some(approval), Some(named)) = (about.get(&task.step), names.get(&task.step)) else { continue };
        let scheme = named.scheme.as_deref().unwrap_or_default();
        let within = within(approval.cycle, scheme, &named.period, &schemes);
        told.entry((within, named.period.clone())).or_default().push(item(approval, &named.name, task));
    }
    for ((within, period), items) in told {
        for tasks in items.chunks(AT_ONCE) {
            let changed = TasksChanged { within: within.clone(), period: period.clone(), tasks: tasks.to_vec() };
            tx.emit(&Event::PlanningTasksChanged(changed)).await?;
        }
    }
    Ok(())
}

/// Where a plan or a sheet belongs: to a cycle, or to a scheme and a period.
fn within(cycle: Option<Uuid>, scheme: &str, period: &str, schemes: &HashMap<String, Label>) -> Within {
    match cycle {
        Some(cycle) => cycle.into(),
        None => {
            let label = schemes.get(scheme).cloned().unwrap_or_else(|| Label::new(scheme, scheme));
            Within::Scheme { scheme_zh: label.zh, scheme_en: label.en, period: period.to_owned() }
        }
    }
}

/// Tells whoever wrote a plan that goals were agreed on that are not in it.
pub async fn agreed(tx: &mut Tx, plan: &Plan, interview: Uuid) -> Result<()> {
    let titles: Vec<String> = plan.agreed()?.into_iter().map(|goal| goal.title).collect();
    let words = [("about".to_owned(), plan.name.clone()), ("reason".to_owned(), titles.join("\n"))];
    let notice = |writer: &str| Notice {
        key: format!("plan/{}/agreed/{interview}", plan.id),
        kind: "goals_agreed".to_owned(),
        to: vec![writer.into()],
        words: words.into(),
    };
    let Some(notice) = plan.concerned().writer.map(notice) else { return Ok(()) };
    let schemes = schemes::rows::labels(tx, &[&plan.scheme]).await?;
    let within = within(plan.cycle, &plan.scheme, &plan.period, &schemes);
    tx.emit(&Event::PlanningNotices(Notices { within, notices: vec![notice] })).await
}

/// Tells whoever wrote plans what became of them.
pub async fn decided(tx: &mut Tx, plans: &[Plan], verdict: Verdict, reason: &str) -> Result<()> {
    let codes: BTreeSet<&str> = plans.iter().map(|plan| plan.scheme.as_str()).collect();
    let schemes = schemes::rows::labels(tx, &codes.into_iter().collect::<Vec<_>>()).await?;
    let mut told: BTreeMap<Within, Vec<Notice>> = BTreeMap::new();
    for plan in plans {
        let Some(writer) = plan.concerned().writer else { continue };
        let words = [("about", plan.name.as_str()), ("verdict", verdict.as_str()), ("reason", reason)];
        let notice = Notice {
            key: format!("plan/{}/{}", plan.id, plan.version),
            kind: "plan_decided".to_owned(),
            to: vec![writer.into()],
            words: words.into_iter().map(|(name, word)| (name.to_owned(), word.to_owned())).collect(),
        };
        told.entry(within(plan.cycle, &plan.scheme, &plan.period, &schemes)).or_default().push(notice);
    }
    for (within, notices) in told {
        for notices in notices.chunks(AT_ONCE) {
            tx.emit(&Event::PlanningNotices(Notices { within: within.clone(), notices: notices.to_vec() })).await?;
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
