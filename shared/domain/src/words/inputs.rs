//! What must be supplied, by whom, and within which bounds.

use rust_decimal::Decimal;

use super::language::Word;
use super::sheets::sheet_key;
use super::statements::{Book, Section};
use crate::money::plain;
use crate::scheme::source::{InputKind, InputSource, Number, SheetSource, SubjectSource};
use crate::value::Kind;

impl<'s> Book<'s> {
    pub(super) fn inputs(&mut self, kind: Kind, subject: &'s SubjectSource) {
        let language = self.language();
        if let Some(score) = &subject.score {
            let bounds = self.range(Some(Decimal::ZERO), Some(score.max.0), score.step);
            let topic = format!("{}{}", language.of_kind(kind), language.word(Word::ScoreGiven));
            let by = self.given_by(kind, &score.by);
            let by = by.unwrap_or_else(|| language.word(Word::ByHrOrExecutives).to_owned());
            let says = std::iter::once(bounds).chain(self.checked_by(&score.checked_by)).collect();
            self.supplied("given".to_owned(), topic, by, says);
        }
        for fact in &subject.facts {
            let topic = self.topic(kind, &fact.label, &fact.categories, &fact.cadences);
            let by = self.input_given_by(kind, fact).unwrap_or_else(|| language.word(Word::ByHr).to_owned());
            let mut says = self.bounds(fact);
            says.extend(self.found_by_the_system(fact));
            says.extend(self.checked_by(&fact.checked_by));
            self.supplied(format!("fact {kind:?} {}", fact.name), topic, by, says);
        }
        for list in &subject.lists {
            let topic = self.topic(kind, &list.label, &list.categories, &[]);
            let columns = list.columns.iter().map(|column| {
                let bounds = self.bounds(column).join(language.pause());
                format!("{}{}{bounds}", self.speaker.label(&column.label), language.colon())
            });
            let mut columns: Vec<String> = columns.collect();
            let by = self.rows_of_list(list.rows.as_ref()).or_else(|| self.given_by(kind, &list.by));
            let by = by.unwrap_or_else(|| language.word(Word::ByHrRowByRow).to_owned());
            columns.dedup();
            columns.extend(list.columns.iter().flat_map(|column| self.guidance_of(column)));
            columns.extend(self.checked_by(&list.checked_by));
            self.supplied(format!("list {kind:?} {}", list.key), topic, by, columns);
        }
        for pay in &subject.pay {
            let topic = self.topic(kind, &pay.label, &pay.categories, &pay.cadences);
            let by = language.word(Word::FromThePayProfile).to_owned();
            let mut says = self.bounds(pay);
            says.extend(self.checked_by(&pay.checked_by));
            self.supplied(format!("pay {}", pay.name), topic, by, says);
        }
        for (at, sheet) in self.source().sheets.iter().enumerate().filter(|(_, sheet)| sheet.on == kind) {
            self.inputs_of_sheet(at, sheet);
        }
    }

