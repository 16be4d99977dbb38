//! Files of employees.

use std::collections::{HashMap, HashSet};

use domain::events::{Assignment, Employee, Values};
use jiff::civil::Date;
use platform::tabular::{Cells, Column, Table};
use platform::web::Errors;
use platform::{Result, say};

use super::file::{Cells as RowCells, Counts, FactCells, Header, refuse_duplicates, with_facts};
use crate::employees::line;
use crate::employees::rules::place;
use crate::text::{date, is_email, is_locale};
use crate::units::tree::name_cycle;

pub const COLUMNS: &[&str] = &[
    "number",
    "name",
    "email",
    "unit",
    "position",
    "category",
    "superior",
    "dotted_superior",
    "hired_on",
    "left_on",
    "locale",
];

/// The columns as people head them.
pub fn columns() -> Vec<Column> {
    let locales = ["zh-CN", "en"].map(str::to_owned);
    vec![
        Column::new("number", ("工号", "employee number"), &["员工编号"], Cells::Code).required(),
        Column::new("name", ("姓名", "employee"), &[], Cells::Name).required(),
        Column::new("email", ("邮箱", "e-mail"), &["电子邮箱", "邮件地址", "mail"], Cells::Text),
        Column::new("unit", ("部门", "department"), &["部门编码", "所属部门"], Cells::Code).required(),
        Column::new("position", ("岗位", "position"), &["职位", "职务"], Cells::Text),
        Column::new("category", ("人员类别", "category"), &["类别"], Cells::Text),
        Column::new("superior", ("直接上级", "superior"), &["上级", "直接上级工号", "上级工号"], Cells::Code),
        Column::new("dotted_superior", ("虚线上级", "dotted-line superior"), &["虚线上级工号"], Cells::Code),
        Column::new("hired_on", ("入职日期", "hired on"), &[], Cells::Day),
        Column::new("left_on", ("离职日期", "left on"), &[], Cells::Day),
        Column::new("locale", ("语言", "language"), &[], Cells::Text).choosing(locales),
    ]
}

const LOCALE: &str = "zh-CN";

#[derive(Clone, Debug)]
pub struct EmployeeRow {
    pub line: usize,
    pub number: String,
    pub name: String,
    pub email: Option<String>,
    pub locale: String,
    pub hired_on: Option<Date>,
    pub left_on: Option<Date>,
    pub unit: String,
    pub position: Option<String>,
    pub category: Option<String>,
    pub superior: Option<String>,
    pub dotted_superior: Option<String>,
    pub facts: FactCells,
}

/// Employees by their numbers.
pub type Stored = HashMap<String, Employee>;

/// What a file changes.
#[derive(Debug)]
pub struct Merged {
    /// Employees that are new or differ, with their next version.
    pub changed: Vec<Employee>,
    /// Assignments that are new or differ, with the number of whose they are.
    pub assignments: Vec<(String, Assignment)>,
    pub counts: Counts,
}

/// Reads a file and says what it changes from a day on; every error at once.
pub fn read(table: &Table, units: &HashSet<String>, stored: &Stored, effective_on: Date) -> Result<Merged> {
    let header = Header::find(table, COLUMNS)?;
    let mut errors = Errors::default();
    let rows: Vec<EmployeeRow> = table
        .rows
        .iter()
        .map(|row| employee_row(&mut RowCells { header: &header, row, errors: &mut errors }))
        .collect();
    refuse_duplicates(&mut errors, "number", rows.iter().map(|row| (row.line, row.number.as_str())));
    check_references(&mut errors, &rows, units, stored);
    let merged = merge(&rows, stored, effective_on);
    check_line(&mut errors, &rows, stored, &merged, effective_on);
    errors.check()?;
    Ok(merged)
}

