//! What came out beside what was expected: decimals by value, lists of codes as sets, nothing as nothing.

use std::collections::BTreeSet;

use super::api::{list, text};
use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::{Map, Value};

use super::case::{Case, segment};
use super::closing::Outcome;
use super::stop::{Fault, Stop};

/// What differs, the first things first.
pub fn differences(case: &Case, outcome: &Outcome) -> Vec<String> {
    let expected = case.expected();
    let mut found = Vec::new();
    for (key, of) in [("employees", &outcome.people), ("units", &outcome.units)] {
        for (code, wanted) in expected.get(key).and_then(Value::as_object).into_iter().flatten() {
            let at = format!("/{key}/{}", segment(code));
            let Some(result) = of.get(code) else {
                if !wanted.as_object().is_some_and(Map::is_empty) {
                    found.push(format!("{at}: there is no result"));
                }
                continue;
            };
            for (name, value) in wanted.as_object().into_iter().flatten() {
                let got = if key == "employees" && name == "pay" { outcome.pay.get(code) } else { result.get(name) };
                compare(&format!("{at}/{}", segment(name)), value, got.unwrap_or(&Value::Null), &mut found);
            }
        }
    }
    if expected.get("calendar").is_some() {
        let got = outcome.calendar.clone();
        let by_stage = |stages: &[Value]| {
            stages.iter().map(|one| (text(one, "/stage").to_owned(), one.clone())).collect::<Map<_, _>>()
        };
        let wanted = Value::Object(by_stage(list(expected, "/calendar")));
        compare("/calendar", &wanted, &Value::Object(by_stage(&got)), &mut found);
    }
    if let Some(wanted) = expected.get("warnings") {
        let got = outcome.warnings.iter().map(|code| Value::from(code.as_str())).collect();
        compare("/warnings", wanted, &got, &mut found);
    }
    if let Some(wanted) = expected.get("appeal") {
        compare("/appeal", wanted, &outcome.appeal, &mut found);
    }
    found
}

fn compare(at: &str, wanted: &Value, got: &Value, found: &mut Vec<String>) {
    match (wanted, got) {
        (wanted, got) if is_nothing(wanted) && is_nothing(got) => {}
        (Value::Object(wanted), Value::Object(got)) => {
            let keys: BTreeSet<&String> = wanted.keys().chain(got.keys()).collect();
            for key in keys {
                let of = |all: &Map<String, Value>| all.get(key).cloned().unwrap_or_default();
                compare(&format!("{at}/{}", segment(key)), &of(wanted), &of(got), found);
            }
        }
        (Value::Array(wanted), Value::Array(got)) if as_set(wanted) == as_set(got) => {}
        (wanted, got) if scalar(wanted).is_some() && scalar(wanted) == scalar(got) => {}
        _ => found.push(format!("{at}: expected {wanted}, got {got}")),
    }
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Array(all) => all.is_empty(),
        Value::Object(all) => all.values().all(is_nothing),
        _ => false,
    }
}

fn as_set(all: &[Value]) -> BTreeSet<String> {
    all.iter().map(|one| scalar(one).unwrap_or_else(|| one.to_string())).collect()
}

/// Decimals that do not end are compared to so many.
const DECIMALS: u32 = 10;

/// A value in one form, decimals without the zeros at their end.
fn scalar(value: &Value) -> Option<String> {
    let written = |number: Decimal| {
        let rounded = number.round_dp_with_strategy(DECIMALS, RoundingStrategy::MidpointAwayFromZero);
        rounded.normalize().to_string()
    };
    match value {
        Value::String(text) => Some(text.parse::<Decimal>().map_or_else(|_| text.clone(), written)),
        Value::Number(number) => number.to_string().parse::<Decimal>().ok().map(written),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}

/// Whether an invalid case was refused where it should be; else what happened instead.
pub fn refusal(case: &Case, stop: Option<&Stop>) -> Option<String> {
    let Some(stop) = stop else { return Some("it was computed, and should have been refused".to_owned()) };
    let Stop::Refused { faults, .. } = stop else { return Some(stop.told()) };
    // Where no place is said, any refusal will do.
    let pointer = case.expected().get("pointer").and_then(Value::as_str)?;
    let pointer = pointer.trim_start_matches('#');
    let is_there = |fault: &Fault| {
        fault.pointer == pointer || fault.pointer.strip_prefix(pointer).is_some_and(|rest| rest.starts_with('/'))
    };
    (!faults.iter().any(is_there)).then(|| format!("expected at {pointer}; {}", stop.told()))
}
