//! What tables of schemes and results are made of: inputs and figures as columns.

pub mod columns;

use crate::locale::Label;
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

/// A figure as the column of a table.
#[derive(Clone, Copy, Debug)]
pub struct FigureColumn<'s> {
    pub name: &'s str,
    pub label: &'s Label,
    pub money: bool,
    /// Results carry it under its own name.
    pub own: bool,
}

/// The figures of a kind of subject in a cadence but score, grade, coefficient and pay, in the order of the scheme.
pub fn figure_columns<'s>(scheme: &'s Scheme, cadence: &str, kind: Kind) -> Vec<FigureColumn<'s>> {
    let mut found: Vec<FigureColumn> = Vec::new();
    let figures = scheme.source.subject(kind).map_or(&[][..], |subject| &subject.figures);
    for figure in figures.iter().filter(|figure| !figure.pay) {
        let here = figure.cadences.is_empty() || figure.cadences.iter().any(|code| code == cadence);
        let standard = ["score", "grade", "coefficient"].contains(&figure.name.as_str());
        if here && !standard && !found.iter().any(|known| known.name == figure.name) {
            let (name, own) = (figure.name.as_str(), figure.output.is_some());
            found.push(FigureColumn { name, label: &figure.label, money: figure.money, own });
        }
    }
    found
}

/// The pay components of a cadence, in the order of the scheme, each once.
pub fn pay_components<'s>(scheme: &'s Scheme, cadence: &str) -> Vec<(&'s str, &'s Label)> {
    let mut found: Vec<(&str, &Label)> = Vec::new();
    for figure in scheme.source.people.figures.iter().filter(|figure| figure.pay) {
        let here = figure.cadences.is_empty() || figure.cadences.iter().any(|code| code == cadence);
        if here && !found.iter().any(|(name, _)| *name == figure.name) {
            found.push((&figure.name, &figure.label));
        }
    }
    found
}
