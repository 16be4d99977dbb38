use basics::{Label, day};
use diesel::QueryableByName;
use diesel::sql_types::{Array, BigInt, Date as SqlDate, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use domain::scheme::source::{Does, Stage, Who};
use jiff::Timestamp;
use jiff::civil::Date;
use platform::{Result, sql};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use steps::steps::StepState;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::cycles::cycle::Cycle;

/// A stage in which people are talked to about their results.
#[derive(Clone, Debug)]
pub struct InterviewStage {
    pub code: String,
    pub label: Label,
    pub holder: Who,
    /// Only those whose result gives a reason.
    pub reasons_only: bool,
    /// The result is known from the day of it.
    pub known: bool,
    pub due: Option<Date>,
}

impl InterviewStage {
    /// Where a scheme gives reasons for interviews and has no stage for them: the superior talks to whoever has one.
    fn by_reason() -> Self {
        Self {
            code: "interview".to_owned(),
            label: Label::new("绩效面谈", "interview"),
            holder: Who::Superior,
            reasons_only: true,
            known: false,
            due: None,
        }
    }

    /// Those of a cycle. Schemes of older versions do not say who holds them: the superior, with those who have a reason.
    pub fn of(cycle: &Cycle) -> Result<Vec<Self>> {
        let here = cycle.stages_where(|stage| stage.does == Does::Interview)?.into_iter();
        let stage = |(stage, due): (Stage, Option<Date>)| {
            let holder = stage.who().next().cloned();
            Self {
                code: stage.code,
                label: stage.label,
                reasons_only: holder.is_none() || stage.reasons_only,
                holder: holder.unwrap_or(Who::Superior),
                known: stage.known,
                due,
            }
        };
        let mut stages: Vec<Self> = here.map(stage).collect();
        if stages.is_empty() {
            stages.push(Self::by_reason());
        }
        Ok(stages)
    }
}

/// When and where an interview is to be held.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "at": "2026-11-03T01:30:00Z", "place": "三号会议室" }))]
pub struct Appointment {
    /// RFC 3339; not in the past.
    #[schema(value_type = String, format = DateTime)]
    pub at: Timestamp,
    /// Where, at most 200 characters.
    #[serde(default)]
    pub place: Option<String>,
    /// How long it is to take, 5 to 480; an hour unless said.
    #[serde(default)]
    #[schema(minimum = 5, maximum = 480)]
    pub minutes: Option<i32>,
}

/// What came of an interview.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "held_on": "2026-11-03", "notes": "两次延误的原因在于值班安排；十一月起由二人轮值。",
    "goals": [{ "title": "故障响应不超过 30 分钟", "measure": "值班记录" }] }))]
pub struct Record {
    /// YYYY-MM-DD; not in the future.
    #[serde(deserialize_with = "day::told")]
    #[schema(value_type = String, format = Date)]
    pub held_on: Date,
    /// What was said: causes, what to improve; 1 to 4000 characters.
    pub notes: String,
    /// What both agreed on for the next period; it enters the plan for it. At most 20.
    #[serde(default)]
    pub goals: Vec<AgreedGoal>,
}

/// A goal that was agreed on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AgreedGoal {
    /// 1 to 200 characters.
    pub title: String,
    /// How it is measured; at most 4000 characters.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measure: Option<String>,
}

/// What the person says of it.
#[derive(Clone, Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({ "comment": "同意，请安排备班。" }))]
pub struct Comment {
    /// 1 to 4000 characters.
    pub comment: String,
}

/// An interview as it is stored, with its step.
#[derive(Clone, Debug, QueryableByName)]
pub struct Interview {
    #[diesel(sql_type = SqlUuid)]
    pub step: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub cycle: Uuid,
    #[diesel(sql_type = Text)]
    pub stage: String,
    /// Employee number of the person.
    #[diesel(sql_type = Text)]
    pub number: String,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Array<Text>)]
    pub actors: Vec<String>,
    #[diesel(sql_type = Text)]
    pub state: StepState,
    #[diesel(sql_type = SqlDate, deserialize_as = sql::Date)]
    pub opened_on: Date,
    #[diesel(sql_type = Nullable<Timestamptz>, deserialize_as = sql::NullableTimestamp)]
    pub arranged_at: Option<Timestamp>,
    #[diesel(sql_type = Nullable<Text>)]
    pub place: Option<String>,
    #[diesel(sql_type = Nullable<Integer>)]
    pub minutes: Option<i32>,
    #[diesel(sql_type = Nullable<SqlDate>, deserialize_as = sql::NullableDate)]
    pub held_on: Option<Date>,
    #[diesel(sql_type = Nullable<Text>)]
    pub notes: Option<String>,
    #[diesel(sql_type = Jsonb)]
    pub goals: Value,
    #[diesel(sql_type = Nullable<Text>)]
    pub recorded_by: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub comment: Option<String>,
    #[diesel(sql_type = Nullable<Timestamptz>, deserialize_as = sql::NullableTimestamp)]
    pub commented_at: Option<Timestamp>,
    #[diesel(sql_type = BigInt)]
    pub version: i64,
}

/// An interview as people see it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct InterviewView {
    pub id: Uuid,
    pub cycle: Uuid,
    /// The code of the stage.
    pub stage: String,
    /// Employee number of the person.
    pub number: String,
    pub name: String,
    /// Who holds it: `person:NUMBER`, `role:hr`.
    pub holders: Vec<String>,
    /// `open` until it is recorded.
    pub state: StepState,
    /// When it is to be held.
    #[schema(value_type = Option<String>)]
    pub arranged_at: Option<Timestamp>,
    pub place: Option<String>,
    /// How long it is to take; an hour where nobody said.
    pub minutes: Option<i32>,
    #[schema(value_type = Option<String>)]
    pub held_on: Option<Date>,
    pub notes: Option<String>,
    #[schema(value_type = Vec<AgreedGoal>)]
    pub goals: Value,
    /// Employee number or account.
    pub recorded_by: Option<String>,
    /// What the person says of it.
    pub comment: Option<String>,
    #[schema(value_type = Option<String>)]
    pub commented_at: Option<Timestamp>,
    /// The operations on it that the caller may call now.
    pub actions: Vec<&'static str>,
}

impl InterviewView {
    pub fn new(one: Interview, actions: Vec<&'static str>) -> Self {
        Self {
            id: one.step,
            cycle: one.cycle,
            stage: one.stage,
            number: one.number,
            name: one.name,
            holders: one.actors,
            state: one.state,
            arranged_at: one.arranged_at,
            place: one.place,
            minutes: one.minutes,
            held_on: one.held_on,
            notes: one.notes,
            goals: one.goals,
            recorded_by: one.recorded_by,
            comment: one.comment,
            commented_at: one.commented_at,
            actions,
        }
    }
}
