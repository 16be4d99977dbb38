//! XLSX workbooks: which sheet is read, and its cells as the spreadsheet shows them.

use std::collections::HashMap;

use basics::{Message, say};

use super::formats::{Format, shown};
use super::grid::{Cell, Grid, LONGEST_CELL, Region, Wrong, too_large};
use super::refusal::Refusal;
use super::xml::{Archive, Piece, attribute, attributes};

const LAST_ROW: u32 = 1_048_576;
const LAST_COLUMN: u32 = 16_384;
/// Entries of a list that is not the cells themselves: shared texts, formats, regions, sheets.
const MOST_ENTRIES: usize = 1_500_000;
const MOST_REGIONS: usize = 100_000;
/// Twice as many as may be filled in.
const MOST_FORMATTED_ROWS: u32 = 200_000;
/// Bytes of all shared texts.
const MOST_SHARED_TEXT: usize = 64 << 20;

pub fn broken() -> Refusal {
    Refusal::of(say!(
        "文件看似 XLSX 工作簿，但已损坏；请用 Excel 或 WPS 打开并另存为 .xlsx",
        "the file looks like an XLSX workbook but is damaged; open it in a spreadsheet and save it again as .xlsx"
    ))
}

/// A sheet's cells, and what has to be told about how they were read.
pub struct Read {
    pub grid: Grid,
    pub notes: Vec<Message>,
}

pub fn read(bytes: &[u8]) -> Result<Read, Refusal> {
    let mut archive = Archive::open(bytes)?;
    refuse_other_archives(&archive)?;
    let book = Book::read(&mut archive)?;
    let strings = shared_strings(&mut archive, &book)?;
    let formats = formats(&mut archive, &book)?;
    let mut found: Option<(usize, Sheet)> = None;
    let visible = book.sheets.iter().enumerate().filter(|(_, sheet)| sheet.is_visible && sheet.is_table);
    for (at, sheet) in visible {
        let part = archive.find(&sheet.part).ok_or_else(broken)?;
        let cells = Sheet::read(&mut archive, part, &strings, &formats, book.is_1904)?;
        if !cells.grid.rows.is_empty() {
            found = Some((at, cells));
            break;
        }
    }
    let (at, sheet) = found.ok_or_else(|| book.without_table())?;
    let mut notes: Vec<Message> = book.note(at).into_iter().collect();
    notes.extend(sheet.notes());
    Ok(Read { grid: sheet.grid, notes })
}

fn refuse_other_archives(archive: &Archive<'_>) -> Result<(), Refusal> {
    let save_as = |zh: &str, en: &str| {
        say!("这是{zh}，请另存为 .xlsx 工作簿或 CSV", "this is {en}; save it as an .xlsx workbook or as CSV")
    };
    let refused = |message: Message| Err(Refusal::of(message));
    if archive.has("xl/workbook.bin") {
        return refused(save_as("二进制工作簿（.xlsb）", "a binary workbook (.xlsb)"));
    }
    if archive.has("content.xml") && archive.has("mimetype") {
        return refused(save_as(" OpenDocument 文件（.ods）", "an OpenDocument file (.ods)"));
    }
    if archive.has("Index/Document.iwa") {
        return refused(save_as(" Numbers 表格", "a table of Numbers"));
    }
    if archive.has("word/document.xml") || archive.has("ppt/presentation.xml") {
        return refused(say!(
            "这是 Word 或 PowerPoint 文件，不是表格",
            "this is a document of Word or PowerPoint, and no table"
        ));
    }
    if archive.has("_rels/.rels") || archive.has("xl/workbook.xml") {
        return Ok(());
    }
    refused(say!(
        "这是压缩包，不是工作簿；请解压后上传其中的表格",
        "this is an archive and no workbook; unpack it and send the table in it"
    ))
}

// --- the book ---

struct SheetEntry {
    name: String,
    is_visible: bool,
    /// Not a chart or a dialogue.
    is_table: bool,
    part: String,
}

