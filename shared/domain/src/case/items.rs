//! What raters and others gave for the items of a sheet, and weights settled for one person.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_json::Value as Json;

use super::below;
use super::builder::CaseBuilder;
use super::fields::Fields;
use crate::say;
use crate::scheme::RaterPresence;
use crate::scheme::plan::Sheet;
use crate::value::{Kind, Value};

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
            self.all_or_none(kind, row, sheet, pointer);
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
    pub(super) fn all_or_none(&mut self, kind: Kind, row: usize, sheet: &Sheet, pointer: &str) {
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
}
