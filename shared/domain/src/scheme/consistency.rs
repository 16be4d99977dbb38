//! What must fit together in a scheme besides its formulas: codes and names, weights, dates, and keys that mean
//! something only in some places.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::calendar::{DatePhrase, Term};
use super::compile::bare;
use super::document::{meant, there_are};
use super::problem::Problem;
use super::source::{
    Bounds, CheckSource, FigureSource, InputKind, InputSource, ItemSource, ListSource, ParameterDefault,
    ParameterSource, Purpose, RaterPresence, RuleSource, SheetSource, Source, Stage, SubjectSource, Within,
};
use crate::locale::Label;
use crate::message::Message;
use crate::period::{Form, Period};
use crate::say;
use crate::text::is_invisible;
use crate::value::Kind;
use crate::workdays::WorkingCalendar;

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
const ENTRY: Noun = Noun { zh: "项", en: "entry" };
const SECTION: Noun = Noun { zh: "考核维度", en: "section" };
const ITEM: Noun = Noun { zh: "指标", en: "item" };
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

    fn subject(&mut self, kind: Kind, subject: &'s SubjectSource) {
        let root = kind.source_key();
        let out_of_place: &[(&str, bool)] = match kind {
            Kind::Company => &[
                ("categories", !subject.categories.is_empty()),
                ("score", subject.score.is_some()),
                ("head", subject.head.is_some()),
                ("pay", !subject.pay.is_empty()),
                ("lists", !subject.lists.is_empty()),
                ("exclusions", !subject.exclusions.is_empty()),
                ("guides", !subject.guides.is_empty()),
            ],
            Kind::Units => &[
                ("pay", !subject.pay.is_empty()),
                ("exclusions", !subject.exclusions.is_empty()),
                ("guides", !subject.guides.is_empty()),
            ],
            Kind::People => &[("score", subject.score.is_some()), ("head", subject.head.is_some())],
        };
        for (key, _) in out_of_place.iter().filter(|(_, given)| *given) {
            self.problem(
                format!("{root}/{key}"),
                say!("{} 中不能写 {key}", "{key} has no meaning for {0}", &root[1..]),
            );
        }
        let categories = subject.categories.iter().map(|one| (one.code.as_str(), &one.label));
        self.coded(&format!("{root}/categories"), CATEGORY, categories);
        self.few(&format!("{root}/categories"), subject.categories.len(), MOST_CATEGORIES);
        self.inputs(&format!("{root}/facts"), FACT, &subject.facts, Some(kind));
        self.inputs(&format!("{root}/pay"), PAY_INPUT, &subject.pay, Some(kind));
        self.head(kind, subject);
        for (at, list) in subject.lists.iter().enumerate() {
            self.list(&format!("{root}/lists/{at}"), kind, list);
        }
        self.once(&format!("{root}/lists"), LIST, subject.lists.iter().map(|list| list.key.as_str()));
        for (at, one) in subject.exclusions.iter().enumerate() {
            let place = format!("{root}/exclusions/{at}");
            self.label(&format!("{place}/label"), &one.label);
            self.scope(&place, kind, &one.categories, &one.cadences);
        }
        for (at, figure) in subject.figures.iter().enumerate() {
            self.figure(&format!("{root}/figures/{at}"), kind, figure);
        }
        for (at, rule) in subject.rules.iter().enumerate() {
            self.rule(&format!("{root}/rules/{at}"), kind, subject, rule);
        }
        for (at, guide) in subject.guides.iter().enumerate() {
            let place = format!("{root}/guides/{at}");
            self.cadences(&place, &guide.cadences);
            self.outcome(format!("{place}/warning"), bare(&guide.warning));
            if let Some(name) = stranger(&guide.warning, &["grade"]) {
                self.problem(
                    format!("{place}/warning"),
                    say!(
                        "这里的 {{{name}}} 没有含义：可用 {{grade}}",
                        "{{{name}}} stands for nothing here: {{grade}} does"
                    ),
                );
            }
        }
        for (at, check) in subject.checks.iter().enumerate() {
            self.check(&format!("{root}/checks/{at}"), kind, subject, check);
        }
    }

    fn head(&mut self, kind: Kind, subject: &SubjectSource) {
        let category = subject.head.as_ref().and_then(|head| head.category.as_deref()).filter(|_| kind == Kind::Units);
        let known: Vec<&str> = self.source.people.categories.iter().map(|one| one.code.as_str()).collect();
        if let Some(category) = category.filter(|category| !known.contains(category)) {
            self.unknown("/units/head/category".to_owned(), CATEGORY_OF_PEOPLE, category, known);
        }
    }

    fn inputs(&mut self, place: &str, what: Noun, inputs: &[InputSource], of: Option<Kind>) {
        if !self.few(place, inputs.len(), MOST_ENTRIES) {
            return;
        }
        self.once(place, what, inputs.iter().map(|input| input.name.as_str()));
        for (at, input) in inputs.iter().enumerate() {
            let place = format!("{place}/{at}");
            match of {
                Some(kind) => self.scope(&place, kind, &input.categories, &input.cadences),
                None if !(input.categories.is_empty() && input.cadences.is_empty()) => {
                    self.problem(
                        &place,
                        say!(
                            "这里不能写 for 和 cadences：{} 总是要填写的",
                            "for and cadences have no meaning here: {} is always asked",
                            input.name
                        ),
                    );
                }
                None => {}
            }
            self.input(&place, input);
            if input.sum.is_some() {
                self.problem(
                    format!("{place}/sum"),
                    say!("只有列表的列才能写 sum", "only a column of a list has a sum"),
                );
            }
            if input.presence != RaterPresence::Always || input.counts.is_some() {
                self.problem(
                    &place,
                    say!("presence 和 counts 只用于评分人", "presence and counts are said of raters only"),
                );
            }
        }
    }

    /// What holds for every input, wherever it stands.
    fn input(&mut self, place: &str, input: &InputSource) {
        self.name(format!("{place}/name"), &input.name);
        self.label(&format!("{place}/label"), &input.label);
        let numeric = matches!(input.kind, InputKind::Number | InputKind::Count | InputKind::Points);
        let belongs = [
            ("choices", input.kind == InputKind::Choice, !input.choices.is_empty(), "choice"),
            ("scale", input.kind == InputKind::Scale, !input.scale.is_empty(), "scale"),
            ("fields", input.kind == InputKind::Record, !input.fields.is_empty(), "record"),
        ];
        for (key, wanted, given, kind) in belongs {
            match (wanted, given) {
                (true, false) => self.problem(
                    place,
                    say!("{} 的类型为 {kind}：请写明 {key}", "{} is of the kind {kind}: say its {key}", input.name),
                ),
                (false, true) => {
                    self.problem(
                        format!("{place}/{key}"),
                        say!("{key} 只用于类型 {kind}", "{key} are said of the kind {kind} only"),
                    );
                }
                _ => {}
            }
        }
        self.coded(
            &format!("{place}/choices"),
            CHOICE,
            input.choices.iter().map(|one| (one.code.as_str(), &one.label)),
        );
        for (at, field) in input.fields.iter().enumerate() {
            if field.kind == InputKind::Record {
                self.problem(
                    format!("{place}/fields/{at}"),
                    say!("record 中不能再有 record", "a record holds no further record"),
                );
            }
        }
        if !input.fields.is_empty() {
            self.inputs(&format!("{place}/fields"), FIELD, &input.fields, None);
        }
        self.bounds(place, &input.bounds());
        if !numeric && (input.bounds().is_any() || input.signed || input.many) {
            self.problem(
                place,
                say!(
                    "{} 不是数值：没有上下限、正负和多个值之说",
                    "{} is no number: it has no bounds, no sign and no several values",
                    input.name
                ),
            );
        }
        if let Some(default) = input.default {
            let complaint = match numeric {
                false => Some(say!("只有数值才有 default", "only a number has a default")),
                true if default.0 < Decimal::ZERO && !input.signed => {
                    Some(say!("{} 为负数", "{} is negative", default.0))
                }
                true => input.bounds().complaint(default.0),
            };
            if let Some(complaint) = complaint {
                self.problem(format!("{place}/default"), complaint);
            }
        }
    }

    fn bounds(&mut self, place: &str, bounds: &Bounds) {
        let low = bounds.min.max(bounds.above).map(|low| low.0);
        let high = [bounds.max, bounds.below].into_iter().flatten().min().map(|high| high.0);
        let open = bounds.above.is_some() || bounds.below.is_some();
        if low.zip(high).is_some_and(|(low, high)| low > high || (low == high && open)) {
            self.problem(place, say!("没有任何数值能满足这些界限", "no number can meet these bounds"));
        }
        if bounds.step.is_some_and(|step| step.0 <= Decimal::ZERO) {
            self.problem(format!("{place}/step"), say!("step 须大于 0", "a step is above 0"));
        }
        if bounds.one_of.as_ref().is_some_and(Vec::is_empty) {
            self.problem(format!("{place}/one_of"), say!("one_of 须列出允许的值", "one_of names the values allowed"));
        }
    }

    fn list(&mut self, place: &str, kind: Kind, list: &ListSource) {
        self.name(format!("{place}/key"), &list.key);
        self.label(&format!("{place}/label"), &list.label);
        self.categories(place, kind, &list.categories);
        if TAKEN_IN_CASES.contains(&list.key.as_str()) {
            self.problem(format!("{place}/key"), say!("{} 已另有含义", "{} already means something else", list.key));
        }
        if list.columns.is_empty() {
            self.problem(format!("{place}/columns"), say!("列表至少要有一列", "a list has at least one column"));
        }
        self.once(&format!("{place}/columns"), COLUMN, list.columns.iter().map(|column| column.name.as_str()));
        for (at, column) in list.columns.iter().enumerate() {
            let place = format!("{place}/columns/{at}");
            self.input(&place, column);
            if column.kind == InputKind::Record || column.many {
                self.problem(&place, say!("列表的列每行只有一个值", "a column holds one value a row"));
            }
            if column.kind == InputKind::Points {
                self.problem(
                    format!("{place}/kind"),
                    say!(
                        "points 只用于考核指标：数值列的类型是 number",
                        "points belong to an item: a column of numbers is of the kind number"
                    ),
                );
            }
        }
    }

    fn figure(&mut self, place: &str, kind: Kind, figure: &FigureSource) {
        self.name(format!("{place}/name"), &figure.name);
        self.label(&format!("{place}/label"), &figure.label);
        self.scope(place, kind, &figure.categories, &figure.cadences);
        if TAKEN_IN_FORMULAS.contains(&figure.name.as_str()) {
            self.problem(
                format!("{place}/name"),
                say!("{} 在公式中已另有含义", "{} already means something else in formulas", figure.name),
            );
        }
        if figure.output.is_some() && TAKEN_IN_RESULTS.contains(&figure.name.as_str()) {
            self.problem(
                format!("{place}/name"),
                say!("每个结果都已有 {}", "every result has {} already", figure.name),
            );
        }
        if figure.pay && kind != Kind::People {
            self.problem(
                format!("{place}/pay"),
                say!(
                    "只有员工才发放：部门的金额请用 money = true",
                    "only people are paid: use money = true for an amount of a unit"
                ),
            );
        }
        if figure.round.is_some_and(|places| places > 10) {
            self.problem(format!("{place}/round"), say!("小数位数为 0 到 10", "0 to 10 decimals are kept"));
        }
        if figure.round.is_some() && (figure.pay || figure.money) {
            self.problem(
                format!("{place}/round"),
                say!("金额总是保留到分：请去掉 round", "money is rounded to the cent: leave round out"),
            );
        }
        if figure.split.is_some() && (figure.min.is_some() || figure.max.is_some() || figure.round.is_some()) {
            self.problem(
                place,
                say!(
                    "分摊的金额精确到分，合计等于总额：不能写 min、max 和 round",
                    "shares of a sum are in whole cents and sum to it: min, max and round have no meaning"
                ),
            );
        }
        if figure.ways().count() != 1 {
            let message = say!(
                "{} 只能有一种算法：formula、bands、quota、rank、gather 或 split",
                "{} is found in one way: by a formula, by bands, or by a quota, rank, gather or split",
                figure.name
            );
            self.problems.push(Problem::new(place.to_owned(), message));
        }
        let within = [
            ("quota", figure.quota.as_ref().map(|quota| quota.within)),
            ("rank", figure.rank.as_ref().map(|rank| rank.within)),
            ("split", figure.split.as_ref().map(|split| split.within)),
        ];
        for (key, _) in within.iter().filter(|(_, within)| *within == Some(Within::Unit)) {
            if self.source.units.is_none() {
                self.problem(format!("{place}/{key}/within"), say!("本方案没有部门", "this scheme knows no units"));
            }
        }
        if let Some(gather) = &figure.gather {
            if gather.of == Kind::Company {
                self.problem(format!("{place}/gather/of"), say!("只能汇总员工或部门", "people or units are gathered"));
            }
            if gather.of == Kind::Units && self.source.units.is_none() {
                self.problem(format!("{place}/gather/of"), say!("本方案没有部门", "this scheme knows no units"));
            }
            self.categories(&format!("{place}/gather"), gather.of, &gather.categories);
        }
        let Some(bands) = &figure.bands else { return };
        if bands.rows.is_empty() {
            self.problem(format!("{place}/bands"), say!("没有分数段", "there is no band"));
        }
        let graded = bands.rows.first().is_some_and(|row| row.grade.is_some());
        for (at, row) in bands.rows.iter().enumerate() {
            let place = format!("{place}/bands/rows/{at}");
            if row.bound().is_none() {
                self.problem(
                    &place,
                    say!(
                        "分数段的起点写 `from`（含）或 `above`（不含），二者取一",
                        "a band begins either `from` a number or `above` it"
                    ),
                );
            }
            if row.grade.is_some() == row.value.is_some() {
                self.problem(
                    &place,
                    say!("分数段给出 `grade` 或 `value`，二者取一", "a band gives either a `grade` or a `value`"),
                );
            } else if row.grade.is_some() != graded {
                self.problem(
                    &place,
                    say!(
                        "同一计算项的各分数段须都给出等级，或都给出数值",
                        "the bands of a figure give grades or values, not both"
                    ),
                );
            }
        }
    }

    fn outcome(&mut self, place: String, code: &str) {
        let known: Vec<&str> = self.source.outcomes.iter().map(|outcome| outcome.code.as_str()).collect();
        if !known.contains(&code) {
            let hint = meant(code, known);
            let message = say!("{code:?} 不在方案的结果应用（outcomes）中{hint}", "{code:?} is not among the scheme's outcomes{hint}"; hint);
            self.problems.push(Problem::new(place, message).about(code));
        }
    }

    fn rule(&mut self, place: &str, kind: Kind, subject: &SubjectSource, rule: &RuleSource) {
        self.scope(place, kind, &rule.categories, &rule.cadences);
        if rule.gives.is_empty() {
            self.problem(format!("{place}/gives"), say!("规则须给出结果（gives）", "a rule gives something"));
        }
        for (at, code) in rule.gives.iter().enumerate() {
            let place = format!("{place}/gives/{at}");
            self.outcome(place.clone(), bare(code));
            if let Some(name) = stranger(code, &["code", "number"]) {
                self.problem(
                    &place,
                    say!(
                        "这里的 {{{name}}} 没有含义：可用 {{code}} 和 {{number}}",
                        "{{{name}}} stands for nothing here: {{code}} and {{number}} do"
                    ),
                );
            }
            if code.contains(':') && rule.purpose != Purpose::Warning {
                self.problem(place, say!("只有提示（warning）才能带上对象", "only a warning names the subject"));
            }
        }
        match (kind, rule.purpose) {
            (Kind::Company, Purpose::Outcome | Purpose::Interview) => {
                self.problem(place, say!("对公司只能给出提示（warning）", "of the company only warnings are told"));
            }
            (Kind::Units, Purpose::Interview) => {
                self.problem(place, say!("面谈的对象是员工，不是部门", "people are interviewed, not units"))
            }
            _ => {}
        }
        if rule.to_head && (kind != Kind::Units || subject.head.is_none()) {
            self.problem(
                format!("{place}/to_head"),
                say!(
                    "只有写明负责人的部门，才能把结果给其负责人",
                    "only units that name their head can give their head an outcome"
                ),
            );
        }
        if rule.own_history && (!rule.to_head || rule.purpose != Purpose::Outcome || rule.first_of.is_some()) {
            let message = say!(
                "own_history 只用于给负责人（to_head）的结果，且不在一组规则之内",
                "own_history is said of outcomes that are the head's (to_head), and not within a group"
            );
            self.problem(format!("{place}/own_history"), message);
        }
    }

    fn check(&mut self, place: &str, kind: Kind, subject: &SubjectSource, check: &CheckSource) {
        self.scope(place, kind, &check.categories, &check.cadences);
        match (&check.must, check.needs.is_empty()) {
            (None, true) => self.problem(
                place,
                say!("检查须写明 `must` 或 `needs`", "a check says what `must` hold or what it `needs`"),
            ),
            (Some(_), _) => self.label(&format!("{place}/says"), &check.says),
            _ => {}
        }
        let Some(at) = &check.at else { return };
        let facts = subject.facts.iter().map(|fact| format!("fact.{}", fact.name));
        let pay = subject.pay.iter().map(|pay| format!("pay.{}", pay.name));
        let fields = subject
            .facts
            .iter()
            .flat_map(|fact| fact.fields.iter().map(move |field| format!("fact.{}.{}", fact.name, field.name)));
        let lists = subject.lists.iter().map(|list| list.key.clone());
        let sheets = self.source.sheets.iter().filter(|sheet| sheet.on == kind);
        let items = sheets.flat_map(|sheet| &sheet.items).map(|item| format!("item.{}", item.code));
        let own = ["given", "hired_on", "left_on"].map(str::to_owned);
        let known: Vec<String> = facts.chain(pay).chain(fields).chain(lists).chain(items).chain(own).collect();
        let item = at.split('.').take(2).collect::<Vec<_>>().join(".");
        if !known.iter().any(|one| one == at || (one.starts_with("item.") && *one == item)) {
            self.unknown(format!("{place}/at"), INPUT, at, known.iter().map(String::as_str));
        }
    }

    // --- parameters ---

    fn parameter(&mut self, place: &str, parameter: &ParameterSource) {
        self.name(format!("{place}/name"), &parameter.name);
        self.label(&format!("{place}/label"), &parameter.label);
        self.bounds(place, &parameter.bounds());
        if parameter.optional && parameter.default.is_some() {
            let message = say!("{} 有默认值，不会缺省", "{} has a default: it is never unset", parameter.name);
            self.problem(format!("{place}/optional"), message);
        }
        let tables: Vec<Vec<&String>> = match &parameter.default {
            Some(ParameterDefault::Table(table)) => vec![table.keys().collect()],
            Some(ParameterDefault::ByCategory(tables)) => tables.values().map(|table| table.keys().collect()).collect(),
            Some(ParameterDefault::Number(_)) | None => Vec::new(),
        };
        if tables.iter().any(Vec::is_empty) {
            self.problem(
                format!("{place}/default"),
                say!("表 {} 没有任何项", "the table {} has no entry", parameter.name),
            );
        }
        if tables.is_empty() && (parameter.sum.is_some() || !parameter.sums.is_empty()) {
            self.problem(place, say!("{} 不是表：没有合计", "{} is no table: it has no sum", parameter.name));
        }
        for (at, rule) in parameter.sums.iter().enumerate() {
            let place = format!("{place}/sums/{at}");
            if rule.is.is_some() == rule.at_least.is_some() {
                self.problem(
                    &place,
                    say!("合计写 `is` 或 `at_least`，二者取一", "a sum `is` a number or is `at_least` one"),
                );
            }
            for (key_at, key) in rule.of.iter().enumerate() {
                if !tables.iter().any(|table| table.contains(&key)) {
                    let known = tables.iter().flatten().map(|key| key.as_str());
                    self.unknown(format!("{place}/of/{key_at}"), ENTRY, key, known);
                }
            }
            if let Some(ParameterDefault::ByCategory(tables)) = &parameter.default {
                for (code_at, code) in
                    rule.categories.iter().enumerate().filter(|(_, code)| !tables.contains_key(*code))
                {
                    self.unknown(format!("{place}/for/{code_at}"), CATEGORY, code, tables.keys().map(String::as_str));
                }
            }
        }
    }

    // --- sheets ---

    fn sheet(&mut self, place: &str, sheet: &'s SheetSource) {
        if sheet.on == Kind::Company {
            return self.problem(
                format!("{place}/on"),
                say!("只有员工和部门有考核表，公司没有", "people and units have sheets, the company has none"),
            );
        }
        if sheet.on == Kind::Units && self.source.units.is_none() {
            return self.problem(format!("{place}/on"), say!("本方案没有部门", "this scheme knows no units"));
        }
        self.scope(place, sheet.on, &sheet.categories, &sheet.cadences);
        self.coded(
            &format!("{place}/sections"),
            SECTION,
            sheet.sections.iter().map(|one| (one.code.as_str(), &one.label)),
        );
        if sheet.items.is_empty() {
            self.problem(format!("{place}/items"), say!("考核表至少要有一个指标", "a sheet has at least one item"));
        }
        self.once(&format!("{place}/items"), ITEM, sheet.items.iter().map(|item| item.code.as_str()));
        self.raters(place, sheet);
        self.inputs_of_items(&format!("{place}/inputs"), &sheet.inputs);
        for (at, item) in sheet.items.iter().enumerate() {
            self.item(&format!("{place}/items/{at}"), sheet, item);
        }
    }

    fn raters(&mut self, place: &str, sheet: &SheetSource) {
        self.once(&format!("{place}/raters"), RATER, sheet.raters.iter().map(|rater| rater.name.as_str()));
        for (at, rater) in sheet.raters.iter().enumerate() {
            let here = format!("{place}/raters/{at}");
            // What a rater gives are points, whatever is said of its kind.
            if !matches!(rater.kind, InputKind::Number | InputKind::Points) {
                self.problem(
                    format!("{here}/kind"),
                    say!(
                        "评分人给出分数：字母和计数请写成指标的 inputs",
                        "raters give points: letters and counts are inputs of an item"
                    ),
                );
            }
            self.input(&here, &InputSource { kind: InputKind::Points, ..rater.clone() });
            if rater.sum.is_some() {
                self.problem(
                    format!("{here}/sum"),
                    say!("只有列表的列才能写 sum", "only a column of a list has a sum"),
                );
            }
            let asked = sheet.items.iter().any(|item| match &item.raters {
                Some(raters) => raters.contains(&rater.name),
                None => item.inputs.is_empty() && item.score.is_none(),
            });
            if !asked {
                self.problem(
                    here,
                    say!("本考核表没有由 {} 评分的指标", "no item of this sheet is scored by {}", rater.name),
                );
            }
        }
    }

    fn inputs_of_items(&mut self, place: &str, inputs: &[InputSource]) {
        self.inputs(place, INPUT, inputs, None);
        for (at, input) in inputs.iter().enumerate() {
            if input.kind == InputKind::Record {
                self.problem(
                    format!("{place}/{at}/kind"),
                    say!("指标的输入项是单个值：record 请写成 fact", "an item has single inputs: a record is a fact"),
                );
            }
            if input.name == "weight" {
                self.problem(
                    format!("{place}/{at}/name"),
                    say!("weight 在指标的公式中表示该指标的权重", "weight is the item's weight in its formula"),
                );
            }
        }
    }

    fn item(&mut self, place: &str, sheet: &SheetSource, item: &ItemSource) {
        self.name(format!("{place}/code"), &item.code);
        self.label(&format!("{place}/label"), &item.label);
        self.inputs_of_items(&format!("{place}/inputs"), &item.inputs);
        let known: Vec<&str> = sheet.sections.iter().map(|section| section.code.as_str()).collect();
        if let Some(section) = item.section.as_deref().filter(|section| !known.contains(section)) {
            self.unknown(format!("{place}/section"), SECTION, section, known);
        }
        match (&sheet.weights, item.weight) {
            (None, None) => self.problem(place, say!("指标 {} 没有权重", "the item {} has no weight", item.code)),
            (None, Some(weight)) if weight.0 < Decimal::ZERO => {
                self.problem(format!("{place}/weight"), say!("权重不能为负", "a weight is not negative"));
            }
            (Some(weights), Some(_)) => {
                self.problem(
                    format!("{place}/weight"),
                    say!("本考核表的权重取自 {weights}", "this sheet takes its weights from {weights}"),
                );
            }
            _ => {}
        }
        if item.max.is_some_and(|max| max.0 < Decimal::ZERO) {
            self.problem(
                format!("{place}/max"),
                say!("指标的最高得分不能为负", "the most that an item earns is not negative"),
            );
        }
        let raters = item.raters.iter().flatten();
        for name in raters.filter(|name| sheet.inputs.iter().chain(&item.inputs).any(|input| input.name == **name)) {
            self.problem(
                place,
                say!(
                    "{name} 既是评分人，又是指标 {} 的输入项",
                    "{name} is a rater and an input of the item {}",
                    item.code
                ),
            );
        }
        for (at, input) in item.inputs.iter().enumerate() {
            if sheet.inputs.iter().any(|shared| shared.name == input.name) {
                self.problem(
                    format!("{place}/inputs/{at}"),
                    say!("本考核表的每个指标都已有 {}", "every item of this sheet has {} already", input.name),
                );
            }
        }
    }

    /// An input of an item that several sheets have is one input: it must be of one kind in all of them.
    fn shared_inputs(&mut self) {
        let mut seen = BTreeMap::new();
        for (sheet_at, sheet) in self.source.sheets.iter().enumerate() {
            for (item_at, item) in sheet.items.iter().enumerate() {
                let own = item.inputs.iter().chain(&sheet.inputs);
                let own = own.map(|input| (input.name.as_str(), (input.kind, input.default.map(|d| d.0), input.many)));
                let raters = sheet.raters.iter().map(|rater| {
                    (rater.name.as_str(), (InputKind::Points, rater.default.map(|default| default.0), rater.many))
                });
                let rated = item.raters.is_some() || (item.inputs.is_empty() && item.score.is_none());
                for (name, kind) in own.chain(raters.filter(|_| rated)) {
                    let first = *seen.entry((sheet.on, &item.code, name)).or_insert(kind);
                    if first != kind {
                        let message = say!(
                            "指标 {} 的 {name} 在另一张考核表中的定义不同：请为其中一个指标换一个代码",
                            "{name} of the item {} is declared otherwise on another sheet: give one of the items another code",
                            item.code
                        );
                        self.problem(format!("/sheets/{sheet_at}/items/{item_at}"), message);
                    }
                }
            }
        }
    }

    // --- the cycle ---

    fn stages(&mut self) {
        let stages = &self.source.stages;
        for (at, stage) in stages.iter().enumerate() {
            let place = format!("/stages/{at}");
            if stages.iter().take(at).any(|before| before.code == stage.code && meet(before, stage)) {
                let problem =
                    Problem::new(place.clone(), say!("阶段 {} 重复定义", "stage {} is declared twice", stage.code));
                self.problems.push(problem);
            }
            self.label(&format!("{place}/label"), &stage.label);
            self.cadences(&place, &stage.cadences);
            if stage.due.is_some() && stage.opens.is_none() {
                self.problem(
                    &place,
                    say!(
                        "阶段 {} 有截止日，但没有开始日",
                        "the stage {} is due on a day, but opens on none",
                        stage.code
                    ),
                );
            }
            for (key, phrase) in [("opens", &stage.opens), ("due", &stage.due)] {
                let Some(phrase) = phrase.as_deref().filter(|phrase| DatePhrase::parse(phrase).is_none()) else {
                    continue;
                };
                let message = say!(
                    "{phrase:?} 不是相对于考核期间的日期：请写 28 of M-1（上月 28 日）、last of Feb of Y+1（次年 2 月最后一日）或 7 working days after end（期末后 7 个工作日）",
                    "{phrase:?} is no date relative to the period: write 28 of M-1, last of Feb of Y+1, or 7 working days after end"
                );
                self.problem(format!("{place}/{key}"), message);
            }
        }
        for cadence in 0..self.source.cadences.len() {
            self.order_of_stages(cadence);
        }
    }

    /// Stages stand in the order in which they begin, and none is due before it begins, whatever the period.
    fn order_of_stages(&mut self, cadence: usize) {
        let Some(cadence) = self.source.cadences.get(cadence) else { return };
        let here = |stage: &Stage| stage.cadences.is_empty() || stage.cadences.contains(&cadence.code);
        let stages: Vec<(usize, &Stage)> =
            self.source.stages.iter().enumerate().filter(|(_, stage)| here(stage)).collect();
        let mut told: BTreeMap<String, Message> = BTreeMap::new();
        for period in sample_periods(cadence.form) {
            let mut latest: Option<(jiff::civil::Date, &str)> = None;
            for (at, stage) in stages.iter().filter(|(_, stage)| stage.part.is_none_or(|part| part == period.part())) {
                let date = |phrase: &Option<String>| self.dated(phrase.as_deref(), &period);
                let Some(opens) = date(&stage.opens) else { continue };
                if let Some(due) = date(&stage.due).filter(|due| *due < opens) {
                    let message = say!(
                        "{} 的截止日早于开始日：{period} 于 {due} 截止，{opens} 开始",
                        "{} is due before it opens: for {period} on {due}, opening on {opens}",
                        stage.code
                    );
                    told.entry(format!("/stages/{at}/due")).or_insert(message);
                }
                if let Some((before, code)) = latest.filter(|(before, _)| opens < *before) {
                    let message = say!(
                        "各阶段须按开始日先后排列：{period} 中 {} 于 {opens} 开始，早于 {code} 的 {before}",
                        "stages stand in the order in which they open: for {period}, {} opens on {opens}, before {code} on {before}",
                        stage.code
                    );
                    told.entry(format!("/stages/{at}/opens")).or_insert(message);
                }
                if latest.is_none_or(|(before, _)| opens > before) {
                    latest = Some((opens, &stage.code));
                }
            }
        }
        let parts = match cadence.form {
            Form::Month => 12,
            Form::Quarter => 4,
            Form::HalfYear => 2,
            Form::Year | Form::FiscalYear => 1,
        };
        for (at, stage) in stages {
            if stage.part.is_some_and(|part| !(1..=parts).contains(&part)) {
                let message =
                    say!("{} 的一年有第 1 到 {parts} 期", "a year of {} has parts 1 to {parts}", cadence.code);
                told.insert(format!("/stages/{at}/part"), message);
            }
        }
        for (place, message) in told {
            self.problem(place, message);
        }
    }

    fn dated(&self, phrase: Option<&str>, period: &Period) -> Option<jiff::civil::Date> {
        let phrase = DatePhrase::parse(phrase?)?;
        Some(phrase.date(period, period.last_day(), &WorkingCalendar::default()))
    }

    fn appeal(&mut self) {
        let Some(appeal) = &self.source.appeal else { return };
        let terms =
            [("file_within", appeal.file_within.as_deref()), ("answer_within", Some(appeal.answer_within.as_str()))];
        for (key, term) in terms {
            if let Some(term) = term.filter(|term| Term::parse(term).is_none()) {
                let message = say!(
                    "{term:?} 不是天数或工作日数：请写 7 days（7 天）或 2 working days（2 个工作日）",
                    "{term:?} is no number of days or working days: write 7 days, or 2 working days"
                );
                self.problem(format!("/appeal/{key}"), message);
            }
        }
        if let Some(group) = &appeal.group
            && (group.min == 0 || group.min > group.max)
        {
            self.problem(
                "/appeal/group",
                say!(
                    "小组至少有一名成员，且上限不小于下限",
                    "a group has at least one member, and no fewer at most than at least"
                ),
            );
        }
    }

    fn workflow(&mut self) {
        let Some(plan) = &self.source.workflow.improvement_plan else { return };
        let declined = plan.declined.iter().map(|code| ("declined", code));
        for (key, code) in
            [("on", &plan.on), ("passed", &plan.passed), ("failed", &plan.failed)].into_iter().chain(declined)
        {
            self.outcome(format!("/workflow/improvement_plan/{key}"), code);
        }
        if plan.scale_from.0 >= plan.scale_to.0 || plan.scale_step.0 <= Decimal::ZERO {
            self.problem(
                "/workflow/improvement_plan",
                say!(
                    "评分尺度须从 scale_from 递增到 scale_to，间隔（scale_step）大于 0",
                    "the scale goes up from scale_from to scale_to in steps above 0"
                ),
            );
        }
        if plan.pass_from.0 < plan.scale_from.0 || plan.pass_from.0 > plan.scale_to.0 {
            self.problem(
                "/workflow/improvement_plan/pass_from",
                say!("及格分不在评分尺度之内", "the mark to pass is not on the scale"),
            );
        }
    }
}

