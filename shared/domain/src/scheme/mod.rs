//! Schemes: a company's appraisal policy as data.

pub(crate) mod calendar;
pub(crate) mod compile;
mod consistency;
mod inputs;
mod literal;
mod parameters;
pub(crate) mod plan;
pub mod source;
mod views;

use std::collections::HashMap;

use jiff::ToSpan;
use jiff::civil::Date;
use serde::Serialize;

pub use calendar::{AppealAnswer, StageDates};
pub(crate) use inputs::{GIVEN, HIRED_ON, LEFT_ON};
pub use source::{
    AppealTerms, Cadence, Coded, Evidence, ImprovementPlan, InputKind, Purpose, RaterPresence, Stage, Workflow,
};
pub use views::{HistoryNeeds, InputView, ItemView, ParameterView, Scope, SheetView, item_points_need_evidence};

use crate::invalid::Invalid;
use crate::locale::{Label, Locale};
use crate::period::Period;
use crate::value::Symbols;
use crate::workdays::WorkingCalendar;
use calendar::{DatePhrase, Term};
use compile::Problem;
use plan::{Parameter, Plan};
use source::Source;

const SHIPPED: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/shipped.rs"));

/// A scheme that was read, checked and compiled whole.
#[derive(Clone, Debug)]
pub struct Scheme {
    text: String,
    pub(crate) source: Source,
    pub(crate) symbols: Symbols,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) plans: Vec<Plan>,
}

/// Something wrong with a scheme, and where.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("{line}:{column}: {message}")]
pub struct SchemeProblem {
    /// Counted from 1; 0 when the problem has no one place.
    pub line: usize,
    pub column: usize,
    pub message: String,
}

impl Scheme {
    /// Reads a scheme and checks it whole.
    pub fn parse(text: &str) -> Result<Scheme, Vec<SchemeProblem>> {
        let source: Source = toml::from_str(text).map_err(|error| {
            let (line, column) = error.span().map_or((0, 0), |span| place(text, span.start));
            vec![SchemeProblem { line, column, message: error.message().to_owned() }]
        })?;
        compiled(source, text).map_err(|problems| {
            let told = |problem: Problem| {
                let (line, column) = problem.at.map_or((0, 0), |at| place(text, at));
                SchemeProblem { line, column, message: problem.message }
            };
            problems.into_iter().map(told).collect()
        })
    }

    /// The same model as JSON.
    pub fn from_json(json: &serde_json::Value) -> Result<Scheme, Vec<SchemeProblem>> {
        let text = toml::to_string(json)
            .map_err(|error| vec![SchemeProblem { line: 0, column: 0, message: error.to_string() }])?;
        Self::parse(&text)
    }

    /// JSON Schema of the model.
    pub fn json_schema() -> serde_json::Value {
        schemars::schema_for!(Source).to_value()
    }

