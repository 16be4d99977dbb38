//! The cells of a file as they stand in it. Memory follows the cells that are there, and what may be there is bounded.

use std::collections::BTreeMap;

use domain::{Message, say};

use crate::problem::Code;

use super::refusal::Refusal;

/// Rows in which something stands.
const MOST_ROWS: usize = 100_000;
/// Cells, also those in which nothing stands: reading them costs as much.
const MOST_CELLS: usize = 1_000_000;
/// Bytes of all texts together.
const MOST_TEXT: usize = 64 << 20;
/// Characters of one cell: no spreadsheet holds more.
pub const LONGEST_CELL: usize = 32_767;

/// What stands in a cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell {
    /// As the spreadsheet shows it, but with all its digits: `88`, `95%`, `2024-03-17`.
    Text(String),
    Wrong(Wrong),
}

impl Cell {
    fn length(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::Wrong(_) => 0,
        }
    }
}

/// Why nobody can say what stands in a cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wrong {
    FormulaWithoutValue,
    Error(String),
    /// A number that is shown as a day and is none.
    ImpossibleDay(String),
    TooLong,
}

impl Wrong {
    pub fn told(&self) -> Message {
        match self {
            Self::FormulaWithoutValue => say!(
                "单元格是公式，但文件中没有它的计算结果；请用 Excel 或 WPS 打开并保存一次，或粘贴为数值",
                "the cell holds a formula whose value is not in the file; open and save it in a spreadsheet, or paste the value"
            ),
            Self::Error(error) => say!("单元格是错误值 {error}", "the cell holds the error {error}"),
            Self::ImpossibleDay(serial) => say!(
                "单元格显示为日期，但其数值 {serial} 不是任何一天",
                "the cell is shown as a date, but its number {serial} is no day"
            ),
            Self::TooLong => {
                say!("单元格超过 {LONGEST_CELL} 个字符", "the cell holds more than {LONGEST_CELL} characters")
            }
        }
    }
}

/// One row, its cells in order of their columns, counted from 0.
#[derive(Debug, Default)]
pub struct GridRow {
    pub cells: Vec<(u32, Cell)>,
    pub is_hidden: bool,
    /// The regions over several columns that go through the row.
    pub wide: Vec<Region>,
    /// How many cells a line of text has, those in which nothing stands included; 0 in a workbook.
    pub width: u32,
}

impl GridRow {
    pub fn cell(&self, column: u32) -> Option<&Cell> {
        let at = self.cells.binary_search_by_key(&column, |(column, _)| *column).ok()?;
        self.cells.get(at).map(|(_, cell)| cell)
    }

    /// Puts a cell in the place of what stands there.
    fn replace(&mut self, column: u32, cell: Cell) {
        match self.cells.binary_search_by_key(&column, |(column, _)| *column) {
            Ok(at) => {
                if let Some((_, held)) = self.cells.get_mut(at) {
                    *held = cell;
                }
            }
            Err(at) => self.cells.insert(at, (column, cell)),
        }
    }

    pub fn text(&self, column: u32) -> Option<&str> {
        match self.cell(column)? {
            Cell::Text(text) => Some(text),
            Cell::Wrong(_) => None,
        }
    }
}

/// Cells that are merged into one; both ends belong to it, counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Region {
    pub first_row: u32,
    pub last_row: u32,
    pub first_column: u32,
    pub last_column: u32,
}

/// Rows by their place, counted from 0.
#[derive(Debug, Default)]
pub struct Grid {
    pub rows: BTreeMap<u32, GridRow>,
    /// Regions that go over several columns.
    pub wide: Vec<Region>,
    /// Regions whose value was put into each of their rows.
    pub filled: Vec<Region>,
    cells: usize,
    text: usize,
}

pub fn too_large() -> Refusal {
    let what = say!(
        "文件过大：一张人员表最多 {MOST_ROWS} 行、{MOST_CELLS} 个单元格；请拆分，或删去表格以外的内容",
        "the file is too large: a table has at most {MOST_ROWS} rows and {MOST_CELLS} cells; split it, or remove what is no part of the table"
    );
    Refusal { code: Code::TooLarge, what }
}

