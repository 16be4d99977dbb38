//! Results as they are published and corrected: each version is told to its person once.

mod result;
mod rows;
pub mod telling;
