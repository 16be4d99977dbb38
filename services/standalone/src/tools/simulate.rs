//! `steelyard simulate`: a case, or HR's own spreadsheet, computed without a server.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;
use domain::case::Case;
use domain::evaluate::{Evaluation, PersonResult, Phase, evaluate, render};
use domain::money::{Money, plain, round};
use domain::period::Period;
use domain::scheme::Scheme;
use domain::{Invalid, Kind, Locale, tools};
use rust_decimal::Decimal;
use serde_json::Value;

use super::people::{Cast, File, Given, of_history, of_people as people_columns, of_units_table, unknown_columns};
use super::table::{Cells, Sheet};
use super::{Failure, Language, Outcome, people, read_text, scheme_of, workbook};

#[derive(Args)]
pub struct Arguments {
    /// The case as a JSON file, or - for standard input.
    #[arg(required_unless_present_any = ["people", "template"], conflicts_with = "people")]
    case: Option<PathBuf>,
    /// Print how everything of this person (or unit) came about instead of the results.
    #[arg(long, value_name = "NUMBER")]
    explain: Option<String>,
    /// zh-CN or en.
    #[arg(long, default_value = "zh-CN")]
    locale: Language,
    /// A scheme as a TOML file, or the code of one that comes with the product. With a case: instead of its policy.
    #[arg(long, value_name = "FILE|CODE", required_unless_present_any = ["case", "template"])]
    scheme: Option<String>,
    /// The period: 2026-10, 2026-Q3, 2026-H1, 2026 or FY2026.
    #[arg(long, required_unless_present_any = ["case", "template"], conflicts_with = "case")]
    period: Option<Period>,
    /// The kind of cycle, where the form of the period alone does not choose it.
    #[arg(long, value_name = "CODE", conflicts_with = "case")]
    cadence: Option<String>,
    /// People as CSV or XLSX: number, name, unit, category, hired_on, left_on, fact:NAME, pay:NAME, ITEM.INPUT, LIST.1.COLUMN;
    /// or headed as people call them: 工号, 姓名, 基本工资, 出勤·实际出勤天数.
    #[arg(long, value_name = "FILE")]
    people: Option<PathBuf>,
    /// Units as CSV or XLSX: code, category, score, head, fact:NAME, ITEM.INPUT.
    #[arg(long, value_name = "FILE", requires = "people")]
    units: Option<PathBuf>,
    /// Earlier results as CSV or XLSX: number, period, score, grade.
    #[arg(long, value_name = "FILE", requires = "people")]
    history: Option<PathBuf>,
    /// A fact of the company; may be repeated.
    #[arg(long, value_name = "NAME=VALUE", requires = "people", value_parser = name_and_value)]
    company: Vec<(String, String)>,
    /// What the company sets, as JSON: parameters by name, as a case has them.
    #[arg(long, value_name = "FILE", requires = "people")]
    parameters: Option<PathBuf>,
    /// Compute the same people under this scheme too, and say who moves and what it costs.
    #[arg(long, value_name = "FILE|CODE", requires = "people", conflicts_with = "explain")]
    against: Option<String>,
    /// Write a workbook to be filled in to standard output instead: the columns that this scheme takes for people.
    #[arg(long, value_name = "FILE|CODE", conflicts_with_all = ["case", "people", "scheme"])]
    template: Option<String>,
    /// Write the columns for units instead.
    #[arg(long, requires = "template")]
    of_units: bool,
    /// Write the tables into a workbook as well.
    #[arg(long, value_name = "FILE", requires = "people")]
    xlsx: Option<PathBuf>,
}

fn name_and_value(text: &str) -> Result<(String, String), String> {
    let (name, value) = text.split_once('=').ok_or("NAME=VALUE is wanted")?;
    Ok((name.to_owned(), value.to_owned()))
}

pub fn run(arguments: &Arguments) -> Outcome {
    if let Some(scheme) = &arguments.template {
        return written_template(arguments, scheme);
    }
    match (&arguments.case, &arguments.people, &arguments.scheme, &arguments.period) {
        (Some(case), ..) => of_case(arguments, case),
        (None, Some(people), Some(scheme), Some(period)) => of_people(arguments, people, scheme, period),
        _ => Err(Failure::Other("--people needs --scheme and --period".to_owned())),
    }
}

