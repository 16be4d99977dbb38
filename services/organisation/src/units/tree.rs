//! Hierarchies: everything has at most one above it, and nothing is above itself.

use std::collections::HashMap;

#[derive(Clone, Copy, PartialEq, Eq)]
enum Seen {
    Never,
    OnThisPath,
    Before,
}

/// The cycles among things that each have at most one above them; a thing above itself is one.
pub fn cycles<'a>(above: &HashMap<&'a str, Option<&'a str>>) -> Vec<Vec<&'a str>> {
    let mut names: Vec<&'a str> = above.keys().copied().collect();
    names.sort_unstable();
    let mut seen: HashMap<&str, Seen> = names.iter().map(|name| (*name, Seen::Never)).collect();
    let mut found = Vec::new();
    for start in names {
        let mut path: Vec<&'a str> = Vec::new();
        let mut next = Some(start);
        while let Some(name) = next {
            match seen.get(name) {
                Some(Seen::Never) => {
                    seen.insert(name, Seen::OnThisPath);
                    path.push(name);
                    next = above.get(name).copied().flatten();
                }
                Some(Seen::OnThisPath) => {
                    found.push(path.iter().copied().skip_while(|member| *member != name).collect());
                    next = None;
                }
                Some(Seen::Before) | None => next = None,
            }
        }
        for name in path {
            seen.insert(name, Seen::Before);
        }
    }
    found
}

/// A cycle as people read it, from one of its members round to it: `A → B → A`.
pub fn name_cycle(cycle: &[&str], first: &str) -> String {
    let start = cycle.iter().position(|member| *member == first).unwrap_or(0);
    let round = cycle.iter().cycle().skip(start).take(cycle.len() + 1);
    round.copied().collect::<Vec<_>>().join(" → ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(pairs: &[(&'static str, Option<&'static str>)]) -> Vec<Vec<&'static str>> {
        cycles(&pairs.iter().copied().collect())
    }

    #[test]
    fn a_tree_has_none() {
        assert!(found(&[("a", None), ("b", Some("a")), ("c", Some("a")), ("d", Some("outside"))]).is_empty());
    }

    #[test]
    fn every_cycle_is_found_once_without_its_tail() {
        let found = found(&[("a", Some("b")), ("b", Some("c")), ("c", Some("b")), ("d", Some("d")), ("e", Some("a"))]);
        assert_eq!(found, [vec!["b", "c"], vec!["d"]]);
    }

    #[test]
    fn a_cycle_is_named_from_any_member() {
        assert_eq!(name_cycle(&["a", "b", "c"], "b"), "b → c → a → b");
        assert_eq!(name_cycle(&["a"], "a"), "a → a");
    }
}
