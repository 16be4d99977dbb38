//! Where a row puts a person, beside what was known of them.

use events::{Assignment, Employee, EmployeeNumber};
use jiff::civil::Date;
use platform::{Message, say};

use super::file::FactCells;
use crate::employees::rules::place;

/// A row of a file of employees.
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

/// What to know about a row: its column, and words.
pub type RowNote = (&'static str, Message);

/// Puts the row's place among the assignments of `after`, who is `before` with the row's other cells taken over.
pub fn settle(row: &EmployeeRow, before: Option<&Employee>, after: &mut Employee, effective_on: Date) -> Vec<RowNote> {
    let mut notes = Vec::new();
    let returns_on = before.and_then(|before| return_day(row, before));
    match (returns_on, before) {
        (Some(day), _) => {
            notes.push(("hired_on", say!("重新入职，自 {day} 起在此任职", "joins again and stands here from {day}")))
        }
        (None, Some(before)) => notes.extend(follow_joining_day(row, before, &mut after.assignments)),
        (None, None) => {}
    }
    let from = match row.hired_on {
        Some(hired_on) if before.is_none() || returns_on.is_some() => hired_on,
        Some(hired_on) => hired_on.max(effective_on),
        None => effective_on,
    };
    let new = assignment(row, from);
    if row.left_on.is_some_and(|left_on| left_on < from) && before.is_some() {
        return notes;
    }
    place(&mut after.assignments, new.clone());
    notes.extend(later_assignment(row, &after.assignments, &new));
    notes
}

fn assignment(row: &EmployeeRow, from: Date) -> Assignment {
    Assignment {
        from,
        unit: row.unit.as_str().into(),
        position: row.position.clone(),
        category: row.category.clone(),
        superior: row.superior.as_deref().map(EmployeeNumber::from),
        dotted_superior: row.dotted_superior.as_deref().map(EmployeeNumber::from),
    }
}

/// Somebody who had left and is hired after that has come back.
fn return_day(row: &EmployeeRow, before: &Employee) -> Option<Date> {
    let left_on = before.left_on?;
    row.hired_on.filter(|hired_on| *hired_on > left_on)
}

/// The first assignment begins with joining: when that day is corrected, the assignment follows, so that there is
/// neither a time in which the person stands nowhere nor one in which they stand somewhere before they came.
fn follow_joining_day(row: &EmployeeRow, before: &Employee, assignments: &mut [Assignment]) -> Option<RowNote> {
    let hired_on = row.hired_on?;
    let second = assignments.get(1).map(|second| second.from);
    let first = assignments.first_mut()?;
    let began_by_joining = before.hired_on == Some(first.from) && second.is_none_or(|second| second > hired_on);
    if hired_on < first.from || (hired_on > first.from && began_by_joining) {
        let note = say!(
            "首个任职（{}）的开始日期改为 {hired_on}，原为 {}",
            "the first assignment ({}) now begins on {hired_on} instead of {}",
            first.unit,
            first.from
        );
        first.from = hired_on;
        return Some(("hired_on", note));
    }
    let stays = || {
        say!(
            "自 {} 起的任职（{}）保留不变，但早于入职日期",
            "the assignment from {} ({}) stays, though it is before the joining day",
            first.from,
            first.unit
        )
    };
    (hired_on > first.from && before.hired_on != row.hired_on).then(|| ("hired_on", stays()))
}

/// The next assignment, if it puts the person elsewhere than the row does.
fn later_assignment(row: &EmployeeRow, assignments: &[Assignment], new: &Assignment) -> Option<RowNote> {
    let next = assignments.iter().find(|a| a.from > new.from && row.left_on.is_none_or(|left_on| a.from <= left_on))?;
    let elsewhere = Assignment { from: new.from, ..next.clone() } != *new;
    let place = match next.superior.as_ref().filter(|_| next.unit == new.unit) {
        Some(superior) => say!("{}，上级 {superior}", "{}, under {superior}", next.unit),
        None => Message::same(next.unit.as_str()),
    };
    let stays = || say!("自 {} 起的后续任职（{place}）仍然有效", "a later assignment from {} ({place}) stays in force", next.from; place);
    elsewhere.then(|| ("unit", stays()))
}

#[cfg(test)]
mod tests {
    use events::Values;

    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn row(hired_on: Option<&str>, left_on: Option<&str>, unit: &str) -> EmployeeRow {
        EmployeeRow {
            line: 2,
            number: "E1".to_owned(),
            name: "Li".to_owned(),
            email: None,
            locale: "en".to_owned(),
            hired_on: hired_on.map(day),
            left_on: left_on.map(day),
            unit: unit.to_owned(),
            position: None,
            category: None,
            superior: None,
            dotted_superior: None,
            facts: FactCells::new(),
        }
    }

    fn person(hired_on: Option<&str>, left_on: Option<&str>, assignments: &[(&str, &str)]) -> Employee {
        let assignments =
            assignments.iter().map(|(from, unit)| assignment(&row(None, None, unit), day(from))).collect();
        Employee {
            number: "E1".into(),
            name: "Li".to_owned(),
            email: None,
            locale: "en".to_owned(),
            hired_on: hired_on.map(day),
            left_on: left_on.map(day),
            facts: Values::new(),
            roles: Vec::new(),
            assignments,
            version: 1,
        }
    }

    /// Where the person stands after the row, and what is told.
    fn settled(row: &EmployeeRow, before: &Employee, effective_on: &str) -> (Vec<(String, String)>, Vec<String>) {
        let mut after = Employee { hired_on: row.hired_on, left_on: row.left_on, ..before.clone() };
        let notes = settle(row, Some(before), &mut after, day(effective_on));
        let again = settle(row, Some(&after), &mut after.clone(), day(effective_on));
        assert!(again.iter().all(|(column, _)| *column == "unit"), "a row that is known brings no new note: {again:?}");
        let stands = after.assignments.into_iter().map(|a| (a.from.to_string(), a.unit.into())).collect();
        (stands, notes.into_iter().map(|(_, note)| note.en).collect())
    }

    fn stands(of: &[(&str, &str)]) -> Vec<(String, String)> {
        of.iter().map(|(from, unit)| ((*from).to_owned(), (*unit).to_owned())).collect()
    }

    #[test]
    fn given_an_earlier_joining_day_then_the_first_assignment_begins_on_it() {
        let before = person(Some("2026-09-20"), None, &[("2026-09-20", "WH")]);
        let (found, notes) = settled(&row(Some("2026-09-01"), None, "WH"), &before, "2026-09-28");
        assert_eq!(found, stands(&[("2026-09-01", "WH")]));
        assert_eq!(notes, ["the first assignment (WH) now begins on 2026-09-01 instead of 2026-09-20"]);
        let (found, _) = settled(&row(Some("2026-09-01"), None, "HR"), &before, "2026-09-28");
        assert_eq!(found, stands(&[("2026-09-01", "WH"), ("2026-09-28", "HR")]));
    }

    #[test]
    fn given_a_joining_day_for_the_first_time_then_the_person_stands_there_from_it() {
        let before = person(None, None, &[("2026-06-01", "WH")]);
        let (found, _) = settled(&row(Some("2020-01-01"), None, "WH"), &before, "2026-09-28");
        assert_eq!(found, stands(&[("2020-01-01", "WH")]));
    }

    #[test]
    fn given_a_later_joining_day_then_the_first_assignment_follows_unless_another_has_begun() {
        let before = person(Some("2026-09-01"), None, &[("2026-09-01", "WH")]);
        let (found, _) = settled(&row(Some("2026-09-20"), None, "WH"), &before, "2026-09-28");
        assert_eq!(found, stands(&[("2026-09-20", "WH")]));
        let before = person(Some("2015-01-01"), None, &[("2015-01-01", "WH"), ("2020-01-01", "HR")]);
        let (found, notes) = settled(&row(Some("2021-01-01"), None, "HR"), &before, "2026-09-28");
        assert_eq!(found, stands(&[("2015-01-01", "WH"), ("2020-01-01", "HR")]));
        assert_eq!(notes, ["the assignment from 2015-01-01 (WH) stays, though it is before the joining day"]);
    }

    #[test]
    fn given_somebody_who_comes_back_then_they_stand_there_from_the_day_they_do() {
        let before = person(Some("2015-01-01"), Some("2026-03-31"), &[("2015-01-01", "WH")]);
        let (found, notes) = settled(&row(Some("2026-09-01"), None, "HR"), &before, "2026-09-28");
        assert_eq!(found, stands(&[("2015-01-01", "WH"), ("2026-09-01", "HR")]));
        assert_eq!(notes, ["joins again and stands here from 2026-09-01"]);
    }

    #[test]
    fn given_a_later_move_when_a_row_is_dated_back_then_it_is_told_that_the_move_stays() {
        let before = person(Some("2026-01-01"), None, &[("2026-01-01", "A"), ("2026-06-01", "B")]);
        let (found, notes) = settled(&row(Some("2026-01-01"), None, "HR"), &before, "2026-03-01");
        assert_eq!(found, stands(&[("2026-01-01", "A"), ("2026-03-01", "HR"), ("2026-06-01", "B")]));
        assert_eq!(notes, ["a later assignment from 2026-06-01 (B) stays in force"]);
        let (_, notes) = settled(&row(Some("2026-01-01"), None, "B"), &before, "2026-07-01");
        assert_eq!(notes, [""; 0]);
    }

    #[test]
    fn given_somebody_who_has_left_then_no_place_begins_after_their_last_day() {
        let before = person(Some("2015-01-01"), None, &[("2015-01-01", "WH")]);
        let (found, notes) = settled(&row(Some("2015-01-01"), Some("2026-03-31"), "HR"), &before, "2026-09-28");
        assert_eq!((found, notes), (stands(&[("2015-01-01", "WH")]), Vec::new()));
    }
}
