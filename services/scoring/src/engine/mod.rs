//! The frozen scheme of a cycle as this service uses it: the forms of its sheets, the checks of what is
//! entered, and its computation.

pub mod computing;
pub mod trying;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use basics::Label;
use basics::money::parse_plain;
use domain::Kind;
use domain::case::{InputName, meant};

use domain::scheme::source::Does;
use domain::scheme::{Evidence, InputView, RaterPresence, Scope, SheetView, item_points_need_evidence};
use events::Values;
use platform::shelf::Shelf;
use platform::{Message, Problem, Result, aside, say};
use rust_decimal::Decimal;
use serde_json::Value;

use crate::sheets::sheet::{SELF, SUPERIOR, Sheet};

/// How far an absent rater is allowed.
pub use domain::scheme::RaterPresence as Presence;

/// The sheet of one category.
#[derive(Clone, Debug, Default)]
pub struct Form {
    pub items: Vec<FormItem>,
    evidence: Option<Evidence>,
}

#[derive(Clone, Debug)]
pub struct FormItem {
    pub code: String,
    pub label: Label,
    pub section: Option<String>,
    /// The scheme's weight; a settled sheet may carry its own.
    pub weight: String,
    pub inputs: Vec<FormInput>,
}

#[derive(Clone, Debug)]
pub struct FormInput {
    pub name: String,
    pub label: Label,
    pub kind: String,
    /// Kind of rater who gives it; none for measured values.
    pub rater: Option<String>,
    pub presence: Presence,
    pub optional: bool,
}

impl Form {
    pub fn item(&self, code: &str) -> Option<&FormItem> {
        self.items.iter().find(|item| item.code == code)
    }

    /// The item that is meant by its code, or by what people call it.
    pub fn item_meant(&self, text: &str) -> Option<&FormItem> {
        self.item(meant(self.items.iter().map(|item| (item.code.as_str(), &item.label)), text)?)
    }

    /// Whether a value needs a concrete example before it can be submitted.
    pub fn needs_evidence(&self, item: &FormItem, input: &FormInput, weights: &Values, value: &Value) -> bool {
        if input.rater.is_none() || self.evidence.is_none() {
            return false;
        }
        let weight = weights.get(&item.code).unwrap_or(&item.weight);
        let points = value.as_str().and_then(parse_plain);
        match (parse_plain(weight), points) {
            (Some(weight), Some(points)) => item_points_need_evidence(self.evidence.as_ref(), weight, points),
            _ => false,
        }
    }
}

impl FormItem {
    pub fn input(&self, name: &str) -> Option<&FormInput> {
        self.inputs.iter().find(|input| input.name == name)
    }

    /// The input that is meant by its name, or by what people call it.
    pub fn input_meant(&self, text: &str) -> Option<&FormInput> {
        self.input(meant(self.inputs.iter().map(|input| (input.name.as_str(), &input.label)), text)?)
    }
}

/// Kinds of rater that every scheme knows, by the names that inputs have in it.
const RATERS: [&str; 3] = [SUPERIOR, SELF, "hr"];

impl Form {
    fn of(view: SheetView) -> Self {
        let rater_of = |input: &InputView| {
            let declared = view.raters.iter().find(|rater| rater.name == input.name);
            let known = input.rater || declared.is_some() || RATERS.contains(&input.name.as_str());
            let presence = declared.filter(|_| input.rater).map_or(RaterPresence::Always, |rater| rater.presence);
            (known.then(|| input.name.clone()), presence)
        };
        let items = view.items.iter().map(|item| FormItem {
            code: item.code.clone(),
            label: item.label.clone(),
            section: item.section.clone(),
            weight: item.weight.normalize().to_string(),
            inputs: item
                .inputs
                .iter()
                .map(|input| {
                    let (rater, presence) = rater_of(input);
                    FormInput {
                        name: input.name.clone(),
                        label: input.label.clone(),
                        kind: serde_json::to_value(input.kind)
                            .ok()
                            .and_then(|v| v.as_str().map(str::to_owned))
                            .unwrap_or_default(),
                        rater,
                        presence,
                        optional: !input.required,
                    }
                })
                .collect(),
        });
        Self { items: items.collect(), evidence: view.evidence.clone() }
    }
}

/// A scheme with its forms worked out for one cadence.
#[derive(Debug)]
struct Parsed {
    scheme: domain::scheme::Scheme,
    cadence: String,
    /// By category; the empty text stands for none.
    forms: HashMap<String, Form>,
}

/// The frozen scheme of a cycle.
#[derive(Clone, Debug)]
pub struct Scheme(Arc<Parsed>);

/// Schemes of cycles, by cadence and text.
static READ: Shelf<Parsed> = Shelf::holding(64);

