//! Explanations that an older version stored, beside those of today.

use super::explanation::{Operand, Stored, StoredStep};

/// Today's explanation in the form of one that was stored, for comparing the two: an older version noted nothing of how
/// a sum was shared and of what a person gets as the leader of a unit, and told the rows of a list without their numbers
/// and alike ones once.
pub fn in_stored_form(stored: &str, found: &str) -> String {
    let read = |text: &str| serde_json::from_str::<Stored<'_>>(text);
    let (Ok(old), Ok(mut new)) = (read(stored), read(found)) else { return found.to_owned() };
    for step in &mut new.steps {
        let same = |old: &&StoredStep<'_>| old.kind == step.kind && old.figure == step.figure;
        let Some(old) = old.steps.iter().find(same) else { continue };
        if old.share.is_none() {
            step.share = None;
        }
        without_numbers(&old.reads, step.reads.to_mut());
    }
    if old.reasons.iter().all(|reason| reason.of_unit.is_none()) {
        new.reasons.to_mut().retain(|reason| reason.of_unit.is_none());
    }
    for (reason, old) in new.reasons.to_mut().iter_mut().zip(old.reasons.iter()) {
        without_numbers(&old.reads, &mut reason.reads);
    }
    serde_json::to_string(&new).unwrap_or_else(|_| found.to_owned())
}

fn without_numbers<'a>(old: &[Operand<'_>], new: &mut Vec<Operand<'a>>) {
    let unnumbered = |read: &Operand<'_>| {
        let mut same = old.iter().filter(|old| old.name == read.name).peekable();
        same.peek().is_some() && same.all(|old| old.key.is_none())
    };
    let mut kept: Vec<Operand<'a>> = Vec::with_capacity(new.len());
    for mut read in new.drain(..) {
        if unnumbered(&read) {
            read.key = None;
            if kept.contains(&read) {
                continue;
            }
        }
        kept.push(read);
    }
    *new = kept;
}

#[cfg(test)]
mod tests {
    use super::*;

    fn explanation(reads: &str, share: &str) -> String {
        format!(
            r#"{{"scheme":"s","cadence":"m","period":"2026-10","kind":"people","subject":"E1","steps":[{{"kind":"people","figure":"score","category":0,"value":{{"number":"14"}},"reads":[{reads}]{share}}}]}}"#
        )
    }

    #[test]
    fn what_an_older_version_did_not_note_is_left_out() {
        // Given an explanation with rows and a share, and the one that an older version stored of the same.
        let row = |key: &str| format!(r#"{{"kind":"people","name":"deals.sum"{key},"value":{{"number":"7"}}}}"#);
        let share = r#","share":{"pool":"1","weight":"1","weights":"1","among":1,"down":"1","cent":false}"#;
        let found = explanation(&[row(r#","key":"1""#), row(r#","key":"2""#)].join(","), share);
        let stored = explanation(&row(""), "");
        // When it is brought into the stored form, then they are the same; one of today stays as it is.
        assert_eq!(in_stored_form(&stored, &found), stored);
        assert_eq!(in_stored_form(&found, &found), found);
        assert_eq!(in_stored_form("nothing", &found), found);
    }
}
