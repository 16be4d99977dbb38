//! The one door for values that no rater gives.

use std::collections::{BTreeMap, BTreeSet};

use domain::scheme::source::{Giver, Who};
use events::{Subject, SubjectKind};
use platform::web::Errors;
use platform::{Code, Result, Tx, say};
use serde_json::{Value, json};

use super::asking;
use super::rows::{self, NewFact, Saying};
use crate::approvals::ending;
use crate::assignments::acting::{gives_as, may_give};
use crate::assignments::needs::Desks;
use crate::cycles::cycle::Cycle;
use crate::cycles::rows as cycles;
use crate::engine::{FactPath, Giving, Scheme, unknown_path};
use crate::fact_checks::opening as fact_checks;
use crate::grouping::grouped;
use crate::results::published;
use crate::sheets::rows as sheets;
use crate::sheets::sheet::Sheet;
use crate::subjects::rows as subjects;
use crate::subjects::subject::{Appraised, Kind};
use crate::tasks;
use crate::viewer::Viewer;

/// A value on its way in.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Where it stands in the request, such as `/facts/0`.
    pub pointer: String,
    pub subject: Subject,
    pub path: String,
    /// Whose number it is, where several give one.
    pub giver: Option<String>,
    pub value: Value,
}

/// Takes all values, or none and tells everything that is wrong, with what is `wrong` already. How many there were.
pub async fn enter(
    tx: &mut Tx,
    cycle: &Cycle,
    viewer: &Viewer,
    entries: Vec<Entry>,
    wrong: Errors,
    saying: &Saying<'_>,
) -> Result<usize> {
    cycle.state.check_entering()?;
    let scheme = cycle.scheme()?;
    let wanted: BTreeSet<Subject> = entries.iter().map(|entry| entry.subject.clone()).collect();
    let wanted: Vec<Subject> = wanted.into_iter().collect();
    let about = subjects::named(tx, cycle.id, &wanted).await?;
    let codes: Vec<String> = about.iter().map(|one| one.unit.clone()).collect();
    let units = subjects::units(tx, cycle.id, Some(&codes)).await?;
    let about = grouped(about, Appraised::key);
    let units: BTreeMap<&str, &Appraised> = units.iter().map(|unit| (unit.subject.as_str(), unit)).collect();
    let own_unit = subjects::unit_of(tx, cycle.id, viewer.number.as_deref()).await?;
    let settled = grouped(sheets::lock_many(tx, cycle.id, &wanted).await?, Sheet::key);
    let known = rows::of_subjects(tx, cycle.id, &wanted).await?;
    let published = published::subjects(tx, cycle.id, &wanted).await?;
    let is_checked = !scheme.chains().is_empty();
    let (mut parts, named) = fact_checks::begin(tx, &scheme, viewer, &wanted).await?;
    let (mut wrong, mut forbidden) = (wrong, Errors::default());
    let mut desks = Desks::of(&scheme, &cycle.parameters);
    let mut seen = BTreeSet::new();
    let mut facts = Vec::with_capacity(entries.len());
    for entry in entries {
        let at = |field: &str| format!("{}/{field}", entry.pointer);
        let found = about.get(&entry.subject).and_then(|about| about.first());
        if found.is_none() && entry.subject.kind != SubjectKind::Company {
            wrong.add(at("subject"), say!("本周期没有该考核对象", "the cycle has no such subject"));
            continue;
        }
        let kind = Kind::of(entry.subject.kind);
        let category = found.and_then(|found| found.category.as_deref());
        let path = FactPath::parse(&entry.path);
        let given = path.as_ref().and_then(|path| Some((path, scheme.giving(kind.domain(), category, path)?)));
        let Some((path, giving)) = given else {
            wrong.add(at("path"), unknown_path());
            continue;
        };
        let giver = match whose(viewer, &giving, entry.giver.as_deref(), found) {
            Ok(giver) => giver,
            Err(why) => {
                wrong.add(at("giver"), why);
                continue;
            }
        };
        if !seen.insert((entry.subject.clone(), entry.path.clone(), giver.clone())) {
            wrong.add(&entry.pointer, say!("该值重复给出", "this value is given twice"));
            continue;
        }
        if let Err(why) = allowed(viewer, &scheme, (path, &giving, &giver), found, &units, own_unit.as_deref()) {
            forbidden.add(&entry.pointer, why);
            continue;
        }
        let in_anothers_place =
            giving.several().iter().any(|who| who.to_string() == giver && !gives_as(viewer, who, found));
        if in_anothers_place && !viewer.machine && saying.reason.is_none() {
            wrong.add("/reason", say!("代他方填写须说明理由", "what is entered in another's place needs a reason"));
            continue;
        }
        if published.contains(&entry.subject) || (kind == Kind::Company && cycle.publications > 0) {
            let why = say!("结果已发布，只能通过更正修改", "the result is published and changes only by a correction");
            wrong.add(&entry.pointer, why);
            continue;
        }
        let mut value = entry.value.clone();
        if !value.is_null() {
            let weight = match (path, found) {
                (FactPath::Item { item, .. }, Some(found)) => {
                    let sheet = settled.get(&entry.subject).and_then(|sheets| sheets.first());
                    desks.desk(found, sheet).weights.get(item).copied()
                }
                _ => None,
            };
            match scheme.check(kind.domain(), category, path, weight, &value) {
                Ok(read) => value = read,
                Err(why) => {
                    wrong.add(at("value"), why);
                    continue;
                }
            }
        }
        // Where the scheme names nobody to give a unit's score, whoever would confirm it gives it as well.
        let confirms = *path == FactPath::Score && viewer.executive && !Giver::name_somebody(&giving.by);
        let checked_by = if confirms { &[][..] } else { &giving.checked_by };
        let chain = fact_checks::chain(checked_by, found, &viewer.bodies, &named, &viewer.name);
        let report = (!chain.is_empty()).then(|| parts.of(chain, &entry.subject));
        facts.push(NewFact { subject: entry.subject, path: entry.path, giver, value, report, rests_on: None });
    }
    if let Err(mut problem) = forbidden.check() {
        problem.code = Code::NotPermitted;
        return Err(problem);
    }
    wrong.check()?;
    let waited: Vec<(Subject, String)> = facts
        .iter()
        .filter(|fact| fact.giver.is_empty() && is_checked)
        .map(|fact| (fact.subject.clone(), fact.path.clone()))
        .collect();
    if !waited.is_empty() {
        fact_checks::replace(tx, cycle, &waited).await?;
    }
    rows::insert(tx, cycle.id, &facts, saying).await?;
    fact_checks::open(tx, cycle, &parts).await?;
    sheets::touch(tx, cycle.id, &wanted).await?;
    if facts.iter().any(|fact| fact.report.is_none()) {
        ending::reopen(tx, cycle).await?;
    }
    audit(tx, cycle, &facts, &known, saying).await?;
    let asked: Vec<Subject> = facts.iter().map(|fact| fact.subject.clone()).filter(asking::is_asked).collect();
    if !asked.is_empty() {
        tasks::following::bring_up_to_date(tx, cycle, &asked).await?;
    }
    cycles::refresh_statistics(tx, facts.len()).await?;
    Ok(facts.len())
}

