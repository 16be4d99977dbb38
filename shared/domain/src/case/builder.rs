//! Fills a case: from typed inputs (services), or from JSON (`json.rs`).

use std::collections::{BTreeMap, HashMap};

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::CutOffs;
use super::subject::HEAD;
use super::{Carried, Case, Change, History, Moved, NO_CATEGORY, NOBODY, Rows, Seen, Subjects, settings};
use crate::Message;
use crate::expression::Base;
use crate::invalid::Invalid;
use crate::period::Period;
use crate::say;
use crate::scheme::Scheme;
use crate::scheme::plan::{Parameter, Plan, Setting};
use crate::value::{Kind, Symbol, Value};
use crate::workdays::WorkingCalendar;

/// What is known of one person, in the form of a case.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct PersonInputs {
    pub number: String,
    pub unit: Option<String>,
    pub category: Option<String>,
    pub hired_on: Option<Date>,
    pub left_on: Option<Date>,
    /// Values in the form of a case: decimals as texts, flags as booleans.
    pub facts: BTreeMap<String, Json>,
    pub pay: BTreeMap<String, Json>,
    pub items: BTreeMap<String, BTreeMap<String, Json>>,
    /// Goals, incidents, adjustments: rows by the key of the list.
    pub lists: BTreeMap<String, Vec<BTreeMap<String, Json>>>,
    /// Earlier results; an empty list says that there are none, which of a unit's head is more than nothing said.
    pub history: Option<Vec<PastResult>>,
    /// Item weights settled for this person; they replace the scheme's and sum to 100.
    pub weights: Option<BTreeMap<String, Decimal>>,
    /// What was moved after it was computed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub moves: Vec<FigureMove>,
}

/// What is known of one unit, in the form of a case.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct UnitInputs {
    pub code: String,
    pub category: Option<String>,
    pub score: Option<Decimal>,
    /// The number of the person who leads it.
    pub head: Option<String>,
    /// The number of who leads it beside the head.
    pub co_head: Option<String>,
    pub facts: BTreeMap<String, Json>,
    pub items: BTreeMap<String, BTreeMap<String, Json>>,
    pub lists: BTreeMap<String, Vec<BTreeMap<String, Json>>>,
    pub history: Vec<PastResult>,
    /// Item weights settled for this unit.
    pub weights: Option<BTreeMap<String, Decimal>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub moves: Vec<FigureMove>,
}

/// A figure that somebody moved, with a reason, after it was computed: whatever builds on it follows, and a forced
/// ranking of the others does not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FigureMove {
    /// By its name in the scheme.
    pub figure: String,
    #[serde(flatten)]
    pub change: FigureChange,
    /// Who moved it, as people are told.
    pub who: String,
    pub on: Date,
    pub why: String,
}

/// What becomes of a figure that is moved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FigureChange {
    /// A number: more, or less. Bounds and rounding of the figure hold.
    By(Decimal),
    /// A grade or another code.
    To(String),
}

/// An earlier result.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PastResult {
    pub period: Period,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<Decimal>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub grade: Option<String>,
}

/// Builds a [`Case`]; everything wrong is gathered and told by [`CaseBuilder::build`].
pub struct CaseBuilder<'s> {
    pub(super) scheme: &'s Scheme,
    pub(super) plan: &'s Plan,
    cadence: usize,
    pub(super) period: Period,
    calendar: WorkingCalendar,
    settings: Vec<Option<Setting>>,
    weights: Vec<Vec<Decimal>>,
    subjects: [Subjects; 3],
    pub(super) numbers: Vec<Decimal>,
    pub(super) appeal: Option<(Date, Date)>,
    pub(super) invalid: Invalid,
    /// What was begun and not completed: whose, where, and what is wrong.
    pub(super) incomplete: Vec<(Kind, usize, String, Message)>,
    /// No earlier score may be above what a score can be now; results of an older version of the scheme may.
    pub(super) bounds_history: bool,
    pub(super) seen: [Seen; 3],
    pub(super) unit_rows: HashMap<String, u32>,
    /// Who leads which unit: its row, under which key, and the person's number.
    pub(super) heads: Vec<(usize, &'static str, String)>,
    carried: Carried,
    cut_offs: HashMap<(u16, u32), Vec<(Symbol, Decimal)>>,
    pins: HashMap<(u16, u32), Value>,
    pub(super) moves: HashMap<(u16, u32), Vec<Moved>>,
    person_rows: HashMap<String, u32>,
}

