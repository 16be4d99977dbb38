//! Which row of a file is its header: people put titles above it, and groups of columns, and begin anywhere.

use domain::{Message, say};

use super::columns::{Cells, Columns, Heading};
use super::grid::{Grid, Region, letter};
use super::refusal::{Place, Refusal};

/// Rows among which the header is.
const ROWS_TO_LOOK_AT: usize = 30;
const MOST_COLUMNS: usize = 2_000;

#[derive(Debug, Default)]
pub struct Header {
    /// Counted from 0, as in the file.
    pub row: u32,
    pub columns: Vec<HeadedColumn>,
    /// Columns with headings that nobody expects.
    pub passed_over: Vec<HeadedColumn>,
    /// Cells of the header's line of text; 0 in a workbook.
    pub width: u32,
}

#[derive(Debug)]
pub struct HeadedColumn {
    /// Counted from 0, as in the file.
    pub at: u32,
    pub place: Place,
    pub cells: Cells,
    /// Why nobody can say which column it is.
    pub slip: Option<Message>,
}

impl Header {
    /// The row in which the most headings are known; where none is, the first that looks like a header.
    pub fn find(grid: &Grid, columns: &Columns) -> Result<Self, Refusal> {
        let rows = || grid.rows.keys().copied().take(ROWS_TO_LOOK_AT);
        let scored = rows().map(|row| (Candidate::new(grid, row).known(columns), row));
        let best =
            scored.rev().max_by_key(|(known, _)| *known).filter(|((_, known), _)| *known > 0).map(|(_, row)| row);
        let like_header = || rows().find(|row| grid.rows.get(row).is_some_and(|row| row.cells.len() > 1));
        let row = best.or_else(like_header).or_else(|| rows().next());
        let row = row.ok_or_else(|| Refusal::of(say!("文件里没有内容", "there is nothing in the file")))?;
        let candidate = Candidate::new(grid, row);
        if candidate.columns().len() > MOST_COLUMNS {
            return Err(too_wide());
        }
        Ok(candidate.header(columns))
    }

    pub fn has(&self, column: u32) -> bool {
        self.columns.binary_search_by_key(&column, |headed| headed.at).is_ok()
    }

    pub fn is_passed_over(&self, column: u32) -> bool {
        self.passed_over.iter().any(|headed| headed.at == column)
    }
}

fn slip(meant: Option<&str>) -> Message {
    match meant {
        Some(meant) => {
            say!(
                "这里用不到这一列；是否应为“{meant}”？如不需要，请删去",
                "there is no use for this column; perhaps {meant}? Take it out if it is not meant"
            )
        }
        None => say!("这里用不到这一列；请删去", "there is no use for this column; take it out"),
    }
}

fn several(names: &[String]) -> Message {
    let (zh, en) = (names.join(" 或 "), names.join(" or "));
    let names = Message { zh, en };
    say!("这个表头有不止一个含义；请写作 {names}", "this heading may mean several columns; write {names}"; names)
}

fn too_wide() -> Refusal {
    let message: Message = say!("表头超过 {MOST_COLUMNS} 列", "the header has more than {MOST_COLUMNS} columns");
    Refusal::of(message)
}

/// A row that may be the header, with the groups above it.
struct Candidate<'g> {
    grid: &'g Grid,
    row: u32,
    wide: Vec<Region>,
    wide_above: Vec<Region>,
}

impl<'g> Candidate<'g> {
    fn new(grid: &'g Grid, row: u32) -> Self {
        let wide_above = row.checked_sub(1).map(|above| grid.wide_of(above)).unwrap_or_default();
        Self { grid, row, wide: grid.wide_of(row), wide_above }
    }

    fn columns(&self) -> Vec<u32> {
        let of_row =
            |row: u32| self.grid.rows.get(&row).into_iter().flat_map(|row| row.cells.iter().map(|(at, _)| *at));
        let mut all: Vec<u32> = of_row(self.row).chain(self.row.checked_sub(1).into_iter().flat_map(of_row)).collect();
        all.sort_unstable();
        all.dedup();
        all
    }

