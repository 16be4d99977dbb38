//! Settling: HR gives each sheet its priorities and weights, or leaves them as the scheme has them.

mod routes;
pub mod rows;
mod rules;

pub use routes::routes;
