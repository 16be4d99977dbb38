//! The frozen scheme of a cycle as this service uses it: the forms of its sheets, the checks of what is
//! entered, and its computation.

pub mod computing;
pub mod form;
pub mod trying;

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use basics::Label;
use domain::Kind;
use domain::case::{FigureChange, FigureMove, InputName};
use domain::scheme::source::{Acting, Combine, Giver, Who};
use domain::scheme::{HistoryNeeds, InputView, Scope};
use platform::shelf::Shelf;
use platform::{Message, Problem, Result, aside, say};
use rust_decimal::Decimal;
use serde_json::Value;

use form::Form;

/// A scheme with its forms worked out for one cadence.
#[derive(Debug)]
struct Parsed {
    scheme: domain::scheme::Scheme,
    cadence: String,
    /// By category; the empty text stands for none.
    people: HashMap<String, Form>,
    units: HashMap<String, Form>,
}

/// The frozen scheme of a cycle.
#[derive(Clone, Debug)]
pub struct Scheme(Arc<Parsed>);

/// Schemes of cycles, by cadence and text.
static READ: Shelf<Parsed> = Shelf::holding(64);

impl Parsed {
    fn of(scheme: domain::scheme::Scheme, cadence: &str) -> Self {
        let forms = |kind: Kind| {
            let declared = if kind == Kind::People { scheme.people_categories() } else { scheme.unit_categories() };
            let categories = declared.iter().map(|coded| Some(coded.code.as_str())).chain([None]);
            let form = |category: Option<&str>| Form {
                sheet: match kind {
                    Kind::People => scheme.sheet(cadence, category),
                    _ => scheme.unit_sheet(cadence, category),
                },
                lists: scheme.lists(kind, cadence, category),
            };
            categories.map(|category| (category.unwrap_or_default().to_owned(), form(category))).collect()
        };
        let (people, units) = (forms(Kind::People), forms(Kind::Units));
        Self { scheme, cadence: cadence.to_owned(), people, units }
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

    /// The scheme without what this service makes of it.
    pub fn plain(&self) -> &domain::scheme::Scheme {
        &self.0.scheme
    }

    pub fn cadence(&self) -> &str {
        &self.0.cadence
    }

    /// What is filled in about subjects of a category; an unknown category has the form of none.
    pub fn form(&self, kind: Kind, category: Option<&str>) -> &Form {
        let forms = if kind == Kind::People { &self.0.people } else { &self.0.units };
        let category = self.category(kind, category).unwrap_or_default();
        static NONE: Form = Form { sheet: None, lists: Vec::new() };
        forms.get(category).or_else(|| forms.get("")).unwrap_or(&NONE)
    }

    /// A category as the scheme sees it: where it knows none, nobody has one.
    pub fn category<'c>(&self, kind: Kind, category: Option<&'c str>) -> Option<&'c str> {
        let declared =
            if kind == Kind::People { self.0.scheme.people_categories() } else { self.0.scheme.unit_categories() };
        category.filter(|_| !declared.is_empty())
    }

    /// The facts that subjects of a category may have; of those whose category nobody knows, all.
    pub fn facts(&self, kind: Kind, category: Option<&str>) -> Vec<InputView> {
        self.0.scheme.facts(kind, &self.0.cadence, self.category(kind, category))
    }

    /// Of all the facts that are known, those that the scheme has a use for, as a case writes them.
    pub fn facts_known(&self, kind: Kind, facts: BTreeMap<String, Value>) -> BTreeMap<String, Value> {
        let declared = self.0.scheme.facts(kind, &self.0.cadence, None);
        let known = facts.into_iter().filter_map(|(name, value)| {
            let fact = declared.iter().find(|fact| fact.name == name)?;
            // What is wrong is told by the case that it goes into.
            let read = self.0.scheme.check_value(&self.0.cadence, kind, InputName::Fact(&fact.name), &value);
            Some((name, read.unwrap_or(value)))
        });
        known.collect()
    }

    /// Whether a figure is moved by points or to a code; nothing where it cannot be moved.
    pub fn moved_by_points(&self, kind: Kind, figure: &str) -> Option<bool> {
        self.0.scheme.moved_by_points(&self.0.cadence, kind, figure)
    }

    /// Whether a move is one that this scheme lets be made.
    pub fn takes_move(&self, kind: Kind, moved: &FigureMove) -> bool {
        let adjustable = self.0.scheme.adjustable(&self.0.cadence);
        let fits = match (&moved.change, self.moved_by_points(kind, &moved.figure)) {
            (FigureChange::By(_), Some(by_points)) => by_points,
            (FigureChange::To(code), Some(by_points)) => !by_points && self.knows_code(code),
            (_, None) => false,
        };
        fits && adjustable.iter().any(|one| one.of == kind && one.figure == moved.figure)
    }

    /// Whether a code is a grade of the scheme, or another code that figures yield.
    pub fn knows_code(&self, code: &str) -> bool {
        let scheme = &self.0.scheme;
        scheme.grades().iter().chain(scheme.codes()).any(|known| known.code == code)
    }

    /// Units have scores that somebody gives.
    pub fn takes_unit_scores(&self) -> bool {
        self.0.scheme.takes_unit_scores()
    }

    /// A unit's score may be absent, where its sheet or a formula stands for it.
    pub fn may_lack_unit_scores(&self) -> bool {
        self.0.scheme.may_lack_unit_scores()
    }

    /// Units need scores here that somebody gives.
    pub fn asks_unit_scores(&self) -> bool {
        self.0.scheme.asks_unit_scores(&self.0.cadence)
    }

    /// Ranks or shares go across units, so that the company is computed in one piece.
    pub fn is_company_wide(&self) -> bool {
        self.0.scheme.scope(&self.0.cadence) == Scope::Company
    }

    /// Pay stands on figures, facts or parameters of the company.
    pub fn carries_of_company(&self) -> bool {
        self.0.scheme.carries_of_company(&self.0.cadence)
    }

    pub fn history_needs(&self, kind: Kind) -> HistoryNeeds {
        self.0.scheme.history_needs(&self.0.cadence, kind)
    }

    /// A value that nobody rates: who may enter it, or nothing where the scheme has no such value.
    pub fn giving(&self, kind: Kind, category: Option<&str>, path: &FactPath) -> Option<Giving> {
        match path {
            FactPath::Fact(name) => {
                let facts = self.0.scheme.facts(kind, &self.0.cadence, None);
                let fact = facts.into_iter().find(|fact| fact.name == *name)?;
                Some(Giving { by: fact.by, combine: fact.combine, checked_by: fact.checked_by })
            }
            FactPath::Score => {
                let (by, checked_by) = (self.0.scheme.score_by().to_vec(), self.0.scheme.score_checked_by());
                (kind == Kind::Units && self.takes_unit_scores()).then_some(Giving { by, combine: None, checked_by })
            }
            FactPath::Item { item, input } => {
                let input = self.form(kind, category).item(item)?.inputs.iter().find(|known| known.name == *input)?;
                let (by, checked_by) = (input.by.clone(), input.checked_by.clone());
                input.column.is_none().then_some(Giving { by, combine: input.combine, checked_by })
            }
        }
    }

    /// The chains of those who check reported values and recorded entries, of all that have one.
    pub fn chains(&self) -> Vec<Vec<Acting>> {
        let kinds = [Kind::Company, Kind::Units, Kind::People];
        let facts = kinds.into_iter().flat_map(|kind| self.0.scheme.facts(kind, &self.0.cadence, None));
        let of_facts = facts.map(|fact| fact.checked_by);
        let forms = self.0.people.values().chain(self.0.units.values());
        let of_items = forms.flat_map(|form| form.items()).flat_map(|item| &item.inputs);
        let of_items = of_items.map(|input| input.checked_by.clone());
        let lists = self.0.people.values().chain(self.0.units.values()).flat_map(|form| &form.lists);
        let of_lists = lists.map(|list| list.checked_by.clone());
        let all = of_facts.chain(of_items).chain(of_lists).chain([self.0.scheme.score_checked_by()]);
        all.filter(|chain| !chain.is_empty()).collect()
    }

    /// Whether the system finds a value itself; until it can, HR supplies it.
    pub fn is_derived(&self, kind: Kind, path: &FactPath) -> bool {
        let FactPath::Fact(name) = path else { return false };
        let facts = self.0.scheme.facts(kind, &self.0.cadence, None);
        facts.into_iter().any(|fact| fact.name == *name && fact.derived.is_some_and(|derived| !derived.is_paid()))
    }

    /// A value of a path in the form that a case has, or what is wrong with it.
    pub fn check(
        &self,
        kind: Kind,
        category: Option<&str>,
        path: &FactPath,
        weight: Option<Decimal>,
        value: &Value,
    ) -> Result<Value, Message> {
        let name = match path {
            FactPath::Fact(name) => InputName::Fact(name),
            FactPath::Score => InputName::Score,
            FactPath::Item { item, input } => {
                InputName::Item { category: self.category(kind, category), item, input, weight }
            }
        };
        self.0.scheme.check_value(&self.0.cadence, kind, name, value)
    }

    /// A value that a rater gives, in the form that a case has, or what is wrong with it.
    pub fn check_rated(
        &self,
        kind: Kind,
        category: Option<&str>,
        place: form::Place<'_>,
        input: &str,
        weight: Option<Decimal>,
        value: &Value,
    ) -> Result<Value, Message> {
        match place {
            form::Place::Item(item) => {
                let name = InputName::Item { category: self.category(kind, category), item: &item.code, input, weight };
                self.0.scheme.check_value(&self.0.cadence, kind, name, value)
            }
            form::Place::List(list) => self.0.scheme.check_cell(&self.0.cadence, kind, &list.key, input, value),
        }
    }

    /// The weights of items, as the company sets them by parameters.
    pub fn weights(&self, kind: Kind, category: Option<&str>, parameters: &Value) -> BTreeMap<String, Decimal> {
        self.0.scheme.item_weights(kind, &self.0.cadence, self.category(kind, category), parameters)
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

/// Who gives a value that nobody rates.
#[derive(Clone, Debug)]
pub struct Giving {
    /// Any of them; empty: HR.
    pub by: Vec<Giver>,
    pub combine: Option<Combine>,
    /// Who checks and approves what was reported, step by step.
    pub checked_by: Vec<Acting>,
}

impl Giving {
    /// Those who each give a number of their own; nobody where there is one number.
    pub fn several(&self) -> &[Who] {
        self.combine.and_then(|_| self.by.first()).map_or(&[], Giver::who)
    }
}

/// Which value of a subject is meant that nobody rates.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum FactPath {
    Fact(String),
    /// The score that a unit is given.
    Score,
    /// An input of an item that stands on nobody's form.
    Item {
        item: String,
        input: String,
    },
}

impl FactPath {
    pub fn parse(text: &str) -> Option<Self> {
        let parts: Vec<&str> = text.split('.').collect();
        match parts.as_slice() {
            ["score"] => Some(Self::Score),
            ["fact", name] if !name.is_empty() => Some(Self::Fact((*name).to_owned())),
            ["item", item, input] if !item.is_empty() && !input.is_empty() => {
                Some(Self::Item { item: (*item).to_owned(), input: (*input).to_owned() })
            }
            _ => None,
        }
    }
}

impl std::fmt::Display for FactPath {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Fact(name) => write!(f, "fact.{name}"),
            Self::Score => f.write_str("score"),
            Self::Item { item, input } => write!(f, "item.{item}.{input}"),
        }
    }
}

/// What is told of a value that the scheme has no use for.
pub fn unknown_path() -> Message {
    say!("方案没有该项数据", "the scheme has no such value")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_a_path_then_it_is_read_as_it_is_written() {
        for text in ["fact.late", "score", "item.response.value"] {
            assert_eq!(FactPath::parse(text).unwrap().to_string(), text);
        }
        for text in ["", "fact", "fact.", "item.a", "late", "fact.a.b"] {
            assert_eq!(FactPath::parse(text), None, "{text}");
        }
    }
}
