//! `docs/glossary.md` has the Chinese terms of shipped schemes by code, and they are what the schemes say.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use domain::scheme::Scheme;

fn page() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/glossary.md")
}

/// Codes with their Chinese names, by the key of the scheme under which they stand, in the order of the scheme.
type Terms = Vec<(String, Vec<(String, String)>)>;

fn collect(kind: &str, value: &toml::Value, found: &mut Terms) {
    match value {
        toml::Value::Array(all) => all.iter().for_each(|one| collect(kind, one, found)),
        toml::Value::Table(table) => {
            let code = ["code", "name", "key"].iter().find_map(|key| table.get(*key).and_then(toml::Value::as_str));
            let term = table.get("label").and_then(|label| label.get("zh")).and_then(toml::Value::as_str);
            if let (Some(code), Some(term)) = (code, term) {
                let term = (code.to_owned(), term.to_owned());
                match found.iter_mut().find(|(known, _)| known == kind) {
                    Some((_, terms)) if terms.contains(&term) => {}
                    Some((_, terms)) => terms.push(term),
                    None => found.push((kind.to_owned(), vec![term])),
                }
            }
            table.iter().for_each(|(key, below)| collect(key, below, found));
        }
        _ => {}
    }
}

fn written(code: &str, toml: &str) -> String {
    let scheme: toml::Value = toml::from_str(toml).unwrap();
    let mut found = Terms::new();
    collect("scheme", &scheme, &mut found);
    let mut text = format!("### `{code}` {}\n\n", scheme["name"]["zh"].as_str().unwrap());
    for (kind, terms) in found {
        let terms: Vec<String> = terms.iter().map(|(code, term)| format!("`{code}` {term}")).collect();
        writeln!(text, "- {}: {}", kind.replace('_', " "), terms.join("; ")).unwrap();
    }
    text
}

#[test]
fn the_terms_of_schemes_are_those_of_their_labels() {
    // Given the glossary, whose last part has a section for each scheme that takes its terms from a policy's text.
    let told = std::fs::read_to_string(page()).unwrap();
    let (head, _) = told.split_once("\n### `").unwrap();
    let sections = Scheme::shipped().iter().filter(|(code, _)| told.contains(&format!("\n### `{code}` ")));
    // When the sections are written anew from the schemes.
    let sections: Vec<String> = sections.map(|(code, toml)| written(code, toml)).collect();
    let wanted = format!("{head}\n{}", sections.join("\n"));
    // Then nothing changes.
    if std::env::var_os("STEELYARD_WRITE_DOCS").is_some() {
        std::fs::write(page(), &wanted).unwrap();
    }
    assert_eq!(sections.len(), Scheme::shipped().len(), "a scheme has no section: add its heading");
    let advice = "bring docs/glossary.md up to date: STEELYARD_WRITE_DOCS=1 cargo test --workspace --test it glossary";
    assert_eq!(told, wanted, "{advice}");
}
