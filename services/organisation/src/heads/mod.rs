//! Who leads units, and who does so beside the head, over time.

pub mod routes;
pub mod rows;
