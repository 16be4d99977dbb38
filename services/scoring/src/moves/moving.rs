//! Moves figures of a computed cycle: what builds on them follows when everything is computed anew, which begins at once.

use std::collections::{BTreeSet, HashMap};

use events::Subject;
use platform::clock::date_of;
use platform::sql::Lock;
use platform::web::Errors;
use platform::{Problem, Result, Tx, say};
use serde_json::json;
use uuid::Uuid;

use super::figure_move::{Moved, NewMoves, Planned};
use super::rows;
use super::rules;
use crate::assignments::acting::gives_as;
use crate::cycles::cycle::{Cycle, State};
use crate::cycles::rows as cycles;
use crate::engine::Scheme;
use crate::engine::computing::Found;
use crate::results::rows as results;
use crate::results::{involved, published};
use crate::runs::closing::{self, Computed};
use crate::runs::loading::{self, WHOLE};
use crate::runs::{beginning, rows as runs};
use crate::subjects::rows as subjects;
use crate::subjects::subject::{self, Appraised, Kind};
use crate::viewer::Viewer;

const MOST: usize = 500;

/// Whoever has another result after a move.
pub struct Affected {
    pub subject: Subject,
    pub name: String,
    pub before: Found,
    pub after: Found,
}

async fn computed(tx: &mut Tx, cycle: Uuid, lock: Lock) -> Result<Cycle> {
    let cycle = cycles::get(tx, cycle, lock).await?;
    if cycle.state == State::Computed {
        return Ok(cycle);
    }
    let message = say!("只有已结算、尚未发布的结果才能调整", "only what is computed and not published yet is moved");
    Err(Problem::wrong_state(message))
}

/// What somebody wants to move, if all of it may be.
async fn check(tx: &mut Tx, viewer: &Viewer, cycle: &Cycle, new: &NewMoves) -> Result<Vec<Planned>> {
    if new.moves.is_empty() || new.moves.len() > MOST {
        return Err(Problem::field("/moves", say!("须有 1 到 {MOST} 项", "1 to {MOST} of them")));
    }
    let scheme = cycle.scheme()?;
    let mut errors = Errors::default();
    let mut planned = Vec::with_capacity(new.moves.len());
    for (at, one) in new.moves.iter().enumerate() {
        let at = format!("/moves/{at}");
        errors.check_text(format!("{at}/reason"), &one.reason);
        match subject::read(&format!("{at}/subject"), &one.subject) {
            Ok(subject) => planned.extend(rules::planned(&scheme, subject, one, &mut errors, &at)),
            Err(problem) => problem.errors.into_iter().for_each(|error| errors.add(error.pointer, error.detail)),
        }
    }
    errors.check()?;
    let mut errors = Errors::default();
    let wanted: BTreeSet<Subject> = planned.iter().map(|one| one.subject.clone()).collect();
    let wanted: Vec<Subject> = wanted.into_iter().collect();
    let about = subjects::named(tx, cycle.id, &wanted).await?;
    let released = published::subjects(tx, cycle.id, &wanted).await?;
    let before = rows::of_subjects(tx, cycle.id, &wanted).await?;
    let found = results::unpublished_of(tx, cycle.id, &wanted).await?;
    let own_unit = subjects::unit_of(tx, cycle.id, viewer.number.as_deref()).await?;
    let mut gave = BTreeSet::new();
    for kind in [Kind::Person, Kind::Unit] {
        let of_kind = about.iter().filter(|one| one.kind == kind);
        let of_kind: Vec<&str> = of_kind.map(|one| one.subject.as_str()).collect();
        for (subject, raters) in involved::raters(tx, cycle.id, kind, &of_kind).await? {
            gave.extend(raters.iter().map(|rater| (kind.subject(&subject), rater.to_string())));
        }
    }
    let mut current = Vec::with_capacity(planned.len());
    for (at, one) in planned.iter().enumerate() {
        let here = format!("/moves/{at}");
        let Some(known) = about.iter().find(|known| known.is(&one.subject)) else {
            errors.add(format!("{here}/subject"), say!("本周期没有该考核对象", "the cycle has no such subject"));
            continue;
        };
        may_move(&scheme, viewer, known, &one.figure, own_unit.as_deref(), &gave)?;
        if released.contains(&one.subject) {
            let message =
                say!("结果已发布，只能通过更正修改", "the result is published and changes only by a correction");
            errors.add(format!("{here}/subject"), message);
        }
        let result = found.iter().find(|result| result.kind.subject(&result.subject) == one.subject);
        let from = result.map(|result| result.found()).transpose()?;
        // Whoever is excluded, or has no such figure, has nothing that could be moved.
        let from = from.filter(|found| found.excluded.is_none()).and_then(|found| rules::current(&one.figure, &found));
        if from.is_none() {
            errors.add(format!("{here}/subject"), say!("没有可调整的结果", "there is no result to move"));
        }
        current.push(from);
        let adjust = rules::adjust(&scheme, known.kind, &one.figure);
        if let Some(message) = adjust.and_then(|adjust| rules::too_far(adjust, &planned, &before, at)) {
            errors.add(format!("{here}/by"), message);
        }
    }
    errors.check()?;
    Ok(planned.into_iter().zip(current).map(|(one, from)| Planned { from, ..one }).collect())
}

