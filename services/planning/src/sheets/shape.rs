//! What a scheme lets stand on a sheet: items and lists with rows, and how much the rows of each sum to.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use basics::money::parse_plain;
use domain::scheme::Scheme;
use domain::scheme::source::{OwnWeights, RowsFrom, RowsSource};
use rust_decimal::Decimal;
use serde_json::Value;

use crate::subjects::subject::Kind;

/// An item of a sheet.
#[derive(Clone, Debug)]
pub struct Item {
    pub code: String,
    pub section: Option<String>,
    pub weight: Decimal,
    pub rows: Option<RowsSource>,
    /// With rows it takes the place of the other items of its section.
    pub stands_for_section: bool,
}

/// A list of a subject whose rows are agreed.
#[derive(Clone, Debug)]
pub struct List {
    pub key: String,
    pub rows: RowsSource,
    pub required: bool,
    pub most: Option<usize>,
    /// What the rows' weights sum to.
    pub sum: Option<Decimal>,
    /// Columns that no rater gives.
    pub agreed: Vec<String>,
}

/// The sheet of a category.
#[derive(Clone, Debug, Default)]
pub struct Shape {
    pub items: Vec<Item>,
    pub lists: Vec<List>,
    pub own_weights: Option<OwnWeights>,
}

impl Shape {
    pub fn new(scheme: &Scheme, cadence: &str, parameters: &Value, kind: Kind, category: Option<&str>) -> Self {
        let sheet = match kind {
            Kind::Person => scheme.sheet(cadence, category),
            Kind::Unit => scheme.unit_sheet(cadence, category),
        };
        let weights = scheme.item_weights(kind.of_scheme(), cadence, category, parameters);
        let lists = scheme.lists(kind.of_scheme(), cadence, category).into_iter().filter_map(|list| {
            let weight = list.columns.iter().find(|column| column.sum.is_some());
            Some(List {
                sum: weight.and_then(|column| column.sum),
                agreed: list
                    .columns
                    .iter()
                    .filter(|column| column.column.is_none())
                    .map(|one| one.name.clone())
                    .collect(),
                rows: list.rows?,
                key: list.key,
                required: list.required,
                most: list.max_rows,
            })
        });
        let lists = lists.collect();
        let own_weights = sheet.as_ref().and_then(|sheet| sheet.own_weights.clone());
        let items = sheet.into_iter().flat_map(|sheet| sheet.items);
        let items = items.map(|item| Item {
            weight: weights.get(&item.code).copied().unwrap_or(item.weight),
            code: item.code,
            section: item.section,
            rows: item.rows,
            stands_for_section: item.stands_for_section,
        });
        Self { items: items.collect(), lists, own_weights }
    }

    /// The items that are weighed: those that stand for their section weigh what it does.
    pub fn weighed(&self) -> impl Iterator<Item = &Item> {
        self.items.iter().filter(|item| !item.stands_for_section)
    }

    /// Items and lists with rows, and whence these come.
    pub fn places(&self) -> impl Iterator<Item = (&str, &RowsSource)> {
        let items = self.items.iter().filter_map(|item| Some((item.code.as_str(), item.rows.as_ref()?)));
        items.chain(self.lists.iter().map(|list| (list.key.as_str(), &list.rows)))
    }

    pub fn takes_rows(&self) -> bool {
        self.places().next().is_some()
    }

    pub fn list(&self, place: &str) -> Option<&List> {
        self.lists.iter().find(|list| list.key == place)
    }

    /// What the weights of the rows at a place sum to; none: to anything. Weights of a subject's own go before the
    /// scheme's.
    pub fn replaced(&self, place: &str, own: &BTreeMap<String, String>) -> Option<Decimal> {
        if let Some(list) = self.list(place) {
            return list.sum;
        }
        let weight = |item: &Item| own.get(&item.code).and_then(|text| parse_plain(text)).unwrap_or(item.weight);
        let item = self.items.iter().find(|item| item.code == place)?;
        if item.stands_for_section {
            return Some(self.weighed().filter(|other| other.section == item.section).map(weight).sum());
        }
        Some(weight(item))
    }

    /// The lists that need rows, and have none among these places.
    pub fn lacks_rows(&self, places: &[&str]) -> bool {
        self.lists.iter().any(|list| list.required && !places.contains(&list.key.as_str()))
    }
}

/// The shapes of a scheme's sheets in a cadence, each worked out once.
pub struct Shapes<'s> {
    pub scheme: &'s Scheme,
    pub cadence: &'s str,
    parameters: &'s Value,
    known: HashMap<(Kind, Option<String>), Arc<Shape>>,
}

impl<'s> Shapes<'s> {
    pub fn new(scheme: &'s Scheme, cadence: &'s str, parameters: &'s Value) -> Self {
        Self { scheme, cadence, parameters, known: HashMap::new() }
    }

    pub fn of(&mut self, kind: Kind, category: Option<&str>) -> Arc<Shape> {
        let key = (kind, category.map(str::to_owned));
        let (scheme, cadence, parameters) = (self.scheme, self.cadence, self.parameters);
        let shape =
            self.known.entry(key).or_insert_with(|| Arc::new(Shape::new(scheme, cadence, parameters, kind, category)));
        Arc::clone(shape)
    }

    /// The other schemes whose plans give rows, and whether any rows come from plans at all.
    pub fn schemes_of_plans(&self) -> (bool, Vec<String>) {
        let categories = |coded: &[domain::scheme::Coded]| -> Vec<Option<String>> {
            let codes: Vec<_> = coded.iter().map(|one| Some(one.code.clone())).collect();
            if codes.is_empty() { vec![None] } else { codes }
        };
        let people = categories(self.scheme.people_categories()).into_iter().map(|one| (Kind::Person, one));
        let units = categories(self.scheme.unit_categories()).into_iter().map(|one| (Kind::Unit, one));
        let mut from_plans = false;
        let mut schemes = Vec::new();
        for (kind, category) in people.chain(units) {
            let shape = Shape::new(self.scheme, self.cadence, self.parameters, kind, category.as_deref());
            for (_, source) in shape.places().filter(|(_, source)| source.from == RowsFrom::Plan) {
                from_plans = true;
                schemes.extend(source.scheme.clone());
            }
        }
        (from_plans, schemes)
    }
}
