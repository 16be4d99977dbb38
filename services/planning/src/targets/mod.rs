//! Targets go from the company's leaders to units and from there to people.

mod issuing;
mod routes;
mod rows;
mod rules;

pub use routes::routes;
