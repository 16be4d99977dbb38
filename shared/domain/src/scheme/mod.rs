//! Schemes: a company's appraisal policy as data.

pub(crate) mod calendar;
pub(crate) mod codes;
pub(crate) mod compile;
mod consistency;
pub(crate) mod document;
mod inputs;
mod literal;
mod parameters;
pub mod placing;
pub(crate) mod plan;
pub(crate) mod problem;
pub mod source;
mod structure;
mod syntax;
mod views;
mod work;

use std::collections::HashMap;
use std::sync::OnceLock;

use jiff::ToSpan;
use jiff::civil::Date;
use rust_decimal::Decimal;

pub use calendar::{AppealAnswer, StageDates};
pub(crate) use inputs::{GIVEN, HIRED_ON, LEFT_ON};
pub use source::{
    Adjust, AppealTerms, Cadence, Coded, Duty, Evidence, FormField, ImprovementPlan, InputKind, PlanTerms, Purpose,
    RaterPresence, Stage, StageOn, Workflow,
};
pub use views::{
    HistoryNeeds, InputView, ItemView, ListView, ParameterView, PoolScope, RaterView, Scope, SheetView,
    item_points_need_evidence,
};

use crate::Message;
use crate::expression::Base;
use crate::invalid::Invalid;
use crate::period::Period;
use crate::say;
use crate::value::{Kind, Symbols};
use crate::workdays::WorkingCalendar;
use crate::{Label, Locale};
use calendar::DatePhrase;
use codes::{Codes, Stand};
use compile::{Told, Usage};
use document::{Document, Held};
use plan::{Parameter, Plan};
use problem::Problem;
pub use problem::SchemeProblem;
use source::{Does, Source};

/// The warning of a sum of money that was to be shared and that nobody has a share in.
pub(crate) const UNDISTRIBUTED: &str = "undistributed";

const SHIPPED: &[(&str, &str)] = include!(concat!(env!("OUT_DIR"), "/shipped.rs"));

/// A scheme that was read, checked and compiled whole.
#[derive(Clone, Debug)]
pub struct Scheme {
    text: String,
    pub(crate) source: Source,
    pub(crate) symbols: Symbols,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) plans: Vec<Plan>,
    /// By kind: no earlier score can be above what a score can be.
    pub(crate) highest: [Option<Decimal>; 3],
    /// Of which kind the keys of each table are, once somebody asks.
    keys: OnceLock<Vec<(String, Codes)>>,
}

impl Scheme {
    /// Reads a scheme and checks it whole. What it accepts can be computed for every case that is complete and in
    /// bounds; everything that is wrong is told at once, in the order of the file.
    pub fn parse(text: &str) -> Result<Scheme, Vec<SchemeProblem>> {
        Self::read(text, Strictness::Everything)
    }

    /// Reads a scheme that was accepted before, perhaps by an older version that minded less: only what keeps it
    /// from being computed counts.
    pub fn in_use(text: &str) -> Result<Scheme, Vec<SchemeProblem>> {
        Self::read(text, Strictness::Computable)
    }

    fn read(text: &str, strictness: Strictness) -> Result<Scheme, Vec<SchemeProblem>> {
        let mut document = Document::parse(text)?;
        let Held { source, mut problems, broken } = document.scheme(strictness == Strictness::Everything);
        match source.map(|source| compiled(source, text, strictness, problems.is_empty())) {
            Some(Ok(scheme)) if problems.is_empty() => return Ok(scheme),
            Some(Err(found)) => {
                let explained = |problem: &Problem| broken.explains(problem, problem.at.byte(&document));
                problems.extend(found.into_iter().filter(|problem| !explained(problem)));
            }
            _ => {}
        }
        let mut told: Vec<SchemeProblem> = problems.into_iter().map(|problem| problem.located(&document)).collect();
        told.sort();
        told.dedup();
        Err(told)
    }

