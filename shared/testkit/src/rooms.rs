//! Which file of a service uses which. In a noun's folder arrows run routes → rules → noun ← rows and never back.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::statements::files;

/// A module by its path in the crate: `["sheets", "rows"]`.
type Module = Vec<String>;

/// Fails the test where a file of a service's source uses one that it must not:
/// - nobody uses `routes.rs` but who puts the service together;
/// - `rules.rs` uses no `rows.rs`, and `rows.rs` no `rules.rs`;
/// - no two files use each other, directly or by way of others.
///
/// `known` are such faults that are still there, as the test names them.
pub fn check(source: &Path, known: &[&str]) {
    let uses = uses(source);
    let mut faults: Vec<String> = uses.iter().flat_map(|(file, used)| backward(file, used)).collect();
    faults.extend(circles(&uses));
    assert_eq!(faults, known, "uses that run back, and those that are known");
}

/// Uses by file; `lib.rs` and `main.rs` put together what there is, and may use everything.
#[allow(clippy::expect_used, reason = "a test fails by panicking")]
fn uses(source: &Path) -> BTreeMap<String, BTreeSet<String>> {
    let paths = files(source);
    let name = |path: &Path| path.strip_prefix(source).expect("a file of the folder").display().to_string();
    let modules: BTreeMap<Module, String> = paths.iter().map(|path| (module(&name(path)), name(path))).collect();
    let of_module = |(module, file): (&Module, &String)| {
        let text = fs::read_to_string(source.join(file)).expect("a source file");
        let mut used = used(&text, module, &modules);
        used.remove(file);
        (file.clone(), used)
    };
    modules.iter().filter(|(module, file)| !module.is_empty() && *file != "main.rs").map(of_module).collect()
}

fn module(file: &str) -> Module {
    let path = file.trim_end_matches(".rs");
    path.split('/').filter(|part| !matches!(*part, "mod" | "lib")).map(str::to_owned).collect()
}

/// The files whose modules a text uses, apart from its tests.
fn used(text: &str, module: &[String], modules: &BTreeMap<Module, String>) -> BTreeSet<String> {
    let text = text.split("#[cfg(test)]").next().unwrap_or_default();
    let code: Vec<&str> = text.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let code = code.join("\n");
    let mut names: BTreeMap<String, Module> = BTreeMap::new();
    let mut named: Vec<Module> = Vec::new();
    for (path, name) in trees(&code).into_iter().flat_map(paths) {
        if let Some(path) = resolved(&path, module, &names) {
            names.insert(name, path.clone());
            named.push(path);
        }
    }
    named.extend(written(&code).iter().filter_map(|path| resolved(path, module, &names)));
    // A module that is merely named does nothing yet; what is taken out of it does.
    named.iter().filter(|path| !modules.contains_key(*path)).filter_map(|path| file_of(path, modules)).collect()
}

/// What stands between `use` and `;`.
fn trees(code: &str) -> Vec<&str> {
    let begins = |at: &usize| {
        let line = code.get(..*at).unwrap_or_default().rsplit('\n').next().unwrap_or_default().trim();
        line.is_empty() || line.starts_with("pub")
    };
    let starts = code.match_indices("use ").map(|(at, _)| at).filter(begins);
    starts.filter_map(|at| Some(code.get(at + "use ".len()..)?.split_once(';')?.0)).collect()
}

/// The paths of a `use`, each with the name that it gets.
fn paths(tree: &str) -> Vec<(Vec<String>, String)> {
    let tree = tree.trim();
    let Some((before, rest)) = tree.split_once('{') else {
        let (path, alias) = tree.split_once(" as ").unwrap_or((tree, ""));
        let path: Vec<String> = path.split("::").map(|part| part.trim().to_owned()).collect();
        let last = path.last().cloned().unwrap_or_default();
        return vec![(path, if alias.is_empty() { last } else { alias.trim().to_owned() })];
    };
    let branches = rest.trim_end().strip_suffix('}').unwrap_or(rest);
    let prefix = before.trim_end().trim_end_matches("::");
    let branch = |branch: &str| paths(&format!("{prefix}::{branch}"));
    let mut found: Vec<_> = split(branches).into_iter().flat_map(branch).collect();
    for (path, name) in &mut found {
        if path.last().is_some_and(|last| last == "self") {
            path.pop();
            *name = path.last().cloned().unwrap_or_default();
        }
    }
    found
}

/// The branches of a tree, at the commas that are in no braces of their own.
fn split(branches: &str) -> Vec<&str> {
    let mut depth = 0_i32;
    let at_comma = |c: char| {
        depth += i32::from(c == '{') - i32::from(c == '}');
        c == ',' && depth == 0
    };
    branches.split(at_comma).map(str::trim).filter(|branch| !branch.is_empty()).collect()
}

/// Paths such as `rows::load` that a text writes out.
fn written(code: &str) -> Vec<Vec<String>> {
    let is_path = |c: char| c.is_alphanumeric() || c == '_' || c == ':';
    let words = code.split(|c: char| !is_path(c)).map(|word| word.trim_end_matches("::"));
    let paths = words.filter(|word| word.contains("::"));
    paths.map(|path| path.split("::").map(str::to_owned).collect()).collect()
}

/// The path from the root of the crate, if it is one of this crate.
fn resolved(path: &[String], module: &[String], names: &BTreeMap<String, Module>) -> Option<Module> {
    let (first, rest) = path.split_first()?;
    let mut start = match first.as_str() {
        "crate" => Vec::new(),
        "self" => module.to_vec(),
        "super" => module.split_last()?.1.to_vec(),
        name => names.get(name)?.clone(),
    };
    for part in rest {
        match part.as_str() {
            "super" => drop(start.pop()),
            part => start.push(part.to_owned()),
        }
    }
    Some(start)
}

