//! People, units and their history out of tables, as a case holds them, and errors back at rows and columns.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use basics::text::{self, shortened};
use basics::{Label, Locale, Message, identifier, say};
use domain::case::{Case, code_meant};
use domain::evaluate::{Evaluation, Phase, evaluate};
use domain::scheme::source::Coded;
use domain::scheme::{InputKind, Scheme};
use domain::tools::columns::{Column, ListColumns, columns, lists, of_units};
use domain::{Invalid, Kind};
use platform::tabular::{self, Cells, Column as TableColumn, Columns, Faults, Percent, Row, Table};
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
    /// What is wrong with it whatever the scheme.
    faults: Faults,
    locale: Locale,
}

impl File {
    pub fn read(path: &Path, columns: &Columns, key: &str, locale: Locale) -> Result<Self, Failure> {
        let name = path.display().to_string();
        let refused = |what: &Message| Failure::Invalid(format!("{name}: {}", what.get(locale)));
        if std::fs::metadata(path).is_ok_and(|file| file.len() > LARGEST) {
            return Err(refused(&say!("文件超过 64 MiB", "the file has more than 64 MiB")));
        }
        let (table, mut faults) =
            Table::read(&read(path, locale)?, columns).map_err(|refusal| refused(&refusal.what))?;
        if table.column(key).is_none() {
            faults.add(table.header_row(), key, say!("缺少这一列", "this column is missing"));
        }
        Ok(Self { name, table, faults, locale })
    }

    /// What was passed over or chosen while it was read.
    fn notes(&self) -> impl Iterator<Item = String> + '_ {
        self.table.notes.iter().map(|note| format!("{}: {}", self.name, note.get(self.locale)))
    }

    /// Whether it is known what all columns hold.
    fn is_understood(&self) -> bool {
        !self.faults.has_row(self.table.header_row())
    }

    fn told<'f>(&'f self, faults: &'f Faults) -> impl Iterator<Item = String> + 'f {
        faults.told(self.locale).into_iter().map(|line| format!("{}: {line}", self.name))
    }

    fn cell<'r>(&self, row: &'r Row, column: &str) -> Option<&'r str> {
        row.get(self.table.column(column)?)
    }

    /// The number or code of a row, in the one form in which it is kept.
    fn identifier<'r>(&self, row: &'r Row, column: &str, faults: &mut Faults) -> Option<&'r str> {
        let written = self.cell(row, column)?;
        match identifier::read(written) {
            Ok(_) => Some(written),
            Err(why) => {
                let quoted = shortened(written);
                faults.add(row.line, column, say!("“{quoted}”{why}", "{quoted}: {why}"; why));
                None
            }
        }
    }

    /// As [`Self::identifier`], of a row that has to have one. A row of which nobody knows whose it is gets a name that
    /// nobody has, so that the rest of it can be looked at.
    fn key(&self, row: &Row, column: &str, faults: &mut Faults) -> String {
        if self.table.column(column).is_some() && self.cell(row, column).is_none() {
            faults.add(row.line, column, say!("没有填写", "it is missing"));
        }
        self.identifier(row, column, faults).map_or_else(|| format!("row-{}", row.line), str::to_owned)
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
    let examples = in_lists
        .iter()
        .flat_map(|inputs| &inputs.lists)
        .flat_map(|list| list.columns.iter().map(|column| format!("{}.1.{}", list.key, column.name)));
    let examples: Vec<String> = examples.collect();
    let in_list = move |name: &str| in_lists.iter().find_map(|inputs| Some(cells_of(inputs.list_column(name)?.2)));
    Columns::new(with_inputs(own, kind, schemes)).with_others(in_list).suggesting(examples)
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

/// One scheme's view of the tables: a case, and where everything in it came from.
pub struct Cast<'g> {
    given: &'g Given,
    people: Inputs,
    units: Inputs,
    known_units: Vec<String>,
    case: Value,
    /// Rows of the history by person, in the order of the case.
    history: BTreeMap<String, Vec<usize>>,
    /// What is wrong with the tables under this scheme, and with what was given beside them.
    wrong: Wrong,
}

#[derive(Default)]
struct Wrong {
    people: Faults,
    units: Faults,
    history: Faults,
    elsewhere: Vec<String>,
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
}

impl<'g> Cast<'g> {
    pub fn new(given: &'g Given, scheme: &Scheme, cadence: &str, period: &str) -> Self {
        let faults_of = |file: Option<&File>| file.map(|file| file.faults.clone()).unwrap_or_default();
        let mut wrong = Wrong {
            people: given.people.faults.clone(),
            units: faults_of(given.units.as_ref()),
            history: faults_of(given.history.as_ref()),
            elsewhere: Vec::new(),
        };
        let mut cast = Self {
            given,
            people: Inputs::of(scheme, cadence, Kind::People),
            units: Inputs::of(scheme, cadence, Kind::Units),
            known_units: Vec::new(),
            case: Value::Null,
            history: BTreeMap::new(),
            wrong: Wrong::default(),
        };
        let history = cast.history(scheme, &mut wrong.history);
        let units = cast.units(scheme, &mut wrong.units);
        let people = cast.people(scheme, history, &mut wrong);
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
        Self { case, wrong, ..cast }
    }

