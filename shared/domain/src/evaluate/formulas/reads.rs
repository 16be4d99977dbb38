//! What formulas read: inputs, figures, parameters, rows of lists.

use rust_decimal::Decimal;

use super::fault::{broken, overflow};
use super::{At, Env, Evaluated, Fault, Read, Trace};
use crate::case::Case;
use crate::expression::{Local, Node, Rel};
use crate::say;
use crate::scheme::plan::Setting;
use crate::value::{Kind, Value};
use basics::pointer::segment;

impl<'a> Env<'a> {
    /// What stands in could not be found: what it should have stood in for is missing as well.
    pub(super) fn with_absent(&self, mut fault: Box<Fault>, absent: &[Node], at: At) -> Box<Fault> {
        for node in absent {
            if let Node::Slot { rel, slot, .. } = node
                && let Ok(row) = self.row_of(*rel, at)
            {
                fault = fault.and(*self.missing_slot(rel.target(at.kind), row, *slot));
            }
        }
        fault
    }

    fn missing_slot(&self, kind: Kind, row: usize, slot: u16) -> Box<Fault> {
        let pointer = self.slot_pointer(kind, row, slot);
        match self.plan.layouts[kind.index()].slots.get(usize::from(slot)) {
            Some(slot) => Fault::missing_input(pointer, &slot.spec.label),
            None => Fault::missing(pointer),
        }
    }

    pub(super) fn is_pay(&self, kind: Kind, slot: u16) -> bool {
        self.plan.layouts[kind.index()].slots.get(usize::from(slot)).is_some_and(|slot| slot.pay)
    }

    pub(super) fn slot_pointer(&self, kind: Kind, row: usize, slot: u16) -> String {
        let declared = self.plan.layouts[kind.index()].slots.get(usize::from(slot));
        format!("{}{}", Case::pointer(kind, row), declared.map_or("", |slot| &slot.pointer))
    }

    /// The row that is meant, seen from the subject.
    pub(super) fn row_of(&self, rel: Rel, at: At) -> Evaluated<usize> {
        match rel {
            Rel::Own => Ok(at.row),
            Rel::Company => Ok(0),
            // What people share is asked of their unit itself where it has no people.
            Rel::Unit if at.kind == Kind::Units => Ok(at.row),
            Rel::Unit => {
                let unit = self.case.of(Kind::People).unit_of(at.row);
                unit.ok_or_else(|| Fault::missing(format!("{}/unit", Case::pointer(at.kind, at.row))))
            }
            Rel::Head => {
                let head = self.case.of(Kind::Units).head_of(at.row);
                let appraised = head.filter(|head| self.excluded.get(*head).copied().flatten().is_none());
                appraised.ok_or_else(|| Fault::missing(format!("{}/head", Case::pointer(at.kind, at.row))))
            }
        }
    }

    pub(super) fn slot<T: Trace>(
        &self,
        rel: Rel,
        slot: u16,
        required: bool,
        at: At,
        trace: &mut T,
    ) -> Evaluated<Value> {
        let row = self.row_of(rel, at)?;
        let kind = rel.target(at.kind);
        let value = self.case.of(kind).slot(row, slot);
        trace.note(Read::Slot { kind, row, slot, value });
        match value {
            Value::Absent if required && self.probing && self.is_pay(kind, slot) => Ok(Value::Number(Decimal::ONE)),
            Value::Absent if required || self.has_default(kind, slot) => Err(self.missing_slot(kind, row, slot)),
            Value::List { start, len } => self.mean(start, len).map(Value::Number).ok_or_else(|| overflow(at)),
            value => Ok(value),
        }
    }

    /// Then it is absent only where an earlier phase should have carried it over and did not.
    pub(super) fn has_default(&self, kind: Kind, slot: u16) -> bool {
        let slot = self.plan.layouts[kind.index()].slots.get(usize::from(slot));
        slot.is_some_and(|slot| slot.spec.default != Value::Absent)
    }

    pub(super) fn mean(&self, start: u32, len: u32) -> Option<Decimal> {
        let start = start as usize;
        let numbers = self.case.numbers.get(start..start + len as usize)?;
        let sum = numbers.iter().try_fold(Decimal::ZERO, |sum, number| sum.checked_add(*number))?;
        sum.checked_div(Decimal::from(len))
    }

    pub(super) fn figure<T: Trace>(&self, rel: Rel, figure: u16, at: At, trace: &mut T) -> Evaluated<Value> {
        let row = self.row_of(rel, at)?;
        let kind = rel.target(at.kind);
        let value =
            self.columns.get(usize::from(figure)).and_then(|column| column.get(row)).copied().unwrap_or_default();
        if let Value::Failed(fault) = value {
            return Err(Box::new(Fault::Inherited(fault)));
        }
        trace.note(Read::Figure { kind, row, figure, value });
        Ok(value)
    }

