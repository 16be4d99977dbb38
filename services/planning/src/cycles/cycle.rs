//! A cycle as it is planned.

use std::str::FromStr;

use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Bool, Date as SqlDate, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use events::Stage;
use platform::sql::{Date, NullableDate, NullableTimestamp, Timestamp};
use platform::{Problem, Result, say};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// Where a cycle stands as far as planning knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Being planned.
    Open,
    /// Handed over to scoring; nothing about it changes here any more.
    Released,
    Published,
}

impl State {
    pub fn must_be_open(self) -> Result<()> {
        match self {
            Self::Open => Ok(()),
            Self::Released => {
                Err(Problem::wrong_state(say!("考核周期已下发评分", "the cycle has been released for scoring")))
            }
            Self::Published => {
                Err(Problem::wrong_state(say!("考核结果已发布", "the cycle's results have been published")))
            }
        }
    }
}

impl FromStr for State {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "open" => Ok(Self::Open),
            "released" => Ok(Self::Released),
            "published" => Ok(Self::Published),
            other => Err(format!("unknown state of a cycle: {other}")),
        }
    }
}

/// A cycle as it is stored.
#[derive(QueryableByName, Clone, Debug)]
pub struct Cycle {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = Text)]
    pub scheme_code: String,
    #[diesel(sql_type = Integer)]
    pub scheme_version: i32,
    #[diesel(sql_type = Text)]
    pub scheme_name_zh: String,
    #[diesel(sql_type = Text)]
    pub scheme_name_en: String,
    #[diesel(sql_type = Text)]
    pub cadence: String,
    #[diesel(sql_type = Text)]
    pub period: String,
    #[diesel(sql_type = Jsonb)]
    pub parameters: serde_json::Value,
    #[diesel(sql_type = Jsonb)]
    pub company_facts: serde_json::Value,
    #[diesel(sql_type = SqlDate, deserialize_as = Date)]
    pub as_of: jiff::civil::Date,
    #[diesel(sql_type = Text)]
    pub state: String,
    #[diesel(sql_type = Bool)]
    pub has_targets: bool,
    #[diesel(sql_type = Bool)]
    pub has_plans: bool,
    #[diesel(sql_type = Bool)]
    pub has_unit_plans: bool,
    #[diesel(sql_type = Bool)]
    pub has_settling: bool,
    #[diesel(sql_type = BigInt)]
    pub participants: i64,
    #[diesel(sql_type = Timestamptz, deserialize_as = Timestamp)]
    pub opened_at: jiff::Timestamp,
    #[diesel(sql_type = Nullable<Timestamptz>, deserialize_as = NullableTimestamp)]
    pub released_at: Option<jiff::Timestamp>,
    #[diesel(sql_type = Nullable<Timestamptz>, deserialize_as = NullableTimestamp)]
    pub published_at: Option<jiff::Timestamp>,
    #[diesel(sql_type = BigInt)]
    pub version: i64,
}

impl Cycle {
    pub fn state(&self) -> Result<State> {
        self.state.parse().map_err(Problem::internal)
    }

    pub fn must_be_open(&self) -> Result<()> {
        self.state()?.must_be_open()
    }
}

/// A stage of a cycle.
#[derive(QueryableByName, Clone, Debug, Serialize, Deserialize, ToSchema)]
pub struct StageView {
    #[diesel(sql_type = Text)]
    pub code: String,
    #[diesel(sql_type = Text)]
    pub label_zh: String,
    #[diesel(sql_type = Text)]
    pub label_en: String,
    /// What planning does in it: `issue_targets`, `draft_plan`, `submit_unit_plan`, `approve_unit_plan` or
    /// `settle_sheets`; null when the stage belongs to another service.
    #[diesel(sql_type = Nullable<Text>)]
    pub activity: Option<String>,
    #[diesel(sql_type = SqlDate, deserialize_as = Date)]
    pub opens: jiff::civil::Date,
    #[diesel(sql_type = Nullable<SqlDate>, deserialize_as = NullableDate)]
    pub due: Option<jiff::civil::Date>,
}

impl From<&StageView> for Stage {
    fn from(stage: &StageView) -> Self {
        Self { code: stage.code.clone(), opens: stage.opens, due: stage.due }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_open_cycle_can_be_planned() {
        assert!(State::Open.must_be_open().is_ok());
        assert!(State::Released.must_be_open().is_err());
        assert!(State::Published.must_be_open().is_err());
    }
}
