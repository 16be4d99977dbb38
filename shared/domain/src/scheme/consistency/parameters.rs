//! Parameters and tables.

use super::{CATEGORY, Checker, ENTRY};
use crate::say;
use crate::scheme::source::{ParameterDefault, ParameterSource};

impl<'s> Checker<'s> {
    pub(super) fn parameter(&mut self, place: &str, parameter: &ParameterSource) {
        self.name(format!("{place}/name"), &parameter.name);
        self.label(&format!("{place}/label"), &parameter.label);
        self.bounds(place, &parameter.bounds());
        if parameter.optional && parameter.default.is_some() {
            let message = say!("{} 有默认值，不会缺省", "{} has a default: it is never unset", parameter.name);
            self.problem(format!("{place}/optional"), message);
        }
        let tables: Vec<Vec<&String>> = match &parameter.default {
            Some(ParameterDefault::Table(table)) => vec![table.keys().collect()],
            Some(ParameterDefault::ByCategory(tables)) => tables.values().map(|table| table.keys().collect()).collect(),
            Some(ParameterDefault::Number(_)) | None => Vec::new(),
        };
        if tables.iter().any(Vec::is_empty) {
            self.problem(
                format!("{place}/default"),
                say!("表 {} 没有任何项", "the table {} has no entry", parameter.name),
            );
        }
        if tables.is_empty() && (parameter.sum.is_some() || !parameter.sums.is_empty()) {
            self.problem(place, say!("{} 不是表：没有合计", "{} is no table: it has no sum", parameter.name));
        }
        for (at, rule) in parameter.sums.iter().enumerate() {
            let place = format!("{place}/sums/{at}");
            if rule.is.is_some() == rule.at_least.is_some() {
                self.problem(
                    &place,
                    say!("合计写 `is` 或 `at_least`，二者取一", "a sum `is` a number or is `at_least` one"),
                );
            }
            for (key_at, key) in rule.of.iter().enumerate() {
                if !tables.iter().any(|table| table.contains(&key)) {
                    let known = tables.iter().flatten().map(|key| key.as_str());
                    self.unknown(format!("{place}/of/{key_at}"), ENTRY, key, known);
                }
            }
            if let Some(ParameterDefault::ByCategory(tables)) = &parameter.default {
                for (code_at, code) in
                    rule.categories.iter().enumerate().filter(|(_, code)| !tables.contains_key(*code))
                {
                    self.unknown(format!("{place}/for/{code_at}"), CATEGORY, code, tables.keys().map(String::as_str));
                }
            }
        }
    }

    // --- sheets ---
}
