//! How a file becomes profiles.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use basics::Label;
use domain::scheme::Scheme;
use events::Values;
use platform::tabular::{Cells, Column, Columns, Faults, Percent, Row, Table};
use platform::web::Errors;
use platform::{Result, say};
use rust_decimal::Decimal;

use super::profile::Imported;
use super::rules::{MOST_INPUTS, amount, is_input_name};

fn whose() -> Column {
    Column::new("number", ("工号", "employee number"), &["员工编号"], Cells::Code).required()
}

/// The pay inputs of these names, headed as the schemes call them.
fn known_inputs<'n>(names: impl Iterator<Item = &'n str>, schemes: &[Arc<Scheme>]) -> Vec<Column> {
    let amount = Cells::Number(Percent::Unclear);
    let column = |name: &str| {
        let labels = schemes.iter().flat_map(|scheme| scheme.pay_labels()).filter(|(of, _)| *of == name);
        let labels: Vec<&Label> = labels.map(|(_, label)| label).collect();
        let (zh, en) = labels.first().map_or_else(|| usual(name), |label| (&label.zh, &label.en));
        let titles: Vec<&str> = labels.iter().flat_map(|label| [label.zh.as_str(), label.en.as_str()]).collect();
        Column::new(name, (zh, en), &titles, amount).between(Some(Decimal::ZERO), None)
    };
    names.map(column).collect()
}

/// What pay inputs are called that most policies need, before a company has a scheme.
const USUAL: [(&str, &str, &str); 2] =
    [("base_salary", "基本工资", "base salary"), ("performance_base", "绩效工资基数", "performance pay base")];

fn usual(name: &str) -> (&str, &str) {
    USUAL.iter().find(|(usual, ..)| *usual == name).map_or((name, name), |(_, zh, en)| (zh, en))
}

/// The columns of a template: those of which there are profiles, or what most policies need.
pub fn template_columns(mut names: Vec<String>, schemes: &[Arc<Scheme>]) -> Vec<Column> {
    if names.is_empty() {
        names = USUAL.map(|(name, ..)| name.to_owned()).into();
    }
    std::iter::once(whose()).chain(known_inputs(names.iter().map(String::as_str), schemes)).collect()
}

/// The columns of a file of profiles: whose, what the schemes know, and any other pay inputs.
fn columns(schemes: &[Arc<Scheme>]) -> Columns {
    let of_schemes = schemes.iter().flat_map(|scheme| scheme.pay_labels()).map(|(name, _)| name);
    let names: BTreeSet<&str> = of_schemes.chain(USUAL.map(|(name, ..)| name)).collect();
    let facts: Vec<(&str, &Label)> = schemes.iter().flat_map(|scheme| scheme.fact_labels()).collect();
    let facts: Vec<&str> = facts
        .into_iter()
        .filter(|(name, _)| !names.contains(name))
        .flat_map(|(name, label)| [name, label.zh.as_str(), label.en.as_str()])
        .collect();
    Columns::new(std::iter::once(whose()).chain(known_inputs(names.iter().copied(), schemes)).collect())
        .passing_over(&facts)
        .with_others(|name| is_input_name(name).then_some(Cells::Number(Percent::Unclear)))
        .passing_over(&[
            "姓名",
            "name",
            "employee",
            "部门",
            "department",
            "unit",
            "岗位",
            "职位",
            "position",
            "category",
        ])
}

/// Reads a file of profiles; the table knows what was passed over.
pub fn read(file: &[u8], schemes: &[Arc<Scheme>]) -> Result<(Table, Vec<Imported>)> {
    let (table, faults) = Table::read(file, &columns(schemes))?;
    let imported = imported(&table, faults, schemes)?;
    Ok((table, imported))
}

