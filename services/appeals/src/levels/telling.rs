//! What people are told of a case: their tasks, and by mail what was decided and where it went.

use std::collections::BTreeSet;

use events::{AppealReaders, EmployeeNumber, Event, Notice, Notices, TasksChanged, Values, WorkItem};
use platform::clock::date_of;
use platform::sql::Lock;
use platform::{Result, Tx};
use steps::directory::rows as directory;
use steps::steps::rows as step_rows;
use steps::tasks::{Task, Waiting, rows as step_tasks};
use uuid::Uuid;

use super::assignees;
use crate::appeals::{Appeal, Case, Verdict};

/// Why a case is at another level now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    CarriedOn,
    /// Those before sent it on.
    SentUp,
    Overdue,
    /// Nobody before could decide.
    Nobody,
}

impl Why {
    fn code(self) -> &'static str {
        match self {
            Self::CarriedOn => "carried_on",
            Self::SentUp => "sent_up",
            Self::Overdue => "overdue",
            Self::Nobody => "nobody",
        }
    }
}

/// Brings the tasks of a step up to date, and tells those that changed.
pub async fn tasks(tx: &mut Tx, case: &Case, step: Uuid) -> Result<()> {
    let who = assignees::holders(tx, case, step).await?;
    let at = step_rows::get(tx, step, Lock::None).await?;
    let (label_zh, label_en, operation, what) = if Appeal::of_reassessment(&at.about).is_some() {
        ("重新评定", "Rate again for an appeal", "assess_again", "assessment")
    } else if Appeal::is_mending(&at.about) {
        ("改正申诉的补救措施", "Put the remedy of an appeal right", "mend_remedy", "")
    } else if at.actors.is_empty() {
        ("指定申诉受理人", "Name who decides an appeal", "name_deciders", "panel")
    } else {
        ("处理申诉", "Decide about an appeal", "decide_level", "decision")
    };
    readers(tx, case).await?;
    let about = case.appeal.subject()?;
    let changed = step_tasks::bring_up_to_date(tx, &[Waiting { step, holders: who, due: at.due }]).await?;
    if changed.is_empty() {
        return Ok(());
    }
    let item = |task: Task| WorkItem {
        key: format!("{step}/{}", task.holder),
        stage: "appeal".to_owned(),
        label_zh: label_zh.to_owned(),
        label_en: label_en.to_owned(),
        holder: task.holder,
        about: about.clone(),
        about_name: case.about.name.clone(),
        count: 1,
        due: task.due,
        operation: operation.to_owned(),
        path: match what {
            "" => format!("/v1/appeals/{}/remedies", case.appeal.id),
            what => format!("/v1/appeals/steps/{step}/{what}"),
        },
        done: task.done,
        version: task.version,
    };
    let tasks = changed.into_iter().map(item).collect();
    let changed = TasksChanged { within: case.cycle.cycle.into(), period: case.cycle.period.clone(), tasks };
    tx.emit(&Event::AppealsTasksChanged(changed)).await
}

/// Tells scoring who decides about the case now, each by themselves: they read what it is about.
async fn readers(tx: &mut Tx, case: &Case) -> Result<()> {
    let mut readers = BTreeSet::new();
    for step in step_rows::about(tx, &case.appeal.name()).await? {
        // Where nobody is named yet, HR names somebody, and reads it anyway.
        if !step.actors.is_empty() {
            readers.extend(assignees::people(tx, case, step.id).await?);
        }
    }
    let readers = readers.into_iter().map(EmployeeNumber::from).collect();
    let (appeal, cycle, subject) = (case.appeal.id, case.cycle.cycle, case.appeal.subject()?);
    let version = tx.now.as_microsecond();
    tx.emit(&Event::AppealsReadersChanged(AppealReaders { appeal, cycle, subject, readers, version })).await
}

/// Ends the tasks of all steps of a case.
pub async fn end_tasks(tx: &mut Tx, case: &Case) -> Result<()> {
    for step in step_rows::about(tx, &case.appeal.name()).await? {
        tasks(tx, case, step.id).await?;
    }
    Ok(())
}

/// Tells whoever appealed and those who decide now that a case is at another level.
pub async fn moved_up(tx: &mut Tx, case: &Case, step: Uuid, why: Why) -> Result<()> {
    let due = step_rows::get(tx, step, Lock::None).await?.due;
    let mut to = assignees::people(tx, case, step).await?;
    to.insert(case.appeal.appellant.clone());
    let mut words = words(case);
    words.insert("why".to_owned(), why.code().to_owned());
    words.extend(due.map(|due| ("by_day".to_owned(), due.to_string())));
    notice(tx, case, "appeal_moved_up", format!("{step}/up"), to, words).await
}

/// Tells whoever appealed, and those who decide at the last level, that it is overdue there.
pub async fn overdue(tx: &mut Tx, case: &Case, step: Uuid) -> Result<()> {
    let mut to = assignees::people(tx, case, step).await?;
    to.insert(case.appeal.appellant.clone());
    let mut words = words(case);
    words.extend(case.appeal.respond_by.map(|due| ("by_day".to_owned(), due.to_string())));
    notice(tx, case, "appeal_overdue", format!("{step}/overdue"), to, words).await
}

/// Tells whoever appealed what was decided.
pub async fn decided(
    tx: &mut Tx,
    case: &Case,
    step: Uuid,
    verdict: Verdict,
    reason: &str,
    until: Option<String>,
) -> Result<()> {
    let mut words = words(case);
    words.insert("verdict".to_owned(), verdict.to_string());
    words.insert("reason".to_owned(), reason.to_owned());
    words.extend(until.map(|until| ("until".to_owned(), until)));
    let to = BTreeSet::from([case.appeal.appellant.clone()]);
    notice(tx, case, "appeal_decided", format!("{step}/decided"), to, words).await
}

/// Tells whoever appealed on paper that it was entered.
pub async fn entered_from_paper(tx: &mut Tx, case: &Case) -> Result<()> {
    let mut words = words(case);
    words.extend(case.appeal.respond_by.map(|due| ("by_day".to_owned(), due.to_string())));
    let to = BTreeSet::from([case.appeal.appellant.clone()]);
    notice(tx, case, "appeal_opened", format!("{}/opened", case.appeal.id), to, words).await
}

/// Tells HR that what was decided cannot be done as it is written; not whoever appealed.
pub async fn remedy_refused(tx: &mut Tx, case: &Case, attempt: i32, why: (&str, &str)) -> Result<()> {
    let holders = directory::holders(tx, "hr", date_of(tx.now)).await?;
    let to = holders.into_iter().filter(|number| *number != case.appeal.appellant).collect();
    let mut words = words(case);
    words.insert("reason_zh".to_owned(), why.0.to_owned());
    words.insert("reason_en".to_owned(), why.1.to_owned());
    notice(tx, case, "remedy_refused", format!("{}/refused/{attempt}", case.appeal.id), to, words).await
}

fn words(case: &Case) -> Values {
    [("about".to_owned(), case.about.name.clone())].into()
}

async fn notice(tx: &mut Tx, case: &Case, kind: &str, key: String, to: BTreeSet<String>, words: Values) -> Result<()> {
    let to = to.into_iter().map(EmployeeNumber::from).collect();
    let notice = Notice { key: format!("appeals/{key}"), kind: kind.to_owned(), to, words };
    tx.emit(&Event::AppealsNotices(Notices { within: case.cycle.cycle.into(), notices: vec![notice] })).await
}
