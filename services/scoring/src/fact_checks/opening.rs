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
use crate::subjects::subject::{Appraised, Kind};
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

/// Whom a chain means for a subject. Where nobody is there, or it is whoever reported or whom the value is about, HR checks.
pub fn chain(
    checked_by: &[Acting],
    about: Option<&Appraised>,
    bodies: &Bodies,
    heads: &BTreeMap<String, String>,
    reported_by: &str,
) -> Vec<Vec<String>> {
    let hr = || Actor::Role("hr".to_owned());
    let person = |number: &str| {
        let leads = |about: &Appraised| about.kind == Kind::Unit && about.heads().any(|head| head == number);
        let own = number == reported_by || about.is_some_and(|about| about.is_person(number) || leads(about));
        if own { hr() } else { Actor::Person(number.to_owned()) }
    };
    let actor = |who: &Who| match who {
        Who::Role(role) => Actor::Role(role.clone()),
        Who::Unit(code) => heads.get(code).map_or_else(hr, |head| person(head)),
        Who::Body { code, office } if about.is_none() => Actor::Body { code: code.clone(), office: office.clone() },
        who => match about.and_then(|about| rater(who, about, bodies)) {
            Some(one) if one.kind == RaterKind::Person => person(&one.id),
            Some(one) => format!("{}:{}", one.kind, one.id).parse().unwrap_or_else(|_| hr()),
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

/// What it takes to hand what is reported about some subjects to those who check it: the parts of the report, and who leads
/// the units that the scheme's chains name.
pub async fn begin(
    tx: &mut Tx,
    scheme: &Scheme,
    viewer: &Viewer,
    about: &[Subject],
) -> Result<(Parts, BTreeMap<String, String>)> {
    let chains = scheme.chains();
    if chains.is_empty() {
        return Ok(Default::default());
    }
    Ok((Parts::knowing(tx, about, &viewer.bodies).await?, heads(tx, &chains).await?))
}

/// The units that chains name, with who leads them.
pub async fn heads(tx: &mut Tx, chains: &[Vec<Acting>]) -> Result<BTreeMap<String, String>> {
    let named = chains.iter().flatten().flat_map(Acting::who);
    let codes: BTreeSet<&str> =
        named.filter_map(|who| if let Who::Unit(code) = who { Some(code.as_str()) } else { None }).collect();
    if codes.is_empty() {
        return Ok(BTreeMap::new());
    }
    directory::heads(tx, &codes.into_iter().collect::<Vec<_>>()).await
}

/// Opens the first step of each part of a report.
pub async fn open(tx: &mut Tx, cycle: &Cycle, parts: &Parts) -> Result<()> {
    let mut opened = Vec::new();
    for ((chain, _), report) in &parts.ids {
        rows::insert_report(tx, *report, cycle.id, chain).await?;
        opened.extend(open_place(tx, cycle, *report, chain, 1).await?);
    }
    telling::tasks(tx, cycle, &opened).await
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
    telling::tasks(tx, cycle, &open).await
}

/// Nothing of a cancelled cycle is checked any more.
pub async fn end_all(tx: &mut Tx, cycle: &Cycle) -> Result<()> {
    let open = rows::list(tx, cycle.id, None, true, None, i64::MAX).await?;
    let ids: Vec<Uuid> = open.iter().map(|one| one.step).collect();
    step_rows::void(tx, &ids, date_of(tx.now)).await?;
    telling::tasks(tx, cycle, &ids).await
}
