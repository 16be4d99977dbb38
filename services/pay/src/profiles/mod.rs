//! Pay profiles: what a person's pay is reckoned from, by the day it takes effect.
//!
//! A cycle uses the profile in force on its period's last day; where none was in force yet, the newest.

pub mod routes;
pub mod rows;
pub mod rules;
