//! Remedies: what a decision asks for, told to scoring, and what came of it.

pub mod answering;
pub mod asking;
mod remedy;
pub mod routes;
pub mod rows;

pub use remedy::{NewRemedy, Remedy, RemedyView};