#[derive(Default)]
struct Book {
    sheets: Vec<SheetEntry>,
    styles: Option<String>,
    strings: Option<String>,
    is_1904: bool,
}

/// What a part refers to: kind and part by the reference's name.
type Relations = HashMap<String, (String, String)>;

impl Book {
    fn read(archive: &mut Archive<'_>) -> Result<Self, Refusal> {
        let top = relations(archive, "_rels/.rels", "")?;
        let part = top.into_values().find(|(kind, _)| kind == "officeDocument").map(|(_, part)| part);
        let part = part.unwrap_or_else(|| "xl/workbook.xml".to_owned());
        let (folder, name) = part.rsplit_once('/').unwrap_or(("", &part));
        let rels = if folder.is_empty() { format!("_rels/{name}.rels") } else { format!("{folder}/_rels/{name}.rels") };
        let relations = relations(archive, &rels, folder)?;
        let mut book = Self::default();
        let at = archive.find(&part).ok_or_else(broken)?;
        archive.walk(at, |piece| {
            match piece {
                Piece::Open("workbookPr", tag) | Piece::Empty("workbookPr", tag) => {
                    book.is_1904 =
                        attribute(tag, "date1904").is_some_and(|it| matches!(it.as_str(), "1" | "true" | "on"));
                }
                Piece::Open("sheet", tag) | Piece::Empty("sheet", tag) => {
                    let related = attribute(tag, "id").and_then(|id| relations.get(&id));
                    let (kind, part) = related.cloned().unwrap_or_default();
                    book.sheets.push(SheetEntry {
                        name: attribute(tag, "name").unwrap_or_default(),
                        is_visible: attribute(tag, "state").is_none_or(|state| state == "visible"),
                        is_table: kind == "worksheet",
                        part,
                    });
                }
                _ => {}
            }
            if book.sheets.len() <= MOST_REGIONS { Ok(()) } else { Err(too_large()) }
        })?;
        let part = |kind: &str| relations.values().find(|(found, _)| found == kind).map(|(_, part)| part.clone());
        book.styles = part("styles");
        book.strings = part("sharedStrings");
        Ok(book)
    }

    /// Which sheet was read, when there is a choice. A hidden sheet behind it, such as one of lists, is none.
    fn note(&self, read: usize) -> Option<Message> {
        let name = &self.sheets.get(read)?.name;
        let others =
            self.sheets.iter().enumerate().filter(|(at, sheet)| *at < read || (*at > read && sheet.is_visible));
        let others: Vec<&str> = others.map(|(_, sheet)| sheet.name.as_str()).collect();
        (!others.is_empty()).then(|| {
            let first = others.get(..others.len().min(5)).unwrap_or_default();
            let (zh, en) = (first.join("、"), first.join(", "));
            let more = if others.len() > first.len() { "…" } else { "" };
            Message {
                zh: format!("读取的是工作表“{name}”；未读取：{zh}{more}"),
                en: format!("the sheet \"{name}\" was read, and not: {en}{more}"),
            }
        })
    }

    fn without_table(&self) -> Refusal {
        let has = |is_wanted: fn(&SheetEntry) -> bool| self.sheets.iter().any(is_wanted);
        Refusal::of(if has(|sheet| sheet.is_visible && sheet.is_table) {
            say!("工作簿里没有内容", "the workbook is empty")
        } else if has(|sheet| sheet.is_visible) {
            say!(
                "工作簿里只有图表工作表，没有表格；请把人员表放在可见的工作表中",
                "the workbook has sheets of charts only; put the table into a visible sheet"
            )
        } else {
            say!(
                "工作簿里的工作表都被隐藏；请取消隐藏要导入的工作表",
                "all sheets of the workbook are hidden; show the one that is meant"
            )
        })
    }
}