/// Whom the scheme names for this figure may move it, but nobody their own, and nobody what they scored, or somebody for
/// whom they act.
fn may_move(
    scheme: &Scheme,
    viewer: &Viewer,
    about: &Appraised,
    figure: &str,
    own_unit: Option<&str>,
    gave: &BTreeSet<(Subject, String)>,
) -> Result<()> {
    let named = rules::adjust(scheme, about.kind, figure)
        .is_some_and(|adjust| adjust.by.iter().any(|who| gives_as(viewer, who, Some(about))));
    if !named {
        let message = say!("方案没有让您调整此项", "the scheme does not let the caller move this");
        return Err(Problem::not_permitted(message));
    }
    if viewer.is_concerned_by(about, own_unit) {
        let message = say!("不能调整自己或所在部门的结果", "nobody moves their own result, or that of their unit");
        return Err(Problem::not_permitted(message));
    }
    let acts_for = |number: &str| viewer.rates_for(number) || viewer.decides_for(number);
    if gave.iter().any(|(subject, number)| about.is(subject) && acts_for(number)) {
        let message = say!("评分人不能调整自己参与评分的结果", "whoever scored does not move what came of it");
        return Err(Problem::not_permitted(message));
    }
    Ok(())
}

/// Moves figures and has everything computed anew.
pub async fn make(tx: &mut Tx, viewer: &Viewer, cycle: Uuid, new: &NewMoves) -> Result<Vec<Moved>> {
    let cycle = computed(tx, cycle, Lock::Update).await?;
    let planned = check(tx, viewer, &cycle, new).await?;
    let ids = rows::insert(tx, cycle.id, &planned).await?;
    for one in &planned {
        let detail = json!({ "subject": one.subject.to_string(), "number": one.subject.id, "figure": one.figure, "by": one.points,
            "to": one.code, "from": one.from, "reason": one.reason });
        tx.audit("results.moved", &cycle.id.to_string(), detail).await?;
    }
    beginning::begin(tx, &cycle).await?;
    let wanted: Vec<Subject> = planned.into_iter().map(|one| one.subject).collect();
    let mut made = rows::of_subjects(tx, cycle.id, &wanted).await?;
    made.retain(|one| ids.contains(&one.id));
    Ok(made)
}

/// Takes a move back: whoever made it, or HR; also where nobody can be computed with it.
pub async fn take_back(tx: &mut Tx, viewer: &Viewer, id: Uuid, reason: &str) -> Result<()> {
    let moved = rows::get(tx, id).await?;
    let cycle = cycles::get(tx, moved.cycle, Lock::Update).await?;
    cycle.state.check_entering()?;
    let about = subjects::get(tx, cycle.id, &moved.key()).await?;
    let own_unit = subjects::unit_of(tx, cycle.id, viewer.number.as_deref()).await?;
    let concerned = viewer.is_concerned_by(&about, own_unit.as_deref());
    if concerned || !(viewer.hr || viewer.is(&moved.made_by)) {
        return Err(Problem::not_permitted(say!(
            "只有调整人或人力资源可以撤回",
            "whoever moved it, or HR, takes it back"
        )));
    }
    published::must_not_be(tx, cycle.id, &moved.key()).await?;
    rows::withdraw(tx, id, reason).await?;
    let detail = json!({ "subject": moved.key().to_string(), "number": moved.subject, "figure": moved.figure, "reason": reason });
    tx.audit("results.move-withdrawn", &cycle.id.to_string(), detail).await?;
    if cycle.state == State::Computed {
        beginning::begin(tx, &cycle).await?;
    }
    Ok(())
}

/// Whose result would be another one: the moved, and in a forced ranking perhaps others.
pub async fn preview(tx: &mut Tx, viewer: &Viewer, cycle: Uuid, new: &NewMoves) -> Result<Vec<Affected>> {
    let cycle = computed(tx, cycle, Lock::Share).await?;
    let planned = check(tx, viewer, &cycle, new).await?;
    let wanted: Vec<Subject> = planned.iter().map(|one| one.subject.clone()).collect();
    let about = subjects::named(tx, cycle.id, &wanted).await?;
    let units: BTreeSet<String> = about.iter().map(|one| one.unit.clone()).collect();
    let whole = cycle.scheme()?.is_company_wide();
    let pieces: Vec<String> = if whole { vec![WHOLE.to_owned()] } else { units.into_iter().collect() };
    let before = results::unpublished(tx, cycle.id, &pieces).await?;
    let mut piece = loading::load(tx, &cycle, &pieces).await?;
    let (who, on) = (tx.actor.name.clone(), date_of(tx.now));
    for one in &planned {
        piece.moved(Kind::of(one.subject.kind), &one.subject.id, one.told(&who, on));
    }
    let run = runs::last(tx, cycle.id).await?;
    let computed = closing::computed(tx, &cycle, run, &pieces, piece).await?;
    let after: HashMap<(Kind, &str), &Found> =
        computed.iter().flat_map(Computed::found).map(|found| ((found.kind, found.subject.as_str()), found)).collect();
    let mut affected = Vec::new();
    for one in before {
        let found = one.found()?;
        let now = after.get(&(one.kind, one.subject.as_str())).filter(|now| now.differs(&found));
        // Nobody learns of their own before it is published.
        let own = one.kind == Kind::Person && viewer.is(&one.subject);
        affected.extend(now.filter(|_| !own).map(|now| Affected {
            subject: one.kind.subject(&one.subject),
            name: one.name.clone(),
            before: found.clone(),
            after: (*now).clone(),
        }));
    }
    Ok(affected)
}
