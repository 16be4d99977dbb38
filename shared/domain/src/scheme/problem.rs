//! What is wrong with a scheme, and where.

use serde::Serialize;

use super::document::Document;
use super::source::Expr;
use crate::Message;
use crate::say;

/// Something wrong with a scheme, and where.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, thiserror::Error)]
#[error("{line}:{column}: {message}")]
pub struct SchemeProblem {
    /// Counted from 1.
    pub line: usize,
    pub column: usize,
    pub message: Message,
}

impl SchemeProblem {
    /// With its place in front.
    pub fn placed(&self) -> Message {
        let Self { line, column, message } = self;
        say!("{line}:{column}：{message}", "{line}:{column}: {message}"; message)
    }

    /// With its place in words in front.
    pub fn told(&self) -> Message {
        let Self { line, column, message } = self;
        say!("第 {line} 行第 {column} 列：{message}", "line {line}, column {column}: {message}"; message)
    }
}

/// As [`SchemeProblem`], before its place was looked up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    pub at: Place,
    pub message: Message,
    /// The name that nothing has: it is not worth telling where what has it is broken.
    pub about: Option<String>,
}

/// Where something stands in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// Byte offset.
    Byte(usize),
    /// Below the root: `/people/figures/3/label`; what is not there is looked for where it should stand.
    Pointer(String),
    /// Within an expression, which begins at a byte: so many bytes into its text.
    Inside { at: usize, text: String, offset: usize },
}

impl Problem {
    pub fn new(at: impl Into<Place>, message: impl Into<Message>) -> Self {
        Self { at: at.into(), message: message.into(), about: None }
    }

    pub fn about(self, name: impl Into<String>) -> Self {
        Self { about: Some(name.into()), ..self }
    }

    pub fn located(self, document: &Document<'_>) -> SchemeProblem {
        let (line, column) = document.line_and_column(self.at.byte(document));
        SchemeProblem { line, column, message: self.message }
    }
}

impl Place {
    /// Where the parser of expressions stopped, in lines and columns of the expression.
    pub fn inside(expr: &Expr, line: usize, column: usize) -> Self {
        let before: usize = expr.text.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
        let rest = expr.text.get(before..).unwrap_or("");
        let column: usize = rest.chars().take(column.saturating_sub(1)).map(char::len_utf8).sum();
        Place::Inside { at: expr.at, text: expr.text.clone(), offset: before + column }
    }

    /// Where an expression names something.
    pub fn named(expr: &Expr, name: &str) -> Self {
        let whole = |at: &usize| {
            let is_name = |c: char| c.is_alphanumeric() || c == '_' || c == '.';
            let before = expr.text.get(..*at).and_then(|text| text.chars().next_back());
            let after = expr.text.get(*at + name.len()..).and_then(|text| text.chars().next());
            !before.is_some_and(is_name) && !after.is_some_and(is_name)
        };
        let mut places = expr.text.match_indices(name).map(|(at, _)| at);
        let offset = places.find(whole).or_else(|| expr.text.find(name)).unwrap_or(0);
        Place::Inside { at: expr.at, text: expr.text.clone(), offset }
    }

    pub fn byte(&self, document: &Document<'_>) -> usize {
        match self {
            Place::Byte(at) => *at,
            Place::Pointer(pointer) => document.find(pointer),
            Place::Inside { at, text, offset } => {
                // Where the text is written with escapes, its places cannot be told.
                document
                    .body_of(*at)
                    .filter(|body| document.text_at(*body).starts_with(text))
                    .map_or(*at, |b| b + offset)
            }
        }
    }
}

impl From<&Expr> for Place {
    fn from(expr: &Expr) -> Self {
        Place::Byte(expr.at)
    }
}

impl From<String> for Place {
    fn from(pointer: String) -> Self {
        Place::Pointer(pointer)
    }
}

impl From<&str> for Place {
    fn from(pointer: &str) -> Self {
        Place::Pointer(pointer.to_owned())
    }
}