/// A name in braces that is not among these.
fn stranger<'t>(text: &'t str, known: &[&str]) -> Option<&'t str> {
    let names = text.split('{').skip(1).map(|rest| rest.split('}').next().unwrap_or(rest));
    names.into_iter().find(|name| !known.contains(name))
}

/// Whether two stages can come in one cycle.
fn meet(one: &Stage, other: &Stage) -> bool {
    let cadences = one.cadences.is_empty()
        || other.cadences.is_empty()
        || one.cadences.iter().any(|code| other.cadences.contains(code));
    let parts = one.part.is_none() || other.part.is_none() || one.part == other.part;
    cadences && parts
}

/// Periods with short months, leap years and ends of years among them.
fn sample_periods(form: Form) -> Vec<Period> {
    let years = [2023, 2024, 2025];
    let written = |year: i32| -> Vec<String> {
        match form {
            Form::Month => (1..=12).map(|month| format!("{year}-{month:02}")).collect(),
            Form::Quarter => (1..=4).map(|quarter| format!("{year}-Q{quarter}")).collect(),
            Form::HalfYear => (1..=2).map(|half| format!("{year}-H{half}")).collect(),
            Form::Year => vec![year.to_string()],
            Form::FiscalYear => vec![format!("FY{year}")],
        }
    };
    years.into_iter().flat_map(written).filter_map(|text| text.parse().ok()).collect()
}
