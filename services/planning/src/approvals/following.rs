//! Who decides changes when somebody leads others, or somebody is of another category: what is open goes to those who decide
//! now. Nobody decides about whoever takes no part any more, until they do again.

use std::collections::{BTreeSet, HashMap};

use platform::{Result, Tx};
use steps::steps::rows as step_rows;
use uuid::Uuid;

use super::approval::Approval;
use super::asking::{Ask, Asker, about_plans, ask, concerned, void};
use super::{rows, telling};
use crate::cycles::cycle::{Cycle, CycleState};
use crate::plans::plan::PlanState;
use crate::process::Activity;
use crate::sheets::settling;
use crate::subjects::subject::{Kind, Standing, Subject};
use crate::{plans, tasks};

/// Of a cycle, about these subjects.
pub async fn follow(tx: &mut Tx, cycle: &Cycle, changed: &[Subject]) -> Result<()> {
    let mut open = rows::open_of_cycle(tx, cycle.id, None).await?;
    open.retain(|one| changed.iter().any(|subject| subject.kind == one.kind && subject.subject == one.subject));
    if open.is_empty() {
        return Ok(());
    }
    let asker = Asker::of_cycle(tx, cycle).await?;
    let subjects = concerned(tx, Some(cycle), &open).await?;
    put(tx, &asker, open.into_iter().zip(subjects).collect()).await
}

/// Somebody of a cycle takes part, or does not any more: what waits of their plan and sheet waits again, or for nobody. A unit whose
/// sheets are confirmed together may be complete without them.
pub async fn take_part(tx: &mut Tx, cycle: &Cycle, person: &Subject) -> Result<()> {
    let plan = plans::rows::of_subject(tx, cycle.id, person.kind, &person.subject).await?;
    let (open, others): (Vec<Approval>, Vec<Approval>) = rows::open_of_cycle(tx, cycle.id, None)
        .await?
        .into_iter()
        .partition(|one| one.kind == person.kind && one.subject == person.subject);
    let takes_part = person.standing == Standing::In;
    if cycle.state == CycleState::Open {
        let is_written =
            plan.as_ref().is_none_or(|one| matches!(one.state, PlanState::Submitted | PlanState::Approved));
        let of_person = std::slice::from_ref(&person.subject);
        tasks::rows::mark(tx, cycle.id, Activity::DraftPlan, of_person, !takes_part || is_written).await?;
        if let Some(plan) = plan.filter(|one| takes_part && one.state == PlanState::Submitted)
            && !open.iter().any(|one| one.plan == Some(plan.id))
        {
            about_plans(tx, Some(cycle), &[plan]).await?;
        }
    }
    if !takes_part {
        void(tx, open).await?;
    }
    let asker = Asker::of_cycle(tx, cycle).await?;
    let of_unit =
        |one: &Approval| one.plan.is_none() && one.kind == Kind::Unit && Some(&one.subject) == person.unit.as_ref();
    let is_asked = !asker.confirms_each() && others.iter().any(of_unit);
    let unit: BTreeSet<String> = person.unit.iter().filter(|_| !is_asked).cloned().collect();
    settling::ask_about(tx, cycle, &asker, &unit, &[]).await
}

/// About plans that are no cycle's.
pub async fn follow_standing(tx: &mut Tx) -> Result<()> {
    for approval in rows::open_of_no_cycle(tx).await? {
        let Some(plan) = approval.plan else { continue };
        let plan = plans::rows::locked(tx, plan).await?;
        let asker = Asker::of_standing(tx, &plan).await?;
        let subjects = concerned(tx, None, std::slice::from_ref(&approval)).await?;
        put(tx, &asker, std::iter::once(approval).zip(subjects).collect()).await?;
    }
    Ok(())
}

async fn put(tx: &mut Tx, asker: &Asker, about: Vec<(Approval, Subject)>) -> Result<()> {
    let ids: Vec<Uuid> = about.iter().map(|(one, _)| one.step).collect();
    let actors: HashMap<Uuid, Vec<String>> =
        step_rows::many(tx, &ids).await?.into_iter().map(|step| (step.id, step.actors)).collect();
    let (mut changed, mut gone, mut anew) = (Vec::new(), Vec::new(), Vec::new());
    for (approval, subject) in about {
        let Some(chain) = asker.chain(approval.plan, &subject) else { continue };
        if approval.plan.is_none() && chain.stage != approval.stage {
            // Of another category others confirm the sheet, from the first of them on.
            gone.push(approval);
            anew.push(Ask { plan: None, subject, after: 0, before: Vec::new() });
            continue;
        }
        let Some((now, also)) = chain.at(approval.place, &subject) else { continue };
        let now: Vec<String> = now.iter().map(ToString::to_string).collect();
        let also: Vec<String> = also.iter().map(ToString::to_string).collect();
        if also != approval.also {
            rows::set_also(tx, approval.step, &also).await?;
        }
        if actors.get(&approval.step) != Some(&now) {
            step_rows::set_actors(tx, approval.step, &now).await?;
            changed.push(approval);
        }
    }
    void(tx, gone).await?;
    ask(tx, asker, &anew).await?;
    if changed.is_empty() { Ok(()) } else { telling::tasks(tx, &changed).await }
}
