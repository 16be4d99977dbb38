//! What must fit together in a scheme besides its formulas: codes and names, weights, dates, and keys that mean
//! something only in some places.

mod adjustments;
mod appeals;
mod figures;
mod givers;
mod inputs;
mod parameters;
mod rules;
mod sheets;
mod stages;
mod subjects;

use std::collections::BTreeMap;

use crate::Label;
use crate::Message;
use crate::period::Form;
use crate::say;
use crate::scheme::document::{meant, there_are};
use crate::scheme::problem::Problem;
use crate::scheme::source::Source;
use crate::text::is_invisible;
use crate::value::Kind;

/// Entries that a list of a scheme may have; every figure is worked out for every category and cadence.
const MOST_ENTRIES: usize = 400;
const MOST_CATEGORIES: usize = 60;
const MOST_CADENCES: usize = 12;

/// Names that formulas give another meaning.
const TAKEN_IN_FORMULAS: [&str; 14] = [
    "category", "period", "previous", "param", "table", "unit", "head", "company", "fact", "pay", "item", "given",
    "hired_on", "left_on",
];

/// Keys that every result has.
const TAKEN_IN_RESULTS: [&str; 8] =
    ["number", "code", "excluded", "pay", "outcomes", "interview", "scores", "explanation"];

/// Keys of a case that are no lists.
const TAKEN_IN_CASES: [&str; 11] =
    ["number", "code", "unit", "category", "hired_on", "left_on", "facts", "pay", "items", "history", "score"];

/// A thing that a scheme declares, as messages call it.
#[derive(Clone, Copy)]
struct Noun {
    zh: &'static str,
    en: &'static str,
}

const CADENCE: Noun = Noun { zh: "考核频次", en: "cadence" };
const GRADE: Noun = Noun { zh: "等级", en: "grade" };
const CODE: Noun = Noun { zh: "代码", en: "code" };
const OUTCOME: Noun = Noun { zh: "结果应用", en: "outcome" };
const PARAMETER: Noun = Noun { zh: "参数", en: "parameter" };
const TABLE: Noun = Noun { zh: "表", en: "table" };
const CATEGORY: Noun = Noun { zh: "类别", en: "category" };
const FACT: Noun = Noun { zh: "事实数据", en: "fact" };
const PAY_INPUT: Noun = Noun { zh: "薪酬基数", en: "pay input" };
const LIST: Noun = Noun { zh: "列表", en: "list" };
const CATEGORY_OF_PEOPLE: Noun = Noun { zh: "人员类别", en: "category of people" };
const CHOICE: Noun = Noun { zh: "选项", en: "choice" };
const FIELD: Noun = Noun { zh: "字段", en: "field" };
const COLUMN: Noun = Noun { zh: "列", en: "column" };
const INPUT: Noun = Noun { zh: "输入项", en: "input" };
const FIGURE: Noun = Noun { zh: "得分项", en: "figure" };
const ENTRY: Noun = Noun { zh: "项", en: "entry" };
const SECTION: Noun = Noun { zh: "考核维度", en: "section" };
const ITEM: Noun = Noun { zh: "指标", en: "item" };
const BODY: Noun = Noun { zh: "机构", en: "body" };
const RATER: Noun = Noun { zh: "评分人", en: "rater" };

/// Lists that are too long for anything else to be looked at.
pub(super) fn too_long(source: &Source) -> Vec<Problem> {
    let mut checker = Checker { source, problems: Vec::new(), too_large: false };
    checker.short();
    checker.problems
}

/// What is wrong, and whether the scheme is too large to look further.
pub(super) fn check(source: &Source) -> (Vec<Problem>, bool) {
    let mut checker = Checker { source, problems: Vec::new(), too_large: false };
    checker.scheme();
    checker.plain_codes("/grades", &source.grades);
    checker.plain_codes("/outcomes", &source.outcomes);
    checker.plain_codes("/codes", &source.codes);
    checker.no_guidance("/outcomes", &source.outcomes);
    checker.no_guidance("/codes", &source.codes);
    checker.bodies();
    for kind in Kind::ALL {
        if let Some(subject) = source.subject(kind) {
            checker.subject(kind, subject);
        }
    }
    for (at, parameter) in source.parameters.iter().enumerate() {
        checker.parameter(&format!("/parameters/{at}"), parameter);
    }
    for (at, table) in source.tables.iter().enumerate() {
        let place = format!("/tables/{at}");
        checker.parameter(&place, table);
        if table.default.is_none() {
            checker.problem(
                place,
                say!("表 {} 没有数值：请给出 default", "the table {} has no values: give it a default", table.name),
            );
        }
    }
    for (at, sheet) in source.sheets.iter().enumerate() {
        checker.sheet(&format!("/sheets/{at}"), sheet);
    }
    checker.shared_inputs();
    checker.stages();
    checker.plans();
    checker.duties();
    checker.adjustments();
    checker.pay_terms();
    checker.appeal();
    checker.workflow();
    (checker.problems, checker.too_large)
}

