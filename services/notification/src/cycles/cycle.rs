use std::collections::BTreeMap;

use events::CycleOpened;
use jiff::civil::Date;
use platform::Locale;
use serde::{Deserialize, Serialize};

/// A name in each language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Name {
    pub zh: String,
    pub en: String,
}

/// A stage, with what it is called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stage {
    pub code: String,
    pub name: Name,
    pub due: Option<Date>,
}

/// What the grades of a scheme are called, by code.
pub type GradeNames = BTreeMap<String, Name>;

/// A cycle as mails speak of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cycle {
    pub scheme: Name,
    pub period: String,
    pub grades: GradeNames,
    /// Of one of several cycles for the same period.
    pub name: Option<String>,
    /// In their order.
    pub stages: Vec<Stage>,
    /// Nothing of it counts.
    pub cancelled: bool,
}

impl Cycle {
    /// What is called by what in a cycle that is opened.
    pub fn opened(opened: &CycleOpened) -> Self {
        let Names { scheme, grades, stages } = names(&opened.scheme_source, &opened.scheme_code);
        let stage = |stage: &events::Stage| Stage {
            code: stage.code.clone(),
            name: stages.get(&stage.code).cloned().unwrap_or_else(|| Label::One(stage.code.clone()).into()),
            due: stage.due,
        };
        Self {
            scheme,
            period: opened.period.clone(),
            grades,
            name: opened.name.clone(),
            stages: opened.stages.iter().map(stage).collect(),
            cancelled: false,
        }
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
    grades: Vec<Coded>,
    #[serde(default)]
    stages: Vec<Coded>,
}

/// A grade or a stage.
#[derive(Deserialize)]
struct Coded {
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

/// What a scheme, its grades and its stages are called.
struct Names {
    scheme: Name,
    grades: GradeNames,
    stages: BTreeMap<String, Name>,
}

/// The names in a scheme's source, or its code where the source does not say.
fn names(source: &str, code: &str) -> Names {
    let by_code = |coded: Vec<Coded>| coded.into_iter().map(|coded| (coded.code, Name::from(coded.label))).collect();
    match toml::from_str::<Source>(source) {
        Ok(source) => {
            Names { scheme: source.name.into(), grades: by_code(source.grades), stages: by_code(source.stages) }
        }
        Err(_) => {
            Names { scheme: Label::One(code.to_owned()).into(), grades: GradeNames::new(), stages: BTreeMap::new() }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scheme_is_called_by_its_name_or_else_its_code() {
        let name = names("code = \"x\"\nname = { zh = \"月度考核\", en = \"Monthly\" }\n[extra]\na = 1", "x").scheme;
        assert_eq!((name.get(Locale::ZhCn), name.get(Locale::En)), ("月度考核", "Monthly"));
        assert_eq!(names("not toml at all", "x").scheme.en, "x");
        assert_eq!(names("name = \"Same\"", "x").scheme.zh, "Same");
    }

    #[test]
    fn a_grade_is_called_by_its_label() {
        let source = "name = \"x\"\ngrades = [{ code = \"good\", label = { zh = \"良好\", en = \"Good\" } }]";
        let grades = names(source, "x").grades;
        assert_eq!(grades.get("good").map(|name| name.get(Locale::ZhCn)), Some("良好"));
    }
}
