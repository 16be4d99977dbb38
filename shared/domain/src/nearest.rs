//! The name that was probably meant.

use strsim::damerau_levenshtein;

/// A longer text is no name.
const LONGEST: usize = 64;

/// The known name that differs least from a misspelt one, if it differs little.
pub fn nearest<'n>(name: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    nearest_within(1 + name.chars().count() / 4, name, known)
}

/// The known name that differs least, if at most so many letters were added, left out, replaced or put in each other's place.
pub fn nearest_within<'n>(most: usize, name: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let letters = name.chars().count();
    if letters > LONGEST {
        return None;
    }
    let near = known.into_iter().filter(|known| known.chars().count().abs_diff(letters) <= most);
    let (distance, known) = near.map(|known| (damerau_levenshtein(name, known), known)).min()?;
    (distance <= most).then_some(known)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_recognised_and_another_word_is_not() {
        assert_eq!(nearest("scroe", ["score", "grade"]), Some("score"));
        assert_eq!(nearest("fact.slaes", ["fact.sales", "fact.target"]), Some("fact.sales"));
        assert_eq!(nearest("bonus", ["score", "grade"]), None);
        assert_eq!(nearest(&"a".repeat(65), ["a".repeat(65).as_str()]), None);
        assert_eq!(nearest_within(1, "nmae", ["name", "base"]), Some("name"));
        assert_eq!(nearest_within(1, "base", ["name"]), None);
    }
}
