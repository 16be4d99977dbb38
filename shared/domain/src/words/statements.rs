//! A scheme taken apart into single statements: one is a sentence of an explanation, and what a comparison compares.

use rust_decimal::Decimal;

use super::language::{Language, Word};
use super::phrase::Speaker;
use crate::Label;
use crate::scheme::codes::Codes;
use crate::scheme::source::{Coded, Source};
use crate::value::Kind;

/// What a statement is about, in the order in which people ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Section {
    Covered,
    Sheets,
    Inputs,
    Results,
    Pay,
    Outcomes,
    Interviews,
    Warnings,
    Calendar,
    Appeal,
    Workflow,
    Settings,
}

impl Section {
    pub const ALL: [Section; 12] = [
        Section::Covered,
        Section::Sheets,
        Section::Inputs,
        Section::Results,
        Section::Pay,
        Section::Outcomes,
        Section::Interviews,
        Section::Warnings,
        Section::Calendar,
        Section::Appeal,
        Section::Workflow,
        Section::Settings,
    ];
}

/// One sentence.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Statement {
    pub section: Section,
    /// The same thing in another scheme has the same key.
    pub key: String,
    pub topic: String,
    pub says: String,
    /// Entries that change one by one: weights, bands, values of a table.
    pub parts: Vec<(String, String)>,
    /// Stands below another.
    pub indent: bool,
}

impl Statement {
    /// "Grade: by score: A from 90, B from 75."
    pub fn sentence(&self, language: &dyn Language) -> String {
        let said = language.clauses(&[self.says.clone(), parts_in_words(&self.parts, language)]);
        let colon = if said.is_empty() { "" } else { language.colon() };
        format!("{}{colon}{said}{}", self.topic, language.stop())
    }
}

/// Entries in a row; what a number stands for is set apart from it: "1.1 (above 97), 1 (from 93)".
pub(super) fn parts_in_words(parts: &[(String, String)], language: &dyn Language) -> String {
    let told = parts.iter().map(|(name, value)| match name.parse::<Decimal>() {
        Ok(_) => format!("{name}{}", language.aside(value)),
        Err(_) => format!("{name} {value}"),
    });
    language.list(&told.collect::<Vec<_>>())
}

/// Everything that a scheme says, in order.
pub(super) fn statements(speaker: Speaker<'_>) -> Vec<Statement> {
    let mut book = Book::of(speaker);
    book.covered();
    for kind in [Kind::Company, Kind::Units, Kind::People] {
        for (at, sheet) in speaker.source.sheets.iter().enumerate().filter(|(_, sheet)| sheet.on == kind) {
            book.sheet(at, sheet);
        }
        if let Some(subject) = speaker.source.subject(kind) {
            book.inputs(kind, subject);
            book.figures(kind, subject);
            book.rules(kind, subject);
        }
    }
    book.grades();
    book.procedure();
    book.settings();
    book.found.sort_by_key(|statement| statement.section);
    book.found
}

/// How a figure is found, without the values that a company may have set otherwise.
pub(super) fn figure_in_words(speaker: Speaker<'_>, kind: Kind, figure: usize) -> Option<String> {
    let figure = speaker.source.subject(kind)?.figures.get(figure)?;
    let book = Book::of(Speaker { values: false, ..speaker });
    let (says, parts) = book.finding(kind, figure);
    let said = speaker.language.clauses(&[says, parts_in_words(&parts, speaker.language)]);
    Some(speaker.language.clauses(&[said, book.limits(kind, figure)]))
}

/// How an item is scored.
pub(super) fn item_in_words(speaker: Speaker<'_>, sheet: usize, item: usize) -> Option<String> {
    let sheet = speaker.source.sheets.get(sheet)?;
    let item = sheet.items.get(item)?;
    Some(Book::of(Speaker { values: false, ..speaker }).score_of(sheet, item))
}

/// Statements as they are found.
pub(super) struct Book<'s> {
    pub speaker: Speaker<'s>,
    found: Vec<Statement>,
}

impl<'s> Book<'s> {
    fn of(speaker: Speaker<'s>) -> Self {
        Self { speaker, found: Vec::new() }
    }

