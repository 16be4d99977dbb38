//! One unit or person of a case, read into its row.

use std::collections::BTreeMap;

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde_json::{Map, Value as Json};

use super::builder::{CaseBuilder, PastResult, PersonInputs, UnitInputs};
use super::fields::Fields;
use super::{Case, NO_CATEGORY, NOBODY, below, input};
use crate::say;
use crate::scheme::source::HeadSource;
use crate::scheme::{GIVEN, HIRED_ON, LEFT_ON};
use crate::value::{Kind, Value};

/// Keys of a case that a policy without a use for them may still find empty.
const MAY_BE_EMPTY: [&str; 10] =
    ["facts", "pay", "items", "adjustments", "incidents", "history", "goals", "score", HEAD, CO_HEAD];

/// Keys of a unit for who leads it, and who does so beside them.
pub(super) const HEAD: &str = "head";
pub(super) const CO_HEAD: &str = "co_head";

/// Items with their inputs, or with what stands there instead.
fn of_json(items: &Map<String, Json>) -> impl Iterator<Item = (&str, Result<Fields<'_>, &Json>)> {
    items.iter().map(|(code, inputs)| (code.as_str(), Fields::of(inputs)))
}

impl CaseBuilder<'_> {
    /// Reads a person as services hold one into a new row; everything wrong with it is noted.
    pub(super) fn read_person(&mut self, person: &PersonInputs) {
        let kind = Kind::People;
        let row = self.subjects(kind).len();
        let pointer = Case::pointer(kind, row);
        self.check_id(kind, &person.number, &pointer);
        let category = self.find_category(kind, person.category.as_deref(), &pointer);
        self.push_row(kind, &person.number, category.unwrap_or(NO_CATEGORY));
        if let Some(unit) = &person.unit {
            self.place_in_unit(Some(unit), &Json::from(unit.as_str()), &pointer);
        }
        if let Some(weights) = &person.weights {
            self.read_weights(kind, category.unwrap_or(NO_CATEGORY), row, weights, &pointer);
        }
        self.put_day(kind, row, HIRED_ON, person.hired_on);
        self.put_day(kind, row, LEFT_ON, person.left_on);
        self.read_known(kind, row, "facts", Fields::Typed(&person.facts), &pointer);
        self.read_known(kind, row, "pay", Fields::Typed(&person.pay), &pointer);
        let history = person.history.as_deref();
        self.read_rest(kind, row, category, &person.items, &person.lists, history, &pointer);
        self.read_moves(kind, row, &person.moves, &pointer);
    }

    /// Reads a unit as services hold one into a new row.
    pub(super) fn read_unit_inputs(&mut self, unit: &UnitInputs) {
        let kind = Kind::Units;
        let row = self.subjects(kind).len();
        let pointer = Case::pointer(kind, row);
        self.check_id(kind, &unit.code, &pointer);
        let category = self.find_category(kind, unit.category.as_deref(), &pointer);
        self.push_row(kind, &unit.code, category.unwrap_or(NO_CATEGORY));
        if let Some(score) = unit.score {
            self.put_score(row, score, &pointer);
        }
        for (key, leader) in [(HEAD, &unit.head), (CO_HEAD, &unit.co_head)] {
            let Some(number) = leader else { continue };
            if self.heads().is_some_and(|heads| key == HEAD || heads.co_head) {
                self.heads.push((row, key, number.clone()));
            } else {
                self.no_use_for(key, below(&pointer, key));
            }
        }
        if let Some(weights) = &unit.weights {
            self.read_weights(kind, category.unwrap_or(NO_CATEGORY), row, weights, &pointer);
        }
        self.read_known(kind, row, "facts", Fields::Typed(&unit.facts), &pointer);
        let history = Some(unit.history.as_slice()).filter(|history| !history.is_empty());
        self.read_rest(kind, row, category, &unit.items, &unit.lists, history, &pointer);
        self.read_moves(kind, row, &unit.moves, &pointer);
    }

    #[allow(clippy::too_many_arguments, reason = "what people and units have alike, spelled out")]
    fn read_rest(
        &mut self,
        kind: Kind,
        row: usize,
        category: Option<usize>,
        items: &BTreeMap<String, BTreeMap<String, Json>>,
        lists: &BTreeMap<String, Vec<BTreeMap<String, Json>>>,
        history: Option<&[PastResult]>,
        pointer: &str,
    ) {
        let here = below(pointer, "items");
        let given = items.iter().map(|(code, inputs)| (code.as_str(), Ok(Fields::Typed(inputs))));
        match category {
            Some(category) => self.read_items(kind, row, category, given, &here),
            None => self.look_at_items(kind, given, &here),
        }
        let plan = self.plan;
        for (at, list) in plan.lists[kind.index()].iter().enumerate() {
            let rows = lists.get(&list.key).map_or(&[][..], Vec::as_slice);
            let rows = rows.iter().map(|row| Ok(Fields::Typed(row)));
            self.read_list(kind, at, list, rows, &below(pointer, &list.key));
        }
        let is_known = |key: &str| plan.lists[kind.index()].iter().any(|list| list.key == key);
        for (key, _) in lists.iter().filter(|(key, rows)| !is_known(key) && !rows.is_empty()) {
            self.no_use_for(key, below(pointer, key));
        }
        self.read_history(kind, history, &below(pointer, "history"));
    }

    fn put_day(&mut self, kind: Kind, row: usize, path: &str, day: Option<Date>) {
        let slot = self.plan.layouts[kind.index()].by_path.get(path).copied();
        if let (Some(slot), Some(day)) = (slot, day) {
            self.put(kind, row, slot, Value::Day(day));
        }
    }

    fn put_score(&mut self, row: usize, score: Decimal, pointer: &str) {
        let (here, layout) = (below(pointer, "score"), &self.plan.layouts[Kind::Units.index()]);
        let slot = layout.by_path.get(GIVEN).and_then(|at| Some((*at, layout.slots.get(usize::from(*at))?)));
        let Some((at, slot)) = slot else { return self.no_use_for("score", here) };
        match input::in_bounds(&slot.spec, score, None) {
            Ok(score) => self.put(Kind::Units, row, at, Value::Number(score)),
            Err(refused) => self.invalid.add(here, refused.code, refused.detail),
        }
    }

    /// Reads a subject of a case in JSON into a new row; everything wrong with it is noted.
    pub(super) fn read_subject(&mut self, kind: Kind, json: &Json) {
        let row = self.subjects(kind).len();
        let pointer = Case::pointer(kind, row);
        let empty = Map::new();
        let object = json.as_object().unwrap_or_else(|| {
            self.invalid.add(&pointer, "not_an_object", say!("应为对象", "an object is wanted"));
            &empty
        });
        let id = self.read_id(kind, object, &pointer);
        let category = self.read_category(kind, object, &pointer);
        self.push_row(kind, &id, category.unwrap_or(NO_CATEGORY));
        if kind == Kind::People {
            self.read_unit(object, &pointer);
        }
        for (key, value) in object {
            self.read_key(kind, row, category, key, value, &pointer);
        }
        self.finish_lists(kind, object, &pointer);
        self.finish_history(kind, object.get("history"), &pointer);
    }

    fn check_id(&mut self, kind: Kind, id: &str, pointer: &str) {
        let pointer = below(pointer, id_key(kind));
        if id.is_empty() {
            self.invalid.add(pointer, "not_a_text", say!("应为文本", "a text is wanted"));
        } else if !self.seen[kind.index()].first_time(id) {
            self.invalid.add(pointer, "duplicate", say!("{id} 重复出现", "{id} comes twice"));
        }
    }

    fn read_id(&mut self, kind: Kind, object: &Map<String, Json>, parent: &str) -> String {
        let key = id_key(kind);
        let pointer = below(parent, key);
        match object.get(key) {
            Some(Json::String(id)) => {
                self.check_id(kind, id, parent);
                id.clone()
            }
            Some(_) => {
                self.invalid.add(pointer, "not_a_text", say!("应为文本", "a text is wanted"));
                String::new()
            }
            None => {
                self.invalid.add(pointer, "missing", say!("缺少 {key}", "{key} is missing"));
                String::new()
            }
        }
    }

    fn read_category(&mut self, kind: Kind, object: &Map<String, Json>, pointer: &str) -> Option<usize> {
        match object.get("category") {
            None | Some(Json::Null) => self.find_category(kind, None, pointer),
            Some(Json::String(code)) => self.find_category(kind, Some(code), pointer),
            Some(value) => {
                self.unknown_category(kind, value, pointer);
                None
            }
        }
    }

    fn find_category(&mut self, kind: Kind, code: Option<&str>, pointer: &str) -> Option<usize> {
        let declared = self.scheme.source.subject(kind).map_or(&[][..], |subject| &subject.categories);
        match code {
            None if declared.len() <= 1 => Some(0),
            // Whoever is excluded needs none: evaluation tells of those who lack one and are not.
            None if kind == Kind::People => None,
            None => {
                self.invalid.add(below(pointer, "category"), "missing", say!("缺少类别", "the category is missing"));
                None
            }
            Some(code) => {
                let found = declared.iter().position(|category| category.code == code);
                if found.is_none() {
                    self.unknown_category(kind, &code.into(), pointer);
                }
                found
            }
        }
    }

    fn unknown_category(&mut self, kind: Kind, value: &Json, pointer: &str) {
        let pointer = below(pointer, "category");
        let declared = self.scheme.source.subject(kind).is_some_and(|subject| !subject.categories.is_empty());
        if declared {
            let what = say!("{value} 不是方案的类别", "{value} is no category of the policy");
            self.invalid.add(pointer, "unknown_category", what);
        } else {
            self.invalid.add(pointer, "unknown_key", say!("方案没有类别", "the policy has no categories"));
        }
    }

    fn read_unit(&mut self, object: &Map<String, Json>, pointer: &str) {
        let unit = match object.get("unit") {
            None | Some(Json::Null) => return,
            Some(unit) => unit,
        };
        self.place_in_unit(unit.as_str(), unit, pointer);
    }

    fn place_in_unit(&mut self, code: Option<&str>, unit: &Json, pointer: &str) {
        let pointer = below(pointer, "unit");
        if !self.scheme.has_units() {
            return self.invalid.add(pointer, "unknown_key", say!("方案没有部门", "the policy has no units"));
        }
        match code.and_then(|code| self.unit_rows.get(code)) {
            Some(found) => {
                let found = *found;
                if let Some(last) = self.subjects_mut(Kind::People).unit.last_mut() {
                    *last = found;
                }
            }
            None => self.invalid.add(
                pointer,
                "unknown_unit",
                say!("{unit} 不是任何部门的代码", "{unit} is not the code of one of the units"),
            ),
        }
    }

    fn read_key(&mut self, kind: Kind, row: usize, category: Option<usize>, key: &str, value: &Json, pointer: &str) {
        let here = below(pointer, key);
        match (kind, key) {
            (Kind::Units, "code") | (Kind::People, "number" | "unit") | (_, "category" | "history") => {}
            (Kind::People, "hired_on") => self.read_path(kind, row, HIRED_ON, value, &here),
            (Kind::People, "left_on") => self.read_path(kind, row, LEFT_ON, value, &here),
            (Kind::Units, "score") if self.has_slot(kind, GIVEN) => self.read_path(kind, row, GIVEN, value, &here),
            (Kind::Units, HEAD) if self.heads().is_some() => self.note_head(row, HEAD, value, &here),
            (Kind::Units, CO_HEAD) if self.heads().is_some_and(|heads| heads.co_head) => {
                self.note_head(row, CO_HEAD, value, &here);
            }
            (_, "facts") if self.has_slots(kind, "fact.") => self.read_table(kind, row, "fact", value, &here),
            (Kind::People, "pay") if self.has_slots(kind, "pay.") => self.read_table(kind, row, "pay", value, &here),
            (_, "items") => match (value, category) {
                (Json::Null, _) => {}
                (Json::Object(given), Some(category)) => {
                    self.read_items(kind, row, category, of_json(given), &here);
                }
                (Json::Object(given), None) => self.look_at_items(kind, of_json(given), &here),
                _ => self.invalid.add(here, "not_an_object", say!("应为对象", "an object is wanted")),
            },
            _ if self.plan.lists[kind.index()].iter().any(|list| list.key == key) => {}
            _ if MAY_BE_EMPTY.contains(&key) && is_empty(value) => {}
            (_, "facts") | (Kind::People, "pay") => self.no_use_for_any(key, value, &here),
            _ => self.invalid.add(here, "unknown_key", say!("方案用不到 {key}", "the policy has no use for {key}")),
        }
    }

    fn heads(&self) -> Option<&HeadSource> {
        self.scheme.source.units.as_ref()?.head.as_ref()
    }

    fn note_head(&mut self, row: usize, key: &'static str, value: &Json, pointer: &str) {
        match value {
            _ if is_empty(value) => {}
            Json::String(number) => self.heads.push((row, key, number.clone())),
            _ => self.invalid.add(pointer, "not_a_text", say!("应为工号", "an employee number is wanted")),
        }
    }

    fn push_row(&mut self, kind: Kind, id: &str, category: usize) {
        let plan = self.plan;
        let held = self.subjects_mut(kind);
        held.ids.push(id.into());
        held.category.push(u8::try_from(category).unwrap_or(u8::MAX));
        match kind {
            Kind::People => held.unit.push(NOBODY),
            Kind::Units => {
                held.head.push(NOBODY);
                held.co_head.push(NOBODY);
            }
            Kind::Company => {}
        }
        held.slots.extend(plan.layouts[kind.index()].slots.iter().map(|slot| slot.spec.default));
    }

    /// The company: one row of facts.
    pub(super) fn read_company_facts(&mut self, facts: &BTreeMap<String, Json>) {
        self.push_row(Kind::Company, "", 0);
        self.read_known(Kind::Company, 0, "facts", Fields::Typed(facts), "/company");
    }

    pub(super) fn read_company(&mut self, json: &Json) {
        self.push_row(Kind::Company, "", 0);
        match json {
            Json::Null => {}
            Json::Object(object) => {
                for (key, value) in object {
                    if key == "facts" && self.has_slots(Kind::Company, "fact.") {
                        self.read_table(Kind::Company, 0, "fact", value, "/company/facts");
                    } else if key != "facts" {
                        self.no_use_for(key, below("/company", key));
                    } else if !is_empty(value) {
                        self.no_use_for_any(key, value, "/company/facts");
                    }
                }
            }
            _ => self.invalid.add("/company", "not_an_object", say!("应为对象", "an object is wanted")),
        }
    }
}

pub(super) fn id_key(kind: Kind) -> &'static str {
    if kind == Kind::Units { "code" } else { "number" }
}

pub(super) fn is_empty(value: &Json) -> bool {
    match value {
        Json::Null => true,
        Json::Array(all) => all.is_empty(),
        Json::Object(all) => all.is_empty(),
        _ => false,
    }
}
