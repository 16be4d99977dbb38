//! What files of every kind have in common.

use std::collections::{BTreeMap, HashMap, HashSet};

use domain::events::Values;
use domain::identifier;
use domain::text::{
    LONGEST_NAME, alike, failed_formula, invisible, is_invisible, is_spreadsheet_error, name_fault, shortened,
};
use platform::tabular::{self, Column, Columns, Faults, Row, Table};
use platform::web::Errors;
use platform::{Message, Result, say};

use crate::text::is_fact_name;

/// Reads a file by what it holds; what the request calls it does not count.
pub fn read(bytes: &[u8], columns: Vec<Column>) -> Result<(Table, Faults)> {
    let is_fact = |name: &str| name.starts_with("fact:").then_some(tabular::Cells::Text);
    Ok(Table::read(bytes, &Columns::new(columns).with_others(is_fact))?)
}

/// Facts as a row gives them: an empty cell takes the fact away.
pub type FactCells = BTreeMap<String, Option<String>>;

/// Where the columns are.
pub struct Header {
    columns: Vec<(&'static str, usize)>,
    facts: Vec<(usize, String)>,
}

impl Header {
    /// Finds these columns and `fact:NAME`; a file with fewer is told so.
    pub fn find(table: &Table, wanted: &'static [&'static str], errors: &mut Errors) -> Self {
        let row = table.header_row();
        let mut columns = Vec::new();
        for name in wanted {
            match table.column(name) {
                Some(index) => columns.push((*name, index)),
                None => errors.add(format!("/{row}/{name}"), say!("缺少列 {name}", "the column {name} is missing")),
            }
        }
        let facts = table.columns_with("fact:");
        for (_, name) in facts.iter().filter(|(_, name)| !is_fact_name(name)) {
            errors.add(
                format!("/{row}/fact:{name}"),
                say!(
                    "事实数据的名称最多 64 个小写字母、数字和 `_`，以字母开头",
                    "a fact's name has up to 64 small letters, digits and `_`, and begins with a letter"
                ),
            );
        }
        Self { columns, facts }
    }

    /// Whether the table has a column; a row of one that it lacks is not wrong besides.
    fn has(&self, column: &str) -> bool {
        self.columns.iter().any(|(name, _)| *name == column)
    }

    fn index(&self, column: &str) -> usize {
        self.columns.iter().find(|(name, _)| *name == column).map_or(usize::MAX, |(_, index)| *index)
    }
}

/// Reads the cells of a row and collects what is wrong with them.
pub struct Cells<'a> {
    pub header: &'a Header,
    pub row: &'a Row,
    pub errors: &'a mut Errors,
}

impl<'a> Cells<'a> {
    pub fn get(&self, column: &str) -> Option<&'a str> {
        self.row.get(self.header.index(column))
    }

    pub fn wrong(&mut self, column: &str, detail: impl Into<Message>) {
        self.errors.add(self.row.pointer(column), detail);
    }

    /// An optional cell of a form.
    pub fn optional(&mut self, column: &str, is_right: fn(&str) -> bool, form: fn() -> Message) -> Option<String> {
        let cell = self.get(column)?;
        if !is_right(cell) {
            let form = form();
            self.wrong(column, say!("{}：{form}", "{}: {form}", shortened(cell); form));
        }
        Some(cell.to_owned())
    }

    /// An optional cell that is read into something; what is wrong is kept out.
    pub fn parsed<T>(&mut self, column: &str, parse: fn(&str) -> Option<T>, form: fn() -> Message) -> Option<T> {
        let cell = self.get(column)?;
        let parsed = parse(cell);
        if parsed.is_none() {
            let form = form();
            self.wrong(column, say!("{}：{form}", "{}: {form}", shortened(cell); form));
        }
        parsed
    }

    /// A cell that must not be empty.
    fn required(&mut self, column: &str, cell: Option<String>) -> String {
        if cell.is_none() && self.header.has(column) {
            self.wrong(column, say!("{column} 为空", "{column} is empty"));
        }
        cell.unwrap_or_default()
    }

    pub fn code(&mut self, column: &str) -> String {
        let cell = self.optional_code(column);
        self.required(column, cell)
    }

    pub fn optional_code(&mut self, column: &str) -> Option<String> {
        let cell = self.get(column)?;
        if let Err(why) = identifier::read(cell) {
            self.wrong(column, say!("{}：{why}", "{}: {why}", shortened(cell); why));
        }
        Some(cell.to_owned())
    }

    pub fn name(&mut self, column: &str) -> String {
        let cell = self.line(column);
        self.required(column, cell)
    }

    pub fn line(&mut self, column: &str) -> Option<String> {
        let cell = self.get(column)?;
        if let Some(fault) = name_fault(cell) {
            let (quoted, fault) = (shortened(cell), fault.told());
            self.wrong(column, say!("{quoted}：{fault}", "{quoted}: {fault}"; fault));
        }
        Some(cell.to_owned())
    }

    pub fn facts(&mut self) -> FactCells {
        let header = self.header;
        let mut facts = FactCells::new();
        for (index, name) in &header.facts {
            let cell = self.row.get(*index);
            if let Some(fault) = cell.and_then(fact_fault) {
                self.wrong(&format!("fact:{name}"), fault);
            }
            facts.insert(name.clone(), cell.map(str::to_owned));
        }
        facts
    }
}

