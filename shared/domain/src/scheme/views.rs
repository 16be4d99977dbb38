//! What services need to know of a scheme: sheets, facts, pay inputs, parameters.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;
use serde::Serialize;

use super::codes::Stand;
use super::compile::bare;
use super::plan::{InputSpec, Reference, Setting, Sheet, references};
use super::source::{
    Acting, Coded, Combine, Derived, Evidence, GivenScore, Giver, How, InputKind, InputSource, ItemEvidence, Level,
    OwnWeights, RaterPresence, RowsSource, SourceCase, Sources, StandsFor, SubjectSource, Who, Within,
};
use super::{Scheme, UNDISTRIBUTED};
use crate::Label;
use crate::expression::{Ast, parse};
use crate::value::Kind;

/// An input as a form shows it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct InputView {
    pub name: String,
    pub label: Label,
    pub kind: InputKind,
    /// The points of the rater of that name.
    pub rater: bool,
    /// Missing, it is an error as soon as it is needed.
    pub required: bool,
    pub many: bool,
    pub min: Option<Decimal>,
    pub max: Option<Decimal>,
    pub step: Option<Decimal>,
    /// Columns of a list: what they add up to.
    pub sum: Option<Decimal>,
    /// The texts allowed.
    pub choices: Vec<String>,
    /// What people call them, in their order; empty where they are called as they are written.
    pub choice_labels: Vec<Label>,
    pub fields: Vec<InputView>,
    /// Who may enter it, step by step; empty: HR.
    pub by: Vec<Giver>,
    /// What the numbers of the first step's givers come to; none: there is one number.
    pub combine: Option<Combine>,
    /// Who checks and approves what was reported, step by step.
    pub checked_by: Vec<Acting>,
    /// How the system finds it itself.
    pub derived: Option<Derived>,
    /// The kind of rater on whose form it stands; none: it is a fact.
    pub column: Option<String>,
    /// What raters are told.
    pub guidance: Option<Label>,
    /// What they are told about ranges of numbers.
    pub levels: Vec<Level>,
    /// What they are told about the choices, in their order.
    pub choice_guidance: Vec<Option<Label>>,
}

/// A kind of rater of a sheet.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct RaterView {
    pub name: String,
    pub label: Label,
    /// What they are told.
    pub guidance: Option<Label>,
    pub presence: RaterPresence,
    /// Several may rate; their mean counts.
    pub many: bool,
    pub at_least: Option<usize>,
    pub may_decline: bool,
    /// The input of an item that, where it is true, has something else count than the points.
    pub unless: Option<String>,
    /// Whence they come: the first whose condition holds.
    pub from: Vec<SourceCase>,
}

/// A list of a subject.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ListView {
    pub key: String,
    pub label: Label,
    pub required: bool,
    pub max_rows: Option<usize>,
    pub columns: Vec<InputView>,
    /// The kinds of rater who fill in its rows.
    pub raters: Vec<RaterView>,
    /// The rows are agreed before the work; none: they are recorded as things happen.
    pub rows: Option<RowsSource>,
    pub by: Vec<Giver>,
    pub checked_by: Vec<Acting>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ItemView {
    pub code: String,
    pub label: Label,
    /// What raters are told.
    pub guidance: Option<Label>,
    pub section: Option<String>,
    pub weight: Decimal,
    pub inputs: Vec<InputView>,
    /// Whence others come who give a kind of rater's points here.
    pub given_by: BTreeMap<String, Who>,
    /// Which points need a concrete example here, beside what the sheet says.
    pub evidence: Option<ItemEvidence>,
    pub rows: Option<RowsSource>,
    /// With rows it takes the place of the other items of its section.
    pub stands_for_section: bool,
    /// The input that, where it is true, has something else count than points.
    pub unless: Option<String>,
}

/// The sheet on which a category is scored.
#[derive(Clone, Debug, Serialize)]
pub struct SheetView {
    /// What raters are told about all of it.
    pub guidance: Option<Label>,
    pub sections: Vec<Coded>,
    pub items: Vec<ItemView>,
    /// Raters in the order of the scheme.
    pub raters: Vec<RaterView>,
    pub evidence: Option<Evidence>,
    pub own_weights: Option<OwnWeights>,
}

#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ParameterView {
    pub name: String,
    pub label: Label,
    /// In the form of a case: a text, a table of texts, or tables by category.
    pub default: Option<serde_json::Value>,
}

