//! The schemes of cycles, read once each: a cycle's scheme never changes.

use std::collections::BTreeMap;
use std::sync::Arc;

use basics::Label;
use domain::Kind;
use domain::scheme::{PoolScope, Scheme};
use platform::openapi::LabelView;
use platform::shelf::Shelf;
use platform::{Problem, Result, aside};

use super::Cycle;

/// By cadence and text.
static READ: Shelf<Read> = Shelf::holding(16);

/// A scheme, and whose pay it makes depend on whose.
pub struct Read {
    pub scheme: Arc<Scheme>,
    pub pool: PoolScope,
    /// What the facts are called that only pay knows, by name.
    facts: BTreeMap<String, Label>,
}

/// How a fact that only pay knows is named among what somebody's pay lacks.
pub const FACT: &str = "fact.";

/// What the facts of people are called that only pay knows, by name.
pub fn paid_facts(scheme: &Scheme, cadence: &str) -> BTreeMap<String, Label> {
    let facts = scheme.facts(Kind::People, cadence, None).into_iter();
    let paid = facts.filter(|fact| fact.derived.as_ref().is_some_and(|derived| derived.is_paid()));
    paid.map(|fact| (fact.name, fact.label)).collect()
}

impl Read {
    pub fn label(&self) -> LabelView {
        self.scheme.label().clone().into()
    }

    /// Whether somebody approves what is paid before it is issued.
    pub fn approved(&self) -> bool {
        !self.scheme.pay_approval().is_empty()
    }

    pub fn grade_label(&self, code: &str) -> Option<LabelView> {
        self.scheme.grade_label(code).cloned().map(LabelView::from)
    }

    /// What some components are called, by code.
    pub fn component_labels<'c>(&self, codes: impl Iterator<Item = &'c String>) -> BTreeMap<String, LabelView> {
        codes.filter_map(|code| Some((code.clone(), self.scheme.component_label(code)?.clone().into()))).collect()
    }

    /// What a fact is called that only pay knows.
    pub fn fact_label(&self, name: &str) -> Option<LabelView> {
        self.facts.get(name).cloned().map(LabelView::from)
    }

    /// What some pay inputs and facts (`fact.NAME`) are called, in their order.
    pub fn input_labels(&self, names: &[String]) -> Vec<LabelView> {
        let known = |name: &str| match name.strip_prefix(FACT) {
            Some(fact) => self.facts.get(fact),
            None => self.scheme.pay_label(name),
        };
        let label = |name: &String| known(name).cloned().unwrap_or_else(|| Label::new(name, name));
        names.iter().map(|name| label(name).into()).collect()
    }
}

/// The scheme that a cycle was opened with.
pub fn of(cycle: &Cycle) -> Result<Arc<Read>> {
    let (source, cadence) = (cycle.scheme_source.as_str(), cycle.cadence.as_str());
    READ.get(&[cadence, source], || {
        let scheme = read(source)?;
        Ok(Read { pool: scheme.pool(cadence), facts: paid_facts(&scheme, cadence), scheme: Arc::new(scheme) })
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

/// Reads a scheme that planning has accepted.
pub fn read(source: &str) -> Result<Scheme> {
    Scheme::in_use(source).map_err(|problems| {
        let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
        Problem::internal(format!("the scheme of a cycle cannot be read: {}", told.join("; ")))
    })
}
