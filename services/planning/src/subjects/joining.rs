//! Whoever comes to a cycle after it was opened gets what everybody got at its opening: a plan, a sheet, tasks.

use domain::scheme::Scheme;
use platform::{Result, Tx};

use super::subject::{Kind, Standing, Subject};
use super::{rows, telling};
use crate::cycles::cycle::{Cycle, CycleState};
use crate::process::{self, Process};
use crate::{cycles, plans, sheets, tasks};

/// Stores subjects as they are now, and tells of them; those who take part or are excluded and have no sheet get one.
pub async fn take_up(tx: &mut Tx, cycle: &Cycle, scheme: &Scheme, subjects: &[Subject]) -> Result<()> {
    rows::write(tx, cycle.id, subjects).await?;
    rows::count(tx, cycle.id).await?;
    if cycle.state == CycleState::Open {
        let stages = cycles::rows::stages(tx, cycle.id).await?;
        let plans = Process::of(&stages).plans;
        plans::rows::attach(tx, cycle).await?;
        plans::rows::insert_empty(tx, cycle, plans).await?;
        for stage in &stages {
            if let Some(activity) = process::activity_of(stage) {
                tasks::rows::open_stage(tx, cycle.id, activity, &stage.code).await?;
            }
        }
    }
    telling::tell(tx, cycle.id, subjects).await?;
    let mut without = Vec::new();
    for kind in [Kind::Person, Kind::Unit] {
        let of_kind: Vec<&Subject> =
            subjects.iter().filter(|one| one.kind == kind && one.standing != Standing::Out).collect();
        let codes: Vec<String> = of_kind.iter().map(|one| one.subject.clone()).collect();
        let current = sheets::rows::current(tx, cycle.id, kind, &codes).await?;
        let lacks = |one: &&&Subject| !current.iter().any(|sheet| sheet.subject == one.subject);
        without.extend(of_kind.iter().filter(lacks).map(|one| (*one).clone()));
    }
    sheets::settling::open(tx, cycle, scheme, &without).await?;
    tasks::rows::mark_settled(tx, cycle.id, None).await
}
