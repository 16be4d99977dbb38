//! Approvals as people see them.

use std::collections::HashMap;

use jiff::civil::Date;
use platform::{Problem, Result, Tx};
use serde::Serialize;
use steps::steps::rules::waiting;
use steps::steps::{DecisionView, Step, StepState, rows as step_rows};
use utoipa::ToSchema;
use uuid::Uuid;

use super::approval::{Approval, DecidingStage};
use super::deciding::acts_as;
use crate::cycles::cycle::{Cycle, State};
use crate::subjects::rows as subjects;
use crate::viewer::Viewer;

/// A step in which somebody approves what was computed.
#[derive(Serialize, ToSchema)]
pub struct ApprovalView {
    /// Of the step.
    pub id: Uuid,
    pub cycle: Uuid,
    /// Which closing of the cycle it is about, from 1.
    pub run: i32,
    /// The code of the stage.
    pub stage: String,
    pub label_zh: String,
    pub label_en: String,
    /// Code of the unit that it is about; absent: everything that was computed.
    pub unit: Option<String>,
    pub unit_name: Option<String>,
    /// Only about people of these categories, by code; empty: about everybody.
    pub categories: Vec<String>,
    /// In the order of those who decide in the stage, from 1.
    pub place: i32,
    /// How many decide in the stage one after the other.
    pub places: i32,
    /// Who decides, together: `person:NUMBER`, `role:hr`, `body:CODE`, `body:CODE/leader`.
    pub actors: Vec<String>,
    /// Those of them who have not decided.
    pub waiting: Vec<String>,
    #[schema(inline)]
    pub state: StepState,
    #[schema(value_type = String)]
    pub opened_on: Date,
    #[schema(value_type = Option<String>)]
    pub due: Option<Date>,
    #[schema(value_type = Option<String>)]
    pub ended_on: Option<Date>,
    pub decisions: Vec<DecisionView>,
    /// The operations on it that the caller may call now.
    pub actions: Vec<&'static str>,
}

/// Approvals as a caller sees them.
pub async fn views(tx: &mut Tx, viewer: &Viewer, cycle: &Cycle, approvals: &[Approval]) -> Result<Vec<ApprovalView>> {
    let ids: Vec<Uuid> = approvals.iter().map(|one| one.step).collect();
    let steps = step_rows::many(tx, &ids).await?;
    let steps: HashMap<Uuid, Step> = steps.into_iter().map(|step| (step.id, step)).collect();
    let decisions = step_rows::decisions(tx, &ids).await?;
    let sessions = step_rows::sessions(tx, &ids).await?;
    let stages = DecidingStage::of(cycle)?;
    let codes: Vec<String> = approvals.iter().map(|one| one.unit.clone()).collect();
    let units = subjects::units(tx, cycle.id, Some(&codes)).await?;
    let view = |one: &Approval| {
        let step = steps.get(&one.step)?;
        let stage = stages.iter().find(|stage| stage.code == one.stage)?;
        let unit = Some(one.unit.clone()).filter(|unit| !unit.is_empty());
        let open = step.state == StepState::Open && cycle.state == State::Computed;
        let waiting = if open { waiting(step, &decisions) } else { Vec::new() };
        let mut actions = Vec::new();
        if waiting.iter().any(|actor| acts_as(viewer, actor)) {
            actions.push("decide_approval");
        }
        if open && viewer.hr {
            actions.push("name_approver");
        }
        Some(ApprovalView {
            id: one.step,
            cycle: one.cycle,
            run: one.run,
            stage: one.stage.clone(),
            label_zh: stage.label.zh.clone(),
            label_en: stage.label.en.clone(),
            unit_name: units.iter().find(|known| known.subject == one.unit).map(|known| known.name.clone()),
            unit,
            categories: one.categories.clone(),
            place: one.place,
            places: stage.places(),
            actors: step.actors.clone(),
            waiting: waiting.iter().map(ToString::to_string).collect(),
            state: step.state,
            opened_on: step.opened_on,
            due: step.due,
            ended_on: step.ended_on,
            decisions: DecisionView::of_step(step.id, &decisions, &sessions),
            actions,
        })
    };
    approvals.iter().map(|one| view(one).ok_or_else(|| Problem::internal("an approval without its step"))).collect()
}
