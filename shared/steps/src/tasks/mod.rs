//! What people have to do in steps, kept so that only what changed is told.

pub mod rows;

use jiff::civil::Date;
use uuid::Uuid;

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
