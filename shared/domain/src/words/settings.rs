//! What a company may set.

use super::language::{Limit, Word};
use super::statements::{Book, Section};
use crate::money::plain;
use crate::scheme::source::{ParameterDefault, ParameterSource};
use crate::value::Kind;

impl Book<'_> {
    pub(super) fn settings(&mut self) {
        let source = self.source();
        for parameter in &source.parameters {
            self.setting(parameter);
        }
        if !self.speaker.values {
            for table in &source.tables {
                self.setting(table);
            }
        }
    }

    fn setting(&mut self, parameter: &ParameterSource) {
        let language = self.language();
        let topic = self.speaker.label(&parameter.label).to_owned();
        let key = format!("parameter {}", parameter.name);
        match &parameter.default {
            Some(ParameterDefault::Number(number)) => {
                let says = format!("{}{}", plain(number.0), self.allowed(parameter));
                self.add(Section::Settings, key, topic, says);
            }
            Some(ParameterDefault::Table(_)) => {
                let entries = self.speaker.table_entries(&parameter.name);
                self.add(Section::Settings, key, topic, "").parts = entries;
            }
            Some(ParameterDefault::ByCategory(tables)) => {
                let codes = self.speaker.scheme.keys_of(&parameter.name);
                let mut categories: Vec<_> = tables.iter().collect();
                let order = |code: &str| {
                    let declared = &self.source().people.categories;
                    declared.iter().position(|category| category.code == code)
                };
                categories.sort_by_key(|(code, _)| order(code));
                for (code, table) in categories {
                    let mut entries: Vec<_> = table.iter().collect();
                    entries.sort_by_key(|(key, _)| self.speaker.stand().order(codes, key));
                    let told = |(key, number): &(&String, &crate::scheme::source::Number)| {
                        (self.speaker.code(codes, key), plain(number.0))
                    };
                    let parts = entries.iter().map(told).collect();
                    let topic = format!("{topic}{}", language.aside(&self.category(Kind::People, code)));
                    self.add(Section::Settings, format!("{key} {code}"), topic, "").parts = parts;
                }
            }
            None => {
                let word = if parameter.optional { Word::NoneMayBeSet } else { Word::NotSetYet };
                self.add(Section::Settings, key, topic, language.word(word));
            }
        }
    }

    /// Within which bounds a company may set a number.
    fn allowed(&self, parameter: &ParameterSource) -> String {
        let language = self.language();
        let number = |bound: Option<crate::scheme::source::Number>| bound.map(|bound| plain(bound.0));
        let said = [
            number(parameter.above).map(|bound| language.above(&bound)),
            number(parameter.min).map(|bound| language.limited(Limit::AtLeast, &bound)),
            number(parameter.max).map(|bound| language.limited(Limit::AtMost, &bound)),
            number(parameter.below).map(|bound| language.below(&bound)),
        ];
        let said: Vec<String> = said.into_iter().flatten().collect();
        if said.is_empty() { String::new() } else { language.aside(&said.join(language.pause())) }
    }
}
