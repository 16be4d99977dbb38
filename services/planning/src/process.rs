//! What a scheme's stages ask planning to do.

use basics::Locale;
use basics::workdays::WorkingCalendar;
use domain::period::Period;
use domain::scheme::Scheme;
use domain::scheme::source::Does;

use crate::cycles::cycle::StageView;

/// Work of planning that a stage can carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activity {
    IssueTargets,
    DraftPlan,
    SubmitUnitPlan,
    ApproveUnitPlan,
    SettleSheets,
}

impl Activity {
    const ALL: [Self; 5] =
        [Self::IssueTargets, Self::DraftPlan, Self::SubmitUnitPlan, Self::ApproveUnitPlan, Self::SettleSheets];

    pub fn code(self) -> &'static str {
        match self {
            Self::IssueTargets => "issue_targets",
            Self::DraftPlan => "draft_plan",
            Self::SubmitUnitPlan => "submit_unit_plan",
            Self::ApproveUnitPlan => "approve_unit_plan",
            Self::SettleSheets => "settle_sheets",
        }
    }

    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|activity| activity.code() == code)
    }
}

/// Which parts of planning a cycle has; what a scheme does not ask for is not waited for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Process {
    pub targets: bool,
    pub plans: bool,
    pub unit_plans: bool,
    pub settling: bool,
}

impl Process {
    pub fn of(stages: &[StageView]) -> Self {
        let has = |wanted: Activity| {
            stages.iter().any(|stage| stage.activity.as_deref().and_then(Activity::parse) == Some(wanted))
        };
        let unit_plans = has(Activity::SubmitUnitPlan) || has(Activity::ApproveUnitPlan);
        Self {
            targets: has(Activity::IssueTargets),
            plans: has(Activity::DraftPlan) || unit_plans,
            unit_plans,
            settling: has(Activity::SettleSheets),
        }
    }
}

/// The stages that a scheme dates for a period, in order, each with what planning does in it.
pub fn stages(scheme: &Scheme, cadence: &str, period: &Period, calendar: &WorkingCalendar) -> Vec<StageView> {
    let declared = scheme.stages(cadence);
    let dated = scheme.calendar(cadence, period, calendar);
    let mut views = Vec::with_capacity(dated.len());
    let mut scored = false;
    for dates in dated {
        let Some(stage) = declared.iter().find(|stage| stage.code == dates.stage) else { continue };
        let activity = activity(stage.does, scored);
        scored = scored || is_scoring(stage.does);
        views.push(StageView {
            code: dates.stage,
            label_zh: stage.label.get(Locale::ZhCn).to_owned(),
            label_en: stage.label.get(Locale::En).to_owned(),
            activity: activity.map(|activity| activity.code().to_owned()),
            opens: dates.opens,
            due: dates.due,
        });
    }
    views
}

fn is_scoring(does: Does) -> bool {
    matches!(does, Does::SelfAssess | Does::Score | Does::Review)
}

/// A stage's work, by what it does. Plans that are made once scoring has begun are those that follow from results.
fn activity(does: Does, scored: bool) -> Option<Activity> {
    match does {
        _ if scored => None,
        Does::Targets => Some(Activity::IssueTargets),
        Does::Plan => Some(Activity::DraftPlan),
        Does::Submit => Some(Activity::SubmitUnitPlan),
        Does::ApprovePlan => Some(Activity::ApproveUnitPlan),
        Does::Settle => Some(Activity::SettleSheets),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn planning_goes_from_targets_to_settled_sheets() {
        let stages = [Does::Targets, Does::Plan, Does::Submit, Does::ApprovePlan, Does::Settle]
            .map(|does| activity(does, false));
        assert_eq!(stages, Activity::ALL.map(Some));
    }

    #[test]
    fn what_follows_scoring_is_no_planning() {
        assert!(is_scoring(Does::SelfAssess) && !is_scoring(Does::Plan));
        assert_eq!([Does::Plan, Does::Submit, Does::Targets].map(|does| activity(does, true)), [None; 3]);
        assert_eq!(activity(Does::Approve, false), None);
    }

    #[test]
    fn a_scheme_without_planning_waits_for_nothing() {
        assert_eq!(Process::of(&[]), Process::default());
    }

    #[test]
    fn activities_are_read_back() {
        for activity in Activity::ALL {
            assert_eq!(Activity::parse(activity.code()), Some(activity));
        }
    }
}