fn relations(archive: &mut Archive<'_>, rels: &str, folder: &str) -> Result<Relations, Refusal> {
    let mut found = Relations::new();
    let Some(part) = archive.find(rels) else { return Ok(found) };
    archive.walk(part, |piece| {
        if let Piece::Open("Relationship", tag) | Piece::Empty("Relationship", tag) = piece
            && let (Some(id), Some(kind), Some(target)) =
                (attribute(tag, "Id"), attribute(tag, "Type"), attribute(tag, "Target"))
        {
            let kind = kind.rsplit('/').next().unwrap_or_default().to_owned();
            found.insert(id, (kind, resolved(folder, &target)));
        }
        if found.len() <= MOST_REGIONS { Ok(()) } else { Err(too_large()) }
    })?;
    Ok(found)
}

/// The name of a part that another refers to: from the root, or from the folder of the other.
fn resolved(folder: &str, target: &str) -> String {
    let target = target.replace('\\', "/");
    if let Some(from_root) = target.strip_prefix('/') {
        return from_root.to_owned();
    }
    let mut path: Vec<&str> = folder.split('/').filter(|part| !part.is_empty()).collect();
    for part in target.split('/') {
        match part {
            ".." => drop(path.pop()),
            "." | "" => {}
            part => path.push(part),
        }
    }
    path.join("/")
}

// --- what cells refer to ---

fn shared_strings(archive: &mut Archive<'_>, book: &Book) -> Result<Vec<Box<str>>, Refusal> {
    let Some(part) = book.strings.as_deref().and_then(|part| archive.find(part)) else { return Ok(Vec::new()) };
    let (mut strings, mut size, mut text) = (Vec::new(), 0, RichText::default());
    archive.walk(part, |piece| {
        match piece {
            Piece::Open("si", _) => text = RichText::default(),
            Piece::Empty("si", _) => strings.push(Box::default()),
            Piece::Close("si") => {
                let said = text.take();
                size += said.len();
                strings.push(said.into_boxed_str());
            }
            other => text.see(&other),
        }
        if strings.len() <= MOST_ENTRIES && size <= MOST_SHARED_TEXT { Ok(()) } else { Err(too_large()) }
    })?;
    Ok(strings)
}

/// The text of a cell, put together from its runs, without what is written above it in small letters.
#[derive(Default)]
struct RichText {
    said: String,
    is_text: bool,
    is_reading_aid: bool,
}

impl RichText {
    fn see(&mut self, piece: &Piece<'_>) {
        match piece {
            Piece::Open("t", _) => self.is_text = true,
            Piece::Close("t") => self.is_text = false,
            Piece::Open("rPh", _) => self.is_reading_aid = true,
            Piece::Close("rPh") => self.is_reading_aid = false,
            // One character too many is kept, so that the cell is known to be too long.
            Piece::Text(text) if self.is_text && !self.is_reading_aid && self.said.len() <= 4 * LONGEST_CELL => {
                self.said.push_str(text);
            }
            _ => {}
        }
    }

    fn take(&mut self) -> String {
        unescaped(std::mem::take(&mut self.said))
    }
}

/// `_x000D_` stands for a character that XML cannot hold.
fn unescaped(text: String) -> String {
    if !text.contains("_x") {
        return text;
    }
    let mut plain = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some((before, from)) = rest.find("_x").and_then(|at| rest.split_at_checked(at)) {
        plain.push_str(before);
        let digits = from.get(2..6).filter(|_| from.get(6..7) == Some("_"));
        let character = digits.and_then(|digits| u32::from_str_radix(digits, 16).ok()).and_then(char::from_u32);
        let (kept, length) = match character {
            Some(character) => (String::from(character), 7),
            None => ("_x".to_owned(), 2),
        };
        plain.push_str(&kept);
        rest = from.get(length..).unwrap_or_default();
    }
    plain + rest
}

