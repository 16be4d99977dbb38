//! What was before: published results as they stand, and imported ones, by scheme, cadence and subject.

pub mod past;
pub mod rows;
