use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Value, json};

use crate::locale::{Label, Locale};

/// Something that people are told, in both languages; made by [`say!`](crate::say), and put into one of them where
/// it is known who reads it. As JSON and in logs it is English.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Message {
    pub zh: String,
    pub en: String,
}

impl Message {
    /// What is the same in every language: a name, a quotation.
    pub fn same(text: impl Into<String>) -> Self {
        let text = text.into();
        Self { zh: text.clone(), en: text }
    }

    pub fn get(&self, locale: Locale) -> &str {
        match locale {
            Locale::ZhCn => &self.zh,
            Locale::En => &self.en,
        }
    }

    /// The same for one reader: told in this language whoever asks.
    #[must_use]
    pub fn only(self, locale: Locale) -> Self {
        Self::same(match locale {
            Locale::ZhCn => self.zh,
            Locale::En => self.en,
        })
    }

    /// One after the other.
    #[must_use]
    pub fn and(self, more: &Message) -> Self {
        Self { zh: self.zh + more.zh.as_str(), en: self.en + more.en.as_str() }
    }

    /// Several in a row: between them a text for each language.
    pub fn joined<'m>(all: impl IntoIterator<Item = &'m Message>, between: (&str, &str)) -> Self {
        let mut joined = Self::default();
        for (at, one) in all.into_iter().enumerate() {
            if at > 0 {
                joined.zh += between.0;
                joined.en += between.1;
            }
            joined.zh += &one.zh;
            joined.en += &one.en;
        }
        joined
    }

    /// As JSON in both languages, to be stored, or told by whoever knows the reader ([`tell`]).
    pub fn both(&self) -> Value {
        json!({ ZH: self.zh, EN: self.en })
    }

    pub fn is_empty(&self) -> bool {
        self.en.is_empty()
    }
}

const ZH: &str = "zh-CN";
const EN: &str = "en";

/// Puts every message that stands in a value in both languages into one of them.
pub fn tell(value: &mut Value, locale: Locale) {
    let wanted = if locale == Locale::En { EN } else { ZH };
    match value {
        Value::Array(all) => all.iter_mut().for_each(|one| tell(one, locale)),
        Value::Object(entries) if entries.len() == 2 && entries.contains_key(ZH) && entries.contains_key(EN) => {
            *value = entries.remove(wanted).unwrap_or_default();
        }
        Value::Object(entries) => entries.values_mut().for_each(|one| tell(one, locale)),
        _ => {}
    }
}

/// A [`Message`]: the Chinese, the English, then what both quote, as for `format!`. What is itself told in both
/// languages (a [`Message`], a [`Label`]) stands by name behind a semicolon:
/// `say!("{what}中没有 {}", "there is no {} in {what}", name; what)`.
#[macro_export]
macro_rules! say {
    ($zh:literal, $en:literal $(, $quoted:expr)* $(,)? $(; $($told:ident),+ $(,)?)?) => {
        $crate::Message {
            zh: { $($(let $told = &$told.zh;)+)? ::std::fmt::format(::std::format_args!($zh $(, $quoted)*)) },
            en: { $($(let $told = &$told.en;)+)? ::std::fmt::format(::std::format_args!($en $(, $quoted)*)) },
        }
    };
}

impl fmt::Display for Message {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.en)
    }
}

impl From<Label> for Message {
    fn from(label: Label) -> Self {
        Self { zh: label.zh, en: label.en }
    }
}

impl Serialize for Message {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.en)
    }
}

impl<'de> Deserialize<'de> for Message {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(Self::same)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_parts_in_both_languages_when_said_then_each_language_has_its_own() {
        let what = Label::new("等级", "grade");
        let name = "A";
        let said = say!("{what}中没有 {name}，有 {}", "there is no {what} {name}; there is {}", "B"; what);
        assert_eq!(said.get(Locale::ZhCn), "等级中没有 A，有 B");
        assert_eq!(said.get(Locale::En), "there is no grade A; there is B");
    }

    #[test]
    fn given_messages_in_a_value_when_told_then_only_they_change() {
        let mut value =
            json!({ "errors": [{ "detail": say!("缺少", "missing").both(), "label": { "zh": "甲", "en": "a" } }] });
        tell(&mut value, Locale::ZhCn);
        assert_eq!(value, json!({ "errors": [{ "detail": "缺少", "label": { "zh": "甲", "en": "a" } }] }));
    }

    #[test]
    fn given_messages_when_joined_then_each_language_has_its_own_mark_between() {
        let all = [say!("甲", "a"), say!("乙", "b")];
        assert_eq!(Message::joined(&all, ("、", ", ")), say!("甲、乙", "a, b"));
    }
}