    /// The same model as JSON.
    pub fn from_json(json: &serde_json::Value) -> Result<Scheme, Vec<SchemeProblem>> {
        let text = toml::to_string(json)
            .map_err(|error| vec![SchemeProblem { line: 1, column: 1, message: Message::same(error.to_string()) }])?;
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

    /// How much it took to work the scheme out, and how much is accepted: names and numbers of formulas, counted for
    /// every cadence and category that they are for.
    pub fn work(&self) -> (u64, u64) {
        (work::of(&self.source), work::MOST)
    }

    /// The TOML as it was read.
    pub fn source(&self) -> &str {
        &self.text
    }

    pub fn cadences(&self) -> &[Cadence] {
        &self.source.cadences
    }

    /// The cadence that is named, or that the form of the period decides.
    pub fn cadence_for(&self, period: &Period, named: Option<&str>) -> Result<&Cadence, Invalid> {
        let wrong_form = || {
            Invalid::one(
                "/period",
                "period_form",
                say!("{period} 不符合该考核频次的期间形式", "{period} is not of the form that this cadence has"),
            )
        };
        match named {
            Some(code) => {
                let found = self.source.cadences.iter().find(|cadence| cadence.code == code);
                let cadence = found.ok_or_else(|| {
                    Invalid::one(
                        "/cadence",
                        "unknown_cadence",
                        say!("方案中没有考核频次 {code}", "the policy has no cadence {code}"),
                    )
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

    /// The stages of a cadence in one of its periods, dated or not.
    pub fn stages_of(&self, cadence: &str, period: &Period) -> Vec<&Stage> {
        let mut stages = self.stages(cadence);
        stages.retain(|stage| stage.part.is_none_or(|part| part == period.part()));
        stages
    }

    /// What people hand in by a day in a cadence, beside the stages.
    pub fn duties(&self, cadence: &str) -> Vec<&Duty> {
        let wanted = |one: &&Duty| one.cadences.is_empty() || one.cadences.iter().any(|code| code == cadence);
        self.source.duties.iter().filter(wanted).collect()
    }

    /// What is said of plans of people or units that are made for longer than a cycle.
    pub fn plan_terms(&self, on: StageOn) -> Option<&PlanTerms> {
        self.source.plans.iter().find(|terms| terms.on == on)
    }

    /// The last day on which an approved plan of such terms may be changed, of the period of the first cadence in which a day
    /// is; none: at any time.
    pub fn plan_changed_until(&self, terms: &PlanTerms, today: Date) -> Option<Date> {
        let months = terms.changed_within_months?;
        let period = Period::with(self.source.cadences.first()?.form, today)?;
        Some(period.first_day().saturating_add(i32::from(months).months()).saturating_sub(1.day()))
    }

    /// Reviews and approvals that do not say by whom: nobody acts in them, and nothing waits for them.
    pub fn idle_stages(&self) -> Vec<&Stage> {
        let idle = |stage: &&Stage| stage.by.is_empty() && matches!(stage.does, Does::Review | Does::Approve);
        self.source.stages.iter().filter(idle).collect()
    }

    /// Who approves what is paid before payroll sees it, step by step; nobody: it is paid at once.
    pub fn pay_approval(&self) -> &[source::Acting] {
        self.source.pay.as_ref().map_or(&[], |terms| &terms.by)
    }

    /// What may be moved in a cadence once it was computed.
    pub fn adjustable(&self, cadence: &str) -> Vec<&Adjust> {
        let wanted = |one: &&Adjust| one.cadences.is_empty() || one.cadences.iter().any(|code| code == cadence);
        self.source.adjust.iter().filter(wanted).collect()
    }

    /// Whether a figure of a kind of subject is a number, or a grade or another code; none where the cadence has no such
    /// figure, or none that could be moved before pay is known.
    pub fn moved_by_points(&self, cadence: &str, kind: Kind, figure: &str) -> Option<bool> {
        let plan = self.plan(self.cadence_index(cadence)?)?;
        let figure = plan.figures.get(usize::from(plan.figure_named(kind, figure)?))?;
        match figure.ty.base {
            _ if figure.pay_dependent => None,
            Base::Number => Some(true),
            Base::Text => Some(false),
            Base::Flag | Base::Day => None,
        }
    }

    /// The stages that the scheme dates for a period.
    pub fn calendar(&self, cadence: &str, period: &Period, calendar: &WorkingCalendar) -> Vec<StageDates> {
        let last_day = self.last_day(period);
        let date = |phrase: &Option<String>| {
            let phrase = phrase.as_deref().and_then(DatePhrase::parse)?;
            Some(phrase.date(period, last_day, calendar))
        };
        self.stages_of(cadence, period)
            .into_iter()
            .filter_map(|stage| {
                let opens = date(&stage.opens)?;
                Some(StageDates { stage: stage.code.clone(), opens, due: date(&stage.due) })
            })
            .collect()
    }

    pub fn appeal_terms(&self) -> Option<&AppealTerms> {
        self.source.appeal.as_ref()
    }

    /// Whether an appeal is in time, and by when it is answered; `None` where the scheme sets neither term.
    pub fn appeal(&self, known_on: Date, filed_on: Date, calendar: &WorkingCalendar) -> Option<AppealAnswer> {
        self.source.appeal.as_ref()?.answer(known_on, filed_on, calendar)
    }

    pub fn workflow(&self) -> &Workflow {
        &self.source.workflow
    }

    /// Of which kind the keys of a table are.
    pub(crate) fn keys_of(&self, table: &str) -> Codes {
        let all = self.keys.get_or_init(|| codes::keys_of_tables(Stand::of(&self.source, Kind::People)));
        all.iter().find(|(name, _)| name == table).map_or(Codes::Any, |(_, codes)| *codes)
    }

    /// Further codes that figures can yield.
    pub fn codes(&self) -> &[Coded] {
        &self.source.codes
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

/// How much is asked of a scheme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Strictness {
    /// It is sound, and everything in it can matter.
    Everything,
    /// Nothing in it keeps a case from being computed.
    Computable,
}

/// `whole`: nothing of the text had to be left out.
fn compiled(source: Source, text: &str, strictness: Strictness, whole: bool) -> Result<Scheme, Vec<Problem>> {
    let strict = strictness == Strictness::Everything;
    let mut symbols = Symbols::default();
    // Whoever wrote it and however it got here, nobody is to wait for more than this.
    let mut too_large = consistency::too_long(&source);
    too_large.extend(too_much_work(&source).filter(|_| too_large.is_empty()));
    if !too_large.is_empty() {
        return Err(too_large);
    }
    let (mut problems, too_large) = if strict { consistency::check(&source) } else { (Vec::new(), false) };
    if too_large {
        return Err(problems);
    }
    intern_codes(&source, &mut symbols);
    let parameters = parameters::parameters(&source, &mut symbols);
    for (at, parameter) in parameters.iter().enumerate() {
        let place = parameter_place(&source, at);
        for (below, complaint) in parameter.default.iter().flat_map(|one| parameter.complaints(one, &symbols)) {
            let name = &parameter.name;
            let message = say!("{name}{below}：{complaint}", "{name}{below}: {complaint}"; complaint);
            problems.push(Problem::new(format!("{place}/default{below}"), message));
        }
    }
    let mut asts = HashMap::new();
    let mut usage = Usage::default();
    let plans: Vec<Plan> = (0..source.cadences.len())
        .map(|cadence| {
            let told = Told { strict, problems: &mut problems, usage: &mut usage };
            compile::compile(&source, cadence, &mut symbols, &parameters, &mut asts, told)
        })
        .collect();
    if strict {
        if whole && problems.is_empty() {
            // Else what is wrong elsewhere may be why nothing reads it.
            let unread = (0_u16..).zip(&parameters).filter(|(at, _)| !usage.read.contains(at));
            problems.extend(unread.map(|(at, parameter)| {
                let message = say!("{} 没有被任何公式使用", "nothing reads {}", parameter.name);
                Problem::new(parameter_place(&source, usize::from(at)), message)
            }));
        }
        problems.extend(unused(&source, &plans, &symbols, &usage));
        problems.extend(usage.impossible());
    }
    if problems.is_empty() {
        let highest = Kind::ALL.map(|kind| highest_score(&plans, kind));
        Ok(Scheme { text: text.to_owned(), source, symbols, parameters, plans, highest, keys: OnceLock::new() })
    } else {
        Err(problems)
    }
}

fn too_much_work(source: &Source) -> Option<Problem> {
    let (work, most) = (work::of(source), work::MOST);
    let message = say!(
        "方案规模过大：各公式中的名称和数字，按其适用的每个考核频次和类别计数，共 {work} 个；最多 {most} 个",
        "the scheme is too large: the names and numbers of its formulas, counted for every cadence and category that they are for, are {work}; at most {most}"
    );
    (work > most).then(|| Problem::new("", message))
}

/// The most that a score can be in any cadence; none where nothing limits it.
fn highest_score(plans: &[Plan], kind: Kind) -> Option<Decimal> {
    let figures = plans.iter().flat_map(|plan| &plan.figures);
    let scores = figures.filter(|figure| figure.kind == kind && &*figure.name == "score");
    let mut highest = scores.flat_map(|figure| figure.bodies.iter().flatten()).map(|body| body.reach.range().hi);
    let first = highest.next()??;
    highest.try_fold(first, |highest, next| Some(highest.max(next?)))
}

fn parameter_place(source: &Source, at: usize) -> String {
    match at.checked_sub(source.parameters.len()) {
        None => format!("/parameters/{at}"),
        Some(table) => format!("/tables/{table}"),
    }
}

/// Outcomes that no rule can give, and grades that nobody can get.
fn unused(source: &Source, plans: &[Plan], symbols: &Symbols, usage: &Usage) -> Vec<Problem> {
    let plan = source.workflow.improvement_plan.iter();
    let by_plan = plan.flat_map(|plan| [&plan.on, &plan.passed, &plan.failed].into_iter().chain(&plan.declined));
    let by_plan: Vec<&String> = by_plan.collect();
    let given = |code: &String| usage.given.contains(code) || by_plan.contains(&code);
    let outcomes = source.outcomes.iter().enumerate().filter(|(_, outcome)| !given(&outcome.code));
    let outcomes = outcomes.map(|(at, outcome)| {
        let message = say!(
            "{} 永远不会出现：没有任何可能生效的规则给出它",
            "{} can never come about: no rule that can apply gives it",
            outcome.code
        );
        Problem::new(format!("/outcomes/{at}"), message).about(&outcome.code)
    });
    let mut found: Vec<Problem> = outcomes.collect();
    let figures = plans.iter().flat_map(|plan| &plan.figures).filter(|figure| &*figure.name == "grade");
    let bodies: Vec<_> = figures.flat_map(|figure| figure.bodies.iter().flatten()).collect();
    if bodies.is_empty() {
        return found;
    }
    let reached = |code: &str| {
        symbols.find(code).is_some_and(|symbol| bodies.iter().any(|body| body.reach.codes().any(|code| code == symbol)))
    };
    for (at, grade) in source.grades.iter().enumerate().filter(|(_, grade)| !reached(&grade.code)) {
        found.push(Problem::new(
            format!("/grades/{at}"),
            say!("没有人能得到等级 {}", "nobody can get the grade {}", grade.code),
        ));
    }
    found
}

fn intern_codes(source: &Source, symbols: &mut Symbols) {
    let units = source.units.iter().flat_map(|units| &units.categories);
    let coded =
        source.people.categories.iter().chain(units).chain(&source.grades).chain(&source.codes).chain(&source.outcomes);
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
