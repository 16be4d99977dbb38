//! What a scheme's stages ask planning to do.

use basics::Locale;
use basics::workdays::WorkingCalendar;
use domain::period::Period;
use domain::scheme::Scheme;
use domain::scheme::source::{Actor, Does, Stage, StageOn};

use crate::cycles::cycle::{DatedBy, StageView};
use crate::subjects::subject::Kind;

/// Work of planning that a stage can carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activity {
    IssueTargets,
    DraftPlan,
    DraftUnitPlan,
    SubmitUnitPlan,
    ApproveUnitPlan,
    SettleSheets,
    Release,
}

impl Activity {
    const ALL: [Self; 7] = [
        Self::IssueTargets,
        Self::DraftPlan,
        Self::DraftUnitPlan,
        Self::SubmitUnitPlan,
        Self::ApproveUnitPlan,
        Self::SettleSheets,
        Self::Release,
    ];

    pub fn code(self) -> &'static str {
        match self {
            Self::IssueTargets => "issue_targets",
            Self::DraftPlan => "draft_plan",
            Self::DraftUnitPlan => "draft_unit_plan",
            Self::SubmitUnitPlan => "submit_unit_plan",
            Self::ApproveUnitPlan => "approve_unit_plan",
            Self::SettleSheets => "settle_sheets",
            Self::Release => "release_cycle",
        }
    }

    /// Writing the plan of a person or a unit, and handing it in.
    pub fn of_plan(kind: Kind) -> &'static [Self] {
        match kind {
            Kind::Person => &[Self::DraftPlan],
            Kind::Unit => &[Self::DraftUnitPlan, Self::SubmitUnitPlan],
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
    pub plans: PlansOf,
    pub unit_plans: bool,
    pub settling: bool,
    pub release: bool,
}

/// Whose plans a cycle has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PlansOf {
    pub people: bool,
    pub units: bool,
}

impl Process {
    pub fn of(stages: &[StageView]) -> Self {
        let has = |wanted: Activity| stages.iter().any(|stage| activity_of(stage) == Some(wanted));
        Self {
            targets: has(Activity::IssueTargets),
            plans: PlansOf { people: has(Activity::DraftPlan), units: has(Activity::DraftUnitPlan) },
            unit_plans: has(Activity::SubmitUnitPlan) || has(Activity::ApproveUnitPlan),
            settling: has(Activity::SettleSheets),
            release: has(Activity::Release),
        }
    }
}

pub fn activity_of(stage: &StageView) -> Option<Activity> {
    stage.activity.as_deref().and_then(Activity::parse)
}

/// The stages of a cadence and a part of the year, in order, each with what planning does in it, and dated where the
/// scheme dates it.
pub fn stages(scheme: &Scheme, cadence: &str, period: &Period, calendar: &WorkingCalendar) -> Vec<StageView> {
    let dated = scheme.calendar(cadence, period, calendar);
    let mut views = Vec::new();
    let mut scored = false;
    for stage in scheme.stages_of(cadence, period) {
        let dates = dated.iter().find(|dates| dates.stage == stage.code);
        // Sheets are settled once, by whomever each of them is confirmed then.
        let settled = views.iter().any(|view: &StageView| activity_of(view) == Some(Activity::SettleSheets));
        let activity = activity(stage.does, plans_of(stage), scored);
        let activity = activity.filter(|activity| !settled || *activity != Activity::SettleSheets);
        scored = scored || is_scoring(stage.does);
        views.push(StageView {
            code: stage.code.clone(),
            label_zh: stage.label.get(Locale::ZhCn).to_owned(),
            label_en: stage.label.get(Locale::En).to_owned(),
            activity: activity.map(|activity| activity.code().to_owned()),
            opens: dates.map(|dates| dates.opens),
            due: dates.and_then(|dates| dates.due),
            dated_by: DatedBy::Scheme,
            moved_why: None,
        });
    }
    views
}

fn is_scoring(does: Does) -> bool {
    matches!(does, Does::SelfAssess | Does::Score | Does::Review)
}

/// Whose plans a stage is about.
pub fn plans_of(stage: &Stage) -> Kind {
    let of_units = stage.on == StageOn::Units || stage.role == Actor::UnitHead;
    if of_units || matches!(stage.does, Does::Submit | Does::ApprovePlan) { Kind::Unit } else { Kind::Person }
}

/// A stage's work, by what it does. Plans that are made once scoring has begun are those that follow from results.
fn activity(does: Does, plans_of: Kind, scored: bool) -> Option<Activity> {
    match does {
        _ if scored => None,
        Does::Targets => Some(Activity::IssueTargets),
        Does::Plan if plans_of == Kind::Unit => Some(Activity::DraftUnitPlan),
        Does::Plan => Some(Activity::DraftPlan),
        Does::Submit => Some(Activity::SubmitUnitPlan),
        Does::ApprovePlan => Some(Activity::ApproveUnitPlan),
        Does::Settle => Some(Activity::SettleSheets),
        Does::Release => Some(Activity::Release),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn planning_goes_from_targets_to_released_sheets() {
        let does = [Does::Targets, Does::Plan, Does::Submit, Does::ApprovePlan, Does::Settle, Does::Release];
        let stages = does.map(|does| activity(does, Kind::Person, false));
        assert!(stages.iter().all(Option::is_some));
        assert_eq!(activity(Does::Plan, Kind::Unit, false), Some(Activity::DraftUnitPlan));
    }

    #[test]
    fn what_follows_scoring_is_no_planning() {
        assert!(is_scoring(Does::SelfAssess) && !is_scoring(Does::Plan));
        let later = [Does::Plan, Does::Submit, Does::Targets].map(|does| activity(does, Kind::Person, true));
        assert_eq!(later, [None; 3]);
        assert_eq!(activity(Does::Approve, Kind::Person, false), None);
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
