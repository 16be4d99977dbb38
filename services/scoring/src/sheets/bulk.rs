//! Lists of values for many sheets, as JSON or as a file.

use basics::Locale;
use platform::openapi::EnteredValue;
use platform::tabular::{Cells, Column, Columns, Faults, Percent, Table};
use platform::web::{Errors, Notes};
use platform::{Problem, Result, say};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use utoipa::ToSchema;

use super::entering::Entry;
use crate::engine::Scheme;

/// Most values that one request may carry.
pub const MOST: usize = 50_000;

/// A value for one input of one sheet.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Rating {
    pub item: String,
    pub input: String,
    /// A decimal or a letter as text, true or false, or null to take away what was entered.
    #[schema(value_type = EnteredValue)]
    pub value: Value,
    /// A concrete example, where the scheme asks for one.
    #[serde(default)]
    pub evidence: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Ratings {
    pub ratings: Vec<Rating>,
}

/// A value for one input of one person.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonRating {
    /// Employee number.
    pub number: String,
    pub item: String,
    pub input: String,
    /// A decimal or a letter as text, true or false, or null to take away what was entered.
    #[schema(value_type = EnteredValue)]
    pub value: Value,
    /// A concrete example, where the scheme asks for one.
    #[serde(default)]
    pub evidence: Option<String>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonRatings {
    /// At most 50 000.
    pub ratings: Vec<PersonRating>,
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Measurements {
    /// Measured values, at most 50 000.
    pub measurements: Vec<PersonRating>,
}

/// What a list of values came to.
#[derive(Serialize, ToSchema)]
pub struct Entered {
    /// Values taken.
    pub values: usize,
    /// Sheets they are on.
    pub sheets: usize,
    #[serde(flatten)]
    pub notes: Notes,
}

fn check_size(size: usize, pointer: &str) -> Result<()> {
    match size {
        0 => Err(Problem::field(pointer, say!("没有内容", "there is nothing in it"))),
        1..=MOST => Ok(()),
        _ => Err(Problem::field(pointer, say!("每次请求最多 {MOST} 个值", "at most {MOST} values in one request"))),
    }
}

/// Ratings for one person.
pub fn of_person(number: &str, ratings: Vec<Rating>) -> Result<Vec<Entry>> {
    check_size(ratings.len(), "/ratings")?;
    let entries = ratings.into_iter().enumerate().map(|(i, r)| Entry {
        pointer: format!("/ratings/{i}"),
        number: number.to_owned(),
        item: r.item,
        input: r.input,
        value: r.value,
        evidence: r.evidence,
        measured_only: false,
    });
    Ok(entries.collect())
}

/// Values for many people; `key` is where the list stands in the request.
pub fn of_people(key: &str, ratings: Vec<PersonRating>, measured_only: bool) -> Result<Vec<Entry>> {
    check_size(ratings.len(), &format!("/{key}"))?;
    let entries = ratings.into_iter().enumerate().map(|(i, r)| Entry {
        pointer: format!("/{key}/{i}"),
        number: r.number,
        item: r.item,
        input: r.input,
        value: r.value,
        evidence: r.evidence,
        measured_only,
    });
    Ok(entries.collect())
}

/// Measured values, with what is wrong with the file they come from and what is to be told of it.
#[derive(Debug, Default)]
pub struct Measured {
    pub entries: Vec<Entry>,
    pub errors: Errors,
    pub notes: Notes,
}

/// Whether a body is JSON rather than a file.
pub fn is_json(body: &[u8]) -> bool {
    body.trim_ascii_start().starts_with(b"{")
}

/// Measured values from JSON.
pub fn measured(measurements: Measurements) -> Result<Measured> {
    let entries = of_people("measurements", measurements.measurements, true)?;
    Ok(Measured { entries, ..Measured::default() })
}

/// Measured values from CSV or XLSX.
pub fn measured_in_file(file: &[u8]) -> Result<Measured> {
    let (table, faults) = Table::read(file, &columns())?;
    of_table(&table, faults)
}

/// The columns of a file of measured values. A percentage is refused: in this column inputs of every kind stand.
fn columns() -> Columns {
    Columns::new(column_list())
}

/// The rows of a template: every value that is measured of everybody, by number and category.
/// Items and their inputs stand there as people call them, where that says which is meant.
pub fn template_rows(scheme: &Scheme, people: &[(String, Option<String>)], locale: Locale) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    for (number, category) in people {
        let Some(form) = scheme.form(category.as_deref()) else { continue };
        for item in &form.items {
            let of_item = item.label.get(locale);
            let is_clear = form.item_meant(of_item).is_some_and(|meant| meant.code == item.code);
            for input in item.inputs.iter().filter(|input| input.rater.is_none()) {
                let of_input = input.label.get(locale);
                let names_it = item.input_meant(of_input).is_some_and(|meant| meant.name == input.name);
                let of_item = if is_clear { of_item } else { &item.code };
                let of_input = if names_it { of_input } else { &input.name };
                rows.push(vec![number.clone(), of_item.to_owned(), of_input.to_owned(), String::new()]);
            }
        }
    }
    rows.truncate(MOST);
    rows
}

