//! Reported values are handed to those who check them, place by place.

use std::collections::{BTreeMap, BTreeSet};

use domain::scheme::source::{Acting, Who};
use events::{Subject, SubjectKind};
use platform::clock::date_of;
use platform::{Result, Tx};
use steps::directory::rows as known;
use steps::steps::{Actor, NewStep, StepState, rows as step_rows};
use uuid::Uuid;

use super::fact_check::FactCheck;
use super::{rows, telling};
use crate::assignments::acting::rater;
use crate::assignments::assignment::RaterKind;
use crate::cycles::cycle::Cycle;
use crate::directory::rows::{self as directory, Bodies};
use crate::engine::Scheme;
use crate::runs::telling::follow;
use crate::subjects::subject::Appraised;
use crate::viewer::Viewer;

/// Parts of a report, each with its own id: by the chains of those who check them. What is about somebody who may be one
/// of those who check is a part of its own: nobody checks that about themselves, and it keeps them from nothing else.
#[derive(Default)]
pub struct Parts {
    ids: BTreeMap<(Vec<Vec<String>>, Option<Subject>), Uuid>,
    /// Holders of roles, and whoever sits in a body.
    insiders: BTreeSet<String>,
}

impl Parts {
    /// With those of some subjects who may be asked to check.
    pub async fn knowing(tx: &mut Tx, about: &[Subject], bodies: &Bodies) -> Result<Self> {
        let people = about.iter().filter(|one| one.kind == SubjectKind::Person);
        let numbers: Vec<String> = people.map(|one| one.id.clone()).collect();
        let known = known::people(tx, &numbers).await?;
        // Everybody is an employee, and those roles that follow from the line check nothing by themselves.
        let checks = |role: &String| !["employee", "manager", "unit_head"].contains(&role.as_str());
        let insiders =
            known.into_iter().filter(|one| one.roles.iter().any(checks) || !bodies.of(&one.number).is_empty());
        Ok(Self { insiders: insiders.map(|one| one.number).collect(), ..Self::default() })
    }

    /// The part that a value belongs to.
    pub fn of(&mut self, chain: Vec<Vec<String>>, about: &Subject) -> Uuid {
        let apart = about.kind == SubjectKind::Unit || self.insiders.contains(&about.id);
        let key = (chain, apart.then(|| about.clone()));
        *self.ids.entry(key).or_insert_with(Uuid::now_v7)
    }
}

/// Whom the chains of a scheme name.
#[derive(Default)]
pub struct Named {
    /// The units, with who leads them.
    heads: BTreeMap<String, String>,
    /// Roles and bodies in which there is nobody but whoever reports: nobody checks what they reported themselves.
    alone: BTreeSet<String>,
}

/// Whom a chain means for a subject. Where nobody is there, or it is whoever reported or whom the value is about, or a role or
/// body with nobody but whoever reported, HR checks; where that is nobody else either, an executive.
pub fn chain(
    checked_by: &[Acting],
    about: Option<&Appraised>,
    bodies: &Bodies,
    named: &Named,
    reported_by: &str,
) -> Vec<Vec<String>> {
    let role = |role: &str| Actor::Role(role.to_owned());
    let hr = || if named.alone.contains("role:hr") { role("executive") } else { role("hr") };
    let somebody_else = |actor: Actor| if named.alone.contains(&actor.to_string()) { hr() } else { actor };
    let person = |number: &str| {
        let concerns = |about: &Appraised| about.is_person(number) || about.is_led_by(number);
        let own = number == reported_by || about.is_some_and(concerns);
        if own { hr() } else { Actor::Person(number.to_owned()) }
    };
    let actor = |who: &Who| match who {
        Who::Role(name) => somebody_else(role(name)),
        Who::Unit(code) => named.heads.get(code).map_or_else(hr, |head| person(head)),
        Who::Body { code, office } if about.is_none() => {
            somebody_else(Actor::Body { code: code.clone(), office: office.clone() })
        }
        who => match about.and_then(|about| rater(who, about, bodies)) {
            Some(one) if one.kind == RaterKind::Person => person(&one.id),
            Some(one) => format!("{}:{}", one.kind, one.id).parse().map_or_else(|_| hr(), somebody_else),
            None => hr(),
        },
    };
    let place = |acting: &Acting| {
        let actors: BTreeSet<String> = acting.who().iter().map(|who| actor(who).to_string()).collect();
        actors.into_iter().collect()
    };
    let mut chain: Vec<Vec<String>> = checked_by.iter().map(place).collect();
    // Where HR stands in at two places, one after the other, once is enough.
    chain.dedup();
    chain
}

