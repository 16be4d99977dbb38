//! Who takes part and in which category, where the company says it beside the scheme.

pub mod placement;
mod routes;
pub mod rows;
mod rules;

pub use routes::routes;