impl Parsed {
    fn of(scheme: domain::scheme::Scheme, cadence: &str) -> Self {
        let categories = scheme.people_categories().iter().map(|c| Some(c.code.as_str())).chain([None]);
        let forms = categories
            .filter_map(|c| Some((c.unwrap_or_default().to_owned(), Form::of(scheme.sheet(cadence, c)?))))
            .collect();
        Self { scheme, cadence: cadence.to_owned(), forms }
    }
}

impl Scheme {
    /// The scheme of this text for a cadence.
    pub fn of(source: &str, cadence: &str) -> Result<Self> {
        let read = || {
            let scheme = domain::scheme::Scheme::in_use(source)
                .map_err(|problems| Problem::internal(format!("a frozen scheme cannot be read: {problems:?}")))?;
            Ok::<_, Problem>(Parsed::of(scheme, cadence))
        };
        Ok(Self(READ.get(&[cadence, source], read)?))
    }

    /// Reads the scheme of this text aside, unless it was read lately, so that [`Self::of`] need not. What is wrong
    /// with it is told there.
    pub async fn prepare(source: &str, cadence: &str) {
        if !READ.holds(&[cadence, source]) {
            let (source, cadence) = (source.to_owned(), cadence.to_owned());
            drop(aside::in_turn(move || Self::of(&source, &cadence)).await);
        }
    }

    /// A scheme that is not of a cycle, for one of its cadences.
    pub fn with_forms(scheme: domain::scheme::Scheme, cadence: &str) -> Self {
        Self(Arc::new(Parsed::of(scheme, cadence)))
    }

    /// The sheet of people of a category; none where nothing is rated.
    pub fn form(&self, category: Option<&str>) -> Option<&Form> {
        self.0.forms.get(self.person_category(category).unwrap_or_default())
    }

    /// A category as the scheme sees it: where it knows none, nobody has one.
    fn person_category<'c>(&self, category: Option<&'c str>) -> Option<&'c str> {
        category.filter(|_| !self.0.scheme.people_categories().is_empty())
    }

    fn unit_category<'c>(&self, category: Option<&'c str>) -> Option<&'c str> {
        category.filter(|_| !self.0.scheme.unit_categories().is_empty())
    }

    /// Of all the facts that are known, those that the scheme has a use for, as a case writes them.
    fn facts_known(
        &self,
        kind: Kind,
        category: Option<&str>,
        facts: BTreeMap<String, Value>,
    ) -> BTreeMap<String, Value> {
        let declared = self.0.scheme.facts(kind, &self.0.cadence, category);
        let known = facts.into_iter().filter_map(|(name, value)| {
            let fact = declared.iter().find(|f| f.name == name)?;
            let name = fact.name.as_str();
            // What is wrong is told by the case that it goes into.
            let read = self.0.scheme.check_value(&self.0.cadence, kind, InputName::Fact(name), &value);
            Some((name.to_owned(), read.unwrap_or(value)))
        });
        known.collect()
    }

    /// Units have scores that somebody gives.
    pub fn takes_unit_scores(&self) -> bool {
        self.0.scheme.takes_unit_scores()
    }

    /// Ranks or shares go across units, so that the company is computed in one piece.
    pub fn is_company_wide(&self) -> bool {
        self.0.scheme.scope(&self.0.cadence) == Scope::Company
    }

    /// Pay stands on figures, facts or parameters of the company.
    pub fn carries_of_company(&self) -> bool {
        self.0.scheme.carries_of_company(&self.0.cadence)
    }

    /// The score of a unit in the form that a case has, or what is wrong with it.
    pub fn check_score(&self, score: &str) -> Result<Value, Message> {
        self.0.scheme.check_value(&self.0.cadence, Kind::Units, InputName::Score, &score.into())
    }

    /// A fact of a unit or a person in the form that a case has, or what is wrong with it or with its name.
    pub fn check_fact(&self, kind: Kind, category: Option<&str>, name: &str, value: &Value) -> Result<Value, Message> {
        let facts = self.0.scheme.facts(kind, &self.0.cadence, category);
        let declared = facts.iter().any(|f| f.name == name);
        declared.then_some(()).ok_or_else(|| say!("方案没有该项事实数据", "the scheme has no such fact"))?;
        self.0.scheme.check_value(&self.0.cadence, kind, InputName::Fact(name), value)
    }

    /// A sheet of another scheme as this one can read it: without what this one has no use for. Settled weights
    /// stay where they weigh the very items of this scheme.
    pub fn fitted(&self, mut sheet: Sheet) -> Sheet {
        let form = self.form(sheet.category.as_deref());
        let items = form.map_or(&[][..], |form| &form.items);
        sheet.inputs.retain(|code, values| {
            let item = items.iter().find(|item| item.code == *code);
            values.retain(|name, _| item.is_some_and(|item| item.input(name).is_some()));
            !values.is_empty()
        });
        let weighs = |item: &FormItem| sheet.weights.contains_key(&item.code);
        if sheet.weights.len() != items.len() || !items.iter().all(weighs) {
            sheet.weights.clear();
        }
        sheet
    }

    /// The scheme without what this service makes of it.
    pub fn plain(&self) -> &domain::scheme::Scheme {
        &self.0.scheme
    }

    pub fn cadence(&self) -> &str {
        &self.0.cadence
    }

    /// A category of people and of units as the scheme sees it.
    pub fn categories(&self, person: Option<&str>, unit: Option<&str>) -> (Option<String>, Option<String>) {
        (self.person_category(person).map(str::to_owned), self.unit_category(unit).map(str::to_owned))
    }

    /// The facts that a unit or a person must give, if anything needs them.
    pub fn needed_facts(&self, kind: Kind, category: Option<&str>) -> Vec<String> {
        let facts = self.0.scheme.facts(kind, &self.0.cadence, category);
        facts.into_iter().filter(|f| f.required).map(|f| f.name).collect()
    }

    /// The stage in which something is done: its code and its labels.
    pub fn stage(&self, does: Does) -> Option<(String, Label)> {
        let stages = self.0.scheme.stages(&self.0.cadence);
        stages.into_iter().find(|s| s.does == does).map(|s| (s.code.clone(), s.label.clone()))
    }

    /// The names of a grade.
    pub fn grade_label(&self, code: &str) -> Label {
        self.0.scheme.grade_label(code).cloned().unwrap_or_else(|| Label::new(code, code))
    }

    /// The names of a reason for an interview.
    pub fn interview_label(&self, code: &str) -> Label {
        self.0.scheme.outcome_label(code).cloned().unwrap_or_else(|| Label::new(code, code))
    }

    /// What a warning says.
    pub fn warning_label(&self, code: &str) -> Label {
        self.0.scheme.warning_label(code)
    }

    /// Grades, best first.
    pub fn grades(&self) -> Vec<String> {
        self.0.scheme.grades().iter().map(|g| g.code.clone()).collect()
    }
}

