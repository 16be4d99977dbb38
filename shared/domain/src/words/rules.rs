//! Who is left out, what a result leads to, and what HR is warned of.

use super::figures::bare;
use super::language::Word;
use super::statements::{Book, Section};
use crate::scheme::codes::Codes;
use crate::scheme::source::{GuideSource, Purpose, RuleSource, SubjectSource};
use crate::value::Kind;

impl<'s> Book<'s> {
    pub(super) fn exclusions(&mut self) {
        let language = self.language();
        let exclusions = &self.source().people.exclusions;
        for (at, one) in exclusions.iter().enumerate() {
            let scope = self.scope(Kind::People, &one.categories, &one.cadences);
            let speaker = self.speaker_of(Kind::People, &one.categories, &one.cadences);
            let (topic, label) = (language.word(Word::NotAppraised), self.speaker.label(&one.label));
            // A flag that is called as the reason is says nothing more.
            let says = match self.condition(speaker, &one.when.text) {
                _ if speaker.phrase(&one.when.text) == label => label.to_owned(),
                when => format!("{label}{}{when}", language.colon()),
            };
            let same = exclusions.iter().take(at).filter(|before| before.code == one.code).count();
            self.add(Section::Covered, format!("exclusion {} {same}", one.code), format!("{topic}{scope}"), says);
        }
    }

    pub(super) fn rules(&mut self, kind: Kind, subject: &'s SubjectSource) {
        for (at, rule) in subject.rules.iter().enumerate() {
            let same = |other: &&RuleSource| {
                other.gives == rule.gives && other.cadences == rule.cadences && other.categories == rule.categories
            };
            let earlier = subject.rules.iter().take(at).filter(same).count();
            self.rule(kind, rule, earlier);
        }
        for guide in &subject.guides {
            self.guide(kind, guide);
        }
        for (at, check) in subject.checks.iter().enumerate().filter(|(_, check)| check.must.is_some()) {
            let scope = self.scope(kind, &check.categories, &check.cadences);
            let topic = format!("{}{scope}", self.language().word(Word::MustHold));
            let says = self.speaker.label(&check.says).to_owned();
            let place = check.at.clone().unwrap_or_else(|| at.to_string());
            self.add(Section::Workflow, format!("check {kind:?} {place}"), topic, says);
        }
    }

    fn rule(&mut self, kind: Kind, rule: &'s RuleSource, earlier: usize) {
        let language = self.language();
        let section = match rule.purpose {
            Purpose::Outcome => Section::Outcomes,
            Purpose::Interview => Section::Interviews,
            Purpose::Warning => Section::Warnings,
        };
        let whose = match (kind, rule.purpose, rule.to_head) {
            (Kind::Units, Purpose::Outcome | Purpose::Interview, true) => {
                let both = self.source().units.iter().flat_map(|units| &units.head).any(|head| head.co_head);
                language.to_the_head(both)
            }
            (Kind::Units, Purpose::Outcome | Purpose::Interview, false) => language.of_kind(kind),
            _ => "",
        };
        let scope = self.scope(kind, &rule.categories, &rule.cadences);
        let topic = format!("{whose}{}{scope}", self.speaker.codes(Codes::Outcomes, &rule.gives));
        let speaker = self.speaker_of(kind, &rule.categories, &rule.cadences);
        let mut says = self.condition(speaker, &rule.when.text);
        if rule.own_history {
            says += &language.aside(language.word(Word::OwnHistory));
        }
        if rule.first_of.is_some() {
            says += &language.aside(language.word(Word::FirstOfGroup));
        }
        let key = format!(
            "rule {kind:?} {:?} {:?} {:?} {:?} {earlier}",
            rule.purpose, rule.gives, rule.categories, rule.cadences
        );
        self.add(section, key, topic, says);
    }

    fn guide(&mut self, kind: Kind, guide: &'s GuideSource) {
        let warning = self.speaker.code(Codes::Outcomes, &guide.warning);
        let topic = format!("{warning}{}", self.scope(kind, &[], &guide.cadences));
        let of = self.speaker_of(kind, &[], &guide.cadences).phrase(&guide.of);
        let says = self.language().guide(&of, guide.from_people);
        let parts = self.speaker.table_entries(bare(&guide.shares));
        let key = format!("guide {kind:?} {} {:?}", guide.warning, guide.cadences);
        self.add(Section::Warnings, key, topic, says).parts = parts;
    }
}
