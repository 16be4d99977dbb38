//! People, units and their history out of tables, as a case holds them, and errors back at rows and columns.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use basics::{Label, Locale, Message, identifier, nearest, say, text};
use domain::scheme::source::Coded;
use domain::scheme::{InputKind, Scheme};
use domain::tools::columns::{Column, ListColumns, columns, lists, of_units};
use domain::{Invalid, Kind};
use platform::tabular::{self, Cells, Column as TableColumn, Columns, Percent, Row, Table, shortened};
use rust_decimal::Decimal;
use serde_json::{Map, Value, json};

use super::{Failure, company, read};

/// Bytes of a table: more than any company's, and little for a computer.
const LARGEST: u64 = 64 << 20;

/// A table, and what it is called in errors.
pub struct File {
    pub name: String,
    /// Its columns go by the names that a case has.
    pub table: Table,
    locale: Locale,
}

impl File {
    pub fn read(path: &Path, columns: &Columns, locale: Locale) -> Result<Self, Failure> {
        let name = path.display().to_string();
        let refused = |told: &str| Failure::Invalid(format!("{name}: {told}"));
        if std::fs::metadata(path).is_ok_and(|file| file.len() > LARGEST) {
            let message = say!("文件超过 64 MiB", "the file has more than 64 MiB");
            return Err(refused(message.get(locale)));
        }
        let table = Table::read(&read(path)?, columns).map_err(|unreadable| {
            let told: Vec<String> = unreadable.told(locale).iter().map(|line| format!("{name}: {line}")).collect();
            Failure::Invalid(told.join("\n"))
        })?;
        Ok(Self { name, table, locale })
    }

    /// What was passed over or chosen while it was read.
    fn notes(&self) -> impl Iterator<Item = String> + '_ {
        self.table.notes.iter().map(|note| format!("{}: {}", self.name, note.get(self.locale)))
    }

    fn cell<'r>(&self, row: &'r Row, column: &str) -> Option<&'r str> {
        row.get(self.table.column(column)?)
    }

    fn at(&self, line: usize, column: &str) -> String {
        format!("{}: {}", self.name, self.table.place(column).at(line, self.locale))
    }

    fn wrong(&self, line: usize, column: &str, what: &Message) -> String {
        let colon = match self.locale {
            Locale::ZhCn => "：",
            Locale::En => ": ",
        };
        format!("{}{colon}{}", self.at(line, column), what.get(self.locale))
    }

    /// The number or code of a row, in the one form in which it is kept.
    fn identifier<'r>(&self, row: &'r Row, column: &str, errors: &mut Vec<String>) -> Option<&'r str> {
        let written = self.cell(row, column)?;
        match identifier::read(written) {
            Ok(_) => Some(written),
            Err(why) => {
                let quoted = shortened(written);
                errors.push(self.wrong(row.line, column, &say!("“{quoted}”{why}", "{quoted}: {why}"; why)));
                None
            }
        }
    }

    /// As [`Self::identifier`], of a row that has to have one.
    fn key<'r>(&self, row: &'r Row, column: &str, errors: &mut Vec<String>) -> Option<&'r str> {
        if self.cell(row, column).is_none() {
            errors.push(self.wrong(row.line, column, &say!("没有填写", "it is missing")));
        }
        self.identifier(row, column, errors)
    }
}

/// What the files say, for any scheme.
pub struct Given {
    pub people: File,
    pub units: Option<File>,
    pub history: Option<File>,
    pub company: Vec<(String, String)>,
    pub parameters: Value,
}

/// Columns that are no inputs, as people head them.
fn own_people() -> Vec<TableColumn> {
    vec![
        TableColumn::new("number", ("工号", "employee number"), &["员工编号"], Cells::Code).required(),
        TableColumn::new("name", ("姓名", "employee"), &[], Cells::Name),
        TableColumn::new("unit", ("部门", "department"), &["部门编码"], Cells::Code),
        TableColumn::new("category", ("人员类别", "category"), &["类别"], Cells::Text),
        TableColumn::new("hired_on", ("入职日期", "hired on"), &[], Cells::Day),
        TableColumn::new("left_on", ("离职日期", "left on"), &[], Cells::Day),
    ]
}

