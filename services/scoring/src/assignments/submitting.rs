//! Submitting forms, returning, declining and replacing them.

use std::collections::BTreeSet;

use events::{EmployeeNumber, Subject};
use jiff::civil::Date;
use platform::clock::date_of;
use platform::{Missing, Problem, Result, Tx, say};
use serde_json::json;
use uuid::Uuid;

use super::acting::may_act;
use super::assignment::{Assignment, FormState, NewAssignment, Rater, RaterKind};
use super::entering::lacking;
use super::needs::Desks;
use super::rows;
use super::turns::Turns;
use crate::approvals::ending;
use crate::cycles::cycle::Cycle;
use crate::facts::lateness;
use crate::grouping::grouped;
use crate::recusals::rows as recusals;
use crate::redos::{finishing, rows as redos};
use crate::results::published;
use crate::sheets::rows as sheets;
use crate::sheets::sheet::Sheet;
use crate::subjects::rows as subjects;
use crate::subjects::subject::{Appraised, Kind};
use crate::tasks;
use crate::viewer::Viewer;

/// Submits the caller's forms about these subjects, or the one that is meant.
pub async fn submit(
    tx: &mut Tx,
    cycle: &Cycle,
    viewer: &Viewer,
    wanted: &[Subject],
    only: Option<Uuid>,
) -> Result<usize> {
    cycle.state.check_entering()?;
    let submitted = submit_page(tx, cycle, viewer, wanted, only).await?;
    if submitted.mine == 0 {
        return Err(Problem::not_permitted(say!("没有需要您提交的部分", "no form of this is the caller's to submit")));
    }
    if let (true, true, Some(closed)) = (submitted.done.is_empty(), submitted.missing.is_empty(), submitted.closed) {
        return Err(closed);
    }
    if submitted.done.is_empty() && submitted.missing.is_empty() {
        return Err(Problem::wrong_state(say!("您的部分已提交", "the caller's part is submitted already")));
    }
    if !submitted.missing.is_empty() {
        return Err(Problem::incomplete(
            say!("您的部分尚未填写完整", "the caller's part is not complete"),
            submitted.missing,
        ));
    }
    keep(tx, cycle, "ratings.submitted", &submitted.done, json!({})).await?;
    Ok(submitted.done.len())
}

#[derive(Default)]
struct Page {
    /// Forms that are the caller's.
    mine: usize,
    /// Those that are submitted now.
    done: Vec<Assignment>,
    missing: Vec<Missing>,
    /// Why a form was passed over: the days of its stage bind.
    closed: Option<Problem>,
}

async fn submit_page(
    tx: &mut Tx,
    cycle: &Cycle,
    viewer: &Viewer,
    wanted: &[Subject],
    only: Option<Uuid>,
) -> Result<Page> {
    let scheme = cycle.scheme()?;
    let settled = grouped(sheets::lock_many(tx, cycle.id, wanted).await?, Sheet::key);
    let about = subjects::named(tx, cycle.id, wanted).await?;
    let forms = grouped(rows::of_subjects(tx, cycle.id, wanted).await?, Assignment::key);
    let recusals = recusals::pairs(tx, cycle.id).await?;
    let mut desks = Desks::of(&scheme, &cycle.parameters);
    let (mut page, now) = (Page::default(), tx.now);
    let (turns, today) = (Turns::of(cycle)?, date_of(tx.now));
    let redone: BTreeSet<Subject> = match turns.is_free() {
        true => BTreeSet::new(),
        false => redos::being_redone(tx, cycle.id, wanted).await?,
    };
    for one in &about {
        let desk = desks.desk(one, settled.get(&one.key()).and_then(|sheets| sheets.first()));
        let of_subject = forms.get(&one.key()).map(Vec::as_slice).unwrap_or_default();
        let mine = of_subject.iter().filter(|form| {
            form.is_active() && only.is_none_or(|only| only == form.id) && may_act(viewer, form, &recusals).is_ok()
        });
        for form in mine {
            page.mine += 1;
            if form.state == FormState::Submitted {
                continue;
            }
            let lacking = lacking(&desk, form, of_subject);
            // What is rated anew has no turns and no days but its own.
            let bound = !turns.is_free() && !redone.contains(&one.key());
            if let (true, Err(problem)) = (bound, turns.check_days(form, today)) {
                page.closed = page.closed.or(Some(problem));
                continue;
            }
            // What the caller hands in together has its order.
            let others = |other: &Assignment| only.is_some() || may_act(viewer, other, &recusals).is_err();
            let before = turns.before(form, of_subject, today, others).filter(|_| bound);
            if let Some(other) = before.filter(|_| lacking.is_empty()) {
                page.missing.push(whose(one, Turns::lacking(other)));
            } else if lacking.is_empty() {
                let mut form = form.clone();
                (form.state, form.missing) = (FormState::Submitted, 0);
                (form.acted_by, form.submitted_at) = (Some(viewer.name.clone()), Some(now));
                page.done.push(form);
            } else {
                page.missing.extend(lacking.into_iter().map(|missing| whose(one, missing.into())));
            }
        }
    }
    Ok(page)
}

