//! People, units and their history out of tables, as a case holds them, and errors back at rows and columns.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use domain::scheme::source::Coded;
use domain::scheme::{InputKind, Scheme};
use domain::tools::columns::{Column, ListColumns, columns, lists, of_units};
use domain::{Invalid, Kind, Locale, nearest};
use platform::tabular::{Row, Table};
use serde_json::{Map, Value, json};

use super::{Failure, company, read};

/// A table, and what it and its columns are called in errors.
pub struct File {
    pub name: String,
    /// Its columns go by the names that a case has.
    pub table: Table,
    /// The columns as they are headed in the file.
    headings: Vec<String>,
}

impl File {
    pub fn read(path: &Path) -> Result<Self, Failure> {
        let name = path.display().to_string();
        let table = Table::read(&read(path)?).map_err(|problem| Failure::Invalid(refused(&name, &problem)))?;
        let headings = table.columns.clone();
        Ok(Self { name, table, headings })
    }

    fn cell<'r>(&self, row: &'r Row, column: &str) -> Option<&'r str> {
        row.get(self.table.column(column)?)
    }

    fn at(&self, line: usize, column: &str) -> String {
        let heading = self.table.column(column).and_then(|at| self.headings.get(at));
        format!("{}: row {line}, column {}", self.name, heading.map_or(column, |heading| heading))
    }

    /// Takes columns that are headed as people call them for those that a case has.
    fn understand(&mut self, titles: &BTreeMap<String, String>) {
        for column in &mut self.table.columns {
            if let Some(name) = titles.get(column.as_str()).filter(|name| !self.headings.contains(name)) {
                column.clone_from(name);
            }
        }
    }
}

fn refused(name: &str, problem: &platform::problem::Problem) -> String {
    let errors = problem.errors.iter().map(|error| format!("{name}: {}: {}", error.pointer, error.detail));
    let told: Vec<String> = errors.collect();
    if told.is_empty() { format!("{name}: {problem}") } else { told.join("\n") }
}

/// What the files say, for any scheme.
pub struct Given {
    pub people: File,
    pub units: Option<File>,
    pub history: Option<File>,
    pub company: Vec<(String, String)>,
    pub parameters: Value,
}

/// Columns that are no inputs.
const OF_PEOPLE: [&str; 6] = ["number", "name", "unit", "category", "hired_on", "left_on"];
const OF_UNITS: [&str; 6] = ["code", "name", "category", "score", "head", "co_head"];
const OF_HISTORY: [&str; 4] = ["number", "period", "score", "grade"];

/// What people head these columns with.
const TITLES_OF_PEOPLE: [(&str, &str); 12] = [
    ("工号", "number"),
    ("employee number", "number"),
    ("姓名", "name"),
    ("部门", "unit"),
    ("department", "unit"),
    ("人员类别", "category"),
    ("类别", "category"),
    ("入职日期", "hired_on"),
    ("hired on", "hired_on"),
    ("离职日期", "left_on"),
    ("left on", "left_on"),
    ("employee", "name"),
];
const TITLES_OF_UNITS: [(&str, &str); 10] = [
    ("部门", "code"),
    ("department", "code"),
    ("unit", "code"),
    ("部门名称", "name"),
    ("部门类别", "category"),
    ("类别", "category"),
    ("得分", "score"),
    ("部门得分", "score"),
    ("负责人", "head"),
    ("另一负责人", "co_head"),
];
const TITLES_OF_HISTORY: [(&str, &str); 5] =
    [("工号", "number"), ("employee number", "number"), ("考核期", "period"), ("得分", "score"), ("等级", "grade")];

impl Given {
    /// Reads headings by the names that people know: of the columns above, and of the schemes' inputs. A heading that
    /// could mean several is left as it is.
    pub fn understand(&mut self, schemes: &[(&Scheme, &str)]) {
        let titles = |own: &[(&str, &str)], kind: Option<Kind>| {
            let mut titles: BTreeMap<String, Option<String>> = BTreeMap::new();
            let mut add = |title: &str, name: &str| {
                let entry = titles.entry(title.to_owned()).or_insert_with(|| Some(name.to_owned()));
                if entry.as_deref() != Some(name) {
                    *entry = None;
                }
            };
            own.iter().for_each(|(title, name)| add(title, name));
            for (scheme, cadence) in schemes.iter().filter(|_| kind.is_some()) {
                for column in kind.into_iter().flat_map(|kind| columns(scheme, cadence, kind)) {
                    for label in std::iter::once(&column.label).chain(&column.other_labels) {
                        add(&label.zh, &column.name);
                        add(&label.en, &column.name);
                    }
                }
            }
            titles.into_iter().filter_map(|(title, name)| Some((title, name?))).collect::<BTreeMap<_, _>>()
        };
        self.people.understand(&titles(&TITLES_OF_PEOPLE, Some(Kind::People)));
        if let Some(units) = &mut self.units {
            units.understand(&titles(&TITLES_OF_UNITS, Some(Kind::Units)));
        }
        if let Some(history) = &mut self.history {
            history.understand(&titles(&TITLES_OF_HISTORY, None));
        }
    }
}