impl<'s> CaseBuilder<'s> {
    /// `parameters` holds the company's overrides by name, in the form of a case (`Json::Null`: none).
    pub fn new(scheme: &'s Scheme, period: Period, cadence: Option<&str>, parameters: &Json) -> Result<Self, Invalid> {
        let cadence = scheme.cadence_for(&period, cadence)?;
        let index = scheme.cadence_index(&cadence.code);
        let found = index.and_then(|index| scheme.plan(index).map(|plan| (index, plan)));
        let (cadence, plan) = found
            .ok_or_else(|| Invalid::one("/cadence", "unknown_cadence", say!("没有该考核频次", "no such cadence")))?;
        let mut invalid = Invalid::default();
        let settings = settings::read(scheme, parameters, &mut invalid);
        let weights = weights_of(scheme, plan, &settings);
        Ok(Self {
            scheme,
            plan,
            cadence,
            period,
            calendar: WorkingCalendar::default(),
            settings,
            weights,
            subjects: Kind::ALL.map(|kind| empty_subjects(plan, kind)),
            numbers: Vec::new(),
            appeal: None,
            invalid,
            incomplete: Vec::new(),
            bounds_history: false,
            seen: Default::default(),
            unit_rows: HashMap::new(),
            heads: Vec::new(),
            carried: Carried::default(),
            cut_offs: HashMap::new(),
            pins: HashMap::new(),
            moves: HashMap::new(),
            person_rows: HashMap::new(),
        })
    }

    pub fn calendar(&mut self, calendar: WorkingCalendar) -> &mut Self {
        self.calendar = calendar;
        self
    }

    /// The company's facts, by name.
    pub fn company_facts(&mut self, facts: &BTreeMap<String, Json>) -> &mut Self {
        self.read_company_facts(facts);
        self
    }

    /// Adds a unit; units come before their people.
    pub fn unit(&mut self, unit: &UnitInputs) -> &mut Self {
        self.read_unit_inputs(unit);
        self.note_unit();
        self
    }

    pub fn person(&mut self, person: &PersonInputs) -> &mut Self {
        self.read_person(person);
        self
    }

    /// Adds a unit as a case writes it.
    pub fn unit_json(&mut self, unit: &Json) -> &mut Self {
        self.read_subject(Kind::Units, unit);
        self.note_unit();
        self
    }

    /// Lets people be placed in the unit that was added last.
    fn note_unit(&mut self) {
        let subjects = self.subjects(Kind::Units);
        let row = subjects.len().saturating_sub(1);
        let code = subjects.id(row).to_owned();
        self.unit_rows.entry(code).or_insert(u32::try_from(row).unwrap_or(NOBODY));
    }

    /// Adds a person as a case writes one.
    pub fn person_json(&mut self, person: &Json) -> &mut Self {
        self.read_subject(Kind::People, person);
        self
    }

    /// What an earlier phase found for a person ([`crate::evaluate::Evaluation::carried`]); after the person was added.
    pub fn carried_person(&mut self, number: &str, carried: &BTreeMap<String, String>) -> &mut Self {
        if let Some(row) = self.person_row(number) {
            self.carry(Kind::People, row, carried);
        }
        self
    }

    fn row_of(&mut self, kind: Kind, id: &str) -> Option<u32> {
        match kind {
            Kind::People => self.person_row(id),
            Kind::Units => self.unit_rows.get(id).copied(),
            Kind::Company => Some(0),
        }
    }

