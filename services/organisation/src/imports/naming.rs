//! What a file calls units: their codes, or names that people know them by.

use std::collections::{BTreeMap, BTreeSet};

use basics::nearest;
use basics::text::alike;
use platform::{Message, say};

const MOST_NAMED: usize = 3;

/// All units by their codes and names.
#[derive(Debug, Default)]
pub struct UnitNames {
    names_by_code: BTreeMap<String, String>,
    /// Codes by what is alike in codes and names.
    codes_by_name: BTreeMap<String, BTreeSet<String>>,
}

impl UnitNames {
    pub fn of<'a>(units: impl Iterator<Item = (&'a str, &'a str)>) -> Self {
        let mut names = Self::default();
        for (code, name) in units {
            names.names_by_code.insert(code.to_owned(), name.to_owned());
            names.codes_by_name.entry(alike(name)).or_default().insert(code.to_owned());
        }
        names
    }

    /// The code of the unit that is meant: a code goes before a name, and a name counts when only one unit has it.
    pub fn code_of(&self, text: &str) -> Option<&str> {
        if let Some((code, _)) = self.names_by_code.get_key_value(text) {
            return Some(code);
        }
        let codes = self.codes_by_name.get(&alike(text)).filter(|codes| codes.len() == 1)?;
        codes.first().map(String::as_str)
    }

    /// What to write instead of a text that means no unit or several.
    pub fn what_to_write(&self, text: &str) -> Message {
        if let Some(several) = self.codes_by_name.get(&alike(text)) {
            let codes = several.iter().take(MOST_NAMED).map(String::as_str).collect::<Vec<_>>().join(", ");
            return say!(
                "有 {} 个部门名为{text}，请填写部门编码，如 {codes}",
                "{} units are called {text}; write the code of one: {codes}",
                several.len()
            );
        }
        let near = self.near(text);
        if near.is_empty() {
            return say!("没有部门 {text}", "there is no unit {text}");
        }
        let named = near.iter().map(|code| format!("{code} ({})", self.name(code))).collect::<Vec<_>>().join(", ");
        say!("没有部门 {text}，是否指 {named}？", "there is no unit {text}; perhaps {named}")
    }

    fn name(&self, code: &str) -> &str {
        self.names_by_code.get(code).map_or("", String::as_str)
    }

    /// Units whose code or name is nearly this text, or of which one holds the other.
    fn near(&self, text: &str) -> Vec<&str> {
        let text = alike(text);
        if text.chars().count() < 2 {
            return Vec::new();
        }
        let holds = |name: &str| name.chars().count() > 1 && (text.contains(name) || name.contains(&text));
        let mut codes: Vec<&str> = self
            .codes_by_name
            .iter()
            .filter(|(name, _)| holds(name))
            .flat_map(|(_, codes)| codes.iter().map(String::as_str))
            .collect();
        let all: BTreeMap<String, &str> = self.names_by_code.keys().map(|code| (alike(code), code.as_str())).collect();
        let name = nearest(&text, self.codes_by_name.keys().map(String::as_str));
        codes.extend(name.and_then(|name| self.codes_by_name.get(name)).into_iter().flatten().map(String::as_str));
        codes.extend(nearest(&text, all.keys().map(String::as_str)).and_then(|code| all.get(code)));
        let mut once = BTreeSet::new();
        codes.retain(|code| once.insert(*code));
        codes.truncate(MOST_NAMED);
        codes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names() -> UnitNames {
        let units = [("WH", "仓储部"), ("HR", "人事部"), ("S1", "销售组"), ("S2", "销售组"), ("NET", "网络 (北京)")];
        UnitNames::of(units.into_iter())
    }

    #[test]
    fn given_a_code_or_a_name_of_one_unit_then_it_is_that_unit() {
        for (text, code) in [("WH", "WH"), ("仓储部", "WH"), ("网络 （北京）", "NET")] {
            assert_eq!(names().code_of(text), Some(code), "{text}");
        }
        let twisted = UnitNames::of([("A", "B"), ("B", "A")].into_iter());
        assert_eq!(twisted.code_of("A"), Some("A"));
    }

    #[test]
    fn given_a_name_of_several_or_of_none_then_it_is_said_what_to_write() {
        let wrong = |text: &str| {
            assert_eq!(names().code_of(text), None);
            names().what_to_write(text).en
        };
        assert_eq!(wrong("销售组"), "2 units are called 销售组; write the code of one: S1, S2");
        assert_eq!(wrong("仓储部（北京）"), "there is no unit 仓储部（北京）; perhaps WH (仓储部)");
        assert_eq!(wrong("wh"), "there is no unit wh; perhaps WH (仓储部)");
        assert_eq!(wrong("完全不同的东西"), "there is no unit 完全不同的东西");
    }
}
