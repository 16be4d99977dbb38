//! A result is annulled: it stays readable and counts nowhere, and pay keeps what was paid until the redone version tells the
//! difference. Once planning has settled the next edition of its sheet, others rate on it.

use std::collections::BTreeSet;

use events::{AnnulmentDecided, Event, ResultAnnulled, SettledSheet, Subject};
use platform::bus::Handled;
use platform::sql::Lock;
use platform::{Clock, Message, Result, Tx, say};
use serde_json::json;
use uuid::Uuid;

use super::{Redo, rows};
use crate::assignments::assignment::{Assignment, FormState, NewAssignment, Rater, RaterKind};
use crate::assignments::entering::lacking;
use crate::assignments::needs::Desks;
use crate::assignments::rows as assignments;
use crate::corrections::following;
use crate::cycles::cycle::{Cycle, State};
use crate::cycles::rows as cycles;
use crate::history::rows as history;
use crate::recusals::rows as recusals;
use crate::results::published;
use crate::sheets::rows as sheets;
use crate::sheets::sheet::Sheet;
use crate::subjects::rows as subjects;
use crate::tasks;

/// Annuls the result that an appeal was about, and has planning settle the edition on which it is redone. What cannot be redone
/// as it is decided is told back, and nothing is annulled.
pub async fn annul(tx: &mut Tx, decided: &AnnulmentDecided) -> Result<Handled> {
    let Some(cycle) = cycles::find(tx, decided.cycle, Lock::Update).await? else {
        return Ok(Handled::NotYet);
    };
    if rows::is_known(tx, decided).await? {
        return Ok(Handled::Done);
    }
    if let Some(first) = decided.by.as_slice().first() {
        tx.actor.name = first.to_string();
    }
    history::lock(tx, &Clock::starting_at(tx.now)).await?;
    let edition = match to_be_redone(tx, &cycle, decided).await? {
        Ok(edition) => edition,
        Err(why) => return following::refuse(tx, (decided.appeal, decided.attempt), why).await,
    };
    rows::insert(tx, decided, edition).await?;
    let versions = rows::annul(tx, cycle.id).await?;
    let subject = &decided.subject;
    let detail = json!({ "number": subject.id, "subject": subject.to_string(), "version": decided.version, "appeal": decided.appeal,
        "reason": decided.reason, "versions": versions, "raters": decided.raters });
    tx.audit("results.annulled", &cycle.id.to_string(), detail).await?;
    let (appeal, subject, reason) = (decided.appeal, subject.clone(), decided.reason.clone());
    tx.emit(&Event::ResultAnnulled(ResultAnnulled { appeal, cycle: cycle.id, subject, edition, reason })).await?;
    Ok(Handled::Done)
}

/// The edition of the sheet from which the result was computed, if others can rate it.
async fn to_be_redone(tx: &mut Tx, cycle: &Cycle, decided: &AnnulmentDecided) -> Result<Result<i32, Message>> {
    let about = std::slice::from_ref(&decided.subject);
    let is_published = !published::subjects(tx, cycle.id, about).await?.is_empty();
    if cycle.state == State::Cancelled || !is_published {
        return Ok(Err(say!("该考核周期没有此对象的已发布结果", "the cycle has no published result of this subject")));
    }
    if !rows::lock_open(tx, cycle.id, about).await?.is_empty() {
        return Ok(Err(say!("此结果正在重评", "the result is being redone already")));
    }
    let sheet = sheets::lock_many(tx, cycle.id, about).await?.into_iter().next();
    let Some(sheet) = sheet else {
        return Ok(Err(say!("此结果不是由考核表得出的", "the result does not come from a sheet")));
    };
    let forms = assignments::of_subjects(tx, cycle.id, about).await?;
    let forms: Vec<Assignment> = forms.into_iter().filter(|form| form.edition == sheet.edition).collect();
    let scheme = cycle.scheme()?;
    let one = subjects::get(tx, cycle.id, &decided.subject).await?;
    let form = scheme.form(one.kind.domain(), one.category.as_deref());
    for rater in &decided.raters {
        let column = &rater.column;
        let mut of_column = forms.iter().filter(|form| form.is_active() && form.rater_column == *column).peekable();
        if of_column.peek().is_none() {
            return Ok(Err(say!("此考核表上没有 {column} 的评分", "nobody rated on this sheet as {column}")));
        }
        let own = |rater: &Rater| decided.subject == Subject::person(&rater.id);
        if of_column.any(|form| own(&form.rater())) || own(&Rater::person(rater.by.as_str())) {
            let why = say!(
                "自评不能由他人重做，本人也不能为自己评分",
                "nobody else assesses in somebody's place, and nobody rates themselves"
            );
            return Ok(Err(why));
        }
        let named = decided.raters.iter().filter(|other| other.column == *column).count();
        let several = form.rater(column).filter(|rater| rater.many);
        let least = several.and_then(|rater| rater.at_least).unwrap_or(1);
        if named < least || (named > 1 && several.is_none()) {
            return Ok(Err(match several {
                Some(_) => say!("{column} 至少须有 {least} 人", "at least {least} rate as {column}"),
                None => say!("{column} 只有一人", "one rates as {column}"),
            }));
        }
    }
    Ok(Ok(sheet.edition))
}

