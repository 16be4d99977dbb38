use platform::text::is_prose;
use platform::{Problem, Result, say};

const LONGEST_REASON: usize = 4000;

/// A reason that somebody has to give.
pub fn reason(text: &str) -> Result<&str> {
    let text = text.trim();
    if text.is_empty() || !is_prose(text, LONGEST_REASON) {
        return Err(Problem::field(
            "/reason",
            say!("理由须为 1 到 {LONGEST_REASON} 个字符", "a reason has 1 to {LONGEST_REASON} characters"),
        ));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_says_something() {
        assert!(reason("  ").is_err());
        assert_eq!(reason(" too vague ").unwrap(), "too vague");
    }
}
