//! What this service does with the news of planning, of the organisation and of appeals.

use events::{
    CycleCancelled, CycleOpened, CycleSubject, Event, SettledSheet, SheetsSettled, Stage, StagesMoved, Subject,
    SubjectsChanged,
};
use platform::bus::Handled;
use platform::sql::Lock;
use platform::{Result, Task, Tx};
use steps::directory::rows as known;

use crate::approvals::ending;
use crate::assignments::assigning;
use crate::corrections::following;
use crate::cycles::cycle::State;
use crate::cycles::rows as cycles;
use crate::directory::rows as directory;
use crate::engine::Scheme;
use crate::results::{published, readers};
use crate::sheets::rows as sheets;
use crate::subjects::rows as subjects;
use crate::subjects::subject::Appraised;
use crate::{approvals, duties, fact_checks, interviews, opinions, redos, reports, signatures, spot_checks, tasks};

pub fn handle<'a>(tx: &'a mut Tx, event: &'a Event) -> Task<'a, Result<Handled>> {
    Box::pin(async move {
        match event {
            Event::CycleOpened(opened) => open(tx, opened).await,
            Event::CycleCancelled(cancelled) => cancel(tx, cancelled).await,
            Event::StagesMoved(moved) => move_stages(tx, moved).await,
            Event::SubjectsChanged(changed) => change(tx, changed).await,
            Event::SheetsSettled(settled) => settle(tx, settled).await,
            Event::EmployeesChanged(changed) => {
                known::keep_people(tx, changed).await?;
                Ok(Handled::Done)
            }
            Event::UnitsChanged(changed) => {
                directory::keep_units(tx, &changed.units).await?;
                Ok(Handled::Done)
            }
            Event::AppealsReadersChanged(told) => {
                readers::keep(tx, told).await?;
                Ok(Handled::Done)
            }
            Event::AppealDecided(decided) => following::follow(tx, decided).await,
            Event::AnnulmentDecided(decided) => redos::beginning::annul(tx, decided).await,
            Event::DelegationsChanged(changed) => {
                known::keep_delegations(tx, changed).await?;
                Ok(Handled::Done)
            }
            Event::WorkingCalendarChanged(changed) => {
                known::keep_calendar(tx, changed).await?;
                Ok(Handled::Done)
            }
            Event::BodiesChanged(changed) => {
                known::keep_bodies(tx, changed).await?;
                Ok(Handled::Done)
            }
            _ => Ok(Handled::Done),
        }
    })
}

async fn open(tx: &mut Tx, opened: &CycleOpened) -> Result<Handled> {
    Scheme::of(&opened.scheme_source, &opened.cadence)?;
    cycles::insert(tx, opened).await?;
    Ok(Handled::Done)
}

async fn cancel(tx: &mut Tx, cancelled: &CycleCancelled) -> Result<Handled> {
    let Some(cycle) = cycles::find(tx, cancelled.cycle, Lock::Update).await? else {
        return Ok(Handled::NotYet);
    };
    if cycle.state == State::Computing {
        return Ok(Handled::NotYet);
    }
    ending::void(tx, &cycle).await?;
    cycles::set_state(tx, cycle.id, State::Cancelled).await?;
    tasks::following::end_all(tx, &cycle).await?;
    spot_checks::checking::end_all(tx, &cycle).await?;
    fact_checks::opening::end_all(tx, &cycle).await?;
    signatures::opening::end_all(tx, &cycle).await?;
    reports::opening::end_all(tx, &cycle).await?;
    duties::telling::end_all(tx, &cycle).await?;
    opinions::telling::end_all(tx, &cycle).await?;
    let about: Vec<Subject> = subjects::computed(tx, cycle.id, None).await?.iter().map(Appraised::key).collect();
    tasks::following::follow_results(tx, &cycle, &about).await?;
    Ok(Handled::Done)
}

