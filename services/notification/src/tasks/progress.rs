//! How far a cycle is: by stage, and by who has something left to do.

use std::collections::HashMap;

use jiff::civil::Date;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::task::Task;
use crate::cycles::Stage;

/// Who has done what, at a glance.
#[derive(Serialize, ToSchema)]
pub struct Progress {
    pub cycle: Uuid,
    /// The day on which this was true.
    pub today: Date,
    pub total: i64,
    pub done: i64,
    pub open: i64,
    pub overdue: i64,
    /// In the order of the scheme.
    pub stages: Vec<StageProgress>,
    /// Whoever has something left to do, the longest overdue first.
    pub holders: Vec<Holder>,
    /// Whether there are more open tasks than are listed (1000).
    pub truncated: bool,
}

/// How far one stage is.
#[derive(Serialize, ToSchema)]
pub struct StageProgress {
    /// Its code.
    pub stage: String,
    pub label_zh: String,
    pub label_en: String,
    pub due: Option<Date>,
    pub total: i64,
    pub done: i64,
    pub open: i64,
    /// How many of the open ones are past their day.
    pub overdue: i64,
}

/// What a person, a role or a body has left to do.
#[derive(Serialize, ToSchema)]
pub struct Holder {
    /// `person:E9`, `role:hr`, `body:LG` or `body:LG/leader`.
    pub holder: String,
    pub name: Option<String>,
    pub open: usize,
    pub overdue: usize,
    pub tasks: Vec<Task>,
}

impl Progress {
    /// `counts` are of all tasks by stage; `open` are those that are listed.
    pub fn of(
        cycle: Uuid,
        today: Date,
        stages: Vec<Stage>,
        counts: Vec<(String, i64, i64, i64)>,
        open: Vec<Task>,
    ) -> Self {
        let counts: HashMap<String, (i64, i64, i64)> =
            counts.into_iter().map(|(stage, total, done, overdue)| (stage, (total, done, overdue))).collect();
        let stage = |stage: Stage| {
            let (total, done, overdue) = counts.get(&stage.code).copied().unwrap_or_default();
            let Stage { code, name, due } = stage;
            StageProgress {
                stage: code,
                label_zh: name.zh,
                label_en: name.en,
                due,
                total,
                done,
                open: total - done,
                overdue,
            }
        };
        let stages: Vec<StageProgress> = stages.into_iter().map(stage).collect();
        let sum = |figure: fn(&(i64, i64, i64)) -> i64| counts.values().map(figure).sum::<i64>();
        let (total, done) = (sum(|one| one.0), sum(|one| one.1));
        Self {
            cycle,
            today,
            total,
            done,
            open: total - done,
            overdue: sum(|one| one.2),
            stages,
            truncated: total - done > i64::try_from(open.len()).unwrap_or(i64::MAX),
            holders: by_holder(open),
        }
    }
}

/// Groups tasks by who has to do them, in the order in which they first appear.
fn by_holder(tasks: Vec<Task>) -> Vec<Holder> {
    let mut places: HashMap<String, usize> = HashMap::new();
    let mut holders: Vec<Holder> = Vec::new();
    for task in tasks {
        let place = *places.entry(task.holder.clone()).or_insert_with(|| {
            let (holder, name) = (task.holder.clone(), task.holder_name.clone());
            holders.push(Holder { holder, name, open: 0, overdue: 0, tasks: Vec::new() });
            holders.len() - 1
        });
        let Some(holder) = holders.get_mut(place) else { continue };
        holder.open += 1;
        holder.overdue += usize::from(task.overdue);
        holder.tasks.push(task);
    }
    holders
}