/// The file of a path's module: the longest beginning of it that is one.
fn file_of(path: &[String], modules: &BTreeMap<Module, String>) -> Option<String> {
    let module = (1..=path.len()).rev().filter_map(|length| path.get(..length)).find_map(|begin| modules.get(begin));
    module.cloned()
}

/// Uses of a file that its name forbids.
fn backward(file: &str, used: &BTreeSet<String>) -> Vec<String> {
    let name = |file: &str| file.rsplit('/').next().unwrap_or_default().to_owned();
    let is_forbidden = |used: &&String| match (name(file).as_str(), name(used).as_str()) {
        ("mod.rs", "routes.rs") => false,
        (_, "routes.rs") | ("rules.rs", "rows.rs") | ("rows.rs", "rules.rs") => true,
        _ => false,
    };
    used.iter().filter(is_forbidden).map(|used| format!("{file} uses {used}")).collect()
}

/// Files that use each other, those of a circle together.
fn circles(uses: &BTreeMap<String, BTreeSet<String>>) -> Vec<String> {
    let reached: BTreeMap<&str, BTreeSet<&str>> =
        uses.keys().map(|file| (file.as_str(), reached(file, uses))).collect();
    let reaches = |from: &str, to: &str| reached.get(from).is_some_and(|reached| reached.contains(to));
    let circle = |file: &str| {
        let circle: Vec<&str> =
            uses.keys().map(String::as_str).filter(|other| reaches(file, other) && reaches(other, file)).collect();
        (circle.len() > 1).then(|| format!("{} use each other", circle.join(" and ")))
    };
    uses.keys().filter_map(|file| circle(file)).collect::<BTreeSet<_>>().into_iter().collect()
}

fn reached<'a>(file: &str, uses: &'a BTreeMap<String, BTreeSet<String>>) -> BTreeSet<&'a str> {
    let mut reached = BTreeSet::new();
    let mut open: Vec<&str> = uses.get(file).into_iter().flatten().map(String::as_str).collect();
    while let Some(next) = open.pop() {
        if reached.insert(next) {
            open.extend(uses.get(next).into_iter().flatten().map(String::as_str));
        }
    }
    reached
}

#[cfg(test)]
mod tests {
    use super::*;

    fn modules(files: &[&str]) -> BTreeMap<Module, String> {
        files.iter().map(|file| (module(file), (*file).to_owned())).collect()
    }

    fn used_by(file: &str, text: &str) -> Vec<String> {
        let modules =
            modules(&["lib.rs", "news.rs", "plans/mod.rs", "plans/plan.rs", "plans/rows.rs", "plans/rules.rs"]);
        used(text, &module(file), &modules).into_iter().collect()
    }

    #[test]
    fn given_uses_of_every_kind_when_read_then_their_files_are_found() {
        let nested = "use super::{plan::{Plan, State}, rules};\nuse crate::news::{self, tell as say};\nrules::check();";
        assert_eq!(used_by("plans/rows.rs", nested), ["news.rs", "plans/plan.rs", "plans/rules.rs"]);
        assert_eq!(used_by("news.rs", "use crate::plans;\nfn f() { plans::rows::load() }"), ["plans/rows.rs"]);
        assert_eq!(used_by("news.rs", "fn f() { crate::plans::rows::load() }"), ["plans/rows.rs"]);
        assert_eq!(used_by("plans/rules.rs", "use super::super::news::tell;"), ["news.rs"]);
        assert_eq!(used_by("plans/rules.rs", "use super::rows as queries;\nqueries::load()"), ["plans/rows.rs"]);
    }

    #[test]
    fn given_uses_of_others_and_of_tests_when_read_then_they_do_not_count() {
        let text = "use serde::Serialize;\n// plans::rows::load\n#[cfg(test)]\nmod tests { use crate::plans::rows; }";
        assert!(used_by("news.rs", text).is_empty());
        assert!(used_by("news.rs", "use crate::plans;").is_empty());
    }

    fn uses_of(pairs: &[(&str, &str)]) -> BTreeMap<String, BTreeSet<String>> {
        let mut uses: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
        for (file, used) in pairs {
            uses.entry((*file).to_owned()).or_default().insert((*used).to_owned());
            uses.entry((*used).to_owned()).or_default();
        }
        uses
    }

    #[test]
    fn given_a_use_that_runs_back_when_checked_then_it_is_named() {
        let forbidden = [
            ("a/rules.rs", "a/rows.rs"),
            ("a/rows.rs", "b/rules.rs"),
            ("a/a.rs", "a/routes.rs"),
            ("a/rules.rs", "a/routes.rs"),
        ];
        for (file, used) in forbidden {
            let found = uses_of(&[(file, used)]);
            assert_eq!(backward(file, &found[file]), [format!("{file} uses {used}")]);
        }
        let right = [("a/routes.rs", "a/rules.rs"), ("a/rules.rs", "b/rules.rs"), ("a/mod.rs", "a/routes.rs")];
        for (file, used) in right {
            assert!(backward(file, &uses_of(&[(file, used)])[file]).is_empty());
        }
    }

    #[test]
    fn given_files_that_use_each_other_by_way_of_others_when_checked_then_the_circle_is_named() {
        let uses = uses_of(&[("a.rs", "b.rs"), ("b.rs", "c.rs"), ("c.rs", "a.rs"), ("d.rs", "a.rs")]);
        assert_eq!(circles(&uses), ["a.rs and b.rs and c.rs use each other"]);
        assert!(circles(&uses_of(&[("a.rs", "b.rs"), ("c.rs", "b.rs")])).is_empty());
    }
}
