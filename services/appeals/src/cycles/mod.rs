//! Cycles with their terms of appeal, who and what is appraised in them, and their published results: from events.

mod cycle;
pub mod keeping;
pub mod rows;

pub use cycle::{Appraised, Cycle, PublishedResult};
