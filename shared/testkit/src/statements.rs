//! The statements that a service's source has in SQL, each prepared against its migrated tables.

use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::path::{Path, PathBuf};

use diesel::QueryableByName;
use diesel::sql_types::Text;
use diesel_async::{AsyncPgConnection, RunQueryDsl, SimpleAsyncConnection};
use platform::Service;

use crate::servers::Database;

/// A statement of a source file.
struct Statement {
    file: String,
    line: usize,
    /// None where it is put together.
    text: Option<String>,
}

/// Fails the test where a statement that the source hands to `tx.sql` or `tx.sql_of_all` cannot be prepared, or is put
/// together in a file that is not `composing`. Returns how many there are.
pub async fn check(service: Service, source: &Path, composing: &[&str]) -> usize {
    let database = Database::new(std::slice::from_ref(&service)).await;
    let mut conn = database.connect(service.name).await;
    let (mut count, mut composed, mut wrong) = (0, BTreeSet::new(), Vec::new());
    for statement in files(source).iter().flat_map(|file| statements(file, source)) {
        let Some(text) = statement.text else {
            composed.insert(statement.file);
            continue;
        };
        count += 1;
        if let Err(error) = conn.batch_execute(&format!("prepare statement_{count} as {text}")).await {
            wrong.push(format!("{}:{}: {error}", statement.file, statement.line));
        }
    }
    wrong.extend(functions(&mut conn).await);
    assert!(wrong.is_empty(), "statements that PostgreSQL refuses:\n{}", wrong.join("\n"));
    let composing: BTreeSet<String> = composing.iter().map(|file| (*file).to_owned()).collect();
    assert_eq!(composed, composing, "files that put statements together, and those that may");
    count
}

/// What is wrong with the functions of the service's schema that take nothing: PostgreSQL looks into them only when they are
/// called.
#[allow(clippy::expect_used, reason = "a test fails by panicking")]
async fn functions(conn: &mut AsyncPgConnection) -> Vec<String> {
    #[derive(QueryableByName)]
    struct Function {
        #[diesel(sql_type = Text)]
        name: String,
    }
    let all = "select p.proname::text as name from pg_proc p
        where p.pronamespace = current_schema()::regnamespace and p.pronargs = 0 and p.prorettype = 'void'::regtype";
    let found: Vec<Function> = diesel::sql_query(all).load(conn).await.expect("the functions");
    let mut wrong = Vec::new();
    for Function { name } in found {
        if let Err(error) = conn.batch_execute(&format!("select {name}()")).await {
            wrong.push(format!("{name}(): {error}"));
        }
    }
    wrong
}

/// Fails the test where a file outside of `allowed` sends SQL that is prepared anew at each call.
#[allow(clippy::expect_used, reason = "a test fails by panicking")]
pub fn check_no_bare_sql(source: &Path, allowed: &[&str]) {
    let bare: Vec<String> = files(source)
        .iter()
        .filter(|file| fs::read_to_string(file).expect("a source file").contains("sql_query"))
        .map(|file| file.strip_prefix(source).expect("a file of the folder").display().to_string())
        .collect();
    let mut allowed: Vec<String> = allowed.iter().map(|file| (*file).to_owned()).collect();
    allowed.sort();
    assert_eq!(bare, allowed, "files with sql_query, and those that may have it");
}

#[allow(clippy::expect_used, reason = "a test fails by panicking")]
pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("a folder of sources") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            found.extend(files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// What a file hands to `sql(…)`: a literal, a constant of the same file that is one, or a literal that a macro of the
/// same file completes: `macro_rules! name { ($rest:literal) => { concat!("…", $rest) } }`.
#[allow(clippy::expect_used, reason = "a test fails by panicking")]
fn statements(file: &Path, folder: &Path) -> Vec<Statement> {
    let source = fs::read_to_string(file).expect("a source file");
    let constants = constants(&source);
    let name = file.strip_prefix(folder).expect("a file of the folder").display().to_string();
    let mut found = Vec::new();
    for call in [".sql(", ".sql_of_all("] {
        for (at, _) in source.match_indices(call) {
            let argument = source.get(at + call.len()..).unwrap_or_default().trim_start();
            let text = literal(argument).or_else(|| {
                let name = argument.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default();
                constants.get(name).cloned().or_else(|| completed(&source, name, argument))
            });
            let line = source.get(..at).unwrap_or_default().lines().count();
            found.push(Statement { file: name.clone(), line, text });
        }
    }
    found
}

/// `const NAME: &str = "…"` by name.
fn constants(source: &str) -> HashMap<&str, String> {
    let declared = source.split("const ").skip(1);
    let named = declared.filter_map(|rest| {
        let (name, rest) = rest.split_once(": &str =")?;
        Some((name, literal(rest.trim_start())?))
    });
    named.collect()
}

/// The text that a macro of the file makes of the literal it is given.
fn completed(source: &str, name: &str, argument: &str) -> Option<String> {
    let given = literal(argument.strip_prefix(name)?.strip_prefix("!(")?.trim_start())?;
    let (_, declared) = source.split_once(&format!("macro_rules! {name} {{"))?;
    let (_, mut pieces) = declared.split_once("concat!(")?;
    let mut text = String::new();
    loop {
        pieces = pieces.trim_start_matches([' ', '\n', ',']);
        if let Some(rest) = pieces.strip_prefix("$rest") {
            text.push_str(&given);
            pieces = rest;
        } else if pieces.starts_with('"') {
            text.push_str(&literal(pieces)?);
            pieces = pieces.get(end_of_literal(pieces)?..)?;
        } else {
            return Some(text);
        }
    }
}

/// Where a literal that a source begins with ends.
fn end_of_literal(source: &str) -> Option<usize> {
    let mut is_escaped = false;
    for (at, character) in source.char_indices().skip(1) {
        match character {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '"' => return Some(at + 1),
            _ => {}
        }
    }
    None
}

/// The text of a literal that a source begins with.
fn literal(source: &str) -> Option<String> {
    if let Some(raw) = source.strip_prefix("r#\"") {
        return raw.split_once("\"#").map(|(text, _)| text.to_owned());
    }
    let mut text = String::new();
    let mut characters = source.strip_prefix('"')?.chars();
    loop {
        match characters.next()? {
            '"' => return Some(text),
            '\\' => match characters.next()? {
                'n' => text.push('\n'),
                // A line that goes on.
                '\n' => {
                    let rest = characters.as_str().trim_start();
                    characters = rest.chars();
                }
                escaped => text.push(escaped),
            },
            character => text.push(character),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn given_literals_of_every_kind_when_read_then_their_text_is_found() {
        assert_eq!(literal("\"select 1\").bind()"), Some("select 1".to_owned()));
        assert_eq!(literal("\"a \\\"b\\\" \\\n    c\""), Some("a \"b\" c".to_owned()));
        assert_eq!(literal("r#\"a \"b\"\"#"), Some("a \"b\"".to_owned()));
        assert_eq!(literal("NAME)"), None);
    }

    #[test]
    fn given_a_literal_that_a_macro_completes_when_read_then_the_whole_is_found() {
        let source = "macro_rules! people {\n    ($rest:literal) => { concat!(\"select \\\"name\\\" from people \", $rest, \" limit 1\") };\n}";
        let whole = completed(source, "people", "people!(\"where id = $1\"))");
        assert_eq!(whole, Some("select \"name\" from people where id = $1 limit 1".to_owned()));
    }
}
