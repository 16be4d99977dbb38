//! A cycle as scoring sees it, and what may happen to it when.

use diesel::QueryableByName;
use diesel::sql_types::{BigInt, Bool, Jsonb, Nullable, Text, Uuid as SqlUuid};
use platform::{Message, Problem, Result, say};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::engine::Scheme;

/// How far a cycle has come here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum State {
    /// Settled sheets are still arriving.
    Open,
    Scoring,
    Closing,
    /// Closing stopped at something that cannot be computed; reopen, mend it and close again.
    Failed,
    /// Computed and open to preview.
    Closed,
    Published,
}

impl State {
    pub fn parse(text: &str) -> Result<Self> {
        match text {
            "open" => Ok(Self::Open),
            "scoring" => Ok(Self::Scoring),
            "closing" => Ok(Self::Closing),
            "failed" => Ok(Self::Failed),
            "closed" => Ok(Self::Closed),
            "published" => Ok(Self::Published),
            other => Err(Problem::internal(format!("a cycle is {other}"))),
        }
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Scoring => "scoring",
            Self::Closing => "closing",
            Self::Failed => "failed",
            Self::Closed => "closed",
            Self::Published => "published",
        }
    }

    /// As people are told it.
    fn told(self) -> Message {
        match self {
            Self::Open => say!("等待考核表下发", "open"),
            Self::Scoring => say!("评分中", "scoring"),
            Self::Closing => say!("结算中", "closing"),
            Self::Failed => say!("结算失败", "failed"),
            Self::Closed => say!("已结算", "closed"),
            Self::Published => say!("已发布", "published"),
        }
    }

    /// Ratings, measurements, facts and unit scores may be entered.
    pub fn check_scoring(self) -> Result<()> {
        match self {
            Self::Scoring => Ok(()),
            Self::Open => Err(Problem::wrong_state(say!(
                "本周期的考核表全部下发后才能评分",
                "scoring starts when all sheets of the cycle are released"
            ))),
            _ => {
                let state = self.told();
                let detail = say!("考核周期{state}：评分已结束", "the cycle is {state}: scoring is over"; state);
                Err(Problem::wrong_state(detail))
            }
        }
    }

    pub fn close(self) -> Result<Self> {
        match self {
            Self::Scoring => Ok(Self::Closing),
            Self::Open => Err(Problem::wrong_state(say!(
                "本周期的考核表尚未全部下发并送达",
                "not all sheets of the cycle have been released and arrived"
            ))),
            _ => {
                let state = self.told();
                Err(Problem::wrong_state(say!("考核周期已是“{state}”状态", "the cycle is {state} already"; state)))
            }
        }
    }

    pub fn reopen(self) -> Result<Self> {
        match self {
            Self::Closed | Self::Failed => Ok(Self::Scoring),
            Self::Published => Err(Problem::wrong_state(say!(
                "已发布的结果只能通过更正修改",
                "published results change only by a correction"
            ))),
            _ => {
                let state = self.told();
                let detail =
                    say!("考核周期{state}：无需重新打开", "the cycle is {state}: there is nothing to reopen"; state);
                Err(Problem::wrong_state(detail))
            }
        }
    }

    pub fn publish(self) -> Result<Self> {
        match self {
            Self::Closed => Ok(Self::Published),
            Self::Published => Err(Problem::wrong_state(say!("结果已发布", "the results are published already"))),
            _ => {
                let state = self.told();
                let detail = say!("考核周期{state}：请先结算", "the cycle is {state}: close it first"; state);
                Err(Problem::wrong_state(detail))
            }
        }
    }

    pub fn check_unpublished(self) -> Result<()> {
        match self {
            Self::Published => Err(Problem::wrong_state(say!("结果已公布", "the results are published"))),
            _ => Ok(()),
        }
    }

    /// All sheets are there, so that a policy can be tried on them.
    pub fn check_simulable(self) -> Result<()> {
        match self {
            Self::Open => Err(Problem::wrong_state(say!(
                "本周期的考核表尚未全部下发并送达",
                "not all sheets of the cycle have been released and arrived"
            ))),
            _ => Ok(()),
        }
    }

    /// Computed results are there to be looked at by those who run the appraisal.
    pub fn check_computed(self) -> Result<()> {
        match self {
            Self::Closed | Self::Published => Ok(()),
            _ => {
                let state = self.told();
                let detail =
                    say!("考核周期{state}：还没有结果", "the cycle is {state}: there are no results yet"; state);
                Err(Problem::wrong_state(detail))
            }
        }
    }
}

/// A cycle with what was frozen at its opening.
#[derive(Clone, QueryableByName)]
pub struct Cycle {
    #[diesel(sql_type = SqlUuid)]
    pub id: Uuid,
    #[diesel(sql_type = Text)]
    pub scheme_code: String,
    #[diesel(sql_type = Text)]
    pub scheme_source: String,
    #[diesel(sql_type = Text)]
    pub cadence: String,
    #[diesel(sql_type = Text)]
    pub period: String,
    #[diesel(sql_type = Jsonb)]
    pub parameters: Value,
    #[diesel(sql_type = Jsonb)]
    pub company_facts: Value,
    #[diesel(sql_type = Jsonb)]
    pub stages: Value,
    #[diesel(sql_type = Text)]
    state: String,
    #[diesel(sql_type = Bool)]
    pub released: bool,
    #[diesel(sql_type = BigInt)]
    pub sheets_expected: i64,
    #[diesel(sql_type = Jsonb)]
    pub company_carried: Value,
}

impl Cycle {
    pub fn state(&self) -> Result<State> {
        State::parse(&self.state)
    }

    pub fn scheme(&self) -> Result<Scheme> {
        Scheme::of(&self.scheme_source, &self.cadence)
    }

    /// The same as it would be with another cadence and other parameters.
    pub fn under(&self, cadence: String, parameters: Value) -> Self {
        Self { cadence, parameters, ..self.clone() }
    }
}

/// A unit of a cycle, with what was entered about it here.
#[derive(Clone, QueryableByName)]
pub struct Unit {
    #[diesel(sql_type = Text)]
    pub code: String,
    #[diesel(sql_type = Text)]
    pub name: String,
    #[diesel(sql_type = Nullable<Text>)]
    pub category: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    pub head: Option<String>,
    /// Settled facts, overlaid with those entered here.
    #[diesel(sql_type = Jsonb)]
    pub facts: Value,
    #[diesel(sql_type = Nullable<Text>)]
    pub score: Option<String>,
    #[diesel(sql_type = Bool)]
    pub announced: bool,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_a_published_cycle_then_nothing_turns_it_back() {
        assert!(State::Published.reopen().is_err());
        assert!(State::Published.close().is_err());
        assert!(State::Published.publish().is_err());
        assert!(State::Published.check_scoring().is_err());
    }

    #[test]
    fn given_an_open_cycle_then_it_can_neither_be_scored_nor_closed() {
        assert!(State::Open.check_scoring().is_err());
        assert!(State::Open.close().is_err());
    }

    #[test]
    fn given_a_closed_cycle_then_it_may_be_reopened_or_published() {
        assert_eq!(State::Closed.reopen().ok(), Some(State::Scoring));
        assert_eq!(State::Closed.publish().ok(), Some(State::Published));
        assert_eq!(State::Failed.reopen().ok(), Some(State::Scoring));
    }

    #[test]
    fn given_every_state_then_its_name_reads_back() {
        for state in [State::Open, State::Scoring, State::Closing, State::Failed, State::Closed, State::Published] {
            assert_eq!(State::parse(state.as_str()).ok(), Some(state));
        }
    }
}