async fn move_stages(tx: &mut Tx, moved: &StagesMoved) -> Result<Handled> {
    let Some(mut cycle) = cycles::find(tx, moved.cycle, Lock::Update).await? else {
        return Ok(Handled::NotYet);
    };
    let mut stages: Vec<Stage> = serde_json::from_value(cycle.stages)?;
    for stage in &moved.stages {
        stages.retain(|known| known.code != stage.code);
        stages.push(stage.clone());
    }
    cycle.stages = serde_json::to_value(stages)?;
    cycles::set_stages(tx, &cycle).await?;
    if cycle.state != State::Cancelled {
        tasks::following::follow_days(tx, &cycle, &moved.stages).await?;
        for stage in &moved.stages {
            approvals::telling::follow_day(tx, &cycle, &stage.code).await?;
            interviews::telling::follow_day(tx, &cycle, &stage.code).await?;
            spot_checks::telling::follow_day(tx, &cycle, &stage.code).await?;
            opinions::telling::follow_day(tx, &cycle, &stage.code).await?;
            reports::telling::follow_day(tx, &cycle, &stage.code).await?;
            signatures::telling::follow_day(tx, &cycle, &stage.code).await?;
        }
    }
    Ok(Handled::Done)
}

/// Whoever is appraised, or stands elsewhere now: their forms go to whom they belong. Whose result is published stays as
/// they were.
async fn change(tx: &mut Tx, changed: &SubjectsChanged) -> Result<Handled> {
    let Some(cycle) = cycles::find(tx, changed.cycle, Lock::Update).await? else {
        return Ok(Handled::NotYet);
    };
    match cycle.state {
        State::Cancelled => return Ok(Handled::Done),
        State::Computing => return Ok(Handled::NotYet),
        State::Open | State::Computed | State::Published => {}
    }
    let about: Vec<Subject> = changed.subjects.iter().map(|told| told.subject.clone()).collect();
    let published = published::subjects(tx, cycle.id, &about).await?;
    let fresh: Vec<CycleSubject> =
        changed.subjects.iter().filter(|told| !published.contains(&told.subject)).cloned().collect();
    let about: Vec<Subject> = fresh.iter().map(|told| told.subject.clone()).collect();
    let left = subjects::units_around(tx, cycle.id, &about).await?;
    subjects::keep(tx, cycle.id, &fresh).await?;
    cycles::notice_growth(tx, cycle.id, fresh.len()).await?;
    ending::reopen(tx, &cycle).await?;
    assigning::hand_out(tx, &cycle, &about).await?;
    reports::opening::open(tx, &cycle, &about).await?;
    duties::naming::open(tx, &cycle, &about).await?;
    // What waits in the units that they have left changes, too.
    let touched: Vec<Subject> = about.iter().cloned().chain(left.iter().map(Appraised::key)).collect();
    tasks::following::bring_up_to_date(tx, &cycle, &touched).await?;
    tasks::following::follow_results(tx, &cycle, &about).await?;
    Ok(Handled::Done)
}

async fn settle(tx: &mut Tx, settled: &SheetsSettled) -> Result<Handled> {
    let Some(cycle) = cycles::find(tx, settled.cycle, Lock::Update).await? else {
        return Ok(Handled::NotYet);
    };
    match cycle.state {
        State::Cancelled => return Ok(Handled::Done),
        State::Computing => return Ok(Handled::NotYet),
        State::Open | State::Computed | State::Published => {}
    }
    if let Some(appeal) = settled.redo {
        redos::beginning::take_over(tx, &cycle, appeal, &settled.sheets).await?;
        return Ok(Handled::Done);
    }
    let about: Vec<Subject> = settled.sheets.iter().map(|sheet| sheet.subject.clone()).collect();
    let published = published::subjects(tx, cycle.id, &about).await?;
    let fresh: Vec<SettledSheet> =
        settled.sheets.iter().filter(|sheet| !published.contains(&sheet.subject)).cloned().collect();
    let about: Vec<Subject> = fresh.iter().map(|sheet| sheet.subject.clone()).collect();
    let known = subjects::named(tx, cycle.id, &about).await?;
    if about.iter().any(|subject| !known.iter().any(|one| one.is(subject))) {
        return Ok(Handled::NotYet);
    }
    sheets::settle(tx, cycle.id, &fresh).await?;
    cycles::notice_growth(tx, cycle.id, about.len()).await?;
    if !fresh.is_empty() {
        ending::reopen(tx, &cycle).await?;
    }
    assigning::hand_out(tx, &cycle, &about).await?;
    tasks::following::bring_up_to_date(tx, &cycle, &about).await?;
    Ok(Handled::Done)
}
