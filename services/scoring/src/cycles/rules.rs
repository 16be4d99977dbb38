//! Texts that people write about a cycle.

use platform::text::is_paragraph;
use platform::{Problem, Result, say};

/// A reason that people will read later.
pub fn check_reason(reason: &str) -> Result<()> {
    check_text("/reason", reason)
}

/// A text that must be there and not be a book.
pub fn check_text(pointer: &str, text: &str) -> Result<()> {
    match text.trim().chars().count() {
        0 => Err(Problem::field(pointer, say!("此项必填", "this is needed"))),
        1..=4000 if is_paragraph(text) => Ok(()),
        1..=4000 => {
            Err(Problem::field(pointer, say!("含有无法显示的字符", "it contains characters that cannot be shown")))
        }
        _ => Err(Problem::field(pointer, say!("最多 4000 个字符", "at most 4000 characters"))),
    }
}
