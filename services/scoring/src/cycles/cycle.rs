//! A cycle as scoring sees it, and what may happen to it when.

use std::collections::BTreeMap;

use diesel::QueryableByName;
use diesel::sql_types::{Integer, Jsonb, Nullable, Text, Uuid as SqlUuid};
use domain::period::Period;
use domain::scheme::source::Stage;
use jiff::civil::Date;
use platform::{Message, Problem, Result, say, stored_enum};
use serde_json::Value;
use uuid::Uuid;

use crate::engine::Scheme;
use crate::engine::computing::Ground;

stored_enum! {
    /// How far a cycle has come here.
    pub enum State {
        /// Sheets arrive, and are filled in.
        Open = "open",
        Computing = "computing",
        /// Whoever could be computed has a result that can be previewed.
        Computed = "computed",
        Published = "published",
        /// Opened by mistake: nothing of it counts.
        Cancelled = "cancelled",
    }
}

impl State {
    /// As people are told it.
    fn told(self) -> Message {
        match self {
            Self::Open => say!("评分中", "open"),
            Self::Computing => say!("结算中", "being computed"),
            Self::Computed => say!("已结算", "computed"),
            Self::Published => say!("已发布", "published"),
            Self::Cancelled => say!("已取消", "cancelled"),
        }
    }

    fn refuse(self) -> Problem {
        let state = self.told();
        Problem::wrong_state(
            say!("考核周期{state}，不能执行此操作", "the cycle is {state}; this cannot be done now"; state),
        )
    }

    /// In which values may be entered, at least about those who have no published result.
    pub const ENTERING: [Self; 3] = [Self::Open, Self::Computed, Self::Published];

    pub fn check_entering(self) -> Result<()> {
        if Self::ENTERING.contains(&self) { Ok(()) } else { Err(self.refuse()) }
    }

    /// It may be computed, again and again.
    pub fn close(self) -> Result<Self> {
        match self {
            Self::Open | Self::Computed | Self::Published => Ok(Self::Computing),
            Self::Computing | Self::Cancelled => Err(self.refuse()),
        }
    }

    pub fn publish(self) -> Result<Self> {
        match self {
            Self::Computed => Ok(Self::Published),
            Self::Published => Err(Problem::wrong_state(say!("结果已发布", "the results are published already"))),
            Self::Open => Err(Problem::wrong_state(say!("请先结算", "close the cycle first"))),
            Self::Computing | Self::Cancelled => Err(self.refuse()),
        }
    }

    pub fn check_not_cancelled(self) -> Result<()> {
        if self == Self::Cancelled { Err(self.refuse()) } else { Ok(()) }
    }
}

/// A cycle with what was frozen at its opening.
#[derive(Clone, Debug, QueryableByName)]
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
    #[diesel(sql_type = Nullable<Text>)]
    pub name: Option<String>,
    #[diesel(sql_type = Jsonb)]
    pub parameters: Value,
    /// As they were given at opening; facts entered since stand in front of them.
    #[diesel(sql_type = Jsonb)]
    pub company_facts: Value,
    #[diesel(sql_type = Jsonb)]
    pub stages: Value,
    #[diesel(sql_type = Text)]
    pub state: State,
    /// How often results of it were published.
    #[diesel(sql_type = Integer)]
    pub publications: i32,
    #[diesel(sql_type = Jsonb)]
    pub company_carried: Value,
}

impl Cycle {
    pub fn scheme(&self) -> Result<Scheme> {
        Scheme::of(&self.scheme_source, &self.cadence)
    }

    pub fn period(&self) -> Result<Period> {
        self.period.parse().map_err(|_| Problem::internal("a cycle's period cannot be read"))
    }

    /// The stages of its period of which this is true, in their order, each with its last day.
    pub fn stages_where(&self, wanted: impl Fn(&Stage) -> bool) -> Result<Vec<(Stage, Option<Date>)>> {
        let scheme = self.scheme()?;
        let declared = scheme.plain().stages_of(&self.cadence, &self.period()?);
        let wanted = declared.into_iter().filter(|stage| wanted(stage));
        wanted.map(|stage| Ok((stage.clone(), self.due(&stage.code)?))).collect()
    }

    /// The last day of a stage, where it has one.
    pub fn due(&self, stage: &str) -> Result<Option<Date>> {
        self.days(stage).map(|(_, due)| due)
    }

    /// The first and the last day of a stage, where it has them.
    pub fn days(&self, stage: &str) -> Result<(Option<Date>, Option<Date>)> {
        let stages: Vec<events::Stage> = serde_json::from_value(self.stages.clone())?;
        let dated = stages.into_iter().find(|dated| dated.code == stage);
        Ok(dated.map_or((None, None), |dated| (dated.opens, dated.due)))
    }

    /// What computations stand on, with these facts of the company.
    pub fn ground(&self, company_facts: BTreeMap<String, Value>) -> Ground {
        Ground { period: self.period.clone(), parameters: self.parameters.clone(), company_facts }
    }

    pub fn facts_of_company(&self) -> BTreeMap<String, Value> {
        self.company_facts.as_object().map(|facts| facts.clone().into_iter().collect()).unwrap_or_default()
    }

    /// The same as it would be with another cadence and other parameters.
    pub fn under(&self, cadence: String, parameters: Value) -> Self {
        Self { cadence, parameters, ..self.clone() }
    }

    /// Whether its results can be looked at by those who run the appraisal.
    pub fn check_computed(&self) -> Result<()> {
        if self.state == State::Computed || self.publications > 0 {
            return Ok(());
        }
        Err(Problem::wrong_state(say!("还没有结果：请先结算", "there are no results yet: close the cycle first")))
    }

    pub fn check_unpublished(&self) -> Result<()> {
        self.state.check_not_cancelled()?;
        if self.publications == 0 {
            return Ok(());
        }
        Err(Problem::wrong_state(say!("结果已公布", "the results are published")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_a_cycle_then_it_may_be_computed_again_and_again_until_it_is_cancelled() {
        for state in [State::Open, State::Computed, State::Published] {
            assert_eq!(state.close().ok(), Some(State::Computing), "{state}");
        }
        assert!(State::Computing.close().is_err() && State::Cancelled.close().is_err());
    }

    #[test]
    fn given_results_that_are_not_computed_then_they_are_not_published() {
        assert_eq!(State::Computed.publish().ok(), Some(State::Published));
        for state in [State::Open, State::Computing, State::Published, State::Cancelled] {
            assert!(state.publish().is_err(), "{state}");
        }
    }
}
