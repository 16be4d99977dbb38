use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Why a case cannot be computed: every culprit found, each with its JSON pointer.
#[derive(Clone, Debug, Default, PartialEq, Eq, thiserror::Error)]
#[error("the case is invalid: {}", self.summary())]
pub struct Invalid {
    pub errors: Vec<InvalidAt>,
}

/// One thing that is wrong, and where it stands or should stand.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct InvalidAt {
    pub pointer: String,
    pub detail: String,
    pub code: String,
}

impl Invalid {
    pub fn one(pointer: impl Into<String>, code: &str, detail: impl Into<String>) -> Self {
        let mut invalid = Self::default();
        invalid.add(pointer, code, detail);
        invalid
    }

    pub fn add(&mut self, pointer: impl Into<String>, code: &str, detail: impl Into<String>) {
        self.errors.push(InvalidAt { pointer: pointer.into(), detail: detail.into(), code: code.to_owned() });
    }

    pub fn is_empty(&self) -> bool {
        self.errors.is_empty()
    }

    /// `Ok` when nothing was found wrong.
    pub fn into_result<T>(self, value: T) -> Result<T, Self> {
        if self.is_empty() { Ok(value) } else { Err(self) }
    }

    /// Problem details (RFC 9457) with an `errors` member.
    pub fn to_problem(&self) -> Value {
        json!({
            "type": "urn:steelyard:problem:invalid-case",
            "title": "The case is invalid",
            "status": 422,
            "detail": self.summary(),
            "errors": self.errors,
        })
    }

    fn summary(&self) -> String {
        match self.errors.first() {
            None => "nothing is wrong".to_owned(),
            Some(first) if self.errors.len() == 1 => format!("{}: {}", first.pointer, first.detail),
            Some(first) => format!("{}: {} (and {} more)", first.pointer, first.detail, self.errors.len() - 1),
        }
    }
}

/// Escapes one segment of a JSON pointer (RFC 6901).
pub(crate) fn pointer_segment(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}
