//! How a subject's figures came about, as a text and as a tree: an explanation holds values and names only, the labels
//! and rules beside them are those of the scheme that it was computed by.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use serde_json::{Value as Json, json};

use super::language::{Language, SharedPool, Word, in_both, language};
use super::phrase::Speaker;
use super::statements::{figure_in_words, item_in_words};
use crate::evaluate::explanation::{CENT, ExplainedValue, Explanation, MovedFrom, Operand, Reason, ShareOfPool, Step};
use crate::evaluate::printed;
use crate::money::{Money, plain};
use crate::scheme::Scheme;
use crate::scheme::codes::{Codes, Stand};
use crate::scheme::plan::{Body, Plan};
use crate::value::Kind;
use crate::{Label, Locale};

/// An explanation as an indented text, from results down to ratings.
pub fn render(explanation: &Explanation<'_>, scheme: &Scheme, locale: Locale) -> String {
    let language = language(locale);
    let book = Book::of(explanation, scheme);
    let mut text = String::new();
    if let Some(code) = &explanation.excluded {
        let reason = scheme.exclusion_label(code).map_or(&**code, |label| language.label(label));
        let _ = writeln!(text, "{}", language.not_appraised(reason));
    }
    let mut told = Told::new();
    for step in book.results() {
        if !told.contains(&(step.kind, &*step.figure)) {
            book.tell(step, 0, language, &mut told, &mut text);
        }
    }
    for reason in &explanation.reasons {
        let name =
            |code: &String| scheme.outcome_label(code).map_or(code.clone(), |label| language.label(label).to_owned());
        let given: Vec<String> = reason.gives.iter().map(name).collect();
        let condition = book.condition(reason, language);
        let _ = writeln!(text, "{}", language.because(&language.list(&given), reason.of_unit.as_deref(), &condition));
        for read in &reason.reads {
            let _ = writeln!(text, "  {}", book.read_in_words(read, language));
        }
    }
    text
}

/// An explanation as a tree with the labels of both languages in it, for those who have no scheme at hand.
pub fn tree(explanation: &Explanation<'_>, scheme: &Scheme) -> Json {
    let book = Book::of(explanation, scheme);
    let mut told = Told::new();
    let mut results = Vec::new();
    for step in book.results() {
        if !told.contains(&(step.kind, &*step.figure)) {
            results.push(book.branch(step, &mut told));
        }
    }
    let reasons = explanation.reasons.iter().map(|reason| {
        let reads: Vec<Json> = reason.reads.iter().map(|read| book.leaf(read)).collect();
        let mut told = json!({ "gives": reason.gives, "when": reason.when, "from": reads });
        if let (Some(unit), Some(told)) = (&reason.of_unit, told.as_object_mut()) {
            told.insert("of_unit".to_owned(), json!(unit));
        }
        told
    });
    let mut tree = json!({ "figures": results, "reasons": reasons.collect::<Vec<_>>() });
    if let (Some(code), Some(tree)) = (&explanation.excluded, tree.as_object_mut()) {
        let label = scheme.exclusion_label(code).cloned().unwrap_or_default();
        tree.insert("excluded".to_owned(), json!({ "code": code, "label": label }));
    }
    tree
}

/// An explanation beside the scheme that names things.
struct Book<'a> {
    explanation: &'a Explanation<'a>,
    scheme: &'a Scheme,
    plan: Option<&'a Plan>,
}

/// Kinds and names of figures.
type Told<'a> = BTreeSet<(Kind, &'a str)>;

impl<'a> Book<'a> {
    fn of(explanation: &'a Explanation<'a>, scheme: &'a Scheme) -> Self {
        let plan = scheme.cadence_index(&explanation.cadence).and_then(|at| scheme.plan(at));
        Self { explanation, scheme, plan }
    }

    fn body(&self, step: &'a Step<'a>) -> Option<&Body> {
        let plan = self.plan?;
        let figure = plan.figures.get(usize::from(plan.figure_named(step.kind, &step.figure)?))?;
        figure.bodies.get(usize::from(step.category))?.as_ref()
    }

