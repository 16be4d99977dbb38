//! One document of the whole API, made of the services' documents.
//!
//! Schemas of one name that are the same in all services are taken once; where they differ, each carries the name
//! of its service, so that none overwrites another. An operation that services share and the query tells apart
//! is described once, with what all of them take and answer.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value, json};

use crate::documents::Documents;

const SCHEMA: &str = "#/components/schemas/";

/// The document of all services. Fails when a document is not JSON, or operations cannot be told apart.
pub fn merged(documents: &Documents) -> Result<Value, String> {
    let mut parsed: BTreeMap<String, Value> = BTreeMap::new();
    for (service, text) in documents {
        let document = serde_json::from_str(text).map_err(|error| format!("{service}: {error}"))?;
        parsed.insert(service.clone(), document);
    }
    let apart = differing(&parsed);
    let mut whole = json!({
        "openapi": "3.1.0",
        "info": platform::openapi::info("Steelyard", "A company's performance appraisal: all services in one document."),
        "servers": platform::openapi::servers(),
        "paths": {},
        "components": {},
    });
    for (service, mut document) in parsed {
        rename(&service, &apart, &mut document);
        for (kind, parts) in taken_object(&mut document["components"]) {
            add_parts(&mut whole["components"][&kind], parts);
        }
        for (path, methods) in taken_object(&mut document["paths"]) {
            for (method, operation) in methods.as_object().cloned().unwrap_or_default() {
                add_operation(&mut whole["paths"][&path][&method], operation);
            }
        }
    }
    whole["tags"] = platform::openapi::tags(&whole["paths"]);
    Ok(whole)
}

fn taken_object(value: &mut Value) -> Map<String, Value> {
    value.take().as_object().cloned().unwrap_or_default()
}

/// Names of schemas that services understand differently, and of those that refer to such.
fn differing(documents: &BTreeMap<String, Value>) -> BTreeSet<String> {
    let mut defined: BTreeMap<&str, Vec<&Value>> = BTreeMap::new();
    for document in documents.values() {
        for (name, schema) in document["components"]["schemas"].as_object().into_iter().flatten() {
            defined.entry(name).or_default().push(schema);
        }
    }
    defined.retain(|_, schemas| schemas.len() > 1);
    let is_apart = |schemas: &[&Value]| schemas.windows(2).any(|two| two.first() != two.last());
    let mut apart: BTreeSet<String> =
        defined.iter().filter(|(_, schemas)| is_apart(schemas)).map(|(name, _)| (*name).to_owned()).collect();
    loop {
        let refers = |schema: &Value| references(schema).iter().any(|name| apart.contains(*name));
        let more: Vec<String> = defined
            .iter()
            .filter(|(name, schemas)| !apart.contains(**name) && schemas.iter().any(|schema| refers(schema)))
            .map(|(name, _)| (*name).to_owned())
            .collect();
        if more.is_empty() {
            return apart;
        }
        apart.extend(more);
    }
}

fn references(value: &Value) -> Vec<&str> {
    match value {
        Value::Object(fields) => {
            let own = fields.get("$ref").and_then(Value::as_str).and_then(|to| to.strip_prefix(SCHEMA));
            own.into_iter().chain(fields.values().flat_map(references)).collect()
        }
        Value::Array(items) => items.iter().flat_map(references).collect(),
        _ => Vec::new(),
    }
}

/// Gives the schemas that differ their service's name, and what refers to them.
fn rename(service: &str, apart: &BTreeSet<String>, document: &mut Value) {
    rename_references(service, apart, document);
    let schemas = taken_object(&mut document["components"]["schemas"]);
    let named = schemas.into_iter().map(|(name, schema)| (own_name(service, apart, &name), schema));
    document["components"]["schemas"] = Value::Object(named.collect());
}

fn rename_references(service: &str, apart: &BTreeSet<String>, value: &mut Value) {
    match value {
        Value::Object(fields) => {
            if let Some(Value::String(to)) = fields.get_mut("$ref")
                && let Some(name) = to.strip_prefix(SCHEMA)
            {
                *to = format!("{SCHEMA}{}", own_name(service, apart, name));
            }
            fields.values_mut().for_each(|value| rename_references(service, apart, value));
        }
        Value::Array(items) => items.iter_mut().for_each(|value| rename_references(service, apart, value)),
        _ => {}
    }
}

fn own_name(service: &str, apart: &BTreeSet<String>, name: &str) -> String {
    if !apart.contains(name) {
        return name.to_owned();
    }
    let (first, rest) = service.split_at(service.chars().next().map_or(0, char::len_utf8));
    format!("{}{rest}{name}", first.to_uppercase())
}

fn add_parts(whole: &mut Value, parts: Value) {
    for (name, part) in parts.as_object().cloned().unwrap_or_default() {
        whole[&name] = part;
    }
}

fn add_operation(whole: &mut Value, mut operation: Value) {
    if let Some(fields) = operation.as_object_mut() {
        fields.remove("x-route-query");
    }
    if whole.is_null() {
        *whole = operation;
        return;
    }
    for key in ["summary", "description"] {
        let (one, other) = (whole[key].as_str().unwrap_or_default(), operation[key].as_str().unwrap_or_default());
        let between = if key == "summary" { "; " } else { "\n\n" };
        whole[key] = json!(format!("{one}{between}{other}"));
    }
    for tag in operation["tags"].as_array().cloned().unwrap_or_default() {
        add_once(&mut whole["tags"], tag);
    }
    let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
    for held in whole["parameters"].as_array_mut().into_iter().flatten() {
        if !parameters.iter().any(|parameter| is_same(held, parameter)) {
            let_it_be_absent(held);
        }
    }
    for parameter in parameters {
        add_parameter(&mut whole["parameters"], parameter);
    }
    if operation["requestBody"].is_object() {
        add_parts(&mut whole["requestBody"]["content"], operation["requestBody"]["content"].take());
    }
    for (status, response) in taken_object(&mut operation["responses"]) {
        add_response(&mut whole["responses"][&status], response);
    }
}

