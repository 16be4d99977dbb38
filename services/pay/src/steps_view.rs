//! Steps in which something about pay is decided: what may be said, and how people see them.

use jiff::civil::Date;
use platform::web::Errors;
use platform::{Result, Tx, say};
use serde::Serialize;
use steps::steps::rules::waiting;
use steps::steps::{DecisionView, Step, StepState, rows as step_rows};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::viewer::Viewer;

platform::stored_enum! {
    pub enum Verdict {
        Approved = "approved",
        /// Sent back, with a reason.
        Returned = "returned",
    }
}

impl Verdict {
    /// What is sent back needs a reason.
    pub fn check_reason(self, reason: Option<&str>, errors: &mut Errors) {
        match (reason, self) {
            (Some(reason), _) => errors.check_text("/reason", reason),
            (None, Self::Returned) => {
                errors.add("/reason", say!("退回须说明原因", "what is sent back needs a reason"));
            }
            (None, Self::Approved) => {}
        }
    }
}

/// A step in which something about pay is decided.
#[derive(Debug, Serialize, ToSchema)]
pub struct PayStepView {
    id: Uuid,
    /// In the scheme's order, from 1; 0 where HR puts right what was sent back.
    place: i32,
    /// Who decides, together: `role:finance`, `body:CODE`, `body:CODE/leader`.
    actors: Vec<String>,
    /// Those who have not decided.
    waiting: Vec<String>,
    #[schema(inline)]
    state: StepState,
    #[schema(value_type = String)]
    opened_on: Date,
    #[schema(value_type = Option<String>)]
    ended_on: Option<Date>,
    decisions: Vec<DecisionView>,
    /// The operations on it that the caller may call now.
    actions: Vec<&'static str>,
}

/// The steps about something as a caller sees them, in order; whoever it waits for may call the operation, where they may
/// decide at all.
pub async fn views(
    tx: &mut Tx,
    viewer: &Viewer,
    about: &str,
    operation: Option<&'static str>,
) -> Result<Vec<PayStepView>> {
    let mut steps = step_rows::about(tx, about).await?;
    steps.sort_by_key(|step| step.id);
    let ids: Vec<Uuid> = steps.iter().map(|step| step.id).collect();
    let decisions = step_rows::decisions(tx, &ids).await?;
    let sessions = step_rows::sessions(tx, &ids).await?;
    let view = |step: &Step| {
        let waiting = if step.state == StepState::Open { waiting(step, &decisions) } else { Vec::new() };
        let decides = waiting.iter().any(|actor| viewer.acts_as(actor));
        PayStepView {
            id: step.id,
            place: step.place,
            actors: step.actors.clone(),
            waiting: waiting.iter().map(ToString::to_string).collect(),
            state: step.state,
            opened_on: step.opened_on,
            ended_on: step.ended_on,
            decisions: DecisionView::of_step(step.id, &decisions, &sessions),
            actions: operation.filter(|_| decides).into_iter().collect(),
        }
    };
    Ok(steps.iter().map(view).collect())
}
