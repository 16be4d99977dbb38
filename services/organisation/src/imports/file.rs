//! What files of every kind have in common.

use std::collections::{BTreeMap, HashMap};

use domain::events::Values;
use platform::Result;
use platform::say;
use platform::tabular::{self, Column, Columns, Row, Table};
use platform::web::Errors;

use crate::text::{NAME_AT_MOST, is_code, is_fact_name, is_name};

/// Reads a file by what it holds; what the request calls it does not count.
pub fn read(bytes: &[u8], columns: Vec<Column>) -> Result<Table> {
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
    /// Finds these columns and `fact:NAME`; refuses files with fewer or with others.
    pub fn find(table: &Table, wanted: &'static [&'static str]) -> Result<Self> {
        let mut errors = Errors::default();
        let mut columns = Vec::new();
        for name in wanted {
            match table.column(name) {
                Some(index) => columns.push((*name, index)),
                None => errors.add(table.heading_pointer(name), say!("缺少列 {name}", "the column {name} is missing")),
            }
        }
        for column in &table.columns {
            match column.strip_prefix("fact:") {
                Some(name) if is_fact_name(name) => {}
                Some(_) => errors.add(
                    table.heading_pointer(column),
                    say!(
                        "事实数据的名称最多 64 个小写字母、数字和 `_`，以字母开头",
                        "a fact's name has up to 64 small letters, digits and `_`, and begins with a letter"
                    ),
                ),
                None if wanted.contains(&column.as_str()) => {}
                None => errors.add(
                    table.heading_pointer(column),
                    say!(
                        "没有此列；可用的列为 {} 和 fact:NAME",
                        "unknown column; there are {} and fact:NAME",
                        wanted.join(", ")
                    ),
                ),
            }
        }
        errors.check()?;
        Ok(Self { columns, facts: table.columns_with("fact:") })
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

    /// A cell that must not be empty.
    pub fn required(&mut self, column: &str, is_right: fn(&str) -> bool, form: fn() -> Message) -> String {
        let cell = self.optional(column, is_right, form);
        if cell.is_none() {
            self.wrong(column, say!("{column} 为空", "{column} is empty"));
        }
        cell.unwrap_or_default()
    }

    pub fn code(&mut self, column: &str) -> String {
        self.required(column, is_code, code_form)
    }

    pub fn optional_code(&mut self, column: &str) -> Option<String> {
        self.optional(column, is_code, code_form)
    }

    pub fn name(&mut self, column: &str) -> String {
        self.required(column, is_name, line_form)
    }

    pub fn line(&mut self, column: &str) -> Option<String> {
        self.optional(column, is_name, line_form)
    }

    pub fn facts(&mut self) -> FactCells {
        let header = self.header;
        let mut facts = FactCells::new();
        for (index, name) in &header.facts {
            let cell = self.row.get(*index);
            if cell.is_some_and(|cell| cell.chars().count() > NAME_AT_MOST) {
                self.wrong(
                    &format!("fact:{name}"),
                    say!("事实数据最多 {NAME_AT_MOST} 个字符", "a fact has at most {NAME_AT_MOST} characters"),
                );
            }
            facts.insert(name.clone(), cell.map(str::to_owned));
        }
        facts
    }
}

fn code_form() -> Message {
    say!("须为 1 到 64 个字母、数字、`-`、`_` 或 `.`", "it takes 1 to 64 letters, digits, `-`, `_` or `.`")
}

fn line_form() -> Message {
    say!("须为一行，最多 200 个字符", "it takes one line of at most 200 characters")
}

fn shortened(cell: &str) -> String {
    match cell.char_indices().nth(40) {
        Some((end, _)) => format!("{}…", cell.get(..end).unwrap_or_default()),
        None => cell.to_owned(),
    }
}

/// Names every row whose key an earlier row has.
pub fn refuse_duplicates<'a>(errors: &mut Errors, column: &str, rows: impl Iterator<Item = (usize, &'a str)>) {
    let mut seen: HashMap<&str, usize> = HashMap::new();
    for (line, key) in rows.filter(|(_, key)| !key.is_empty()) {
        match seen.get(key) {
            Some(first) => errors.add(
                format!("/{line}/{column}"),
                say!("{key} 已在第 {first} 行出现", "{key} is on row {first} already"),
            ),
            None => {
                seen.insert(key, line);
            }
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
        let table = read(b"code,nmae,fact:Size,fact:size\n", crate::imports::units::columns()).unwrap();
        let errors = Header::find(&table, &["code", "name"]).err().unwrap().errors;
        let pointers: Vec<&str> = errors.iter().map(|e| e.pointer.as_str()).collect();
        assert_eq!(pointers, ["/1/name", "/1/nmae", "/1/fact:Size"]);
    }

    #[test]
    fn an_empty_cell_takes_a_fact_away_and_an_absent_column_leaves_it() {
        let stored = Values::from([("size".to_owned(), "3".to_owned()), ("age".to_owned(), "9".to_owned())]);
        let cells = FactCells::from([("size".to_owned(), None), ("rank".to_owned(), Some("1".to_owned()))]);
        let expected = Values::from([("age".to_owned(), "9".to_owned()), ("rank".to_owned(), "1".to_owned())]);
        assert_eq!(with_facts(&stored, &cells), expected);
    }
}
