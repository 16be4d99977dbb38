//! What is answered: problems by what an operation takes, headers, and words for what has none.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::objects;
use super::operation::first_sentence;
use crate::problem::{Code, FieldError, Problem};
use crate::{Locale, Message};

/// A status with which problems are answered.
struct Refusal {
    status: &'static str,
    /// Name among the shared responses.
    name: &'static str,
    code: Code,
    description: &'static str,
    /// An example of the detail.
    detail: &'static str,
    /// Shared header beside the trace id.
    header: Option<(&'static str, &'static str)>,
}

const fn refusal(
    status: &'static str,
    name: &'static str,
    code: Code,
    description: &'static str,
    detail: &'static str,
) -> Refusal {
    Refusal { status, name, code, description, detail, header: None }
}

const REFUSALS: [Refusal; 14] = [
    refusal(
        "400",
        "MalformedRequest",
        Code::MalformedRequest,
        "The request cannot be read: it is not JSON, or a header is malformed.",
        "the body is not JSON: line 1, column 12",
    ),
    Refusal {
        header: Some(("WWW-Authenticate", "Authenticate")),
        ..refusal(
            "401",
            "Unauthenticated",
            Code::Unauthenticated,
            "There is no access token, or it is not valid or has expired.",
            "send an access token",
        )
    },
    refusal(
        "403",
        "NotPermitted",
        Code::NotPermitted,
        "The caller may not do this; the detail names the permission that is needed.",
        "this needs the permission cycles.open",
    ),
    refusal(
        "404",
        "NotFound",
        Code::NotFound,
        "There is no such thing, or the caller may not know of it.",
        "there is no such cycle",
    ),
    refusal(
        "409",
        "Conflict",
        Code::WrongState,
        "It contradicts what is stored, cannot be done in this state, or something is still missing (`missing`).",
        "the cycle is released",
    ),
    refusal(
        "412",
        "PreconditionFailed",
        Code::PreconditionFailed,
        "It has another version by now: read it again.",
        "the current version is 8; read it again",
    ),
    refusal(
        "413",
        "TooLarge",
        Code::TooLarge,
        "The body is too large: 4 MiB at most, files 32 MiB.",
        "a request body has at most 4194304 bytes here",
    ),
    refusal(
        "415",
        "UnsupportedFormat",
        Code::UnsupportedFormat,
        "The file is not of a format that is read here.",
        "the file is neither an XLSX workbook nor text",
    ),
    refusal(
        "422",
        "ValidationFailed",
        Code::ValidationFailed,
        "The query or the body contains errors; `errors` tells all of them. Or the idempotency key belongs to another request.",
        "a number from 1 to 500 is needed here",
    ),
    refusal(
        "428",
        "PreconditionRequired",
        Code::PreconditionRequired,
        "`If-Match` is missing.",
        "send the ETag you read as `If-Match`",
    ),
    Refusal {
        header: Some(("Retry-After", "RetryAfter")),
        ..refusal(
            "429",
            "TooManyRequests",
            Code::TooManyRequests,
            "Too many requests: wait as `Retry-After` says.",
            "try again in 3 s",
        )
    },
    refusal(
        "500",
        "Internal",
        Code::Internal,
        "A fault of Steelyard's; it is recorded.",
        "the fault has been recorded; try again later",
    ),
    refusal(
        "502",
        "NoAnswer",
        Code::Unavailable,
        "The service did not answer the gateway; what was asked for may have been done. Repeat with the same idempotency key.",
        "the service did not answer",
    ),
    Refusal {
        header: Some(("Retry-After", "RetryAfter")),
        ..refusal(
            "503",
            "Unavailable",
            Code::Unavailable,
            "Not available just now: repeat later, with the same idempotency key.",
            "try again in a moment",
        )
    },
];

/// Headers of answers.
pub fn shared_headers() -> Value {
    json!({
        "TraceId": {
            "description": "Names this request to whoever runs Steelyard.",
            "schema": { "type": "string" }, "example": "4bf92f3577b34da6a3ce929d0e0e4736",
        },
        "Etag": {
            "description": "The version, to be sent as `If-Match` with a change.",
            "schema": { "type": "string" }, "example": "\"7\"",
        },
        "Location": {
            "description": "Where it can be read.",
            "schema": { "type": "string" }, "example": "/v1/cycles/01a1fbeb-7eb2-72fc-86dc-6ab369cd664e",
        },
        "RetryAfter": {
            "description": "Seconds to wait.", "schema": { "type": "integer", "minimum": 0 }, "example": 3,
        },
        "Authenticate": {
            "description": "How to authenticate.", "schema": { "type": "string" }, "example": "Bearer",
        },
    })
}

/// The problems, one for each status.
pub fn shared_responses() -> Value {
    REFUSALS.iter().map(|refusal| (refusal.name.to_owned(), response(refusal))).collect::<Map<_, _>>().into()
}

