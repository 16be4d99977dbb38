use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::mails::rules::Locale;

/// A name in each language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Name {
    pub zh: String,
    pub en: String,
}

/// What the grades of a scheme are called, by code.
pub type GradeNames = BTreeMap<String, Name>;

/// What mails need to know of a scheme.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemeNames {
    pub scheme: Name,
    pub grades: GradeNames,
}

#[derive(Deserialize)]
struct Source {
    name: Label,
    #[serde(default)]
    grades: Vec<Grade>,
}

#[derive(Deserialize)]
struct Grade {
    code: String,
    label: Label,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Label {
    One(String),
    Each(Name),
}

impl From<Label> for Name {
    fn from(label: Label) -> Self {
        match label {
            Label::Each(name) => name,
            Label::One(name) => Self { zh: name.clone(), en: name },
        }
    }
}

impl SchemeNames {
    /// The names in a scheme's source, or its code where the source does not say.
    pub fn of(source: &str, code: &str) -> Self {
        match toml::from_str::<Source>(source) {
            Ok(source) => Self {
                scheme: source.name.into(),
                grades: source.grades.into_iter().map(|grade| (grade.code, grade.label.into())).collect(),
            },
            Err(_) => Self { scheme: Label::One(code.to_owned()).into(), grades: GradeNames::new() },
        }
    }
}

impl Name {
    pub fn get(&self, locale: Locale) -> &str {
        match locale {
            Locale::Chinese => &self.zh,
            Locale::English => &self.en,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scheme_is_called_by_its_name_or_else_its_code() {
        let name =
            SchemeNames::of("code = \"x\"\nname = { zh = \"月度考核\", en = \"Monthly\" }\n[extra]\na = 1", "x").scheme;
        assert_eq!((name.get(Locale::Chinese), name.get(Locale::English)), ("月度考核", "Monthly"));
        assert_eq!(SchemeNames::of("not toml at all", "x").scheme.en, "x");
        assert_eq!(SchemeNames::of("name = \"Same\"", "x").scheme.zh, "Same");
    }

    #[test]
    fn a_grade_is_called_by_its_label() {
        let source = "name = \"x\"\ngrades = [{ code = \"good\", label = { zh = \"良好\", en = \"Good\" } }]";
        let grades = SchemeNames::of(source, "x").grades;
        assert_eq!(grades.get("good").map(|name| name.get(Locale::Chinese)), Some("良好"));
    }
}
