use std::collections::BTreeMap;

use events::CycleOpened;
use platform::Locale;
use serde::{Deserialize, Serialize};

/// A name in each language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Name {
    pub zh: String,
    pub en: String,
}

/// What the grades of a scheme are called, by code.
pub type GradeNames = BTreeMap<String, Name>;

/// A cycle as mails speak of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cycle {
    pub scheme: Name,
    pub period: String,
    pub grades: GradeNames,
    /// Nothing of it counts.
    pub cancelled: bool,
}

impl Cycle {
    /// What is called by what in a cycle that is opened.
    pub fn opened(opened: &CycleOpened) -> Self {
        let (scheme, grades) = names(&opened.scheme_source, &opened.scheme_code);
        Self { scheme, period: opened.period.clone(), grades, cancelled: false }
    }

    /// What a grade is called; its code where that is not known.
    pub fn grade<'a>(&'a self, code: &'a str, locale: Locale) -> &'a str {
        self.grades.get(code).map_or(code, |name| name.get(locale))
    }
}

impl Name {
    pub fn get(&self, locale: Locale) -> &str {
        match locale {
            Locale::ZhCn => &self.zh,
            Locale::En => &self.en,
        }
    }
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

/// The names in a scheme's source, or its code where the source does not say.
fn names(source: &str, code: &str) -> (Name, GradeNames) {
    match toml::from_str::<Source>(source) {
        Ok(source) => {
            let grades = source.grades.into_iter().map(|grade| (grade.code, grade.label.into()));
            (source.name.into(), grades.collect())
        }
        Err(_) => (Label::One(code.to_owned()).into(), GradeNames::new()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scheme_is_called_by_its_name_or_else_its_code() {
        let (name, _) = names("code = \"x\"\nname = { zh = \"月度考核\", en = \"Monthly\" }\n[extra]\na = 1", "x");
        assert_eq!((name.get(Locale::ZhCn), name.get(Locale::En)), ("月度考核", "Monthly"));
        assert_eq!(names("not toml at all", "x").0.en, "x");
        assert_eq!(names("name = \"Same\"", "x").0.zh, "Same");
    }

    #[test]
    fn a_grade_is_called_by_its_label() {
        let source = "name = \"x\"\ngrades = [{ code = \"good\", label = { zh = \"良好\", en = \"Good\" } }]";
        let (_, grades) = names(source, "x");
        assert_eq!(grades.get("good").map(|name| name.get(Locale::ZhCn)), Some("良好"));
    }
}
