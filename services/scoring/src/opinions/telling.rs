//! Tasks of those who answer opinions, and mail to whoever stated one.

use std::collections::HashMap;

use events::{EmployeeNumber, Event, Notice, Notices, Subject};
use platform::clock::date_of;
use platform::{Result, Tx};
use steps::steps::{StepState, rows as step_rows};
use steps::tasks::{StepWork, Task, Waiting, rows as step_tasks};
use uuid::Uuid;

use super::opinion::{Opinion, OpinionStage};
use super::rows;
use crate::cycles::cycle::Cycle;
use crate::results::rows as results;
use crate::tasks::telling::tell_items;

/// Brings the tasks of some opinions up to date, and tells those that changed.
pub async fn tasks(tx: &mut Tx, cycle: &Cycle, opinions: &[Opinion]) -> Result<()> {
    let waiting = |one: &Opinion| Waiting::of(one.step, one.state, &one.actors, one.due);
    let waiting: Vec<Waiting> = opinions.iter().map(waiting).collect();
    let stages = OpinionStage::of(cycle)?;
    let about: HashMap<Uuid, &Opinion> = opinions.iter().map(|one| (one.step, one)).collect();
    let item = |task: Task| {
        let one = about.get(&task.step)?;
        let stage = stages.iter().find(|stage| stage.code == one.stage)?;
        let work = StepWork {
            kind: "opinion",
            stage: &stage.code,
            label: &stage.label,
            about: Subject::person(&one.number),
            about_name: one.name.clone(),
            count: 1,
            operation: "answer_opinion",
            path: format!("/v1/opinions/{}/answer", task.step),
        };
        Some(work.item(task))
    };
    let changed = step_tasks::bring_up_to_date(tx, &waiting).await?;
    tell_items(tx, cycle, changed.into_iter().filter_map(item).collect()).await
}

/// The open opinions of a stage have the day that it has now.
pub async fn follow_day(tx: &mut Tx, cycle: &Cycle, code: &str) -> Result<()> {
    let open: Vec<Uuid> = rows::open_of(tx, cycle.id, code).await?.iter().map(|one| one.step).collect();
    if open.is_empty() {
        return Ok(());
    }
    step_rows::set_due(tx, &open, cycle.due(code)?).await?;
    let open = rows::open_of(tx, cycle.id, code).await?;
    tasks(tx, cycle, &open).await
}

/// Nobody answers opinions of a cancelled cycle any more.
pub async fn end_all(tx: &mut Tx, cycle: &Cycle) -> Result<()> {
    let mut open = rows::open_of_cycle(tx, cycle.id).await?;
    let ids: Vec<Uuid> = open.iter().map(|one| one.step).collect();
    step_rows::void(tx, &ids, date_of(tx.now)).await?;
    open.iter_mut().for_each(|one| one.state = StepState::Void);
    tasks(tx, cycle, &open).await
}

/// Tells the person what they were answered.
pub async fn answered(tx: &mut Tx, cycle: &Cycle, one: &Opinion) -> Result<()> {
    let word = |name: &str, text: &Option<String>| text.clone().map(|text| (name.to_owned(), text));
    let words = word("verdict", &one.verdict).into_iter().chain(word("reason", &one.answer)).collect();
    let to = vec![EmployeeNumber::from(one.number.as_str())];
    let notice = Notice { key: format!("opinions/{}", one.step), kind: "opinion_answered".to_owned(), to, words };
    tx.emit(&Event::ScoringNotices(Notices { within: cycle.id.into(), notices: vec![notice] })).await
}

const AT_ONCE: usize = 500;

/// Tells people that their result is computed, where they are heard before it is published: once, and again when it is
/// another.
pub async fn computed(tx: &mut Tx, cycle: &Cycle) -> Result<()> {
    if !OpinionStage::hears_now(cycle)? {
        return Ok(());
    }
    let people = results::computed_people(tx, cycle.id).await?;
    let notice = |(number, digest): &(EmployeeNumber, String)| Notice {
        key: format!("computed/{}/{number}/{digest}", cycle.id),
        kind: "result_computed".to_owned(),
        to: vec![number.clone()],
        words: Default::default(),
    };
    for people in people.chunks(AT_ONCE) {
        let notices = people.iter().map(notice).collect();
        tx.emit(&Event::ScoringNotices(Notices { within: cycle.id.into(), notices })).await?;
    }
    Ok(())
}
