//! Computation of a part of a cycle: inputs in, results out. The engine does the rest.

use std::collections::{BTreeMap, HashMap};

use basics::Locale;
use basics::money::{plain, round};
use domain::case::{Case, CaseBuilder, CutOffs, FigureMove, PersonInputs, UnitInputs};
use domain::evaluate::{Evaluation, Explanation, OutputValue, Phase, Placing, evaluate_while};
use domain::period::Period;
use domain::{Invalid, Kind as DomainKind, words};
use events::Values;
use platform::aside::Wanted;
use platform::{Code, FieldError, Message, Problem, Result, say};
use rust_decimal::Decimal;
use serde_json::Value;

use super::Scheme;
use crate::subjects::subject::Kind;

/// What was found for a person or a unit.
#[derive(Clone, Debug)]
pub struct Found {
    pub kind: Kind,
    pub subject: String,
    pub excluded: Option<String>,
    pub score: Option<Decimal>,
    pub grade: Option<String>,
    pub coefficient: Option<Decimal>,
    pub outcomes: Vec<String>,
    pub interview: Vec<String>,
    /// Further scores, by name.
    pub scores: BTreeMap<String, String>,
    /// What only some policies have: a level, a pool, a fund.
    pub outputs: BTreeMap<String, Value>,
    pub carried: Values,
    /// As the engine writes it.
    pub explanation: String,
}

impl Found {
    pub fn nothing(kind: Kind, subject: &str) -> Self {
        Self {
            kind,
            subject: subject.to_owned(),
            excluded: None,
            score: None,
            grade: None,
            coefficient: None,
            outcomes: Vec::new(),
            interview: Vec::new(),
            scores: BTreeMap::new(),
            outputs: BTreeMap::new(),
            carried: Values::new(),
            explanation: String::new(),
        }
    }

    /// As it is printed: one whose decimals do not end, to ten of them.
    pub fn coefficient_told(&self) -> Option<String> {
        self.coefficient.map(|coefficient| plain(round(coefficient, 10)))
    }

    /// Whether anything differs that people are told or paid by.
    pub fn differs(&self, other: &Self) -> bool {
        (&self.excluded, self.score, &self.grade, self.coefficient, &self.outcomes, &self.interview)
            != (&other.excluded, other.score, &other.grade, other.coefficient, &other.outcomes, &other.interview)
            || (&self.scores, &self.outputs, &self.carried) != (&other.scores, &other.outputs, &other.carried)
    }
}

/// Everything that a computation found.
#[derive(Clone, Debug, Default)]
pub struct Findings {
    pub subjects: Vec<Found>,
    pub company_carried: Values,
    /// Codes of what the scheme warns of.
    pub warnings: Vec<String>,
}

impl Findings {
    pub fn by_subject(&self) -> HashMap<(Kind, &str), &Found> {
        self.subjects.iter().map(|found| ((found.kind, found.subject.as_str()), found)).collect()
    }
}

/// Something that keeps results from being computed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub kind: Kind,
    pub subject: String,
    /// Where below the subject it stands or should stand, such as `/items/attendance/actual`; of the case, where it is
    /// nobody's.
    pub error: FieldError,
}

/// Somebody who is computed, with what else is known of them.
#[derive(Clone, Debug)]
pub struct Member<Inputs> {
    pub name: String,
    /// The person's unit, whether or not it is appraised; of a unit, itself.
    pub unit: String,
    pub superior: Option<String>,
    pub edition: i32,
    pub inputs: Inputs,
}

/// Units and people who are computed together.
#[derive(Clone, Debug, Default)]
pub struct Piece {
    pub units: Vec<Member<UnitInputs>>,
    pub people: Vec<Member<PersonInputs>>,
}

impl Piece {
    /// Leaves of all facts, heads and moves those that a scheme has a use for, as a case writes them.
    pub fn know(&mut self, scheme: &Scheme) {
        let (heads, co_heads) = (scheme.plain().takes_heads(), scheme.plain().takes_co_heads());
        for unit in &mut self.units {
            unit.inputs.head = unit.inputs.head.take().filter(|_| heads);
            unit.inputs.co_head = unit.inputs.co_head.take().filter(|_| co_heads);
            unit.inputs.moves.retain(|one| scheme.takes_move(DomainKind::Units, one));
            unit.inputs.facts = scheme.facts_known(DomainKind::Units, std::mem::take(&mut unit.inputs.facts));
        }
        for person in &mut self.people {
            person.inputs.moves.retain(|one| scheme.takes_move(DomainKind::People, one));
            person.inputs.facts = scheme.facts_known(DomainKind::People, std::mem::take(&mut person.inputs.facts));
        }
    }

