//! Every case of `tests/conformance` (and of `../shared/conformance`, where it exists) comes out as it expects.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use domain::simulate;
use rust_decimal::Decimal;
use serde_json::Value as Json;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

pub fn cases() -> Vec<(String, String)> {
    let folders = [root().join("tests/conformance"), root().join("../shared/conformance")];
    let mut cases = Vec::new();
    for folder in folders.iter().filter(|folder| folder.is_dir()) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|extension| extension == "json") {
                cases.push((path.display().to_string(), fs::read_to_string(&path).unwrap()));
            }
        }
    }
    assert!(cases.len() >= 40, "only {} cases found", cases.len());
    cases.sort();
    cases
}

#[test]
fn every_case_comes_out_as_expected() {
    let mut wrong = Vec::new();
    for (name, text) in cases() {
        let expected = serde_json::from_str::<Json>(&text).unwrap()["expected"].clone();
        let outcome = simulate::run(&text);
        if expected["invalid"] == true {
            match outcome {
                Ok(_) => wrong.push(format!("{name}: computed, but it is invalid")),
                Err(invalid) => {
                    let pointer = expected["pointer"].as_str().unwrap_or("");
                    let told = invalid
                        .errors
                        .iter()
                        .any(|e| e.pointer == pointer || e.pointer.starts_with(&format!("{pointer}/")));
                    if !told {
                        wrong.push(format!("{name}: {pointer} is not among {:?}", invalid.errors));
                    }
                }
            }
            continue;
        }
        match outcome {
            Err(invalid) => wrong.push(format!("{name}: {:?}", invalid.errors)),
            Ok(actual) => differences(&name, &expected, &actual, 0, &mut wrong),
        }
    }
    assert!(wrong.is_empty(), "{} differences:\n{}", wrong.len(), wrong.join("\n"));
}

/// Compares as the README says: decimals by value, codes as sets, absent keys skipped down to one subject.
fn differences(at: &str, expected: &Json, actual: &Json, depth: usize, wrong: &mut Vec<String>) {
    match (expected, actual) {
        (Json::Object(wanted), Json::Object(found)) => {
            for (key, value) in wanted {
                differences(&format!("{at}/{key}"), value, found.get(key).unwrap_or(&Json::Null), depth + 1, wrong);
            }
            let subjects = (depth == 1 && (at.ends_with("/units") || at.ends_with("/employees"))) || depth >= 3;
            for key in found.keys().filter(|key| subjects && !wanted.contains_key(*key)) {
                wrong.push(format!("{at}: {key} was added"));
            }
        }
        (Json::Array(wanted), Json::Array(found)) => {
            let set = |all: &[Json]| all.iter().map(ToString::to_string).collect::<BTreeSet<_>>();
            if set(wanted) != set(found) {
                wrong.push(format!("{at}: expected {expected}, got {actual}"));
            }
        }
        (expected, actual) if empty(expected) && empty(actual) => {}
        (Json::String(wanted), Json::String(found))
            if decimal(wanted).is_some() && decimal(wanted) == decimal(found) => {}
        (expected, actual) if expected != actual => wrong.push(format!("{at}: expected {expected}, got {actual}")),
        _ => {}
    }
}

fn decimal(text: &str) -> Option<Decimal> {
    text.parse().ok()
}

fn empty(value: &Json) -> bool {
    match value {
        Json::Null => true,
        Json::Array(all) => all.is_empty(),
        Json::Object(all) => all.is_empty(),
        _ => false,
    }
}
