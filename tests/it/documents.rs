//! What is written down is what is there.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use serde_json::Value;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

#[test]
fn given_the_services_when_their_api_is_described_then_the_committed_documents_say_the_same() {
    let services = standalone::services::described().unwrap();
    for service in services {
        let committed = std::fs::read_to_string(root().join(format!("docs/openapi/{}.json", service.name))).unwrap();
        let described = serde_json::to_string_pretty(&platform::openapi(&service).unwrap()).unwrap();
        assert!(committed.trim_end() == described, "docs/openapi/{}.json is stale: run `make openapi`", service.name);
    }
}

#[test]
fn given_the_services_when_described_as_a_whole_then_the_committed_document_says_the_same() {
    let whole = standalone::services::described_whole(&standalone::services::described().unwrap()).unwrap();
    let committed = std::fs::read_to_string(root().join("docs/openapi/steelyard.json")).unwrap();
    let described = serde_json::to_string_pretty(&whole).unwrap();
    assert!(committed.trim_end() == described, "docs/openapi/steelyard.json is stale: run `make openapi`");
}

#[test]
fn given_the_documents_when_they_name_a_file_then_it_is_there() {
    let mut pages = vec![root().join("README.md"), root().join("ARCHITECTURE.md"), root().join("CONTRIBUTING.md")];
    for folder in ["docs", "docs/decisions"] {
        let entries = std::fs::read_dir(root().join(folder)).unwrap().flatten().map(|entry| entry.path());
        pages.extend(entries.filter(|path| path.extension().is_some_and(|e| e == "md")));
    }
    let mut broken = Vec::new();
    for page in &pages {
        let text = std::fs::read_to_string(page).unwrap();
        for target in text.split("](").skip(1).filter_map(|rest| rest.split(')').next()) {
            let file = target.split('#').next().unwrap_or_default();
            if !file.is_empty() && !file.contains("://") && !page.parent().unwrap().join(file).exists() {
                broken.push(format!("{}: {target}", page.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{broken:#?}");
}

/// Codes of the shipped schemes that are words of the model or of Rust as well.
const WORDS: [&str; 10] =
    ["total", "results", "service", "first", "left", "undistributed", "leader", "reports", "good", "goals"];

/// What the shipped schemes call themselves, their grades, items, pay components, outcomes and exclusions.
fn codes_of_policies() -> BTreeSet<String> {
    let mut codes = BTreeSet::new();
    for (code, source) in domain::scheme::Scheme::shipped() {
        codes.insert((*code).to_owned());
        let scheme: toml::Table = toml::from_str(source).unwrap();
        let all = |at: &[&str]| -> Vec<toml::Value> {
            let found = at.iter().try_fold(&toml::Value::Table(scheme.clone()), |value, key| value.get(*key)).cloned();
            found.and_then(|found| found.as_array().cloned()).unwrap_or_default()
        };
        let text = |value: &toml::Value, key: &str| value.get(key).and_then(toml::Value::as_str).map(str::to_owned);
        for list in [&["grades"][..], &["outcomes"], &["people", "exclusions"]] {
            codes.extend(all(list).iter().filter_map(|one| text(one, "code")));
        }
        let items = all(&["sheets"]).into_iter().filter_map(|sheet| sheet.get("items")?.as_array().cloned()).flatten();
        codes.extend(items.filter_map(|item| text(&item, "code")));
        let paid = all(&["people", "figures"]).into_iter().filter(|figure| figure.get("pay").is_some());
        codes.extend(paid.filter_map(|figure| text(&figure, "name")));
    }
    codes.retain(|code| !WORDS.contains(&code.as_str()));
    codes
}

#[test]
fn given_the_engine_and_the_services_when_read_then_no_policy_grade_item_or_pay_component_is_named_in_code() {
    let codes = codes_of_policies();
    assert!(codes.len() > 150, "{codes:?}");
    let mut named = Vec::new();
    for folder in ["shared/domain/src", "shared/platform/src", "services", "gateway/src"] {
        for file in rust_files(&root().join(folder)) {
            let is_test = file.components().any(|part| part.as_os_str() == "tests");
            // The XML of a workbook has elements of one letter.
            let is_xml = file.components().any(|part| part.as_os_str() == "tabular");
            if is_test || is_xml || file.ends_with("standalone/src/demonstration.rs") {
                continue;
            }
            let text = std::fs::read_to_string(&file).unwrap();
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            // Examples in API documents are no code, of however many lines.
            let mut in_example = false;
            let lines = code.lines().filter(|line| {
                let is_example = in_example || line.contains("example =");
                in_example = is_example && (in_example || line.contains("#[schema(example =")) && !line.ends_with(")]");
                !is_example && !line.trim_start().starts_with("//")
            });
            let words = lines.flat_map(|line| line.split('"').skip(1).step_by(2));
            named.extend(words.filter(|word| codes.contains(*word)).map(|word| format!("{}: {word}", file.display())));
        }
    }
    assert!(named.is_empty(), "{named:#?}");
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let path = entry.path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            files.push(path);
        }
    }
    files
}

/// A handler as its source has it: its name and its arguments.
fn handlers() -> Vec<(String, String)> {
    let mut files = rust_files(&root().join("services"));
    files.push(root().join("shared/platform/src/operations.rs"));
    let mut found = Vec::new();
    for file in files.iter().filter(|file| !file.components().any(|part| part.as_os_str() == "tests")) {
        let text = std::fs::read_to_string(file).unwrap();
        for described in text.split("#[utoipa::path(").skip(1) {
            let signature = described.split("async fn ").nth(1).and_then(|rest| rest.split(") ->").next());
            let (name, arguments) = signature.and_then(|text| text.split_once('(')).unwrap();
            found.push((name.to_owned(), arguments.to_owned()));
        }
    }
    found
}

/// What a handler asks for and what its description says must be the same thing.
#[test]
fn given_a_handler_when_it_takes_something_then_its_description_says_so() {
    let documents: Vec<Value> =
        standalone::services::described().unwrap().iter().map(|service| platform::openapi(service).unwrap()).collect();
    let (mut wrong, mut seen) = (Vec::new(), 0);
    let handlers = handlers();
    for operation in documents.iter().flat_map(|document| document["paths"].as_object().unwrap().values()) {
        for operation in operation.as_object().unwrap().values() {
            let id = operation["operationId"].as_str().unwrap();
            let own = ["organisation_", "planning_", "scoring_", "pay_", "appeals_", "notification_"];
            let short = own.iter().fold(id.to_owned(), |id, service| id.replacen(service, "", 1));
            let Some((_, arguments)) = handlers.iter().find(|(name, _)| name == id || *name == short) else {
                wrong.push(format!("{id} has no handler of this name"));
                continue;
            };
            seen += 1;
            let takes = |name: &str| operation["parameters"].to_string().contains(&format!("parameters/{name}\""));
            let secured = operation["security"].to_string().contains("bearer");
            for (what, asked, described) in [
                ("a token", arguments.contains("Caller<"), secured),
                ("an idempotency key", arguments.contains(": Write"), takes("IdempotencyKey")),
                ("a version", arguments.contains(": IfMatch"), takes("IfMatch")),
                ("a version or none", arguments.contains(": OptionalIfMatch"), takes("IfMatchOptional")),
                (
                    "a body",
                    arguments.contains("JsonBody<") || arguments.contains("RawBody"),
                    operation.get("requestBody").is_some(),
                ),
            ] {
                if asked != described {
                    wrong.push(format!("{id} takes {what}: {asked}, says so: {described}"));
                }
            }
        }
    }
    assert!(wrong.is_empty() && seen > 100, "{seen}: {wrong:#?}");
}

/// Whoever calls planning or scoring finds a request and an answer as they were recorded.
#[test]
fn given_planning_and_scoring_when_described_then_every_operation_has_an_example() {
    let examples = std::fs::read_to_string(root().join("docs/openapi/examples.json")).unwrap();
    let examples: Value = serde_json::from_str(&examples).unwrap();
    let services = standalone::services::described().unwrap();
    let (mut lacking, mut seen) = (Vec::new(), 0);
    for service in services.iter().filter(|service| ["planning", "scoring"].contains(&service.name)) {
        let document = platform::openapi(service).unwrap();
        for operation in document["paths"].as_object().unwrap().values().filter_map(Value::as_object).flatten() {
            let (_, operation) = operation;
            let id = operation["operationId"].as_str().unwrap();
            lacking.extend(unshown(operation, examples.get(id)).iter().map(|part| format!("{id}: {part}")));
            seen += 1;
        }
    }
    assert!(seen > 100, "{seen} operations");
    assert!(lacking.is_empty(), "have these recorded by .ci/record_examples.py: {lacking:#?}");
}

/// Parts of an operation that no example shows.
fn unshown(operation: &Value, recorded: Option<&Value>) -> Vec<&'static str> {
    let Some(recorded) = recorded else { return vec!["everything"] };
    let is_shown = |part: &str, body: &Value| recorded.get(part).is_some() && body.get("example").is_some();
    let mut found = Vec::new();
    if operation.pointer("/requestBody/content/application~1json").is_some_and(|body| !is_shown("request", body)) {
        found.push("request");
    }
    let answers = operation["responses"].as_object().unwrap().iter();
    for (_, answer) in answers.filter(|(status, _)| status.starts_with('2')) {
        let Some(content) = answer.get("content") else { continue };
        let answers_well = match content.get("application/json") {
            Some(body) => is_shown("answer", body),
            // A file shows what was asked.
            None => recorded.get("query").is_some(),
        };
        if !answers_well {
            found.push("answer");
        }
    }
    found
}