fn own_units() -> Vec<TableColumn> {
    vec![
        TableColumn::new("code", ("部门", "department"), &["unit", "部门编码"], Cells::Code).required(),
        TableColumn::new("name", ("部门名称", "department name"), &[], Cells::Name),
        TableColumn::new("category", ("部门类别", "category"), &["类别"], Cells::Text),
        TableColumn::new("score", ("得分", "score"), &["部门得分"], Cells::Number(Percent::Unclear)),
        TableColumn::new("head", ("负责人", "head"), &["负责人工号"], Cells::Code),
        TableColumn::new("co_head", ("另一负责人", "co-head"), &[], Cells::Code),
    ]
}

fn own_history() -> Vec<TableColumn> {
    vec![
        TableColumn::new("number", ("工号", "employee number"), &["员工编号"], Cells::Code).required(),
        TableColumn::new("period", ("考核期", "period"), &[], Cells::Text),
        TableColumn::new("score", ("得分", "score"), &[], Cells::Number(Percent::Unclear)),
        TableColumn::new("grade", ("等级", "grade"), &[], Cells::Text),
    ]
}

impl Given {
    pub fn notes(&self) -> Vec<String> {
        let files = [Some(&self.people), self.units.as_ref(), self.history.as_ref()];
        files.into_iter().flatten().flat_map(File::notes).collect()
    }
}

/// The columns that tables of people may have: those above, and the schemes' inputs.
pub fn of_people(schemes: &[(&Scheme, &str)]) -> Columns {
    table_columns(own_people(), Some(Kind::People), schemes)
}

pub fn of_units_table(schemes: &[(&Scheme, &str)]) -> Columns {
    table_columns(own_units(), Some(Kind::Units), schemes)
}

pub fn of_history() -> Columns {
    table_columns(own_history(), None, &[])
}

/// Headings are read by the names that people know. One that could mean several is left as it is.
fn table_columns(own: Vec<TableColumn>, kind: Option<Kind>, schemes: &[(&Scheme, &str)]) -> Columns {
    let in_lists: Vec<Inputs> =
        schemes.iter().flat_map(|(scheme, cadence)| kind.map(|kind| Inputs::of(scheme, cadence, kind))).collect();
    let in_list = move |name: &str| in_lists.iter().find_map(|inputs| Some(cells_of(inputs.list_column(name)?.2)));
    Columns::new(with_inputs(own, kind, schemes)).with_others(in_list).passing_over_others()
}

fn with_inputs(own: Vec<TableColumn>, kind: Option<Kind>, schemes: &[(&Scheme, &str)]) -> Vec<TableColumn> {
    let mut all = own;
    for (scheme, cadence) in schemes {
        for column in kind.into_iter().flat_map(|kind| columns(scheme, cadence, kind)) {
            match all.iter_mut().find(|known| known.name == column.name) {
                Some(known) => known.titles.extend(titles_of(&column)),
                None => all.push(table_column(column)),
            }
        }
    }
    all
}

/// All that people head an input with.
fn titles_of(column: &Column) -> Vec<String> {
    let labels = std::iter::once(&column.label).chain(&column.other_labels);
    labels.flat_map(|label| [label.zh.clone(), label.en.clone()]).collect()
}

fn table_column(column: Column) -> TableColumn {
    let (cells, titles) = (cells_of(&column), titles_of(&column));
    TableColumn {
        cells,
        titles,
        name: column.name,
        label: column.label,
        choices: column.choices,
        min: column.min,
        max: column.max,
        is_required: column.required,
    }
}

