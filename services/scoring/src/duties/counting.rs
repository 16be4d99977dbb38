//! How many duties were late, where that counts.

use std::collections::BTreeMap;

use jiff::civil::Date;
use platform::clock::date_of;
use platform::{Result, Tx};

use super::duty::declared;
use super::rows;
use crate::cycles::cycle::Cycle;

/// Whose number it is that the system counts itself, beside what people enter.
pub const LATE: &str = "late";

/// How many are late by now, by employee number and path; of everybody whose duty counts somewhere.
pub async fn late(tx: &mut Tx, cycle: &Cycle) -> Result<BTreeMap<(String, String), u32>> {
    let today: Date = date_of(tx.now);
    let mut counted: BTreeMap<(String, String), u32> = BTreeMap::new();
    let declared = declared(cycle)?;
    if declared.iter().any(|duty| duty.counts.is_some()) {
        for one in rows::of_cycle(tx, cycle.id, false).await? {
            let counts = declared.iter().find(|duty| duty.code == one.duty).and_then(|duty| duty.counts.clone());
            let Some(path) = counts else { continue };
            let late = u32::from(one.is_late(today) && one.struck_at.is_none());
            *counted.entry((one.number, path)).or_default() += late;
        }
    }
    Ok(counted)
}
