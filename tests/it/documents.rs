//! What is written down is what is there.

use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_owned()
}

#[test]
fn given_the_services_when_their_api_is_described_then_the_committed_documents_say_the_same() {
    let services = standalone::services::described().unwrap();
    for service in services {
        let committed = std::fs::read_to_string(root().join(format!("docs/openapi/{}.json", service.name))).unwrap();
        let described =
            serde_json::to_string_pretty(&serde_json::to_value(platform::openapi(&service)).unwrap()).unwrap();
        assert!(committed.trim_end() == described, "docs/openapi/{}.json is stale: run `make openapi`", service.name);
    }
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

#[test]
fn given_the_engine_and_the_services_when_read_then_no_shipped_scheme_is_named_in_code() {
    let codes: Vec<&str> = domain::scheme::Scheme::shipped().iter().map(|(code, _)| *code).collect();
    assert!(!codes.is_empty());
    let mut named = Vec::new();
    for folder in ["shared/domain/src", "services", "gateway/src"] {
        for file in rust_files(&root().join(folder)) {
            let is_test = file.components().any(|part| part.as_os_str() == "tests");
            if is_test || file.ends_with("standalone/src/demonstration.rs") {
                continue;
            }
            let text = std::fs::read_to_string(&file).unwrap();
            let code = text.split("#[cfg(test)]").next().unwrap_or_default();
            for line in code.lines().filter(|line| !line.trim_start().starts_with("//")) {
                named.extend(
                    codes
                        .iter()
                        .filter(|c| line.contains(&format!("\"{c}\"")))
                        .map(|c| format!("{}: {c}", file.display())),
                );
            }
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
