//! A unit's plan is the collected plans of its people: its head applies upward with it.

mod routes;
pub mod rows;
pub mod rules;
pub mod unit_plan;

pub use routes::routes;
