//! Computes again what was published, from corrected inputs. A ranking stays as it was published: everybody else keeps
//! their place, the corrected are placed by its cut-offs. Whoever's result differs has a new version.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use diesel::sql_types::{Array, Bool, Nullable, Text, Uuid as SqlUuid};
use diesel_async::RunQueryDsl;
use events::{Event, ResultUnit, ResultsPublished, Subject, SubjectKind};
use platform::clock::date_of;
use platform::sql::Lock;
use platform::web::Errors;
use platform::{Clock, FieldError, Problem, Result, Tx, say};
use serde_json::{Value, json};
use uuid::Uuid;

use super::depending::{self, Dependent, TOLD_AT_MOST};
use super::patch;
use crate::cycles::cycle::Cycle;
use crate::cycles::rows as cycles;
use crate::engine::Scheme;
use crate::engine::computing::{Detail, Fault, Findings, Found, Ground, Kept, compute};
use crate::history::rows as history;
use crate::redos::rows as redos;
use crate::results::involved;
use crate::results::ranking::{self, Grounds};
use crate::results::rows::{self as results, Made, Making, Standing};
use crate::results::sources;
use crate::runs::closing::{ground_of, published_before};
use crate::runs::loading::WHOLE;
use crate::sheets::sheet::id_of;
use crate::subjects::rows as subjects;
use crate::subjects::subject::{self, Kind};
use crate::viewer::Viewer;

/// A value that should have been there.
pub struct Change {
    pub subject: String,
    pub path: String,
    pub value: Value,
}

/// Whoever has another result.
pub struct Affected {
    pub standing: Standing,
    pub before: Found,
    pub after: Found,
    /// What it is computed from now.
    inputs: String,
}

/// What a correction comes to, before anything is kept.
pub struct Correction {
    cycle: Cycle,
    run: i32,
    pub affected: Vec<Affected>,
    carried_units: BTreeMap<String, events::Values>,
    /// Which values are corrected: whose, and the path that facts have.
    changed: BTreeSet<(String, String)>,
    /// Whoever was rated anew, with the edition of the sheet on which that was.
    redone: Option<(Subject, i32)>,
}

impl Affected {
    pub fn result(&self, cycle: Uuid) -> Uuid {
        id_of(cycle, &self.standing.kind.subject(&self.standing.subject))
    }
}

impl Correction {
    /// It follows from what was rated anew on another edition of somebody's sheet.
    pub fn redone(&mut self, subject: &Subject, edition: i32) {
        self.redone = Some((subject.clone(), edition));
    }

    fn edition_of(&self, one: &Standing) -> i32 {
        let redone = self.redone.as_ref().filter(|(subject, _)| *subject == one.kind.subject(&one.subject));
        redone.map_or(one.edition, |(_, edition)| *edition)
    }

    /// Whose results rest on those that are corrected.
    pub async fn dependents(&self, tx: &mut Tx) -> Result<Vec<Dependent>> {
        let ids: Vec<Uuid> = self.affected.iter().map(|one| one.result(self.cycle.id)).collect();
        depending::of_results(tx, &ids, None, TOLD_AT_MOST).await
    }
}

/// Works out what a correction comes to.
pub async fn prepare(
    tx: &mut Tx,
    viewer: &Viewer,
    clock: Option<&Clock>,
    id: Uuid,
    changes: &[Change],
) -> Result<Correction> {
    let wanted = changed_subjects(viewer, changes)?;
    let cycle = cycles::get(tx, id, Lock::Share).await?;
    cycle.state.check_not_cancelled()?;
    if cycle.publications == 0 {
        return Err(Problem::wrong_state(say!(
            "只有已发布的结果才能更正；未发布的结果请修改后重新结算",
            "only a published result is corrected; before that, change what is entered and close again"
        )));
    }
    match clock {
        Some(clock) => history::lock(tx, clock).await?,
        None => history::keep(tx).await?,
    }
    let about = subjects::named(tx, cycle.id, &wanted).await?;
    let own_unit = subjects::unit_of(tx, cycle.id, viewer.number.as_deref()).await?;
    if about.iter().any(|one| viewer.is_concerned_by(one, own_unit.as_deref())) {
        let why = say!("不能更正自己或所在部门的结果", "nobody corrects their own result, or that of their unit");
        return Err(Problem::not_permitted(why));
    }
    let scheme = cycle.scheme()?;
    let mut pieces: Vec<String> = about.iter().map(|one| one.unit.clone()).collect();
    if scheme.is_company_wide() {
        pieces = vec![WHOLE.to_owned()];
    }
    pieces.sort();
    pieces.dedup();
    check_announced(tx, cycle.id, &pieces).await?;
    let standing = results::standing(tx, cycle.id, &pieces).await?;
    let corrected = corrected(&scheme, &standing, changes)?;
    let (first, grounds) = published_before(tx, &cycle, &pieces).await?;
    let run = standing.iter().map(|one| one.run).max().unwrap_or_default();
    let ground = ground_of(tx, &cycle, run).await?;
    let changed: BTreeSet<(Kind, String)> =
        wanted.iter().map(|subject| (Kind::of(subject.kind), subject.id.clone())).collect();
    let work = Work { scheme, ground, grounds, first, before: standing, now: corrected, changed };
    let (found, work) = tokio::task::spawn_blocking(move || work.compute().map(|found| (found, work)))
        .await
        .map_err(Problem::internal)??;
    let found = found.map_err(|faults| refused(faults, changes))?;
    let changed = changes.iter().map(|change| (change.subject.clone(), fact_path(&change.path))).collect();
    Ok(Correction { changed, ..work.compared(cycle, run, found)? })
}

