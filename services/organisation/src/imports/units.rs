//! Files of units.

use std::collections::{HashMap, HashSet};

use basics::text::shortened;
use events::{Unit, UnitCode, Values};
use platform::tabular::{Cells, Column, Faults, Table};
use platform::web::Errors;
use platform::{Result, say};

use super::file::{Cells as RowCells, Counts, FactCells, Header, refuse_duplicates, refuse_variants, with_facts};
use super::naming::UnitNames;
use crate::themselves::{self, Own};
use crate::units::tree;

pub const COLUMNS: &[&str] = &["code", "name", "parent", "category"];

/// The columns as people head them.
pub fn columns() -> Vec<Column> {
    let code_titles = ["部门代码", "部门", "编码", "代码", "unit", "department"];
    vec![
        Column::new("code", ("部门编码", "unit code"), &code_titles, Cells::Code).required(),
        Column::new("name", ("部门名称", "unit name"), &["名称", "department name"], Cells::Name).required(),
        Column::new("parent", ("上级部门", "parent unit"), &["上级部门编码"], Cells::Code),
        Column::new("category", ("部门类别", "unit category"), &["类别"], Cells::Text),
    ]
}

#[derive(Clone, Debug)]
pub struct UnitRow {
    pub line: usize,
    pub code: String,
    pub name: String,
    pub parent: Option<String>,
    pub category: Option<String>,
    pub facts: FactCells,
}

/// Units by their codes.
pub type Stored = HashMap<UnitCode, Unit>;

/// Reads a table; every error at once, those of its cells included.
pub fn read(table: &Table, faults: Faults, stored: &Stored) -> Result<Vec<UnitRow>> {
    let mut errors = Errors::of_table(faults);
    let header = Header::find(table, COLUMNS, &mut errors);
    let mut rows: Vec<UnitRow> = table
        .rows
        .iter()
        .map(|row| {
            let mut cells = RowCells { header: &header, row, errors: &mut errors };
            UnitRow {
                line: row.line,
                code: cells.code("code"),
                name: cells.name("name"),
                parent: cells.line("parent"),
                category: cells.line("category"),
                facts: cells.facts(),
            }
        })
        .collect();
    refuse_duplicates(&mut errors, "code", table);
    refuse_variants(&mut errors, "code", table, &stored.keys().map(UnitCode::as_str).collect());
    find_parents(&mut errors, &mut rows, stored);
    check_parents(&mut errors, &rows, stored);
    errors.check()?;
    Ok(rows)
}

/// Units as they will be called.
fn names(rows: &[UnitRow], stored: &Stored) -> UnitNames {
    let in_file: HashSet<&str> = rows.iter().map(|row| row.code.as_str()).collect();
    let others = stored.values().filter(|unit| !in_file.contains(unit.code.as_str()));
    let others = others.map(|unit| (unit.code.as_str(), unit.name.as_str()));
    UnitNames::of(rows.iter().map(|row| (row.code.as_str(), row.name.as_str())).chain(others))
}

/// Puts the parents' codes where rows have their names.
fn find_parents(errors: &mut Errors, rows: &mut [UnitRow], stored: &Stored) {
    let names = names(rows, stored);
    for row in rows {
        let Some(parent) = &mut row.parent else { continue };
        match names.code_of(parent) {
            Some(code) => code.clone_into(parent),
            None => errors.add_with(format!("/{}/parent", row.line), || names.what_to_write(&shortened(parent))),
        }
    }
}

fn check_parents(errors: &mut Errors, rows: &[UnitRow], stored: &Stored) {
    let mut parents: HashMap<&str, Option<&str>> =
        stored.values().map(|unit| (unit.code.as_str(), unit.parent.as_deref())).collect();
    parents.extend(rows.iter().map(|row| (row.code.as_str(), row.parent.as_deref())));
    for cycle in tree::cycles(&parents) {
        if let Some(row) = rows.iter().find(|row| cycle.contains(&row.code.as_str())) {
            let named = tree::name_cycle(&cycle, &row.code);
            errors.add(
                format!("/{}/parent", row.line),
                say!("以下部门互为上下级：{named}", "these units are inside each other: {named}"),
            );
        }
    }
}

/// What the file changes: units that are new or differ, with their next version.
pub fn merge(rows: &[UnitRow], stored: &Stored) -> (Vec<Unit>, Counts) {
    let mut counts = Counts::default();
    let mut changed = Vec::new();
    for row in rows {
        let before = stored.get(row.code.as_str());
        let after = merged(row, before);
        match before {
            None => counts.created += 1,
            Some(before) if *before == after => {
                counts.unchanged += 1;
                continue;
            }
            Some(_) => counts.updated += 1,
        }
        changed.push(Unit { version: after.version + 1, ..after });
    }
    (changed, counts)
}