    /// Lets a figure of a subject be what it was ([`crate::evaluate::Evaluation::placings`]), however it would come out
    /// now; after the subject was added.
    pub fn pin(&mut self, kind: Kind, id: &str, figure: &str, value: &str) -> &mut Self {
        let row = self.row_of(kind, id);
        let at = self.plan.figure_named(kind, figure);
        let base = at.and_then(|at| self.plan.figures.get(usize::from(at))).map(|figure| figure.ty.base);
        let value = base.and_then(|base| self.carried_value(base, value));
        if let (Some(row), Some(at), Some(value)) = (row, at, value) {
            self.pins.insert((at, row), value);
        }
        self
    }

    /// Places a subject by the cut-offs of an earlier ranking ([`crate::evaluate::Evaluation::cut_offs`]) instead of
    /// ranking it anew; after the subject was added.
    pub fn keep_cut_offs(&mut self, kind: Kind, id: &str, cut_offs: &CutOffs) -> &mut Self {
        let Some(row) = self.row_of(kind, id) else { return self };
        for (figure, kept) in cut_offs {
            let at = self.plan.figure_named(kind, figure);
            let symbols = &self.scheme.symbols;
            let kept = kept.iter().map(|cut| symbols.find(&cut.grade).map(|grade| (grade, cut.from))).collect();
            match (at, kept) {
                (Some(at), Some(kept)) => {
                    self.cut_offs.insert((at, row), kept);
                }
                _ => {
                    let pointer = format!("{}/cut_offs/{figure}", Case::pointer(kind, row as usize));
                    self.invalid.add(
                        pointer,
                        "unknown_key",
                        say!("{figure} 不是本方案的排名", "{figure} is no ranking of this scheme"),
                    );
                }
            }
        }
        self
    }

    /// Figures of the subject in a row that were moved.
    pub(super) fn read_moves(&mut self, kind: Kind, row: usize, moves: &[FigureMove], pointer: &str) {
        for (at, one) in moves.iter().enumerate() {
            let figure = self.plan.figure_named(kind, &one.figure);
            let base = figure.and_then(|at| self.plan.figures.get(usize::from(at))).map(|figure| figure.ty.base);
            let change = match (&one.change, base) {
                (FigureChange::By(points), Some(Base::Number)) => Some(Change::By(*points)),
                (FigureChange::To(code), Some(Base::Text)) => self.carried_value(Base::Text, code).map(Change::To),
                _ => None,
            };
            match (figure, u32::try_from(row), change) {
                (Some(figure), Ok(row), Some(change)) => {
                    let moved =
                        Moved { change, who: one.who.as_str().into(), on: one.on, why: one.why.as_str().into() };
                    self.moves.entry((figure, row)).or_default().push(moved);
                }
                _ => self.invalid.add(
                    format!("{pointer}/moves/{at}"),
                    "not_allowed",
                    say!("{} 不能如此调整", "{} cannot be moved in this way", one.figure),
                ),
            }
        }
    }

    fn person_row(&mut self, number: &str) -> Option<u32> {
        if self.person_rows.len() != self.subjects(Kind::People).len() {
            let ids = &self.subjects[Kind::People.index()].ids;
            self.person_rows = (0_u32..).zip(ids).map(|(row, id)| (id.to_string(), row)).collect();
        }
        let found = self.person_rows.get(number).copied();
        if found.is_none() {
            self.invalid.add(
                "/employees",
                "unknown_person",
                say!("数据中没有 {number}", "{number} is not in the case"),
            );
        }
        found
    }

    pub fn carried_unit(&mut self, code: &str, carried: &BTreeMap<String, String>) -> &mut Self {
        match self.unit_rows.get(code).copied() {
            Some(row) => self.carry(Kind::Units, row, carried),
            None => self.invalid.add("/units", "unknown_unit", say!("数据中没有 {code}", "{code} is not in the case")),
        }
        self
    }

    pub fn carried_company(&mut self, carried: &BTreeMap<String, String>) -> &mut Self {
        if self.subjects(Kind::Company).len() == 0 {
            self.read_company(&Json::Null);
        }
        self.carry(Kind::Company, 0, carried);
        self
    }

