//! What files of every kind have in common.

use std::collections::{BTreeMap, HashMap, HashSet};

use basics::text::{LONGEST_NAME, alike, failed_formula, invisible, is_invisible, is_spreadsheet_error, name_fault};
use events::Values;
use platform::tabular::{self, Column, Columns, Row, Table};
use platform::web::Errors;
use platform::{Message, Result, say};

use crate::text::{is_code, is_fact_name};

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
                        "没有此列；可用的列为 {} 和 fact:名称",
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
        if cell.is_none() {
            self.wrong(column, say!("{column} 为空", "{column} is empty"));
        }
        cell.unwrap_or_default()
    }

    pub fn code(&mut self, column: &str) -> String {
        let cell = self.optional_code(column);
        self.required(column, cell)
    }

    pub fn optional_code(&mut self, column: &str) -> Option<String> {
        self.optional(column, is_code, code_form)
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

fn code_form() -> Message {
    say!("须为 1 到 64 个字母、数字、`-`、`_` 或 `.`", "it takes 1 to 64 letters, digits, `-`, `_` or `.`")
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

pub fn shortened(cell: &str) -> String {
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

/// Names every row whose new key differs from another one in nothing but capital letters or the width of characters.
/// `known` are the keys that are stored.
pub fn refuse_variants<'a>(
    errors: &mut Errors,
    column: &str,
    rows: impl Iterator<Item = (usize, &'a str)>,
    known: &HashSet<&'a str>,
) {
    let mut seen: HashMap<String, &str> = known.iter().map(|key| (alike(key), *key)).collect();
    for (line, key) in rows.filter(|(_, key)| !key.is_empty() && !known.contains(key)) {
        let other = *seen.entry(alike(key)).or_insert(key);
        if other != key {
            errors.add(
                format!("/{line}/{column}"),
                say!("{key} 在别处写作 {other}，请统一写法", "{key} is written {other} elsewhere; write it in one way"),
            );
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
    fn a_key_is_written_in_one_way() {
        let found = |rows: &[(usize, &'static str)], known: &[&'static str]| {
            let mut errors = Errors::default();
            refuse_variants(&mut errors, "number", rows.iter().copied(), &known.iter().copied().collect());
            errors.check().err().map_or_else(Vec::new, |problem| problem.errors)
        };
        let refused = found(&[(2, "E001"), (3, "e001"), (4, "Ｅ００１")], &["E001"]);
        assert_eq!(refused.iter().map(|e| e.pointer.as_str()).collect::<Vec<_>>(), ["/3/number", "/4/number"]);
        assert_eq!(refused[0].detail.en, "e001 is written E001 elsewhere; write it in one way");
        assert_eq!(found(&[(2, "a1"), (3, "A1")], &[]).len(), 1);
        assert_eq!(found(&[(2, "a1"), (3, "A1")], &["a1", "A1"]), []);
        assert_eq!(found(&[(2, "a1"), (3, "a01")], &[]), []);
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
