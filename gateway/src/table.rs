//! Which service answers a method and a path: a tree of path segments, made from the OpenAPI documents.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use actix_web::http::Method;
use serde::Deserialize;
use serde_json::Value;

use platform::contract::Fault;
use platform::{FieldError, Problem};

use crate::documents::Documents;
use crate::refusal::Refusal;

const BODY_LIMIT: u64 = 4 << 20;
const FILE_LIMIT: u64 = 32 << 20;
/// The security scheme of access tokens, as the documents call it.
const ACCESS_TOKEN: &str = "bearer";

/// One operation of one service.
#[derive(Debug)]
pub struct Operation {
    pub service: String,
    pub method: Method,
    /// Path template, such as `/v1/plans/{id}`.
    pub template: String,
    /// Whether a token is needed.
    pub authenticated: bool,
    /// Bytes a request body may have.
    pub body_limit: u64,
    /// Query parameters that must have one of these values for this operation to be chosen.
    query: BTreeMap<String, Vec<String>>,
}

#[derive(Debug, Default)]
pub struct Table {
    root: Node,
}

#[derive(Debug, Default)]
struct Node {
    literals: HashMap<String, Node>,
    parameter: Option<Box<Node>>,
    operations: Vec<Operation>,
}

#[derive(Deserialize)]
struct Document {
    #[serde(default)]
    paths: BTreeMap<String, BTreeMap<String, Value>>,
    security: Option<Vec<Value>>,
}

#[derive(Deserialize)]
struct Described {
    security: Option<Vec<Value>>,
    #[serde(default, rename = "x-route-query")]
    query: BTreeMap<String, Vec<String>>,
    #[serde(rename = "requestBody")]
    body: Option<DescribedBody>,
}

#[derive(Deserialize)]
struct DescribedBody {
    #[serde(default)]
    content: BTreeMap<String, Value>,
}

impl Table {
    /// Fails when a document cannot be read or two services claim the same operation.
    pub fn new(documents: &Documents) -> Result<Self, String> {
        let mut table = Self::default();
        for (service, text) in documents {
            let document: Document = serde_json::from_str(text).map_err(|error| format!("{service}: {error}"))?;
            let default_security = document.security.unwrap_or_default();
            for (template, item) in document.paths {
                for (key, value) in item {
                    let Some(method) = method(&key) else { continue };
                    let described: Described = serde_json::from_value(value)
                        .map_err(|error| format!("{service}: {key} {template}: {error}"))?;
                    table.add(operation(service, method, &template, described, &default_security))?;
                }
            }
        }
        Ok(table)
    }

    fn add(&mut self, operation: Operation) -> Result<(), String> {
        let mut node = &mut self.root;
        for segment in segments(&operation.template) {
            node = if segment.starts_with('{') {
                node.parameter.get_or_insert_default()
            } else {
                node.literals.entry(segment.to_owned()).or_default()
            };
        }
        if let Some(other) =
            node.operations.iter().find(|other| other.method == operation.method && other.query == operation.query)
        {
            return Err(format!(
                "{} and {} both claim {} {}",
                other.service, operation.service, operation.method, operation.template
            ));
        }
        node.operations.push(operation);
        // The more a query says, the earlier it is asked.
        node.operations.sort_by_key(|operation| std::cmp::Reverse(operation.query.len()));
        Ok(())
    }

    pub fn find(&self, method: &Method, path: &str, query: &str) -> Result<&Operation, Refusal> {
        let segments: Vec<&str> = segments(path).collect();
        let node = self.root.find(&segments).ok_or_else(Refusal::unknown_address)?;
        // What answers GET answers HEAD; the web server leaves the body out.
        let method = if *method == Method::HEAD { &Method::GET } else { method };
        let of_method = || node.operations.iter().filter(|operation| operation.method == *method);
        if of_method().next().is_none() {
            return Err(Refusal::Method(allowed(&node.operations)));
        }
        let found = of_method().find(|operation| operation.fits(query));
        found.ok_or_else(|| wrong_in_query(of_method(), query).into())
    }
}