/// Puts a template on standard output, which is no text.
fn written_template(arguments: &Arguments, name: &str) -> Outcome {
    let scheme = scheme_of(name)?;
    let cadences = match (&arguments.period, &arguments.cadence) {
        (Some(period), named) => vec![cadence(&scheme, name, period, named.as_deref())?],
        (None, Some(named)) => vec![named.clone()],
        (None, None) => scheme.cadences().iter().map(|cadence| cadence.code.clone()).collect(),
    };
    let cadences: Vec<&str> = cadences.iter().map(String::as_str).collect();
    let kind = if arguments.of_units { Kind::Units } else { Kind::People };
    let bytes = people::template(&scheme, &cadences, kind, arguments.locale.0)?;
    let written = std::io::stdout().write_all(&bytes).and_then(|()| std::io::stdout().flush());
    written.map(|()| String::new()).map_err(|error| Failure::Other(error.to_string()))
}

// --- a case ---

fn of_case(arguments: &Arguments, path: &Path) -> Outcome {
    let text = read_text(path)?;
    let results = match (&arguments.scheme, &arguments.explain) {
        (None, None) => domain::simulate::run(&text).map_err(problem)?,
        (scheme, explain) => {
            let mut case: Value = serde_json::from_str(&text)
                .map_err(|error| problem(Invalid::one("", "not_json", format!("the case is not JSON: {error}"))))?;
            let scheme = match scheme {
                Some(name) => scheme_of(name)?,
                None => shipped(&case)?,
            };
            if let Some(object) = case.as_object_mut() {
                object.insert("policy".to_owned(), scheme.code().into());
            }
            match explain {
                Some(number) => return explained_case(&scheme, &case, number, arguments.locale.0),
                None => domain::simulate::run_with(&scheme, &case).map_err(problem)?,
            }
        }
    };
    let text = serde_json::to_string_pretty(&results).map_err(|error| Failure::Other(error.to_string()))?;
    Ok(format!("{text}\n"))
}

fn problem(invalid: Invalid) -> Failure {
    Failure::Invalid(format!("{:#}", invalid.to_problem()))
}

fn shipped(case: &Value) -> Result<Scheme, Failure> {
    let code = case.get("policy").and_then(Value::as_str);
    let code = code.ok_or_else(|| problem(Invalid::one("/policy", "missing", "the policy is missing")))?;
    if !Scheme::shipped().iter().any(|(shipped, _)| *shipped == code) {
        return Err(problem(Invalid::one("/policy", "unknown_policy", format!("there is no policy {code}"))));
    }
    scheme_of(code)
}

fn explained_case(scheme: &Scheme, case: &Value, number: &str, locale: Locale) -> Outcome {
    let case = Case::from_json(scheme, case).map_err(problem)?;
    let evaluation = evaluate(scheme, &case, Phase::All).map_err(problem)?;
    explained(scheme, &evaluation, number, locale)
}

fn explained(scheme: &Scheme, evaluation: &Evaluation<'_>, number: &str, locale: Locale) -> Outcome {
    let found = evaluation.explanation(number).or_else(|| evaluation.unit_explanation(number));
    let explanation = found.ok_or_else(|| Failure::Other(format!("nobody here has the number {number}")))?;
    Ok(format!("{number}\n{}", render(&explanation, scheme, locale)))
}

// --- people in a spreadsheet ---

/// One policy's answer for everybody.
struct Run {
    scheme: Scheme,
    /// How the scheme was named on the command line, without its path.
    name: String,
    cadence: String,
    people: Vec<PersonResult>,
    warnings: Vec<String>,
}

