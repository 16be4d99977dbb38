//! Settling: what stands on each subject's sheet before it is scored, its rows, its weights and its order, in editions.

mod routes;
pub mod rows;
pub mod rules;
pub mod settling;
pub mod shape;
pub mod sheet;
pub mod sources;
mod writing;

pub use routes::routes;
