//! Remedies: what a decision asks for, put right at once or rated again by somebody else, told to scoring, and what came
//! of it.

pub mod answering;
pub mod asking;
pub mod assessing;
pub mod checking;
mod remedy;
pub mod routes;
pub mod rows;

pub use remedy::{Assessment, NewRater, NewRemedy, Reassessment, Redo, Remedy, RemedyView};
