//! Texts as they come from outside: what a code, a name or an address may look like.

use jiff::civil::Date;
use platform::say;
use platform::web::Errors;

pub const NAME_AT_MOST: usize = 200;

/// Employee numbers and unit codes, in the form in which they are kept: they appear in addresses.
pub fn is_code(text: &str) -> bool {
    domain::identifier::is_identifier(text)
}

pub fn is_username(text: &str) -> bool {
    (1..=100).contains(&text.chars().count())
        && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '@' | '+'))
}

/// Names as people read them: one line, not blank.
pub fn is_name(text: &str) -> bool {
    !text.trim().is_empty() && text.chars().count() <= NAME_AT_MOST && platform::text::is_line(text)
}

/// Names that formulas can use.
pub fn is_fact_name(text: &str) -> bool {
    text.len() <= 64
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

pub fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.rsplit_once('@') else { return false };
    let label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
            && label.chars().all(|c| c.is_alphanumeric() || c == '-')
    };
    text.len() <= 254
        && (1..=64).contains(&local.len())
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..")
        && local.chars().all(|c| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c))
        && domain.contains('.')
        && domain.split('.').all(label)
}

pub fn is_locale(text: &str) -> bool {
    matches!(text, "zh-CN" | "en")
}

/// A day written `2026-03-31`, and nothing that only resembles one.
pub fn date(text: &str) -> Option<Date> {
    let shape = text.len() == 10 && text.bytes().enumerate().all(|(i, b)| matches!(i, 4 | 7) == (b == b'-'));
    let day: Date = if shape { text.parse().ok()? } else { return None };
    (1900..=2200).contains(&day.year()).then_some(day)
}

/// Adds an error unless the name is one.
pub fn check_name(errors: &mut Errors, pointer: &str, text: &str) {
    if !is_name(text) {
        errors.add(
            pointer,
            say!("名称须为一行，1 到 {NAME_AT_MOST} 个字符", "a name is one line of 1 to {NAME_AT_MOST} characters"),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_are_iso_and_real() {
        assert!(date("2026-02-28").is_some());
        for wrong in
            ["2026-02-30", "2026-2-28", "20260228", "28.02.2026", "2026-02-28T00:00", "0026-02-28", "", "2026/02/28"]
        {
            assert!(date(wrong).is_none(), "{wrong}");
        }
    }

    #[test]
    fn mail_addresses_have_a_name_and_a_domain() {
        for right in ["li.wei@example.com", "a+b@mail.example.cn"] {
            assert!(is_email(right), "{right}");
        }
        for wrong in [
            "li",
            "li@",
            "@example.com",
            "li@example",
            "li wei@example.com",
            "li@@example.com",
            "li@exa mple.com",
            "a\n@b.cn",
        ] {
            assert!(!is_email(wrong), "{wrong}");
        }
    }

    #[test]
    fn codes_fit_into_addresses() {
        for right in ["E001", "研发部", "R-1.2_b"] {
            assert!(is_code(right), "{right}");
        }
        for wrong in ["", "a b", "a/b", "..", "a?b", "x\u{0}"] {
            assert!(!is_code(wrong), "{wrong}");
        }
    }
}
