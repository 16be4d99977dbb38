//! A case's overrides of the scheme's parameters.

use rust_decimal::Decimal;
use serde_json::Value as Json;

use super::below;
use super::input::plain_number;
use crate::invalid::Invalid;
use crate::say;
use crate::scheme::Scheme;
use crate::scheme::plan::{Parameter, Setting};
use crate::value::Symbol;

/// The value of every parameter: the override, or the default.
pub(crate) fn read(scheme: &Scheme, overrides: &Json, invalid: &mut Invalid) -> Vec<Option<Setting>> {
    let mut settings: Vec<Option<Setting>> =
        scheme.parameters.iter().map(|parameter| parameter.default.clone()).collect();
    let given = match overrides {
        Json::Null => return settings,
        Json::Object(given) => given,
        _ => {
            invalid.add("/parameters", "not_an_object", say!("参数须按名称给出", "parameters are given by name"));
            return settings;
        }
    };
    for (name, value) in given {
        let pointer = below("/parameters", name);
        let absent = super::subject::is_empty(value);
        let found = scheme.parameters.iter().position(|parameter| parameter.name == *name && !parameter.fixed);
        let Some((at, parameter)) = found.and_then(|at| scheme.parameters.get(at).map(|parameter| (at, parameter)))
        else {
            invalid.add(
                pointer,
                "unknown_parameter",
                say!("方案没有参数 {name}", "the policy has no parameter {name}"),
            );
            continue;
        };
        let Some(setting) =
            Some(value).filter(|_| !absent).and_then(|v| setting(scheme, parameter, v, &pointer, invalid))
        else {
            continue;
        };
        for (under, complaint) in parameter.complaints(&setting, &scheme.symbols) {
            invalid.add(format!("{pointer}{under}"), "out_of_bounds", complaint);
        }
        if let Some(slot) = settings.get_mut(at) {
            *slot = Some(setting);
        }
    }
    settings
}

fn setting(
    scheme: &Scheme,
    parameter: &Parameter,
    value: &Json,
    pointer: &str,
    invalid: &mut Invalid,
) -> Option<Setting> {
    match &parameter.default {
        None | Some(Setting::Number(_)) => number(value, pointer, invalid).map(Setting::Number),
        Some(Setting::Table(keys)) => table(scheme, keys, value, pointer, invalid).map(Setting::Table),
        Some(Setting::ByCategory(defaults)) => {
            by_category(scheme, defaults, value, pointer, invalid).map(Setting::ByCategory)
        }
    }
}

fn number(value: &Json, pointer: &str, invalid: &mut Invalid) -> Option<Decimal> {
    plain_number(value).map_err(|refused| invalid.add(pointer, refused.code, refused.detail)).ok()
}

/// A table comes with all its keys.
fn table(
    scheme: &Scheme,
    keys: &[(Symbol, Decimal)],
    value: &Json,
    pointer: &str,
    invalid: &mut Invalid,
) -> Option<Table> {
    let Json::Object(given) = value else {
        invalid.add(pointer, "not_an_object", say!("应为表", "a table is wanted"));
        return None;
    };
    let before = invalid.errors.len();
    for name in given.keys() {
        let symbol = scheme.symbols.find(name);
        if !keys.iter().any(|(key, _)| Some(*key) == symbol) {
            invalid.add(
                below(pointer, name),
                "unknown_key",
                say!("表中没有项 {name}", "the table has no entry {name}"),
            );
        }
    }
    let mut entries = Vec::with_capacity(keys.len());
    for (key, _) in keys {
        let name = scheme.symbols.text(*key);
        let pointer = below(pointer, &name);
        match given.get(&*name) {
            Some(value) => entries.extend(number(value, &pointer, invalid).map(|number| (*key, number))),
            None => invalid.add(&pointer, "missing", say!("表中缺少 {name}", "the table lacks {name}")),
        }
    }
    (invalid.errors.len() == before).then_some(entries)
}

type Table = Vec<(Symbol, Decimal)>;

/// A category that is left out keeps its own table.
fn by_category(
    scheme: &Scheme,
    defaults: &[(Symbol, Table)],
    value: &Json,
    pointer: &str,
    invalid: &mut Invalid,
) -> Option<Vec<(Symbol, Table)>> {
    let Json::Object(given) = value else {
        invalid.add(pointer, "not_an_object", say!("应为按类别的表", "tables by category are wanted"));
        return None;
    };
    let before = invalid.errors.len();
    let mut tables = defaults.to_vec();
    for (name, value) in given {
        let pointer = below(pointer, name);
        let symbol = scheme.symbols.find(name);
        let absent = super::subject::is_empty(value);
        let Some((_, entries)) = tables.iter_mut().find(|(category, _)| Some(*category) == symbol) else {
            invalid.add(pointer, "unknown_category", say!("没有类别 {name}", "there is no category {name}"));
            continue;
        };
        if !absent && let Some(read) = table(scheme, &entries.clone(), value, &pointer, invalid) {
            *entries = read;
        }
    }
    (invalid.errors.len() == before).then_some(tables)
}
