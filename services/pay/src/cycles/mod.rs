//! Cycles as planning opened them.

mod cycle;
pub mod rows;
pub mod schemes;

pub use cycle::Cycle;
