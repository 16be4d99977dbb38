//! Opening a level: who decides there, until when; a level at which nobody can decide is passed over.

use std::collections::BTreeSet;

use jiff::civil::Date;
use platform::clock::date_of;
use platform::{Result, Tx};
use steps::directory::rows as directory;
use steps::steps::rules::has_somebody_else;
use steps::steps::{Actor, Member, NewStep, StepState, rows as step_rows};

use super::rules::Named;
use super::telling::{self, Why};
use crate::appeals::rows::{self, Moved};
use crate::appeals::{AppealState, Case};

/// Why a member of a body takes no part, where the system finds it.
const CONCERNED: &str = "与本案有关 / concerned by the case";

/// Opens a level, or the next one at which somebody can decide. Where nobody can at the last, HR has to name somebody.
pub async fn open(tx: &mut Tx, case: &Case, place: i32, due: Option<Date>, why: Option<Why>) -> Result<()> {
    let today = date_of(tx.now);
    let levels = case.terms.levels();
    let (mut place, mut why) = (place, why);
    loop {
        let level = usize::try_from(place - 1).ok().and_then(|at| levels.get(at)).map_or(&[][..], Vec::as_slice);
        let named = Named::of(level, &case.about.standpoint());
        let panel = panel(tx, case, &named, today).await?;
        let able = named.is_talk || named.is_assigned || is_able(tx, case, &named, &panel, today).await?;
        let last = place >= case.levels();
        let actors = if able || !last { named.actors } else { Vec::new() };
        let step = NewStep { about: case.appeal.name(), place, actors, due };
        let id = step_rows::open(tx, &step, today).await?;
        step_rows::set_panel(tx, id, &panel).await?;
        if !able && !last {
            step_rows::end(tx, id, StepState::Missed, today).await?;
            (place, why) = (place + 1, Some(Why::Nobody));
            continue;
        }
        let moved =
            Moved { state: AppealState::Open, level: place, respond_by: due, until: None, ..Moved::of(&case.appeal) };
        rows::put(tx, case.appeal.id, &moved).await?;
        telling::tasks(tx, case, id).await?;
        if let Some(why) = why {
            telling::moved_up(tx, case, id, why).await?;
        }
        return Ok(());
    }
}

/// Opens the level after the one of a case, with a term that runs anew.
pub async fn carry_on(tx: &mut Tx, case: &Case) -> Result<()> {
    go_up(tx, case, Why::CarriedOn).await
}

/// Opens the level after the one of a case, because it was not answered in time, or was carried on.
pub async fn go_up(tx: &mut Tx, case: &Case, why: Why) -> Result<()> {
    let today = date_of(tx.now);
    let due = case.terms.answered_by(today, &directory::calendar(tx).await?);
    open(tx, case, case.appeal.level + 1, due, Some(why)).await
}

/// Who sits where a body decides: those who hold a seat today, and whoever is named beside it. Whoever is concerned
/// withdraws, unless the scheme itself has them beside the body.
async fn panel(tx: &mut Tx, case: &Case, named: &Named, today: Date) -> Result<Vec<Member>> {
    let body = named.actors.iter().find_map(|actor| match actor {
        Actor::Body { code, office } => Some((code, office)),
        _ => None,
    });
    let Some((code, office)) = body else { return Ok(Vec::new()) };
    let beside = named.actors.iter().filter_map(|actor| match actor {
        Actor::Person(number) => Some(Member {
            number: number.clone(),
            represents: None,
            withdrew_why: (*number == case.appeal.appellant).then(|| CONCERNED.to_owned()),
            fills: None,
        }),
        _ => None,
    });
    let mut members: Vec<Member> = beside.collect();
    let seats = directory::body(tx, code, today).await?.map(|body| body.seats).unwrap_or_default();
    for seat in seats.into_iter().filter(|seat| office.as_ref().is_none_or(|office| *office == seat.office)) {
        let number = seat.number.to_string();
        if members.iter().any(|member| member.number == number) {
            continue;
        }
        let withdrew_why = case.concerned.contains(&number).then(|| CONCERNED.to_owned());
        members.push(Member { number, represents: seat.represents, withdrew_why, fills: None });
    }
    Ok(members)
}

/// Whether somebody can decide who is not concerned.
async fn is_able(tx: &mut Tx, case: &Case, named: &Named, panel: &[Member], today: Date) -> Result<bool> {
    let mut able: BTreeSet<String> = panel.iter().filter(|one| one.sits()).map(|one| one.number.clone()).collect();
    for actor in &named.actors {
        match actor {
            Actor::Person(number) => drop(able.insert(number.clone())),
            Actor::Role(role) => able.extend(directory::holders(tx, role, today).await?),
            Actor::Body { .. } => {}
        }
    }
    Ok(has_somebody_else(able.iter().map(String::as_str), &case.concerned))
}