/// What it takes to hand what is reported about some subjects to those who check it: the parts of the report, and whom the
/// scheme's chains name.
pub async fn begin(tx: &mut Tx, scheme: &Scheme, viewer: &Viewer, about: &[Subject]) -> Result<(Parts, Named)> {
    let chains = scheme.chains();
    if chains.is_empty() {
        return Ok(Default::default());
    }
    let named = named(tx, &chains, &viewer.bodies, viewer.number.as_deref()).await?;
    Ok((Parts::knowing(tx, about, &viewer.bodies).await?, named))
}

/// Whom chains name, as seen from whoever reports.
pub async fn named(tx: &mut Tx, chains: &[Vec<Acting>], bodies: &Bodies, reporter: Option<&str>) -> Result<Named> {
    let named = chains.iter().flatten().flat_map(Acting::who);
    let mut alone = BTreeSet::new();
    let is_alone = |members: &[&str]| reporter.is_some() && members.iter().all(|one| Some(*one) == reporter);
    let mut roles = BTreeSet::from(["hr"]);
    for who in named.clone() {
        match who {
            Who::Role(role) => drop(roles.insert(role.as_str())),
            Who::Body { code, office } => {
                let seats =
                    bodies.seats(code).iter().filter(|seat| office.as_ref().is_none_or(|one| seat.office == *one));
                let members: Vec<&str> = seats.map(|seat| &*seat.number).collect();
                let actor = Actor::Body { code: code.clone(), office: office.clone() };
                alone.extend((!members.is_empty() && is_alone(&members)).then(|| actor.to_string()));
            }
            _ => {}
        }
    }
    for role in roles {
        let holders = known::holders(tx, role, date_of(tx.now)).await?;
        let holders: Vec<&str> = holders.iter().map(String::as_str).collect();
        alone.extend((!holders.is_empty() && is_alone(&holders)).then(|| format!("role:{role}")));
    }
    Ok(Named { heads: directory::heads(tx, named).await?, alone })
}

/// Opens the first step of each part of a report.
pub async fn open(tx: &mut Tx, cycle: &Cycle, parts: &Parts) -> Result<()> {
    let mut opened = Vec::new();
    for ((chain, _), report) in &parts.ids {
        rows::insert_report(tx, *report, cycle.id, chain).await?;
        opened.extend(open_place(tx, cycle, *report, chain, 1).await?);
    }
    if opened.is_empty() {
        return Ok(());
    }
    telling::tasks(tx, cycle, &opened).await?;
    follow(tx, cycle.id).await
}

/// Opens the step of a place of a report's chain, where there is one.
pub async fn open_place(
    tx: &mut Tx,
    cycle: &Cycle,
    report: Uuid,
    chain: &[Vec<String>],
    place: i32,
) -> Result<Option<Uuid>> {
    let at = usize::try_from(place - 1).unwrap_or(usize::MAX);
    let Some(actors) = chain.get(at) else { return Ok(None) };
    let actors = actors.iter().filter_map(|actor| actor.parse().ok()).collect();
    let new = NewStep { about: FactCheck::about(report), place, actors, due: None };
    let step = step_rows::open(tx, &new, date_of(tx.now)).await?;
    rows::insert(tx, step, cycle.id, report, place).await?;
    Ok(Some(step))
}

/// What was reported about the same before is replaced: nobody checks a report of which nothing waits any more.
pub async fn replace(tx: &mut Tx, cycle: &Cycle, facts: &[(Subject, String)]) -> Result<()> {
    let touched = rows::replace(tx, cycle.id, facts).await?;
    end_empty(tx, cycle, &touched).await
}

/// Nobody checks reports of which nothing waits any more.
pub async fn end_empty(tx: &mut Tx, cycle: &Cycle, reports: &[Uuid]) -> Result<()> {
    if reports.is_empty() {
        return Ok(());
    }
    let empty = rows::empty(tx, reports).await?;
    let checks: Vec<Uuid> = rows::of_reports(tx, &empty).await?.iter().map(|one| one.step).collect();
    let open = step_rows::many(tx, &checks).await?;
    let open: Vec<Uuid> = open.iter().filter(|step| step.state == StepState::Open).map(|step| step.id).collect();
    step_rows::void(tx, &open, date_of(tx.now)).await?;
    telling::tasks(tx, cycle, &open).await?;
    follow(tx, cycle.id).await
}

/// Nothing of a cancelled cycle is checked any more.
pub async fn end_all(tx: &mut Tx, cycle: &Cycle) -> Result<()> {
    let open = rows::list(tx, cycle.id, None, true, None, i64::MAX).await?;
    let ids: Vec<Uuid> = open.iter().map(|one| one.step).collect();
    step_rows::void(tx, &ids, date_of(tx.now)).await?;
    telling::tasks(tx, cycle, &ids).await
}
