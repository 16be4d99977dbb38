//! Sheets, their sections and items, and who scores them.

use rust_decimal::Decimal;

use super::language::Word;
use super::phrase::Speaker;
use super::statements::{Book, Section};
use crate::Label;
use crate::money::plain;
use crate::scheme::source::{InputKind, InputSource, ItemEvidence, ItemSource, ParameterDefault, SheetSource, Source};
use crate::value::Kind;

impl<'s> Book<'s> {
    pub(super) fn sheet(&mut self, at: usize, sheet: &'s SheetSource) {
        let language = self.language();
        let scope = self.scope(sheet.on, &sheet.categories, &sheet.cadences);
        let name = match (&sheet.label, sheet.on) {
            (Some(label), _) => self.speaker.label(label),
            (None, Kind::Units) => language.word(Word::UnitSheet),
            (None, _) => language.word(Word::Sheet),
        };
        let key = sheet_key(self.source(), at, sheet);
        let topic = format!("{name}{scope}");
        let raters: Vec<String> = sheet.raters.iter().map(|rater| self.rater(rater)).collect();
        let mut says = vec![language.items(sheet.items.len(), &raters)];
        says.extend(sheet.evidence.as_ref().map(|evidence| language.evidence(evidence)));
        says.extend(sheet.own_weights.as_ref().map(|own| self.weights_of_its_own(own)));
        says.extend(self.guidance(sheet.guidance.as_ref()));
        self.add(Section::Sheets, key.clone(), topic, language.clauses(&says));
        for rater in &sheet.raters {
            if let Some(guidance) = self.guidance(rater.guidance.as_ref()) {
                let topic = language.rater_label(self.speaker.label(&rater.label));
                self.below(format!("{key} guidance {}", rater.name), topic, guidance, None);
            }
        }
        let mut section = None;
        for item in &sheet.items {
            if item.section.is_some() && item.section != section {
                section.clone_from(&item.section);
                self.section(&key, sheet, item);
            }
            self.item(&key, sheet, item);
        }
    }

    fn section(&mut self, key: &str, sheet: &'s SheetSource, item: &ItemSource) {
        let Some(code) = &item.section else { return };
        let label = sheet.sections.iter().find(|one| one.code == *code);
        let topic = self.language().heading(label.map_or(code, |one| self.speaker.label(&one.label)));
        let members = sheet.items.iter().filter(|other| other.section == item.section);
        let weight: Option<Decimal> = members.map(|item| item.weight.map(|weight| weight.0)).sum();
        let weight = weight.filter(|_| sheet.weights.is_none()).map(|sum| self.language().weighing(&plain(sum)));
        let guidance = self.guidance(label.and_then(|one| one.guidance.as_ref()));
        let says: Vec<String> = weight.into_iter().chain(guidance).collect();
        self.below(format!("{key} section {code}"), topic, self.language().clauses(&says), None);
    }

    fn item(&mut self, key: &str, sheet: &'s SheetSource, item: &'s ItemSource) {
        let language = self.language();
        let mut says = vec![language.points_are(&self.score_of(sheet, item))];
        says.extend(item.inputs.iter().filter_map(|input| self.scale(input)));
        says.extend(item.max.map(|max| language.item_at_most(&plain(max.0))));
        says.extend(self.rows_and_givers(item));
        let below_full = item.evidence == Some(ItemEvidence::BelowFull);
        says.extend(self.guidance(item.guidance.as_ref()));
        says.extend(item.inputs.iter().flat_map(|input| self.guidance_of(input)));
        says.extend(below_full.then(|| language.word(Word::EvidenceBelowFull).to_owned()));
        let mut topic = self.speaker.label(&item.label).to_owned();
        if !self.speaker.values {
            topic += &self.scope(sheet.on, &sheet.categories, &sheet.cadences);
        }
        let weight = item_weight(self.source(), sheet, item);
        self.below(format!("{key} item {}", item.code), topic, language.clauses(&says), weight);
    }

    fn guidance(&self, guidance: Option<&Label>) -> Option<String> {
        guidance.map(|guidance| self.language().guidance(self.speaker.label(guidance)))
    }

    /// What raters are told about an input, its letters and its numbers.
    pub(super) fn guidance_of(&self, input: &InputSource) -> Vec<String> {
        let language = self.language();
        let about = |what: &str, guidance: &Label| {
            format!("{what}{}{}", language.colon(), language.guidance(self.speaker.label(guidance)))
        };
        let own = input.guidance.iter().map(|guidance| about(self.speaker.label(&input.label), guidance));
        let letters =
            input.choices.iter().filter_map(|one| Some((self.speaker.label(&one.label), one.guidance.as_ref()?)));
        let letters = letters.map(|(label, guidance)| about(label, guidance));
        let levels = input.levels.iter().map(|level| {
            let range = language.range(Some(&plain(level.from.0)), level.to.map(|to| plain(to.0)).as_deref());
            about(&range, &level.guidance)
        });
        own.chain(letters).chain(levels).collect()
    }