struct Checker<'s> {
    source: &'s Source,
    problems: Vec<Problem>,
    too_large: bool,
}

impl<'s> Checker<'s> {
    fn problem(&mut self, place: impl Into<String>, message: impl Into<Message>) {
        self.problems.push(Problem::new(place.into(), message));
    }

    fn unknown<'n>(&mut self, place: String, what: Noun, name: &str, known: impl IntoIterator<Item = &'n str>) {
        let known: Vec<&str> = known.into_iter().collect();
        let hint = match meant(name, known.iter().copied()) {
            none if none.is_empty() && !known.is_empty() => there_are(&known),
            hint => hint,
        };
        let message = say!("没有{what} {name}{hint}", "there is no {what} {name}{hint}"; what, hint);
        self.problems.push(Problem::new(place, message).about(name));
    }

    // --- the whole ---

    /// The scheme is short enough for its entries to be looked at one by one.
    fn short(&mut self) {
        let source = self.source;
        let whole = [
            ("/parameters", source.parameters.len()),
            ("/tables", source.tables.len()),
            ("/sheets", source.sheets.len()),
            ("/stages", source.stages.len()),
            ("/plans", source.plans.len()),
            ("/duties", source.duties.len()),
            ("/adjust", source.adjust.len()),
            ("/bodies", source.bodies.len()),
        ];
        let mut lists: Vec<(String, usize)> = whole.into_iter().map(|(at, count)| (at.to_owned(), count)).collect();
        for kind in Kind::ALL {
            let (root, Some(subject)) = (kind.source_key(), source.subject(kind)) else { continue };
            let own = [
                ("lists", subject.lists.len()),
                ("exclusions", subject.exclusions.len()),
                ("figures", subject.figures.len()),
                ("rules", subject.rules.len()),
                ("guides", subject.guides.len()),
                ("checks", subject.checks.len()),
            ];
            lists.extend(own.into_iter().map(|(key, count)| (format!("{root}/{key}"), count)));
            let columns = subject.lists.iter().enumerate();
            lists.extend(columns.map(|(at, list)| (format!("{root}/lists/{at}/columns"), list.columns.len())));
        }
        for (at, sheet) in source.sheets.iter().enumerate() {
            let own = [("raters", sheet.raters.len()), ("items", sheet.items.len()), ("inputs", sheet.inputs.len())];
            lists.extend(own.into_iter().map(|(key, count)| (format!("/sheets/{at}/{key}"), count)));
        }
        for (place, count) in lists {
            self.few(&place, count, MOST_ENTRIES);
        }
    }

    fn scheme(&mut self) {
        let source = self.source;
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if source.code.is_empty() || !source.code.chars().all(plain) {
            self.problem(
                "/code",
                say!(
                    "方案代码由小写字母、数字和连字符组成，例如 shop-monthly",
                    "a scheme's code is written in small letters, digits and hyphens: shop-monthly"
                ),
            );
        }
        self.label("/name", &source.name);
        if !(1..=28).contains(&source.month_starts_on) {
            self.problem(
                "/month_starts_on",
                say!("每月起始日须在 1 到 28 之间", "a month begins on a day from 1 to 28"),
            );
        }
        self.few("/cadences", source.cadences.len(), MOST_CADENCES);
        if source.cadences.is_empty() {
            self.problem("/cadences", say!("方案至少要有一个考核频次", "a scheme has at least one cadence"));
        }
        self.coded("/cadences", CADENCE, source.cadences.iter().map(|one| (one.code.as_str(), &one.label)));
        self.coded("/grades", GRADE, source.grades.iter().map(|one| (one.code.as_str(), &one.label)));
        self.coded("/codes", CODE, source.codes.iter().map(|one| (one.code.as_str(), &one.label)));
        for (at, code) in source.codes.iter().enumerate() {
            if source.grades.iter().any(|grade| grade.code == code.code) {
                self.problem(format!("/codes/{at}"), say!("{} 同时也是等级", "{} is a grade, too", code.code));
            }
        }
        self.coded("/outcomes", OUTCOME, source.outcomes.iter().map(|one| (one.code.as_str(), &one.label)));
        let unnamed = source.cadences.iter().enumerate().filter(|(_, one)| !one.named);
        let mut forms: BTreeMap<Form, &str> = BTreeMap::new();
        for (at, cadence) in unnamed {
            if let Some(first) = forms.insert(cadence.form, &cadence.code) {
                let message = say!(
                    "{first} 的考核期间形式相同：请为总是按名称指定的那一个加上 named = true",
                    "{first} has periods of the same form: add named = true to the one that is always asked for by name"
                );
                self.problem(format!("/cadences/{at}"), message);
            }
        }
        let tables = source.tables.iter().map(|table| table.name.as_str());
        self.once("/parameters", PARAMETER, source.parameters.iter().map(|one| one.name.as_str()));
        self.once("/tables", TABLE, tables.clone());
        for (at, table) in tables.enumerate() {
            if source.parameters.iter().any(|parameter| parameter.name == table) {
                self.problem(format!("/tables/{at}"), say!("{table} 同时也是参数", "{table} is a parameter, too"));
            }
        }
    }

    /// Whether a list is short enough to be looked at.
    fn few(&mut self, place: &str, count: usize, most: usize) -> bool {
        if count > most {
            self.too_large = true;
            self.problem(place, say!("{count} 项过多：最多 {most} 项", "{count} entries are too many: at most {most}"));
        }
        count <= most
    }

    fn label(&mut self, place: &str, label: &Label) {
        for (language, text) in [("zh", &label.zh), ("en", &label.en)] {
            if text.trim().is_empty() {
                self.problem(
                    format!("{place}/{language}"),
                    say!("这是给人看的名称，不能为空", "people read this name: it must not be empty"),
                );
            } else if let Some(hidden) = text.chars().find(|c| is_invisible(*c)) {
                let hidden = u32::from(hidden);
                self.problem(
                    format!("{place}/{language}"),
                    say!(
                        "这是给人看的名称，含有看不见的字符 U+{hidden:04X}",
                        "people read this name: it holds the invisible character U+{hidden:04X}"
                    ),
                );
            }
        }
    }

    /// Codes: each once, none empty, and none that cannot stand before a colon.
    fn coded<'n>(&mut self, place: &str, what: Noun, all: impl Iterator<Item = (&'n str, &'n Label)>) {
        let all: Vec<(&str, &Label)> = all.collect();
        if !self.few(place, all.len(), MOST_ENTRIES) {
            return;
        }
        self.once(place, what, all.iter().map(|(code, _)| *code));
        for (at, (code, label)) in all.iter().enumerate() {
            if code.trim() != *code || code.is_empty() || code.contains([':', '{', '}', '"']) {
                self.problem(
                    format!("{place}/{at}/code"),
                    say!(
                        "{code:?} 不能用作代码：请使用字母、数字、_ 和 -",
                        "{code:?} is no code: letters, digits, _ and - will do"
                    ),
                );
            }
            self.label(&format!("{place}/{at}/label"), label);
            let namesake = all.iter().take(at).find(|(_, other)| other.zh == label.zh || other.en == label.en);
            if let Some((other, _)) = namesake.filter(|(other, _)| other != code) {
                let message = say!(
                    "{code} 与 {other} 的名称相同，无法区分",
                    "{code} has the same name as {other}: people could not tell them apart"
                );
                self.problem(format!("{place}/{at}/label"), message);
            }
        }
    }

    fn once<'n>(&mut self, place: &str, what: Noun, names: impl Iterator<Item = &'n str>) {
        let mut seen = BTreeMap::new();
        for (at, name) in names.enumerate() {
            if seen.insert(name, at).is_some() {
                let message = say!("{what} {name} 重复定义", "{what} {name} is declared twice"; what);
                self.problems.push(Problem::new(format!("{place}/{at}"), message));
            }
        }
    }

    /// Names that formulas use.
    fn name(&mut self, place: String, name: &str) {
        let mut letters = name.chars();
        let first = letters.next().is_some_and(|c| c.is_ascii_alphabetic() || c == '_');
        if !first || !letters.all(|c| c.is_ascii_alphanumeric() || c == '_') {
            self.problem(
                place,
                say!(
                    "{name:?} 不能用于公式：名称由英文字母、数字和 _ 组成，不能以数字开头（中文名称写在 label 中）",
                    "{name:?} cannot stand in a formula: a name has letters, digits and _, no digit first"
                ),
            );
        }
    }

    fn cadences(&mut self, place: &str, cadences: &[String]) {
        let known: Vec<&str> = self.source.cadences.iter().map(|cadence| cadence.code.as_str()).collect();
        for (at, code) in cadences.iter().enumerate().filter(|(_, code)| !known.contains(&code.as_str())) {
            self.unknown(format!("{place}/cadences/{at}"), CADENCE, code, known.iter().copied());
        }
    }

    fn categories(&mut self, place: &str, kind: Kind, categories: &[String]) {
        let declared = self.source.subject(kind).map_or(&[][..], |subject| &subject.categories);
        let known: Vec<&str> = declared.iter().map(|category| category.code.as_str()).collect();
        for (at, code) in categories.iter().enumerate().filter(|(_, code)| !known.contains(&code.as_str())) {
            self.unknown(format!("{place}/for/{at}"), CATEGORY, code, known.iter().copied());
        }
    }

    fn scope(&mut self, place: &str, kind: Kind, categories: &[String], cadences: &[String]) {
        self.categories(place, kind, categories);
        self.cadences(place, cadences);
    }

    // --- subjects ---
}