/// The formats of cells by the number that cells have for them.
fn formats(archive: &mut Archive<'_>, book: &Book) -> Result<Vec<Format>, Refusal> {
    let Some(part) = book.styles.as_deref().and_then(|part| archive.find(part)) else { return Ok(Vec::new()) };
    let (mut codes, mut formats, mut is_of_cells) = (HashMap::new(), Vec::new(), false);
    let number = |text: Option<String>| text.and_then(|text| text.parse::<u32>().ok());
    archive.walk(part, |piece| {
        match piece {
            Piece::Open("numFmt", tag) | Piece::Empty("numFmt", tag) => {
                if let (Some(id), Some(code)) = (number(attribute(tag, "numFmtId")), attribute(tag, "formatCode")) {
                    codes.insert(id, Format::of_code(&code));
                }
            }
            Piece::Open("cellXfs", _) => is_of_cells = true,
            Piece::Close("cellXfs") => is_of_cells = false,
            Piece::Open("xf", tag) | Piece::Empty("xf", tag) if is_of_cells => {
                let id = number(attribute(tag, "numFmtId")).unwrap_or(0);
                formats.push(codes.get(&id).cloned().unwrap_or_else(|| Format::built_in(id)));
            }
            _ => {}
        }
        if codes.len() + formats.len() <= MOST_REGIONS { Ok(()) } else { Err(too_large()) }
    })?;
    Ok(formats)
}

// --- a sheet ---

/// A cell on the way.
#[derive(Default)]
struct Open {
    row: u32,
    column: u32,
    format: usize,
    kind: String,
    has_formula: bool,
    is_value: bool,
    value: String,
    text: RichText,
}

impl Open {
    /// What is too long for a cell is refused when it closes, so that no more of it need be kept.
    fn see_value(&mut self, text: &str) {
        if self.value.len() <= 4 * LONGEST_CELL {
            self.value.push_str(text);
        }
    }
}

#[derive(Default)]
struct Sheet {
    grid: Grid,
    regions: Vec<Region>,
    /// First and last, counted from 0.
    hidden_columns: Vec<(u32, u32)>,
    next_row: u32,
    next_column: u32,
    is_hidden_row: bool,
    /// Rows with cells, be they empty.
    rows: u32,
}

impl Sheet {
    fn read(
        archive: &mut Archive<'_>,
        part: usize,
        strings: &[Box<str>],
        formats: &[Format],
        is_1904: bool,
    ) -> Result<Self, Refusal> {
        let mut sheet = Self::default();
        let mut open: Option<Open> = None;
        archive.walk(part, |piece| {
            match (piece, &mut open) {
                (Piece::Open("c", tag), _) => open = Some(sheet.opened(tag)?),
                (Piece::Empty("c", tag), _) => sheet.pass_over(tag)?,
                (Piece::Close("c"), cell) => {
                    if let Some(cell) = cell.take() {
                        sheet.close(cell, strings, formats, is_1904)?;
                    }
                }
                (Piece::Open("f", _) | Piece::Empty("f", _), Some(cell)) => cell.has_formula = true,
                (Piece::Open("v", _), Some(cell)) => cell.is_value = true,
                (Piece::Close("v"), Some(cell)) => cell.is_value = false,
                (Piece::Text(text), Some(cell)) if cell.is_value => cell.see_value(&text),
                (piece, Some(cell)) => cell.text.see(&piece),
                (Piece::Open("row", tag) | Piece::Empty("row", tag), None) => {
                    let [row, hidden] = attributes(tag, ["r", "hidden"]);
                    let row = row.and_then(|row| row.parse::<u32>().ok());
                    sheet.begin_row(row.unwrap_or(sheet.next_row + 1))?;
                    sheet.is_hidden_row = hidden.is_some_and(|it| it == "1" || it == "true");
                }
                (Piece::Open("col", tag) | Piece::Empty("col", tag), None) => sheet.see_column(tag)?,
                (Piece::Open("mergeCell", tag) | Piece::Empty("mergeCell", tag), None) => {
                    let region = attribute(tag, "ref").and_then(|place| region(&place.replace('$', "")));
                    let region = region.ok_or_else(broken)?;
                    sheet.regions.push(region);
                    if sheet.regions.len() > MOST_REGIONS {
                        return Err(too_large());
                    }
                }
                _ => {}
            }
            Ok(())
        })?;
        let regions = std::mem::take(&mut sheet.regions);
        sheet.grid.merge(regions)?;
        Ok(sheet)
    }

