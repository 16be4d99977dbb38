//! Computation of a part of a cycle: rows in, results out. The engine does the rest.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use basics::Locale;
use basics::money::parse_plain;
use domain::case::{Case, CaseBuilder, CutOffs, PersonInputs, UnitInputs};
use domain::evaluate::{Evaluation, Explanation, OutputValue, PersonResult, Phase, evaluate_while};

use domain::period::Period;
use domain::{Invalid, Kind, words};
use events::Values;
use platform::aside::Wanted;
use platform::{Code, Message, Problem, Result, say};
use rust_decimal::Decimal;
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::Scheme;
use crate::cycles::cycle::{Cycle, Unit};
use crate::sheets::sheet::Sheet;

/// An earlier result of a person under the same scheme.
#[derive(Clone, Debug, diesel::Queryable)]
pub struct Past {
    pub period: String,
    pub score: Option<String>,
    pub grade: Option<String>,
}

/// Earlier results by employee number.
pub type History = HashMap<String, Vec<Past>>;

/// What was found for a person.
#[derive(Clone, Debug, Default)]
pub struct PersonFound {
    pub number: String,
    pub excluded: Option<String>,
    pub score: Option<Decimal>,
    pub grade: Option<String>,
    pub coefficient: Option<Decimal>,
    pub outcomes: Vec<String>,
    pub interview: Vec<String>,
    pub scores: BTreeMap<String, String>,
    pub carried: Values,
    /// As the engine writes it.
    pub explanation: String,
}

/// What was found for a unit.
#[derive(Clone, Debug, Default)]
pub struct UnitFound {
    pub code: String,
    pub score: Option<Decimal>,
    pub grade: Option<String>,
    pub coefficient: Option<Decimal>,
    pub outcomes: Vec<String>,
    pub carried: Values,
}

#[derive(Clone, Debug, Default)]
pub struct Found {
    pub people: Vec<PersonFound>,
    pub units: Vec<UnitFound>,
    pub company_carried: Values,
    /// Codes of what the scheme warns of.
    pub warnings: Vec<String>,
}

/// Something that keeps results from being computed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct Fault {
    /// Employee number, where it is about a person.
    pub number: Option<String>,
    /// Unit code, where it is about a unit.
    pub unit: Option<String>,
    /// Where below them it stands or should stand, such as `/items/attendance/actual`.
    pub pointer: String,
    /// Kept in both languages; told in the caller's.
    #[serde(serialize_with = "in_both_languages")]
    #[schema(value_type = String)]
    pub detail: Message,
}

fn in_both_languages<S: serde::Serializer>(detail: &Message, serializer: S) -> Result<S::Ok, S::Error> {
    detail.both().serialize(serializer)
}

/// Why results cannot be computed.
#[derive(Clone, Debug, Default)]
pub struct Refusal {
    pub faults: Vec<Fault>,
    /// The inputs could be read, and everybody's were looked at; else only what cannot be read is told.
    pub computed: bool,
}

/// Some units of a cycle with their people, and what is known of these people's earlier results.
#[derive(Clone, Default)]
pub struct Piece {
    pub units: Vec<Unit>,
    pub people: Vec<Sheet>,
    pub history: History,
}

/// How much is told beside the results themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Detail {
    Results,
    /// With how they came about.
    Explained,
}

/// Computes a piece of a cycle. The outer error is ours, the inner one that of the inputs.
pub fn compute(scheme: &Scheme, cycle: &Cycle, piece: &Piece, detail: Detail) -> Result<Result<Found, Refusal>> {
    compute_while(scheme, cycle, piece, detail, &Wanted::default())
}

/// As [`compute`], as long as somebody waits for it.
pub fn compute_while(
    scheme: &Scheme,
    cycle: &Cycle,
    piece: &Piece,
    detail: Detail,
    wanted: &Wanted,
) -> Result<Result<Found, Refusal>> {
    Inputs { scheme, cycle, piece, kept: None, wanted }.evaluated(|evaluation| found(evaluation, detail))
}

/// Cut-offs of rankings by employee number.
pub type CutOffsOf = HashMap<String, CutOffs>;

/// Computes a piece, and the cut-offs of the rankings that these people were part of.
pub fn compute_ranked(
    scheme: &Scheme,
    cycle: &Cycle,
    piece: &Piece,
    numbers: &[String],
) -> Result<Result<(Found, CutOffsOf), Refusal>> {
    Inputs { scheme, cycle, piece, kept: None, wanted: &Wanted::default() }.evaluated(|evaluation| {
        let cut_offs = numbers.iter().map(|number| (number.clone(), evaluation.cut_offs(Kind::People, number))).collect();
        Ok((found(evaluation, Detail::Explained)?, cut_offs))
    })
}

