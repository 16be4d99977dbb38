//! Computes whoever can be computed. Much may be missing, and a policy that is only tried may want what nobody has:
//! whoever the engine complains of is left out, and the others go on.

use std::collections::BTreeMap;

use platform::aside::Wanted;
use platform::{FieldError, Problem, Result};

use super::Scheme;
use super::computing::{Detail, Fault, Findings, Ground, Kept, Piece, compute_while};
use crate::subjects::subject::Kind;

/// What came of a piece of a cycle.
#[derive(Default)]
pub struct Tried {
    pub found: Findings,
    pub left_out: Vec<LeftOut>,
}

/// Somebody or something that could not be computed.
#[derive(Clone, Debug)]
pub struct LeftOut {
    pub kind: Kind,
    pub subject: String,
    pub name: String,
    pub unit: String,
    /// Pointers below the subject, such as `/items/attendance/actual`; of a person, those below their unit begin with
    /// `/unit`.
    pub errors: Vec<FieldError>,
}

/// How often somebody is left out before it is given up: inputs that fault for somebody else each time would be
/// computed as often as there are people.
const ROUNDS: usize = 20;

/// Computes a piece without those whom the engine complains of. Complaints that are nobody's, or that do not come to
/// an end, are the inner error.
pub fn try_out(
    scheme: &Scheme,
    ground: &Ground,
    piece: Piece,
    kept: &Kept,
    detail: Detail,
    wanted: &Wanted,
) -> Result<std::result::Result<Tried, Vec<Fault>>> {
    without_culprits(piece, |piece| compute_while(scheme, ground, piece, kept, detail, wanted))
}

fn without_culprits(
    mut piece: Piece,
    mut compute: impl FnMut(&Piece) -> Result<std::result::Result<Findings, Vec<Fault>>>,
) -> Result<std::result::Result<Tried, Vec<Fault>>> {
    let (mut left_out, mut rounds) = (Vec::new(), 0);
    while !piece.is_empty() {
        let faults = match compute(&piece)? {
            Ok(found) => return Ok(Ok(Tried { found, left_out })),
            Err(faults) => faults,
        };
        rounds += 1;
        if rounds == ROUNDS {
            return Ok(Err(faults));
        }
        let culprits = Culprits::of(faults);
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
            match fault.kind {
                Kind::Person => culprits.people.entry(fault.subject).or_default().push(fault.error),
                Kind::Unit => culprits.units.entry(fault.subject).or_default().push(fault.error),
                Kind::Company => culprits.nobody.push(fault),
            }
        }
        culprits
    }

    /// Takes those complained of out of a piece: people, units, and the people of these units.
    fn take_out(mut self, piece: &mut Piece) -> Vec<LeftOut> {
        let mut out = Vec::new();
        let units = std::mem::take(&mut piece.units);
        for unit in units {
            match self.units.get(&unit.inputs.code) {
                None => piece.units.push(unit),
                Some(errors) => out.push(LeftOut {
                    kind: Kind::Unit,
                    subject: unit.inputs.code,
                    name: unit.name,
                    unit: unit.unit,
                    errors: errors.clone(),
                }),
            }
        }
        let people = std::mem::take(&mut piece.people);
        for person in people {
            let mut errors = self.people.remove(&person.inputs.number).unwrap_or_default();
            let of_unit = person.inputs.unit.as_ref().and_then(|unit| self.units.get(unit));
            errors.extend(
                of_unit
                    .into_iter()
                    .flatten()
                    .map(|error| FieldError::new(format!("/unit{}", error.pointer), error.detail.clone())),
            );
            if errors.is_empty() {
                piece.people.push(person);
            } else {
                let (kind, subject) = (Kind::Person, person.inputs.number);
                out.push(LeftOut { kind, subject, name: person.name, unit: person.unit, errors });
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use domain::case::{PersonInputs, UnitInputs};
    use platform::Message;

    use super::*;
    use crate::engine::computing::Member;

    fn fault(kind: Kind, subject: &str, pointer: &str) -> Fault {
        Fault { kind, subject: subject.into(), error: FieldError::new(pointer, Message::same("missing")) }
    }

    fn member<Inputs>(id: &str, unit: &str, inputs: Inputs) -> Member<Inputs> {
        Member { name: id.into(), unit: unit.into(), superior: None, edition: 1, inputs }
    }

    fn person(number: &str, unit: &str) -> Member<PersonInputs> {
        let inputs = PersonInputs { number: number.into(), unit: Some(unit.into()), ..PersonInputs::default() };
        member(number, unit, inputs)
    }

    #[test]
    fn given_complaints_of_a_person_and_a_unit_then_that_person_the_unit_and_its_people_go() {
        let mut piece = Piece {
            people: vec![person("E1", "NET"), person("E2", "NET"), person("E3", "OPS")],
            units: vec![member("OPS", "OPS", UnitInputs { code: "OPS".into(), ..UnitInputs::default() })],
        };
        let faults = vec![
            fault(Kind::Person, "E1", "/items/a/b"),
            fault(Kind::Unit, "OPS", "/score"),
            fault(Kind::Company, "", "/x"),
        ];

        let out = Culprits::of(faults).take_out(&mut piece);

        let told: Vec<(&str, &str)> = out.iter().map(|o| (o.subject.as_str(), o.errors[0].pointer.as_str())).collect();
        assert_eq!(told, [("OPS", "/score"), ("E1", "/items/a/b"), ("E3", "/unit/score")]);
        assert_eq!(piece.people.len(), 1);
        assert_eq!(piece.people[0].inputs.number, "E2");
    }

    #[test]
    fn given_inputs_that_fault_for_somebody_else_each_time_then_they_are_refused_after_some_rounds() {
        let people = |count: usize| (0..count).map(|at| person(&format!("E{at:02}"), "NET")).collect();
        let mut computed = 0;
        let mut first_faults = |piece: &Piece| {
            computed += 1;
            Ok(Err(vec![fault(Kind::Person, &piece.people[0].inputs.number, "/score")]))
        };

        let few = without_culprits(Piece { people: people(5), ..Piece::default() }, &mut first_faults).unwrap();
        let many = without_culprits(Piece { people: people(30), ..Piece::default() }, &mut first_faults).unwrap();

        assert_eq!(few.unwrap().left_out.len(), 5);
        assert_eq!(many.err().unwrap(), [fault(Kind::Person, "E19", "/score")]);
        assert_eq!(computed, 5 + ROUNDS);
    }
}