/// Refuses what is about the caller's own unit.
pub fn check_own(own: Option<&Own>, rows: &[UnitRow], stored: &Stored, changed: &[Unit]) -> Result<()> {
    let lines: HashMap<&str, usize> = rows.iter().map(|row| (row.code.as_str(), row.line)).collect();
    changed.iter().try_for_each(|unit| {
        let line = lines.get(unit.code.as_str()).copied().unwrap_or_default();
        themselves::check_unit(own, stored.get(&unit.code), unit, &format!("/{line}/code"))
    })
}

fn merged(row: &UnitRow, before: Option<&Unit>) -> Unit {
    Unit {
        code: row.code.as_str().into(),
        name: row.name.clone(),
        parent: row.parent.as_deref().map(UnitCode::from),
        category: row.category.clone(),
        head: before.and_then(|unit| unit.head.clone()),
        facts: with_facts(before.map_or(&Values::new(), |unit| &unit.facts), &row.facts),
        headships: before.map_or_else(Vec::new, |unit| unit.headships.clone()),
        version: before.map_or(0, |unit| unit.version),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imports::file;

    fn errors(text: &str, stored: &Stored) -> Vec<(String, String)> {
        let (table, faults) = file::read(text.as_bytes(), columns()).unwrap();
        let problem = read(&table, faults, stored).unwrap_err();
        problem.errors.into_iter().map(|e| (e.pointer, e.detail.en)).collect()
    }

    fn import(text: &str, stored: &mut Stored) -> Counts {
        let (table, faults) = file::read(text.as_bytes(), columns()).unwrap();
        let (changed, counts) = merge(&read(&table, faults, stored).unwrap(), stored);
        stored.extend(changed.into_iter().map(|unit| (unit.code.clone(), unit)));
        counts
    }

    #[test]
    fn every_error_is_named_with_its_row_and_column() {
        let text = "code,name,parent,category\nA,,,\nA,Again,,\nB b,Bad,,\nC,C,NOWHERE,\n";
        let found = errors(text, &Stored::new());
        let pointers: Vec<&str> = found.iter().map(|(pointer, _)| pointer.as_str()).collect();
        assert_eq!(pointers, ["/2/name", "/3/code", "/4/code", "/5/parent"]);
        assert!(found[1].1.contains("row 2"));
    }

    #[test]
    fn units_inside_each_other_are_refused_by_name() {
        let found = errors("code,name,parent,category\nA,a,B,\nB,b,C,\nC,c,A,\nD,d,A,\n", &Stored::new());
        assert_eq!(
            found,
            [("/2/parent".to_owned(), "C2: these units are inside each other: A → B → C → A".to_owned())]
        );
    }

    #[test]
    fn a_cycle_may_pass_through_stored_units() {
        let mut stored = Stored::new();
        import("code,name,parent,category\nA,a,,\nB,b,A,\n", &mut stored);
        let found = errors("code,name,parent,category\nA,a,B,\n", &stored);
        assert_eq!(found[0].1, "C2: these units are inside each other: A → B → A");
    }

    #[test]
    fn a_parent_may_go_by_its_name() {
        let mut stored = Stored::new();
        import("code,name,parent,category\nA,Sales,,\nB,North,Sales,\n", &mut stored);
        assert_eq!(stored["B"].parent.as_deref(), Some("A"));
        let found = errors("code,name,parent,category\nC,c,Sale,\nb,d,,\n", &stored);
        assert_eq!(found[1], ("/3/code".to_owned(), "A3: b is written B elsewhere; write it in one way".to_owned()));
        assert_eq!(found[0], ("/2/parent".to_owned(), "C2: there is no unit Sale; perhaps A (Sales)".to_owned()));
    }

    #[test]
    fn the_same_file_twice_changes_nothing() {
        let mut stored = Stored::new();
        let text = "code,name,parent,category,fact:size\nA,a,,department,3\nB,b,A,,\n";
        assert_eq!(import(text, &mut stored), Counts { created: 2, updated: 0, unchanged: 0 });
        assert_eq!(import(text, &mut stored), Counts { created: 0, updated: 0, unchanged: 2 });
        let other = "code,name,parent,category,fact:size\nA,a,,department,4\n";
        assert_eq!(import(other, &mut stored), Counts { created: 0, updated: 1, unchanged: 0 });
        assert_eq!(stored["A"].version, 2);
        assert_eq!(stored["B"].version, 1);
    }
}
