//! What is no value of anything: the player refuses it itself, for there is no door that it could be brought to.
//!
//! Unknown keys, two equal numbers or codes, JSON numbers, texts that are none, empty lists of ratings.

use std::collections::BTreeMap;

use serde_json::Value;

use super::case::{Case, Kind, Subject, require, segment};
use super::scheme::Scheme;
use super::stop::{Played, Stop};

const CASE: &[&str] = &[
    "policy",
    "cadence",
    "period",
    "parameters",
    "non_working_days",
    "working_days",
    "company",
    "units",
    "employees",
    "appeal",
    "expected",
];
const PERSON: &[&str] = &["number", "unit", "category", "hired_on", "left_on", "facts", "pay", "items", "history"];
const UNIT: &[&str] = &["code", "category", "score", "facts", "items", "history", "head", "co_head"];
const PAST: &[&str] = &["period", "score", "grade"];
const APPEAL: &[&str] = &["known_on", "filed_on"];

/// Before the scheme is known.
pub fn check(case: &Case) -> Played<()> {
    keys(&case.json, CASE, "")?;
    for key in ["policy", "period"] {
        require(case.json.get(key).and_then(Value::as_str), &format!("/{key}"))?;
    }
    for (key, value) in case.json.as_object().into_iter().flatten().filter(|(key, _)| *key != "expected") {
        numbers(value, &format!("/{key}"))?;
    }
    texts(&case.json, "", &["cadence"])?;
    objects(&case.json, "", &["parameters", "company", "appeal"])?;
    lists(&case.json, "", &["non_working_days", "working_days", "units", "employees"])?;
    if let Some(company) = case.json.get("company") {
        keys(company, &["facts"], "/company")?;
        objects(company, "/company", &["facts"])?;
    }
    if let Some(appeal) = case.json.get("appeal") {
        keys(appeal, APPEAL, "/appeal")?;
        texts(appeal, "/appeal", APPEAL)?;
        for key in APPEAL {
            require(appeal.get(key).and_then(Value::as_str), &format!("/appeal/{key}"))?;
        }
    }
    if case.subjects().next().is_none() {
        return Err(Stop::unplayable("/employees", "there is nobody"));
    }
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for subject in case.subjects() {
        subject_has_shape(&subject)?;
        if seen.insert(subject.key(), subject.at).is_some() {
            let key = if subject.kind == Kind::Person { "number" } else { "code" };
            return Err(Stop::unplayable(format!("{}/{key}", subject.pointer()), "it is there twice"));
        }
    }
    Ok(())
}

/// Keys of people and units that the scheme has no use for.
pub fn check_keys(case: &Case, scheme: &Scheme) -> Played<()> {
    for subject in case.subjects() {
        let known = if subject.kind == Kind::Person { PERSON } else { UNIT };
        let lists = scheme.lists(subject.kind);
        for key in subject.given.as_object().into_iter().flatten().map(|(key, _)| key) {
            let pointer = format!("{}/{}", subject.pointer(), segment(key));
            if !known.contains(&key.as_str()) && !lists.contains(key) {
                return Err(Stop::unplayable(pointer, "no door takes this"));
            }
            let has_no_use = key == "category" && !scheme.has_categories(subject.kind);
            if has_no_use && subject.get(key).is_some() {
                return Err(Stop::unplayable(pointer, "the scheme has no categories"));
            }
            let is_office = matches!(key.as_str(), "head" | "co_head");
            if is_office && subject.get(key).is_some() && !scheme.takes(key) {
                return Err(Stop::unplayable(pointer, "the scheme has no use for it"));
            }
        }
    }
    if case.units().next().is_some() && !scheme.has_units() {
        return Err(Stop::unplayable("/units", "the scheme has no units"));
    }
    Ok(())
}

fn subject_has_shape(subject: &Subject) -> Played<()> {
    let (at, given) = (subject.pointer(), subject.given);
    if !given.is_object() {
        return Err(Stop::unplayable(at, "this has to be an object"));
    }
    let code = if subject.kind == Kind::Person { "number" } else { "code" };
    require(subject.text(code), &format!("{at}/{code}"))?;
    texts(given, &at, &["unit", "category", "hired_on", "left_on", "score", "head", "co_head"])?;
    objects(given, &at, &["facts", "pay", "items"])?;
    lists(given, &at, &["history", "adjustments", "incidents", "goals"])?;
    for (item, inputs) in subject.values("items") {
        let at = format!("{at}/items/{}", segment(item));
        let Some(inputs) = inputs.as_object() else { return Err(Stop::unplayable(at, "this has to be an object")) };
        for (input, value) in inputs {
            if value.as_array().is_some_and(Vec::is_empty) {
                return Err(Stop::unplayable(format!("{at}/{}", segment(input)), "nobody gave anything"));
            }
        }
    }
    for (index, past) in subject.entries("history").iter().enumerate() {
        let at = format!("{at}/history/{index}");
        keys(past, PAST, &at)?;
        texts(past, &at, PAST)?;
    }
    for key in ["adjustments", "incidents", "goals"] {
        if let Some(index) = subject.entries(key).iter().position(|entry| !entry.is_object()) {
            return Err(Stop::unplayable(format!("{at}/{key}/{index}"), "this has to be an object"));
        }
    }
    Ok(())
}

fn keys(value: &Value, known: &[&str], at: &str) -> Played<()> {
    if value.is_null() {
        return Ok(());
    }
    let Some(object) = value.as_object() else { return Err(Stop::unplayable(at, "this has to be an object")) };
    match object.keys().find(|key| !known.contains(&key.as_str())) {
        Some(key) => Err(Stop::unplayable(format!("{at}/{}", segment(key)), "there is no such key")),
        None => Ok(()),
    }
}

fn texts(value: &Value, at: &str, keys: &[&str]) -> Played<()> {
    of_shape(value, at, keys, "a text", |value| value.as_str().is_some_and(|text| !text.is_empty()))
}

fn objects(value: &Value, at: &str, keys: &[&str]) -> Played<()> {
    of_shape(value, at, keys, "an object", Value::is_object)
}

fn lists(value: &Value, at: &str, keys: &[&str]) -> Played<()> {
    of_shape(value, at, keys, "a list", Value::is_array)
}

fn of_shape(value: &Value, at: &str, keys: &[&str], what: &str, holds: fn(&Value) -> bool) -> Played<()> {
    let found = keys.iter().filter_map(|key| Some((key, value.get(key)?)));
    match found.filter(|(_, value)| !value.is_null()).find(|(_, value)| !holds(value)) {
        Some((key, _)) => Err(Stop::unplayable(format!("{at}/{key}"), &format!("this has to be {what}"))),
        None => Ok(()),
    }
}

/// A JSON number is an error wherever it stands.
fn numbers(value: &Value, at: &str) -> Played<()> {
    match value {
        Value::Number(_) => Err(Stop::unplayable(at, "a number is written as a text")),
        Value::Array(all) => {
            all.iter().enumerate().try_for_each(|(index, value)| numbers(value, &format!("{at}/{index}")))
        }
        Value::Object(all) => all.iter().try_for_each(|(key, value)| numbers(value, &format!("{at}/{}", segment(key)))),
        _ => Ok(()),
    }
}
