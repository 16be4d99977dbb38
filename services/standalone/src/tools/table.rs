//! A table as aligned text.

use unicode_width::UnicodeWidthStr;

/// Rows below a header; columns of numbers stand on the right.
pub struct Sheet {
    pub name: String,
    pub columns: Vec<Head>,
    pub rows: Vec<Vec<String>>,
    /// Columns of numbers that a workbook draws over the first column.
    pub charted: Vec<u16>,
}

pub struct Head {
    pub title: String,
    pub cells: Cells,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Cells {
    Text,
    Number,
    Money,
}

impl Sheet {
    pub fn new(name: &str, columns: &[(&str, Cells)]) -> Self {
        let columns = columns.iter().map(|(title, cells)| Head { title: (*title).to_owned(), cells: *cells }).collect();
        Self { name: name.to_owned(), columns, rows: Vec::new(), charted: Vec::new() }
    }

    /// Without the columns in which nothing stands.
    pub fn without_empty_columns(mut self) -> Self {
        let filled: Vec<bool> = (0..self.columns.len())
            .map(|at| self.rows.iter().any(|row| row.get(at).is_some_and(|c| !c.is_empty())))
            .collect();
        let mut keep = filled.iter().cycle();
        self.columns.retain(|_| keep.next() == Some(&true));
        for row in &mut self.rows {
            let mut keep = filled.iter();
            row.retain(|_| keep.next() == Some(&true));
        }
        self
    }

    pub fn text(&self) -> String {
        let mut widths: Vec<usize> = self.columns.iter().map(|head| head.title.width()).collect();
        for row in &self.rows {
            for (at, cell) in widths.iter_mut().zip(row) {
                *at = (*at).max(cell.width());
            }
        }
        let titles: Vec<String> = self.columns.iter().map(|head| head.title.clone()).collect();
        let lines = std::iter::once(&titles).chain(&self.rows);
        lines.map(|row| self.line(row, &widths)).collect()
    }

    fn line(&self, row: &[String], widths: &[usize]) -> String {
        let cells = self.columns.iter().zip(row).zip(widths).map(|((head, cell), wanted)| {
            let gap = " ".repeat(wanted.saturating_sub(cell.width()));
            if head.cells == Cells::Text { format!("{cell}{gap}") } else { format!("{gap}{cell}") }
        });
        let line = cells.collect::<Vec<_>>().join("  ");
        format!("{}\n", line.trim_end())
    }
}