/// The code of a category or a grade that a cell names, by its code or as people call it.
fn code_of(coded: &[Coded], text: &str) -> String {
    let named = || coded.iter().find(|one| one.label.zh == text || one.label.en == text);
    let known = coded.iter().find(|one| one.code == text).or_else(named);
    known.map_or(text, |one| &one.code).to_owned()
}

/// One scheme's view of the tables: a case, and where everything in it came from.
pub struct Cast<'g> {
    given: &'g Given,
    people: Inputs,
    units: Inputs,
    known_units: Vec<String>,
    pub case: Value,
    /// Rows of the history by person, in the order of the case.
    history: BTreeMap<String, Vec<usize>>,
}

/// The inputs of one kind of subject under one scheme.
struct Inputs {
    columns: Vec<Column>,
    lists: Vec<ListColumns>,
}

impl Inputs {
    fn of(scheme: &Scheme, cadence: &str, kind: Kind) -> Self {
        Self { columns: columns(scheme, cadence, kind), lists: lists(scheme, cadence, kind) }
    }

    fn column(&self, name: &str) -> Option<&Column> {
        self.columns.iter().find(|column| column.name == name)
    }

    /// `goals.2.weight`: the key, the row counted from 0, and the column.
    fn list_column<'n>(&self, name: &'n str) -> Option<(&'n str, usize, &Column)> {
        let (key, rest) = name.split_once('.')?;
        let (row, column) = rest.split_once('.')?;
        let list = self.lists.iter().find(|list| list.key == key)?;
        let row = row.parse::<usize>().ok()?.checked_sub(1).filter(|row| *row < 100)?;
        Some((key, row, list.columns.iter().find(|one| one.name == column)?))
    }

    fn knows(&self, name: &str) -> bool {
        self.column(name).is_some() || self.list_column(name).is_some()
    }

    fn names(&self) -> impl Iterator<Item = String> + '_ {
        let rows = self
            .lists
            .iter()
            .flat_map(|list| list.columns.iter().map(move |one| format!("{}.1.{}", list.key, one.name)));
        self.columns.iter().map(|column| column.name.clone()).chain(rows)
    }
}

/// Every column that no scheme has a use for, with the name that was probably meant.
pub fn unknown_columns(given: &Given, schemes: &[(&Scheme, &str)]) -> Vec<String> {
    let mut found = Vec::new();
    let inputs =
        |kind: Kind| schemes.iter().map(|(scheme, cadence)| Inputs::of(scheme, cadence, kind)).collect::<Vec<_>>();
    let mut look = |file: &File, own: &[&str], inputs: &[Inputs]| {
        for name in &file.table.columns {
            if own.contains(&name.as_str()) || inputs.iter().any(|inputs| inputs.knows(name)) {
                continue;
            }
            let columns: Vec<String> = inputs.iter().flat_map(Inputs::names).collect();
            let all = own.iter().copied().chain(columns.iter().map(String::as_str));
            let meant = nearest(name, all).map(|meant| format!("; perhaps {meant}?")).unwrap_or_default();
            found.push(format!("{}: the policy has no use for it{meant}", file.at(1, name)));
        }
        for needed in own.iter().take(1).filter(|needed| file.table.column(needed).is_none()) {
            found.push(format!("{}: this column is missing", file.at(1, needed)));
        }
    };
    look(&given.people, &OF_PEOPLE, &inputs(Kind::People));
    if let Some(units) = &given.units {
        look(units, &OF_UNITS, &inputs(Kind::Units));
    }
    if let Some(history) = &given.history {
        look(history, &OF_HISTORY, &[]);
    }
    found
}

impl<'g> Cast<'g> {
    pub fn new(given: &'g Given, scheme: &Scheme, cadence: &str, period: &str) -> Result<Self, Failure> {
        let mut cast = Self {
            given,
            people: Inputs::of(scheme, cadence, Kind::People),
            units: Inputs::of(scheme, cadence, Kind::Units),
            known_units: Vec::new(),
            case: Value::Null,
            history: BTreeMap::new(),
        };
        let mut errors = Vec::new();
        let history = cast.history(scheme, &mut errors);
        let units = cast.units(scheme, &mut errors);
        let people = cast.people(scheme, history, &mut errors);
        if !errors.is_empty() {
            return Err(Failure::Invalid(errors.join("\n")));
        }
        let mut case = json!({ "policy": scheme.code(), "cadence": cadence, "period": period, "employees": people });
        if let Some(case) = case.as_object_mut() {
            if scheme.has_units() {
                case.insert("units".to_owned(), units.into());
            }
            if !given.parameters.is_null() {
                case.insert("parameters".to_owned(), given.parameters.clone());
            }
            if !given.company.is_empty() {
                let facts: Map<String, Value> =
                    given.company.iter().map(|(name, value)| company::as_case(scheme, cadence, name, value)).collect();
                case.insert("company".to_owned(), json!({ "facts": facts }));
            }
        }
        cast.case = case;
        Ok(cast)
    }