/// What is missing, with whom it is missing about.
fn whose(about: &Appraised, missing: Missing) -> Missing {
    match about.kind {
        Kind::Unit => Missing { unit: Some(about.subject.clone()), ..missing },
        _ => Missing { number: Some(about.subject.clone()), unit: Some(about.unit.clone()), ..missing },
    }
}

/// Subjects looked at together.
const AT_ONCE: i64 = 2000;

/// Submits every form that is the caller's in the whole cycle, if all of them are complete.
pub async fn submit_all(tx: &mut Tx, cycle: &Cycle, viewer: &Viewer) -> Result<usize> {
    cycle.state.check_entering()?;
    let mine = viewer.raters();
    let stands_in = viewer.hr || viewer.executive;
    let (mut after, mut count, mut lacking, mut missing) = (String::new(), 0, BTreeSet::new(), Vec::new());
    let mut closed = None;
    loop {
        let wanted = rows::subjects_to_submit(tx, cycle.id, &mine, stands_in, &after, AT_ONCE).await?;
        let Some(last) = wanted.last() else { break };
        after = last.to_string();
        let page = submit_page(tx, cycle, viewer, &wanted, None).await?;
        closed = closed.or(page.closed);
        lacking.extend(page.missing.iter().map(|one| (one.number.clone(), one.unit.clone())));
        if missing.len() < 1000 {
            missing.extend(page.missing);
        }
        if lacking.is_empty() {
            keep(tx, cycle, "ratings.submitted", &page.done, json!({})).await?;
            count += page.done.len();
        }
    }
    if let (true, 0, Some(closed)) = (lacking.is_empty(), count, closed) {
        return Err(closed);
    }
    if lacking.is_empty() {
        return Ok(count);
    }
    missing.truncate(1000);
    let count = lacking.len();
    Err(Problem::incomplete(
        say!("您有 {count} 张考核表尚未填写完整", "your sheets that are not complete: {count}"),
        missing,
    ))
}

/// Gives submitted forms of a sheet back to whom they are of; nobody does so with their own sheet.
pub async fn give_back(
    tx: &mut Tx,
    cycle: &Cycle,
    viewer: &Viewer,
    subject: &Subject,
    column: Option<&str>,
    reason: &str,
) -> Result<()> {
    if viewer.is_subject(subject) {
        return Err(Problem::not_permitted(say!("不能退回自己的考核表", "nobody returns their own sheet")));
    }
    cycle.state.check_entering()?;
    published::must_be_open_to_raters(tx, cycle.id, subject).await?;
    let forms = rows::of_subjects(tx, cycle.id, std::slice::from_ref(subject)).await?;
    let submitted = forms.into_iter().filter(|form| form.state == FormState::Submitted);
    let mut returned: Vec<Assignment> =
        submitted.filter(|form| column.is_none_or(|column| column == form.rater_column)).collect();
    if returned.is_empty() {
        return Err(Problem::wrong_state(say!("没有已提交的部分可退回", "nothing of this sheet is submitted")));
    }
    without_standing(tx, cycle, &mut returned).await?;
    if returned.is_empty() {
        return Err(Problem::wrong_state(say!(
            "结果正在重新评定，其他评价人的评分不变",
            "the result is being redone by others: what these raters gave stands"
        )));
    }
    for form in &mut returned {
        (form.state, form.reason, form.submitted_at) = (FormState::Open, Some(reason.to_owned()), None);
    }
    keep(tx, cycle, "sheets.returned", &returned, json!({ "column": column, "reason": reason })).await?;
    let about = subjects::get(tx, cycle.id, subject).await?.name;
    let people = returned.iter().map(Assignment::rater).filter(|rater| rater.kind == RaterKind::Person);
    let to: BTreeSet<String> = people.map(|rater| rater.id).collect();
    let to = to.into_iter().map(EmployeeNumber::from).collect();
    let key = format!("{}/{subject}/{}", cycle.id, tx.now);
    tasks::telling::sent_back(tx, cycle, key, to, &about, reason).await
}

