//! From the written scheme to a plan for each cadence; every problem found is told with its place.

mod figures;
mod layout;
mod order;
mod reach;
mod rules;
mod typing;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::plan::{Exclusion, Parameter, Plan, Reference, references};
use super::problem::{Place, Problem};
use super::source::{Expr, Source, SubjectSource};
use crate::Message;
use crate::expression::{Ast, Base, Node, Type, Unreadable, parse};
use crate::nearest;
use crate::say;
use crate::value::{Kind, Symbols};
use typing::{Refused, Scope};

pub(crate) use reach::Reach;
pub(crate) use rules::bare;

/// What some cadence and category makes use of; the rest of what is written can never matter.
#[derive(Default)]
pub(crate) struct Usage {
    /// Bands by figure and row, rules and exclusions: whether they can apply at all, and where they stand.
    possible: BTreeMap<String, (Place, Message, bool)>,
    /// Outcomes that some rule can give.
    pub given: BTreeSet<String>,
    /// Parameters and tables that something reads.
    pub read: BTreeSet<u16>,
}

impl Usage {
    /// Notes whether something can happen here; once is enough.
    fn note(&mut self, key: String, at: impl Into<Place>, never: impl Into<Message>, possible: bool) {
        let entry = self.possible.entry(key).or_insert_with(|| (at.into(), never.into(), false));
        entry.2 |= possible;
    }

    /// What can happen in no cadence and no category.
    pub fn impossible(self) -> impl Iterator<Item = Problem> {
        let never = self.possible.into_values().filter(|(_, _, possible)| !possible);
        never.map(|(at, never, _)| Problem::new(at, never))
    }
}

pub(crate) struct Compiler<'s> {
    pub source: &'s Source,
    pub symbols: &'s mut Symbols,
    pub parameters: &'s [Parameter],
    /// What may go wrong is told, too, not only what cannot be computed at all.
    pub strict: bool,
    /// Index of the cadence being compiled.
    pub cadence: usize,
    pub plan: Plan,
    figures: HashMap<(Kind, String), State>,
    asts: &'s mut HashMap<String, Ast>,
    pub problems: &'s mut Vec<Problem>,
    pub usage: &'s mut Usage,
}

#[derive(Clone, Copy, Debug)]
enum State {
    Underway,
    Done(u16),
    Broken,
}

/// Where a compiler tells what it finds.
pub(crate) struct Told<'s> {
    pub strict: bool,
    pub problems: &'s mut Vec<Problem>,
    pub usage: &'s mut Usage,
}

pub(crate) fn compile<'s>(
    source: &'s Source,
    cadence: usize,
    symbols: &'s mut Symbols,
    parameters: &'s [Parameter],
    asts: &'s mut HashMap<String, Ast>,
    told: Told<'s>,
) -> Plan {
    let Told { strict, problems, usage } = told;
    let (figures, plan) = (HashMap::new(), Plan::default());
    let mut compiler = Compiler { source, symbols, parameters, strict, cadence, plan, figures, asts, problems, usage };
    compiler.lay_out();
    compiler.all_figures();
    compiler.exclusions();
    compiler.rules();
    compiler.guides();
    compiler.checks();
    compiler.look_at_history();
    compiler.note_parameters();
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

/// What is said of an expression, behind the expression.
pub(super) fn of(expr: &Expr, message: &Message) -> Message {
    let shown = expr.shown();
    say!("{shown}：{message}", "{shown}: {message}"; message)
}

/// More than this many problems nobody reads.
const MOST_PROBLEMS: usize = 1000;

/// A misspelt code has been told; to find what else is wrong, it is taken for the one that was probably meant.
fn stands_for<'n>(written: &str, code: &str, mut known: impl Iterator<Item = &'n str> + Clone) -> bool {
    written == code || (!known.clone().any(|one| one == written) && nearest(written, &mut known) == Some(code))
}

impl<'s> Compiler<'s> {
    pub fn problem(&mut self, at: impl Into<Place>, message: impl Into<Message>) {
        self.tell(Problem::new(at, message));
    }

    /// Tells of something that may go wrong, or that makes no sense, but keeps nothing from being computed.
    pub fn caution(&mut self, at: impl Into<Place>, message: impl Into<Message>) {
        if self.strict {
            self.problem(at, message);
        }
    }

    pub fn tell(&mut self, problem: Problem) {
        if self.problems.len() < MOST_PROBLEMS && !self.problems.contains(&problem) {
            self.problems.push(problem);
        }
    }