    fn label(&self, step: &'a Step<'a>) -> Label {
        self.body(step).map_or_else(|| Label::new(&step.figure, &step.figure), |body| body.label.clone())
    }

    /// What came out, and first what is paid; of what builds on one another the last.
    fn results(&self) -> Vec<&'a Step<'a>> {
        let mut results: Vec<&'a Step<'a>> = self.explanation.steps.iter().filter(|step| step.result).collect();
        results.sort_by_key(|step| !self.body(step).is_some_and(|body| body.pay));
        results
    }

    fn step_of(&self, read: &Operand<'_>) -> Option<&'a Step<'a>> {
        self.explanation.steps.iter().find(|step| step.kind == read.kind && step.figure == read.name)
    }

    /// The step of something that was read, as long as it was not told.
    fn untold(&self, read: &Operand<'_>, told: &Told<'a>) -> Option<&'a Step<'a>> {
        self.step_of(read).filter(|inner| !told.contains(&(inner.kind, &*inner.figure)))
    }

    fn operand_label(&self, read: &Operand<'_>) -> Label {
        if let Some(step) = self.step_of(read) {
            return self.label(step);
        }
        let known = self.slot_label(read).or_else(|| self.figure_label(read));
        let known = known.or_else(|| self.other_label(&read.name));
        let label = known.unwrap_or_else(|| Label::new(&read.name, &read.name));
        let Some(key) = &read.key else { return label };
        if self.is_column(&read.name) {
            return in_both(|language| language.row_of(language.label(&label), key));
        }
        let name = table(read).and_then(|table| self.stand(read.kind).label(self.scheme.keys_of(table), key));
        let key = name.cloned().unwrap_or_else(|| Label::new(key, key));
        in_both(|language| language.entry_of(language.label(&label), language.label(&key)))
    }

    fn slot_label(&self, read: &Operand<'_>) -> Option<Label> {
        let layout = &self.plan?.layouts[read.kind.index()];
        let slot = layout.slots.get(usize::from(*layout.by_path.get(&*read.name)?))?;
        let item = read.name.strip_prefix("item.").and_then(|rest| rest.split('.').next());
        let item = item.and_then(|item| self.stand(read.kind).item_named(item));
        Some(item.map_or_else(|| slot.spec.label.clone(), |(_, item)| item.label.with(&slot.spec.label)))
    }

    /// The name of a figure that has no step of its own here: of the unit that somebody leads.
    fn figure_label(&self, read: &Operand<'_>) -> Option<Label> {
        let plan = self.plan?;
        let figure = plan.figures.get(usize::from(plan.figure_named(read.kind, &read.name)?))?;
        figure.bodies.iter().flatten().next().map(|body| body.label.clone())
    }

    fn column_label(&self, name: &str) -> Option<&Label> {
        let columns = self.plan.into_iter().flat_map(|plan| plan.lists.iter().flatten()).flat_map(|list| &list.columns);
        // Explanations of earlier releases name a column without its list.
        columns.into_iter().find(|column| &*column.path == name || column.name == name).map(|column| &column.label)
    }

    fn is_column(&self, name: &str) -> bool {
        self.column_label(name).is_some()
    }

    fn other_label(&self, name: &str) -> Option<Label> {
        if let Some(bare) = name.strip_prefix("param.").or_else(|| name.strip_prefix("table.")) {
            return self.scheme.parameters.iter().find(|parameter| parameter.name == bare).map(|p| p.label.clone());
        }
        self.column_label(name).cloned().or_else(|| match name {
            "weight" => Some(in_both(|language| language.word(Word::Weight).to_owned())),
            "history" => Some(in_both(|language| language.word(Word::History).to_owned())),
            _ => None,
        })
    }

    /// The rule of a figure as people would say it.
    fn rule_in_words(&self, step: &'a Step<'a>, language: &dyn Language) -> String {
        let said = self.body(step).and_then(|body| {
            let speaker = self.speaker(step.kind, language.locale());
            match step.figure.strip_prefix("item.") {
                Some(_) => {
                    let sheet = self.plan?.sheet(step.kind, usize::from(step.category))?;
                    item_in_words(speaker, sheet.source, body.declared_at)
                }
                None => figure_in_words(speaker, step.kind, body.declared_at),
            }
        });
        said.unwrap_or_default()
    }

