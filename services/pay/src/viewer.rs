use platform::clock::date_of;
use platform::{Caller, Result, Role, Tx};
use steps::directory::rows as directory;
use steps::steps::{Actor, Step};

/// The caller, as far as approving pay is concerned.
#[derive(Clone, Debug)]
pub struct Viewer {
    pub number: Option<String>,
    /// Reads everything that is paid.
    pub all: bool,
    /// As whom they decide in steps: themselves, their roles, the bodies and offices in which they sit, and those who have
    /// delegated that to them.
    pub actors: Vec<String>,
}

impl Viewer {
    pub async fn of<P>(tx: &mut Tx, caller: &Caller<P>) -> Result<Self> {
        let mut actors: Vec<String> =
            caller.roles.iter().map(|role| Actor::Role(role.name().to_owned()).to_string()).collect();
        if let Some(number) = &caller.employee {
            let today = date_of(tx.now);
            actors.push(Actor::Person(number.clone()).to_string());
            actors.extend(directory::decides_as(tx, number, today).await?);
        }
        let all = caller.has_any(&[Role::Finance, Role::Hr]);
        Ok(Self { number: caller.employee.clone(), all, actors })
    }

    pub fn acts_as(&self, actor: &Actor) -> bool {
        self.actors.contains(&actor.to_string())
    }

    /// Whether the caller may know of what is decided in a step.
    pub fn reads(&self, step: &Step) -> bool {
        self.all || step.actors.iter().any(|actor| self.actors.contains(actor))
    }
}
