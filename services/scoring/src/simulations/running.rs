//! Goes through a cycle, some units at a time, and keeps of it the numbers and one page of people.

use std::collections::BTreeMap;

use platform::aside::aside;
use platform::web::read;
use platform::{Caller, Platform, Problem, Result, say};
use serde_json::Value;

use super::paying::{Pay, Payments};
use super::policies::{Policies, Policy};
use super::rows;
use super::rules::{Change, Counts, Outcome, batches, moves};
use super::simulation::Shown;
use crate::cycles::cycle::Cycle;
use crate::engine::computing::{Detail, Findings, Kept, Piece};
use crate::engine::trying::{LeftOut, Tried, try_out};
use crate::permissions::SimulatePolicy;
use crate::runs::loading::{self, WHOLE};
use crate::subjects::subject::Kind;

/// People who are computed and paid together, unless one unit has more.
const PEOPLE_AT_ONCE: i64 = 2000;
/// People left out who are listed; the others are counted.
const LISTED: usize = 1000;

/// Which people are shown.
pub struct Page {
    pub shown: Shown,
    pub after: String,
    pub limit: usize,
    /// Whoever looks, until the results are published: nobody learns theirs before.
    pub hidden: Option<String>,
}

/// Somebody with what came out for them.
pub struct Person {
    pub number: String,
    pub name: String,
    pub unit: String,
    pub now: Outcome,
    pub before: Option<Outcome>,
}

/// Under which of the two somebody could not be computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Under {
    Policy,
    Against,
}

/// What came of a simulation.
#[derive(Default)]
pub struct Run {
    pub policy: Counts,
    pub against: Counts,
    pub change: Change,
    /// In the order of their numbers; one more than the page holds where others follow.
    pub people: Vec<Person>,
    pub left_out: Vec<(Under, LeftOut)>,
}

/// The cycle as a caller may look at it.
pub struct Scene<'a> {
    pub platform: &'a Platform,
    pub caller: &'a Caller<SimulatePolicy>,
    pub cycle: &'a Cycle,
    pub unit: Option<&'a str>,
    /// Facts of the company as they are now.
    pub company_facts: BTreeMap<String, Value>,
    /// Who is asked for pay, where it is wanted.
    pub pay: Option<Pay>,
}

/// Computes the policies for everybody who can be computed.
pub async fn run(scene: &Scene<'_>, policies: &Policies, page: &Page) -> Result<Run> {
    let mut run = Run::default();
    for batch in pieces(scene, policies).await? {
        let piece = load(scene, &batch).await?;
        let now = of_policy(scene, &policies.tried, &piece).await?;
        let before = match &policies.against {
            Some(against) => Some(of_policy(scene, against, &piece).await?),
            None => None,
        };
        run.take(piece, now, before, page)?;
        run.cut(page);
    }
    Ok(run)
}

/// What is computed together. No transaction stays open meanwhile: it may take long, and pay has to answer.
async fn pieces(scene: &Scene<'_>, policies: &Policies) -> Result<Vec<Vec<String>>> {
    let units =
        read(scene.platform, scene.caller, async |tx| rows::unit_sizes(tx, scene.cycle.id, scene.unit).await).await?;
    if units.is_empty() && scene.unit.is_some() {
        return Err(Problem::field("/unit", say!("本周期没有该部门", "the cycle has no such unit")));
    }
    if policies.is_company_wide() {
        return Ok(vec![vec![WHOLE.to_owned()]]);
    }
    Ok(batches(units.into_iter().map(|unit| (unit.code, unit.people)), PEOPLE_AT_ONCE))
}

async fn load(scene: &Scene<'_>, batch: &[String]) -> Result<Piece> {
    read(scene.platform, scene.caller, async |tx| loading::load(tx, scene.cycle, batch).await).await
}

/// One policy's answer for a piece.
struct Answer {
    found: Findings,
    left_out: Vec<LeftOut>,
    /// None where nobody asked.
    payments: Option<Payments>,
}

async fn of_policy(scene: &Scene<'_>, policy: &Policy, piece: &Piece) -> Result<Answer> {
    let (computed, fitted) = (policy.clone(), policy.fitted(piece.clone()));
    let ground = policy.cycle.ground(scene.company_facts.clone());
    let trying =
        move |wanted: &_| try_out(&computed.scheme, &ground, fitted, &Kept::default(), Detail::Results, wanted);
    let tried = aside(trying).await?;
    let Tried { found, left_out } = tried.map_err(|faults| policy.refused(faults))?;
    let payments = match &scene.pay {
        Some(pay) => Some(pay.ask(policy, piece, &found).await?),
        None => None,
    };
    Ok(Answer { found, left_out, payments })
}

impl Answer {
    /// Counts everybody, and gives their outcomes by number.
    fn count(self, counts: &mut Counts) -> Result<(BTreeMap<String, Outcome>, Vec<LeftOut>)> {
        let Self { found, mut left_out, payments } = self;
        left_out.retain(|one| one.kind == Kind::Person);
        counts.left_out += left_out.len();
        counts.warnings.extend(found.warnings);
        let mut paid = BTreeMap::new();
        if let Some(payments) = payments {
            counts.unpaid += payments.lacking.len();
            counts.warnings.extend(payments.warnings);
            left_out.extend(payments.lacking);
            paid = payments.by_number;
        }
        let people = found.subjects.into_iter().filter(|found| found.kind == Kind::Person);
        let outcomes = people.map(|found| {
            let outcome = Outcome { paid: paid.remove(&found.subject), found };
            counts.add(&outcome)?;
            Ok((outcome.found.subject.clone(), outcome))
        });
        Ok((outcomes.collect::<Result<_>>()?, left_out))
    }
}

impl Run {
    fn take(&mut self, piece: Piece, now: Answer, before: Option<Answer>, page: &Page) -> Result<()> {
        let (mut now, left_out) = now.count(&mut self.policy)?;
        self.left_out.extend(left_out.into_iter().map(|one| (Under::Policy, one)));
        let mut earlier = BTreeMap::new();
        if let Some(before) = before {
            let (outcomes, left_out) = before.count(&mut self.against)?;
            self.left_out.extend(left_out.into_iter().map(|one| (Under::Against, one)));
            earlier = outcomes;
        }
        for member in piece.people {
            let number = member.inputs.number;
            let Some(now) = now.remove(&number) else { continue };
            let before = earlier.remove(&number);
            if let Some(before) = &before {
                self.change.add(before, &now)?;
            }
            let person = Person { number, name: member.name, unit: member.unit, now, before };
            if page.shows(&person) {
                self.people.push(person);
            }
        }
        Ok(())
    }

    /// Lets go of what no answer shows, so that a large cycle needs no more memory than a batch of it.
    fn cut(&mut self, page: &Page) {
        self.people.sort_by(|one, other| one.number.cmp(&other.number));
        self.people.truncate(page.limit + 1);
        self.left_out.sort_by(|(_, one), (_, other)| one.subject.cmp(&other.subject));
        self.left_out.retain(|(_, one)| page.hidden.as_ref() != Some(&one.subject));
        self.left_out.truncate(LISTED);
    }
}

impl Page {
    fn shows(&self, person: &Person) -> bool {
        let wanted = match self.shown {
            Shown::All => true,
            Shown::Moved => person.before.as_ref().is_some_and(|before| moves(before, &person.now)),
            Shown::None => false,
        };
        wanted && person.number > self.after && self.hidden.as_ref() != Some(&person.number)
    }
}