/// Computes one person of a piece, who is placed by the cut-offs of an earlier ranking.
pub fn compute_placed(
    scheme: &Scheme,
    cycle: &Cycle,
    piece: &Piece,
    number: &str,
    cut_offs: &CutOffs,
) -> Result<Result<PersonFound, Refusal>> {
    let inputs = Inputs { scheme, cycle, piece, kept: Some((number, cut_offs)), wanted: &Wanted::default() };
    inputs.evaluated(|evaluation| {
        let people = found(evaluation, Detail::Explained)?.people;
        let person = people.into_iter().find(|person| person.number == number);
        person.ok_or_else(|| Problem::internal("the person to compute is not in the piece"))
    })
}

struct Inputs<'a> {
    scheme: &'a Scheme,
    cycle: &'a Cycle,
    piece: &'a Piece,
    /// Somebody who is not ranked anew.
    kept: Option<(&'a str, &'a CutOffs)>,
    /// Whether anybody still waits for what is computed.
    wanted: &'a Wanted,
}

impl Inputs<'_> {
    fn evaluated<T>(&self, read: impl FnOnce(&Evaluation<'_>) -> Result<T>) -> Result<Result<T, Refusal>> {
        let case = match self.case()? {
            Ok(case) => case,
            Err(invalid) => return Ok(Err(self.refusal(&invalid, false))),
        };
        match evaluate_while(&self.scheme.0.scheme, &case, Phase::Results, &|| self.wanted.still()) {
            _ if !self.wanted.still() => {
                Err(Problem::new(Code::Unavailable, say!("已无人等待此结果", "nobody waits for this any more")))
            }
            Ok(evaluation) => read(&evaluation).map(Ok),
            Err(invalid) => Ok(Err(self.refusal(&invalid, true))),
        }
    }

    fn case(&self) -> Result<std::result::Result<Case, Invalid>> {
        let period: Period =
            self.cycle.period.parse().map_err(|_| Problem::internal("a cycle's period cannot be read"))?;
        let parameters = &self.cycle.parameters;
        let parsed = &self.scheme.0;
        let builder = CaseBuilder::new(&parsed.scheme, period, Some(&parsed.cadence), parameters);
        let mut builder = match builder {
            Ok(builder) => builder,
            Err(invalid) => return Ok(Err(invalid)),
        };
        let company_facts: BTreeMap<String, Value> = serde_json::from_value(self.cycle.company_facts.clone())?;
        builder.company_facts(&self.scheme.facts_known(Kind::Company, None, company_facts));
        if parsed.scheme.has_units() {
            for unit in &self.piece.units {
                builder.unit(&self.unit(unit)?);
            }
        }
        for person in &self.piece.people {
            builder.person(&self.person(person, &period)?);
        }
        if let Some((number, cut_offs)) = self.kept {
            builder.keep_cut_offs(Kind::People, number, cut_offs);
        }
        Ok(builder.build())
    }

    fn unit(&self, unit: &Unit) -> Result<UnitInputs> {
        let category = self.scheme.unit_category(unit.category.as_deref());
        let facts: BTreeMap<String, Value> = serde_json::from_value(unit.facts.clone())?;
        Ok(UnitInputs {
            code: unit.code.clone(),
            category: category.map(str::to_owned),
            score: unit.score.as_deref().and_then(parse_plain).filter(|_| self.scheme.takes_unit_scores()),
            head: unit.head.clone().filter(|head| self.scheme.plain().takes_heads() && self.can_lead(unit, head)),
            facts: self.scheme.facts_known(Kind::Units, category, facts),
            ..UnitInputs::default()
        })
    }

    /// Whether a head is among those who are computed together. Units that do not depend on one another are
    /// computed beside any others, so that nobody of another unit counts there.
    fn can_lead(&self, unit: &Unit, head: &str) -> bool {
        let whole = self.scheme.is_company_wide();
        self.piece.people.iter().any(|person| person.number == head && (whole || person.unit == unit.code))
    }

    fn person(&self, sheet: &Sheet, period: &Period) -> Result<PersonInputs> {
        let category = self.scheme.person_category(sheet.category.as_deref());
        let facts = sheet.facts.iter().map(|(name, text)| (name.clone(), text.clone())).collect();
        Ok(PersonInputs {
            number: sheet.number.clone(),
            unit: self.scheme.0.scheme.has_units().then(|| sheet.unit.clone()),
            category: category.map(str::to_owned),
            hired_on: sheet.hired_on.as_deref().and_then(|d| d.parse().ok()),
            left_on: sheet.left_on.as_deref().and_then(|d| d.parse().ok()),
            facts: self.scheme.facts_known(Kind::People, category, facts),
            items: sheet.inputs.clone(),
            history: Some(serde_json::from_value(self.history_of(&sheet.number, period))?)
                .filter(|history: &Vec<_>| !history.is_empty()),
            weights: weights_of(sheet),
            ..PersonInputs::default()
        })
    }

    /// Only what lies before, or within, the period; of two results for one period, one.
    fn history_of(&self, number: &str, period: &Period) -> Value {
        let mut seen = BTreeSet::new();
        let entries = self.piece.history.get(number).into_iter().flatten();
        // One with neither says nothing: such results have people who are not appraised themselves.
        let entries = entries.filter(|past| past.score.is_some() || past.grade.is_some()).filter(|past| {
            let at = past.period.parse::<Period>().ok();
            at.is_some_and(|at| at.last_day() <= period.last_day() && at != *period) && seen.insert(&past.period)
        });
        let known = self.scheme.grades();
        let entry = |past: &Past| {
            let grade = past.grade.as_ref().filter(|grade| known.contains(grade));
            json!({ "period": past.period, "score": past.score, "grade": grade })
        };
        entries.map(entry).collect()
    }

    fn refusal(&self, invalid: &Invalid, computed: bool) -> Refusal {
        let faults = invalid.errors.iter().map(|error| self.fault(&error.pointer, &error.detail));
        Refusal { faults: faults.collect(), computed }
    }

    /// Names the person or the unit that a pointer into the case goes to.
    fn fault(&self, pointer: &str, detail: &Message) -> Fault {
        let mut parts = pointer.splitn(4, '/').skip(1);
        let (kind, at, below) = (parts.next(), parts.next(), parts.next());
        let at = at.and_then(|at| at.parse::<usize>().ok());
        let below = below.map(|below| format!("/{below}")).unwrap_or_default();
        let (number, unit, pointer) = match (kind, at) {
            (Some("employees"), Some(at)) => (self.piece.people.get(at).map(|p| p.number.clone()), None, below),
            (Some("units"), Some(at)) => (None, self.piece.units.get(at).map(|u| u.code.clone()), below),
            _ => (None, None, pointer.to_owned()),
        };
        Fault { number, unit, pointer, detail: detail.clone() }
    }
}

