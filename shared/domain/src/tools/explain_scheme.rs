//! A policy in plain sentences, from the data: what an employee would be told.

use std::fmt::Write as _;

use super::example::example;
use super::phrase::Speaker;
use super::statements::{Section, Statement, statements};
use crate::locale::Locale;
use crate::scheme::Scheme;
use crate::value::Kind;

pub fn explain(scheme: &Scheme, locale: Locale) -> String {
    let speaker = Speaker::of(scheme, locale, Kind::People);
    let said = statements(speaker);
    let mut text =
        format!("{}{}{}{}\n", scheme.name(locale), speaker.two("（", " ("), scheme.code(), speaker.two("）", ")"));
    let about = scheme.source.about.get(locale);
    if !about.is_empty() {
        let _ = writeln!(text, "{about}");
    }
    for section in Section::ALL {
        let mut here = said.iter().filter(|statement| statement.section == section).peekable();
        if here.peek().is_none() {
            continue;
        }
        let _ = writeln!(text, "\n{}", section.title().get(locale));
        for statement in here {
            let indent = if statement.indent { "    " } else { "  " };
            let _ = writeln!(text, "{indent}{}", sentence(statement, speaker));
        }
    }
    if let Some(example) = example(scheme, locale) {
        let title = speaker.two("算例（数字为虚构）", "A worked example, with made-up figures");
        let _ = writeln!(text, "\n{title}");
        for line in example.lines() {
            let _ = writeln!(text, "  {line}");
        }
    }
    text
}

/// "Grade: by score: A from 90, B from 75."
fn sentence(statement: &Statement, speaker: Speaker<'_>) -> String {
    let parts: Vec<String> = statement.parts.iter().map(|(name, value)| format!("{name} {value}")).collect();
    let parts = parts.join(speaker.two("、", ", "));
    let said = [statement.says.as_str(), parts.as_str()];
    let said: Vec<&str> = said.into_iter().filter(|part| !part.is_empty()).collect();
    let said = said.join(speaker.two("；", "; "));
    if said.is_empty() {
        return statement.topic.clone();
    }
    format!("{}{}{said}{}", statement.topic, speaker.two("：", ": "), speaker.two("。", "."))
}
