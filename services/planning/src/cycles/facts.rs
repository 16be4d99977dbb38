//! Facts of the people and units of a cycle. They come from the organisation as texts, whatever they say; here is where
//! the scheme is known that reads them, so a fact that it cannot read keeps the cycle from being opened.

use std::collections::{BTreeMap, HashMap};

use basics::pointer::segment;
use domain::Kind;
use domain::case::InputName;
use domain::scheme::Scheme;
use platform::web::Errors;
use platform::{Message, Result, Tx, say};
use serde_json::Value;

use super::cycle::Cycle;
use super::rows::{self, FrozenFacts};

/// Reads all facts that were frozen and keeps them in one way of writing, or tells of every wrong one.
pub async fn settle(tx: &mut Tx, scheme: &Scheme, cycle: &Cycle) -> Result<()> {
    let people = rows::facts_of_people(tx, cycle.id).await?;
    let units = rows::facts_of_units(tx, cycle.id).await?;
    let mut errors = Errors::default();
    let people = read_all(scheme, &cycle.cadence, Kind::People, people, &mut errors);
    let units = read_all(scheme, &cycle.cadence, Kind::Units, units, &mut errors);
    errors.check()?;
    rows::write_facts_of_people(tx, cycle.id, &people).await?;
    rows::write_facts_of_units(tx, cycle.id, &units).await
}

/// Facts that are written in another way than they were, by whose they are.
fn read_all(
    scheme: &Scheme,
    cadence: &str,
    kind: Kind,
    frozen: Vec<FrozenFacts>,
    errors: &mut Errors,
) -> Vec<(String, Value)> {
    let mut declared: HashMap<Option<String>, Vec<String>> = HashMap::new();
    let mut changed = Vec::new();
    for FrozenFacts { code, category, facts } in frozen {
        let names = declared.entry(category).or_insert_with_key(|category| {
            scheme.facts(kind, cadence, category.as_deref()).into_iter().map(|fact| fact.name).collect()
        });
        let before: BTreeMap<String, Value> = serde_json::from_value(facts).unwrap_or_default();
        let mut after = before.clone();
        for name in names.iter() {
            let Some(fact) = before.get(name) else { continue };
            match scheme.check_value(cadence, kind, InputName::Fact(name), fact) {
                Ok(value) => drop(after.insert(name.clone(), Value::String(written(&value)))),
                Err(wanted) => errors.add(pointer(kind, &code, name), detail(&code, name, fact, &wanted)),
            }
        }
        if after != before {
            changed.push((code, Value::Object(after.into_iter().collect())));
        }
    }
    changed
}

fn pointer(kind: Kind, code: &str, name: &str) -> String {
    let subjects = if kind == Kind::People { "participants" } else { "units" };
    format!("/{subjects}/{}/facts/{}", segment(code), segment(name))
}

fn detail(code: &str, name: &str, fact: &Value, wanted: &Message) -> Message {
    say!("{code}，{name} = {}：{wanted}", "{code}, {name} = {}: {wanted}", written(fact); wanted)
}

/// A value as the text that events and rows carry.
pub fn written(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(entries) => entries.iter().map(written).collect::<Vec<_>>().join(";"),
        other => other.to_string(),
    }
}
