//! What changes for people when one scheme takes the place of another.

use std::fmt::Write as _;

use super::language::{Language, Word};
use super::phrase::Speaker;
use super::statements::{Section, Statement, statements};
use crate::locale::Locale;
use crate::scheme::Scheme;
use crate::value::Kind;

/// The changes, section by section.
pub fn diff(before: &Scheme, after: &Scheme, locale: Locale) -> String {
    let said = |scheme: &Scheme| statements(Speaker { values: false, ..Speaker::of(scheme, locale, Kind::People) });
    let (old, new) = (said(before), said(after));
    let language = super::language::language(locale);
    let mut text = String::new();
    for section in Section::ALL {
        let lines = changes(&old, &new, section, language);
        if !lines.is_empty() {
            let gap = if text.is_empty() { "" } else { "\n" };
            let _ = writeln!(text, "{gap}{}", language.section(section));
            for line in lines {
                let _ = writeln!(text, "  {line}");
            }
        }
    }
    if text.is_empty() {
        text = format!("{}\n", language.word(Word::NothingChanges));
    }
    text
}

fn changes(old: &[Statement], new: &[Statement], section: Section, language: &dyn Language) -> Vec<String> {
    let find = |all: &[Statement], key: &str| all.iter().find(|one| one.section == section && one.key == key).cloned();
    let mut lines = Vec::new();
    for statement in old.iter().filter(|one| one.section == section) {
        match find(new, &statement.key) {
            Some(now) => changed(statement, &now, language, &mut lines),
            None => lines.push(language.gone(&statement.sentence(language))),
        }
    }
    for statement in new.iter().filter(|one| one.section == section) {
        if find(old, &statement.key).is_none() {
            lines.push(language.added(&statement.sentence(language)));
        }
    }
    lines
}

/// The sentence as a whole, or the entries that differ one by one.
fn changed(was: &Statement, now: &Statement, language: &dyn Language, lines: &mut Vec<String>) {
    if was.topic != now.topic {
        lines.push(language.renamed(&was.topic, &now.topic));
    }
    let topic = &now.topic;
    if was.says != now.says {
        lines.push(language.becomes(topic, &was.says, &now.says));
    }
    for (name, value) in &was.parts {
        match now.parts.iter().find(|(other, _)| other == name) {
            Some((_, other)) if other == value => {}
            Some((_, other)) => lines.push(language.entry_becomes(topic, name, value, other)),
            None => lines.push(language.entry_gone(topic, name, value)),
        }
    }
    for (name, value) in now.parts.iter().filter(|(name, _)| !was.parts.iter().any(|(other, _)| other == name)) {
        lines.push(language.entry_new(topic, name, value));
    }
}
