//! What is filled in about a subject: its items and rated lists, and which kind of rater gives what.

use std::collections::BTreeSet;

use domain::scheme::source::RaterPresence;
use domain::scheme::{InputView, ItemView, ListView, RaterView, SheetView, item_points_need_evidence};
use events::Row;
use rust_decimal::Decimal;

/// The form of one kind and category.
#[derive(Clone, Debug, Default)]
pub struct Form {
    pub sheet: Option<SheetView>,
    pub lists: Vec<ListView>,
}

/// Something that a rater is asked for.
#[derive(Clone, Copy, Debug)]
pub enum Place<'f> {
    Item(&'f ItemView),
    List(&'f ListView),
}

impl<'f> Place<'f> {
    /// The code of the item, or the key of the list.
    pub fn code(self) -> &'f str {
        match self {
            Self::Item(item) => &item.code,
            Self::List(list) => &list.key,
        }
    }

    pub fn inputs(self) -> &'f [InputView] {
        match self {
            Self::Item(item) => &item.inputs,
            Self::List(list) => &list.columns,
        }
    }

    pub fn input(self, name: &str) -> Option<&'f InputView> {
        self.inputs().iter().find(|input| input.name == name)
    }
}

impl Form {
    pub fn items(&self) -> &[ItemView] {
        self.sheet.as_ref().map_or(&[], |sheet| &sheet.items)
    }

    pub fn item(&self, code: &str) -> Option<&ItemView> {
        self.items().iter().find(|item| item.code == code)
    }

    pub fn list(&self, key: &str) -> Option<&ListView> {
        self.lists.iter().find(|list| list.key == key)
    }

    pub fn place(&self, code: &str) -> Option<Place<'_>> {
        self.item(code).map(Place::Item).or_else(|| self.list(code).map(Place::List))
    }

    /// All kinds of rater, each once.
    pub fn raters(&self) -> Vec<&RaterView> {
        let mut raters: Vec<&RaterView> = Vec::new();
        for rater in
            self.sheet.iter().flat_map(|sheet| &sheet.raters).chain(self.lists.iter().flat_map(|list| &list.raters))
        {
            if !raters.iter().any(|known| known.name == rater.name) {
                raters.push(rater);
            }
        }
        raters
    }

    pub fn rater(&self, column: &str) -> Option<&RaterView> {
        self.raters().into_iter().find(|rater| rater.name == column)
    }

    /// Where a kind of rater is asked for something.
    pub fn places_of(&self, column: &str) -> Vec<Place<'_>> {
        let asked = |inputs: &[InputView]| inputs.iter().any(|input| input.column.as_deref() == Some(column));
        let items = self.items().iter().filter(|item| asked(&item.inputs)).map(Place::Item);
        items.chain(self.lists.iter().filter(|list| asked(&list.columns)).map(Place::List)).collect()
    }

    /// Items that do not count on a sheet with these rows: those in whose place rows stand, and those that have none to
    /// stand for their section.
    pub fn off(&self, rows: &[Row]) -> BTreeSet<&str> {
        let has_rows = |item: &ItemView| rows.iter().any(|row| row.place == item.code);
        let mut off = BTreeSet::new();
        for item in self.items().iter().filter(|item| item.stands_for_section) {
            if has_rows(item) {
                let others =
                    self.items().iter().filter(|other| other.section == item.section && other.code != item.code);
                off.extend(others.map(|other| other.code.as_str()));
            } else {
                off.insert(item.code.as_str());
            }
        }
        off
    }

    /// Whether points need a concrete example before they can be submitted.
    pub fn needs_evidence(
        &self,
        place: Place<'_>,
        input: &InputView,
        weight: Decimal,
        points: Option<Decimal>,
    ) -> bool {
        let of_item = if let Place::Item(item) = place { item.evidence } else { None };
        let evidence = self.sheet.as_ref().and_then(|sheet| sheet.evidence.as_ref());
        input.rater && points.is_some_and(|points| item_points_need_evidence(evidence, of_item, weight, points))
    }
}

/// The rows of a place, in their order.
pub fn rows_of<'r>(rows: &'r [Row], place: &str) -> Vec<&'r Row> {
    rows.iter().filter(|row| row.place == place).collect()
}

/// Whether a rater of a kind may decline: where the scheme says so, and where there are several.
pub fn may_decline(rater: &RaterView) -> bool {
    rater.may_decline || rater.many
}

/// Whether a kind of rater may be missing altogether.
pub fn is_optional(rater: &RaterView) -> bool {
    rater.presence != RaterPresence::Always
}