/// Takes over the edition on which an annulled result is redone, and hands out its forms.
pub async fn take_over(tx: &mut Tx, cycle: &Cycle, appeal: Uuid, settled: &[SettledSheet]) -> Result<()> {
    let wanted: Vec<Subject> = settled.iter().map(|sheet| sheet.subject.clone()).collect();
    for redo in rows::lock_open(tx, cycle.id, &wanted).await?.into_iter().filter(|redo| redo.appeal == appeal) {
        let of_redo = |sheet: &&SettledSheet| sheet.subject == redo.key();
        let Some(sheet) = settled.iter().find(of_redo).filter(|_| redo.edition.is_none()) else { continue };
        sheets::settle(tx, cycle.id, std::slice::from_ref(sheet)).await?;
        rows::set_edition(tx, &redo, sheet.edition).await?;
        hand_out(tx, cycle, &redo).await?;
        tasks::following::bring_up_to_date(tx, cycle, &[redo.key()]).await?;
    }
    Ok(())
}

/// Hands out the forms of the new edition: those of the kinds of rater who rate anew to whoever was named, empty; what the
/// others gave stands.
async fn hand_out(tx: &mut Tx, cycle: &Cycle, redo: &Redo) -> Result<()> {
    let wanted = [redo.key()];
    let scheme = cycle.scheme()?;
    let about = subjects::get(tx, cycle.id, &redo.key()).await?;
    let sheet: Option<Sheet> = sheets::lock_many(tx, cycle.id, &wanted).await?.into_iter().next();
    let Some(sheet) = sheet else { return Ok(()) };
    let desk = Desks::of(&scheme, &cycle.parameters).desk(&about, Some(&sheet));
    let before = assignments::of_subjects(tx, cycle.id, &wanted).await?;
    let before: Vec<Assignment> =
        before.into_iter().filter(|form| form.edition == redo.annulled_edition && form.is_active()).collect();
    let raters = redo.raters()?;
    let is_anew = |form: &Assignment| raters.iter().any(|rater| rater.column == form.rater_column);
    let (anew, standing): (Vec<&Assignment>, Vec<&Assignment>) = before.iter().partition(|form| is_anew(form));
    let new = |form: &Assignment, rater: Rater, named_by: Option<String>| -> Result<NewAssignment> {
        Ok(NewAssignment {
            subject: form.key(),
            edition: sheet.edition,
            column: form.rater_column.clone(),
            items: form.items.clone(),
            named_by,
            rater,
            until: None,
            optional: form.optional,
            may_decline: form.may_decline,
            missing: lacking(&desk, &form.emptied()?, &before).len(),
            replaces: Some(form.id),
        })
    };
    let mut fresh = Vec::new();
    for form in standing.into_iter().filter(|form| form.state == FormState::Submitted) {
        fresh.push(new(form, form.rater(), form.named_by.clone())?);
    }
    // Each who rates anew has the forms of their kind, whatever items these are about; nobody who gave one rates again.
    let mut barred = BTreeSet::new();
    for form in &anew {
        let person = (form.rater_kind == RaterKind::Person).then(|| form.rater.clone());
        barred.extend(person.into_iter().chain(form.acted_by.clone()));
        for rater in raters.iter().filter(|rater| rater.column == form.rater_column) {
            fresh.push(new(form, Rater::person(rater.by.as_str()), Some(redo.decided_by.clone()))?);
        }
    }
    recusals::bar(tx, cycle.id, &redo.key(), &barred.into_iter().collect::<Vec<_>>(), &redo.reason).await?;
    let gone: Vec<_> = before.iter().map(|form| form.id).collect();
    assignments::set_state(tx, &gone, FormState::Void, Some(&redo.reason)).await?;
    let made: BTreeSet<_> = assignments::insert(tx, cycle.id, &fresh).await?.into_iter().collect();
    let mut carried = assignments::of_subjects(tx, cycle.id, &wanted).await?;
    carried.retain(|form| made.contains(&form.id) && !is_anew(form));
    for form in &mut carried {
        let Some(old) = before.iter().find(|old| Some(old.id) == form.replaces) else { continue };
        form.set_given(&old.given(), &old.evidence())?;
        (form.state, form.missing) = (FormState::Submitted, 0);
        (form.acted_by, form.submitted_at) = (old.acted_by.clone(), old.submitted_at);
    }
    assignments::store(tx, &carried).await
}
