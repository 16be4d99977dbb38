//! In which order approvals are asked for, and what they still lack: pure.
//!
//! Example: heads sign the lists of their units, then HR and an executive approve the whole. While the head of one of two
//! units has not signed, nothing is asked of HR. The executive sends one unit back to the heads: the signature of that
//! unit and what HR decided count no more, the other unit's stands.

use std::collections::HashMap;

use domain::scheme::source::StageOn;
use steps::steps::StepState;
use uuid::Uuid;

use super::approval::{Approval, DecidingStage, UnitOfRun};

/// A place at which somebody has to decide.
#[derive(Debug, PartialEq, Eq)]
pub struct Place<'s> {
    /// Which of the stages, from 0.
    pub stage: usize,
    /// Empty: everything.
    pub unit: &'s str,
    /// From 1.
    pub place: i32,
}

/// Where the approvals of a run stand.
pub struct Board<'s> {
    stages: &'s [DecidingStage],
    units: &'s [UnitOfRun],
    /// The steps that count, by stage, unit and place.
    live: HashMap<(&'s str, &'s str, i32), StepState>,
}

const EVERYTHING: &str = "";

impl<'s> Board<'s> {
    pub fn of(stages: &'s [DecidingStage], units: &'s [UnitOfRun], approvals: &'s [Approval]) -> Self {
        let counts = |one: &&Approval| matches!(one.state, StepState::Open | StepState::Done);
        let live = approvals.iter().filter(counts);
        let live = live.map(|one| ((one.stage.as_str(), one.unit.as_str(), one.place), one.state)).collect();
        Self { stages, units, live }
    }

    fn about(&self, stage: &DecidingStage) -> Vec<&'s str> {
        let mut units = self.units.iter().filter(|unit| stage.concerns(unit));
        match stage.on {
            StageOn::Cycle | StageOn::People if stage.categories.is_empty() || units.next().is_some() => {
                vec![EVERYTHING]
            }
            StageOn::Cycle | StageOn::People => Vec::new(),
            StageOn::Units => units.map(|unit| unit.code.as_str()).collect(),
        }
    }

    /// Whether all who decide in a stage about a unit, or about everything, have approved.
    fn is_done(&self, stage: &DecidingStage, unit: &str) -> bool {
        let done = |place: i32| self.live.get(&(stage.code.as_str(), unit, place)) == Some(&StepState::Done);
        (1..=stage.places()).all(done)
    }

    /// Whether a stage is through for a unit: by itself, because everything is, or because it is about nobody there.
    fn is_through(&self, stage: &DecidingStage, unit: &str) -> bool {
        let known = self.units.iter().find(|known| known.code == unit);
        let concerned = known.is_none_or(|known| stage.concerns(known));
        !concerned || self.is_done(stage, if stage.on == StageOn::Units { unit } else { EVERYTHING })
    }

    fn is_all_done(&self, stage: &DecidingStage) -> bool {
        self.about(stage).into_iter().all(|unit| self.is_done(stage, unit))
    }

    /// The places that are to be opened now.
    pub fn to_open(&self) -> Vec<Place<'s>> {
        let mut places = Vec::new();
        for (at, stage) in self.stages.iter().enumerate() {
            let before: Vec<&DecidingStage> =
                self.stages[..at].iter().filter(|earlier| stage.waits_for(earlier)).collect();
            for unit in self.about(stage) {
                let ready = match stage.on {
                    StageOn::Cycle | StageOn::People => before.iter().all(|earlier| self.is_all_done(earlier)),
                    StageOn::Units => before.iter().all(|earlier| self.is_through(earlier, unit)),
                };
                let next = (1..=stage.places())
                    .find(|place| self.live.get(&(stage.code.as_str(), unit, *place)) != Some(&StepState::Done));
                if let Some(place) =
                    next.filter(|place| ready && !self.live.contains_key(&(stage.code.as_str(), unit, *place)))
                {
                    places.push(Place { stage: at, unit, place });
                }
            }
        }
        places
    }

    /// What is not approved: each stage with the units that it lacks; nothing where it lacks everything's.
    pub fn lacking(&self) -> Vec<(&'s DecidingStage, Vec<&'s str>)> {
        let lacks = |stage: &'s DecidingStage| {
            let mut units = self.about(stage);
            units.retain(|unit| !self.is_done(stage, unit));
            (!units.is_empty()).then(|| (stage, units.into_iter().filter(|unit| !unit.is_empty()).collect()))
        };
        self.stages.iter().filter_map(lacks).collect()
    }

    /// Of some units those of which everything is approved.
    pub fn approved<'u>(&self, units: &[&'u str]) -> Vec<&'u str> {
        let through = |unit: &&&str| self.stages.iter().all(|stage| self.is_through(stage, unit));
        units.iter().filter(through).copied().collect()
    }
}

