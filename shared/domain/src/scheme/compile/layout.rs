//! Inputs, sheets and items: where everything that a case gives will lie.

use rust_decimal::Decimal;

use super::Compiler;
use crate::scheme::inputs;
use crate::scheme::plan::{Item, ItemInput, List, Rater, Sheet};
use crate::scheme::source::{InputKind, ItemSource, RaterPresence, SheetSource};
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
                    columns: list.columns.iter().map(|c| inputs::spec(c, self.symbols, &self.source.grades)).collect(),
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
        let place = u16::try_from(self.plan.sheets.len()).unwrap_or(u16::MAX);
        match self.plan.sheet_of[kind].get_mut(category) {
            Some(slot @ None) => *slot = Some(place),
            Some(Some(_)) => {
                return self
                    .problem(None, format!("two sheets for {:?}", self.source.category_code(sheet.on, category)));
            }
            None => return,
        }
        let weights = sheet.weights.as_ref().and_then(|name| {
            let found = self.parameter(name);
            if found.is_none() {
                self.problem(None, format!("the sheet's weights name no parameter: {name}"));
            }
            found
        });
        let items = sheet.items.iter().map(|item| self.lay_out_item(sheet, item)).collect::<Vec<Item>>();
        if weights.is_none() {
            self.check_weights(sheet, &items);
        }
        let raters =
            sheet.raters.iter().map(|rater| Rater { name: rater.name.clone(), presence: rater.presence }).collect();
        self.plan.sheets.push(Sheet { source, items, weights, raters, category });
    }

    /// Weights sum to 100, on the whole sheet or in each of its sections.
    pub(super) fn check_weights(&mut self, sheet: &SheetSource, items: &[Item]) {
        let sum = |section: Option<&str>| -> Decimal {
            let counted = items.iter().filter(|item| section.is_none() || item.section.as_deref() == section);
            counted.map(|item| item.weight).sum()
        };
        let by_section =
            !sheet.sections.is_empty() && sheet.sections.iter().all(|s| sum(Some(&s.code)) == Decimal::ONE_HUNDRED);
        if sum(None) != Decimal::ONE_HUNDRED && !by_section {
            self.problem(
                None,
                format!("the weights of the sheet for {:?} sum to {}, not 100", sheet.categories, sum(None)),
            );
        }
    }

    pub(super) fn lay_out_item(&mut self, sheet: &'s SheetSource, item: &'s ItemSource) -> Item {
        let raters: Vec<_> = match &item.raters {
            Some(names) => sheet.raters.iter().filter(|rater| names.contains(&rater.name)).collect(),
            None if item.inputs.is_empty() && item.score.is_none() => sheet.raters.iter().collect(),
            None => Vec::new(),
        };
        if item.raters.as_ref().is_some_and(|names| names.len() != raters.len()) {
            self.problem(None, format!("item {} names a rater that its sheet does not have", item.code));
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
        Item { code: item.code.clone(), label: item.label.clone(), section: item.section.clone(), weight, inputs }
    }
}
