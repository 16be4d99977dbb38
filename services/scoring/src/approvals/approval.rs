use basics::Label;
use diesel::QueryableByName;
use diesel::sql_types::{Array, Integer, Text, Uuid as SqlUuid};
use domain::scheme::source::{Stage as Declared, StageOn, Who};
use jiff::civil::Date;
use platform::{Result, stored_enum};
use steps::steps::StepState;
use uuid::Uuid;

use crate::cycles::cycle::Cycle;
use crate::subjects::subject::{Appraised, Kind};

/// A stage of a cycle in which somebody decides about what was computed.
#[derive(Clone, Debug)]
pub struct DecidingStage {
    pub code: String,
    pub label: Label,
    pub on: StageOn,
    /// Only about people of these categories; empty: about everybody.
    pub categories: Vec<String>,
    /// The stages for which it waits; none: those before it that may be about the same people.
    pub after: Option<Vec<String>>,
    /// Who decides, step by step; several together.
    pub by: Vec<Vec<Who>>,
    /// The stage that begins again where something is sent back.
    pub back_to: Option<String>,
    pub due: Option<Date>,
}

impl DecidingStage {
    /// Those of a cycle, in their order.
    pub fn of(cycle: &Cycle) -> Result<Vec<Self>> {
        let deciding = cycle.stages_where(Declared::decides)?.into_iter();
        let stage = |(stage, due): (Declared, Option<Date>)| Self {
            on: stage.on,
            categories: stage.categories,
            after: stage.after,
            by: stage.by.iter().map(|acting| acting.who().to_vec()).collect(),
            code: stage.code,
            label: stage.label,
            back_to: stage.back_to,
            due,
        };
        Ok(deciding.map(stage).collect())
    }

    /// Whether it is about somebody in a unit. What is of no category every stage is about.
    pub fn concerns(&self, unit: &UnitOfRun) -> bool {
        self.categories.is_empty() || unit.uncategorised || self.meets(&unit.categories)
    }

    fn meets(&self, categories: &[String]) -> bool {
        categories.iter().any(|one| self.categories.contains(one))
    }

    /// Whether two stages may be about the same people.
    pub fn overlaps(&self, other: &Self) -> bool {
        self.categories.is_empty() || other.categories.is_empty() || self.meets(&other.categories)
    }

    /// Whether it begins only once an earlier stage is through.
    pub fn waits_for(&self, earlier: &Self) -> bool {
        match &self.after {
            Some(after) => after.contains(&earlier.code),
            None => self.overlaps(earlier),
        }
    }

    /// How many have to decide one after the other.
    pub fn places(&self) -> i32 {
        i32::try_from(self.by.len()).unwrap_or(i32::MAX)
    }

    /// Who decides at a place, from 1.
    pub fn who(&self, place: i32) -> &[Who] {
        usize::try_from(place - 1).ok().and_then(|at| self.by.get(at)).map_or(&[], Vec::as_slice)
    }
}

/// A unit with results that are not published, and the categories of the people who have them.
#[derive(Clone, Debug)]
pub struct UnitOfRun {
    pub code: String,
    pub categories: Vec<String>,
    /// It has results that are of no category: its own, where it has nobody else's, or somebody's who is in none.
    pub uncategorised: bool,
}

/// A step in which somebody decides about a run of a cycle.
#[derive(Clone, Debug, QueryableByName)]
pub struct Approval {
    #[diesel(sql_type = SqlUuid)]
    pub step: Uuid,
    #[diesel(sql_type = SqlUuid)]
    pub cycle: Uuid,
    /// The closing whose results it is about.
    #[diesel(sql_type = Integer)]
    pub run: i32,
    /// The code of its stage.
    #[diesel(sql_type = Text)]
    pub stage: String,
    /// Code of the unit that it is about; empty: everything.
    #[diesel(sql_type = Text)]
    pub unit: String,
    /// Only about people of these categories; empty: about everybody.
    #[diesel(sql_type = Array<Text>)]
    pub categories: Vec<String>,
    /// In the order of those who decide in the stage: 1 for the first.
    #[diesel(sql_type = Integer)]
    pub place: i32,
    #[diesel(sql_type = Text)]
    pub state: StepState,
}

impl Approval {
    /// Whether it is about somebody or something: people of its categories, and what is of none, such as a unit itself.
    pub fn is_about(&self, one: &Appraised) -> bool {
        let of_category = |category: &String| self.categories.contains(category);
        let categories =
            self.categories.is_empty() || one.kind == Kind::Unit || one.category.as_ref().is_none_or(of_category);
        (self.unit.is_empty() || one.unit == self.unit) && categories
    }
}

stored_enum! {
    /// What is decided.
    pub enum Verdict {
        Approved = "approved",
        /// Sent back, with the reason.
        Returned = "returned",
    }
}
