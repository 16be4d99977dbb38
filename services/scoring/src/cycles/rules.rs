//! Texts that people write about a cycle.

use platform::Result;
use platform::web::Errors;

/// A reason that people will read later.
pub fn check_reason(reason: &str) -> Result<()> {
    check_text("/reason", reason)
}

/// A text that must be there and not be a book.
pub fn check_text(pointer: &str, text: &str) -> Result<()> {
    let mut errors = Errors::default();
    errors.check_text(pointer, text);
    errors.check()
}