/// Weights that HR settled for this person, if any.
fn weights_of(sheet: &Sheet) -> Option<BTreeMap<String, Decimal>> {
    let weights = sheet.weights.iter().filter_map(|(item, weight)| Some((item.clone(), parse_plain(weight)?)));
    let weights: BTreeMap<_, _> = weights.collect();
    (!weights.is_empty()).then_some(weights)
}

fn found(evaluation: &Evaluation<'_>, detail: Detail) -> Result<Found> {
    let carried = evaluation.carried_people();
    let people = evaluation.people().zip(carried);
    let people = people.map(|(person, (_, carried))| {
        let explanation = match detail {
            Detail::Results => String::new(),
            Detail::Explained => serde_json::to_string(&evaluation.explanation(&person.number))?,
        };
        Ok(PersonFound {
            explanation,
            scores: further(&person),
            number: person.number,
            excluded: person.excluded,
            score: person.score.map(|s| s.amount()),
            grade: person.grade,
            coefficient: person.coefficient.map(|c| c.amount()),
            outcomes: person.outcomes,
            interview: person.interview,
            carried,
        })
    });
    let units = evaluation.units().map(|unit| UnitFound {
        carried: evaluation.carried_unit(&unit.code),
        code: unit.code,
        score: unit.score.map(|s| s.amount()),
        grade: unit.grade,
        coefficient: unit.coefficient.map(|c| c.amount()),
        outcomes: unit.outcomes,
    });
    Ok(Found {
        people: people.collect::<Result<_>>()?,
        units: units.collect(),
        company_carried: evaluation.carried_company(),
        warnings: evaluation.warnings(),
    })
}

/// Scores and other outputs that only some policies have, by name.
fn further(person: &PersonResult) -> BTreeMap<String, String> {
    let scores = person.scores.iter().map(|(name, score)| (name.clone(), score.amount().normalize().to_string()));
    let outputs = person.outputs.iter().map(|(name, value)| {
        let text = match value {
            OutputValue::Flag(flag) => flag.to_string(),
            OutputValue::Text(text) => text.clone(),
        };
        (name.clone(), text)
    });
    scores.chain(outputs).collect()
}

impl Scheme {
    /// A stored explanation in words and as a tree.
    pub fn render(&self, stored: &str, locale: Locale) -> Result<(String, Value)> {
        let Some(explanation) = serde_json::from_str::<Option<Explanation<'_>>>(stored)? else {
            return Err(Problem::internal("a result has no explanation"));
        };
        let scheme = &self.0.scheme;
        Ok((words::render(&explanation, scheme, locale), words::tree(&explanation, scheme)))
    }
}
