//! Named values of a subject, each read into its place.

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_json::{Map, Value as Json};

use super::below;
use super::builder::CaseBuilder;
use super::input::{self, Refused};
use crate::say;
use crate::scheme::InputKind;
use crate::scheme::plan::InputSpec;
use crate::value::{Kind, Value};

/// Named values: of a JSON object, or as services hold them.
#[derive(Clone, Copy)]
pub(super) enum Fields<'a> {
    Json(&'a Map<String, Json>),
    Typed(&'a BTreeMap<String, Json>),
}

impl<'a> Fields<'a> {
    pub(super) fn iter(self) -> impl Iterator<Item = (&'a String, &'a Json)> {
        let (json, typed) = match self {
            Self::Json(fields) => (Some(fields), None),
            Self::Typed(fields) => (None, Some(fields)),
        };
        json.into_iter().flatten().chain(typed.into_iter().flatten())
    }

    pub(super) fn get(self, name: &str) -> Option<&'a Json> {
        match self {
            Self::Json(fields) => fields.get(name),
            Self::Typed(fields) => fields.get(name),
        }
    }

    /// Of a JSON value that may be an object.
    pub(super) fn of(value: &'a Json) -> Result<Self, &'a Json> {
        value.as_object().map(Self::Json).ok_or(value)
    }
}

impl CaseBuilder<'_> {
    /// Facts or pay inputs, whose table the policy may have no use for.
    pub(super) fn read_known(&mut self, kind: Kind, row: usize, key: &str, given: Fields<'_>, pointer: &str) {
        let (here, table) = (below(pointer, key), if key == "pay" { "pay" } else { "fact" });
        if self.has_slots(kind, &format!("{table}.")) {
            return self.read_fields(kind, row, table, given, &here);
        }
        for (name, _) in given.iter() {
            self.no_use_for(name, below(&here, name));
        }
    }

    pub(super) fn no_use_for(&mut self, key: &str, pointer: String) {
        self.invalid.add(pointer, "unknown_key", say!("方案用不到 {key}", "the policy has no use for {key}"));
    }

    /// A table of which the policy has no entry: each that was given is told.
    pub(super) fn no_use_for_any(&mut self, key: &str, value: &Json, pointer: &str) {
        match value.as_object() {
            Some(given) => given.keys().for_each(|name| self.no_use_for(name, below(pointer, name))),
            None => self.no_use_for(key, pointer.to_owned()),
        }
    }

    pub(super) fn has_slot(&self, kind: Kind, path: &str) -> bool {
        self.plan.layouts[kind.index()].by_path.contains_key(path)
    }

    pub(super) fn has_slots(&self, kind: Kind, prefix: &str) -> bool {
        self.plan.layouts[kind.index()].slots.iter().any(|slot| slot.path.starts_with(prefix))
    }

    /// Facts or pay inputs, by name.
    pub(super) fn read_table(&mut self, kind: Kind, row: usize, table: &str, value: &Json, pointer: &str) {
        match Fields::of(value) {
            Ok(given) => self.read_fields(kind, row, table, given, pointer),
            Err(Json::Null) => {}
            Err(_) => self.invalid.add(pointer, "not_an_object", say!("应为对象", "an object is wanted")),
        }
    }

    pub(super) fn read_fields(&mut self, kind: Kind, row: usize, table: &str, given: Fields<'_>, pointer: &str) {
        for (name, value) in given.iter() {
            let here = below(pointer, name);
            let path = format!("{table}.{name}");
            if name.contains('.') || !self.has_slot(kind, &path) {
                self.no_use_for(name, here);
            } else {
                self.read_path(kind, row, &path, value, &here);
            }
        }
    }

    pub(super) fn read_path(&mut self, kind: Kind, row: usize, path: &str, value: &Json, pointer: &str) {
        let layout = &self.plan.layouts[kind.index()];
        let Some(at) = layout.by_path.get(path).copied() else { return };
        let Some(slot) = layout.slots.get(usize::from(at)) else { return };
        let spec = &slot.spec;
        if value.is_null() {
            return;
        }
        if spec.kind == InputKind::Record {
            return self.read_record(kind, row, path, at, spec, value, pointer);
        }
        self.read_value(kind, row, at, spec, value, None, pointer);
    }

    #[allow(clippy::too_many_arguments, reason = "one place and one value, spelled out")]
    pub(super) fn read_record(
        &mut self,
        kind: Kind,
        row: usize,
        path: &str,
        at: u16,
        spec: &InputSpec,
        value: &Json,
        pointer: &str,
    ) {
        let Json::Object(given) = value else {
            return self.invalid.add(pointer, "not_an_object", say!("应为对象", "an object is wanted"));
        };
        self.put(kind, row, at, Value::Flag(true));
        for (name, value) in given {
            let here = below(pointer, name);
            if spec.fields.iter().any(|field| field.name == *name) {
                self.read_path(kind, row, &format!("{path}.{name}"), value, &here);
            } else {
                self.invalid.add(here, "unknown_key", say!("方案用不到 {name}", "the policy has no use for {name}"));
            }
        }
    }

    #[allow(clippy::too_many_arguments, reason = "one place and one value, spelled out")]
    pub(super) fn read_value(
        &mut self,
        kind: Kind,
        row: usize,
        at: u16,
        spec: &InputSpec,
        value: &Json,
        weight: Option<Decimal>,
        pointer: &str,
    ) {
        match self.value(spec, value, weight) {
            Ok(value) => self.put(kind, row, at, value),
            Err(refused) => self.invalid.add(format!("{pointer}{}", refused.below), refused.code, refused.detail),
        }
    }

    pub(super) fn value(&mut self, spec: &InputSpec, value: &Json, weight: Option<Decimal>) -> Result<Value, Refused> {
        input::read(spec, &self.scheme.symbols, value, weight, &mut self.numbers)
    }
}
