//! A run begins: everybody of a cycle who has no published result is to be computed, again where they were before.

use platform::{Result, Tx};
use serde_json::json;

use super::{loading, rows, telling};
use crate::approvals::ending;
use crate::cycles::cycle::{Cycle, State};
use crate::cycles::rows as cycles;
use crate::facts::deriving::derive;
use crate::history::rows as history;

/// Lays out what is to be computed; what was decided about an earlier run counts no more. The cycle's state and version.
pub async fn begin(tx: &mut Tx, cycle: &Cycle) -> Result<(State, i64)> {
    let state = cycle.state.close()?;
    history::keep(tx).await?;
    derive(tx, cycle).await?;
    let ground = loading::ground(tx, cycle).await?;
    ending::void(tx, cycle).await?;
    let run = rows::begin(tx, cycle.id, &ground, cycle.scheme()?.is_company_wide()).await?;
    let version = cycles::set_state(tx, cycle.id, state).await?;
    telling::follow(tx, cycle.id).await?;
    tx.audit("cycles.closing", &cycle.id.to_string(), json!({ "period": cycle.period, "run": run })).await?;
    Ok((state, version))
}
