//! Entering values on forms: one core for a single sheet and for lists.

use std::collections::{BTreeSet, HashMap};

use domain::case::meant;
use domain::period::Period;
use events::Subject;
use platform::text::is_prose;
use platform::web::Errors;
use platform::{Code, Result, Tx, say};
use serde_json::{Value, json};
use uuid::Uuid;

use super::acting::{Recusals, may_act};
use super::assignment::{Assignment, ByPlace, FormState, at, row_key};
use super::needs::{Desk, Desks, lacks, scope, taken_by_others, waived};
use super::rows;
use crate::approvals::ending;
use crate::cycles::cycle::Cycle;
use crate::engine::Scheme;
use crate::engine::form::Place;
use crate::grouping::grouped;
use crate::notes::rows::{self as notes, Note};
use crate::recusals::rows as recusals;
use crate::results::published;
use crate::sheets::rows as sheets;
use crate::sheets::sheet::{Sheet, id_of};
use crate::subjects::rows as subjects;
use crate::subjects::subject::Appraised;
use crate::viewer::Viewer;

/// One value on its way onto a form. A null value takes away what is there.
#[derive(Clone, Debug)]
pub struct Entry {
    /// Where it stands in the request, such as `/ratings/0`.
    pub pointer: String,
    /// The field that names the subject.
    pub subject_key: &'static str,
    pub subject: Subject,
    /// The code of an item or the key of a list.
    pub place: String,
    /// `item` or `list`.
    pub place_key: &'static str,
    pub row: Option<usize>,
    pub input: String,
    pub value: Value,
    pub evidence: Option<String>,
    /// A note that is evidence.
    pub note: Option<Uuid>,
}

impl Entry {
    /// An item and an input may be called as people call them; what is not understood stays as it is, to be refused.
    fn name_by_code(&mut self, desk: &Desk<'_>) {
        if self.place_key == "item" {
            let items = desk.form.items().iter().map(|item| (item.code.as_str(), &item.label));
            if let Some(code) = meant(items, &self.place) {
                self.place = code.to_owned();
            }
        }
        let Some(place) = desk.form.place(&self.place) else { return };
        let inputs = place.inputs().iter().map(|input| (input.name.as_str(), &input.label));
        if let Some(name) = meant(inputs, &self.input) {
            self.input = name.to_owned();
        }
    }
}

/// One change, for the audit log: subject, place, row, input, before and after.
pub type Change = (String, String, String, String, Value, Value);

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

/// Everything that entering about some subjects looks at.
struct Scene<'s> {
    scheme: &'s Scheme,
    desks: HashMap<Subject, (Appraised, Desk<'s>)>,
    forms: HashMap<Subject, Vec<Assignment>>,
    recusals: Recusals,
    /// Subjects with a published result.
    published: BTreeSet<Subject>,
    /// Those that entries refer to.
    notes: HashMap<Uuid, Note>,
    period: Period,
}

