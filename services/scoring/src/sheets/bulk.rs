//! Lists of values for many sheets, as JSON or as a file.

use platform::openapi::EnteredValue;
use platform::tabular::{Cells, Column, Columns, Percent, Table};
use platform::web::Errors;
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

/// Measured values from JSON, CSV or XLSX, whichever the body is.
pub fn measurements(body: &[u8]) -> Result<Vec<Entry>> {
    if body.trim_ascii_start().starts_with(b"{") {
        let parsed: Measurements = serde_json::from_slice(body).map_err(|error| {
            Problem::new(
                platform::Code::MalformedRequest,
                say!("请求内容无法解析：{error}", "the body cannot be read: {error}"),
            )
        })?;
        return of_people("measurements", parsed.measurements, true);
    }
    of_table(&Table::read(body, &columns())?)
}

/// The columns of a file of measured values. A percentage is refused: in this column inputs of every kind stand.
fn columns() -> Columns {
    Columns::new(column_list())
}

/// The rows of a template: every value that is measured of everybody, by number and category.
pub fn template_rows(scheme: &Scheme, people: &[(String, Option<String>)]) -> Vec<Vec<String>> {
    let mut rows = Vec::new();
    for (number, category) in people {
        let items = scheme.form(category.as_deref()).map(|form| form.items.as_slice()).unwrap_or_default();
        for item in items {
            for input in item.inputs.iter().filter(|input| input.rater.is_none()) {
                rows.push(vec![number.clone(), item.code.clone(), input.name.clone(), String::new()]);
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

fn of_table(table: &Table) -> Result<Vec<Entry>> {
    let mut errors = Errors::default();
    for column in table.columns.iter().filter(|c| !["number", "item", "input", "value"].contains(&c.as_str())) {
        errors.add(
            table.heading_pointer(column),
            say!(
                "没有此列：可用的列为 number、item、input、value",
                "there is no such column: number, item, input, value"
            ),
        );
    }
    let mut column = |name: &str| {
        let found = table.column(name);
        if found.is_none() {
            errors.add(table.heading_pointer(name), say!("缺少此列", "this column is missing"));
        }
        found.unwrap_or(usize::MAX)
    };
    let columns = ["number", "item", "input", "value"].map(&mut column);
    errors.check()?;
    check_size(table.rows.len(), "/1")?;
    let mut errors = Errors::default();
    let mut entries = Vec::with_capacity(table.rows.len());
    for row in &table.rows {
        let [number, item, input, value] = columns.map(|c| row.get(c).map(str::to_owned));
        match (number, item, input, value) {
            (Some(number), Some(item), Some(input), Some(value)) => entries.push(Entry {
                pointer: format!("/{}", row.line),
                number,
                item,
                input,
                value: cell(value),
                evidence: None,
                measured_only: true,
            }),
            _ => errors.add(format!("/{}", row.line), say!("该行的每一格都须填写", "every cell of the row is needed")),
        }
    }
    errors.check()?;
    Ok(entries)
}

/// Files have no true and false but these words.
fn cell(text: String) -> Value {
    match text.as_str() {
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        _ => Value::String(text),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_a_file_then_each_row_is_an_entry_that_points_at_its_line() {
        let entries =
            measurements(b"number,item,input,value\nE001,reports,value,2\nE001,cooperation,damage,true\n").unwrap();
        assert_eq!(entries.len(), 2);
        assert_eq!(entries[0].pointer, "/2");
        assert_eq!(entries[0].value, Value::String("2".into()));
        assert_eq!(entries[1].value, Value::Bool(true));
    }

    #[test]
    fn given_a_file_with_other_columns_then_they_are_named() {
        let problem = measurements(b"number,item,value,weight\nE001,reports,2,5\n").unwrap_err();
        let pointers: Vec<_> = problem.errors.iter().map(|e| e.pointer.as_str()).collect();
        assert_eq!(pointers, ["/1/weight", "/1/input"]);
    }

    #[test]
    fn given_an_empty_cell_then_the_line_is_named() {
        let problem = measurements(b"number,item,input,value\nE001,reports,value,\n").unwrap_err();
        assert_eq!(problem.errors[0].pointer, "/2");
    }

    #[test]
    fn given_json_then_a_number_that_is_no_text_is_taken_to_validation() {
        let body = br#"{"measurements":[{"number":"E001","item":"reports","input":"value","value":2}]}"#;
        assert_eq!(measurements(body).unwrap()[0].value, serde_json::json!(2));
    }
}