    fn people(
        &self,
        scheme: &Scheme,
        mut history: BTreeMap<String, Vec<Value>>,
        errors: &mut Vec<String>,
    ) -> Vec<Value> {
        let file = &self.given.people;
        let mut people = Vec::new();
        for row in &file.table.rows {
            let mut person = Map::new();
            let Some(number) = file.cell(row, "number") else {
                errors.push(format!("{}: the number is missing", file.at(row.line, "number")));
                continue;
            };
            person.insert("number".to_owned(), number.into());
            let categories = scheme.people_categories();
            if let Some(category) = file.cell(row, "category").filter(|_| !categories.is_empty()) {
                person.insert("category".to_owned(), code_of(categories, category).into());
            }
            let mut keep = |key: &str, used: bool| {
                if let Some(value) = file.cell(row, key).filter(|_| used) {
                    person.insert(key.to_owned(), value.into());
                }
            };
            keep("unit", scheme.has_units());
            keep("hired_on", true);
            keep("left_on", true);
            self.people.fill(file, row, &mut person, errors);
            if let Some(past) = history.remove(number) {
                person.insert("history".to_owned(), past.into());
            }
            people.push(Value::Object(person));
        }
        if let Some(history_file) = &self.given.history {
            for number in history.keys() {
                let line = self.history.get(number).and_then(|lines| lines.first()).copied().unwrap_or(0);
                errors.push(format!("{}: nobody of {} has this number", history_file.at(line, "number"), file.name));
            }
        }
        people
    }

    /// Units of their own table, or as people name them.
    fn units(&mut self, scheme: &Scheme, errors: &mut Vec<String>) -> Vec<Value> {
        if !scheme.has_units() {
            return Vec::new();
        }
        let given = of_units(scheme);
        let Some(file) = &self.given.units else {
            let people = &self.given.people;
            let named: BTreeSet<&str> = people.table.rows.iter().filter_map(|row| people.cell(row, "unit")).collect();
            self.known_units = named.iter().map(|code| (*code).to_owned()).collect();
            return named.iter().map(|code| json!({ "code": code })).collect();
        };
        let mut units = Vec::new();
        for row in &file.table.rows {
            let mut unit = Map::new();
            let Some(code) = file.cell(row, "code") else {
                errors.push(format!("{}: the code is missing", file.at(row.line, "code")));
                continue;
            };
            unit.insert("code".to_owned(), code.into());
            let categories = scheme.unit_categories();
            if let Some(category) = file.cell(row, "category").filter(|_| !categories.is_empty()) {
                unit.insert("category".to_owned(), code_of(categories, category).into());
            }
            for key in &given {
                if let Some(value) = file.cell(row, key) {
                    unit.insert((*key).to_owned(), value.into());
                }
            }
            self.units.fill(file, row, &mut unit, errors);
            units.push(Value::Object(unit));
        }
        units
    }

    fn history(&mut self, scheme: &Scheme, errors: &mut Vec<String>) -> BTreeMap<String, Vec<Value>> {
        let mut found: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        let Some(file) = &self.given.history else { return found };
        let grades = scheme.grades();
        for row in &file.table.rows {
            let Some(number) = file.cell(row, "number") else {
                errors.push(format!("{}: the number is missing", file.at(row.line, "number")));
                continue;
            };
            let mut entry = Map::new();
            for key in ["period", "score", "grade"] {
                match file.cell(row, key) {
                    Some(value) if key != "grade" => drop(entry.insert(key.to_owned(), value.into())),
                    Some(grade) if !grades.is_empty() => {
                        entry.insert(key.to_owned(), code_of(grades, grade).into());
                    }
                    _ => {}
                }
            }
            found.entry(number.to_owned()).or_default().push(Value::Object(entry));
            self.history.entry(number.to_owned()).or_default().push(row.line);
        }
        found
    }

    /// Errors of the engine at the rows and columns of the files.
    pub fn placed(&self, invalid: &Invalid, locale: Locale) -> String {
        let told: Vec<String> = invalid
            .errors
            .iter()
            .map(|error| format!("{}: {}", self.place(&error.pointer), error.detail.get(locale)))
            .collect();
        told.join("\n")
    }

