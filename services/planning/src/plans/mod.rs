pub mod agreed;
mod binding;
pub mod goals;
mod holding;
pub mod plan;
mod routes;
pub mod rows;
pub mod rules;
mod view;

pub use holding::held;
pub use routes::{routes, settle_approved};
