//! What the scheme's version tells of itself, and what only its text tells.

use std::collections::{BTreeMap, BTreeSet};

use super::api::{list, text};
use serde_json::Value;

use super::case::{Kind, form};

/// A version of a scheme as the API shows it, with its text read as TOML.
pub struct Scheme {
    answer: Value,
    source: toml::Table,
}

impl Scheme {
    pub fn new(answer: Value, source: &str) -> Result<Self, String> {
        let source = source.parse().map_err(|error| format!("the scheme's text: {error}"))?;
        Ok(Self { answer, source })
    }

    pub fn code(&self) -> &str {
        text(&self.answer, "/code")
    }

    pub fn version(&self) -> &Value {
        self.answer.get("version").unwrap_or(&Value::Null)
    }

    /// Bodies that the company has to have.
    pub fn bodies(&self) -> Vec<String> {
        list(&self.answer, "/bodies").iter().filter_map(code).collect()
    }

    /// Lists of people or units, by key.
    pub fn lists(&self, kind: Kind) -> BTreeSet<String> {
        let told = list(&self.answer, if kind == Kind::Person { "/lists/people" } else { "/lists/units" });
        told.iter().filter_map(|one| code(one).or_else(|| Some(text(one, "/key").to_owned()))).collect()
    }

    fn categories(&self, kind: Kind) -> Vec<String> {
        let at = if kind == Kind::Person { "/people_categories" } else { "/unit_categories" };
        list(&self.answer, at).iter().filter_map(code).collect()
    }

    /// Whether the scheme has categories of these subjects.
    pub fn has_categories(&self, kind: Kind) -> bool {
        !self.categories(kind).is_empty()
    }

    /// Whether the scheme knows the category of somebody, so that there is a sheet for them. Only one need not be given.
    pub fn knows(&self, kind: Kind, category: Option<&str>) -> bool {
        let known = self.categories(kind);
        match category {
            Some(category) => known.iter().any(|one| one == category),
            None => known.len() < 2,
        }
    }

    /// The cadence of an earlier period: the cycle's own of that form, else the unnamed one.
    pub fn cadence_of(&self, period: &str, own: Option<&str>) -> Option<String> {
        let wanted = form(period)?;
        let fits = |one: &&Value| text(one, "/form") == wanted;
        let cadences = list(&self.answer, "/cadences");
        let of_own = cadences.iter().filter(fits).find(|one| Some(text(one, "/code")) == own);
        let unnamed = || cadences.iter().filter(fits).find(|one| one.get("named") != Some(&Value::Bool(true)));
        of_own.or_else(unnamed).map(|one| text(one, "/code").to_owned())
    }

    /// Whether the scheme has a stage that does this, in this cadence.
    pub fn does(&self, what: &str, cadence: Option<&str>) -> bool {
        let of_cadence = |stage: &&toml::Table| {
            let named = stage.get("cadences").and_then(toml::Value::as_array);
            let holds = |all: &Vec<toml::Value>| all.iter().any(|one| one.as_str() == cadence);
            named.is_none_or(holds)
        };
        let stages = self.source.get("stages").and_then(toml::Value::as_array).into_iter().flatten();
        let mut stages = stages.filter_map(toml::Value::as_table).filter(of_cadence);
        stages.any(|stage| stage.get("does").and_then(toml::Value::as_str) == Some(what))
    }

    pub fn has_units(&self) -> bool {
        self.source.contains_key("units")
    }

    /// Whether a unit's head, or who leads beside the head, is of use here.
    pub fn takes(&self, office: &str) -> bool {
        let Some(head) = self.source.get("units").and_then(|units| units.get("head")) else { return false };
        office == "head" || head.get("co_head").and_then(toml::Value::as_bool) == Some(true)
    }

    fn table(&self, kind: &str, of: &str) -> impl Iterator<Item = &toml::Table> {
        let found = self.source.get(kind).and_then(|table| table.get(of)).and_then(toml::Value::as_array);
        found.into_iter().flatten().filter_map(toml::Value::as_table)
    }

    /// Facts of people that are read from what was paid: finance gives them.
    pub fn paid_facts(&self) -> BTreeSet<String> {
        self.derived("paid")
    }

    /// Facts of people that say that they declined to rate, with the column.
    pub fn declined(&self) -> BTreeMap<String, String> {
        let facts = self.table("people", "facts");
        let declined = facts.filter_map(|fact| {
            let column = fact.get("derived")?.get("declined")?.as_str()?;
            Some((fact.get("name")?.as_str()?.to_owned(), column.to_owned()))
        });
        declined.collect()
    }

    fn derived(&self, how: &str) -> BTreeSet<String> {
        let facts =
            self.table("people", "facts").filter(|fact| fact.get("derived").is_some_and(|d| d.get(how).is_some()));
        facts.filter_map(|fact| Some(fact.get("name")?.as_str()?.to_owned())).collect()
    }

    /// Facts of people that decide who is appraised: the organisation knows them when a cycle is opened.
    pub fn deciding_facts(&self) -> BTreeSet<String> {
        let rules = self.table("people", "exclusions").filter_map(|one| one.get("when")?.as_str());
        let names = rules.flat_map(|rule| rule.split("fact.").skip(1));
        let name = |rest: &str| rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
        names.map(name).collect()
    }

    /// Who gives a fact, as the scheme writes it, and what several givers' numbers come to.
    pub fn giving(&self, kind: &str, fact: &str) -> (Vec<Value>, Option<String>) {
        let found = self.table(kind, "facts").find(|one| one.get("name").and_then(toml::Value::as_str) == Some(fact));
        let by = found.and_then(|fact| fact.get("by")).and_then(|by| serde_json::to_value(by).ok());
        let combine = found.and_then(|fact| fact.get("combine")?.as_str().map(str::to_owned));
        (by.and_then(|by| by.as_array().cloned()).unwrap_or_default(), combine)
    }

    /// Lists whose rows are agreed before the work, and whether there has to be one.
    pub fn agreed_lists(&self) -> BTreeMap<String, bool> {
        let lists = self.table("people", "lists").filter(|one| one.contains_key("rows"));
        let required = |one: &toml::Table| one.get("required").and_then(toml::Value::as_bool) == Some(true);
        lists.filter_map(|one| Some((one.get("key")?.as_str()?.to_owned(), required(one)))).collect()
    }
}

fn code(one: &Value) -> Option<String> {
    one.as_str().map(str::to_owned).or_else(|| one.get("code")?.as_str().map(str::to_owned))
}
