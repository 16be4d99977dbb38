//! What a simulation found, as tables: everybody's results, units, the company, grades, cost, pools, and who moves.

use std::collections::{BTreeMap, BTreeSet};

use basics::Locale;
use basics::money::{Money, plain, round};
use domain::Kind;
use domain::evaluate::{Evaluation, OutputValue, PersonResult, Pool, UnitResult};
use domain::scheme::Scheme;
use domain::tools::{self, FigureColumn};
use rust_decimal::Decimal;

use super::table::{Cells, Sheet};

/// One policy's answer for everybody.
pub struct Run {
    pub scheme: Scheme,
    /// How the scheme was named on the command line, without its path.
    pub name: String,
    pub cadence: String,
    pub found: Found,
}

/// What was computed.
pub struct Found {
    people: Vec<PersonResult>,
    units: Vec<(UnitResult, BTreeMap<String, OutputValue>)>,
    company: BTreeMap<String, OutputValue>,
    pools: Vec<Pool>,
    warnings: Vec<String>,
}

impl Found {
    pub fn of(evaluation: &Evaluation<'_>) -> Self {
        Self {
            people: evaluation.people().collect(),
            units: evaluation.units().zip(evaluation.unit_figures()).collect(),
            company: evaluation.company_figures(),
            pools: evaluation.pools(),
            warnings: evaluation.warnings(),
        }
    }
}

/// What the tables say of people that no policy looks at: names and units, by number.
#[derive(Default)]
pub struct People {
    pub names: BTreeMap<String, String>,
    pub units: BTreeMap<String, String>,
}

pub fn two<'t>(locale: Locale, zh: &'t str, en: &'t str) -> &'t str {
    match locale {
        Locale::ZhCn => zh,
        Locale::En => en,
    }
}

impl Run {
    fn outcome(&self, code: &str, locale: Locale) -> String {
        self.scheme.outcome_label(code).map_or(code, |label| label.get(locale)).to_owned()
    }

    fn exclusion(&self, code: &str, locale: Locale) -> String {
        self.scheme.exclusion_label(code).map_or(code, |label| label.get(locale)).to_owned()
    }

    fn components(&self, locale: Locale) -> Vec<(String, String)> {
        let all = tools::pay_components(&self.scheme, &self.cadence);
        all.into_iter().map(|(name, label)| (name.to_owned(), label.get(locale).to_owned())).collect()
    }

    fn grade(&self, person: &PersonResult, locale: Locale) -> String {
        match (&person.excluded, &person.grade) {
            (Some(code), _) => {
                format!("{}{}", two(locale, "不参加：", "not appraised: "), self.exclusion(code, locale))
            }
            (None, Some(code)) => grade_label(&self.scheme, code, locale),
            (None, None) => String::new(),
        }
    }

    /// Figures of a result that only some policies have.
    fn own_figures(&self, kind: Kind) -> impl Iterator<Item = FigureColumn<'_>> {
        tools::figure_columns(&self.scheme, &self.cadence, kind).into_iter().filter(|figure| figure.own)
    }

    /// A value as people read it: codes by their names.
    fn shown(&self, kind: Kind, figure: &FigureColumn, value: &OutputValue, locale: Locale) -> String {
        match value {
            OutputValue::Flag(flag) => {
                two(locale, if *flag { "是" } else { "否" }, if *flag { "yes" } else { "no" }).to_owned()
            }
            OutputValue::Text(text) if text.parse::<Decimal>().is_ok() => text.clone(),
            OutputValue::Text(code) => {
                let label = self.scheme.code_of_figure_label(kind, figure.name, code);
                label.map_or(code.as_str(), |label| label.get(locale)).to_owned()
            }
        }
    }

    /// How many people there are, their mean score, and what they get together.
    fn together(&self, components: &[(String, String)], among: impl Fn(&PersonResult) -> bool) -> Vec<String> {
        let people: Vec<&PersonResult> = self.found.people.iter().filter(|person| among(person)).collect();
        let scores: Vec<Decimal> = people.iter().filter_map(|person| Some(person.score?.amount())).collect();
        let sum = scores.iter().try_fold(Decimal::ZERO, |sum, score| sum.checked_add(*score));
        let mean = sum.and_then(|sum| sum.checked_div(Decimal::from(scores.len())));
        let mut cells = vec![people.len().to_string(), mean.map(|mean| plain(round(mean, 2))).unwrap_or_default()];
        cells.extend(components.iter().map(|(name, _)| {
            let paid = people.iter().filter_map(|person| person.pay.get(name)).map(|money| money.amount());
            Money::new(paid.sum()).to_string()
        }));
        cells
    }

    fn cost(&self, component: &str) -> Decimal {
        self.found.people.iter().filter_map(|person| person.pay.get(component)).map(|money| money.amount()).sum()
    }
}