/// Checks what is entered on the sheets of a cycle.
pub struct Checks<'s> {
    scheme: &'s Scheme,
    parameters: &'s Value,
    /// The weights of items by category, where a sheet has none of its own.
    weights: HashMap<Option<String>, BTreeMap<String, Decimal>>,
}

impl<'s> Checks<'s> {
    /// `parameters` are those of the cycle.
    pub fn of(scheme: &'s Scheme, parameters: &'s Value) -> Self {
        Self { scheme, parameters, weights: HashMap::new() }
    }

    /// A value for an input of a sheet in the form that a case has, or what is wrong with it. Null takes a value away.
    pub fn value(&mut self, sheet: &Sheet, item: &str, input: &str, value: &Value) -> Result<Value, Message> {
        if value.is_null() {
            return Ok(Value::Null);
        }
        let Parsed { scheme, cadence, .. } = &*self.scheme.0;
        let category = self.scheme.person_category(sheet.category.as_deref());
        let of_category = self.weights.entry(category.map(str::to_owned));
        let of_category = of_category.or_insert_with(|| scheme.item_weights(Kind::People, cadence, category, self.parameters));
        let own = sheet.weights.get(item).and_then(|weight| parse_plain(weight));
        let weight = own.or_else(|| of_category.get(item).copied());
        scheme.check_value(cadence, Kind::People, InputName::Item { category, item, input, weight }, value)
    }
}

#[cfg(test)]
pub mod tests {
    use super::*;

    fn input(name: &str, rater: Option<&str>) -> FormInput {
        FormInput {
            name: name.into(),
            label: Label::new(name, name),
            kind: "points".into(),
            rater: rater.map(str::to_owned),
            presence: Presence::Always,
            optional: false,
        }
    }

    fn item(code: &str, input: FormInput) -> FormItem {
        FormItem {
            code: code.into(),
            label: Label::new(code, code),
            section: None,
            weight: "6".into(),
            inputs: vec![input],
        }
    }

    /// A sheet with an item that the superior scores and one that is counted.
    pub fn form() -> Form {
        use domain::scheme::source::Number;
        let evidence = Evidence {
            weight_from: Number(Decimal::from(5)),
            points_from: Some(Number(Decimal::from(5))),
            points_to: Some(Number(Decimal::from(2))),
        };
        Form {
            items: vec![item("work", input("superior", Some("superior"))), item("count", input("value", None))],
            evidence: Some(evidence),
        }
    }
}
