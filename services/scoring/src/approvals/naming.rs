//! HR names who decides in a step, where whoever should is away or gone.

use platform::clock::date_of;
use platform::{Problem, Result, Tx, say};
use serde::Deserialize;
use serde_json::json;
use steps::directory::rows as directory;
use steps::steps::{Actor, rows as step_rows};
use utoipa::ToSchema;
use uuid::Uuid;

use super::deciding::held;
use super::telling;
use crate::cycles::rules::check_reason;
use crate::viewer::Viewer;

/// Who decides instead.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "person": "E010", "reason": "部门负责人外出" }))]
pub struct NewApprover {
    /// Employee number.
    person: String,
    /// In whose place, of several who decide together: one of the step's `actors`.
    #[serde(default)]
    in_place_of: Option<String>,
    reason: String,
}

/// Somebody decides in a step in the place of one who should; nobody names themselves.
pub async fn name(tx: &mut Tx, viewer: &Viewer, step: Uuid, new: &NewApprover) -> Result<()> {
    check_reason(&new.reason)?;
    let number = &new.person;
    if viewer.is(number) {
        return Err(Problem::not_permitted(say!("不能指定自己", "nobody names themselves")));
    }
    let (cycle, approval, step) = held(tx, step).await?;
    if !directory::is_here(tx, number, date_of(tx.now)).await? {
        return Err(Problem::field("/person", say!("没有在职员工 {number}", "there is no employee {number} here")));
    }
    let replaced = match (&new.in_place_of, step.actors.as_slice()) {
        (Some(named), actors) if actors.contains(named) => named,
        (None, [only]) => only,
        _ => {
            let all = step.actors.join(", ");
            return Err(Problem::field("/in_place_of", say!("须为以下之一：{all}", "one of {all}")));
        }
    };
    let named = Actor::Person(number.clone()).to_string();
    let mut actors: Vec<String> =
        step.actors.iter().filter(|actor| *actor != replaced && **actor != named).cloned().collect();
    actors.push(named);
    step_rows::set_actors(tx, step.id, &actors).await?;
    let detail = json!({ "step": step.id, "stage": approval.stage, "unit": approval.unit, "before": step.actors,
        "after": actors, "reason": new.reason });
    tx.audit("results.approver-named", &cycle.id.to_string(), detail).await?;
    telling::tasks(tx, &cycle, std::slice::from_ref(&approval)).await
}
