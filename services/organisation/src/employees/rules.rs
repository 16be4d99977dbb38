use basics::text::{LONGEST_NAME, name_fault};
use events::{Assignment, Employee, EmployeeNumber};
use jiff::civil::Date;
use platform::auth::Permission;
use platform::web::Errors;
use platform::{Caller, Problem, Result, Role, say};

use super::employee::{Move, Seen};
use super::line;
use crate::units::tree::name_cycle;

/// Who may see everybody.
pub const SEE_ALL: [Role; 4] = [Role::Hr, Role::Executive, Role::Auditor, Role::Admin];

/// Whom the caller may see.
pub fn seen_by<P: Permission>(caller: &Caller<P>) -> Seen<'_> {
    match caller.employee.as_deref() {
        _ if caller.has_any(&SEE_ALL) => Seen::Everybody,
        number => Seen::LineOf(number.unwrap_or_default()),
    }
}

pub fn check_not_oneself<P: Permission>(caller: &Caller<P>, number: &str) -> Result<()> {
    if caller.is(number) {
        return Err(Problem::not_permitted(say!("不能调整自己的任职", "nobody moves themselves")));
    }
    Ok(())
}

/// Puts an assignment among the others, oldest first; the one from the same day gives way. `None` when the
/// person stands there on that day already.
pub fn place(assignments: &mut Vec<Assignment>, new: Assignment) -> Option<Assignment> {
    let in_force = assignments.iter().rev().find(|a| a.from <= new.from);
    if in_force.is_some_and(|a| Assignment { from: new.from, ..a.clone() } == new) {
        return None;
    }
    assignments.retain(|a| a.from != new.from);
    let index = assignments.partition_point(|a| a.from < new.from);
    assignments.insert(index, new.clone());
    Some(new)
}

/// The assignment that a move begins: what it leaves out stays as it was.
pub fn moved(person: &Employee, change: &Move) -> Assignment {
    let before = person.assignment_on(change.from).or_else(|| person.assignments.first());
    let keep = |new: &Option<Option<String>>, old: fn(&Assignment) -> Option<&str>| match new {
        Some(new) => new.clone(),
        None => before.and_then(old).map(str::to_owned),
    };
    Assignment {
        from: change.from,
        unit: change.unit.as_str().into(),
        position: keep(&change.position, |a| a.position.as_deref()),
        category: keep(&change.category, |a| a.category.as_deref()),
        superior: keep(&change.superior, |a| a.superior.as_deref()).map(EmployeeNumber::from),
        dotted_superior: keep(&change.dotted_superior, |a| a.dotted_superior.as_deref()).map(EmployeeNumber::from),
    }
}

/// Checks a move against the person and itself.
pub fn check_move(errors: &mut Errors, person: &Employee, new: &Assignment) {
    if person.hired_on.is_some_and(|hired_on| new.from < hired_on) {
        errors.add("/from", say!("早于该员工的入职日期", "this is before the person is hired"));
    }
    if person.left_on.is_some_and(|left_on| new.from > left_on) {
        errors.add("/from", say!("晚于该员工的离职日期", "this is after the person has left"));
    }
    errors.check_day("/from", new.from);
    for (pointer, text) in [("/position", &new.position), ("/category", &new.category)] {
        if let Some(fault) = text.as_deref().and_then(name_fault) {
            let fault = fault.told();
            errors.add(
                pointer,
                say!(
                    "须为一行，1 到 {LONGEST_NAME} 个字符：{fault}",
                    "it takes one line of 1 to {LONGEST_NAME} characters: {fault}";
                    fault
                ),
            );
        }
    }
    if new.dotted_superior.as_ref() == Some(&person.number) {
        errors.add("/dotted_superior", say!("不能以自己为上级", "nobody reports to themselves"));
    }
}

/// `known` are those of the superiors who are employees.
pub fn check_superiors(errors: &mut Errors, new: &Assignment, known: &[EmployeeNumber]) {
    for (pointer, superior) in [("/superior", &new.superior), ("/dotted_superior", &new.dotted_superior)] {
        if superior.as_ref().is_some_and(|superior| !known.contains(superior)) {
            errors.add(pointer, say!("没有该员工", "there is no such employee"));
        }
    }
}

/// Refuses a person who would report to themselves by way of others from a day on; `everybody` may hold the person as
/// they were.
pub fn check_line(errors: &mut Errors, person: &Employee, everybody: &[Employee], from: Date) {
    let others = everybody.iter().filter(|other| other.number != person.number);
    for cycle in line::cycles(others.chain([person]), from) {
        if cycle.members.contains(&person.number.as_str()) {
            let named = name_cycle(&cycle.members, &person.number);
            errors.add(
                "/superior",
                say!(
                    "自 {} 起，以下人员将互为上下级：{named}",
                    "from {} these would report to each other: {named}",
                    cycle.from
                ),
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use events::Values;

    use super::*;

    fn assignment(from: &str, unit: &str) -> Assignment {
        Assignment {
            from: from.parse().unwrap(),
            unit: unit.into(),
            position: Some("engineer".to_owned()),
            category: None,
            superior: Some("E9".into()),
            dotted_superior: None,
        }
    }

    fn person() -> Employee {
        Employee {
            number: "E1".into(),
            name: "Li".to_owned(),
            email: None,
            locale: "en".to_owned(),
            hired_on: Some("2020-01-01".parse().unwrap()),
            left_on: Some("2026-12-31".parse().unwrap()),
            facts: Values::new(),
            roles: Vec::new(),
            assignments: vec![assignment("2020-01-01", "A"), assignment("2026-09-01", "B")],
            version: 1,
        }
    }

    #[test]
    fn a_place_already_held_is_no_news() {
        let mut assignments = person().assignments;
        assert_eq!(place(&mut assignments, assignment("2026-06-01", "A")), None);
        assert_eq!(assignments.len(), 2);
    }

    #[test]
    fn assignments_stay_in_order_and_one_a_day() {
        let mut assignments = person().assignments;
        place(&mut assignments, assignment("2026-06-01", "C"));
        place(&mut assignments, assignment("2026-06-01", "D"));
        place(&mut assignments, assignment("2019-01-01", "E"));
        let units: Vec<&str> = assignments.iter().map(|a| a.unit.as_str()).collect();
        assert_eq!(units, ["E", "A", "D", "B"]);
    }

    #[test]
    fn a_move_keeps_what_it_leaves_out_and_clears_what_is_null() {
        let change = Move {
            from: "2026-06-01".parse().unwrap(),
            unit: "C".to_owned(),
            position: None,
            category: None,
            superior: Some(None),
            dotted_superior: None,
        };
        let new = moved(&person(), &change);
        assert_eq!((new.position.as_deref(), new.superior), (Some("engineer"), None));
    }

    #[test]
    fn nobody_moves_before_they_come_or_after_they_go() {
        for (from, wrong) in [("2019-12-31", true), ("2020-01-01", false), ("2026-12-31", false), ("2027-01-01", true)]
        {
            let mut errors = Errors::default();
            check_move(&mut errors, &person(), &assignment(from, "A"));
            assert_eq!(!errors.is_empty(), wrong, "{from}");
        }
    }
}