    /// `row` is counted from 1.
    fn begin_row(&mut self, row: u32) -> Result<(), Refusal> {
        match row {
            0 => return Err(broken()),
            1..=LAST_ROW => {}
            _ => return Err(too_large()),
        }
        (self.next_row, self.next_column) = (row, 0);
        Ok(())
    }

    /// Rows that are merely formatted are read in vain, and so not without end.
    fn count_cell(&mut self) -> Result<(), Refusal> {
        self.grid.count_cell()?;
        self.rows += u32::from(self.next_column == 0);
        if self.rows <= MOST_FORMATTED_ROWS { Ok(()) } else { Err(too_large()) }
    }

    /// A cell in which nothing stands.
    fn pass_over(&mut self, tag: &quick_xml::events::BytesStart<'_>) -> Result<(), Refusal> {
        self.count_cell()?;
        let column = attribute(tag, "r").and_then(|place| Some(place_of(&place)?.1));
        self.next_column = column.unwrap_or(self.next_column) + 1;
        Ok(())
    }

    fn opened(&mut self, tag: &quick_xml::events::BytesStart<'_>) -> Result<Open, Refusal> {
        self.count_cell()?;
        let [place, format, kind] = attributes(tag, ["r", "s", "t"]);
        let (row, column) = match place {
            Some(place) => place_of(&place).ok_or_else(broken)?,
            None => (self.next_row.saturating_sub(1), self.next_column),
        };
        if column >= LAST_COLUMN || row >= LAST_ROW {
            return Err(broken());
        }
        self.next_column = column + 1;
        let format = format.and_then(|format| format.parse().ok()).unwrap_or(0);
        Ok(Open { row, column, format, kind: kind.unwrap_or_default(), ..Open::default() })
    }

    fn close(
        &mut self,
        mut open: Open,
        strings: &[Box<str>],
        formats: &[Format],
        is_1904: bool,
    ) -> Result<(), Refusal> {
        let (row, column, value) = (open.row, open.column, open.value.trim());
        let wrong = match open.kind.as_str() {
            "s" if !value.is_empty() => {
                let text = value.parse().ok().and_then(|at: usize| strings.get(at)).ok_or_else(broken)?;
                self.grid.put_text(row, column, text)?;
                None
            }
            "inlineStr" => {
                let text = open.text.take();
                self.grid.put_text(row, column, &text)?;
                None
            }
            "str" => {
                self.grid.put_text(row, column, &unescaped(open.value))?;
                None
            }
            "e" => Some(Cell::Wrong(Wrong::Error(basics::text::shortened(value)))),
            _ if value.is_empty() => open.has_formula.then_some(Cell::Wrong(Wrong::FormulaWithoutValue)),
            "b" => Some(Cell::Text(if value == "1" || value == "true" { "true" } else { "false" }.to_owned())),
            "d" => Some(Cell::Text(day_or_moment(value))),
            _ if value.len() > LONGEST_CELL => Some(Cell::Wrong(Wrong::TooLong)),
            _ => Some(shown(value, formats.get(open.format).unwrap_or(&Format::Plain), is_1904)),
        };
        if let Some(cell) = wrong {
            self.grid.put(row, column, cell)?;
        }
        if self.is_hidden_row
            && let Some(row) = self.grid.rows.get_mut(&row)
        {
            row.is_hidden = true;
        }
        Ok(())
    }

    fn see_column(&mut self, tag: &quick_xml::events::BytesStart<'_>) -> Result<(), Refusal> {
        let number = |name: &str| attribute(tag, name).and_then(|text| text.parse::<u32>().ok());
        if attribute(tag, "hidden").is_some_and(|it| it == "1" || it == "true")
            && let (Some(first), Some(last)) = (number("min"), number("max"))
        {
            self.hidden_columns.push((first.saturating_sub(1), last.saturating_sub(1)));
        }
        if self.hidden_columns.len() <= MOST_REGIONS { Ok(()) } else { Err(too_large()) }
    }

