//! Empty tables to be filled in: an XLSX workbook with the headings of a reader's language, lists to choose from and
//! bounds. What a template gives, [`super::Table`] reads back.

use actix_web::HttpResponse;
use domain::Locale;
use rust_decimal::Decimal;
use rust_xlsxwriter::{
    DataValidation, DataValidationRule, ExcelDateTime, Format, Formula, Workbook, Worksheet, XlsxError,
};

use super::columns::{Cells, Column};
use super::grid::letter;
use crate::Result;
use crate::problem::Problem;

/// What a workbook is called in requests and answers.
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// Rows that have lists and bounds.
const ROWS: u32 = 10_000;
/// The sheet that holds what can be chosen.
const LISTS: &str = "lists";

/// A workbook with one sheet: these columns, and rows that are filled in already.
pub fn template(
    title: &str,
    columns: &[Column],
    rows: &[Vec<String>],
    locale: Locale,
) -> std::result::Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let mut lists = Worksheet::new();
    lists.set_name(LISTS)?.set_hidden(true);
    let page = workbook.add_worksheet();
    page.set_name(title)?;
    let heading = Format::new().set_bold();
    for (at, column) in (0_u16..).zip(columns) {
        let format = Format::new().set_num_format(number_format(column.cells));
        page.set_column_format(at, &format)?.set_column_width(at, 16)?;
        page.write_string_with_format(0, at, column.heading(locale), &heading)?;
        if let Some(validation) = validation(&mut lists, at, column)? {
            page.add_data_validation(1, at, ROWS, at, &validation)?;
        }
        for (line, cell) in (1_u32..).zip(rows.iter().map(|row| row.get(usize::from(at)))) {
            if let Some(cell) = cell.filter(|cell| !cell.is_empty()) {
                page.write_string_with_format(line, at, cell, &format)?;
            }
        }
    }
    page.set_freeze_panes(1, 0)?;
    if columns.iter().any(|column| !column.choices.is_empty()) {
        workbook.push_worksheet(lists);
    }
    workbook.save_to_buffer()
}

/// A template as an answer.
pub fn answer(title: &str, columns: &[Column], rows: &[Vec<String>], locale: Locale) -> Result<HttpResponse> {
    let workbook = template(title, columns, rows, locale).map_err(Problem::internal)?;
    let file = ("content-disposition", "attachment; filename=\"template.xlsx\"");
    Ok(HttpResponse::Ok().content_type(XLSX).insert_header(file).body(workbook))
}

/// Texts stay texts, so that no zero in front of a number is lost.
fn number_format(cells: Cells) -> &'static str {
    match cells {
        Cells::Code | Cells::Name | Cells::Text | Cells::Numbers(_) => "@",
        Cells::Day => "yyyy-mm-dd",
        Cells::Number(_) => "General",
    }
}

fn validation(
    lists: &mut Worksheet,
    at: u16,
    column: &Column,
) -> std::result::Result<Option<DataValidation>, XlsxError> {
    if !column.choices.is_empty() {
        for (row, choice) in (0_u32..).zip(&column.choices) {
            lists.write_string(row, at, choice)?;
        }
        let (letter, last) = (letter(at.into()), column.choices.len());
        let all = Formula::new(format!("={LISTS}!${letter}$1:${letter}${last}"));
        return Ok(Some(DataValidation::new().allow_list_formula(all)));
    }
    Ok(match column.cells {
        Cells::Day => Some(DataValidation::new().allow_date(DataValidationRule::Between(
            ExcelDateTime::from_ymd(1900, 1, 1)?,
            ExcelDateTime::from_ymd(2200, 12, 31)?,
        ))),
        Cells::Number(_) => bounds(column.min, column.max).map(|rule| DataValidation::new().allow_decimal_number(rule)),
        _ => None,
    })
}

/// Workbooks know binary numbers only; a bound is as near as they come.
fn bounds(min: Option<Decimal>, max: Option<Decimal>) -> Option<DataValidationRule<f64>> {
    let binary = |number: Decimal| number.to_string().parse::<f64>().ok();
    match (min.and_then(binary), max.and_then(binary)) {
        (Some(min), Some(max)) => Some(DataValidationRule::Between(min, max)),
        (Some(min), None) => Some(DataValidationRule::GreaterThanOrEqualTo(min)),
        (None, Some(max)) => Some(DataValidationRule::LessThanOrEqualTo(max)),
        (None, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Columns, Percent, Table};
    use super::*;

    fn columns() -> Vec<Column> {
        let rate = Column::new(
            "work.rate",
            ("工作·完成率（%）", "work: completion (per cent)"),
            &[],
            Cells::Number(Percent::Hundredths),
        );
        vec![
            Column::new("number", ("工号", "employee number"), &[], Cells::Code).required(),
            Column::new("hired_on", ("入职日期", "hired on"), &[], Cells::Day),
            Column::new("fact:late", ("迟到", "late"), &[], Cells::Text).choosing(["是".to_owned(), "否".to_owned()]),
            rate.between(Some(Decimal::ZERO), Some(Decimal::ONE_HUNDRED)),
        ]
    }

    #[test]
    fn given_a_template_in_either_language_then_it_is_read_back() {
        let row = ["0012", "2024-03-17", "是", "95"].map(str::to_owned).to_vec();
        for locale in [Locale::ZhCn, Locale::En] {
            let bytes = template("people", &columns(), std::slice::from_ref(&row), locale).unwrap();
            let (table, faults) = Table::read(&bytes, &Columns::new(columns())).unwrap();
            assert_eq!(table.columns, ["number", "hired_on", "fact:late", "work.rate"]);
            assert_eq!(table.rows[0].cells, row);
            assert_eq!(table.notes, []);
            assert!(faults.is_empty());
        }
    }
}
