use std::collections::{BTreeSet, HashMap};

use basics::Label;
use platform::openapi::LabelView;
use platform::{Result, Tx};
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::goals::{AgreedGoal, Goal};
use super::plan::{Plan, PlanState};
use crate::approvals::view::PlanStepView;
use crate::subjects::subject::Kind;
use crate::viewer::Viewer;
use crate::{approvals, directory, schemes};

/// A plan of a person or a unit.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct PlanView {
    pub id: Uuid,
    /// Null while no cycle of its scheme and period has been opened.
    pub cycle: Option<Uuid>,
    pub kind: Kind,
    /// `person:E1` or `unit:NET`.
    pub subject: String,
    /// Employee number of the appraisee; null where it is a unit's.
    pub number: Option<String>,
    pub name: String,
    pub unit: Option<String>,
    pub unit_name: Option<String>,
    /// Code of the scheme.
    pub scheme: String,
    pub scheme_label: Option<LabelView>,
    pub period: String,
    /// Who decides about it: a person's superior, or who is in charge of a unit.
    pub superior: Option<String>,
    /// The head of the unit.
    pub head: Option<String>,
    /// 1, and one more with each change after approval.
    pub edition: i32,
    /// `draft`, `submitted`, `returned`, `approved` or `settled`.
    pub state: String,
    pub goals: Vec<Goal>,
    /// Goals that were agreed on in an interview once it had been handed in, and are not in it: to be taken into a new version.
    pub agreed: Vec<AgreedGoal>,
    /// Why it was returned, or why it is changed after approval.
    pub reason: Option<String>,
    pub submitted_by: Option<String>,
    pub submitted_at: Option<jiff::Timestamp>,
    pub decided_by: Option<String>,
    pub decided_at: Option<jiff::Timestamp>,
    /// Who decides about it, who did and what they said, in order; also of what was sent back or changed since.
    pub steps: Vec<PlanStepView>,
    /// Operations by their ids that the caller may call on it now.
    pub actions: Vec<String>,
    /// The `ETag`.
    pub version: i64,
}

/// What plans tell of besides themselves: names of units and schemes, and who decides about them.
#[derive(Default)]
pub struct Beside {
    units: HashMap<String, String>,
    schemes: HashMap<String, Label>,
    steps: HashMap<Uuid, Vec<PlanStepView>>,
}

impl Beside {
    pub async fn of(tx: &mut Tx, viewer: &Viewer, plans: &[Plan]) -> Result<Self> {
        let units: BTreeSet<&str> = plans.iter().filter_map(|plan| plan.unit.as_deref()).collect();
        let schemes: BTreeSet<&str> = plans.iter().map(|plan| plan.scheme.as_str()).collect();
        let (units, schemes): (Vec<&str>, Vec<&str>) = (units.into_iter().collect(), schemes.into_iter().collect());
        Ok(Self {
            units: directory::rows::unit_names(tx, &units).await?,
            schemes: schemes::rows::labels(tx, &schemes).await?,
            steps: approvals::view::of_plans(tx, viewer, &plans.iter().map(|plan| plan.id).collect::<Vec<_>>()).await?,
        })
    }

    pub fn view(&self, plan: &Plan, viewer: &Viewer) -> Result<PlanView> {
        let is_settled = plan.settled && plan.state == PlanState::Approved;
        Ok(PlanView {
            id: plan.id,
            cycle: plan.cycle,
            kind: plan.kind,
            subject: plan.kind.id(&plan.subject).to_string(),
            number: Some(plan.subject.clone()).filter(|_| plan.kind == Kind::Person),
            name: plan.name.clone(),
            unit: plan.unit.clone(),
            unit_name: plan.unit.as_ref().and_then(|unit| self.units.get(unit)).cloned(),
            scheme: plan.scheme.clone(),
            scheme_label: self.schemes.get(&plan.scheme).cloned().map(LabelView::from),
            period: plan.period.clone(),
            superior: plan.superior.clone(),
            head: plan.head.clone(),
            edition: plan.edition,
            state: if is_settled { "settled" } else { plan.state.as_str() }.to_owned(),
            goals: plan.goals()?,
            agreed: plan.agreed()?,
            reason: plan.reason.clone(),
            submitted_by: plan.submitted_by.clone(),
            submitted_at: plan.submitted_at,
            decided_by: plan.decided_by.clone(),
            decided_at: plan.decided_at,
            steps: self.steps.get(&plan.id).cloned().unwrap_or_default(),
            actions: plan.actions(viewer).into_iter().map(str::to_owned).collect(),
            version: plan.version,
        })
    }
}
