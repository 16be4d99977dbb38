//! Asking for the approvals that are due: those of the first stage when a cycle is computed, the next ones when these are
//! there.

use std::collections::HashMap;

use domain::scheme::source::{StageOn, Who};
use platform::clock::date_of;
use platform::{Result, Tx};
use steps::steps::{Actor, NewStep, StepState, rows as step_rows};

use super::approval::{Approval, DecidingStage};
use super::rules::Board;
use super::{rows, telling};
use crate::assignments::acting;
use crate::assignments::assignment::RaterKind;
use crate::cycles::cycle::Cycle;
use crate::directory::rows::{self as directory, Bodies};
use crate::runs::rows as runs;
use crate::subjects::rows as subjects;
use crate::subjects::subject::Appraised;

/// Opens every step of the last run that is due now.
pub async fn open_due(tx: &mut Tx, cycle: &Cycle) -> Result<()> {
    let stages = DecidingStage::of(cycle)?;
    if stages.is_empty() {
        return Ok(());
    }
    let today = date_of(tx.now);
    let run = runs::last(tx, cycle.id).await?;
    let (units, asked) = (rows::units(tx, cycle.id).await?, rows::of_run(tx, cycle.id, run).await?);
    let due = Board::of(&stages, &units, &asked);
    let due = due.to_open();
    if due.is_empty() {
        return Ok(());
    }
    let codes: Vec<String> = due.iter().map(|place| place.unit.to_owned()).collect();
    let about = subjects::units(tx, cycle.id, Some(&codes)).await?;
    let about: HashMap<&str, &Appraised> = about.iter().map(|unit| (unit.subject.as_str(), unit)).collect();
    let bodies = directory::groups(tx, None, today).await?.bodies;
    let mut steps = Vec::with_capacity(due.len());
    for place in &due {
        let stage = &stages[place.stage];
        let about = about.get(place.unit).copied();
        let actors = actors(stage.who(place.place), stage.on, about, &bodies);
        steps.push(NewStep { about: format!("approval:{}", cycle.id), place: place.place, actors, due: stage.due });
    }
    let ids = step_rows::open_many(tx, &steps, today).await?;
    let approval = |(step, place): (&uuid::Uuid, &super::rules::Place<'_>)| Approval {
        step: *step,
        cycle: cycle.id,
        run,
        stage: stages[place.stage].code.clone(),
        unit: place.unit.to_owned(),
        categories: stages[place.stage].categories.clone(),
        place: place.place,
        state: StepState::Open,
    };
    let opened: Vec<Approval> = ids.iter().zip(&due).map(approval).collect();
    rows::insert(tx, &opened).await?;
    telling::tasks(tx, cycle, &opened).await
}

/// Whom a step means: of a body whose members are in charge of units the one in charge of the unit. Where nobody is there
/// HR decides, who may name somebody.
fn actors(who: &[Who], on: StageOn, about: Option<&Appraised>, bodies: &Bodies) -> Vec<Actor> {
    let actor = |who: &Who| match (who, about) {
        (Who::Role(role), _) => Some(Actor::Role(role.clone())),
        (Who::Body { code, office }, None) => Some(Actor::Body { code: code.clone(), office: office.clone() }),
        (who, Some(about)) if on == StageOn::Units => {
            let rater = acting::rater(who, about, bodies)?;
            match rater.kind {
                RaterKind::Person => Some(Actor::Person(rater.id)),
                _ => format!("{}:{}", rater.kind, rater.id).parse().ok(),
            }
        }
        _ => None,
    };
    let mut actors: Vec<Actor> = who.iter().filter_map(actor).collect();
    actors.sort();
    actors.dedup();
    if actors.is_empty() { vec![Actor::Role("hr".to_owned())] } else { actors }
}
