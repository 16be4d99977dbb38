//! What a form asks for, and what it still lacks.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use basics::money::parse_plain;
use domain::scheme::source::{InputKind, RaterPresence};
use domain::scheme::{InputView, RaterView};
use events::Row;
use platform::{Missing, What};
use rust_decimal::Decimal;
use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::assignment::{Assignment, ByPlace, at};
use crate::engine::Scheme;
use crate::engine::form::{Form, Place, rows_of};
use crate::sheets::sheet::Sheet;
use crate::subjects::subject::{Appraised, Kind};

/// Something that a form still needs before it can be submitted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct MissingInput {
    /// The code of the item, or the key of the list.
    pub item: String,
    /// The number of the row, from 0.
    pub row: Option<usize>,
    /// The input that has no value, or whose value has no evidence.
    pub input: String,
    /// The kind of rater who gives it; `measured` where nobody rates it.
    pub column: String,
    pub what: What,
}

impl From<MissingInput> for Missing {
    fn from(missing: MissingInput) -> Self {
        let MissingInput { item, row, input, column, what } = missing;
        let pointer = row.map(|row| format!("/{row}/{input}"));
        Self { what, item: Some(item), input: Some(input), part: Some(column), pointer, ..Self::default() }
    }
}

/// A sheet with what it stands on: its form, its rows and the weights of its items.
pub struct Desk<'s> {
    pub form: &'s Form,
    pub rows: Vec<Row>,
    pub weights: BTreeMap<String, Decimal>,
    pub off: BTreeSet<String>,
}

impl<'s> Desk<'s> {
    /// Places in which a kind of rater is asked, apart from items that do not count.
    pub fn places(&self, column: &str) -> Vec<Place<'s>> {
        let places = self.form.places_of(column).into_iter();
        places.filter(|place| !self.off.contains(place.code())).collect()
    }

    /// The numbers of the rows of a place; one nothing where it has none and needs none.
    pub fn rows_in(&self, place: Place<'_>) -> Vec<Option<usize>> {
        let count = rows_of(&self.rows, place.code()).len();
        match place {
            Place::Item(_) if count == 0 => vec![None],
            _ => (0..count).map(Some).collect(),
        }
    }

    /// What bounds points there.
    pub fn weight(&self, place: Place<'_>, row: Option<usize>) -> Option<Decimal> {
        match row {
            Some(row) => parse_plain(&rows_of(&self.rows, place.code()).get(row)?.weight),
            None => self.weights.get(place.code()).copied(),
        }
    }
}

/// The desks of a cycle's sheets; weights are worked out once a category.
pub struct Desks<'s> {
    scheme: &'s Scheme,
    parameters: &'s Value,
    weights: HashMap<(Kind, Option<String>), BTreeMap<String, Decimal>>,
}

impl<'s> Desks<'s> {
    /// `parameters` are those of the cycle.
    pub fn of(scheme: &'s Scheme, parameters: &'s Value) -> Self {
        Self { scheme, parameters, weights: HashMap::new() }
    }

    pub fn desk(&mut self, about: &Appraised, sheet: Option<&Sheet>) -> Desk<'s> {
        let kind = about.kind.domain();
        let category = about.category.as_deref();
        let form = self.scheme.form(kind, category);
        let of_category = self.weights.entry((about.kind, about.category.clone()));
        let (scheme, parameters) = (self.scheme, self.parameters);
        let of_category = of_category.or_insert_with(|| scheme.weights(kind, category, parameters));
        let own = sheet.map(Sheet::weights).unwrap_or_default();
        let rows = sheet.map(Sheet::rows).unwrap_or_default();
        let off = form.off(&rows).into_iter().map(str::to_owned).collect();
        let mut weights = of_category.clone();
        weights.extend(own);
        Desk { form, rows, weights, off }
    }
}

