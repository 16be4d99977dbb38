//! Cycles as planning opened them, and how far each has been paid.

pub mod routes;
pub mod rows;
pub mod schemes;

pub use rows::Cycle;
