use platform::{Caller, Permission, Role};

/// The caller as planning sees them: whose planning they may look at (their own, their people's, their units' — or
/// everybody's), and as whom they act.
pub struct Viewer {
    pub number: Option<String>,
    /// For the record: employee number or account name.
    pub name: String,
    pub all: bool,
    pub executive: bool,
}

impl Viewer {
    pub fn of<P: Permission>(caller: &Caller<P>) -> Self {
        Self {
            number: caller.employee.clone(),
            name: caller.actor().name,
            all: caller.has_any(&[Role::Hr, Role::Executive]),
            executive: caller.has(Role::Executive),
        }
    }
}