    pub fn cadence_code(&self) -> &'s str {
        self.source.cadences.get(self.cadence).map_or("", |cadence| &cadence.code)
    }

    pub fn in_cadence(&self, cadences: &[String]) -> bool {
        let known = || self.source.cadences.iter().map(|cadence| cadence.code.as_str());
        cadences.is_empty() || cadences.iter().any(|code| stands_for(code, self.cadence_code(), known()))
    }

    pub fn for_category(&self, kind: Kind, categories: &[String], at: usize) -> bool {
        let declared = self.source.subject(kind).map_or(&[][..], |subject| &subject.categories);
        let known = || declared.iter().map(|category| category.code.as_str());
        let here = self.source.category_code(kind, at);
        categories.is_empty() || categories.iter().any(|code| stands_for(code, here, known()))
    }

    pub fn parameter(&self, name: &str) -> Option<u16> {
        self.parameters.iter().position(|parameter| parameter.name == name).and_then(|at| u16::try_from(at).ok())
    }

    /// The tree of an expression; each text is parsed once.
    fn ast(&mut self, expr: &Expr) -> Result<Ast, Unreadable> {
        if let Some(ast) = self.asts.get(&expr.text) {
            return Ok(ast.clone());
        }
        let ast = parse(&expr.text)?;
        self.asts.insert(expr.text.clone(), ast.clone());
        Ok(ast)
    }

    /// Gives an expression names and types; a problem is told at its place.
    pub(super) fn expression(&mut self, expr: &Expr, scope: &Scope, wanted: &[Base]) -> Option<(Node, Type)> {
        let ast = match self.ast(expr) {
            Ok(ast) => ast,
            Err(refused) => {
                let at = Place::inside(expr, refused.line, refused.column);
                let named = refused.name.and_then(|name| self.named_in_chinese(scope.kind, &name));
                self.problem(at, of(expr, &named.unwrap_or(refused.message)));
                return None;
            }
        };
        match self.typed(&ast, scope) {
            Ok((node, ty)) if wanted.is_empty() || wanted.contains(&ty.base) => {
                let (_, faults) = self.surveyed(&node, scope);
                let told = if self.strict { faults.as_slice() } else { &[] };
                for (fault, about) in told {
                    self.tell(Problem { about: about.clone(), ..Problem::new(expr, of(expr, fault)) });
                }
                (faults.is_empty() || !self.strict).then_some((node, ty))
            }
            Ok((_, ty)) => {
                let wanted: Vec<Message> = wanted.iter().map(|base| Type::of(*base).describe()).collect();
                let (found, wanted) = (ty.describe(), Message::joined(&wanted, ("或", " or ")));
                let message =
                    say!("这是{found}，此处应为{wanted}", "this is {found}; {wanted} is wanted here"; found, wanted);
                self.problem(expr, of(expr, &message));
                None
            }
            Err(Refused::Told) => None,
            Err(Refused::Because(message)) => {
                self.problem(expr, of(expr, &message));
                None
            }
            Err(Refused::Unknown { name, message }) => {
                let at = Place::named(expr, &name);
                self.tell(Problem::new(at, of(expr, &message)).about(name));
                None
            }
        }
    }

    /// What somebody meant who wrote a label in place of a name.
    fn named_in_chinese(&self, kind: Kind, written: &str) -> Option<Message> {
        let subject = self.source.subject(kind)?;
        let facts = subject.facts.iter().map(|fact| (&fact.label, format!("fact.{}", fact.name)));
        let pay = subject.pay.iter().map(|pay| (&pay.label, format!("pay.{}", pay.name)));
        let figures = subject.figures.iter().map(|figure| (&figure.label, figure.name.clone()));
        let sheets = self.source.sheets.iter().filter(|sheet| sheet.on == kind);
        let items = sheets.flat_map(|sheet| &sheet.items).map(|item| (&item.label, format!("item.{}", item.code)));
        let mut known = facts.chain(pay).chain(figures).chain(items);
        let (_, name) = known.find(|(label, _)| label.zh == written)?;
        Some(say!("请写 {name}，不要写 {written}", "write {name} instead of {written}"))
    }

    /// A number that is never absent.
    pub(super) fn number(&mut self, expr: &Expr, scope: &Scope) -> Option<Node> {
        let (node, ty) = self.expression(expr, scope, &[Base::Number])?;
        if ty.optional {
            let message = say!("可能缺失；请用 ?? 写明缺失时的取值", "may be absent; say what then with ??");
            self.problem(expr, of(expr, &message));
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

    /// Whether a condition can hold in some category; one that could not be read is not in doubt.
    pub(super) fn any_can_hold(&self, kind: Kind, when: &[Option<Node>]) -> bool {
        let known = || when.iter().enumerate().filter_map(|(category, node)| Some((category, node.as_ref()?)));
        known().next().is_none()
            || known().any(|(category, node)| self.surveyed(node, &Scope::of(kind, category)).0.can_hold())
    }

    pub(super) fn exclusions(&mut self) {
        for (at, exclusion) in self.source.people.exclusions.iter().enumerate() {
            if !self.in_cadence(&exclusion.cadences) {
                continue;
            }
            let when = self.conditions(Kind::People, &exclusion.when, &exclusion.categories);
            let uses_figures = when.iter().flatten().flat_map(references).any(|r| matches!(r, Reference::Figure(..)));
            if uses_figures {
                self.problem(
                    &exclusion.when,
                    say!(
                        "是否参加考核先于一切计算，不能引用计算项",
                        "an exclusion is decided before any figure is computed"
                    ),
                );
            }
            let possible = self.any_can_hold(Kind::People, &when);
            let never = say!("{}：永远不会排除任何人", "{}: this never excludes anybody", exclusion.when.shown());
            self.usage.note(format!("exclusion {at}"), &exclusion.when, never, possible);
            self.symbols.intern(&exclusion.code);
            self.plan.exclusions.push(Exclusion { code: exclusion.code.clone(), when });
        }
    }
}
