//! Handing what was changed of checked pay inputs to those who check it.

use std::collections::{BTreeMap, BTreeSet};

use events::EmployeeNumber;
use jiff::civil::Date;
use platform::clock::date_of;
use platform::{Caller, Result, Tx};
use serde_json::json;
use steps::directory::rows as directory;
use steps::steps::{Actor, NewStep, StepState, rows as step_rows};
use uuid::Uuid;

use super::check::{ProfileCheck, Reported, about};
use super::rows::Said;
use super::rules::{Chains, parts};
use super::{rows, telling};
use crate::held;
use crate::profiles::profile::Change;

/// People whose inputs one audit entry holds.
const RECORDED_AT_ONCE: usize = 500;

/// Where a change came from.
pub struct Origin<'a> {
    /// The day from which it is in force.
    pub day: Date,
    /// Of the file, where it was one.
    pub sha256: Option<&'a str>,
    /// All pay inputs that it spoke of: what waited of them from the same day on is replaced.
    pub said: Vec<Said<'a>>,
}

/// Takes out of changes what is checked first, and asks those who check it. What is left of the changes, and how many inputs
/// wait.
pub async fn report<P>(
    tx: &mut Tx,
    caller: &Caller<P>,
    chains: &Chains,
    origin: Origin<'_>,
    changes: Vec<Change>,
) -> Result<(Vec<Change>, usize)> {
    if chains.is_empty() {
        return Ok((changes, 0));
    }
    let said = origin.said.into_iter().filter(|(number, input, _)| chains.get(input).is_some() && !caller.is(number));
    let said: Vec<Said<'_>> = said.collect();
    let mut touched = replace(tx, origin.day, &said).await?;
    let otherwise = rows::unsettled_otherwise(tx, origin.day, &said).await?;
    let (changes, reported) = chains.part(changes, &otherwise);
    touched.extend(reported.iter().map(|one| one.number.clone()));
    let count = reported.len();
    if count > 0 {
        let holders = holders(tx, chains).await?;
        for (part, reported) in parts(reported, chains, &holders, caller.employee.as_deref()) {
            let check = rows::insert(tx, origin.day, &part, origin.sha256).await?;
            rows::insert_values(tx, check, &reported).await?;
            for some in reported.chunks(RECORDED_AT_ONCE) {
                let inputs: Vec<_> = some.iter().map(recorded).collect();
                let about = json!({ "effective_on": origin.day, "inputs": inputs });
                tx.audit("pay_profiles.reported", &check.to_string(), about).await?;
            }
            if let Some(first) = at(&part.places, 1) {
                open(tx, check, first.to_vec(), 1).await?;
            }
        }
    }
    let touched: Vec<&str> = touched.iter().map(EmployeeNumber::as_str).collect();
    held::rows::make_due(tx, &touched).await?;
    Ok((changes, count))
}

fn recorded(one: &Reported) -> serde_json::Value {
    json!({ "number": one.number, "input": one.input, "before": one.before, "after": one.value })
}

/// Who holds each role and sits in each body that chains name.
async fn holders(tx: &mut Tx, chains: &Chains) -> Result<BTreeMap<Actor, Vec<String>>> {
    let mut holders = BTreeMap::new();
    for actor in chains.actors() {
        let all = holders_of(tx, &actor).await?;
        holders.insert(actor, all);
    }
    Ok(holders)
}

async fn holders_of(tx: &mut Tx, actor: &Actor) -> Result<Vec<String>> {
    let today = date_of(tx.now);
    Ok(match actor {
        Actor::Person(number) => vec![number.clone()],
        Actor::Role(role) => directory::holders(tx, role, today).await?,
        Actor::Body { code, office } => {
            let seats = directory::body(tx, code, today).await?.map(|body| body.seats).unwrap_or_default();
            let seats = seats.into_iter().filter(|seat| office.as_ref().is_none_or(|one| seat.office == *one));
            seats.map(|seat| seat.number.to_string()).collect()
        }
    })
}

/// Whether one of these may decide about a check; where nobody holds a role yet, somebody may come to.
pub async fn has_somebody(tx: &mut Tx, check: &ProfileCheck, actors: &[Actor]) -> Result<bool> {
    for actor in actors {
        let holders = holders_of(tx, actor).await?;
        if holders.is_empty() {
            return Ok(true);
        }
        for holder in holders {
            if rows::barred(tx, check, &holder).await?.is_none() {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// Who checks at a place of a chain, the first of which is 1.
pub fn at(places: &[Vec<Actor>], place: i32) -> Option<&[Actor]> {
    places.get(usize::try_from(place - 1).ok()?).map(Vec::as_slice)
}

/// Opens the step of a place of a check's chain.
pub async fn open(tx: &mut Tx, check: Uuid, actors: Vec<Actor>, place: i32) -> Result<()> {
    let new = NewStep { about: about(check), place, actors, due: None };
    let step = step_rows::open(tx, &new, date_of(tx.now)).await?;
    rows::set_step(tx, check, Some(step)).await?;
    telling::tasks(tx, check, &[step]).await
}

/// What waited about the same is replaced: nobody checks what nobody wants any more. Whose it was.
async fn replace(tx: &mut Tx, day: Date, said: &[Said<'_>]) -> Result<BTreeSet<EmployeeNumber>> {
    let replaced = rows::replace(tx, day, said).await?;
    let checks: BTreeSet<Uuid> = replaced.iter().map(|(check, _)| *check).collect();
    for check in &checks {
        let numbers: Vec<&EmployeeNumber> =
            replaced.iter().filter(|(of, _)| of == check).map(|(_, number)| number).collect();
        for some in numbers.chunks(RECORDED_AT_ONCE) {
            tx.audit("profile_checks.replaced", &check.to_string(), json!({ "numbers": some })).await?;
        }
    }
    for (check, step) in rows::emptied(tx, &checks.into_iter().collect::<Vec<_>>()).await? {
        step_rows::end(tx, step, StepState::Void, date_of(tx.now)).await?;
        rows::set_step(tx, check, None).await?;
        telling::tasks(tx, check, &[step]).await?;
    }
    Ok(replaced.into_iter().map(|(_, number)| number).collect())
}