/// An empty table for people or units of a scheme, as a workbook.
pub fn template(scheme: &Scheme, cadences: &[&str], kind: Kind, locale: Locale) -> Result<Vec<u8>, Failure> {
    let schemes: Vec<(&Scheme, &str)> = cadences.iter().map(|cadence| (scheme, *cadence)).collect();
    let own = match kind {
        Kind::Units => own_units(),
        _ => own_people(),
    };
    let is_used = |name: &str| match (kind, name) {
        (Kind::Units, "score" | "head" | "co_head") => of_units(scheme).contains(&name),
        (Kind::Units, "category") => !scheme.unit_categories().is_empty(),
        (_, "category") => !scheme.people_categories().is_empty(),
        (_, "unit") => scheme.has_units(),
        _ => true,
    };
    let own = own.into_iter().filter(|column| is_used(&column.name)).map(|column| match column.name.as_str() {
        "category" => column.choosing(categories(scheme, kind).iter().map(|one| one.code.clone())),
        _ => column,
    });
    let mut all = with_inputs(own.collect(), Some(kind), &schemes);
    for list in schemes.iter().flat_map(|(scheme, cadence)| lists(scheme, cadence, kind)) {
        for column in list.columns {
            let name = format!("{}.1.{}", list.key, column.name);
            if !all.iter().any(|known| known.name == name) {
                all.push(TableColumn { label: Label::new(&name, &name), name: name.clone(), ..table_column(column) });
            }
        }
    }
    for column in &mut all {
        let (yes, no) = match locale {
            Locale::ZhCn => ("是", "否"),
            Locale::En => ("yes", "no"),
        };
        let is_flag = schemes.iter().flat_map(|(scheme, cadence)| columns(scheme, cadence, kind));
        if is_flag.into_iter().any(|known| known.name == column.name && known.kind == InputKind::Flag) {
            column.choices = [yes, no].map(str::to_owned).into();
        }
    }
    let title = match (kind, locale) {
        (Kind::Units, Locale::ZhCn) => "部门",
        (Kind::Units, Locale::En) => "Units",
        (_, Locale::ZhCn) => "人员",
        (_, Locale::En) => "People",
    };
    tabular::template(title, &all, &[], locale).map_err(|error| Failure::Other(error.to_string()))
}

fn categories(scheme: &Scheme, kind: Kind) -> &[Coded] {
    match kind {
        Kind::Units => scheme.unit_categories(),
        _ => scheme.people_categories(),
    }
}

fn cells_of(column: &Column) -> Cells {
    match column.kind {
        InputKind::Number | InputKind::Count | InputKind::Points if column.many => Cells::Numbers(percent_of(column)),
        InputKind::Number | InputKind::Count | InputKind::Points => Cells::Number(percent_of(column)),
        InputKind::Date => Cells::Day,
        _ => Cells::Text,
    }
}

/// What 95% means in a column: its heading or its bounds say so.
fn percent_of(column: &Column) -> Percent {
    let heading = format!("{} {}", text::one_width(&column.label.zh), column.label.en.to_lowercase());
    if ["%", "百分", "per cent", "percent"].iter().any(|sign| heading.contains(sign)) {
        return Percent::Hundredths;
    }
    match column.max {
        Some(max) if max == Decimal::ONE_HUNDRED => Percent::Hundredths,
        Some(max) if max <= Decimal::ONE => Percent::Fraction,
        _ => Percent::Unclear,
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

    fn names_and_labels(&self) -> impl Iterator<Item = String> + '_ {
        let rows = self
            .lists
            .iter()
            .flat_map(|list| list.columns.iter().map(move |one| format!("{}.1.{}", list.key, one.name)));
        let labels = self.columns.iter().flat_map(|column| [column.label.zh.clone(), column.label.en.clone()]);
        self.columns.iter().map(|column| column.name.clone()).chain(labels).chain(rows)
    }
}

