//! Results row by row, in the form in which cases expect them.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::Evaluation;
use super::groups::Owner;
use crate::money::{Money, Score, Share, plain};
use crate::scheme::compile::bare;
use crate::scheme::plan::{Body, Figure};
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

/// A sum of money that was to be shared, and that nobody has a share in.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct UndistributedPool {
    /// The figure whose shares would have come of it.
    pub figure: String,
    /// The unit or the category that should have shared it; none: the company.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub of: Option<String>,
    pub amount: Money,
    /// Nobody was there; else all weights are 0.
    pub nobody: bool,
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

impl Evaluation<'_> {
    /// Everybody in the case, in the order of the case.
    pub fn people(&self) -> impl Iterator<Item = PersonResult> + '_ {
        let heads = self.outcomes_of_heads();
        (0..self.case.of(Kind::People).len())
            .map(move |row| self.person_at(row, heads.get(&row).map_or(&[], |all| all)))
    }

    pub fn units(&self) -> impl Iterator<Item = UnitResult> + '_ {
        (0..self.case.of(Kind::Units).len()).map(|row| self.unit_at(row))
    }

    pub fn person(&self, number: &str) -> Option<PersonResult> {
        let row = self.row(Kind::People, number)?;
        let heads = self.outcomes_of_heads();
        Some(self.person_at(row, heads.get(&row).map_or(&[], |all| all)))
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
            found.extend(self.undistributed().iter().map(|pool| match &pool.of {
                Some(of) => format!("{UNDISTRIBUTED}:{of}"),
                None => UNDISTRIBUTED.to_owned(),
            }));
        }
        found.sort();
        found.dedup();
        found
    }

    /// Whether the scheme says itself when it warns of a pool that is not shared out.
    fn warns_of_pools(&self) -> bool {
        let warnings = self.plan.rules.iter().filter(|rule| rule.purpose == Purpose::Warning);
        warnings.flat_map(|rule| &rule.gives).any(|code| bare(code) == UNDISTRIBUTED)
    }

    /// Sums of money that were to be shared and were not, because nobody was there or all weights are 0.
    pub fn undistributed(&self) -> Vec<UndistributedPool> {
        let figures = self.plan.figures.iter().zip(&self.sharings);
        let pools = figures.flat_map(|(figure, sharing)| {
            sharing.iter().flat_map(|sharing| &sharing.pools).map(move |pool| (figure, pool))
        });
        let unpaid = pools.filter(|(_, pool)| pool.is_unpaid());
        unpaid
            .map(|(figure, pool)| UndistributedPool {
                figure: figure.name.to_string(),
                of: self.owner_of(figure.kind, pool.owner),
                amount: pool.amount,
                nobody: pool.among == 0,
            })
            .collect()
    }

    pub(super) fn owner_of(&self, kind: Kind, owner: Owner) -> Option<String> {
        match owner {
            Owner::Company => None,
            Owner::Unit(row) => Some(self.case.of(Kind::Units).id(row).to_owned()),
            Owner::Category(category) => Some(self.scheme.source.category_code(kind, category).to_owned()),
        }
        .filter(|code| !code.is_empty())
    }

    fn person_at(&self, row: usize, as_head: &[String]) -> PersonResult {
        let number = self.case.of(Kind::People).id(row).to_owned();
        if let Some(Some(exclusion)) = self.excluded.get(row) {
            let code = self.plan.exclusions.get(usize::from(*exclusion)).map(|exclusion| exclusion.code.clone());
            return PersonResult { number, excluded: code, ..PersonResult::default() };
        }
        let outputs = self.outputs(Kind::People, row);
        let mut outcomes = self.given(Kind::People, Purpose::Outcome, row);
        outcomes.extend_from_slice(as_head);
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

    /// Outcomes of units that are their heads', by the head's row.
    fn outcomes_of_heads(&self) -> &BTreeMap<usize, Vec<String>> {
        self.outcomes_of_heads.get_or_init(|| self.find_outcomes_of_heads())
    }

    fn find_outcomes_of_heads(&self) -> BTreeMap<usize, Vec<String>> {
        let mut found: BTreeMap<usize, Vec<String>> = BTreeMap::new();
        for (rule, got) in self.plan.rules.iter().zip(&self.to_leaders) {
            for (_, leader) in got {
                found.entry(*leader).or_default().extend(rule.gives.iter().cloned());
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
pub(super) fn printed(body: &Body, number: Decimal) -> String {
    if body.money { Money::new(number).to_string() } else { plain(number) }
}
