//! Lists of a subject, such as goals: rows of what the scheme declares.

use rust_decimal::Decimal;
use serde_json::{Map, Value as Json};

use super::below;
use super::builder::CaseBuilder;
use super::fields::Fields;
use crate::say;
use crate::scheme::plan::{InputSpec, List};
use crate::value::{Kind, Value};

impl CaseBuilder<'_> {
    pub(super) fn finish_lists(&mut self, kind: Kind, object: &Map<String, Json>, pointer: &str) {
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
            self.read_list(kind, at, list, rows.iter().map(Fields::of), &here);
        }
    }

    pub(super) fn read_list<'a>(
        &mut self,
        kind: Kind,
        at: usize,
        list: &List,
        rows: impl ExactSizeIterator<Item = Result<Fields<'a>, &'a Json>>,
        pointer: &str,
    ) {
        let count = rows.len();
        if list.max_rows.is_some_and(|most| count > most) {
            self.invalid.add(pointer, "too_many", say!("{count} 项过多", "{count} entries are too many"));
        }
        let mut cells = Vec::with_capacity(count * list.columns.len());
        for (row, entry) in rows.enumerate() {
            self.read_row(kind, &list.columns, entry.ok(), &format!("{pointer}/{row}"), &mut cells);
        }
        self.check_sums(&list.columns, &cells, count, pointer);
        if let Some(held) = self.subjects_mut(kind).lists.get_mut(at) {
            held.cells.append(&mut cells);
            let end = held.cells.len() / held.columns.max(1);
            held.ends.push(u32::try_from(end).unwrap_or(u32::MAX));
        }
    }

    /// A row of a list; none where it is no object.
    pub(super) fn read_row(
        &mut self,
        kind: Kind,
        columns: &[InputSpec],
        entry: Option<Fields<'_>>,
        pointer: &str,
        cells: &mut Vec<Value>,
    ) {
        if entry.is_none() {
            self.invalid.add(pointer, "not_an_object", say!("应为对象", "an object is wanted"));
        }
        for (key, _) in entry.into_iter().flat_map(Fields::iter) {
            if !columns.iter().any(|column| column.name == *key) {
                self.no_use_for(key, below(pointer, key));
            }
        }
        for column in columns {
            let here = below(pointer, &column.name);
            let value = match entry.and_then(|entry| entry.get(&column.name)) {
                None | Some(Json::Null) => {
                    if column.required() {
                        let row = self.subjects(kind).len().saturating_sub(1);
                        let label = &column.label;
                        self.incomplete.push((kind, row, here, say!("缺少{label}", "{label} is missing"; label)));
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

    pub(super) fn check_sums(&mut self, columns: &[InputSpec], cells: &[Value], rows: usize, pointer: &str) {
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
}
