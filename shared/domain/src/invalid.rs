use serde_json::{Value, json};

use crate::Locale;
use crate::Message;
use crate::say;

/// Why a case cannot be computed: every culprit found, each with its JSON pointer.
#[derive(Clone, Debug, Default, PartialEq, Eq, thiserror::Error)]
#[error("the case is invalid: {}", self.summary())]
pub struct Invalid {
    pub errors: Vec<InvalidAt>,
}

/// One thing that is wrong, and where it stands or should stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvalidAt {
    pub pointer: String,
    pub detail: Message,
    pub code: String,
}

impl InvalidAt {
    /// With where it stands.
    pub fn placed(&self) -> Message {
        let Self { pointer, detail, .. } = self;
        say!("{pointer}：{detail}", "{pointer}: {detail}"; detail)
    }
}

impl Invalid {
    pub fn one(pointer: impl Into<String>, code: &str, detail: impl Into<Message>) -> Self {
        let mut invalid = Self::default();
        invalid.add(pointer, code, detail);
        invalid
    }

    pub fn add(&mut self, pointer: impl Into<String>, code: &str, detail: impl Into<Message>) {
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
    pub fn to_problem(&self, locale: Locale) -> Value {
        let errors = self
            .errors
            .iter()
            .map(|error| json!({ "pointer": error.pointer, "detail": error.detail.get(locale), "code": error.code }));
        json!({
            "type": "urn:steelyard:problem:invalid-case",
            "title": say!("数据有误，无法计算", "The case is invalid").get(locale),
            "status": 422,
            "detail": self.summary().get(locale),
            "errors": errors.collect::<Vec<_>>(),
        })
    }

    /// The first of it, and how much more there is.
    pub fn summary(&self) -> Message {
        let Some(first @ InvalidAt { pointer, detail, .. }) = self.errors.first() else {
            return say!("没有错误", "nothing is wrong");
        };
        match self.errors.len() - 1 {
            0 => first.placed(),
            more => say!("{pointer}：{detail}（另有 {more} 处）", "{pointer}: {detail} (and {more} more)"; detail),
        }
    }
}
