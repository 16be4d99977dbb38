//! Facts that the system finds itself, before a cycle is computed.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use basics::money::{parse_plain, plain, round};
use domain::Kind as DomainKind;
use domain::scheme::InputView;
use domain::scheme::source::{Derived, Giver, ResultOf, Who};
use events::Subject;
use platform::{Result, Tx};
use rust_decimal::Decimal;
use serde_json::Value;

use super::combining::counting as combined;
use super::rows::{self, Fact, NewFact, RestsOn, Saying, Source};
use crate::assignments::assignment::FormState;
use crate::assignments::rows as assignments;
use crate::cycles::cycle::Cycle;
use crate::duties::counting::{self, LATE};
use crate::engine::FactPath;
use crate::engine::Scheme;
use crate::history::rows as history;
use crate::results::published;
use crate::subjects::rows as subjects;
use crate::subjects::subject::{Appraised, Kind};

/// Finds what can be found, and keeps it beside what stood there before. What people entered stays, but for what the
/// system's own forms show.
pub async fn derive(tx: &mut Tx, cycle: &Cycle) -> Result<()> {
    let scheme = cycle.scheme()?;
    let wanted = Wanted::of(&scheme);
    let late = counting::late(tx, cycle).await?;
    if wanted.is_empty() && late.is_empty() {
        return Ok(());
    }
    let about = subjects::computed(tx, cycle.id, None).await?;
    let published = published::subjects(tx, cycle.id, &about.iter().map(Appraised::key).collect::<Vec<_>>()).await?;
    let facts = rows::of_units(tx, cycle.id, None).await?;
    let own = |fact: &&Fact| fact.giver.is_empty();
    let known: HashMap<(Kind, &str, &str), &Fact> =
        facts.iter().filter(own).map(|fact| ((fact.kind, fact.subject.as_str(), fact.path.as_str()), fact)).collect();
    let mut found: Vec<NewFact> = Vec::new();
    let mut keep =
        |one: &Appraised, path: &str, value: Option<Value>, rests_on: Option<RestsOn>, over_entered: bool| {
            let stands = known.get(&(one.kind, one.subject.as_str(), path));
            let entered = stands.is_some_and(|fact| fact.source != Source::Derived);
            let rested = stands.and_then(|fact| fact.rests_on.zip(fact.rests_version));
            let same = stands.map(|fact| &fact.value) == value.as_ref()
                && rested == rests_on.map(|on| (on.result, on.version));
            if published.contains(&one.key()) || same || (entered && !over_entered) || (entered && value.is_none()) {
                return;
            }
            let (subject, path) = (one.key(), path.to_owned());
            let value = value.unwrap_or(Value::Null);
            found.push(NewFact { subject, path, giver: String::new(), value, report: None, rests_on });
        };
    let declined = declined(tx, cycle, &wanted, &about).await?;
    let before = before(tx, cycle, &wanted, &about).await?;
    let results = results(tx, cycle, &wanted, &about).await?;
    let means = means(&scheme, &wanted, &about, &facts);
    for (fact, derived, kind) in &wanted.facts {
        let path = FactPath::Fact(fact.name.clone()).to_string();
        for one in about.iter().filter(|one| one.kind == *kind) {
            if let Some(column) = &derived.declined {
                let has = declined.get(&(one.key(), column.clone()));
                keep(one, &path, has.map(|declined| Value::Bool(*declined)), None, has == Some(&true));
            } else if derived.before.is_some() {
                let value = before.get(&(one.key(), fact.name.clone())).cloned();
                keep(one, &path, value.clone(), None, value.is_some());
            } else if derived.result_of.is_some() {
                let (value, rests_on) = results.get(&(one.key(), path.clone())).cloned().unzip();
                keep(one, &path, value, rests_on, false);
            } else if let Some(mean) = &derived.mean {
                keep(one, &path, means.get(&(mean.as_str(), one.subject.as_str())).cloned(), None, false);
            }
        }
    }
    if wanted.score.is_some() {
        for one in about.iter().filter(|one| one.kind == Kind::Unit) {
            let (value, rests_on) = results.get(&(one.key(), "score".to_owned())).cloned().unzip();
            keep(one, "score", value, rests_on, false);
        }
    }
    for ((number, path), count) in late {
        let (subject, value) = (Subject::person(&number), Value::String(count.to_string()));
        let taking_part = about.iter().any(|one| one.is(&subject)) && !published.contains(&subject);
        let stands = facts.iter().find(|fact| fact.giver == LATE && fact.subject == number && fact.path == path);
        if taking_part && stands.map(|fact| &fact.value) != Some(&value) {
            found.push(NewFact { subject, path, giver: LATE.to_owned(), value, report: None, rests_on: None });
        }
    }
    let saying = Saying { source: Source::Derived, said: None, reason: None, file: None, document: None };
    rows::insert(tx, cycle.id, &found, &saying).await
}

/// What a scheme wants the system to find.
struct Wanted {
    facts: Vec<(InputView, Derived, Kind)>,
    /// A unit's score may be a result.
    score: Option<ResultOf>,
}

impl Wanted {
    fn of(scheme: &Scheme) -> Self {
        let mut facts = Vec::new();
        for (kind, of) in [(Kind::Person, DomainKind::People), (Kind::Unit, DomainKind::Units)] {
            for fact in scheme.facts(of, None) {
                if let Some(derived) = fact.derived.clone().filter(|derived| !derived.is_paid()) {
                    facts.push((fact, derived, kind));
                }
            }
        }
        let result = |giver: &Giver| match giver {
            Giver::Result { result_of } => Some(result_of.clone()),
            _ => None,
        };
        Self { facts, score: scheme.plain().score_by().iter().find_map(result).filter(|_| scheme.takes_unit_scores()) }
    }

