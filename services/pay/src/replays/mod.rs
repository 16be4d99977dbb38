//! Replays of the ledger: every statement is reckoned again from what was kept with it, and must come out the same.
//! What was reckoned together is in memory together.

mod rows;

use std::collections::{BTreeMap, BTreeSet};

use domain::evaluate::in_stored_form;
use events::{EmployeeNumber, Values};
use platform::replay::{Replay, Tally};
use platform::{Problem, Result, Task, Tx, say};
use serde_json::Value;
use uuid::Uuid;

use crate::cycles::{self, Cycle, schemes};
use crate::statements::reckoning::{self, Basis, Detail, Policy};
use crate::statements::rules::{entry, statement};
use crate::statements::{Previous, Reckoned, Statement, rows as statements};
use rows::{Kept, Stored};

/// How pay replays.
pub const REPLAY: Replay = Replay {
    cycles: |tx| Box::pin(async move { rows::paid(tx).await }),
    replay: |tx, cycle| -> Task<'_, Result<Tally>> { Box::pin(replay(tx, cycle)) },
};

async fn replay(tx: &mut Tx, id: Uuid) -> Result<Tally> {
    let cycle = cycles::rows::find(tx, id).await?.ok_or_else(|| Problem::not_found(say!("考核周期", "cycle")))?;
    let policy = Policy::of(&cycle)?;
    let (mut tally, mut after) = (Tally::default(), Uuid::nil());
    let mut of_company = BTreeSet::new();
    while let Some(kept) = rows::kept_after(tx, id, after).await? {
        after = kept.id;
        of_company.insert(replay_kept(tx, &cycle, &policy, kept, &mut tally).await?);
    }
    compare_company(&mut tally, &cycle, of_company)?;
    let without = rows::count_without_basis(tx, id).await?;
    if without > 0 {
        tally
            .notes
            .push(format!("{without} statements were issued before what they stand on was kept; not recomputed"));
    }
    let stored = rows::count(tx, id).await? - without;
    tally.compare("statements with a basis", &stored.to_string(), &tally.counted(STATEMENTS).to_string());
    compare_positions(tx, id, &mut tally).await?;
    Ok(tally)
}

/// Statements stand on the figures of the company that scoring published with the cycle.
fn compare_company(tally: &mut Tally, cycle: &Cycle, kept: BTreeSet<Values>) -> Result<()> {
    let Some(published) = &cycle.company_carried else { return Ok(()) };
    let published: Values = serde_json::from_value(published.clone())?;
    for kept in kept {
        tally.compare("figures of the company that were published", &named(&kept), &named(&published));
    }
    Ok(())
}

fn named(values: &Values) -> String {
    values.iter().map(|(name, value)| format!("{name} = {value}")).collect::<Vec<_>>().join(", ")
}

/// The feed has no gaps: a statement that is gone leaves one, before the next statement or at the feed's end.
async fn compare_positions(tx: &mut Tx, cycle: Uuid, tally: &mut Tally) -> Result<()> {
    for gap in rows::gaps(tx, cycle).await? {
        let what = format!("place in the feed before {}", gap.position);
        tally.compare(what, &gap.before.to_string(), &(gap.position - 1).to_string());
    }
    let end = rows::feed_end(tx).await?;
    if end.is_none_or(|(_, last)| last == cycle) {
        let position = end.map_or(0, |(position, _)| position);
        let given = statements::last_position(tx).await?;
        tally.compare("last place in the feed", &position.to_string(), &given.to_string());
    }
    Ok(())
}

const STATEMENTS: &str = "statements";

