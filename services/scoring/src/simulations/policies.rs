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
use crate::engine::form::Form;
use crate::subjects::subject::Kind;
use domain::case::PastResult;
use rust_decimal::Decimal;
use std::collections::BTreeMap;

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
        piece.know(&self.scheme);
        if self.foreign {
            let has_units = self.scheme.plain().has_units();
            for unit in &mut piece.units {
                let inputs = &mut unit.inputs;
                let form = self.scheme.form(domain::Kind::Units, inputs.category.as_deref());
                fit(form, &mut inputs.items, &mut inputs.lists, &mut inputs.weights);
                inputs.history.retain(|past| self.knows(past));
                inputs.score = inputs.score.filter(|_| self.scheme.takes_unit_scores());
            }
            for person in &mut piece.people {
                let inputs = &mut person.inputs;
                let form = self.scheme.form(domain::Kind::People, inputs.category.as_deref());
                fit(form, &mut inputs.items, &mut inputs.lists, &mut inputs.weights);
                if let Some(history) = &mut inputs.history {
                    history.retain(|past| self.knows(past));
                }
                inputs.unit = inputs.unit.take().filter(|_| has_units);
            }
            piece.units.retain(|_| has_units);
        }
        piece
    }

    /// Whether the scheme has the grade of an earlier result.
    fn knows(&self, past: &PastResult) -> bool {
        past.grade.as_ref().is_none_or(|grade| self.scheme.grades().contains(grade))
    }

    /// Whether it pays anything.
    pub fn pays(&self) -> bool {
        !pay_components(self.scheme.plain(), self.scheme.cadence()).is_empty()
    }

    /// Complaints that leave nobody to compute, where the request may have caused them.
    pub fn refused(&self, faults: Vec<Fault>) -> Problem {
        let located = |fault: Fault| match fault.kind {
            Kind::Person | Kind::Unit => {
                let (who, pointer, detail) = (fault.subject, fault.error.pointer, fault.error.detail);
                self.in_scheme(say!("{who} {pointer}：{detail}", "{who} {pointer}: {detail}"; detail))
            }
            Kind::Company if fault.error.pointer.starts_with("/parameters") => {
                FieldError::new(format!("{}{}", self.at, fault.error.pointer), fault.error.detail)
            }
            Kind::Company => {
                let (pointer, detail) = (fault.error.pointer, fault.error.detail);
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

type Items = BTreeMap<String, BTreeMap<String, Value>>;
type Lists = BTreeMap<String, Vec<BTreeMap<String, Value>>>;

/// Leaves what a form has a place for; weights that are not of just its items are not for it.
fn fit(form: &Form, items: &mut Items, lists: &mut Lists, weights: &mut Option<BTreeMap<String, Decimal>>) {
    items.retain(|code, values| {
        let Some(item) = form.item(code) else { return false };
        let knows = |name: &str| item.inputs.iter().any(|input| input.name == name);
        let rows = values.remove("rows").filter(|_| item.rows.is_some());
        values.retain(|name, _| knows(name));
        if let Some(mut rows) = rows {
            for row in rows.as_array_mut().into_iter().flatten().filter_map(Value::as_object_mut) {
                row.retain(|name, _| name == "weight" || knows(name));
            }
            values.insert("rows".to_owned(), rows);
        }
        !values.is_empty()
    });
    lists.retain(|key, _| form.list(key).is_some());
    for (key, rows) in lists.iter_mut() {
        let columns = form.list(key).map_or(&[][..], |list| &list.columns);
        rows.iter_mut().for_each(|row| row.retain(|name, _| columns.iter().any(|column| column.name == *name)));
    }
    let fits = |weights: &BTreeMap<String, Decimal>| {
        weights.len() == form.items().len() && form.items().iter().all(|item| weights.contains_key(&item.code))
    };
    *weights = weights.take().filter(fits);
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
