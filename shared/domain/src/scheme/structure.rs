//! The form of a scheme's file: keys, and what may stand under each, by the model's JSON Schema.
//!
//! Reading stops at the first key that does not fit; this looks at all of them, and cuts out what does not, so
//! that the rest can be read.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use serde_json::Value as Json;
use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use super::Scheme;
use super::document::{meant, there_are};
use super::problem::{Place, Problem};
use crate::Message;
use crate::expression::habits;
use crate::money::parse_plain;
use crate::say;

static SCHEMA: LazyLock<Json> = LazyLock::new(Scheme::json_schema);

/// The tables in which something does not fit: what else seems wrong with them is not worth telling.
#[derive(Default)]
pub(crate) struct Broken {
    names: BTreeSet<String>,
    /// The bytes where they begin.
    places: BTreeSet<usize>,
}

impl Broken {
    pub fn explains(&self, problem: &Problem, at: usize) -> bool {
        self.places.contains(&at) || problem.about.as_ref().is_some_and(|name| self.names.contains(name))
    }
}

#[derive(Default)]
pub(super) struct Structure {
    pub problems: Vec<Problem>,
    pub broken: Broken,
}

/// What must not be kept.
struct Unfit;

impl Structure {
    /// Tells everything that does not fit, and removes it.
    pub fn prune(&mut self, root: &mut Spanned<DeTable<'_>>) {
        let start = root.span().start;
        // What the file as a whole lacks has been told, and it cannot be removed.
        let _ = self.table(&SCHEMA, root.get_mut(), start);
    }

    fn problem(&mut self, at: usize, message: Message) -> Unfit {
        self.problems.push(Problem::new(Place::Byte(at), message));
        Unfit
    }

    fn value(&mut self, schema: &Json, value: &mut Spanned<DeValue<'_>>) -> Result<(), Unfit> {
        let schema = resolved(schema);
        let at = value.span().start;
        let variants = variants(schema);
        match (variants.as_slice(), value.get_mut()) {
            ([], DeValue::Table(table)) if is_type(schema, "object") => self.table(schema, table, at),
            ([], DeValue::Array(array)) if is_type(schema, "array") => {
                let items = schema.get("items").unwrap_or(&Json::Null);
                for mut one in std::mem::replace(array, DeArray::new()) {
                    if self.value(items, &mut one).is_ok() {
                        array.push(one);
                    }
                }
                Ok(())
            }
            ([], other) => match complaint(schema, other) {
                None => Ok(()),
                Some(complaint) => Err(self.problem(at, complaint)),
            },
            ([only], _) => self.value(only, value),
            (several, _) => {
                let tried = |one: &&&Json| {
                    let mut alone = Structure::default();
                    let unfit = alone.value(one, &mut value.clone()).is_err();
                    (unfit || !alone.problems.is_empty()).then(|| alone.first())
                };
                if several.iter().any(|one| tried(&one).is_none()) {
                    return Ok(());
                }
                // The form that fits furthest was meant; what does not fit in it is told there.
                let composed = ["object", "array"].into_iter().find(|kind| match value.get_ref() {
                    DeValue::Table(_) => *kind == "object",
                    DeValue::Array(_) => *kind == "array",
                    _ => false,
                });
                let alike = several.iter().filter(|one| composed.is_some_and(|kind| is_type(resolved(one), kind)));
                if let Some(meant) = alike.rev().max_by_key(|one| tried(one)) {
                    return self.value(meant, value);
                }
                if matches!(value.get_ref(), DeValue::Float(_)) {
                    let number = several.first().map_or(schema, |one| resolved(one));
                    return Err(self.problem(at, complaint(number, value.get_ref()).unwrap_or_default()));
                }
                let wanted: Vec<Message> = several.iter().map(|one| expected(one)).collect();
                Err(self.problem(at, unfitting(value.get_ref(), &either(&wanted))))
            }
        }
    }

