//! Who has to give values of units and of the company: unit scores, and facts without which nothing can be computed.

use std::collections::{BTreeMap, BTreeSet};

use basics::Label;
use domain::Kind as DomainKind;
use domain::scheme::source::{Giver, InputKind, ResultOf, Who};
use events::{Subject, SubjectKind};
use platform::clock::date_of;
use platform::{Result, Tx};

use crate::assignments::acting::{holds, rater};
use crate::assignments::assignment::{Rater, RaterKind};
use crate::cycles::cycle::Cycle;
use crate::directory::rows::{self as directory, Bodies};
use crate::engine::{FactPath, Scheme};
use crate::subjects::rows as subjects;
use crate::subjects::subject::{Appraised, Kind, Standing};

/// A value that somebody has to give.
pub struct Asked {
    pub subject: Subject,
    /// What the unit is called.
    pub name: String,
    pub path: String,
    /// What the value is called; none: a unit's score.
    pub label: Option<Label>,
    /// As tasks name who has to do them.
    pub holder: String,
    /// It is given, too, once the unit's own sheet is rated.
    pub by_sheet: bool,
}

/// A value of a unit or of the company, and who gives it.
struct Wanted {
    kind: Kind,
    path: FactPath,
    label: Option<Label>,
    by: Vec<Giver>,
    by_sheet: bool,
}

/// What somebody has to give about the company, and about the units in which some subjects stand.
pub async fn asked(tx: &mut Tx, cycle: &Cycle, about: &[Subject]) -> Result<Vec<Asked>> {
    let scheme = cycle.scheme()?;
    let wanted = wanted(&scheme);
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let units = subjects::units_around(tx, cycle.id, about).await?;
    let named: Vec<&Who> = wanted.iter().flat_map(|one| &one.by).flat_map(Giver::who).collect();
    let bodies = match named.iter().any(|who| matches!(who, Who::Body { .. })) {
        true => directory::groups(tx, None, date_of(tx.now)).await?.bodies,
        false => Bodies::default(),
    };
    let heads = directory::heads(tx, named).await?;
    let from = Found::of(tx, cycle, &wanted, &units).await?;
    let (mut asked, mut facts) = (Vec::new(), BTreeMap::new());
    for one in &wanted {
        let path = one.path.to_string();
        let holder = |about: Option<&Appraised>| holder(&one.by, about, &bodies, &heads, &from);
        if one.kind == Kind::Company {
            let (subject, name, label) = (Subject::company(), String::new(), one.label.clone());
            asked.extend(holder(None).map(|holder| Asked { subject, name, path, label, holder, by_sheet: false }));
            continue;
        }
        for unit in units.iter().filter(|unit| unit.standing == Standing::In) {
            let known = facts.entry(unit.category.as_deref()).or_insert_with(|| names(&scheme, unit));
            if one.path != FactPath::Score && !known.contains(&path) {
                continue;
            }
            let Some(holder) = holder(Some(unit)) else { continue };
            let (subject, name) = (unit.key(), unit.name.clone());
            let (path, label, by_sheet) = (path.clone(), one.label.clone(), one.by_sheet);
            asked.push(Asked { subject, name, path, label, holder, by_sheet });
        }
    }
    Ok(asked)
}

/// The paths of the facts that are asked of a unit in its category.
fn names(scheme: &Scheme, unit: &Appraised) -> BTreeSet<String> {
    let facts = scheme.facts(DomainKind::Units, unit.category.as_deref());
    facts.into_iter().map(|fact| FactPath::Fact(fact.name).to_string()).collect()
}

fn wanted(scheme: &Scheme) -> Vec<Wanted> {
    let mut wanted = Vec::new();
    if scheme.asks_unit_scores() {
        let by = scheme.plain().score_by().to_vec();
        let by_sheet = scheme.may_lack_unit_scores();
        wanted.push(Wanted { kind: Kind::Unit, path: FactPath::Score, label: None, by, by_sheet });
    }
    for (kind, of) in [(Kind::Unit, DomainKind::Units), (Kind::Company, DomainKind::Company)] {
        for fact in scheme.facts(of, None) {
            // A flag that nobody sets is not set.
            let needed = fact.required && fact.kind != InputKind::Flag && fact.derived.is_none();
            if needed && !fact.by.is_empty() && fact.combine.is_none() {
                let path = FactPath::Fact(fact.name.clone());
                wanted.push(Wanted { kind, path, label: Some(fact.label), by: fact.by, by_sheet: false });
            }
        }
    }
    wanted
}

