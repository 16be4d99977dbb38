//! Targets go from the company's leaders to units and from there to people.

mod issuing;
mod routes;
pub mod rows;
mod rules;

pub use routes::routes;
