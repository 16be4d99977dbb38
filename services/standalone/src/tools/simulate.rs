//! `steelyard simulate`: a case, or HR's own spreadsheet, computed without a server.

use std::io::Write;
use std::path::{Path, PathBuf};

use basics::{Locale, say};
use clap::Args;
use domain::case::Case;
use domain::evaluate::{Evaluation, Phase, evaluate};
use domain::period::Period;
use domain::scheme::{InputKind, Scheme};
use domain::tools::columns::{Column, columns};
use domain::{Invalid, Kind, words};
use serde_json::Value;

use super::people::{Cast, File, Given, of_history, of_people as people_columns, of_units_table};
use super::report::{self, Found, People, Run, two};
use super::table::{Cells, Sheet};
use super::{Failure, Language, Outcome, company, people, read_text, scheme_of, workbook};

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
    /// or headed as people call them: 工号, 姓名, 个人基本工资, 出勤状况·实际出勤时间（天）.
    #[arg(long, value_name = "FILE")]
    people: Option<PathBuf>,
    /// Units as CSV or XLSX: code, category, score, head, fact:NAME, ITEM.INPUT.
    #[arg(long, value_name = "FILE", requires = "people")]
    units: Option<PathBuf>,
    /// Earlier results as CSV or XLSX: number, period, score, grade.
    #[arg(long, value_name = "FILE", requires = "people")]
    history: Option<PathBuf>,
    /// A fact of the company, or a file of them (NAME=VALUE or NAME,VALUE on each line, or a JSON object); may be repeated.
    #[arg(long, value_name = "NAME=VALUE|FILE", requires = "people")]
    company: Vec<String>,
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
    let locale = arguments.locale.0;
    let scheme = scheme_of(name, locale)?;
    let cadences = match (&arguments.period, &arguments.cadence) {
        (Some(period), named) => vec![cadence(&scheme, name, period, named.as_deref(), locale)?],
        (None, Some(named)) => vec![named.clone()],
        (None, None) => scheme.cadences().iter().map(|cadence| cadence.code.clone()).collect(),
    };
    let cadences: Vec<&str> = cadences.iter().map(String::as_str).collect();
    let kind = if arguments.of_units { Kind::Units } else { Kind::People };
    let bytes = people::template(&scheme, &cadences, kind, locale)?;
    let written = std::io::stdout().write_all(&bytes).and_then(|()| std::io::stdout().flush());
    written.map(|()| String::new()).map_err(|error| Failure::Other(error.to_string()))
}

// --- a case ---

fn of_case(arguments: &Arguments, path: &Path) -> Outcome {
    let locale = arguments.locale.0;
    let text = read_text(path, locale)?;
    let wrong = |invalid| problem(&invalid, locale);
    let results = match (&arguments.scheme, &arguments.explain) {
        (None, None) => domain::simulate::run(&text).map_err(wrong)?,
        (scheme, explain) => {
            let mut case: Value = serde_json::from_str(&text)
                .map_err(|error| say!("数据不是 JSON：{error}", "the case is not JSON: {error}"))
                .map_err(|detail| wrong(Invalid::one("", "not_json", detail)))?;
            let scheme = match scheme {
                Some(name) => scheme_of(name, locale)?,
                None => shipped(&case, locale)?,
            };
            if let Some(object) = case.as_object_mut() {
                object.insert("policy".to_owned(), scheme.code().into());
            }
            match explain {
                Some(number) => return explained_case(&scheme, &case, number, arguments.locale.0),
                None => domain::simulate::run_with(&scheme, &case).map_err(wrong)?,
            }
        }
    };
    let text = serde_json::to_string_pretty(&results).map_err(|error| Failure::Other(error.to_string()))?;
    Ok(format!("{text}\n"))
}

fn problem(invalid: &Invalid, locale: Locale) -> Failure {
    Failure::Invalid(format!("{:#}", invalid.to_problem(locale)))
}