    /// What the phase of results knew is carried, defaults among it: one that is not there is missing.
    fn carry(&mut self, kind: Kind, row: u32, carried: &BTreeMap<String, String>) {
        self.forget_defaults(kind, row as usize);
        for (name, text) in carried {
            let pointer = format!("{}/carried/{name}", Case::pointer(kind, row as usize));
            if !self.carry_one(kind, row, name, text) {
                self.invalid.add(
                    pointer,
                    "unknown_key",
                    say!("{name} = {text:?} 不是薪酬计算所用的数据", "{name} = {text:?} is nothing that pay stands on"),
                );
            }
        }
    }

    fn forget_defaults(&mut self, kind: Kind, row: usize) {
        let plan = self.plan;
        for (at, slot) in (0..).zip(&plan.layouts[kind.index()].slots) {
            if !slot.pay {
                self.put(kind, row, at, Value::Absent);
            }
        }
    }

    fn carry_one(&mut self, kind: Kind, row: u32, name: &str, text: &str) -> bool {
        if name == "excluded" {
            let at = self.plan.exclusions.iter().position(|exclusion| exclusion.code == text);
            let Some(at) = at.and_then(|at| u16::try_from(at).ok()) else { return false };
            self.carried.excluded.insert(row, at);
            return true;
        }
        if let Some(parameter) = name.strip_prefix("param.") {
            return self.carry_parameter(parameter, text);
        }
        let layout = &self.plan.layouts[kind.index()];
        if let Some(slot) = layout.by_path.get(name).copied() {
            let base = layout.slots.get(usize::from(slot)).map(|slot| slot.spec.ty().base);
            let Some(value) = base.and_then(|base| self.carried_value(base, text)) else { return false };
            self.put(kind, row as usize, slot, value);
            return true;
        }
        let Some(figure) = self.plan.figure_named(kind, name) else { return false };
        let base = self.plan.figures.get(usize::from(figure)).map(|figure| figure.ty.base);
        let Some(value) = base.and_then(|base| self.carried_value(base, text)) else { return false };
        let column = self.carried.columns.entry((kind, figure)).or_default();
        let row = row as usize;
        if column.len() <= row {
            column.resize(row + 1, Value::Absent);
        }
        if let Some(cell) = column.get_mut(row) {
            *cell = value;
        }
        true
    }

    fn carried_value(&self, base: Base, text: &str) -> Option<Value> {
        match base {
            Base::Number => crate::money::parse_plain(text).map(Value::Number),
            Base::Flag => text.parse().ok().map(Value::Flag),
            Base::Day => super::input::date(text).map(Value::Day),
            Base::Text => self.scheme.symbols.find(text).map(Value::Text),
        }
    }

    fn carry_parameter(&mut self, path: &str, text: &str) -> bool {
        let mut parts = path.split('.');
        let (name, key) = (parts.next().unwrap_or(""), parts.next());
        let at = self.scheme.parameters.iter().position(|parameter: &Parameter| parameter.name == name);
        let (Some(at), Some(number)) = (at, crate::money::parse_plain(text)) else { return false };
        let Some(setting) = self.settings.get_mut(at) else { return false };
        match (key, setting) {
            (None, setting) => *setting = Some(Setting::Number(number)),
            (Some(key), Some(Setting::Table(entries))) => {
                let symbol = self.scheme.symbols.find(key);
                let Some((_, entry)) = entries.iter_mut().find(|(entry, _)| Some(*entry) == symbol) else {
                    return false;
                };
                *entry = number;
            }
            _ => return false,
        }
        true
    }

    /// The finished case, or everything that is wrong with it.
    pub fn build(mut self) -> Result<Case, Invalid> {
        if self.subjects(Kind::Company).len() == 0 {
            self.read_company(&Json::Null);
        }
        self.settle_heads();
        let case = Case {
            cadence: self.cadence,
            period: self.period,
            calendar: self.calendar,
            settings: self.settings,
            weights: self.weights,
            subjects: self.subjects,
            appeal: self.appeal,
            numbers: self.numbers,
            carried: self.carried,
            incomplete: self.incomplete,
            cut_offs: self.cut_offs,
            pins: self.pins,
            moves: self.moves,
        };
        self.invalid.into_result(case)
    }

