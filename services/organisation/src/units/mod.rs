//! Units, and who leads them.

pub mod jobs;
pub mod routes;
pub mod rows;
pub mod tree;