    pub fn language(&self) -> &'static dyn Language {
        self.speaker.language
    }

    pub fn source(&self) -> &'s Source {
        self.speaker.source
    }

    /// The speaker, of another kind, for some categories and cadences.
    pub fn speaker_of(&self, kind: Kind, categories: &'s [String], cadences: &'s [String]) -> Speaker<'s> {
        Speaker { kind, categories, cadences, ..self.speaker }
    }

    /// Notes a statement; what was said before in the same words is not said again.
    pub fn add(
        &mut self,
        section: Section,
        key: impl Into<String>,
        topic: impl Into<String>,
        says: impl Into<String>,
    ) -> &mut Statement {
        let (key, topic, says) = (key.into(), topic.into(), says.into());
        let same = |other: &Statement| {
            other.section == section && !other.indent && other.topic == topic && other.says == says && !says.is_empty()
        };
        let at = self.found.iter().position(same).unwrap_or_else(|| {
            let statement =
                Statement { section, key, topic: topic.clone(), says: says.clone(), parts: Vec::new(), indent: false };
            self.found.push(statement);
            self.found.len() - 1
        });
        &mut self.found[at]
    }

    /// Notes a statement that stands below the one before.
    pub fn add_below(
        &mut self,
        section: Section,
        key: String,
        topic: String,
        says: String,
        parts: Vec<(String, String)>,
    ) {
        self.found.push(Statement { section, key, topic, says, parts, indent: true });
    }

    pub fn labels(&self, coded: &[Coded]) -> Vec<String> {
        coded.iter().map(|one| self.speaker.label(&one.label).to_owned()).collect()
    }

    fn cadence(&self, code: &str) -> String {
        let found = self.source().cadences.iter().find(|cadence| cadence.code == code);
        found.map_or(code, |cadence| self.speaker.label(&cadence.label)).to_owned()
    }

    pub fn category(&self, kind: Kind, code: &str) -> String {
        self.speaker.code(Codes::Categories(kind), code)
    }

    /// For whom and when something holds, where that is not always: "(monthly; sales)".
    pub fn scope(&self, kind: Kind, categories: &[String], cadences: &[String]) -> String {
        let language = self.language();
        let cadences = language.list(&cadences.iter().map(|code| self.cadence(code)).collect::<Vec<_>>());
        let categories = language.list(&categories.iter().map(|code| self.category(kind, code)).collect::<Vec<_>>());
        let words = language.clauses(&[cadences, categories]);
        if words.is_empty() { words } else { language.aside(&words) }
    }

    pub fn topic(&self, kind: Kind, label: &Label, categories: &[String], cadences: &[String]) -> String {
        let (whose, scope) = (self.language().of_kind(kind), self.scope(kind, categories, cadences));
        format!("{whose}{}{scope}", self.speaker.label(label))
    }

    pub fn condition(&self, speaker: Speaker<'s>, text: &str) -> String {
        if text.trim() == "true" {
            return self.language().word(Word::Always).to_owned();
        }
        self.language().condition(&speaker.phrase(text))
    }

    fn covered(&mut self) {
        let (source, language) = (self.source(), self.language());
        let cadences = source.cadences.iter();
        let cadences: Vec<String> = cadences
            .map(|cadence| format!("{}{}", self.speaker.label(&cadence.label), language.form(cadence.form)))
            .collect();
        self.add(Section::Covered, "cadences", language.word(Word::Cycles), language.list(&cadences));
        if source.month_starts_on > 1 {
            let says = language.month_from(source.month_starts_on);
            self.add(Section::Covered, "month", language.word(Word::Month), says);
        }
        for (kind, topic) in [(Kind::People, Word::People), (Kind::Units, Word::Units)] {
            let Some(subject) = source.subject(kind) else { continue };
            let says = match subject.categories.as_slice() {
                [] => language.word(Word::Everybody).to_owned(),
                categories => language.list(&self.labels(categories)),
            };
            self.add(Section::Covered, format!("categories {kind:?}"), language.word(topic), says);
            self.placing(kind, subject);
        }
        self.exclusions();
    }

    fn grades(&mut self) {
        let (grades, language) = (&self.source().grades, self.language());
        if !grades.is_empty() {
            let says = language.list(&self.labels(grades));
            self.add(Section::Results, "grades", language.word(Word::GradesBestFirst), says);
            for grade in grades {
                if let Some(guidance) = &grade.guidance {
                    let (key, topic) = (format!("grade {}", grade.code), self.speaker.label(&grade.label).to_owned());
                    let says = language.guidance(self.speaker.label(guidance));
                    self.add_below(Section::Results, key, topic, says, Vec::new());
                }
            }
        }
    }
}
