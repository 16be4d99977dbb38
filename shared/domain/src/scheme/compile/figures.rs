//! Figures: each is compiled after those that it reads, so that the order of computation comes by itself.

use rust_decimal::Decimal;

use super::{Compiler, State};
use crate::expression::typing::{Names, Scope};
use crate::expression::{Node, Rel, Type};
use crate::scheme::plan::{Band, Body, Figure, FigureRule, Reference, references};
use crate::scheme::source::{BandsSource, FigureSource, Gathering, Within};
use crate::value::{Kind, Symbol, Value};

impl Compiler<'_> {
    pub(super) fn all_figures(&mut self) {
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

    pub(super) fn declared_figure(&mut self, kind: Kind, name: &str) -> Option<Figure> {
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

    pub(super) fn body(
        &mut self,
        figure: &FigureSource,
        declared_at: usize,
        kind: Kind,
        category: usize,
    ) -> Option<(Body, Type)> {
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

    pub(super) fn figure_rule(&mut self, figure: &FigureSource, scope: &Scope) -> Option<(FigureRule, Type, String)> {
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
                    (Some(value), true) if gather.how == Gathering::Sum => Some(self.number(value, &member)?),
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

    pub(super) fn bands(&mut self, bands: &BandsSource) -> Option<(Vec<Band>, Type, String)> {
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

    pub(super) fn table(&mut self, name: &str) -> Option<u16> {
        let bare = name.strip_prefix("param.").or_else(|| name.strip_prefix("table.")).unwrap_or(name);
        let found = self.parameter(bare);
        if found.is_none() {
            self.problem(None, format!("there is no table {name}"));
        }
        found
    }

    /// The score of an item: its formula, or what its first rater gives, within 0 and its weight.
    pub(super) fn item_figure(&mut self, kind: Kind, name: &str, code: &str) -> Option<Figure> {
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

    pub(super) fn item_body(&mut self, kind: Kind, category: usize, code: &str) -> Option<Body> {
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

    pub(super) fn first_rater(&self, sheet: u16, item: u16) -> Option<String> {
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
            None => Some(Node::Slot { rel: Rel::Own, slot, required: true }),
            Some(counts) => {
                let inner = Scope { kind: scope.kind, category: scope.category, names: Names::Item { sheet, item } };
                self.number(counts, &inner)
            }
        }
    }

    pub(super) fn depends_on_pay(&self, figure: &Figure) -> bool {
        figure.bodies.iter().flatten().any(|body| {
            let own = body.pay || body.own_nodes().into_iter().any(|node| self.reads_pay(node, figure.kind));
            let gathered =
                body.gathered_nodes().is_some_and(|(of, nodes)| nodes.into_iter().any(|n| self.reads_pay(n, of)));
            own || gathered
        })
    }

    pub(super) fn reads_pay(&self, node: &Node, kind: Kind) -> bool {
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
    pub(super) fn check_pay_references(&mut self, figure: &Figure) {
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
}
