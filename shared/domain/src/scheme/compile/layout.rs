//! Inputs, sheets and items: where everything that a case gives will lie.

use rust_decimal::Decimal;

use super::{Compiler, stands_for};
use crate::Message;
use crate::say;
use crate::scheme::document::{meant, sum_told};
use crate::scheme::inputs;
use crate::scheme::plan::Setting;
use crate::scheme::plan::{Item, ItemInput, List, Rater, Sheet, Stands};
use crate::scheme::problem::Problem;
use crate::scheme::source::{InputKind, InputSource, ItemSource, RaterPresence, SheetSource};
use crate::value::Kind;

impl<'s> Compiler<'s> {
    pub(super) fn lay_out(&mut self) {
        for kind in Kind::ALL {
            let at = kind.index();
            self.plan.sheet_of[at] = vec![None; self.source.category_count(kind)];
            let Some(subject) = self.source.subject(kind) else { continue };
            inputs::subject_slots(&mut self.plan.layouts[at], kind, subject, self.symbols, &self.source.grades);
            self.plan.lists[at] = subject
                .lists
                .iter()
                .map(|list| List {
                    key: list.key.clone(),
                    required: list.required,
                    max_rows: list.max_rows,
                    columns: (list.columns.iter())
                        .map(|column| inputs::of_list(&list.key, column, self.symbols, &self.source.grades))
                        .collect(),
                })
                .collect();
        }
        for (at, sheet) in self.source.sheets.iter().enumerate() {
            if !self.in_cadence(&sheet.cadences) {
                continue;
            }
            for category in 0..self.source.category_count(sheet.on) {
                if self.for_category(sheet.on, &sheet.categories, category) {
                    self.lay_out_sheet(at, sheet, category);
                }
            }
        }
    }

    pub(super) fn lay_out_sheet(&mut self, source: usize, sheet: &'s SheetSource, category: usize) {
        let kind = sheet.on.index();
        let index = u16::try_from(self.plan.sheets.len()).unwrap_or(u16::MAX);
        match self.plan.sheet_of[kind].get_mut(category) {
            Some(slot @ None) => *slot = Some(index),
            Some(Some(_)) => {
                let whom = match self.source.category_code(sheet.on, category) {
                    "" => say!("所有人", "everybody"),
                    code => Message::same(code),
                };
                let message = say!("{whom} 已有一张考核表", "this is a second sheet for {whom}"; whom);
                return self.problem(format!("/sheets/{source}"), message);
            }
            None => return,
        }
        let place = format!("/sheets/{source}");
        let weights = sheet.weights.as_ref().and_then(|name| self.table(name, &format!("{place}/weights")));
        let items = sheet
            .items
            .iter()
            .enumerate()
            .map(|(at, item)| self.lay_out_item(sheet, item, &format!("{place}/items/{at}")));
        let mut items = items.collect::<Vec<Item>>();
        place_in_sections(&mut items);
        match weights {
            None => self.check_weights(sheet, &items, &place),
            Some(weights) => self.check_table_of_weights(weights, sheet, category, &format!("{place}/weights")),
        }
        let raters =
            sheet.raters.iter().map(|rater| Rater { name: rater.name.clone(), presence: rater.presence }).collect();
        self.plan.sheets.push(Sheet { source, items, weights, raters, category });
    }

    /// Weights sum to 100, on the whole sheet or in each of its sections.
    pub(super) fn check_weights(&mut self, sheet: &SheetSource, items: &[Item], place: &str) {
        let sum = |section: Option<&str>| -> Decimal {
            let counted = items.iter().filter(|item| section.is_none() || item.section.as_deref() == section);
            counted.filter(|item| item.stands != Stands::ForItsSection).map(|item| item.weight).sum()
        };
        let by_section = items.iter().all(|item| item.section.is_some())
            && sheet.sections.iter().all(|s| sum(Some(&s.code)) == Decimal::ONE_HUNDRED);
        if sum(None) != Decimal::ONE_HUNDRED && !by_section {
            let message = say!(
                "本考核表的权重之和为 {}，应为 100",
                "the weights of this sheet sum to {}, not 100",
                sum(None).normalize()
            );
            self.caution(format!("{place}/items"), message);
        }
    }