fn of_people(arguments: &Arguments, people: &Path, scheme: &str, period: &Period) -> Outcome {
    let locale = arguments.locale.0;
    let mut schemes = Vec::new();
    for name in std::iter::once(scheme).chain(arguments.against.as_deref()) {
        let scheme = scheme_of(name)?;
        let cadence = cadence(&scheme, name, period, arguments.cadence.as_deref())?;
        schemes.push((scheme, cadence, name));
    }
    let known: Vec<(&Scheme, &str)> = schemes.iter().map(|(scheme, cadence, _)| (scheme, cadence.as_str())).collect();
    let (units, history) = (arguments.units.as_deref(), arguments.history.as_deref());
    let given = Given {
        people: File::read(people, &people_columns(&known), locale)?,
        units: units.map(|path| File::read(path, &of_units_table(&known), locale)).transpose()?,
        history: history.map(|path| File::read(path, &of_history(), locale)).transpose()?,
        company: arguments.company.clone(),
        parameters: parameters(arguments.parameters.as_deref())?,
    };
    for note in given.notes() {
        eprintln!("{note}");
    }
    let unknown = unknown_columns(&given, &known);
    if !unknown.is_empty() {
        return Err(Failure::Invalid(unknown.join("\n")));
    }
    if let (Some(number), Some((scheme, cadence, _))) = (&arguments.explain, schemes.first()) {
        let case = Cast::new(&given, scheme, cadence, &period.to_string())?;
        return explained_person(&case, scheme, number, locale);
    }
    let several = schemes.len() > 1;
    let mut runs = Vec::new();
    for (scheme, cadence, name) in schemes {
        runs.push(computed(&given, scheme, cadence, name, period, several)?);
    }
    let names = names(&given);
    let mut runs = runs.into_iter();
    let Some(first) = runs.next() else { return Ok(String::new()) };
    let against = runs.next();
    let sheets = sheets(&first, against.as_ref(), &names, locale);
    if let Some(path) = &arguments.xlsx {
        workbook::write(path, &sheets)?;
    }
    Ok(shown(&first, against.as_ref(), &sheets, locale))
}

fn parameters(path: Option<&Path>) -> Result<Value, Failure> {
    let Some(path) = path else { return Ok(Value::Null) };
    serde_json::from_str(&read_text(path)?).map_err(|error| Failure::Invalid(format!("{}: {error}", path.display())))
}

fn cadence(scheme: &Scheme, name: &str, period: &Period, named: Option<&str>) -> Result<String, Failure> {
    match scheme.cadence_for(period, named) {
        Ok(cadence) => Ok(cadence.code.clone()),
        Err(invalid) => {
            let told: Vec<&str> = invalid.errors.iter().map(|error| error.detail.as_str()).collect();
            Err(Failure::Invalid(format!("{name}: {}", told.join("; "))))
        }
    }
}

fn explained_person(cast: &Cast<'_>, scheme: &Scheme, number: &str, locale: Locale) -> Outcome {
    let wrong = |invalid: Invalid| Failure::Invalid(cast.placed(&invalid));
    let case = Case::from_json(scheme, &cast.case).map_err(wrong)?;
    let evaluation = evaluate(scheme, &case, Phase::All).map_err(wrong)?;
    explained(scheme, &evaluation, number, locale)
}

fn computed(
    given: &Given,
    scheme: Scheme,
    cadence: String,
    name: &str,
    period: &Period,
    several: bool,
) -> Result<Run, Failure> {
    let cast = Cast::new(given, &scheme, &cadence, &period.to_string())?;
    let wrong = |invalid: Invalid| {
        let told = cast.placed(&invalid);
        Failure::Invalid(if several { format!("under {name}:\n{told}") } else { told })
    };
    let case = Case::from_json(&scheme, &cast.case).map_err(wrong)?;
    let evaluation = evaluate(&scheme, &case, Phase::All).map_err(wrong)?;
    let (people, warnings) = (evaluation.people().collect(), evaluation.warnings());
    drop(evaluation);
    let stem = Path::new(name).file_stem().map_or(name.into(), |stem| stem.to_string_lossy());
    Ok(Run { name: stem.into_owned(), scheme, cadence, people, warnings })
}

fn names(given: &Given) -> BTreeMap<String, String> {
    let table = &given.people.table;
    let (Some(number), Some(name)) = (table.column("number"), table.column("name")) else { return BTreeMap::new() };
    let named = table.rows.iter().filter_map(|row| Some((row.get(number)?.to_owned(), row.get(name)?.to_owned())));
    named.collect()
}

// --- tables ---

fn two<'t>(locale: Locale, zh: &'t str, en: &'t str) -> &'t str {
    match locale {
        Locale::ZhCn => zh,
        Locale::En => en,
    }
}

impl Run {
    fn label(&self, code: &str, locale: Locale) -> String {
        let bare = code.split_once(':').map_or(code, |(bare, _)| bare);
        match (self.scheme.label_of(bare), code.split_once(':')) {
            (Some(label), None) => label.get(locale).to_owned(),
            (Some(label), Some((_, of))) => format!("{}: {of}", label.get(locale)),
            (None, _) => code.to_owned(),
        }
    }