fn add_once(list: &mut Value, item: Value) {
    if let Some(items) = list.as_array_mut()
        && !items.contains(&item)
    {
        items.push(item);
    }
}

fn is_same(one: &Value, other: &Value) -> bool {
    one["name"] == other["name"] && one["in"] == other["in"] && one["$ref"] == other["$ref"]
}

/// What only one of the operations has, requests to the other do without.
fn let_it_be_absent(parameter: &mut Value) {
    if parameter["required"] == true && parameter["in"] != "path" {
        parameter["required"] = json!(false);
    }
}

/// A parameter that both have is needed if both need it, and may be what either allows.
fn add_parameter(list: &mut Value, mut parameter: Value) {
    let Some(items) = list.as_array_mut() else { return };
    match items.iter_mut().find(|other| is_same(other, &parameter)) {
        None => {
            let_it_be_absent(&mut parameter);
            items.push(parameter);
        }
        Some(held) => {
            held["required"] = json!(held["required"] == true && parameter["required"] == true);
            for value in parameter["schema"]["enum"].as_array().cloned().unwrap_or_default() {
                add_once(&mut held["schema"]["enum"], value);
            }
            if held.get("$ref").is_some()
                && let Some(fields) = held.as_object_mut()
            {
                fields.remove("required");
                fields.remove("schema");
            }
        }
    }
}

fn add_response(whole: &mut Value, response: Value) {
    if whole.is_null() {
        *whole = response;
    } else if *whole != response {
        for (media, content) in response["content"].as_object().cloned().unwrap_or_default() {
            let held = &mut whole["content"][&media];
            *held = match held.take() {
                Value::Null => content,
                one if one["schema"] == content["schema"] => one,
                one => json!({ "schema": { "anyOf": [one["schema"], content["schema"]] } }),
            };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(path: &str, operation: Value, schemas: Value) -> String {
        json!({ "openapi": "3.1.0", "paths": { path: { "post": operation } }, "components": { "schemas": schemas } })
            .to_string()
    }

    fn both(one: Value, other: Value) -> Value {
        let answer = |name: &str| json!({ "responses": { "200": { "$ref": format!("{SCHEMA}{name}") } } });
        let documents = Documents::from([
            ("pay".to_owned(), document("/v1/pay", answer("State"), one)),
            ("scoring".to_owned(), document("/v1/score", answer("State"), other)),
        ]);
        merged(&documents).unwrap()
    }

    #[test]
    fn given_schemas_that_are_the_same_then_they_are_taken_once() {
        let whole = both(json!({ "State": { "enum": ["a"] } }), json!({ "State": { "enum": ["a"] } }));
        assert_eq!(whole["components"]["schemas"], json!({ "State": { "enum": ["a"] } }));
    }

    #[test]
    fn given_schemas_that_differ_then_they_and_what_refers_to_them_carry_their_services_name() {
        let refers = json!({ "properties": { "inner": { "$ref": format!("{SCHEMA}Inner") } } });
        let whole = both(
            json!({ "State": refers, "Inner": { "enum": ["a"] } }),
            json!({ "State": refers, "Inner": { "enum": ["b"] } }),
        );
        let schemas = whole["components"]["schemas"].as_object().unwrap();
        assert_eq!(schemas.keys().collect::<Vec<_>>(), ["PayInner", "PayState", "ScoringInner", "ScoringState"]);
        assert_eq!(schemas["PayState"]["properties"]["inner"]["$ref"], format!("{SCHEMA}PayInner"));
        assert_eq!(whole["paths"]["/v1/score"]["post"]["responses"]["200"]["$ref"], format!("{SCHEMA}ScoringState"));
    }

    #[test]
    fn given_an_operation_that_services_share_then_it_takes_and_answers_what_either_does() {
        let kind = |kind: &str, answer: &str| {
            json!({
                "operationId": format!("import_{kind}"), "summary": format!("Imports {kind}"), "tags": [kind],
                "parameters": [{ "name": "kind", "in": "query", "required": true, "schema": { "enum": [kind] } },
                    { "$ref": "#/components/parameters/AcceptLanguage" }],
                "responses": { "200": { "content": { "application/json": { "schema": { "type": answer } } } } },
            })
        };
        let documents = Documents::from([
            ("organisation".to_owned(), document("/v1/imports", kind("units", "object"), json!({}))),
            ("pay".to_owned(), document("/v1/imports", kind("pay", "array"), json!({}))),
        ]);
        let operation = merged(&documents).unwrap()["paths"]["/v1/imports"]["post"].clone();
        assert_eq!(operation["operationId"], "import_units");
        assert_eq!(operation["tags"], json!(["units", "pay"]));
        assert_eq!(operation["parameters"][0]["schema"]["enum"], json!(["units", "pay"]));
        assert_eq!(operation["parameters"][1], json!({ "$ref": "#/components/parameters/AcceptLanguage" }));
        let answer = &operation["responses"]["200"]["content"]["application/json"]["schema"]["anyOf"];
        assert_eq!(*answer, json!([{ "type": "object" }, { "type": "array" }]));
    }
}
