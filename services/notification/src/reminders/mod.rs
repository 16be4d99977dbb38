//! One digest a working day for whoever has open tasks: due soon, due today, overdue.

mod digest;
pub mod queueing;
pub mod rows;
mod rules;
