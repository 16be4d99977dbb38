//! The reporting line over time.

use std::collections::HashMap;

use events::Employee;
use jiff::civil::Date;

use crate::units::tree;

/// People who would report to each other, and from which day on.
#[derive(Debug, PartialEq, Eq)]
pub struct Cycle<'a> {
    pub from: Date,
    pub members: Vec<&'a str>,
}

/// The cycles in the reporting line on a day and on every later day on which somebody moves.
pub fn cycles<'a>(people: impl Iterator<Item = &'a Employee>, day: Date) -> Vec<Cycle<'a>> {
    let mut superiors: HashMap<&str, Option<&str>> = HashMap::new();
    let mut moves: Vec<(Date, &str, Option<&str>)> = Vec::new();
    for person in people {
        let today = person.assignment_on(day).and_then(|a| a.superior.as_deref());
        superiors.insert(&person.number, today);
        let later = person.assignments.iter().filter(|a| a.from > day);
        moves.extend(later.map(|a| (a.from, person.number.as_str(), a.superior.as_deref())));
    }
    moves.sort_unstable();
    let mut found: Vec<Cycle> =
        tree::cycles(&superiors).into_iter().map(|members| Cycle { from: day, members }).collect();
    for moved in moves.chunk_by(|one, next| one.0 == next.0) {
        superiors.extend(moved.iter().map(|(_, number, superior)| (*number, *superior)));
        for (from, number, _) in moved {
            let is_named = |cycle: &Cycle| cycle.members.contains(number);
            if let Some(members) = round(&superiors, number)
                && !found.iter().any(is_named)
            {
                found.push(Cycle { from: *from, members });
            }
        }
    }
    found
}

/// The way up from a person, if it leads back to them.
fn round<'a>(superiors: &HashMap<&'a str, Option<&'a str>>, start: &'a str) -> Option<Vec<&'a str>> {
    let mut way = vec![start];
    let mut above = superiors.get(start).copied().flatten()?;
    while above != start {
        if way.len() > superiors.len() {
            return None;
        }
        way.push(above);
        above = superiors.get(above).copied().flatten()?;
    }
    Some(way)
}

#[cfg(test)]
mod tests {
    use events::{Assignment, Values};

    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn person(number: &str, line: &[(&str, Option<&str>)]) -> Employee {
        let assignment = |(from, superior): &(&str, Option<&str>)| Assignment {
            from: day(from),
            unit: "A".into(),
            position: None,
            category: None,
            superior: superior.map(events::EmployeeNumber::from),
            dotted_superior: None,
        };
        Employee {
            number: number.into(),
            name: number.to_owned(),
            email: None,
            locale: "zh-CN".to_owned(),
            hired_on: None,
            left_on: None,
            facts: Values::new(),
            roles: Vec::new(),
            assignments: line.iter().map(assignment).collect(),
            version: 1,
        }
    }

    #[test]
    fn a_line_without_cycles() {
        let people = [person("1", &[("2026-01-01", None)]), person("2", &[("2026-01-01", Some("1"))])];
        assert!(cycles(people.iter(), day("2026-06-01")).is_empty());
    }

    #[test]
    fn nobody_reports_to_themselves() {
        let people = [person("1", &[("2026-01-01", Some("1"))])];
        assert_eq!(cycles(people.iter(), day("2026-06-01"))[0].members, ["1"]);
    }

    #[test]
    fn a_move_dated_ahead_may_not_close_a_cycle() {
        let people = [
            person("1", &[("2026-01-01", None), ("2026-09-01", Some("3"))]),
            person("2", &[("2026-01-01", Some("1"))]),
            person("3", &[("2026-01-01", Some("2"))]),
        ];
        let found = cycles(people.iter(), day("2026-06-01"));
        assert_eq!(found, [Cycle { from: day("2026-09-01"), members: vec!["1", "3", "2"] }]);
    }

    #[test]
    fn two_who_change_places_on_one_day_are_no_cycle() {
        let people = [
            person("1", &[("2026-01-01", None), ("2026-09-01", Some("2"))]),
            person("2", &[("2026-01-01", Some("1")), ("2026-09-01", None)]),
        ];
        assert!(cycles(people.iter(), day("2026-06-01")).is_empty());
    }

    #[test]
    fn what_is_past_does_not_matter() {
        let people = [
            person("1", &[("2025-01-01", Some("2")), ("2026-01-01", None)]),
            person("2", &[("2026-01-01", Some("1"))]),
        ];
        assert!(cycles(people.iter(), day("2026-06-01")).is_empty());
    }
}