    fn place(&self, pointer: &str) -> String {
        let parts: Vec<&str> = pointer.split('/').skip(1).collect();
        let found = match parts.as_slice() {
            ["employees", at, rest @ ..] => at.parse().ok().and_then(|at: usize| self.place_of_person(at, rest)),
            ["units", at, rest @ ..] => at.parse().ok().and_then(|at: usize| self.place_of_unit(at, rest)),
            ["company", "facts", name] => Some(format!("--company {name}")),
            ["parameters", rest @ ..] => Some(format!("--parameters /{}", rest.join("/"))),
            ["period"] => Some("--period".to_owned()),
            ["cadence"] => Some("--cadence".to_owned()),
            _ => None,
        };
        found.unwrap_or_else(|| pointer.to_owned())
    }

    fn place_of_person(&self, at: usize, rest: &[&str]) -> Option<String> {
        let file = &self.given.people;
        let row = file.table.rows.get(at)?;
        if let ["history", entry, key @ ..] = rest {
            let history = self.given.history.as_ref()?;
            let line = self.history.get(file.cell(row, "number")?)?.get(entry.parse::<usize>().ok()?)?;
            return Some(history.at(*line, key.first().unwrap_or(&"period")));
        }
        Some(file.at(row.line, &column_of(rest)))
    }

    fn place_of_unit(&self, at: usize, rest: &[&str]) -> Option<String> {
        match &self.given.units {
            Some(file) => Some(file.at(file.table.rows.get(at)?.line, &column_of(rest))),
            None => {
                Some(format!("unit {} (say it with --units), column {}", self.known_units.get(at)?, column_of(rest)))
            }
        }
    }
}

/// The column in which what a pointer points at stands.
fn column_of(rest: &[&str]) -> String {
    match rest {
        ["facts", name @ ..] => format!("fact:{}", name.join(".")),
        ["pay", name] => format!("pay:{name}"),
        ["items", item, input, ..] => format!("{item}.{input}"),
        ["items", item] => format!("{item}.…"),
        [list, row, column] => match row.parse::<usize>() {
            Ok(row) => format!("{list}.{}.{column}", row + 1),
            Err(_) => rest.join("/"),
        },
        _ => rest.join("/"),
    }
}

impl Inputs {
    /// Puts every cell of a row where a case has it.
    fn fill(&self, file: &File, row: &Row, subject: &mut Map<String, Value>, errors: &mut Vec<String>) {
        for (at, name) in file.table.columns.iter().enumerate() {
            let Some(text) = row.get(at) else { continue };
            if let Some(column) = self.column(name) {
                match value(column, text) {
                    Ok(value) => put(subject, column.pointer.split('/').skip(1), value),
                    Err(wrong) => errors.push(format!("{}: {wrong}", file.at(row.line, name))),
                }
            } else if let Some((key, place, column)) = self.list_column(name) {
                match value(column, text) {
                    Ok(value) => put_row(subject, key, place, &column.name, value),
                    Err(wrong) => errors.push(format!("{}: {wrong}", file.at(row.line, name))),
                }
            }
        }
    }
}

pub fn value(column: &Column, text: &str) -> Result<Value, String> {
    if column.kind == InputKind::Flag {
        let flag = match text.to_lowercase().as_str() {
            "true" | "yes" | "1" | "是" => true,
            "false" | "no" | "0" | "否" => false,
            _ => return Err(format!("{text:?} is neither true nor false")),
        };
        return Ok(Value::Bool(flag));
    }
    if !column.codes.is_empty() {
        return Ok(code_of(&column.codes, text).into());
    }
    if column.many && text.contains(';') {
        return Ok(text.split(';').map(|one| Value::from(one.trim())).collect());
    }
    Ok(text.into())
}

fn put<'p>(object: &mut Map<String, Value>, mut path: impl Iterator<Item = &'p str>, value: Value) {
    let Some(mut key) = path.next() else { return };
    let mut object = object;
    for next in path {
        let below = object.entry(key).or_insert_with(|| json!({}));
        let Some(below) = below.as_object_mut() else { return };
        object = below;
        key = next;
    }
    object.insert(key.to_owned(), value);
}

fn put_row(subject: &mut Map<String, Value>, key: &str, place: usize, column: &str, value: Value) {
    let rows = subject.entry(key).or_insert_with(|| json!([]));
    let Some(rows) = rows.as_array_mut() else { return };
    while rows.len() <= place {
        rows.push(json!({}));
    }
    if let Some(Value::Object(row)) = rows.get_mut(place) {
        row.insert(column.to_owned(), value);
    }
}
