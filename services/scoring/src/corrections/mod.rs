//! Corrections: the only way in which a published result changes.

pub mod correcting;
mod depending;
pub mod following;
mod patch;
pub mod routes;
