use std::collections::BTreeMap;

use events::{CycleSubject, Event, SubjectsChanged};
use platform::{Result, Tx};
use uuid::Uuid;

use super::subject::{Kind, Subject};

/// Subjects in one event.
const BATCH: usize = 500;

/// Tells the other services who and what is appraised: units with their people, some hundred subjects in an event.
pub async fn tell(tx: &mut Tx, cycle: Uuid, subjects: &[Subject]) -> Result<()> {
    let mut by_unit: BTreeMap<Option<&str>, Vec<&Subject>> = BTreeMap::new();
    for subject in subjects {
        by_unit.entry(subject.unit.as_deref()).or_default().push(subject);
    }
    let mut batch: Vec<&Subject> = Vec::new();
    for mut of_unit in by_unit.into_values() {
        of_unit.sort_by_key(|one| (one.kind == Kind::Person, &one.subject));
        // A unit stays with its people, unless it is larger than a batch.
        if batch.len() + of_unit.len() > BATCH {
            emit(tx, cycle, &std::mem::take(&mut batch)).await?;
        }
        batch.extend(of_unit);
    }
    emit(tx, cycle, &batch).await
}

async fn emit(tx: &mut Tx, cycle: Uuid, subjects: &[&Subject]) -> Result<()> {
    for batch in subjects.chunks(BATCH) {
        let subjects = batch.iter().map(|one| one.told()).collect::<Result<Vec<CycleSubject>>>()?;
        tx.emit(&Event::SubjectsChanged(SubjectsChanged { cycle, subjects })).await?;
    }
    Ok(())
}