    pub fn is_empty(&self) -> bool {
        self.units.is_empty() && self.people.is_empty()
    }

    /// With a figure of somebody or something moved further.
    pub fn moved(&mut self, kind: Kind, subject: &str, by: FigureMove) {
        match kind {
            Kind::Unit => {
                let unit = self.units.iter_mut().find(|unit| unit.inputs.code == subject);
                unit.into_iter().for_each(|unit| unit.inputs.moves.push(by.clone()));
            }
            _ => {
                let person = self.people.iter_mut().find(|person| person.inputs.number == subject);
                person.into_iter().for_each(|person| person.inputs.moves.push(by.clone()));
            }
        }
    }
}

/// What a computation stands on besides its subjects.
#[derive(Clone, Debug)]
pub struct Ground {
    pub period: String,
    pub parameters: Value,
    pub company_facts: BTreeMap<String, Value>,
}

/// What is kept of an earlier ranking.
#[derive(Clone, Debug, Default)]
pub struct Kept {
    pub placings: Vec<Placing>,
    pub cut_offs: Vec<(Kind, String, CutOffs)>,
}

/// How much is told beside the results themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    Results,
    /// With how they came about.
    Explained,
}

/// Computes a piece of a cycle. The outer error is ours, the inner one that of the inputs.
pub fn compute(
    scheme: &Scheme,
    ground: &Ground,
    piece: &Piece,
    kept: &Kept,
    detail: Detail,
) -> Result<std::result::Result<Findings, Vec<Fault>>> {
    compute_while(scheme, ground, piece, kept, detail, &Wanted::default())
}

/// As [`compute`], as long as somebody waits for it.
pub fn compute_while(
    scheme: &Scheme,
    ground: &Ground,
    piece: &Piece,
    kept: &Kept,
    detail: Detail,
    wanted: &Wanted,
) -> Result<std::result::Result<Findings, Vec<Fault>>> {
    Inputs { scheme, ground, piece, kept }.evaluated(wanted, |evaluation| findings(evaluation, detail))
}

/// Where rankings placed everybody but these subjects, and the cut-offs for these.
pub fn placed(
    scheme: &Scheme,
    ground: &Ground,
    piece: &Piece,
    kept: &Kept,
    but: &[(Kind, String)],
) -> Result<std::result::Result<Kept, Vec<Fault>>> {
    Inputs { scheme, ground, piece, kept }.evaluated(&Wanted::default(), |evaluation| {
        let except: Vec<(DomainKind, &str)> = but.iter().map(|(kind, id)| (kind.domain(), id.as_str())).collect();
        let cut_offs = but.iter().map(|(kind, id)| (*kind, id.clone(), evaluation.cut_offs(kind.domain(), id)));
        Ok(Kept { placings: evaluation.placings(&except), cut_offs: cut_offs.collect() })
    })
}

struct Inputs<'a> {
    scheme: &'a Scheme,
    ground: &'a Ground,
    piece: &'a Piece,
    kept: &'a Kept,
}

