//! `docs/schemes.md` and `README.md` are true: their files are written, their commands run, their output compared.
//!
//! With `STEELYARD_WRITE_DOCS=1` the page is brought up to date instead.

use std::path::{Path, PathBuf};

use crate::{directory, steelyard};

const AGAIN: &str = "STEELYARD_WRITE_DOCS=1 cargo test --workspace --test standalone pages -- --test-threads 1";
const REFERENCE: &str = "<!-- the reference: steelyard scheme reference -->\n";

fn page() -> PathBuf {
    root().join("docs/schemes.md")
}

fn writing() -> bool {
    std::env::var_os("STEELYARD_WRITE_DOCS").is_some()
}

pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Fenced blocks in order; `file=NAME` behind the language names the file that a block is, `append=NAME` one it is added to.
/// In a `console` block a line `…` stands for the rest of an output.
fn played(text: &str, at: &Path) -> String {
    let mut played = String::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        played += &format!("{line}\n");
        let Some(info) = line.strip_prefix("```").filter(|info| !info.is_empty()) else { continue };
        let block: Vec<&str> = lines.by_ref().take_while(|line| *line != "```").collect();
        let body: String = block.iter().map(|line| format!("{line}\n")).collect();
        if let Some((_, name)) = info.split_once("file=") {
            std::fs::write(at.join(name), &body).unwrap();
            played += &body;
        } else if let Some((_, name)) = info.split_once("append=") {
            let before = std::fs::read_to_string(at.join(name)).unwrap();
            std::fs::write(at.join(name), format!("{before}\n{body}")).unwrap();
            played += &body;
        } else if info == "console" {
            for shown in block.chunk_by(|_, next| !next.starts_with("$ ")) {
                let (command, output) = shown.split_first().unwrap();
                let now = run(command.strip_prefix("$ ").unwrap(), at);
                played += &format!("{command}\n{}", shortened(&now, output));
            }
        } else {
            played += &body;
        }
        played += "```\n";
    }
    played
}

fn run(command: &str, at: &Path) -> String {
    let words: Vec<&str> = command.split_whitespace().collect();
    let (first, rest) = words.split_first().unwrap();
    assert_eq!(first.rsplit('/').next(), Some("steelyard"), "only steelyard is run: {command}");
    let ran = steelyard(at, rest);
    format!("{}{}", ran.out, ran.err)
}

/// An output as far as it is shown.
fn shortened(output: &str, shown: &[&str]) -> String {
    match shown.iter().position(|line| line.trim() == "…") {
        None => output.to_owned(),
        Some(lines) => output.lines().take(lines).chain(["…"]).map(|line| format!("{line}\n")).collect(),
    }
}

#[test]
fn given_the_readme_when_its_commands_are_run_then_they_print_what_it_shows() {
    let readme = root().join("README.md");
    let text = std::fs::read_to_string(&readme).unwrap();
    let now = played(&text, &root());
    if writing() {
        std::fs::write(readme, now).unwrap();
        return;
    }
    assert_eq!(now, text, "bring README.md up to date: {AGAIN}");
}

#[test]
fn given_the_guide_when_its_commands_are_run_then_they_print_what_it_shows() {
    let text = std::fs::read_to_string(page()).unwrap();
    let (guide, _) = text.split_once(REFERENCE).unwrap();
    let now = played(guide, &directory("guide"));
    if writing() {
        std::fs::write(page(), text.replacen(guide, &now, 1)).unwrap();
        return;
    }
    assert_eq!(now, guide, "bring docs/schemes.md up to date: {AGAIN}");
}

#[test]
fn given_the_reference_when_compared_with_the_code_then_it_is_the_same() {
    let text = std::fs::read_to_string(page()).unwrap();
    let (guide, reference) = text.split_once(REFERENCE).unwrap();
    let now = format!("\n{}", steelyard(Path::new("."), &["scheme", "reference"]).out);
    if writing() {
        std::fs::write(page(), format!("{guide}{REFERENCE}{now}")).unwrap();
        return;
    }
    assert_eq!(reference, now, "bring docs/schemes.md up to date: {AGAIN}");
}