/// Reads a table of profiles: `number` and any pay inputs. Every error is told, those of its cells included.
fn imported(table: &Table, faults: Faults, schemes: &[Arc<Scheme>]) -> Result<Vec<Imported>> {
    let mut errors = Errors::of_table(faults);
    let header = table.header_row();
    let number = table.column("number");
    if number.is_none() {
        errors.add(format!("/{header}/number"), say!("缺少列 `number`", "the column `number` is missing"));
    }
    let inputs: Vec<(usize, &str)> = table
        .columns
        .iter()
        .enumerate()
        .filter(|(i, _)| Some(*i) != number)
        .map(|(i, name)| (i, name.as_str()))
        .collect();
    if inputs.is_empty() || inputs.len() > MOST_INPUTS {
        errors.add(
            format!("/{header}"),
            say!(
                "除 `number` 外须有 1 到 {MOST_INPUTS} 列薪酬基数",
                "beside `number` there are 1 to {MOST_INPUTS} columns of pay inputs"
            ),
        );
    }
    let mut lines: HashMap<&str, usize> = HashMap::new();
    let mut found = Vec::with_capacity(table.rows.len());
    for row in &table.rows {
        let inputs = cells(row, &inputs, schemes, &mut errors);
        let Some((number, employee)) = number.and_then(|number| Some((number, row.get(number)?))) else {
            if number.is_some() {
                errors.add(row.pointer("number"), say!("缺少工号", "the employee number is missing"));
            }
            continue;
        };
        if let Err(why) = basics::identifier::read(employee) {
            let quoted = row.quoted(number);
            errors.add(
                row.pointer("number"),
                say!("“{quoted}”不是工号：{why}", "{quoted} is no employee number: {why}"; quoted, why),
            );
        }
        if let Some(line) = lines.insert(employee, row.line) {
            let quoted = row.quoted(number);
            errors.add(
                row.pointer("number"),
                say!("{quoted} 已在第 {line} 行出现", "{quoted} is in row {line} already"; quoted),
            );
        }
        found.push(Imported { pointer: row.pointer("number"), number: employee.into(), inputs });
    }
    errors.check().map(|()| found)
}

fn cells(row: &Row, inputs: &[(usize, &str)], schemes: &[Arc<Scheme>], errors: &mut Errors) -> Values {
    let mut values = Values::new();
    for (column, name) in inputs {
        match row.get(*column).map(|text| amount(schemes, name, text)) {
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
    use platform::Code;

    use super::super::profile::Stored;
    use super::super::rules::tests::{base_salary, pointers, values};
    use super::super::rules::{changes, check_not_own};
    use super::*;

    fn read(text: &str) -> Result<Vec<Imported>> {
        let (table, faults) = Table::read(text.as_bytes(), &columns(&[])).unwrap();
        imported(&table, faults, &[base_salary()])
    }

    #[test]
    fn nobodys_own_row_changes_what_they_are_paid() {
        let rows = read("number,base_salary\nE001,8000\nF001,9000\n").unwrap();
        let stored = HashMap::from([(
            "F001".into(),
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
    fn what_is_a_fact_in_a_file_is_passed_over() {
        let shipped = Scheme::shipped().iter().find(|(code, _)| *code == "sales-monthly");
        let schemes = [Arc::new(Scheme::in_use(shipped.map_or("", |(_, source)| *source)).unwrap())];
        let file = "工号,计划完成率,absent_days,超计划奖金\nE001,1.05,0,300\n";
        let (table, faults) = Table::read(file.as_bytes(), &columns(&schemes)).unwrap();
        let rows = imported(&table, faults, &schemes).unwrap();
        assert_eq!(rows[0].inputs, values(&[("excess_bonus", "300.00")]));
    }

    #[test]
    fn every_error_of_a_file_is_told_by_row_and_column() {
        let problem = read("number,base_salary,Bonus\nE001,-1,2\n,5,2\nE001,x,2\n").unwrap_err();
        assert_eq!(pointers(&problem), ["/1/Bonus", "/2/base_salary", "/3/number", "/4/number", "/4/base_salary"]);
        assert_eq!(pointers(&read("base_salary\n5\n").unwrap_err()), ["/1/number"]);
        assert_eq!(pointers(&read("number\nE001\n").unwrap_err()), ["/1"]);
        assert_eq!(read("number,base_salary\n").unwrap(), [], "a template that nobody has filled in changes nothing");
    }

    #[test]
    fn a_row_that_says_nothing_makes_no_profile() {
        let rows = read("number,base_salary\nE001,\n").unwrap();
        assert_eq!(changes(rows, &HashMap::new()), []);
    }
}