/// What a redo leaves as it was given is neither returned nor given to others.
async fn without_standing(tx: &mut Tx, cycle: &Cycle, forms: &mut Vec<Assignment>) -> Result<()> {
    let ids: Vec<Uuid> = forms.iter().map(|form| form.id).collect();
    let standing = redos::standing(tx, cycle.id, &ids).await?;
    forms.retain(|form| !standing.contains(&form.id));
    Ok(())
}

/// Everything that others submitted about a subject is open again.
pub async fn give_all_back(tx: &mut Tx, cycle: &Cycle, viewer: &Viewer, subject: &Subject, reason: &str) -> Result<()> {
    let forms = rows::of_subjects(tx, cycle.id, std::slice::from_ref(subject)).await?;
    let given = forms.iter().filter(|form| form.state == FormState::Submitted && form.rater_column != "self");
    let columns: BTreeSet<&str> = given.map(|form| form.rater_column.as_str()).collect();
    for column in columns {
        give_back(tx, cycle, viewer, subject, Some(column), reason).await?;
    }
    Ok(())
}

/// The rater declines, with a reason, where the scheme lets them.
pub async fn decline(tx: &mut Tx, cycle: &Cycle, viewer: &Viewer, mut form: Assignment, reason: &str) -> Result<()> {
    cycle.state.check_entering()?;
    let recusals = recusals::pairs(tx, cycle.id).await?;
    may_act(viewer, &form, &recusals).map_err(Problem::not_permitted)?;
    published::must_be_open_to_raters(tx, cycle.id, &form.key()).await?;
    if !form.may_decline {
        return Err(Problem::wrong_state(say!("方案不允许谢绝此项评分", "the scheme lets nobody decline this")));
    }
    if form.state != FormState::Open {
        return Err(Problem::wrong_state(say!("此项评分已不在填写中", "this form is no longer open")));
    }
    (form.state, form.reason, form.acted_by) =
        (FormState::Declined, Some(reason.to_owned()), Some(viewer.name.clone()));
    keep(tx, cycle, "assignments.declined", std::slice::from_ref(&form), json!({ "reason": reason })).await
}

