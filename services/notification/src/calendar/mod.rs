//! The days on which a company works, and may be written to.

pub mod rows;
