//! How every figure came about: gathered after the fact by walking from the figures of a subject to what they read.
//!
//! An [`Explanation`] holds values and names only; labels and formulas are the scheme's, in its frozen version.

use std::sync::Arc;

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::columns::{band, leader_at};
use super::formulas::{At, Read};
use super::{Evaluation, groups};
use crate::money::plain;
use crate::period::Period;
use crate::scheme::plan::{Body, FigureRule, Rule};
use crate::scheme::source::Purpose;
use crate::value::{Kind, Value};

/// The least amount of money.
pub(crate) const CENT: Decimal = Decimal::from_parts(1, 0, 0, false, 2);

/// The way from a subject's results down to what was observed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Explanation {
    pub scheme: Arc<str>,
    pub cadence: Arc<str>,
    pub period: Period,
    pub kind: Kind,
    pub subject: Arc<str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub excluded: Option<String>,
    /// Results first; every figure once.
    pub steps: Vec<Step>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reasons: Vec<Reason>,
}

/// One figure: what it read, and what came out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Step {
    pub kind: Kind,
    pub figure: Arc<str>,
    /// Index of the subject's category in the scheme.
    pub category: u8,
    pub value: ExplainedValue,
    /// Before bounds and rounding, where they changed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub raw: Option<ExplainedValue>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub reads: Vec<Operand>,
    /// Place and number of those ranked together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<(u32, u32)>,
    /// Of a share of a sum of money: what it was made of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub share: Option<ShareOfPool>,
    /// How many subjects it was gathered from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gathered: Option<u32>,
    /// The result that pay, score or grade is: not only a step on the way.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub result: bool,
}

/// How a share of a sum of money was found: the pool × the weight ÷ the sum of weights, rounded down to the cent, and
/// perhaps one of the cents that were left.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ShareOfPool {
    pub pool: Decimal,
    pub weight: Decimal,
    /// The sum of the weights of all who share.
    pub weights: Decimal,
    pub among: u32,
    /// The share rounded down.
    pub down: Decimal,
    /// One of the cents left over was added.
    pub cent: bool,
}

/// Something that a formula read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Operand {
    pub kind: Kind,
    /// As formulas name it: `item.response.value`, `param.interview_below`, `score`.
    pub name: Arc<str>,
    /// The key, of an entry of a table; the period, of an earlier result.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<Arc<str>>,
    pub value: ExplainedValue,
}

/// A rule that applied: what it gave, and what its condition read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reason {
    pub gives: Vec<String>,
    pub when: String,
    /// Of what somebody gets as the leader of a unit: that unit's code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of_unit: Option<String>,
    pub reads: Vec<Operand>,
}

impl Reason {
    /// Whose condition it is.
    pub(crate) fn kind(&self, explained: Kind) -> Kind {
        if self.of_unit.is_some() { Kind::Units } else { explained }
    }
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExplainedValue {
    Number(Decimal),
    Numbers(Vec<Decimal>),
    Flag(bool),
    Text(Arc<str>),
    Day(Date),
    Absent,
}

impl ExplainedValue {
    /// As it stands, without a language.
    pub(crate) fn plain(&self) -> String {
        match self {
            ExplainedValue::Number(number) => plain(*number),
            ExplainedValue::Numbers(numbers) => {
                numbers.iter().map(|number| plain(*number)).collect::<Vec<_>>().join(", ")
            }
            ExplainedValue::Flag(flag) => flag.to_string(),
            ExplainedValue::Text(text) => text.to_string(),
            ExplainedValue::Day(day) => day.to_string(),
            ExplainedValue::Absent => "—".to_owned(),
        }
    }
}

impl Evaluation<'_> {
    /// How everything of a person came about.
    pub fn explanation(&self, number: &str) -> Option<Explanation> {
        self.row(Kind::People, number).map(|row| self.explain(Kind::People, row))
    }

