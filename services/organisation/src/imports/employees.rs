//! Files of employees.

use std::collections::{HashMap, HashSet};

use basics::day;
use basics::text::shortened;
use events::{Assignment, Employee, EmployeeNumber, Values};
use jiff::civil::Date;
use platform::tabular::{Cells, Column, Faults, Table};
use platform::web::{Errors, Notes};
use platform::{Message, Result, say};

use super::file::{Cells as RowCells, Counts, Header, refuse_duplicates, refuse_variants, with_facts};
use super::naming::UnitNames;
use super::standing::{EmployeeRow, settle};
use crate::employees::line;
use crate::text::{email, is_locale};
use crate::themselves::{self, Own};
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

/// Employees by their numbers.
pub type Stored = HashMap<EmployeeNumber, Employee>;

/// What a file changes.
#[derive(Debug, Default)]
pub struct Merged {
    /// Employees that are new or differ, with their next version.
    pub changed: Vec<Employee>,
    /// Assignments that are new or differ, with the number of whose they are.
    pub assignments: Vec<(EmployeeNumber, Assignment)>,
    /// Assignments that are no longer, by the number of whose they were and the day from which they were.
    pub gone: Vec<(EmployeeNumber, Date)>,
    pub counts: Counts,
    pub notes: Notes,
}

/// Reads a table and says what it changes from a day on; every error at once, those of its cells included.
pub fn read(
    table: &Table,
    faults: Faults,
    units: &UnitNames,
    stored: &Stored,
    own: Option<&Own>,
    effective_on: Date,
) -> Result<Merged> {
    let mut errors = Errors::of_table(faults);
    let header = Header::find(table, COLUMNS, &mut errors);
    let mut rows: Vec<EmployeeRow> = table
        .rows
        .iter()
        .map(|row| employee_row(&mut RowCells { header: &header, row, errors: &mut errors }))
        .collect();
    refuse_duplicates(&mut errors, "number", table);
    refuse_variants(&mut errors, "number", table, &stored.keys().map(EmployeeNumber::as_str).collect());
    find_units(&mut errors, &mut rows, units);
    check_superiors(&mut errors, &rows, stored);
    let mut merged = merge(&rows, stored, effective_on);
    check_line(&mut errors, &rows, stored, &merged, effective_on);
    errors.check()?;
    check_own(own, &rows, stored, &merged)?;
    tell_shared_addresses(&mut merged.notes, &rows, stored);
    Ok(merged)
}

/// Refuses what is about the caller.
fn check_own(own: Option<&Own>, rows: &[EmployeeRow], stored: &Stored, merged: &Merged) -> Result<()> {
    let Some(number) = own.map(|own| &own.number) else { return Ok(()) };
    let row = rows.iter().find(|row| *number == *row.number);
    let changed = merged.changed.iter().find(|person| person.number == *number);
    let (Some(row), Some(after)) = (row, changed) else { return Ok(()) };
    themselves::check_row(own, stored.get(number), after, &format!("/{}/number", row.line))
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
        email: cells.parsed("email", email, mail_address),
        locale: cells
            .optional("locale", is_locale, || say!("语言只能是 zh-CN 或 en", "the locales are zh-CN and en"))
            .unwrap_or_else(|| LOCALE.to_owned()),
        hired_on,
        left_on,
        unit: cells.name("unit"),
        position: cells.line("position"),
        category: cells.line("category"),
        superior: cells.optional_code("superior"),
        dotted_superior: cells.optional_code("dotted_superior"),
        facts: cells.facts(),
    }
}

fn mail_address() -> Message {
    say!(
        "邮箱地址写作 li.wei@example.com，@ 之前只能用英文字母、数字和常用符号",
        "a mail address is written like li.wei@example.com, with ASCII letters before the @"
    )
}

fn day(cells: &mut RowCells, column: &str) -> Option<Date> {
    cells.parsed(column, day::parse, || {
        say!(
            "日期写作 2026-03-31，须在 1900 年到 2200 年之间",
            "a day is written like 2026-03-31, in the years 1900 to 2200"
        )
    })
}

/// Puts the units' codes where rows have their names.
fn find_units(errors: &mut Errors, rows: &mut [EmployeeRow], units: &UnitNames) {
    for row in rows.iter_mut().filter(|row| !row.unit.is_empty()) {
        match units.code_of(&row.unit) {
            Some(code) => code.clone_into(&mut row.unit),
            None => errors.add_with(format!("/{}/unit", row.line), || units.what_to_write(&shortened(&row.unit))),
        }
    }
}

