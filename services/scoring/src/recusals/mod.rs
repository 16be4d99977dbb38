//! Recusals: who does not rate whom.

pub mod recusal;
pub mod routes;
pub mod rows;
pub mod rules;