fn grade_label(scheme: &Scheme, code: &str, locale: Locale) -> String {
    let found = scheme.grades().iter().find(|grade| grade.code == code);
    found.map_or(code, |grade| grade.label.get(locale)).to_owned()
}

fn score(person: &PersonResult) -> String {
    person.score.map(|score| score.to_string()).unwrap_or_default()
}

fn coefficient(person: &PersonResult) -> String {
    person.coefficient.map(|share| share.to_string()).unwrap_or_default()
}

fn pay(person: &PersonResult, component: &str) -> String {
    person.pay.get(component).map(ToString::to_string).unwrap_or_default()
}

/// The tables of a run, compared with another where there is one.
pub fn sheets(run: &Run, against: Option<&Run>, people: &People, locale: Locale) -> Vec<Sheet> {
    let mut sheets = vec![results(run, people, locale), units(run, people, locale), company(run, locale)];
    if !run.scheme.grades().is_empty() {
        sheets.push(distribution(run, against, locale));
    }
    sheets.push(cost(run, against, locale));
    sheets.push(pools(run, locale));
    if let Some(against) = against {
        sheets.push(moves(run, against, people, locale));
    }
    sheets
}

fn heads(columns: &[(String, Cells)]) -> Vec<(&str, Cells)> {
    columns.iter().map(|(title, cells)| (title.as_str(), *cells)).collect()
}

/// What everybody's results hold, and their cells.
fn result_columns(run: &Run, locale: Locale) -> Vec<(String, Cells)> {
    let mut columns = vec![
        (two(locale, "得分", "score").to_owned(), Cells::Number),
        (two(locale, "等级", "grade").to_owned(), Cells::Text),
        (two(locale, "系数", "coefficient").to_owned(), Cells::Number),
    ];
    columns.extend(run.own_figures(Kind::People).map(|figure| figure_head(&figure, locale)));
    columns.extend(run.components(locale).into_iter().map(|(_, label)| (label, Cells::Money)));
    columns.push((two(locale, "结果运用", "outcomes").to_owned(), Cells::Text));
    columns
}

fn result_cells(run: &Run, person: &PersonResult, locale: Locale) -> Vec<String> {
    let mut cells = vec![score(person), run.grade(person, locale), coefficient(person)];
    cells.extend(run.own_figures(Kind::People).map(|figure| {
        let score = || person.scores.get(figure.name).map(ToString::to_string).unwrap_or_default();
        person.outputs.get(figure.name).map_or_else(score, |value| run.shown(Kind::People, &figure, value, locale))
    }));
    cells.extend(run.components(locale).iter().map(|(name, _)| pay(person, name)));
    let outcomes = person.outcomes.iter().chain(&person.interview).map(|code| run.outcome(code, locale));
    cells.push(outcomes.collect::<Vec<_>>().join(two(locale, "、", ", ")));
    cells
}

fn figure_head(figure: &FigureColumn<'_>, locale: Locale) -> (String, Cells) {
    (figure.label.get(locale).to_owned(), if figure.money { Cells::Money } else { Cells::Number })
}

fn results(run: &Run, people: &People, locale: Locale) -> Sheet {
    let named = !people.names.is_empty();
    let mut columns = vec![(two(locale, "工号", "number").to_owned(), Cells::Text)];
    if named {
        columns.push((two(locale, "姓名", "name").to_owned(), Cells::Text));
    }
    columns.extend(result_columns(run, locale));
    let mut sheet = Sheet::new(two(locale, "结果", "Results"), &heads(&columns));
    for person in &run.found.people {
        let mut row = vec![person.number.clone()];
        if named {
            row.push(people.names.get(&person.number).cloned().unwrap_or_default());
        }
        row.extend(result_cells(run, person, locale));
        sheet.rows.push(row);
    }
    sheet.without_empty_columns()
}

