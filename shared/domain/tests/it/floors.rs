//! The engine stands on floors, each of which knows only those beneath it: expression, scheme, case, evaluate, words.

use std::path::{Path, PathBuf};

const FLOORS: [&str; 5] = ["expression", "scheme", "case", "evaluate", "words"];

fn sources(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { sources(&path) } else { vec![path] }).collect()
}

/// The modules of the crate that a file names outside of its comments.
fn named(text: &str) -> impl Iterator<Item = &str> {
    let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
    code.flat_map(|line| line.split("crate::").skip(1))
        .map(|rest| rest.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap())
}

#[test]
fn each_floor_knows_only_those_beneath_it() {
    // Given the sources of the engine.
    let src = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/src"));
    let floor = |name: &str| FLOORS.iter().position(|floor| *floor == name);
    let mut upward = Vec::new();
    let mut downward = 0;
    // When what each file names is looked at.
    for file in sources(src) {
        let within = file.strip_prefix(src).unwrap().with_extension("");
        let Some(own) = within.iter().next().and_then(|top| floor(top.to_str().unwrap())) else { continue };
        let text = std::fs::read_to_string(&file).unwrap();
        for other in named(&text).filter_map(floor) {
            match other.cmp(&own) {
                std::cmp::Ordering::Greater => upward.push(format!("{} knows {}", within.display(), FLOORS[other])),
                _ => downward += 1,
            }
        }
    }
    // Then no arrow goes up.
    assert!(downward > 50, "only {downward} arrows were seen");
    assert!(upward.is_empty(), "{upward:#?}");
}
