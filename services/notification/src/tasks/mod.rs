//! Work that somebody has to do by a day.

pub mod rows;