/// The steps that count no more when some units are sent back to a stage: theirs in it, and what was decided after it
/// about them and about everything.
pub fn undone(stages: &[DecidingStage], back_to: usize, units: &[String], approvals: &[Approval]) -> Vec<Uuid> {
    let place_of = |code: &str| stages.iter().position(|stage| stage.code == code);
    let undone = |one: &&Approval| {
        let concerned = one.unit.is_empty() || units.contains(&one.unit);
        concerned && place_of(&one.stage).is_some_and(|at| rests_on(stages, at, back_to))
    };
    approvals.iter().filter(undone).map(|one| one.step).collect()
}

/// Whether a stage is another, or waits for it, or for one that does.
fn rests_on(stages: &[DecidingStage], at: usize, earlier: usize) -> bool {
    let waits = |between: usize| stages[at].waits_for(&stages[between]) && rests_on(stages, between, earlier);
    at == earlier || (earlier..at).any(waits)
}

#[cfg(test)]
mod tests {
    use basics::Label;
    use domain::scheme::source::Who;

    use super::*;

    fn stage(code: &str, on: StageOn, places: usize) -> DecidingStage {
        DecidingStage {
            code: code.to_owned(),
            label: Label::new(code, code),
            on,
            categories: Vec::new(),
            after: None,
            by: vec![vec![Who::Head]; places],
            back_to: None,
            due: None,
        }
    }

    fn done(stage: &str, unit: &str, place: i32) -> Approval {
        let (stage, unit) = (stage.to_owned(), unit.to_owned());
        let (categories, state) = (Vec::new(), StepState::Done);
        Approval { step: Uuid::now_v7(), cycle: Uuid::nil(), run: 1, stage, unit, categories, place, state }
    }

    fn units(units: &[(&str, &[&str])]) -> Vec<UnitOfRun> {
        let unit = |(code, categories): &(&str, &[&str])| UnitOfRun {
            code: (*code).to_owned(),
            categories: categories.iter().map(|one| (*one).to_owned()).collect(),
            uncategorised: categories.is_empty(),
        };
        units.iter().map(unit).collect()
    }

    fn opened(stages: &[DecidingStage], units: &[UnitOfRun], approvals: &[Approval]) -> Vec<String> {
        let board = Board::of(stages, units, approvals);
        let told = |place: Place<'_>| format!("{} {} {}", stages[place.stage].code, place.unit, place.place);
        board.to_open().into_iter().map(told).collect()
    }

    #[test]
    fn given_units_then_those_who_decide_about_everything_come_after_all_of_them() {
        let stages = [stage("sign", StageOn::Units, 1), stage("approve", StageOn::Cycle, 2)];
        let units = units(&[("A", &[]), ("B", &[])]);
        let mut approvals = Vec::new();
        assert_eq!(opened(&stages, &units, &approvals), ["sign A 1", "sign B 1"]);
        approvals.push(done("sign", "A", 1));
        assert_eq!(opened(&stages, &units, &approvals), ["sign B 1"]);
        approvals.push(done("sign", "B", 1));
        assert_eq!(opened(&stages, &units, &approvals), ["approve  1"]);
        approvals.push(done("approve", "", 1));
        assert_eq!(opened(&stages, &units, &approvals), ["approve  2"]);
        assert_eq!(Board::of(&stages, &units, &approvals).lacking().len(), 1);
        assert!(Board::of(&stages, &units, &approvals).approved(&["A"]).is_empty());
        approvals.push(Approval { state: StepState::Open, ..done("approve", "", 2) });
        assert!(opened(&stages, &units, &approvals).is_empty(), "it waits");
        approvals.push(done("approve", "", 2));
        let board = Board::of(&stages, &units, &approvals);
        assert!(board.lacking().is_empty());
        assert_eq!(board.approved(&["A", "B"]), ["A", "B"]);
    }

