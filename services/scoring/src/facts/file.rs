//! Values in a file: a line each.

use domain::Kind;
use domain::scheme::InputView;
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

/// The facts of people, each a column of a file that has a line for each person.
fn fact_columns(scheme: &Scheme) -> Vec<Column> {
    let facts = scheme.facts(Kind::People, None).into_iter();
    let facts = facts.filter(|fact| fact.derived.as_ref().is_none_or(|derived| !derived.is_paid()));
    let titled = |fact: InputView| {
        let titles = [fact.label.zh.as_str(), fact.label.en.as_str()];
        Column::new(&fact.name, (&fact.label.zh, &fact.label.en), &titles, Cells::Number(Percent::Unclear))
    };
    facts.map(titled).collect()
}

/// Values out of CSV or XLSX: a line a value, or a line a person with a column a fact. What is pay's in it is passed over:
/// the same file goes to pay.
pub fn read(file: &[u8], scheme: &Scheme) -> Result<Filed> {
    let facts = fact_columns(scheme);
    let names: Vec<String> = facts.iter().map(|column| column.name.clone()).collect();
    let of_pay = scheme.plain().pay_labels();
    let of_pay: Vec<&str> = of_pay.flat_map(|(name, label)| [name, label.zh.as_str(), label.en.as_str()]).collect();
    let columns = Columns::new(column_list().into_iter().chain(facts).collect()).passing_over(&of_pay);
    let (table, faults) = Table::read(file, &columns)?;
    Ok(of_table(&table, faults, &names))
}

fn of_table(table: &Table, faults: Faults, facts: &[String]) -> Filed {
    let facts: Vec<(&str, usize)> =
        facts.iter().filter_map(|name| Some((name.as_str(), table.column(name)?))).collect();
    if table.column("path").is_none() && !facts.is_empty() {
        return of_people(table, faults, &facts);
    }
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

/// A line for each person, with a column for each fact.
fn of_people(table: &Table, faults: Faults, facts: &[(&str, usize)]) -> Filed {
    let mut filed = Filed { errors: Errors::of_table(faults), ..Filed::default() };
    let Filed { entries, errors, notes } = &mut filed;
    table.tell(notes);
    let whose = table.column("subject");
    if whose.is_none() {
        errors.add(format!("/{}/subject", table.header_row()), say!("缺少此列", "this column is missing"));
    }
    for row in &table.rows {
        let Some(number) = whose.and_then(|at| row.get(at)) else {
            errors.add(row.pointer("subject"), say!("没有填写", "it is missing"));
            continue;
        };
        let named = if number.contains(':') { number.to_owned() } else { format!("person:{number}") };
        match subject::read("", &named) {
            Ok(subject) => {
                let given = facts.iter().filter_map(|(name, at)| Some((name, row.get(*at)?)));
                entries.extend(given.map(|(name, value)| Entry {
                    pointer: row.pointer(name),
                    subject: subject.clone(),
                    path: FactPath::Fact((*name).to_owned()).to_string(),
                    giver: None,
                    value: Value::String(value.to_owned()),
                }));
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

    fn sales() -> Scheme {
        let shipped = domain::scheme::Scheme::shipped().iter().find(|(code, _)| *code == "sales-monthly");
        Scheme::of(shipped.map_or("", |(_, source)| *source), "monthly").unwrap()
    }

    fn told(filed: &Filed) -> Vec<(String, String, String)> {
        let entries = filed.entries.iter();
        entries.map(|one| (one.pointer.clone(), one.subject.to_string(), one.path.clone())).collect()
    }

    #[test]
    fn given_a_file_then_each_row_is_a_value_that_points_at_its_line() {
        let file = b"subject,path,value\nE001,item.reports.value,2\nunit:NET,score,88\n";
        let filed = read(file, &sales()).unwrap();
        let value = |line: &str, of: &str, path: &str| (line.to_owned(), of.to_owned(), path.to_owned());
        let wanted = [value("/2", "person:E001", "item.reports.value"), value("/3", "unit:NET", "score")];
        assert_eq!(told(&filed), wanted);
    }

    #[test]
    fn given_a_column_for_each_fact_then_each_cell_is_a_value_and_what_is_pays_is_passed_over_and_told() {
        let file = "工号,姓名,计划完成率,absent_days,超计划奖金\nE001,张三,1.05,,300\nE002,李四,0.9,1,0\n";
        let filed = read(file.as_bytes(), &sales()).unwrap();
        let value = |at: &str, of: &str, fact: &str| (at.to_owned(), of.to_owned(), format!("fact.{fact}"));
        let wanted = [
            value("/2/plan_completion", "person:E001", "plan_completion"),
            value("/3/absent_days", "person:E002", "absent_days"),
            value("/3/plan_completion", "person:E002", "plan_completion"),
        ];
        let mut told = told(&filed);
        told.sort();
        assert_eq!(told, wanted);
        let notes = format!("{:?}", filed.notes);
        assert!(notes.contains("超计划奖金"), "{notes}");
        filed.errors.check().unwrap();
    }

    #[test]
    fn given_an_empty_cell_or_a_missing_column_then_it_is_named() {
        let wrong = |file: &[u8]| {
            let problem = read(file, &sales()).unwrap().errors.check().unwrap_err();
            problem.errors.into_iter().map(|error| error.pointer).collect::<Vec<_>>()
        };
        assert_eq!(wrong(b"subject,path,value\nE001,score,\n"), ["/2/value"]);
        assert!(wrong(b"subject,value\nE001,2\n").contains(&"/1/path".to_owned()));
        assert_eq!(wrong(b"name,plan_completion\nE001,2\n")[0], "/1/subject");
    }
}
