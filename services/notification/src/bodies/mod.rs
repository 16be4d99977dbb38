//! Bodies, as far as they have tasks: who sits in them.

pub mod rows;
