use platform::clock::date_of;
use platform::{Caller, Problem, Result, Role, Tx, say};
use steps::directory::rows as directory;

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

    /// As whom the caller decides: themselves, those who have delegated that to them, and their roles. Who sits in a body
    /// is seen from its panel.
    pub async fn actors(&self, tx: &mut Tx) -> Result<Vec<String>> {
        let today = date_of(tx.now);
        let stands_for = match &self.number {
            Some(number) => directory::stands_for(tx, number, today).await?,
            None => Vec::new(),
        };
        let others = stands_for.into_iter().filter(|one| one.deciding).map(|one| one.of);
        let people = self.number.iter().cloned().chain(others).map(|number| format!("person:{number}"));
        Ok(people.chain(self.roles.iter().map(|role| format!("role:{role}"))).collect())
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
