//! What people have to do in steps, kept so that only what changed is told.

pub mod rows;

use basics::Label;
use events::{Subject, WorkItem};
use jiff::civil::Date;
use uuid::Uuid;

use crate::steps::{Decision, Step, StepState, rules};

/// A task that was given, ended or changed.
#[derive(Clone, Debug)]
pub struct Task {
    pub step: Uuid,
    /// `person:E9`, `role:hr`, `body:LG`: a group has one.
    pub holder: String,
    pub due: Option<Date>,
    pub done: bool,
    pub version: i64,
}

/// For whom a step waits.
#[derive(Clone, Debug)]
pub struct Waiting {
    pub step: Uuid,
    /// As tasks name them; nobody: it waits for nobody any more.
    pub holders: Vec<String>,
    pub due: Option<Date>,
}

impl Waiting {
    /// A step in which any of its actors does it all: an open one waits for them.
    pub fn of(step: Uuid, state: StepState, actors: &[String], due: Option<Date>) -> Self {
        let holders = if state == StepState::Open { actors.to_vec() } else { Vec::new() };
        Self { step, holders, due }
    }

    /// A step in which several decide together: an open one waits for those who have not decided.
    fn deciding(step: &Step, decisions: &[Decision]) -> Self {
        let left = if step.state == StepState::Open { rules::waiting(step, decisions) } else { Vec::new() };
        Self { step: step.id, holders: left.iter().map(ToString::to_string).collect(), due: step.due }
    }
}

/// What somebody does in a step, beside what its task says.
pub struct StepWork<'a> {
    /// With the step and the holder it makes the key of the task.
    pub kind: &'static str,
    pub stage: &'a str,
    pub label: &'a Label,
    pub about: Subject,
    pub about_name: String,
    pub count: i64,
    pub operation: &'static str,
    pub path: String,
}

impl StepWork<'_> {
    pub fn item(self, task: Task) -> WorkItem {
        WorkItem {
            key: format!("{}/{}/{}", self.kind, task.step, task.holder),
            stage: self.stage.to_owned(),
            label_zh: self.label.zh.clone(),
            label_en: self.label.en.clone(),
            holder: task.holder,
            about: self.about,
            about_name: self.about_name,
            count: self.count,
            due: task.due,
            operation: self.operation.to_owned(),
            path: self.path,
            done: task.done,
            version: task.version,
        }
    }
}
