//! A scheme's file as a tree of which every part knows its place.

use rust_decimal::Decimal;
use serde::Deserialize as _;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::problem::{Place, Problem, SchemeProblem};
use super::source::Source;
use super::structure::{Broken, Structure};
use super::syntax;
use crate::Message;
use crate::nearest;
use crate::say;

/// A parsed TOML document.
pub(crate) struct Document<'t> {
    text: &'t str,
    root: Spanned<DeTable<'t>>,
}

/// The scheme that a document holds; where parts of it are broken, the rest of it.
pub(crate) struct Held {
    pub source: Option<Source>,
    pub problems: Vec<Problem>,
    pub broken: Broken,
}

impl<'t> Document<'t> {
    /// Reads the text; of what is no TOML, only the first error is sure to be one.
    pub fn parse(text: &'t str) -> Result<Self, Vec<SchemeProblem>> {
        let (root, errors) = DeTable::parse_recoverable(text);
        let document = Self { text, root };
        if errors.is_empty() {
            return Ok(document);
        }
        let at = |error: &toml::de::Error| error.span().map_or(0, |span| span.start);
        let first = errors.iter().min_by_key(|error| at(error));
        let told = first.map(|error| {
            let (line, column) = document.line_and_column(at(error));
            SchemeProblem { line, column, message: syntax::told(text, at(error), error.message()) }
        });
        Err(told.into_iter().collect())
    }

    /// The scheme; what is not of its form is told, and left out.
    pub fn scheme(&mut self, strict: bool) -> Held {
        let read_whole = read(self.root.clone());
        if let (Ok(source), false) = (&read_whole, strict) {
            return Held { source: Some(source.clone()), problems: Vec::new(), broken: Broken::default() };
        }
        let mut structure = Structure::default();
        structure.prune(&mut self.root);
        let source = match read_whole {
            Ok(source) => Some(source),
            Err(error) => {
                if structure.problems.is_empty() {
                    let at = error.span().map_or(0, |span| span.start);
                    structure.problems.push(Problem::new(Place::Byte(at), Message::same(error.message())));
                }
                read(self.root.clone()).ok()
            }
        };
        Held { source, problems: structure.problems, broken: structure.broken }
    }

    /// Line and column of a byte, counted from 1.
    pub fn line_and_column(&self, at: usize) -> (usize, usize) {
        let before = self.text.get(..at).unwrap_or(self.text);
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().map_or(0, |last| last.chars().count()) + 1;
        (line, column)
    }

    pub fn text_at(&self, at: usize) -> &str {
        self.text.get(at..).unwrap_or("")
    }

    /// Where the text of a TOML string begins that opens at a byte.
    pub fn body_of(&self, at: usize) -> Option<usize> {
        let opened = self.text_at(at);
        for long in ["'''", "\"\"\""] {
            if let Some(rest) = opened.strip_prefix(long) {
                let line_end = if rest.starts_with("\r\n") { 2 } else { usize::from(rest.starts_with('\n')) };
                return Some(at + 3 + line_end);
            }
        }
        opened.starts_with(['\'', '"']).then_some(at + 1)
    }

    /// The byte at which the value of a pointer begins, or of the nearest one above it that is there.
    pub fn find(&self, pointer: &str) -> usize {
        let mut at = 0;
        let mut value: Option<&DeValue> = None;
        for segment in pointer.split('/').skip(1) {
            let segment = &segment.replace("~1", "/").replace("~0", "~");
            let inner = match value {
                None => entry(self.root.get_ref(), segment),
                Some(DeValue::Table(table)) => entry(table, segment),
                Some(DeValue::Array(array)) => segment
                    .parse::<usize>()
                    .ok()
                    .and_then(|index| array.get(index))
                    .map(|one| (one.span().start, one.get_ref())),
                Some(_) => None,
            };
            let Some((start, inner)) = inner else { break };
            at = start;
            value = Some(inner);
        }
        at
    }
}

/// An entry of a table; one that is a table under a header of its own begins at the header.
fn entry<'v, 'i>(table: &'v DeTable<'i>, key: &str) -> Option<(usize, &'v DeValue<'i>)> {
    let (name, value) = table.iter().find(|(name, _)| name.get_ref() == key)?;
    let start = match value.get_ref() {
        DeValue::Table(_) => value.span().start,
        DeValue::Array(all) if all.iter().all(|one| matches!(one.get_ref(), DeValue::Table(_))) => name.span().start,
        _ => value.span().start,
    };
    Some((start, value.get_ref()))
}

fn read(root: Spanned<DeTable<'_>>) -> Result<Source, toml::de::Error> {
    Source::deserialize(toml::de::Deserializer::from(root))
}

/// "; did you mean …?", where some known name is near.
pub(crate) fn meant<'n>(name: &str, known: impl IntoIterator<Item = &'n str>) -> Message {
    nearest(name, known).map_or(Message::default(), |near| say!("；是否指 {near}？", "; did you mean {near}?"))
}

/// "; there are …": everything that could have been meant.
pub(crate) fn there_are(known: &[&str]) -> Message {
    say!("；可用的有 {}", "; there are {}", known.join(", "))
}

/// A sum as a message tells it; none is beyond every number.
pub(crate) fn sum_told(sum: Option<Decimal>) -> Message {
    sum.map_or(say!("过大的数", "too much"), |sum| Message::same(sum.normalize().to_string()))
}