    fn inputs_of_sheet(&mut self, at: usize, sheet: &'s SheetSource) {
        let (key, language) = (sheet_key(self.source(), at, sheet), self.language());
        let scope = self.scope(sheet.on, &sheet.categories, &sheet.cadences);
        let topic = |name: String| format!("{}{name}{scope}", language.of_kind(sheet.on));
        for rater in &sheet.raters {
            let name = language.rater_label(self.speaker.label(&rater.label));
            let mut bounds = vec![language.word(Word::WhatTheItemCanEarn).to_owned()];
            bounds.extend(rater.step.map(|step| language.multiple_of(&plain(step.0))));
            bounds.extend(self.sources(sheet.on, rater));
            let by = language.word(Word::ByTheRater).to_owned();
            self.supplied(format!("{key} rater {}", rater.name), topic(name), by, bounds);
        }
        for item in &sheet.items {
            for input in &item.inputs {
                let name = language.part_of(self.speaker.label(&item.label), self.speaker.label(&input.label));
                let key = format!("{key} input {} {}", item.code, input.name);
                let by = self.on_the_form_of(sheet, input).or_else(|| self.input_given_by(sheet.on, input));
                let by = by.unwrap_or_else(|| language.word(Word::EnteredWithScores).to_owned());
                let mut says = self.bounds(input);
                says.extend(self.checked_by(&input.checked_by));
                self.supplied(key, topic(name), by, says);
            }
        }
        for input in &sheet.inputs {
            let name = self.speaker.label(&input.label).to_owned();
            let key = format!("{key} input {}", input.name);
            let by = self.on_the_form_of(sheet, input).or_else(|| self.input_given_by(sheet.on, input));
            let by = by.unwrap_or_else(|| language.word(Word::EnteredWithScoresOfEachItem).to_owned());
            self.supplied(key, topic(name), by, self.bounds(input));
        }
    }

    fn supplied(&mut self, key: String, topic: String, by: String, bounds: Vec<String>) {
        let says: Vec<String> = std::iter::once(by).chain(bounds).collect();
        self.add(Section::Inputs, format!("input {key}"), topic, self.language().clauses(&says));
    }

    /// What may be given for an input.
    fn bounds(&self, input: &InputSource) -> Vec<String> {
        let language = self.language();
        let word = |word: Word| language.word(word).to_owned();
        let mut said = vec![match input.kind {
            InputKind::Number | InputKind::Points => self.numbers(input),
            InputKind::Count => language.whole_number(&self.numbers(input)),
            InputKind::Flag => word(Word::YesOrNo),
            InputKind::Choice => language.one_of(&self.labels(&input.choices)),
            InputKind::Grade => language.one_of(&self.labels(&self.source().grades)),
            InputKind::Date => word(Word::ADate),
            InputKind::Scale if input.choices.is_empty() => {
                language.one_of(&input.scale.keys().cloned().collect::<Vec<_>>())
            }
            InputKind::Scale => language.one_of(&self.labels(&input.choices)),
            InputKind::Text => word(Word::AText),
            InputKind::Record => {
                let fields = input.fields.iter().map(|field| {
                    let bounds = self.bounds(field).join(language.pause());
                    format!("{}{}{bounds}", self.speaker.label(&field.label), language.colon())
                });
                language.clauses(&fields.collect::<Vec<_>>())
            }
        }];
        if let Some(default) = input.default {
            said.push(language.if_left_out(&plain(default.0)));
        } else if input.optional {
            said.push(word(Word::MayBeLeftOut));
        }
        said
    }

    fn numbers(&self, input: &InputSource) -> String {
        let language = self.language();
        if let Some(only) = &input.one_of {
            return language.one_of(&only.iter().map(|number| plain(number.0)).collect::<Vec<_>>());
        }
        let mut said = Vec::new();
        let least = input.min.map(|min| min.0).or((!input.signed && input.above.is_none()).then_some(Decimal::ZERO));
        said.extend(input.above.map(|above| language.above(&plain(above.0))));
        if least.is_some() || input.max.is_some() {
            said.push(self.range(least, input.max.map(|max| max.0), input.step));
        } else {
            said.extend(input.step.map(|step| language.multiple_of(&plain(step.0))));
        }
        said.extend(input.below.map(|below| language.below(&plain(below.0))));
        if said.is_empty() {
            said.push(language.word(Word::MayBeNegative).to_owned());
        }
        said.join(language.pause())
    }

    fn range(&self, least: Option<Decimal>, most: Option<Decimal>, step: Option<Number>) -> String {
        let (language, least, most) = (self.language(), least.map(plain), most.map(plain));
        let mut said = vec![language.range(least.as_deref(), most.as_deref())];
        said.extend(step.map(|step| language.multiple_of(&plain(step.0))));
        said.join(language.pause())
    }
}
