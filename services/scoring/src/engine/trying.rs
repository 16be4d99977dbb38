//! Computes whoever can be computed. While a cycle is being scored much is missing, and a policy that is only
//! tried may want what nobody has: whoever it complains of is left out, and the others go on.

use std::collections::{BTreeMap, BTreeSet};

use platform::aside::Wanted;
use platform::{FieldError, Problem, Result};

use super::Scheme;
use super::computing::{Detail, Fault, Found, Piece, Refusal, compute_while};
use crate::cycles::cycle::Cycle;
use crate::sheets::sheet::Sheet;

/// What came of a piece of a cycle.
#[derive(Default)]
pub struct Tried {
    pub found: Found,
    pub left_out: Vec<LeftOut>,
}

/// Somebody who could not be computed.
#[derive(Clone, Debug)]
pub struct LeftOut {
    pub number: String,
    pub name: String,
    pub unit: String,
    /// Pointers below the person, such as `/items/attendance/actual`; those below their unit begin with `/unit`.
    pub errors: Vec<FieldError>,
}

/// How often people are left out before the policy is refused: one whose figures fault for somebody else each time
/// would be computed as often as there are people.
const ROUNDS: usize = 20;

/// Computes a piece without those whom the engine complains of. Complaints that are nobody's, or that do not come to
/// an end, are the inner error.
pub fn try_out(scheme: &Scheme, cycle: &Cycle, piece: Piece, wanted: &Wanted) -> Result<Result<Tried, Vec<Fault>>> {
    without_culprits(piece, |piece| compute_while(scheme, cycle, piece, Detail::Results, wanted))
}

fn without_culprits(
    mut piece: Piece,
    mut compute: impl FnMut(&Piece) -> Result<Result<Found, Refusal>>,
) -> Result<Result<Tried, Vec<Fault>>> {
    let (mut left_out, mut rounds) = (Vec::new(), 0);
    while !piece.people.is_empty() {
        let refusal = match compute(&piece)? {
            Ok(found) => return Ok(Ok(Tried { found, left_out })),
            Err(refusal) => refusal,
        };
        rounds += 1;
        if rounds == ROUNDS {
            return Ok(Err(refusal.faults));
        }
        let culprits = Culprits::of(refusal.faults);
        if culprits.people.is_empty() && culprits.units.is_empty() {
            return if culprits.nobody.is_empty() {
                Err(Problem::internal("the engine refuses a case and does not say why"))
            } else {
                Ok(Err(culprits.nobody))
            };
        }
        left_out.extend(culprits.take_out(&mut piece));
    }
    Ok(Ok(Tried { left_out, ..Tried::default() }))
}

/// Complaints by whom they are about.
#[derive(Default)]
struct Culprits {
    people: BTreeMap<String, Vec<FieldError>>,
    units: BTreeMap<String, Vec<FieldError>>,
    nobody: Vec<Fault>,
}

impl Culprits {
    fn of(faults: Vec<Fault>) -> Self {
        let mut culprits = Self::default();
        for fault in faults {
            let Fault { number, unit, pointer, detail } = fault;
            match (number, unit) {
                (Some(number), _) => {
                    culprits.people.entry(number).or_default().push(FieldError::new(pointer, detail));
                }
                (None, Some(unit)) => {
                    let error = FieldError::new(format!("/unit{pointer}"), detail);
                    culprits.units.entry(unit).or_default().push(error);
                }
                (None, None) => culprits.nobody.push(Fault { number: None, unit: None, pointer, detail }),
            }
        }
        culprits
    }

    /// Takes those complained of out of a piece: people, units, and the people of these units.
    fn take_out(mut self, piece: &mut Piece) -> Vec<LeftOut> {
        let gone: BTreeSet<String> = self.units.keys().cloned().collect();
        piece.units.retain(|unit| !gone.contains(&unit.code));
        let (kept, out): (Vec<Sheet>, Vec<Sheet>) = std::mem::take(&mut piece.people)
            .into_iter()
            .partition(|person| !gone.contains(&person.unit) && !self.people.contains_key(&person.number));
        piece.people = kept;
        out.into_iter().map(|person| self.left_out(person)).collect()
    }

    fn left_out(&mut self, person: Sheet) -> LeftOut {
        let mut errors = self.people.remove(&person.number).unwrap_or_default();
        errors.extend(self.units.get(&person.unit).into_iter().flatten().cloned());
        LeftOut { number: person.number, name: person.name, unit: person.unit, errors }
    }
}

#[cfg(test)]
mod tests {
    use platform::Message;

    use super::*;

    fn fault(number: Option<&str>, unit: Option<&str>, pointer: &str) -> Fault {
        let owned = |text: Option<&str>| text.map(str::to_owned);
        Fault { number: owned(number), unit: owned(unit), pointer: pointer.into(), detail: Message::same("missing") }
    }

    fn person(number: &str, unit: &str) -> Sheet {
        Sheet {
            id: uuid::Uuid::nil(),
            cycle: uuid::Uuid::nil(),
            number: number.into(),
            unit: unit.into(),
            name: number.into(),
            category: None,
            position: None,
            superior: None,
            hired_on: None,
            left_on: None,
            facts: BTreeMap::new(),
            weights: BTreeMap::new(),
            priorities: Vec::new(),
            inputs: BTreeMap::new(),
            evidence: BTreeMap::new(),
            submitted: BTreeMap::new(),
            missing_parts: Vec::new(),
            open_parts: Vec::new(),
            version: 1,
        }
    }

    #[test]
    fn given_complaints_of_a_person_and_a_unit_then_that_person_and_the_units_people_go() {
        let mut piece =
            Piece { people: vec![person("E1", "NET"), person("E2", "NET"), person("E3", "OPS")], ..Piece::default() };
        let faults =
            vec![fault(Some("E1"), None, "/items/a/b"), fault(None, Some("OPS"), "/score"), fault(None, None, "/x")];

        let out = Culprits::of(faults).take_out(&mut piece);

        let told: Vec<(&str, &str)> = out.iter().map(|o| (o.number.as_str(), o.errors[0].pointer.as_str())).collect();
        assert_eq!(told, [("E1", "/items/a/b"), ("E3", "/unit/score")]);
        assert_eq!(piece.people.len(), 1);
        assert_eq!(piece.people[0].number, "E2");
    }

    #[test]
    fn given_a_policy_that_faults_for_somebody_else_each_time_then_it_is_refused_after_some_rounds() {
        let people = |count: usize| (0..count).map(|at| person(&format!("E{at:02}"), "NET")).collect();
        let mut computed = 0;
        let mut first_faults = |piece: &Piece| {
            computed += 1;
            let faults = vec![fault(Some(&piece.people[0].number), None, "/score")];
            Ok(Err(Refusal { faults, computed: true }))
        };

        let few = without_culprits(Piece { people: people(5), ..Piece::default() }, &mut first_faults).unwrap();
        let many = without_culprits(Piece { people: people(30), ..Piece::default() }, &mut first_faults).unwrap();

        assert_eq!(few.unwrap().left_out.len(), 5);
        assert_eq!(many.err().unwrap(), [fault(Some("E19"), None, "/score")]);
        assert_eq!(computed, 5 + ROUNDS);
    }
}
