//! Rules, guides and checks; and what all formulas together need of items and history.

use std::collections::{BTreeSet, HashMap};

use super::Compiler;
use super::figures::Forced;
use super::typing::Scope;
use crate::expression::{Field, Local, Node};
use crate::nearest::nearest;
use crate::say;
use crate::scheme::document::meant;
use crate::scheme::plan::{Check, FigureRule, Guide, HistoryUse, Reference, Rule, references};
use crate::scheme::problem::Problem;
use crate::scheme::source::{CheckSource, Purpose};
use crate::value::Kind;

impl Compiler<'_> {
    pub(super) fn rules(&mut self) {
        for kind in Kind::ALL {
            let Some(subject) = self.source.subject(kind) else { continue };
            let mut decided: HashMap<&str, Vec<bool>> = HashMap::new();
            for (at, rule) in subject.rules.iter().enumerate() {
                if !self.in_cadence(&rule.cadences) {
                    continue;
                }
                let when = self.conditions(kind, &rule.when, &rule.categories);
                let group = rule.first_of.as_deref().map(|group| decided.entry(group).or_default());
                let possible = self.may_apply(kind, &when, group);
                if possible {
                    let outcomes: Vec<&str> = self.source.outcomes.iter().map(|one| one.code.as_str()).collect();
                    for code in rule.gives.iter().map(|code| bare(code)) {
                        // A misspelt one has been told; what was probably meant does come about.
                        let known = outcomes.iter().copied().find(|known| *known == code);
                        let meant = known.or_else(|| nearest(code, outcomes.iter().copied()));
                        self.usage.given.extend(meant.map(str::to_owned));
                    }
                }
                let never = say!("{}：此规则永远不会生效", "{}: this can never apply", rule.when.shown());
                self.usage.note(format!("rule {kind:?} {at}"), &rule.when, never, possible);
                let pay_dependent = when.iter().flatten().any(|node| self.reads_pay(node, kind));
                self.plan.rules.push(Rule {
                    kind,
                    gives: rule.gives.clone(),
                    purpose: rule.purpose,
                    text: rule.when.text.clone(),
                    when,
                    first_of: rule.first_of.clone(),
                    to_head: rule.to_head && rule.purpose != Purpose::Warning,
                    own_history: rule.own_history,
                    pay_dependent,
                });
            }
        }
    }

    /// Whether a rule can apply to somebody: its condition can hold, and no rule of its group before it always does.
    fn may_apply(&self, kind: Kind, when: &[Option<Node>], decided: Option<&mut Vec<bool>>) -> bool {
        let mut alone = Vec::new();
        let decided = decided.unwrap_or(&mut alone);
        decided.resize(when.len(), false);
        let mut possible = when.iter().all(Option::is_none);
        for (category, (node, decided)) in when.iter().zip(decided).enumerate() {
            let Some(node) = node else { continue };
            let (reach, _) = self.surveyed(node, &Scope::of(kind, category));
            possible |= !*decided && reach.can_hold();
            *decided |= !reach.can_fail();
        }
        possible
    }

    pub(super) fn guides(&mut self) {
        for (at, guide) in self.source.people.guides.iter().enumerate() {
            if !self.in_cadence(&guide.cadences) {
                continue;
            }
            self.plan.company_wide = true;
            let place = format!("/people/guides/{at}");
            self.usage.given.insert(bare(&guide.warning).to_owned());
            if !self.has_figure(Kind::People, &guide.of) {
                let known = self.source.people.figures.iter().map(|figure| figure.name.as_str());
                let hint = meant(&guide.of, known);
                let message = say!("没有计算项 {}{hint}", "there is no figure {}{hint}", guide.of; hint);
                self.tell(Problem::new(format!("{place}/of"), message).about(&guide.of));
                continue;
            }
            let (figure, shares) = (
                self.figure(Kind::People, &guide.of),
                self.shares(&guide.shares, &format!("{place}/shares"), Forced::No),
            );
            let (Some(figure), Some((shares, _))) = (figure, shares) else { continue };
            let pay_dependent = self.plan.figures.get(usize::from(figure)).is_some_and(|figure| figure.pay_dependent);
            let (from_people, warning) = (guide.from_people, guide.warning.clone());
            self.plan.guides.push(Guide { figure, shares, from_people, warning, pay_dependent });
        }
    }

    pub(super) fn checks(&mut self) {
        for kind in Kind::ALL {
            let Some(subject) = self.source.subject(kind) else { continue };
            for check in &subject.checks {
                if self.in_cadence(&check.cadences) {
                    self.check(kind, check);
                }
            }
        }
    }

    pub(super) fn check(&mut self, kind: Kind, check: &CheckSource) {
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

    pub(super) fn pointer(&mut self, kind: Kind, at: &str) -> String {
        let layout = &self.plan.layouts[kind.index()];
        match layout.by_path.get(at).and_then(|slot| layout.slots.get(usize::from(*slot))) {
            Some(slot) => slot.pointer.clone(),
            None => format!("/{}", at.replace('.', "/")),
        }
    }

    pub(super) fn note_needed_items(&mut self) {
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

    /// Notes which parameters and tables are read.
    pub(super) fn note_parameters(&mut self) {
        let mut read: BTreeSet<u16> = self.plan.sheets.iter().filter_map(|sheet| sheet.weights).collect();
        read.extend(self.plan.guides.iter().map(|guide| guide.shares));
        let bodies = self.plan.figures.iter().flat_map(|figure| figure.bodies.iter().flatten());
        read.extend(bodies.filter_map(|body| match body.rule {
            FigureRule::Quota { shares, .. } => Some(shares),
            _ => None,
        }));
        self.each_node(&mut |_, node| {
            read.extend(references(node).into_iter().filter_map(|reference| match reference {
                Reference::Parameter(at) => Some(at),
                _ => None,
            }));
        });
        self.usage.read.extend(read);
    }

    /// Every formula of the plan, with the kind of subject it is computed for.
    pub(super) fn each_node(&self, each: &mut dyn FnMut(Kind, &Node)) {
        for figure in &self.plan.figures {
            for body in figure.bodies.iter().flatten() {
                body.own_nodes().into_iter().for_each(|node| each(figure.kind, node));
                if let Some((of, nodes)) = body.gathered_nodes() {
                    nodes.into_iter().for_each(|node| each(of, node));
                }
            }
        }
        for exclusion in &self.plan.exclusions {
            exclusion.when.iter().flatten().for_each(|node| each(Kind::People, node));
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
    pub(super) fn look_at_history(&mut self) {
        let mut uses = [HistoryUse::default(); 3];
        self.each_node(&mut |kind, node| note_history(node, uses.get_mut(kind.index())));
        for rule in self.plan.rules.iter().filter(|rule| rule.own_history) {
            rule.when.iter().flatten().for_each(|node| note_history(node, uses.get_mut(Kind::People.index())));
        }
        self.plan.history = uses;
    }
}

/// An outcome's code, without what stands for the subject.
pub(crate) fn bare(code: &str) -> &str {
    code.split(':').next().unwrap_or(code)
}

fn note_history(node: &Node, uses: Option<&mut HistoryUse>) {
    let Some(uses) = uses else { return };
    node.walk(&mut |node| match node {
        Node::Previous(Field::Score) | Node::Local(Local::Past(Field::Score)) => uses.score = true,
        Node::Previous(Field::Grade) | Node::Local(Local::Past(Field::Grade)) => uses.grade = true,
        Node::MeanOfMonths { .. } | Node::MonthsScored => uses.months = true,
        Node::Local(Local::Month(_)) => uses.either = true,
        _ => {}
    });
}
