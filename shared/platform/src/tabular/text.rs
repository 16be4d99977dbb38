//! Tables as lines of text: in which characters, with what between the cells.

use std::borrow::Cow;

use domain::{Message, say};
use encoding_rs::{GB18030, UTF_16BE, UTF_16LE};

use super::grid::Grid;
use super::refusal::Refusal;

/// What may stand between cells.
const SEPARATORS: [char; 6] = [',', ';', '\t', '|', '，', '；'];
/// Rows in which the header is looked for.
const ROWS_TO_TRY: usize = 30;
/// Cells in one line.
const MOST_IN_ROW: usize = 20_000;

/// Puts the cells of a text into a grid. `known` says how many of a row's cells are headings that somebody expects.
pub fn read(bytes: &[u8], known: &dyn Fn(&[&str]) -> usize) -> Result<(Grid, Vec<Message>), Refusal> {
    let (text, note) = decoded(bytes)?;
    let (said, body) = separator_line(&text);
    let separator = said.unwrap_or_else(|| separator(body, known));
    let mut grid = Grid::default();
    for (row, record) in (0_u32..).zip(Records::new(body, separator)) {
        let record = record?;
        for (column, text) in record.cells {
            grid.count_cell()?;
            grid.put_text(row, column, &text)?;
        }
        if let Some(row) = grid.rows.get_mut(&row) {
            row.width = record.width;
        }
    }
    check_swallowed(&grid, separator)?;
    Ok((grid, note.into_iter().collect()))
}

// --- characters ---

/// The text of a file: UTF-8, UTF-16, or what Chinese Excel writes.
fn decoded(bytes: &[u8]) -> Result<(Cow<'_, str>, Option<Message>), Refusal> {
    // Old programs end a text with a mark.
    let bytes = bytes.strip_suffix(b"\x1a").unwrap_or(bytes);
    let text = match bytes {
        [0xef, 0xbb, 0xbf, rest @ ..] => std::str::from_utf8(rest).ok().map(Cow::Borrowed),
        [0xff, 0xfe, rest @ ..] => UTF_16LE.decode_without_bom_handling_and_without_replacement(rest),
        [0xfe, 0xff, rest @ ..] => UTF_16BE.decode_without_bom_handling_and_without_replacement(rest),
        _ if is_every_second_zero(bytes, 1) => UTF_16LE.decode_without_bom_handling_and_without_replacement(bytes),
        _ if is_every_second_zero(bytes, 0) => UTF_16BE.decode_without_bom_handling_and_without_replacement(bytes),
        _ => match std::str::from_utf8(bytes) {
            Ok(text) => Some(Cow::Borrowed(text)),
            Err(_) => {
                let text = GB18030.decode_without_bom_handling_and_without_replacement(bytes).ok_or_else(no_text)?;
                refuse_binary(&text)?;
                let note = say!(
                    "文件按 GB18030（GBK）编码读取；若出现乱码，请另存为 UTF-8 的 CSV 或 .xlsx",
                    "the file was read as GB18030 (GBK); if names look wrong, save it as CSV in UTF-8 or as .xlsx"
                );
                return Ok((text, Some(note)));
            }
        },
    };
    let text = text.ok_or_else(no_text)?;
    refuse_binary(&text)?;
    Ok((text, None))
}

fn no_text() -> Refusal {
    Refusal::of(say!(
        "文件既不是 XLSX 工作簿，也不是可识别的文本；请另存为 .xlsx 或 UTF-8 的 CSV",
        "the file is neither an XLSX workbook nor text that can be read; save it as .xlsx or as CSV in UTF-8"
    ))
}

/// No table holds control characters other than tabs and ends of lines.
fn refuse_binary(text: &str) -> Result<(), Refusal> {
    let is_binary = |c: char| c.is_ascii_control() && !matches!(c, '\t' | '\n' | '\r' | '\u{b}' | '\u{c}');
    if text.chars().any(is_binary) { Err(no_text()) } else { Ok(()) }
}

/// Whether the first characters are ASCII in two bytes each.
fn is_every_second_zero(bytes: &[u8], zero: usize) -> bool {
    let pairs = bytes.chunks_exact(2).take(32);
    let fit = pairs.clone().filter(|pair| pair.get(zero) == Some(&0) && pair.get(1 - zero) != Some(&0)).count();
    let all = pairs.count();
    all >= 4 && fit * 2 > all
}

// --- lines ---

