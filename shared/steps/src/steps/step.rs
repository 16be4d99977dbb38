use diesel::QueryableByName;
use diesel::sql_types::{Array, BigInt, Date as SqlDate, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use jiff::Timestamp;
use jiff::civil::Date;
use platform::sql;
use serde_json::Value;
use uuid::Uuid;

use super::Actor;

platform::stored_enum! {
    /// How far a step is.
    pub enum StepState {
        /// Waits for whoever acts in it.
        Open = "open",
        Done = "done",
        /// Whoever acted sent it on to the next.
        SentOn = "sent_on",
        /// Whoever acted sent back what it was about.
        Returned = "returned",
        /// Nobody acted in time, or nobody could.
        Missed = "missed",
        /// What it was about is no more.
        Void = "void",
    }
}

/// A step to be opened.
#[derive(Clone, Debug)]
pub struct NewStep {
    pub about: String,
    pub place: i32,
    pub actors: Vec<Actor>,
    pub due: Option<Date>,
}

/// A step as it is stored.
#[derive(Clone, Debug, QueryableByName)]
pub struct Step {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = Text)]
    pub about: String,
    /// In the order of the steps about one thing: 1 for the first.
    #[diesel(sql_type = Integer)]
    pub place: i32,
    /// One more each time that those who decide together were divided.
    #[diesel(sql_type = Integer)]
    pub round: i32,
    #[diesel(sql_type = Array<Text>)]
    pub actors: Vec<String>,
    #[diesel(sql_type = Text)]
    pub state: StepState,
    #[diesel(sql_type = SqlDate, deserialize_as = sql::Date)]
    pub opened_on: Date,
    #[diesel(sql_type = Nullable<SqlDate>, deserialize_as = sql::NullableDate)]
    pub due: Option<Date>,
    #[diesel(sql_type = Nullable<SqlDate>, deserialize_as = sql::NullableDate)]
    pub ended_on: Option<Date>,
    #[diesel(sql_type = BigInt)]
    pub version: i64,
}

impl Step {
    pub fn actors(&self) -> Vec<Actor> {
        self.actors.iter().filter_map(|actor| actor.parse().ok()).collect()
    }

    /// The body that decides it, if one does.
    pub fn body(&self) -> Option<Actor> {
        self.actors().into_iter().find(|actor| matches!(actor, Actor::Body { .. }))
    }
}

/// What somebody decides in a step.
#[derive(Clone, Debug)]
pub struct NewDecision {
    /// For which of the step's actors.
    pub actor: String,
    pub verdict: String,
    pub reason: String,
    /// What else is decided.
    pub detail: Value,
    pub session: Option<Uuid>,
}

/// A decision as it is stored; none is ever changed.
#[derive(Clone, Debug, QueryableByName)]
pub struct Decision {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub step: Uuid,
    #[diesel(sql_type = Integer)]
    pub round: i32,
    #[diesel(sql_type = Text)]
    pub actor: String,
    #[diesel(sql_type = Text)]
    pub verdict: String,
    #[diesel(sql_type = Text)]
    pub reason: String,
    #[diesel(sql_type = Jsonb)]
    pub detail: Value,
    #[diesel(sql_type = Text)]
    pub by: String,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    pub session: Option<Uuid>,
    #[diesel(sql_type = Timestamptz, deserialize_as = sql::Timestamp)]
    pub at: Timestamp,
}