/// Enters all of the entries, or none and tells everything that is wrong. `only` keeps to one form. Returns the
/// subjects that changed.
pub async fn enter(
    tx: &mut Tx,
    cycle: &Cycle,
    viewer: &Viewer,
    entries: Vec<Entry>,
    only: Option<Uuid>,
) -> Result<Vec<Subject>> {
    cycle.state.check_entering()?;
    let scheme = cycle.scheme()?;
    let wanted: BTreeSet<Subject> = entries.iter().map(|entry| entry.subject.clone()).collect();
    let wanted: Vec<Subject> = wanted.into_iter().collect();
    let settled = grouped(sheets::lock_many(tx, cycle.id, &wanted).await?, Sheet::key);
    let about = subjects::named(tx, cycle.id, &wanted).await?;
    let mut desks = Desks::of(&scheme, &cycle.parameters);
    let desk = |one: Appraised| {
        let sheet = settled.get(&one.key())?.first()?;
        let desk = desks.desk(&one, Some(sheet));
        Some((one.key(), (one, desk)))
    };
    let mut scene = Scene {
        scheme: &scheme,
        desks: about.into_iter().filter_map(desk).collect(),
        forms: grouped(rows::of_subjects(tx, cycle.id, &wanted).await?, Assignment::key),
        recusals: recusals::pairs(tx, cycle.id).await?,
        published: published::to_raters(tx, cycle.id, &wanted).await?,
        notes: notes::by_ids(tx, &entries.iter().filter_map(|entry| entry.note).collect::<Vec<_>>()).await?,
        period: cycle.period()?,
    };
    let (touched, changes) = scene.apply(viewer, entries, only)?;
    let forms = scene.forms.into_values().flatten();
    let changed: Vec<Assignment> = forms.filter(|form| touched.contains(&form.id)).collect();
    rows::store(tx, &changed).await?;
    let subjects: BTreeSet<Subject> = changed.iter().map(Assignment::key).collect();
    let subjects: Vec<Subject> = subjects.into_iter().collect();
    sheets::touch(tx, cycle.id, &subjects).await?;
    if published::subjects(tx, cycle.id, &subjects).await?.len() < subjects.len() {
        ending::reopen(tx, cycle).await?;
    }
    audit(tx, "ratings.entered", cycle.id, &changes).await?;
    Ok(subjects)
}

impl Scene<'_> {
    fn apply(
        &mut self,
        viewer: &Viewer,
        entries: Vec<Entry>,
        only: Option<Uuid>,
    ) -> Result<(BTreeSet<Uuid>, Vec<Change>)> {
        let (mut refusals, mut changes) = (Refusals::default(), Vec::new());
        let (mut touched, mut seen) = (BTreeSet::new(), BTreeSet::new());
        for mut entry in entries {
            let known = self.desks.get(&entry.subject).zip(self.forms.get_mut(&entry.subject));
            let Some(((about, desk), forms)) = known.filter(|((about, _), forms)| is_concerned(viewer, about, forms))
            else {
                let why = say!("没有可录入的该对象的考核表", "there is no sheet of this subject to enter on");
                refusals.wrong.add(format!("{}/{}", entry.pointer, entry.subject_key), why);
                continue;
            };
            entry.name_by_code(desk);
            if !seen.insert((entry.subject.clone(), entry.place.clone(), entry.row, entry.input.clone())) {
                refusals.wrong.add(&entry.pointer, say!("该值重复给出", "this value is given twice"));
                continue;
            }
            let at = |field: &str| format!("{}/{field}", entry.pointer);
            let Some(place) = desk.form.place(&entry.place) else {
                refusals.wrong.add(at(entry.place_key), say!("考核表没有该指标", "the sheet has no such item"));
                continue;
            };
            let Some(column) = place.input(&entry.input).and_then(|input| input.column.clone()) else {
                let why = match place.input(&entry.input) {
                    Some(_) => say!("这不是评分，请作为事实数据录入", "nobody rates this; enter it as a fact"),
                    None => say!("指标没有该输入项", "the item has no such input"),
                };
                refusals.wrong.add(at("input"), why);
                continue;
            };
            if desk.off.contains(place.code()) || !desk.rows_in(place).contains(&entry.row) {
                let why = say!("考核表上没有该行", "the sheet has no such row");
                refusals.wrong.add(at(if entry.row.is_some() { "row" } else { entry.place_key }), why);
                continue;
            }
            let wanted = Wanted { viewer, recusals: &self.recusals, desk, place, column: &column, only };
            let form = match wanted.find(forms) {
                Ok(form) => form,
                Err(why) => {
                    refusals.forbidden.add(&entry.pointer, why);
                    continue;
                }
            };
            if self.published.contains(&entry.subject) {
                let why =
                    say!("结果已发布，只能通过更正修改", "the result is published and changes only by a correction");
                refusals.wrong.add(&entry.pointer, why);
                continue;
            }
            let Some(form) = forms.get_mut(form) else { continue };
            if form.state == FormState::Submitted {
                let why = say!("此部分已提交；须先由人力资源退回", "this form is submitted; HR has to return it first");
                refusals.wrong.add(&entry.pointer, why);
                continue;
            }
            let weight = desk.weight(place, entry.row);
            if !entry.value.is_null() {
                let (kind, category) = (about.kind.domain(), about.category.as_deref());
                match self.scheme.check_rated(kind, category, place, &entry.input, weight, &entry.value) {
                    Ok(value) => entry.value = value,
                    Err(why) => {
                        refusals.wrong.add(at("value"), why);
                        continue;
                    }
                }
            }
            if entry.evidence.as_deref().is_some_and(|text| text.trim().is_empty() || !is_prose(text, 4000)) {
                let why = say!("评分依据须为 1 到 4000 个字符", "evidence has 1 to 4000 characters");
                refusals.wrong.add(at("evidence"), why);
                continue;
            }
            if let Some(id) = entry.note {
                match evidence(self.notes.get(&id), &entry, self.period, viewer) {
                    Ok(text) => entry.evidence = Some(text),
                    Err(why) => {
                        refusals.wrong.add(at("note"), why);
                        continue;
                    }
                }
            }
            touched.insert(form.id);
            changes.push(set(form, entry)?);
        }
        refusals.check()?;
        self.refresh(&touched);
        Ok((touched, changes))
    }

    /// Works out again what the changed forms lack.
    fn refresh(&mut self, touched: &BTreeSet<Uuid>) {
        for (subject, forms) in &mut self.forms {
            let Some((_, desk)) = self.desks.get(subject) else { continue };
            for at in 0..forms.len() {
                let Some(form) = forms.get(at).filter(|form| touched.contains(&form.id)) else { continue };
                let missing = i32::try_from(lacking(desk, form, forms).len()).unwrap_or(i32::MAX);
                if let Some(form) = forms.get_mut(at) {
                    form.missing = missing;
                }
            }
        }
    }
}

