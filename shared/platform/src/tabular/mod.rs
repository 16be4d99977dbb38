//! Tables in files, CSV and XLSX: one reader for every file that people send.
//!
//! [`Table::read`] goes by what a file holds, not by what it is called. It looks for the header among the first rows
//! and reads the rows below it. A cell of which nobody can say what it means is a fault with its row and column: the
//! [`Faults`] come with the table, and whoever takes it adds what is wrong with its values, so that all is told at
//! once. What was passed over is told in [`Table::notes`]. How large a file may be is bounded, so that none ends or fills
//! the process that reads it; see `grid` and `xml`.

mod aside;
mod columns;
mod formats;
mod grid;
mod header;
mod kinds;
mod refusal;
mod template;
mod text;
mod values;
mod workbook;
mod xml;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use domain::text::{alike, shortened};
use domain::{Message, say};

use crate::web::Notes;

pub use aside::aside;
pub use columns::{Cells, Column, Columns, Percent, folded};
pub use refusal::{Faults, Place, Refusal};
pub use template::{answer as template_answer, template};

use grid::{Cell, Grid, GridRow};
use header::{HeadedColumn, Header};

/// A file's header and rows; every cell is trimmed text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    /// What programs call the columns; one that nobody expects goes by its heading.
    pub columns: Vec<String>,
    pub rows: Vec<Row>,
    /// What was passed over, and what had to be chosen.
    pub notes: Vec<Message>,
    /// Where the columns stand in the file.
    places: Arc<[Place]>,
    header_row: usize,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// As a spreadsheet counts.
    pub line: usize,
    pub cells: Vec<String>,
    /// Codes that stand in the file in another way than they were read, by their columns.
    as_written: Vec<(usize, String)>,
}

impl Row {
    /// The cell of a column, or `None` when it is empty.
    pub fn get(&self, column: usize) -> Option<&str> {
        self.cells.get(column).map(String::as_str).filter(|cell| !cell.is_empty())
    }

    /// Points at a cell in an error: `/row/column`.
    pub fn pointer(&self, column: &str) -> String {
        format!("/{}/{column}", self.line)
    }

    /// Whether a cell was read as a code that is written in another way in the file.
    pub fn is_read_otherwise(&self, column: usize) -> bool {
        self.as_written.iter().any(|(at, _)| *at == column)
    }

    /// A cell as an error quotes it: what stands in the file, and what was read where that differs.
    pub fn quoted(&self, column: usize) -> Message {
        let read = shortened(self.get(column).unwrap_or_default());
        match self.as_written.iter().find(|(at, _)| *at == column) {
            None => Message::same(read),
            Some((_, written)) => {
                let written = shortened(written);
                say!("{written}（即 {read}）", "{written} (read as {read})")
            }
        }
    }
}

impl Table {
    /// Reads a file by what it is, not by what it is called; with what is wrong with its cells.
    pub fn read(bytes: &[u8], columns: &Columns) -> Result<(Self, Faults), Refusal> {
        kinds::refuse_other_kinds(bytes)?;
        let is_workbook = bytes.starts_with(kinds::ARCHIVE);
        let (grid, notes) = if is_workbook {
            let workbook::Read { grid, notes } = workbook::read(bytes)?;
            (grid, notes)
        } else {
            let known = |cells: &[&str]| cells.iter().filter(|cell| columns.is_known(cell)).count();
            text::read(bytes, &known)?
        };
        let header = Header::find(&grid, columns)?;
        Ok(Reading::of(&grid, header, columns.key(), notes).table())
    }

    /// Puts what was passed over or chosen among the notes of an answer.
    pub fn tell(&self, notes: &mut Notes) {
        for note in &self.notes {
            notes.add(format!("/{}", self.header_row), note.clone());
        }
    }

    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column == name)
    }

    /// Columns named `prefix:NAME`, with their NAMEs.
    pub fn columns_with(&self, prefix: &str) -> Vec<(usize, String)> {
        let named = self.columns.iter().enumerate();
        named.filter_map(|(i, column)| Some((i, column.strip_prefix(prefix)?.to_owned()))).collect()
    }

    /// Where a column stands, or what it would be called.
    pub fn place(&self, column: &str) -> Place {
        let found = self.column(column).and_then(|at| self.places.get(at));
        found.cloned().unwrap_or_else(|| Place::absent(column))
    }

    /// The row of the headings, as a spreadsheet counts.
    pub fn header_row(&self) -> usize {
        self.header_row
    }
}

/// A table in the making.
struct Reading<'g> {
    grid: &'g Grid,
    header: Header,
    /// The column that says whom or what a row is about.
    key: &'g str,
    places: Arc<[Place]>,
    faults: Faults,
    notes: Vec<Message>,
}