impl Inputs<'_> {
    fn evaluated<T>(
        &self,
        wanted: &Wanted,
        read: impl FnOnce(&Evaluation<'_>) -> Result<T>,
    ) -> Result<std::result::Result<T, Vec<Fault>>> {
        let case = match self.case()? {
            Ok(case) => case,
            Err(invalid) => return Ok(Err(self.faults(&invalid))),
        };
        match evaluate_while(self.scheme.plain(), &case, Phase::Results, &|| wanted.still()) {
            _ if !wanted.still() => {
                Err(Problem::new(Code::Unavailable, say!("已无人等待此结果", "nobody waits for this any more")))
            }
            Ok(evaluation) => read(&evaluation).map(Ok),
            Err(invalid) => Ok(Err(self.faults(&invalid))),
        }
    }

    fn case(&self) -> Result<std::result::Result<Case, Invalid>> {
        let period: Period =
            self.ground.period.parse().map_err(|_| Problem::internal("a cycle's period cannot be read"))?;
        let builder =
            CaseBuilder::new(self.scheme.plain(), period, Some(self.scheme.cadence()), &self.ground.parameters);
        let mut builder = match builder {
            Ok(builder) => builder,
            Err(invalid) => return Ok(Err(invalid)),
        };
        builder.company_facts(&self.scheme.facts_known(DomainKind::Company, self.ground.company_facts.clone()));
        for unit in &self.piece.units {
            builder.unit(&unit.inputs);
        }
        for person in &self.piece.people {
            builder.person(&person.inputs);
        }
        let units = self.piece.units.iter().map(|unit| (Kind::Unit, unit.inputs.code.as_str()));
        let people = self.piece.people.iter().map(|person| (Kind::Person, person.inputs.number.as_str()));
        let here: std::collections::HashSet<(Kind, &str)> = units.chain(people).collect();
        for (kind, id, cut_offs) in
            self.kept.cut_offs.iter().filter(|(kind, id, _)| here.contains(&(*kind, id.as_str())))
        {
            builder.keep_cut_offs(kind.domain(), id, cut_offs);
        }
        for placing in &self.kept.placings {
            let kind = if placing.kind == DomainKind::People { Kind::Person } else { Kind::Unit };
            if here.contains(&(kind, placing.id.as_str())) {
                builder.pin(placing.kind, &placing.id, &placing.figure, &placing.value);
            }
        }
        Ok(builder.build())
    }

    fn faults(&self, invalid: &Invalid) -> Vec<Fault> {
        invalid.errors.iter().map(|error| self.fault(&error.pointer, &error.detail)).collect()
    }

    /// Names the person or the unit that a pointer into the case goes to.
    fn fault(&self, pointer: &str, detail: &Message) -> Fault {
        let mut parts = pointer.splitn(4, '/').skip(1);
        let (kind, at, below) = (parts.next(), parts.next(), parts.next());
        let at = at.and_then(|at| at.parse::<usize>().ok());
        let below = below.map(|below| format!("/{below}")).unwrap_or_default();
        let person = |at: usize| self.piece.people.get(at).map(|person| person.inputs.number.clone());
        let unit = |at: usize| self.piece.units.get(at).map(|unit| unit.inputs.code.clone());
        let found = match (kind, at) {
            (Some("employees"), Some(at)) => person(at).map(|number| (Kind::Person, number)),
            (Some("units"), Some(at)) => unit(at).map(|code| (Kind::Unit, code)),
            _ => None,
        };
        match found {
            Some((kind, subject)) => Fault { kind, subject, error: FieldError::new(below, detail.clone()) },
            None => {
                let below = pointer.strip_prefix("/company").unwrap_or(pointer);
                Fault { kind: Kind::Company, subject: String::new(), error: FieldError::new(below, detail.clone()) }
            }
        }
    }
}

fn findings(evaluation: &Evaluation<'_>, detail: Detail) -> Result<Findings> {
    let explained = |explanation: &dyn Fn() -> Result<String>| match detail {
        Detail::Results => Ok(String::new()),
        Detail::Explained => explanation(),
    };
    let mut subjects = Vec::new();
    for unit in evaluation.units() {
        let explanation = || Ok(serde_json::to_string(&evaluation.unit_explanation(&unit.code))?);
        subjects.push(Found {
            explanation: explained(&explanation)?,
            score: unit.score.map(|score| score.amount()),
            grade: unit.grade,
            coefficient: unit.coefficient.map(|coefficient| coefficient.amount()),
            outcomes: unit.outcomes,
            outputs: told(&unit.outputs),
            carried: evaluation.carried_unit(&unit.code),
            ..Found::nothing(Kind::Unit, &unit.code)
        });
    }
    for (person, (_, carried)) in evaluation.people().zip(evaluation.carried_people()) {
        let explanation = || Ok(serde_json::to_string(&evaluation.explanation(&person.number))?);
        let score =
            |(name, score): (&String, &basics::money::Score)| (name.clone(), score.amount().normalize().to_string());
        subjects.push(Found {
            explanation: explained(&explanation)?,
            excluded: person.excluded,
            score: person.score.map(|score| score.amount()),
            grade: person.grade,
            coefficient: person.coefficient.map(|coefficient| coefficient.amount()),
            outcomes: person.outcomes,
            interview: person.interview,
            scores: person.scores.iter().map(score).collect(),
            outputs: told(&person.outputs),
            carried,
            ..Found::nothing(Kind::Person, &person.number)
        });
    }
    Ok(Findings { subjects, company_carried: evaluation.carried_company(), warnings: evaluation.warnings() })
}

fn told(outputs: &BTreeMap<String, OutputValue>) -> BTreeMap<String, Value> {
    let value = |value: &OutputValue| match value {
        OutputValue::Flag(flag) => Value::Bool(*flag),
        OutputValue::Text(text) => Value::String(text.clone()),
    };
    outputs.iter().map(|(name, output)| (name.clone(), value(output))).collect()
}

impl Scheme {
    /// A stored explanation in words and as a tree.
    pub fn render(&self, stored: &str, locale: Locale) -> Result<(String, Value)> {
        let Some(explanation) = serde_json::from_str::<Option<Explanation<'_>>>(stored)? else {
            return Err(Problem::not_found(say!("说明", "explanation")));
        };
        let scheme = self.plain();
        Ok((words::render(&explanation, scheme, locale), words::tree(&explanation, scheme)))
    }
}
