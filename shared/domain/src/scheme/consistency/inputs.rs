//! Inputs: facts, pay inputs, columns of lists, and their bounds.

use std::collections::BTreeSet;

use rust_decimal::Decimal;

use super::{CHOICE, COLUMN, Checker, FIELD, MOST_ENTRIES, Noun, TAKEN_IN_CASES};
use crate::say;
use crate::scheme::source::{Bounds, InputKind, InputSource, ListSource, RaterPresence};
use crate::value::Kind;

impl<'s> Checker<'s> {
    pub(super) fn inputs(&mut self, place: &str, what: Noun, inputs: &[InputSource], of: Option<Kind>) {
        if !self.few(place, inputs.len(), MOST_ENTRIES) {
            return;
        }
        self.once(place, what, inputs.iter().map(|input| input.name.as_str()));
        for (at, input) in inputs.iter().enumerate() {
            let place = format!("{place}/{at}");
            match of {
                Some(kind) => self.scope(&place, kind, &input.categories, &input.cadences),
                None if !(input.categories.is_empty() && input.cadences.is_empty()) => {
                    self.problem(
                        &place,
                        say!(
                            "这里不能写 for 和 cadences：{} 总是要填写的",
                            "for and cadences have no meaning here: {} is always asked",
                            input.name
                        ),
                    );
                }
                None => {}
            }
            self.input(&place, input);
            if input.sum.is_some() {
                self.problem(
                    format!("{place}/sum"),
                    say!("只有列表的列才能写 sum", "only a column of a list has a sum"),
                );
            }
            if input.presence != RaterPresence::Always || input.counts.is_some() {
                self.problem(
                    &place,
                    say!("presence 和 counts 只用于评分人", "presence and counts are said of raters only"),
                );
            }
        }
    }

    /// The letters of a scale that have names all have one.
    fn letters(&mut self, place: &str, input: &InputSource) {
        let named: BTreeSet<&str> = input.choices.iter().map(|choice| choice.code.as_str()).collect();
        let letters: BTreeSet<&str> = input.scale.keys().map(String::as_str).collect();
        if named != letters {
            self.problem(
                format!("{place}/choices"),
                say!(
                    "choices 须为 scale 的每一项命名，且只有这些项",
                    "choices name each letter of the scale, and no others"
                ),
            );
        }
    }

    /// What holds for every input, wherever it stands.
    pub(super) fn input(&mut self, place: &str, input: &InputSource) {
        self.name(format!("{place}/name"), &input.name);
        self.label(&format!("{place}/label"), &input.label);
        let numeric = matches!(input.kind, InputKind::Number | InputKind::Count | InputKind::Points);
        if input.kind == InputKind::Scale && !input.choices.is_empty() {
            self.letters(place, input);
        }
        let named = input.kind == InputKind::Choice || (input.kind == InputKind::Scale && !input.choices.is_empty());
        let belongs = [
            ("choices", named, !input.choices.is_empty(), "choice"),
            ("scale", input.kind == InputKind::Scale, !input.scale.is_empty(), "scale"),
            ("fields", input.kind == InputKind::Record, !input.fields.is_empty(), "record"),
        ];
        for (key, wanted, given, kind) in belongs {
            match (wanted, given) {
                (true, false) => self.problem(
                    place,
                    say!("{} 的类型为 {kind}：请写明 {key}", "{} is of the kind {kind}: say its {key}", input.name),
                ),
                (false, true) => {
                    self.problem(
                        format!("{place}/{key}"),
                        say!("{key} 只用于类型 {kind}", "{key} are said of the kind {kind} only"),
                    );
                }
                _ => {}
            }
        }
        self.coded(
            &format!("{place}/choices"),
            CHOICE,
            input.choices.iter().map(|one| (one.code.as_str(), &one.label)),
        );
        for (at, field) in input.fields.iter().enumerate() {
            if field.kind == InputKind::Record {
                self.problem(
                    format!("{place}/fields/{at}"),
                    say!("record 中不能再有 record", "a record holds no further record"),
                );
            }
        }
        if !input.fields.is_empty() {
            self.inputs(&format!("{place}/fields"), FIELD, &input.fields, None);
        }
        self.bounds(place, &input.bounds());
        if !numeric && (input.bounds().is_any() || input.signed || input.many) {
            self.problem(
                place,
                say!(
                    "{} 不是数值：没有上下限、正负和多个值之说",
                    "{} is no number: it has no bounds, no sign and no several values",
                    input.name
                ),
            );
        }
        if let Some(default) = input.default {
            let complaint = match numeric {
                false => Some(say!("只有数值才有 default", "only a number has a default")),
                true if default.0 < Decimal::ZERO && !input.signed => {
                    Some(say!("{} 为负数", "{} is negative", default.0))
                }
                true => input.bounds().complaint(default.0),
            };
            if let Some(complaint) = complaint {
                self.problem(format!("{place}/default"), complaint);
            }
        }
    }

    pub(super) fn bounds(&mut self, place: &str, bounds: &Bounds) {
        let low = bounds.min.max(bounds.above).map(|low| low.0);
        let high = [bounds.max, bounds.below].into_iter().flatten().min().map(|high| high.0);
        let open = bounds.above.is_some() || bounds.below.is_some();
        if low.zip(high).is_some_and(|(low, high)| low > high || (low == high && open)) {
            self.problem(place, say!("没有任何数值能满足这些界限", "no number can meet these bounds"));
        }
        if bounds.step.is_some_and(|step| step.0 <= Decimal::ZERO) {
            self.problem(format!("{place}/step"), say!("step 须大于 0", "a step is above 0"));
        }
        if bounds.one_of.as_ref().is_some_and(Vec::is_empty) {
            self.problem(format!("{place}/one_of"), say!("one_of 须列出允许的值", "one_of names the values allowed"));
        }
    }

    pub(super) fn list(&mut self, place: &str, kind: Kind, list: &ListSource) {
        self.name(format!("{place}/key"), &list.key);
        self.label(&format!("{place}/label"), &list.label);
        self.categories(place, kind, &list.categories);
        if TAKEN_IN_CASES.contains(&list.key.as_str()) {
            self.problem(format!("{place}/key"), say!("{} 已另有含义", "{} already means something else", list.key));
        }
        if list.columns.is_empty() {
            self.problem(format!("{place}/columns"), say!("列表至少要有一列", "a list has at least one column"));
        }
        self.once(&format!("{place}/columns"), COLUMN, list.columns.iter().map(|column| column.name.as_str()));
        for (at, column) in list.columns.iter().enumerate() {
            let place = format!("{place}/columns/{at}");
            self.input(&place, column);
            if column.kind == InputKind::Record || column.many {
                self.problem(&place, say!("列表的列每行只有一个值", "a column holds one value a row"));
            }
            if column.kind == InputKind::Points {
                self.problem(
                    format!("{place}/kind"),
                    say!(
                        "points 只用于考核指标：数值列的类型是 number",
                        "points belong to an item: a column of numbers is of the kind number"
                    ),
                );
            }
        }
    }
}
