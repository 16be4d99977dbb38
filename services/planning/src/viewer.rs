use platform::clock::date_of;
use platform::{Caller, Permission, Result, Role, Tx};
use steps::directory::rows as directory;
use steps::steps::Actor;

use crate::permissions::{DecidePlan, WritePlan};

/// The caller as planning sees them: whose planning they may look at (their own, their people's, their units' — or
/// everybody's), and as whom they act.
#[derive(Clone, Debug)]
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
    /// As whom they decide in steps: themselves, their roles, and, once they are seated, the bodies and offices in which they
    /// sit, and those who have delegated that to them.
    pub actors: Vec<String>,
}

impl Viewer {
    pub fn of<P: Permission>(caller: &Caller<P>) -> Self {
        let oneself = caller.employee.iter().cloned().map(Actor::Person);
        let roles = caller.roles.iter().map(|role| Actor::Role(role.name().to_owned()));
        Self {
            number: caller.employee.clone(),
            name: caller.actor().name,
            all: caller.has_any(&[Role::Hr, Role::Executive]),
            hr: caller.has(Role::Hr),
            executive: caller.has(Role::Executive),
            writes_plans: caller.has_any(WritePlan::ROLES),
            decides_plans: caller.has_any(DecidePlan::ROLES),
            actors: oneself.chain(roles).map(|actor| actor.to_string()).collect(),
        }
    }

    /// With the bodies in which the caller sits and those for whom they decide.
    pub async fn seated(mut self, tx: &mut Tx) -> Result<Self> {
        let Some(number) = self.number.clone() else { return Ok(self) };
        let today = date_of(tx.now);
        self.actors.extend(directory::decides_as(tx, &number, today).await?);
        Ok(self)
    }

    pub fn acts_as(&self, actor: &Actor) -> bool {
        self.actors.contains(&actor.to_string())
    }

    pub fn is(&self, number: &str) -> bool {
        self.number.as_deref() == Some(number)
    }
}