    /// What raters are told about an item, or what a grade means.
    fn guidance(&self, step: &'a Step<'a>) -> Option<&Label> {
        let guidance = match (step.figure.strip_prefix("item."), &step.value) {
            (Some(item), _) => self.stand(step.kind).item_named(item)?.1.guidance.as_ref(),
            (None, ExplainedValue::Text(code)) if self.codes_of(step.kind, &step.figure) == Codes::Grades => {
                self.scheme.grades().iter().find(|grade| grade.code == **code)?.guidance.as_ref()
            }
            _ => None,
        };
        guidance.filter(|guidance| !guidance.zh.is_empty() && !guidance.en.is_empty())
    }

    /// When a rule applies.
    fn condition(&self, reason: &Reason<'_>, language: &dyn Language) -> String {
        if reason.when.trim() == "true" {
            return language.word(Word::Always).to_owned();
        }
        let speaker = self.speaker(reason.kind(self.explanation.kind), language.locale());
        Speaker { values: false, ..speaker }.phrase(&reason.when)
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

    /// "base salary = 8000"
    fn read_in_words(&self, read: &Operand<'_>, language: &dyn Language) -> String {
        let value = match (self.step_of(read), &*read.name) {
            (Some(step), _) => self.value_in_words(step, language),
            (None, "history") => self.shown(&read.value, Codes::Grades, language),
            (None, name) => self.shown(&read.value, self.codes_of(read.kind, name), language),
        };
        format!("{} = {value}", language.label(&self.operand_label(read)))
    }

    /// What was read, the entries of a table in the order of the scheme.
    fn reads(&self, step: &'a Step<'a>) -> Vec<&'a Operand<'a>> {
        let mut reads: Vec<&Operand<'_>> = self.explanation.reads(step).iter().collect();
        let order = |read: &Operand<'_>| {
            let (table, key) = (table(read)?, read.key.as_deref()?);
            Some(self.stand(read.kind).order(self.scheme.keys_of(table), key))
        };
        for of_one_table in reads.chunk_by_mut(|a, b| a.name == b.name && table(a).is_some()) {
            of_one_table.sort_by_key(|read| order(read));
        }
        reads
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
    fn shown(&self, value: &ExplainedValue<'_>, codes: Codes, language: &dyn Language) -> String {
        match value {
            ExplainedValue::Text(code) => self.coded(codes, code, language),
            ExplainedValue::Flag(flag) => language.yes(*flag).to_owned(),
            ExplainedValue::Absent => language.word(Word::Nothing).to_owned(),
            _ => value.plain(),
        }
    }

    /// A code, or a score and a grade of the history, which stand in one text.
    fn coded(&self, codes: Codes, text: &str, language: &dyn Language) -> String {
        let label =
            |code: &str| self.stand(self.explanation.kind).label(codes, code).map(|label| language.label(label));
        match text.split_once(' ') {
            Some((score, grade)) => format!("{score} {}", label(grade).unwrap_or(grade)),
            None => label(text).unwrap_or(text).to_owned(),
        }
    }

    /// A number as results print it.
    fn printed(&self, step: &'a Step<'a>) -> String {
        match (&step.value, self.body(step)) {
            (ExplainedValue::Number(number), Some(body)) => printed(body, *number),
            (value, _) => value.plain(),
        }
    }

    fn value_in_words(&self, step: &'a Step<'a>, language: &dyn Language) -> String {
        match &step.value {
            ExplainedValue::Number(_) => self.printed(step),
            value => self.shown(value, self.codes_of(step.kind, &step.figure), language),
        }
    }

    fn tell(&self, step: &'a Step<'a>, depth: usize, language: &dyn Language, told: &mut Told<'a>, text: &mut String) {
        told.insert((step.kind, &*step.figure));
        let indent = "  ".repeat(depth);
        let (label, value) = (self.label(step), self.value_in_words(step, language));
        let _ = writeln!(text, "{indent}{} = {value}", language.label(&label));
        let mut lines = vec![language.rule(&self.rule_in_words(step, language))];
        lines.extend(self.guidance(step).map(|guidance| language.guidance(language.label(guidance))));
        lines.extend(step.raw.as_ref().map(|raw| language.before_bounds(&raw.plain())));
        if let (Some(places), Some(_)) = (self.body(step).and_then(|body| body.round), &step.raw) {
            lines.push(language.decimals(places));
        }
        lines.extend(step.place.map(|(place, among)| language.place(place, among)));
        lines.extend(step.share.iter().flat_map(|share| share_in_words(share, language)));
        lines.extend(step.gathered.map(|count| language.gathered_from(count)));
        lines.extend(step.moved.iter().map(|moved| {
            let codes = self.codes_of(step.kind, &step.figure);
            let values = [&moved.from, &moved.to].map(|value| self.shown(value, codes, language));
            language.moved((&values[0], &values[1]), &moved.who, &moved.on.to_string(), &moved.why)
        }));
        for line in lines {
            let _ = writeln!(text, "{indent}  {line}");
        }
        for read in self.reads(step) {
            match self.untold(read, told) {
                Some(inner) => self.tell(inner, depth + 1, language, told, text),
                None => {
                    let _ = writeln!(text, "{indent}  {}", self.read_in_words(read, language));
                }
            }
        }
    }

    fn branch(&self, step: &'a Step<'a>, told: &mut Told<'a>) -> Json {
        told.insert((step.kind, &*step.figure));
        let mut branch = json!({
            "figure": step.figure,
            "label": self.label(step),
            "rule": self.body(step).map_or("", |body| body.text.as_str()),
            "value": self.printed(step),
        });
        let mut from = Vec::new();
        for read in self.reads(step) {
            from.push(match self.untold(read, told) {
                Some(inner) => self.branch(inner, told),
                None => self.leaf(read),
            });
        }
        if let Some(branch) = branch.as_object_mut() {
            let mut put = |key: &str, value: Option<Json>| value.map(|value| branch.insert(key.to_owned(), value));
            put("of", (step.kind != self.explanation.kind).then(|| json!(step.kind)));
            put("guidance", self.guidance(step).map(|guidance| json!(guidance)));
            put("before_rounding", step.raw.as_ref().map(|raw| json!(raw.plain())));
            put("rounded_to", self.body(step).and_then(|body| body.round).map(|places| json!(places)));
            put("place", step.place.map(|(place, among)| json!({ "place": place, "among": among })));
            put("share", step.share.as_ref().map(|share| json!(share)));
            put("gathered_from", step.gathered.map(|gathered| json!(gathered)));
            let moved = |moved: &MovedFrom<'_>| json!({ "from": moved.from.plain(), "to": moved.to.plain(), "who": moved.who, "on": moved.on, "why": moved.why });
            put("moved", (!step.moved.is_empty()).then(|| step.moved.iter().map(moved).collect()));
            put("from", (!from.is_empty()).then(|| json!(from)));
        }
        branch
    }

    fn leaf(&self, read: &Operand<'_>) -> Json {
        let label = self.operand_label(read);
        json!({ "input": read.name, "key": read.key, "label": label, "value": read.value.plain() })
    }
}

/// The table or parameter that was read.
fn table<'r>(read: &'r Operand<'_>) -> Option<&'r str> {
    read.name.strip_prefix("param.").or_else(|| read.name.strip_prefix("table."))
}

/// The weight, "100.00 × 1 ÷ 3 → 33.33", and the cent.
fn share_in_words(share: &ShareOfPool, language: &dyn Language) -> Vec<String> {
    let (pool, down) = (Money::new(share.pool).to_string(), Money::new(share.down).to_string());
    let (weight, weights) = (plain(share.weight), plain(share.weights));
    let shared = SharedPool { pool: &pool, weight: &weight, weights: &weights, among: share.among, down: &down };
    if share.weights.is_zero() {
        return vec![language.nothing_shared(&pool)];
    }
    let mut lines = language.share(&shared).to_vec();
    if share.cent {
        lines.push(language.cent(&Money::new(CENT).to_string()));
    }
    lines
}