    /// The case, or everything that is wrong with the files.
    pub fn case(&mut self, scheme: &Scheme, locale: Locale) -> Result<Case, Failure> {
        let case = match Case::from_json(scheme, &self.case) {
            Ok(case) if !self.is_wrong() => return Ok(case),
            Ok(case) => Some(case),
            Err(invalid) => {
                self.add(&invalid, locale);
                let rest = without(self.case.clone(), &invalid);
                let rest = Case::from_json(scheme, &rest);
                rest.map_err(|invalid| self.add(&invalid, locale)).ok()
            }
        };
        // What is missing is found by computing: it is told with all that is wrong, as far as the rest can be computed.
        let missing = case.and_then(|case| evaluate(scheme, &case, Phase::All).err());
        if let Some(invalid) = missing {
            self.add(&invalid, locale);
        }
        Err(self.told())
    }

    /// What comes of the case.
    pub fn evaluated<'c>(
        &mut self,
        scheme: &'c Scheme,
        case: &'c Case,
        locale: Locale,
    ) -> Result<Evaluation<'c>, Failure> {
        evaluate(scheme, case, Phase::All).map_err(|invalid| {
            self.add(&invalid, locale);
            self.told()
        })
    }

    fn is_wrong(&self) -> bool {
        let Wrong { people, units, history, elsewhere } = &self.wrong;
        !(people.is_empty() && units.is_empty() && history.is_empty() && elsewhere.is_empty())
    }

    fn told(&self) -> Failure {
        let files = [
            (Some(&self.given.people), &self.wrong.people),
            (self.given.units.as_ref(), &self.wrong.units),
            (self.given.history.as_ref(), &self.wrong.history),
        ];
        let of_files = files.into_iter().filter_map(|(file, faults)| Some(file?.told(faults))).flatten();
        let lines: Vec<String> = of_files.chain(self.wrong.elsewhere.iter().cloned()).collect();
        Failure::Invalid(lines.join("\n"))
    }

    fn people(&self, scheme: &Scheme, mut history: BTreeMap<String, Vec<Value>>, wrong: &mut Wrong) -> Vec<Value> {
        let file = &self.given.people;
        let mut people = Vec::new();
        for row in &file.table.rows {
            let faults = &mut wrong.people;
            let mut person = Map::new();
            let number = file.key(row, "number", faults);
            person.insert("number".to_owned(), number.as_str().into());
            let categories = scheme.people_categories();
            if let Some(category) = file.cell(row, "category").filter(|_| !categories.is_empty()) {
                person.insert("category".to_owned(), code_meant(categories, category).unwrap_or(category).into());
            }
            for key in ["hired_on", "left_on"] {
                if let Some(value) = file.cell(row, key) {
                    person.insert(key.to_owned(), value.into());
                }
            }
            if let Some(unit) = file.identifier(row, "unit", faults).filter(|_| scheme.has_units()) {
                person.insert("unit".to_owned(), unit.into());
            }
            self.people.fill(file, row, &mut person);
            if let Some(past) = history.remove(&number) {
                person.insert("history".to_owned(), past.into());
            }
            people.push(Value::Object(person));
        }
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
            wrong.history.add(line, "number", what);
        }
        people
    }

    /// Units of their own table, or as people name them.
    fn units(&mut self, scheme: &Scheme, faults: &mut Faults) -> Vec<Value> {
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
            unit.insert("code".to_owned(), file.key(row, "code", faults).into());
            let categories = scheme.unit_categories();
            if let Some(category) = file.cell(row, "category").filter(|_| !categories.is_empty()) {
                unit.insert("category".to_owned(), code_meant(categories, category).unwrap_or(category).into());
            }
            for key in &given {
                if let Some(value) = file.cell(row, key) {
                    unit.insert((*key).to_owned(), value.into());
                }
            }
            self.units.fill(file, row, &mut unit);
            units.push(Value::Object(unit));
        }
        units
    }

    fn history(&mut self, scheme: &Scheme, faults: &mut Faults) -> BTreeMap<String, Vec<Value>> {
        let mut found: BTreeMap<String, Vec<Value>> = BTreeMap::new();
        let Some(file) = &self.given.history else { return found };
        let grades = scheme.grades();
        for row in &file.table.rows {
            let number = file.key(row, "number", faults);
            if file.cell(row, "number").is_none() {
                continue;
            }
            let mut entry = Map::new();
            for key in ["period", "score", "grade"] {
                match file.cell(row, key) {
                    Some(value) if key != "grade" => drop(entry.insert(key.to_owned(), value.into())),
                    Some(grade) if !grades.is_empty() => {
                        entry.insert(key.to_owned(), code_meant(grades, grade).unwrap_or(grade).into());
                    }
                    _ => {}
                }
            }
            found.entry(number.clone()).or_default().push(Value::Object(entry));
            self.history.entry(number).or_default().push(row.line);
        }
        found
    }

    /// Adds errors of the engine at the rows and columns of the files. Where a heading is not understood, what is
    /// missing may stand below it.
    fn add(&mut self, invalid: &Invalid, locale: Locale) {
        let Given { people, units, history, .. } = self.given;
        let files = [Some(people), units.as_ref(), history.as_ref()];
        let is_understood = files.into_iter().flatten().all(File::is_understood);
        for error in invalid.errors.iter().filter(|error| is_understood || error.code != "missing") {
            let parts: Vec<&str> = error.pointer.split('/').skip(1).collect();
            if self.add_to_file(&parts, &error.detail).is_none() {
                let place = self.place_elsewhere(&parts, locale).unwrap_or_else(|| error.pointer.clone());
                self.wrong.elsewhere.push(format!("{place}: {}", error.detail.get(locale)));
            }
        }
    }

    fn add_to_file(&mut self, parts: &[&str], what: &Message) -> Option<()> {
        let (files, wrong) = (self.given, &mut self.wrong);
        match parts {
            ["employees", at, "history", entry, key @ ..] => {
                let person = files.people.table.rows.get(at.parse::<usize>().ok()?)?;
                let lines = self.history.get(files.people.cell(person, "number")?)?;
                let line = lines.get(entry.parse::<usize>().ok()?)?;
                wrong.history.add(*line, key.first().unwrap_or(&"period"), what.clone());
            }
            ["employees", at, rest @ ..] => add(&files.people, &mut wrong.people, at, rest, what)?,
            ["units", at, rest @ ..] => add(files.units.as_ref()?, &mut wrong.units, at, rest, what)?,
            _ => return None,
        }
        Some(())
    }

    /// What no table holds: a unit that only people name, and what is given beside the tables.
    fn place_elsewhere(&self, parts: &[&str], locale: Locale) -> Option<String> {
        Some(match parts {
            ["units", at, rest @ ..] => {
                let (code, column) = (self.known_units.get(at.parse::<usize>().ok()?)?, column_of(rest));
                let place = say!(
                    "部门 {code}（用 --units 提供），“{column}”列",
                    "unit {code} (say it with --units), column {column}"
                );
                place.get(locale).to_owned()
            }
            ["company", "facts", name] => format!("--company {name}"),
            ["parameters", rest @ ..] => format!("--parameters /{}", rest.join("/")),
            ["period"] => "--period".to_owned(),
            ["cadence"] => "--cadence".to_owned(),
            _ => return None,
        })
    }
}

