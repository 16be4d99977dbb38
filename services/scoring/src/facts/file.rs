//! Values in a file: a line each.

use domain::scheme::source::Who;
use platform::tabular::{Cells, Column, Columns, Faults, Percent, Table};
use platform::web::{Errors, Notes};
use platform::{Result, say};
use serde_json::Value;

use super::entering::Entry;
use crate::engine::{FactPath, Giving, Scheme};
use crate::subjects::subject::{self, Appraised};

/// Values of a file, with what is wrong with it and what is to be told of it.
#[derive(Debug, Default)]
pub struct Filed {
    pub entries: Vec<Entry>,
    pub errors: Errors,
    pub notes: Notes,
}

const COLUMNS: [&str; 3] = ["subject", "path", "value"];

pub fn column_list() -> Vec<Column> {
    vec![
        Column::new("subject", ("考核对象", "subject"), &["对象", "工号", "employee number"], Cells::Code).required(),
        Column::new("path", ("数据项", "path"), &["项目"], Cells::Text).required(),
        Column::new("value", ("数值", "value"), &["值", "结果"], Cells::Number(Percent::Unclear)).required(),
        Column::new("giver", ("给出方", "giver"), &[], Cells::Code),
    ]
}

/// Values out of CSV or XLSX.
pub fn read(file: &[u8]) -> Result<Filed> {
    let (table, faults) = Table::read(file, &Columns::new(column_list()))?;
    Ok(of_table(&table, faults))
}

fn of_table(table: &Table, faults: Faults) -> Filed {
    let mut filed = Filed { errors: Errors::of_table(faults), ..Filed::default() };
    let Filed { entries, errors, notes } = &mut filed;
    table.tell(notes);
    let header = table.header_row();
    for name in COLUMNS.iter().filter(|name| table.column(name).is_none()) {
        errors.add(format!("/{header}/{name}"), say!("缺少此列", "this column is missing"));
    }
    if table.rows.is_empty() {
        errors.add(format!("/{header}"), say!("没有内容", "there is nothing in it"));
    }
    let columns = COLUMNS.map(|name| table.column(name));
    let givers = table.column("giver");
    for row in &table.rows {
        let cell = |at: Option<usize>| at.and_then(|at| row.get(at)).map(str::to_owned);
        let empty = COLUMNS.iter().zip(columns).filter(|(_, at)| at.is_some() && cell(*at).is_none());
        for (name, _) in empty {
            errors.add(row.pointer(name), say!("没有填写", "it is missing"));
        }
        let [Some(subject), Some(path), Some(value)] = columns.map(cell) else { continue };
        // A bare number is a person's.
        let named = if subject.contains(':') || subject == "company" { subject } else { format!("person:{subject}") };
        match subject::read("", &named) {
            Ok(subject) => {
                let (pointer, giver) = (format!("/{}", row.line), cell(givers));
                entries.push(Entry { pointer, subject, path, giver, value: Value::String(value) });
            }
            Err(problem) => errors.add(row.pointer("subject"), problem.detail),
        }
    }
    filed
}

/// The rows of a template: every value that nobody rates, of everybody.
pub fn template_rows(scheme: &Scheme, about: &[Appraised]) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    for one in about {
        let (kind, category) = (one.kind.domain(), one.category.as_deref());
        let mut paths: Vec<FactPath> = Vec::new();
        if one.kind == subject::Kind::Unit && scheme.takes_unit_scores() {
            paths.push(FactPath::Score);
        }
        paths.extend(scheme.facts(kind, category).into_iter().map(|fact| FactPath::Fact(fact.name)));
        for item in scheme.form(kind, category).items() {
            let measured = item.inputs.iter().filter(|input| input.column.is_none());
            paths.extend(measured.map(|input| FactPath::Item { item: item.code.clone(), input: input.name.clone() }));
        }
        for path in paths {
            let giving = scheme.giving(kind, category, &path);
            let mut givers: Vec<String> = giving.iter().flat_map(Giving::several).map(Who::to_string).collect();
            if givers.is_empty() {
                givers.push(String::new());
            }
            let row = |giver: String| vec![one.key().to_string(), path.to_string(), String::new(), giver];
            rows.extend(givers.into_iter().map(row));
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_a_file_then_each_row_is_a_value_that_points_at_its_line() {
        let file = b"subject,path,value\nE001,item.reports.value,2\nunit:NET,score,88\n";
        let entries = read(file).unwrap().entries;
        let told: Vec<(String, String)> = entries.iter().map(|e| (e.pointer.clone(), e.subject.to_string())).collect();
        assert_eq!(told, [("/2".to_owned(), "person:E001".to_owned()), ("/3".to_owned(), "unit:NET".to_owned())]);
    }

    #[test]
    fn given_an_empty_cell_or_a_missing_column_then_it_is_named() {
        let wrong = |file: &[u8]| {
            let problem = read(file).unwrap().errors.check().unwrap_err();
            problem.errors.into_iter().map(|error| error.pointer).collect::<Vec<_>>()
        };
        assert_eq!(wrong(b"subject,path,value\nE001,score,\n"), ["/2/value"]);
        assert!(wrong(b"subject,value\nE001,2\n").contains(&"/1/path".to_owned()));
    }
}
