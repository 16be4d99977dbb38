//! Submitting parts of sheets, and returning them.

use std::collections::BTreeMap;

use platform::{Missing, Problem, Result, Tx, say};
use serde_json::{Value, json};

use super::rows;
use super::rules::{self, Recusals};
use super::sheet::{Sheet, Submission};
use crate::cycles::cycle::Cycle;
use crate::engine::{Form, Scheme};
use crate::tasks;
use crate::viewer::Viewer;

/// Submits the caller's parts of one sheet.
pub fn submit(form: &Form, viewer: &Viewer, recusals: &Recusals, sheet: &mut Sheet, at: &str) -> Result<Vec<String>> {
    let mine: Vec<String> =
        parts_of(form).into_iter().filter(|part| rules::may_enter(viewer, sheet, part, recusals).is_ok()).collect();
    if mine.is_empty() {
        return Err(Problem::not_permitted(say!(
            "此考核表没有需要您提交的部分",
            "no part of this sheet is the caller's to submit"
        )));
    }
    let open: Vec<String> = mine.into_iter().filter(|part| sheet.open_parts.contains(part)).collect();
    if open.is_empty() {
        return Err(Problem::wrong_state(say!("您的部分已提交", "the caller's part is submitted already")));
    }
    let missing = rules::missing(form, sheet).into_iter().filter(|input| open.contains(&input.part));
    let missing: Vec<Missing> = missing.map(Missing::from).collect();
    if !missing.is_empty() {
        return Err(Problem::incomplete(say!("您的部分尚未填写完整", "the caller's part is not complete"), missing));
    }
    for part in &open {
        sheet.submitted.insert(part.clone(), Submission { by: viewer.name.clone(), at: at.to_owned() });
    }
    rules::refresh(form, sheet);
    Ok(open)
}

fn parts_of(form: &Form) -> Vec<String> {
    let mut parts: Vec<String> = form.items.iter().flat_map(|i| &i.inputs).filter_map(|i| i.rater.clone()).collect();
    parts.sort_unstable();
    parts.dedup();
    parts
}

/// Takes submitted parts back, so that they may be changed.
pub fn take_back(form: &Form, sheet: &mut Sheet, part: Option<&str>) -> Result<()> {
    match part {
        Some(part) => {
            if sheet.submitted.remove(part).is_none() {
                return Err(Problem::wrong_state(say!("`{part}` 部分尚未提交", "the part `{part}` is not submitted")));
            }
        }
        None if sheet.submitted.is_empty() => {
            return Err(Problem::wrong_state(say!("此考核表没有任何部分已提交", "nothing of this sheet is submitted")));
        }
        None => sheet.submitted = BTreeMap::new(),
    }
    rules::refresh(form, sheet);
    Ok(())
}

/// Submits the caller's parts of one sheet, and stores it.
pub async fn submit_one(tx: &mut Tx, cycle: &Cycle, viewer: &Viewer, sheet: &mut Sheet) -> Result<()> {
    cycle.state()?.check_scoring()?;
    let recusals = rows::recusals(tx, cycle.id).await?;
    let at = tx.now.to_string();
    let parts = submit(form_of(&cycle.scheme()?, sheet)?, viewer, &recusals, sheet, &at)?;
    let detail = json!({ "number": sheet.number, "parts": parts });
    keep(tx, cycle, sheet, "sheets.submitted", detail).await
}

/// Gives parts of a sheet back to whom they are of; nobody does so with their own sheet.
pub async fn return_one(
    tx: &mut Tx,
    cycle: &Cycle,
    viewer: &Viewer,
    sheet: &mut Sheet,
    part: Option<&str>,
    reason: &str,
) -> Result<()> {
    if viewer.is(&sheet.number) {
        return Err(Problem::not_permitted(say!("不能退回自己的考核表", "nobody returns their own sheet")));
    }
    cycle.state()?.check_scoring()?;
    take_back(form_of(&cycle.scheme()?, sheet)?, sheet, part)?;
    let detail = json!({ "number": sheet.number, "part": part, "reason": reason });
    keep(tx, cycle, sheet, "sheets.returned", detail).await
}

fn form_of<'s>(scheme: &'s Scheme, sheet: &Sheet) -> Result<&'s Form> {
    scheme.form(sheet.category.as_deref()).ok_or_else(|| {
        Problem::wrong_state(say!("方案没有适用于该员工的考核表", "the scheme has no sheet for this person"))
    })
}

async fn keep(tx: &mut Tx, cycle: &Cycle, sheet: &mut Sheet, action: &str, detail: Value) -> Result<()> {
    rows::store(tx, cycle.id, std::slice::from_ref(sheet)).await?;
    sheet.version += 1;
    tx.audit(action, &sheet.id.to_string(), detail).await?;
    tasks::refresh(tx, cycle, std::slice::from_ref(&sheet.number)).await
}

/// Submits every part that is the caller's in the whole cycle, if all of them are complete.
pub async fn submit_all(tx: &mut Tx, cycle: &Cycle, viewer: &Viewer) -> Result<usize> {
    cycle.state()?.check_scoring()?;
    let scheme = cycle.scheme()?;
    let at = tx.now.to_string();
    let recusals = rows::recusals(tx, cycle.id).await?;
    let mut submitted = Vec::new();
    let (mut missing, mut lacking) = (Vec::new(), 0usize);
    let mut after = String::new();
    loop {
        let page = rows::lock_page_to_submit(tx, cycle.id, viewer, &after, 2000).await?;
        let Some(last) = page.last() else { break };
        after.clone_from(&last.number);
        let mut done = Vec::new();
        for mut sheet in page {
            let Some(form) = scheme.form(sheet.category.as_deref()) else { continue };
            match submit(form, viewer, &recusals, &mut sheet, &at) {
                Ok(_) => done.push(sheet),
                Err(problem) if problem.code == platform::Code::Incomplete => {
                    lacking += 1;
                    if missing.len() < 1000 {
                        let number = Some(sheet.number.clone());
                        missing.extend(
                            problem.missing.into_iter().map(|input| Missing { number: number.clone(), ..input }),
                        );
                    }
                }
                Err(_) => {}
            }
        }
        if lacking == 0 {
            rows::store(tx, cycle.id, &done).await?;
        }
        submitted.extend(done.into_iter().map(|s| s.number));
    }
    if lacking > 0 {
        missing.truncate(1000);
        return Err(Problem::incomplete(
            say!("您有 {lacking} 张考核表尚未填写完整", "your sheets that are not complete: {lacking}"),
            missing,
        ));
    }
    for chunk in submitted.chunks(500) {
        tx.audit("ratings.submitted", &cycle.id.to_string(), json!({ "numbers": chunk })).await?;
    }
    tasks::refresh(tx, cycle, &submitted).await?;
    Ok(submitted.len())
}