    /// A head is somebody in the case; where the scheme names a category, a person of it in that very unit.
    fn settle_heads(&mut self) {
        let heads = std::mem::take(&mut self.heads);
        if heads.is_empty() {
            return;
        }
        let wanted = self.scheme.source.units.as_ref().and_then(|units| units.head.as_ref());
        let wanted = wanted.and_then(|head| head.category.as_deref());
        let wanted = wanted.map(|code| self.scheme.category_index(Kind::People, Some(code)));
        let rows: HashMap<String, usize> =
            self.subjects(Kind::People).ids.iter().map(|id| id.to_string()).zip(0..).collect();
        for (unit, key, number) in heads {
            let pointer = format!("{}/{key}", Case::pointer(Kind::Units, unit));
            let people = self.subjects(Kind::People);
            let fits = |row: usize| {
                wanted.is_none_or(|wanted| wanted == Some(people.category_of(row)) && people.unit_of(row) == Some(unit))
            };
            match rows.get(&number).copied().filter(|row| fits(*row)) {
                Some(row) => {
                    let units = self.subjects_mut(Kind::Units);
                    let leaders = if key == HEAD { &mut units.head } else { &mut units.co_head };
                    if let Some(leader) = leaders.get_mut(unit) {
                        *leader = u32::try_from(row).unwrap_or(NOBODY);
                    }
                }
                None => {
                    self.invalid.add(
                        pointer,
                        "unknown_head",
                        say!("{number} 不能担任该部门的负责人", "{number} cannot lead this unit"),
                    );
                    self.tell_what_a_head_lacks(wanted.is_some(), rows.get(&number).copied());
                }
            }
        }
    }

    /// Where heads are of a certain category and unit, theirs have to be said.
    fn tell_what_a_head_lacks(&mut self, needed: bool, row: Option<usize>) {
        let Some(row) = row.filter(|_| needed) else { return };
        let people = self.subjects(Kind::People);
        let lacking = [("category", people.category_of(row) == NO_CATEGORY), ("unit", people.unit_of(row).is_none())];
        for (key, _) in lacking.into_iter().filter(|(_, lacking)| *lacking) {
            let pointer = format!("{}/{key}", Case::pointer(Kind::People, row));
            if !self.invalid.errors.iter().any(|error| error.pointer == pointer) {
                self.invalid.add(pointer, "missing", say!("缺少 {key}", "{key} is missing"));
            }
        }
    }

    pub(super) fn subjects(&self, kind: Kind) -> &Subjects {
        &self.subjects[kind.index()]
    }

    pub(super) fn subjects_mut(&mut self, kind: Kind) -> &mut Subjects {
        &mut self.subjects[kind.index()]
    }

    pub(super) fn put(&mut self, kind: Kind, row: usize, slot: u16, value: Value) {
        let held = self.subjects_mut(kind);
        let at = row * held.stride + usize::from(slot);
        if let Some(cell) = held.slots.get_mut(at) {
            *cell = value;
        }
    }

    pub(super) fn item_weight(&self, kind: Kind, row: usize, sheet: u16, item: u16) -> Decimal {
        let own = u32::try_from(row).ok().and_then(|row| self.subjects(kind).weights.get(&row));
        let weights = own.or_else(|| self.weights.get(usize::from(sheet)));
        weights.map_or(Decimal::ZERO, |weights| super::weight_of(self.plan, sheet, item, weights))
    }
}

fn weights_of(scheme: &Scheme, plan: &Plan, settings: &[Option<Setting>]) -> Vec<Vec<Decimal>> {
    let setting = |at: u16| settings.get(usize::from(at)).and_then(Option::as_ref);
    plan.sheets.iter().map(|sheet| scheme.weights_of(sheet, sheet.weights.and_then(setting))).collect()
}

fn empty_subjects(plan: &Plan, kind: Kind) -> Subjects {
    let lists = &plan.lists[kind.index()];
    Subjects {
        stride: plan.layouts[kind.index()].slots.len(),
        lists: lists.iter().map(|list| Rows { columns: list.columns.len(), ..Rows::default() }).collect(),
        history: History::default(),
        ..Subjects::default()
    }
}
