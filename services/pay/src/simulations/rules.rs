//! A policy and people's figures as a request gives them, read into what a reckoning takes.

use std::collections::BTreeSet;
use std::sync::Arc;

use domain::period::Period;
use domain::scheme::{Scheme, SchemeProblem};
use events::{PublishedResult, ResultUnit};
use platform::shelf::Shelf;
use platform::web::Errors;
use platform::{FieldError, Problem, Result, say};

use super::simulation::{NewPaySimulation, SimulatedPerson, SimulatedUnit};
use crate::input::is_employee_number;
use crate::statements::reckoning::{Policy, Published, PublishedUnit};

/// A policy is tried batch by batch, each with the same text.
static READ: Shelf<Scheme> = Shelf::holding(8);

/// What is reckoned and by which policy, or what is wrong with the request. Reading a scheme takes a while.
pub fn read(mut asked: NewPaySimulation) -> Result<(Policy, Published)> {
    check(&asked)?;
    Ok((policy(&mut asked)?, published(asked)))
}

/// Everybody is somebody, once; what is carried of them is checked by the engine.
fn check(asked: &NewPaySimulation) -> Result<()> {
    let mut errors = Errors::default();
    let mut seen = BTreeSet::new();
    for (at, unit) in asked.units.iter().enumerate() {
        for (place, person) in unit.people.iter().enumerate() {
            if !is_employee_number(&person.number) {
                errors.add(
                    format!("/units/{at}/people/{place}/number"),
                    say!("这不是工号", "this is no employee number"),
                );
            } else if !seen.insert(&person.number) {
                errors.add(
                    format!("/units/{at}/people/{place}/number"),
                    say!("该员工重复出现", "this person is named twice"),
                );
            }
        }
    }
    errors.check()
}

/// The policy of a request, or everything that is wrong with it.
fn policy(asked: &mut NewPaySimulation) -> Result<Policy> {
    let scheme = scheme(&asked.scheme)?;
    let period: Period =
        asked.period.parse().map_err(|_| Problem::field("/period", say!("不是考核期间", "this is no period")))?;
    scheme.cadence_for(&period, Some(&asked.cadence)).map_err(|invalid| {
        let told = invalid.errors.iter().map(|error| FieldError::new(&error.pointer, error.detail.clone()));
        Problem::invalid(told.collect())
    })?;
    let (cadence, parameters) = (std::mem::take(&mut asked.cadence), std::mem::take(&mut asked.parameters));
    Ok(Policy { scheme, cadence, period, parameters })
}

fn scheme(source: &str) -> Result<Arc<Scheme>> {
    Problem::check_scheme_length("/scheme", source)?;
    READ.get(&[source], || {
        Scheme::in_use(source).map_err(|faults| Problem::faults("/scheme", faults.iter().map(SchemeProblem::told)))
    })
}

/// The figures of a request as if they had been published.
fn published(asked: NewPaySimulation) -> Published {
    Published { company_carried: asked.company_carried, units: asked.units.into_iter().map(unit).collect() }
}

fn unit(asked: SimulatedUnit) -> PublishedUnit {
    let unit = ResultUnit {
        name: asked.code.clone(),
        code: asked.code.into(),
        category: asked.category,
        carried: asked.carried,
        result: None,
    };
    PublishedUnit { unit, results: asked.people.into_iter().map(result).collect() }
}

fn result(asked: SimulatedPerson) -> PublishedResult {
    PublishedResult {
        name: String::new(),
        number: asked.number.into(),
        category: asked.category,
        version: 1,
        excluded: None,
        score: None,
        grade: None,
        coefficient: None,
        outcomes: Vec::new(),
        interview: Vec::new(),
        involved: Vec::new(),
        carried: asked.carried,
    }
}

/// Employee numbers, in the order of the request.
pub fn numbers(published: &Published) -> Vec<&str> {
    published.results().map(|result| result.number.as_str()).collect()
}