    fn text(&self, row: u32, column: u32, wide: &[Region]) -> Option<&'g str> {
        let row_of = |row: u32| self.grid.rows.get(&row);
        if let Some(text) = row_of(row).and_then(|row| row.text(column)) {
            return Some(text);
        }
        let region = wide.iter().find(|region| (region.first_column..=region.last_column).contains(&column))?;
        row_of(region.first_row)?.text(region.first_column)
    }

    /// What stands above: the group that a column is in. Where nothing is merged, a group goes on to the right.
    fn above(&self, column: u32) -> Option<&'g str> {
        let above = self.row.checked_sub(1)?;
        let to_the_left = || {
            let cells = &self.grid.rows.get(&above)?.cells;
            let at = cells.partition_point(|(other, _)| *other <= column);
            let (left, _) = cells.get(at.checked_sub(1)?)?;
            self.grid.rows.get(&above)?.text(*left)
        };
        self.text(above, column, &self.wide_above).or_else(to_the_left)
    }

    /// A column's heading: its own, with its group's where only both together are known, or the one above it where
    /// it has none.
    fn heading(&self, columns: &Columns, column: u32) -> Option<String> {
        let own = self.text(self.row, column, &self.wide);
        let directly_above = || self.row.checked_sub(1).and_then(|above| self.grid.rows.get(&above)?.text(column));
        let Some(own) = own else {
            return directly_above().filter(|above| columns.is_known(above)).map(str::to_owned);
        };
        if columns.is_known(own) {
            return Some(own.to_owned());
        }
        let grouped =
            self.above(column).into_iter().flat_map(|group| [format!("{group}·{own}"), format!("{group}: {own}")]);
        let known = grouped.into_iter().find(|heading| columns.is_known(heading));
        known.or_else(|| Some(own.to_owned()))
    }

    /// How many headings are titles of columns, and how many are known at all: a name that nobody can list may as well
    /// be a value.
    fn known(&self, columns: &Columns) -> (usize, usize) {
        let headings = self.columns().into_iter().filter_map(|column| self.heading(columns, column));
        let known: Vec<String> = headings.filter(|heading| columns.is_known(heading)).collect();
        (known.iter().filter(|heading| columns.name_of(heading).is_some()).count(), known.len())
    }

    fn header(&self, columns: &Columns) -> Header {
        let mut header = Header { row: self.row, ..Header::default() };
        header.width = self.grid.rows.get(&self.row).map_or(0, |row| row.width);
        let headed: Vec<(u32, String)> =
            self.columns().into_iter().filter_map(|at| Some((at, self.heading(columns, at)?))).collect();
        let has = |title: &str| {
            let meant = columns.name_of(title);
            headed.iter().any(
                |(_, text)| matches!(columns.heading(text), Heading::Known(name, _) if Some(name.as_str()) == meant),
            )
        };
        for (at, text) in &headed {
            let at = *at;
            let heading = text.split_whitespace().collect::<Vec<_>>().join(" ");
            let place = |name: String| Place { letter: letter(at), heading: heading.clone(), name };
            let unread = |slip| HeadedColumn { at, place: place(heading.clone()), cells: Cells::Text, slip };
            match columns.heading(text) {
                Heading::Known(name, cells) => {
                    header.columns.push(HeadedColumn { at, place: place(name), cells, slip: None });
                }
                Heading::PassedOver => header.passed_over.push(unread(None)),
                Heading::Near(meant) if has(&meant) => header.passed_over.push(unread(None)),
                Heading::Near(meant) => header.columns.push(unread(Some(slip(Some(&meant))))),
                Heading::OfPrograms(meant) => header.columns.push(unread(Some(slip(meant.as_deref())))),
                Heading::Several(names) => header.columns.push(unread(Some(several(&names)))),
            }
        }
        header
    }
}
