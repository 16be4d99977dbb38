use basics::Label;
use diesel::QueryableByName;
use diesel::sql_types::{Array, BigInt, Date as SqlDate, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use domain::scheme::source::{Does, Stage, Who};
use jiff::civil::Date;
use platform::sql::{self, Timestamp};
use platform::{Result, stored_enum};
use serde::{Deserialize, Serialize};
use steps::steps::{Actor, StepState};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::cycles::cycle::{Cycle, State};

/// A stage of a cycle in which people say what they think of their result.
#[derive(Clone, Debug)]
pub struct OpinionStage {
    pub code: String,
    pub label: Label,
    /// Who answers.
    pub answerer: Who,
    pub due: Option<Date>,
    /// People are heard as soon as their result is computed, before it is published.
    pub early: bool,
}

impl OpinionStage {
    /// Whether the people of a cycle are heard about what is computed and not published.
    pub fn hears_now(cycle: &Cycle) -> Result<bool> {
        Ok(cycle.state == State::Computed && Self::of(cycle)?.iter().any(|stage| stage.early))
    }

    pub fn of(cycle: &Cycle) -> Result<Vec<Self>> {
        let stages = cycle.stages_where(|stage| stage.does == Does::Opinion)?.into_iter();
        let stage = |(stage, due): (Stage, Option<Date>)| {
            let answerer = stage.who().next().cloned()?;
            let early = stage.hears_early();
            Some(Self { code: stage.code, label: stage.label, answerer, due, early })
        };
        Ok(stages.filter_map(stage).collect())
    }
}

/// What a person says of their result.
#[derive(Clone, Debug, QueryableByName)]
pub struct Opinion {
    #[diesel(sql_type = SqlUuid)]
    pub step: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub cycle: Uuid,
    #[diesel(sql_type = Text)]
    pub stage: String,
    #[diesel(sql_type = Text)]
    pub number: String,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = BigInt)]
    pub result_version: i64,
    /// Of what that version said.
    #[diesel(sql_type = Text)]
    pub digest: String,
    #[diesel(sql_type = Text)]
    pub words: String,
    #[diesel(sql_type = Timestamptz, deserialize_as = Timestamp)]
    pub stated_at: jiff::Timestamp,
    #[diesel(sql_type = Array<Text>)]
    pub actors: Vec<String>,
    #[diesel(sql_type = Text)]
    pub state: StepState,
    #[diesel(sql_type = Nullable<SqlDate>, deserialize_as = sql::NullableDate)]
    pub due: Option<Date>,
    /// How it was answered.
    #[diesel(sql_type = Nullable<Text>)]
    pub verdict: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub answer: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub answered_by: Option<String>,
    #[diesel(sql_type = Nullable<Timestamptz>, deserialize_as = sql::NullableTimestamp)]
    pub answered_at: Option<jiff::Timestamp>,
}

impl Opinion {
    pub fn actors(&self) -> Vec<Actor> {
        self.actors.iter().filter_map(|actor| actor.parse().ok()).collect()
    }
}

/// What one says of one's result.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "words": "工单延误系总部停电所致，望予考虑" }))]
pub struct NewOpinion {
    /// 1 to 4000 characters.
    pub words: String,
}

stored_enum! {
    /// How an opinion is answered.
    pub enum OpinionVerdict {
        /// By an explanation: the result stands.
        Explained = "explained",
        /// The result was corrected.
        Corrected = "corrected",
    }
}

/// The answer to an opinion.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "verdict": "explained", "answer": "停电当日已从统计中剔除" }))]
pub struct OpinionAnswer {
    #[schema(inline)]
    pub verdict: OpinionVerdict,
    /// 1 to 4000 characters.
    pub answer: String,
}

/// An opinion as people see it.
#[derive(Serialize, ToSchema)]
pub struct OpinionView {
    pub id: Uuid,
    pub cycle: Uuid,
    /// The code of the stage.
    stage: String,
    /// Employee number of the person.
    number: String,
    name: String,
    /// The version of the result that it is about.
    result_version: i64,
    words: String,
    stated_at: jiff::Timestamp,
    /// Who answers: `person:NUMBER`, `role:hr`.
    answerers: Vec<String>,
    /// `open` until it is answered.
    state: StepState,
    #[schema(value_type = Option<String>)]
    due: Option<Date>,
    /// `explained` or `corrected`.
    verdict: Option<String>,
    answer: Option<String>,
    /// Employee number or account.
    answered_by: Option<String>,
    answered_at: Option<jiff::Timestamp>,
    /// The operations on it that the caller may call now.
    actions: Vec<&'static str>,
}

impl OpinionView {
    pub fn new(one: Opinion, actions: Vec<&'static str>) -> Self {
        Self {
            id: one.step,
            cycle: one.cycle,
            stage: one.stage,
            number: one.number,
            name: one.name,
            result_version: one.result_version,
            words: one.words,
            stated_at: one.stated_at,
            answerers: one.actors,
            state: one.state,
            due: one.due,
            verdict: one.verdict,
            answer: one.answer,
            answered_by: one.answered_by,
            answered_at: one.answered_at,
            actions,
        }
    }
}