/// The items of a column that others have for themselves: those that the scheme gives to others and, where there is one
/// rater of the kind, named ones.
pub fn taken_by_others(desk: &Desk<'_>, assignment: &Assignment, all: &[Assignment]) -> BTreeSet<String> {
    if assignment.items.is_some() {
        return BTreeSet::new();
    }
    let many = desk.form.rater(&assignment.rater_column).is_some_and(|rater| rater.many);
    let others = all.iter().filter(|_| !many).filter(|other| {
        other.is_active() && other.id != assignment.id && other.rater_column == assignment.rater_column
    });
    let named = others.flat_map(|other| other.items.iter().flatten().cloned());
    named.chain(given_to_others(desk.form, &assignment.rater_column)).collect()
}

/// The items of a column that the scheme has others give.
pub fn given_to_others(form: &Form, column: &str) -> Vec<String> {
    let items = form.items().iter().filter(|item| item.given_by.contains_key(column));
    items.map(|item| item.code.clone()).collect()
}

/// Where a form asks for something.
pub fn scope<'s>(desk: &Desk<'s>, column: &str, items: Option<&[String]>, others: &BTreeSet<String>) -> Vec<Place<'s>> {
    let mine = |place: &Place<'_>| match items {
        Some(items) => items.iter().any(|item| item == place.code()),
        None => !others.contains(place.code()),
    };
    desk.places(column).into_iter().filter(mine).collect()
}

/// The items of which a flag that somebody gave says that points of a kind of rater do not count.
pub fn waived(desk: &Desk<'_>, rater: &RaterView, all: &[Assignment]) -> BTreeSet<String> {
    let mut waived = BTreeSet::new();
    for item in desk.form.items() {
        let flags = item.inputs.iter().filter(|input| {
            input.kind == InputKind::Flag && [&rater.unless, &item.unless].contains(&&Some(input.name.clone()))
        });
        for flag in flags {
            let given = |form: &Assignment| at(&form.given(), &item.code, None, &flag.name) == Some(&Value::Bool(true));
            if all.iter().filter(|form| form.is_active()).any(given) {
                waived.insert(item.code.clone());
            }
        }
    }
    waived
}

/// What a form lacks.
pub fn lacks(
    desk: &Desk<'_>,
    rater: &RaterView,
    places: &[Place<'_>],
    given: &ByPlace<Value>,
    evidence: &ByPlace<String>,
) -> Vec<MissingInput> {
    let mut lacking = Vec::new();
    for place in places {
        for row in desk.rows_in(*place) {
            for input in place.inputs().iter().filter(|input| input.column.as_deref() == Some(&rater.name)) {
                let lack = |what: What| MissingInput {
                    item: place.code().to_owned(),
                    row,
                    input: input.name.clone(),
                    column: rater.name.clone(),
                    what,
                };
                match at(given, place.code(), row, &input.name) {
                    None if is_needed(rater, *place, input, given, places) => lacking.push(lack(What::Value)),
                    Some(value) => {
                        let points = value.as_str().and_then(parse_plain);
                        let weight = desk.weight(*place, row).unwrap_or_default();
                        let example = at(evidence, place.code(), row, &input.name);
                        if desk.form.needs_evidence(*place, input, weight, points) && example.is_none() {
                            lacking.push(lack(What::Evidence));
                        }
                    }
                    None => {}
                }
            }
        }
    }
    lacking
}

fn is_needed(
    rater: &RaterView,
    place: Place<'_>,
    input: &InputView,
    given: &ByPlace<Value>,
    places: &[Place<'_>],
) -> bool {
    if !input.required && !input.rater {
        return false;
    }
    let section = |place: &Place<'_>| match place {
        Place::Item(item) => item.section.clone(),
        Place::List(_) => None,
    };
    let any = |place: &&Place<'_>| given.get(place.code()).is_some_and(|rows| rows.values().any(|row| !row.is_empty()));
    match rater.presence {
        RaterPresence::Always => true,
        RaterPresence::Any => false,
        RaterPresence::AllOrNone => places.iter().any(|other| any(&other)),
        RaterPresence::AllOrNoneOfSection => {
            places.iter().filter(|other| section(other) == section(&place)).any(|other| any(&other))
        }
    }
}
