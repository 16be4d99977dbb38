//! Who decides changes when somebody leads others, or somebody is of another category: what is open goes to those who decide now.

use std::collections::HashMap;

use platform::{Result, Tx};
use steps::steps::rows as step_rows;
use uuid::Uuid;

use super::approval::Approval;
use super::asking::{Ask, Asker, ask, concerned, void};
use super::{rows, telling};
use crate::cycles::cycle::Cycle;
use crate::plans;
use crate::subjects::subject::Subject;

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
