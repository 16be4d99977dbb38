//! What raters and others gave for the items of a sheet, and weights settled for one person.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_json::Value as Json;

use super::builder::CaseBuilder;
use super::fields::Fields;
use super::{below, input};
use crate::say;
use crate::scheme::RaterPresence;
use crate::scheme::plan::{Item, ItemInput, Sheet, Stands};
use crate::value::{Kind, Value};

/// The key of an item's rows, and of a row's weight.
const ROWS: &str = "rows";
const WEIGHT: &str = "weight";

impl CaseBuilder<'_> {
    /// Weights that were settled for one person replace the scheme's; they sum to 100.
    pub(super) fn read_weights(
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
            if item.stands == Stands::ForItsSection {
                weights.push(Decimal::ZERO);
                continue;
            }
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
        let is_weighed = |code: &str| {
            let mut items = sheet.items.iter();
            items.any(|item| item.code == code && item.stands != Stands::ForItsSection)
        };
        for code in given.keys().filter(|code| !is_weighed(code)) {
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

    pub(super) fn read_items<'a>(
        &mut self,
        kind: Kind,
        row: usize,
        category: usize,
        given: impl Iterator<Item = (&'a str, Result<Fields<'a>, &'a Json>)>,
        pointer: &str,
    ) {
        let plan = self.plan;
        let sheet = plan.sheet(kind, category);
        let place = plan.sheet_of[kind.index()].get(category).copied().flatten().unwrap_or(0);
        for (code, inputs) in given {
            let here = below(pointer, code);
            let found = sheet.and_then(|sheet| sheet.items.iter().position(|item| item.code == code));
            let (Some(sheet), Some(at)) = (sheet, found) else {
                self.invalid.add(here, "unknown_item", say!("考核表没有指标 {code}", "the sheet has no item {code}"));
                continue;
            };
            let weight = u16::try_from(at).map_or(Decimal::ZERO, |at| self.item_weight(kind, row, place, at));
            self.read_item(kind, row, sheet, at, weight, inputs, &here);
        }
        if let Some(sheet) = sheet {
            self.all_or_none(kind, row, place, sheet, pointer);
        }
    }

    /// The items of somebody whose category is not known: those that no sheet has are told.
    pub(super) fn look_at_items<'a>(
        &mut self,
        kind: Kind,
        given: impl Iterator<Item = (&'a str, Result<Fields<'a>, &'a Json>)>,
        pointer: &str,
    ) {
        let plan = self.plan;
        let on = |sheet: &&Sheet| self.scheme.source.sheets.get(sheet.source).is_some_and(|source| source.on == kind);
        let items: Vec<_> = plan.sheets.iter().filter(on).flat_map(|sheet| &sheet.items).collect();
        for (code, inputs) in given {
            let here = below(pointer, code);
            let alike: Vec<_> = items.iter().filter(|item| item.code == code).collect();
            if alike.is_empty() {
                self.invalid.add(
                    here,
                    "unknown_item",
                    say!("没有考核表含有指标 {code}", "no sheet has an item {code}"),
                );
                continue;
            }
            for (name, value) in inputs.into_iter().flat_map(Fields::iter).filter(|(_, value)| !value.is_null()) {
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
    pub(super) fn read_item(
        &mut self,
        kind: Kind,
        row: usize,
        sheet: &Sheet,
        at: usize,
        weight: Decimal,
        inputs: Result<Fields<'_>, &Json>,
        pointer: &str,
    ) {
        let (Some(item), Ok(given)) = (sheet.items.get(at), inputs) else {
            if inputs.is_err_and(|value| !value.is_null()) {
                self.invalid.add(pointer, "not_an_object", say!("应为对象", "an object is wanted"));
            }
            return;
        };
        for (name, value) in given.iter() {
            let here = below(pointer, name);
            if name == ROWS && item.rows && !value.is_null() {
                self.read_rows(kind, row, item, at, weight, value, &here);
                continue;
            }
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

    /// Rows of an item: their weights sum to the item's, and what each rater gave them, within their weights, sums to what
    /// the rater gave the item.
    #[allow(clippy::too_many_arguments, reason = "one place and its rows, spelled out")]
    fn read_rows(
        &mut self,
        kind: Kind,
        row: usize,
        item: &Item,
        at: usize,
        weight: Decimal,
        value: &Json,
        pointer: &str,
    ) {
        let Some(rows) = value.as_array() else {
            return self.invalid.add(pointer, "not_a_list", say!("应为列表", "a list is wanted"));
        };
        let (Ok(subject), Ok(place)) = (u32::try_from(row), u16::try_from(at)) else { return };
        if rows.is_empty() {
            return;
        }
        self.subjects_mut(kind).with_rows.insert((subject, place));
        let mut sum = Some(Decimal::ZERO);
        let raters: Vec<&ItemInput> = item.inputs.iter().filter(|input| input.rater).collect();
        let mut given: Vec<Vec<Option<Vec<Decimal>>>> = vec![Vec::with_capacity(rows.len()); raters.len()];
        for (number, entry) in rows.iter().enumerate() {
            let here = format!("{pointer}/{number}");
            let Some(cells) = entry.as_object() else {
                self.invalid.add(here, "not_an_object", say!("应为对象", "an object is wanted"));
                continue;
            };
            let known = |key: &str| key == WEIGHT || raters.iter().any(|rater| rater.spec.name == key);
            for key in cells.keys().filter(|key| !known(key)) {
                self.no_use_for(key, below(&here, key));
            }
            let own = self.row_weight(cells.get(WEIGHT), &here);
            sum = sum.zip(own).and_then(|(sum, own)| sum.checked_add(own));
            for (rater, column) in raters.iter().zip(&mut given) {
                let cell = cells.get(&rater.spec.name).filter(|cell| !cell.is_null());
                let here = below(&here, &rater.spec.name);
                column.push(cell.and_then(|cell| self.row_points(rater, cell, own, &here)));
            }
        }
        if sum.is_some_and(|sum| sum != weight) {
            let weight = weight.normalize();
            self.invalid.add(
                pointer,
                "weights",
                say!("细目的权重之和须为 {weight}", "the weights of the rows must sum to {weight}"),
            );
        }
        for (rater, column) in raters.iter().zip(given) {
            self.keep_rows(kind, row, rater, column, pointer);
        }
    }

    fn row_weight(&mut self, weight: Option<&Json>, pointer: &str) -> Option<Decimal> {
        let here = below(pointer, WEIGHT);
        let Some(weight) = weight.filter(|weight| !weight.is_null()) else {
            self.invalid.add(here, "missing", say!("缺少权重", "the weight is missing"));
            return None;
        };
        match input::plain_number(weight) {
            Ok(weight) if weight > Decimal::ZERO => Some(weight),
            Ok(_) => {
                self.invalid.add(here, "out_of_bounds", say!("权重须大于 0", "a weight is above 0"));
                None
            }
            Err(refused) => {
                self.invalid.add(here, refused.code, refused.detail);
                None
            }
        }
    }

    /// What one or several raters of a kind gave for a row.
    fn row_points(
        &mut self,
        rater: &ItemInput,
        cell: &Json,
        weight: Option<Decimal>,
        pointer: &str,
    ) -> Option<Vec<Decimal>> {
        match self.value(&rater.spec, cell, weight) {
            Ok(Value::Number(number)) => Some(vec![number]),
            Ok(Value::List { start, len }) => {
                let start = start as usize;
                self.numbers.get(start..start + len as usize).map(<[Decimal]>::to_vec)
            }
            Ok(_) => None,
            Err(refused) => {
                self.invalid.add(format!("{pointer}{}", refused.below), refused.code, refused.detail);
                None
            }
        }
    }

    /// Sums what a kind of rater gave the rows; whoever rated some rows must have rated all.
    fn keep_rows(
        &mut self,
        kind: Kind,
        row: usize,
        rater: &ItemInput,
        column: Vec<Option<Vec<Decimal>>>,
        pointer: &str,
    ) {
        if column.iter().all(Option::is_none) {
            return;
        }
        for (number, _) in column.iter().enumerate().filter(|(_, cell)| cell.is_none()) {
            let here = below(&format!("{pointer}/{number}"), &rater.spec.name);
            let label = &rater.spec.label;
            let detail = say!("{label}评了其他细目，但没有评此项", "{label} rated other rows, but not this one"; label);
            self.incomplete.push((kind, row, here, detail));
        }
        let rows: Vec<Vec<Decimal>> = column.into_iter().flatten().collect();
        let raters = rows.first().map_or(0, Vec::len);
        if rows.iter().any(|row| row.len() != raters) {
            let detail = say!("各细目的评分人数不同", "rows were not rated by the same number of raters");
            return self.invalid.add(below(pointer, &rater.spec.name), "unequal", detail);
        }
        let sum = |at: usize| rows.iter().filter_map(|row| row.get(at)).copied().sum::<Decimal>();
        let sums: Vec<Decimal> = (0..raters).map(sum).collect();
        let value = match sums.as_slice() {
            [one] => Value::Number(*one),
            _ => {
                let start = u32::try_from(self.numbers.len()).unwrap_or(u32::MAX);
                self.numbers.extend(&sums);
                Value::List { start, len: u32::try_from(raters).unwrap_or(u32::MAX) }
            }
        };
        self.put(kind, row, rater.slot, value);
        if let Ok(subject) = u32::try_from(row) {
            let means = rows.iter().map(|row| row.iter().sum::<Decimal>() / Decimal::from(raters.max(1)));
            let means = means.collect();
            self.subjects_mut(kind).rows.insert((subject, rater.slot), means);
        }
    }

    /// A kind of rater who rated some items must have rated all of them.
    pub(super) fn all_or_none(&mut self, kind: Kind, row: usize, place: u16, sheet: &Sheet, pointer: &str) {
        for rater in &sheet.raters {
            let by_section = match rater.presence {
                RaterPresence::AllOrNone => false,
                RaterPresence::AllOrNoneOfSection => true,
                RaterPresence::Always | RaterPresence::Any => continue,
            };
            let rated = |slot: u16| !matches!(self.subjects(kind).slot(row, slot), Value::Absent);
            let counts = |(at, _): &(u16, &Item)| !self.subjects(kind).is_off(row, self.plan, place, *at);
            let items = (0_u16..).zip(&sheet.items).filter(counts).map(|(_, item)| item);
            let inputs = items.flat_map(|item| item.inputs.iter().map(move |input| (item, input)));
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
}