/// The methods of an address.
fn allowed(operations: &[Operation]) -> String {
    let mut allowed: BTreeSet<&str> = operations.iter().map(|operation| operation.method.as_str()).collect();
    if allowed.contains("GET") {
        allowed.insert("HEAD");
    }
    allowed.into_iter().collect::<Vec<_>>().join(", ")
}

/// What a query lacks for any of the operations that it tells apart.
fn wrong_in_query<'o>(operations: impl Iterator<Item = &'o Operation>, query: &str) -> Problem {
    let mut known: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (name, values) in operations.flat_map(|operation| &operation.query) {
        known.entry(name).or_default().extend(values.iter().cloned());
    }
    let is_given = |name: &str| pairs(query).any(|(given, _)| given == name);
    let fault = |name: &str, values| if is_given(name) { Fault::NotOneOf(values) } else { Fault::Missing };
    let errors =
        known.into_iter().map(|(name, values)| FieldError::new(format!("/{name}"), fault(name, values).message()));
    Problem::invalid(errors.collect())
}

impl Node {
    /// The node with operations that fits best: a literal segment before a parameter.
    fn find(&self, segments: &[&str]) -> Option<&Self> {
        let Some((first, rest)) = segments.split_first() else {
            return Some(self).filter(|node| !node.operations.is_empty());
        };
        let literal = self.literals.get(*first).and_then(|node| node.find(rest));
        literal.or_else(|| {
            let parameter = self.parameter.as_ref().filter(|_| !matches!(*first, "" | "." | ".."))?;
            parameter.find(rest)
        })
    }
}

impl Operation {
    fn fits(&self, query: &str) -> bool {
        self.query.iter().all(|(name, values)| {
            pairs(query).any(|(given, value)| given == name && values.iter().any(|known| known == value))
        })
    }
}

fn pairs(query: &str) -> impl Iterator<Item = (&str, &str)> {
    query.split('&').filter_map(|pair| pair.split_once('='))
}

fn segments(path: &str) -> std::str::Split<'_, char> {
    path.strip_prefix('/').unwrap_or(path).split('/')
}

fn method(key: &str) -> Option<Method> {
    match key {
        "get" | "put" | "post" | "delete" | "patch" | "head" | "options" => key.to_uppercase().parse().ok(),
        _ => None,
    }
}

