use serde::Deserialize;

use crate::mails::rules::Locale;

/// A scheme's name in each language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemeName {
    pub zh: String,
    pub en: String,
}

#[derive(Deserialize)]
struct Named {
    name: Label,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Label {
    One(String),
    Each { zh: String, en: String },
}

impl SchemeName {
    /// The name in a scheme's source, or its code where the source does not say.
    pub fn of(source: &str, code: &str) -> Self {
        match toml::from_str::<Named>(source).map(|named| named.name) {
            Ok(Label::Each { zh, en }) => Self { zh, en },
            Ok(Label::One(name)) => Self { zh: name.clone(), en: name },
            Err(_) => Self { zh: code.to_owned(), en: code.to_owned() },
        }
    }

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
        let name = SchemeName::of("code = \"x\"\nname = { zh = \"月度考核\", en = \"Monthly\" }\n[extra]\na = 1", "x");
        assert_eq!((name.get(Locale::Chinese), name.get(Locale::English)), ("月度考核", "Monthly"));
        assert_eq!(SchemeName::of("not toml at all", "x").en, "x");
        assert_eq!(SchemeName::of("name = \"Same\"", "x").zh, "Same");
    }
}