/// What is wrong with a fact whatever a scheme makes of it; it may have several lines.
fn fact_fault(cell: &str) -> Option<Message> {
    if is_spreadsheet_error(cell) {
        let failed = failed_formula();
        return Some(say!("{}：{failed}", "{}: {failed}", shortened(cell); failed));
    }
    if let Some(hidden) = cell.chars().find(|c| is_invisible(*c) && !matches!(c, '\n' | '\r' | '\t')) {
        return Some(invisible(hidden));
    }
    let is_long = cell.chars().count() > LONGEST_NAME;
    is_long.then(|| say!("事实数据最多 {LONGEST_NAME} 个字符", "a fact has at most {LONGEST_NAME} characters"))
}

/// The rows that have a key, with it.
fn keyed<'t>(table: &'t Table, column: &str) -> impl Iterator<Item = (&'t Row, usize, &'t str)> {
    let at = table.column(column);
    table.rows.iter().filter_map(move |row| Some((row, at?, row.get(at?)?)))
}

/// Names every row whose key an earlier row has.
pub fn refuse_duplicates(errors: &mut Errors, column: &str, table: &Table) {
    let mut seen: HashMap<&str, usize> = HashMap::new();
    for (row, at, key) in keyed(table, column) {
        match seen.get(key) {
            Some(first) => {
                let key = row.quoted(at);
                let what = say!("{key} 已在第 {first} 行出现", "{key} is on row {first} already"; key);
                errors.add(row.pointer(column), what);
            }
            None => {
                seen.insert(key, row.line);
            }
        }
    }
}

/// Names every row whose new key differs from another one in nothing but capital letters or the width of characters.
/// `known` are the keys that are stored.
pub fn refuse_variants<'a>(errors: &mut Errors, column: &str, table: &'a Table, known: &HashSet<&'a str>) {
    let mut seen: HashMap<String, &str> = known.iter().map(|key| (alike(key), *key)).collect();
    for (row, at, key) in keyed(table, column).filter(|(_, _, key)| !known.contains(key)) {
        let other = *seen.entry(alike(key)).or_insert(key);
        if other != key {
            let key = row.quoted(at);
            let what = say!("{key} 在别处写作 {other}，请统一写法", "{key} is written {other} elsewhere; write it in one way"; key);
            errors.add(row.pointer(column), what);
        }
    }
}

/// Stored facts with a row's facts put in.
pub fn with_facts(stored: &Values, cells: &FactCells) -> Values {
    let mut facts = stored.clone();
    for (name, cell) in cells {
        match cell {
            Some(value) => facts.insert(name.clone(), value.clone()),
            None => facts.remove(name),
        };
    }
    facts
}

/// How many of the file's rows were new, differed and were as stored.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub created: usize,
    pub updated: usize,
    pub unchanged: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_and_unknown_columns_are_named() {
        let (table, faults) = read(b"code,nmae,fact:Size,fact:size\n", crate::imports::units::columns()).unwrap();
        let mut errors = Errors::of_table(faults);
        Header::find(&table, &["code", "name"], &mut errors);
        let problem = errors.check().unwrap_err();
        let pointers: Vec<&str> = problem.errors.iter().map(|e| e.pointer.as_str()).collect();
        assert_eq!(pointers, ["/1/nmae", "/1/fact:Size", "/1/name"]);
    }

    #[test]
    fn a_key_is_written_in_one_way() {
        let found = |numbers: &str, known: &[&'static str]| {
            let (table, _) =
                read(format!("number\n{numbers}").as_bytes(), crate::imports::employees::columns()).unwrap();
            let mut errors = Errors::default();
            refuse_variants(&mut errors, "number", &table, &known.iter().copied().collect());
            errors.check().err().map_or_else(Vec::new, |problem| problem.errors)
        };
        let refused = found("E001\ne001\nＥ００１\nｅ００１\n", &["E001"]);
        assert_eq!(refused.iter().map(|e| e.pointer.as_str()).collect::<Vec<_>>(), ["/3/number", "/5/number"]);
        assert_eq!(refused[0].detail.en, "e001 is written E001 elsewhere; write it in one way");
        assert_eq!(refused[1].detail.en, "ｅ００１ (read as e001) is written E001 elsewhere; write it in one way");
        assert_eq!(found("a1\nA1\n", &[]).len(), 1);
        assert_eq!(found("a1\nA1\n", &["a1", "A1"]), []);
        assert_eq!(found("a1\na01\n", &[]), []);
    }

    #[test]
    fn a_fact_is_no_failed_formula() {
        assert!(fact_fault("#DIV/0!").is_some() && fact_fault("a\u{0}").is_some());
        assert_eq!(fact_fault("first line\nsecond line"), None);
    }

    #[test]
    fn an_empty_cell_takes_a_fact_away_and_an_absent_column_leaves_it() {
        let stored = Values::from([("size".to_owned(), "3".to_owned()), ("age".to_owned(), "9".to_owned())]);
        let cells = FactCells::from([("size".to_owned(), None), ("rank".to_owned(), Some("1".to_owned()))]);
        let expected = Values::from([("age".to_owned(), "9".to_owned()), ("rank".to_owned(), "1".to_owned())]);
        assert_eq!(with_facts(&stored, &cells), expected);
    }
}
