use super::*;
use crate::problem::{Code, Problem};

fn columns() -> Columns {
    Columns::new(vec![
        Column::new("number", ("工号", "employee number"), &[], Cells::Code),
        Column::new("name", ("姓名", "name"), &[], Cells::Name),
        Column::new("rate", ("完成·完成率（%）", "completion"), &[], Cells::Number(Percent::Hundredths)),
    ])
}

fn read(file: &str) -> (Table, Faults) {
    Table::read(file.as_bytes(), &columns()).unwrap()
}

/// What is wrong with the cells of a file.
fn problem(file: &str) -> Problem {
    read(file).1.check().unwrap_err().into()
}

fn pointers(problem: &Problem) -> Vec<&str> {
    problem.errors.iter().map(|error| error.pointer.as_str()).collect()
}

fn notes(file: &str) -> Vec<String> {
    let (table, faults) = read(file);
    assert_eq!(faults.told(domain::Locale::En), Vec::<String>::new());
    table.notes.into_iter().map(|note| note.en).collect()
}

#[test]
fn a_row_is_counted_as_a_spreadsheet_counts_it() {
    let lines = |file: &str| read(file).0.rows.iter().map(|row| row.line).collect::<Vec<_>>();
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
    assert_eq!(problem("fact:a,fact:a\n1,2\n").errors[0].pointer, "/1/fact:a");
    assert_eq!(problem("number,name\n1\n").errors[0].pointer, "/2");
    assert_eq!(problem("工号,employee number\nE1,E2\n").errors[0].pointer, "/1/number");
}

#[test]
fn given_a_title_and_groups_above_then_the_header_is_found() {
    let (table, _) = read("2026年10月考核,,\n工号,姓名,完成,\n,,完成率（%）,\nE1,甲,95%,\n");
    assert_eq!(table.columns, ["number", "name", "rate"]);
    assert_eq!((table.header_row(), table.rows[0].line), (3, 4));
    assert_eq!(table.rows[0].cells, ["E1", "甲", "95"]);
}

#[test]
fn given_rows_of_totals_or_headers_again_then_they_are_passed_over_and_told() {
    let file = "工号,姓名\nE1,甲\n合计：,\n,平均\n工号,姓名\nE2,乙\n";
    assert_eq!(read(file).0.rows.len(), 2);
    assert_eq!(notes(file), ["row 3, 4: a row of totals, passed over", "row 5: the header again, passed over"]);
    assert_eq!(pointers(&problem("工号,姓名\nE1,合计\n")), ["/2/name"]);
}

#[test]
fn given_a_remark_or_cells_under_no_heading_then_they_are_passed_over_and_told() {
    assert_eq!(notes("工号,备注,\nE1,x,y\n").len(), 2);
    assert_eq!(notes("工号,姓名,,\nE1,甲,,\n"), Vec::<String>::new());
}

#[test]
fn given_headings_that_nobody_expects_then_slips_are_refused_and_others_told() {
    assert_eq!(notes("工号,姓名,性别\nE1,甲,女\n"), ["column C (性别) is not used and was passed over"]);
    assert_eq!(notes("number,name,names\nE1,a,b\n"), ["column C (names) is not used and was passed over"]);
    let refused = problem("number,nmae,rates\nE1,a,1\n");
    let told: Vec<&str> = refused.errors.iter().map(|error| error.detail.en.as_str()).collect();
    assert_eq!(
        told,
        [
            "B1: there is no use for this column; perhaps name? Take it out if it is not meant",
            "C1: there is no use for this column; perhaps rate? Take it out if it is not meant"
        ]
    );
}

#[test]
fn given_numbers_that_differ_in_capitals_then_the_second_is_refused_as_it_stands() {
    let problem = problem("number,name\nE01,a\ne01,b\nＥ０１,c\nｅ０１,d\n");
    assert_eq!(pointers(&problem), ["/3/number", "/5/number"]);
    let told = "A5: ｅ０１ (read as e01) and E01 in row 2 differ in capital letters only";
    assert_eq!(problem.errors[1].detail.en, told);
}

#[test]
fn given_more_errors_than_are_told_then_they_are_counted() {
    let rows: String = (0..250).map(|row| format!("E{row},#N/A\n")).collect();
    let (_, refused) = read(&format!("number,name\n{rows}"));
    let told = refused.told(domain::Locale::En);
    assert_eq!((told.len(), told[100].as_str()), (101, "and 150 more"));
    assert_eq!(told[0], "row 2, column B (name): the cell holds the error #N/A");
    assert_eq!(refused.told(domain::Locale::ZhCn)[0], "第2行B列（name）：单元格是错误值 #N/A");
}

#[test]
fn given_what_the_reader_and_its_caller_find_then_it_is_told_in_the_order_of_rows_and_each_cell_once() {
    let (table, mut faults) = read("number,name\nE1,a\nE2,#N/A\nE3,b\n");
    faults.add(4, "number", domain::say!("没有此人", "nobody has it"));
    faults.add(2, "name", domain::say!("不对", "it is wrong"));
    faults.add(3, "name", domain::say!("没有填写", "it is missing"));
    faults.add(table.header_row(), "unit", domain::say!("缺少", "this column is missing"));
    faults.add_row(4, domain::say!("太多", "too much"));

    let told = faults.told(domain::Locale::En);

    let expected = [
        "row 1, column unit: this column is missing",
        "row 2, column B (name): it is wrong",
        "row 3, column B (name): the cell holds the error #N/A",
        "row 4: too much",
        "row 4, column A (number): nobody has it",
    ];
    assert_eq!(told, expected);
    assert_eq!(pointers(&faults.into()), ["/1/unit", "/2/name", "/3/name", "/4", "/4/number"]);
}

#[test]
fn given_a_late_error_of_an_early_row_then_it_is_among_the_first() {
    let (_, mut faults) = read("number,name\nE1,a\n");
    for row in 100..300 {
        faults.add(row, "name", domain::say!("错", "wrong"));
    }
    faults.add(2, "name", domain::say!("错", "wrong"));
    let told = faults.told(domain::Locale::En);
    assert_eq!((told[0].as_str(), told[100].as_str()), ("row 2, column B (name): wrong", "and 101 more"));
}
