use basics::Label;
use diesel::QueryableByName;
use diesel::sql_types::{Array, Text, Timestamptz, Uuid as SqlUuid};
use domain::scheme::source::{Does, Stage};
use jiff::civil::Date;
use platform::sql::Timestamp;
use platform::{Result, stored_enum};
use serde::{Deserialize, Serialize};
use steps::steps::{Actor, Decision, Step, StepState};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::cycles::cycle::Cycle;

/// A stage of a cycle in which units are looked at.
#[derive(Clone, Debug)]
pub struct CheckingStage {
    pub code: String,
    pub label: Label,
    /// Who looks.
    pub checker: Actor,
    pub due: Option<Date>,
}

impl CheckingStage {
    /// Those of a cycle.
    pub fn of(cycle: &Cycle) -> Result<Vec<Self>> {
        let stages = cycle.stages_where(|stage| stage.does == Does::SpotCheck)?.into_iter();
        let stage = |(stage, due): (Stage, Option<Date>)| {
            let checker = stage.who().next().and_then(Actor::of_group)?;
            Some(Self { code: stage.code, label: stage.label, checker, due })
        };
        Ok(stages.filter_map(stage).collect())
    }
}

stored_enum! {
    /// How far a spot check is.
    pub enum CheckState {
        /// Whoever drew the unit looks at it.
        Drawn = "drawn",
        /// The head of the unit has to answer what is recommended.
        Recommended = "recommended",
        /// Whoever recommended has to settle it.
        Answered = "answered",
        /// It keeps nothing from being published.
        Settled = "settled",
    }
}

/// A unit that is looked at.
#[derive(Clone, Debug, QueryableByName)]
pub struct SpotCheck {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub cycle: Uuid,
    #[diesel(sql_type = Text)]
    pub stage: String,
    /// Code of the unit.
    #[diesel(sql_type = Text)]
    pub unit: String,
    #[diesel(sql_type = Text)]
    pub checker: String,
    #[diesel(sql_type = Text)]
    pub state: CheckState,
    #[diesel(sql_type = Array<Text>)]
    pub subjects: Vec<String>,
    #[diesel(sql_type = Text)]
    pub drawn_by: String,
    #[diesel(sql_type = Timestamptz, deserialize_as = Timestamp)]
    pub drawn_at: jiff::Timestamp,
}

impl SpotCheck {
    /// What its steps are about.
    pub fn about(id: Uuid) -> String {
        format!("spot-check:{id}")
    }
}

/// Units to look at.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "units": ["NET", "OPS"] }))]
pub struct NewSpotChecks {
    /// Unit codes, 1 to 100.
    pub units: Vec<String>,
    /// The code of the stage, where there are several.
    #[serde(default)]
    pub stage: Option<String>,
}

/// What came of looking at a unit.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "recommendation": "E001 的满意度与服务单不符，请复核", "subjects": ["person:E001"] }))]
pub struct Conclusion {
    /// What is to be changed, 1 to 4000 characters; absent: everything is in order.
    #[serde(default)]
    pub recommendation: Option<String>,
    /// Whose results it is about: `person:NUMBER`, `unit:CODE`, of this unit; 1 to 100 where something is recommended.
    #[serde(default)]
    pub subjects: Vec<String>,
}

stored_enum! {
    /// How a recommendation is answered.
    pub enum CheckVerdict {
        /// It is scored anew: the forms about the subjects are open again.
        Corrected = "corrected",
        /// The result stands, for the reason that is given.
        Stands = "stands",
    }
}

/// The answer to a recommendation.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "verdict": "stands", "reason": "服务单 10 月 12 日已由客户更正，见附件" }))]
pub struct CheckAnswer {
    #[schema(inline)]
    pub verdict: CheckVerdict,
    /// Why, 1 to 4000 characters.
    pub reason: String,
}

/// Whoever recommended is content, or has put it right.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "reason": "答复不充分，已由小组调整得分" }))]
pub struct CheckSettlement {
    /// Why, 1 to 4000 characters.
    pub reason: String,
}

/// What somebody said in a spot check.
#[derive(Serialize, ToSchema)]
pub struct CheckWord {
    /// `recommended`, `in_order`, `corrected`, `stands` or `settled`.
    verdict: String,
    words: String,
    /// Employee number.
    by: String,
    at: jiff::Timestamp,
}

/// A unit that is looked at.
#[derive(Serialize, ToSchema)]
pub struct SpotCheckView {
    pub id: Uuid,
    pub cycle: Uuid,
    /// The code of the stage.
    stage: String,
    /// Unit code.
    unit: String,
    unit_name: Option<String>,
    /// Who looks: `body:CODE`, `body:CODE/leader` or `role:ROLE`.
    checker: String,
    #[schema(inline)]
    state: CheckState,
    /// Whose results the recommendation is about.
    subjects: Vec<String>,
    drawn_by: String,
    drawn_at: jiff::Timestamp,
    /// For whom it waits.
    waiting: Vec<String>,
    words: Vec<CheckWord>,
    /// The operations on it that the caller may call now.
    actions: Vec<&'static str>,
}

impl SpotCheckView {
    pub fn new(
        check: &SpotCheck,
        unit_name: Option<String>,
        steps: &[Step],
        decisions: &[Decision],
        actions: Vec<&'static str>,
    ) -> Self {
        let about = SpotCheck::about(check.id);
        let own: Vec<&Step> = steps.iter().filter(|step| step.about == about).collect();
        let open = own.iter().find(|step| step.state == StepState::Open);
        let said = decisions.iter().filter(|made| own.iter().any(|step| step.id == made.step));
        let word = |made: &Decision| CheckWord {
            verdict: made.verdict.clone(),
            words: made.reason.clone(),
            by: made.by.clone(),
            at: made.at,
        };
        Self {
            id: check.id,
            cycle: check.cycle,
            stage: check.stage.clone(),
            unit: check.unit.clone(),
            unit_name,
            checker: check.checker.clone(),
            state: check.state,
            subjects: check.subjects.clone(),
            drawn_by: check.drawn_by.clone(),
            drawn_at: check.drawn_at,
            waiting: open.map(|step| step.actors.clone()).unwrap_or_default(),
            words: said.map(word).collect(),
            actions,
        }
    }
}