/// Adds an error about a row of a file, at its column.
fn add(file: &File, faults: &mut Faults, row: &str, rest: &[&str], what: &Message) -> Option<()> {
    let row = file.table.rows.get(row.parse::<usize>().ok()?)?;
    let column = column_of(rest);
    let quoted = file.table.column(&column).filter(|at| row.is_read_otherwise(*at)).map(|at| row.quoted(at));
    let what = match quoted {
        Some(quoted) => say!("{quoted}：{what}", "{quoted}: {what}"; quoted, what),
        None => what.clone(),
    };
    faults.add(row.line, &column, what);
    Some(())
}

/// A case without the values that are wrong; whoever has a wrong number gets one that nobody has.
fn without(mut case: Value, invalid: &Invalid) -> Value {
    for error in &invalid.errors {
        let Some((parent, key)) = error.pointer.rsplit_once('/') else { continue };
        let nobody = format!("?{parent}");
        match case.pointer_mut(parent) {
            Some(Value::Object(parent)) if matches!(key, "number" | "code") => {
                parent.insert(key.to_owned(), nobody.into());
            }
            Some(Value::Object(parent)) => drop(parent.remove(key)),
            Some(parent @ Value::Array(_)) => *parent = Value::Null,
            _ => {}
        }
    }
    case
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
    fn fill(&self, file: &File, row: &Row, subject: &mut Map<String, Value>) {
        for (at, name) in file.table.columns.iter().enumerate() {
            let Some(text) = row.get(at) else { continue };
            if let Some(column) = self.column(name) {
                put(subject, column.pointer.split('/').skip(1), column.as_case(text));
            } else if let Some((key, place, column)) = self.list_column(name) {
                put_row(subject, key, place, &column.name, column.as_case(text));
            }
        }
    }
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
