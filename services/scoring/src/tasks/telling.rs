//! Tasks and notices as they are told to notification.

use basics::Label;
use diesel::sql_types::{BigInt, Bool, Date as SqlDate, Nullable, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use events::{EmployeeNumber, Event, Notice, Notices, Subject, TasksChanged, WorkItem};
use jiff::civil::Date;
use platform::sql::ToDiesel;
use platform::{Result, Tx};
use uuid::Uuid;

use crate::cycles::cycle::Cycle;

const AT_ONCE: usize = 500;

/// Something that is done with a whole cycle.
#[derive(Default)]
pub struct TaskOfCycle {
    /// `close` or `publish`.
    pub key: &'static str,
    pub stage: String,
    pub label: Label,
    pub holder: &'static str,
    pub due: Option<Date>,
    pub done: bool,
}

/// The operation that does it, and its path.
pub fn of_cycle(key: &str, cycle: Uuid) -> (&'static str, String) {
    let operation = if key == "close" { "close_cycle" } else { "publish_results" };
    (operation, format!("/v1/cycles/{cycle}/{key}"))
}

/// Keeps a task about a whole cycle as it is now, and tells it.
pub async fn keep_of_cycle(tx: &mut Tx, cycle: &Cycle, task: TaskOfCycle) -> Result<()> {
    let version: i64 = tx
        .sql(
            "insert into tasks as k (company_id, cycle, key, stage, label_zh, label_en, holder, subject, subject_name, count, due, done, version)
             values ($1, $2, $3, $4, $5, $6, $7, '*', '', 1, $8, $9, 1)
             on conflict (company_id, cycle, key) do update set done = excluded.done, version = k.version + 1 returning k.version",
        )
        .bind::<SqlUuid, _>(cycle.id)
        .bind::<Text, _>(task.key)
        .bind::<Text, _>(&task.stage)
        .bind::<Text, _>(&task.label.zh)
        .bind::<Text, _>(&task.label.en)
        .bind::<Text, _>(task.holder)
        .bind::<Nullable<SqlDate>, _>(task.due.to_diesel())
        .bind::<Bool, _>(task.done)
        .columns::<BigInt>()
        .get_result(tx.conn())
        .await?;
    let (operation, path) = of_cycle(task.key, cycle.id);
    let item = WorkItem {
        key: task.key.to_owned(),
        stage: task.stage,
        label_zh: task.label.zh,
        label_en: task.label.en,
        holder: task.holder.to_owned(),
        about: Subject::company(),
        about_name: String::new(),
        count: 1,
        due: task.due,
        operation: operation.to_owned(),
        path,
        done: task.done,
        version,
    };
    tell_items(tx, cycle, vec![item]).await
}

/// Tells people that what they handed in about somebody was sent back, and why.
pub async fn sent_back(
    tx: &mut Tx,
    cycle: &Cycle,
    key: String,
    to: Vec<EmployeeNumber>,
    about: &str,
    reason: &str,
) -> Result<()> {
    if to.is_empty() {
        return Ok(());
    }
    let words = [("about".to_owned(), about.to_owned()), ("reason".to_owned(), reason.to_owned())].into();
    let notice = Notice { key: format!("sent-back/{key}"), kind: "sent_back".to_owned(), to, words };
    tx.emit(&Event::ScoringNotices(Notices { within: cycle.id.into(), notices: vec![notice] })).await
}

/// Tells tasks that changed, some hundred at a time.
pub async fn tell_items(tx: &mut Tx, cycle: &Cycle, mut items: Vec<WorkItem>) -> Result<()> {
    while !items.is_empty() {
        let rest = items.split_off(items.len().min(AT_ONCE));
        let tasks = std::mem::replace(&mut items, rest);
        let changed = TasksChanged { within: cycle.id.into(), period: cycle.period.clone(), tasks };
        tx.emit(&Event::ScoringTasksChanged(changed)).await?;
    }
    Ok(())
}
