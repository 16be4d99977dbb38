//! Corrections: the only way in which a published result changes.

mod correcting;
mod patch;
pub mod routes;
