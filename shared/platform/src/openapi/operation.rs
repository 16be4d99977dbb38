//! One operation: its id, its words, its parameters, and the problems that follow from these.

use std::collections::BTreeSet;

use serde_json::{Value, json};

/// Says of an operation that it does not look at `Idempotency-Key`; not shown.
const NOT_REMEMBERED: &str = "x-not-remembered";

/// Parameters that many operations take.
pub fn shared_parameters() -> Value {
    json!({
        "IfMatch": {
            "name": "If-Match", "in": "header", "required": true, "example": "\"7\"",
            "description": "The `ETag` that was read. Another version by now is refused (412).",
            "schema": { "type": "string" },
        },
        "IfMatchOptional": {
            "name": "If-Match", "in": "header", "required": false, "example": "\"7\"",
            "description": "The `ETag` that was read. It may be left out; when it is sent, another version by now is refused (412).",
            "schema": { "type": "string" },
        },
        "IdempotencyKey": {
            "name": "Idempotency-Key", "in": "header", "required": false,
            "example": "0b0a5f4e-6d3c-4c53-9f0f-7a1f5d1f2c11",
            "description": "A text of the caller's choice. The same request with the same key is done once and gets the first answer again, for 7 days.",
            "schema": { "type": "string", "minLength": 1, "maxLength": 255 },
        },
        "AcceptLanguage": {
            "name": "Accept-Language", "in": "header", "required": false, "example": "zh-CN",
            "description": "The language of texts for people: `zh` (unless said) or `en`.",
            "schema": { "type": "string" },
        },
    })
}

/// Adds to an operation what follows from what it says itself.
pub fn complete(service: &str, template: &str, method: &str, operation: &mut Value) {
    name(service, template, operation);
    word(operation);
    let remembered = remove(operation, NOT_REMEMBERED).is_none() && method != "get" && is_secured(operation);
    parameters(operation, template, remembered);
    super::answers::problems(template, remembered, operation);
}

/// Puts recorded examples beside the schemas of the query, of the request and of the answer.
pub fn illustrate(operation: &mut Value, example: Value) {
    for parameter in operation["parameters"].as_array_mut().into_iter().flatten() {
        let name = parameter["name"].as_str().unwrap_or_default();
        if let (Some("query"), Some(recorded)) = (parameter["in"].as_str(), example["query"].get(name)) {
            parameter["example"] = recorded.clone();
        }
    }
    let request = operation.pointer_mut("/requestBody/content/application~1json");
    if let (Some(body), Some(recorded)) = (request, example.get("request")) {
        body["example"] = recorded.clone();
    }
    for (status, response) in super::objects(&mut operation["responses"]) {
        let answer = response.pointer_mut("/content/application~1json");
        if let (true, Some(body), Some(recorded)) = (status.starts_with('2'), answer, example.get("answer")) {
            body["example"] = recorded.clone();
        }
    }
}

/// What each service offers has the service in its id, so that ids are unique over all documents.
fn name(service: &str, template: &str, operation: &mut Value) {
    if !template.starts_with(&format!("/v1/{service}/")) || operation["tags"] != json!(["operations"]) {
        return;
    }
    let id = operation["operationId"].as_str().unwrap_or_default().to_owned();
    if let Some((verb, rest)) = id.split_once('_') {
        operation["operationId"] = json!(format!("{verb}_{service}_{rest}"));
    }
}

/// The summary is the first sentence, the description is the whole.
fn word(operation: &mut Value) {
    let part = |key: &str| operation[key].as_str().unwrap_or_default().trim().to_owned();
    let (summary, more) = (part("summary"), part("description"));
    let whole = if more.is_empty() { summary } else { format!("{}\n\n{more}", sentence(&summary)) };
    let first = first_sentence(&whole);
    operation["summary"] = json!(first.trim_end_matches('.'));
    operation["description"] = json!(unwrapped(&whole));
}

fn sentence(text: &str) -> String {
    if text.ends_with(['.', ':', '!', '?', '…']) { text.to_owned() } else { format!("{text}.") }
}

