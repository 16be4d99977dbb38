//! One unit or person of a case, read into its row.

use std::collections::BTreeMap;

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde_json::{Map, Value as Json};

use super::builder::CaseBuilder;
use super::input::{self, Refused};
use super::{Case, NO_CATEGORY, NOBODY, below};
use crate::expression::Past;
use crate::period::{Form, Period};
use crate::say;
use crate::scheme::plan::{InputSpec, Sheet};
use crate::scheme::source::HeadSource;
use crate::scheme::{GIVEN, HIRED_ON, InputKind, LEFT_ON, RaterPresence};
use crate::value::{Kind, Value};

/// Keys of a case that a policy without a use for them may still find empty.
const MAY_BE_EMPTY: [&str; 10] =
    ["facts", "pay", "items", "adjustments", "incidents", "history", "goals", "score", HEAD, CO_HEAD];

/// Keys of a unit for who leads it, and who does so beside them.
pub(super) const HEAD: &str = "head";
pub(super) const CO_HEAD: &str = "co_head";

impl CaseBuilder<'_> {
    /// Reads a subject into a new row; everything wrong with it is noted.
    pub(super) fn read_subject(&mut self, kind: Kind, json: &Json, weights: Option<&BTreeMap<String, Decimal>>) {
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
        if let Some(weights) = weights {
            self.read_weights(kind, category.unwrap_or(NO_CATEGORY), row, weights, &pointer);
        }
        for (key, value) in object {
            self.read_key(kind, row, category, key, value, &pointer);
        }
        self.finish_lists(kind, object, &pointer);
        self.finish_history(kind, object.get("history"), &pointer);
    }

    fn read_id(&mut self, kind: Kind, object: &Map<String, Json>, pointer: &str) -> String {
        let key = id_key(kind);
        let pointer = below(pointer, key);
        match object.get(key) {
            Some(Json::String(id)) if !id.is_empty() => {
                if !self.seen[kind.index()].first_time(id) {
                    self.invalid.add(pointer, "duplicate", say!("{id} 重复出现", "{id} comes twice"));
                }
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
        let pointer = below(pointer, "category");
        let declared = self.scheme.source.subject(kind).map_or(&[][..], |subject| &subject.categories);
        match object.get("category") {
            None | Some(Json::Null) if declared.len() <= 1 => Some(0),
            // Whoever is excluded needs none: evaluation tells of those who lack one and are not.
            None | Some(Json::Null) if kind == Kind::People => None,
            None | Some(Json::Null) => {
                self.invalid.add(pointer, "missing", say!("缺少类别", "the category is missing"));
                None
            }
            Some(_) if declared.is_empty() => {
                self.invalid.add(pointer, "unknown_key", say!("方案没有类别", "the policy has no categories"));
                None
            }
            Some(value) => {
                let found = value.as_str().and_then(|code| declared.iter().position(|category| category.code == code));
                if found.is_none() {
                    self.invalid.add(
                        pointer,
                        "unknown_category",
                        say!("{value} 不是方案的类别", "{value} is no category of the policy"),
                    );
                }
                found
            }
        }
    }

    fn read_unit(&mut self, object: &Map<String, Json>, pointer: &str) {
        let unit = match object.get("unit") {
            None | Some(Json::Null) => return,
            Some(unit) => unit,
        };
        let pointer = below(pointer, "unit");
        if !self.scheme.has_units() {
            return self.invalid.add(pointer, "unknown_key", say!("方案没有部门", "the policy has no units"));
        }
        match unit.as_str().and_then(|code| self.unit_rows.get(code)) {
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

    /// Weights that were settled for one person replace the scheme's; they sum to 100.
    fn read_weights(
        &mut self,
        kind: Kind,
        category: usize,
        row: usize,
        given: &BTreeMap<String, Decimal>,
        pointer: &str,
    ) {
        let pointer = below(pointer, "weights");
        let Some(sheet) = self.plan.sheet(kind, category) else {
            return self.invalid.add(
                pointer,
                "unknown_key",
                say!("没有可设权重的考核表", "there is no sheet to weigh"),
            );
        };
        let mut weights = Vec::with_capacity(sheet.items.len());
        for item in &sheet.items {
            match given.get(&item.code) {
                Some(weight) if *weight >= Decimal::ZERO => weights.push(*weight),
                Some(_) => self.invalid.add(
                    below(&pointer, &item.code),
                    "negative",
                    say!("权重不能为负", "a weight is not negative"),
                ),
                None => self.invalid.add(
                    below(&pointer, &item.code),
                    "missing",
                    say!("缺少 {} 的权重", "the weight of {} is missing", item.code),
                ),
            }
        }
        for code in given.keys().filter(|code| !sheet.items.iter().any(|item| item.code == **code)) {
            self.invalid.add(
                below(&pointer, code),
                "unknown_item",
                say!("考核表没有指标 {code}", "the sheet has no item {code}"),
            );
        }
        if given.values().try_fold(Decimal::ZERO, |sum, weight| sum.checked_add(*weight)) != Some(Decimal::ONE_HUNDRED)
        {
            self.invalid.add(&pointer, "weights", say!("权重之和须为 100", "the weights must sum to 100"));
        }
        if weights.len() == sheet.items.len()
            && let Ok(row) = u32::try_from(row)
        {
            self.subjects_mut(kind).weights.insert(row, weights);
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
            (_, "items") => {
                if let Some(category) = category {
                    self.read_items(kind, row, category, value, &here);
                } else {
                    self.look_at_items(kind, value, &here);
                }
            }
            _ if self.plan.lists[kind.index()].iter().any(|list| list.key == key) => {}
            _ if MAY_BE_EMPTY.contains(&key) && is_empty(value) => {}
            (_, "facts") | (Kind::People, "pay") => self.no_use_for_any(key, value, &here),
            _ => self.invalid.add(here, "unknown_key", say!("方案用不到 {key}", "the policy has no use for {key}")),
        }
    }

    /// A table of which the policy has no entry: each that was given is told.
    fn no_use_for_any(&mut self, key: &str, value: &Json, pointer: &str) {
        match value.as_object() {
            Some(given) => {
                for name in given.keys() {
                    self.invalid.add(
                        below(pointer, name),
                        "unknown_key",
                        say!("方案用不到 {name}", "the policy has no use for {name}"),
                    );
                }
            }
            None => {
                self.invalid.add(pointer, "unknown_key", say!("方案用不到 {key}", "the policy has no use for {key}"))
            }
        }
    }

    fn has_slot(&self, kind: Kind, path: &str) -> bool {
        self.plan.layouts[kind.index()].by_path.contains_key(path)
    }

    fn has_slots(&self, kind: Kind, prefix: &str) -> bool {
        self.plan.layouts[kind.index()].slots.iter().any(|slot| slot.path.starts_with(prefix))
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

    /// Facts or pay inputs, by name.
    fn read_table(&mut self, kind: Kind, row: usize, table: &str, value: &Json, pointer: &str) {
        match value {
            Json::Null => {}
            Json::Object(given) => {
                for (name, value) in given {
                    let here = below(pointer, name);
                    let path = format!("{table}.{name}");
                    if name.contains('.') || !self.has_slot(kind, &path) {
                        self.invalid.add(
                            here,
                            "unknown_key",
                            say!("方案用不到 {name}", "the policy has no use for {name}"),
                        );
                    } else {
                        self.read_path(kind, row, &path, value, &here);
                    }
                }
            }
            _ => self.invalid.add(pointer, "not_an_object", say!("应为对象", "an object is wanted")),
        }
    }

    fn read_path(&mut self, kind: Kind, row: usize, path: &str, value: &Json, pointer: &str) {
        let layout = &self.plan.layouts[kind.index()];
        let Some(at) = layout.by_path.get(path).copied() else { return };
        let Some(slot) = layout.slots.get(usize::from(at)) else { return };
        let spec = &slot.spec;
        if value.is_null() {
            return;
        }
        if spec.kind == InputKind::Record {
            return self.read_record(kind, row, path, at, spec, value, pointer);
        }
        self.read_value(kind, row, at, spec, value, None, pointer);
    }

    #[allow(clippy::too_many_arguments, reason = "one place and one value, spelled out")]
    fn read_record(
        &mut self,
        kind: Kind,
        row: usize,
        path: &str,
        at: u16,
        spec: &InputSpec,
        value: &Json,
        pointer: &str,
    ) {
        let Json::Object(given) = value else {
            return self.invalid.add(pointer, "not_an_object", say!("应为对象", "an object is wanted"));
        };
        self.put(kind, row, at, Value::Flag(true));
        for (name, value) in given {
            let here = below(pointer, name);
            if spec.fields.iter().any(|field| field.name == *name) {
                self.read_path(kind, row, &format!("{path}.{name}"), value, &here);
            } else {
                self.invalid.add(here, "unknown_key", say!("方案用不到 {name}", "the policy has no use for {name}"));
            }
        }
    }

    #[allow(clippy::too_many_arguments, reason = "one place and one value, spelled out")]
    fn read_value(
        &mut self,
        kind: Kind,
        row: usize,
        at: u16,
        spec: &InputSpec,
        value: &Json,
        weight: Option<Decimal>,
        pointer: &str,
    ) {
        match self.value(spec, value, weight) {
            Ok(value) => self.put(kind, row, at, value),
            Err(refused) => self.invalid.add(format!("{pointer}{}", refused.below), refused.code, refused.detail),
        }
    }

    fn value(&mut self, spec: &InputSpec, value: &Json, weight: Option<Decimal>) -> Result<Value, Refused> {
        match spec.kind {
            InputKind::Scale => input::read_scale(spec, value, &self.scheme.symbols),
            InputKind::Text => input::some_text(value).map(|_| Value::Absent),
            _ => input::read(spec, value, weight, &mut self.numbers),
        }
    }

    fn read_items(&mut self, kind: Kind, row: usize, category: usize, value: &Json, pointer: &str) {
        let given = match value {
            Json::Object(given) => given,
            Json::Null => return,
            _ => return self.invalid.add(pointer, "not_an_object", say!("应为对象", "an object is wanted")),
        };
        let plan = self.plan;
        let sheet = plan.sheet(kind, category);
        let place = plan.sheet_of[kind.index()].get(category).copied().flatten().unwrap_or(0);
        for (code, value) in given {
            let here = below(pointer, code);
            let found = sheet.and_then(|sheet| sheet.items.iter().position(|item| item.code == *code));
            let (Some(sheet), Some(at)) = (sheet, found) else {
                self.invalid.add(here, "unknown_item", say!("考核表没有指标 {code}", "the sheet has no item {code}"));
                continue;
            };
            let weight = u16::try_from(at).map_or(Decimal::ZERO, |at| self.item_weight(kind, row, place, at));
            self.read_item(kind, row, sheet, at, weight, value, &here);
        }
        if let Some(sheet) = sheet {
            self.all_or_none(kind, row, sheet, pointer);
        }
    }

    /// The items of somebody whose category is not known: those that no sheet has are told.
    fn look_at_items(&mut self, kind: Kind, value: &Json, pointer: &str) {
        let given = match value {
            Json::Object(given) => given,
            Json::Null => return,
            _ => return self.invalid.add(pointer, "not_an_object", say!("应为对象", "an object is wanted")),
        };
        let plan = self.plan;
        let on = |sheet: &&Sheet| self.scheme.source.sheets.get(sheet.source).is_some_and(|source| source.on == kind);
        let items: Vec<_> = plan.sheets.iter().filter(on).flat_map(|sheet| &sheet.items).collect();
        for (code, value) in given {
            let here = below(pointer, code);
            let alike: Vec<_> = items.iter().filter(|item| item.code == *code).collect();
            if alike.is_empty() {
                self.invalid.add(
                    here,
                    "unknown_item",
                    say!("没有考核表含有指标 {code}", "no sheet has an item {code}"),
                );
                continue;
            }
            for (name, value) in value.as_object().into_iter().flatten().filter(|(_, value)| !value.is_null()) {
                let here = below(&here, name);
                let input = alike.iter().flat_map(|item| &item.inputs).find(|input| input.spec.name == *name);
                match input.map(|input| self.value(&input.spec, value, None)) {
                    Some(Ok(_)) => {}
                    Some(Err(refused)) => {
                        self.invalid.add(format!("{here}{}", refused.below), refused.code, refused.detail);
                    }
                    None => self.invalid.add(
                        here,
                        "unknown_key",
                        say!("指标 {code} 没有输入项 {name}", "item {code} has no input {name}"),
                    ),
                }
            }
        }
    }

    #[allow(clippy::too_many_arguments, reason = "one place and one value, spelled out")]
    fn read_item(
        &mut self,
        kind: Kind,
        row: usize,
        sheet: &Sheet,
        at: usize,
        weight: Decimal,
        value: &Json,
        pointer: &str,
    ) {
        let (Some(item), Json::Object(given)) = (sheet.items.get(at), value) else {
            if !value.is_null() {
                self.invalid.add(pointer, "not_an_object", say!("应为对象", "an object is wanted"));
            }
            return;
        };
        for (name, value) in given {
            let here = below(pointer, name);
            match item.inputs.iter().find(|input| input.spec.name == *name) {
                Some(_) if value.is_null() => {}
                Some(input) => self.read_value(kind, row, input.slot, &input.spec, value, Some(weight), &here),
                None if item.inputs.is_empty() => {
                    self.invalid.add(
                        here,
                        "unknown_key",
                        say!("{} 没有自己的输入项", "{} takes no input of its own", item.code),
                    );
                }
                None => self.invalid.add(
                    here,
                    "unknown_key",
                    say!("指标 {} 没有输入项 {name}", "item {} has no input {name}", item.code),
                ),
            }
        }
    }

    /// A kind of rater who rated some items must have rated all of them.
    fn all_or_none(&mut self, kind: Kind, row: usize, sheet: &Sheet, pointer: &str) {
        for rater in &sheet.raters {
            let by_section = match rater.presence {
                RaterPresence::AllOrNone => false,
                RaterPresence::AllOrNoneOfSection => true,
                RaterPresence::Always | RaterPresence::Any => continue,
            };
            let rated = |slot: u16| !matches!(self.subjects(kind).slot(row, slot), Value::Absent);
            let inputs = sheet.items.iter().flat_map(|item| item.inputs.iter().map(move |input| (item, input)));
            let inputs: Vec<_> = inputs.filter(|(_, input)| input.rater && input.spec.name == rater.name).collect();
            let missing = inputs.iter().filter(|(item, input)| {
                let mut others = inputs.iter().filter(|(other, _)| !by_section || other.section == item.section);
                !rated(input.slot) && others.any(|(_, other)| rated(other.slot))
            });
            let missing: Vec<String> = missing.map(|(item, _)| item.code.clone()).collect();
            for code in missing {
                let here = below(&below(pointer, &code), &rater.name);
                let detail =
                    say!("{} 评了其他指标，但没有评 {code}", "{} rated other items, but not {code}", rater.name);
                self.incomplete.push((kind, row, here, detail));
            }
        }
    }

    fn finish_lists(&mut self, kind: Kind, object: &Map<String, Json>, pointer: &str) {
        let plan = self.plan;
        for (at, list) in plan.lists[kind.index()].iter().enumerate() {
            let here = below(pointer, &list.key);
            let rows = match object.get(&list.key) {
                None | Some(Json::Null) => &[][..],
                Some(Json::Array(rows)) => rows,
                Some(_) => {
                    self.invalid.add(&here, "not_a_list", say!("应为列表", "a list is wanted"));
                    &[][..]
                }
            };
            if list.max_rows.is_some_and(|most| rows.len() > most) {
                self.invalid.add(&here, "too_many", say!("{} 项过多", "{} entries are too many", rows.len()));
            }
            let mut cells = Vec::with_capacity(rows.len() * list.columns.len());
            for (row, entry) in rows.iter().enumerate() {
                self.read_row(kind, &list.columns, entry, &format!("{here}/{row}"), &mut cells);
            }
            self.check_sums(&list.columns, &cells, rows.len(), &here);
            if let Some(held) = self.subjects_mut(kind).lists.get_mut(at) {
                held.cells.append(&mut cells);
                let end = held.cells.len() / held.columns.max(1);
                held.ends.push(u32::try_from(end).unwrap_or(u32::MAX));
            }
        }
    }

    fn read_row(&mut self, kind: Kind, columns: &[InputSpec], entry: &Json, pointer: &str, cells: &mut Vec<Value>) {
        let empty = Map::new();
        let object = entry.as_object().unwrap_or_else(|| {
            self.invalid.add(pointer, "not_an_object", say!("应为对象", "an object is wanted"));
            &empty
        });
        for key in object.keys().filter(|key| !columns.iter().any(|column| column.name == **key)) {
            self.invalid.add(
                below(pointer, key),
                "unknown_key",
                say!("方案用不到 {key}", "the policy has no use for {key}"),
            );
        }
        for column in columns {
            let here = below(pointer, &column.name);
            let value = match object.get(&column.name) {
                None | Some(Json::Null) => {
                    if column.required() {
                        let row = self.subjects(kind).len().saturating_sub(1);
                        self.incomplete.push((kind, row, here, say!("缺少 {}", "{} is missing", column.name)));
                    }
                    column.default
                }
                Some(value) => match self.value(column, value, None) {
                    Ok(value) => value,
                    Err(refused) => {
                        self.invalid.add(format!("{here}{}", refused.below), refused.code, refused.detail);
                        Value::Absent
                    }
                },
            };
            cells.push(value);
        }
    }

    fn check_sums(&mut self, columns: &[InputSpec], cells: &[Value], rows: usize, pointer: &str) {
        for (at, column) in columns.iter().enumerate() {
            let Some(wanted) = column.sum.filter(|_| rows > 0) else { continue };
            let numbers = cells.chunks_exact(columns.len().max(1)).map(|row| match row.get(at) {
                Some(Value::Number(number)) => Some(*number),
                _ => None,
            });
            // Of what is missing, no sum is asked.
            let Some(numbers) = numbers.collect::<Option<Vec<Decimal>>>() else { continue };
            if numbers.into_iter().try_fold(Decimal::ZERO, |sum, number| sum.checked_add(number)) != Some(wanted) {
                self.invalid.add(
                    pointer,
                    "weights",
                    say!("{} 之和须为 {wanted}", "{} must sum to {wanted}", column.name),
                );
            }
        }
    }

    fn finish_history(&mut self, kind: Kind, history: Option<&Json>, pointer: &str) {
        let here = below(pointer, "history");
        let given = match history {
            None | Some(Json::Null) => &[][..],
            Some(Json::Array(entries)) => entries,
            Some(_) => {
                self.invalid.add(&here, "not_a_list", say!("应为列表", "a list is wanted"));
                &[][..]
            }
        };
        let mut entries = Vec::with_capacity(given.len());
        for (at, entry) in given.iter().enumerate() {
            let here = format!("{here}/{at}");
            let Some(entry) = self.read_past(kind, entry, at, &here) else { continue };
            if entries.iter().any(|before: &Past| before.period == entry.period) {
                self.invalid.add(
                    below(&here, "period"),
                    "duplicate",
                    say!("{} 重复出现", "{} comes twice", entry.period),
                );
            }
            entries.push(entry);
        }
        entries.sort_by_key(|entry| entry.period);
        let row = self.subjects(kind).len().saturating_sub(1);
        let held = &mut self.subjects_mut(kind).history;
        if let (Ok(row), Some(Json::Array(_))) = (u32::try_from(row), history) {
            held.given.insert(row);
        }
        held.entries.append(&mut entries);
        held.ends.push(u32::try_from(held.entries.len()).unwrap_or(u32::MAX));
    }

    fn read_past(&mut self, kind: Kind, entry: &Json, at: usize, pointer: &str) -> Option<Past> {
        let Some(object) = entry.as_object() else {
            self.invalid.add(pointer, "not_an_object", say!("应为对象", "an object is wanted"));
            return None;
        };
        for key in object.keys().filter(|key| !["period", "score", "grade"].contains(&key.as_str())) {
            self.invalid.add(
                below(pointer, key),
                "unknown_key",
                say!("历史记录中不能有 {key}", "an entry has no {key}"),
            );
        }
        let score = self.past_score(kind, object.get("score"), pointer);
        let grade = self.past_grade(object.get("grade"), pointer);
        let period = self.past_period(object.get("period"), &below(pointer, "period"))?;
        Some(Past { period, given_at: u32::try_from(at).unwrap_or(u32::MAX), score, grade })
    }

    fn past_score(&mut self, kind: Kind, score: Option<&Json>, pointer: &str) -> Option<Decimal> {
        let highest = self.scheme.highest.get(kind.index()).copied().flatten().filter(|_| self.bounds_history);
        let score = score.filter(|score| !score.is_null())?;
        let pointer = below(pointer, "score");
        match input::plain_number(score) {
            Ok(score) if score < Decimal::ZERO => {
                self.invalid.add(pointer, "negative", say!("{score} 为负数", "{score} is negative"));
                None
            }
            Ok(score) if highest.is_some_and(|highest| score > highest) => {
                let highest = highest.unwrap_or_default().normalize();
                self.invalid.add(
                    pointer,
                    "out_of_bounds",
                    say!("{score} 超过得分的上限 {highest}", "{score} is more than a score can be: {highest}"),
                );
                None
            }
            Ok(score) => Some(score),
            Err(refused) => {
                self.invalid.add(pointer, refused.code, refused.detail);
                None
            }
        }
    }

    fn past_grade(&mut self, grade: Option<&Json>, pointer: &str) -> Option<crate::value::Symbol> {
        let grade = grade.filter(|grade| !grade.is_null())?;
        let known = grade.as_str().filter(|code| self.scheme.grades().iter().any(|known| known.code == *code));
        if known.is_none() {
            self.invalid.add(
                below(pointer, "grade"),
                "unknown_grade",
                say!("{grade} 不是方案的等级", "{grade} is no grade of the policy"),
            );
        }
        known.and_then(|code| self.scheme.symbols.find(code))
    }

    fn past_period(&mut self, period: Option<&Json>, pointer: &str) -> Option<Period> {
        let Some(text) = period else {
            self.invalid.add(pointer, "missing", say!("缺少考核期间", "the period is missing"));
            return None;
        };
        let Some(period) = text.as_str().and_then(|text| text.parse::<Period>().ok()) else {
            self.invalid.add(pointer, "not_a_period", say!("{text} 不是考核期间", "{text} is no period"));
            return None;
        };
        let known =
            period.form() == Form::Month || self.scheme.cadences().iter().any(|cadence| cadence.form == period.form());
        if !known {
            self.invalid.add(
                pointer,
                "period_form",
                say!("方案没有 {period} 这种形式的期间", "the policy has no periods such as {period}"),
            );
        } else if period == self.period || period.first_day() > self.period.last_day() {
            self.invalid.add(pointer, "not_past", say!("{period} 不早于 {}", "{period} is not before {}", self.period));
        }
        Some(period)
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
    pub(super) fn read_company(&mut self, json: &Json) {
        self.push_row(Kind::Company, "", 0);
        match json {
            Json::Null => {}
            Json::Object(object) => {
                for (key, value) in object {
                    if key == "facts" && self.has_slots(Kind::Company, "fact.") {
                        self.read_table(Kind::Company, 0, "fact", value, "/company/facts");
                    } else if key == "facts" {
                        if !is_empty(value) {
                            self.no_use_for_any(key, value, "/company/facts");
                        }
                    } else {
                        self.invalid.add(
                            below("/company", key),
                            "unknown_key",
                            say!("方案用不到 {key}", "the policy has no use for {key}"),
                        );
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

/// A date, for inputs given as such.
pub(super) fn date_json(date: Date) -> Json {
    Json::String(date.to_string())
}