    /// Where the first problem stands.
    fn first(&self) -> usize {
        let at = |problem: &Problem| if let Place::Byte(at) = problem.at { at } else { 0 };
        self.problems.iter().map(at).min().unwrap_or_default()
    }

    fn table(&mut self, schema: &Json, table: &mut DeTable<'_>, at: usize) -> Result<(), Unfit> {
        let before = self.problems.len();
        let properties = schema.get("properties").and_then(Json::as_object);
        let further = schema.get("additionalProperties").filter(|further| further.is_object());
        let mut lacking: Vec<&str> = required(schema).collect();
        for (key, mut value) in std::mem::take(table) {
            let name = key.get_ref().to_string();
            lacking.retain(|lacking| *lacking != name);
            match properties.and_then(|all| all.get(&name)).or(further) {
                None => self.unknown_key(key.span().start, &name, properties.into_iter().flat_map(|all| all.keys())),
                Some(declared) if self.value(declared, &mut value).is_ok() => drop(table.insert(key, value)),
                Some(_) => {}
            }
        }
        if !lacking.is_empty() {
            let keys = lacking.join(", ");
            let message = match lacking.len() {
                1 => say!("这里缺少键：{keys}", "a key is missing here: {keys}"),
                _ => say!("这里缺少键：{keys}", "keys are missing here: {keys}"),
            };
            self.problem(at, message);
        }
        if self.problems.len() > before {
            let names = ["name", "code", "key"].into_iter().filter_map(|key| table.get(key)?.get_ref().as_str());
            self.broken.names.extend(names.map(str::to_owned));
            self.broken.places.insert(at);
        }
        if required(schema).all(|name| table.contains_key(name)) { Ok(()) } else { Err(Unfit) }
    }

    fn unknown_key<'n>(&mut self, at: usize, name: &str, known: impl Iterator<Item = &'n String>) {
        let known: Vec<&str> = known.map(String::as_str).collect();
        let hint = match meant(name, known.iter().copied()) {
            none if none.is_empty() => there_are(&known),
            hint => hint,
        };
        self.problem(at, say!("这里没有键 {name}{hint}", "there is no key {name} here{hint}"; hint));
    }
}

/// What a reference leads to.
fn resolved(schema: &Json) -> &Json {
    let name = schema.get("$ref").and_then(Json::as_str).and_then(|name| name.strip_prefix("#/$defs/"));
    name.and_then(|name| SCHEMA.get("$defs")?.get(name)).unwrap_or(schema)
}

/// The forms that a value may have, where there are several; absence is none.
fn variants(schema: &Json) -> Vec<&Json> {
    let several = schema.get("anyOf").and_then(Json::as_array).into_iter().flatten();
    several.filter(|one| !is_type(one, "null")).collect()
}

fn required(schema: &Json) -> impl Iterator<Item = &str> {
    schema.get("required").and_then(Json::as_array).into_iter().flatten().filter_map(Json::as_str)
}

fn is_type(schema: &Json, name: &str) -> bool {
    match schema.get("type") {
        Some(Json::String(one)) => one == name,
        Some(Json::Array(several)) => several.iter().any(|one| one == name),
        _ => false,
    }
}

/// The only texts allowed, where there are such.
fn codes(schema: &Json) -> Vec<&str> {
    let own = schema.get("enum").and_then(Json::as_array).into_iter().flatten();
    let variants = schema.get("oneOf").and_then(Json::as_array).into_iter().flatten();
    let inner =
        variants.flat_map(|one| one.get("enum").and_then(Json::as_array).into_iter().flatten().chain(one.get("const")));
    own.chain(inner).filter_map(Json::as_str).collect()
}

