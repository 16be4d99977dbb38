//! What stands on nobody's form: facts, unit scores, measured values, and entries of lists.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use super::case::{Case, Kind, Subject, segment};
use super::company::{Company, is_left_out_of_rows, told_beforehand};
use super::officers::{FINANCE, Givers, HR};
use super::opening::Cycle;
use super::scheme::Scheme;
use super::sheets::Sheets;
use super::stop::{Played, Sent, Stop};

const REASON: &str = "as told by the case";

/// A value on its way to the cycle's facts.
struct Fact {
    giver: String,
    body: Value,
    pointer: String,
}

/// What of a case goes where.
pub struct Entering<'a> {
    pub case: &'a Case,
    pub scheme: &'a Scheme,
    pub sheets: &'a Sheets,
    pub company: &'a Company,
    pub cycle: &'a Cycle,
}

impl Entering<'_> {
    fn givers(&self) -> Givers<'_> {
        Givers { case: self.case, bodies: &self.company.bodies }
    }

    /// Enters all facts, giver by giver.
    pub async fn facts(&self) -> Played<()> {
        let mut by_giver: BTreeMap<String, (Vec<Value>, Sent)> = BTreeMap::new();
        for fact in self.all_facts() {
            let (facts, sent) = by_giver.entry(fact.giver).or_default();
            facts.push(fact.body);
            sent.add(fact.pointer);
        }
        self.company.admit(by_giver.keys().cloned()).await?;
        for (giver, (facts, sent)) in by_giver {
            let body = json!({ "facts": facts, "reason": REASON });
            let done = self.company.of(&giver)?.post(&self.cycle.path("/facts"), body).await;
            let call = format!("facts by {giver}");
            done.map_err(|problem| Stop::of(&call, &problem, |pointer| sent.places("facts", pointer)))?;
        }
        Ok(())
    }

    fn all_facts(&self) -> Vec<Fact> {
        let company = self.case.json.pointer("/company/facts").and_then(Value::as_object);
        let mut all: Vec<Fact> = company
            .into_iter()
            .flatten()
            .filter(|(_, value)| !value.is_null())
            .flat_map(|(name, value)| {
                let pointer = format!("/company/facts/{}", segment(name));
                self.fact("company", &format!("fact.{name}"), value, &pointer)
            })
            .collect();
        for subject in self.case.subjects() {
            all.extend(self.facts_of(&subject));
        }
        all
    }

    fn facts_of(&self, subject: &Subject) -> Vec<Fact> {
        let key = subject.key();
        // Closing tells of a category that nobody knows; until then there is nothing to enter for it.
        if !self.scheme.knows(subject.kind, subject.text("category")) {
            return Vec::new();
        }
        // The organisation told of whoever is not appraised for want of rows.
        if subject.kind == Kind::Person && is_left_out_of_rows(subject, self.scheme) && !self.sheets.has(&key) {
            return Vec::new();
        }
        let mut all = Vec::new();
        for (name, value) in subject.values("facts") {
            if subject.kind == Kind::Person && self.is_told_elsewhere(subject, name, value) {
                continue;
            }
            let pointer = format!("{}/facts/{}", subject.pointer(), segment(name));
            all.extend(self.fact(&key, &format!("fact.{name}"), value, &pointer));
        }
        if let Some(score) = subject.get("score").filter(|_| subject.kind == Kind::Unit) {
            all.extend(self.fact(&key, "score", score, &format!("{}/score", subject.pointer())));
        }
        for one in subject.observed() {
            let on_a_form = self.sheets.column(&key, one.item, one.input).flatten().is_some();
            if !on_a_form && self.sheets.has(&key) {
                all.extend(self.fact(&key, &format!("item.{}.{}", one.item, one.input), one.value, &one.pointer));
            }
        }
        all
    }

    /// Of several who each give a number the first gives the case's; what the others give leaves it as it is.
    fn fact(&self, subject: &str, path: &str, value: &Value, pointer: &str) -> Vec<Fact> {
        let giving = self.sheets.giving(subject, path);
        let (by, several) = giving.or_else(|| self.written(subject, path)).unwrap_or_default();
        let fact = |giver: String, of: Option<&str>, value: &Value| {
            let mut body = json!({ "subject": subject, "path": path, "value": value });
            body["giver"] = json!(of);
            Fact { giver, body, pointer: pointer.to_owned() }
        };
        let Some(combine) = several else {
            return vec![fact(self.givers().first(subject, &by), None, value)];
        };
        let names = by.first().and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        let share = |(at, name): (usize, &str)| {
            let giver = self.givers().of_word(subject, name).unwrap_or_else(|| HR.to_owned());
            let nothing = json!("0");
            fact(giver, Some(name), if at == 0 || combine == "mean" { value } else { &nothing })
        };
        names.enumerate().map(share).collect()
    }

    /// Who gives a fact of somebody who has no sheet, as the scheme writes it.
    fn written(&self, subject: &str, path: &str) -> Option<(Vec<Value>, Option<String>)> {
        let kind = match subject.split(':').next() {
            Some("person") => "people",
            Some("unit") => "units",
            _ => "company",
        };
        path.strip_prefix("fact.").map(|name| self.scheme.giving(kind, name))
    }

    /// By finance, by the person who declines, or by the organisation.
    fn is_told_elsewhere(&self, person: &Subject, name: &str, value: &Value) -> bool {
        let column = self.scheme.declined().remove(name);
        let declines = column.is_some_and(|column| !self.sheets.assignments(&person.key(), &column).is_empty());
        let is_known = self.scheme.deciding_facts().contains(name) && told_beforehand(value).is_some();
        declines || is_known || self.elsewhere().contains(name)
    }

    /// Facts of people that finance tells of what was paid.
    fn elsewhere(&self) -> BTreeSet<String> {
        self.scheme.paid_facts()
    }

    /// What was paid in the months, as finance knows it from the years before the system.
    pub async fn paid_facts(&self) -> Played<()> {
        let paid = self.elsewhere();
        let (mut facts, mut sent) = (Vec::new(), Sent::default());
        for person in self.case.people() {
            for (name, value) in person.values("facts").filter(|(name, _)| paid.contains(*name)) {
                facts.push(json!({ "number": person.code(), "name": name, "value": value }));
                sent.add(format!("{}/facts/{}", person.pointer(), segment(name)));
            }
        }
        if facts.is_empty() {
            return Ok(());
        }
        self.company.admit([FINANCE.to_owned()]).await?;
        let body = json!({ "facts": facts, "reason": REASON });
        let done = self.company.of(FINANCE)?.post(&self.cycle.path("/paid-facts"), body).await;
        let place = |pointer: &str| sent.places("facts", pointer);
        done.map(drop).map_err(|problem| Stop::of("paid facts", &problem, place))
    }

    /// Adjustments, incidents, and whatever else is recorded as it happens.
    pub async fn entries(&self) -> Played<()> {
        let agreed = self.scheme.agreed_lists();
        let (mut entries, mut places) = (Vec::new(), Vec::new());
        for subject in self.case.subjects() {
            for key in self.scheme.lists(subject.kind).iter().filter(|key| !agreed.contains_key(*key)) {
                for (index, cells) in subject.entries(key).iter().enumerate() {
                    entries.push(json!({ "subject": subject.key(), "list": key, "cells": cells }));
                    places.push(format!("{}/{}/{index}", subject.pointer(), segment(key)));
                }
            }
        }
        if entries.is_empty() {
            return Ok(());
        }
        let done = self.company.of(HR)?.post(&self.cycle.path("/entries"), json!({ "entries": entries })).await;
        let place = |pointer: &str| place_of_entry(&places, pointer).into_iter().collect();
        done.map(drop).map_err(|problem| Stop::of("entries", &problem, place))
    }
}

/// `/entries/2/cells/points` is the cell of entry 2.
fn place_of_entry(places: &[String], pointer: &str) -> Option<String> {
    let (at, below) = pointer.strip_prefix("/entries/")?.split_once('/').unwrap_or_default();
    let at = if at.is_empty() { pointer.strip_prefix("/entries/")? } else { at };
    let place = places.get(at.parse::<usize>().ok()?)?;
    match below.strip_prefix("cells/") {
        Some(cell) => Some(format!("{place}/{cell}")),
        None => Some(place.clone()),
    }
}