/// How much of the company has to be computed together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Units do not depend on one another: they may be closed one by one.
    Unit,
    Company,
}

/// Whose pay has to be reckoned together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PoolScope {
    /// Nobody's depends on anybody else's.
    None,
    /// A unit's people share a sum.
    Unit,
    /// People of several units share a sum.
    Company,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct HistoryNeeds {
    pub score: bool,
    pub grade: bool,
    /// The scores of all months of the period are needed.
    pub months_of_period: bool,
}

impl Scheme {
    pub fn parameters(&self) -> Vec<ParameterView> {
        let settable = self.parameters.iter().filter(|parameter| !parameter.fixed);
        settable
            .map(|parameter| ParameterView {
                name: parameter.name.clone(),
                label: parameter.label.clone(),
                default: parameter.default.as_ref().map(|default| self.setting_json(default)),
            })
            .collect()
    }

    pub(crate) fn setting_json(&self, setting: &Setting) -> serde_json::Value {
        let table = |entries: &[(crate::value::Symbol, Decimal)]| -> serde_json::Value {
            let entries =
                entries.iter().map(|(key, number)| (self.symbols.text(*key).to_string(), number.to_string().into()));
            serde_json::Value::Object(entries.collect())
        };
        match setting {
            Setting::Number(number) => number.to_string().into(),
            Setting::Table(entries) => table(entries),
            Setting::ByCategory(tables) => {
                let tables =
                    tables.iter().map(|(category, entries)| (self.symbols.text(*category).to_string(), table(entries)));
                serde_json::Value::Object(tables.collect())
            }
        }
    }

    /// The sheet of people of a category; `None` where nothing is rated.
    pub fn sheet(&self, cadence: &str, category: Option<&str>) -> Option<SheetView> {
        self.sheet_of(Kind::People, cadence, category)
    }

    /// The sheet of units of a category.
    pub fn unit_sheet(&self, cadence: &str, category: Option<&str>) -> Option<SheetView> {
        self.sheet_of(Kind::Units, cadence, category)
    }

    fn sheet_of(&self, kind: Kind, cadence: &str, category: Option<&str>) -> Option<SheetView> {
        let plan = self.plan(self.cadence_index(cadence)?)?;
        let sheet = plan.sheet(kind, self.category_index(kind, category)?)?;
        let source = self.source.sheets.get(sheet.source)?;
        let weights = self.default_weights(sheet);
        let items = sheet.items.iter().zip(&source.items).zip(weights);
        Some(SheetView {
            guidance: source.guidance.clone(),
            sections: source.sections.clone(),
            items: items
                .map(|((item, written), weight)| ItemView {
                    code: item.code.clone(),
                    label: item.label.clone(),
                    guidance: written.guidance.clone(),
                    section: item.section.clone(),
                    weight,
                    inputs: item
                        .inputs
                        .iter()
                        .map(|input| {
                            let view = self.input_view(&input.spec, input.rater, Some(weight));
                            let mut declared = written.inputs.iter().chain(&source.inputs);
                            let declared = declared.find(|one| one.name == input.spec.name && !input.rater);
                            let view = declared.map_or_else(|| view.clone(), |one| self.guided(view.clone(), one));
                            given(view, declared, &source.raters)
                        })
                        .collect(),
                    given_by: written.given_by.clone(),
                    evidence: written.evidence,
                    rows: written.rows.clone(),
                    stands_for_section: written.stands_for == Some(StandsFor::Section),
                    unless: written.score.as_ref().and_then(|score| chosen_by(&score.text)),
                })
                .collect(),
            raters: source.raters.iter().map(|rater| rater_view(rater, &rater.name)).collect(),
            evidence: source.evidence.clone(),
            own_weights: source.own_weights.clone(),
        })
    }

