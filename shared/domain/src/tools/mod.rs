//! What people who write and read schemes need: a scheme in sentences, what changes between two, its columns.

pub mod columns;
pub mod diff;
pub mod explain_scheme;
mod phrase;
mod statements;

use crate::scheme::Scheme;
use crate::value::Kind;

/// How much a scheme holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Counts {
    pub cadences: usize,
    pub items: usize,
    pub figures: usize,
}

pub fn counts(scheme: &Scheme) -> Counts {
    let subjects = Kind::ALL.into_iter().filter_map(|kind| scheme.source.subject(kind));
    Counts {
        cadences: scheme.source.cadences.len(),
        items: scheme.source.sheets.iter().map(|sheet| sheet.items.len()).sum(),
        figures: subjects.map(|subject| subject.figures.len()).sum(),
    }
}
