mod routes;
pub mod rows;
pub mod rules;
pub mod stored;

pub use routes::{new_version, routes};