    /// The lists that subjects of a kind (and category) may have.
    pub fn lists(&self, kind: Kind, cadence: &str, category: Option<&str>) -> Vec<ListView> {
        let Some(subject) = self.source.subject(kind) else { return Vec::new() };
        let plan = self.cadence_index(cadence).and_then(|at| self.plan(at));
        let compiled = plan.map_or(&[][..], |plan| &plan.lists[kind.index()]);
        let fits =
            |codes: &[String]| codes.is_empty() || category.is_none_or(|code| codes.iter().any(|one| one == code));
        let lists = subject.lists.iter().zip(compiled).filter(|(list, _)| fits(&list.categories));
        let column = |(spec, written): (&InputSpec, &InputSource)| {
            let view = InputView { column: written.rater.clone(), ..self.input_view(spec, false, None) };
            self.guided(view, written)
        };
        let view = |(list, compiled): (&super::source::ListSource, &super::plan::List)| ListView {
            key: list.key.clone(),
            label: list.label.clone(),
            required: list.required,
            max_rows: list.max_rows,
            columns: compiled.columns.iter().zip(&list.columns).map(column).collect(),
            raters: (list.columns.iter())
                .filter_map(|column| Some(rater_view(column, column.rater.as_deref()?)))
                .collect(),
            rows: list.rows.clone(),
            by: list.by.clone(),
            checked_by: list.checked_by.clone(),
        };
        lists.map(view).collect()
    }

    /// An input with what raters are told about it.
    fn guided(&self, view: InputView, written: &InputSource) -> InputView {
        let choices = if written.kind == InputKind::Grade { &self.source.grades } else { &written.choices };
        let guidance = |code: &String| choices.iter().find(|choice| choice.code == *code)?.guidance.clone();
        let choice_guidance = view.choices.iter().map(guidance).collect();
        InputView { guidance: written.guidance.clone(), levels: written.levels.clone(), choice_guidance, ..view }
    }

    /// What has room for guidance that nobody has written yet, in both languages.
    pub fn unwritten_guidance(&self) -> Vec<&Label> {
        let mut all = unwritten_codes(&self.source.grades);
        for sheet in &self.source.sheets {
            let label = sheet.label.as_ref().unwrap_or(&self.source.name);
            all.extend(Some(label).filter(|_| is_unwritten(sheet.guidance.as_ref())));
            all.extend(unwritten_codes(&sheet.sections));
            all.extend(sheet.raters.iter().chain(&sheet.inputs).flat_map(unwritten_input));
            for item in &sheet.items {
                all.extend(Some(&item.label).filter(|_| is_unwritten(item.guidance.as_ref())));
                all.extend(item.inputs.iter().flat_map(unwritten_input));
            }
        }
        let subjects = Kind::ALL.into_iter().filter_map(|kind| self.source.subject(kind));
        let columns = subjects.flat_map(|subject| &subject.lists).flat_map(|list| &list.columns);
        all.extend(columns.flat_map(unwritten_input));
        let mut seen = BTreeSet::new();
        all.retain(|label| seen.insert((&label.zh, &label.en)));
        all
    }

    /// Who gives a unit's score; empty: HR or an executive.
    pub fn score_by(&self) -> &[Giver] {
        self.given_score().map_or(&[], |score| &score.by)
    }

    /// Who checks a unit's score that was reported; where the scheme names nobody to give it, an executive does.
    pub fn score_checked_by(&self) -> Vec<Acting> {
        let Some(score) = self.given_score() else { return Vec::new() };
        if score.checked_by.is_empty() && !Giver::name_somebody(&score.by) {
            return vec![Acting::One(Who::Role("executive".to_owned()))];
        }
        score.checked_by.clone()
    }

    fn given_score(&self) -> Option<&GivenScore> {
        self.source.units.as_ref()?.score.as_ref()
    }

    fn subject_source(&self, kind: Kind) -> Option<&SubjectSource> {
        self.source.subject(kind)
    }

    /// Who of a kind takes part: the scheme's own condition.
    pub fn who(&self, kind: Kind) -> Option<&str> {
        self.subject_source(kind)?.who.as_deref()
    }

    /// All bodies of the company that the scheme names, by code.
    pub fn bodies(&self) -> BTreeSet<String> {
        self.source.named_bodies()
    }

    pub(crate) fn category_index(&self, kind: Kind, category: Option<&str>) -> Option<usize> {
        let declared = &self.source.subject(kind)?.categories;
        match category {
            None if declared.len() <= 1 => Some(0),
            None => None,
            Some(code) => declared.iter().position(|category| category.code == code),
        }
    }

    fn default_weights(&self, sheet: &Sheet) -> Vec<Decimal> {
        let default =
            sheet.weights.and_then(|at| self.parameters.get(usize::from(at))).and_then(|p| p.default.as_ref());
        self.weights_of(sheet, default)
    }

