//! Sheets, raters and items.

use std::collections::BTreeMap;

use rust_decimal::Decimal;

use super::{Checker, INPUT, ITEM, RATER, SECTION};
use crate::say;
use crate::scheme::source::{InputKind, InputSource, ItemSource, SheetSource};
use crate::value::Kind;

impl<'s> Checker<'s> {
    pub(super) fn sheet(&mut self, place: &str, sheet: &'s SheetSource) {
        if sheet.on == Kind::Company {
            return self.problem(
                format!("{place}/on"),
                say!("只有员工和部门有考核表，公司没有", "people and units have sheets, the company has none"),
            );
        }
        if sheet.on == Kind::Units && self.source.units.is_none() {
            return self.problem(format!("{place}/on"), say!("本方案没有部门", "this scheme knows no units"));
        }
        self.scope(place, sheet.on, &sheet.categories, &sheet.cadences);
        self.coded(
            &format!("{place}/sections"),
            SECTION,
            sheet.sections.iter().map(|one| (one.code.as_str(), &one.label)),
        );
        if sheet.items.is_empty() {
            self.problem(format!("{place}/items"), say!("考核表至少要有一个指标", "a sheet has at least one item"));
        }
        self.once(&format!("{place}/items"), ITEM, sheet.items.iter().map(|item| item.code.as_str()));
        self.raters(place, sheet);
        self.inputs_of_items(&format!("{place}/inputs"), &sheet.inputs);
        for (at, item) in sheet.items.iter().enumerate() {
            self.item(&format!("{place}/items/{at}"), sheet, item);
        }
        self.givers_of_sheet(place, sheet);
    }

    pub(super) fn raters(&mut self, place: &str, sheet: &SheetSource) {
        self.once(&format!("{place}/raters"), RATER, sheet.raters.iter().map(|rater| rater.name.as_str()));
        for (at, rater) in sheet.raters.iter().enumerate() {
            let here = format!("{place}/raters/{at}");
            // What a rater gives are points, whatever is said of its kind.
            if !matches!(rater.kind, InputKind::Number | InputKind::Points) {
                self.problem(
                    format!("{here}/kind"),
                    say!(
                        "评分人给出分数：字母和计数请写成指标的 inputs",
                        "raters give points: letters and counts are inputs of an item"
                    ),
                );
            }
            self.input(&here, &InputSource { kind: InputKind::Points, ..rater.clone() });
            if rater.sum.is_some() {
                self.problem(
                    format!("{here}/sum"),
                    say!("只有列表的列才能写 sum", "only a column of a list has a sum"),
                );
            }
            let asked = sheet.items.iter().any(|item| match &item.raters {
                Some(raters) => raters.contains(&rater.name),
                None => item.inputs.is_empty() && item.score.is_none(),
            });
            if !asked {
                self.problem(
                    here,
                    say!("本考核表没有由 {} 评分的指标", "no item of this sheet is scored by {}", rater.name),
                );
            }
        }
    }

    pub(super) fn inputs_of_items(&mut self, place: &str, inputs: &[InputSource]) {
        self.inputs(place, INPUT, inputs, None);
        for (at, input) in inputs.iter().enumerate() {
            if input.kind == InputKind::Record {
                self.problem(
                    format!("{place}/{at}/kind"),
                    say!("指标的输入项是单个值：record 请写成 fact", "an item has single inputs: a record is a fact"),
                );
            }
            if input.name == "weight" {
                self.problem(
                    format!("{place}/{at}/name"),
                    say!("weight 在指标的公式中表示该指标的权重", "weight is the item's weight in its formula"),
                );
            }
        }
    }

    pub(super) fn item(&mut self, place: &str, sheet: &SheetSource, item: &ItemSource) {
        self.name(format!("{place}/code"), &item.code);
        self.label(&format!("{place}/label"), &item.label);
        self.inputs_of_items(&format!("{place}/inputs"), &item.inputs);
        let known: Vec<&str> = sheet.sections.iter().map(|section| section.code.as_str()).collect();
        if let Some(section) = item.section.as_deref().filter(|section| !known.contains(section)) {
            self.unknown(format!("{place}/section"), SECTION, section, known);
        }
        match (&sheet.weights, item.weight) {
            (None, None) if item.stands_for.is_none() => {
                self.problem(place, say!("指标 {} 没有权重", "the item {} has no weight", item.code))
            }
            (None, Some(weight)) if weight.0 < Decimal::ZERO => {
                self.problem(format!("{place}/weight"), say!("权重不能为负", "a weight is not negative"));
            }
            (Some(weights), Some(_)) => {
                self.problem(
                    format!("{place}/weight"),
                    say!("本考核表的权重取自 {weights}", "this sheet takes its weights from {weights}"),
                );
            }
            _ => {}
        }
        if item.max.is_some_and(|max| max.0 < Decimal::ZERO) {
            self.problem(
                format!("{place}/max"),
                say!("指标的最高得分不能为负", "the most that an item earns is not negative"),
            );
        }
        let raters = item.raters.iter().flatten();
        for name in raters.filter(|name| sheet.inputs.iter().chain(&item.inputs).any(|input| input.name == **name)) {
            self.problem(
                place,
                say!(
                    "{name} 既是评分人，又是指标 {} 的输入项",
                    "{name} is a rater and an input of the item {}",
                    item.code
                ),
            );
        }
        for (at, input) in item.inputs.iter().enumerate() {
            if sheet.inputs.iter().any(|shared| shared.name == input.name) {
                self.problem(
                    format!("{place}/inputs/{at}"),
                    say!("本考核表的每个指标都已有 {}", "every item of this sheet has {} already", input.name),
                );
            }
        }
    }

    /// An input of an item that several sheets have is one input: it must be of one kind in all of them.
    pub(super) fn shared_inputs(&mut self) {
        let mut seen = BTreeMap::new();
        for (sheet_at, sheet) in self.source.sheets.iter().enumerate() {
            for (item_at, item) in sheet.items.iter().enumerate() {
                let own = item.inputs.iter().chain(&sheet.inputs);
                let own = own.map(|input| (input.name.as_str(), (input.kind, input.default.map(|d| d.0), input.many)));
                let raters = sheet.raters.iter().map(|rater| {
                    (rater.name.as_str(), (InputKind::Points, rater.default.map(|default| default.0), rater.many))
                });
                let rated = item.raters.is_some() || (item.inputs.is_empty() && item.score.is_none());
                for (name, kind) in own.chain(raters.filter(|_| rated)) {
                    let first = *seen.entry((sheet.on, &item.code, name)).or_insert(kind);
                    if first != kind {
                        let message = say!(
                            "指标 {} 的 {name} 在另一张考核表中的定义不同：请为其中一个指标换一个代码",
                            "{name} of the item {} is declared otherwise on another sheet: give one of the items another code",
                            item.code
                        );
                        self.problem(format!("/sheets/{sheet_at}/items/{item_at}"), message);
                    }
                }
            }
        }
    }

    // --- the cycle ---
}