    /// As [`Self::explanation`], of the person in that row of the case.
    pub fn explanation_at(&self, row: usize) -> Option<Explanation> {
        (row < self.case.of(Kind::People).len()).then(|| self.explain(Kind::People, row))
    }

    pub fn unit_explanation(&self, code: &str) -> Option<Explanation> {
        self.row(Kind::Units, code).map(|row| self.explain(Kind::Units, row))
    }

    fn explain(&self, kind: Kind, row: usize) -> Explanation {
        let mut explanation = Explanation {
            scheme: Arc::clone(&self.codes.0),
            cadence: Arc::clone(&self.codes.1),
            period: self.case.period,
            kind,
            subject: Arc::from(self.case.of(kind).id(row)),
            excluded: None,
            steps: Vec::new(),
            reasons: Vec::new(),
        };
        if kind == Kind::People
            && let Some(Some(exclusion)) = self.excluded.get(row)
        {
            explanation.excluded =
                self.plan.exclusions.get(usize::from(*exclusion)).map(|exclusion| exclusion.code.clone());
            return explanation;
        }
        let results =
            self.figures_of(kind, row).filter(|(_, figure, body, value)| is_result(&figure.name, body, *value));
        let mut waiting: Vec<(Kind, usize, u16)> = results.map(|(at, ..)| (kind, row, at)).collect();
        waiting.sort_by_key(|(_, _, figure)| std::cmp::Reverse(*figure));
        let mut at = 0;
        let mut reads = Vec::with_capacity(8);
        explanation.steps.reserve(waiting.len() + 4);
        while let Some((of, of_row, figure)) = waiting.get(at).copied() {
            at += 1;
            reads.clear();
            if let Some(step) = self.step(of, of_row, figure, of == kind && of_row == row, &mut reads) {
                explanation.steps.push(step);
            }
            for read in &reads {
                if let Read::Figure { kind, row, figure, .. } = *read
                    && !waiting.contains(&(kind, row, figure))
                {
                    waiting.push((kind, row, figure));
                }
            }
        }
        explanation.reasons = self.reasons(kind, row);
        explanation
    }