/// Whose results values are found in, by number: those who are appraised under another scheme for the same period.
struct Found {
    /// The scheme of the cycle itself.
    own: String,
    found: BTreeMap<String, BTreeSet<Subject>>,
}

impl Found {
    async fn of(tx: &mut Tx, cycle: &Cycle, wanted: &[Wanted], units: &[Appraised]) -> Result<Self> {
        let mut found: BTreeMap<String, BTreeSet<Subject>> = BTreeMap::new();
        for of in wanted.iter().flat_map(|one| &one.by).filter_map(result) {
            let scheme = of.scheme.clone().unwrap_or_else(|| cycle.scheme_code.clone());
            let whose: Vec<Subject> = units.iter().filter_map(|unit| whose(of, unit)).collect();
            let appraised = subjects::appraised_in(tx, &scheme, &cycle.period, cycle.id, &whose).await?;
            found.entry(scheme).or_default().extend(appraised);
        }
        Ok(Self { own: cycle.scheme_code.clone(), found })
    }

    /// Whether a value of a unit will be found.
    fn holds(&self, of: &ResultOf, unit: &Appraised) -> bool {
        let appraised = self.found.get(of.scheme.as_ref().unwrap_or(&self.own));
        whose(of, unit).is_some_and(|whose| appraised.is_some_and(|known| known.contains(&whose)))
    }
}

/// Values of units and of the company are asked of somebody by tasks, those of people are not.
pub fn is_asked(about: &Subject) -> bool {
    about.kind != SubjectKind::Person
}

fn result(giver: &Giver) -> Option<&ResultOf> {
    if let Giver::Result { result_of } = giver { Some(result_of) } else { None }
}

fn whose(of: &ResultOf, unit: &Appraised) -> Option<Subject> {
    match &of.of {
        Some(Who::Head) => unit.head.as_deref().map(Subject::person),
        _ => Some(unit.key()),
    }
}

/// Who gives a value: the first who counts and is there, and does not lead the unit; HR where nobody is. Nobody where it will
/// be found in a result.
fn holder(
    by: &[Giver],
    about: Option<&Appraised>,
    bodies: &Bodies,
    heads: &BTreeMap<String, String>,
    from: &Found,
) -> Option<String> {
    for giver in by {
        match (giver, about) {
            (Giver::Result { result_of }, Some(unit)) if from.holds(result_of, unit) => return None,
            (Giver::Result { .. }, _) => continue,
            (Giver::When { when, .. }, Some(about)) if !holds(Some(when), about, Some(about)) => continue,
            (Giver::When { .. }, None) => continue,
            _ => {}
        }
        let Some(who) = giver.who().first() else { continue };
        let found = match (who, about) {
            (Who::Role(role), _) => Some(Rater::role(role)),
            (Who::Unit(code), _) => heads.get(code).map(|head| Rater::person(head)),
            (Who::Body { code, office }, None) => Some(Rater::body(code, office.as_deref())),
            (who, Some(about)) => rater(who, about, bodies),
            (_, None) => None,
        };
        // Nobody gives a value about the unit that they lead.
        let own = |one: &Rater| one.kind == RaterKind::Person && about.is_some_and(|about| about.is_led_by(&one.id));
        if let Some(found) = found.filter(|one| !own(one)) {
            return Some(found.to_string());
        }
    }
    Some("role:hr".to_owned())
}

/// Whether unit scores are found in results under some scheme.
pub fn rests_on(cycle: &Cycle, scheme: &str) -> Result<bool> {
    let found = cycle.scheme()?;
    let by = found.plain().score_by();
    let own = cycle.scheme_code.as_str();
    Ok(by.iter().filter_map(result).any(|of| of.scheme.as_deref().unwrap_or(own) == scheme))
}
