//! Statements of pay: reckoned from published results, entered into an append-only ledger.
//!
//! [`issuing`] goes from an event to the ledger, [`releasing`] from what was held, [`reckoning`] asks the engine,
//! [`rules`] says what a statement holds, [`ledger`] gives positions and writes.

pub mod issuing;
pub mod ledger;
pub mod reckoning;
pub mod releasing;
pub mod routes;
pub mod rows;
pub mod rules;
mod statement;

pub use statement::{Entered, Entry, Figures, Previous, Reckoned, Statement, StatementKind};
