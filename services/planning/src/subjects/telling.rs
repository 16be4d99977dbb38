use std::collections::BTreeMap;

use events::{CycleSubject, Event, SubjectsChanged};
use platform::{Result, Tx};
use uuid::Uuid;

use super::subject::{Kind, Subject};

/// Subjects in one event.
const BATCH: usize = 500;

/// Tells the other services who and what is appraised: a unit with its people, a large one in several events.
pub async fn tell(tx: &mut Tx, cycle: Uuid, subjects: &[Subject]) -> Result<()> {
    let mut by_unit: BTreeMap<Option<&str>, Vec<&Subject>> = BTreeMap::new();
    for subject in subjects {
        by_unit.entry(subject.unit.as_deref()).or_default().push(subject);
    }
    for mut of_unit in by_unit.into_values() {
        of_unit.sort_by_key(|one| (one.kind == Kind::Person, &one.subject));
        for batch in of_unit.chunks(BATCH) {
            let subjects = batch.iter().map(|one| one.told()).collect::<Result<Vec<CycleSubject>>>()?;
            tx.emit(&Event::SubjectsChanged(SubjectsChanged { cycle, subjects })).await?;
        }
    }
    Ok(())
}