    #[test]
    fn given_two_stages_of_units_then_one_unit_need_not_wait_for_the_other() {
        let stages = [stage("verify", StageOn::Units, 1), stage("sign", StageOn::Units, 1)];
        let units = units(&[("A", &[]), ("B", &[])]);
        let approvals = [done("verify", "A", 1)];
        assert_eq!(opened(&stages, &units, &approvals), ["verify B 1", "sign A 1"]);
    }

    #[test]
    fn given_two_stages_that_begin_together_then_a_third_waits_for_both_and_neither_undoes_the_other() {
        let after = |stage: DecidingStage, after: &[&str]| DecidingStage {
            after: Some(after.iter().map(|one| (*one).to_owned()).collect()),
            ..stage
        };
        let stages = [
            stage("figures", StageOn::Cycle, 1),
            after(stage("staff", StageOn::Cycle, 1), &[]),
            stage("approve", StageOn::Cycle, 1),
        ];
        let units = units(&[("A", &[])]);
        assert_eq!(opened(&stages, &units, &[]), ["figures  1", "staff  1"]);
        let mut approvals = vec![done("staff", "", 1)];
        assert_eq!(opened(&stages, &units, &approvals), ["figures  1"]);
        approvals.push(done("figures", "", 1));
        assert_eq!(opened(&stages, &units, &approvals), ["approve  1"]);
        approvals.push(done("approve", "", 1));
        let gone = undone(&stages, 0, &["A".to_owned()], &approvals);
        assert_eq!(gone, [approvals[1].step, approvals[2].step], "who looked at the staff has not to look again");
    }

    #[test]
    fn given_a_unit_that_is_sent_back_then_the_others_signature_stands() {
        let stages = [stage("sign", StageOn::Units, 1), stage("approve", StageOn::Cycle, 1)];
        let units = units(&[("A", &[]), ("B", &[])]);
        let mut approvals = [done("sign", "A", 1), done("sign", "B", 1), done("approve", "", 1)];
        let gone = undone(&stages, 0, &["A".to_owned()], &approvals);
        for one in approvals.iter_mut().filter(|one| gone.contains(&one.step)) {
            one.state = StepState::Void;
        }
        assert_eq!(opened(&stages, &units, &approvals), ["sign A 1"]);
        let lacking = Board::of(&stages, &units, &approvals);
        let lacking: Vec<_> =
            lacking.lacking().into_iter().map(|(stage, units)| (stage.code.as_str(), units)).collect();
        assert_eq!(lacking, [("sign", vec!["A"]), ("approve", vec![])]);
    }

    #[test]
    fn given_stages_about_categories_then_neither_waits_for_the_other_and_a_unit_without_them_for_none() {
        let of = |code: &str, on: StageOn, categories: &[&str]| DecidingStage {
            categories: categories.iter().map(|one| (*one).to_owned()).collect(),
            ..stage(code, on, 1)
        };
        let stages = [
            of("verify_a", StageOn::Cycle, &["A"]),
            of("verify", StageOn::Units, &["B", "C"]),
            stage("approve", StageOn::Cycle, 1),
        ];
        let units = units(&[("X", &["A", "B"]), ("Y", &["C"]), ("Z", &["A"])]);
        let mut approvals = Vec::new();
        assert_eq!(opened(&stages, &units, &approvals), ["verify_a  1", "verify X 1", "verify Y 1"]);
        approvals.extend([done("verify", "X", 1), done("verify", "Y", 1)]);
        assert_eq!(opened(&stages, &units, &approvals), ["verify_a  1"], "everything waits for all of them");
        approvals.push(done("verify_a", "", 1));
        assert_eq!(opened(&stages, &units, &approvals), ["approve  1"]);
        approvals.push(done("approve", "", 1));
        let board = Board::of(&stages, &units, &approvals);
        assert_eq!(board.approved(&["X", "Y", "Z"]), ["X", "Y", "Z"]);
        let none = super::tests::units(&[("Y", &["C"])]);
        assert_eq!(opened(&stages, &none, &[]), ["verify Y 1"], "there is nobody of category A");
        let own = super::tests::units(&[("Z", &[])]);
        assert_eq!(opened(&stages, &own, &[]), ["verify_a  1", "verify Z 1"], "a unit's own result is everybody's");
    }
}