    /// A line below that of the sheet.
    fn below(&mut self, key: String, topic: String, says: String, weight: Option<String>) {
        let name = self.language().word(Word::Weight).to_owned();
        let parts = weight.map(|weight| (name, weight)).into_iter().collect();
        self.add_below(Section::Sheets, key, topic, says, parts);
    }

    pub(super) fn score_of(&self, sheet: &'s SheetSource, item: &'s ItemSource) -> String {
        let inside = Speaker { kind: sheet.on, item: Some((sheet, item)), ..self.speaker };
        item.score.as_ref().map_or_else(|| self.as_given(sheet, item), |score| inside.phrase(&score.text))
    }

    fn as_given(&self, sheet: &SheetSource, item: &ItemSource) -> String {
        let names: Vec<&str> = match (&item.raters, item.inputs.is_empty()) {
            (Some(names), _) => names.iter().map(String::as_str).collect(),
            (None, true) => sheet.raters.iter().map(|rater| rater.name.as_str()).collect(),
            (None, false) => Vec::new(),
        };
        let raters = names.iter().filter_map(|name| sheet.raters.iter().find(|rater| rater.name == *name));
        let labels: Vec<String> = raters.map(|rater| self.speaker.label(&rater.label).to_owned()).collect();
        self.language().as_given_by(&self.language().list(&labels))
    }

    fn scale(&self, input: &InputSource) -> Option<String> {
        if input.kind != InputKind::Scale {
            return None;
        }
        let mut entries: Vec<_> = input.scale.iter().collect();
        entries.sort_by(|a, b| b.1.cmp(a.1).then(a.0.cmp(b.0)));
        let name = |letter: &str| {
            let choice = input.choices.iter().find(|choice| choice.code == letter);
            choice.map_or(letter, |choice| self.speaker.label(&choice.label)).to_owned()
        };
        let told: Vec<String> =
            entries.iter().map(|(letter, number)| format!("{} {}", name(letter), plain(number.0))).collect();
        let (label, language) = (self.speaker.label(&input.label), self.language());
        Some(format!("{label}{}{}", language.colon(), language.list(&told)))
    }

    fn rater(&self, rater: &InputSource) -> String {
        let language = self.language();
        let mut notes = Vec::new();
        if rater.many {
            notes.push(language.word(Word::MayBeSeveral).to_owned());
        }
        notes.extend(rater.step.map(|step| language.in_steps_of(&plain(step.0))));
        notes.extend(language.presence(rater.presence).map(str::to_owned));
        let label = self.speaker.label(&rater.label);
        if notes.is_empty() {
            return label.to_owned();
        }
        format!("{label}{}", language.aside(&notes.join(language.pause())))
    }
}

/// Sheets are recognised by whom they are for; a second one for the same by its place.
pub(super) fn sheet_key(source: &Source, at: usize, sheet: &SheetSource) -> String {
    let same = |other: &&SheetSource| {
        other.on == sheet.on && other.categories == sheet.categories && other.cadences == sheet.cadences
    };
    let earlier = source.sheets.iter().take(at).filter(same).count();
    format!("sheet {:?} {:?} {:?} {earlier}", sheet.on, sheet.categories, sheet.cadences)
}

/// The weight of an item, of its own or out of the parameter that holds the weights of the sheet.
fn item_weight(source: &Source, sheet: &SheetSource, item: &ItemSource) -> Option<String> {
    if let Some(weight) = item.weight {
        return Some(plain(weight.0));
    }
    let name = sheet.weights.as_deref()?;
    let name = name.split_once('.').map_or(name, |(_, name)| name);
    let parameter = source.parameters.iter().chain(&source.tables).find(|parameter| parameter.name == name)?;
    match parameter.default.as_ref()? {
        ParameterDefault::Number(_) => None,
        ParameterDefault::Table(table) => table.get(&item.code).map(|number| plain(number.0)),
        ParameterDefault::ByCategory(tables) => {
            let own = tables
                .iter()
                .filter(|(category, _)| sheet.categories.is_empty() || sheet.categories.contains(category));
            let mut weights: Vec<String> =
                own.filter_map(|(_, table)| table.get(&item.code)).map(|number| plain(number.0)).collect();
            weights.dedup();
            (!weights.is_empty()).then(|| weights.join(" / "))
        }
    }
}
