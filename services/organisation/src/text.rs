//! Texts as they come from outside: what a code, a name or an address may look like.

use domain::text::{LONGEST_NAME, name_fault, one_width};
use platform::say;
use platform::web::Errors;

/// Employee numbers and unit codes, in the form in which they are kept: they appear in addresses.
pub fn is_code(text: &str) -> bool {
    domain::identifier::is_identifier(text)
}

pub fn is_username(text: &str) -> bool {
    (1..=100).contains(&text.chars().count())
        && one_width(text) == text
        && text.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.' | '@' | '+'))
}

/// Names that formulas can use.
pub fn is_fact_name(text: &str) -> bool {
    text.len() <= 64
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
}

/// A mail address as mail servers write it. Not every one of them takes letters beyond ASCII: before the `@` there are
/// none, and a domain of other letters is put into its ASCII form.
pub fn email(text: &str) -> Option<String> {
    let text = one_width(text);
    let (local, domain) = text.rsplit_once('@')?;
    let domain = if domain.is_ascii() { domain.to_owned() } else { idna::domain_to_ascii_strict(domain).ok()? };
    let is_local = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-/=?^_`{|}~.".contains(c);
    let is_address = (1..=64).contains(&local.len())
        && !local.starts_with('.')
        && !local.ends_with('.')
        && !local.contains("..")
        && local.chars().all(is_local)
        && domain.contains('.')
        && domain.split('.').all(is_label)
        && local.len() + domain.len() < 254;
    is_address.then(|| format!("{local}@{domain}"))
}

fn is_label(label: &str) -> bool {
    (1..=63).contains(&label.len())
        && !label.starts_with('-')
        && !label.ends_with('-')
        && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-')
}

pub fn is_locale(text: &str) -> bool {
    matches!(text, "zh-CN" | "en")
}

/// Adds an error unless the name is one.
pub fn check_name(errors: &mut Errors, pointer: &str, text: &str) {
    if let Some(fault) = name_fault(text) {
        let fault = fault.told();
        errors.add(
            pointer,
            say!(
                "名称须为一行，1 到 {LONGEST_NAME} 个字符：{fault}",
                "a name is one line of 1 to {LONGEST_NAME} characters: {fault}";
                fault
            ),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_an_address_then_it_is_kept_as_mail_servers_write_it() {
        for right in ["li.wei@example.com", "a+b@mail.example.cn", "Li@Example.com"] {
            assert_eq!(email(right).as_deref(), Some(right));
        }
        assert_eq!(email("li@例子.公司").as_deref(), Some("li@xn--fsqu00a.xn--55qx5d"));
        assert_eq!(email("ｌｉ＠example.com").as_deref(), Some("li@example.com"));
    }

    #[test]
    fn given_no_address_then_it_is_refused() {
        for wrong in [
            "li",
            "li@",
            "@example.com",
            "li@example",
            "li wei@example.com",
            "li@@example.com",
            "li@exa mple.com",
            "a\n@b.cn",
            "李@example.com",
            "lï@example.com",
            "li@例子.公司.",
            "li@-a.cn",
            "li@xn--a.cn\u{202e}",
        ] {
            assert_eq!(email(wrong), None, "{wrong}");
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
