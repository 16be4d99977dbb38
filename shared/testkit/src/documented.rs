//! Answers held to the service's OpenAPI document: every test of an API tests its description, too.

use platform::contract::Schemas;
use serde_json::Value;

use crate::client::Answer;

/// A service's document, to hold its answers to.
pub struct Documented {
    document: Value,
    schemas: Schemas,
}

impl Documented {
    pub fn new(document: Value) -> Self {
        let schemas = Schemas::new(document["components"]["schemas"].clone());
        Self { document, schemas }
    }

    /// Fails the test where an answer is not as it is documented. Addresses that are not documented answer
    /// what they like.
    #[track_caller]
    pub fn check(&self, method: &str, path: &str, answer: &Answer) {
        let Some(operation) = self.operation(method, path) else { return };
        let response = self.resolved(&operation["responses"][answer.status.to_string()]);
        let what = format!("{method} {path} answers {}", answer.status);
        assert!(!response.is_null(), "{what}, which its document does not say: {}", answer.text);
        for header in ["etag", "location", "retry-after"] {
            let named = response["headers"].as_object().into_iter().flatten();
            let is_declared = named.map(|(name, _)| name.to_lowercase()).any(|name| name == header);
            assert!(is_declared || answer.header(header).is_none(), "{what} with {header}, which is not documented");
        }
        let media = answer.header("content-type").and_then(|media| media.split(';').next()).unwrap_or_default();
        let content = response["content"].as_object();
        if answer.text.is_empty() {
            assert!(content.is_none_or(serde_json::Map::is_empty), "{what} without a body, which is documented");
            return;
        }
        let documented = content.and_then(|content| content.get(media));
        assert!(documented.is_some(), "{what} with {media}, which is not documented");
        if let Some(schema) = documented.and_then(|documented| documented.get("schema"))
            && ["application/json", "application/problem+json"].contains(&media)
        {
            let wrong = self.schemas.wrong(schema, &answer.body);
            assert!(wrong.is_empty(), "{what} not as documented: {wrong:?}: {}", answer.text);
        }
    }

    /// The operation of an address: a literal segment counts before a parameter.
    fn operation(&self, method: &str, path: &str) -> Option<&Value> {
        let path = path.split('?').next().unwrap_or_default();
        let parts: Vec<&str> = path.split('/').collect();
        let paths = self.document["paths"].as_object()?.iter();
        let fitting = paths.filter(|(template, _)| fits(template, &parts));
        let (_, item) = fitting.min_by_key(|(template, _)| template.matches('{').count())?;
        item.get(method.to_lowercase())
    }

    fn resolved<'a>(&'a self, value: &'a Value) -> &'a Value {
        let pointer = value["$ref"].as_str().and_then(|reference| reference.strip_prefix('#'));
        pointer.and_then(|pointer| self.document.pointer(pointer)).unwrap_or(value)
    }
}

fn fits(template: &str, parts: &[&str]) -> bool {
    let expected: Vec<&str> = template.split('/').collect();
    expected.len() == parts.len() && expected.iter().zip(parts).all(|(one, part)| one.starts_with('{') || one == part)
}
