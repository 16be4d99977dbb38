//! People, and where they stand over time.

pub mod employee;
pub mod line;
pub mod routes;
pub mod rows;
pub mod rules;
pub mod views;