    fn is_empty(&self) -> bool {
        self.facts.is_empty() && self.score.is_none()
    }
}

/// Whether a kind of rater declined, of those whose form there was.
async fn declined(
    tx: &mut Tx,
    cycle: &Cycle,
    wanted: &Wanted,
    about: &[Appraised],
) -> Result<BTreeMap<(Subject, String), bool>> {
    let columns: BTreeSet<&String> =
        wanted.facts.iter().filter_map(|(_, derived, _)| derived.declined.as_ref()).collect();
    let mut found = BTreeMap::new();
    if columns.is_empty() {
        return Ok(found);
    }
    let keys: Vec<Subject> = about.iter().map(Appraised::key).collect();
    for form in assignments::of_subjects(tx, cycle.id, &keys).await? {
        let counts = matches!(form.state, FormState::Submitted | FormState::Declined);
        if counts && columns.contains(&form.rater_column) {
            let declined = found.entry((form.key(), form.rater_column.clone())).or_insert(false);
            *declined = *declined || form.state == FormState::Declined;
        }
    }
    Ok(found)
}

/// What something was in the period before.
async fn before(
    tx: &mut Tx,
    cycle: &Cycle,
    wanted: &Wanted,
    about: &[Appraised],
) -> Result<BTreeMap<(Subject, String), Value>> {
    let mut found = BTreeMap::new();
    if !wanted.facts.iter().any(|(_, derived, _)| derived.before.is_some()) {
        return Ok(found);
    }
    let period = cycle.period()?.previous().to_string();
    let keys: Vec<Subject> = about.iter().map(Appraised::key).collect();
    let results = history::of_period(tx, &cycle.scheme_code, &cycle.cadence, &period, &keys).await?;
    for (fact, derived, kind) in &wanted.facts {
        let Some(what) = &derived.before else { continue };
        for past in results.iter().filter(|past| past.kind == *kind) {
            let value = match what.as_str() {
                "grade" => past.grade.clone().map(Value::String),
                "score" => past.score.clone().map(Value::String),
                other => other.strip_prefix("fact.").and_then(|name| past.fact(name)),
            };
            if let Some(value) = value {
                found.insert((past.kind.subject(&past.subject), fact.name.clone()), value);
            }
        }
    }
    Ok(found)
}

/// Results of other schemes or cadences of the same period.
async fn results(
    tx: &mut Tx,
    cycle: &Cycle,
    wanted: &Wanted,
    about: &[Appraised],
) -> Result<BTreeMap<(Subject, String), (Value, RestsOn)>> {
    let facts = wanted.facts.iter().filter_map(|(fact, derived, kind)| {
        Some((FactPath::Fact(fact.name.clone()).to_string(), derived.result_of.clone()?, *kind))
    });
    let score = wanted.score.clone().map(|result| ("score".to_owned(), result, Kind::Unit));
    let mut found = BTreeMap::new();
    for (path, of, kind) in facts.chain(score) {
        let scheme = of.scheme.clone().unwrap_or_else(|| cycle.scheme_code.clone());
        let whose = |one: &Appraised| match &of.of {
            Some(Who::Head) => one.head.as_deref().map(Subject::person),
            _ => Some(one.key()),
        };
        let sought: Vec<(&Appraised, Subject)> =
            about.iter().filter(|one| one.kind == kind).filter_map(|one| Some((one, whose(one)?))).collect();
        let keys: Vec<Subject> = sought.iter().map(|(_, subject)| subject.clone()).collect();
        let results = history::published_of(tx, &scheme, of.cadence.as_deref(), &cycle.period, &keys).await?;
        for (one, subject) in sought {
            let Some(result) = results.iter().find(|one| one.kind.subject(&one.subject) == subject) else { continue };
            let value = if of.value.as_deref() == Some("grade") { &result.grade } else { &result.score };
            if let Some(value) = value {
                let rests_on = RestsOn { result: result.id, version: result.version };
                found.insert((one.key(), path.clone()), (Value::String(value.clone()), rests_on));
            }
        }
    }
    Ok(found)
}

/// Means of inputs over the people of each unit, by path and unit.
fn means<'a>(
    scheme: &Scheme,
    wanted: &'a Wanted,
    about: &'a [Appraised],
    facts: &[Fact],
) -> HashMap<(&'a str, &'a str), Value> {
    let paths: BTreeSet<&str> = wanted.facts.iter().filter_map(|(_, derived, _)| derived.mean.as_deref()).collect();
    let mut of_people: HashMap<&str, Vec<&Fact>> = HashMap::new();
    for fact in facts.iter().filter(|fact| fact.kind == Kind::Person && paths.contains(fact.path.as_str())) {
        of_people.entry(fact.subject.as_str()).or_default().push(fact);
    }
    let mut numbers: HashMap<(&str, &str), Vec<Decimal>> = HashMap::new();
    for person in about.iter().filter(|one| one.kind == Kind::Person) {
        let own = of_people.get(person.subject.as_str()).into_iter().flatten().copied();
        let counting = combined(scheme, DomainKind::People, person.category.as_deref(), own);
        for (path, value) in counting {
            let path = paths.get(path).copied().zip(value.as_str().and_then(parse_plain));
            if let Some((path, number)) = path {
                numbers.entry((path, person.unit.as_str())).or_default().push(number);
            }
        }
    }
    let mean = |(key, numbers): (_, Vec<Decimal>)| {
        let mean = numbers.iter().sum::<Decimal>().checked_div(Decimal::from(numbers.len()))?;
        Some((key, Value::String(plain(round(mean, 10)))))
    };
    numbers.into_iter().filter_map(mean).collect()
}