/// The path of a fact as facts have it: `/score` is `score`, `/facts/late` is `fact.late`.
fn fact_path(path: &str) -> String {
    match path.strip_prefix("/facts/") {
        Some(name) => format!("fact.{name}"),
        None => path.trim_start_matches('/').to_owned(),
    }
}

/// The subjects that changes are about; nobody corrects their own result.
fn changed_subjects(viewer: &Viewer, changes: &[Change]) -> Result<Vec<Subject>> {
    let mut wanted = BTreeSet::new();
    for (at, change) in changes.iter().enumerate() {
        let subject = subject::read(&format!("/changes/{at}/subject"), &change.subject)?;
        if subject.kind == SubjectKind::Person && viewer.is(&subject.id) {
            return Err(Problem::not_permitted(say!("不能更正自己的结果", "nobody corrects their own result")));
        }
        wanted.insert(subject);
    }
    Ok(wanted.into_iter().collect())
}

/// While results are just being told, none of them is told otherwise.
async fn check_announced(tx: &mut Tx, cycle: Uuid, pieces: &[String]) -> Result<()> {
    let units = if pieces.iter().any(|piece| piece == WHOLE) { None } else { Some(pieces) };
    let open: bool = tx
        .sql(
            "select exists (select from announcements where company_id = $1 and cycle = $2 and announced_at is null
                 and ($3::text[] is null or unit = any($3)))",
        )
        .bind::<SqlUuid, _>(cycle)
        .bind::<Nullable<Array<Text>>, _>(units)
        .columns::<Bool>()
        .get_result(tx.conn())
        .await?;
    if !open {
        return Ok(());
    }
    Err(Problem::wrong_state(say!(
        "结果正在发布，请稍候再试",
        "the results are just being published; try again in a moment"
    )))
}

/// The results as they stand, with corrected inputs where there are changes.
fn corrected(scheme: &Scheme, standing: &[Standing], changes: &[Change]) -> Result<Vec<Standing>> {
    let mut now = standing.to_vec();
    let mut errors = Errors::default();
    for (at, change) in changes.iter().enumerate() {
        let subject = subject::read(&format!("/changes/{at}/subject"), &change.subject)?;
        let kind = Kind::of(subject.kind);
        let Some(one) = now.iter_mut().find(|one| one.kind == kind && one.subject == subject.id) else {
            errors.add(
                format!("/changes/{at}/subject"),
                say!("该对象没有已发布的结果", "this subject has no published result"),
            );
            continue;
        };
        let mut inputs: Value = serde_json::from_str(&one.inputs)?;
        let lists: Vec<String> = scheme.form(kind.domain(), None).lists.iter().map(|list| list.key.clone()).collect();
        let read = match patch::apply(&mut inputs, &lists, &change.path, &change.value) {
            Ok(()) => {
                let text = serde_json::to_string(&inputs)?;
                let mut patched = one.clone();
                patched.inputs.clone_from(&text);
                if results::piece_of(scheme, std::slice::from_ref(&patched)).is_ok() {
                    Ok(text)
                } else {
                    Err(("value", say!("值的形式不对", "the value has the wrong form")))
                }
            }
            Err(why) => Err(("path", why)),
        };
        match read {
            Ok(text) => one.inputs = text,
            Err((field, why)) => errors.add(format!("/changes/{at}/{field}"), why),
        }
    }
    errors.check()?;
    Ok(now)
}

