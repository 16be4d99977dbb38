//! Cycles as planning opened them.

mod asked;
mod cycle;
pub mod rows;
pub mod schemes;

pub use asked::Asked;
pub use cycle::Cycle;
