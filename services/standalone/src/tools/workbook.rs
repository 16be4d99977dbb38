//! Tables as an XLSX workbook.

use std::path::Path;

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
                // A workbook knows binary numbers only; what is computed stays decimal to its last digit before this.
                match (head.cells, cell.parse::<f64>()) {
                    (_, _) if cell.is_empty() => {}
                    (Cells::Number, Ok(number)) => drop(page.write_number(line, column, number)?),
                    (Cells::Money, Ok(number)) => drop(page.write_number_with_format(line, column, number, &money)?),
                    _ => drop(page.write_string(line, column, cell)?),
                }
            }
        }
        page.set_freeze_panes(1, 0)?;
        page.autofit();
    }
    Ok(workbook)
}