fn response(refusal: &Refusal) -> Value {
    let mut problem = Problem::new(refusal.code, Message::same(refusal.detail));
    if refusal.code == Code::ValidationFailed {
        problem.errors = vec![FieldError::new("/limit", Message::same(refusal.detail))];
    }
    let mut example = json!(problem.document(Locale::En));
    example["status"] = json!(refusal.status.parse::<u16>().unwrap_or_default());
    let mut headers = json!({ "x-trace-id": header("TraceId") });
    if let Some((name, shared)) = refusal.header {
        headers[name] = header(shared);
    }
    json!({
        "description": refusal.description,
        "headers": headers,
        "content": { "application/problem+json": {
            "schema": { "$ref": "#/components/schemas/Problem" }, "example": example,
        } },
    })
}

fn header(shared: &str) -> Value {
    json!({ "$ref": format!("#/components/headers/{shared}") })
}

/// Declares the problems that an operation can answer, by what it takes, beside those it declares itself.
pub fn problems(template: &str, remembered: bool, operation: &mut Value) {
    let mut statuses = follow(template, remembered, operation);
    let Some(responses) = operation["responses"].as_object_mut() else { return };
    statuses.extend(REFUSALS.iter().map(|refusal| refusal.status).filter(|status| responses.contains_key(*status)));
    responses.retain(|status, _| status.starts_with('2'));
    for refusal in REFUSALS.iter().filter(|refusal| statuses.contains(refusal.status)) {
        let shared = json!({ "$ref": format!("#/components/responses/{}", refusal.name) });
        responses.insert(refusal.status.to_owned(), shared);
    }
}

fn follow(template: &str, remembered: bool, operation: &Value) -> BTreeSet<&'static str> {
    let mut statuses = BTreeSet::from(["429", "500", "502", "503"]);
    let secured = operation["security"].as_array().is_some_and(|ways| ways.iter().any(|way| *way != json!({})));
    if secured {
        // Whoever is signed in is told of a query that is not understood, whatever the operation.
        statuses.extend(["401", "403", "422"]);
    }
    if template.contains('{') {
        statuses.insert("404");
    }
    if remembered {
        statuses.extend(["400", "409", "422"]);
    }
    match matched(operation) {
        Some("IfMatch") => statuses.extend(["400", "412", "428"]),
        Some(_) => statuses.extend(["400", "412"]),
        None => {}
    }
    if let Some(content) = operation["requestBody"]["content"].as_object() {
        statuses.extend(["400", "413", "422"]);
        if content.keys().any(|media| !media.contains("json")) {
            statuses.insert("415");
        }
    }
    statuses
}

fn matched(operation: &Value) -> Option<&str> {
    let list = operation["parameters"].as_array()?.iter();
    let names = list.filter_map(|parameter| parameter["$ref"].as_str()?.rsplit('/').next());
    names.into_iter().find(|name| name.starts_with("IfMatch"))
}

/// Gives every successful answer a description and its headers.
pub fn describe(document: &mut Value) {
    let schemas = document["components"]["schemas"].clone();
    for (_, path) in objects(&mut document["paths"]) {
        for (_, operation) in objects(path) {
            for (status, response) in objects(&mut operation["responses"]) {
                if status.starts_with('2') {
                    describe_success(status, response, &schemas);
                }
            }
        }
    }
}

fn describe_success(status: &str, response: &mut Value, schemas: &Value) {
    let body = response.pointer("/content/application~1json/schema").cloned().unwrap_or_default();
    let schema = resolved(&body, schemas);
    if response["description"].as_str().unwrap_or_default().is_empty() {
        response["description"] = json!(words(status, schema, schemas));
    }
    let mut headers = response.get("headers").cloned().unwrap_or_else(|| json!({}));
    headers["x-trace-id"] = header("TraceId");
    if status == "201" {
        headers["Location"] = header("Location");
    }
    if has_version(schema, schemas) {
        headers["ETag"] = header("Etag");
    }
    response["headers"] = headers;
}

fn words(status: &str, schema: &Value, schemas: &Value) -> String {
    if let Some(items) = schema.pointer("/properties/items") {
        let item = resolved(&items["items"], schemas);
        let about = item.get("description").and_then(Value::as_str).map(first_sentence);
        return about.map_or_else(|| "A list.".to_owned(), |about| format!("A list. Each item: {about}"));
    }
    match (schema["description"].as_str(), status) {
        (Some(about), _) => first_sentence(about),
        (None, "201") => "Created.".to_owned(),
        (None, "202") => "Accepted, and being worked on.".to_owned(),
        (None, "204") => "Done; there is nothing to tell.".to_owned(),
        _ => "Done.".to_owned(),
    }
}

fn resolved<'a>(schema: &'a Value, schemas: &'a Value) -> &'a Value {
    let name = schema["$ref"].as_str().and_then(|reference| reference.rsplit('/').next());
    name.map_or(schema, |name| &schemas[name])
}

/// What has a version of its own carries it as `ETag`.
fn has_version(schema: &Value, schemas: &Value) -> bool {
    let parts = schema["allOf"].as_array().into_iter().flatten();
    let version = &schema["properties"]["version"]["description"];
    version.as_str().is_some_and(|words| words.contains("`ETag`"))
        || parts.into_iter().any(|part| has_version(resolved(part, schemas), schemas))
}
