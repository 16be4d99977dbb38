use platform::{Caller, Role};

use crate::sheets::sheet::Sheet;

/// The caller, as far as sheets care.
#[derive(Clone, Debug, Default)]
pub struct Viewer {
    pub number: Option<String>,
    /// For the record: employee number or account name.
    pub name: String,
    pub hr: bool,
    pub executive: bool,
    pub auditor: bool,
}

impl Viewer {
    pub fn is(&self, number: &str) -> bool {
        self.number.as_deref() == Some(number)
    }

    pub fn leads(&self, sheet: &Sheet) -> bool {
        self.number.is_some() && self.number == sheet.superior
    }

    pub fn of<P>(caller: &Caller<P>) -> Self {
        Self {
            number: caller.employee.clone(),
            name: caller.actor().name,
            hr: caller.has(Role::Hr),
            executive: caller.has(Role::Executive),
            auditor: caller.has(Role::Auditor),
        }
    }
}