/// What a table of people said, and beside it what came out; for a workbook, since it is wide.
pub fn beside(run: &Run, inputs: Sheet, numbers: &[String], locale: Locale) -> Sheet {
    let given = inputs.columns.iter().map(|head| (head.title.clone(), head.cells));
    let columns: Vec<(String, Cells)> = given.chain(result_columns(run, locale)).collect();
    let mut sheet = Sheet::new(&inputs.name, &heads(&columns));
    for (mut row, number) in inputs.rows.into_iter().zip(numbers) {
        let person = run.found.people.iter().find(|person| person.number == *number);
        row.extend(person.map_or_else(Vec::new, |person| result_cells(run, person, locale)));
        row.resize(columns.len(), String::new());
        sheet.rows.push(row);
    }
    sheet.without_empty_columns()
}

/// Units with their figures, what their people get together, and all of it in the last row.
fn units(run: &Run, people: &People, locale: Locale) -> Sheet {
    let own = tools::figure_columns(&run.scheme, &run.cadence, Kind::Units);
    let components = run.components(locale);
    let mut columns = vec![
        (two(locale, "部门", "unit").to_owned(), Cells::Text),
        (two(locale, "得分", "score").to_owned(), Cells::Number),
        (two(locale, "等级", "grade").to_owned(), Cells::Text),
        (two(locale, "系数", "coefficient").to_owned(), Cells::Number),
    ];
    columns.extend(own.iter().map(|figure| figure_head(figure, locale)));
    columns.extend([
        (two(locale, "结果运用", "outcomes").to_owned(), Cells::Text),
        (two(locale, "人数", "people").to_owned(), Cells::Number),
        (two(locale, "平均得分", "mean score").to_owned(), Cells::Number),
    ]);
    columns.extend(components.iter().map(|(_, label)| (label.clone(), Cells::Money)));
    let mut sheet = Sheet::new(two(locale, "部门", "Units"), &heads(&columns));
    let unit_of = |person: &PersonResult| people.units.get(&person.number).map_or("", String::as_str);
    for (unit, figures) in &run.found.units {
        let mut row = vec![
            unit.code.clone(),
            unit.score.map(|score| score.to_string()).unwrap_or_default(),
            unit.grade.as_deref().map(|code| grade_label(&run.scheme, code, locale)).unwrap_or_default(),
            unit.coefficient.map(|share| share.to_string()).unwrap_or_default(),
        ];
        row.extend(own.iter().map(|figure| {
            figures.get(figure.name).map(|value| run.shown(Kind::Units, figure, value, locale)).unwrap_or_default()
        }));
        let outcomes: Vec<String> = unit.outcomes.iter().map(|code| run.outcome(code, locale)).collect();
        row.push(outcomes.join(two(locale, "、", ", ")));
        row.extend(run.together(&components, |person| unit_of(person) == unit.code));
        sheet.rows.push(row);
    }
    let known: BTreeSet<&str> = run.found.units.iter().map(|(unit, _)| unit.code.as_str()).collect();
    let others: BTreeSet<&str> = run.found.people.iter().map(unit_of).filter(|unit| !known.contains(unit)).collect();
    for code in others.into_iter().filter(|code| !code.is_empty()) {
        let mut row = vec![code.to_owned()];
        row.resize(5 + own.len(), String::new());
        row.extend(run.together(&components, |person| unit_of(person) == code));
        sheet.rows.push(row);
    }
    if sheet.rows.len() > 1 {
        let mut row = vec![two(locale, "合计", "all").to_owned()];
        row.resize(5 + own.len(), String::new());
        row.extend(run.together(&components, |_| true));
        sheet.rows.push(row);
    }
    sheet.without_empty_columns()
}