    /// The parameter weighs just the items of the sheet; whoever sets it, its weights sum to 100.
    fn check_table_of_weights(&mut self, weights: u16, sheet: &SheetSource, category: usize, place: &str) {
        let Some(parameter) = self.parameters.get(usize::from(weights)) else { return };
        let category = self.symbols.find(self.source.category_code(sheet.on, category));
        let table = match &parameter.default {
            Some(Setting::Table(table)) => Some(table),
            Some(Setting::ByCategory(tables)) => {
                tables.iter().find(|(code, _)| Some(*code) == category).map(|(_, table)| table)
            }
            Some(Setting::Number(_)) | None => None,
        };
        let Some(table) = table else {
            let message = say!(
                "{} 不是适用于本考核表所有人的指标权重表",
                "{} is no table of weights by item for everybody who has this sheet",
                parameter.name
            );
            return self.problem(place, message);
        };
        let keys: Vec<String> = table.iter().map(|(key, _)| self.symbols.text(*key).to_string()).collect();
        let weighed = sheet.items.iter().filter(|item| item.stands_for.is_none());
        let codes: Vec<&str> = weighed.map(|item| item.code.as_str()).collect();
        let mut problems = Vec::new();
        for code in codes.iter().filter(|code| !keys.iter().any(|key| key == *code)) {
            problems.push(Problem::new(
                place,
                say!("{} 没有指标 {code} 的权重", "{} does not weigh the item {code}", parameter.name),
            ));
        }
        for key in keys.iter().filter(|key| !codes.contains(&key.as_str())) {
            let hint = meant(key, codes.iter().copied());
            problems.push(Problem::new(
                place,
                say!("{} 中的 {key} 不是本考核表的指标{hint}", "{} weighs {key}, which is no item of this sheet{hint}", parameter.name; hint),
            ));
        }
        let sum = table.iter().try_fold(Decimal::ZERO, |sum, (_, weight)| sum.checked_add(*weight));
        if sum != Some(Decimal::ONE_HUNDRED) {
            let sum = sum_told(sum);
            problems.push(Problem::new(place, say!("{} 的权重之和为 {sum}，应为 100", "the weights of {} sum to {sum}, not to 100", parameter.name; sum)));
        }
        if !parameter.fixed && !parameter.always_sums_to_100(&codes, category, self.symbols) {
            let message = say!(
                "{} 可由公司设置：请声明各项之和为 100",
                "a company may set {}: declare that its entries sum to 100",
                parameter.name
            );
            problems.push(Problem::new(place, message));
        }
        if self.strict {
            problems.into_iter().for_each(|problem| self.tell(problem));
        }
    }

    pub(super) fn lay_out_item(&mut self, sheet: &'s SheetSource, item: &'s ItemSource, place: &str) -> Item {
        let raters: Vec<_> = match &item.raters {
            Some(names) => {
                let known = || sheet.raters.iter().map(|rater| rater.name.as_str());
                let asked = |rater: &&InputSource| names.iter().any(|name| stands_for(name, &rater.name, known()));
                sheet.raters.iter().filter(asked).collect()
            }
            None if item.inputs.is_empty() && item.score.is_none() => sheet.raters.iter().collect(),
            None => Vec::new(),
        };
        for (at, name) in item.raters.iter().flatten().enumerate() {
            if !sheet.raters.iter().any(|rater| rater.name == *name) {
                let hint = meant(name, sheet.raters.iter().map(|rater| rater.name.as_str()));
                let message = say!("考核表没有评分人 {name}{hint}", "the sheet has no rater {name}{hint}"; hint);
                self.tell(Problem::new(format!("{place}/raters/{at}"), message).about(name));
            }
        }
        let layout = &mut self.plan.layouts[sheet.on.index()];
        let mut declared = Vec::new();
        for rater in raters {
            let mut spec = inputs::spec(rater, self.symbols, &self.source.grades);
            spec.kind = InputKind::Points;
            spec.optional = rater.optional || rater.presence != RaterPresence::Always;
            declared.push((spec, true));
        }
        for input in sheet.inputs.iter().chain(&item.inputs) {
            declared.push((inputs::spec(input, self.symbols, &self.source.grades), false));
        }
        let inputs = declared
            .into_iter()
            .map(|(spec, rater)| ItemInput { slot: layout.add_item_input(&item.code, &spec), spec, rater })
            .collect();
        let weight = item.weight.map_or(Decimal::ZERO, |weight| weight.0);
        Item {
            code: item.code.clone(),
            label: item.label.clone(),
            section: item.section.clone(),
            weight,
            inputs,
            rows: item.rows.is_some(),
            stands: if item.stands_for.is_some() { Stands::ForItsSection } else { Stands::Alone },
        }
    }
}

/// Notes which items give way to one that stands for their section.
fn place_in_sections(items: &mut [Item]) {
    let standing = (0_u16..).zip(&*items).filter(|(_, item)| item.stands == Stands::ForItsSection);
    let standing: Vec<(u16, Option<String>)> = standing.map(|(at, item)| (at, item.section.clone())).collect();
    for (at, section) in standing {
        let members = items.iter_mut().filter(|item| item.section == section && item.stands == Stands::Alone);
        members.for_each(|item| item.stands = Stands::Unless(at));
    }
}
