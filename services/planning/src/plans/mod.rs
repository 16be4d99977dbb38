pub mod agreed;
mod binding;
pub mod goals;
pub mod plan;
mod routes;
pub mod rows;
pub mod rules;
mod view;

pub use routes::{routes, settle_approved};
