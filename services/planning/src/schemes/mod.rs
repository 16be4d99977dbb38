mod routes;
pub mod rows;
pub mod rules;

pub use routes::{new_version, routes};
