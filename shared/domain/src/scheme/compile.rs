//! From the written scheme to a plan for each cadence; every problem found is told with its place.

use std::collections::HashMap;

use rust_decimal::Decimal;

use super::inputs;
use super::plan::{
    Band, Body, Check, Exclusion, Figure, FigureRule, Guide, HistoryUse, Item, List, Parameter, Plan, Rater, Reference,
    Rule, Sheet, references,
};
use super::source::{
    CheckSource, Expr, FigureSource, Purpose, RaterPresence, SheetSource, Source, SubjectSource, Within,
};
use crate::expression::typing::{Names, Scope, TOLD};
use crate::expression::{Ast, Base, Node, Type, parse};
use crate::value::{Kind, Symbol, Symbols, Value};

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

    fn cadence_code(&self) -> &'s str {
        self.source.cadences.get(self.cadence).map_or("", |cadence| &cadence.code)
    }

    fn in_cadence(&self, cadences: &[String]) -> bool {
        cadences.is_empty() || cadences.iter().any(|code| code == self.cadence_code())
    }

    fn for_category(&self, kind: Kind, categories: &[String], at: usize) -> bool {
        categories.is_empty() || categories.iter().any(|code| code == self.source.category_code(kind, at))
    }

    fn lay_out(&mut self) {
        for kind in Kind::ALL {
            let at = kind.index();
            self.plan.sheet_of[at] = vec![None; self.source.category_count(kind)];
            let Some(subject) = self.source.subject(kind) else { continue };
            inputs::subject_slots(&mut self.plan.layouts[at], kind, subject, self.symbols, &self.source.grades);
            self.plan.lists[at] = subject
                .lists
                .iter()
                .map(|list| List {
                    key: list.key.clone(),
                    required: list.required,
                    max_rows: list.max_rows,
                    columns: list.columns.iter().map(|c| inputs::spec(c, self.symbols, &self.source.grades)).collect(),
                })
                .collect();
        }
        for (at, sheet) in self.source.sheets.iter().enumerate() {
            if !self.in_cadence(&sheet.cadences) {
                continue;
            }
            for category in 0..self.source.category_count(sheet.on) {
                if self.for_category(sheet.on, &sheet.categories, category) {
                    self.lay_out_sheet(at, sheet, category);
                }
            }
        }
    }

    fn lay_out_sheet(&mut self, source: usize, sheet: &'s SheetSource, category: usize) {
        let kind = sheet.on.index();
        let place = u16::try_from(self.plan.sheets.len()).unwrap_or(u16::MAX);
        match self.plan.sheet_of[kind].get_mut(category) {
            Some(slot @ None) => *slot = Some(place),
            Some(Some(_)) => {
                return self
                    .problem(None, format!("two sheets for {:?}", self.source.category_code(sheet.on, category)));
            }
            None => return,
        }
        let weights = sheet.weights.as_ref().and_then(|name| {
            let found = self.parameter(name);
            if found.is_none() {
                self.problem(None, format!("the sheet's weights name no parameter: {name}"));
            }
            found
        });
        let items = sheet.items.iter().map(|item| self.lay_out_item(sheet, item)).collect::<Vec<Item>>();
        if weights.is_none() {
            self.check_weights(sheet, &items);
        }
        let raters =
            sheet.raters.iter().map(|rater| Rater { name: rater.name.clone(), presence: rater.presence }).collect();
        self.plan.sheets.push(Sheet { source, items, weights, raters, category });
    }

    /// Weights sum to 100, on the whole sheet or in each of its sections.
    fn check_weights(&mut self, sheet: &SheetSource, items: &[Item]) {
        let sum = |section: Option<&str>| -> Decimal {
            let counted = items.iter().filter(|item| section.is_none() || item.section.as_deref() == section);
            counted.map(|item| item.weight).sum()
        };
        let by_section =
            !sheet.sections.is_empty() && sheet.sections.iter().all(|s| sum(Some(&s.code)) == Decimal::ONE_HUNDRED);
        if sum(None) != Decimal::ONE_HUNDRED && !by_section {
            self.problem(
                None,
                format!("the weights of the sheet for {:?} sum to {}, not 100", sheet.categories, sum(None)),
            );
        }
    }

    fn lay_out_item(&mut self, sheet: &'s SheetSource, item: &'s super::source::ItemSource) -> Item {
        let raters: Vec<_> = match &item.raters {
            Some(names) => sheet.raters.iter().filter(|rater| names.contains(&rater.name)).collect(),
            None if item.inputs.is_empty() && item.score.is_none() => sheet.raters.iter().collect(),
            None => Vec::new(),
        };
        if item.raters.as_ref().is_some_and(|names| names.len() != raters.len()) {
            self.problem(None, format!("item {} names a rater that its sheet does not have", item.code));
        }
        let layout = &mut self.plan.layouts[sheet.on.index()];
        let mut declared = Vec::new();
        for rater in raters {
            let mut spec = inputs::spec(rater, self.symbols, &self.source.grades);
            spec.kind = super::source::InputKind::Points;
            spec.optional = rater.optional || rater.presence != RaterPresence::Always;
            declared.push((spec, true));
        }
        for input in sheet.inputs.iter().chain(&item.inputs) {
            declared.push((inputs::spec(input, self.symbols, &self.source.grades), false));
        }
        let inputs = declared
            .into_iter()
            .map(|(spec, rater)| super::plan::ItemInput { slot: layout.add_item_input(&item.code, &spec), spec, rater })
            .collect();
        let weight = item.weight.map_or(Decimal::ZERO, |weight| weight.0);
        Item { code: item.code.clone(), label: item.label.clone(), section: item.section.clone(), weight, inputs }
    }

    pub fn parameter(&self, name: &str) -> Option<u16> {
        self.parameters.iter().position(|parameter| parameter.name == name).and_then(|at| u16::try_from(at).ok())
    }

    /// Gives an expression names and types; a problem is told at its place.
    fn expression(&mut self, expr: &Expr, scope: &Scope, wanted: &[Base]) -> Option<(Node, Type)> {
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
    fn number(&mut self, expr: &Expr, scope: &Scope) -> Option<Node> {
        let (node, ty) = self.expression(expr, scope, &[Base::Number])?;
        if ty.optional {
            self.problem(Some(expr.at), format!("{}: may be absent; say what then with ??", expr.text));
            return None;
        }
        Some(node)
    }

    fn condition(&mut self, expr: &Expr, scope: &Scope) -> Option<Node> {
        self.expression(expr, scope, &[Base::Flag]).map(|(node, _)| node)
    }

    /// A condition for each category that it is for.
    fn conditions(&mut self, kind: Kind, expr: &Expr, categories: &[String]) -> Vec<Option<Node>> {
        (0..self.source.category_count(kind))
            .map(|category| {
                let wanted = self.for_category(kind, categories, category);
                wanted.then(|| self.condition(expr, &Scope::of(kind, category))).flatten()
            })
            .collect()
    }

    fn exclusions(&mut self) {
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

    fn all_figures(&mut self) {
        for kind in Kind::ALL {
            let Some(subject) = self.source.subject(kind) else { continue };
            for figure in &subject.figures {
                if self.in_cadence(&figure.cadences) {
                    self.figure(kind, &figure.name);
                }
            }
        }
        for sheet in 0..self.plan.sheets.len() {
            let Some(declared) = self.plan.sheets.get(sheet) else { continue };
            let kind = self.source.sheets.get(declared.source).map_or(Kind::People, |source| source.on);
            let names: Vec<String> = declared.items.iter().map(|item| format!("item.{}", item.code)).collect();
            for name in names {
                self.figure(kind, &name);
            }
        }
    }

    /// The figure of that name, compiled first if it is not yet.
    pub fn figure(&mut self, kind: Kind, name: &str) -> Option<u16> {
        let key = (kind, name.to_owned());
        match self.figures.get(&key) {
            Some(State::Done(at)) => return Some(*at),
            Some(State::Broken) => return None,
            Some(State::Underway) => {
                self.problem(None, format!("{name} depends on itself"));
                return None;
            }
            None => {}
        }
        self.figures.insert(key.clone(), State::Underway);
        let compiled = match name.strip_prefix("item.") {
            Some(item) => self.item_figure(kind, name, item),
            None => self.declared_figure(kind, name),
        };
        let state = compiled.map_or(State::Broken, |mut figure| {
            figure.pay_dependent = self.depends_on_pay(&figure);
            self.check_pay_references(&figure);
            let at = u16::try_from(self.plan.figures.len()).unwrap_or(u16::MAX);
            self.plan.figures.push(figure);
            State::Done(at)
        });
        self.figures.insert(key, state);
        if let State::Done(at) = state { Some(at) } else { None }
    }

    /// Whether the scheme has such a figure at all, in this cadence.
    pub fn has_figure(&self, kind: Kind, name: &str) -> bool {
        let declared = self.source.subject(kind).is_some_and(|subject| {
            subject.figures.iter().any(|figure| figure.name == name && self.in_cadence(&figure.cadences))
        });
        declared
            || name.strip_prefix("item.").is_some_and(|item| {
                let sheets = self.plan.sheet_of[kind.index()].iter().flatten();
                sheets
                    .filter_map(|at| self.plan.sheets.get(usize::from(*at)))
                    .any(|s| s.items.iter().any(|i| i.code == item))
            })
    }

    fn declared_figure(&mut self, kind: Kind, name: &str) -> Option<Figure> {
        let subject = self.source.subject(kind)?;
        let mut bodies = Vec::new();
        let mut ty: Option<Type> = None;
        let mut lazy = false;
        for category in 0..self.source.category_count(kind) {
            let mut variants = subject.figures.iter().enumerate().filter(|(_, figure)| {
                figure.name == name
                    && self.in_cadence(&figure.cadences)
                    && self.for_category(kind, &figure.categories, category)
            });
            let Some((declared_at, variant)) = variants.next() else {
                bodies.push(None);
                continue;
            };
            if variants.next().is_some() {
                self.problem(
                    None,
                    format!("{name} is defined twice for {:?}", self.source.category_code(kind, category)),
                );
            }
            lazy |= variant.lazy;
            let (body, found) = self.body(variant, declared_at, kind, category)?;
            ty = Some(match ty {
                None => found,
                Some(before) if before.base == found.base => Type {
                    optional: before.optional || found.optional,
                    nonzero: before.nonzero && found.nonzero,
                    ..found
                },
                Some(_) => {
                    self.problem(None, format!("{name} is of different types in different categories"));
                    return None;
                }
            });
            bodies.push(Some(body));
        }
        Some(Figure { kind, name: name.into(), ty: ty?, bodies, pay_dependent: false, lazy, item: false, needed: true })
    }

    fn body(&mut self, figure: &FigureSource, declared_at: usize, kind: Kind, category: usize) -> Option<(Body, Type)> {
        let scope = Scope::of(kind, category);
        let (rule, ty, text) = self.figure_rule(figure, &scope)?;
        let min = figure.min.as_ref().and_then(|min| self.number(min, &scope));
        let max = figure.max.as_ref().and_then(|max| self.number(max, &scope));
        let money = figure.pay || figure.money;
        let round = if money { Some(2) } else { figure.round };
        let label = figure.label.clone();
        let (pay, output) = (figure.pay, figure.output);
        Some((Body { declared_at, label, text, rule, round, min, max, pay, money, output }, ty))
    }

    fn figure_rule(&mut self, figure: &FigureSource, scope: &Scope) -> Option<(FigureRule, Type, String)> {
        if let Some(formula) = &figure.formula {
            let (node, ty) = self.expression(formula, scope, &[])?;
            return Some((FigureRule::Formula(node), ty, formula.text.clone()));
        }
        if let Some(bands) = &figure.bands {
            let of = self.number(&bands.of, scope)?;
            let (rows, ty, text) = self.bands(bands)?;
            return Some((FigureRule::Bands { of, rows }, ty, text));
        }
        if let Some(quota) = &figure.quota {
            let by = self.number(&quota.by, scope)?;
            let shares = self.table(&quota.shares)?;
            self.plan.company_wide |= quota.within != Within::Unit || scope.kind == Kind::Units;
            let text = format!("quota({}, within {:?}, {})", quota.by.text, quota.within, quota.shares);
            return Some((FigureRule::Quota { by, within: quota.within, shares }, Type::TEXT, text));
        }
        if let Some(rank) = &figure.rank {
            let by = self.number(&rank.by, scope)?;
            let among = match &rank.among {
                None => None,
                Some(among) => Some(self.condition(among, scope)?),
            };
            self.plan.company_wide |= rank.within != Within::Unit || scope.kind == Kind::Units;
            let among_text = rank.among.as_ref().map_or(String::new(), |among| format!(", among {}", among.text));
            let text = format!("rank({}, within {:?}{among_text}, {:?})", rank.by.text, rank.within, rank.count);
            return Some((FigureRule::Rank { by, within: rank.within, among, count: rank.count }, Type::NUMBER, text));
        }
        if let Some(gather) = &figure.gather {
            self.plan.company_wide |= scope.kind == Kind::Company;
            let mut value = Vec::new();
            for category in 0..self.source.category_count(gather.of) {
                let member = Scope::of(gather.of, category);
                let wanted = self.for_category(gather.of, &gather.categories, category);
                value.push(match (&gather.value, wanted) {
                    (_, false) => None,
                    (None, true) => Some(Node::Constant(Value::Number(Decimal::ONE))),
                    (Some(value), true) if gather.how == super::source::Gathering::Sum => {
                        Some(self.number(value, &member)?)
                    }
                    (Some(value), true) => Some(self.expression(value, &member, &[])?.0),
                });
            }
            let inner = gather.value.as_ref().map_or("", |value| &value.text);
            let text = format!("{:?}({}) over {:?}", gather.how, inner, gather.of);
            return Some((FigureRule::Gather { of: gather.of, how: gather.how, value }, Type::NUMBER, text));
        }
        if let Some(split) = &figure.split {
            let pool = self.number(&split.pool, scope)?;
            let weight = self.number(&split.weight, scope)?;
            self.plan.company_wide |= split.within != Within::Unit;
            let text = format!("split({}, by {}, within {:?})", split.pool.text, split.weight.text, split.within);
            return Some((FigureRule::Split { pool, weight, within: split.within }, Type::NUMBER, text));
        }
        self.problem(None, format!("{} says nowhere how it is found", figure.name));
        None
    }

    fn bands(&mut self, bands: &super::source::BandsSource) -> Option<(Vec<Band>, Type, String)> {
        let mut rows: Vec<Band> = Vec::new();
        let mut texts = Vec::new();
        let mut graded = None;
        for row in &bands.rows {
            let (bound, inclusive) = match (row.from, row.above) {
                (Some(from), None) => (from.0, true),
                (None, Some(above)) => (above.0, false),
                _ => {
                    self.problem(Some(bands.of.at), "a band has either `from` or `above`");
                    return None;
                }
            };
            let reachable =
                |before: &Band| bound < before.bound || (bound == before.bound && inclusive && !before.inclusive);
            let unreachable = rows.last().is_some_and(|before| !reachable(before));
            if unreachable {
                self.problem(Some(bands.of.at), format!("the band from {bound} can never be reached"));
            }
            let (gives, name) = match (&row.grade, row.value) {
                (Some(grade), None) => (Value::Text(self.known_text(grade, bands.of.at)?), grade.clone()),
                (None, Some(value)) => (Value::Number(value.0), value.0.to_string()),
                _ => {
                    self.problem(Some(bands.of.at), "a band gives either a `grade` or a `value`");
                    return None;
                }
            };
            if *graded.get_or_insert(row.grade.is_some()) != row.grade.is_some() {
                self.problem(Some(bands.of.at), "bands give grades or values, not both");
            }
            texts.push(format!("{} {bound}: {name}", if inclusive { ">=" } else { ">" }));
            rows.push(Band { bound, inclusive, gives });
        }
        if rows.last().is_none_or(|last| last.bound > Decimal::ZERO || !last.inclusive) {
            self.problem(Some(bands.of.at), "the last band must begin at 0");
        }
        let ty = if graded == Some(true) { Type::TEXT } else { Type::NUMBER };
        Some((rows, ty, format!("{} {}", bands.of.text, texts.join(", "))))
    }

    pub fn known_text(&mut self, text: &str, at: usize) -> Option<Symbol> {
        let found = self.symbols.find(text);
        if found.is_none() {
            self.problem(Some(at), format!("{text:?} is no code of this scheme"));
        }
        found
    }

    fn table(&mut self, name: &str) -> Option<u16> {
        let bare = name.strip_prefix("param.").or_else(|| name.strip_prefix("table.")).unwrap_or(name);
        let found = self.parameter(bare);
        if found.is_none() {
            self.problem(None, format!("there is no table {name}"));
        }
        found
    }

    /// The score of an item: its formula, or what its first rater gives, within 0 and its weight.
    fn item_figure(&mut self, kind: Kind, name: &str, code: &str) -> Option<Figure> {
        let mut bodies = Vec::new();
        for category in 0..self.source.category_count(kind) {
            bodies.push(self.item_body(kind, category, code));
        }
        bodies.iter().any(Option::is_some).then(|| Figure {
            kind,
            name: name.into(),
            ty: Type::NUMBER,
            bodies,
            pay_dependent: false,
            lazy: false,
            item: true,
            needed: false,
        })
    }

    fn item_body(&mut self, kind: Kind, category: usize, code: &str) -> Option<Body> {
        let (sheet, item) = self.item_of(kind, category, code)?;
        let declared = self.plan.sheets.get(usize::from(sheet))?;
        let source = self.source.sheets.get(declared.source)?;
        let written = source.items.get(usize::from(item))?;
        let scope = Scope { kind, category, names: Names::Item { sheet, item } };
        let (node, text) = match &written.score {
            Some(score) => (self.number(score, &scope)?, score.text.clone()),
            None => {
                let Some(rater) = self.first_rater(sheet, item) else {
                    self.problem(None, format!("item {code} says nowhere how it is scored"));
                    return None;
                };
                (self.rater_points(sheet, item, &rater, &scope)?, rater)
            }
        };
        let most = written.max.map_or(Node::Weight { sheet, item }, |max| Node::Constant(Value::Number(max.0)));
        Some(Body {
            declared_at: usize::from(item),
            label: written.label.clone(),
            text,
            rule: FigureRule::Formula(node),
            round: None,
            min: Some(Node::Constant(Value::Number(Decimal::ZERO))),
            max: Some(most),
            pay: false,
            money: false,
            output: None,
        })
    }

    pub fn item_of(&self, kind: Kind, category: usize, code: &str) -> Option<(u16, u16)> {
        let sheet = (*self.plan.sheet_of[kind.index()].get(category)?)?;
        let items = &self.plan.sheets.get(usize::from(sheet))?.items;
        let item = items.iter().position(|item| item.code == code)?;
        Some((sheet, u16::try_from(item).ok()?))
    }

    fn first_rater(&self, sheet: u16, item: u16) -> Option<String> {
        let item = self.plan.sheets.get(usize::from(sheet))?.items.get(usize::from(item))?;
        item.inputs.iter().find(|input| input.rater).map(|input| input.spec.name.clone())
    }

    /// What a rater's points on an item count for.
    pub fn rater_points(&mut self, sheet: u16, item: u16, rater: &str, scope: &Scope) -> Option<Node> {
        let declared = self.plan.sheets.get(usize::from(sheet))?;
        let source = self.source.sheets.get(declared.source)?;
        let input = declared.items.get(usize::from(item))?.inputs.iter().find(|i| i.rater && i.spec.name == rater)?;
        let slot = input.slot;
        let written = source.raters.iter().find(|written| written.name == rater)?;
        match &written.counts {
            None => Some(Node::Slot { rel: crate::expression::Rel::Own, slot, required: true }),
            Some(counts) => {
                let inner = Scope { kind: scope.kind, category: scope.category, names: Names::Item { sheet, item } };
                self.number(counts, &inner)
            }
        }
    }

    fn depends_on_pay(&self, figure: &Figure) -> bool {
        figure.bodies.iter().flatten().any(|body| {
            let own = body.pay || body.own_nodes().into_iter().any(|node| self.reads_pay(node, figure.kind));
            let gathered =
                body.gathered_nodes().is_some_and(|(of, nodes)| nodes.into_iter().any(|n| self.reads_pay(n, of)));
            own || gathered
        })
    }

    fn reads_pay(&self, node: &Node, kind: Kind) -> bool {
        references(node).into_iter().any(|reference| match reference {
            Reference::Slot(rel, slot) => {
                let layout = &self.plan.layouts[rel.target(kind).index()];
                layout.slots.get(usize::from(slot)).is_some_and(|slot| slot.pay)
            }
            Reference::Figure(_, figure) => self.plan.figures.get(usize::from(figure)).is_some_and(|f| f.pay_dependent),
            _ => false,
        })
    }

    /// The pay service knows no ratings: what it computes may stand on figures, facts and parameters only.
    fn check_pay_references(&mut self, figure: &Figure) {
        let only_results = |node: &Node| references(node).contains(&Reference::Results);
        let broken = figure.pay_dependent
            && figure.bodies.iter().flatten().any(|body| {
                body.own_nodes().into_iter().any(only_results)
                    || body.gathered_nodes().is_some_and(|(_, nodes)| nodes.into_iter().any(only_results))
            });
        if broken {
            self.problem(
                None,
                format!("{} uses pay inputs together with ratings or history: name that part as a figure", figure.name),
            );
        }
    }

    fn rules(&mut self) {
        for kind in Kind::ALL {
            let Some(subject) = self.source.subject(kind) else { continue };
            for rule in &subject.rules {
                if !self.in_cadence(&rule.cadences) {
                    continue;
                }
                for code in &rule.gives {
                    let bare = code.split(':').next().unwrap_or(code);
                    if !self.source.outcomes.iter().any(|outcome| outcome.code == bare) {
                        self.problem(Some(rule.when.at), format!("{bare:?} is not among the scheme's outcomes"));
                    }
                }
                let when = self.conditions(kind, &rule.when, &rule.categories);
                let pay_dependent = when.iter().flatten().any(|node| self.reads_pay(node, kind));
                self.plan.rules.push(Rule {
                    kind,
                    gives: rule.gives.clone(),
                    purpose: rule.purpose,
                    text: rule.when.text.clone(),
                    when,
                    first_of: rule.first_of.clone(),
                    to_head: rule.to_head && rule.purpose != Purpose::Warning,
                    pay_dependent,
                });
            }
        }
    }

    fn guides(&mut self) {
        for guide in &self.source.people.guides {
            if !self.in_cadence(&guide.cadences) {
                continue;
            }
            self.plan.company_wide = true;
            let (Some(figure), Some(shares)) = (self.figure(Kind::People, &guide.of), self.table(&guide.shares)) else {
                self.problem(None, format!("the guide of {} names no figure", guide.of));
                continue;
            };
            let pay_dependent = self.plan.figures.get(usize::from(figure)).is_some_and(|figure| figure.pay_dependent);
            let (from_people, warning) = (guide.from_people, guide.warning.clone());
            self.plan.guides.push(Guide { figure, shares, from_people, warning, pay_dependent });
        }
    }

    fn checks(&mut self) {
        for kind in Kind::ALL {
            let Some(subject) = self.source.subject(kind) else { continue };
            for check in &subject.checks {
                if self.in_cadence(&check.cadences) {
                    self.check(kind, check);
                }
            }
        }
    }

    fn check(&mut self, kind: Kind, check: &CheckSource) {
        let mut needs = Vec::new();
        for category in 0..self.source.category_count(kind) {
            let wanted = self.for_category(kind, &check.categories, category);
            let scope = Scope::of(kind, category);
            let nodes = check.needs.iter().filter(|_| wanted);
            needs.push(nodes.filter_map(|need| self.expression(need, &scope, &[])).map(|(node, _)| node).collect());
        }
        let must = match &check.must {
            Some(must) => self.conditions(kind, must, &check.categories),
            None => vec![None; self.source.category_count(kind)],
        };
        let all: Vec<Vec<Node>> = needs;
        let pay_dependent = all.iter().flatten().chain(must.iter().flatten()).any(|node| self.reads_pay(node, kind));
        let pointer = check.at.as_deref().map_or(String::new(), |at| self.pointer(kind, at));
        let (says, everybody) = (check.says.clone(), check.everybody);
        self.plan.checks.push(Check { kind, needs: all, must, pointer, says, everybody, pay_dependent });
    }

    fn pointer(&mut self, kind: Kind, at: &str) -> String {
        let layout = &self.plan.layouts[kind.index()];
        match layout.by_path.get(at).and_then(|slot| layout.slots.get(usize::from(*slot))) {
            Some(slot) => slot.pointer.clone(),
            None => format!("/{}", at.replace('.', "/")),
        }
    }

    fn note_needed_items(&mut self) {
        let mut needed = vec![false; self.plan.figures.len()];
        self.each_node(&mut |_, node| {
            node.walk(&mut |node| {
                if let Node::Figure { figure, .. } = node
                    && let Some(flag) = needed.get_mut(usize::from(*figure))
                {
                    *flag = true;
                }
            });
        });
        for (figure, needed) in self.plan.figures.iter_mut().zip(needed) {
            figure.needed |= needed;
        }
    }

    /// Every formula of the plan, with the kind of subject it is computed for.
    fn each_node(&self, each: &mut dyn FnMut(Kind, &Node)) {
        for figure in &self.plan.figures {
            for body in figure.bodies.iter().flatten() {
                body.own_nodes().into_iter().for_each(|node| each(figure.kind, node));
                if let Some((of, nodes)) = body.gathered_nodes() {
                    nodes.into_iter().for_each(|node| each(of, node));
                }
            }
        }
        for rule in &self.plan.rules {
            rule.when.iter().flatten().for_each(|node| each(rule.kind, node));
        }
        for check in &self.plan.checks {
            let all = check.needs.iter().flatten().chain(check.must.iter().flatten());
            all.for_each(|node| each(check.kind, node));
        }
    }

    /// Notes what the formulas look at in the history, so that entries can be checked for it.
    fn look_at_history(&mut self) {
        let mut uses = [HistoryUse::default(); 3];
        self.each_node(&mut |kind, node| note_history(node, uses.get_mut(kind.index())));
        self.plan.history = uses;
    }
}

fn note_history(node: &Node, uses: Option<&mut HistoryUse>) {
    use crate::expression::{Field, Local};
    let Some(uses) = uses else { return };
    node.walk(&mut |node| match node {
        Node::Previous(Field::Score) | Node::Local(Local::Past(Field::Score)) => uses.score = true,
        Node::Previous(Field::Grade) | Node::Local(Local::Past(Field::Grade)) => uses.grade = true,
        Node::MeanOfMonths => uses.months = true,
        _ => {}
    });
}
