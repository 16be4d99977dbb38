//! Units, and who leads them.

pub mod jobs;
pub mod routes;
pub mod rows;
pub mod rules;
pub mod tree;
pub mod unit;
