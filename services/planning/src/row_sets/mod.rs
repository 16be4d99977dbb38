//! Rows kept for a position, a category or a subject, for every cycle of a scheme that is opened.

mod routes;
pub mod rows;

pub use routes::routes;
