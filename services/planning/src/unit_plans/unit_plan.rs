//! A unit's plan: its states, and who leads the unit.

use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Bool, Nullable, Text, Timestamptz};
use platform::sql::NullableTimestamp;
use platform::{Problem, Result, say};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::rules::{self, Line};
use crate::subjects::subject::Standing;
use crate::viewer::Viewer;

platform::stored_enum! {
    /// Where a unit's plan stands.
    pub enum UnitPlanState {
        /// Its people's plans are being written and approved.
        Collecting = "collecting",
        Submitted = "submitted",
        Returned = "returned",
        Approved = "approved",
    }
}

impl UnitPlanState {
    pub fn submit(self) -> Result<Self> {
        match self {
            Self::Collecting | Self::Returned => Ok(Self::Submitted),
            Self::Submitted => {
                Err(Problem::wrong_state(say!("部门计划已提交", "the unit's plan has been submitted already")))
            }
            Self::Approved => {
                Err(Problem::wrong_state(say!("部门计划已批准", "the unit's plan has been approved already")))
            }
        }
    }

    pub fn give_back(self) -> Result<Self> {
        self.decide().map(|()| Self::Returned)
    }

    pub fn approve(self) -> Result<Self> {
        self.decide().map(|()| Self::Approved)
    }

    fn decide(self) -> Result<()> {
        match self {
            Self::Submitted => Ok(()),
            Self::Collecting | Self::Returned => {
                Err(Problem::wrong_state(say!("部门计划尚未提交", "the unit's plan has not been submitted")))
            }
            Self::Approved => {
                Err(Problem::wrong_state(say!("部门计划已批准", "the unit's plan has been approved already")))
            }
        }
    }
}

/// What is done to the plan of a unit.
pub enum Step {
    Submit,
    /// Given back, with the reason.
    Return(String),
    Approve,
}

/// A unit in a cycle, with the state of its plan.
#[derive(QueryableByName, Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct UnitPlan {
    /// Unit code.
    #[diesel(sql_type = Text)]
    pub code: String,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub category: Option<String>,
    /// Employee number of the head.
    #[diesel(sql_type = Nullable<Text>)]
    pub head: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub head_name: Option<String>,
    /// Employee number of who is in charge of it: by a seat in a body, else the head's superior.
    #[diesel(sql_type = Nullable<Text>)]
    pub leader: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub leader_name: Option<String>,
    /// Whether the unit itself is appraised.
    #[diesel(sql_type = Text)]
    pub standing: Standing,
    #[diesel(sql_type = Text)]
    pub plan_state: UnitPlanState,
    /// Why it was returned.
    #[diesel(sql_type = Nullable<Text>)]
    pub reason: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub submitted_by: Option<String>,
    #[diesel(sql_type = Nullable<Timestamptz>, deserialize_as = NullableTimestamp)]
    pub submitted_at: Option<jiff::Timestamp>,
    #[diesel(sql_type = Nullable<Text>)]
    pub decided_by: Option<String>,
    #[diesel(sql_type = Nullable<Timestamptz>, deserialize_as = NullableTimestamp)]
    pub decided_at: Option<jiff::Timestamp>,
    /// How many people take part.
    #[diesel(sql_type = BigInt)]
    pub members: i64,
    #[diesel(sql_type = BigInt)]
    pub plans_approved: i64,
    /// Plans of its people that are not approved yet.
    #[diesel(sql_type = BigInt)]
    pub plans_open: i64,
    #[diesel(sql_type = BigInt)]
    pub sheets_settled: i64,
    /// Whether whoever asks belongs to it.
    #[serde(skip)]
    #[diesel(sql_type = Bool)]
    pub is_own: bool,
    /// The `ETag`.
    #[diesel(sql_type = BigInt)]
    pub version: i64,
}

impl UnitPlan {
    /// Takes a step, if who takes it may and the state of the plan allows it; how the audit log calls it.
    pub fn take(&mut self, step: Step, by: &Viewer, now: jiff::Timestamp) -> Result<&'static str> {
        let (number, state) = (by.number.as_deref(), self.plan_state);
        let (state, action) = match step {
            Step::Submit => {
                rules::may_submit(&self.line(), number, by.executive)?;
                (self.submitted_by, self.submitted_at) = (Some(by.name.clone()), Some(now));
                (self.reason, self.decided_by, self.decided_at) = (None, None, None);
                (state.submit()?, "unit-plans.submitted")
            }
            Step::Return(reason) => {
                rules::may_decide(&self.line(), number, by.executive)?;
                let state = state.give_back()?;
                self.reason = Some(crate::plans::rules::reason(&reason)?.to_owned());
                (self.decided_by, self.decided_at) = (Some(by.name.clone()), Some(now));
                (state, "unit-plans.returned")
            }
            Step::Approve => {
                rules::may_decide(&self.line(), number, by.executive)?;
                (self.decided_by, self.decided_at) = (Some(by.name.clone()), Some(now));
                (state.approve()?, "unit-plans.approved")
            }
        };
        self.plan_state = state;
        Ok(action)
    }

    /// Operations by their ids that somebody may call on it now, while its cycle is open and has plans of units.
    pub fn actions(&self, by: &Viewer) -> Vec<&'static str> {
        let (number, state, line) = (by.number.as_deref(), self.plan_state, self.line());
        let complete = self.plans_open == 0;
        let submits = by.writes_plans && rules::may_submit(&line, number, by.executive).is_ok();
        let decides = by.decides_plans && !self.is_own && rules::may_decide(&line, number, by.executive).is_ok();
        let all = [
            ("submit_unit_plan", submits && complete && state.submit().is_ok()),
            ("return_unit_plan", decides && state.give_back().is_ok()),
            ("approve_unit_plan", decides && complete && state.approve().is_ok()),
        ];
        all.into_iter().filter(|(_, may)| *may).map(|(action, _)| action).collect()
    }

    pub fn line(&self) -> Line<'_> {
        Line { head: self.head.as_deref(), leader: self.leader.as_deref() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_unit_plan_is_submitted_then_decided() {
        assert_eq!(UnitPlanState::Collecting.submit().unwrap().approve().unwrap(), UnitPlanState::Approved);
        assert_eq!(UnitPlanState::Submitted.give_back().unwrap().submit().unwrap(), UnitPlanState::Submitted);
        for state in [UnitPlanState::Collecting, UnitPlanState::Returned, UnitPlanState::Approved] {
            assert!(state.approve().is_err() && state.give_back().is_err(), "{state:?}");
        }
        assert!(UnitPlanState::Approved.submit().is_err());
    }
}