fn company(run: &Run, locale: Locale) -> Sheet {
    let columns = [(two(locale, "项目", "figure"), Cells::Text), (two(locale, "数值", "value"), Cells::Number)];
    let mut sheet = Sheet::new(two(locale, "公司", "Company"), &columns);
    for figure in tools::figure_columns(&run.scheme, &run.cadence, Kind::Company) {
        if let Some(value) = run.found.company.get(figure.name) {
            sheet
                .rows
                .push(vec![figure.label.get(locale).to_owned(), run.shown(Kind::Company, &figure, value, locale)]);
        }
    }
    sheet
}

/// Each sum that is shared: what it was, what was paid of it and what is left.
fn pools(run: &Run, locale: Locale) -> Sheet {
    let columns = [
        (two(locale, "奖金包", "pool"), Cells::Text),
        (two(locale, "范围", "within"), Cells::Text),
        (two(locale, "人数", "members"), Cells::Number),
        (two(locale, "总额", "sum"), Cells::Money),
        (two(locale, "已分配", "paid"), Cells::Money),
        (two(locale, "剩余", "left"), Cells::Money),
    ];
    let mut sheet = Sheet::new(two(locale, "奖金包", "Pools"), &columns);
    for pool in &run.found.pools {
        let within = pool.within.as_ref().map(|within| within.get(locale).to_owned());
        sheet.rows.push(vec![
            pool.label.get(locale).to_owned(),
            within.unwrap_or_else(|| two(locale, "全公司", "company").to_owned()),
            pool.members.to_string(),
            pool.whole.to_string(),
            pool.paid.to_string(),
            pool.left().map(|left| left.to_string()).unwrap_or_default(),
        ]);
    }
    sheet
}

fn share(part: usize, whole: usize) -> String {
    let (part, whole) = (Decimal::from(part), Decimal::from(whole));
    let share = part.checked_mul(Decimal::ONE_HUNDRED).and_then(|part| part.checked_div(whole));
    share.map_or("0".to_owned(), |share| plain(round(share, 1)))
}

fn distribution(run: &Run, against: Option<&Run>, locale: Locale) -> Sheet {
    let mut columns = vec![
        (two(locale, "等级", "grade"), Cells::Text),
        (two(locale, "人数", "people"), Cells::Number),
        (two(locale, "比例（%）", "per cent"), Cells::Number),
    ];
    let other = against.map(|other| format!("{}{}", two(locale, "人数：", "people under "), other.name));
    columns.extend(other.as_deref().map(|title| (title, Cells::Number)));
    let mut sheet = Sheet::new(two(locale, "等级分布", "Distribution"), &columns);
    sheet.charted = if against.is_some() { vec![1, 3] } else { vec![1] };
    let count =
        |run: &Run, code: &str| run.found.people.iter().filter(|person| person.grade.as_deref() == Some(code)).count();
    let graded = run.found.people.iter().filter(|person| person.grade.is_some()).count();
    let mut grades: Vec<&str> = run.scheme.grades().iter().map(|grade| grade.code.as_str()).collect();
    let others = against.into_iter().flat_map(|other| other.scheme.grades());
    for grade in others {
        if !grades.contains(&grade.code.as_str()) {
            grades.push(&grade.code);
        }
    }
    for code in grades {
        let people = count(run, code);
        let known = run.scheme.grades().iter().any(|grade| grade.code == code);
        let scheme = if known { &run.scheme } else { against.map_or(&run.scheme, |other| &other.scheme) };
        let mut row = vec![grade_label(scheme, code, locale), people.to_string(), share(people, graded)];
        row.extend(against.map(|other| count(other, code).to_string()));
        sheet.rows.push(row);
    }
    sheet
}

/// The components of both policies, the first one's first.
fn all_components(run: &Run, against: Option<&Run>, locale: Locale) -> Vec<(String, String)> {
    let mut all = run.components(locale);
    for (name, label) in against.into_iter().flat_map(|other| other.components(locale)) {
        if !all.iter().any(|(known, _)| *known == name) {
            all.push((name, label));
        }
    }
    all
}

