//! Texts as people write them: what a name may hold, and when two identifiers look alike.

use unicode_normalization::UnicodeNormalization;

use crate::message::Message;
use crate::say;

/// Characters that a name has at most.
pub const LONGEST_NAME: usize = 200;

/// What a spreadsheet shows where a formula failed.
const SPREADSHEET_ERRORS: [&str; 15] = [
    "#N/A",
    "#DIV/0!",
    "#REF!",
    "#VALUE!",
    "#NAME?",
    "#NUM!",
    "#NULL!",
    "#SPILL!",
    "#CALC!",
    "#GETTING_DATA",
    "#FIELD!",
    "#BLOCKED!",
    "#CONNECT!",
    "#UNKNOWN!",
    "#BUSY!",
];

/// Why a text is no name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NameFault {
    Empty,
    TooLong,
    /// A character that is not seen, or that turns the text around it.
    Invisible(char),
    /// `#N/A` and its kin.
    SpreadsheetError,
}

impl NameFault {
    pub fn told(self) -> Message {
        match self {
            Self::Empty => say!("内容为空", "it is empty"),
            Self::TooLong => {
                say!("须为一行，最多 {LONGEST_NAME} 个字符", "it takes one line of at most {LONGEST_NAME} characters")
            }
            Self::Invisible(c) => invisible(c),
            Self::SpreadsheetError => failed_formula(),
        }
    }
}

pub fn invisible(c: char) -> Message {
    let code = u32::from(c);
    say!(
        "含有看不见的字符（U+{code:04X}），请删去后重新输入",
        "it holds an invisible character (U+{code:04X}); type it again without"
    )
}

pub fn failed_formula() -> Message {
    say!("表格中的公式出错", "a formula failed in the spreadsheet")
}

/// What is wrong with a name, a title or another text of one line that people are shown.
pub fn name_fault(text: &str) -> Option<NameFault> {
    if text.trim().is_empty() {
        return Some(NameFault::Empty);
    }
    if let Some(hidden) = text.chars().find(|c| is_invisible(*c)) {
        return Some(NameFault::Invisible(hidden));
    }
    if text.chars().count() > LONGEST_NAME {
        return Some(NameFault::TooLong);
    }
    is_spreadsheet_error(text).then_some(NameFault::SpreadsheetError)
}

/// Whether a cell holds the error of a formula instead of a value.
pub fn is_spreadsheet_error(text: &str) -> bool {
    let text = text.trim();
    text.starts_with('#') && SPREADSHEET_ERRORS.iter().any(|error| text.eq_ignore_ascii_case(error))
}

/// Separators that some readers take for the end of a line, and marks that turn the direction of what follows: no
/// text that people are shown holds them.
pub fn misleads(c: char) -> bool {
    matches!(c, '\u{2028}' | '\u{2029}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// Characters that change how a line looks without being seen: control characters, those that mislead, and letters
/// without a shape. They make two names that read the same differ.
pub fn is_invisible(c: char) -> bool {
    c.is_control()
        || misleads(c)
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{206f}'
            | '\u{3164}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e007f}')
}

/// A text as an error quotes it.
pub fn shortened(text: &str) -> String {
    const MOST: usize = 40;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()),
        None => text.to_owned(),
    }
}

/// A character of full width, as a Chinese keyboard types it, in its usual width. Others that resemble a usual
/// character, such as ², stay what they are.
pub fn narrow(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        '￥' => '¥',
        '\u{2212}' => '-',
        '\u{3000}' | '\u{a0}' => ' ',
        '。' => '.',
        c => c,
    }
}

/// Characters of another width (Ｅ０１) as they are usually typed (E01).
pub fn one_width(text: &str) -> String {
    text.nfkc().collect()
}

/// What identifiers and names that people take for the same have in common: neither the width of the characters
/// nor capital letters count.
pub fn alike(text: &str) -> String {
    text.nfkc().flat_map(char::to_lowercase).collect()
}

/// As [`alike`], and leading zeros do not count either: a spreadsheet makes 12 of 0012.
pub fn near(identifier: &str) -> String {
    let alike = alike(identifier);
    let bare = alike.trim_start_matches('0');
    if bare.is_empty() { alike } else { bare.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_a_text_then_only_one_visible_line_is_a_name() {
        for right in ["王一", "O'Neill-Łukasz", "Nguyễn Văn A", "仓储部（北京）", "#1 仓库", "𠮷野"] {
            assert_eq!(name_fault(right), None, "{right}");
        }
        assert_eq!(name_fault(" \t"), Some(NameFault::Empty));
        assert_eq!(name_fault(&"长".repeat(201)), Some(NameFault::TooLong));
        for hidden in ['\0', '\n', '\u{85}', '\u{200b}', '\u{200e}', '\u{202e}', '\u{2028}', '\u{2066}', '\u{feff}'] {
            assert_eq!(name_fault(&format!("王{hidden}一")), Some(NameFault::Invisible(hidden)), "{hidden:?}");
        }
        for error in ["#N/A", "#div/0!", "#NAME?"] {
            assert_eq!(name_fault(error), Some(NameFault::SpreadsheetError), "{error}");
        }
    }

    #[test]
    fn given_other_widths_or_capitals_then_identifiers_are_alike() {
        assert_eq!(alike("Ｅ００１"), alike("e001"));
        assert_ne!(alike("E01"), alike("E001"));
        assert_eq!(near("12"), near("0012"));
        assert_ne!(near("0"), near("12"));
    }
}
