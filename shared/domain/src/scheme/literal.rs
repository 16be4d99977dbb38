//! The two kinds of value that schemes write in their own way: exact numbers and expressions.

use std::fmt;

use rust_decimal::Decimal;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::de::{self, Deserializer, Visitor};
use serde::{Deserialize, Serialize};

use crate::money::parse_plain;

/// An exact number: a TOML integer or a text in plain notation; never a float.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Number(pub Decimal);

impl<'de> Deserialize<'de> for Number {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NumberVisitor)
    }
}

impl Serialize for Number {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

struct NumberVisitor;

impl Visitor<'_> for NumberVisitor {
    type Value = Number;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a whole number, or a decimal written as a text such as \"0.5\"")
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Number, E> {
        Ok(Number(Decimal::from(number)))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Number, E> {
        Ok(Number(Decimal::from(number)))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Number, E> {
        parse_plain(text).map(Number).ok_or_else(|| E::custom(format!("{text:?} is not a decimal number")))
    }
}

impl JsonSchema for Number {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Number".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        schemars::json_schema!({
            "description": "A whole number, or a decimal in quotation marks: 60, \"0.5\". Never a float, which is not exact.",
            "type": ["integer", "string"],
            "pattern": "^-?[0-9]+(\\.[0-9]+)?$"
        })
    }
}

/// Letters of an expression that a message quotes.
const MOST_SHOWN: usize = 120;

/// A short expression, and where it stands in the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expr {
    pub text: String,
    /// Byte offset of the value in the source.
    pub at: usize,
}

impl Expr {
    /// On one line and not too long, as a message quotes it.
    pub(crate) fn shown(&self) -> String {
        let line = self.text.split_whitespace().collect::<Vec<_>>().join(" ");
        match line.char_indices().nth(MOST_SHOWN) {
            Some((cut, _)) => format!("{}…", line.get(..cut).unwrap_or_default()),
            None => line,
        }
    }
}

impl<'de> Deserialize<'de> for Expr {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Whole(i64),
            Text(String),
        }
        let spanned = toml::Spanned::<Written>::deserialize(deserializer)?;
        let at = spanned.span().start;
        let text = match spanned.into_inner() {
            Written::Whole(number) => number.to_string(),
            Written::Text(text) => text,
        };
        Ok(Self { text, at })
    }
}

impl JsonSchema for Expr {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Expression".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        schemars::json_schema!({ "description": "A formula or a condition.", "type": ["string", "integer"] })
    }
}
