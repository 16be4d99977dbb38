//! Tables in files: CSV (UTF-8, with or without a mark) and XLSX, read into text cells.

use calamine::{Data, Reader, Xlsx};

use crate::problem::{Code, FieldError, Problem};
use crate::{Message, Result};

/// A file's header and rows; every cell is trimmed text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Table {
    pub columns: Vec<String>,
    pub rows: Vec<Row>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// As a spreadsheet counts: the header is row 1.
    pub line: usize,
    pub cells: Vec<String>,
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
}

impl Table {
    /// Reads a file by what it is, not by what it is called.
    pub fn read(bytes: &[u8]) -> Result<Self> {
        let table = if bytes.starts_with(b"PK\x03\x04") { xlsx(bytes)? } else { csv(bytes)? };
        table.check_header()
    }

    pub fn column(&self, name: &str) -> Option<usize> {
        self.columns.iter().position(|column| column == name)
    }

    /// Columns named `prefix:NAME`, with their NAMEs.
    pub fn columns_with(&self, prefix: &str) -> Vec<(usize, String)> {
        let named = self.columns.iter().enumerate();
        named.filter_map(|(i, column)| Some((i, column.strip_prefix(prefix)?.to_owned()))).collect()
    }

    fn check_header(self) -> Result<Self> {
        let mut errors = Vec::new();
        for (index, column) in self.columns.iter().enumerate() {
            if column.is_empty() {
                errors.push(FieldError::new(format!("/1/{}", index + 1), "this column has no name"));
            } else if self.columns.iter().position(|c| c == column) != Some(index) {
                errors.push(FieldError::new(format!("/1/{column}"), "this column is there twice"));
            }
        }
        if errors.is_empty() { Ok(self) } else { Err(Problem::invalid(errors)) }
    }
}

fn unreadable(detail: impl Into<Message>) -> Problem {
    Problem::new(Code::UnsupportedFormat, detail)
}

fn csv(bytes: &[u8]) -> Result<Table> {
    let text =
        std::str::from_utf8(bytes).map_err(|_| unreadable("the file is neither an XLSX workbook nor UTF-8 text"))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    if text.contains('\0') {
        return Err(unreadable("the file is neither an XLSX workbook nor text"));
    }
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).trim(csv::Trim::All).from_reader(text.as_bytes());
    let mut table = Table::default();
    let mut errors = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| unreadable(format!("the file is not CSV: {error}")))?;
        let line = record.position().map_or(0, |start| line_of(text, start));
        let cells: Vec<String> = record.iter().map(str::to_owned).collect();
        if table.columns.is_empty() {
            table.columns = cells;
        } else if cells.len() != table.columns.len() {
            errors.push(FieldError::new(
                format!("/{line}"),
                format!("the row has {} cells, the header {}", cells.len(), table.columns.len()),
            ));
        } else if cells.iter().any(|cell| !cell.is_empty()) {
            table.rows.push(Row { line, cells });
        }
    }
    if table.columns.is_empty() {
        return Err(unreadable("the file is empty"));
    }
    if errors.is_empty() { Ok(table) } else { Err(Problem::invalid(errors)) }
}

/// The line a record stands on: its position is where reading began, before any blank lines.
fn line_of(text: &str, start: &csv::Position) -> usize {
    let from = usize::try_from(start.byte()).unwrap_or(usize::MAX);
    let rest = text.as_bytes().get(from..).unwrap_or_default();
    let blank = rest.iter().take_while(|byte| matches!(byte, b'\r' | b'\n')).filter(|byte| **byte == b'\n').count();
    usize::try_from(start.line()).unwrap_or(0) + blank
}

fn xlsx(bytes: &[u8]) -> Result<Table> {
    let not_a_workbook = || unreadable("the file looks like XLSX but is not a workbook");
    let mut workbook: Xlsx<_> = Xlsx::new(std::io::Cursor::new(bytes)).map_err(|_| not_a_workbook())?;
    let sheet = workbook.worksheet_range_at(0).ok_or_else(not_a_workbook)?.map_err(|_| not_a_workbook())?;
    let mut table = Table::default();
    let first = sheet.start().map_or(0, |(row, _)| row as usize);
    for (index, cells) in sheet.rows().enumerate() {
        let cells: Vec<String> = cells.iter().map(cell).collect();
        if table.columns.is_empty() {
            table.columns = cells;
        } else if cells.iter().any(|cell| !cell.is_empty()) {
            table.rows.push(Row { line: first + index + 1, cells });
        }
    }
    if table.columns.is_empty() {
        return Err(unreadable("the first sheet is empty"));
    }
    Ok(table)
}

/// Numbers in a workbook are binary; their shortest decimal form is what the person typed.
fn cell(data: &Data) -> String {
    match data {
        Data::DateTime(moment) if moment.is_datetime() => {
            let (year, month, day, ..) = moment.to_ymd_hms_milli();
            format!("{year:04}-{month:02}-{day:02}")
        }
        other => other.to_string().trim().to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(file: &str) -> Vec<usize> {
        Table::read(file.as_bytes()).unwrap().rows.iter().map(|row| row.line).collect()
    }

    #[test]
    fn a_row_is_counted_as_a_spreadsheet_counts_it() {
        assert_eq!(lines("a,b\n1,2\n3,4\n"), [2, 3]);
        assert_eq!(lines("a,b\n1,2\n\n\r\n3,4"), [2, 5]);
        assert_eq!(lines("\u{feff}a,b\r\n\"1\n1\",2\r\n3,4\r\n"), [2, 4]);
    }

    #[test]
    fn a_file_that_is_not_a_table_is_refused() {
        for file in [&b""[..], b"PK\x03\x04nonsense", b"\xff\xfe\x00", b"a\0b"] {
            assert_eq!(Table::read(file).unwrap_err().code, Code::UnsupportedFormat);
        }
        assert_eq!(Table::read(b"a,a\n1,2\n").unwrap_err().errors[0].pointer, "/1/a");
        assert_eq!(Table::read(b"a,b\n1\n").unwrap_err().errors[0].pointer, "/2");
    }
}