fn shipped(case: &Value, locale: Locale) -> Result<Scheme, Failure> {
    let wrong = |code, detail| problem(&Invalid::one("/policy", code, detail), locale);
    let code = case.get("policy").and_then(Value::as_str);
    let code = code.ok_or_else(|| wrong("missing", say!("缺少方案", "the policy is missing")))?;
    if !Scheme::shipped().iter().any(|(shipped, _)| *shipped == code) {
        return Err(wrong("unknown_policy", say!("没有方案 {code}", "there is no policy {code}")));
    }
    scheme_of(code, locale)
}

fn explained_case(scheme: &Scheme, case: &Value, number: &str, locale: Locale) -> Outcome {
    let wrong = |invalid| problem(&invalid, locale);
    let case = Case::from_json(scheme, case).map_err(wrong)?;
    let evaluation = evaluate(scheme, &case, Phase::All).map_err(wrong)?;
    explained(scheme, &evaluation, number, locale)
}

fn explained(scheme: &Scheme, evaluation: &Evaluation<'_>, number: &str, locale: Locale) -> Outcome {
    let found = evaluation.explanation(number).or_else(|| evaluation.unit_explanation(number));
    let explanation = found.ok_or_else(|| {
        let message = say!("没有工号为 {number} 的人", "nobody here has the number {number}");
        Failure::Other(message.get(locale).to_owned())
    })?;
    Ok(format!("{number}\n{}", words::render(&explanation, scheme, locale)))
}

// --- people in a spreadsheet ---

fn of_people(arguments: &Arguments, people: &Path, scheme: &str, period: &Period) -> Outcome {
    let locale = arguments.locale.0;
    let mut schemes = Vec::new();
    for name in std::iter::once(scheme).chain(arguments.against.as_deref()) {
        let scheme = scheme_of(name, locale)?;
        let cadence = cadence(&scheme, name, period, arguments.cadence.as_deref(), locale)?;
        schemes.push((scheme, cadence, name));
    }
    let known: Vec<(&Scheme, &str)> = schemes.iter().map(|(scheme, cadence, _)| (scheme, cadence.as_str())).collect();
    let (units, history) = (arguments.units.as_deref(), arguments.history.as_deref());
    let given = Given {
        people: File::read(people, &people_columns(&known), "number", locale)?,
        units: units.map(|path| File::read(path, &of_units_table(&known), "code", locale)).transpose()?,
        history: history.map(|path| File::read(path, &of_history(), "number", locale)).transpose()?,
        company: company::given(&arguments.company, locale)?,
        parameters: parameters(arguments.parameters.as_deref(), arguments.locale.0)?,
    };
    for note in given.notes() {
        eprintln!("{note}");
    }
    if let (Some(number), Some((scheme, cadence, _))) = (&arguments.explain, schemes.first()) {
        let cast = Cast::new(&given, scheme, cadence, &period.to_string());
        return explained_person(cast, scheme, number, locale);
    }
    let several = schemes.len() > 1;
    let mut runs = Vec::new();
    for (scheme, cadence, name) in schemes {
        runs.push(computed(&given, scheme, cadence, name, period, several, locale)?);
    }
    let people = known_of_people(&given);
    let mut runs = runs.into_iter();
    let Some(first) = runs.next() else { return Ok(String::new()) };
    let against = runs.next();
    let mut sheets = report::sheets(&first, against.as_ref(), &people, locale);
    let text = report::shown(&first, against.as_ref(), &sheets, locale);
    if let Some(path) = &arguments.xlsx {
        let (inputs, numbers) = inputs(&given, &first, locale);
        sheets.insert(1, report::beside(&first, inputs, &numbers, locale));
        workbook::write(path, &sheets)?;
    }
    Ok(text)
}

fn parameters(path: Option<&Path>, locale: Locale) -> Result<Value, Failure> {
    let Some(path) = path else { return Ok(Value::Null) };
    serde_json::from_str(&read_text(path, locale)?)
        .map_err(|error| Failure::Invalid(format!("{}: {error}", path.display())))
}

