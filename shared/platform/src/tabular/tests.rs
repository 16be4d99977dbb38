use super::*;
use crate::problem::{Code, Problem};

fn columns() -> Columns {
    Columns::new(vec![
        Column::new("number", ("工号", "employee number"), &[], Cells::Code),
        Column::new("name", ("姓名", "name"), &[], Cells::Name),
        Column::new("rate", ("完成·完成率（%）", "completion"), &[], Cells::Number(Percent::Hundredths)),
    ])
}

fn read(file: &str) -> Result<Table, Unreadable> {
    Table::read(file.as_bytes(), &columns())
}

fn problem(file: &str) -> Problem {
    read(file).unwrap_err().into()
}

fn notes(file: &str) -> Vec<String> {
    read(file).unwrap().notes.into_iter().map(|note| note.en).collect()
}

#[test]
fn a_row_is_counted_as_a_spreadsheet_counts_it() {
    let lines = |file: &str| read(file).unwrap().rows.iter().map(|row| row.line).collect::<Vec<_>>();
    assert_eq!(lines("number,name\n1,2\n3,4\n"), [2, 3]);
    assert_eq!(lines("number,name\n1,2\n\n\r\n3,4"), [2, 5]);
    assert_eq!(lines("\u{feff}number,name\r\n1,\"2\n2\"\r\n3,4\r\n"), [2, 3]);
}

#[test]
fn a_file_that_is_not_a_table_is_refused() {
    for file in [&b""[..], b"PK\x03\x04nonsense", b"\xff\xfe\x00", b"a\0b", b"<html><table></table></html>"] {
        let problem: Problem = Table::read(file, &columns()).unwrap_err().into();
        assert_eq!(problem.code, Code::UnsupportedFormat);
    }
    assert_eq!(problem("a,a\n1,2\n").errors[0].pointer, "/1/a");
    assert_eq!(problem("number,name\n1\n").errors[0].pointer, "/2");
    assert_eq!(problem("工号,employee number\nE1,E2\n").errors[0].pointer, "/1/number");
}

#[test]
fn given_a_title_and_groups_above_then_the_header_is_found() {
    let table = read("2026年10月考核,,\n工号,姓名,完成,\n,,完成率（%）,\nE1,甲,95%,\n").unwrap();
    assert_eq!(table.columns, ["number", "name", "rate"]);
    assert_eq!((table.header_row(), table.rows[0].line), (3, 4));
    assert_eq!(table.rows[0].cells, ["E1", "甲", "95"]);
}

#[test]
fn given_rows_of_totals_or_headers_again_then_they_are_passed_over_and_told_or_refused() {
    let file = "工号,姓名\nE1,甲\n合计：,\n,平均\n工号,姓名\nE2,乙\n";
    let table = Table::read(file.as_bytes(), &columns().passing_over_others()).unwrap();
    assert_eq!(table.rows.len(), 2);
    let told: Vec<String> = table.notes.into_iter().map(|note| note.en).collect();
    assert_eq!(told, ["row 3, 4: a row of totals, passed over", "row 5: the header again, passed over"]);
    let refused: Vec<String> = problem(file).errors.into_iter().map(|error| error.pointer).collect();
    assert_eq!(refused, ["/3", "/4"]);
    assert_eq!(problem("工号,姓名\nE1,合计\n").errors[0].pointer, "/2/name");
}

#[test]
fn given_a_remark_or_cells_under_no_heading_then_they_are_passed_over_and_told() {
    assert_eq!(notes("工号,备注,\nE1,x,y\n").len(), 2);
    assert_eq!(notes("工号,姓名,,\nE1,甲,,\n"), Vec::<String>::new());
}

#[test]
fn given_numbers_that_differ_in_capitals_then_the_second_is_refused() {
    let problem = problem("number,name\nE01,a\ne01,b\nＥ０１,c\n");
    assert_eq!(problem.errors.len(), 1);
    assert_eq!(problem.errors[0].pointer, "/3/number");
}

#[test]
fn given_more_errors_than_are_told_then_they_are_counted() {
    let rows: String = (0..250).map(|row| format!("E{row},#N/A\n")).collect();
    let refused = read(&format!("number,name\n{rows}")).unwrap_err();
    let told = refused.told(basics::Locale::En);
    assert_eq!((told.len(), told[100].as_str()), (101, "and 150 more"));
    assert_eq!(told[0], "row 2, column B (name): the cell holds the error #N/A");
    assert_eq!(refused.told(basics::Locale::ZhCn)[0], "第2行B列（name）：单元格是错误值 #N/A");
}
