//! A case: one period of one policy, the people and units in it, and what was observed about them.
//!
//! Inputs lie in flat row-major matrices of small values, so that a million people cost no maps and no strings.

mod builder;
mod cut_offs;
mod entered;
mod fields;
mod input;
mod items;
mod json;
mod lists;
mod past;
mod settings;
mod subject;

use std::collections::{BTreeSet, HashMap, HashSet};

use jiff::civil::Date;
use rust_decimal::Decimal;

pub(crate) use basics::pointer::below;
pub use builder::{CaseBuilder, FigureChange, FigureMove, PastResult, PersonInputs, UnitInputs};
pub use cut_offs::{CutOff, CutOffs};
pub(crate) use entered::as_case;
pub use entered::{InputName, code_meant, meant};

use crate::Message;
use crate::expression::Past;
use crate::invalid::Invalid;
use crate::period::Period;
use crate::scheme::Scheme;
use crate::scheme::plan::{Plan, Setting, Stands};
use crate::value::{Kind, Symbol, Value};
use crate::workdays::WorkingCalendar;

/// No unit, no head.
pub(crate) const NOBODY: u32 = u32::MAX;

/// The category was not given; nothing is computed for such a person.
pub(crate) const NO_CATEGORY: usize = u8::MAX as usize;

/// Everything that one evaluation reads, checked against its scheme.
#[derive(Clone, Debug)]
pub struct Case {
    pub(crate) cadence: usize,
    pub(crate) period: Period,
    pub(crate) calendar: WorkingCalendar,
    /// By parameter of the scheme.
    pub(crate) settings: Vec<Option<Setting>>,
    /// By sheet of the plan.
    pub(crate) weights: Vec<Vec<Decimal>>,
    pub(crate) subjects: [Subjects; 3],
    /// Known on, filed on.
    pub(crate) appeal: Option<(Date, Date)>,
    /// Numbers of the inputs that hold several.
    pub(crate) numbers: Vec<Decimal>,
    pub(crate) carried: Carried,
    /// What was begun and not completed (a rater's items, a row of a list); it matters where the person is appraised.
    pub(crate) incomplete: Vec<(Kind, usize, String, Message)>,
    /// Cut-offs of an earlier ranking, best first, by figure and row of the subject.
    pub(crate) cut_offs: HashMap<(u16, u32), Vec<(Symbol, Decimal)>>,
    /// Values that figures keep from an earlier evaluation, by figure and row of the subject.
    pub(crate) pins: HashMap<(u16, u32), Value>,
    /// What was moved after it was computed, by figure and row of the subject.
    pub(crate) moves: HashMap<(u16, u32), Vec<Moved>>,
}

/// A figure of a subject that somebody moved.
#[derive(Clone, Debug)]
pub(crate) struct Moved {
    pub change: Change,
    pub who: Box<str>,
    pub on: Date,
    pub why: Box<str>,
}

/// What becomes of a value that is moved.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Change {
    By(Decimal),
    To(Value),
}

/// Figures that were found in an earlier phase.
#[derive(Clone, Debug, Default)]
pub(crate) struct Carried {
    pub columns: HashMap<(Kind, u16), Vec<Value>>,
    /// People who were excluded, by row: which exclusion.
    pub excluded: HashMap<u32, u16>,
}

/// All subjects of one kind.
#[derive(Clone, Debug, Default)]
pub(crate) struct Subjects {
    pub ids: Vec<Box<str>>,
    /// Index into the scheme's categories.
    pub category: Vec<u8>,
    /// People: the row of their unit, or `NOBODY`.
    pub unit: Vec<u32>,
    /// Units: the row of their head, or `NOBODY`.
    pub head: Vec<u32>,
    /// Units: the row of who leads them beside the head, or `NOBODY`.
    pub co_head: Vec<u32>,
    pub stride: usize,
    pub slots: Vec<Value>,
    pub lists: Vec<Rows>,
    pub history: History,
    /// Item weights settled for single subjects.
    pub weights: HashMap<u32, Vec<Decimal>>,
    /// Which items of which subjects have rows.
    pub with_rows: HashSet<(u32, u16)>,
    /// What each row of an item was given, by subject and slot.
    pub rows: HashMap<(u32, u16), Vec<Decimal>>,
}

/// Rows of a list, of all subjects one after another.
#[derive(Clone, Debug, Default)]
pub(crate) struct Rows {
    pub columns: usize,
    /// Where each subject's rows end.
    pub ends: Vec<u32>,
    pub cells: Vec<Value>,
}

impl Rows {
    /// The cells of a subject's rows.
    pub fn of(&self, row: usize) -> std::slice::ChunksExact<'_, Value> {
        let end = |at: usize| self.ends.get(at).map_or(0, |end| *end as usize * self.columns);
        let from = row.checked_sub(1).map_or(0, end);
        let to = end(row).max(from);
        self.cells.get(from..to).unwrap_or(&[]).chunks_exact(self.columns.max(1))
    }
}

