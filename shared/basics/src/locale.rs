use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The languages in which results and explanations are shown.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
pub enum Locale {
    #[default]
    #[serde(rename = "zh-CN")]
    ZhCn,
    #[serde(rename = "en")]
    En,
}

/// A name as people read it, in both languages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Label {
    /// In Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
}

impl Label {
    pub fn new(zh: &str, en: &str) -> Self {
        Self { zh: zh.to_owned(), en: en.to_owned() }
    }

    /// The name of a part of what this names.
    pub fn with(&self, part: &Label) -> Label {
        Label { zh: format!("{}·{}", self.zh, part.zh), en: format!("{}: {}", self.en, part.en) }
    }

    pub fn get(&self, locale: Locale) -> &str {
        match locale {
            Locale::ZhCn => &self.zh,
            Locale::En => &self.en,
        }
    }
}
