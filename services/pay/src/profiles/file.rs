//! How a file becomes profiles.

use std::collections::HashMap;

use domain::events::Values;
use platform::tabular::{Cells, Column, Columns, Percent, Row, Table};
use platform::web::Errors;
use platform::{Code, Problem, Result, say};
use rust_decimal::Decimal;

use super::profile::Imported;
use super::rules::{MOST_INPUTS, Unsigned, is_input_name, not_a_name};
use crate::input::is_employee_number;

/// Rows that one file has at most.
const MOST_ROWS: usize = 100_000;

fn whose() -> Column {
    Column::new("number", ("工号", "employee number"), &["员工编号"], Cells::Code).required()
}

/// The columns of a template: those that are known, or what most policies need.
pub fn template_columns(mut names: Vec<String>) -> Vec<Column> {
    if names.is_empty() {
        names = ["base_salary", "performance_base"].map(str::to_owned).into();
    }
    let amount = Cells::Number(Percent::Unclear);
    let inputs =
        names.iter().map(|name| Column::new(name, (name, name), &[], amount).between(Some(Decimal::ZERO), None));
    std::iter::once(whose()).chain(inputs).collect()
}

/// The columns of a file of profiles: whose, and any pay inputs.
fn columns() -> Columns {
    Columns::new(vec![whose()]).with_others(|name| is_input_name(name).then_some(Cells::Number(Percent::Unclear)))
}

/// Reads a file of profiles: `number` and any pay inputs. Every error is told, by row and column.
pub fn read(file: &[u8], unsigned: &Unsigned) -> Result<Vec<Imported>> {
    imported(&Table::read(file, &columns())?, unsigned)
}

fn imported(table: &Table, unsigned: &Unsigned) -> Result<Vec<Imported>> {
    let number = table
        .column("number")
        .ok_or_else(|| Problem::field("/1/number", say!("缺少列 `number`", "the column `number` is missing")))?;
    let inputs: Vec<(usize, &str)> =
        table.columns.iter().enumerate().filter(|(i, _)| *i != number).map(|(i, name)| (i, name.as_str())).collect();
    let mut errors = Errors::default();
    check_columns(&inputs, &mut errors);
    if table.rows.is_empty() {
        errors.add("/2", say!("文件没有数据行", "the file has no rows"));
    }
    if table.rows.len() > MOST_ROWS {
        let most = say!("一个文件最多 {MOST_ROWS} 行", "a file has at most {MOST_ROWS} rows");
        return Err(Problem::new(Code::TooLarge, most));
    }
    let mut lines: HashMap<&str, usize> = HashMap::new();
    let mut found = Vec::with_capacity(table.rows.len());
    for row in &table.rows {
        let Some(employee) = row.get(number) else {
            errors.add(row.pointer("number"), say!("缺少工号", "the employee number is missing"));
            continue;
        };
        if !is_employee_number(employee) {
            errors.add(row.pointer("number"), say!("这不是工号", "this is no employee number"));
        }
        if let Some(line) = lines.insert(employee, row.line) {
            errors.add(
                row.pointer("number"),
                say!("{employee} 已在第 {line} 行出现", "{employee} is in row {line} already"),
            );
        }
        let (pointer, number) = (row.pointer("number"), employee.to_owned());
        found.push(Imported { pointer, number, inputs: cells(row, &inputs, unsigned, &mut errors) });
    }
    errors.check().map(|()| found)
}

fn check_columns(inputs: &[(usize, &str)], errors: &mut Errors) {
    if inputs.is_empty() || inputs.len() > MOST_INPUTS {
        errors.add(
            "/1",
            say!(
                "除 `number` 外须有 1 到 {MOST_INPUTS} 列薪酬基数",
                "beside `number` there are 1 to {MOST_INPUTS} columns of pay inputs"
            ),
        );
    }
    for (_, name) in inputs.iter().filter(|(_, name)| !is_input_name(name)) {
        errors.add(format!("/1/{name}"), not_a_name());
    }
}

fn cells(row: &Row, inputs: &[(usize, &str)], unsigned: &Unsigned, errors: &mut Errors) -> Values {
    let mut values = Values::new();
    for (column, name) in inputs {
        match row.get(*column).map(|text| unsigned.amount(name, text)) {
            None => {}
            Some(Ok(amount)) => {
                values.insert((*name).to_owned(), amount);
            }
            Some(Err(detail)) => errors.add(row.pointer(name), detail),
        }
    }
    values
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::profile::Stored;
    use super::super::rules::{changes, check_not_own};
    use super::*;

    fn read(text: &str) -> Result<Vec<Imported>> {
        super::read(text.as_bytes(), &base_salary())
    }

    fn base_salary() -> Unsigned {
        Unsigned(BTreeSet::from(["base_salary".to_owned()]))
    }

    fn pointers(problem: &Problem) -> Vec<&str> {
        problem.errors.iter().map(|e| e.pointer.as_str()).collect()
    }

    fn values(pairs: &[(&str, &str)]) -> Values {
        pairs.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
    }

    #[test]
    fn nobodys_own_row_changes_what_they_are_paid() {
        let rows = read("number,base_salary\nE001,8000\nF001,9000\n").unwrap();
        let stored = HashMap::from([(
            "F001".to_owned(),
            Stored { inputs: Some(values(&[("base_salary", "9000.00")])), version: 1 },
        )]);
        assert!(check_not_own(&changes(rows.clone(), &stored), |number| number == "F001").is_ok(), "it stays as it is");
        let refused = check_not_own(&changes(rows, &HashMap::new()), |number| number == "F001").unwrap_err();
        assert_eq!((refused.code, pointers(&refused)), (Code::NotPermitted, vec!["/3/number"]));
    }

    #[test]
    fn a_file_is_read_by_its_header() {
        let rows = read("number,base_salary,bonus_base\nE001,8000,\nE002,9000.50,100\n").unwrap();
        assert_eq!(
            rows[0],
            Imported {
                pointer: "/2/number".into(),
                number: "E001".into(),
                inputs: values(&[("base_salary", "8000.00")])
            }
        );
        assert_eq!(rows[1].inputs, values(&[("base_salary", "9000.50"), ("bonus_base", "100.00")]));
    }

    #[test]
    fn every_error_of_a_file_is_told_by_row_and_column() {
        let problem = read("number,base_salary,Bonus\nE001,-1,2\n,5,2\nE001,x,2\n").unwrap_err();
        assert_eq!(pointers(&problem), ["/1/Bonus", "/2/base_salary", "/3/number", "/4/number", "/4/base_salary"]);
        assert_eq!(pointers(&read("name\nx\n").unwrap_err()), ["/1/number"]);
        assert_eq!(pointers(&read("number\nE001\n").unwrap_err()), ["/1"]);
        assert_eq!(pointers(&read("number,base_salary\n").unwrap_err()), ["/2"]);
    }

    #[test]
    fn a_row_that_says_nothing_makes_no_profile() {
        let rows = read("number,base_salary\nE001,\n").unwrap();
        assert_eq!(changes(rows, &HashMap::new()), []);
    }
}