/// What a row below the header is.
enum RowIs {
    Data,
    Empty,
    Totals,
    HeaderAgain,
}

impl<'g> Reading<'g> {
    fn of(grid: &'g Grid, header: Header, key: &'g str, notes: Vec<Message>) -> Self {
        let places: Arc<[Place]> = header.columns.iter().map(|column| column.place.clone()).collect();
        Self { grid, header, key, faults: Faults::of(places.clone()), places, notes }
    }

    fn table(mut self) -> (Table, Faults) {
        self.check_header();
        let mut rows = Vec::new();
        let (mut totals, mut headers) = (Vec::new(), Vec::new());
        let mut stray: BTreeMap<u32, (usize, u32)> = BTreeMap::new();
        let below = self.grid.rows.range(self.header.row + 1..);
        for (at, row) in below {
            // A line of text that is longer than the header is wrong, and told so.
            let is_longer = self.header.width > 0 && row.width > self.header.width;
            for (column, _) in row.cells.iter().filter(|(column, _)| !is_longer && !self.header.has(*column)) {
                stray.entry(*column).or_insert((0, *at)).0 += 1;
            }
            match self.kind_of(row) {
                RowIs::Empty => {}
                RowIs::Totals => totals.push(at + 1),
                RowIs::HeaderAgain => headers.push(at + 1),
                RowIs::Data => rows.push(read_row(&self.header, *at, row, &mut self.faults)),
            }
        }
        self.check_keys(&rows);
        self.tell(&totals, &headers, &stray);
        let columns = self.places.iter().map(|place| place.name.clone()).collect();
        let header_row = self.header.row as usize + 1;
        (Table { columns, rows, notes: self.notes, places: self.places, header_row }, self.faults)
    }

    fn check_header(&mut self) {
        let row = self.header.row as usize + 1;
        let mut first: HashMap<&str, &Place> = HashMap::new();
        for (at, HeadedColumn { place, slip, .. }) in self.header.columns.iter().enumerate() {
            if let Some(slip) = slip {
                self.faults.add_at(row, at, slip.clone());
                continue;
            }
            match first.get(place.name.as_str()) {
                None => drop(first.insert(&place.name, place)),
                Some(other) => {
                    let (one, letter) = (shortened(&other.heading), &other.letter);
                    let what = say!(
                        "与{letter}列（{one}）是同一个含义，只能保留一列",
                        "it means the same as column {letter} ({one}); there can be only one"
                    );
                    self.faults.add_at(row, at, what);
                }
            }
        }
    }

    fn kind_of(&self, row: &GridRow) -> RowIs {
        let headed = || self.header.columns.iter();
        if headed().all(|column| row.cell(column.at).is_none()) {
            return RowIs::Empty;
        }
        let key = headed().find(|column| column.place.name == self.key);
        let Some(key) = key else { return RowIs::Data };
        let number = row.text(key.at).unwrap_or_default();
        let is_empty = row.cell(key.at).is_none();
        let first = headed().find_map(|column| row.text(column.at)).unwrap_or_default();
        if is_total(number) || (is_empty && is_total(first)) {
            return RowIs::Totals;
        }
        let says_heading = |column: &HeadedColumn| {
            row.text(column.at).is_none_or(|text| folded(text) == folded(&column.place.heading))
        };
        if folded(number) == folded(&key.place.heading) && headed().all(says_heading) {
            RowIs::HeaderAgain
        } else {
            RowIs::Data
        }
    }

    /// Numbers that differ only in capitals would be two people, and mean one.
    fn check_keys(&mut self, rows: &[Row]) {
        let Some(at) = self.header.columns.iter().position(|column| column.place.name == self.key) else { return };
        let Some(column) = self.header.columns.get(at) else { return };
        if column.cells != Cells::Code {
            return;
        }
        let mut seen: HashMap<String, (&str, &Row)> = HashMap::new();
        let keys = rows.iter().filter_map(|row| Some((row.get(at)?, row)));
        for (key, row) in keys.filter(|(key, _)| domain::identifier::is_identifier(key)) {
            let (first, other) = *seen.entry(alike(key)).or_insert((key, row));
            if first != key {
                let (quoted, first, line) = (row.quoted(at), other.quoted(at), other.line);
                let what = say!(
                    "{quoted} 与第{line}行的 {first} 只有大小写不同",
                    "{quoted} and {first} in row {line} differ in capital letters only";
                    quoted, first
                );
                self.faults.add_at(row.line, at, what);
            }
        }
        let Some(name) = self.places.iter().position(|place| place.name == "name") else { return };
        for row in rows.iter().filter(|row| row.get(name).is_some_and(is_total)) {
            let what = say!(
                "像是合计行，却有编号；如果是合计行，请删去",
                "this looks like a row of totals, but has a number; take it out if it is one"
            );
            self.faults.add_at(row.line, name, what);
        }
    }

