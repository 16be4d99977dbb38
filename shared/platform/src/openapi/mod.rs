//! A service's OpenAPI document: what its routes say of themselves, and what holds for all of them.
//!
//! A route says what is its own: its path, its parameters, its body and what it answers when all is well. What
//! follows from these is added here, in one place: the problems that can be answered, the headers, the language.

mod answers;
mod operation;
mod tags;

use basics::Label;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use utoipa::openapi::RefOr;
use utoipa::openapi::extensions::ExtensionsBuilder;
use utoipa::openapi::schema::{ArrayBuilder, ObjectBuilder, OneOfBuilder, Schema, Type};
use utoipa::{PartialSchema, ToSchema};
use utoipa_actix_web::AppExt;

use crate::contract::BY_RULES;
use crate::problem::ProblemDocument;
use crate::service::Service;
use crate::{Result, operations};

/// Requests and answers as they were recorded, by operation id.
const EXAMPLES: &str = include_str!("../../../../docs/openapi/examples.json");

/// The service's OpenAPI document.
pub fn openapi(service: &Service) -> Result<Value> {
    let mut document = serde_json::to_value(collected(service))?;
    let mut examples: Value = serde_json::from_str(EXAMPLES)?;
    document["info"] = info(&format!("Steelyard {}", service.name), service.about);
    document["servers"] = servers();
    for path in objects(&mut document["paths"]) {
        let template = path.0.clone();
        for (method, described) in objects(path.1) {
            operation::complete(service.name, &template, method, described);
            let id = described["operationId"].as_str().unwrap_or_default().to_owned();
            operation::illustrate(described, examples[&id].take());
        }
    }
    complete_components(&mut document["components"])?;
    close_requests(&mut document);
    answers::describe(&mut document);
    document["tags"] = tags::of(&document["paths"]);
    Ok(document)
}

/// What the routes themselves say.
fn collected(service: &Service) -> utoipa::openapi::OpenApi {
    let (routes, name) = (service.routes.clone(), service.name);
    let described = actix_web::App::new().into_utoipa_app().configure(move |config| {
        routes(config);
        operations::routes(config, name);
    });
    described.split_for_parts().1
}

/// What a document says about itself.
pub fn info(title: &str, about: &str) -> Value {
    json!({
        "title": title,
        "description": format!(
            "{about}\n\nWhat holds for every operation (tokens, errors, languages, versions, pages) is in docs/api.md."
        ),
        "version": env!("CARGO_PKG_VERSION"),
        "license": { "name": "Apache-2.0", "identifier": "Apache-2.0" },
    })
}

/// The tags that the operations of some paths have, explained.
pub fn tags(paths: &Value) -> Value {
    tags::of(paths)
}

/// Documents are served by the gateway that they describe.
pub fn servers() -> Value {
    json!([{ "url": "/", "description": "The gateway that serves this document" }])
}

/// What a request may be one of takes no further fields, as any request's body.
fn close_requests(document: &mut Value) {
    let mut asked = Vec::new();
    for (_, methods) in objects(&mut document["paths"]) {
        for (_, described) in objects(methods) {
            let schema = described.pointer("/requestBody/content/application~1json/schema/$ref");
            asked.extend(schema.and_then(|name| Some(name.as_str()?.rsplit('/').next()?.to_owned())));
        }
    }
    for name in asked {
        let branches = document.pointer_mut(&format!("/components/schemas/{name}/oneOf")).and_then(Value::as_array_mut);
        for branch in branches.into_iter().flatten().filter(|branch| branch["properties"].is_object()) {
            branch["additionalProperties"] = json!(false);
        }
    }
}

fn complete_components(components: &mut Value) -> Result<()> {
    components["securitySchemes"] = json!({
        "bearer": {
            "type": "http", "scheme": "bearer", "bearerFormat": "JWT",
            "description": "An access token from `POST /v1/tokens`. It lives 15 minutes.",
        },
        "bootstrap": {
            "type": "http", "scheme": "bearer",
            "description": "The bootstrap token of whoever runs Steelyard; it founds companies and does nothing else.",
        },
    });
    components["schemas"]["Problem"] = serde_json::to_value(ProblemDocument::schema())?;
    let mut parts = Vec::new();
    ProblemDocument::schemas(&mut parts);
    for (name, part) in parts {
        components["schemas"][name] = serde_json::to_value(part)?;
    }
    refer_from_pages(&mut components["schemas"]);
    components["parameters"] = operation::shared_parameters();
    components["headers"] = answers::shared_headers();
    components["responses"] = answers::shared_responses();
    Ok(())
}

/// A page's items refer to their schema instead of repeating it, so that a client has one type for both.
fn refer_from_pages(schemas: &mut Value) {
    let names: Vec<String> = objects(schemas).map(|(name, _)| name.clone()).collect();
    for (name, schema) in objects(schemas) {
        if let Some(item) = name.strip_prefix("Page_")
            && names.iter().any(|name| name == item)
        {
            schema["properties"]["items"]["items"] = json!({ "$ref": format!("#/components/schemas/{item}") });
        }
    }
}

/// The entries of an object; none of anything else.
fn objects(value: &mut Value) -> impl Iterator<Item = (&String, &mut Value)> {
    value.as_object_mut().into_iter().flat_map(Map::iter_mut)
}

/// What is entered for an input or a fact: a decimal, a code or a day as text, a flag, or several texts; null takes
/// away what was entered.
pub struct EnteredValue;

impl PartialSchema for EnteredValue {
    fn schema() -> RefOr<Schema> {
        let text = || ObjectBuilder::new().schema_type(Type::String);
        let texts = ArrayBuilder::new().items(text()).description(Some("Several values of one input"));
        OneOfBuilder::new()
            .item(text().description(Some("A decimal, a code or a day")))
            .item(ObjectBuilder::new().schema_type(Type::Boolean).description(Some("A flag")))
            .item(texts)
            .item(ObjectBuilder::new().schema_type(Type::Null).description(Some("Nothing")))
            .description(Some("A value that is entered. The scheme decides which of these an input takes."))
            .extensions(Some(ExtensionsBuilder::new().add(BY_RULES, true).build()))
            .into()
    }
}

impl ToSchema for EnteredValue {
    fn name() -> std::borrow::Cow<'static, str> {
        "EnteredValue".into()
    }
}

/// What a code is called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = Label)]
pub struct LabelView {
    /// In Chinese.
    pub zh: String,
    /// In English.
    pub en: String,
}

impl From<Label> for LabelView {
    fn from(label: Label) -> Self {
        Self { zh: label.zh, en: label.en }
    }
}