fn cost(run: &Run, against: Option<&Run>, locale: Locale) -> Sheet {
    let titles = against.map(|other| (other.name.clone(), run.name.clone()));
    let mut columns = vec![(two(locale, "薪酬项目", "pay component"), Cells::Text)];
    match &titles {
        None => columns.push((two(locale, "合计", "sum"), Cells::Money)),
        Some((old, new)) => columns.extend([
            (old.as_str(), Cells::Money),
            (new.as_str(), Cells::Money),
            (two(locale, "差额", "change"), Cells::Money),
        ]),
    }
    let mut sheet = Sheet::new(two(locale, "成本", "Cost"), &columns);
    for (name, label) in all_components(run, against, locale) {
        let now = run.cost(&name);
        let mut row = vec![label];
        match against.map(|other| other.cost(&name)) {
            None => row.push(Money::new(now).to_string()),
            Some(was) => row.extend([was, now, now - was].map(|amount| Money::new(amount).to_string())),
        }
        sheet.rows.push(row);
    }
    sheet
}

/// Everybody whose grade, coefficient or pay is not the same under both.
fn moves(run: &Run, against: &Run, people: &People, locale: Locale) -> Sheet {
    let components = all_components(run, Some(against), locale);
    let named = !people.names.is_empty();
    let title = |what: &str, run: &Run| format!("{what} {}", run.name);
    let mut titles = vec![(two(locale, "工号", "number").to_owned(), Cells::Text)];
    if named {
        titles.push((two(locale, "姓名", "name").to_owned(), Cells::Text));
    }
    for run in [against, run] {
        titles.push((title(two(locale, "得分", "score"), run), Cells::Number));
        titles.push((title(two(locale, "等级", "grade"), run), Cells::Text));
    }
    titles.extend(components.iter().map(|(_, label)| (format!("{label} ±"), Cells::Money)));
    let columns: Vec<(&str, Cells)> = titles.iter().map(|(title, cells)| (title.as_str(), *cells)).collect();
    let mut sheet = Sheet::new(two(locale, "变动", "Moves"), &columns);
    for (was, now) in against.found.people.iter().zip(&run.found.people).filter(|(was, now)| moved(was, now)) {
        let mut row = vec![now.number.clone()];
        if named {
            row.push(people.names.get(&now.number).cloned().unwrap_or_default());
        }
        row.extend([score(was), against.grade(was, locale), score(now), run.grade(now, locale)]);
        row.extend(components.iter().map(|(name, _)| {
            let amount = |person: &PersonResult| person.pay.get(name).map_or(Decimal::ZERO, |money| money.amount());
            Money::new(amount(now) - amount(was)).to_string()
        }));
        sheet.rows.push(row);
    }
    sheet
}

fn moved(was: &PersonResult, now: &PersonResult) -> bool {
    was.excluded != now.excluded || was.grade != now.grade || was.coefficient != now.coefficient || was.pay != now.pay
}

pub fn shown(run: &Run, against: Option<&Run>, sheets: &[Sheet], locale: Locale) -> String {
    let mut text = String::new();
    for (at, sheet) in sheets.iter().enumerate().filter(|(_, sheet)| !sheet.rows.is_empty()) {
        if at > 0 {
            text += &format!("\n{}\n", sheet.name);
        }
        text += &sheet.text();
    }
    let warnings = run.scheme.warning_labels(&run.found.warnings);
    let warnings: Vec<&str> = warnings.iter().map(|label| label.get(locale)).collect();
    if !warnings.is_empty() {
        text += &format!("\n{}{}\n", two(locale, "提示：", "Warnings: "), warnings.join(two(locale, "；", "; ")));
    }
    if let Some(against) = against {
        let (all, moving) = (
            run.found.people.len(),
            against.found.people.iter().zip(&run.found.people).filter(|(a, b)| moved(a, b)).count(),
        );
        let grades =
            against.found.people.iter().zip(&run.found.people).filter(|(was, now)| was.grade != now.grade).count();
        text += &match locale {
            Locale::ZhCn => format!("\n{all}人中{moving}人有变动，其中{grades}人等级不同。\n"),
            Locale::En => format!("\n{moving} of {all} people move, {grades} of them to another grade.\n"),
        };
    }
    text
}
