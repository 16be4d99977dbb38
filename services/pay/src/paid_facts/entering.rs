//! Entering facts, in the transaction of a request.

use platform::{Caller, Problem, Result, Tx, say};
use serde_json::{Value, json};
use uuid::Uuid;

use super::paid_fact::{Change, NewPaidFacts, PaidFactsEntered};
use super::{rows, rules};
use crate::cycles::{Asked, schemes};
use crate::permissions::EnterPaidFacts;
use crate::{cycle_people, cycles, held, profiles};

/// Enters facts, and has results tried again that wait for them.
pub async fn enter(
    tx: &mut Tx,
    caller: &Caller<EnterPaidFacts>,
    cycle: Uuid,
    given: &NewPaidFacts,
) -> Result<PaidFactsEntered> {
    profiles::rows::lock_to_change(tx).await?;
    let cycle = cycles::rows::find(tx, cycle).await?;
    let cycle = cycle.ok_or_else(|| Problem::not_found(say!("考核周期", "cycle")))?;
    let numbers: Vec<&str> = given.facts.iter().map(|fact| fact.number.as_str()).collect();
    let appraised = cycle_people::rows::appraised(tx, cycle.id, &numbers).await?;
    let in_force = rows::in_force(tx, cycle.id, &numbers).await?;
    let read = schemes::of(&cycle)?;
    let mut asked = Asked::new(&read.scheme, &cycle.cadence);
    let changes = rules::changes(&cycle, &mut asked, &given.facts, &appraised, &in_force)?;
    rules::check_not_own(&changes, |number| caller.is(number))?;
    let changed: Vec<&str> = changes.iter().map(|change| change.number.as_str()).collect();
    rules::check_unpaid(&cycle, &rows::paid(tx, cycle.id, &changed).await?)?;
    if !changes.is_empty() {
        rows::write(tx, cycle.id, &changes, &given.reason).await?;
        held::rows::make_due(tx, &changed).await?;
        let about = json!({ "reason": given.reason, "changes": recorded(&changes) });
        tx.audit("paid_facts.entered", &cycle.id.to_string(), about).await?;
    }
    Ok(PaidFactsEntered { entered: changes.len(), unchanged: given.facts.len() - changes.len() })
}

fn recorded(changes: &[Change]) -> Vec<Value> {
    let recorded = |change: &Change| json!({ "number": change.number, "name": change.name, "before": change.before, "after": change.value });
    changes.iter().map(recorded).collect()
}