/// Earlier results, of all subjects one after another, each subject's oldest first.
#[derive(Clone, Debug, Default)]
pub(crate) struct History {
    pub ends: Vec<u32>,
    pub entries: Vec<Past>,
    /// Which subjects' was given, be it empty.
    pub given: HashSet<u32>,
}

impl History {
    pub fn of(&self, row: usize) -> &[Past] {
        let end = |at: usize| self.ends.get(at).map_or(0, |end| *end as usize);
        let from = row.checked_sub(1).map_or(0, end);
        self.entries.get(from..end(row).max(from)).unwrap_or(&[])
    }
}

impl Subjects {
    pub fn len(&self) -> usize {
        self.ids.len()
    }

    pub fn slot(&self, row: usize, slot: u16) -> Value {
        self.slots.get(row * self.stride + usize::from(slot)).copied().unwrap_or_default()
    }

    pub fn category_of(&self, row: usize) -> usize {
        self.category.get(row).map_or(0, |category| usize::from(*category))
    }

    pub fn unit_of(&self, row: usize) -> Option<usize> {
        self.unit.get(row).filter(|unit| **unit != NOBODY).map(|unit| *unit as usize)
    }

    pub fn head_of(&self, row: usize) -> Option<usize> {
        self.head.get(row).filter(|head| **head != NOBODY).map(|head| *head as usize)
    }

    /// Who leads a unit: the head, and who leads it beside the head.
    pub fn leaders_of(&self, row: usize) -> impl Iterator<Item = usize> + use<> {
        let leader = |of: &Vec<u32>| of.get(row).copied().filter(|leader| *leader != NOBODY);
        [leader(&self.head), leader(&self.co_head)].into_iter().flatten().map(|leader| leader as usize)
    }

    /// Whether earlier results of a subject were given, be it none.
    pub fn has_history(&self, row: usize) -> bool {
        u32::try_from(row).is_ok_and(|row| self.history.given.contains(&row))
    }

    fn is_off(&self, row: usize, plan: &Plan, sheet: u16, item: u16) -> bool {
        let declared = plan.sheets.get(usize::from(sheet)).and_then(|sheet| sheet.items.get(usize::from(item)));
        let has_rows = |item: u16| u32::try_from(row).is_ok_and(|row| self.with_rows.contains(&(row, item)));
        match declared.map(|item| item.stands) {
            None | Some(Stands::Alone) => false,
            Some(Stands::ForItsSection) => !has_rows(item),
            Some(Stands::Unless(other)) => has_rows(other),
        }
    }

    pub fn id(&self, row: usize) -> &str {
        self.ids.get(row).map_or("", |id| id)
    }
}

impl Case {
    /// Reads a case, and checks it strictly.
    pub fn from_json(scheme: &Scheme, json: &serde_json::Value) -> Result<Case, Invalid> {
        json::read(scheme, json)
    }

    pub fn period(&self) -> &Period {
        &self.period
    }

    /// Employee numbers, in the order in which they were given.
    pub fn numbers(&self) -> impl Iterator<Item = &str> {
        self.of(Kind::People).ids.iter().map(|id| &**id)
    }

    pub(crate) fn of(&self, kind: Kind) -> &Subjects {
        &self.subjects[kind.index()]
    }

    /// Where a subject stands in a case.
    pub(crate) fn pointer(kind: Kind, row: usize) -> String {
        match kind {
            Kind::Company => "/company".to_owned(),
            _ => format!("/{}/{row}", kind.case_key()),
        }
    }

    pub(crate) fn item_weight(&self, kind: Kind, row: usize, plan: &Plan, sheet: u16, item: u16) -> Decimal {
        let own = &self.of(kind).weights;
        let weights = if own.is_empty() { None } else { u32::try_from(row).ok().and_then(|row| own.get(&row)) };
        let weights = weights.or_else(|| self.weights.get(usize::from(sheet)));
        weights.map_or(Decimal::ZERO, |weights| weight_of(plan, sheet, item, weights))
    }

    /// Whether an item does not count for a subject, because rows stand in its place or it has none to stand.
    pub(crate) fn is_off(&self, kind: Kind, row: usize, plan: &Plan, sheet: u16, item: u16) -> bool {
        self.of(kind).is_off(row, plan, sheet, item)
    }
}

/// The weight of an item; one that stands for its section weighs what its section does.
pub(crate) fn weight_of(plan: &Plan, sheet: u16, item: u16, weights: &[Decimal]) -> Decimal {
    let items = plan.sheets.get(usize::from(sheet)).map_or(&[][..], |sheet| &sheet.items);
    if items.get(usize::from(item)).is_none_or(|declared| declared.stands != Stands::ForItsSection) {
        return weights.get(usize::from(item)).copied().unwrap_or_default();
    }
    let section = items.iter().zip(weights).filter(|(other, _)| other.stands == Stands::Unless(item));
    section.map(|(_, weight)| *weight).sum()
}

/// Remembers identifiers, and tells of one that comes twice.
#[derive(Default)]
pub(crate) struct Seen(BTreeSet<String>);

impl Seen {
    pub fn first_time(&mut self, id: &str) -> bool {
        self.0.insert(id.to_owned())
    }
}