    fn step(&self, kind: Kind, row: usize, figure: u16, own: bool, reads: &mut Vec<Read>) -> Option<Step> {
        let declared = self.plan.figures.get(usize::from(figure))?;
        let category = self.case.of(kind).category_of(row);
        let body = declared.bodies.get(category)?.as_ref()?;
        let value = self.cell(figure, row);
        let raw = self.raw(body, At::subject(kind, row), reads);
        let ranking = self.rankings.get(usize::from(figure)).and_then(Option::as_ref);
        let place = ranking.and_then(|ranking| Some((*ranking.position.get(row)?, *ranking.among.get(row)?)));
        let share = self.share(figure, row, value);
        let gathered = match &body.rule {
            FigureRule::Gather { of, .. } => u32::try_from(self.gathered.members(kind, *of, row).len()).ok(),
            _ => None,
        };
        Some(Step {
            kind,
            figure: Arc::clone(&declared.name),
            category: u8::try_from(category).unwrap_or(u8::MAX),
            value: self.explained(value),
            raw: raw.filter(|raw| *raw != value).map(|raw| self.explained(raw)),
            reads: reads.iter().map(|read| self.operand(kind, *read)).collect(),
            place: place.filter(|(place, _)| *place > 0),
            share,
            gathered,
            result: own && is_result(&declared.name, body, value),
        })
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
    fn reasons(&self, kind: Kind, row: usize) -> Vec<Reason> {
        let rules = self.plan.rules.iter().zip(self.hits.iter().zip(&self.to_leaders));
        let applying = rules.filter(|(rule, (hits, _))| {
            rule.kind == kind && rule.purpose != Purpose::Warning && hits.get(row) == Some(&true)
        });
        let own = applying.map(|(rule, (_, got))| {
            let leader = got.iter().find(|(unit, _)| rule.own_history && *unit == row).map(|(_, leader)| *leader);
            self.reason(rule, row, leader, None)
        });
        let mut reasons: Vec<Reason> = own.collect();
        if kind == Kind::People {
            reasons.extend(self.given_as_leader(row).map(|(rule, unit)| {
                let code = self.case.of(Kind::Units).id(unit).to_owned();
                self.reason(rule, unit, Some(row), Some(code))
            }));
        }
        reasons
    }

    fn reason(&self, rule: &Rule, row: usize, leader: Option<usize>, of_unit: Option<String>) -> Reason {
        let mut reads = Vec::new();
        if let Some(Some(when)) = rule.when.get(self.case.of(rule.kind).category_of(row)) {
            let at = match leader.filter(|_| rule.own_history) {
                Some(leader) => leader_at(self.case, row, leader),
                None => At::subject(rule.kind, row),
            };
            let _ = self.env().truth(when, at, &mut reads);
        }
        Reason {
            gives: rule.gives.clone(),
            when: rule.text.clone(),
            of_unit,
            reads: reads.into_iter().map(|read| self.operand(rule.kind, read)).collect(),
        }
    }

    fn operand(&self, own: Kind, read: Read) -> Operand {
        match read {
            Read::Slot { kind, slot, value, .. } => {
                let slot = self.plan.layouts[kind.index()].slots.get(usize::from(slot));
                let name = slot.map_or_else(|| Arc::from("?"), |slot| Arc::clone(&slot.path));
                Operand { kind, name, key: None, value: self.explained(value) }
            }
            Read::Figure { kind, figure, value, .. } => {
                let figure = self.plan.figures.get(usize::from(figure));
                let name = figure.map_or_else(|| Arc::from("?"), |figure| Arc::clone(&figure.name));
                Operand { kind, name, key: None, value: self.explained(value) }
            }
            Read::Parameter { parameter, key, value } => {
                let parameter = self.scheme.parameters.get(usize::from(parameter));
                let name = parameter.map_or_else(|| Arc::from("?"), |parameter| Arc::clone(&parameter.path));
                let key = key.map(|key| self.scheme.symbols.text(key));
                Operand { kind: Kind::Company, name, key, value: ExplainedValue::Number(value) }
            }
            Read::Weight { value } => {
                Operand { kind: own, name: Arc::from("weight"), key: None, value: ExplainedValue::Number(value) }
            }
            Read::Column { name, row, value } => {
                let name = self.column_name(own, name);
                let key = Some(row.to_string().into());
                Operand { kind: own, name, key, value: self.explained(value) }
            }
            Read::Past { past } => {
                let value = match (past.score, past.grade) {
                    (Some(score), None) => ExplainedValue::Number(score),
                    (None, Some(grade)) => ExplainedValue::Text(self.scheme.symbols.text(grade)),
                    (Some(score), Some(grade)) => {
                        ExplainedValue::Text(format!("{} {}", plain(score), self.scheme.symbols.text(grade)).into())
                    }
                    (None, None) => ExplainedValue::Absent,
                };
                Operand { kind: own, name: Arc::from("history"), key: Some(past.period.to_string().into()), value }
            }
        }
    }

    fn column_name(&self, kind: Kind, (list, column): (u16, u16)) -> Arc<str> {
        let list = self.plan.lists[kind.index()].get(usize::from(list));
        let column = list.and_then(|list| list.columns.get(usize::from(column)));
        column.map_or_else(|| Arc::from("?"), |column| Arc::clone(&column.path))
    }

    fn explained(&self, value: Value) -> ExplainedValue {
        match value {
            Value::Number(number) => ExplainedValue::Number(number),
            Value::Flag(flag) => ExplainedValue::Flag(flag),
            Value::Text(text) => ExplainedValue::Text(self.scheme.symbols.text(text)),
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

fn is_result(name: &str, body: &Body, value: Value) -> bool {
    value != Value::Absent && (body.pay || body.output.is_some() || matches!(name, "score" | "grade" | "coefficient"))
}
