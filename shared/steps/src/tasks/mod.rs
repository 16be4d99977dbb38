//! What people have to do in steps, kept so that only what changed is told.

pub mod rows;

use events::EmployeeNumber;
use jiff::civil::Date;
use uuid::Uuid;

/// A task that was given, ended or changed.
#[derive(Clone, Debug)]
pub struct Task {
    pub step: Uuid,
    pub assignee: EmployeeNumber,
    pub due: Option<Date>,
    pub done: bool,
    pub version: i64,
}
