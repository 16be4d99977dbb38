//! Results in a file: a line each.

use events::Subject;
use platform::tabular::{Cells, Column, Columns, Percent, Table};
use platform::web::{Errors, Notes};
use platform::{Result, say};

use super::imported::Brought;

/// Results of a file, with what is wrong with it and what is to be told of it.
#[derive(Default)]
pub struct Filed {
    pub results: Vec<Brought>,
    pub errors: Errors,
    pub notes: Notes,
}

fn columns() -> Vec<Column> {
    vec![
        Column::new("number", ("工号", "employee number"), &["员工编号"], Cells::Code),
        Column::new("unit", ("部门代码", "unit code"), &["部门"], Cells::Code),
        Column::new("scheme", ("方案", "scheme"), &["方案代码"], Cells::Text).required(),
        Column::new("cadence", ("周期类型", "cadence"), &["考核频次"], Cells::Text),
        Column::new("period", ("考核周期", "period"), &["周期"], Cells::Text).required(),
        Column::new("score", ("得分", "score"), &["分数"], Cells::Number(Percent::Unclear)),
        Column::new("grade", ("等级", "grade"), &["考核等级"], Cells::Text),
        Column::new("outcomes", ("结果应用", "outcomes"), &["结果"], Cells::Text),
    ]
}

/// Results out of CSV or XLSX.
pub fn read(file: &[u8]) -> Result<Filed> {
    let (table, faults) = Table::read(file, &Columns::new(columns()))?;
    let mut filed = Filed { errors: Errors::of_table(faults), ..Filed::default() };
    table.tell(&mut filed.notes);
    let header = table.header_row();
    for name in ["scheme", "period"] {
        if table.column(name).is_none() {
            filed.errors.add(format!("/{header}/{name}"), say!("缺少此列", "this column is missing"));
        }
    }
    if table.rows.is_empty() {
        filed.errors.add(format!("/{header}"), say!("没有内容", "there is nothing in it"));
    }
    for row in &table.rows {
        let cell = |name: &str| table.column(name).and_then(|at| row.get(at)).map(str::to_owned);
        let subject = match (cell("number"), cell("unit")) {
            (Some(number), _) => Subject::person(number),
            (None, Some(unit)) => Subject::unit(unit),
            (None, None) => {
                filed.errors.add(
                    row.pointer("number"),
                    say!("须填写工号或部门代码", "an employee number or a unit code is needed"),
                );
                continue;
            }
        };
        let needed =
            ["scheme", "period"].into_iter().filter(|name| table.column(name).is_some() && cell(name).is_none());
        needed.for_each(|name| filed.errors.add(row.pointer(name), say!("没有填写", "it is missing")));
        let (Some(scheme), Some(period)) = (cell("scheme"), cell("period")) else { continue };
        let outcomes = cell("outcomes").unwrap_or_default();
        let outcomes = outcomes.split([',', '，', ';', '；', ' ']).map(str::trim).filter(|code| !code.is_empty());
        filed.results.push(Brought {
            pointer: format!("/{}", row.line),
            subject,
            scheme,
            cadence: cell("cadence"),
            period,
            score: cell("score"),
            grade: cell("grade"),
            outcomes: outcomes.map(str::to_owned).collect(),
        });
    }
    Ok(filed)
}
