//! A cycle as it is planned.

use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Bool, Date as SqlDate, Integer, Jsonb, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use events::Stage;
use platform::sql::{Date, NullableDate, NullableTimestamp, Timestamp};
use platform::{Problem, Result, say};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

platform::stored_enum! {
    /// Where a cycle stands as far as planning knows.
    pub enum CycleState {
        /// Being planned.
        Open = "open",
        /// Handed over to scoring; plans and targets do not change any more.
        Released = "released",
        Published = "published",
        /// Opened by mistake: nothing of it counts.
        Cancelled = "cancelled",
    }
}

impl CycleState {
    pub fn must_be_open(self) -> Result<()> {
        match self {
            Self::Open => Ok(()),
            Self::Released => {
                Err(Problem::wrong_state(say!("考核周期已下发评分", "the cycle has been released for scoring")))
            }
            Self::Published | Self::Cancelled => self.must_be_running(),
        }
    }

    /// Whether it is open or released: its subjects and sheets may still change.
    pub fn must_be_running(self) -> Result<()> {
        match self {
            Self::Open | Self::Released => Ok(()),
            Self::Published => {
                Err(Problem::wrong_state(say!("考核结果已发布", "the cycle's results have been published")))
            }
            Self::Cancelled => Err(Problem::wrong_state(say!("考核周期已取消", "the cycle has been cancelled"))),
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
    /// Which of several cycles for the same period.
    #[diesel(sql_type = Nullable<Text>)]
    pub name: Option<String>,
    #[diesel(sql_type = Text)]
    pub state: CycleState,
    #[diesel(sql_type = Bool)]
    pub has_targets: bool,
    #[diesel(sql_type = Bool)]
    pub has_plans: bool,
    #[diesel(sql_type = Bool)]
    pub has_unit_plans: bool,
    #[diesel(sql_type = Bool)]
    pub has_settling: bool,
    #[diesel(sql_type = Bool)]
    pub has_release: bool,
    /// Who was chosen; none: the rules say who takes part.
    #[diesel(sql_type = Nullable<Jsonb>)]
    pub chosen: Option<serde_json::Value>,
    #[diesel(sql_type = Nullable<Text>)]
    pub cancelled_why: Option<String>,
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
    pub fn must_be_open(&self) -> Result<()> {
        self.state.must_be_open()
    }

    /// Nothing of it is published: it can still be as if it had never been opened.
    pub fn must_be_cancellable(&self) -> Result<()> {
        self.state.must_be_running()?;
        match self.published_at {
            None => Ok(()),
            Some(_) => CycleState::Published.must_be_running(),
        }
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
    /// What planning does in it: `issue_targets`, `draft_plan`, `draft_unit_plan`, `submit_unit_plan`,
    /// `approve_unit_plan`, `settle_sheets` or `release_cycle`; null when the stage belongs to another service.
    #[diesel(sql_type = Nullable<Text>)]
    pub activity: Option<String>,
    /// Null where neither the scheme nor whoever opened the cycle set a day.
    #[diesel(sql_type = Nullable<SqlDate>, deserialize_as = NullableDate)]
    pub opens: Option<jiff::civil::Date>,
    #[diesel(sql_type = Nullable<SqlDate>, deserialize_as = NullableDate)]
    pub due: Option<jiff::civil::Date>,
    #[diesel(sql_type = Text)]
    pub dated_by: DatedBy,
    /// Why its days were moved.
    #[diesel(sql_type = Nullable<Text>)]
    pub moved_why: Option<String>,
}

platform::stored_enum! {
    /// Who set the days of a stage.
    pub enum DatedBy {
        Scheme = "scheme",
        /// Whoever opened the cycle.
        Opening = "opening",
        /// HR, while the cycle ran.
        Moved = "moved",
    }
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
        assert!(CycleState::Open.must_be_open().is_ok());
        assert!(CycleState::Released.must_be_open().is_err());
        assert!(CycleState::Published.must_be_open().is_err());
        assert!(CycleState::Released.must_be_running().is_ok() && CycleState::Cancelled.must_be_running().is_err());
    }
}
