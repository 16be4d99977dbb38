//! Tables as an XLSX workbook.

use std::path::Path;

use rust_decimal::Decimal;
use rust_xlsxwriter::{Format, Workbook, XlsxError};

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
    }
    Ok(workbook)
}

/// A workbook knows binary numbers only. One that says another decimal than was computed is written as a text.
fn number(cell: &str) -> Option<f64> {
    let number: f64 = cell.parse().ok()?;
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
        assert_eq!(number("gold"), None);
    }
}
