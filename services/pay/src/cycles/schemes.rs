//! The schemes of cycles, read once each: a cycle's scheme never changes.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use domain::scheme::Scheme;
use platform::{Problem, Result};
use uuid::Uuid;

use super::Cycle;

const KEPT: usize = 16;

/// Handlers of events are plain functions, so what they remember has no other place. Nothing depends on it but speed.
static READ: Mutex<VecDeque<(Uuid, Arc<Scheme>)>> = Mutex::new(VecDeque::new());

/// The scheme that a cycle was opened with.
pub fn of(cycle: &Cycle) -> Result<Arc<Scheme>> {
    if let Some(scheme) = remembered(cycle.id) {
        return Ok(scheme);
    }
    let fresh = Arc::new(read(&cycle.scheme_source)?);
    let mut held = READ.lock().unwrap_or_else(PoisonError::into_inner);
    held.truncate(KEPT - 1);
    held.push_front((cycle.id, fresh.clone()));
    Ok(fresh)
}

fn remembered(cycle: Uuid) -> Option<Arc<Scheme>> {
    let held = READ.lock().unwrap_or_else(PoisonError::into_inner);
    held.iter().find(|(id, _)| *id == cycle).map(|(_, scheme)| scheme.clone())
}

/// Reads a scheme that planning has accepted.
pub fn read(source: &str) -> Result<Scheme> {
    Scheme::parse(source).map_err(|problems| {
        let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
        Problem::internal(format!("the scheme of a cycle cannot be read: {}", told.join("; ")))
    })
}
