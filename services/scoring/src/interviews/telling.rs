//! Tasks of those who hold interviews, and mail to both sides.

use std::collections::HashMap;

use events::{EmployeeNumber, Event, Notice, Notices, Subject, Values};
use platform::{Result, Tx};
use steps::steps::rows as step_rows;
use steps::tasks::{StepWork, Task, Waiting, rows as step_tasks};
use uuid::Uuid;

use super::interview::{Interview, InterviewStage};
use super::rows;
use crate::cycles::cycle::Cycle;
use crate::tasks::telling::tell_items;

/// Brings the tasks of some interviews up to date, and tells those that changed.
pub async fn tasks(tx: &mut Tx, cycle: &Cycle, stage: &InterviewStage, interviews: &[Interview]) -> Result<()> {
    if interviews.is_empty() {
        return Ok(());
    }
    let waiting = |one: &Interview| Waiting::of(one.step, one.state, &one.actors, stage.due);
    let waiting: Vec<Waiting> = interviews.iter().map(waiting).collect();
    let about: HashMap<Uuid, &Interview> = interviews.iter().map(|one| (one.step, one)).collect();
    let item = |task: Task| {
        let one = about.get(&task.step)?;
        let work = StepWork {
            kind: "interview",
            stage: &stage.code,
            label: &stage.label,
            about: Subject::person(&one.number),
            about_name: one.name.clone(),
            count: 1,
            operation: "record_interview",
            path: format!("/v1/interviews/{}/record", task.step),
        };
        Some(work.item(task))
    };
    let changed = step_tasks::bring_up_to_date(tx, &waiting).await?;
    tell_items(tx, cycle, changed.into_iter().filter_map(item).collect()).await
}

/// The open interviews of a stage have the day that it has now.
pub async fn follow_day(tx: &mut Tx, cycle: &Cycle, code: &str) -> Result<()> {
    for stage in InterviewStage::of(cycle)?.into_iter().filter(|stage| stage.code == code) {
        let open = rows::open_of(tx, cycle.id, code).await?;
        let ids: Vec<Uuid> = open.iter().map(|one| one.step).collect();
        step_rows::set_due(tx, &ids, stage.due).await?;
        tasks(tx, cycle, &stage, &open).await?;
    }
    Ok(())
}

/// Tells the person, and whoever holds it, when and where it is to be held.
pub async fn arranged(tx: &mut Tx, cycle: &Cycle, one: &Interview) -> Result<()> {
    let holders = one.actors.iter().filter_map(|actor| actor.strip_prefix("person:"));
    let to: Vec<EmployeeNumber> = holders.chain([one.number.as_str()]).map(EmployeeNumber::from).collect();
    let mut words = about(one);
    words.extend(one.arranged_at.map(|at| ("at".to_owned(), at.to_string())));
    words.insert("appointment".to_owned(), one.step.to_string());
    words.insert("revision".to_owned(), one.version.to_string());
    words.extend(one.minutes.map(|minutes| ("minutes".to_owned(), minutes.to_string())));
    words.extend(one.place.clone().map(|place| ("place".to_owned(), place)));
    notice(tx, cycle, "interview_arranged", format!("{}/{}", one.step, one.version), to, words).await
}

/// Tells the person that what was said is written down, and may be commented on.
pub async fn recorded(tx: &mut Tx, cycle: &Cycle, one: &Interview) -> Result<()> {
    let to = vec![EmployeeNumber::from(one.number.as_str())];
    notice(tx, cycle, "interview_recorded", format!("{}/recorded", one.step), to, about(one)).await
}

fn about(one: &Interview) -> Values {
    [("about".to_owned(), one.name.clone())].into()
}

async fn notice(
    tx: &mut Tx,
    cycle: &Cycle,
    kind: &str,
    key: String,
    to: Vec<EmployeeNumber>,
    words: Values,
) -> Result<()> {
    let notice = Notice { key: format!("interviews/{key}"), kind: kind.to_owned(), to, words };
    tx.emit(&Event::ScoringNotices(Notices { within: cycle.id.into(), notices: vec![notice] })).await
}