    /// The schemes that come with the product: code and TOML.
    pub fn shipped() -> &'static [(&'static str, &'static str)] {
        SHIPPED
    }

    pub fn code(&self) -> &str {
        &self.source.code
    }

    pub fn name(&self, locale: Locale) -> &str {
        self.source.name.get(locale)
    }

    pub fn label(&self) -> &Label {
        &self.source.name
    }

    /// The TOML as it was read.
    pub fn source(&self) -> &str {
        &self.text
    }

    pub fn cadences(&self) -> &[Cadence] {
        &self.source.cadences
    }

    /// The cadence that is named, or that the form of the period decides (conformance README, "Cadence and period").
    pub fn cadence_for(&self, period: &Period, named: Option<&str>) -> Result<&Cadence, Invalid> {
        let wrong_form =
            || Invalid::one("/period", "period_form", format!("{period} is not of the form that this cadence has"));
        match named {
            Some(code) => {
                let found = self.source.cadences.iter().find(|cadence| cadence.code == code);
                let cadence = found.ok_or_else(|| {
                    Invalid::one("/cadence", "unknown_cadence", format!("the policy has no cadence {code}"))
                })?;
                if cadence.form == period.form() { Ok(cadence) } else { Err(wrong_form()) }
            }
            None => {
                let mut unnamed = self.source.cadences.iter().filter(|cadence| !cadence.named);
                unnamed.find(|cadence| cadence.form == period.form()).ok_or_else(wrong_form)
            }
        }
    }

    pub(crate) fn cadence_index(&self, code: &str) -> Option<usize> {
        self.source.cadences.iter().position(|cadence| cadence.code == code)
    }

    pub(crate) fn plan(&self, cadence: usize) -> Option<&Plan> {
        self.plans.get(cadence)
    }

    /// The first day of a period as this scheme counts months.
    pub fn first_day(&self, period: &Period) -> Date {
        self.shifted(period.first_day())
    }

    /// The last day of a period as this scheme counts months.
    pub fn last_day(&self, period: &Period) -> Date {
        let next = period.last_day().saturating_add(1.day());
        self.shifted(next).saturating_sub(1.day())
    }

    fn shifted(&self, first_of_month: Date) -> Date {
        match self.source.month_starts_on {
            2.. => {
                let before = first_of_month.saturating_sub(1.month());
                before.saturating_add(i64::from(self.source.month_starts_on - 1).days())
            }
            _ => first_of_month,
        }
    }

    /// The stages of a cadence, dated or not.
    pub fn stages(&self, cadence: &str) -> Vec<&Stage> {
        let wanted = |stage: &&Stage| stage.cadences.is_empty() || stage.cadences.iter().any(|code| code == cadence);
        self.source.stages.iter().filter(wanted).collect()
    }

    /// The stages that the scheme dates for a period.
    pub fn calendar(&self, cadence: &str, period: &Period, calendar: &WorkingCalendar) -> Vec<StageDates> {
        let last_day = self.last_day(period);
        let date = |phrase: &Option<String>| {
            let phrase = phrase.as_deref().and_then(DatePhrase::parse)?;
            Some(phrase.date(period, last_day, calendar))
        };
        let stages =
            self.stages(cadence).into_iter().filter(|stage| stage.part.is_none_or(|part| part == period.part()));
        stages
            .filter_map(|stage| {
                let opens = date(&stage.opens)?;
                Some(StageDates { stage: stage.code.clone(), opens, due: date(&stage.due) })
            })
            .collect()
    }

    pub fn appeal_terms(&self) -> Option<&AppealTerms> {
        self.source.appeal.as_ref()
    }

    /// Whether an appeal is in time, and by when it is answered; `None` without terms of appeal.
    pub fn appeal(&self, known_on: Date, filed_on: Date, calendar: &WorkingCalendar) -> Option<AppealAnswer> {
        let terms = self.source.appeal.as_ref()?;
        let until = terms.file_within.as_deref().and_then(Term::parse).map(|term| term.after(known_on, calendar));
        let accepted = until.is_none_or(|until| filed_on <= until);
        let answer = Term::parse(&terms.answer_within).map(|term| term.after(filed_on, calendar));
        Some(AppealAnswer { accepted, respond_by: answer.filter(|_| accepted) })
    }

    pub fn workflow(&self) -> &Workflow {
        &self.source.workflow
    }

    pub fn grades(&self) -> &[Coded] {
        &self.source.grades
    }

    /// Everything that a result can lead to, with its names.
    pub fn outcomes(&self) -> &[Coded] {
        &self.source.outcomes
    }

    pub fn people_categories(&self) -> &[Coded] {
        &self.source.people.categories
    }

    pub fn unit_categories(&self) -> &[Coded] {
        self.source.units.as_ref().map_or(&[], |units| &units.categories)
    }

    /// Whether the scheme knows units at all.
    pub fn has_units(&self) -> bool {
        self.source.units.is_some()
    }
}

fn compiled(source: Source, text: &str) -> Result<Scheme, Vec<Problem>> {
    let mut symbols = Symbols::default();
    let mut problems = Vec::new();
    intern_codes(&source, &mut symbols);
    let parameters = parameters::parameters(&source, &mut symbols);
    for parameter in &parameters {
        let complaints = parameter.default.iter().flat_map(|default| parameter.complaints(default, &symbols));
        for (pointer, complaint) in complaints {
            problems.push(Problem { at: None, message: format!("{}{pointer}: {complaint}", parameter.name) });
        }
    }
    consistency::check(&source, &mut problems);
    let mut asts = HashMap::new();
    let plans = (0..source.cadences.len())
        .map(|cadence| compile::compile(&source, cadence, &mut symbols, &parameters, &mut asts, &mut problems))
        .collect();
    if problems.is_empty() {
        Ok(Scheme { text: text.to_owned(), source, symbols, parameters, plans })
    } else {
        Err(problems)
    }
}

fn intern_codes(source: &Source, symbols: &mut Symbols) {
    let units = source.units.iter().flat_map(|units| &units.categories);
    let coded = source.people.categories.iter().chain(units).chain(&source.grades).chain(&source.outcomes);
    for one in coded {
        symbols.intern(&one.code);
    }
    for sheet in &source.sheets {
        for item in &sheet.items {
            symbols.intern(&item.code);
        }
        for rater in &sheet.raters {
            symbols.intern(&rater.name);
        }
    }
}

/// Line and column of a byte offset, counted from 1.
fn place(text: &str, at: usize) -> (usize, usize) {
    let before = text.get(..at).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().map_or(0, |last| last.chars().count()) + 1;
    (line, column)
}
