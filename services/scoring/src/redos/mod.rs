//! Results that were given unfairly: annulled, rated anew by others on the next edition of the sheet, and then corrected by
//! what these gave.

pub mod beginning;
pub mod finishing;
mod redo;
pub mod rows;

pub use redo::Redo;
