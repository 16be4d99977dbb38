//! Bodies: named groups that rate or decide, with their offices and members over time.

pub mod body;
pub mod routes;
pub mod rows;
mod rules;