    pub(super) fn local<T: Trace>(&self, local: Local, at: At, trace: &mut T) -> Evaluated<Value> {
        match local {
            Local::Column { list, at: column, optional } => {
                let value = at.cells.get(usize::from(column)).copied().unwrap_or_default();
                trace.note(Read::Column { name: (list, column), row: at.place, value });
                if value == Value::Absent && !optional { Err(broken(at)) } else { Ok(value) }
            }
            Local::Past(field) => at.past.map_or_else(|| Err(broken(at)), |past| self.past_field(past, field, at)),
            Local::Month(field) => at.past.map_or_else(|| Err(broken(at)), |past| Ok(past.known(field))),
        }
    }

    pub(super) fn category(&self, at: At) -> Value {
        let category = self.case.of(at.kind).category_of(at.row);
        let code = self.scheme.source.category_code(at.kind, category);
        self.scheme.symbols.find(code).map_or(Value::Absent, Value::Text)
    }

    pub(super) fn setting(&self, parameter: u16) -> Evaluated<&'a Setting> {
        let setting = self.case.settings.get(usize::from(parameter)).and_then(Option::as_ref);
        setting.ok_or_else(|| Fault::missing(self.parameter_pointer(parameter)))
    }

    pub(super) fn parameter_pointer(&self, parameter: u16) -> String {
        let name = self.scheme.parameters.get(usize::from(parameter)).map_or("", |parameter| &parameter.name);
        format!("/parameters/{}", segment(name))
    }

    /// Absent where a company may leave it unset and has.
    pub(super) fn parameter<T: Trace>(&self, parameter: u16, trace: &mut T) -> Evaluated<Value> {
        let declared = self.scheme.parameters.get(usize::from(parameter));
        match self.setting(parameter) {
            Ok(Setting::Number(value)) => {
                trace.note(Read::Parameter { parameter, key: None, value: *value });
                Ok(Value::Number(*value))
            }
            Ok(_) => Err(Fault::at(
                self.parameter_pointer(parameter),
                "not_a_number",
                say!("应为数值", "a number is wanted"),
            )),
            Err(_) if declared.is_some_and(|declared| declared.optional) => Ok(Value::Absent),
            Err(fault) => Err(fault),
        }
    }

    pub(super) fn entry<T: Trace>(&self, parameter: u16, key: &Node, at: At, trace: &mut T) -> Evaluated<Decimal> {
        let Value::Text(key) = self.value(key, at, trace)? else { return Err(broken(at)) };
        let entries = match self.setting(parameter)? {
            Setting::Table(entries) => entries.as_slice(),
            _ => &[],
        };
        let found = entries.iter().find(|(entry, _)| *entry == key);
        let (_, value) = found.ok_or_else(|| {
            let key = self.scheme.symbols.text(key);
            Fault::at(
                self.parameter_pointer(parameter),
                "missing",
                say!("表中没有项 {key}", "the table has no entry {key}"),
            )
        })?;
        trace.note(Read::Parameter { parameter, key: Some(key), value: *value });
        Ok(*value)
    }

    pub(super) fn rows(&self, list: u16, at: At) -> Evaluated<std::slice::ChunksExact<'a, Value>> {
        let held = self.case.of(at.kind).lists.get(usize::from(list)).ok_or_else(|| broken(at))?;
        let rows = held.of(at.row);
        let declared = self.plan.lists[at.kind.index()].get(usize::from(list));
        match declared {
            Some(list) if list.required && rows.len() == 0 => {
                Err(Fault::missing(format!("{}/{}", Case::pointer(at.kind, at.row), list.key)))
            }
            _ => Ok(rows),
        }
    }

    pub(super) fn sum_rows<T: Trace>(&self, list: u16, of: &Node, at: At, trace: &mut T) -> Evaluated<Decimal> {
        let mut sum = Decimal::ZERO;
        for (place, cells) in (1..).zip(self.rows(list, at)?) {
            let number = self.number(of, At { cells, place, ..at }, trace)?;
            sum = sum.checked_add(number).ok_or_else(|| overflow(at))?;
        }
        Ok(sum)
    }

    pub(super) fn count_rows<T: Trace>(&self, list: u16, of: &Node, at: At, trace: &mut T) -> Evaluated<Decimal> {
        let mut count = 0_u32;
        for (place, cells) in (1..).zip(self.rows(list, at)?) {
            count += u32::from(self.truth(of, At { cells, place, ..at }, trace)?);
        }
        Ok(Decimal::from(count))
    }
}
