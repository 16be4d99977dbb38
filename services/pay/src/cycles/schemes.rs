//! The schemes of cycles, read once each: a cycle's scheme never changes.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::Label;
use domain::scheme::Scheme;
use domain::scheme::source::{Source, Within};
use platform::openapi::LabelView;
use platform::shelf::Shelf;
use platform::{Problem, Result, aside};

use super::Cycle;

/// By cadence and text.
static READ: Shelf<Read> = Shelf::holding(16);

/// A scheme, and whose pay it makes depend on whose.
pub struct Read {
    pub scheme: Arc<Scheme>,
    pub pool: Pool,
    pub labels: Labels,
}

/// What a scheme calls itself, its grades, its pay components and its pay inputs, by code.
pub struct Labels {
    scheme: Label,
    grades: BTreeMap<String, Label>,
    components: BTreeMap<String, Label>,
    inputs: BTreeMap<String, Label>,
}

impl Labels {
    fn of(source: &Source) -> Self {
        let paid = source.people.figures.iter().filter(|figure| figure.pay);
        Self {
            scheme: source.name.clone(),
            inputs: source.people.pay.iter().map(|input| (input.name.clone(), input.label.clone())).collect(),
            grades: source.grades.iter().map(|grade| (grade.code.clone(), grade.label.clone())).collect(),
            components: paid.map(|figure| (figure.name.clone(), figure.label.clone())).collect(),
        }
    }

    pub fn scheme(&self) -> LabelView {
        self.scheme.clone().into()
    }

    /// Those of some pay inputs, in their order.
    pub fn inputs(&self, names: &[String]) -> Vec<LabelView> {
        let label = |name: &String| self.inputs.get(name).cloned().unwrap_or_else(|| Label::new(name, name));
        names.iter().map(|name| label(name).into()).collect()
    }

    pub fn grade(&self, code: &str) -> Option<LabelView> {
        self.grades.get(code).cloned().map(LabelView::from)
    }

    /// Those of some components.
    pub fn components<'c>(&self, codes: impl Iterator<Item = &'c String>) -> BTreeMap<String, LabelView> {
        codes.filter_map(|code| Some((code.clone(), self.components.get(code)?.clone().into()))).collect()
    }
}

/// Whose pay has to be reckoned together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pool {
    /// Nobody's depends on anybody else's.
    None,
    /// A unit's people share a sum.
    Unit,
    /// People of several units share a sum.
    Company,
}

/// The scheme that a cycle was opened with.
pub fn of(cycle: &Cycle) -> Result<Arc<Read>> {
    let (source, cadence) = (cycle.scheme_source.as_str(), cycle.cadence.as_str());
    READ.get(&[cadence, source], || {
        let parsed: Source = toml::from_str(source).map_err(Problem::internal)?;
        let (pool, labels) = (pool(&parsed, cadence), Labels::of(&parsed));
        Ok(Read { pool, labels, scheme: Arc::new(read(source)?) })
    })
}

/// The schemes of some cycles.
pub async fn of_each(cycles: Vec<Cycle>) -> Result<Vec<Arc<Scheme>>> {
    aside::in_turn(move || cycles.iter().map(|cycle| of(cycle).map(|read| read.scheme.clone())).collect()).await
}

/// Reads the scheme of a cycle aside, unless it was read lately, so that [`of`] need not. What is wrong with it is told
/// there.
pub async fn prepare(cycle: &Cycle) {
    if !READ.holds(&[&cycle.cadence, &cycle.scheme_source]) {
        let cycle = cycle.clone();
        drop(aside::in_turn(move || of(&cycle)).await);
    }
}

/// Sums that people share make their pay depend on one another.
fn pool(source: &Source, cadence: &str) -> Pool {
    let figures = source.people.figures.iter();
    let here = figures.filter(|figure| figure.cadences.is_empty() || figure.cadences.iter().any(|one| one == cadence));
    let shared: Vec<Within> = here.filter_map(|figure| figure.split.as_ref()).map(|split| split.within).collect();
    match shared.as_slice() {
        [] => Pool::None,
        shared if shared.iter().all(|within| *within == Within::Unit) => Pool::Unit,
        _ => Pool::Company,
    }
}

/// Reads a scheme that planning has accepted.
pub fn read(source: &str) -> Result<Scheme> {
    Scheme::in_use(source).map_err(|problems| {
        let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
        Problem::internal(format!("the scheme of a cycle cannot be read: {}", told.join("; ")))
    })
}
