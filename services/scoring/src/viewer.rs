use events::Subject;
use platform::clock::date_of;
use platform::{Caller, Result, Role, Tx};
use steps::directory::StandsFor;

use crate::assignments::assignment::{Rater, RaterKind};
use crate::directory::rows::{self as directory, Bodies, Leads};
use crate::subjects::subject::{Appraised, Kind};

/// The caller, as far as scoring cares.
#[derive(Clone, Debug, Default)]
pub struct Viewer {
    pub number: Option<String>,
    /// For the record: employee number or account name.
    pub name: String,
    /// Names of roles as schemes write them.
    pub roles: Vec<&'static str>,
    pub hr: bool,
    pub executive: bool,
    pub auditor: bool,
    /// A client of machines with the scope to enter facts.
    pub machine: bool,
    pub bodies: Bodies,
    /// Units that rate, with those who lead them.
    pub units: Leads,
    /// For whom the caller acts today.
    pub stands_for: Vec<StandsFor>,
}

impl Viewer {
    pub fn is(&self, number: &str) -> bool {
        self.number.as_deref() == Some(number)
    }

    /// Whether the caller is the one of that number, where there is one.
    pub fn is_any(&self, number: Option<&str>) -> bool {
        number.is_some() && self.number.as_deref() == number
    }

    /// Whether something is about the caller, or about the unit they lead or belong to: nobody decides about these.
    pub fn is_concerned_by(&self, about: &Appraised, own_unit: Option<&str>) -> bool {
        let Some(number) = self.number.as_deref() else { return false };
        let stands_in = about.kind == Kind::Unit && own_unit == Some(&about.unit);
        about.is_person(number) || about.is_led_by(number) || stands_in
    }

    pub fn has(&self, role: &str) -> bool {
        self.roles.contains(&role)
    }

    pub fn sits_in(&self, body: &str, office: Option<&str>) -> bool {
        self.number.as_deref().is_some_and(|number| self.bodies.holds(body, office, number))
    }

    pub fn leads(&self, unit: &str) -> bool {
        self.number.as_deref().is_some_and(|number| self.units.leads(number, unit))
    }

    /// As whom the caller rates: themselves and those for whom they do, the bodies and offices in which they sit, the
    /// units that they lead, and their roles.
    pub fn raters(&self) -> Vec<Rater> {
        let others = self.stands_for.iter().filter(|one| one.rating).map(|one| Rater::person(&one.of));
        self.own_raters().into_iter().chain(others).collect()
    }

    fn own_raters(&self) -> Vec<Rater> {
        let number = self.number.as_deref();
        let bodies = number.map(|number| self.bodies.of(number)).unwrap_or_default();
        let bodies = bodies.into_iter().map(|id| Rater { kind: RaterKind::Body, id });
        let units = number.into_iter().flat_map(|number| self.units.of(number)).map(Rater::unit);
        let roles = self.roles.iter().map(|role| Rater::role(role));
        number.map(Rater::person).into_iter().chain(bodies).chain(units).chain(roles).collect()
    }

    /// As whom the caller acts by themselves, as steps name them.
    pub fn own_actors(&self) -> Vec<String> {
        self.own_raters().iter().map(ToString::to_string).collect()
    }

    /// As whom the caller decides in steps.
    pub fn actors(&self) -> Vec<String> {
        let others = self.stands_for.iter().filter(|one| one.deciding).map(|one| Rater::person(&one.of));
        self.own_raters().into_iter().chain(others).map(|rater| rater.to_string()).collect()
    }

    /// Is whom something is about.
    pub fn is_subject(&self, subject: &Subject) -> bool {
        self.number.as_deref().is_some_and(|number| *subject == Subject::person(number))
    }

    /// Runs the appraisal, or looks after it.
    pub fn sees_all(&self) -> bool {
        self.hr || self.executive || self.auditor
    }

    pub fn of<P>(caller: &Caller<P>) -> Self {
        Self {
            number: caller.employee.clone(),
            name: caller.actor().name,
            roles: caller.roles.iter().map(|role| role.name()).collect(),
            hr: caller.has(Role::Hr),
            executive: caller.has(Role::Executive),
            auditor: caller.has(Role::Auditor),
            machine: caller.has(Role::Machine),
            bodies: Bodies::default(),
            units: Leads::default(),
            stands_for: Vec::new(),
        }
    }

    /// With the bodies in which the caller may sit, the units that they may lead, and those for whom they act.
    pub async fn seated(mut self, tx: &mut Tx) -> Result<Self> {
        let today = date_of(tx.now);
        let groups = directory::groups(tx, self.number.as_deref(), today).await?;
        (self.bodies, self.units, self.stands_for) = (groups.bodies, groups.leads, groups.stands_for);
        Ok(self)
    }

    /// Whether the caller fills in what is somebody's to fill in.
    pub fn rates_for(&self, number: &str) -> bool {
        self.is(number) || self.stands_for.iter().any(|one| one.rating && one.of == number)
    }

    /// Whether the caller decides what is somebody's to decide.
    pub fn decides_for(&self, number: &str) -> bool {
        self.is(number) || self.stands_for.iter().any(|one| one.deciding && one.of == number)
    }
}