/// Excel reads what stands between the cells from a first line `sep=;`, and does not show this line.
fn separator_line(text: &str) -> (Option<char>, &str) {
    let line = text.lines().next().unwrap_or_default();
    let bare = line.trim().trim_matches('"');
    let mut rest = match bare.get(..4) {
        Some(sep) if sep.eq_ignore_ascii_case("sep=") => bare.chars().skip(4),
        _ => return (None, text),
    };
    match (rest.next(), rest.next()) {
        (Some(separator), None) if separator.is_ascii() => {
            let body = text.get(line.len()..).unwrap_or_default();
            let body = body.strip_prefix("\r\n").or_else(|| body.strip_prefix(['\n', '\r'])).unwrap_or(body);
            (Some(separator), body)
        }
        // A tab is not seen at the end of a line.
        (None, None) if line.contains('\t') => (Some('\t'), text.get(line.len() + 1..).unwrap_or_default()),
        _ => (None, text),
    }
}

/// What stands between the cells: the separator by which the most headings are known, or else the most frequent one.
fn separator(text: &str, known: &dyn Fn(&[&str]) -> usize) -> char {
    let score = |separator: char| {
        let records: Vec<Record> = Records::new(text, separator).take(ROWS_TO_TRY).map_while(Result::ok).collect();
        let headings = records.iter().map(|record| {
            let cells: Vec<&str> = record.cells.iter().map(|(_, text)| text.as_str()).collect();
            known(&cells)
        });
        let widths: u64 = records.iter().map(|record| u64::from(record.width)).sum();
        (headings.max().unwrap_or(0), widths)
    };
    let scored = SEPARATORS.iter().rev().map(|separator| (score(*separator), *separator));
    scored.max_by_key(|(score, _)| *score).map_or(',', |(_, separator)| separator)
}

struct Record {
    /// Those in which something stands.
    cells: Vec<(u32, String)>,
    width: u32,
}

/// Rows of a text as a spreadsheet counts them: an empty line is one, a line break in a cell begins none.
struct Records<'t> {
    rest: std::iter::Peekable<std::str::Chars<'t>>,
    separator: char,
    row: usize,
    is_over: bool,
}

impl<'t> Records<'t> {
    fn new(text: &'t str, separator: char) -> Self {
        Self { rest: text.chars().peekable(), separator, row: 0, is_over: false }
    }

    fn record(&mut self) -> Result<Record, Refusal> {
        let mut record = Record { cells: Vec::new(), width: 0 };
        loop {
            let text = self.cell()?;
            if !text.trim().is_empty() {
                record.cells.push((record.width, text));
            }
            record.width += 1;
            if record.cells.len() > MOST_IN_ROW {
                return Err(super::grid::too_large());
            }
            match self.rest.next() {
                Some(c) if c == self.separator => {}
                Some('\r') => {
                    self.rest.next_if_eq(&'\n');
                    return Ok(record);
                }
                _ => return Ok(record),
            }
        }
    }

    /// One cell; what ends it is left standing.
    fn cell(&mut self) -> Result<String, Refusal> {
        let mut text = String::new();
        while let Some(blank) = self.rest.next_if(|c| *c == ' ' && *c != self.separator) {
            text.push(blank);
        }
        if self.rest.next_if_eq(&'"').is_some() {
            return self.quoted();
        }
        let separator = self.separator;
        while let Some(c) = self.rest.next_if(|c| *c != separator && !matches!(c, '\n' | '\r')) {
            text.push(c);
        }
        Ok(text)
    }

    fn quoted(&mut self) -> Result<String, Refusal> {
        let mut text = String::new();
        loop {
            match self.rest.next() {
                Some('"') if self.rest.next_if_eq(&'"').is_some() => text.push('"'),
                Some('"') => break,
                Some(c) => text.push(c),
                None => return Err(self.not_closed()),
            }
        }
        while self.rest.next_if(|c| *c == ' ' && *c != self.separator).is_some() {}
        let separator = self.separator;
        match self.rest.peek() {
            None | Some('\n' | '\r') => Ok(text),
            Some(c) if *c == separator => Ok(text),
            Some(_) => Err(self.not_closed()),
        }
    }

    fn not_closed(&self) -> Refusal {
        let row = self.row;
        Refusal::of(say!(
            "第{row}行有一个引号没有成对，其后的行会被并入同一个单元格；请补全或删去多余的引号",
            "row {row}: a quotation mark has no partner, so that the rows below would end up in one cell; close it or take it out"
        ))
    }
}

impl Iterator for Records<'_> {
    type Item = Result<Record, Refusal>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.is_over || self.rest.peek().is_none() {
            return None;
        }
        self.row += 1;
        let record = self.record();
        self.is_over = record.is_err();
        Some(record)
    }
}

