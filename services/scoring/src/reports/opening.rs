//! Reports are asked for from the day on which somebody is known to take part.

use events::Subject;
use platform::clock::date_of;
use platform::{Result, Tx};
use steps::directory::rows as known;
use steps::steps::{Actor, NewStep, StepState, rows as step_rows};
use uuid::Uuid;

use super::report::{self, Report, ReportStage};
use super::{rows, telling};
use crate::cycles::cycle::Cycle;
use crate::subjects::rows as subjects;
use crate::subjects::subject::{Appraised, Kind, Standing};

/// Asks for the reports about some subjects that take part and have none yet, and those who have to act about them now.
pub async fn open(tx: &mut Tx, cycle: &Cycle, about: &[Subject]) -> Result<()> {
    let stages = ReportStage::of(cycle)?;
    if stages.is_empty() {
        return Ok(());
    }
    let mut subjects = subjects::named(tx, cycle.id, about).await?;
    subjects.retain(|one| one.kind == Kind::Person && one.standing == Standing::In);
    if stages.iter().any(|stage| stage.kind == Kind::Unit) {
        subjects.extend(subjects::units_taking_part(tx, cycle.id, about).await?);
    }
    follow(tx, cycle, &stages, &subjects).await?;
    let today = date_of(tx.now);
    for stage in &stages {
        let about: Vec<&Appraised> = subjects.iter().filter(|one| stage.is_about(one)).collect();
        let names: Vec<&str> = about.iter().map(|one| one.subject.as_str()).collect();
        let known = rows::known(tx, cycle.id, stage, &names).await?;
        let lacking = about.into_iter().filter(|one| !known.contains(&one.subject));
        let new: Vec<(Uuid, &Appraised)> = lacking.map(|one| (Uuid::now_v7(), one)).collect();
        if new.is_empty() {
            continue;
        }
        let named: Vec<(Uuid, &str)> = new.iter().map(|(id, one)| (*id, one.subject.as_str())).collect();
        rows::insert(tx, cycle.id, stage, &named).await?;
        let step = |(id, one): &(Uuid, &Appraised)| NewStep {
            about: report::about(*id),
            place: 1,
            actors: actors(stage, 1, one),
            due: stage.due,
        };
        let steps: Vec<NewStep> = new.iter().map(step).collect();
        step_rows::open_many(tx, &steps, today).await?;
        let ids: Vec<Uuid> = new.iter().map(|(id, _)| *id).collect();
        let opened = rows::many(tx, &ids).await?;
        telling::tasks(tx, cycle, &opened).await?;
    }
    Ok(())
}

/// Where somebody has another superior, or another line, whoever has to write or confirm is asked anew; what was written and
/// confirmed stays.
async fn follow(tx: &mut Tx, cycle: &Cycle, stages: &[ReportStage], subjects: &[Appraised]) -> Result<()> {
    let keys: Vec<Subject> = subjects.iter().map(Appraised::key).collect();
    let reports = rows::open_about(tx, cycle.id, &keys).await?;
    if reports.is_empty() {
        return Ok(());
    }
    let about: Vec<String> = reports.iter().map(Report::about).collect();
    let steps = step_rows::about_any(tx, &about).await?;
    let mut moved = Vec::new();
    for report in reports {
        let stage = stages.iter().find(|stage| stage.code == report.stage);
        let about = subjects.iter().find(|one| one.is(&report.key()));
        let step = steps.iter().find(|step| step.about == report.about() && step.state == StepState::Open);
        let (Some(stage), Some(about), Some(step)) = (stage, about, step) else { continue };
        let place = usize::try_from(step.place).unwrap_or_default();
        let actors = actors(stage, place, about);
        let actors = if place == 1 { Some(actors) } else { others(tx, &report, actors).await? };
        let Some(actors) = actors else { continue };
        let mut actors: Vec<String> = actors.iter().map(ToString::to_string).collect();
        // Nobody confirms what they wrote, or confirmed before: HR does.
        let mut before = steps.iter().filter(|one| one.about == step.about && one.state == StepState::Done);
        if before.any(|one| one.actors.iter().any(|acted| actors.contains(acted))) {
            actors = vec!["role:hr".to_owned()];
        }
        if actors != step.actors {
            step_rows::set_actors(tx, step.id, &actors).await?;
            moved.push(report);
        }
    }
    telling::tasks(tx, cycle, &moved).await
}

/// Who acts at a place; where nobody is there HR does. Nobody but the person themselves acts in their place about them. Whoever is
/// in charge of the unit may be its head too: they write about it.
pub fn actors(stage: &ReportStage, place: usize, about: &Appraised) -> Vec<Actor> {
    let who = stage.by.get(place - 1).map_or(&[][..], Vec::as_slice);
    let oneself = Actor::Person(about.subject.clone());
    let names = |who: &domain::scheme::source::Who| {
        Actor::of(who, &about.line()).filter(|actor| *actor != oneself || *who == domain::scheme::source::Who::Oneself)
    };
    let mut actors: Vec<Actor> = who.iter().filter_map(names).collect();
    actors.sort();
    actors.dedup();
    if actors.is_empty() { vec![Actor::Role("hr".to_owned())] } else { actors }
}

/// Those who confirm a report that was handed in, without whoever wrote it; where there is nobody else HR does, or an executive.
/// Nobody: it is for nobody else to confirm.
pub async fn others(tx: &mut Tx, report: &Report, actors: Vec<Actor>) -> Result<Option<Vec<Actor>>> {
    let Some(writer) = &report.handed_in_by else { return Ok(Some(actors)) };
    let stand_ins = ["hr", "executive"].map(|role| vec![Actor::Role(role.to_owned())]);
    for group in std::iter::once(actors).chain(stand_ins) {
        let mut others = Vec::new();
        for actor in group {
            let nobody_else = match &actor {
                Actor::Person(number) => number == writer,
                Actor::Role(role) => {
                    let holders = known::holders(tx, role, date_of(tx.now)).await?;
                    !holders.is_empty() && holders.iter().all(|holder| holder == writer)
                }
                Actor::Body { .. } => false,
            };
            others.extend((!nobody_else).then_some(actor));
        }
        if !others.is_empty() {
            return Ok(Some(others));
        }
    }
    Ok(None)
}

/// Nobody has to write or confirm anything any more.
pub async fn end_all(tx: &mut Tx, cycle: &Cycle) -> Result<()> {
    let open = rows::open_of(tx, cycle.id, None).await?;
    if open.is_empty() {
        return Ok(());
    }
    let about: Vec<String> = open.iter().map(|one| one.about()).collect();
    let steps = step_rows::about_any(tx, &about).await?;
    let steps: Vec<Uuid> = steps.iter().filter(|step| step.state == StepState::Open).map(|step| step.id).collect();
    let today = date_of(tx.now);
    step_rows::void(tx, &steps, today).await?;
    telling::tasks(tx, cycle, &open).await
}
