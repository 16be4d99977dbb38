//! Who has something to do at a level.

use std::collections::BTreeSet;

use platform::clock::date_of;
use platform::sql::Lock;
use platform::{Result, Tx};
use steps::directory::rows as directory;
use steps::steps::rules::{Together, together};
use steps::steps::{Actor, Member, Step, StepState, rows as step_rows};
use uuid::Uuid;

use crate::appeals::Case;

/// Those who have something to do in a step, as tasks name them: who decides, or HR where somebody has to be named. What a
/// group has to do is one task, unless some of it must not see to it.
pub async fn holders(tx: &mut Tx, case: &Case, step: Uuid) -> Result<Vec<String>> {
    let mut holders = BTreeSet::new();
    for group in groups(tx, case, step).await? {
        match group.name {
            Some(name) => drop(holders.insert(name)),
            None => holders.extend(group.people.iter().map(|number| format!("person:{number}"))),
        }
    }
    Ok(holders.into_iter().collect())
}

/// The same, each person by themselves.
pub async fn people(tx: &mut Tx, case: &Case, step: Uuid) -> Result<BTreeSet<String>> {
    Ok(groups(tx, case, step).await?.into_iter().flat_map(|group| group.people).collect())
}

/// People who have to do something together.
struct Group {
    people: Vec<String>,
    /// As tasks name it, where all of it may see to it.
    name: Option<String>,
}

async fn groups(tx: &mut Tx, case: &Case, step: Uuid) -> Result<Vec<Group>> {
    let step = step_rows::get(tx, step, Lock::None).await?;
    if step.state != StepState::Open {
        return Ok(Vec::new());
    }
    let decisions = step_rows::decisions(tx, &[step.id]).await?;
    let mut waiting = match together(&step, &decisions) {
        Together::Waiting(waiting) => waiting,
        Together::Agreed | Together::Divided => step.actors(),
    };
    if step.actors.is_empty() {
        waiting.push(Actor::Role("hr".to_owned()));
    }
    let mut groups = Vec::new();
    for actor in waiting {
        let group = match &actor {
            Actor::Person(number) => Group { people: vec![number.clone()], name: None },
            Actor::Role(role) => {
                let holders = directory::holders(tx, role, date_of(tx.now)).await?;
                without_appellant(holders, &actor, &case.appeal.appellant)
            }
            Actor::Body { .. } => of_body(tx, case, &step, &actor).await?,
        };
        groups.push(group);
    }
    Ok(groups)
}

/// Whoever appealed has a say in a talk, and in nothing else.
fn without_appellant(mut people: Vec<String>, group: &Actor, appellant: &str) -> Group {
    let all = people.len();
    people.retain(|number| number != appellant);
    let name = (people.len() == all).then(|| group.to_string());
    Group { people, name }
}

/// A panel is its body as long as nobody withdrew, fills a seat or sits beside it.
async fn of_body(tx: &mut Tx, case: &Case, step: &Step, body: &Actor) -> Result<Group> {
    let panel = step_rows::panel(tx, step.id).await?;
    let whole = step.actors.len() == 1 && panel.iter().all(|member| member.sits() && member.fills.is_none());
    let people = panel.into_iter().filter(Member::sits).map(|member| member.number).collect();
    let group = without_appellant(people, body, &case.appeal.appellant);
    Ok(Group { name: group.name.filter(|_| whole), ..group })
}
