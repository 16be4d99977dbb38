use platform::{Caller, Problem, Result, Role, say};

/// The caller, as far as appeals care.
#[derive(Clone, Debug)]
pub struct Viewer {
    pub number: Option<String>,
    pub hr: bool,
    pub auditor: bool,
    /// Names of roles as schemes write them.
    roles: Vec<&'static str>,
}

impl Viewer {
    pub fn of<P>(caller: &Caller<P>) -> Self {
        Self {
            number: caller.employee.clone(),
            hr: caller.has(Role::Hr),
            auditor: caller.has(Role::Auditor),
            roles: caller.roles.iter().map(|role| role.name()).collect(),
        }
    }

    pub fn is(&self, number: &str) -> bool {
        self.number.as_deref() == Some(number)
    }

    /// The caller's employee number: what is decided is decided by somebody.
    pub fn number(&self) -> Result<&str> {
        let nobody = || Problem::not_permitted(say!("此账号不属于任何员工", "this account belongs to no employee"));
        self.number.as_deref().ok_or_else(nobody)
    }

    /// Whom the caller can act for: themselves, and their roles. Who sits in a body is seen from its panel.
    pub fn actors(&self) -> Vec<String> {
        let oneself = self.number.iter().map(|number| format!("person:{number}"));
        oneself.chain(self.roles.iter().map(|role| format!("role:{role}"))).collect()
    }
}

#[cfg(test)]
impl Viewer {
    pub fn for_tests(number: &str, roles: &[&'static str]) -> Self {
        Self {
            number: Some(number.to_owned()),
            hr: roles.contains(&"hr"),
            auditor: roles.contains(&"auditor"),
            roles: roles.to_vec(),
        }
    }
}
