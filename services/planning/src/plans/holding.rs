//! Plans that something is done with. Everybody holds the cycle first, then plans, then the steps about them.

use platform::{Problem, Result, Tx, say};
use uuid::Uuid;

use super::plan::Plan;
use super::rows;
use crate::cycles;
use crate::cycles::cycle::Cycle;
use crate::viewer::Viewer;

/// A plan that the viewer may know of, held until the transaction ends, with its cycle, which stays open meanwhile.
pub async fn held(tx: &mut Tx, id: Uuid, viewer: &Viewer) -> Result<(Plan, Option<Cycle>)> {
    let seen = rows::get(tx, id, viewer, false).await?;
    let cycle = match seen.cycle {
        Some(cycle) => Some(cycles::rows::get_open(tx, cycle).await?),
        None => None,
    };
    let plan = rows::get(tx, id, viewer, true).await?;
    if plan.cycle != seen.cycle {
        let message = say!("周期刚刚开启，请重试", "a cycle has been opened with it just now: try again");
        return Err(Problem::conflict(message));
    }
    Ok((plan, cycle))
}
