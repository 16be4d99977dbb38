//! Results row by row, in the form in which cases expect them.

use std::collections::{BTreeMap, HashMap};

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::Evaluation;
use crate::money::{Money, Score, Share, plain};
use crate::scheme::compile::bare;
use crate::scheme::plan::{Body, Figure, Rule};
use crate::scheme::source::{Output, Purpose};
use crate::scheme::{AppealAnswer, StageDates, UNDISTRIBUTED};
use crate::value::{Kind, Value};

/// What came out for one person.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct PersonResult {
    pub number: String,
    /// Why the person is not appraised.
    pub excluded: Option<String>,
    pub score: Option<Score>,
    pub grade: Option<String>,
    pub coefficient: Option<Share>,
    pub pay: BTreeMap<String, Money>,
    pub outcomes: Vec<String>,
    pub interview: Vec<String>,
    pub scores: BTreeMap<String, Score>,
    /// Further outputs of the policy, by name.
    #[serde(flatten)]
    pub outputs: BTreeMap<String, OutputValue>,
}

/// What came out for one unit.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct UnitResult {
    pub code: String,
    pub score: Option<Score>,
    pub grade: Option<String>,
    pub coefficient: Option<Share>,
    pub outcomes: Vec<String>,
    #[serde(flatten)]
    pub outputs: BTreeMap<String, OutputValue>,
}

/// An output that only some policies have; numbers are texts in plain notation.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum OutputValue {
    Flag(bool),
    Text(String),
}

/// The outputs of a subject before they are told apart.
#[derive(Default)]
struct Outputs {
    score: Option<Score>,
    grade: Option<String>,
    coefficient: Option<Share>,
    pay: BTreeMap<String, Money>,
    scores: BTreeMap<String, Score>,
    own: BTreeMap<String, OutputValue>,
}