    fn tell(&mut self, totals: &[u32], headers: &[u32], stray: &BTreeMap<u32, (usize, u32)>) {
        let listed = |rows: &[u32]| rows.iter().take(10).map(u32::to_string).collect::<Vec<_>>().join(", ");
        if !totals.is_empty() {
            let rows = listed(totals);
            self.notes.push(say!("第{rows}行是合计行，未读取", "row {rows}: a row of totals, passed over"));
        }
        if !headers.is_empty() {
            let rows = listed(headers);
            self.notes.push(say!("第{rows}行重复了表头，未读取", "row {rows}: the header again, passed over"));
        }
        for HeadedColumn { place, .. } in &self.header.passed_over {
            let (letter, heading) = (&place.letter, shortened(&place.heading));
            self.notes.push(say!(
                "{letter}列（{heading}）未用到，未读取",
                "column {letter} ({heading}) is not used and was passed over"
            ));
        }
        let unheaded = stray.iter().filter(|(column, _)| !self.header.is_passed_over(**column));
        for (column, (count, row)) in unheaded.take(10) {
            let (cell, count) = (format!("{}{}", grid::letter(*column), row + 1), *count);
            self.notes.push(say!(
                "{cell} 起的单元格不在任何表头之下，未读取（{count} 个）",
                "{cell}: cells from here on stand under no heading and were passed over ({count})"
            ));
        }
    }
}

fn read_row(header: &Header, at: u32, row: &GridRow, faults: &mut Faults) -> Row {
    let line = at as usize + 1;
    if row.width > header.width && row.cells.iter().any(|(column, _)| *column >= header.width)
        || row.width > 0 && header.columns.iter().any(|column| column.at >= row.width)
    {
        let (cells, wanted) = (row.width, header.width);
        let what =
            say!("这一行有 {cells} 个单元格，表头有 {wanted} 个", "the row has {cells} cells, the header {wanted}");
        faults.add_row(line, what);
    }
    let (mut cells, mut as_written) = (Vec::with_capacity(header.columns.len()), Vec::new());
    let unclear = merged_over_columns(header, row);
    for (place, column) in header.columns.iter().enumerate() {
        if unclear.contains(&place) {
            let what = say!(
                "合并单元格跨了几列，无法判断属于哪一列；请取消合并",
                "the cell is merged over several columns; take the merge apart, since nobody can say which column is meant"
            );
            faults.add_at(line, place, what);
        }
        let read = match row.cell(column.at) {
            None => Ok(String::new()),
            Some(Cell::Wrong(wrong)) => Err(wrong.told()),
            Some(Cell::Text(text)) => values::read(column.cells, text),
        };
        let read = read.unwrap_or_else(|what| {
            faults.add_at(line, place, what);
            String::new()
        });
        if column.cells == Cells::Code
            && let Some(written) = row.text(column.at).filter(|written| *written != read && !read.is_empty())
        {
            as_written.push((place, written.to_owned()));
        }
        cells.push(read);
    }
    Row { line, cells, as_written }
}

/// The columns of which a row has a cell that is merged with that of another column.
fn merged_over_columns(header: &Header, row: &GridRow) -> BTreeSet<usize> {
    let before = |column: u32| header.columns.partition_point(|headed| headed.at < column);
    let spans = row.wide.iter().map(|region| before(region.first_column)..before(region.last_column + 1));
    let spans: BTreeSet<(usize, usize)> =
        spans.filter(|span| span.len() > 1).map(|span| (span.start, span.end)).collect();
    spans.into_iter().flat_map(|(start, end)| start..end).collect()
}

/// Whether a row with this in front sums up others.
fn is_total(text: &str) -> bool {
    const TOTALS: [&str; 26] = [
        "合计",
        "总计",
        "小计",
        "共计",
        "累计",
        "汇总",
        "总和",
        "平均",
        "平均值",
        "平均分",
        "均值",
        "最高",
        "最低",
        "最高分",
        "最低分",
        "最大值",
        "最小值",
        "人数",
        "total",
        "totals",
        "grandtotal",
        "subtotal",
        "sum",
        "average",
        "mean",
        "avg",
    ];
    let folded = folded(text);
    TOTALS.contains(&folded.trim_end_matches([':', '：']))
}

#[cfg(test)]
mod tests;