/// The figures of the company that these statements stand on.
async fn replay_kept(tx: &mut Tx, cycle: &Cycle, policy: &Policy, kept: Kept, tally: &mut Tally) -> Result<Values> {
    let stored = rows::statements_of(tx, kept.id).await?;
    let approved = schemes::of(cycle)?.approved();
    tally.count(STATEMENTS, stored.len());
    let basis: Basis = serde_json::from_str(&kept.basis)?;
    let of_company = basis.published.company_carried.clone();
    let reckoning = reckoning::reckon(policy, basis, Detail::Explained)?;
    let mut reckoned: BTreeMap<EmployeeNumber, Reckoned> =
        reckoning.reckoned.into_iter().map(|one| (one.result.number.clone(), one)).collect();
    let numbers: BTreeSet<&str> =
        stored.iter().map(|one| one.number.as_str()).chain(reckoned.keys().map(EmployeeNumber::as_str)).collect();
    let numbers: Vec<&str> = numbers.into_iter().collect();
    let issued = rows::issued(tx, cycle.id, &numbers).await?;
    for stored in stored {
        let mut earlier = issued.get(&stored.number).into_iter().flatten();
        let previous = earlier.rfind(|one| one.result_version < stored.result_version);
        match reckoned.remove(&stored.number) {
            Some(reckoned) => compare(tally, cycle, &stored, reckoned, previous)?,
            None => tally.compare(stored.who(), "a statement", "nothing"),
        }
    }
    // What is approved before it is issued may still wait, or have been reckoned anew before it was.
    for left in reckoned.into_values().filter(|_| !approved) {
        compare_missing(tally, &left, issued.get(&left.result.number).and_then(|issued| issued.last()))?;
    }
    Ok(of_company)
}

/// Somebody who was reckoned with others and has no statement of it: they had theirs already, or there was nothing
/// to issue; else it is gone.
fn compare_missing(tally: &mut Tally, reckoned: &Reckoned, latest: Option<&Previous>) -> Result<()> {
    if entry(reckoned, latest)?.is_some() {
        let who = rows::who(&reckoned.result.number, reckoned.result.version);
        tally.compare(who, "nothing", "a statement");
    }
    Ok(())
}

fn compare(
    tally: &mut Tally,
    cycle: &Cycle,
    stored: &Stored,
    reckoned: Reckoned,
    previous: Option<&Previous>,
) -> Result<()> {
    let who = stored.who();
    let Some(entry) = entry(&reckoned, previous)? else {
        tally.compare(who, "a statement", "nothing to issue");
        return Ok(());
    };
    let statement = statement(cycle, &reckoned.result, entry, stored.position, stored.issued_at()?)?;
    compare_documents(tally, &who, &stored.document, &statement)?;
    let explanation = reckoned.figures.and_then(|figures| figures.explanation);
    let explanation = explanation.map(|found| match &stored.explanation {
        Some(stored) => in_stored_form(stored, &found),
        None => found,
    });
    let text = |explanation: &Option<String>| explanation.clone().unwrap_or_else(|| "nothing".to_owned());
    tally.compare(format!("{who}: explanation"), &text(&stored.explanation), &text(&explanation));
    Ok(())
}

/// Fields that statements of earlier versions do not have.
const LATER_FIELDS: [&str; 2] = ["grade_label", "component_labels"];

/// Field by field, so that it can be told which is another.
fn compare_documents(tally: &mut Tally, who: &str, stored: &str, recomputed: &Statement) -> Result<()> {
    let (stored, recomputed): (Value, Value) = (serde_json::from_str(stored)?, serde_json::to_value(recomputed)?);
    let fields = |document: &Value| document.as_object().cloned().unwrap_or_default();
    let (stored, mut recomputed) = (fields(&stored), fields(&recomputed));
    recomputed.retain(|name, _| stored.contains_key(name) || !LATER_FIELDS.contains(&name.as_str()));
    let names = stored.keys().chain(recomputed.keys().filter(|name| !stored.contains_key(*name)));
    for name in names {
        let shown = |document: &serde_json::Map<String, Value>| {
            document.get(name).map_or_else(|| "nothing".to_owned(), ToString::to_string)
        };
        tally.compare(format!("{who}: {name}"), &shown(&stored), &shown(&recomputed));
    }
    Ok(())
}
