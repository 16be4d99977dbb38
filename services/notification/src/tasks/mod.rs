//! What waits for people, roles and bodies, over all services: told by these, and kept here alone.

mod progress;
pub mod routes;
pub mod rows;
mod task;

pub use task::{OpenTask, Source};
