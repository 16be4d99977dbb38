//! What requests say, read into types that cannot be wrong.

use std::fmt;

use platform::{PageQuery, Problem, Result, say};
use uuid::Uuid;

/// Far beyond any ledger, and far from where positions overflow.
const FURTHEST: i64 = i64::MAX / 2;

/// Whether a text can be an employee number, in the form in which organisation keeps it.
pub fn is_employee_number(text: &str) -> bool {
    basics::identifier::is_identifier(text)
}

/// The `after` of a list in order of employee numbers; empty at its beginning.
pub fn number_after(page: &PageQuery) -> Result<&str> {
    let after = page.after.as_deref().unwrap_or_default();
    if !after.is_empty() && !is_employee_number(after) {
        return Err(Problem::field("/after", say!("这不是工号", "this is no employee number")));
    }
    Ok(after)
}

/// The `after` of a list in order of identifiers.
pub fn id_after(page: &PageQuery) -> Result<Option<Uuid>> {
    let not_a_place = |_| Problem::field("/after", say!("这不是分页返回的 `next`", "this is not the `next` of a page"));
    page.after.as_deref().map(|text| text.parse().map_err(not_a_place)).transpose()
}

/// A place in the ledger: everything up to it has been read. Zero is before the first statement.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cursor(i64);

impl Cursor {
    pub fn at(position: i64) -> Self {
        Self(position)
    }

    pub fn position(self) -> i64 {
        self.0
    }

    /// Reads a cursor that the API gave out; `pointer` says where it stands.
    pub fn parse(text: &str, pointer: &str) -> Result<Self> {
        let digits = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        let position = if digits { text.parse().ok() } else { None };
        let position = position.filter(|position| *position <= FURTHEST);
        position
            .map(Self)
            .ok_or_else(|| Problem::field(pointer, say!("这不是本接口的游标", "this is no cursor of this feed")))
    }

    /// Refuses a place that no statement has yet: the last one has `last`.
    pub fn check_given(self, pointer: &str, last: i64) -> Result<()> {
        if self.0 <= last {
            return Ok(());
        }
        Err(Problem::field(pointer, say!("还没有绩效工资单使用此游标", "no statement has this cursor yet")))
    }

    /// The `after` of a list, or the beginning.
    pub fn after(text: Option<&str>) -> Result<Self> {
        text.map_or(Ok(Self::default()), |text| Self::parse(text, "/after"))
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_is_digits_only() {
        assert_eq!(Cursor::parse("42", "/after").unwrap(), Cursor::at(42));
        for text in ["", "-1", "+1", "1.0", "a", "9223372036854775807", "99999999999999999999"] {
            assert!(Cursor::parse(text, "/after").is_err(), "{text}");
        }
    }

    #[test]
    fn an_employee_number_is_short_and_printable() {
        assert!(is_employee_number("E001") && is_employee_number("工号1"));
        for text in ["", "E\u{0}", "E\n1", &"9".repeat(65)] {
            assert!(!is_employee_number(text), "{text:?}");
        }
    }
}
