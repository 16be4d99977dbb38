//! A scheme taken apart into single statements: one is a sentence of an explanation, and what a comparison compares.

use rust_decimal::Decimal;

use super::phrase::Speaker;
use crate::locale::Label;
use crate::money::plain;
use crate::period::Form;
use crate::scheme::calendar::{DatePhrase, Term};
use crate::scheme::codes::Codes;
use crate::scheme::source::{
    BandSource, Coded, FigureSource, Gathering, InputKind, InputSource, ItemSource, Number, ParameterDefault,
    ParameterSource, PlaceRounding, Purpose, QuotaSource, RankCount, RaterPresence, RuleSource, SheetSource, Source,
    Stage, SubjectSource, TiedPlaces, Within,
};
use crate::scheme::{AppealTerms, Workflow};
use crate::value::Kind;

/// What a statement is about, in the order in which people ask.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Section {
    Covered,
    Sheets,
    Inputs,
    Results,
    Pay,
    Outcomes,
    Interviews,
    Warnings,
    Calendar,
    Appeal,
    Workflow,
    Settings,
}

impl Section {
    pub const ALL: [Section; 12] = [
        Section::Covered,
        Section::Sheets,
        Section::Inputs,
        Section::Results,
        Section::Pay,
        Section::Outcomes,
        Section::Interviews,
        Section::Warnings,
        Section::Calendar,
        Section::Appeal,
        Section::Workflow,
        Section::Settings,
    ];

    pub fn title(self) -> Label {
        let (zh, en) = match self {
            Section::Covered => ("考核对象", "Who is appraised, and when"),
            Section::Sheets => ("考核表与评分", "What is scored"),
            Section::Inputs => ("需要提供的数据", "What must be supplied, and by whom"),
            Section::Results => ("得分与等级", "Scores and grades"),
            Section::Pay => ("薪酬", "Pay"),
            Section::Outcomes => ("结果运用", "What a result leads to"),
            Section::Interviews => ("面谈", "Interviews"),
            Section::Warnings => ("提示", "Warnings to HR"),
            Section::Calendar => ("日程", "Calendar"),
            Section::Appeal => ("申诉", "Appeals"),
            Section::Workflow => ("流程", "Procedure"),
            Section::Settings => ("公司可设定的值", "What the company may set"),
        };
        Label::new(zh, en)
    }
}

/// One sentence.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Statement {
    pub section: Section,
    /// The same thing in another scheme has the same key.
    pub key: String,
    pub topic: String,
    pub says: String,
    /// Entries that change one by one: weights, bands, values of a table.
    pub parts: Vec<(String, String)>,
    /// Stands below another.
    pub indent: bool,
}

/// Everything that a scheme says, in order.
pub(super) fn statements(speaker: Speaker<'_>) -> Vec<Statement> {
    let mut book = Book { speaker, found: Vec::new() };
    book.covered();
    for kind in [Kind::Company, Kind::Units, Kind::People] {
        for (at, sheet) in speaker.source.sheets.iter().enumerate().filter(|(_, sheet)| sheet.on == kind) {
            book.sheet(at, sheet);
        }
        if let Some(subject) = speaker.source.subject(kind) {
            book.subject(kind, subject);
        }
    }
    book.grades();
    book.calendar();
    if let Some(appeal) = &speaker.source.appeal {
        book.appeal(appeal);
    }
    book.workflow(&speaker.source.workflow);
    book.settings();
    book.found.sort_by_key(|statement| statement.section);
    book.found
}

/// How a figure is found, without the values that a company may have set otherwise.
pub(crate) fn figure_in_words(speaker: Speaker<'_>, kind: Kind, figure: usize) -> Option<String> {
    let figure = speaker.source.subject(kind)?.figures.get(figure)?;
    let book = Book { speaker: Speaker { values: false, ..speaker }, found: Vec::new() };
    let (says, parts) = book.finding(kind, figure);
    let parts: Vec<String> = parts.iter().map(|(name, value)| format!("{name} {value}")).collect();
    let said = [says, parts.join(speaker.two("、", ", "))];
    let said: Vec<String> = said.into_iter().filter(|part| !part.is_empty()).collect();
    Some(format!("{}{}", said.join(speaker.two("；", "; ")), book.limits(kind, figure)))
}

/// How an item is scored.
pub(crate) fn item_in_words(speaker: Speaker<'_>, sheet: usize, item: usize) -> Option<String> {
    let sheet = speaker.source.sheets.get(sheet)?;
    let item = sheet.items.get(item)?;
    let book = Book { speaker: Speaker { values: false, ..speaker }, found: Vec::new() };
    Some(book.score_of(sheet, item))
}

/// When a rule applies.
pub(crate) fn condition_in_words(speaker: Speaker<'_>, condition: &str) -> String {
    let speaker = Speaker { values: false, ..speaker };
    Book { speaker, found: Vec::new() }.condition(speaker, condition)
}

struct Book<'s> {
    speaker: Speaker<'s>,
    found: Vec<Statement>,
}

impl<'s> Book<'s> {
    fn add(
        &mut self,
        section: Section,
        key: impl Into<String>,
        topic: impl Into<String>,
        says: impl Into<String>,
    ) -> &mut Statement {
        let at = self.found.len();
        let (key, topic, says) = (key.into(), topic.into(), says.into());
        self.found.push(Statement { section, key, topic, says, parts: Vec::new(), indent: false });
        &mut self.found[at]
    }

    fn two<'t>(&self, zh: &'t str, en: &'t str) -> &'t str {
        self.speaker.two(zh, en)
    }