pub fn column_list() -> Vec<Column> {
    vec![
        Column::new("number", ("工号", "employee number"), &["员工编号"], Cells::Code).required(),
        Column::new("item", ("考核项目", "item"), &["指标", "项目"], Cells::Text).required(),
        Column::new("input", ("录入项", "input"), &["数据项"], Cells::Text).required(),
        Column::new("value", ("数值", "value"), &["值", "结果"], Cells::Number(Percent::Unclear)).required(),
    ]
}

const COLUMNS: [&str; 4] = ["number", "item", "input", "value"];

fn of_table(table: &Table, faults: Faults) -> Result<Measured> {
    let mut measured = Measured { errors: Errors::of_table(faults), ..Measured::default() };
    let Measured { entries, errors, notes } = &mut measured;
    table.tell(notes);
    let header = table.header_row();
    check_size(table.rows.len(), &format!("/{header}"))?;
    for name in COLUMNS.iter().filter(|name| table.column(name).is_none()) {
        errors.add(format!("/{header}/{name}"), say!("缺少此列", "this column is missing"));
    }
    let columns = COLUMNS.map(|name| table.column(name));
    for row in &table.rows {
        let cell = |at: Option<usize>| at.and_then(|at| row.get(at)).map(str::to_owned);
        let empty = COLUMNS.iter().zip(columns).filter(|(_, at)| at.is_some() && cell(*at).is_none());
        for (name, _) in empty {
            errors.add(row.pointer(name), say!("没有填写", "it is missing"));
        }
        if let [Some(number), Some(item), Some(input), value] = columns.map(cell) {
            let pointer = format!("/{}", row.line);
            let value = value.map_or(Value::Null, Value::String);
            entries.push(Entry { pointer, number, item, input, value, evidence: None, measured_only: true });
        }
    }
    Ok(measured)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_a_file_then_each_row_is_an_entry_that_points_at_its_line() {
        let file = b"number,item,input,value\nE001,reports,value,2\nE001,cooperation,damage,true\n";
        let entries = measured_in_file(file).unwrap().entries;
        assert_eq!(entries.len(), 2);
        assert_eq!(entries[0].pointer, "/2");
        assert_eq!(entries[0].value, Value::String("2".into()));
        assert_eq!(entries[1].value, Value::String("true".into()));
    }

    fn wrong(file: &[u8]) -> Vec<String> {
        let problem = measured_in_file(file).unwrap().errors.check().unwrap_err();
        problem.errors.into_iter().map(|error| error.pointer).collect()
    }

    #[test]
    fn given_a_file_with_other_columns_then_slips_are_named_and_remarks_told() {
        assert_eq!(wrong(b"number,item,value,inputs\nE001,reports,2,5\n"), ["/1/inputs", "/1/input"]);
        let measured = measured_in_file("number,item,input,value,备注\nE001,reports,value,2,x\n".as_bytes()).unwrap();
        assert_eq!(measured.notes.listed()[0].detail.en, "column E (备注) is not used and was passed over");
        assert!(measured.errors.check().is_ok());
    }

    #[test]
    fn given_an_empty_or_unreadable_cell_then_it_is_named() {
        let file = b"number,item,input,value\nE001,reports,value,\n,reports,value,#N/A\n";
        assert_eq!(wrong(file), ["/2/value", "/3/number", "/3/value"]);
    }
}
