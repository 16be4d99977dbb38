//! What changes for people when one scheme takes the place of another.

use std::fmt::Write as _;

use super::phrase::Speaker;
use super::statements::{Section, Statement, statements};
use crate::locale::{Label, Locale};
use crate::scheme::Scheme;
use crate::value::Kind;

pub fn diff(before: &Scheme, after: &Scheme, locale: Locale) -> String {
    let said = |scheme: &Scheme| statements(Speaker { values: false, ..Speaker::of(scheme, locale, Kind::People) });
    let (old, new) = (said(before), said(after));
    let speaker = Speaker::of(after, locale, Kind::People);
    let mut text = String::new();
    for section in Section::ALL {
        let lines = changes(&old, &new, section, speaker);
        if !lines.is_empty() {
            let gap = if text.is_empty() { "" } else { "\n" };
            let _ = writeln!(text, "{gap}{}", section.title().get(locale));
            for line in lines {
                let _ = writeln!(text, "  {line}");
            }
        }
    }
    if text.is_empty() {
        text = format!("{}\n", Label::new("对人员没有变化。", "Nothing changes for people.").get(locale));
    }
    text
}

fn changes(old: &[Statement], new: &[Statement], section: Section, speaker: Speaker<'_>) -> Vec<String> {
    let find = |all: &[Statement], key: &str| all.iter().find(|one| one.section == section && one.key == key).cloned();
    let mut lines = Vec::new();
    for statement in old.iter().filter(|one| one.section == section) {
        match find(new, &statement.key) {
            Some(now) => changed(statement, &now, speaker, &mut lines),
            None => lines.push(only(statement, speaker.two("取消：", "No longer: "), speaker)),
        }
    }
    for statement in new.iter().filter(|one| one.section == section) {
        if find(old, &statement.key).is_none() {
            lines.push(only(statement, speaker.two("新增：", "New: "), speaker));
        }
    }
    lines
}

fn only(statement: &Statement, what: &str, speaker: Speaker<'_>) -> String {
    let parts: Vec<String> = statement.parts.iter().map(|(name, value)| format!("{name} {value}")).collect();
    let parts = parts.join(speaker.two("、", ", "));
    let said = [statement.says.as_str(), parts.as_str()];
    let said: Vec<&str> = said.into_iter().filter(|part| !part.is_empty()).collect();
    let between = if said.is_empty() { "" } else { speaker.two("：", ": ") };
    format!("{what}{}{between}{}{}", statement.topic, said.join(speaker.two("；", "; ")), speaker.two("。", "."))
}

/// The sentence as a whole, or the entries that differ one by one.
fn changed(was: &Statement, now: &Statement, speaker: Speaker<'_>, lines: &mut Vec<String>) {
    if was.topic != now.topic {
        lines.push(fill(speaker, "改称：{0} → {1}。", "Renamed: {0} → {1}.", [&was.topic, &now.topic, ""]));
    }
    let topic = &now.topic;
    if was.says != now.says {
        lines.push(fill(
            speaker,
            "{0}：原为“{1}”，改为“{2}”。",
            "{0}: was “{1}”, becomes “{2}”.",
            [topic, &was.says, &now.says],
        ));
    }
    for (name, value) in &was.parts {
        match now.parts.iter().find(|(other, _)| other == name) {
            Some((_, other)) if other == value => {}
            Some((_, other)) => {
                let topic = format!("{topic}{}{name}", speaker.two("，", ", "));
                lines.push(fill(speaker, "{0}：{1} → {2}。", "{0}: {1} → {2}.", [&topic, value, other]));
            }
            None => lines.push(fill(
                speaker,
                "{0}：不再有{1}（原为{2}）。",
                "{0}: no longer {1} (was {2}).",
                [topic, name, value],
            )),
        }
    }
    for (name, value) in now.parts.iter().filter(|(name, _)| !was.parts.iter().any(|(other, _)| other == name)) {
        lines.push(fill(speaker, "{0}：新增{1}（{2}）。", "{0}: {1} is new ({2}).", [topic, name, value]));
    }
}

fn fill(speaker: Speaker<'_>, zh: &str, en: &str, words: [&str; 3]) -> String {
    let mut parts = speaker.two(zh, en).split('{');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (at, rest) = part.split_once('}').unwrap_or(("", part));
        text += at.parse::<usize>().ok().and_then(|at| words.get(at)).unwrap_or(&"");
        text += rest;
    }
    text
}