fn check_superiors(errors: &mut Errors, rows: &[EmployeeRow], stored: &Stored) {
    let in_file: HashSet<&str> = rows.iter().map(|row| row.number.as_str()).collect();
    let mut called: HashMap<&str, Vec<&str>> = HashMap::new();
    for (name, number) in names(rows, stored) {
        called.entry(name).or_default().push(number);
    }
    for row in rows {
        for (column, superior) in [("superior", &row.superior), ("dotted_superior", &row.dotted_superior)] {
            if let Some(superior) = superior
                && !in_file.contains(superior.as_str())
                && !stored.contains_key(superior.as_str())
            {
                let of_this_name = called.get(superior.as_str()).map_or(&[][..], Vec::as_slice);
                errors.add(format!("/{}/{column}", row.line), unknown_superior(superior, of_this_name));
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

/// Everybody's name and number as they will be.
fn names<'a>(rows: &'a [EmployeeRow], stored: &'a Stored) -> impl Iterator<Item = (&'a str, &'a str)> {
    let in_file: HashSet<&str> = rows.iter().map(|row| row.number.as_str()).collect();
    let others = stored.values().filter(move |person| !in_file.contains(person.number.as_str()));
    let others = others.map(|person| (person.name.as_str(), person.number.as_str()));
    rows.iter().map(|row| (row.name.as_str(), row.number.as_str())).chain(others)
}

/// People are no more than suggested by their names, which are not theirs alone.
fn unknown_superior(superior: &str, of_this_name: &[&str]) -> Message {
    match of_this_name {
        [] => say!("没有员工 {superior}", "there is no employee {superior}"),
        [number] => {
            say!("请填写工号：{superior}的工号是 {number}", "write the employee number: {superior} is {number}")
        }
        [one, other, ..] => say!(
            "请填写工号：有 {} 人名叫{superior}，如 {one}、{other}",
            "write the employee number: {} people are called {superior}, such as {one} and {other}",
            of_this_name.len()
        ),
    }
}

/// Mail for one of them is read by the other, or by neither when the address is a slip.
fn tell_shared_addresses(notes: &mut Notes, rows: &[EmployeeRow], stored: &Stored) {
    let in_file: HashSet<&str> = rows.iter().map(|row| row.number.as_str()).collect();
    let others = stored.values().filter(|person| !in_file.contains(person.number.as_str()));
    let others = others.filter_map(|person| Some((person.email.as_ref()?.to_lowercase(), person.number.as_str())));
    let mut owners: HashMap<String, &str> = others.collect();
    for row in rows {
        let Some(address) = &row.email else { continue };
        match owners.get(&address.to_lowercase()) {
            Some(owner) => notes.add(
                format!("/{}/email", row.line),
                say!("{owner} 也使用这个邮箱地址", "{owner} has this address as well"),
            ),
            None => drop(owners.insert(address.to_lowercase(), &row.number)),
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
    let mut merged = Merged::default();
    for row in rows {
        let before = stored.get(row.number.as_str());
        let mut after = person(row, before);
        for (column, note) in settle(row, before, &mut after, effective_on) {
            merged.notes.add(format!("/{}/{column}", row.line), note);
        }
        match before {
            None => merged.counts.created += 1,
            Some(before) if *before == after => {
                merged.counts.unchanged += 1;
                continue;
            }
            Some(_) => merged.counts.updated += 1,
        }
        after.version += 1;
        merged.take(before.map_or(&[], |before| &before.assignments), after);
    }
    merged
}

impl Merged {
    fn take(&mut self, before: &[Assignment], after: Employee) {
        let number = &after.number;
        let new = after.assignments.iter().filter(|assignment| !before.contains(assignment));
        self.assignments.extend(new.map(|assignment| (number.clone(), assignment.clone())));
        let is_kept = |day: Date| after.assignments.iter().any(|assignment| assignment.from == day);
        let gone = before.iter().map(|assignment| assignment.from).filter(|day| !is_kept(*day));
        self.gone.extend(gone.map(|day| (number.clone(), day)));
        self.changed.push(after);
    }
}

fn person(row: &EmployeeRow, before: Option<&Employee>) -> Employee {
    Employee {
        number: row.number.as_str().into(),
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::imports::file;

    const HEADER: &str = "number,name,email,unit,position,category,superior,dotted_superior,hired_on,left_on,locale";

    fn today() -> Date {
        "2026-06-01".parse().unwrap()
    }

    fn units() -> UnitNames {
        UnitNames::of([("A", "Unit A"), ("B", "Unit B")].into_iter())
    }

    fn try_import(rows: &str, stored: &mut Stored, on: Date) -> Result<Counts> {
        let (table, faults) = file::read(format!("{HEADER}\n{rows}").as_bytes(), columns())?;
        let merged = read(&table, faults, &units(), stored, None, on)?;
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
    fn given_cells_that_nobody_can_read_then_they_are_told_with_what_else_is_wrong_and_once() {
        let found = errors("E1,#N/A,,A,,,E9,,,,\nE2,b,,NOWHERE,,,,,,,\n#REF!,c,,A,,,,,,,fr\n");
        let pointers: Vec<_> = found.iter().map(|(pointer, _)| pointer.as_str()).collect();
        assert_eq!(pointers, ["/2/name", "/2/superior", "/3/unit", "/4/number", "/4/locale"]);
        assert_eq!(found[0].1, "B2: the cell holds the error #N/A");
    }

    #[test]
    fn a_unit_may_go_by_its_name_and_a_superior_by_the_number_only() {
        let mut stored = Stored::new();
        import("E1,a,,Unit A,,,,,,,\n", &mut stored, today());
        assert_eq!(stored["E1"].assignments[0].unit, "A");
        let found = errors("E1,Li,,A,,,,,,,\nE2,Wang,,C,,,Li,,,,\nE3,Li,,A,,,,,,,\nE4,Li Si,,A,,,Wang,Zhao,,,\n");
        let found: Vec<_> = found.iter().map(|(pointer, detail)| (pointer.as_str(), detail.as_str())).collect();
        let expected = [
            ("/3/unit", "D3: there is no unit C"),
            ("/3/superior", "G3: write the employee number: 2 people are called Li, such as E1 and E3"),
            ("/5/superior", "G5: write the employee number: Wang is E2"),
            ("/5/dotted_superior", "H5: there is no employee Zhao"),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn two_people_at_one_address_are_told() {
        let mut stored = Stored::new();
        import("E1,a,li@example.com,A,,,,,,,\n", &mut stored, today());
        let (table, faults) = file::read(
            format!(
                "{HEADER}\nE2,b,LI@example.com,A,,,,,,,\nE3,c,c@example.com,A,,,,,,,\nE4,d,c@example.com,A,,,,,,,\n"
            )
            .as_bytes(),
            columns(),
        )
        .unwrap();
        let merged = read(&table, faults, &units(), &stored, None, today()).unwrap();
        let told: Vec<_> = merged.notes.listed().iter().map(|n| (n.pointer.as_str(), n.detail.en.as_str())).collect();
        assert_eq!(told, [("/2/email", "E1 has this address as well"), ("/4/email", "E3 has this address as well")]);
    }

    #[test]
    fn a_corrected_joining_day_takes_the_first_assignment_with_it() {
        let mut stored = Stored::new();
        import("E1,a,,A,,,,,2026-05-20,,\n", &mut stored, today());
        let file = format!("{HEADER}\nE1,a,,A,,,,,2026-05-01,,\n");
        let (table, faults) = file::read(file.as_bytes(), columns()).unwrap();
        let merged = read(&table, faults, &units(), &stored, None, today()).unwrap();
        assert_eq!(merged.assignments[0].1.from, "2026-05-01".parse().unwrap());
        assert_eq!(merged.gone, [("E1".into(), "2026-05-20".parse().unwrap())]);
        assert_eq!(merged.notes.listed()[0].pointer, "/2/hired_on");
    }

    #[test]
    fn a_cycle_in_the_reporting_line_is_named() {
        let found = errors("E1,a,,A,,,E2,,,,\nE2,b,,A,,,E3,,,,\nE3,c,,A,,,E1,,,,\nE4,d,,A,,,E1,,,,\n");
        let detail = "G2: from 2026-06-01 these would report to each other: E1 → E2 → E3 → E1";
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