    fn source(&self) -> &'s Source {
        self.speaker.source
    }

    fn of(&self, kind: Kind, categories: &'s [String], cadences: &'s [String]) -> Speaker<'s> {
        Speaker { kind, categories, cadences, ..self.speaker }
    }

    fn list(&self, words: &[String]) -> String {
        words.join(self.two("、", ", "))
    }

    fn labels(&self, coded: &[Coded]) -> String {
        self.list(&coded.iter().map(|one| self.speaker.label(&one.label).to_owned()).collect::<Vec<_>>())
    }

    fn category(&self, kind: Kind, code: &str) -> String {
        let categories = self.source().subject(kind).map_or(&[][..], |subject| &subject.categories);
        let found = categories.iter().find(|category| category.code == code);
        found.map_or(code, |category| self.speaker.label(&category.label)).to_owned()
    }

    /// For whom and when something holds, where that is not always: "(monthly; sales)".
    fn scope(&self, kind: Kind, categories: &[String], cadences: &[String]) -> String {
        let mut words = Vec::new();
        if !cadences.is_empty() {
            let named = |code: &String| {
                let found = self.source().cadences.iter().find(|cadence| cadence.code == *code);
                found.map_or(code.as_str(), |cadence| self.speaker.label(&cadence.label)).to_owned()
            };
            words.push(self.list(&cadences.iter().map(named).collect::<Vec<_>>()));
        }
        if !categories.is_empty() {
            words.push(self.list(&categories.iter().map(|code| self.category(kind, code)).collect::<Vec<_>>()));
        }
        if words.is_empty() {
            return String::new();
        }
        format!("{}{}{}", self.two("（", " ("), words.join(self.two("；", "; ")), self.two("）", ")"))
    }

    fn topic(&self, kind: Kind, label: &Label, categories: &[String], cadences: &[String]) -> String {
        let whose = match kind {
            Kind::Company => self.two("公司：", "company: "),
            Kind::Units => self.two("单位：", "units: "),
            Kind::People => "",
        };
        format!("{whose}{}{}", self.speaker.label(label), self.scope(kind, categories, cadences))
    }

    fn covered(&mut self) {
        let source = self.source();
        let cadences: Vec<String> = source
            .cadences
            .iter()
            .map(|cadence| format!("{}{}", self.speaker.label(&cadence.label), self.form(cadence.form)))
            .collect();
        let (topic, says) = (self.two("考核周期", "Cycles"), self.list(&cadences));
        self.add(Section::Covered, "cadences", topic, says);
        if source.month_starts_on > 1 {
            let day = source.month_starts_on;
            let until = day - 1;
            let says = if self.speaker.zh() {
                format!("从上月{day}日到当月{until}日")
            } else {
                format!("from day {day} of the month before to day {until}")
            };
            let topic = self.two("考核月", "A month");
            self.add(Section::Covered, "month", topic, says);
        }
        for (kind, zh, en) in [(Kind::People, "人员", "People"), (Kind::Units, "单位", "Units")] {
            let Some(subject) = source.subject(kind) else { continue };
            let says = match subject.categories.as_slice() {
                [] => self.two("全体", "all").to_owned(),
                categories => self.labels(categories),
            };
            let topic = self.two(zh, en);
            self.add(Section::Covered, format!("categories {kind:?}"), topic, says);
        }
        for (at, one) in source.people.exclusions.iter().enumerate() {
            let scope = self.scope(Kind::People, &one.categories, &one.cadences);
            let topic = format!(
                "{}{scope}{}{}",
                self.two("不参加考核", "Not appraised"),
                self.two("：", ": "),
                self.speaker.label(&one.label)
            );
            let when = self.condition(self.of(Kind::People, &one.categories, &one.cadences), &one.when.text);
            let same = source.people.exclusions.iter().take(at).filter(|before| before.code == one.code).count();
            self.add(Section::Covered, format!("exclusion {} {same}", one.code), topic, when);
        }
    }

    fn grades(&mut self) {
        let grades = &self.source().grades;
        if !grades.is_empty() {
            let (topic, says) = (self.two("等级从高到低", "Grades, best first"), self.labels(grades));
            self.add(Section::Results, "grades", topic, says);
        }
    }

    fn form(&self, form: Form) -> &'static str {
        match (form, self.speaker.zh()) {
            (Form::Month, true) => "（如2026-10）",
            (Form::Quarter, true) => "（如2026-Q3）",
            (Form::HalfYear, true) => "（如2026-H1）",
            (Form::Year, true) => "（如2026）",
            (Form::FiscalYear, true) => "（如FY2026，四月至次年三月）",
            (Form::Month, false) => " (such as 2026-10)",
            (Form::Quarter, false) => " (such as 2026-Q3)",
            (Form::HalfYear, false) => " (such as 2026-H1)",
            (Form::Year, false) => " (such as 2026)",
            (Form::FiscalYear, false) => " (such as FY2026, April to March)",
        }
    }

    fn condition(&self, speaker: Speaker<'s>, text: &str) -> String {
        if text.trim() == "true" {
            return self.two("一律适用", "in every case").to_owned();
        }
        let told = speaker.phrase(text);
        if self.speaker.zh() { format!("条件：{told}") } else { format!("when {told}") }
    }

    // --- sheets ---

    fn sheet(&mut self, at: usize, sheet: &'s SheetSource) {
        let scope = self.scope(sheet.on, &sheet.categories, &sheet.cadences);
        let name = match (&sheet.label, sheet.on) {
            (Some(label), _) => self.speaker.label(label).to_owned(),
            (None, Kind::Units) => self.two("单位考核表", "The sheet of a unit").to_owned(),
            (None, _) => self.two("考核表", "The sheet").to_owned(),
        };
        let key = sheet_key(self.source(), at, sheet);
        let topic = format!("{name}{scope}");
        let raters: Vec<String> = sheet.raters.iter().map(|rater| self.rater(rater)).collect();
        let items = if sheet.items.len() == 1 { "1 item".to_owned() } else { format!("{} items", sheet.items.len()) };
        let mut says = match (raters.is_empty(), self.speaker.zh()) {
            (true, true) => format!("{}项", sheet.items.len()),
            (true, false) => items,
            (false, true) => format!("{}项；评分人：{}", sheet.items.len(), self.list(&raters)),
            (false, false) => format!("{items}, scored by {}", self.list(&raters)),
        };
        if let Some(evidence) = &sheet.evidence {
            says += &self.evidence(evidence);
        }
        self.add(Section::Sheets, key.clone(), topic.clone(), says);
        let mut section = None;
        for item in &sheet.items {
            if item.section.is_some() && item.section != section {
                section.clone_from(&item.section);
                self.section(&key, sheet, item);
            }
            self.item(&key, sheet, item);
        }
    }

    fn section(&mut self, key: &str, sheet: &'s SheetSource, item: &ItemSource) {
        let Some(code) = &item.section else { return };
        let label = sheet
            .sections
            .iter()
            .find(|one| one.code == *code)
            .map_or(code.as_str(), |one| self.speaker.label(&one.label));
        let members = sheet.items.iter().filter(|other| other.section == item.section);
        let weight: Option<Decimal> = members.map(|item| item.weight.map(|weight| weight.0)).sum();
        let says = weight.filter(|_| sheet.weights.is_none()).map(|sum| self.weighing(&plain(sum))).unwrap_or_default();
        let topic = format!("{}{label}{}", self.two("【", "["), self.two("】", "]"));
        self.add(Section::Sheets, format!("{key} section {code}"), topic, says).indent = true;
    }

    fn weighing(&self, weight: &str) -> String {
        if self.speaker.zh() { format!("权重{weight}") } else { format!("weight {weight}") }
    }

    fn item(&mut self, key: &str, sheet: &'s SheetSource, item: &'s ItemSource) {
        let score = self.score_of(sheet, item);
        let mut says = if self.speaker.zh() { format!("得分：{score}") } else { format!("points: {score}") };
        let scales: Vec<String> = item.inputs.iter().filter_map(|input| self.scale(input)).collect();
        if !scales.is_empty() {
            says += &format!("{}{}", self.two("；", "; "), scales.join(self.two("；", "; ")));
        }
        if let Some(max) = item.max {
            says += &format!("{}{}", self.two("；最高", "; at most "), plain(max.0));
        }
        let mut topic = self.speaker.label(&item.label).to_owned();
        if !self.speaker.values {
            topic += &self.scope(sheet.on, &sheet.categories, &sheet.cadences);
        }
        let weight = item_weight(self.source(), sheet, item);
        let name = self.two("权重", "weight").to_owned();
        let statement = self.add(Section::Sheets, format!("{key} item {}", item.code), topic, says);
        statement.indent = true;
        statement.parts.extend(weight.map(|weight| (name, weight)));
    }

    fn score_of(&self, sheet: &'s SheetSource, item: &'s ItemSource) -> String {
        let inside = Speaker { kind: sheet.on, item: Some((sheet, item)), ..self.speaker };
        item.score.as_ref().map_or_else(|| self.as_given(sheet, item), |score| inside.phrase(&score.text))
    }

    fn as_given(&self, sheet: &SheetSource, item: &ItemSource) -> String {
        let names: Vec<String> = match (&item.raters, item.inputs.is_empty()) {
            (Some(names), _) => names.clone(),
            (None, true) => sheet.raters.iter().map(|rater| rater.name.clone()).collect(),
            (None, false) => Vec::new(),
        };
        let raters = names.iter().filter_map(|name| sheet.raters.iter().find(|rater| rater.name == *name));
        let labels: Vec<String> = raters.map(|rater| self.speaker.label(&rater.label).to_owned()).collect();
        let all = self.list(&labels);
        if self.speaker.zh() { format!("由{all}评分") } else { format!("as given by {all}") }
    }

    fn scale(&self, input: &InputSource) -> Option<String> {
        if input.kind != InputKind::Scale {
            return None;
        }
        let mut entries: Vec<_> = input.scale.iter().collect();
        entries.sort_by(|a, b| b.1.cmp(a.1).then(a.0.cmp(b.0)));
        let told: Vec<String> = entries.iter().map(|(text, number)| format!("{text} {}", plain(number.0))).collect();
        Some(format!("{}{}{}", self.speaker.label(&input.label), self.two("：", ": "), self.list(&told)))
    }

    fn rater(&self, rater: &InputSource) -> String {
        let mut notes = Vec::new();
        if rater.many {
            notes.push(self.two("可多人，取平均", "may be several, the mean counts").to_owned());
        }
        if let Some(step) = rater.step {
            notes.push(if self.speaker.zh() {
                format!("以{}分为单位", plain(step.0))
            } else {
                format!("in steps of {}", plain(step.0))
            });
        }
        match rater.presence {
            RaterPresence::Always => {}
            RaterPresence::AllOrNone => notes.push(self.two("全部评分或不评", "all items or none").to_owned()),
            RaterPresence::AllOrNoneOfSection => {
                notes.push(self.two("一个部分全部评分或不评", "all items of a section or none").to_owned())
            }
            RaterPresence::Any => notes.push(self.two("可只评部分", "any items").to_owned()),
        }
        let label = self.speaker.label(&rater.label);
        if notes.is_empty() {
            return label.to_owned();
        }
        let notes = notes.join(self.two("，", ", "));
        if self.speaker.zh() { format!("{label}（{notes}）") } else { format!("{label} ({notes})") }
    }

    fn evidence(&self, evidence: &crate::scheme::Evidence) -> String {
        let weight = plain(evidence.weight_from.0);
        let from = evidence.points_from.map(|from| plain(from.0));
        let to = evidence.points_to.map(|to| plain(to.0));
        if self.speaker.zh() {
            let points: Vec<String> = from
                .map(|from| format!("{from}分及以上"))
                .into_iter()
                .chain(to.map(|to| format!("{to}分及以下")))
                .collect();
            return format!("；权重{weight}及以上的项目评{}须写明事例", points.join("或"));
        }
        let points: Vec<String> = from
            .map(|from| format!("{from} or more"))
            .into_iter()
            .chain(to.map(|to| format!("{to} or less")))
            .collect();
        format!("; points of {} on an item of weight {weight} or more need a concrete example", points.join(" or of "))
    }

    // --- figures, rules ---

    fn subject(&mut self, kind: Kind, subject: &'s SubjectSource) {
        self.inputs(kind, subject);
        for figure in &subject.figures {
            self.figure(kind, figure);
        }
        for (at, rule) in subject.rules.iter().enumerate() {
            let same = |other: &&RuleSource| {
                other.gives == rule.gives && other.cadences == rule.cadences && other.categories == rule.categories
            };
            let earlier = subject.rules.iter().take(at).filter(same).count();
            self.rule(kind, rule, earlier);
        }
        for guide in &subject.guides {
            self.guide(kind, guide);
        }
        for (at, check) in subject.checks.iter().enumerate().filter(|(_, check)| check.must.is_some()) {
            let topic = format!(
                "{}{}",
                self.two("必须满足", "Must hold"),
                self.scope(kind, &check.categories, &check.cadences)
            );
            let says = self.speaker.label(&check.says).to_owned();
            let at_name = check.at.clone().unwrap_or_else(|| at.to_string());
            self.add(Section::Workflow, format!("check {kind:?} {at_name}"), topic, says);
        }
    }

    // --- what must be supplied ---

    fn inputs(&mut self, kind: Kind, subject: &'s SubjectSource) {
        if let Some(score) = &subject.score {
            let bounds = self.range(Some(Decimal::ZERO), Some(score.max.0), score.step);
            let by = self.two("由公司领导给定", "given by the executives");
            let topic = self.two("单位：给定分数", "units: score given");
            self.supplied("given".to_owned(), topic.to_owned(), by, vec![bounds]);
        }
        for fact in &subject.facts {
            let topic = self.topic(kind, &fact.label, &fact.categories, &fact.cadences);
            let by = self.two("由人力资源部提供", "by HR");
            self.supplied(format!("fact {kind:?} {}", fact.name), topic, by, self.bounds(fact));
        }
        for list in &subject.lists {
            let topic = self.topic(kind, &list.label, &list.categories, &[]);
            let by = self.two("由人力资源部逐条提供", "by HR, row by row");
            let columns = list.columns.iter().map(|column| {
                let bounds = self.bounds(column).join(self.two("，", ", "));
                format!("{}{bounds}", self.speaker.label(&column.label).to_owned() + self.two("：", ": "))
            });
            let columns = columns.collect();
            self.supplied(format!("list {kind:?} {}", list.key), topic, by, columns);
        }
        for pay in &subject.pay {
            let topic = self.topic(kind, &pay.label, &pay.categories, &pay.cadences);
            let by = self.two("取自薪酬档案", "from the pay profile");
            self.supplied(format!("pay {}", pay.name), topic, by, self.bounds(pay));
        }
        for (at, sheet) in self.source().sheets.iter().enumerate().filter(|(_, sheet)| sheet.on == kind) {
            self.inputs_of_sheet(at, sheet);
        }
    }

    fn inputs_of_sheet(&mut self, at: usize, sheet: &'s SheetSource) {
        let key = sheet_key(self.source(), at, sheet);
        for rater in &sheet.raters {
            let Label { zh, en } = &rater.label;
            let label = Label::new(&format!("{zh}评分"), &format!("points by {en}"));
            let topic = self.topic(sheet.on, &label, &sheet.categories, &sheet.cadences);
            let by = self.two("由评分人给出", "by the rater");
            let mut bounds = vec![self.two("0分至该项满分", "from 0 to what the item can earn").to_owned()];
            bounds.extend(rater.step.map(|step| self.step(step)));
            self.supplied(format!("{key} rater {}", rater.name), topic, by, bounds);
        }
        for item in &sheet.items {
            for input in &item.inputs {
                let label = item.label.with(&input.label);
                let topic = self.topic(sheet.on, &label, &sheet.categories, &sheet.cadences);
                let by = self.two("评分时录入，或由人力资源部导入", "entered when scores are given, or imported by HR");
                self.supplied(format!("{key} input {} {}", item.code, input.name), topic, by, self.bounds(input));
            }
        }
        for input in &sheet.inputs {
            let topic = self.topic(sheet.on, &input.label, &sheet.categories, &sheet.cadences);
            let by = self.two("各项评分时录入", "entered for each item when scores are given");
            self.supplied(format!("{key} input {}", input.name), topic, by, self.bounds(input));
        }
    }

    fn supplied(&mut self, key: String, topic: String, by: &'s str, bounds: Vec<String>) {
        let between = self.two("；", "; ");
        let says = std::iter::once(by.to_owned()).chain(bounds).collect::<Vec<_>>().join(between);
        self.add(Section::Inputs, format!("input {key}"), topic, says);
    }

    /// What may be given for an input.
    fn bounds(&self, input: &InputSource) -> Vec<String> {
        let mut said = vec![match input.kind {
            InputKind::Number | InputKind::Points => self.numbers(input),
            InputKind::Count if self.speaker.zh() => format!("整数，{}", self.numbers(input)),
            InputKind::Count => format!("a whole number, {}", self.numbers(input)),
            InputKind::Flag => self.two("是或否，不填为否", "yes or no, no if left out").to_owned(),
            InputKind::Choice => self.one_of(&self.labels(&input.choices)),
            InputKind::Grade => self.one_of(&self.labels(&self.source().grades)),
            InputKind::Date => self.two("日期", "a date").to_owned(),
            InputKind::Scale => self.one_of(&self.list(&input.scale.keys().cloned().collect::<Vec<_>>())),
            InputKind::Text => self.two("文字", "a text").to_owned(),
            InputKind::Record => {
                let fields = input.fields.iter().map(|field| {
                    let bounds = self.bounds(field).join(self.two("，", ", "));
                    format!("{} {bounds}", self.speaker.label(&field.label))
                });
                self.list(&fields.collect::<Vec<_>>())
            }
        }];
        if let Some(default) = input.default {
            let default = plain(default.0);
            said.push(if self.speaker.zh() { format!("不填为{default}") } else { format!("{default} if left out") });
        } else if input.optional {
            said.push(self.two("可不填", "may be left out").to_owned());
        }
        said
    }

    fn one_of(&self, all: &str) -> String {
        if self.speaker.zh() { format!("{all}之一") } else { format!("one of {all}") }
    }

    fn numbers(&self, input: &InputSource) -> String {
        if let Some(only) = &input.one_of {
            return self.one_of(&self.list(&only.iter().map(|number| plain(number.0)).collect::<Vec<_>>()));
        }
        let zh = self.speaker.zh();
        let mut said = Vec::new();
        let least = input.min.map(|min| min.0).or((!input.signed && input.above.is_none()).then_some(Decimal::ZERO));
        if let Some(above) = input.above {
            said.push(if zh { format!("大于{}", plain(above.0)) } else { format!("above {}", plain(above.0)) });
        }
        if least.is_some() || input.max.is_some() {
            said.push(self.range(least, input.max.map(|max| max.0), input.step));
        } else {
            said.extend(input.step.map(|step| self.step(step)));
        }
        if let Some(below) = input.below {
            said.push(if zh { format!("小于{}", plain(below.0)) } else { format!("below {}", plain(below.0)) });
        }
        if said.is_empty() {
            said.push(self.two("可为负数", "may be negative").to_owned());
        }
        said.join(self.two("，", ", "))
    }

    fn range(&self, least: Option<Decimal>, most: Option<Decimal>, step: Option<Number>) -> String {
        let mut said = match (least, most, self.speaker.zh()) {
            (Some(least), Some(most), true) => format!("{}至{}", plain(least), plain(most)),
            (Some(least), Some(most), false) => format!("{} to {}", plain(least), plain(most)),
            (Some(least), None, true) => format!("不小于{}", plain(least)),
            (Some(least), None, false) => format!("at least {}", plain(least)),
            (None, Some(most), true) => format!("不大于{}", plain(most)),
            (None, Some(most), false) => format!("at most {}", plain(most)),
            (None, None, _) => String::new(),
        };
        if let Some(step) = step {
            said += self.two("，", ", ");
            said += &self.step(step);
        }
        said
    }

    fn step(&self, step: Number) -> String {
        let step = plain(step.0);
        if self.speaker.zh() { format!("为{step}的倍数") } else { format!("a multiple of {step}") }
    }

    fn figure(&mut self, kind: Kind, figure: &'s FigureSource) {
        let section = if figure.pay { Section::Pay } else { Section::Results };
        let topic = self.topic(kind, &figure.label, &figure.categories, &figure.cadences);
        let (mut says, parts) = self.finding(kind, figure);
        says += &self.limits(kind, figure);
        let key = format!("figure {kind:?} {} {:?} {:?}", figure.name, figure.categories, figure.cadences);
        self.add(section, key, topic, says).parts = parts;
    }

    fn limits(&self, kind: Kind, figure: &'s FigureSource) -> String {
        let speaker = self.of(kind, &figure.categories, &figure.cadences);
        let mut said = String::new();
        let zh = self.speaker.zh();
        if let Some(min) = &figure.min {
            let min = speaker.phrase(&min.text);
            said += &if zh { format!("；不低于{min}") } else { format!("; at least {min}") };
        }
        if let Some(max) = &figure.max {
            let max = speaker.phrase(&max.text);
            said += &if zh { format!("；不超过{max}") } else { format!("; at most {max}") };
        }
        let fixed =
            figure.formula.as_ref().is_some_and(|formula| crate::money::parse_plain(formula.text.trim()).is_some());
        match figure.round {
            // What a share is rounded to is said with how it is found.
            _ if fixed || figure.split.is_some() => {}
            Some(0) => said += self.two("；四舍五入到整数", "; rounded to a whole number"),
            Some(places) if zh => said += &format!("；四舍五入到{places}位小数"),
            Some(places) => said += &format!("; rounded to {places} decimals"),
            None if figure.pay || figure.money => said += self.two("；四舍五入到分", "; rounded to the cent"),
            None => {}
        }
        said
    }

    fn finding(&self, kind: Kind, figure: &'s FigureSource) -> (String, Vec<(String, String)>) {
        let speaker = self.of(kind, &figure.categories, &figure.cadences);
        if let Some(formula) = &figure.formula {
            return (speaker.phrase(&formula.text), Vec::new());
        }
        if let Some(bands) = &figure.bands {
            let of = speaker.phrase(&bands.of.text);
            let says = if self.speaker.zh() { format!("按{of}") } else { format!("by {of}") };
            return (says, bands.rows.iter().map(|row| self.band(row)).collect());
        }
        if let Some(quota) = &figure.quota {
            let by = speaker.phrase(&quota.by.text);
            let (within, name) = (self.within(quota.within), parameter_name(&quota.shares));
            let shares = self.table_parts(name);
            let mut says = if self.speaker.zh() {
                format!("在{within}内按{by}从高到低排名，依次按比例（%）分档")
            } else {
                format!("ranked by {by} within {within}, best first, into shares in per cent")
            };
            says += &self.places(quota, speaker);
            return (says, shares);
        }
        let says = match (&figure.rank, &figure.gather, &figure.split) {
            (Some(rank), ..) => {
                let (by, within) = (speaker.phrase(&rank.by.text), self.within(rank.within));
                let end = rank.count == RankCount::NotBetter;
                let mut says = match (self.speaker.zh(), end) {
                    (true, false) => format!("按{by}在{within}内的名次"),
                    (true, true) => format!("按{by}在{within}内的倒数名次"),
                    (false, false) => format!("the place by {by} within {within}"),
                    (false, true) => format!("the place from the end by {by} within {within}"),
                };
                if let Some(among) = &rank.among {
                    says += &self.among(speaker, &among.text);
                }
                says
            }
            (_, Some(gather), _) => {
                let member = self.of(gather.of, &gather.categories, &figure.cadences);
                let value = gather.value.as_ref().map(|value| match gather.how {
                    Gathering::Count => member.phrase(&value.text),
                    Gathering::Sum | Gathering::Distinct => member.bracketed(&value.text),
                });
                let of = match gather.of {
                    Kind::Units => self.two("各单位", "the units"),
                    _ => self.two("人员", "the people"),
                };
                let scope = self.scope(gather.of, &gather.categories, &[]);
                let value = match (gather.how, value) {
                    (Gathering::Count, Some(condition)) if self.speaker.zh() => {
                        return (format!("{of}{scope}中符合条件者的数目（{condition}）"), Vec::new());
                    }
                    (Gathering::Count, Some(condition)) => {
                        return (format!("the number of {of}{scope} of whom it holds that {condition}"), Vec::new());
                    }
                    (_, value) => value.unwrap_or_default(),
                };
                match (gather.how, self.speaker.zh()) {
                    (Gathering::Sum, true) => format!("{of}{scope}的{value}之和"),
                    (Gathering::Sum, false) => format!("the sum over {of}{scope} of {value}"),
                    (Gathering::Count, true) => format!("{of}{scope}的数目"),
                    (Gathering::Count, false) => format!("the number of {of}{scope}"),
                    (Gathering::Distinct, true) => format!("{of}{scope}的{value}有几种"),
                    (Gathering::Distinct, false) => format!("how many different {value} there are among {of}{scope}"),
                }
            }
            (.., Some(split)) => {
                let (pool, weight, within) = (
                    speaker.bracketed(&split.pool.text),
                    speaker.bracketed(&split.weight.text),
                    self.within(split.within),
                );
                if self.speaker.zh() {
                    format!(
                        "{pool}在{within}内按{weight}的比例分配；每份舍去不足一分的部分，余下的分按舍去的大小逐一补足"
                    )
                } else {
                    format!(
                        "{pool}, shared within {within} in proportion to {weight}; each share is rounded down to the cent, \
                         and the cents left go one by one to those who lost most by it"
                    )
                }
            }
            _ => String::new(),
        };
        (says, Vec::new())
    }

    /// Who is counted in a ranking, where that is not everybody.
    fn among(&self, speaker: Speaker<'s>, condition: &str) -> String {
        let among = speaker.phrase(condition);
        if self.speaker.zh() { format!("（只计：{among}）") } else { format!(", among those of whom: {among}") }
    }

    /// How a distribution makes its places whole, and what becomes of ties.
    fn places(&self, quota: &QuotaSource, speaker: Speaker<'s>) -> String {
        let mut said = quota.among.as_ref().map(|among| self.among(speaker, &among.text)).unwrap_or_default();
        said += match (quota.rounding, self.speaker.zh()) {
            (PlaceRounding::Nearest, true) => "；累计名额四舍五入取整",
            (PlaceRounding::Down, true) => "；累计名额向下取整，不超过比例",
            (PlaceRounding::Up, true) => "；累计名额向上取整，不低于比例",
            (PlaceRounding::Nearest, false) => "; places, counted from the best, are rounded to a whole number",
            (PlaceRounding::Down, false) => "; places, counted from the best, are rounded down: at most the shares",
            (PlaceRounding::Up, false) => "; places, counted from the best, are rounded up: at least the shares",
        };
        said += match (quota.ties, self.speaker.zh()) {
            (TiedPlaces::Better, true) => "；同分跨档的都归较高一档",
            (TiedPlaces::Worse, true) => "；同分跨档的都归较低一档",
            (TiedPlaces::Better, false) => "; those who tie across the end of a grade all have the better one",
            (TiedPlaces::Worse, false) => "; those who tie across the end of a grade all have the worse one",
        };
        said
    }

    fn within(&self, within: Within) -> &'static str {
        match (within, self.speaker.zh()) {
            (Within::Company, true) => "全公司",
            (Within::Unit, true) => "本单位",
            (Within::Category, true) => "同类别",
            (Within::Company, false) => "the company",
            (Within::Unit, false) => "the unit",
            (Within::Category, false) => "the category",
        }
    }

    fn band(&self, row: &BandSource) -> (String, String) {
        let name = match (&row.grade, row.value) {
            (Some(grade), _) => self.speaker.code(Codes::Grades, grade),
            (None, Some(value)) => plain(value.0),
            (None, None) => "—".to_owned(),
        };
        let bound = match (row.from, row.above, self.speaker.zh()) {
            (Some(from), _, true) => format!("{}及以上", plain(from.0)),
            (Some(from), _, false) => format!("from {}", plain(from.0)),
            (None, Some(above), true) => format!("{}以上（不含）", plain(above.0)),
            (None, Some(above), false) => format!("above {}", plain(above.0)),
            (None, None, true) => "其余".to_owned(),
            (None, None, false) => "all others".to_owned(),
        };
        (name, bound)
    }

    fn rule(&mut self, kind: Kind, rule: &'s RuleSource, earlier: usize) {
        let section = match rule.purpose {
            Purpose::Outcome => Section::Outcomes,
            Purpose::Interview => Section::Interviews,
            Purpose::Warning => Section::Warnings,
        };
        let mut topic = self.speaker.codes(Codes::Outcomes, &rule.gives);
        if kind == Kind::Units && rule.purpose != Purpose::Warning {
            let both = self.source().units.iter().flat_map(|units| &units.head).any(|head| head.co_head);
            let whose = match (rule.to_head, both) {
                (true, true) => self.two("单位主要负责人（两位）：", "both who lead the unit: "),
                (true, false) => self.two("单位负责人：", "head of the unit: "),
                (false, _) => self.two("单位：", "units: "),
            };
            topic = format!("{whose}{topic}");
        }
        topic += &self.scope(kind, &rule.categories, &rule.cadences);
        let mut says = self.condition(self.of(kind, &rule.categories, &rule.cadences), &rule.when.text);
        if rule.own_history {
            says += self.two(
                "（以往各期按本人所负责单位的等级计，未给出时按本单位的计）",
                " (earlier periods: those of the person, where they are given; else those of the unit)",
            );
        }
        if rule.first_of.is_some() {
            says += self
                .two("（同组中只取先符合的一条）", " (of the rules of this group only the first that applies counts)");
        }
        let key = format!(
            "rule {kind:?} {:?} {:?} {:?} {:?} {earlier}",
            rule.purpose, rule.gives, rule.categories, rule.cadences
        );
        self.add(section, key, topic, says);
    }

    fn guide(&mut self, kind: Kind, guide: &'s crate::scheme::source::GuideSource) {
        let topic =
            format!("{}{}", self.speaker.code(Codes::Outcomes, &guide.warning), self.scope(kind, &[], &guide.cadences));
        let of = self.of(kind, &[], &guide.cadences).phrase(&guide.of);
        let people = guide.from_people;
        let says = if self.speaker.zh() {
            format!("{of}的参考比例（%），{people}人起")
        } else {
            format!("guide shares of each {of} in per cent, from {people} people on")
        };
        let parts = self.table_parts(parameter_name(&guide.shares));
        let key = format!("guide {kind:?} {} {:?}", guide.warning, guide.cadences);
        self.add(Section::Warnings, key, topic, says).parts = parts;
    }

    // --- calendar, appeal, procedure ---

    fn calendar(&mut self) {
        for stage in &self.source().stages {
            let when = self.dates(stage);
            let who = self.role(&stage.role);
            let mut says = match (when.is_empty(), self.speaker.zh()) {
                (true, _) => who,
                (false, true) => format!("{who}，{when}"),
                (false, false) => format!("{who}, {when}"),
            };
            says = says.trim_start_matches(['，', ',', ' ']).to_owned();
            let mut topic = self.speaker.label(&stage.label).to_owned();
            if let Some(part) = stage.part {
                topic += &if self.speaker.zh() {
                    format!("（第{part}期）")
                } else {
                    format!(" (part {part} of the year)")
                };
            }
            topic += &self.scope(Kind::People, &[], &stage.cadences);
            let key = format!("stage {} {:?} {:?}", stage.code, stage.cadences, stage.part);
            self.add(Section::Calendar, key, topic, says);
        }
    }

    fn dates(&self, stage: &Stage) -> String {
        let monthly = self.monthly(stage);
        let date = |phrase: &Option<String>| phrase.as_deref().map(|phrase| self.date(phrase, monthly));
        match (date(&stage.opens), date(&stage.due), self.speaker.zh()) {
            (Some(opens), Some(due), _) if opens == due => opens,
            (Some(opens), Some(due), true) => format!("{opens}至{due}"),
            (Some(opens), Some(due), false) => format!("from {opens} to {due}"),
            (Some(opens), None, true) => format!("{opens}起"),
            (Some(opens), None, false) => format!("from {opens} on"),
            (None, Some(due), true) => format!("{due}前"),
            (None, Some(due), false) => format!("by {due}"),
            (None, None, _) => String::new(),
        }
    }

    /// Whether all cycles of a stage are of one month: then "the month" is clear.
    fn monthly(&self, stage: &Stage) -> bool {
        let of_stage = |code: &String| stage.cadences.is_empty() || stage.cadences.contains(code);
        self.source()
            .cadences
            .iter()
            .filter(|cadence| of_stage(&cadence.code))
            .all(|cadence| cadence.form == Form::Month)
    }

    fn date(&self, phrase: &str, monthly: bool) -> String {
        match (DatePhrase::parse(phrase), self.speaker.zh()) {
            (None, _) => phrase.to_owned(),
            (Some(DatePhrase::AfterEnd(term)), true) => format!("考核期结束后{}", self.term(term)),
            (Some(DatePhrase::AfterEnd(term)), false) => format!("{} after the end of the period", self.term(term)),
            (Some(DatePhrase::OfMonth { day, offset }), true) => {
                let month = match (offset, monthly) {
                    (-1, true) => "上月".to_owned(),
                    (0, true) => "当月".to_owned(),
                    (1, true) => "次月".to_owned(),
                    (0, false) => "期末月".to_owned(),
                    (1, false) => "期末次月".to_owned(),
                    (offset, _) if offset < 0 => format!("期末月前{}个月", -offset),
                    (offset, _) => format!("期末月后{offset}个月"),
                };
                format!("{month}{}", day.map_or("最后一日".to_owned(), |day| format!("{day}日")))
            }
            (Some(DatePhrase::OfMonth { day, offset }), false) => {
                let month = match (offset, monthly) {
                    (-1, true) => "the month before".to_owned(),
                    (0, true) => "the month".to_owned(),
                    (1, true) => "the next month".to_owned(),
                    (0, false) => "the period's last month".to_owned(),
                    (1, false) => "the month after the period".to_owned(),
                    (offset, _) if offset < 0 => format!("the month {} before the period's last", -offset),
                    (offset, _) => format!("the month {offset} after the period's last"),
                };
                format!("{} of {month}", day.map_or("the last day".to_owned(), |day| format!("day {day}")))
            }
            (Some(DatePhrase::OfYear { day, month, offset }), true) => {
                let year = match offset {
                    -1 => "上年".to_owned(),
                    0 => "当年".to_owned(),
                    1 => "次年".to_owned(),
                    other => format!("考核年{other:+}年"),
                };
                format!("{year}{month}月{}", day.map_or("最后一日".to_owned(), |day| format!("{day}日")))
            }
            (Some(DatePhrase::OfYear { day, month, offset }), false) => {
                let names = [
                    "January",
                    "February",
                    "March",
                    "April",
                    "May",
                    "June",
                    "July",
                    "August",
                    "September",
                    "October",
                    "November",
                    "December",
                ];
                let name = usize::try_from(month - 1).ok().and_then(|at| names.get(at)).copied().unwrap_or("?");
                let year = match offset {
                    -1 => " of the year before".to_owned(),
                    0 => String::new(),
                    1 => " of the next year".to_owned(),
                    other => format!(" of the year {other:+}"),
                };
                format!("{} {name}{year}", day.map_or("the last day of".to_owned(), |day| day.to_string()))
            }
        }
    }

    fn term(&self, term: Term) -> String {
        match (term, self.speaker.zh()) {
            (Term::Days(days), true) => format!("{days}日"),
            (Term::WorkingDays(days), true) => format!("{days}个工作日"),
            (Term::Days(1), false) => "1 day".to_owned(),
            (Term::WorkingDays(1), false) => "1 working day".to_owned(),
            (Term::Days(days), false) => format!("{days} days"),
            (Term::WorkingDays(days), false) => format!("{days} working days"),
        }
    }

    fn written_term(&self, text: &str) -> String {
        Term::parse(text).map_or_else(|| text.to_owned(), |term| self.term(term))
    }

    /// Those who act in a cycle, by the names that the workflow has for them.
    fn role(&self, code: &str) -> String {
        let (zh, en) = match code {
            "employee" => ("本人", "the employee"),
            "superior" => ("直接上级", "the superior"),
            "superior_of_superior" => ("间接上级", "the superior's superior"),
            "unit_head" => ("部门负责人", "the head of the unit"),
            "hr" => ("人力资源部", "HR"),
            "executive" => ("公司领导", "the executives"),
            "committee" => ("考核委员会", "the committee"),
            "finance" => ("财务", "finance"),
            "peers" => ("同事", "peers"),
            "leading_group" => ("领导小组", "the leading group"),
            "party_committee" => ("党委", "the party committee"),
            other => return other.replace('_', " "),
        };
        self.two(zh, en).to_owned()
    }

    fn roles(&self, codes: &[String]) -> String {
        codes.iter().map(|code| self.role(code)).collect::<Vec<_>>().join(self.two("，再", ", then "))
    }

    fn appeal(&mut self, terms: &AppealTerms) {
        let filing = match &terms.file_within {
            Some(term) if self.speaker.zh() => format!("知悉结果后{}内提出", self.written_term(term)),
            Some(term) => format!("within {} of learning the result", self.written_term(term)),
            None => self.two("随时可以提出", "at any time").to_owned(),
        };
        let answer = self.written_term(&terms.answer_within);
        let answer = if self.speaker.zh() {
            format!("提出后{answer}内答复")
        } else {
            format!("within {answer} of the appeal")
        };
        let topics = (self.two("提出", "Filed"), self.two("答复", "Answered"), self.two("受理", "Decided by"));
        self.add(Section::Appeal, "file", topics.0, filing);
        self.add(Section::Appeal, "answer", topics.1, answer);
        if !terms.levels.is_empty() {
            let levels = self.roles(&terms.levels);
            self.add(Section::Appeal, "levels", topics.2, levels);
        }
        if let Some(group) = &terms.group {
            let says = match (self.speaker.zh(), group.odd) {
                (true, true) => format!("{}至{}人，人数为单数", group.min, group.max),
                (true, false) => format!("{}至{}人", group.min, group.max),
                (false, true) => format!("{} to {} people, an odd number", group.min, group.max),
                (false, false) => format!("{} to {} people", group.min, group.max),
            };
            let topic = self.two("评议小组", "The deciding group");
            self.add(Section::Appeal, "group", topic, says);
        }
    }

    fn workflow(&mut self, workflow: &Workflow) {
        let flags = [
            (workflow.self_assessment, "self", "员工先自评", "People assess themselves first"),
            (workflow.raters_trained, "trained", "评分人须经培训", "Raters are trained first"),
            (workflow.purpose_needed, "purpose", "查阅记录须说明用途", "Whoever looks at a record says why"),
            (
                workflow.evidence_inside_period,
                "inside",
                "只有考核期内的行为可作依据",
                "Only behaviour inside the period counts",
            ),
        ];
        for (set, key, zh, en) in flags {
            if set {
                let topic = self.two(zh, en);
                self.add(Section::Workflow, key, topic, "");
            }
        }
        if !workflow.approvals.is_empty() {
            let (topic, says) = (
                self.two("结果公布前的审批", "Approved before results are published"),
                self.roles(&workflow.approvals),
            );
            self.add(Section::Workflow, "approvals", topic, says);
        }
        if !workflow.adjustable_by.is_empty() {
            let (topic, says) = (
                self.two("可说明理由调整得分", "May adjust scores, with a reason"),
                self.roles(&workflow.adjustable_by),
            );
            self.add(Section::Workflow, "adjustable", topic, says);
        }
        for (years, key, zh, en) in [
            (workflow.keep_years, "keep", "记录保存", "Records are kept for"),
            (
                workflow.keep_years_after_leaving,
                "keep after",
                "离职后记录保存",
                "Records are kept after somebody leaves for",
            ),
        ] {
            if let Some(years) = years {
                let says = if self.speaker.zh() { format!("{years}年") } else { format!("{years} years") };
                let topic = self.two(zh, en);
                self.add(Section::Workflow, key, topic, says);
            }
        }
        if let Some(plan) = &workflow.improvement_plan {
            let (months, from) = (plan.months, plain(plan.pass_from.0));
            let scale = format!("{}–{}", plain(plan.scale_from.0), plain(plan.scale_to.0));
            let items = match (plan.max_items, self.speaker.zh()) {
                (Some(most), true) => format!("最多{most}项，"),
                (Some(most), false) => format!("at most {most} items, "),
                (None, _) => String::new(),
            };
            let mut says = if self.speaker.zh() {
                format!("{months}个月，{items}按{scale}分评估，{from}分及以上合格")
            } else {
                format!("{months} months, {items}assessed from {scale}, passed from {from}")
            };
            if let Some(declined) = &plan.declined {
                let outcome = self.speaker.code(Codes::Outcomes, declined);
                says += &if self.speaker.zh() {
                    format!("；不接受的：{outcome}")
                } else {
                    format!("; when it is declined: {outcome}")
                };
            }
            let topic = self.speaker.code(Codes::Outcomes, &plan.on);
            self.add(Section::Workflow, "improvement", topic, says);
        }
    }

    // --- settings ---

    fn settings(&mut self) {
        let source = self.source();
        for parameter in &source.parameters {
            self.setting(parameter);
        }
        if !self.speaker.values {
            for table in &source.tables {
                self.setting(table);
            }
        }
    }

    fn setting(&mut self, parameter: &ParameterSource) {
        let topic = self.speaker.label(&parameter.label).to_owned();
        let mut parts = Vec::new();
        let says = match &parameter.default {
            Some(ParameterDefault::Number(number)) => format!("{}{}", plain(number.0), self.allowed(parameter)),
            Some(ParameterDefault::Table(_)) => {
                parts = self.table_parts(&parameter.name);
                String::new()
            }
            Some(ParameterDefault::ByCategory(tables)) => {
                let codes = self.speaker.scheme.keys_of(&parameter.name);
                for (category, table) in tables {
                    let category = self.category(Kind::People, category);
                    parts.extend(table.iter().map(|(key, number)| {
                        (format!("{category}/{}", self.speaker.code(codes, key)), plain(number.0))
                    }));
                }
                String::new()
            }
            None if parameter.optional => self.two("不设（可设定）", "none (may be set)").to_owned(),
            None => self.two("尚未设定", "not set yet").to_owned(),
        };
        self.add(Section::Settings, format!("parameter {}", parameter.name), topic, says).parts = parts;
    }

    /// Within which bounds a company may set a number.
    fn allowed(&self, parameter: &ParameterSource) -> String {
        let zh = self.speaker.zh();
        let bounds = [
            (parameter.above, "大于", "above "),
            (parameter.min, "不小于", "at least "),
            (parameter.max, "不大于", "at most "),
            (parameter.below, "小于", "below "),
        ];
        let said = bounds.into_iter().filter_map(|(bound, in_zh, in_en)| {
            let bound = plain(bound?.0);
            Some(format!("{}{bound}", if zh { in_zh } else { in_en }))
        });
        let said = said.collect::<Vec<_>>().join(self.two("，", ", "));
        if said.is_empty() { said } else { format!("{}{said}{}", self.two("（", " ("), self.two("）", ")")) }
    }

    fn table_parts(&self, name: &str) -> Vec<(String, String)> {
        let mut all = self.source().parameters.iter().chain(&self.source().tables);
        let Some(ParameterDefault::Table(entries)) =
            all.find(|one| one.name == name).and_then(|one| one.default.as_ref())
        else {
            return Vec::new();
        };
        let codes = self.speaker.scheme.keys_of(name);
        let mut entries: Vec<_> = entries.iter().collect();
        entries.sort_by_key(|(code, _)| self.speaker.stand().order(codes, code));
        entries.iter().map(|(code, number)| (self.speaker.code(codes, code), plain(number.0))).collect()
    }
}

