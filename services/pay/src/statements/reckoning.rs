//! From published results and pay profiles to money: the engine's pay phase, asked with the cycle's own scheme.

use std::collections::HashMap;

use domain::Locale;
use domain::events::{PublishedResult, ResultUnit, Values};
use platform::{Problem, Result};
use serde_json::Value;

use super::rules::Reckoned;
use crate::cycles::Cycle;
use crate::held::{Held, Reason};

/// Whose pay has to be reckoned together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pool {
    /// Nobody's depends on anybody else's.
    None,
    /// A unit's people share something.
    Unit,
    /// People of several units share something.
    Company,
}

/// Published results that are reckoned together.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Published {
    pub company_carried: Values,
    pub units: Vec<PublishedUnit>,
}

#[derive(Clone, Debug, PartialEq)]
pub struct PublishedUnit {
    pub unit: ResultUnit,
    pub results: Vec<PublishedResult>,
}

impl Published {
    pub fn results(&self) -> impl Iterator<Item = &PublishedResult> {
        self.units.iter().flat_map(|unit| &unit.results)
    }

    /// Whether a held result was published with the same figures of the company and of its unit.
    pub fn fits(&self, held: &Held) -> bool {
        self.company_carried == held.company_carried
            && self.units.iter().all(|unit| unit.unit.code != held.unit.code || unit.unit == held.unit)
    }

    /// Adds a held result.
    pub fn add(&mut self, held: Held) {
        self.company_carried = held.company_carried;
        match self.units.iter_mut().find(|unit| unit.unit.code == held.unit.code) {
            Some(unit) => unit.results.push(held.result),
            None => self.units.push(PublishedUnit { unit: held.unit, results: vec![held.result] }),
        }
    }
}

/// A result whose pay cannot be reckoned.
#[derive(Clone, Debug, PartialEq)]
pub struct Withheld {
    pub held: Held,
    pub reason: Reason,
}

/// What came of a reckoning.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reckoning {
    pub reckoned: Vec<Reckoned>,
    pub withheld: Vec<Withheld>,
}

pub fn pool(_cycle: &Cycle) -> Result<Pool> {
    Ok(Pool::None)
}
pub fn reckon(_cycle: &Cycle, _published: Published, _profiles: &HashMap<String, Values>) -> Result<Reckoning> {
    Err(Problem::internal("stub"))
}
pub fn render(_cycle: &Cycle, _stored: &str, _locale: Locale) -> Result<(String, Value)> {
    Err(Problem::internal("stub"))
}
