//! How every figure came about: gathered after the fact by walking from the figures of a subject to what they read.
//!
//! An [`Explanation`] holds values and names only; labels and formulas are the scheme's, in its frozen version.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use super::columns::{band, leader_at};
use super::{Evaluation, groups};
use crate::expression::eval::{At, Read};
use crate::locale::{Label, Locale};
use crate::money::{Money, plain};
use crate::period::Period;
use crate::scheme::Scheme;
use crate::scheme::codes::{Codes, Stand};
use crate::scheme::plan::{Body, FigureRule, Plan, Rule};
use crate::scheme::source::Purpose;
use crate::tools::phrase::Speaker;
use crate::tools::statements;
use crate::value::{Kind, Value};

/// The least amount of money.
const CENT: Decimal = Decimal::from_parts(1, 0, 0, false, 2);

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
    fn kind(&self, explained: Kind) -> Kind {
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
    fn shown(&self) -> String {
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

/// Words around figures, in both languages.
struct Words {
    rule: &'static str,
    before: &'static str,
    rounded: &'static str,
    place: &'static str,
    gathered: &'static str,
    weight: &'static str,
    down: &'static str,
    cent: &'static str,
    because: &'static str,
    excluded: &'static str,
    comma: &'static str,
}

const CHINESE: Words = Words {
    rule: "规则",
    before: "取整或限幅前",
    rounded: "小数位数（四舍五入）",
    place: "名次",
    gathered: "汇总数",
    weight: "权数",
    down: "舍去不足一分后",
    cent: "补足的余分",
    because: "依据",
    excluded: "不参加考核",
    comma: "、",
};

const ENGLISH: Words = Words {
    rule: "rule",
    before: "before bounds and rounding",
    rounded: "decimals (half away from zero)",
    place: "place",
    gathered: "gathered from",
    weight: "weight",
    down: "rounded down to the cent",
    cent: "one of the cents left",
    because: "because",
    excluded: "not appraised",
    comma: ", ",
};

/// An explanation as an indented text, from results down to ratings.
pub fn render(explanation: &Explanation, scheme: &Scheme, locale: Locale) -> String {
    let words = match locale {
        Locale::ZhCn => CHINESE,
        Locale::En => ENGLISH,
    };
    let book =
        Book { explanation, scheme, plan: scheme.cadence_index(&explanation.cadence).and_then(|at| scheme.plan(at)) };
    let mut text = String::new();
    if let Some(code) = &explanation.excluded {
        let reason = scheme.exclusion_label(code).map_or(code.as_str(), |label| label.get(locale));
        let _ = writeln!(text, "{}: {reason}", words.excluded);
    }
    let mut told = BTreeSet::new();
    for step in book.results() {
        if !told.contains(&(step.kind, Arc::clone(&step.figure))) {
            book.tell(step, 0, locale, &words, &mut told, &mut text);
        }
    }
    for reason in &explanation.reasons {
        let names: Vec<&str> = reason
            .gives
            .iter()
            .map(|code| scheme.outcome_label(code).map_or(code.as_str(), |label| label.get(locale)))
            .collect();
        let condition =
            statements::condition_in_words(book.speaker(reason.kind(explanation.kind), locale), &reason.when);
        let unit = match (&reason.of_unit, locale) {
            (None, _) => String::new(),
            (Some(unit), Locale::ZhCn) => format!("（作为{unit}的负责人）"),
            (Some(unit), Locale::En) => format!(" (as the head of {unit})"),
        };
        let _ = writeln!(text, "{}{unit} — {}: {condition}", names.join(words.comma), words.because);
        for read in &reason.reads {
            let label = book.operand_label(read);
            let _ = writeln!(text, "  {} = {}", label.get(locale), book.read_shown(read, locale));
        }
    }
    text
}

impl Explanation {
    /// The explanation as a tree with the labels of both languages in it, for those who have no scheme at hand.
    pub fn tree(&self, scheme: &Scheme) -> Json {
        let plan = scheme.cadence_index(&self.cadence).and_then(|at| scheme.plan(at));
        let book = Book { explanation: self, scheme, plan };
        let mut told = BTreeSet::new();
        let mut results = Vec::new();
        for step in book.results() {
            if !told.contains(&(step.kind, Arc::clone(&step.figure))) {
                results.push(book.branch(step, &mut told));
            }
        }
        let reasons = self.reasons.iter().map(|reason| {
            let reads: Vec<Json> = reason.reads.iter().map(|read| book.leaf(read)).collect();
            let mut told = json!({ "gives": reason.gives, "when": reason.when, "from": reads });
            if let (Some(unit), Some(told)) = (&reason.of_unit, told.as_object_mut()) {
                told.insert("of_unit".to_owned(), json!(unit));
            }
            told
        });
        let mut tree = json!({ "figures": results, "reasons": reasons.collect::<Vec<_>>() });
        if let (Some(code), Some(tree)) = (&self.excluded, tree.as_object_mut()) {
            let label = scheme.exclusion_label(code).cloned().unwrap_or_default();
            tree.insert("excluded".to_owned(), json!({ "code": code, "label": label }));
        }
        tree
    }
}

/// An explanation beside the scheme that names things.
struct Book<'a> {
    explanation: &'a Explanation,
    scheme: &'a Scheme,
    plan: Option<&'a Plan>,
}

type Told = BTreeSet<(Kind, Arc<str>)>;

impl Book<'_> {
    fn body(&self, step: &Step) -> Option<&Body> {
        let plan = self.plan?;
        let figure = plan.figures.get(usize::from(plan.figure_named(step.kind, &step.figure)?))?;
        figure.bodies.get(usize::from(step.category))?.as_ref()
    }

    fn label(&self, step: &Step) -> Label {
        self.body(step).map_or_else(|| Label::new(&step.figure, &step.figure), |body| body.label.clone())
    }

    /// What came out, and first what is paid; of what builds on one another the last.
    fn results(&self) -> Vec<&Step> {
        let mut results: Vec<&Step> = self.explanation.steps.iter().filter(|step| step.result).collect();
        results.sort_by_key(|step| !self.body(step).is_some_and(|body| body.pay));
        results
    }

    fn step_of(&self, read: &Operand) -> Option<&Step> {
        self.explanation.steps.iter().find(|step| step.kind == read.kind && step.figure == read.name)
    }

    fn operand_label(&self, read: &Operand) -> Label {
        if let Some(step) = self.step_of(read) {
            return self.label(step);
        }
        let known = self.slot_label(read).or_else(|| self.figure_label(read));
        let known = known.or_else(|| self.other_label(&read.name));
        let label = known.unwrap_or_else(|| Label::new(&read.name, &read.name));
        let Some(key) = &read.key else { return label };
        let table = read.name.strip_prefix("param.").or_else(|| read.name.strip_prefix("table."));
        let key = table.and_then(|table| self.stand(read.kind).label(self.scheme.keys_of(table), key)).cloned();
        let key = key.unwrap_or_else(|| read.key.as_deref().map_or_else(Label::default, |key| Label::new(key, key)));
        Label::new(&format!("{}［{}］", label.zh, key.zh), &format!("{} [{}]", label.en, key.en))
    }

    fn slot_label(&self, read: &Operand) -> Option<Label> {
        let layout = &self.plan?.layouts[read.kind.index()];
        let slot = layout.slots.get(usize::from(*layout.by_path.get(&*read.name)?))?;
        let item = read.name.strip_prefix("item.").and_then(|rest| rest.split('.').next());
        let item = item.and_then(|item| self.stand(read.kind).item_named(item));
        Some(item.map_or_else(|| slot.spec.label.clone(), |(_, item)| item.label.with(&slot.spec.label)))
    }

    /// The name of a figure that has no step of its own here: of the unit that somebody leads.
    fn figure_label(&self, read: &Operand) -> Option<Label> {
        let plan = self.plan?;
        let figure = plan.figures.get(usize::from(plan.figure_named(read.kind, &read.name)?))?;
        figure.bodies.iter().flatten().next().map(|body| body.label.clone())
    }

    fn other_label(&self, name: &str) -> Option<Label> {
        if let Some(bare) = name.strip_prefix("param.").or_else(|| name.strip_prefix("table.")) {
            return self.scheme.parameters.iter().find(|parameter| parameter.name == bare).map(|p| p.label.clone());
        }
        let columns = self.plan.into_iter().flat_map(|plan| plan.lists.iter().flatten()).flat_map(|list| &list.columns);
        let column = columns.into_iter().find(|column| &*column.path == name).map(|column| column.label.clone());
        column.or_else(|| match name {
            "weight" => Some(Label::new("权重", "weight")),
            "history" => Some(Label::new("历史结果", "earlier result")),
            _ => None,
        })
    }

    /// The rule of a figure as people would say it.
    fn rule_in_words(&self, step: &Step, locale: Locale) -> String {
        let said = self.body(step).and_then(|body| {
            let speaker = self.speaker(step.kind, locale);
            match step.figure.strip_prefix("item.") {
                Some(_) => {
                    let sheet = self.plan?.sheet(step.kind, usize::from(step.category))?;
                    statements::item_in_words(speaker, sheet.source, body.declared_at)
                }
                None => statements::figure_in_words(speaker, step.kind, body.declared_at),
            }
        });
        said.unwrap_or_default()
    }

    fn speaker(&self, kind: Kind, locale: Locale) -> Speaker<'_> {
        let Stand { categories, cadences, .. } = self.stand(kind);
        Speaker { categories, cadences, ..Speaker::of(self.scheme, locale, kind) }
    }

    /// Where formulas of that kind of subject stand, in this cadence; of the subject itself also its category.
    fn stand(&self, kind: Kind) -> Stand<'_> {
        let source = &self.scheme.source;
        let cadence = source.cadences.iter().find(|cadence| *cadence.code == *self.explanation.cadence);
        let cadences = cadence.map_or(&[][..], |cadence| std::slice::from_ref(&cadence.code));
        let own = self.explanation.steps.iter().find(|step| kind == self.explanation.kind && step.kind == kind);
        let category = own.and_then(|step| source.subject(kind)?.categories.get(usize::from(step.category)));
        let categories = category.map_or(&[][..], |category| std::slice::from_ref(&category.code));
        Stand { categories, cadences, ..Stand::of(source, kind) }
    }

    fn read_shown(&self, read: &Operand, locale: Locale) -> String {
        let codes = match &*read.name {
            "history" => Codes::Grades,
            name => self.codes_of(read.kind, name),
        };
        self.shown(&read.value, codes, locale)
    }

    /// The kind of the codes that something has, as formulas name it; a column of a list with its list.
    fn codes_of(&self, kind: Kind, name: &str) -> Codes {
        let stand = self.stand(kind);
        let path: Vec<&str> = name.split('.').collect();
        let list = match path.as_slice() {
            [key, _] => stand.list_named(key),
            _ => None,
        };
        match (list, path.as_slice()) {
            (Some(_), [_, column]) => Stand { list, ..stand }.codes_of_name(&[column]),
            (_, path) => stand.codes_of_name(path),
        }
    }

    /// A value by its name, where it is a code that has one.
    fn shown(&self, value: &ExplainedValue, codes: Codes, locale: Locale) -> String {
        match (value, locale) {
            (ExplainedValue::Text(code), _) => self.coded(codes, code, locale),
            (ExplainedValue::Flag(flag), Locale::ZhCn) => if *flag { "是" } else { "否" }.to_owned(),
            (ExplainedValue::Flag(flag), Locale::En) => if *flag { "yes" } else { "no" }.to_owned(),
            _ => value.shown(),
        }
    }

    /// A code, or a score and a grade of the history, which stand in one text.
    fn coded(&self, codes: Codes, text: &str, locale: Locale) -> String {
        let label = |code: &str| self.stand(self.explanation.kind).label(codes, code).map(|label| label.get(locale));
        match text.split_once(' ') {
            Some((score, grade)) => format!("{score} {}", label(grade).unwrap_or(grade)),
            None => label(text).unwrap_or(text).to_owned(),
        }
    }

    fn rule_text(&self, step: &Step) -> String {
        self.body(step).map_or(String::new(), |body| body.text.clone())
    }

    fn value_shown(&self, step: &Step) -> String {
        match (&step.value, self.body(step)) {
            (ExplainedValue::Number(number), Some(body)) => super::results::printed(body, *number),
            (value, _) => value.shown(),
        }
    }

    fn tell(&self, step: &Step, depth: usize, locale: Locale, words: &Words, told: &mut Told, text: &mut String) {
        told.insert((step.kind, Arc::clone(&step.figure)));
        let indent = "  ".repeat(depth);
        let value = match &step.value {
            ExplainedValue::Number(_) => self.value_shown(step),
            value => self.shown(value, self.codes_of(step.kind, &step.figure), locale),
        };
        let _ = writeln!(text, "{indent}{} = {value}", self.label(step).get(locale));
        let _ = writeln!(text, "{indent}  {}: {}", words.rule, self.rule_in_words(step, locale));
        if let Some(raw) = &step.raw {
            let _ = writeln!(text, "{indent}  {}: {}", words.before, raw.shown());
        }
        if let (Some(places), Some(_)) = (self.body(step).and_then(|body| body.round), &step.raw) {
            let _ = writeln!(text, "{indent}  {}: {places}", words.rounded);
        }
        if let Some((place, among)) = step.place {
            let _ = writeln!(text, "{indent}  {}: {place} / {among}", words.place);
        }
        if let Some(share) = &step.share {
            self.tell_share(share, &indent, locale, words, text);
        }
        if let Some(gathered) = step.gathered {
            let _ = writeln!(text, "{indent}  {}: {gathered}", words.gathered);
        }
        for read in &step.reads {
            match self.step_of(read).filter(|inner| !told.contains(&(inner.kind, Arc::clone(&inner.figure)))) {
                Some(inner) => self.tell(inner, depth + 1, locale, words, told, text),
                None => {
                    let label = self.operand_label(read);
                    let _ = writeln!(text, "{indent}  {} = {}", label.get(locale), self.read_shown(read, locale));
                }
            }
        }
    }

    /// "100.00 × 1 ÷ 3 → 33.33", and the cent.
    fn tell_share(&self, share: &ShareOfPool, indent: &str, locale: Locale, words: &Words, text: &mut String) {
        let among = match locale {
            Locale::ZhCn => format!("（{}份）", share.among),
            Locale::En => format!(" (shared by {})", share.among),
        };
        let (pool, down) = (Money::new(share.pool), Money::new(share.down));
        let (weight, weights) = (plain(share.weight), plain(share.weights));
        let _ = writeln!(text, "{indent}  {}: {weight} / {weights}{among}", words.weight);
        let _ = writeln!(text, "{indent}  {}: {pool} × {weight} ÷ {weights} → {down}", words.down);
        if share.cent {
            let _ = writeln!(text, "{indent}  {}: + {}", words.cent, Money::new(CENT));
        }
    }

    fn branch(&self, step: &Step, told: &mut Told) -> Json {
        told.insert((step.kind, Arc::clone(&step.figure)));
        let mut branch = json!({
            "figure": step.figure,
            "label": self.label(step),
            "rule": self.rule_text(step),
            "value": self.value_shown(step),
        });
        let from: Vec<Json> = step
            .reads
            .iter()
            .map(|read| {
                match self.step_of(read).filter(|inner| !told.contains(&(inner.kind, Arc::clone(&inner.figure)))) {
                    Some(inner) => self.branch(inner, told),
                    None => self.leaf(read),
                }
            })
            .collect();
        if let Some(branch) = branch.as_object_mut() {
            let mut put = |key: &str, value: Option<Json>| value.map(|value| branch.insert(key.to_owned(), value));
            put("of", (step.kind != self.explanation.kind).then(|| json!(step.kind)));
            put("before_rounding", step.raw.as_ref().map(|raw| json!(raw.shown())));
            put("rounded_to", self.body(step).and_then(|body| body.round).map(|places| json!(places)));
            put("place", step.place.map(|(place, among)| json!({ "place": place, "among": among })));
            put("share", step.share.as_ref().map(|share| json!(share)));
            put("gathered_from", step.gathered.map(|gathered| json!(gathered)));
            put("from", (!from.is_empty()).then(|| json!(from)));
        }
        branch
    }

    fn leaf(&self, read: &Operand) -> Json {
        let label = self.operand_label(read);
        json!({ "input": read.name, "key": read.key, "label": label, "value": read.value.shown() })
    }
}
