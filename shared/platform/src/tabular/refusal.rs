//! Why a file, or a cell of it, cannot be read.

use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

use basics::pointer::below;
use basics::text::shortened;
use basics::{Locale, Message, say};

use crate::problem::{Code, FieldError, Problem};

/// Errors that are told; the rest are counted.
const MOST_TOLD: usize = 100;

/// A whole file that is no table, or that must not be read; the message says what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    pub code: Code,
    pub what: Message,
}

impl Refusal {
    pub fn of(what: Message) -> Self {
        Self { code: Code::UnsupportedFormat, what }
    }
}

impl From<Refusal> for Problem {
    fn from(refusal: Refusal) -> Self {
        Self::new(refusal.code, refusal.what)
    }
}

/// A column: its letter, what it is headed with and what it is called.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    pub letter: String,
    pub heading: String,
    pub name: String,
}

impl Place {
    /// A column that the table does not have.
    pub fn absent(name: &str) -> Self {
        Self { letter: String::new(), heading: name.to_owned(), name: name.to_owned() }
    }

    /// `row 3, column C (fact:absences)`
    pub fn at(&self, row: usize, locale: Locale) -> String {
        let (letter, heading) = (&self.letter, shortened(&self.heading));
        match locale {
            Locale::ZhCn if letter.is_empty() => format!("第{row}行“{heading}”列"),
            Locale::En if letter.is_empty() => format!("row {row}, column {heading}"),
            Locale::ZhCn => format!("第{row}行{letter}列（{heading}）"),
            Locale::En => format!("row {row}, column {letter} ({heading})"),
        }
    }
}

/// What of a row is wrong. In this order faults are told.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Part {
    Whole,
    /// The place of the column among those of the table.
    Cell(usize),
    /// A column that the table does not have.
    Absent(String),
}

/// A row, as a spreadsheet counts, and what of it.
type Spot = (usize, Part);

/// What is wrong with a table, in the order of its rows: the reader begins it, whoever takes the table goes on with it,
/// so that all is told at once. The first faults keep their words, all are counted. A cell is told once: what could
/// not be read is not found missing afterwards. Of a row that is wrong as a whole no cells are told besides.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[must_use]
pub struct Faults {
    columns: Arc<[Place]>,
    first: BTreeMap<Spot, Message>,
    all: HashSet<Spot>,
}

impl Faults {
    pub(super) fn of(columns: Arc<[Place]>) -> Self {
        Self { columns, ..Self::default() }
    }

    /// Adds what is wrong with a cell; the header is a row too.
    pub fn add(&mut self, row: usize, column: &str, what: Message) {
        self.add_with(row, column, || what);
    }

    /// As [`Self::add`], for words that are looked for only when they will be told.
    pub fn add_with(&mut self, row: usize, column: &str, what: impl FnOnce() -> Message) {
        let part = match self.columns.iter().position(|place| place.name == column) {
            Some(at) => Part::Cell(at),
            None => Part::Absent(column.to_owned()),
        };
        self.put((row, part), what);
    }

    /// Adds what is wrong with the column at this place of the table.
    pub(super) fn add_at(&mut self, row: usize, column: usize, what: Message) {
        self.put((row, Part::Cell(column)), || what);
    }

    pub fn add_row(&mut self, row: usize, what: Message) {
        self.add_row_with(row, || what);
    }

    pub fn add_row_with(&mut self, row: usize, what: impl FnOnce() -> Message) {
        self.put((row, Part::Whole), what);
    }

    fn put(&mut self, spot: Spot, what: impl FnOnce() -> Message) {
        if self.all.contains(&(spot.0, Part::Whole)) || !self.all.insert(spot.clone()) {
            return;
        }
        let is_told = self.first.len() < MOST_TOLD || self.first.last_key_value().is_some_and(|(last, _)| spot < *last);
        if is_told {
            self.first.insert(spot, what());
        }
        if self.first.len() > MOST_TOLD {
            self.first.pop_last();
        }
    }

    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }

    /// Whether something in a row is wrong.
    pub fn has_row(&self, row: usize) -> bool {
        self.all.iter().any(|(other, _)| *other == row)
    }

    pub fn check(self) -> Result<(), Self> {
        if self.is_empty() { Ok(()) } else { Err(self) }
    }

    /// Line by line, for people: `row 3, column C (fact:absences): …`
    pub fn told(&self, locale: Locale) -> Vec<String> {
        let told = |((row, part), what): (&Spot, &Message)| {
            let what = what.get(locale);
            match (self.place(part), locale) {
                (Some(place), Locale::ZhCn) => format!("{}：{what}", place.at(*row, locale)),
                (Some(place), Locale::En) => format!("{}: {what}", place.at(*row, locale)),
                (None, Locale::ZhCn) => format!("第{row}行：{what}"),
                (None, Locale::En) => format!("row {row}: {what}"),
            }
        };
        let mut lines: Vec<String> = self.first.iter().map(told).collect();
        let more = self.all.len() - self.first.len();
        if more > 0 {
            lines.push(say!("另有 {more} 处错误", "and {more} more").get(locale).to_owned());
        }
        lines
    }

    /// The first as they are told in problems, and how many there are.
    pub(crate) fn errors(self) -> (Vec<FieldError>, usize) {
        let errors = self.first.iter().map(|((row, part), what)| self.field_error(*row, part, what)).collect();
        (errors, self.all.len())
    }

    fn place(&self, part: &Part) -> Option<Place> {
        match part {
            Part::Whole => None,
            Part::Cell(at) => self.columns.get(*at).cloned(),
            Part::Absent(name) => Some(Place::absent(name)),
        }
    }

    fn field_error(&self, row: usize, part: &Part, what: &Message) -> FieldError {
        let Some(place) = self.place(part) else { return FieldError::new(format!("/{row}"), what.clone()) };
        let pointer = below(&format!("/{row}"), &place.name);
        match place.letter.as_str() {
            "" => FieldError::new(pointer, what.clone()),
            letter => FieldError::new(pointer, say!("{letter}{row}：{what}", "{letter}{row}: {what}"; what)),
        }
    }
}

impl From<Faults> for Problem {
    fn from(faults: Faults) -> Self {
        let (errors, total) = faults.errors();
        Self::invalid_of(errors, total)
    }
}