    /// The items' weights, out of a parameter where the sheet takes them from one.
    pub(crate) fn weights_of(&self, sheet: &Sheet, setting: Option<&Setting>) -> Vec<Decimal> {
        let on = self.source.sheets.get(sheet.source).map_or(Kind::People, |source| source.on);
        let table = match setting {
            Some(Setting::Table(table)) => Some(table),
            Some(Setting::ByCategory(tables)) => {
                let category = self.symbols.find(self.source.category_code(on, sheet.category));
                tables.iter().find(|(code, _)| Some(*code) == category).map(|(_, table)| table)
            }
            _ => None,
        };
        let weight = |item: &super::plan::Item| {
            let code = self.symbols.find(&item.code);
            let entry = table?.iter().find(|(key, _)| Some(*key) == code);
            entry.map(|(_, weight)| *weight)
        };
        sheet.items.iter().map(|item| weight(item).unwrap_or(item.weight)).collect()
    }

    pub(crate) fn input_view(&self, spec: &InputSpec, rater: bool, weight: Option<Decimal>) -> InputView {
        let choices = spec.choices.iter().filter(|_| spec.scale.is_empty()).map(|(code, _)| code.clone());
        let scale = spec.scale.iter().map(|(text, _)| self.symbols.text(*text).to_string());
        let points = spec.kind == InputKind::Points;
        InputView {
            name: spec.name.clone(),
            label: spec.label.clone(),
            kind: spec.kind,
            rater,
            required: spec.required(),
            many: spec.many,
            min: spec.bounds.min.map(|min| min.0).or((!spec.signed && points).then_some(Decimal::ZERO)),
            max: spec.bounds.max.map(|max| max.0).or(weight.filter(|_| points)),
            step: spec.bounds.step.map(|step| step.0),
            sum: spec.sum,
            choices: choices.chain(scale).collect(),
            choice_labels: spec.labels.clone(),
            by: Vec::new(),
            combine: None,
            checked_by: Vec::new(),
            derived: None,
            column: rater.then(|| spec.name.clone()),
            guidance: None,
            levels: Vec::new(),
            choice_guidance: Vec::new(),
            fields: spec.fields.iter().map(|field| self.input_view(field, false, None)).collect(),
        }
    }

    /// The facts that subjects of a kind (and category) may have to give.
    pub fn facts(&self, kind: Kind, cadence: &str, category: Option<&str>) -> Vec<InputView> {
        let Some(subject) = self.source.subject(kind) else { return Vec::new() };
        let fits = |codes: &[String], code: &str| codes.is_empty() || codes.iter().any(|one| one == code);
        let wanted = subject.facts.iter().filter(|fact| {
            fits(&fact.cadences, cadence) && category.is_none_or(|category| fits(&fact.categories, category))
        });
        let layout = self.cadence_index(cadence).and_then(|at| self.plan(at)).map(|plan| &plan.layouts[kind.index()]);
        wanted
            .filter_map(|fact| {
                let layout = layout?;
                let slot = layout.by_path.get(&format!("fact.{}", fact.name))?;
                let view = layout.slots.get(usize::from(*slot)).map(|slot| self.input_view(&slot.spec, false, None))?;
                let (by, checked_by) = (fact.by.clone(), fact.checked_by.clone());
                Some(InputView { by, checked_by, combine: fact.combine, derived: fact.derived.clone(), ..view })
            })
            .collect()
    }

    /// The pay inputs that the pay figures of a category read.
    pub fn pay_inputs(&self, cadence: &str, category: Option<&str>) -> Vec<InputView> {
        self.read_by_pay(cadence, category, "pay.")
    }

    /// The facts of people of a category that only pay knows, and that their pay figures read.
    pub fn paid_facts(&self, cadence: &str, category: Option<&str>) -> Vec<InputView> {
        self.read_by_pay(cadence, category, "fact.")
    }