/// Gives forms to somebody else; what was entered stays with the old ones.
pub async fn replace(
    tx: &mut Tx,
    cycle: &Cycle,
    viewer: &Viewer,
    forms: Vec<Assignment>,
    to: &Rater,
    until: Option<Date>,
    reason: &str,
) -> Result<Vec<Uuid>> {
    cycle.state.check_entering()?;
    let own = forms.iter().any(|form| viewer.is_subject(&form.key()));
    if own {
        return Err(Problem::not_permitted(say!("不能决定由谁为自己评分", "nobody decides who rates them")));
    }
    if forms.iter().any(|form| *to == Rater::person(&form.subject) && form.rater_column != "self") {
        return Err(Problem::field("/rater", say!("不能由本人为自己评分", "nobody rates themselves")));
    }
    let same = |form: &Assignment| form.is_active() && form.rater() == *to;
    let keys: Vec<Subject> = forms.iter().map(Assignment::key).collect();
    let published = published::to_raters(tx, cycle.id, &keys).await?;
    let open = forms.into_iter().filter(Assignment::is_replaceable);
    let mut open: Vec<Assignment> = open.filter(|form| !same(form) && !published.contains(&form.key())).collect();
    without_standing(tx, cycle, &mut open).await?;
    let ids: Vec<Uuid> = open.iter().map(|form| form.id).collect();
    rows::set_state(tx, &ids, FormState::Replaced, Some(reason)).await?;
    let scheme = cycle.scheme()?;
    let subjects: BTreeSet<Subject> = open.iter().map(Assignment::key).collect();
    let subjects: Vec<Subject> = subjects.into_iter().collect();
    let about = crate::subjects::rows::named(tx, cycle.id, &subjects).await?;
    let settled = grouped(sheets::lock_many(tx, cycle.id, &subjects).await?, Sheet::key);
    let about = grouped(about, Appraised::key);
    let mut desks = Desks::of(&scheme, &cycle.parameters);
    let today = date_of(tx.now);
    let mut fresh = Vec::new();
    for form in &open {
        let Some(one) = about.get(&form.key()).and_then(|about| about.first()) else { continue };
        let desk = desks.desk(one, settled.get(&one.key()).and_then(|sheets| sheets.first()));
        let empty = form.emptied()?;
        fresh.push(NewAssignment {
            subject: form.key(),
            edition: form.edition,
            column: form.rater_column.clone(),
            items: form.items.clone(),
            rater: to.clone(),
            named_by: Some(viewer.name.clone()),
            until: until.or(form.until.filter(|day| *day >= today)),
            optional: form.optional,
            may_decline: form.may_decline,
            missing: lacking(&desk, &empty, &open).len(),
            replaces: Some(form.id),
        });
    }
    let made = rows::insert(tx, cycle.id, &fresh).await?;
    sheets::touch(tx, cycle.id, &subjects).await?;
    let detail = json!({ "assignments": ids, "rater": to.to_string(), "reason": reason });
    tx.audit("assignments.replaced", &cycle.id.to_string(), detail).await?;
    tasks::following::bring_up_to_date(tx, cycle, &subjects).await?;
    Ok(made)
}

async fn keep(
    tx: &mut Tx,
    cycle: &Cycle,
    action: &str,
    forms: &[Assignment],
    mut detail: serde_json::Value,
) -> Result<()> {
    rows::store(tx, forms).await?;
    let subjects: BTreeSet<Subject> = forms.iter().map(Assignment::key).collect();
    let subjects: Vec<Subject> = subjects.into_iter().collect();
    let published = published::subjects(tx, cycle.id, &subjects).await?;
    if action == "ratings.submitted" {
        // What is rated anew has no days but its own.
        let in_time: Vec<Assignment> = forms.iter().filter(|form| !published.contains(&form.key())).cloned().collect();
        lateness::note(tx, cycle, &in_time).await?;
    }
    sheets::touch(tx, cycle.id, &subjects).await?;
    if published.len() < subjects.len() {
        ending::reopen(tx, cycle).await?;
    }
    let published: Vec<Subject> = published.into_iter().collect();
    if !published.is_empty() {
        finishing::finish(tx, cycle, &published).await?;
    }
    for chunk in subjects.chunks(500) {
        let numbers: Vec<&str> = chunk.iter().map(|subject| subject.id.as_str()).collect();
        if let Some(detail) = detail.as_object_mut() {
            detail.insert("numbers".to_owned(), json!(numbers));
        }
        tx.audit(action, &cycle.id.to_string(), detail.clone()).await?;
    }
    tasks::following::bring_up_to_date(tx, cycle, &subjects).await
}

/// Whether a rater exists: nobody is asked who is not there.
pub fn check_rater(pointer: &str, rater: &Rater, known: &BTreeSet<Rater>, viewer: &Viewer) -> Result<()> {
    let known = match rater.kind {
        RaterKind::Person | RaterKind::Unit => known.contains(rater),
        RaterKind::Body => viewer.bodies.has(rater.office().0),
        RaterKind::Role => domain::scheme::source::ROLES.contains(&rater.id.as_str()),
    };
    if known {
        return Ok(());
    }
    Err(Problem::field(pointer, say!("没有 {rater}", "there is no {rater}")))
}
