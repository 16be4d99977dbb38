//! Tasks of those who are asked to sign, and mail about what is announced.

use std::collections::HashMap;

use basics::Label;
use events::{EmployeeNumber, Event, Notice, Notices, Subject};
use platform::{Result, Tx};
use steps::steps::rows as step_rows;
use steps::tasks::{StepWork, Task, Waiting, rows as step_tasks};
use uuid::Uuid;

use super::rows;
use super::signature::{Announcement, AnnouncingStage, Signature, SigningStage};
use crate::cycles::cycle::Cycle;
use crate::tasks::telling::tell_items;

const AT_ONCE: usize = 500;

/// Brings the tasks of some signatures up to date, and tells those that changed.
pub async fn tasks(tx: &mut Tx, cycle: &Cycle, ids: &[Uuid]) -> Result<()> {
    if ids.is_empty() {
        return Ok(());
    }
    let signing = SigningStage::of(cycle)?.into_iter().map(|stage| (stage.code, stage.label));
    let announcing = AnnouncingStage::of(cycle)?.into_iter().chain([AnnouncingStage::beside()]);
    let labels: HashMap<String, Label> = signing.chain(announcing.map(|stage| (stage.code, stage.label))).collect();
    for chunk in ids.chunks(AT_ONCE) {
        let signatures = rows::many(tx, chunk).await?;
        let waiting = |one: &Signature| Waiting::of(one.step, one.state, &one.actors, one.due);
        let waiting: Vec<Waiting> = signatures.iter().map(waiting).collect();
        let about: HashMap<Uuid, &Signature> = signatures.iter().map(|one| (one.step, one)).collect();
        let item = |task: Task| {
            let one = about.get(&task.step)?;
            let label = labels.get(&one.stage)?;
            let work = StepWork {
                kind: "signature",
                stage: &one.stage,
                label,
                about: if one.posted.is_some() { Subject::company() } else { Subject::person(&one.number) },
                about_name: one.title.clone().unwrap_or_else(|| one.name.clone()),
                count: 1,
                operation: "sign",
                path: format!("/v1/signatures/{}", task.step),
            };
            Some(work.item(task))
        };
        let changed = step_tasks::bring_up_to_date(tx, &waiting).await?;
        tell_items(tx, cycle, changed.into_iter().filter_map(item).collect()).await?;
    }
    Ok(())
}

/// The open signatures of a stage have the day that it has now; those with a term of their own keep it.
pub async fn follow_day(tx: &mut Tx, cycle: &Cycle, code: &str) -> Result<()> {
    if SigningStage::of(cycle)?.iter().any(|stage| stage.code == code && stage.declared.lapses.is_some()) {
        return Ok(());
    }
    let open: Vec<Uuid> = rows::open_of(tx, cycle.id, code).await?.iter().map(|one| one.step).collect();
    if open.is_empty() {
        return Ok(());
    }
    step_rows::set_due(tx, &open, cycle.due(code)?).await?;
    tasks(tx, cycle, &open).await
}

/// Tells those who are asked to read it.
pub async fn announced(tx: &mut Tx, posted: &Announcement, readers: &[String]) -> Result<()> {
    for chunk in readers.chunks(AT_ONCE) {
        let notice = Notice {
            key: format!("announcements/{}/{}", posted.id, chunk.first().map_or("", String::as_str)),
            kind: "announcement".to_owned(),
            to: chunk.iter().map(|number| EmployeeNumber::from(number.as_str())).collect(),
            words: [("about".to_owned(), posted.title.clone()), ("reason".to_owned(), posted.text.clone())].into(),
        };
        tx.emit(&Event::ScoringNotices(Notices { within: posted.cycle.into(), notices: vec![notice] })).await?;
    }
    Ok(())
}
