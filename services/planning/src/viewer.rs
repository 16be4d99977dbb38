use platform::{Caller, Permission, Role};

use crate::permissions::{DecidePlan, WritePlan};

/// The caller as planning sees them: whose planning they may look at (their own, their people's, their units' — or
/// everybody's), and as whom they act.
pub struct Viewer {
    pub number: Option<String>,
    /// For the record: employee number or account name.
    pub name: String,
    pub all: bool,
    pub hr: bool,
    pub executive: bool,
    /// Whether their roles let them write and decide about plans at all.
    pub writes_plans: bool,
    pub decides_plans: bool,
}

impl Viewer {
    pub fn of<P: Permission>(caller: &Caller<P>) -> Self {
        Self {
            number: caller.employee.clone(),
            name: caller.actor().name,
            all: caller.has_any(&[Role::Hr, Role::Executive]),
            hr: caller.has(Role::Hr),
            executive: caller.has(Role::Executive),
            writes_plans: caller.has_any(WritePlan::ROLES),
            decides_plans: caller.has_any(DecidePlan::ROLES),
        }
    }
}
