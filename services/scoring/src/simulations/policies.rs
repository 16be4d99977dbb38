//! The policies of a simulation: the cycle's own, or a text that is tried.

use domain::period::Period;
use domain::scheme;
use domain::tools::pay_components;
use platform::{FieldError, Message, Problem, Result, say};
use serde_json::{Value, json};

use super::simulation::{NewSimulation, OtherPolicy, Shown};
use crate::cycles::cycle::Cycle;
use crate::engine::Scheme;
use crate::engine::computing::{Fault, Piece};

/// A policy for the period of the cycle.
#[derive(Clone)]
pub struct Policy {
    pub scheme: Scheme,
    /// The cycle as it would be under this policy.
    pub cycle: Cycle,
    /// The scheme is not the one that the sheets were made for.
    foreign: bool,
    /// Where it stands in the request.
    at: &'static str,
}

/// What is tried, and what it is compared with.
pub struct Policies {
    pub tried: Policy,
    pub against: Option<Policy>,
    /// Whether the pay service is asked.
    pub cost: bool,
}

impl Policies {
    /// The policies that a request names, or everything that is wrong with them.
    pub fn read(cycle: &Cycle, asked: &NewSimulation) -> Result<Self> {
        if asked.people == Shown::Moved && asked.against.is_none() {
            return Err(Problem::field(
                "/people",
                say!("没有用于比较的方案 `against`，就没有变动", "nobody moves without a policy to compare `against`"),
            ));
        }
        let cadence = asked.cadence.as_deref();
        let tried = Policy::read(cycle, asked.scheme.as_deref(), asked.parameters.as_ref(), cadence, "");
        let against = asked.against.as_ref().map(|OtherPolicy { scheme, parameters }| {
            Policy::read(cycle, scheme.as_deref(), parameters.as_ref(), None, "/against")
        });
        let (tried, against) = both(tried, against)?;
        let policies = Self { tried, against, cost: asked.cost };
        if asked.unit.is_some() && policies.is_company_wide() {
            let why = say!(
                "方案跨部门排名或分摊总额：不能只计算单个部门",
                "the scheme ranks across units, or they share a sum: no unit can be computed alone"
            );
            return Err(Problem::field("/unit", why));
        }
        Ok(policies)
    }

    fn all(&self) -> impl Iterator<Item = &Policy> {
        std::iter::once(&self.tried).chain(&self.against)
    }

    /// Ranks or sums go across units, so that the whole company is computed, and paid, together.
    pub fn is_company_wide(&self) -> bool {
        self.all().any(|policy| policy.scheme.is_company_wide())
    }
}

/// Both policies, or what is wrong with either of them.
fn both(tried: Result<Policy>, against: Option<Result<Policy>>) -> Result<(Policy, Option<Policy>)> {
    match (tried, against) {
        (Ok(tried), None) => Ok((tried, None)),
        (Ok(tried), Some(Ok(against))) => Ok((tried, Some(against))),
        (Err(one), Some(Err(other))) if !one.errors.is_empty() && !other.errors.is_empty() => {
            Err(Problem::invalid(one.errors.into_iter().chain(other.errors).collect()))
        }
        (Err(problem), _) | (_, Some(Err(problem))) => Err(problem),
    }
}

impl Policy {
    fn read(
        cycle: &Cycle,
        source: Option<&str>,
        parameters: Option<&Value>,
        cadence: Option<&str>,
        at: &'static str,
    ) -> Result<Self> {
        let (scheme, code) = match source {
            Some(source) => {
                let parsed = parsed(source, &format!("{at}/scheme"))?;
                let code = cadence_of(&parsed, cycle, cadence, at)?;
                (Scheme::with_forms(parsed, &code), code)
            }
            None => {
                let code = cadence_of(cycle.scheme()?.plain(), cycle, cadence, at)?;
                (Scheme::of(&cycle.scheme_source, &code)?, code)
            }
        };
        let usual = if source.is_none() { cycle.parameters.clone() } else { json!({}) };
        let parameters = parameters.cloned().unwrap_or(usual);
        let foreign = source.is_some() || code != cycle.cadence;
        Ok(Self { scheme, cycle: cycle.under(code, parameters), foreign, at })
    }

    /// A piece of the cycle as this policy can read it.
    pub fn fitted(&self, mut piece: Piece) -> Piece {
        if self.foreign {
            piece.people = piece.people.into_iter().map(|sheet| self.scheme.fitted(sheet)).collect();
        }
        piece
    }

    /// Whether it pays anything.
    pub fn pays(&self) -> bool {
        !pay_components(self.scheme.plain(), self.scheme.cadence()).is_empty()
    }

    /// Complaints that leave nobody to compute, where the request may have caused them.
    pub fn refused(&self, faults: Vec<Fault>) -> Problem {
        let located = |fault: Fault| match fault.number.or(fault.unit) {
            Some(who) => {
                let (pointer, detail) = (fault.pointer, fault.detail);
                self.in_scheme(say!("{who} {pointer}：{detail}", "{who} {pointer}: {detail}"; detail))
            }
            None if fault.pointer.starts_with("/parameters") => {
                FieldError::new(format!("{}{}", self.at, fault.pointer), fault.detail)
            }
            None => {
                let (pointer, detail) = (fault.pointer, fault.detail);
                self.in_scheme(say!("{pointer}：{detail}", "{pointer}: {detail}"; detail))
            }
        };
        Problem::invalid(faults.into_iter().map(located).collect())
    }

    fn in_scheme(&self, detail: Message) -> FieldError {
        FieldError::new(format!("{}/scheme", self.at), detail)
    }

    /// What the pay service refused, where it stands in this request.
    pub fn located(&self, problem: Problem) -> Problem {
        let errors = problem.errors.into_iter();
        let errors = errors.map(|error| FieldError::new(format!("{}{}", self.at, error.pointer), error.detail));
        Problem { errors: errors.collect(), ..problem }
    }
}

fn parsed(source: &str, pointer: &str) -> Result<scheme::Scheme> {
    Problem::check_scheme_length(pointer, source)?;
    scheme::Scheme::parse(source)
        .map_err(|faults| Problem::faults(pointer, faults.iter().map(scheme::SchemeProblem::told)))
}

/// The cadence that is named; else the cycle's, where the scheme has it; else the one of the period's form.
fn cadence_of(scheme: &scheme::Scheme, cycle: &Cycle, named: Option<&str>, at: &str) -> Result<String> {
    let period: Period = cycle.period.parse().map_err(Problem::internal)?;
    let (found, pointer) = match named {
        Some(_) => (scheme.cadence_for(&period, named), "/cadence".to_owned()),
        None => {
            let usual = scheme.cadence_for(&period, Some(&cycle.cadence));
            (usual.or_else(|_| scheme.cadence_for(&period, None)), format!("{at}/scheme"))
        }
    };
    let located = |invalid: domain::Invalid| {
        Problem::invalid(invalid.errors.into_iter().map(|error| FieldError::new(&pointer, error.detail)).collect())
    };
    found.map(|cadence| cadence.code.clone()).map_err(located)
}