fn cadence(
    scheme: &Scheme,
    name: &str,
    period: &Period,
    named: Option<&str>,
    locale: Locale,
) -> Result<String, Failure> {
    match scheme.cadence_for(period, named) {
        Ok(cadence) => Ok(cadence.code.clone()),
        Err(invalid) => {
            let told: Vec<&str> = invalid.errors.iter().map(|error| error.detail.get(locale)).collect();
            Err(Failure::Invalid(format!("{name}: {}", told.join(two(locale, "；", "; ")))))
        }
    }
}

fn explained_person(mut cast: Cast<'_>, scheme: &Scheme, number: &str, locale: Locale) -> Outcome {
    let case = cast.case(scheme, locale)?;
    let evaluation = cast.evaluated(scheme, &case, locale)?;
    explained(scheme, &evaluation, number, locale)
}

fn computed(
    given: &Given,
    scheme: Scheme,
    cadence: String,
    name: &str,
    period: &Period,
    several: bool,
    locale: Locale,
) -> Result<Run, Failure> {
    let mut cast = Cast::new(given, &scheme, &cadence, &period.to_string());
    let under = |failure| match failure {
        Failure::Invalid(told) if several => {
            Failure::Invalid(say!("按方案 {name}：\n{told}", "under {name}:\n{told}").get(locale).to_owned())
        }
        failure => failure,
    };
    let case = cast.case(&scheme, locale).map_err(under)?;
    let evaluation = cast.evaluated(&scheme, &case, locale).map_err(under)?;
    let found = Found::of(&evaluation);
    drop(evaluation);
    let stem = Path::new(name).file_stem().map_or(name.into(), |stem| stem.to_string_lossy());
    Ok(Run { name: stem.into_owned(), scheme, cadence, found })
}

/// Names and units of people, as the table says them.
fn known_of_people(given: &Given) -> People {
    let table = &given.people.table;
    let Some(number) = table.column("number") else { return People::default() };
    let by_number = |column: &str| {
        let column = table.column(column);
        let rows = table.rows.iter();
        let said = rows.filter_map(|row| Some((row.get(number)?.to_owned(), row.get(column?)?.to_owned())));
        said.collect()
    };
    People { names: by_number("name"), units: by_number("unit") }
}

/// The table of people as it was read, by the names that people know its columns by.
fn inputs(given: &Given, run: &Run, locale: Locale) -> (Sheet, Vec<String>) {
    let table = &given.people.table;
    let known = columns(&run.scheme, &run.cadence, Kind::People);
    let head = |name: &String| match known.iter().find(|column| column.name == *name) {
        Some(column) => (column.label.get(locale).to_owned(), cells_of(column)),
        None => (title_of(name, locale), Cells::Text),
    };
    let heads: Vec<(String, Cells)> = table.columns.iter().map(head).collect();
    let heads: Vec<(&str, Cells)> = heads.iter().map(|(title, cells)| (title.as_str(), *cells)).collect();
    let mut sheet = Sheet::new(two(locale, "数据与结果", "Inputs and results"), &heads);
    let number = table.column("number");
    let mut numbers = Vec::new();
    for row in &table.rows {
        numbers.push(number.and_then(|at| row.get(at)).unwrap_or_default().to_owned());
        sheet.rows.push((0..table.columns.len()).map(|at| row.get(at).unwrap_or_default().to_owned()).collect());
    }
    (sheet, numbers)
}

fn cells_of(column: &Column) -> Cells {
    match column.kind {
        InputKind::Number | InputKind::Count | InputKind::Points => Cells::Number,
        _ => Cells::Text,
    }
}

/// A column that is no input.
fn title_of(name: &str, locale: Locale) -> String {
    let title = match name {
        "number" => two(locale, "工号", "number"),
        "name" => two(locale, "姓名", "name"),
        "unit" => two(locale, "部门", "unit"),
        "category" => two(locale, "类别", "category"),
        "hired_on" => two(locale, "入职日期", "hired on"),
        "left_on" => two(locale, "离职日期", "left on"),
        other => other,
    };
    title.to_owned()
}