/// What is said and what a note says, if the note is about the subject and of the period.
fn evidence(note: Option<&Note>, entry: &Entry, period: Period, viewer: &Viewer) -> Result<String, platform::Message> {
    let readable = |note: &&Note| viewer.sees_all() || note.made_by == viewer.name;
    let note = note.filter(readable).filter(|note| note.kind.subject(&note.subject) == entry.subject);
    let Some(note) = note else {
        return Err(say!("没有关于该对象的此条记录", "there is no such note about this subject"));
    };
    let (first, last) = (period.first_day(), period.last_day());
    if note.happened_on < first || note.happened_on > last {
        let day = note.happened_on;
        return Err(say!(
            "{day} 的记录不在考核期间（{first} 至 {last}）内，不能作为依据",
            "a note of {day} is outside the period ({first} to {last}) and is no evidence in it"
        ));
    }
    let said = entry.evidence.as_deref().map(|said| format!("{said}\n")).unwrap_or_default();
    Ok(format!("{said}{} {}", note.happened_on, note.text))
}

/// What a value has to stand on: a form of a column on which somebody is asked for it.
struct Wanted<'w> {
    viewer: &'w Viewer,
    recusals: &'w Recusals,
    desk: &'w Desk<'w>,
    place: Place<'w>,
    column: &'w str,
    only: Option<Uuid>,
}

impl Wanted<'_> {
    /// Which of a subject's forms the caller may fill in; else why there is none.
    fn find(&self, forms: &[Assignment]) -> Result<usize, platform::Message> {
        let mut why = say!("此项由他人填写", "this is for somebody else to enter");
        let of_column = forms.iter().enumerate().filter(|(_, form)| {
            form.is_active() && form.rater_column == self.column && self.only.is_none_or(|only| only == form.id)
        });
        for (index, form) in of_column {
            let others = taken_by_others(self.desk, form, forms);
            let asked = scope(self.desk, self.column, form.items.as_deref(), &others);
            if !asked.iter().any(|asked| asked.code() == self.place.code()) {
                continue;
            }
            match may_act(self.viewer, form, self.recusals) {
                Ok(()) => return Ok(index),
                Err(refused) => why = refused,
            }
        }
        Err(why)
    }
}