impl Grid {
    /// Counts a cell of the file, before it is known what stands in it.
    pub fn count_cell(&mut self) -> Result<(), Refusal> {
        self.cells += 1;
        if self.cells <= MOST_CELLS { Ok(()) } else { Err(too_large()) }
    }

    pub fn put(&mut self, row: u32, column: u32, cell: Cell) -> Result<(), Refusal> {
        self.text += cell.length();
        let row = self.rows.entry(row).or_default();
        match row.cells.last() {
            Some((last, _)) if *last >= column => {
                match row.cells.binary_search_by_key(&column, |(column, _)| *column) {
                    Ok(_) => return Err(super::workbook::broken()),
                    Err(at) => row.cells.insert(at, (column, cell)),
                }
            }
            _ => row.cells.push((column, cell)),
        }
        let is_bounded = self.rows.len() <= MOST_ROWS && self.text <= MOST_TEXT;
        if is_bounded { Ok(()) } else { Err(too_large()) }
    }

    /// Puts a text where something stands in it.
    pub fn put_text(&mut self, row: u32, column: u32, text: &str) -> Result<(), Refusal> {
        let text = text.trim();
        if text.is_empty() {
            return Ok(());
        }
        let cell = if text.len() > LONGEST_CELL && text.chars().count() > LONGEST_CELL {
            Cell::Wrong(Wrong::TooLong)
        } else if domain::text::is_spreadsheet_error(text) || is_hashes(text) {
            Cell::Wrong(Wrong::Error(domain::text::shortened(text)))
        } else {
            Cell::Text(text.to_owned())
        };
        self.put(row, column, cell)
    }

    /// What a merged region says holds for each of its rows in which something stands. Regions over several columns
    /// are kept: above the table they are titles, in it nobody can say which column is meant.
    pub fn merge(&mut self, regions: Vec<Region>) -> Result<(), Refusal> {
        for region in regions {
            let is_wide = region.first_column < region.last_column;
            let said = self.rows.get(&region.first_row).and_then(|row| row.cell(region.first_column)).cloned();
            let is_filled = said.is_some() && region.first_row < region.last_row;
            if is_wide {
                self.wide.push(region);
            }
            if is_filled {
                self.filled.push(region);
            }
            if !is_wide && !is_filled {
                continue;
            }
            for (at, row) in self.rows.range_mut(region.first_row..=region.last_row) {
                self.cells += 1;
                if self.cells > MOST_CELLS {
                    return Err(too_large());
                }
                if is_wide {
                    row.wide.push(region);
                }
                // What a merged cell hides, it does not say.
                if let Some(said) = said.as_ref().filter(|_| *at > region.first_row) {
                    self.text += said.length();
                    row.replace(region.first_column, said.clone());
                }
            }
            if self.text > MOST_TEXT {
                return Err(too_large());
            }
        }
        Ok(())
    }

    /// The regions over several columns that go through a row, also one in which nothing else stands.
    pub fn wide_of(&self, row: u32) -> Vec<Region> {
        self.wide.iter().filter(|region| (region.first_row..=region.last_row).contains(&row)).copied().collect()
    }
}

/// What a column shows that is too narrow, saved as text.
fn is_hashes(text: &str) -> bool {
    text.len() >= 3 && text.bytes().all(|byte| byte == b'#')
}

/// `A` for 0, `AA` for 26.
pub fn letter(column: u32) -> String {
    let mut letters = Vec::new();
    let mut rest = u64::from(column) + 1;
    while rest > 0 {
        rest -= 1;
        letters.push(char::from(b'A' + u8::try_from(rest % 26).unwrap_or(0)));
        rest /= 26;
    }
    letters.iter().rev().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_have_the_letters_that_spreadsheets_give_them() {
        for (column, expected) in [(0, "A"), (25, "Z"), (26, "AA"), (701, "ZZ"), (702, "AAA"), (16_383, "XFD")] {
            assert_eq!(letter(column), expected);
        }
    }
}