    /// What is entered where pay is run, of those whose names begin so.
    fn read_by_pay(&self, cadence: &str, category: Option<&str>, prefix: &str) -> Vec<InputView> {
        let Some(plan) = self.cadence_index(cadence).and_then(|at| self.plan(at)) else { return Vec::new() };
        let Some(category) = self.category_index(Kind::People, category) else { return Vec::new() };
        let mut read = Vec::new();
        for figure in &plan.figures {
            let own = figure.bodies.get(category).into_iter().flatten().filter(|_| figure.kind == Kind::People);
            let own = own.flat_map(|body| body.own_nodes());
            let gathered = figure.bodies.iter().flatten().filter_map(|body| match &body.rule {
                super::plan::FigureRule::Gather { of: Kind::People, value, .. } => value.get(category)?.as_ref(),
                _ => None,
            });
            read.extend(own.chain(gathered).flat_map(references));
        }
        let layout = &plan.layouts[Kind::People.index()];
        let slots = (0_u16..).zip(&layout.slots);
        slots
            .filter(|(_, slot)| slot.path.starts_with(prefix))
            .filter(|(at, slot)| slot.pay && read.iter().any(|r| matches!(r, Reference::Slot(_, slot) if slot == at)))
            .map(|(_, slot)| self.input_view(&slot.spec, false, None))
            .collect()
    }

    /// What people call the pay inputs, by name.
    pub fn pay_labels(&self) -> impl Iterator<Item = (&str, &Label)> {
        self.source.people.pay.iter().map(|input| (input.name.as_str(), &input.label))
    }

    /// The facts of people, and what they are called.
    pub fn fact_labels(&self) -> impl Iterator<Item = (&str, &Label)> {
        self.source.people.facts.iter().map(|input| (input.name.as_str(), &input.label))
    }

    /// What a cadence looks at in the history of subjects of a kind.
    pub fn history_needs(&self, cadence: &str, kind: Kind) -> HistoryNeeds {
        let plan = self.cadence_index(cadence).and_then(|at| self.plan(at));
        let uses = plan.map(|plan| plan.history[kind.index()]).unwrap_or_default();
        HistoryNeeds { score: uses.score, grade: uses.grade, months_of_period: uses.months }
    }

    pub fn scope(&self, cadence: &str) -> Scope {
        let plan = self.cadence_index(cadence).and_then(|at| self.plan(at));
        if plan.is_some_and(|plan| plan.company_wide) { Scope::Company } else { Scope::Unit }
    }

    /// Who checks pay inputs before they count, step by step, by the names of the inputs; those that nobody checks are not here.
    pub fn pay_checks(&self) -> impl Iterator<Item = (&str, &[Acting])> {
        let checked = self.source.people.pay.iter().filter(|input| !input.checked_by.is_empty());
        checked.map(|input| (input.name.as_str(), input.checked_by.as_slice()))
    }

    /// Sums that people share make their pay depend on one another.
    pub fn pool(&self, cadence: &str) -> PoolScope {
        let figures = self.source.people.figures.iter();
        let here =
            figures.filter(|figure| figure.cadences.is_empty() || figure.cadences.iter().any(|one| one == cadence));
        let shared = here.filter_map(|figure| match figure.how() {
            Some(How::Split(split)) => Some(split.within),
            _ => None,
        });
        shared.fold(PoolScope::None, |pool, within| match (pool, within) {
            (PoolScope::None | PoolScope::Unit, Within::Unit) => PoolScope::Unit,
            _ => PoolScope::Company,
        })
    }

    /// Units have scores that somebody gives.
    pub fn takes_unit_scores(&self) -> bool {
        self.given_score().is_some()
    }

    /// A unit's score may be absent.
    pub fn may_lack_unit_scores(&self) -> bool {
        self.given_score().is_some_and(|score| score.optional)
    }

    /// Units need scores that somebody gives in a cadence; where they may be absent, those whom the scheme names.
    pub fn asks_unit_scores(&self, cadence: &str) -> bool {
        let here = |score: &GivenScore| score.cadences.is_empty() || score.cadences.iter().any(|one| one == cadence);
        self.given_score().is_some_and(|score| here(score) && (!score.optional || Giver::name_somebody(&score.by)))
    }

    /// Something is found of units themselves in a cadence, be there people in them or not.
    pub fn appraises_units(&self, cadence: &str) -> bool {
        let here = |cadences: &[String]| cadences.is_empty() || cadences.iter().any(|one| one == cadence);
        let rated = self.source.sheets.iter().any(|sheet| sheet.on == Kind::Units && here(&sheet.cadences));
        let found = self.source.units.as_ref().is_some_and(|units| {
            units.figures.iter().any(|figure| !figure.lazy && here(&figure.cadences))
                || units.rules.iter().any(|rule| here(&rule.cadences))
        });
        rated || found
    }