/// What the engine refuses, where it stands in the request.
fn refused(faults: Vec<Fault>, changes: &[Change]) -> Problem {
    let located = |fault: Fault| {
        let subject = if fault.kind == Kind::Company { Subject::company() } else { fault.kind.subject(&fault.subject) };
        let subject = subject.to_string();
        let own = |change: &Change| change.subject == subject && fault.error.pointer.starts_with(&change.path);
        match changes.iter().position(own) {
            Some(at) => FieldError::new(format!("/changes/{at}/value"), fault.error.detail),
            None => {
                let (pointer, detail) = (fault.error.pointer, fault.error.detail);
                FieldError::new(
                    "/changes",
                    say!("{subject} {pointer}：{detail}", "{subject} {pointer}: {detail}"; detail),
                )
            }
        }
    };
    Problem::invalid(faults.into_iter().map(located).collect())
}

/// Everything that is computed from.
struct Work {
    scheme: Scheme,
    ground: Ground,
    grounds: Grounds,
    first: Vec<Standing>,
    before: Vec<Standing>,
    now: Vec<Standing>,
    changed: BTreeSet<(Kind, String)>,
}

impl Work {
    fn compute(&self) -> Result<std::result::Result<Findings, Vec<Fault>>> {
        let kept = match self.kept()? {
            Ok(kept) => kept,
            Err(_) => return Err(Problem::internal("what was published cannot be computed again")),
        };
        compute(&self.scheme, &self.ground, &results::piece_of(&self.scheme, &self.now)?, &kept, Detail::Explained)
    }

    /// Everybody who was never corrected keeps their place.
    fn kept(&self) -> Result<std::result::Result<Kept, Vec<Fault>>> {
        let earlier = self.before.iter().filter(|one| one.because.is_some()).map(|one| (one.kind, one.subject.clone()));
        let but: BTreeSet<(Kind, String)> = earlier.chain(self.changed.iter().cloned()).collect();
        let but: Vec<(Kind, String)> = but.into_iter().collect();
        ranking::stand(&self.scheme, &self.grounds, &self.first, &but)
    }

    fn compared(self, cycle: Cycle, run: i32, found: Findings) -> Result<Correction> {
        let units = found.subjects.iter().filter(|found| found.kind == Kind::Unit);
        let carried_units = units.map(|found| (found.subject.clone(), found.carried.clone())).collect();
        // Both stand in the same order.
        let stood = self.before.iter().zip(&self.now);
        let stood: HashMap<(Kind, &str), (&Standing, &Standing)> =
            stood.map(|(before, now)| ((before.kind, before.subject.as_str()), (before, now))).collect();
        let mut affected = Vec::new();
        for after in found.subjects {
            let key = (after.kind, after.subject.clone());
            let Some((standing, now)) = stood.get(&(after.kind, after.subject.as_str())) else { continue };
            let before = standing.found()?;
            if self.changed.contains(&key) || before.differs(&after) {
                let inputs = now.inputs.clone();
                affected.push(Affected { standing: (*standing).clone(), before, after, inputs });
            }
        }
        Ok(Correction { cycle, run, affected, carried_units, changed: BTreeSet::new(), redone: None })
    }
}

/// Why published results are changed.
pub struct Because<'a> {
    pub reason: &'a str,
    /// A document that it stands in.
    pub document: Option<&'a str>,
    /// What it rests on: it is read by whoever reads the result of the subject whose values are corrected, and no other.
    pub documents: &'a [Uuid],
    /// That subject, where there are documents.
    pub documented: Option<&'a str>,
    /// The appeal that it follows.
    pub appeal: Option<Uuid>,
}

impl Because<'_> {
    /// As versions of results have it.
    fn code(&self) -> &'static str {
        if self.appeal.is_some() { "appeal" } else { "correction" }
    }
}

