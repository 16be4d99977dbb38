use std::collections::BTreeSet;
use std::sync::Arc;

use domain::Kind;
use domain::scheme::{Scheme, SchemeProblem};
use platform::shelf::Shelf;
use platform::{Problem, Result, aside};

/// Reads a scheme that somebody wrote; every fault at once, each with its line and column.
pub fn read(source: &str) -> Result<Scheme> {
    Problem::check_scheme_length("/source", source)?;
    Scheme::parse(source).map_err(|faults| Problem::faults("/source", faults.iter().map(SchemeProblem::told)))
}

/// Schemes that were accepted before, by their text.
static STORED: Shelf<Scheme> = Shelf::holding(32);

/// Reads a scheme that was accepted before.
pub async fn read_stored(source: &str) -> Result<Arc<Scheme>> {
    if STORED.holds(&[source]) {
        return STORED.get(&[source], || in_use(source));
    }
    let source = source.to_owned();
    aside::in_turn(move || STORED.get(&[&source], || in_use(&source))).await
}

fn in_use(source: &str) -> Result<Scheme> {
    Scheme::in_use(source).map_err(|faults| {
        let first = faults.first().map_or_else(String::new, |fault| fault.message.to_string());
        Problem::internal(format!("a stored scheme cannot be read: {first}"))
    })
}

/// The scheme shipped with the product under a code.
pub fn template(code: &str) -> Option<&'static str> {
    Scheme::shipped().iter().find(|(shipped, _)| *shipped == code).map(|(_, source)| *source)
}

/// The facts of a kind that a scheme knows in any cadence.
pub fn fact_names(scheme: &Scheme, kind: Kind) -> Vec<String> {
    let all = scheme.cadences().iter().flat_map(|cadence| scheme.facts(kind, &cadence.code, None));
    all.map(|fact| fact.name).collect::<BTreeSet<_>>().into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_template_can_be_read() {
        for (code, source) in Scheme::shipped() {
            assert_eq!(read(source).unwrap().code(), *code);
        }
    }

    #[test]
    fn faults_tell_their_line() {
        let problem = read("code = \"x\"\nno toml").err().unwrap();
        assert_eq!(problem.errors[0].pointer, "/source");
        assert!(problem.errors[0].detail.en.starts_with("line 2"), "{}", problem.errors[0].detail);
    }
}