impl<'a> Evaluation<'a> {
    /// Everybody in the case, in the order of the case.
    pub fn people(&self) -> impl Iterator<Item = PersonResult> + '_ {
        (0..self.case.of(Kind::People).len()).map(|row| self.person_at(row))
    }

    pub fn units(&self) -> impl Iterator<Item = UnitResult> + '_ {
        (0..self.case.of(Kind::Units).len()).map(|row| self.unit_at(row))
    }

    pub fn person(&self, number: &str) -> Option<PersonResult> {
        self.row(Kind::People, number).map(|row| self.person_at(row))
    }

    pub fn unit(&self, code: &str) -> Option<UnitResult> {
        self.row(Kind::Units, code).map(|row| self.unit_at(row))
    }

    /// The company's figures, by name.
    pub fn company_figures(&self) -> BTreeMap<String, OutputValue> {
        self.all_figures(Kind::Company, 0)
    }

    /// All figures of each unit, by name, in the order of the case.
    pub fn unit_figures(&self) -> impl Iterator<Item = BTreeMap<String, OutputValue>> + '_ {
        (0..self.case.of(Kind::Units).len()).map(|row| self.all_figures(Kind::Units, row))
    }

    fn all_figures(&self, kind: Kind, row: usize) -> BTreeMap<String, OutputValue> {
        let figures = self.figures_of(kind, row).filter(|(_, figure, ..)| !figure.item);
        let told = figures
            .filter_map(|(_, figure, body, value)| Some((figure.name.to_string(), self.output_value(body, value)?)));
        told.collect()
    }

    /// The dated stages of the cadence.
    pub fn calendar(&self) -> Vec<StageDates> {
        let cadence = self.scheme.cadences().get(self.case.cadence).map_or("", |cadence| &cadence.code);
        self.scheme.calendar(cadence, &self.case.period, &self.case.calendar)
    }

    pub fn appeal(&self) -> Option<AppealAnswer> {
        let (known_on, filed_on) = self.case.appeal?;
        self.scheme.appeal(known_on, filed_on, &self.case.calendar)
    }

    pub fn warnings(&self) -> Vec<String> {
        let mut found = self.guide_warnings.clone();
        for (rule, hits) in self.plan.rules.iter().zip(&self.hits) {
            if rule.purpose != Purpose::Warning {
                continue;
            }
            for row in (0..hits.len()).filter(|row| hits.get(*row) == Some(&true)) {
                let id = self.case.of(rule.kind).id(row);
                found.extend(rule.gives.iter().map(|code| code.replace("{code}", id).replace("{number}", id)));
            }
        }
        if !self.warns_of_pools() {
            found.extend(self.pools().iter().filter(|pool| pool.is_unpaid()).map(|pool| match &pool.of {
                Some(of) => format!("{UNDISTRIBUTED}:{of}"),
                None => UNDISTRIBUTED.to_owned(),
            }));
        }
        found.sort();
        found.dedup();
        found
    }

    /// Whether the scheme says itself when it warns of a pool that nobody is paid of.
    fn warns_of_pools(&self) -> bool {
        let warnings = self.plan.rules.iter().filter(|rule| rule.purpose == Purpose::Warning);
        warnings.flat_map(|rule| &rule.gives).any(|code| bare(code) == UNDISTRIBUTED)
    }

    fn person_at(&self, row: usize) -> PersonResult {
        let number = self.case.of(Kind::People).id(row).to_owned();
        if let Some(Some(exclusion)) = self.excluded.get(row) {
            let code = self.plan.exclusions.get(usize::from(*exclusion)).map(|exclusion| exclusion.code.clone());
            return PersonResult { number, excluded: code, ..PersonResult::default() };
        }
        let outputs = self.outputs(Kind::People, row);
        let mut outcomes = self.given(Kind::People, Purpose::Outcome, row);
        outcomes.extend(self.given_as_leader(row).flat_map(|(rule, _)| rule.gives.iter().cloned()));
        PersonResult {
            number,
            excluded: None,
            score: outputs.score,
            grade: outputs.grade,
            coefficient: outputs.coefficient,
            pay: outputs.pay,
            outcomes: tidy(outcomes),
            interview: tidy(self.given(Kind::People, Purpose::Interview, row)),
            scores: outputs.scores,
            outputs: outputs.own,
        }
    }

    fn unit_at(&self, row: usize) -> UnitResult {
        let outputs = self.outputs(Kind::Units, row);
        UnitResult {
            code: self.case.of(Kind::Units).id(row).to_owned(),
            score: outputs.score,
            grade: outputs.grade,
            coefficient: outputs.coefficient,
            outcomes: tidy(self.given(Kind::Units, Purpose::Outcome, row)),
            outputs: outputs.own,
        }
    }

    /// Figures that have a body for this subject, with it and their value.
    pub(super) fn figures_of(&self, kind: Kind, row: usize) -> impl Iterator<Item = (u16, &Figure, &Body, Value)> + '_ {
        let category = self.case.of(kind).category_of(row);
        let figures = (0_u16..).zip(&self.plan.figures).filter(move |(_, figure)| figure.kind == kind);
        figures.filter_map(move |(at, figure)| {
            let body = figure.bodies.get(category)?.as_ref()?;
            Some((at, figure, body, self.cell(at, row)))
        })
    }

    fn outputs(&self, kind: Kind, row: usize) -> Outputs {
        let mut outputs = Outputs::default();
        for (_, figure, body, value) in self.figures_of(kind, row) {
            match (&*figure.name, value, body.output) {
                (_, Value::Number(number), _) if body.pay => {
                    outputs.pay.insert(figure.name.to_string(), Money::new(number));
                }
                ("score", Value::Number(number), _) => outputs.score = Some(Score::new(number)),
                ("coefficient", Value::Number(number), _) => outputs.coefficient = Some(Share::new(number)),
                ("grade", Value::Text(grade), _) => outputs.grade = Some(self.scheme.symbols.text(grade).to_string()),
                (_, Value::Number(number), Some(Output::Scores)) => {
                    outputs.scores.insert(figure.name.to_string(), Score::new(number));
                }
                (_, value, Some(Output::Own)) => {
                    if let Some(value) = self.output_value(body, value) {
                        outputs.own.insert(figure.name.to_string(), value);
                    }
                }
                _ => {}
            }
        }
        outputs
    }

    fn output_value(&self, body: &Body, value: Value) -> Option<OutputValue> {
        match value {
            Value::Number(number) => Some(OutputValue::Text(printed(body, number))),
            Value::Text(text) => Some(OutputValue::Text(self.scheme.symbols.text(text).to_string())),
            Value::Flag(flag) => Some(OutputValue::Flag(flag)),
            Value::Day(day) => Some(OutputValue::Text(day.to_string())),
            Value::Absent | Value::List { .. } | Value::Failed(_) => None,
        }
    }

    fn given(&self, kind: Kind, purpose: Purpose, row: usize) -> Vec<String> {
        let rules = self.plan.rules.iter().zip(&self.hits);
        let applying = rules.filter(|(rule, hits)| {
            rule.kind == kind && rule.purpose == purpose && !rule.to_head && hits.get(row) == Some(&true)
        });
        applying.flat_map(|(rule, _)| rule.gives.iter().cloned()).collect()
    }

    /// What a person gets as the leader of units: the rules, and the rows of the units.
    pub(super) fn given_as_leader(&self, row: usize) -> impl Iterator<Item = (&'a Rule, usize)> + '_ {
        let given = self.leaders.get_or_init(|| self.find_leaders()).get(&row);
        given.into_iter().flatten().filter_map(|(rule, unit)| Some((self.plan.rules.get(*rule)?, *unit)))
    }

    fn find_leaders(&self) -> HashMap<usize, Vec<(usize, usize)>> {
        let mut found: HashMap<usize, Vec<(usize, usize)>> = HashMap::new();
        for (rule, got) in self.to_leaders.iter().enumerate() {
            for (unit, leader) in got {
                found.entry(*leader).or_default().push((rule, *unit));
            }
        }
        found
    }
}

fn tidy(mut codes: Vec<String>) -> Vec<String> {
    codes.sort();
    codes.dedup();
    codes
}

/// A number as it is shown: money with its cents.
pub(crate) fn printed(body: &Body, number: Decimal) -> String {
    if body.money { Money::new(number).to_string() } else { plain(number) }
}
