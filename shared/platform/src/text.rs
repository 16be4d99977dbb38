//! Texts that people write and other people read: one door for what may be in them.

use basics::text::misleads;

/// A line: no line breaks and nothing that would show it otherwise than it is read.
pub fn is_line(text: &str) -> bool {
    text.chars().all(|c| !c.is_control() && !misleads(c))
}

/// Several lines, with tabs.
pub fn is_paragraph(text: &str) -> bool {
    text.chars().all(|c| matches!(c, '\n' | '\r' | '\t') || (!c.is_control() && !misleads(c)))
}

/// A title: one line that is not blank and not too long.
pub fn is_title(text: &str, longest: usize) -> bool {
    !text.trim().is_empty() && text.trim().chars().count() <= longest && is_line(text.trim())
}

/// Some prose, or none, that is not too long.
pub fn is_prose(text: &str, longest: usize) -> bool {
    text.chars().count() <= longest && is_paragraph(text)
}

/// Bytes as people and programs compare them.
pub fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_texts_of_many_scripts_when_checked_then_only_what_misleads_is_refused() {
        for right in ["月度考核", "Zoë O’Neill", "مرحبا", "a\u{200d}b"] {
            assert!(is_line(right) && is_paragraph(right), "{right:?}");
        }
        for wrong in ["a\nb", "a\r\nb", "a\tb", "a\u{0}b", "a\u{2028}b", "a\u{202e}b", "a\u{7f}"] {
            assert!(!is_line(wrong), "{wrong:?}");
        }
        assert!(is_paragraph("first\r\n\tsecond"));
        assert!(!is_paragraph("a\u{0}") && !is_paragraph("a\u{2066}b"));
    }
}