/// Two quotation marks too many close each other and take rows into one cell: its lines then look like rows.
fn check_swallowed(grid: &Grid, separator: char) -> Result<(), Refusal> {
    let widest = grid.rows.values().map(|row| row.width).max().unwrap_or(0);
    let least = usize::try_from(widest).unwrap_or(0).saturating_sub(1).max(2);
    for (at, row) in &grid.rows {
        let texts = row.cells.iter().filter_map(|(column, _)| row.text(*column));
        let mut lines = texts.filter(|text| text.contains(['\n', '\r'])).flat_map(str::lines);
        if lines.any(|line| line.matches(separator).count() * 2 >= least) {
            let row = at + 1;
            return Err(Refusal::of(say!(
                "第{row}行的一个单元格里像是包含了后面的行：请检查引号是否成对",
                "row {row}: a cell seems to hold further rows; see whether each quotation mark has its partner"
            )));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows(text: &str) -> Vec<(u32, Vec<String>)> {
        let (grid, _) = read(text.as_bytes(), &|_| 0).unwrap();
        let texts = |row: &super::super::grid::GridRow| {
            row.cells.iter().filter_map(|(column, _)| row.text(*column)).map(str::to_owned).collect()
        };
        grid.rows.iter().map(|(at, row)| (at + 1, texts(row))).collect()
    }

    #[test]
    fn given_lines_then_rows_are_counted_as_a_spreadsheet_counts_them() {
        let lines = |text: &str| rows(text).into_iter().map(|(line, _)| line).collect::<Vec<_>>();
        assert_eq!(lines("a,b\n1,2\n3,4\n"), [1, 2, 3]);
        assert_eq!(lines("a,b\n1,2\n\n\r\n3,4"), [1, 2, 5]);
        assert_eq!(lines("a,b\r\n\"1\n1\",2\r\n3,4\r\n"), [1, 2, 3]);
        assert_eq!(lines("a,b\r1,2\r3,4"), [1, 2, 3]);
    }

    #[test]
    fn given_quotation_marks_then_they_are_taken_away_or_missed() {
        assert_eq!(rows("\"a,b\",\"say \"\"x\"\"\"\n")[0].1, ["a,b", "say \"x\""]);
        assert_eq!(rows("5\" pipe,x\n")[0].1, ["5\" pipe", "x"]);
        for wrong in ["a,b\n\"1,2\n3,4\n", "a,b\n\"1\"x,2\n", "a,b,c\n\"1\n2,3,4\n5\",6,7\n"] {
            assert!(read(wrong.as_bytes(), &|_| 0).is_err(), "{wrong}");
        }
    }

    #[test]
    fn given_other_separators_then_cells_are_told_apart() {
        for text in [
            "a，b\n\"1,5\"，2\n",
            "a；b\n1,5；2\n",
            "a;b\n1,5;2\n",
            "a\tb\n1,5\t2\n",
            "sep=;\na;b\n1,5;2\n",
            "\"sep=;\"\r\na;b\r\n1,5;2\r\n",
        ] {
            let found = rows(text);
            assert_eq!(found[1], (2, vec!["1,5".to_owned(), "2".to_owned()]), "{text}");
        }
        let known = |cells: &[&str]| cells.iter().filter(|cell| ["number", "note"].contains(*cell)).count();
        let (grid, _) = read(b"number;note\nE1;a,b,c,d,e\n", &known).unwrap();
        assert_eq!(grid.rows[&1].text(1), Some("a,b,c,d,e"));
    }

    #[test]
    fn given_other_characters_then_the_text_is_the_same() {
        let text = "工号,姓名\nE1,张三\n";
        let two_bytes = |order: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(order).collect::<Vec<u8>>();
        let little = [vec![0xff, 0xfe], two_bytes(u16::to_le_bytes)].concat();
        let big = [vec![0xfe, 0xff], two_bytes(u16::to_be_bytes)].concat();
        let marked = [vec![0xef, 0xbb, 0xbf], text.as_bytes().to_vec()].concat();
        let chinese = GB18030.encode(text).0.into_owned();
        for bytes in [little, big, marked, chinese, text.as_bytes().to_vec()] {
            assert_eq!(decoded(&bytes).unwrap().0, text);
        }
        let ascii: Vec<u8> = "number,name\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(decoded(&ascii).unwrap().0, "number,name\n");
        assert!(
            decoded(b"\xff\xff\xff").is_err() && decoded(b"a\0b").is_err() && decoded(b"\x89PNG\r\n\x1a\n").is_err()
        );
    }
}
