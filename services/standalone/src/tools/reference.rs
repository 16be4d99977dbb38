//! The reference of a scheme's keys, out of its JSON Schema.

use std::collections::BTreeSet;

use serde_json::{Map, Value};

/// One section for the whole scheme and one for every type below it, in the order in which they are met.
pub fn markdown(schema: &Value) -> String {
    let mut sections = vec![section("The scheme", schema, true)];
    let mut waiting = referred(schema.get("properties").unwrap_or(&Value::Null));
    let mut told = BTreeSet::new();
    let mut at = 0;
    while let Some(name) = waiting.get(at).cloned() {
        at += 1;
        if !told.insert(name.clone()) {
            continue;
        }
        if let Some(definition) = schema.get("$defs").and_then(|all| all.get(&name)) {
            sections.push(section(&name, definition, false));
            waiting.extend(referred(definition));
        }
    }
    sections.join("\n")
}

fn section(name: &str, schema: &Value, whole: bool) -> String {
    let mut text = if whole { format!("### {name}\n\n") } else { format!("### `{name}`\n\n") };
    if let Some(about) = schema.get("description").and_then(Value::as_str) {
        text += &format!("{}\n\n", one_line(about));
    }
    if let Some(keys) = schema.get("properties").and_then(Value::as_object) {
        text += &keys_table(keys, &required(schema));
    } else if let Some(values) = values(schema) {
        text += &values;
    } else {
        text += &format!("{}.\n", kind(schema));
    }
    text
}

fn keys_table(keys: &Map<String, Value>, required: &BTreeSet<String>) -> String {
    let mut text = "| key | value | needed | meaning |\n|---|---|---|---|\n".to_owned();
    for (key, value) in keys {
        let needed = if required.contains(key) { "yes" } else { "" };
        let mut about = value.get("description").and_then(Value::as_str).map(one_line).unwrap_or_default();
        if let Some(default) = value.get("default").filter(|default| telling(default)) {
            about = format!("{about} Default: `{default}`.").trim_start().to_owned();
        }
        text += &format!("| `{key}` | {} | {needed} | {} |\n", kind(value), about.replace('|', "\\|"));
    }
    text
}

/// Defaults that say more than that the key is absent.
fn telling(default: &Value) -> bool {
    match default {
        Value::Number(_) | Value::Bool(true) => true,
        Value::String(text) => !text.is_empty(),
        _ => false,
    }
}

fn required(schema: &Value) -> BTreeSet<String> {
    let names = schema.get("required").and_then(Value::as_array);
    names.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect()
}

/// The codes that may be written, with what each means.
fn values(schema: &Value) -> Option<String> {
    let entry = |code: &Value, about: &str| format!("- `{}` {}", code.as_str().unwrap_or("?"), one_line(about));
    let mut lines = Vec::new();
    for code in schema.get("enum").and_then(Value::as_array).into_iter().flatten() {
        lines.push(entry(code, ""));
    }
    for one in schema.get("oneOf").and_then(Value::as_array).into_iter().flatten() {
        let about = one.get("description").and_then(Value::as_str).unwrap_or("");
        match (one.get("const"), one.get("enum").and_then(Value::as_array)) {
            (Some(code), _) => lines.push(entry(code, about)),
            (None, codes) => lines.extend(codes.into_iter().flatten().map(|code| entry(code, about))),
        }
    }
    let lines: Vec<&str> = lines.iter().map(|line| line.trim_end()).collect();
    (!lines.is_empty()).then(|| format!("{}\n", lines.join("\n")))
}

/// What may be written for a value, in a word or two.
fn kind(schema: &Value) -> String {
    if let Some(name) = reference_name(schema) {
        return match name {
            "Number" => "number".to_owned(),
            "Expression" => "expression".to_owned(),
            name => format!("[`{name}`](#{})", name.to_lowercase()),
        };
    }
    if let Some(codes) = schema.get("enum").and_then(Value::as_array) {
        let codes: Vec<String> = codes.iter().filter_map(Value::as_str).map(|code| format!("`{code}`")).collect();
        return format!("one of {}", codes.join(", "));
    }
    let choices = ["anyOf", "allOf", "oneOf"].into_iter().find_map(|key| schema.get(key)?.as_array());
    if let Some(choices) = choices {
        let kinds: Vec<String> = choices.iter().map(kind).filter(|kind| kind != "null").collect();
        return kinds.join(" or ");
    }
    let name = match schema.get("type") {
        Some(Value::String(name)) => name.clone(),
        Some(Value::Array(names)) => {
            let names = names.iter().filter_map(Value::as_str).filter(|name| *name != "null");
            names.collect::<Vec<_>>().join(" or ")
        }
        _ => return "anything".to_owned(),
    };
    match name.as_str() {
        "array" => format!("list of {}", schema.get("items").map_or("anything".to_owned(), kind)),
        "object" => format!("table of {}", schema.get("additionalProperties").map_or("anything".to_owned(), kind)),
        "string" => "text".to_owned(),
        "integer" => "whole number".to_owned(),
        "boolean" => "true or false".to_owned(),
        "integer or string" | "string or integer" => "a whole number, or a text".to_owned(),
        _ => name,
    }
}

fn reference_name(schema: &Value) -> Option<&str> {
    schema.get("$ref")?.as_str()?.strip_prefix("#/$defs/")
}

/// The types that a schema refers to, in the order of its keys.
fn referred(schema: &Value) -> Vec<String> {
    let mut found: Vec<String> = reference_name(schema).map(str::to_owned).into_iter().collect();
    match schema {
        Value::Object(entries) => found.extend(entries.values().flat_map(referred)),
        Value::Array(entries) => found.extend(entries.iter().flat_map(referred)),
        _ => {}
    }
    found
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