fn employee_row(cells: &mut RowCells) -> EmployeeRow {
    let (hired_on, left_on) = (day(cells, "hired_on"), day(cells, "left_on"));
    if let (Some(hired_on), Some(left_on)) = (hired_on, left_on)
        && left_on < hired_on
    {
        cells.wrong(
            "left_on",
            say!("离职日期 {left_on} 早于入职日期 {hired_on}", "left on {left_on}, before being hired on {hired_on}"),
        );
    }
    EmployeeRow {
        line: cells.row.line,
        number: cells.code("number"),
        name: cells.name("name"),
        email: cells.optional("email", is_email, || say!("不是邮箱地址", "this is not a mail address")),
        locale: cells
            .optional("locale", is_locale, || say!("语言只能是 zh-CN 或 en", "the locales are zh-CN and en"))
            .unwrap_or_else(|| LOCALE.to_owned()),
        hired_on,
        left_on,
        unit: cells.code("unit"),
        position: cells.line("position"),
        category: cells.line("category"),
        superior: cells.optional_code("superior"),
        dotted_superior: cells.optional_code("dotted_superior"),
        facts: cells.facts(),
    }
}

fn day(cells: &mut RowCells, column: &str) -> Option<Date> {
    let cell = cells.optional(
        column,
        |text| date(text).is_some(),
        || say!("日期写作 2026-03-31", "a day is written like 2026-03-31"),
    )?;
    date(&cell)
}

fn check_references(errors: &mut Errors, rows: &[EmployeeRow], units: &HashSet<String>, stored: &Stored) {
    let in_file: HashSet<&str> = rows.iter().map(|row| row.number.as_str()).collect();
    for row in rows {
        if !row.unit.is_empty() && !units.contains(&row.unit) {
            errors.add(format!("/{}/unit", row.line), say!("没有部门 {}", "there is no unit {}", row.unit));
        }
        for (column, superior) in [("superior", &row.superior), ("dotted_superior", &row.dotted_superior)] {
            if let Some(superior) = superior
                && !in_file.contains(superior.as_str())
                && !stored.contains_key(superior)
            {
                errors.add(
                    format!("/{}/{column}", row.line),
                    say!("没有员工 {superior}", "there is no employee {superior}"),
                );
            }
        }
        if !row.number.is_empty() && row.dotted_superior.as_ref() == Some(&row.number) {
            errors.add(
                format!("/{}/dotted_superior", row.line),
                say!("不能以自己为上级", "nobody reports to themselves"),
            );
        }
    }
}

fn check_line(errors: &mut Errors, rows: &[EmployeeRow], stored: &Stored, merged: &Merged, day: Date) {
    let changed: HashSet<&str> = merged.changed.iter().map(|person| person.number.as_str()).collect();
    let others = stored.values().filter(|person| !changed.contains(person.number.as_str()));
    for cycle in line::cycles(others.chain(&merged.changed), day) {
        let named = rows.iter().find(|row| cycle.members.contains(&row.number.as_str()));
        if let Some(row) = named {
            let circle = name_cycle(&cycle.members, &row.number);
            errors.add(
                format!("/{}/superior", row.line),
                say!(
                    "自 {} 起，以下人员将互为上下级：{circle}",
                    "from {} these would report to each other: {circle}",
                    cycle.from
                ),
            );
        }
    }
}

fn merge(rows: &[EmployeeRow], stored: &Stored, effective_on: Date) -> Merged {
    let mut merged = Merged { changed: Vec::new(), assignments: Vec::new(), counts: Counts::default() };
    for row in rows {
        let before = stored.get(&row.number);
        let mut after = person(row, before);
        let placed = place(&mut after.assignments, assignment(row, before.is_some(), effective_on));
        match before {
            None => merged.counts.created += 1,
            Some(before) if *before == after => {
                merged.counts.unchanged += 1;
                continue;
            }
            Some(_) => merged.counts.updated += 1,
        }
        after.version += 1;
        merged.assignments.extend(placed.map(|assignment| (row.number.clone(), assignment)));
        merged.changed.push(after);
    }
    merged
}

