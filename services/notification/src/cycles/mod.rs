//! What mails call a cycle.

mod cycle;
pub mod rows;

pub use cycle::{Cycle, Name, Stage};
