//! Facts that only pay knows, such as an advance that was paid: who entered what of whom, for a cycle.
//!
//! Whoever lacks one that their pay needs is held as if their profile lacked something; entering it makes them due.

mod entering;
mod paid_fact;
pub mod routes;
pub mod rows;
mod rules;

pub use paid_fact::Facts;
