//! Who and what is appraised in a cycle: people and units alike, as they stand now.

pub mod following;
pub mod joining;
pub mod placing;
mod routes;
pub mod rows;
pub mod subject;
pub mod telling;
pub mod units;

pub use routes::routes;