    /// The most that a score of these can be in any cadence; none where nothing limits it.
    pub fn highest_score(&self, kind: Kind) -> Option<Decimal> {
        self.highest.get(kind.index()).copied().flatten()
    }

    /// Two may lead a unit.
    pub fn takes_co_heads(&self) -> bool {
        self.source.units.as_ref().and_then(|units| units.head.as_ref()).is_some_and(|head| head.co_head)
    }

    /// Units name who leads them.
    pub fn takes_heads(&self) -> bool {
        self.source.units.as_ref().is_some_and(|units| units.head.is_some())
    }

    /// The names of a pay component.
    pub fn component_label(&self, name: &str) -> Option<&Label> {
        let mut paid = self.source.people.figures.iter().rev().filter(|figure| figure.pay);
        paid.find(|figure| figure.name == name).map(|figure| &figure.label)
    }

    /// The names of a pay input.
    pub fn pay_label(&self, name: &str) -> Option<&Label> {
        self.source.people.pay.iter().find(|input| input.name == name).map(|input| &input.label)
    }

    /// The names of a figure in a cadence.
    pub fn figure_label(&self, kind: Kind, cadence: &str, name: &str) -> Option<&Label> {
        let cadences = self.source.cadences.iter().find(|one| one.code == cadence).map(|one| &one.code);
        let stand = Stand::of(&self.source, kind);
        let here = Stand { cadences: cadences.map_or(&[][..], std::slice::from_ref), ..stand };
        here.figure_named(name).map(|figure| &figure.label)
    }

    /// The names of a grade.
    pub fn grade_label(&self, code: &str) -> Option<&Label> {
        labelled(&self.source.grades, code)
    }

    /// The names of a reason for being left out.
    pub fn exclusion_label(&self, code: &str) -> Option<&Label> {
        self.source.people.exclusions.iter().find(|exclusion| exclusion.code == code).map(|exclusion| &exclusion.label)
    }

    /// The reasons for being left out, with their names.
    pub fn exclusions(&self) -> impl Iterator<Item = (&str, &Label)> {
        self.source.people.exclusions.iter().map(|exclusion| (exclusion.code.as_str(), &exclusion.label))
    }

    /// The names of what a rule gives: an outcome or a reason for an interview.
    pub fn outcome_label(&self, code: &str) -> Option<&Label> {
        labelled(&self.source.outcomes, code)
    }

    /// The names of a code that a figure came to.
    pub fn code_of_figure_label(&self, kind: Kind, figure: &str, code: &str) -> Option<&Label> {
        let stand = Stand::of(&self.source, kind);
        stand.label(stand.codes_of_name(&[figure]), code)
    }

    /// What a warning says, with whom or what it is about: `too_few_grades:NET`, `over_guide:excellent`.
    pub fn warning_label(&self, code: &str) -> Label {
        let (label, about) = self.warning(code);
        match about {
            Some(about) => {
                Label { zh: format!("{}：{}", label.zh, about.zh), en: format!("{}: {}", label.en, about.en) }
            }
            None => label,
        }
    }

    /// What several warnings say, those of one kind together: "too few grades: NET, LAB".
    pub fn warning_labels(&self, codes: &[String]) -> Vec<Label> {
        let mut told: Vec<(Label, Label)> = Vec::new();
        for code in codes {
            let (label, about) = self.warning(code);
            match (told.iter_mut().find(|(known, _)| *known == label), about) {
                (Some((_, all)), Some(about)) => {
                    all.zh = format!("{}、{}", all.zh, about.zh);
                    all.en = format!("{}, {}", all.en, about.en);
                }
                (Some(_), None) => {}
                (None, Some(about)) => {
                    let first = Label { zh: format!("：{}", about.zh), en: format!(": {}", about.en) };
                    told.push((label, first));
                }
                (None, None) => told.push((label, Label::default())),
            }
        }
        let joined =
            |(label, all): (Label, Label)| Label { zh: label.zh + all.zh.as_str(), en: label.en + all.en.as_str() };
        told.into_iter().map(joined).collect()
    }

