//! Tables as an XLSX workbook.

use std::path::Path;

use rust_decimal::Decimal;
use rust_xlsxwriter::{Chart, ChartType, Format, Workbook, XlsxError};

use super::Failure;
use super::table::{Cells, Sheet};

pub fn write(path: &Path, sheets: &[Sheet]) -> Result<(), Failure> {
    filled(sheets)
        .and_then(|mut workbook| workbook.save(path))
        .map_err(|error| Failure::Other(format!("{}: {error}", path.display())))
}

fn filled(sheets: &[Sheet]) -> Result<Workbook, XlsxError> {
    let mut workbook = Workbook::new();
    let (bold, money) = (Format::new().set_bold(), Format::new().set_num_format("0.00"));
    for sheet in sheets {
        let page = workbook.add_worksheet();
        page.set_name(&sheet.name)?;
        for (column, head) in (0_u16..).zip(&sheet.columns) {
            page.write_string_with_format(0, column, &head.title, &bold)?;
        }
        for (line, row) in (1_u32..).zip(&sheet.rows) {
            for (column, (head, cell)) in (0_u16..).zip(sheet.columns.iter().zip(row)) {
                match (head.cells, number(cell)) {
                    (_, _) if cell.is_empty() => {}
                    (Cells::Number, Some(number)) => drop(page.write_number(line, column, number)?),
                    (Cells::Money, Some(number)) => drop(page.write_number_with_format(line, column, number, &money)?),
                    _ => drop(page.write_string(line, column, cell)?),
                }
            }
        }
        page.set_freeze_panes(1, 0)?;
        page.autofit();
        if let Some(chart) = chart(sheet) {
            let beside = u16::try_from(sheet.columns.len()).unwrap_or(u16::MAX).saturating_add(1);
            page.insert_chart(0, beside, &chart)?;
        }
    }
    Ok(workbook)
}

/// The columns that are to be drawn, as bars.
fn chart(sheet: &Sheet) -> Option<Chart> {
    let last = u32::try_from(sheet.rows.len()).ok().filter(|rows| *rows > 0 && !sheet.charted.is_empty())?;
    let mut chart = Chart::new(ChartType::Column);
    for column in &sheet.charted {
        let name = (sheet.name.as_str(), 0, *column);
        let series = chart.add_series().set_name(name);
        series.set_categories((sheet.name.as_str(), 1, 0, last, 0));
        series.set_values((sheet.name.as_str(), 1, *column, last, *column));
    }
    chart.title().set_name(&sheet.name);
    Some(chart)
}

/// Digits that spreadsheets show and keep of a number.
const DIGITS: usize = 15;

/// A workbook knows binary numbers only. One that says another decimal than was computed is written as a text.
fn number(cell: &str) -> Option<f64> {
    let digits = cell.bytes().filter(u8::is_ascii_digit).skip_while(|digit| *digit == b'0').count();
    let number: f64 = cell.parse().ok().filter(|_| digits <= DIGITS)?;
    let said: Decimal = number.to_string().parse().ok()?;
    cell.parse::<Decimal>().is_ok_and(|exact| exact == said).then_some(number)
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn given_a_number_that_a_workbook_cannot_hold_then_it_stays_a_text() {
        assert_eq!(number("2400.00"), Some(2400.0));
        assert_eq!(number("0.1"), Some(0.1));
        assert_eq!(number("12345678901234567.89"), None);
        assert_eq!(number("0.1234567890123456"), None);
        assert_eq!(number("-0.00000012345"), Some(-0.00000012345));
        assert_eq!(number("gold"), None);
    }
}