/// The first sentence of a text, on one line.
pub fn first_sentence(text: &str) -> String {
    let paragraph = text.split("\n\n").next().unwrap_or_default().replace('\n', " ");
    match paragraph.split_once(". ") {
        Some((first, _)) => format!("{first}."),
        None => paragraph,
    }
}

/// Comments are broken into lines where the code is wide; a paragraph of a document is one line.
fn unwrapped(text: &str) -> String {
    text.split("\n\n").map(|paragraph| paragraph.replace('\n', " ")).collect::<Vec<_>>().join("\n\n")
}

fn parameters(operation: &mut Value, template: &str, remembered: bool) {
    let declared = remove(operation, "parameters").and_then(|list| list.as_array().cloned()).unwrap_or_default();
    let mut parameters: Vec<Value> = Vec::new();
    let mut seen = BTreeSet::new();
    for mut parameter in declared {
        let name = parameter["name"].as_str().unwrap_or_default().to_lowercase();
        if !seen.insert((name.clone(), parameter["in"].as_str().unwrap_or_default().to_owned())) {
            continue;
        }
        match name.as_str() {
            "if-match" if parameter["required"] == true => parameters.push(reference("IfMatch")),
            "if-match" => parameters.push(reference("IfMatchOptional")),
            // These follow from the operation.
            "idempotency-key" | "accept-language" => {}
            _ => {
                explain(&mut parameter, template);
                parameters.push(parameter);
            }
        }
    }
    if remembered {
        parameters.push(reference("IdempotencyKey"));
    }
    parameters.push(reference("AcceptLanguage"));
    operation["parameters"] = Value::Array(parameters);
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/components/parameters/{name}") })
}

/// A parameter of the path is explained by its name and what stands before it.
fn explain(parameter: &mut Value, template: &str) {
    let name = parameter["name"].as_str().unwrap_or_default().to_owned();
    if parameter.get("description").is_none() && parameter["in"] == "path" {
        let before = template.split(&format!("/{{{name}}}")).next().and_then(|path| path.rsplit('/').next());
        let what = match (name.as_str(), before.unwrap_or_default()) {
            ("number", _) => "Employee number".to_owned(),
            ("code", "units") => "Unit code".to_owned(),
            ("code", _) => "Code of the scheme".to_owned(),
            ("version", _) => "Version, from 1 on".to_owned(),
            (_, noun) => format!("Id, as the list `/v1/{noun}` gives it"),
        };
        parameter["description"] = json!(what);
    }
}

fn is_secured(operation: &Value) -> bool {
    let ways = operation["security"].as_array();
    ways.is_some_and(|ways| ways.iter().any(|way| way.get("bearer").is_some()))
}

fn remove(operation: &mut Value, key: &str) -> Option<Value> {
    operation.as_object_mut()?.remove(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_a_comment_over_two_lines_when_described_then_the_summary_is_its_first_sentence() {
        let mut operation = json!({ "summary": "Reads one plan. Whoever may not\nknow of it finds nothing." });
        word(&mut operation);
        assert_eq!(operation["summary"], "Reads one plan");
        assert_eq!(operation["description"], "Reads one plan. Whoever may not know of it finds nothing.");
    }

    #[test]
    fn given_a_version_to_match_when_described_then_a_key_and_a_language_are_taken_too() {
        let mut operation = json!({
            "operationId": "put_plan", "security": [{ "bearer": [] }], "responses": {},
            "parameters": [{ "name": "If-Match", "in": "header", "required": true }],
        });
        complete("planning", "/v1/plans/{id}", "put", &mut operation);
        let named: Vec<&str> =
            operation["parameters"].as_array().unwrap().iter().map(|p| p["$ref"].as_str().unwrap()).collect();
        assert_eq!(named.len(), 3, "{named:?}");
        for status in ["400", "401", "403", "404", "409", "412", "422", "428", "429", "500", "502", "503"] {
            assert!(operation["responses"].get(status).is_some(), "{status}");
        }
        assert!(operation["responses"].get("413").is_none());
    }
}
