use platform::{Caller, Permission, Role};

/// Whose planning somebody may look at: their own, their people's, their units' — or everybody's.
pub struct Viewer {
    pub number: Option<String>,
    pub all: bool,
}

impl Viewer {
    pub fn of<P: Permission>(caller: &Caller<P>) -> Self {
        Self { number: caller.employee.clone(), all: caller.has_any(&[Role::Hr, Role::Executive]) }
    }
}
