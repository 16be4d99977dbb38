//! Approvals as people see them.

use std::collections::HashMap;

use jiff::civil::Date;
use platform::{Problem, Result, Tx};
use serde::Serialize;
use steps::steps::rules::waiting;
use steps::steps::{DecisionView, Step, StepState, rows as step_rows};
use utoipa::ToSchema;
use uuid::Uuid;

use super::approval::Approval;
use super::deciding::acts_for;
use super::rows;
use crate::subjects::subject::Kind;
use crate::viewer::Viewer;

/// A step in which somebody decides about a plan, or about settled sheets.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PlanStepView {
    pub id: Uuid,
    /// Absent: the plan was no cycle's when somebody was asked.
    pub cycle: Option<Uuid>,
    /// Code of the stage; empty where a plan is made for longer than a cycle.
    pub stage: String,
    pub label_zh: String,
    pub label_en: String,
    /// The plan; absent where it is about settled sheets.
    pub plan: Option<Uuid>,
    /// Whose plan or sheet, `person:E1` or `unit:NET`; of a unit with its people's sheets.
    pub subject: String,
    pub name: String,
    /// In the order of those who decide, from 1.
    pub place: i32,
    /// Who decides, together: `person:NUMBER`, `role:hr`, `body:CODE`, `body:CODE/leader`.
    pub actors: Vec<String>,
    /// Who may decide in place of them.
    pub also: Vec<String>,
    /// Those who have not decided.
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
pub async fn views(tx: &mut Tx, viewer: &Viewer, approvals: &[Approval]) -> Result<Vec<PlanStepView>> {
    let ids: Vec<Uuid> = approvals.iter().map(|one| one.step).collect();
    let steps: HashMap<Uuid, Step> = step_rows::many(tx, &ids).await?.into_iter().map(|step| (step.id, step)).collect();
    let decisions = step_rows::decisions(tx, &ids).await?;
    let sessions = step_rows::sessions(tx, &ids).await?;
    let names = rows::names(tx, &ids).await?;
    let view = |one: &Approval| {
        let step = steps.get(&one.step)?;
        let waiting = if step.state == StepState::Open { waiting(step, &decisions) } else { Vec::new() };
        let is_own = one.kind == Kind::Person && viewer.is(&one.subject);
        let is_own_plan = is_own && one.plan.is_some();
        let decides = viewer.decides_plans && !is_own_plan && waiting.iter().any(|actor| acts_for(viewer, actor, one));
        Some(PlanStepView {
            id: one.step,
            cycle: one.cycle,
            stage: one.stage.clone(),
            label_zh: one.label_zh.clone(),
            label_en: one.label_en.clone(),
            plan: one.plan,
            subject: one.kind.id(&one.subject).to_string(),
            name: names.get(&one.step).map_or_else(|| one.subject.clone(), |named| named.name.clone()),
            place: one.place,
            actors: step.actors.clone(),
            also: one.also.clone(),
            waiting: waiting.iter().map(ToString::to_string).collect(),
            state: step.state,
            opened_on: step.opened_on,
            due: step.due,
            ended_on: step.ended_on,
            decisions: DecisionView::of_step(step.id, &decisions, &sessions),
            actions: if decides { vec!["decide_plan"] } else { Vec::new() },
        })
    };
    approvals.iter().map(|one| view(one).ok_or_else(|| Problem::internal("an approval without its step"))).collect()
}

/// All that was asked about some plans, by plan.
pub async fn of_plans(tx: &mut Tx, viewer: &Viewer, plans: &[Uuid]) -> Result<HashMap<Uuid, Vec<PlanStepView>>> {
    let approvals = rows::of_plans(tx, plans).await?;
    let mut by_plan: HashMap<Uuid, Vec<PlanStepView>> = HashMap::new();
    for view in views(tx, viewer, &approvals).await? {
        if let Some(plan) = view.plan {
            by_plan.entry(plan).or_default().push(view);
        }
    }
    Ok(by_plan)
}
