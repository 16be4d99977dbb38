//! The inputs of a cadence as the columns of a table.

use rust_decimal::Decimal;
use serde_json::Value;

use crate::Label;
use crate::case::as_case;
use crate::scheme::plan::InputSpec;
use crate::scheme::{InputKind, Scheme};
use crate::value::Kind;

/// One input of units or people.
#[derive(Clone, Debug)]
pub struct Column {
    /// `fact:NAME`, `fact:NAME.FIELD`, `pay:NAME` or `ITEM.INPUT`.
    pub name: String,
    /// As people would head it: of an item's input, the item's name and the input's.
    pub label: Label,
    /// As the sheets of other categories call it.
    pub other_labels: Vec<Label>,
    pub kind: InputKind,
    /// Several numbers may stand in one cell.
    pub many: bool,
    /// Where a number lies.
    pub min: Option<Decimal>,
    pub max: Option<Decimal>,
    /// The codes of which it is one.
    pub choices: Vec<String>,
    /// Whether every row says something.
    pub required: bool,
    /// Below a subject of a case: `/facts/NAME`.
    pub pointer: String,
    spec: InputSpec,
}

impl Column {
    /// What stands in a cell in the form that a case has. What is not understood stays as it is, for the case to refuse.
    pub fn as_case(&self, written: &str) -> Value {
        as_case(&self.spec, &written.into())
    }
}

/// A list of rows, such as goals: its columns are `KEY.1.COLUMN`, `KEY.2.COLUMN` and so on.
#[derive(Clone, Debug)]
pub struct ListColumns {
    pub key: String,
    pub columns: Vec<Column>,
}

/// The single inputs of a cadence, of all categories together.
pub fn columns(scheme: &Scheme, cadence: &str, kind: Kind) -> Vec<Column> {
    let Some(plan) = scheme.cadence_index(cadence).and_then(|at| scheme.plan(at)) else { return Vec::new() };
    let slots = plan.layouts[kind.index()].slots.iter();
    slots
        .filter_map(|slot| {
            let name = match slot.path.split_once('.')? {
                ("fact", name) => format!("fact:{name}"),
                ("pay", name) => format!("pay:{name}"),
                ("item", name) => name.to_owned(),
                _ => return None,
            };
            let spec = &slot.spec;
            let item = slot.path.strip_prefix("item.").and_then(|rest| rest.split('.').next());
            let items = item.map_or(Vec::new(), |item| plan.item_labels(kind, item));
            let mut labels: Vec<Label> = items.into_iter().map(|item| item.with(&spec.label)).collect();
            let label = if labels.is_empty() { spec.label.clone() } else { labels.remove(0) };
            let pointer = slot.pointer.clone();
            Some(Column { other_labels: labels, ..column(spec, name, label, pointer) })
        })
        .filter(|column| column.kind != InputKind::Record)
        .collect()
}

fn column(spec: &InputSpec, name: String, label: Label, pointer: String) -> Column {
    Column {
        name,
        label,
        other_labels: Vec::new(),
        pointer,
        kind: spec.kind,
        many: spec.many,
        min: spec.bounds.min.map(|min| min.0).or_else(|| (!spec.signed).then_some(Decimal::ZERO)),
        max: spec.bounds.max.map(|max| max.0),
        choices: spec.choices.iter().map(|(code, _)| code.clone()).collect(),
        required: spec.required(),
        spec: spec.clone(),
    }
}

/// The lists of a cadence.
pub fn lists(scheme: &Scheme, cadence: &str, kind: Kind) -> Vec<ListColumns> {
    let Some(plan) = scheme.cadence_index(cadence).and_then(|at| scheme.plan(at)) else { return Vec::new() };
    let lists = plan.lists[kind.index()].iter();
    lists
        .map(|list| ListColumns {
            key: list.key.clone(),
            columns: list
                .columns
                .iter()
                .map(|spec| Column {
                    many: false,
                    ..column(spec, spec.name.clone(), spec.label.clone(), String::new())
                })
                .collect(),
        })
        .collect()
}

/// What units give besides their inputs: a score from outside, who leads them, and who does so beside the head.
pub fn of_units(scheme: &Scheme) -> Vec<&'static str> {
    let Some(units) = &scheme.source.units else { return Vec::new() };
    let co_head = units.head.as_ref().is_some_and(|head| head.co_head);
    let given = [("score", units.score.is_some()), ("head", units.head.is_some()), ("co_head", co_head)];
    given.into_iter().filter(|(_, given)| *given).map(|(key, _)| key).collect()
}
