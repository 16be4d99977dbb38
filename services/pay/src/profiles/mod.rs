//! Pay profiles: what a person's pay is reckoned from, by the day it takes effect.
//!
//! A cycle uses the profile in force on its period's last day; where none was in force yet, the newest.
//! [`rules`] says what a profile may hold, [`file`] reads files of profiles, [`changing`] writes them.

pub mod changing;
mod file;
pub mod profile;
pub mod routes;
pub mod rows;
pub mod rules;
