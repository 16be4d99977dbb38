//! Gathers how figures came about, after the fact, by walking from the figures of a subject to what they read.

use std::borrow::Cow;

use super::columns::{band, leader_at};
use super::explanation::{CENT, ExplainedValue, Explanation, MovedFrom, Operand, Reason, ShareOfPool, Step, place};
use super::formulas::{At, Read};
use super::{Evaluation, groups};
use rust_decimal::Decimal;

use crate::case::Moved;
use crate::money::plain as plain_number;
use crate::scheme::plan::{Body, FigureRule, Rule};
use crate::scheme::source::Purpose;
use crate::value::{Kind, Value};

impl<'a> Evaluation<'a> {
    /// How everything of a person came about.
    pub fn explanation(&self, number: &str) -> Option<Explanation<'a>> {
        self.row(Kind::People, number).map(|row| self.explain(Kind::People, row))
    }

    /// As [`Self::explanation`], of the person in that row of the case.
    pub fn explanation_at(&self, row: usize) -> Option<Explanation<'a>> {
        (row < self.case.of(Kind::People).len()).then(|| self.explain(Kind::People, row))
    }

    pub fn unit_explanation(&self, code: &str) -> Option<Explanation<'a>> {
        self.row(Kind::Units, code).map(|row| self.explain(Kind::Units, row))
    }

    fn explain(&self, kind: Kind, row: usize) -> Explanation<'a> {
        let mut explanation = Explanation {
            scheme: Cow::Borrowed(self.scheme.code()),
            cadence: Cow::Borrowed(self.scheme.cadences().get(self.case.cadence).map_or("", |cadence| &cadence.code)),
            period: self.case.period,
            kind,
            subject: Cow::Borrowed(self.case.of(kind).id(row)),
            excluded: None,
            steps: Vec::new(),
            operands: Vec::new(),
            reasons: Vec::new(),
        };
        if kind == Kind::People
            && let Some(Some(exclusion)) = self.excluded.get(row)
        {
            let exclusion = self.plan.exclusions.get(usize::from(*exclusion));
            explanation.excluded = exclusion.map(|exclusion| Cow::Borrowed(exclusion.code.as_str()));
            return explanation;
        }
        let mut waiting = Waiting::new(self.plan.figures.len());
        for (at, figure, body, value) in self.figures_of(kind, row) {
            if is_result(&figure.name, body, value) {
                waiting.add(kind, row, at);
            }
        }
        waiting.all.sort_by_key(|(_, _, figure)| std::cmp::Reverse(*figure));
        explanation.steps.reserve_exact(self.plan.figures.len());
        explanation.operands.reserve_exact(3 * self.plan.figures.len());
        let mut reads = Vec::with_capacity(8);
        let mut at = 0;
        while let Some((of, of_row, figure)) = waiting.all.get(at).copied() {
            at += 1;
            reads.clear();
            let own = of == kind && of_row == row;
            explanation.steps.extend(self.step(of, of_row, figure, own, &mut reads, &mut explanation.operands));
            for read in &reads {
                if let Read::Figure { kind, row, figure, .. } = *read {
                    waiting.add(kind, row, figure);
                }
            }
        }
        explanation.reasons = self.reasons(kind, row);
        explanation
    }

    fn step(
        &self,
        kind: Kind,
        row: usize,
        figure: u16,
        own: bool,
        reads: &mut Vec<Read>,
        operands: &mut Vec<Operand<'a>>,
    ) -> Option<Step<'a>> {
        let declared = self.plan.figures.get(usize::from(figure))?;
        let category = self.case.of(kind).category_of(row);
        let body = declared.bodies.get(category)?.as_ref()?;
        let value = self.cell(figure, row);
        let moved = self.moves(figure, row, value);
        let computed =
            u32::try_from(row).ok().and_then(|row| self.unmoved.get(&(figure, row))).and_then(|all| all.first());
        let computed = computed.copied().unwrap_or(value);
        let raw = self.raw(body, At::subject(kind, row), reads);
        let ranking = self.rankings.get(usize::from(figure)).and_then(Option::as_ref);
        let position = ranking.and_then(|ranking| Some((*ranking.position.get(row)?, *ranking.among.get(row)?)));
        let gathered = match &body.rule {
            FigureRule::Gather { of, .. } => u32::try_from(self.gathered.members(kind, *of, row).len()).ok(),
            _ => None,
        };
        let start = place(operands);
        for read in reads.iter() {
            operands.push(self.operand(kind, *read));
            operands.extend(self.rows_of(*read));
        }
        Some(Step {
            kind,
            figure: Cow::Borrowed(&declared.name),
            category: u8::try_from(category).unwrap_or(u8::MAX),
            value: self.explained(value),
            raw: raw.filter(|raw| *raw != computed).map(|raw| self.explained(raw)),
            reads: start..place(operands),
            place: position.filter(|(place, _)| *place > 0),
            share: self.share(figure, row, computed).map(Box::new),
            gathered,
            moved,
            result: own && is_result(&declared.name, body, value),
        })
    }

    /// How a figure was moved after it was computed.
    fn moves(&self, figure: u16, row: usize, value: Value) -> Vec<MovedFrom<'a>> {
        let Ok(row) = u32::try_from(row) else { return Vec::new() };
        let before = self.unmoved.get(&(figure, row)).map_or(&[][..], Vec::as_slice);
        let after = before.iter().skip(1).chain([&value]);
        let moves = self.case.moves.get(&(figure, row)).map_or(&[][..], Vec::as_slice);
        let moved = |((from, to), one): ((&Value, &Value), &'a Moved)| MovedFrom {
            from: self.explained(*from),
            to: self.explained(*to),
            who: Cow::Borrowed(&*one.who),
            on: one.on,
            why: Cow::Borrowed(&*one.why),
        };
        before.iter().zip(after).zip(moves).map(moved).collect()
    }

    /// What the rows of an item were given, where a kind of rater gave it row by row.
    fn rows_of(&self, read: Read) -> Vec<Operand<'a>> {
        let Read::Slot { kind, row, slot, .. } = read else { return Vec::new() };
        let key = u32::try_from(row).ok().map(|row| (row, slot));
        let Some(given) = key.and_then(|key| self.case.of(kind).rows.get(&key)) else { return Vec::new() };
        let name = self.plan.layouts[kind.index()].slots.get(usize::from(slot)).map_or("?", |slot| &*slot.path);
        let row = |(at, points): (usize, &Decimal)| Operand {
            kind,
            name: Cow::Borrowed(name),
            key: Some(Cow::Owned((at + 1).to_string())),
            value: ExplainedValue::Number(*points),
        };
        given.iter().enumerate().map(row).collect()
    }

    fn share(&self, figure: u16, row: usize, value: Value) -> Option<ShareOfPool> {
        let sharing = self.sharings.get(usize::from(figure))?.as_ref()?;
        let (at, portion) = (*sharing.of_row.get(row)?)?;
        let (pool, Value::Number(amount)) = (sharing.pools.get(at)?, value) else { return None };
        Some(ShareOfPool {
            pool: pool.amount.amount(),
            weight: portion.weight,
            weights: pool.weights,
            among: u32::try_from(pool.among).unwrap_or(u32::MAX),
            down: if portion.cent { amount - CENT } else { amount },
            cent: portion.cent,
        })
    }

    /// Computes the figure's formula once more, noting what it reads.
    fn raw(&self, body: &Body, at: At, reads: &mut Vec<Read>) -> Option<Value> {
        let env = self.env();
        match &body.rule {
            FigureRule::Formula(node) => env.value(node, at, reads).ok(),
            FigureRule::Bands { of, rows } => env.number(of, at, reads).ok().map(|number| band(rows, number)),
            FigureRule::Quota { by, shares, among, .. } => {
                let _ = env.number(by, at, reads);
                if let Some(among) = among {
                    let _ = env.truth(among, at, reads);
                }
                let settable =
                    self.scheme.parameters.get(usize::from(*shares)).is_some_and(|parameter| !parameter.fixed);
                if settable {
                    reads.extend(groups::shares_read(&env, *shares));
                }
                None
            }
            FigureRule::Rank { by, among, .. } => {
                let _ = env.number(by, at, reads);
                if let Some(among) = among {
                    let _ = env.truth(among, at, reads);
                }
                None
            }
            FigureRule::Split { pool, weight, .. } => {
                let _ = env.number(weight, at, reads);
                let _ = env.number(pool, at, reads);
                None
            }
            FigureRule::Gather { .. } => None,
        }
    }

    /// Why rules apply to a subject, and of a person what their units give to whoever leads them.
    fn reasons(&self, kind: Kind, row: usize) -> Vec<Reason<'a>> {
        let rules = self.plan.rules.iter().zip(self.hits.iter().zip(&self.to_leaders));
        let applying = rules.filter(|(rule, (hits, _))| {
            rule.kind == kind && rule.purpose != Purpose::Warning && hits.get(row) == Some(&true)
        });
        let own = applying.map(|(rule, (_, got))| {
            let leader = got.iter().find(|(unit, _)| rule.own_history && *unit == row).map(|(_, leader)| *leader);
            self.reason(rule, row, leader, None)
        });
        let mut reasons: Vec<Reason<'a>> = own.collect();
        if kind == Kind::People {
            let units = self.case.of(Kind::Units);
            let given = self.given_as_leader(row);
            reasons.extend(given.map(|(rule, unit)| self.reason(rule, unit, Some(row), Some(units.id(unit)))));
        }
        reasons
    }

    fn reason(&self, rule: &'a Rule, row: usize, leader: Option<usize>, of_unit: Option<&'a str>) -> Reason<'a> {
        let mut reads = Vec::new();
        if let Some(Some(when)) = rule.when.get(self.case.of(rule.kind).category_of(row)) {
            let at = match leader.filter(|_| rule.own_history) {
                Some(leader) => leader_at(self.case, row, leader),
                None => At::subject(rule.kind, row),
            };
            let _ = self.env().truth(when, at, &mut reads);
        }
        Reason {
            gives: Cow::Borrowed(&rule.gives),
            when: Cow::Borrowed(&rule.text),
            of_unit: of_unit.map(Cow::Borrowed),
            reads: reads.into_iter().map(|read| self.operand(rule.kind, read)).collect(),
        }
    }

    fn operand(&self, own: Kind, read: Read) -> Operand<'a> {
        let plain = |kind, name: Option<&'a str>, value| Operand {
            kind,
            name: Cow::Borrowed(name.unwrap_or("?")),
            key: None,
            value: self.explained(value),
        };
        match read {
            Read::Slot { kind, slot, value, .. } => {
                let slot = self.plan.layouts[kind.index()].slots.get(usize::from(slot));
                plain(kind, slot.map(|slot| &*slot.path), value)
            }
            Read::Figure { kind, figure, value, .. } => {
                let figure = self.plan.figures.get(usize::from(figure));
                plain(kind, figure.map(|figure| &*figure.name), value)
            }
            Read::Parameter { parameter, key, value } => {
                let parameter = self.scheme.parameters.get(usize::from(parameter));
                let name = parameter.map(|parameter| &*parameter.path);
                let key = key.map(|key| Cow::Borrowed(self.scheme.symbols.name(key)));
                Operand { key, ..plain(Kind::Company, name, Value::Number(value)) }
            }
            Read::Weight { value } => plain(own, Some("weight"), Value::Number(value)),
            Read::Column { name, row, value } => {
                let key = ROWS.get(row as usize).map_or_else(|| Cow::Owned(row.to_string()), |row| Cow::Borrowed(*row));
                Operand { key: Some(key), ..plain(own, self.column_name(own, name), value) }
            }
            Read::Past { past } => {
                let grade = past.grade.map(|grade| self.scheme.symbols.name(grade));
                let value = match (past.score, grade) {
                    (Some(score), None) => ExplainedValue::Number(score),
                    (None, Some(grade)) => ExplainedValue::Text(Cow::Borrowed(grade)),
                    (Some(score), Some(grade)) => {
                        ExplainedValue::Text(format!("{} {grade}", plain_number(score)).into())
                    }
                    (None, None) => ExplainedValue::Absent,
                };
                let (name, key) = (Cow::Borrowed("history"), Some(Cow::Owned(past.period.to_string())));
                Operand { kind: own, name, key, value }
            }
        }
    }

    fn column_name(&self, kind: Kind, (list, column): (u16, u16)) -> Option<&'a str> {
        let list = self.plan.lists[kind.index()].get(usize::from(list))?;
        list.columns.get(usize::from(column)).map(|column| &*column.path)
    }

    fn explained(&self, value: Value) -> ExplainedValue<'a> {
        match value {
            Value::Number(number) => ExplainedValue::Number(number),
            Value::Flag(flag) => ExplainedValue::Flag(flag),
            Value::Text(text) => ExplainedValue::Text(Cow::Borrowed(self.scheme.symbols.name(text))),
            Value::Day(day) => ExplainedValue::Day(day),
            Value::List { start, len } => {
                let start = start as usize;
                let numbers = self.case.numbers.get(start..start + len as usize);
                ExplainedValue::Numbers(numbers.unwrap_or(&[]).to_vec())
            }
            Value::Absent | Value::Failed(_) => ExplainedValue::Absent,
        }
    }
}

/// The numbers of the first rows of a list: few lists have more.
const ROWS: [&str; 13] = ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9", "10", "11", "12"];

/// Figures whose steps are to be told, each once.
struct Waiting {
    all: Vec<(Kind, usize, u16)>,
    /// By figure: the row of the first subject it waits for, and one more. Another one's is looked for among all.
    rows: Vec<u32>,
}

impl Waiting {
    fn new(figures: usize) -> Self {
        Self { all: Vec::with_capacity(figures), rows: vec![0; figures] }
    }

    fn add(&mut self, kind: Kind, row: usize, figure: u16) {
        let place = u32::try_from(row + 1).unwrap_or(u32::MAX);
        let Some(first) = self.rows.get_mut(usize::from(figure)) else { return };
        match *first {
            0 => *first = place,
            known if known == place => return,
            _ if self.all.contains(&(kind, row, figure)) => return,
            _ => {}
        }
        self.all.push((kind, row, figure));
    }
}

fn is_result(name: &str, body: &Body, value: Value) -> bool {
    value != Value::Absent && (body.pay || body.output.is_some() || matches!(name, "score" | "grade" | "coefficient"))
}
