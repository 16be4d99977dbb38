//! HR names who decides in a step, where whoever should is away or gone.

use platform::{Problem, Result, Tx, say};
use serde_json::json;
use steps::directory::rows as directory;
use steps::steps::{Actor, rows as step_rows};
use uuid::Uuid;

use super::deciding::held;
use super::telling;
use crate::cycles::rules::check_reason;

/// Somebody decides in a step in the place of those who should.
pub async fn name(tx: &mut Tx, step: Uuid, number: &str, reason: &str) -> Result<()> {
    check_reason(reason)?;
    let (cycle, approval, step) = held(tx, step).await?;
    if directory::people(tx, &[number.to_owned()]).await?.is_empty() {
        return Err(Problem::field("/person", say!("没有员工 {number}", "there is no employee {number}")));
    }
    let actor = Actor::Person(number.to_owned()).to_string();
    step_rows::set_actors(tx, step.id, std::slice::from_ref(&actor)).await?;
    let detail = json!({ "step": step.id, "stage": approval.stage, "unit": approval.unit, "before": step.actors,
        "after": [actor], "reason": reason });
    tx.audit("results.approver-named", &cycle.id.to_string(), detail).await?;
    telling::tasks(tx, &cycle, std::slice::from_ref(&approval)).await
}
