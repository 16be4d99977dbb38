//! Entering values on sheets: one core for a single sheet, for lists and for measurements.

use std::collections::{BTreeMap, BTreeSet};

use platform::text::is_prose;
use platform::web::Errors;
use platform::{Code, Message, Missing, Problem, Result, Tx, say};
use serde_json::{Value, json};
use uuid::Uuid;

use super::rows;
use super::rules::{self, Recusals};
use super::sheet::{MEASURED, Sheet, id_of};
use crate::cycles::cycle::Cycle;
use crate::engine::{Checks, Form, Scheme};
use crate::viewer::Viewer;

/// One value on its way onto a sheet. A null value takes away what is there.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Where it stands in the request, such as `/ratings/0`.
    pub pointer: String,
    pub number: String,
    pub item: String,
    pub input: String,
    pub value: Value,
    pub evidence: Option<String>,
    /// Only measured values are meant.
    pub measured_only: bool,
}

impl Entry {
    /// An item and an input may be called as people call them; what is not understood stays as it is, to be refused.
    fn name_by_code(&mut self, form: &Form) {
        let Some(item) = form.item_meant(&self.item) else { return };
        if let Some(input) = item.input_meant(&self.input) {
            self.input.clone_from(&input.name);
        }
        self.item.clone_from(&item.code);
    }
}

/// One change, for the audit log: number, item, input, before and after.
pub type Change = (String, String, String, Value, Value);

/// What went wrong, kept apart: what is not allowed weighs more than what is not right.
#[derive(Default)]
struct Refusals {
    wrong: Errors,
    forbidden: Errors,
}

impl Refusals {
    fn check(self) -> Result<()> {
        if self.forbidden.is_empty() {
            return self.wrong.check();
        }
        let Err(mut problem) = self.forbidden.check() else { return Ok(()) };
        problem.code = Code::NotPermitted;
        Err(problem)
    }
}

/// Enters all of the entries, or none and tells everything that is wrong, with what is `wrong` already. Returns how
/// many sheets changed.
pub async fn enter(tx: &mut Tx, cycle: &Cycle, viewer: &Viewer, entries: Vec<Entry>, wrong: Errors) -> Result<usize> {
    cycle.state()?.check_scoring()?;
    let scheme = cycle.scheme()?;
    let recusals = rows::recusals(tx, cycle.id).await?;
    let numbers: BTreeSet<String> = entries.iter().map(|e| e.number.clone()).collect();
    let numbers: Vec<String> = numbers.into_iter().collect();
    let sheets = rows::lock_many(tx, cycle.id, &numbers).await?;
    let (sheets, changes) = apply(&scheme, cycle, viewer, &recusals, sheets, entries, wrong)?;
    rows::store(tx, cycle.id, &sheets).await?;
    audit(tx, "ratings.entered", cycle.id, &changes).await?;
    Ok(sheets.len())
}

/// Puts entries onto sheets; the sheets that have them then, and what changed.
fn apply(
    scheme: &Scheme,
    cycle: &Cycle,
    viewer: &Viewer,
    recusals: &Recusals,
    sheets: Vec<Sheet>,
    entries: Vec<Entry>,
    wrong: Errors,
) -> Result<(Vec<Sheet>, Vec<Change>)> {
    let mut sheets: BTreeMap<String, Sheet> = sheets.into_iter().map(|s| (s.number.clone(), s)).collect();
    let mut seen = BTreeSet::new();
    let mut taken = Taken {
        checks: Checks::of(scheme, &cycle.parameters),
        refusals: Refusals { wrong, ..Refusals::default() },
        changes: Vec::new(),
    };
    for mut entry in entries {
        let known = sheets.get_mut(&entry.number);
        let Some(sheet) = known.filter(|s| rules::is_concerned(viewer, s)) else {
            let why = say!("没有可录入的该员工的考核表", "there is no sheet of this person to enter on");
            taken.refusals.wrong.add(format!("{}/number", entry.pointer), why);
            continue;
        };
        let Some(form) = scheme.form(sheet.category.as_deref()) else {
            taken.refusals.wrong.add(
                format!("{}/number", entry.pointer),
                say!("方案没有适用于该员工的考核表", "the scheme has no sheet for this person"),
            );
            continue;
        };
        entry.name_by_code(form);
        if !seen.insert((entry.number.clone(), entry.item.clone(), entry.input.clone())) {
            taken.refusals.wrong.add(&entry.pointer, say!("该值重复给出", "this value is given twice"));
            continue;
        }
        let allowed = |part: &str, sheet: &Sheet| rules::may_enter(viewer, sheet, part, recusals);
        taken.take(form, sheet, entry, allowed);
    }
    let Taken { refusals, changes, .. } = taken;
    refusals.check()?;
    for sheet in sheets.values_mut() {
        if let Some(form) = scheme.form(sheet.category.as_deref()) {
            rules::refresh(form, sheet);
        }
    }
    Ok((sheets.into_values().collect(), changes))
}