fn person(row: &EmployeeRow, before: Option<&Employee>) -> Employee {
    Employee {
        number: row.number.clone(),
        name: row.name.clone(),
        email: row.email.clone(),
        locale: row.locale.clone(),
        hired_on: row.hired_on,
        left_on: row.left_on,
        facts: with_facts(before.map_or(&Values::new(), |person| &person.facts), &row.facts),
        roles: before.map(|person| person.roles.clone()).unwrap_or_default(),
        assignments: before.map(|person| person.assignments.clone()).unwrap_or_default(),
        version: before.map_or(0, |person| person.version),
    }
}

/// A person who is new stands there from the day they were hired; one who is known, from the effective day,
/// and nobody before they are hired.
fn assignment(row: &EmployeeRow, is_known: bool, effective_on: Date) -> Assignment {
    let from = match row.hired_on {
        Some(hired_on) if !is_known => hired_on,
        Some(hired_on) => hired_on.max(effective_on),
        None => effective_on,
    };
    Assignment {
        from,
        unit: row.unit.clone(),
        position: row.position.clone(),
        category: row.category.clone(),
        superior: row.superior.clone(),
        dotted_superior: row.dotted_superior.clone(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::imports::file;

    const HEADER: &str = "number,name,email,unit,position,category,superior,dotted_superior,hired_on,left_on,locale";

    fn today() -> Date {
        "2026-06-01".parse().unwrap()
    }

    fn units() -> HashSet<String> {
        ["A", "B"].map(str::to_owned).into()
    }

    fn try_import(rows: &str, stored: &mut Stored, on: Date) -> Result<Counts> {
        let table = file::read(format!("{HEADER}\n{rows}").as_bytes(), columns())?;
        let merged = read(&table, &units(), stored, on)?;
        stored.extend(merged.changed.into_iter().map(|person| (person.number.clone(), person)));
        Ok(merged.counts)
    }

    fn import(rows: &str, stored: &mut Stored, on: Date) -> Counts {
        try_import(rows, stored, on).unwrap()
    }

    fn errors(rows: &str) -> Vec<(String, String)> {
        let problem = try_import(rows, &mut Stored::new(), today()).unwrap_err();
        problem.errors.into_iter().map(|e| (e.pointer, e.detail.en)).collect()
    }

    fn pointers(rows: &str) -> Vec<String> {
        errors(rows).into_iter().map(|(pointer, _)| pointer).collect()
    }

    #[test]
    fn every_error_is_named_with_its_row_and_column() {
        let rows = "\
E1,Li,li at example,NOWHERE,,,E9,,2026-13-01,,fr
E1,Li again,,A,,,,,,,
,No number,,A,,,,,,,
E2,,li@example.com,,,,,E8,2026-02-01,2026-01-31,en
E3,Wang,,A,,,,E3,,,
";
        let found = pointers(rows);
        for expected in [
            "/2/email",
            "/2/unit",
            "/2/superior",
            "/2/hired_on",
            "/2/locale",
            "/3/number",
            "/4/number",
            "/5/name",
            "/5/unit",
            "/5/dotted_superior",
            "/5/left_on",
            "/6/dotted_superior",
        ] {
            assert!(found.iter().any(|pointer| pointer == expected), "{expected} in {found:?}");
        }
        assert_eq!(found.len(), 12, "{found:?}");
    }

    #[test]
    fn a_cycle_in_the_reporting_line_is_named() {
        let found = errors("E1,a,,A,,,E2,,,,\nE2,b,,A,,,E3,,,,\nE3,c,,A,,,E1,,,,\nE4,d,,A,,,E1,,,,\n");
        let detail = "from 2026-06-01 these would report to each other: E1 → E2 → E3 → E1";
        assert_eq!(found, [("/2/superior".to_owned(), detail.to_owned())]);
    }

    #[test]
    fn a_cycle_may_pass_through_people_who_are_stored() {
        let mut stored = Stored::new();
        import("E1,a,,A,,,,,2020-01-01,,\nE2,b,,A,,,E1,,2020-01-01,,\n", &mut stored, today());
        let problem = try_import("E1,a,,A,,,E2,,2020-01-01,,\n", &mut stored, today()).unwrap_err();
        assert!(problem.errors[0].detail.en.ends_with("E1 → E2 → E1"));
    }

    #[test]
    fn people_stand_where_they_are_from_the_day_they_were_hired() {
        let mut stored = Stored::new();
        import("E1,a,,A,,,,,2020-01-01,,\nE2,b,,A,,,,,,,\n", &mut stored, today());
        assert_eq!(stored["E1"].assignments[0].from.to_string(), "2020-01-01");
        assert_eq!(stored["E2"].assignments[0].from, today());
        assert_eq!(stored["E2"].locale, "zh-CN");
    }

    #[test]
    fn a_changed_place_is_a_new_assignment_and_keeps_the_old_one() {
        let mut stored = Stored::new();
        import("E1,a,,A,,,,,2020-01-01,,\n", &mut stored, today());
        let on = "2026-07-01".parse().unwrap();
        let counts = import("E1,a,,B,,,,,2020-01-01,,\n", &mut stored, on);
        assert_eq!(counts, Counts { created: 0, updated: 1, unchanged: 0 });
        let person = &stored["E1"];
        assert_eq!(person.version, 2);
        assert_eq!(person.assignment_on(today()).unwrap().unit, "A");
        assert_eq!(person.assignment_on(on).unwrap().unit, "B");
        assert_eq!(import("E1,a,,B,,,,,2020-01-01,,\n", &mut stored, on).unchanged, 1);
    }

    #[test]
    fn a_changed_name_is_no_new_assignment() {
        let mut stored = Stored::new();
        import("E1,a,,A,,,,,2020-01-01,,\n", &mut stored, today());
        import("E1,b,,A,,,,,2020-01-01,,\n", &mut stored, today());
        assert_eq!((stored["E1"].name.as_str(), stored["E1"].assignments.len()), ("b", 1));
    }

    /// Rows of a valid company: everybody reports to somebody further up the list, or to nobody.
    fn company() -> impl Strategy<Value = String> {
        let row = (
            any::<prop::sample::Index>(),
            any::<bool>(),
            "[AB]",
            "(|[a-z]{1,8}@example\\.com)",
            0u32..4000,
            "(|en|zh-CN)",
        );
        prop::collection::vec(row, 1..60).prop_map(|rows| {
            let line = |(i, (above, leads, unit, email, hired, locale)): (usize, _)| {
                let above: prop::sample::Index = above;
                let superior = if leads || i == 0 { String::new() } else { format!("E{}", above.index(i)) };
                let (year, month) = (2016 + hired / 400, 1 + hired % 12);
                let hired_on = if hired % 3 == 0 { String::new() } else { format!("{year}-{month:02}-15") };
                format!("E{i},Name {i},{email},{unit},,staff,{superior},,{hired_on},,{locale}\n")
            };
            rows.into_iter().enumerate().map(line).collect()
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn importing_a_company_again_changes_nothing(rows in company(), later in 0i32..800) {
            let mut stored = Stored::new();
            let people = rows.lines().count();
            prop_assert_eq!(import(&rows, &mut stored, today()), Counts { created: people, updated: 0, unchanged: 0 });
            let before = stored.clone();
            let unchanged = Counts { created: 0, updated: 0, unchanged: people };
            prop_assert_eq!(import(&rows, &mut stored, today()), unchanged);
            let on = today().saturating_add(jiff::Span::new().days(later));
            prop_assert_eq!(import(&rows, &mut stored, on), unchanged);
            prop_assert_eq!(before, stored);
        }
    }
}