    /// What a warning says, and whom or what it is about.
    fn warning(&self, code: &str) -> (Label, Option<Label>) {
        let (bare, about) = code.split_once(':').map_or((code, None), |(bare, about)| (bare, Some(about)));
        let label = match self.outcome_label(bare) {
            Some(label) => label.clone(),
            None if bare == UNDISTRIBUTED => Label::new("奖金包未分配", "pool not paid out"),
            None => Label::new(bare, bare),
        };
        let about = about.map(|about| self.about(bare, about).cloned().unwrap_or_else(|| Label::new(about, about)));
        (label, about)
    }

    /// The names of what stands behind the colon of a warning, where it is not a person or a unit.
    fn about(&self, warning: &str, code: &str) -> Option<&Label> {
        let graded = self.source.people.guides.iter().any(|guide| bare(&guide.warning) == warning);
        if graded {
            return labelled(&self.source.grades, code).or_else(|| labelled(&self.source.codes, code));
        }
        let of_units = labelled(self.unit_categories(), code);
        of_units.or_else(|| labelled(self.people_categories(), code)).filter(|_| warning == UNDISTRIBUTED)
    }
}

/// What the scheme says of an input besides its values: who gives it, and on whose form it stands.
fn given(view: InputView, declared: Option<&InputSource>, raters: &[InputSource]) -> InputView {
    let Some(declared) = declared else { return view };
    let named = raters.iter().any(|rater| rater.name == declared.name).then(|| declared.name.clone());
    let (by, checked_by) = (declared.by.clone(), declared.checked_by.clone());
    InputView { by, checked_by, combine: declared.combine, column: declared.rater.clone().or(named), ..view }
}

fn rater_view(rater: &InputSource, name: &str) -> RaterView {
    let from = match &rater.from {
        Some(Sources::One(who)) => vec![SourceCase { when: None, from: who.clone() }],
        Some(Sources::FirstOf(cases)) => cases.clone(),
        None => {
            let from = match name {
                "self" => Who::Oneself,
                "superior" => Who::Superior,
                "hr" => Who::Role("hr".to_owned()),
                _ => Who::Assigned,
            };
            vec![SourceCase { when: None, from }]
        }
    };
    RaterView {
        name: name.to_owned(),
        label: rater.label.clone(),
        guidance: rater.guidance.clone(),
        presence: if rater.optional { RaterPresence::Any } else { rater.presence },
        many: rater.many,
        at_least: rater.at_least,
        may_decline: rater.may_decline,
        unless: rater.counts.as_ref().and_then(|counts| chosen_by(&counts.text)),
        from,
    }
}

fn is_unwritten(guidance: Option<&Label>) -> bool {
    guidance.is_some_and(|guidance| guidance.zh.is_empty() || guidance.en.is_empty())
}

fn unwritten_codes(all: &[Coded]) -> Vec<&Label> {
    all.iter().filter(|one| is_unwritten(one.guidance.as_ref())).map(|one| &one.label).collect()
}

fn unwritten_input(input: &InputSource) -> Vec<&Label> {
    let levels = input.levels.iter().any(|level| is_unwritten(Some(&level.guidance)));
    let own = (is_unwritten(input.guidance.as_ref()) || levels).then_some(&input.label);
    own.into_iter().chain(unwritten_codes(&input.choices)).collect()
}

/// The name that an expression of the form `choose(name, …)` chooses by.
fn chosen_by(text: &str) -> Option<String> {
    let Ok(Ast::Call(function, args)) = parse(text) else { return None };
    match args.as_slice() {
        [Ast::Path(path), ..] if function == "choose" => <[String; 1]>::try_from(path.clone()).ok().map(|[name]| name),
        _ => None,
    }
}

fn labelled<'s>(coded: &'s [Coded], code: &str) -> Option<&'s Label> {
    coded.iter().find(|one| one.code == code).map(|one| &one.label)
}

/// Whether points on an item need a concrete example before the sheet can be submitted, by what the sheet says or by what
/// the item does.
pub fn item_points_need_evidence(
    evidence: Option<&Evidence>,
    of_item: Option<ItemEvidence>,
    weight: Decimal,
    points: Decimal,
) -> bool {
    let below_full = of_item == Some(ItemEvidence::BelowFull) && points < weight;
    below_full
        || evidence.is_some_and(|rule| {
            let high = rule.points_from.is_some_and(|from| points >= from.0);
            let low = rule.points_to.is_some_and(|to| points <= to.0);
            weight >= rule.weight_from.0 && (high || low)
        })
}