/// What has been taken of a list so far, and what has not.
struct Taken<'s> {
    checks: Checks<'s>,
    refusals: Refusals,
    changes: Vec<Change>,
}

impl Taken<'_> {
    fn take(
        &mut self,
        form: &Form,
        sheet: &mut Sheet,
        mut entry: Entry,
        allowed: impl Fn(&str, &Sheet) -> Result<(), Message>,
    ) {
        let at = |field: &str| format!("{}/{field}", entry.pointer);
        let Refusals { wrong, forbidden } = &mut self.refusals;
        let Some(item) = form.item(&entry.item) else {
            return wrong.add(at("item"), say!("考核表没有该指标", "the sheet has no such item"));
        };
        let Some(input) = item.input(&entry.input) else {
            return wrong.add(at("input"), say!("指标没有该输入项", "the item has no such input"));
        };
        let part = rules::part_of(input);
        if entry.measured_only && part != MEASURED {
            return wrong.add(at("input"), say!("这是评分，不是实测值", "this is a rating, not a measured value"));
        }
        if let Err(why) = allowed(part, sheet) {
            return forbidden.add(&entry.pointer, why);
        }
        if sheet.submitted.contains_key(part) {
            return wrong.add(
                &entry.pointer,
                say!("此部分已提交；须先由人力资源退回", "this part is submitted; HR has to return it first"),
            );
        }
        match self.checks.value(sheet, &entry.item, &entry.input, &entry.value) {
            Ok(value) => entry.value = value,
            Err(why) => return wrong.add(at("value"), why),
        }
        if entry.evidence.as_deref().is_some_and(|e| e.trim().is_empty() || !is_prose(e, 4000)) {
            return wrong
                .add(at("evidence"), say!("评分依据须为 1 到 4000 个字符", "evidence has 1 to 4000 characters"));
        }
        self.changes.push(set(sheet, entry));
    }
}

/// Puts one value in its place. New points need their own evidence: what stood by the old value goes with it.
fn set(sheet: &mut Sheet, entry: Entry) -> Change {
    let values = sheet.inputs.entry(entry.item.clone()).or_default();
    let before = values.get(&entry.input).cloned().unwrap_or(Value::Null);
    if entry.value.is_null() {
        values.remove(&entry.input);
    } else {
        values.insert(entry.input.clone(), entry.value.clone());
    }
    let examples = sheet.evidence.entry(entry.item.clone()).or_default();
    match entry.evidence {
        Some(text) => {
            examples.insert(entry.input.clone(), text);
        }
        None if before != entry.value => {
            examples.remove(&entry.input);
        }
        None => {}
    }
    sheet.inputs.retain(|_, values| !values.is_empty());
    sheet.evidence.retain(|_, texts| !texts.is_empty());
    (entry.number, entry.item, entry.input, before, entry.value)
}

/// The history of changes is the audit log: every value before and after, some hundreds an entry.
async fn audit(tx: &mut Tx, action: &str, cycle: Uuid, changes: &[Change]) -> Result<()> {
    for chunk in changes.chunks(500) {
        let subject = match chunk {
            [(number, ..)] => id_of(cycle, number).to_string(),
            _ => cycle.to_string(),
        };
        tx.audit(action, &subject, json!({ "cycle": cycle, "changes": chunk })).await?;
    }
    Ok(())
}

/// A correction: entries of HR onto inputs as they were when the result was computed.
pub fn correct(cycle: &Cycle, viewer: &Viewer, sheet: Sheet, entries: Vec<Entry>) -> Result<Sheet> {
    let scheme = &cycle.scheme()?;
    if viewer.is(&sheet.number) {
        return Err(Problem::not_permitted(say!("不能更正自己的结果", "nobody corrects their own result")));
    }
    let Some(form) = scheme.form(sheet.category.as_deref()) else {
        return Err(Problem::wrong_state(say!(
            "方案没有适用于该员工的考核表",
            "the scheme has no sheet for this person"
        )));
    };
    let (mut sheet, mut errors) = (sheet, Errors::default());
    let mut checks = Checks::of(scheme, &cycle.parameters);
    for mut entry in entries {
        entry.name_by_code(form);
        let at = |field: &str| format!("{}/{field}", entry.pointer);
        let Some(item) = form.item(&entry.item) else {
            errors.add(at("item"), say!("考核表没有该指标", "the sheet has no such item"));
            continue;
        };
        if item.input(&entry.input).is_none() {
            errors.add(at("input"), say!("指标没有该输入项", "the item has no such input"));
            continue;
        }
        match checks.value(&sheet, &entry.item, &entry.input, &entry.value) {
            Err(why) => errors.add(at("value"), why),
            Ok(value) => {
                entry.value = value;
                set(&mut sheet, entry);
            }
        }
    }
    errors.check()?;
    let missing = rules::missing(form, &sheet);
    if !missing.is_empty() {
        return Err(Problem::incomplete(
            say!("更正后的考核表还有未完成的内容", "the corrected sheet lacks something"),
            missing.into_iter().map(Missing::from).collect(),
        ));
    }
    Ok(sheet)
}
