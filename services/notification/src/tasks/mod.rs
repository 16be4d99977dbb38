//! Work that somebody has to do by a day.

pub mod rows;
mod task;

pub use task::{OpenTask, Source};
