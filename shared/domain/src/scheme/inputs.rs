//! Inputs of subjects and the slots in which a case holds them.

use super::plan::{InputSpec, Layout, Slot};
use super::source::{Bounds, Coded, Derived, InputKind, InputSource, SubjectSource};
use crate::Label;
use crate::Message;
use crate::expression::{Base, Type};
use crate::say;
use crate::value::{Kind, Symbols, Value};
use basics::pointer::segment;

pub(crate) const HIRED_ON: &str = "hired_on";
pub(crate) const LEFT_ON: &str = "left_on";
/// A unit's score that is given from outside.
pub(crate) const GIVEN: &str = "given";

pub(crate) fn spec(input: &InputSource, symbols: &mut Symbols, grades: &[Coded]) -> InputSpec {
    let choices: &[Coded] = if input.kind == InputKind::Grade { grades } else { &input.choices };
    let default = match (input.kind, input.default) {
        (InputKind::Flag | InputKind::Record, _) => Value::Flag(false),
        (_, Some(default)) => Value::Number(default.0),
        (_, None) => Value::Absent,
    };
    InputSpec {
        path: input.name.as_str().into(),
        name: input.name.clone(),
        label: input.label.clone(),
        kind: input.kind,
        bounds: input.bounds(),
        choices: choices.iter().map(|choice| (choice.code.clone(), symbols.intern(&choice.code))).collect(),
        labels: choices.iter().map(|choice| choice.label.clone()).collect(),
        scale: input.scale.iter().map(|(text, number)| (symbols.intern(text), number.0)).collect(),
        optional: input.optional,
        default,
        signed: input.signed,
        many: input.many,
        sum: input.sum.map(|sum| sum.0),
        fields: input.fields.iter().map(|field| spec(field, symbols, grades)).collect(),
    }
}

/// A column of a list, which explanations name with its list.
pub(crate) fn of_list(list: &str, column: &InputSource, symbols: &mut Symbols, grades: &[Coded]) -> InputSpec {
    InputSpec { path: format!("{list}.{}", column.name).into(), ..spec(column, symbols, grades) }
}

fn built_in(name: &str, kind: InputKind, label: Label, bounds: Bounds) -> InputSpec {
    InputSpec {
        path: name.into(),
        name: name.to_owned(),
        label,
        kind,
        bounds,
        choices: Vec::new(),
        labels: Vec::new(),
        scale: Vec::new(),
        optional: true,
        default: Value::Absent,
        signed: false,
        many: false,
        sum: None,
        fields: Vec::new(),
    }
}

/// Slots for everything a subject gives besides its items.
pub(crate) fn subject_slots(
    layout: &mut Layout,
    kind: Kind,
    subject: &SubjectSource,
    symbols: &mut Symbols,
    grades: &[Coded],
) {
    if kind == Kind::People {
        let hired = built_in(HIRED_ON, InputKind::Date, Label::new("入职日期", "hired on"), Bounds::default());
        let left = built_in(LEFT_ON, InputKind::Date, Label::new("离职日期", "left on"), Bounds::default());
        layout.add(HIRED_ON.to_owned(), "/hired_on".to_owned(), hired, false);
        layout.add(LEFT_ON.to_owned(), "/left_on".to_owned(), left, false);
    }
    if let Some(score) = &subject.score {
        let bounds = Bounds { max: Some(score.max), step: score.step, ..Bounds::default() };
        let mut given = built_in(GIVEN, InputKind::Number, Label::new("给定分数", "score given"), bounds);
        given.optional = score.optional;
        layout.add(GIVEN.to_owned(), "/score".to_owned(), given, false);
    }
    for fact in &subject.facts {
        let paid = fact.derived.as_ref().is_some_and(Derived::is_paid);
        let fact = spec(fact, symbols, grades);
        let (path, pointer) = (format!("fact.{}", fact.name), format!("/facts/{}", segment(&fact.name)));
        for field in &fact.fields {
            let field_pointer = format!("{pointer}/{}", segment(&field.name));
            layout.add(format!("{path}.{}", field.name), field_pointer, field.clone(), paid);
        }
        layout.add(path, pointer, fact, paid);
    }
    for pay in &subject.pay {
        let pay = spec(pay, symbols, grades);
        layout.add(format!("pay.{}", pay.name), format!("/pay/{}", segment(&pay.name)), pay, true);
    }
}

impl Layout {
    fn add(&mut self, path: String, pointer: String, spec: InputSpec, pay: bool) -> u16 {
        let at = u16::try_from(self.slots.len()).unwrap_or(u16::MAX);
        self.by_path.insert(path.clone(), at);
        self.slots.push(Slot { path: path.into(), pointer, spec, pay });
        at
    }

    /// Whether the slot is an item's, which sheets share.
    pub fn is_of_item(&self, slot: u16) -> bool {
        self.slots.get(usize::from(slot)).is_some_and(|slot| slot.path.starts_with("item."))
    }

    /// Sheets of several categories share the slot of an item's input.
    pub fn add_item_input(&mut self, item: &str, spec: &InputSpec) -> u16 {
        let path = format!("item.{item}.{}", spec.name);
        if let Some(at) = self.by_path.get(&path) {
            return *at;
        }
        let pointer = format!("/items/{}/{}", segment(item), segment(&spec.name));
        self.add(path, pointer, spec.clone(), false)
    }
}

impl InputSpec {
    /// What a formula finds there.
    pub fn ty(&self) -> Type {
        let base = match self.kind {
            InputKind::Flag | InputKind::Record => Base::Flag,
            InputKind::Choice | InputKind::Grade | InputKind::Text => Base::Text,
            InputKind::Date => Base::Day,
            InputKind::Number | InputKind::Count | InputKind::Scale | InputKind::Points => Base::Number,
        };
        let optional = self.optional && matches!(self.default, Value::Absent);
        Type { base, optional }
    }

    /// An error when absent and needed.
    pub fn required(&self) -> bool {
        !self.optional && matches!(self.default, Value::Absent)
    }
}

impl Bounds {
    /// Whether there is a bound at all.
    pub(crate) fn is_any(&self) -> bool {
        let single = [self.min, self.max, self.above, self.below, self.step];
        single.iter().any(Option::is_some) || self.one_of.is_some()
    }

    /// Why a number is not allowed, if it is not.
    pub(crate) fn complaint(&self, number: rust_decimal::Decimal) -> Option<Message> {
        if let Some(min) = self.min.filter(|min| number < min.0) {
            return Some(say!("{number} 小于 {}", "{number} is less than {}", min.0));
        }
        if let Some(max) = self.max.filter(|max| number > max.0) {
            return Some(say!("{number} 大于 {}", "{number} is more than {}", max.0));
        }
        if let Some(above) = self.above.filter(|above| number <= above.0) {
            return Some(say!("{number} 不大于 {}", "{number} is not above {}", above.0));
        }
        if let Some(below) = self.below.filter(|below| number >= below.0) {
            return Some(say!("{number} 不小于 {}", "{number} is not below {}", below.0));
        }
        let multiple = |step: &super::source::Number| number.checked_rem(step.0).is_some_and(|rest| rest.is_zero());
        if let Some(step) = self.step.filter(|step| !multiple(step)) {
            return Some(say!("{number} 不是 {} 的整数倍", "{number} is not a multiple of {}", step.0));
        }
        let listed = self.one_of.as_ref().is_none_or(|all| all.iter().any(|one| one.0 == number));
        (!listed).then(|| say!("{number} 不是允许的值", "{number} is not one of the values allowed"))
    }
}
