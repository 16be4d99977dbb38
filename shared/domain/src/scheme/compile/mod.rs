//! From the written scheme to a plan for each cadence; every problem found is told with its place.

mod figures;
mod layout;
mod rules;

use std::collections::HashMap;

use super::plan::{Exclusion, Parameter, Plan, Reference, references};
use super::source::{Expr, Source, SubjectSource};
use crate::expression::typing::{Scope, TOLD};
use crate::expression::{Ast, Base, Node, Type, parse};
use crate::value::{Kind, Symbols};

/// Something wrong with a scheme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Problem {
    /// Byte offset in the file.
    pub at: Option<usize>,
    pub message: String,
}

pub(crate) struct Compiler<'s> {
    pub source: &'s Source,
    pub symbols: &'s mut Symbols,
    pub parameters: &'s [Parameter],
    /// Index of the cadence being compiled.
    pub cadence: usize,
    pub plan: Plan,
    figures: HashMap<(Kind, String), State>,
    asts: &'s mut HashMap<String, Ast>,
    pub problems: &'s mut Vec<Problem>,
}

#[derive(Clone, Copy, Debug)]
enum State {
    Underway,
    Done(u16),
    Broken,
}

pub(crate) fn compile<'s>(
    source: &'s Source,
    cadence: usize,
    symbols: &'s mut Symbols,
    parameters: &'s [Parameter],
    asts: &'s mut HashMap<String, Ast>,
    problems: &'s mut Vec<Problem>,
) -> Plan {
    let figures = HashMap::new();
    let mut compiler =
        Compiler { source, symbols, parameters, cadence, plan: Plan::default(), figures, asts, problems };
    compiler.lay_out();
    compiler.exclusions();
    compiler.all_figures();
    compiler.rules();
    compiler.guides();
    compiler.checks();
    compiler.look_at_history();
    compiler.note_needed_items();
    compiler.plan
}

impl Source {
    pub(crate) fn subject(&self, kind: Kind) -> Option<&SubjectSource> {
        match kind {
            Kind::Company => Some(&self.company),
            Kind::Units => self.units.as_ref(),
            Kind::People => Some(&self.people),
        }
    }

    /// How many categories a kind has; one nameless where it declares none.
    pub(crate) fn category_count(&self, kind: Kind) -> usize {
        self.subject(kind).map_or(1, |subject| subject.categories.len().max(1))
    }

    pub(crate) fn category_code(&self, kind: Kind, at: usize) -> &str {
        self.subject(kind).and_then(|subject| subject.categories.get(at)).map_or("", |category| &category.code)
    }
}

impl<'s> Compiler<'s> {
    pub fn problem(&mut self, at: Option<usize>, message: impl Into<String>) {
        let problem = Problem { at, message: message.into() };
        if !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }

    pub(super) fn cadence_code(&self) -> &'s str {
        self.source.cadences.get(self.cadence).map_or("", |cadence| &cadence.code)
    }

    pub(super) fn in_cadence(&self, cadences: &[String]) -> bool {
        cadences.is_empty() || cadences.iter().any(|code| code == self.cadence_code())
    }

    pub(super) fn for_category(&self, kind: Kind, categories: &[String], at: usize) -> bool {
        categories.is_empty() || categories.iter().any(|code| code == self.source.category_code(kind, at))
    }

    pub fn parameter(&self, name: &str) -> Option<u16> {
        self.parameters.iter().position(|parameter| parameter.name == name).and_then(|at| u16::try_from(at).ok())
    }

    /// Gives an expression names and types; a problem is told at its place.
    pub(super) fn expression(&mut self, expr: &Expr, scope: &Scope, wanted: &[Base]) -> Option<(Node, Type)> {
        let ast = match self.asts.get(&expr.text) {
            Some(ast) => ast.clone(),
            None => match parse(&expr.text) {
                Ok(ast) => {
                    self.asts.insert(expr.text.clone(), ast.clone());
                    ast
                }
                Err(message) => {
                    self.problem(Some(expr.at), format!("{}: {message}", expr.text));
                    return None;
                }
            },
        };
        match self.typed(&ast, scope) {
            Ok((node, ty)) if wanted.is_empty() || wanted.contains(&ty.base) => Some((node, ty)),
            Ok((_, ty)) => {
                self.problem(Some(expr.at), format!("{}: {} is not what is wanted here", expr.text, ty.describe()));
                None
            }
            Err(message) => {
                if message != TOLD {
                    self.problem(Some(expr.at), format!("{}: {message}", expr.text));
                }
                None
            }
        }
    }

    /// A number that is never absent.
    pub(super) fn number(&mut self, expr: &Expr, scope: &Scope) -> Option<Node> {
        let (node, ty) = self.expression(expr, scope, &[Base::Number])?;
        if ty.optional {
            self.problem(Some(expr.at), format!("{}: may be absent; say what then with ??", expr.text));
            return None;
        }
        Some(node)
    }

    pub(super) fn condition(&mut self, expr: &Expr, scope: &Scope) -> Option<Node> {
        self.expression(expr, scope, &[Base::Flag]).map(|(node, _)| node)
    }

    /// A condition for each category that it is for.
    pub(super) fn conditions(&mut self, kind: Kind, expr: &Expr, categories: &[String]) -> Vec<Option<Node>> {
        (0..self.source.category_count(kind))
            .map(|category| {
                let wanted = self.for_category(kind, categories, category);
                wanted.then(|| self.condition(expr, &Scope::of(kind, category))).flatten()
            })
            .collect()
    }

    pub(super) fn exclusions(&mut self) {
        for exclusion in &self.source.people.exclusions {
            if !self.in_cadence(&exclusion.cadences) {
                continue;
            }
            let when = self.conditions(Kind::People, &exclusion.when, &exclusion.categories);
            let uses_figures = when.iter().flatten().flat_map(references).any(|r| matches!(r, Reference::Figure(..)));
            if uses_figures {
                self.problem(Some(exclusion.when.at), "an exclusion is decided before any figure is computed");
            }
            self.symbols.intern(&exclusion.code);
            self.plan.exclusions.push(Exclusion { code: exclusion.code.clone(), when });
        }
    }
}
