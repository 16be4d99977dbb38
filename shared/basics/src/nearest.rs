//! The name that was probably meant.

/// A longer text is no name.
const LONGEST: usize = 64;

/// The known name that differs least from a misspelt one, if it differs little.
pub fn nearest<'n>(name: &str, known: impl IntoIterator<Item = &'n str>) -> Option<&'n str> {
    let letters = name.chars().count();
    if letters > LONGEST {
        return None;
    }
    let most = 1 + letters / 4;
    let near = known.into_iter().filter(|known| known.chars().count().abs_diff(letters) <= most);
    let (distance, known) = near.map(|known| (distance(name, known), known)).min()?;
    (distance <= most).then_some(known)
}

/// How many letters must be added, left out or replaced to make one name out of another.
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (line, letter) in from.chars().enumerate() {
        let mut diagonal = line;
        let mut left = line + 1;
        for (cell, other) in row.iter_mut().skip(1).zip(&to) {
            let replaced = diagonal + usize::from(letter != *other);
            diagonal = *cell;
            left = replaced.min(left + 1).min(*cell + 1);
            *cell = left;
        }
        if let Some(first) = row.first_mut() {
            *first = line + 1;
        }
    }
    row.last().copied().unwrap_or_default()
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
        assert_eq!((distance("", "abc"), distance("abc", "abc"), distance("kitten", "sitting")), (3, 0, 3));
    }
}
