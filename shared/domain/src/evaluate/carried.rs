//! What the pay phase needs of the results phase, as texts by name.

use std::collections::{BTreeMap, BTreeSet};

use super::Evaluation;
use crate::expression::{Node, Rel};
use crate::scheme::Scheme;
use crate::scheme::plan::{Plan, Reference, Setting, references};
use crate::value::{Kind, Value};

type Carried = BTreeMap<String, String>;

/// Everything without pay inputs that something with pay inputs reads.
#[derive(Default)]
pub(super) struct Needed {
    slots: BTreeSet<(Kind, u16)>,
    figures: BTreeSet<u16>,
    parameters: BTreeSet<u16>,
}

impl Evaluation<'_> {
    /// What pay stands on, of one person: figures and facts by name, and `excluded`.
    pub fn carried(&self, number: &str) -> Carried {
        self.row(Kind::People, number).map(|row| self.carried_at(Kind::People, row, self.needed())).unwrap_or_default()
    }

    /// As [`Self::carried`], for everybody at once, in the order of the case.
    pub fn carried_people(&self) -> Vec<(String, Carried)> {
        let needed = self.needed();
        let people = self.case.of(Kind::People);
        (0..people.len()).map(|row| (people.id(row).to_owned(), self.carried_at(Kind::People, row, needed))).collect()
    }

    pub fn carried_unit(&self, code: &str) -> Carried {
        self.row(Kind::Units, code).map(|row| self.carried_at(Kind::Units, row, self.needed())).unwrap_or_default()
    }

    /// The company's facts and figures, and the parameters (`param.name`, `param.name.key`) that pay stands on.
    pub fn carried_company(&self) -> Carried {
        let needed = self.needed();
        let mut carried = self.carried_at(Kind::Company, 0, needed);
        for parameter in &needed.parameters {
            let name =
                self.scheme.parameters.get(usize::from(*parameter)).map(|parameter| (&parameter.name, parameter.fixed));
            let Some((name, false)) = name else { continue };
            match self.case.settings.get(usize::from(*parameter)) {
                Some(Some(Setting::Number(number))) => {
                    carried.insert(format!("param.{name}"), number.to_string());
                }
                Some(Some(Setting::Table(entries))) => {
                    for (key, number) in entries {
                        carried.insert(format!("param.{name}.{}", self.scheme.symbols.text(*key)), number.to_string());
                    }
                }
                _ => {}
            }
        }
        carried
    }

    fn carried_at(&self, kind: Kind, row: usize, needed: &Needed) -> Carried {
        let mut carried = Carried::new();
        if kind == Kind::People
            && let Some(Some(exclusion)) = self.excluded.get(row)
        {
            let code = self.plan.exclusions.get(usize::from(*exclusion)).map(|exclusion| exclusion.code.clone());
            carried.insert("excluded".to_owned(), code.unwrap_or_default());
            return carried;
        }
        for (of, slot) in needed.slots.iter().filter(|(of, _)| *of == kind) {
            let path = self.plan.layouts[of.index()].slots.get(usize::from(*slot)).map_or("", |slot| &slot.path);
            self.carry(&mut carried, path, self.case.of(kind).slot(row, *slot));
        }
        for figure in &needed.figures {
            let declared = self.plan.figures.get(usize::from(*figure)).filter(|figure| figure.kind == kind);
            if let Some(declared) = declared {
                self.carry(&mut carried, &declared.name, self.cell(*figure, row));
            }
        }
        carried
    }

    fn carry(&self, carried: &mut Carried, name: &str, value: Value) {
        let text = match value {
            Value::Number(number) => number.to_string(),
            Value::Flag(flag) => flag.to_string(),
            Value::Text(text) => self.scheme.symbols.text(text).to_string(),
            Value::Day(day) => day.to_string(),
            Value::Absent | Value::List { .. } | Value::Failed(_) => return,
        };
        carried.insert(name.to_owned(), text);
    }

    fn needed(&self) -> &Needed {
        self.needed.get_or_init(|| Needed::of(self.plan))
    }
}

impl Scheme {
    /// Whether pay stands on anything of the company, so that results carry it.
    pub fn carries_of_company(&self, cadence: &str) -> bool {
        let plan = self.cadence_index(cadence).and_then(|at| self.plan(at));
        plan.is_some_and(|plan| Needed::of(plan).has_of_company(self, plan))
    }
}

impl Needed {
    fn of(plan: &Plan) -> Self {
        let mut needed = Self::default();
        for figure in plan.figures.iter().filter(|figure| figure.pay_dependent) {
            for body in figure.bodies.iter().flatten() {
                body.own_nodes().into_iter().for_each(|node| needed.need(plan, figure.kind, node));
                if let Some((of, nodes)) = body.gathered_nodes() {
                    nodes.into_iter().for_each(|node| needed.need(plan, of, node));
                }
            }
        }
        for rule in plan.rules.iter().filter(|rule| rule.pay_dependent) {
            rule.when.iter().flatten().for_each(|node| needed.need(plan, rule.kind, node));
        }
        for check in plan.checks.iter().filter(|check| check.pay_dependent) {
            let nodes = check.needs.iter().flatten().chain(check.must.iter().flatten());
            nodes.for_each(|node| needed.need(plan, check.kind, node));
        }
        needed
    }

    fn need(&mut self, plan: &Plan, kind: Kind, node: &Node) {
        for reference in references(node) {
            match reference {
                Reference::Slot(rel, slot) => {
                    let kind = Rel::target(rel, kind);
                    let layout = &plan.layouts[kind.index()];
                    if layout.slots.get(usize::from(slot)).is_some_and(|slot| !slot.pay) {
                        self.slots.insert((kind, slot));
                    }
                }
                Reference::Figure(_, figure) => {
                    if plan.figures.get(usize::from(figure)).is_some_and(|figure| !figure.pay_dependent) {
                        self.figures.insert(figure);
                    }
                }
                Reference::Parameter(parameter) => {
                    self.parameters.insert(parameter);
                }
                Reference::Results => {}
            }
        }
    }

    fn has_of_company(&self, scheme: &Scheme, plan: &Plan) -> bool {
        let of_company = |figure: &u16| plan.figures.get(usize::from(*figure)).is_some_and(|f| f.kind == Kind::Company);
        let settable = |at: &u16| scheme.parameters.get(usize::from(*at)).is_some_and(|parameter| !parameter.fixed);
        self.slots.iter().any(|(kind, _)| *kind == Kind::Company)
            || self.figures.iter().any(of_company)
            || self.parameters.iter().any(settable)
    }
}