fn parameter_name(path: &str) -> &str {
    path.split_once('.').map_or(path, |(_, name)| name)
}

/// Sheets are recognised by whom they are for; a second one for the same by its place.
fn sheet_key(source: &Source, at: usize, sheet: &SheetSource) -> String {
    let same = |other: &&SheetSource| {
        other.on == sheet.on && other.categories == sheet.categories && other.cadences == sheet.cadences
    };
    let earlier = source.sheets.iter().take(at).filter(same).count();
    format!("sheet {:?} {:?} {:?} {earlier}", sheet.on, sheet.categories, sheet.cadences)
}

/// The weight of an item, of its own or out of the parameter that holds the weights of the sheet.
fn item_weight(source: &Source, sheet: &SheetSource, item: &ItemSource) -> Option<String> {
    if let Some(weight) = item.weight {
        return Some(plain(weight.0));
    }
    let name = sheet.weights.as_deref().map(parameter_name)?;
    let parameter = source.parameters.iter().chain(&source.tables).find(|parameter| parameter.name == name)?;
    match parameter.default.as_ref()? {
        ParameterDefault::Number(_) => None,
        ParameterDefault::Table(table) => table.get(&item.code).map(|number| plain(number.0)),
        ParameterDefault::ByCategory(tables) => {
            let own = tables
                .iter()
                .filter(|(category, _)| sheet.categories.is_empty() || sheet.categories.contains(category));
            let mut weights: Vec<String> =
                own.filter_map(|(_, table)| table.get(&item.code)).map(|number| plain(number.0)).collect();
            weights.dedup();
            (!weights.is_empty()).then(|| weights.join(" / "))
        }
    }
}
