//! The organisation as it stands on a day, and what follows from it: who leads a unit, and who reports to whom.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use events::Headship;
use jiff::civil::Date;
use steps::directory::Body;

/// Somebody where the assignment puts them that is in force on the day, or else the nearest to it.
#[derive(Clone, Debug, Default)]
pub struct Person {
    pub number: String,
    pub name: String,
    pub hired_on: Option<Date>,
    pub left_on: Option<Date>,
    pub facts: BTreeMap<String, String>,
    pub unit: Option<String>,
    pub position: Option<String>,
    pub category: Option<String>,
    pub superior: Option<String>,
    pub dotted: Option<String>,
}

impl Person {
    /// Whether they were employed on some day from the first to the last.
    pub fn is_employed_within(&self, first: Date, last: Date) -> bool {
        self.hired_on.is_none_or(|hired| hired <= last) && self.left_on.is_none_or(|left| left >= first)
    }
}

#[derive(Clone, Debug, Default)]
pub struct Unit {
    pub code: String,
    pub name: String,
    pub category: Option<String>,
    pub head: Option<String>,
    pub facts: BTreeMap<String, String>,
    pub headships: Vec<Headship>,
}

/// Who leads a unit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lead {
    pub head: Option<String>,
    pub head_since: Option<Date>,
    pub co_head: Option<String>,
    /// Who is in charge of it.
    pub leader: Option<String>,
}

/// Everybody and everything on a day.
#[derive(Debug, Default)]
pub struct Organisation {
    pub people: BTreeMap<String, Person>,
    pub units: BTreeMap<String, Unit>,
    leads: HashMap<String, Lead>,
    heads: BTreeSet<String>,
    superiors: BTreeSet<String>,
}

impl Organisation {
    pub fn new(day: Date, people: Vec<Person>, units: Vec<Unit>, bodies: &[Body]) -> Self {
        let people: BTreeMap<String, Person> = people.into_iter().map(|one| (one.number.clone(), one)).collect();
        let mut units: BTreeMap<String, Unit> = units.into_iter().map(|one| (one.code.clone(), one)).collect();
        for code in people.values().filter_map(|person| person.unit.as_ref()) {
            if !units.contains_key(code) {
                units.insert(code.clone(), Unit { code: code.clone(), name: code.clone(), ..Unit::default() });
            }
        }
        let derived = derived_heads(day, &people);
        let charges = charges(day, bodies);
        let lead = |unit: &Unit| {
            let held = |office: &str| {
                let held = unit.headships.iter().filter(|one| one.office == office && is_held_on(one, day));
                held.max_by_key(|one| one.from)
            };
            let headship = held("head");
            let head = headship.map(|one| one.number.as_str().to_owned());
            let head = head.or_else(|| unit.head.clone()).or_else(|| derived.get(unit.code.as_str()).cloned());
            let superior = head.as_ref().and_then(|head| people.get(head)).and_then(|head| head.superior.clone());
            let charged = charges.get(unit.code.as_str()).into_iter().flatten();
            let charged = charged.filter(|number| Some(*number) != head.as_ref()).min().cloned();
            Lead {
                head_since: headship.map(|one| one.from),
                co_head: held("co_head").map(|one| one.number.as_str().to_owned()),
                leader: charged.or(superior),
                head,
            }
        };
        let leads: HashMap<String, Lead> = units.values().map(|unit| (unit.code.clone(), lead(unit))).collect();
        let heads = leads.values().flat_map(|lead| lead.head.iter().chain(&lead.co_head).cloned()).collect();
        let superiors = people.values().filter_map(|person| person.superior.clone()).collect();
        Self { people, units, leads, heads, superiors }
    }

    pub fn lead(&self, unit: Option<&str>) -> Lead {
        unit.and_then(|unit| self.leads.get(unit)).cloned().unwrap_or_default()
    }

    /// The superior of somebody.
    pub fn above(&self, number: Option<&str>) -> Option<String> {
        self.people.get(number?)?.superior.clone()
    }

    pub fn is_head(&self, number: &str) -> bool {
        self.heads.contains(number)
    }

    pub fn has_reports(&self, number: &str) -> bool {
        self.superiors.contains(number)
    }
}

fn is_held_on(headship: &Headship, day: Date) -> bool {
    headship.from <= day && headship.until.is_none_or(|until| day <= until)
}

/// While the organisation has not named a unit's head, it is the member whose superior is outside the unit.
fn derived_heads(day: Date, people: &BTreeMap<String, Person>) -> HashMap<String, String> {
    let mut heads = HashMap::new();
    for person in people.values().filter(|person| person.left_on.is_none_or(|left| left >= day)) {
        let Some(unit) = &person.unit else { continue };
        let superior = person.superior.as_ref().and_then(|superior| people.get(superior));
        if superior.and_then(|superior| superior.unit.as_ref()) != Some(unit) {
            heads.entry(unit.clone()).or_insert_with(|| person.number.clone());
        }
    }
    heads
}

/// Who is in charge of which unit by a seat in a body.
fn charges(day: Date, bodies: &[Body]) -> HashMap<String, BTreeSet<String>> {
    let mut charges: HashMap<String, BTreeSet<String>> = HashMap::new();
    for seat in bodies.iter().flat_map(|body| &body.seats).filter(|seat| seat.is_held_on(day)) {
        for unit in &seat.in_charge {
            charges.entry(unit.as_str().to_owned()).or_default().insert(seat.number.as_str().to_owned());
        }
    }
    charges
}

#[cfg(test)]
mod tests {
    use events::{BodyRule, Seat};
    use jiff::civil::date;

    use super::*;

    fn person(number: &str, unit: &str, superior: Option<&str>) -> Person {
        Person {
            number: number.to_owned(),
            unit: Some(unit.to_owned()),
            superior: superior.map(str::to_owned),
            ..Person::default()
        }
    }

    fn people() -> Vec<Person> {
        vec![person("G", "HQ", None), person("H", "NET", Some("G")), person("E", "NET", Some("H"))]
    }

    #[test]
    fn without_a_named_head_it_is_the_member_whose_superior_is_outside() {
        let organisation = Organisation::new(date(2026, 9, 1), people(), Vec::new(), &[]);
        let lead = organisation.lead(Some("NET"));
        assert_eq!((lead.head.as_deref(), lead.leader.as_deref()), (Some("H"), Some("G")));
        assert!(organisation.is_head("H") && organisation.has_reports("G") && !organisation.has_reports("E"));
    }

    #[test]
    fn a_headship_and_a_seat_go_before() {
        let headship = |number: &str, office: &str| Headship {
            number: number.into(),
            office: office.to_owned(),
            from: date(2026, 1, 1),
            until: None,
        };
        let unit = Unit {
            code: "NET".to_owned(),
            headships: vec![headship("E", "head"), headship("H", "co_head")],
            ..Unit::default()
        };
        let seat = Seat {
            number: "X".into(),
            office: "leader".to_owned(),
            in_charge: vec!["NET".into()],
            represents: None,
            from: date(2026, 1, 1),
            until: None,
        };
        let (code, rule) = ("LG".to_owned(), BodyRule::default());
        let body = Body { name_zh: code.clone(), name_en: code.clone(), code, seats: vec![seat], rule };
        let organisation = Organisation::new(date(2026, 9, 1), people(), vec![unit], &[body]);
        let lead = organisation.lead(Some("NET"));
        assert_eq!((lead.head.as_deref(), lead.co_head.as_deref()), (Some("E"), Some("H")));
        assert_eq!((lead.head_since, lead.leader.as_deref()), (Some(date(2026, 1, 1)), Some("X")));
    }
}
