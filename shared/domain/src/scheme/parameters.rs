//! What a company may set, and the tables that nobody may change.

use rust_decimal::Decimal;

use super::plan::{Parameter, Setting};
use super::source::{ParameterDefault, ParameterSource, Source};
use crate::Message;
use crate::say;
use crate::value::{Symbol, Symbols};

pub(crate) fn parameters(source: &Source, symbols: &mut Symbols) -> Vec<Parameter> {
    let settable = source.parameters.iter().map(|parameter| (parameter, false));
    let fixed = source.tables.iter().map(|table| (table, true));
    settable.chain(fixed).map(|(written, fixed)| parameter(written, fixed, symbols)).collect()
}

fn parameter(written: &ParameterSource, fixed: bool, symbols: &mut Symbols) -> Parameter {
    Parameter {
        name: written.name.clone(),
        path: format!("param.{}", written.name).into(),
        label: written.label.clone(),
        fixed,
        optional: written.optional,
        default: written.default.as_ref().map(|default| setting(default, symbols)),
        bounds: written.bounds(),
        sum: written.sum.map(|sum| sum.0),
        sums: written.sums.clone(),
    }
}

fn setting(default: &ParameterDefault, symbols: &mut Symbols) -> Setting {
    match default {
        ParameterDefault::Number(number) => Setting::Number(number.0),
        ParameterDefault::Table(table) => {
            Setting::Table(table.iter().map(|(key, number)| (symbols.intern(key), number.0)).collect())
        }
        ParameterDefault::ByCategory(tables) => Setting::ByCategory(
            tables
                .iter()
                .map(|(category, table)| {
                    let entries = table.iter().map(|(key, number)| (symbols.intern(key), number.0)).collect();
                    (symbols.intern(category), entries)
                })
                .collect(),
        ),
    }
}

impl Parameter {
    /// Whatever a company sets for these entries, they sum to 100: as a whole, or in parts.
    pub fn always_sums_to_100(&self, keys: &[&str], category: Option<Symbol>, symbols: &Symbols) -> bool {
        if self.sum == Some(Decimal::ONE_HUNDRED) {
            return true;
        }
        let category = category.map(|category| symbols.text(category));
        let here = |rule: &&super::source::SumRule| {
            rule.categories.is_empty() || rule.categories.iter().any(|one| Some(one.as_str()) == category.as_deref())
        };
        // Parts with a fixed sum that share no entry.
        let (mut covered, mut sum) = (Vec::new(), Decimal::ZERO);
        for rule in self.sums.iter().filter(here) {
            let Some(is) = rule.is.filter(|_| !rule.of.iter().any(|key| covered.contains(&key.as_str()))) else {
                continue;
            };
            covered.extend(rule.of.iter().map(String::as_str));
            sum = sum.saturating_add(is.0);
        }
        sum == Decimal::ONE_HUNDRED && keys.iter().all(|key| covered.contains(key))
    }

    /// What is wrong with a value, each with the pointer below the parameter.
    pub fn complaints(&self, setting: &Setting, symbols: &Symbols) -> Vec<(String, Message)> {
        match setting {
            Setting::Number(number) => self.number_complaint(*number).map(|c| (String::new(), c)).into_iter().collect(),
            Setting::Table(table) => self.table_complaints(table, None, symbols),
            Setting::ByCategory(tables) => tables
                .iter()
                .flat_map(|(category, table)| {
                    let below = format!("/{}", basics::pointer::segment(&symbols.text(*category)));
                    let complaints = self.table_complaints(table, Some(*category), symbols);
                    complaints.into_iter().map(move |(pointer, complaint)| (format!("{below}{pointer}"), complaint))
                })
                .collect(),
        }
    }

    fn number_complaint(&self, number: Decimal) -> Option<Message> {
        if number.is_sign_negative() && !number.is_zero() {
            return Some(say!("{number} 为负数", "{number} is negative"));
        }
        self.bounds.complaint(number)
    }

    fn table_complaints(
        &self,
        table: &[(Symbol, Decimal)],
        category: Option<Symbol>,
        symbols: &Symbols,
    ) -> Vec<(String, Message)> {
        let mut found = Vec::new();
        for (key, number) in table {
            if let Some(complaint) = self.number_complaint(*number) {
                found.push((format!("/{}", basics::pointer::segment(&symbols.text(*key))), complaint));
            }
        }
        let sum = |wanted: &dyn Fn(&str) -> bool| {
            let mut parts = table.iter().filter(|(key, _)| wanted(&symbols.text(*key)));
            parts.try_fold(Decimal::ZERO, |sum, (_, number)| sum.checked_add(*number))
        };
        if let Some(wanted) = self.sum
            && sum(&|_| true) != Some(wanted)
        {
            found.push((String::new(), say!("各项之和须为 {wanted}", "the entries must sum to {wanted}")));
        }
        let category = category.map(|category| symbols.text(category));
        for rule in &self.sums {
            let here = category
                .as_deref()
                .is_none_or(|c| rule.categories.is_empty() || rule.categories.iter().any(|one| one == c));
            if !here {
                continue;
            }
            let reached = sum(&|key| rule.of.iter().any(|one| one == key));
            let is = rule.is.is_none_or(|is| reached == Some(is.0));
            let enough = rule.at_least.is_none_or(|least| reached.is_some_and(|reached| reached >= least.0));
            if !(is && enough) {
                let pointer = if let [only] = rule.of.as_slice() { format!("/{only}") } else { String::new() };
                let wanted = rule.is.or(rule.at_least).map_or(Decimal::ZERO, |number| number.0);
                let parts = rule.of.join(" + ");
                let complaint = match rule.is {
                    Some(_) => say!("{parts} 之和须为 {wanted}", "{parts} must sum to {wanted}"),
                    None => say!("{parts} 之和至少为 {wanted}", "{parts} must sum to at least {wanted}"),
                };
                found.push((pointer, complaint));
            }
        }
        found
    }
}