/// Whose number a value is: of several who each give one the one who is named, else the only one who the caller is;
/// nobody's in particular where there is one number.
fn whose(
    viewer: &Viewer,
    giving: &Giving,
    named: Option<&str>,
    about: Option<&Appraised>,
) -> Result<String, platform::Message> {
    let several = giving.several();
    let Some(named) = named else {
        let own: Vec<&Who> = several.iter().filter(|who| gives_as(viewer, who, about)).collect();
        return match own.as_slice() {
            _ if several.is_empty() => Ok(String::new()),
            [one] => Ok(one.to_string()),
            _ => Err(say!("请注明由哪一方给出", "say whose number it is")),
        };
    };
    if several.is_empty() {
        return Err(say!("该值并非由几方各自给出", "this value is not given by several"));
    }
    let known = several.iter().find(|who| who.to_string() == named);
    known.map(Who::to_string).ok_or_else(|| {
        let all: Vec<String> = several.iter().map(Who::to_string).collect();
        let all = all.join(", ");
        say!("须为以下之一：{all}", "one of {all}")
    })
}

/// Whether the caller may give a value: the scheme names them, it is not about themselves, and not about the unit they
/// lead or belong to.
fn allowed(
    viewer: &Viewer,
    scheme: &Scheme,
    (path, giving, giver): (&FactPath, &Giving, &str),
    about: Option<&Appraised>,
    units: &BTreeMap<&str, &Appraised>,
    own_unit: Option<&str>,
) -> Result<(), platform::Message> {
    if let Some(about) = about.filter(|about| viewer.is_concerned_by(about, own_unit)) {
        return Err(match about.kind {
            Kind::Unit => {
                say!("不能决定自己负责或所在部门的数据", "nobody decides about the unit they lead or belong to")
            }
            _ => say!("不能录入自己的数据", "nobody enters values about themselves"),
        });
    }
    if viewer.machine {
        return Ok(());
    }
    if let Some(who) = giving.several().iter().find(|who| who.to_string() == giver) {
        let allowed = viewer.hr || gives_as(viewer, who, about);
        return if allowed { Ok(()) } else { Err(for_others()) };
    }
    let by = giving.by.as_slice();
    let unit = about.and_then(|about| units.get(about.unit.as_str()).copied());
    let by_default = !Giver::name_somebody(&giving.by) && *path == FactPath::Score && viewer.executive;
    let derived = scheme.is_derived(about.map_or(domain::Kind::Company, |about| about.kind.domain()), path);
    if may_give(viewer, by, about, unit) || by_default || (derived && viewer.hr) {
        return Ok(());
    }
    Err(for_others())
}

fn for_others() -> platform::Message {
    say!("此项由他人填写", "this is for somebody else to enter")
}

/// Every value before and after, some hundreds an entry; each by the number or code that it is about, with whose number
/// it is of several.
async fn audit(tx: &mut Tx, cycle: &Cycle, facts: &[NewFact], known: &[rows::Fact], saying: &Saying<'_>) -> Result<()> {
    let before: BTreeMap<(Kind, &str, &str, &str), &Value> = known
        .iter()
        .map(|fact| ((fact.kind, fact.subject.as_str(), fact.path.as_str(), fact.giver.as_str()), &fact.value))
        .collect();
    for chunk in facts.chunks(500) {
        let change = |fact: &NewFact| {
            let key = (Kind::of(fact.subject.kind), fact.subject.id.as_str(), fact.path.as_str(), fact.giver.as_str());
            let whose = Some(&fact.giver).filter(|giver| !giver.is_empty());
            let change = [json!(fact.subject.id), json!(fact.path), json!(before.get(&key)), fact.value.clone()];
            change.into_iter().chain(whose.map(|giver| json!(giver))).collect()
        };
        let changes: Vec<Value> = chunk.iter().map(change).collect();
        let detail =
            json!({ "changes": changes, "source": saying.source, "said": saying.said, "reason": saying.reason });
        tx.audit("facts.entered", &cycle.id.to_string(), detail).await?;
    }
    Ok(())
}