/// What a form lacks among the others about its subject.
pub fn lacking(desk: &Desk<'_>, form: &Assignment, others: &[Assignment]) -> Vec<super::needs::MissingInput> {
    let Some(rater) = desk.form.rater(&form.rater_column) else { return Vec::new() };
    let taken = taken_by_others(desk, form, others);
    let places = scope(desk, &form.rater_column, form.items.as_deref(), &taken);
    let waived = waived(desk, rater, others);
    let mut lacking = lacks(desk, rater, &places, &form.given(), &form.evidence());
    lacking.retain(|one| one.input != rater.name || !waived.contains(&one.item));
    lacking
}

/// Whether the caller may know of a subject's sheet by role, by their place beside it, or by one of the forms about it.
pub fn is_concerned(viewer: &Viewer, about: &Appraised, forms: &[Assignment]) -> bool {
    let number = viewer.number.as_deref();
    let beside = [&about.superior, &about.head, &about.co_head, &about.leader];
    viewer.sees_all()
        || number.is_some_and(|number| about.is_person(number))
        || beside.into_iter().any(|one| one.is_some() && one.as_deref() == number)
        || forms.iter().any(|form| form.is_active() && may_act(viewer, form, &Recusals::new()).is_ok())
}

/// Puts one value in its place. New points need their own evidence: what stood by the old value goes with it.
fn set(form: &mut Assignment, entry: Entry) -> Result<Change> {
    let (mut given, mut evidence) = (form.given(), form.evidence());
    let row = row_key(entry.row);
    let before = at(&given, &entry.place, entry.row, &entry.input).cloned().unwrap_or(Value::Null);
    let values = given.entry(entry.place.clone()).or_default().entry(row.clone()).or_default();
    if entry.value.is_null() {
        values.remove(&entry.input);
    } else {
        values.insert(entry.input.clone(), entry.value.clone());
    }
    let examples = evidence.entry(entry.place.clone()).or_default().entry(row.clone()).or_default();
    match entry.evidence {
        Some(text) => drop(examples.insert(entry.input.clone(), text)),
        None if before != entry.value => drop(examples.remove(&entry.input)),
        None => {}
    }
    prune(&mut given);
    prune(&mut evidence);
    form.set_given(&given, &evidence)?;
    Ok((entry.subject.to_string(), entry.place, row, entry.input, before, entry.value))
}

fn prune<T>(all: &mut ByPlace<T>) {
    all.values_mut().for_each(|rows| rows.retain(|_, row| !row.is_empty()));
    all.retain(|_, rows| !rows.is_empty());
}

/// The history of changes is the audit log: every value before and after, some hundreds an entry.
async fn audit(tx: &mut Tx, action: &str, cycle: Uuid, changes: &[Change]) -> Result<()> {
    for chunk in changes.chunks(500) {
        let subject = match chunk {
            [(subject, ..)] => subject.parse::<Subject>().map_or(cycle, |subject| id_of(cycle, &subject)).to_string(),
            _ => cycle.to_string(),
        };
        // Whoever an entry is about stands by number in it, as the log veils it.
        let told: Vec<Value> = chunk
            .iter()
            .map(|(subject, place, row, input, before, after)| {
                let id = subject.split_once(':').map_or(subject.as_str(), |(_, id)| id);
                json!([id, place, row, input, before, after])
            })
            .collect();
        tx.audit(action, &subject, json!({ "cycle": cycle, "changes": told })).await?;
    }
    Ok(())
}
