//! Why a file, or a cell of it, cannot be read.

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

/// Where a fault is, as the spreadsheet calls it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The header is a row too.
    pub row: usize,
    /// None when it is about the whole row.
    pub column: Option<Place>,
    pub what: Message,
}

/// A column: its letter, what it is headed with and what it is called.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    pub letter: String,
    pub heading: String,
    pub name: String,
}

/// Why there is no table: the file as a whole, or its cells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unreadable {
    File(Refusal),
    /// The first faults, and how many there are.
    Cells(Vec<Fault>, usize),
}

impl From<Refusal> for Unreadable {
    fn from(refusal: Refusal) -> Self {
        Self::File(refusal)
    }
}

impl Fault {
    /// `row 3, column C (fact:absences): …`
    pub fn told(&self, locale: Locale) -> String {
        let row = self.row;
        let what = self.what.get(locale);
        match (&self.column, locale) {
            (Some(column), _) => format!("{}{}{what}", column.at(row, locale), colon(locale)),
            (None, Locale::ZhCn) => format!("第{row}行：{what}"),
            (None, Locale::En) => format!("row {row}: {what}"),
        }
    }

    fn field_error(&self) -> FieldError {
        let row = self.row;
        match &self.column {
            None => FieldError::new(format!("/{row}"), self.what.clone()),
            Some(column) => {
                let pointer = format!("/{row}/{}", column.name);
                let (letter, what) = (&column.letter, &self.what);
                FieldError::new(pointer, say!("{letter}{row}：{what}", "{letter}{row}: {what}"; what))
            }
        }
    }
}

fn colon(locale: Locale) -> &'static str {
    match locale {
        Locale::ZhCn => "：",
        Locale::En => ": ",
    }
}

impl Place {
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

impl Unreadable {
    /// Line by line, for people.
    pub fn told(&self, locale: Locale) -> Vec<String> {
        match self {
            Self::File(refusal) => vec![refusal.what.get(locale).to_owned()],
            Self::Cells(faults, all) => {
                let mut lines: Vec<String> = faults.iter().map(|fault| fault.told(locale)).collect();
                let more = all - faults.len();
                if more > 0 {
                    lines.push(say!("另有 {more} 处错误", "and {more} more").get(locale).to_owned());
                }
                lines
            }
        }
    }
}

impl From<Unreadable> for Problem {
    fn from(unreadable: Unreadable) -> Self {
        match unreadable {
            Unreadable::File(refusal) => Self::new(refusal.code, refusal.what),
            Unreadable::Cells(faults, _) => Self::invalid(faults.iter().map(Fault::field_error).collect()),
        }
    }
}

/// Collects faults: the first are kept, all are counted.
#[derive(Debug, Default)]
pub(super) struct Faults {
    first: Vec<Fault>,
    all: usize,
}

impl Faults {
    pub fn add(&mut self, row: usize, column: Option<&Place>, what: Message) {
        self.all += 1;
        if self.first.len() < MOST_TOLD {
            self.first.push(Fault { row, column: column.cloned(), what });
        }
    }

    pub fn check(self) -> Result<(), Unreadable> {
        if self.all == 0 { Ok(()) } else { Err(Unreadable::Cells(self.first, self.all)) }
    }
}

/// A text as an error quotes it.
pub fn shortened(text: &str) -> String {
    const MOST: usize = 40;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}