/// Every column that no scheme has a use for and that could be a slip, with the name that was probably meant.
pub fn unknown_columns(given: &Given, schemes: &[(&Scheme, &str)]) -> Vec<String> {
    let mut found = Vec::new();
    let inputs =
        |kind: Kind| schemes.iter().map(|(scheme, cadence)| Inputs::of(scheme, cadence, kind)).collect::<Vec<_>>();
    let mut look = |file: &File, own: &[TableColumn], inputs: &[Inputs]| {
        let row = file.table.header_row();
        for name in &file.table.columns {
            if own.iter().any(|own| own.name == *name) || inputs.iter().any(|inputs| inputs.knows(name)) {
                continue;
            }
            let columns: Vec<String> = inputs.iter().flat_map(Inputs::names_and_labels).collect();
            let own = own.iter().flat_map(|own| own.titles.iter().chain([&own.name, &own.label.zh, &own.label.en]));
            let what = match nearest(name, own.chain(&columns).map(String::as_str)) {
                Some(meant) => {
                    say!("方案用不到这一列；是否应为“{meant}”？", "the policy has no use for it; perhaps {meant}?")
                }
                None => say!("方案用不到这一列", "the policy has no use for it"),
            };
            found.push(file.wrong(row, name, &what));
        }
        for needed in own.iter().take(1).filter(|needed| file.table.column(&needed.name).is_none()) {
            found.push(file.wrong(row, &needed.name, &say!("缺少这一列", "this column is missing")));
        }
    };
    look(&given.people, &own_people(), &inputs(Kind::People));
    if let Some(units) = &given.units {
        look(units, &own_units(), &inputs(Kind::Units));
    }
    if let Some(history) = &given.history {
        look(history, &own_history(), &[]);
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
            let Some(number) = file.key(row, "number", errors) else { continue };
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
            keep("hired_on", true);
            keep("left_on", true);
            if let Some(unit) = file.identifier(row, "unit", errors).filter(|_| scheme.has_units()) {
                person.insert("unit".to_owned(), unit.into());
            }
            self.people.fill(file, row, &mut person, errors);
            if let Some(past) = history.remove(number) {
                person.insert("history".to_owned(), past.into());
            }
            people.push(Value::Object(person));
        }
        if let Some(history_file) = &self.given.history {
            for number in history.keys() {
                let line = self.history.get(number).and_then(|lines| lines.first()).copied().unwrap_or(0);
                let near = file.table.rows.iter().filter_map(|row| file.cell(row, "number"));
                let near = near.filter(|other| text::near(other) == text::near(number)).map(str::to_owned);
                let near = near.collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>().join(", ");
                let what = match near.is_empty() {
                    true => say!("{} 里没有工号 {number}", "nobody of {} has the number {number}", file.name),
                    false => say!(
                        "{} 里没有工号 {number}；是否应为 {near}？",
                        "nobody of {} has the number {number}; perhaps {near}?",
                        file.name
                    ),
                };
                errors.push(history_file.wrong(line, "number", &what));
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
            let Some(code) = file.key(row, "code", errors) else { continue };
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
            let Some(number) = file.key(row, "number", errors) else { continue };
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
                    Err(wrong) => errors.push(file.wrong(row.line, name, &wrong)),
                }
            } else if let Some((key, place, column)) = self.list_column(name) {
                match value(column, text) {
                    Ok(value) => put_row(subject, key, place, &column.name, value),
                    Err(wrong) => errors.push(file.wrong(row.line, name, &wrong)),
                }
            }
        }
    }
}

pub fn value(column: &Column, text: &str) -> Result<Value, Message> {
    if column.kind == InputKind::Flag {
        let flag = match text.to_lowercase().as_str() {
            "true" | "yes" | "1" | "是" => true,
            "false" | "no" | "0" | "否" => false,
            _ => {
                let quoted = shortened(text);
                return Err(say!("“{quoted}”既不是“是”也不是“否”", "{quoted:?} is neither true nor false"));
            }
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
