//! Delegations: somebody rates or decides for somebody else for a time, with a trace.

pub mod delegation;
pub mod routes;
pub mod rows;
mod rules;
