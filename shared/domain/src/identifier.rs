//! Employee numbers and unit codes: one rule for every door they come in by.
//!
//! People tell two of them apart by looking, so characters that look alike must not make two of one: what has
//! another width (Ｅ０１) is written as it is usually typed (E01), everything else that resembles a usual
//! character is refused.

use unicode_normalization::UnicodeNormalization;

use crate::message::Message;
use crate::say;
use crate::text::{invisible, is_invisible, is_spreadsheet_error};

/// Characters that an identifier has at most.
pub const LONGEST: usize = 64;

/// Reads an identifier as somebody wrote it, and gives it back in the one form in which it is kept.
pub fn read(text: &str) -> Result<String, Message> {
    let text = text.trim();
    if let Some(hidden) = text.chars().find(|c| is_invisible(*c)) {
        return Err(invisible(hidden));
    }
    if is_spreadsheet_error(text) {
        return Err(say!("{text} 是公式的错误值", "{text} is the error of a formula"));
    }
    if let Some(alike) = text.chars().find(|c| looks_like_another(*c)) {
        return Err(say!(
            "“{alike}”（U+{:04X}）与常用字符相似，容易混淆，请改用普通的字母或数字",
            "{alike:?} (U+{:04X}) looks like another character; use plain letters and digits",
            u32::from(alike)
        ));
    }
    let written: String = text.nfkc().collect();
    if is_identifier(&written) {
        return Ok(written);
    }
    Err(say!(
        "应为 1 至 {LONGEST} 个字母、数字、汉字、`-`、`_` 或 `.`",
        "it takes 1 to {LONGEST} letters, digits, `-`, `_` or `.`"
    ))
}

/// Whether a text is an identifier in the form in which it is kept.
pub fn is_identifier(text: &str) -> bool {
    (1..=LONGEST).contains(&text.chars().count())
        && text.chars().any(char::is_alphanumeric)
        && text.chars().all(is_usual)
}

fn is_usual(c: char) -> bool {
    c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.') || is_accented(c) || is_east_asian(c)
}

/// Latin letters with marks, without those that look like others (ı, ſ, ŀ).
fn is_accented(c: char) -> bool {
    matches!(c, '\u{c0}'..='\u{17e}') && !matches!(c, '×' | '÷' | 'ı' | 'ĸ' | 'Ŀ' | 'ŀ' | 'ŉ')
}

/// Chinese, Japanese and Korean letters.
fn is_east_asian(c: char) -> bool {
    matches!(c,
        '\u{3005}' | '\u{3007}' | '\u{3041}'..='\u{3096}' | '\u{30a1}'..='\u{30fa}' | '\u{30fc}'
        | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7a3}' | '\u{20000}'..='\u{323af}')
}

/// Whether a character stands for usual ones but is none of them: ¹, ①, Ⅳ, ﬁ. Those of full width are only wider.
fn looks_like_another(c: char) -> bool {
    let is_wide = matches!(c, '\u{ff01}'..='\u{ff5e}');
    let stands_for_usual = || c.nfkc().all(|c| is_usual(c) || c.is_ascii()) && !c.nfkc().eq([c]);
    let is_composed =
        || is_accented(c) || is_east_asian(c) || matches!(c, '\u{f900}'..='\u{faff}' | '\u{2f800}'..='\u{2fa1f}');
    let is_foreign_letter = || c.is_alphanumeric() && !is_usual(c) && !is_composed() && c.nfkc().eq([c]);
    !c.is_ascii() && !is_wide && (is_foreign_letter() || (!is_composed() && stands_for_usual() && !c.is_whitespace()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_other_widths_and_blanks_around_then_an_identifier_is_kept_in_one_form() {
        for (written, kept) in [
            ("E001", "E001"),
            ("Ｅ００１", "E001"),
            (" \u{3000}0012\u{a0}", "0012"),
            ("研发部", "研发部"),
            ("R－1.2_b", "R-1.2_b"),
            ("Müller", "Müller"),
            ("Mu\u{308}ller", "Müller"),
        ] {
            assert_eq!(read(written).as_deref(), Ok(kept), "{written}");
            assert!(is_identifier(kept), "{kept}");
        }
    }

    #[test]
    fn given_characters_that_look_like_others_or_are_not_seen_then_they_are_refused() {
        for wrong in [
            "WH¹",
            "WH①",
            "WH١",
            "WH۱",
            "WH१",
            "\u{410}01",
            "\u{391}01",
            "Ⅳ",
            "ﬁ",
            "𝟏2",
            "W\u{200b}1",
            "W\u{202e}1",
            "W\u{feff}1",
            "⁴",
            "½",
            "㈠",
            "",
            "a b",
            "a/b",
            "..",
            "a?b",
            "#N/A",
            "№1",
            "x\u{0}",
            "\u{131}1",
            "Ａ\u{301}/",
        ] {
            assert!(read(wrong).is_err(), "{wrong}");
            assert!(!is_identifier(wrong), "{wrong}");
        }
        assert!(read(&"9".repeat(65)).is_err());
    }
}
