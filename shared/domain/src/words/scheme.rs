//! A policy in plain sentences, from the data: what an employee would be told.

use std::fmt::Write as _;

use super::example::example;
use super::language::Word;
use super::phrase::Speaker;
use super::statements::{Section, statements};
use crate::locale::Locale;
use crate::scheme::Scheme;
use crate::value::Kind;

/// The whole of a scheme.
pub fn explain(scheme: &Scheme, locale: Locale) -> String {
    let speaker = Speaker::of(scheme, locale, Kind::People);
    let language = speaker.language;
    let said = statements(speaker);
    let mut text = format!("{}{}\n", scheme.name(locale), language.aside(scheme.code()));
    let about = scheme.source.about.get(locale);
    if !about.is_empty() {
        let _ = writeln!(text, "{about}");
    }
    for section in Section::ALL {
        let mut here = said.iter().filter(|statement| statement.section == section).peekable();
        if here.peek().is_none() {
            continue;
        }
        let _ = writeln!(text, "\n{}", language.section(section));
        for statement in here {
            let indent = if statement.indent { "    " } else { "  " };
            let _ = writeln!(text, "{indent}{}", statement.sentence(language));
        }
    }
    if let Some(example) = example(scheme, locale) {
        let _ = writeln!(text, "\n{}", language.word(Word::Example));
        for line in example.lines() {
            let _ = writeln!(text, "  {line}");
        }
    }
    text
}
