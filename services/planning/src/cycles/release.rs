//! Releasing a cycle: the settled sheets that scoring has not been told of are told, a batch at a time, so that memory
//! does not grow with the company, and all of it in one transaction.

use platform::{Missing, Problem, Result, Tx, say};
use serde_json::json;

use super::cycle::Cycle;
use super::rows;
use crate::{schemes, sheets, tasks};

/// Sheets read at once.
const READ: i64 = 5000;

pub async fn release(tx: &mut Tx, cycle: &Cycle) -> Result<()> {
    let now = tx.now;
    if !cycle.has_settling {
        let scheme = schemes::stored::version(tx, &cycle.scheme_code, cycle.scheme_version).await?;
        sheets::settling::settle_ready(tx, cycle, &scheme).await?;
    }
    must_be_settled(tx, cycle).await?;
    let told = tell_sheets(tx, cycle).await?;
    tasks::end_all(tx, cycle.id).await?;
    rows::release(tx, cycle.id, now).await?;
    tx.audit("cycles.released", &cycle.id.to_string(), json!({ "sheets": told })).await
}

/// Refuses while the sheet of somebody who takes part is not settled, and names those people.
async fn must_be_settled(tx: &mut Tx, cycle: &Cycle) -> Result<()> {
    let unsettled = sheets::rows::count_unsettled(tx, cycle.id).await?;
    if unsettled == 0 {
        return Ok(());
    }
    let listed = sheets::rows::unsettled(tx, cycle.id).await?;
    let all = rows::count_sheets(tx, cycle.id).await?;
    Err(Problem::incomplete(
        say!("{all} 张考核表中有 {unsettled} 张尚未核定", "{unsettled} of {all} sheets are not settled"),
        listed.into_iter().map(Missing::from).collect(),
    ))
}

/// Tells scoring every settled sheet that it has not been told of; how many.
async fn tell_sheets(tx: &mut Tx, cycle: &Cycle) -> Result<usize> {
    let (mut told, mut after) = (0, None);
    loop {
        let mut page = sheets::rows::untold(tx, cycle.id, after, READ).await?;
        let Some(last) = page.last() else { break };
        after = Some((last.kind, last.subject.clone()));
        told += page.len();
        page.iter_mut().for_each(|sheet| sheet.told = true);
        sheets::settling::tell(tx, cycle.id, &page).await?;
    }
    sheets::rows::mark_told(tx, cycle.id).await?;
    Ok(told)
}
