use events::{PublishedResult, ResultUnit, Values};
use platform::{Locale, Message};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A published result with what it was published with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Held {
    pub company_carried: Values,
    pub unit: ResultUnit,
    pub result: PublishedResult,
}

/// Why a statement cannot be issued.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reason {
    /// Pay inputs that the profile lacks, and as `fact.NAME` the facts that only pay knows.
    pub missing: Vec<String>,
    /// What else the engine refused.
    pub problem: Option<Message>,
}

impl Reason {
    /// The problem as it is stored: in both languages, since nobody knows yet who reads it.
    pub fn stored_problem(&self) -> Option<String> {
        self.problem.as_ref().map(|problem| problem.both().to_string())
    }
}

/// A stored problem for one reader; an older version stored a plain text.
pub fn told(stored: &str, locale: Locale) -> String {
    let Ok(mut value) = serde_json::from_str::<Value>(stored) else { return stored.to_owned() };
    basics::tell(&mut value, locale);
    value.as_str().unwrap_or(stored).to_owned()
}

#[cfg(test)]
mod tests {
    use platform::say;

    use super::*;

    #[test]
    fn a_stored_problem_is_told_in_the_language_of_its_reader() {
        let reason = Reason { problem: Some(say!("-5 为负数", "-5 is negative")), ..Reason::default() };
        let kept = reason.stored_problem().unwrap();
        assert_eq!((told(&kept, Locale::ZhCn), told(&kept, Locale::En)), ("-5 为负数".into(), "-5 is negative".into()));
        assert_eq!(told("-5 is negative", Locale::ZhCn), "-5 is negative");
    }
}