    fn notes(&self) -> Vec<Message> {
        let rows: Vec<u32> = self.grid.rows.iter().filter(|(_, row)| row.is_hidden).map(|(at, _)| at + 1).collect();
        let hidden_rows = (!rows.is_empty()).then(|| {
            let listed = spans(&rows);
            say!("第{listed}行被隐藏或筛选，也已读取", "hidden or filtered rows were read too: {listed}")
        });
        let columns: Vec<String> = self
            .hidden_columns
            .iter()
            .filter(|(first, last)| self.holds_something_in(*first, *last))
            .map(|(first, last)| match first == last {
                true => super::grid::letter(*first),
                false => format!("{}-{}", super::grid::letter(*first), super::grid::letter(*last)),
            })
            .take(20)
            .collect();
        let hidden_columns = (!columns.is_empty()).then(|| {
            let (zh, en) = (columns.join("、"), columns.join(", "));
            Message {
                zh: format!("{zh}列被隐藏，也已读取"), en: format!("hidden columns were read too: {en}")
            }
        });
        hidden_rows.into_iter().chain(hidden_columns).chain(self.note_of_merged()).collect()
    }

    fn note_of_merged(&self) -> Option<Message> {
        let cells = |region: &Region| {
            let letter = super::grid::letter(region.first_column);
            format!("{letter}{}:{letter}{}", region.first_row + 1, region.last_row + 1)
        };
        let mut listed: Vec<String> = self.grid.filled.iter().take(10).map(cells).collect();
        if self.grid.filled.len() > listed.len() {
            listed.push("…".to_owned());
        }
        let (zh, en) = (listed.join("、"), listed.join(", "));
        (!listed.is_empty()).then(|| Message {
            zh: format!("合并单元格 {zh} 的内容用于其中每一行"),
            en: format!("what merged cells say was read for each of their rows: {en}"),
        })
    }

    fn holds_something_in(&self, first: u32, last: u32) -> bool {
        let mut rows = self.grid.rows.values().take(200);
        rows.any(|row| row.cells.iter().any(|(column, _)| (first..=last).contains(column)))
    }
}

/// `3, 5-7, 9`, shortened.
fn spans(rows: &[u32]) -> String {
    let mut spans: Vec<(u32, u32)> = Vec::new();
    for row in rows {
        match spans.last_mut() {
            Some((_, last)) if *last + 1 == *row => *last = *row,
            _ => spans.push((*row, *row)),
        }
    }
    let most = 10;
    let mut told: Vec<String> = spans
        .iter()
        .take(most)
        .map(|(first, last)| if first == last { first.to_string() } else { format!("{first}-{last}") })
        .collect();
    if spans.len() > most {
        told.push("…".to_owned());
    }
    told.join(", ")
}

/// `C12` as row and column, counted from 0.
fn place_of(place: &str) -> Option<(u32, u32)> {
    let letters = place.bytes().take_while(u8::is_ascii_alphabetic).count();
    let (letters, row) = place.split_at_checked(letters)?;
    let mut column = 0_u32;
    for letter in letters.bytes() {
        column = column.checked_mul(26)?.checked_add(u32::from(letter.to_ascii_uppercase() - b'A') + 1)?;
    }
    Some((row.parse::<u32>().ok()?.checked_sub(1)?, column.checked_sub(1)?))
}

fn region(place: &str) -> Option<Region> {
    let (first, last) = place.split_once(':').unwrap_or((place, place));
    let ((first_row, first_column), (last_row, last_column)) = (place_of(first)?, place_of(last)?);
    Some(Region {
        first_row: first_row.min(last_row),
        last_row: first_row.max(last_row),
        first_column: first_column.min(last_column),
        last_column: first_column.max(last_column),
    })
}

/// A day or a moment as ISO 8601 writes it; a day with the time of midnight is that day.
fn day_or_moment(text: &str) -> String {
    let text = text.trim_end_matches('Z');
    let midnight = |time: &str| time.chars().all(|c| matches!(c, '0' | ':' | '.'));
    match text.split_once('T') {
        Some((day, time)) if midnight(time) => day.to_owned(),
        Some((day, time)) => format!("{day} {time}"),
        None => text.to_owned(),
    }
}
