//! Holds requests to the service's own OpenAPI document, before a handler reads them.
//!
//! What is documented is what is accepted: an unknown query parameter or field, a missing one or one of the wrong
//! type or form is refused, all of them at once, each with its JSON pointer. A handler's types are read
//! afterwards, so they find what the document promises. How long or large something may be is told by the rules.

mod fault;
mod schema;

use std::collections::HashMap;

use actix_web::http::header::{CONTENT_LENGTH, TRANSFER_ENCODING};
use actix_web::{HttpRequest, web};
use serde_json::Value;

pub use fault::Fault;
pub use schema::{BY_RULES, Schemas, Wrong};

use crate::problem::{Code, FieldError, Problem};
use crate::{Result, say};

/// The requests that a service takes.
pub struct Contract {
    schemas: Schemas,
    /// By method and path template.
    operations: HashMap<String, Operation>,
}

#[derive(Default)]
struct Operation {
    query: Vec<Parameter>,
    /// Schema of a JSON body.
    body: Option<Value>,
    takes_body: bool,
}

struct Parameter {
    name: String,
    required: bool,
    schema: Value,
}

impl Contract {
    pub fn new(document: &Value) -> Self {
        let mut operations = HashMap::new();
        for (template, path) in document["paths"].as_object().into_iter().flatten() {
            for (method, described) in path.as_object().into_iter().flatten() {
                operations.insert(format!("{} {template}", method.to_uppercase()), Operation::new(described));
            }
        }
        Self { schemas: Schemas::new(document["components"]["schemas"].clone()), operations }
    }

    /// Refuses a query with parameters that the operation does not have, or that are wrong, and a body where none is
    /// taken. Where a JSON body is to come, the query is told with it: [`Contract::check_body`].
    pub fn check_head(request: &HttpRequest) -> Result<()> {
        match Self::of(request) {
            Some((_, operation)) if operation.body.is_some() => Ok(()),
            Some((_, operation)) if !operation.takes_body && brings_body(request) => Err(no_body_wanted()),
            _ => Self::check_query(request),
        }
    }

    /// Refuses a query with parameters that the operation does not have, or that are wrong.
    pub fn check_query(request: &HttpRequest) -> Result<()> {
        let Some((contract, operation)) = Self::of(request) else { return Ok(()) };
        refuse(contract.wrong_in_query(operation, &pairs(request)))
    }

    /// Refuses a query and a JSON body that are not as the document has them.
    pub fn check_body(request: &HttpRequest, body: &Value) -> Result<()> {
        let Some((contract, operation)) = Self::of(request) else { return Ok(()) };
        let mut wrong = contract.wrong_in_query(operation, &pairs(request));
        if let Some(schema) = &operation.body {
            let mut in_body = contract.schemas.wrong(schema, body);
            // What can be read is left to the rules, so that they tell it together with all else they find.
            in_body.retain(|one| one.fault.is_of_shape());
            wrong.extend(in_body);
        }
        refuse(wrong)
    }

    fn of(request: &HttpRequest) -> Option<(&Self, &Operation)> {
        let contract = request.app_data::<web::Data<Self>>()?;
        let key = format!("{} {}", request.method(), request.match_pattern()?);
        Some((contract.get_ref(), contract.operations.get(&key)?))
    }

    fn wrong_in_query(&self, operation: &Operation, pairs: &[(String, String)]) -> Vec<Wrong> {
        let mut wrong = Vec::new();
        for (at, (name, text)) in pairs.iter().enumerate() {
            let pointer = schema::below("", name);
            let Some(parameter) = operation.query.iter().find(|parameter| parameter.name == *name) else {
                let names = operation.query.iter().map(|parameter| parameter.name.as_str());
                wrong.push(Wrong { pointer, fault: Fault::unknown_parameter(name, names) });
                continue;
            };
            if pairs.iter().position(|(other, _)| other == name) != Some(at) {
                wrong.push(Wrong { pointer, fault: Fault::Twice });
                continue;
            }
            let value = self.schemas.read(&parameter.schema, text);
            self.schemas.check(&parameter.schema, &value, &pointer, &mut wrong);
        }
        for parameter in operation.query.iter().filter(|parameter| parameter.required) {
            if !pairs.iter().any(|(name, _)| *name == parameter.name) {
                wrong.push(Wrong { pointer: schema::below("", &parameter.name), fault: Fault::Missing });
            }
        }
        wrong
    }
}

impl Operation {
    fn new(described: &Value) -> Self {
        let parameters = described["parameters"].as_array().into_iter().flatten();
        let query = parameters.filter(|parameter| parameter["in"] == "query").map(Parameter::new).collect();
        Self {
            query,
            body: described.pointer("/requestBody/content/application~1json/schema").cloned(),
            takes_body: described["requestBody"].is_object(),
        }
    }
}

impl Parameter {
    fn new(described: &Value) -> Self {
        Self {
            name: described["name"].as_str().unwrap_or_default().to_owned(),
            required: described["required"] == true,
            schema: described["schema"].clone(),
        }
    }
}

fn pairs(request: &HttpRequest) -> Vec<(String, String)> {
    let pairs = web::Query::<Vec<(String, String)>>::from_query(request.query_string());
    pairs.map(web::Query::into_inner).unwrap_or_default()
}

/// Whether a request that changes something says more than `{}` or `null`.
fn brings_body(request: &HttpRequest) -> bool {
    let length = request.headers().get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    let says_something = length.is_some_and(|length| length > 4) || request.headers().contains_key(TRANSFER_ENCODING);
    says_something && !request.method().is_safe()
}

fn no_body_wanted() -> Problem {
    Problem::new(Code::MalformedRequest, say!("此操作不接受请求内容", "this operation takes no request body"))
}

fn refuse(wrong: Vec<Wrong>) -> Result<()> {
    if wrong.is_empty() {
        return Ok(());
    }
    Err(Problem::invalid(wrong.into_iter().map(|one| FieldError::new(one.pointer, one.fault.message())).collect()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn contract() -> Contract {
        Contract::new(&json!({
            "paths": { "/v1/plans": { "get": { "parameters": [
                { "name": "cycle", "in": "query", "required": true, "schema": { "type": "string", "format": "uuid" } },
                { "name": "limit", "in": "query", "required": false, "schema": { "type": "integer", "minimum": 1, "maximum": 500 } },
                { "name": "mine", "in": "query", "required": false, "schema": { "type": "boolean" } },
                { "$ref": "#/components/parameters/AcceptLanguage" },
            ] } } },
            "components": { "schemas": {} },
        }))
    }

    fn wrong(query: &str) -> Vec<(String, String)> {
        let contract = contract();
        let pairs = web::Query::<Vec<(String, String)>>::from_query(query).unwrap().into_inner();
        let found = contract.wrong_in_query(&contract.operations["GET /v1/plans"], &pairs);
        found.into_iter().map(|one| (one.pointer, one.fault.message().en)).collect()
    }

    #[test]
    fn given_a_query_as_documented_then_nothing_is_wrong() {
        assert!(wrong("cycle=01a1fbeb-7eb2-72fc-86dc-6ab369cd664e&limit=5&mine=true").is_empty());
    }

    #[test]
    fn given_several_faults_in_a_query_then_all_are_told() {
        let found = wrong("limit=0&mine=yes&limti=5&limit=7");
        let pointers: Vec<&str> = found.iter().map(|(pointer, _)| pointer.as_str()).collect();
        assert_eq!(pointers, ["/limit", "/mine", "/limti", "/limit", "/cycle"]);
        assert!(found[2].1.contains("limit"), "the nearest name is told: {}", found[2].1);
    }
}
