//! How much it takes to work a scheme out, counted before anything is: each formula is worked out for every cadence
//! and every category that it is for.
//!
//! `max(fact.sold, 0) * 2` has 4 names and numbers. For 3 categories in 2 cadences that is 24; where it is gathered
//! by units of 5 categories, 120. A scheme in a hundred kilobytes could ask for millions.

use super::source::{
    CheckSource, ExclusionSource, Expr, FigureSource, InputSource, RuleSource, SheetSource, Source, SubjectSource,
};
use crate::value::Kind;

/// The most that is worked out: some seconds of a busy processor, and many times what the largest policy takes.
pub(super) const MOST: u64 = 200_000;

/// What a scheme takes.
pub(super) fn of(source: &Source) -> u64 {
    let counting = Counting { source };
    let subjects = Kind::ALL.into_iter().filter_map(|kind| Some((kind, source.subject(kind)?)));
    let subjects = subjects.map(|(kind, subject)| counting.subject(kind, subject));
    sum(subjects.chain(source.sheets.iter().map(|sheet| counting.sheet(sheet))))
}

struct Counting<'s> {
    source: &'s Source,
}

impl Counting<'_> {
    fn subject(&self, kind: Kind, subject: &SubjectSource) -> u64 {
        let figures = subject.figures.iter().map(|figure| self.figure(kind, figure));
        let rules = subject.rules.iter().map(|rule| self.rule(kind, rule));
        let exclusions = subject.exclusions.iter().map(|exclusion| self.exclusion(kind, exclusion));
        let checks = subject.checks.iter().map(|check| self.check(kind, check));
        let guides = subject.guides.iter().map(|guide| self.times(kind, &[], &guide.cadences));
        let inputs =
            subject.facts.iter().chain(&subject.pay).chain(subject.lists.iter().flat_map(|list| &list.columns));
        let inputs = inputs.map(|input| product([entries(input), self.cadences(&input.cadences)]));
        sum(figures.chain(rules).chain(exclusions).chain(checks).chain(guides).chain(inputs))
    }

    fn figure(&self, kind: Kind, figure: &FigureSource) -> u64 {
        let own = sum(figure.own_expressions().map(|expr| self.size(kind, expr)));
        let rows = figure.bands.iter().map(|bands| bands.rows.len() as u64);
        let gathered = figure.gather.iter().map(|gather| {
            let value = gather.value.as_ref().map_or(1, |value| self.size(gather.of, value));
            product([value, self.categories(gather.of, &gather.categories)])
        });
        let one = sum([1, own].into_iter().chain(rows).chain(gathered));
        product([one, self.times(kind, &figure.categories, &figure.cadences)])
    }

    fn rule(&self, kind: Kind, rule: &RuleSource) -> u64 {
        let one = sum([rule.gives.len() as u64, self.size(kind, &rule.when)]);
        product([one, self.times(kind, &rule.categories, &rule.cadences)])
    }

    fn exclusion(&self, kind: Kind, exclusion: &ExclusionSource) -> u64 {
        let times = self.times(kind, &exclusion.categories, &exclusion.cadences);
        product([self.size(kind, &exclusion.when), times])
    }

    fn check(&self, kind: Kind, check: &CheckSource) -> u64 {
        let one = sum(check.needs.iter().chain(&check.must).map(|expr| self.size(kind, expr)));
        product([one, self.times(kind, &check.categories, &check.cadences)])
    }

    /// Every item, with what it takes to count its raters' points.
    fn sheet(&self, sheet: &SheetSource) -> u64 {
        let counted = sheet.raters.iter().map(|rater| {
            let counts = rater.counts.as_ref().map_or(0, |counts| words(&counts.text));
            sum([counts, entries(rater)])
        });
        let shared = sum(counted.chain(sheet.inputs.iter().map(entries)));
        let items = sheet.items.iter().map(|item| {
            let score = item.score.as_ref().map_or(0, |score| self.size(sheet.on, score));
            sum([1, shared, score].into_iter().chain(item.inputs.iter().map(entries)))
        });
        product([sum(items), self.times(sheet.on, &sheet.categories, &sheet.cadences)])
    }

    /// Names and numbers of a formula; what stands for all items of a sheet counts as many.
    fn size(&self, kind: Kind, expr: &Expr) -> u64 {
        let sheets = self.source.sheets.iter().filter(|sheet| sheet.on == kind);
        let items = sheets.map(|sheet| sheet.items.len() as u64).max().unwrap_or(0).max(1);
        let whole =
            ["total", "points", "mix"].map(|name| names(&expr.text).filter(|word| *word == name).count() as u64);
        sum([words(&expr.text), product([sum(whole), items])])
    }

    fn times(&self, kind: Kind, categories: &[String], cadences: &[String]) -> u64 {
        product([self.categories(kind, categories), self.cadences(cadences)])
    }

    fn categories(&self, kind: Kind, named: &[String]) -> u64 {
        some_of(named, self.source.category_count(kind))
    }

    fn cadences(&self, named: &[String]) -> u64 {
        some_of(named, self.source.cadences.len())
    }
}

/// Those that are named, or all where none is.
fn some_of(named: &[String], all: usize) -> u64 {
    if named.is_empty() { all as u64 } else { named.len().min(all) as u64 }
}

/// An input with all that may be chosen for it.
fn entries(input: &InputSource) -> u64 {
    (1 + input.choices.len() + input.scale.len() + input.fields.len()) as u64
}

fn names(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.')).filter(|word| !word.is_empty())
}

fn words(text: &str) -> u64 {
    names(text).count() as u64
}

fn sum(all: impl IntoIterator<Item = u64>) -> u64 {
    all.into_iter().fold(0, u64::saturating_add)
}

fn product<const N: usize>(all: [u64; N]) -> u64 {
    all.into_iter().fold(1, u64::saturating_mul)
}