    fn components(&self, locale: Locale) -> Vec<(String, String)> {
        let all = tools::pay_components(&self.scheme, &self.cadence);
        all.into_iter().map(|(name, label)| (name.to_owned(), label.get(locale).to_owned())).collect()
    }

    fn grade(&self, person: &PersonResult, locale: Locale) -> String {
        match (&person.excluded, &person.grade) {
            (Some(code), _) => format!("{}{}", two(locale, "不参加：", "not appraised: "), self.label(code, locale)),
            (None, Some(code)) => grade_label(&self.scheme, code, locale),
            (None, None) => String::new(),
        }
    }

    fn cost(&self, component: &str) -> Decimal {
        self.people.iter().filter_map(|person| person.pay.get(component)).map(|money| money.amount()).sum()
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

fn sheets(run: &Run, against: Option<&Run>, names: &BTreeMap<String, String>, locale: Locale) -> Vec<Sheet> {
    let mut sheets = vec![results(run, names, locale)];
    if !run.scheme.grades().is_empty() {
        sheets.push(distribution(run, against, locale));
    }
    sheets.push(cost(run, against, locale));
    if let Some(against) = against {
        sheets.push(moves(run, against, names, locale));
    }
    sheets
}

fn results(run: &Run, names: &BTreeMap<String, String>, locale: Locale) -> Sheet {
    let components = run.components(locale);
    let named = !names.is_empty();
    let mut columns = vec![(two(locale, "工号", "number"), Cells::Text)];
    if named {
        columns.push((two(locale, "姓名", "name"), Cells::Text));
    }
    columns.push((two(locale, "得分", "score"), Cells::Number));
    columns.push((two(locale, "等级", "grade"), Cells::Text));
    columns.push((two(locale, "系数", "coefficient"), Cells::Number));
    columns.extend(components.iter().map(|(_, label)| (label.as_str(), Cells::Money)));
    columns.push((two(locale, "结果运用", "outcomes"), Cells::Text));
    let mut sheet = Sheet::new(two(locale, "结果", "Results"), &columns);
    for person in &run.people {
        let mut row = vec![person.number.clone()];
        if named {
            row.push(names.get(&person.number).cloned().unwrap_or_default());
        }
        row.extend([score(person), run.grade(person, locale), coefficient(person)]);
        row.extend(components.iter().map(|(name, _)| pay(person, name)));
        let outcomes = person.outcomes.iter().chain(&person.interview).map(|code| run.label(code, locale));
        row.push(outcomes.collect::<Vec<_>>().join(two(locale, "、", ", ")));
        sheet.rows.push(row);
    }
    sheet.without_empty_columns()
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
    let count =
        |run: &Run, code: &str| run.people.iter().filter(|person| person.grade.as_deref() == Some(code)).count();
    let graded = run.people.iter().filter(|person| person.grade.is_some()).count();
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
fn moves(run: &Run, against: &Run, names: &BTreeMap<String, String>, locale: Locale) -> Sheet {
    let components = all_components(run, Some(against), locale);
    let named = !names.is_empty();
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
    for (was, now) in against.people.iter().zip(&run.people).filter(|(was, now)| moved(was, now)) {
        let mut row = vec![now.number.clone()];
        if named {
            row.push(names.get(&now.number).cloned().unwrap_or_default());
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

fn shown(run: &Run, against: Option<&Run>, sheets: &[Sheet], locale: Locale) -> String {
    let mut text = String::new();
    for (at, sheet) in sheets.iter().enumerate().filter(|(_, sheet)| !sheet.rows.is_empty()) {
        if at > 0 {
            text += &format!("\n{}\n", sheet.name);
        }
        text += &sheet.text();
    }
    let warnings: Vec<String> = run.warnings.iter().map(|code| run.label(code, locale)).collect();
    if !warnings.is_empty() {
        text += &format!("\n{}{}\n", two(locale, "提示：", "Warnings: "), warnings.join(two(locale, "、", ", ")));
    }
    if let Some(against) = against {
        let (all, moving) =
            (run.people.len(), against.people.iter().zip(&run.people).filter(|(a, b)| moved(a, b)).count());
        let grades = against.people.iter().zip(&run.people).filter(|(was, now)| was.grade != now.grade).count();
        text += &match locale {
            Locale::ZhCn => format!("\n{all}人中{moving}人有变动，其中{grades}人等级不同。\n"),
            Locale::En => format!("\n{moving} of {all} people move, {grades} of them to another grade.\n"),
        };
    }
    text
}