/// Keeps new versions of whoever is affected, and tells of them; also HR, whose results rest on theirs.
pub async fn keep(tx: &mut Tx, correction: &Correction, because: &Because<'_>) -> Result<Vec<Dependent>> {
    let by = tx.actor.name.clone();
    let cycle = &correction.cycle;
    let mut by_publication: BTreeMap<(Option<i32>, bool), Vec<Made<'_>>> = BTreeMap::new();
    for one in &correction.affected {
        let category = category_of(&one.inputs)?;
        let subject = one.standing.kind.subject(&one.standing.subject).to_string();
        let is_documented = because.documented == Some(subject.as_str());
        by_publication.entry((one.standing.publication, is_documented)).or_default().push(Made {
            version: one.standing.version + 1,
            name: one.standing.name.clone(),
            unit: one.standing.unit.clone(),
            category,
            superior: one.standing.superior.clone(),
            edition: correction.edition_of(&one.standing),
            inputs: one.inputs.clone(),
            found: &one.after,
        });
    }
    for ((publication, is_documented), made) in by_publication {
        let making = Making {
            run: correction.run,
            publication,
            because: Some(because.code()),
            reason: Some(because.reason),
            document: because.document,
            documents: if is_documented { because.documents } else { &[] },
            by: &by,
        };
        results::insert(tx, cycle.id, &making, &made).await?;
        sources::carry(tx, cycle.id, &made, &correction.changed).await?;
    }
    redos::annul(tx, cycle.id).await?;
    let annulled = redos::annulled(tx, cycle.id).await?;
    for chunk in correction.affected.chunks(500) {
        let numbers: Vec<&str> = chunk.iter().map(|one| one.standing.subject.as_str()).collect();
        let detail = json!({ "numbers": numbers, "reason": because.reason, "document": because.document, "documents": because.documents, "appeal": because.appeal });
        tx.audit("results.corrected", &cycle.id.to_string(), detail).await?;
    }
    tell(tx, correction, &annulled, because).await?;
    let dependents = correction.dependents(tx).await?;
    if let Some(first) = correction.affected.as_slice().first() {
        let key = format!("{}/{}", first.result(cycle.id), first.standing.version + 1);
        depending::tell(tx, cycle.id, &key, &dependents).await?;
    }
    Ok(dependents)
}

fn category_of(inputs: &str) -> Result<Option<String>> {
    let inputs: Value = serde_json::from_str(inputs)?;
    Ok(inputs.get("category").and_then(Value::as_str).map(str::to_owned))
}

/// Tells the versions that count; whoever is still being redone is told then.
async fn tell(tx: &mut Tx, correction: &Correction, annulled: &BTreeSet<Subject>, because: &Because<'_>) -> Result<()> {
    let cycle = &correction.cycle;
    let mut by_unit: BTreeMap<(&str, i32), Vec<&Affected>> = BTreeMap::new();
    let counts = |one: &&Affected| !annulled.contains(&one.standing.kind.subject(&one.standing.subject));
    for one in correction.affected.iter().filter(counts) {
        by_unit.entry((&one.standing.unit, one.standing.publication.unwrap_or(1))).or_default().push(one);
    }
    let codes: Vec<String> = by_unit.keys().map(|(unit, _)| (*unit).to_owned()).collect();
    let units = subjects::units(tx, cycle.id, Some(&codes)).await?;
    for ((code, publication), affected) in by_unit {
        let unit = units.iter().find(|unit| unit.subject == code);
        let carried = match correction.carried_units.get(code) {
            Some(carried) => carried.clone(),
            None => results::of_unit(tx, cycle.id, code).await?.0,
        };
        let own = affected.iter().find(|one| one.standing.kind == Kind::Unit);
        let people: Vec<&&Affected> = affected.iter().filter(|one| one.standing.kind == Kind::Person).collect();
        let numbers: Vec<&str> = people.iter().map(|one| one.standing.subject.as_str()).collect();
        let mut of_people = involved::of(tx, cycle.id, Kind::Person, &numbers).await?;
        let of_unit = involved::of(tx, cycle.id, Kind::Unit, &[code]).await?.remove(code).unwrap_or_default();
        let told = |one: &&Affected| {
            let (standing, category) = (&one.standing, category_of(&one.inputs)?);
            let involved = of_people.remove(&standing.subject).unwrap_or_default();
            Ok(results::told(&standing.name, category.as_deref(), standing.version + 1, &one.after, involved))
        };
        tx.emit(&Event::ResultsCorrected(ResultsPublished {
            cycle: cycle.id,
            period: cycle.period.clone(),
            publication,
            company_carried: serde_json::from_value(cycle.company_carried.clone())?,
            unit: ResultUnit {
                code: code.into(),
                name: unit.map_or_else(|| code.to_owned(), |unit| unit.name.clone()),
                category: unit.and_then(|unit| unit.category.clone()),
                carried,
                result: own.map(|own| results::unit_result(own.standing.version + 1, &own.after, of_unit)),
            },
            results: people.into_iter().map(told).collect::<Result<_>>()?,
            reason: Some(because.reason.to_owned()),
            known_on: Some(date_of(tx.now)),
            appeal: because.appeal,
        }))
        .await?;
    }
    Ok(())
}