fn operation(
    service: &str,
    method: Method,
    template: &str,
    described: Described,
    default_security: &[Value],
) -> Operation {
    let security = described.security.as_deref().unwrap_or(default_security);
    let is_secured = |ways: &Value| ways.as_object().is_some_and(|schemes| schemes.contains_key(ACCESS_TOKEN));
    let takes_files = described.body.is_some_and(|body| body.content.keys().any(|media| !media.contains("json")));
    Operation {
        service: service.to_owned(),
        method,
        template: template.to_owned(),
        // `{}` or another scheme among the requirements makes a token optional: the service decides then.
        authenticated: !security.is_empty() && security.iter().all(is_secured),
        body_limit: if takes_files { FILE_LIMIT } else { BODY_LIMIT },
        query: described.query,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn documents(of: &[(&str, Value)]) -> Documents {
        of.iter()
            .map(|(service, paths)| {
                ((*service).to_owned(), serde_json::json!({ "openapi": "3.1.0", "paths": paths }).to_string())
            })
            .collect()
    }

    fn table() -> Table {
        let secured = serde_json::json!({ "security": [{ "bearer": [] }] });
        let file =
            serde_json::json!({ "security": [{ "bearer": [] }], "requestBody": { "content": { "text/csv": {} } } });
        let of_kinds = |kinds: &[&str]| {
            let mut shared = file.clone();
            shared["x-route-query"] = serde_json::json!({ "kind": kinds });
            shared
        };
        Table::new(&documents(&[
            (
                "organisation",
                serde_json::json!({
                    "/v1/tokens": { "post": {} },
                    "/v1/imports": { "post": of_kinds(&["units", "employees"]) },
                    "/v1/imports/template": { "get": secured },
                }),
            ),
            ("pay", serde_json::json!({ "/v1/imports": { "post": of_kinds(&["pay"]) }, "/v1/imports/{id}": { "get": secured } })),
            (
                "planning",
                serde_json::json!({ "/v1/cycles/{id}": { "get": secured }, "/v1/cycles/{id}/units": { "get": secured } }),
            ),
            ("scoring", serde_json::json!({ "/v1/cycles/{cycle}/close": { "post": secured } })),
        ]))
        .unwrap()
    }

    fn service<'a>(table: &'a Table, method: Method, path: &str, query: &str) -> Option<&'a str> {
        table.find(&method, path, query).ok().map(|operation| operation.service.as_str())
    }

    #[test]
    fn services_may_share_a_prefix_with_parameters() {
        let table = table();
        assert_eq!(service(&table, Method::GET, "/v1/cycles/7", ""), Some("planning"));
        assert_eq!(service(&table, Method::POST, "/v1/cycles/7/close", ""), Some("scoring"));
        assert_eq!(service(&table, Method::GET, "/v1/imports/template", ""), Some("organisation"));
        assert_eq!(service(&table, Method::GET, "/v1/imports/9", ""), Some("pay"));
    }

    #[test]
    fn the_query_tells_shared_operations_apart() {
        let table = table();
        assert_eq!(service(&table, Method::POST, "/v1/imports", "effective_on=2026-01-01&kind=pay"), Some("pay"));
        assert_eq!(service(&table, Method::POST, "/v1/imports", "kind=units"), Some("organisation"));
        let told = |query: &str| match table.find(&Method::POST, "/v1/imports", query) {
            Err(Refusal::Problem(problem)) => {
                problem.errors.into_iter().map(|error| (error.pointer, error.detail.en)).collect::<Vec<_>>()
            }
            other => panic!("{other:?}"),
        };
        let all = "this is one of units, employees, pay";
        assert_eq!(told("kind=people"), [("/kind".to_owned(), all.to_owned())]);
        assert_eq!(told("").len(), 1);
    }

    #[test]
    fn what_answers_get_answers_head() {
        let table = table();
        assert_eq!(service(&table, Method::HEAD, "/v1/cycles/7", ""), Some("planning"));
        let refused = table.find(&Method::PATCH, "/v1/cycles/7", "");
        assert!(matches!(refused, Err(Refusal::Method(allowed)) if allowed == "GET, HEAD"));
        assert!(table.find(&Method::HEAD, "/v1/tokens", "").is_err());
    }

    #[test]
    fn unknown_paths_and_methods_are_told_apart() {
        let table = table();
        for path in ["/v1/cycles", "/v1/cycles/", "/v1/cycles/7/", "/v1/cycles/../close", "/", "", "/v2/tokens"] {
            assert!(matches!(table.find(&Method::GET, path, ""), Err(Refusal::Problem(_))), "{path}");
        }
        let refused = table.find(&Method::DELETE, "/v1/cycles/7/close", "");
        assert!(matches!(refused, Err(Refusal::Method(allowed)) if allowed == "POST"));
    }

    #[test]
    fn only_public_operations_need_no_token_and_only_files_may_be_large() {
        let table = table();
        assert!(!table.find(&Method::POST, "/v1/tokens", "").unwrap().authenticated);
        assert!(table.find(&Method::GET, "/v1/cycles/7", "").unwrap().authenticated);
        assert_eq!(table.find(&Method::POST, "/v1/imports", "kind=pay").unwrap().body_limit, FILE_LIMIT);
        assert_eq!(table.find(&Method::POST, "/v1/tokens", "").unwrap().body_limit, BODY_LIMIT);
    }

    #[test]
    fn two_services_cannot_claim_one_operation() {
        let claimed = serde_json::json!({ "/v1/things": { "get": {} } });
        let refused = Table::new(&documents(&[("pay", claimed.clone()), ("planning", claimed)])).unwrap_err();
        assert_eq!(refused, "pay and planning both claim GET /v1/things");
    }

    #[test]
    fn the_committed_documents_make_a_table() {
        Table::new(&crate::documents::committed()).unwrap();
    }
}