/// Why a single value does not fit.
fn complaint(schema: &Json, value: &DeValue<'_>) -> Option<Message> {
    let codes = codes(schema);
    if !codes.is_empty() {
        let text = value.as_str();
        return text.filter(|text| codes.contains(text)).is_none().then(|| {
            let hint = text.map_or(Message::default(), |text| meant(text, codes.iter().copied()));
            let written = told(value);
            say!("{written} 不在可选值之中：{}{hint}", "{written} is none of {}{hint}", codes.join(", "); written, hint)
        });
    }
    let number = schema.get("pattern").is_some();
    let fits = match value {
        DeValue::String(text) if number => parse_plain(text).is_some(),
        DeValue::String(_) => is_type(schema, "string"),
        DeValue::Integer(integer) => is_type(schema, "integer") && in_range(schema, integer),
        DeValue::Boolean(_) => is_type(schema, "boolean"),
        DeValue::Float(float) if number => {
            return Some(say!(
                "{0} 是浮点数，不精确：请写成 \"{0}\"",
                "{0} is a float, which is not exact: write \"{0}\"",
                float.as_str()
            ));
        }
        _ => false,
    };
    let habit = value.as_str().filter(|_| number).and_then(habits::number);
    (!fits).then(|| habit.unwrap_or_else(|| unfitting(value, &expected(schema))))
}

fn unfitting(value: &DeValue<'_>, wanted: &Message) -> Message {
    let written = told(value);
    say!("{written} 在这里不合适：应为{wanted}", "{written} does not fit here: {wanted} is wanted"; written, wanted)
}

fn either(wanted: &[Message]) -> Message {
    Message::joined(wanted, ("，或", ", or "))
}

fn in_range(schema: &Json, integer: &toml::de::DeInteger<'_>) -> bool {
    let Ok(integer) = i64::from_str_radix(&integer.as_str().replace('_', ""), integer.radix()) else { return false };
    let bound = |key: &str| schema.get(key).and_then(Json::as_i64);
    bound("minimum").is_none_or(|least| integer >= least) && bound("maximum").is_none_or(|most| integer <= most)
}

/// What may be written, in a word or two.
fn expected(schema: &Json) -> Message {
    let schema = resolved(schema);
    let codes = codes(schema);
    let several = variants(schema);
    if !codes.is_empty() {
        return say!("以下之一：{}", "one of {}", codes.join(", "));
    }
    if !several.is_empty() {
        return either(&several.into_iter().map(expected).collect::<Vec<_>>());
    }
    let of = |key: &str| schema.get(key).filter(|of| of.is_object()).map(expected);
    if schema.get("pattern").is_some() {
        say!("整数，或加引号的小数", "a whole number, or a decimal in quotation marks")
    } else if is_type(schema, "object") {
        let keys: Vec<&str> = required(schema).collect();
        match of("additionalProperties") {
            Some(of) => say!("值为{of}的表", "a table whose values are {of}"; of),
            None => say!("含 {} 的表", "a table with {}", keys.join(", ")),
        }
    } else if is_type(schema, "array") {
        let items = of("items").unwrap_or_else(|| say!("值", "values"));
        say!("{items}的列表", "a list of {items}"; items)
    } else if is_type(schema, "boolean") {
        say!("true 或 false", "true or false")
    } else if is_type(schema, "string") {
        say!("文本", "a text")
    } else {
        match (schema.get("minimum").and_then(Json::as_i64), schema.get("maximum").and_then(Json::as_i64)) {
            (Some(least), Some(most)) => say!("{least} 到 {most} 的整数", "a whole number from {least} to {most}"),
            (Some(least), None) => say!("不小于 {least} 的整数", "a whole number from {least} up"),
            _ => say!("整数", "a whole number"),
        }
    }
}

/// What was written, as a message quotes it.
fn told(value: &DeValue<'_>) -> Message {
    match value {
        DeValue::String(text) => Message::same(format!("{text:?}")),
        DeValue::Integer(integer) => Message::same(integer.as_str()),
        DeValue::Float(float) => Message::same(float.as_str()),
        DeValue::Boolean(flag) => Message::same(flag.to_string()),
        DeValue::Datetime(date) => Message::same(date.to_string()),
        DeValue::Array(_) => say!("列表", "a list"),
        DeValue::Table(_) => say!("表", "a table"),
    }
}
